"""The row of a configuration that would declare the field of a site."""

from kubectl_tcr.find.site import Site
from kubectl_tcr.kubernetes.fields import Field, flaw
from kubectl_tcr.kubernetes.roles import Role
from kubectl_tcr.text.document import Path, format_path

# What stands in a path for a document that is kept in a string.
_DOCUMENTS = ("<yaml>", "<json>")
# What YAML 1.1 reads as a boolean or null, in some case of letters.
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})


def row(site: Site) -> str:
    """A row of `spec.fields`, in YAML's flow style; empty where none can declare it.

    That is what stands inside a longer string, a registry, and a path that no row can spell.

    >>> from kubectl_tcr.find.site import Status
    >>> paths = (("spec", "helperImage"),)
    >>> row(Site("a/b", 0, 3, "value", Status.SUSPECTED, paths=paths))
    "{group: '*', kind: '*', path: spec.helperImage}"
    """
    if site.role is not Role.IMAGE or (site.how == "text" and not site.when):
        return ""
    path = site.paths[0]
    resource = site.resource
    inner = _behind_documents(path)
    field = path[len(resource.root) :] if len(inner) == len(path) else inner
    is_own = bool(resource.kind) and len(inner) == len(path)
    group, kind = (resource.group, resource.kind) if is_own else ("*", "*")
    text = format_path(field)
    for part in {part for part in field if isinstance(part, int)}:
        text = text.replace(f"[{part}]", "[]")
    declared = Field(group, kind, text, when=site.when)
    return "" if flaw(declared) else flow(declared)


def flow(declared: Field) -> str:
    """A row of `spec.fields`, in YAML's flow style.

    >>> flow(Field("acme.io", "Worker", "spec.pools[].image", "crds.yaml"))
    "{group: acme.io, kind: Worker, path: 'spec.pools[].image', source: crds.yaml}"
    """
    parts = [f"{key}: {_quoted(getattr(declared, key))}" for key in ("group", "kind", "path")]
    parts += [f"{key}: {_quoted(getattr(declared, key))}" for key in ("when", "source") if getattr(declared, key)]
    return f"{{{', '.join(parts)}}}"


def _behind_documents(path: Path) -> Path:
    """The path inside the innermost document that is kept in a string."""
    last = max((index for index, part in enumerate(path) if part in _DOCUMENTS), default=-1)
    return path[last + 1 :]


def _quoted(text: str) -> str:
    """A string in a flow mapping: quoted where its characters mean something, or it would be no string."""
    is_word = bool(text) and (text[0].isalpha() or text[0] in "/_") and text.lower() not in _WORDS
    is_plain = is_word and not set(text) & set("*{}[],#&!|>%@`'\": ")
    return text if is_plain else "'" + text.replace("'", "''") + "'"
