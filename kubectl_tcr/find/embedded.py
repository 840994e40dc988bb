"""Documents kept in strings: JSON in annotations, YAML in ConfigMaps, OLM's examples."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from kubectl_tcr.errors import ReadError
from kubectl_tcr.readers import Interest, read_json, read_yaml
from kubectl_tcr.text.document import Reading
from kubectl_tcr.text.patterns import lazy

# Documents inside documents are read up to this many levels.
DEEPEST = 8

# A key that may hold an image, in a document that is kept in a string.
IMAGE_KEY = lazy(r"[iI]mage\\*+[\"']?\s*+:")

_SEPARATOR = lazy(r"^---[^\n]*(?:\n|\Z)", re.MULTILINE)
_YAML_KEY = lazy(r"^[ ]*(?:- +)*[\w.\"'/-]+:(?:[ \r\n]|\Z)", re.MULTILINE)


class Inner(NamedTuple):
    """A document inside a string: its offset there, its text, and what a reader saw of it."""

    offset: int
    text: str
    format: str
    reading: Reading


def parts(value: str, interest: Interest) -> Iterator[Inner]:
    """The documents that a string consists of; none where it is mere text."""
    is_open = begins_open(value)
    if is_open:
        reading = _try(read_json, value, interest)
        if reading is not None:
            yield Inner(0, value, "json", reading)
            return
    if is_open or has_keys(value):
        yield from _yaml_parts(value, interest)


def begins_open(value: str) -> bool:
    """Whether a string begins as a collection in brackets does."""
    start = len(value) - len(value.lstrip())
    return value[start : start + 1] in ("{", "[")


def has_keys(value: str) -> bool:
    """Whether a string has several lines, one of which begins with a key."""
    return "\n" in value.strip() and _YAML_KEY.search(value) is not None


def _yaml_parts(value: str, interest: Interest) -> Iterator[Inner]:
    found = []
    for start, stop in _sections(value):
        text = value[start:stop]
        if not text.strip():
            continue
        reading = _try(_read_yaml, text, interest)
        if reading is None or not _is_structured(reading, text):
            return
        found.append(Inner(start, text, "yaml", reading))
    yield from found


def _sections(value: str) -> Iterator[tuple[int, int]]:
    position = 0
    for found in _SEPARATOR.finditer(value):
        yield position, found.start()
        position = found.end()
    yield position, len(value)


def _try(reader: Callable[[str, Interest], Reading], text: str, interest: Interest) -> Reading | None:
    try:
        return reader(text, interest)
    except ReadError:
        return None


def _read_yaml(text: str, interest: Interest) -> Reading:
    return read_yaml(text, interest, is_embedded=True)


def _is_structured(reading: Reading, text: str) -> bool:
    """Whether a document is more than prose or a script that happens to parse.

    A script's lines read as one scalar at the root, or as keys with white space in them.
    """
    for scalar in reading.scalars:
        if not scalar.path or (scalar.is_key and len(scalar.value.split()) > 1):
            return False
    return reading.end < 0 or not text[reading.end :].strip()
