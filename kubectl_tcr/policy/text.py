"""Objects as YAML for people: expressions as blocks of lines, a comment on top."""

from collections.abc import Iterable
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from kubectl_tcr.readers.tags import BOOLEANS


def text(objects: Iterable[dict[str, Any]], head: Iterable[str]) -> str:
    """A stream of documents below lines of comment."""
    writer = YAML()
    writer.width = 1_000_000  # a folded line would hide what a regular expression says
    writer.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    for line in head:
        out.write(f"# {line}\n")
    for at, one in enumerate(objects):
        out.write("---\n" if at else "")
        writer.dump(_shown(one), out)
    return out.getvalue()


# What kubectl, which reads YAML 1.1, takes for a truth, and the writer for a text: a namespace may be called so.
_TRUTHS = BOOLEANS.keys() - {"true", "false"}


def _shown(value: Any) -> Any:
    """A value in which every text of several lines is a block."""
    if isinstance(value, dict):
        return {key: _shown(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_shown(one) for one in value]
    if not isinstance(value, str):
        return value
    if "\n" in value:
        return LiteralScalarString(f"{value}\n")
    return DoubleQuotedScalarString(value) if value.lower() in _TRUTHS else value
