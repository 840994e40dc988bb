"""What a script looks for instead of pulling it: patterns of `sed`, `grep`, `case` and comparisons."""

import re
from typing import NamedTuple

from kubectl_tcr.text.patterns import lazy

# How far back a command or a `case` is looked for, and how far ahead the end of its pattern, in characters.
_FURTHEST = 1_000

# What commands of `sed` stand behind: its name, that of `perl`, or `-e` where a line goes on.
_SED = lazy(r"\b(?:sed|perl)\s|^\s*(?:-e|--expression)[ =]")
_SED_FLAG = lazy(r"sed|-[A-Za-z]*[eiEnr]|--expression|--in-place|--regexp-extended|--quiet")
# `s|PATTERN|REPLACEMENT|` as far as it goes, by any delimiter that may stand beside a reference.
_SUBSTITUTION = lazy(
    r"""(?<![^\s"';{/\d$!])s(?P<mark>[|,;&=!~#/])(?:\\.|(?!(?P=mark))[^\\\n])*+"""
    r"""(?P<second>(?P=mark)(?:\\.|(?!(?P=mark))[^\\\n])*+(?P<last>(?P=mark))?+)?+"""
)
# The first argument of `grep` that is no flag, or the one of `-e`; what is quoted may begin with other text.
_GREP = lazy(r"""\b(?:[efz]?grep|rg)\s+(?:-\S+\s+(?:\d+\s+)?)*(?:"[^"\n]*|'[^'\n]*)?$""")
_COMPARED = lazy(r"""(?:\[\[?|\btest)\s[^\]\n;|&]*\s(?:=|!=|=~)\s+["']?$|\s[=!]==?\s*["']?$""")
# Alternatives of a pattern of `case`, in front of a reference and behind it.
_ARM = lazy(
    r"""(?:\bcase\s[^\n;]+?\sin\b|;;&?|;&)\s*+(?:\#[^\n]*+\s*+)*+\(?\s*+(?:["']?[^\s()|"']++["']?\s*+\|\s*+)*+["']?$"""
)
_ARM_BEHIND = lazy(r"""["']?\s*+(?:\|\s*+["']?[^\s()|"']++["']?\s*+)*+\)""")
_CONTINUED = lazy(r"\\\r?\n[ \t]*+")


class Part(NamedTuple):
    """Where in a substitution something stands: its delimiter, and whether it is looked for or put in place of that."""

    mark: str
    is_pattern: bool


def part(value: str, start: int, stop: int, before: str = "") -> Part | None:
    """The part of a substitution of `sed` that a span stands in; `before` is the argument in front."""
    return _part_with(value[start:stop], _command(value, start), before)


def _part_with(text: str, front: str, before: str) -> Part | None:
    begin = _begin_of_sed(front, before)
    found = _part(front, begin) if begin >= 0 else None
    return found if found and found.mark not in text.replace("\\/", "") else None


def _begin_of_sed(front: str, before: str) -> int:
    """Where commands of `sed` begin, -1 where there are none."""
    if before and _SED_FLAG.fullmatch(before):
        return 0
    program = _SED.search(front) if "sed" in front or "-e" in front or "perl" in front else None
    return program.end() if program else -1


def _part(front: str, begin: int) -> Part | None:
    """The part that is still open where a command ends; those that are closed are passed by."""
    for found in _SUBSTITUTION.finditer(front, begin):
        if found.end() == len(front) and not found["last"]:
            return Part(found["mark"], is_pattern=found["second"] is None)
    return None


def is_pattern(value: str, start: int, stop: int, before: str = "") -> bool:
    """Whether what stands at a span of a string is compared with, not pulled; `before` is the argument in front."""
    if before in ("grep", "egrep", "fgrep"):
        return start == 0
    if not start:
        return False
    front = _command(value, start)
    if ("grep" in front or "rg" in front) and _GREP.search(front):
        return True
    inside = _part_with(value[start:stop], front, before)
    if inside and inside.is_pattern:
        return True
    return ("=" in front and _COMPARED.search(front) is not None) or _is_arm(value, start, stop)


def _command(value: str, start: int) -> str:
    """What stands in front of an offset in its line, with the lines that it continues."""
    front = value[max(start - _FURTHEST, 0) : start]
    return front[_begin(front) :] if "\\\n" not in front else _joined(front)


def _joined(front: str) -> str:
    text = _CONTINUED.sub(" ", front)
    return text[_begin(text) :]


def _begin(text: str) -> int:
    return text.rfind("\n") + 1


def _is_arm(value: str, start: int, stop: int) -> bool:
    """Whether a span is a pattern of a `case`."""
    if not _ARM_BEHIND.match(value, stop, stop + _FURTHEST):
        return False
    front = value[max(start - _FURTHEST, 0) : start]
    opened = front.rfind("case ")
    return opened >= 0 and not re.search(r"\besac\b", front[opened:]) and _ARM.search(front, opened) is not None


_QUERY = lazy(r"""(?:://|^/)[^\s"'<>`]*\?[^\s"'<>`]*$""")
_WORD = lazy(r"""[^\s"'<>`]*$""")


def is_in_query(front: str) -> bool:
    """Whether what stands in front of a reference is a URL up to a value of its query: `https://x/y?image=`."""
    if "?" not in front:
        return False
    word = _WORD.search(front)
    return word is not None and _QUERY.search(word.group()) is not None
