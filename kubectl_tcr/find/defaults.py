"""Defaults of a CustomResourceDefinition: the API server fills them in, so they are values of what it defines."""

from kubectl_tcr.find import suspects
from kubectl_tcr.kubernetes.exclusions import DEFINITION
from kubectl_tcr.kubernetes.resources import Resource
from kubectl_tcr.text.document import Path

# What must be read in such a document beside what may be an image.
KEYS = frozenset({"default", "group"})

_GROUP = ("spec", "group")
_NAME = ("spec", "names", "kind")
_SCHEMA = "openAPIV3Schema"
_COMPOSED = frozenset({"allOf", "anyOf", "oneOf"})
# Without one of these in its path, no default is called an image.
_SIGNS = ("mage", "epo")


def may_hold(text: str) -> bool:
    """Whether a document can have defaults that are images."""
    return DEFINITION in text and "default" in text


def is_definition(resource: Resource) -> bool:
    """Whether a resource defines others."""
    return resource.kind == DEFINITION


def names(resource: Resource) -> tuple[Path, Path]:
    """Where a definition says of which group and kind its resources are."""
    return (*resource.root, *_GROUP), (*resource.root, *_NAME)


def may_be_image(value: str, field: Path) -> bool:
    """Whether a default can be an image, as far as its value and its path tell."""
    called = any(sign in part for part in field if isinstance(part, str) for sign in _SIGNS)
    return called and suspects.is_short(value.strip())


def field_of(path: Path) -> Path | None:
    """The field of a resource that a default of its schema fills in, None for what is no default.

    >>> field_of(("spec", "versions", 0, "schema", "openAPIV3Schema", "properties", "spec", "default", "image"))
    ('spec', 'image')
    """
    if _SCHEMA not in path:
        return None
    rest = list(path[path.index(_SCHEMA) + 1 :])
    field: list[str | int] = []
    while rest:
        part = rest.pop(0)
        if part == "default":
            return (*field, *rest)
        if part == "properties" and rest:
            field.append(rest.pop(0))
        elif part == "items":
            field.append(0)
        elif part == "additionalProperties":
            field.append("*")
        elif part in _COMPOSED and rest:
            rest.pop(0)
        else:
            return None
    return None
