"""What a run is asked to do, as one value."""

from enum import IntEnum
from fnmatch import fnmatchcase
from typing import NamedTuple

from kubectl_tcr.images.mirrors import Rules, build
from kubectl_tcr.images.presets import preset
from kubectl_tcr.kubernetes.fields import FIELDS, Fields
from kubectl_tcr.kubernetes.resources import Resource
from kubectl_tcr.text.document import Path, format_path


class Scope(IntEnum):
    """How far to look; each level contains the one before."""

    PODS = 1  # container lists and image volumes
    FIELDS = 2  # and every declared field
    VALUES = 3  # and whole values with a mapped host
    TEXT = 4  # and references inside longer strings


class Exclude(NamedTuple):
    """A place or reference to leave alone: all patterns that are given must match.

    `reference` is compared with the reference as written and in its canonical form, `field` with the
    field path from the resource's root, `namespace` with that of its metadata. Patterns are shell globs
    whose `*` crosses `/`.
    """

    reference: str = ""
    kind: str = ""
    name: str = ""
    field: str = ""
    namespace: str = ""

    def matches(self, forms: tuple[str, ...], resource: Resource, path: Path) -> bool:
        """Whether a reference, in any of its forms, at this place is excluded."""
        return (
            (not self.reference or any(fnmatchcase(form, self.reference) for form in forms))
            and (not self.kind or fnmatchcase(resource.kind, self.kind))
            and (not self.name or fnmatchcase(resource.name, self.name))
            and (not self.namespace or fnmatchcase(resource.namespace, self.namespace))
            and (not self.field or fnmatchcase(format_path(path[len(resource.root) :]), literal(self.field)))
        )


def literal(field: str) -> str:
    """A field pattern whose brackets are text: `containers[*]` is no character class."""
    return field.replace("[", "[[]")


class Settings(NamedTuple):
    """The rules in force, how far to look for references, and what to leave alone."""

    rules: Rules = build([preset("default")])
    scope: Scope = Scope.TEXT
    excludes: tuple[Exclude, ...] = ()
    fields: Fields = FIELDS
