"""What a script looks for instead of pulling it: patterns of `sed`, `grep`, `case` and comparisons."""

import re

from kubectl_tcr.text.patterns import lazy

# How far back a command or a `case` is looked for, in characters.
_FURTHEST = 1_000

# The first part of `s|PATTERN|REPLACEMENT|`, by any delimiter that may stand in front of a reference.
_SUBSTITUTION = r"""s(?P<mark>[|,;&=!~])(?:(?!(?P=mark))[^\n])*$"""
_SED = lazy(rf"""(?:\bsed\s|\bperl\s+-\w*p|^\s*(?:-e|--expression)[ =])(?:[^\n]*[\s"';{{/\d$])?{_SUBSTITUTION}""")
_SED_ALONE = lazy(rf"""^\s*{_SUBSTITUTION}""")
_SED_FLAG = lazy(r"sed|-[A-Za-z]*[eiEnr]|--expression|--in-place|--regexp-extended|--quiet")
# The first argument of `grep` that is no flag, or the one of `-e`; what is quoted may begin with other text.
_GREP = lazy(r"""\b(?:[efz]?grep|rg)\s+(?:-\S+\s+(?:\d+\s+)?)*(?:"[^"\n]*|'[^'\n]*)?$""")
_COMPARED = lazy(r"""(?:\[\[?|\btest)\s[^\]\n;|&]*\s(?:=|!=|=~)\s+["']?$|\s[=!]==?\s*["']?$""")
# Alternatives of a pattern of `case`, in front of a reference and behind it.
_ARM = lazy(
    r"""(?:\bcase\s[^\n;]+?\sin\b|;;&?|;&)\s*+(?:\#[^\n]*+\s*+)*+\(?\s*+(?:["']?[^\s()|"']++["']?\s*+\|\s*+)*+["']?$"""
)
_ARM_BEHIND = lazy(r"""["']?\s*+(?:\|\s*+["']?[^\s()|"']++["']?\s*+)*+\)""")
_CONTINUED = lazy(r"\\\r?\n[ \t]*+")


def is_pattern(value: str, start: int, stop: int, before: str = "") -> bool:
    """Whether what stands at a span of a string is compared with, not pulled; `before` is the argument in front."""
    if before in ("grep", "egrep", "fgrep"):
        return start == 0
    if not start:
        return False
    front = _command(value, start)
    if ("grep" in front or "rg" in front) and _GREP.search(front):
        return True
    if ("sed" in front or "-e" in front or "perl" in front) and _SED.search(front):
        return True
    if before and _SED_FLAG.fullmatch(before) and _SED_ALONE.search(front):
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
    if not _ARM_BEHIND.match(value, stop):
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
