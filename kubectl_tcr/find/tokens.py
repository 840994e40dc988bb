"""What looks like a reference inside a string: a token.

It begins behind a boundary with a mapped host and ends at the next boundary. What it is for, `decide` tells.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kubectl_tcr.find import scripts
from kubectl_tcr.images.reference import PLACEHOLDER
from kubectl_tcr.text.patterns import lazy

# The punctuation of Chinese text: full width, and quotation marks.
_WIDE = "，。；：！？、（）【】《》〈〉「」『』“”‘’…～・＝\u3000"  # noqa: RUF001 they are meant
# Characters of Chinese, Japanese and Korean, which stand beside a reference without a blank.
_HAN = r"\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_IS_HAN = lazy(f"[{_HAN}]")
_BOUNDARY = frozenset(" \t\r\n\f\v\"'`=,;&()[]{}<>|\x85\xa0\u2028\u2029" + _WIDE)
_INSIDE = rf"{PLACEHOLDER.pattern}|[^\s\"'`=,;&()\[\]{{}}<>|\\#{_WIDE}{_HAN}]"
_REST = lazy(rf"(?:[A-Za-z0-9_./-]++|{_INSIDE})*+")
# With slashes that are escaped, as where `sed` takes them for delimiters.
_ESCAPED_REST = lazy(rf"(?:\\/(?:(?!/)(?:{_INSIDE}))*+)++")
# What a shell takes where a variable is not set: `${IMG:-quay.io/a/b:1}`, with its value.
DEFAULT = lazy(r"\$\{\w++:?[-=]([^{}\s]++)\}")
_DEFAULT_IN_FRONT = lazy(r"\$\{(\w+):?[-=][\"']?$")
_QUOTES = "\"'`"
_OPEN_DIGEST = lazy(r"@(?:sha\d{3}:?)?$")
_ESCAPED_BREAK = ("\\n", "\\t", "\\r")
TRANSPORTS = ("docker://", "docker-pullable://", "docker-image://")

_LONGEST_TRANSPORT = 20
_LONGEST_NAME = 100
# A comment that begins further in front than this, in characters, is not seen.
_LONGEST_COMMENT = 4_000

COMMENT = "a comment"
URL = "a URL"
INNER = "the host is not the first component"
GLUED = "not a word of its own"
MESSAGE = "a message"
# Looked at from behind, as in `host_pattern`.
_COMMENT = lazy(r"#(?:(?<=\s#)|(?<=^#))|^[ \t]*+;(?!;)")
# What tells BuildKit which image reads a Dockerfile, behind nothing but other directives.
_SYNTAX = lazy(r"\s*+(?:#[ \t]*+(?!syntax)\w++[ \t]*+=[^\n]*+\n)*+#[ \t]*+syntax[ \t]*+=[ \t]*+", re.IGNORECASE)
# What a shell says where a variable is not set.
_MESSAGE = lazy(r"\$\{\w+:?\?[^}\n]*$")

# How far back the words in front of a token are looked at, in characters.
_LOOK_BACK = 200

_CONTINUED = lazy(r"\\\r?\n[ \t]*+")
_NAME_IN_FRONT = lazy(r"""((?:^|(?<=[\s"'{,=]))(?:--?)?[A-Za-z_][\w.-]*)["']?(?:\s*[=:]\s*|[ ])["']?$""")


# Where a host may begin that is known by its end only.
_FRONT = r"(?:(?<![\w.\\-])|(?<=\\[nrt])|(?<=:-))"


class Token(NamedTuple):
    """A token's text and half-open span; `apart` says why it is no word that a program reads, if it is none."""

    text: str
    start: int
    stop: int
    apart: str = ""


def host_pattern(domains: Iterable[str], suffixes: Iterable[str] = ()) -> re.Pattern[str]:
    """A pattern for any of the domains, or with one of the suffixes, as a first component, look-alikes left out.

    What must stand in front is looked at from behind: a search for text is much faster than one
    for a boundary.
    """
    names = map(re.escape, sorted(domains, key=len, reverse=True))
    found = (rf"{name}(?=\\?/)(?:(?<![A-Za-z0-9_.-]{name})|(?<=\\[nrt]{name})|(?<=[\w:]-{name}))" for name in names)
    ends = "|".join(map(re.escape, suffixes))
    below = [rf"{_FRONT}[a-zA-Z0-9][a-zA-Z0-9.-]*(?:{ends})(?=/)"] if ends else []
    return re.compile("|".join([*found, *below]) or r"(?!)")


# Any host as a first component, told by a dot or a port, with the boundaries of `host_pattern`.
_ANY_HOST = (
    r"[a-zA-Z0-9](?:(?<![\w./:-].)|(?<=\\[nrt].)|(?<=:-.)|(?<=docker://.))"
    r"(?:[\w-]*+(?:\.[\w-]++)++(?::\d++)?+|[\w-]*+:\d++)(?=/[\w$%{])"
)
ANY_HOST = lazy(_ANY_HOST)
# The same with a tag or a digest: keys of labels have none. What is asked first is quick.
_TAGGED = lazy(rf"{_ANY_HOST}/[\w./$(){{}}%-]++[:@][\w$%{{]")
# How hosts end, or begin, that serve the public: cheap to look for.
KNOWN = ("cr.io/", "quay.io/", "docker.io/", "registry.", "mcr.microsoft.com/", "ecr.aws/", ".pkg.dev/")
_PULLED = lazy(r"(?:pull|FROM|epository ?=)\s")
_SHORT = lazy(r"\s*+(?:--[\w.-]++=)?+[a-z0-9][\w.-]*+(?:/[\w.-]++)++:[\w.-]++\s*+")
_TAG = lazy(r"/[\w.$(){}%-]++[:@][\w$%{]")


def may_be_pulled(value: str) -> bool:
    """Whether a value can hold a reference with any host that is tagged or pulled, or is a short one with a tag."""
    if "/" not in value:
        return False
    if (_PULLED.search(value) or any(end in value for end in KNOWN)) and ANY_HOST.search(value):
        return True
    if not _TAG.search(value):
        return False
    return _TAGGED.search(value) is not None or _SHORT.fullmatch(value) is not None


def undecided(value: str, hosts: re.Pattern[str]) -> Iterator[Token]:
    """Every token that begins with a mapped host, without reasons; a host inside one is no token of its own."""
    stop = 0
    for found in hosts.finditer(value):
        start = found.start()
        if start < stop or _is_glued(value, start):
            continue
        rest = (_ESCAPED_REST if value[found.end()] == "\\" else _REST).match(value, found.end())
        stop = rest.end() if rest else found.end()
        text = _without_end(value[start:stop], value[stop : stop + 1])
        yield Token(text, start, start + len(text))


def _without_end(text: str, behind: str) -> str:
    """A token without what ends a sentence, and without the beginning of a digest that follows in quotes."""
    return (_OPEN_DIGEST.sub("", text) if behind and behind in _QUOTES and "@" in text else text).rstrip(".:")


def tokens(value: str, hosts: re.Pattern[str], before: str = "") -> list[Token]:
    """Every token, those that are no words of their own with the reason; `before` is the argument in front."""
    found = []
    for token in undecided(value, hosts):
        why = _apart(value, token, before)
        found.append(token._replace(apart=why) if why else token)
    return found


def name_in_front(front: str) -> str:
    """The name of the flag, the key or the variable behind which a value follows, or whose default it is."""
    default = _DEFAULT_IN_FRONT.search(front)
    if default:
        return default[1] if not default[1].isdigit() else name_in_front(front[: default.start()])
    found = _NAME_IN_FRONT.search(front)
    return found[1] if found else ""


def is_default(front: str) -> bool:
    """Whether a value follows that a shell takes where a variable is not set."""
    return front.endswith(("-", "=", '"', "'")) and _DEFAULT_IN_FRONT.search(front) is not None


def front(value: str, start: int) -> str:
    """What stands in front of a token in its line and those that this continues, not too far back."""
    back = max(start - _LOOK_BACK, 0)
    begin = value.rfind("\n", back, start)
    while begin > back and value.endswith(("\\", "\\\r"), back, begin):
        begin = value.rfind("\n", back, begin)
    text = value[max(begin + 1, back) : start]
    return _CONTINUED.sub(" ", text) if "\\" in text else text


def _apart(value: str, token: Token, before: str) -> str:
    """Why a token is no word of its own, or one that only people read; empty for any other."""
    _, start, stop, _ = token
    is_bounded = _is_bounded(value, start) and not value.startswith("#", stop)
    if not is_bounded and not _is_delimited(value, token, before):
        return _unbounded(value[max(start - _LONGEST_TRANSPORT, 0) : start].replace("\\/", "/"))
    if is_comment(value, start):
        return COMMENT
    back = max(start - _LOOK_BACK, 0)
    return MESSAGE if value.find("?", back, start) >= 0 and _MESSAGE.search(value, back, start) else ""


def _is_delimited(value: str, token: Token, before: str) -> bool:
    """Whether delimiters of `sed` are what bounds a token."""
    _, start, stop, _ = token
    inside = scripts.part(value, start, stop, before)
    if not inside or (value.startswith("#", stop) and inside.mark != "#"):
        return False
    is_first = value[start - 1] == inside.mark and value[start - 2 : start - 1] != "\\"
    return is_first or _is_bounded(value, start)


def _is_bounded(value: str, start: int) -> bool:
    if start == 0 or value[start - 1] in _BOUNDARY or _IS_HAN.match(value, start - 1):
        return True
    front = value[max(start - _LONGEST_TRANSPORT, 0) : start]
    return front.endswith(_ESCAPED_BREAK) or front.endswith(TRANSPORTS) or _is_default(value, start)


def _is_glued(value: str, start: int) -> bool:
    """Whether a host is the end of a longer word: `my-quay.io` and `\u00e9quay.io`, but not `${X-quay.io`."""
    last = value[start - 1 : start]
    if last > "\x7f":
        return last.isalnum() and not _IS_HAN.match(last)
    return last == "-" and value[start - 2 : start] != ":-" and not _is_default(value, start)


def _is_default(value: str, start: int) -> bool:
    """Whether it is what a shell takes where a variable is not set: `${IMG:-quay.io/a/b:1}`."""
    return _DEFAULT_IN_FRONT.search(value, max(start - _LONGEST_NAME, 0), start) is not None


def _unbounded(front: str) -> str:
    if front.endswith("://"):
        return URL
    if front.endswith("/"):
        return INNER
    return GLUED


def _is_syntax(value: str, start: int) -> bool:
    """Whether it is the image that reads a Dockerfile: a directive, not a comment."""
    return start < _LOOK_BACK and _SYNTAX.fullmatch(value, 0, start) is not None


def is_comment(value: str, start: int) -> bool:
    """Whether a `#` at the start of a word stands in front, in the same line, or a `;` as its first character."""
    back = max(start - _LONGEST_COMMENT, 0)
    if (value.find("#", back, start) < 0 and value.find(";", back, start) < 0) or _is_syntax(value, start):
        return False
    line = value[max(value.rfind("\n", back, start) + 1, back) : start]
    return _COMMENT.search(line) is not None
