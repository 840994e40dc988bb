"""A small stream in place of a large one, with the same trouble."""

import time
from collections.abc import Callable


def shrunk(source: bytes, is_same: Callable[[bytes], bool], seconds: float = 20) -> bytes:
    """The smallest stream that is found in some seconds by leaving out lines, and then characters."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        smaller = source
        for pieces in (_lines, _characters):
            smaller = _without(pieces(smaller), is_same, deadline)
        if smaller == source:
            break
        source = smaller
    return source


def _lines(source: bytes) -> list[bytes]:
    return source.splitlines(keepends=True)


def _characters(source: bytes) -> list[bytes]:
    text = source.decode("utf-8", "surrogateescape")
    return [character.encode("utf-8", "surrogateescape") for character in text]


def _without(pieces: list[bytes], is_same: Callable[[bytes], bool], deadline: float) -> bytes:
    """The pieces but for those that need not be there: long runs are left out first, as `ddmin` does."""
    count = max(len(pieces) // 2, 1)
    while pieces:
        at = 0
        while at < len(pieces) and time.monotonic() < deadline:
            fewer = pieces[:at] + pieces[at + count :]
            if is_same(b"".join(fewer)):
                pieces = fewer
            else:
                at += count
        if count == 1:
            break
        count = max(count // 2, 1)
    return b"".join(pieces)
