"""Readers: from a document's text to the scalars that matter, with their spans and paths."""

from kubectl_tcr.readers import block
from kubectl_tcr.readers.interest import Interest, is_hinting
from kubectl_tcr.text.document import Reading

__all__ = ["Interest", "is_hinting", "parser_name", "read_json", "read_yaml", "read_yaml_simply"]


def read_yaml(text: str, interest: Interest, *, is_embedded: bool = False) -> Reading:
    """Read one YAML document: plain block YAML by its lines, all else by a YAML parser.

    `is_embedded` marks a string that may be no document at all. A parser is imported by the
    first document that needs it. Raises ReadError.
    """
    reading = block.read(text, interest)
    if reading is not None:
        return reading
    from kubectl_tcr.readers import exact

    return exact.read(text, interest, is_embedded=is_embedded)


def read_yaml_simply(text: str, interest: Interest) -> Reading:
    """Read a YAML document that is a part of another, by what reads the whole as it reads each part.

    Raises ReadError, also for some that `read_yaml` can read.
    """
    reading = block.read(text, interest)
    if reading is not None:
        return reading
    from kubectl_tcr.readers import exact

    return exact.read_first(text, interest)


def read_json(text: str, interest: Interest) -> Reading:
    """Read one JSON value.

    Raises ReadError.
    """
    from kubectl_tcr.readers import json

    return json.read(text, interest)


def parser_name() -> str:
    """Which YAML parser reads first: libyaml, or a pure parser where there is no wheel."""
    from kubectl_tcr.readers import parsers

    return parsers.first().name
