"""Unified diffs: of a stream, made while its documents pass by, and of two texts."""

import difflib
import os
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from kubectl_tcr.text.printable import printable, quoted_name

if TYPE_CHECKING:  # what changes on a node is shown without the pipeline
    from kubectl_tcr.pipeline import Part

_CONTEXT = 3
_COLORS = {"-": b"\x1b[31m", "+": b"\x1b[32m", "@": b"\x1b[36m"}
_PLAIN = b"\x1b[0m"
_NO_NEWLINE = b" No newline at end of file\n"

Line = tuple[str, bytes]


def unified(file: str, parts: Iterable["Part"], bom: bytes = b"") -> Iterator[Line]:
    """The lines of a diff that `patch -p1` takes, each with its mark: `@` for headers, `-`, `+` or a blank.

    `bom` is the byte order mark in front of the first line, which belongs to it.
    """
    hunks = _Hunks()
    header = list(headers(file.replace(os.sep, "/").lstrip("/")))
    for part in parts:
        lines = _lines(bom, part)
        bom = b""
        for mark, line in lines:
            for done in hunks.add(mark, line):
                yield from header
                header = []
                yield done
    for done in hunks.close():
        yield from header
        header = []
        yield done


def headers(file: str, *, is_new: bool = False, is_gone: bool = False) -> Iterator[Line]:
    """The two lines that name the file of a diff; a new one has no old self, one that goes away no new one."""
    old = b"/dev/null" if is_new else quoted_name(f"a/{file}")
    new = b"/dev/null" if is_gone else quoted_name(f"b/{file}")
    yield "@", b"--- " + old + b"\n"
    yield "@", b"+++ " + new + b"\n"


def ended(mark: str, line: bytes) -> Iterator[Line]:
    """A line of a file, and where no line feed ends it what `patch` wants to know of that."""
    if line.endswith(b"\n"):
        yield mark, line
    else:
        yield mark, line + b"\n"
        yield "\\", _NO_NEWLINE


def shown(mark: str, line: bytes, *, is_colored: bool = False, is_escaped: bool = False) -> bytes:
    """A line of a diff with its mark, in colour and with control characters escaped if a person looks at it."""
    text = line if mark == "@" else mark.encode() + line
    stripped = text.rstrip(b"\r\n")
    end = text[len(stripped) :]
    if is_escaped:
        stripped = printable(stripped.decode(errors="surrogateescape"), keep="\t").encode()
    if is_colored and mark in _COLORS:
        stripped = _COLORS[mark] + stripped + _PLAIN
    return stripped + end


def of_texts(file: str, old: bytes | None, new: bytes | None) -> Iterator[Line]:
    """The lines of a diff of two texts, None where there is no file."""
    yield from headers(file, is_new=old is None, is_gone=new is None)
    lines = difflib.diff_bytes(difflib.unified_diff, split_lines(old or b""), split_lines(new or b""))
    for line in islice(lines, 2, None):  # behind headers of its own
        mark = chr(line[0])
        yield from ended(mark, line if mark == "@" else line[1:])


def _lines(bom: bytes, part: "Part") -> Iterator[Line]:
    """All lines of a document, each marked as kept, removed or added."""
    old = split_lines(bom + part.source)
    if not part.is_changed:
        return ((" ", line) for line in old)
    new = split_lines(bom + part.output)
    if len(old) == len(new):
        return _paired(old, new)
    return _edited(old, new, _spans(part))


def _spans(part: "Part") -> Iterator[tuple[int, int, int]]:
    """The lines that each edit touches, from the first to the one behind the last, and how many it makes of them."""
    text = part.document.body.decode().removeprefix("\ufeff")
    line, seen = part.document.head.count(b"\n"), 0
    for start, stop, new in sorted({edit for site in part.sites for edit in site.edits}):
        line += text.count("\n", seen, start)
        seen = start
        yield line, line + text.count("\n", start, stop) + 1, new.count("\n") + 1


def _edited(old: list[bytes], new: list[bytes], spans: Iterable[tuple[int, int, int]]) -> Iterator[Line]:
    """The lines of a text in which edits joined some: those that no edit touches are the same."""
    at = new_at = 0
    stop = new_stop = 0  # of what edits touched that stand beside each other
    for first, behind, made in spans:
        if first > stop:
            yield from (("-", line) for line in old[at:stop])
            yield from (("+", line) for line in new[new_at:new_stop])
            yield from ((" ", line) for line in old[stop:first])
            at, new_at = first, new_stop + first - stop
            stop, new_stop = behind, new_at + made
        else:  # another edit of the same lines, or of the next
            new_stop += first - stop + made
            stop = behind
    yield from (("-", line) for line in old[at:stop])
    yield from (("+", line) for line in new[new_at:new_stop])
    yield from ((" ", line) for line in old[stop:])


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
        for mark, line in lines:
            yield from ended(mark, line)
        self.lines, self.kept = [], 0
