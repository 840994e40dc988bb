"""Edits, and the only function that makes text from them."""

from collections.abc import Iterable
from typing import NamedTuple


class Edit(NamedTuple):
    """Put `new` in place of `text[start:stop]`."""

    start: int
    stop: int
    new: str


def splice(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; `splice(text, []) == text`.

    The same edit given twice is made once. Raises ValueError where two edits overlap.
    """
    parts, position = [], 0
    for edit in sorted(set(edits)):
        if edit.start < position:
            raise ValueError(f"edits overlap at {edit.start}")
        parts += [text[position : edit.start], edit.new]
        position = edit.stop
    return "".join([*parts, text[position:]])
