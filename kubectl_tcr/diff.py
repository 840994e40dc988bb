"""A unified diff of a stream, made while its documents pass by."""

import difflib
import os
from collections import deque
from collections.abc import Iterable, Iterator

from kubectl_tcr.rewrite import Part

_CONTEXT = 3
_NO_NEWLINE = b"\n\\ No newline at end of file\n"

Line = tuple[str, bytes]


def unified(file: str, parts: Iterable[Part]) -> Iterator[Line]:
    """The lines of a diff that `patch -p1` takes, each with its mark: `@` for headers, `-`, `+` or a blank."""
    hunks = _Hunks()
    file = file.replace(os.sep, "/").lstrip("/")
    header = [("@", f"--- a/{file}\n".encode()), ("@", f"+++ b/{file}\n".encode())]
    for part in parts:
        for mark, line in _lines(part):
            for done in hunks.add(mark, line):
                yield from header
                header = []
                yield done
    for done in hunks.close():
        yield from header
        header = []
        yield done


def _lines(part: Part) -> Iterator[Line]:
    """All lines of a document, each marked as kept, removed or added."""
    old = split_lines(part.source)
    if not part.is_changed:
        return ((" ", line) for line in old)
    new = split_lines(part.output)
    if len(old) == len(new):
        return _paired(old, new)
    return _compared(old, new)


def _paired(old: list[bytes], new: list[bytes]) -> Iterator[Line]:
    removed: list[bytes] = []
    added: list[bytes] = []
    for before, after in zip(old, new, strict=True):
        if before != after:
            removed.append(before)
            added.append(after)
            continue
        yield from _flushed(removed, added)
        yield " ", before
    yield from _flushed(removed, added)


def _flushed(removed: list[bytes], added: list[bytes]) -> Iterator[Line]:
    yield from (("-", line) for line in removed)
    yield from (("+", line) for line in added)
    removed.clear()
    added.clear()


def _compared(old: list[bytes], new: list[bytes]) -> Iterator[Line]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, start, stop, new_start, new_stop in matcher.get_opcodes():
        if tag == "equal":
            yield from ((" ", line) for line in old[start:stop])
        else:
            yield from (("-", line) for line in old[start:stop])
            yield from (("+", line) for line in new[new_start:new_stop])


def split_lines(text: bytes) -> list[bytes]:
    """Lines with their line feeds; no other character ends a line here."""
    lines = [line + b"\n" for line in text.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


class _Hunks:
    """Collects changes with their context and hands them out as hunks."""

    def __init__(self) -> None:
        self.old = self.new = 1
        self.before: deque[bytes] = deque(maxlen=_CONTEXT)
        self.lines: list[Line] = []
        self.start = (1, 1)
        self.kept = 0

    def add(self, mark: str, line: bytes) -> Iterator[Line]:
        if mark == " ":
            yield from self.keep(line)
        else:
            if not self.lines:
                self.start = (self.old - len(self.before), self.new - len(self.before))
                self.lines = [(" ", kept) for kept in self.before]
            self.lines.append((mark, line))
            self.kept = 0
        self.old += mark != "+"
        self.new += mark != "-"

    def keep(self, line: bytes) -> Iterator[Line]:
        self.before.append(line)
        if self.lines:
            self.lines.append((" ", line))
            self.kept += 1
            if self.kept > 2 * _CONTEXT:
                yield from self.close()

    def close(self) -> Iterator[Line]:
        if not self.lines:
            return
        surplus = max(self.kept - _CONTEXT, 0)
        lines = self.lines[: len(self.lines) - surplus]
        old = sum(mark != "+" for mark, _ in lines)
        new = sum(mark != "-" for mark, _ in lines)
        yield "@", f"@@ -{self.start[0]},{old} +{self.start[1]},{new} @@\n".encode()
        yield from ((mark, line if line.endswith(b"\n") else line + _NO_NEWLINE) for mark, line in lines)
        self.lines, self.kept = [], 0
