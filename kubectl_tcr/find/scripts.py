"""What a script looks for instead of pulling it: patterns of `sed`, `grep`, `case` and comparisons."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from kubectl_tcr.text.patterns import lazy

# How far back a command or a `case` is looked for, and how far ahead the end of its pattern, in characters.
_FURTHEST = 1_000

_LONGEST = 100  # of an argument

# What commands of `sed` stand behind: its name, that of `perl`, or `-e` where a line goes on.
_SED = lazy(r"\b(?:sed|perl)\s|^\s*(?:-e|--expression)[ =]")
_SED_FLAG = lazy(r"sed|-[A-Za-z]*[eiEnr]|--expression|--in-place|--regexp-extended|--quiet")
# `s|PATTERN|REPLACEMENT|` as far as it goes, by any delimiter that may stand beside a reference.
_SUBSTITUTION = lazy(
    r"""(?<![^\s"';{/\d$!])s(?P<mark>[|,;&=!~#/])(?:\\.|(?!(?P=mark))[^\\\n])*+"""
    r"""(?P<second>(?P=mark)(?:\\.|(?!(?P=mark))[^\\\n])*+(?P<last>(?P=mark))?+)?+"""
)
# The first argument of `grep` that is no flag, or the one of `-e`; what is quoted may begin with other text.
_GREP = lazy(r"""(?<![\w.-])(?:[efz]?grep|rg)\s+(?:-\S+\s+(?:\d+\s+)?)*(?:"[^"\n]*|'[^'\n]*)?$""")
_COMPARED = lazy(
    r"""(?:\[\[?|(?<![\w.-])test)\s[^\]\n;|&]*\s(?:=|!=|=~)\s+["']?$|[^\s=][=!]==?\s*\\?["']$|\s[=!]==?\s*\\?["']?$"""
)
# An address of `sed` by a delimiter of its own, and a pattern of `perl` in brackets.
_ADDRESS = lazy(r"""(?:^|[\s"';{])\\[|,;@%!~][^|\n]*$|(?<![^\s"';{/\d$!])s\{[^{}\n]*$""")
# What takes a reference for a name to look for: without an equals sign it is that of an image, not a new one.
_NAMING_HINT = "image"
_NAMING = lazy(
    r"""\bkustomize\s+edit\s+set\s+image\s(?:[^\n;|&]*\s)?["']?$|\s--kustomize-image[ =]["']?$"""
    r"""|\bflux\s+create\s+image\s+repository\s[^\n;|&]*--image[ =]["']?$"""
)
# The first argument of a function that searches or compares: of Python, JavaScript, Go, CEL, jq.
_ASKING = lazy(
    r"""\b(?:replace(?:All)?|[sS]tarts_?[wW]ith|[eE]nds_?[wW]ith|remove_?[pP]refix|contains|includes|(?:last_?)?[iI]ndex(?:_?[oO]f)?"""
    r"""|r?find|count|matches|equals|sub|gsub|ltrimstr|(?:r|l)?strip|split)\(\s*\\?["'`]$"""
    r"""|\b(?:strings|regexp|re|bytes)\.\w+\(\s*[\w.\[\]]+\s*,\s*\\?["'`]$"""
)
# An operator behind a string, and what stands in front of that: `if "X" in images`.
_CONDITION = lazy(r"""(?:\b(?:if|elif|and|or|not|assert|while|return|any|all)\s|[=(,])\s*\\?["']$""")
_IN = lazy(r"""\\?["']\s+(?:not\s+)?in\s+[\w.(\[]""")
_BLANK = lazy(r"\s")
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


def is_pattern(value: str, start: int, stop: int, before: Sequence[str] = ()) -> bool:
    """Whether what stands at a span of a string is compared with, not pulled; `before` are the arguments in front."""
    arguments = _arguments(before)
    if not start and not arguments:
        return False
    front = arguments + _command(value, start)
    if ("grep" in front or "rg" in front) and _GREP.search(front):
        return True
    if _NAMING_HINT in front and _is_naming(front, value, stop):
        return True
    return (
        ("=" in front and _COMPARED.search(front) is not None)
        or _is_in_sed(value[start:stop], front, before[-1] if before else "")
        or _is_asked(value, stop, front)
        or _is_arm(value, start, stop)
    )


def _arguments(before: Sequence[str]) -> str:
    """The arguments in front of a value as one line, each as one word."""
    words = (one if one and len(one) < _LONGEST and not _BLANK.search(one) else "_" for one in before)
    return "".join(f"{word} " for word in words)[-_FURTHEST:]


def _is_in_sed(text: str, front: str, before: str) -> bool:
    """Whether a text stands in what `sed` or `perl` looks for."""
    inside = _part_with(text, front, before)
    if inside:
        return inside.is_pattern
    begin = _begin_of_sed(front, before)
    return begin >= 0 and _ADDRESS.search(front, begin) is not None


def _is_naming(front: str, value: str, stop: int) -> bool:
    """Whether a reference is but the name by which a tool finds an image: `kustomize edit set image NAME`."""
    return _NAMING.search(front) is not None and not value.startswith("=", stop)


def _is_asked(value: str, stop: int, front: str) -> bool:
    """Whether a quoted reference is what a method or an operator of a language looks for."""
    if not front.endswith(("'", '"', "`")):
        return False
    if _ASKING.search(front):
        return True
    return _CONDITION.search(front) is not None and _IN.match(value, stop) is not None


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


_PARAMETER = lazy(r"[\w.%\[\]-]+=")
_WORD = lazy(r"""[^\s"'<>`]*$""")


def is_in_query(front: str) -> bool:
    """Whether what stands in front of a reference is a URL up to a value of its query, as in `x/y?image=`."""
    word = _WORD.search(front) if "?" in front else None
    if word is None:
        return False
    address, mark, query = word[0].partition("?")
    return bool(mark) and "/" in address and _PARAMETER.match(query) is not None
