"""References inside longer strings: flags, lists, scripts, prose.

A token begins behind a boundary with a mapped host and ends at the next boundary. What
stands in front of it decides whether it is an image: a URL, a comment or the target of a
push is none, and without tag or digest only a flag or a `key=` makes it one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from kubectl_tcr.find import commands, scripts
from kubectl_tcr.images.reference import PLACEHOLDER, bare
from kubectl_tcr.kubernetes.exclusions import (
    ADDRESS,
    NAME,
    PATTERN,
    PUSHED,
    is_address,
    is_name,
    is_name_flag,
    is_output,
)
from kubectl_tcr.text.patterns import lazy

# The punctuation of Chinese text: full width, and quotation marks.
_WIDE = "，。；：！？、（）【】《》「」『』“”‘’…"  # noqa: RUF001 they are meant
_BOUNDARY = frozenset(" \t\r\n\f\v\"'`=,;&()[]{}<>|\x85\xa0\u2028\u2029" + _WIDE)
_REST = lazy(rf"(?:{PLACEHOLDER.pattern}|[^\s\"'`=,;&()\[\]{{}}<>|\\{_WIDE}])*+")
# What a shell takes where a variable is not set: `${IMG:-quay.io/a/b:1}`, with its value.
DEFAULT = lazy(r"\$\{\w++:?[-=]([^{}\s]++)\}")
_DEFAULT_IN_FRONT = lazy(r"\$\{\w+:?-$")
# A tag that begins behind a closing quote: `"quay.io/a/b":$TAG`.
_QUOTED_TAG = lazy(r"""["']:["']?[\w${%]""")
_ESCAPED_BREAK = ("\\n", "\\t", "\\r")
_TRANSPORT = ("docker://", "docker-pullable://")

_LONGEST_TRANSPORT = 20
# A comment that begins further in front than this, in characters, is not seen.
_LONGEST_COMMENT = 4_000

KEY = "a key"
COMMENT = "a comment"
URL = "a URL"
INNER = "the host is not the first component"
GLUED = "not a word of its own"
# Where a token stands in no command.
_APART = frozenset({COMMENT, URL, INNER, GLUED})

# How far back the words in front of a token are looked at, in characters.
_LOOK_BACK = 200

_FROM = r"\bFROM\s+(?:--\w+=\S+\s+)*"
_ASSIGNED = lazy(rf"""(?:[\w\])}}]=|(?:^|[\s"'])--?[A-Za-z][\w.-]*[ =]|{_FROM}|\bimage["']?\s*:\s*|\bpull\s+)["']?$""")
# A key and an equals sign between blanks, as in INI, TOML, HCL, properties and Python, at the start of a line.
_KEY_IN_FRONT = lazy(r"""^\s*["']?([A-Za-z_][\w.-]*)["']?\s*=\s*["']?$""")
# What a Dockerfile builds on, in any case of letters, and what tells it from prose.
_BASE = lazy(r"^\s*FROM\s+(?P<flags>(?:--\w+=\S+\s+)*)$", re.IGNORECASE)
_NAMED_STAGE = lazy(r"[ \t]+AS[ \t]+\w", re.IGNORECASE)
_INSTRUCTION = lazy(
    r"[ \t]*\r?\n(?s:.*?)^[ \t]*(?:RUN|COPY|ADD|CMD|ENTRYPOINT|WORKDIR|ENV|ARG|USER|LABEL)[ \t]",
    re.IGNORECASE | re.MULTILINE,
)
# How far behind a base its instructions are looked for, in characters.
_LOOK_AHEAD = 1_000
# What says that an image follows, not a registry or a user of one.
_IMAGE = r"(?i:image)"
_IMAGE_ARGUMENT = lazy(rf"{_IMAGE}$|^pull$")
_IMAGE_IN_FRONT = lazy(rf"""(?:{_IMAGE}["']?(?:\s*[:=]\s*|[ ])|{_FROM}|\bpull\s+)["']?$""")
_NAME_IN_FRONT = lazy(r"""((?:^|(?<=[\s"'{,]))(?:--?)?[A-Za-z_][\w.-]*)["']?(?:\s*[=:]\s*|[ ])["']?$""")
_FLAG = lazy(r"""(?:^|[\s"'])(--?[A-Za-z][\w.-]*+)[ =]["']?$""")


class Token(NamedTuple):
    """A token's text and half-open span; `reason` says why it is no image, if it is none."""

    text: str
    start: int
    stop: int
    reason: str = ""


def host_pattern(domains: Iterable[str]) -> re.Pattern[str]:
    """A pattern for any of the domains as a first component, look-alikes left out.

    What must stand in front is looked at from behind: a search for text is much faster than one
    for a boundary.
    """
    names = map(re.escape, sorted(domains, key=len, reverse=True))
    found = (rf"{name}(?=/)(?:(?<![\w.-]{name})|(?<=\\[nrt]{name})|(?<=:-{name}))" for name in names)
    return re.compile("|".join(found) or r"(?!)")


def undecided(value: str, hosts: re.Pattern[str]) -> Iterator[Token]:
    """Every token that begins with a mapped host, without reasons; a host inside one is no token of its own."""
    stop = 0
    for found in hosts.finditer(value):
        start = found.start()
        if start < stop:
            continue
        rest = _REST.match(value, found.end())
        stop = rest.end() if rest else found.end()
        text = value[start:stop].rstrip(".:")
        yield Token(text, start, start + len(text))


def tokens(value: str, hosts: re.Pattern[str], before: Sequence[str] = ()) -> list[Token]:
    """Every token, each with its reason; `before` are the arguments in front of the value.

    What a script pushes stays wherever the script names it.
    """
    flag = before[-1] if before else ""
    found = [token._replace(reason=_reason(value, token, flag)) for token in undecided(value, hosts)]
    # A value that is nothing but a reference, as most are, is no command.
    if not found or (not before and len(found[0].text) == len(value)):
        return found
    pushed = commands.targets(value, [token.start for token in found], before)
    if not pushed:
        return found
    names = _Names(token for token in found if token.start in pushed and token.reason not in _APART)
    return [
        token._replace(reason=PUSHED) if token.reason not in _APART and token in names else token for token in found
    ]


class _Names:
    """What a script pushes: repositories, each with its tags and digests, empty where it has none."""

    def __init__(self, pushed: Iterable[Token]) -> None:
        self._tags: dict[str, set[str]] = {}
        for token in pushed:
            name = bare(token.text)
            self._tags.setdefault(name, set()).add(token.text[len(name) :])

    def __contains__(self, token: Token) -> bool:
        """Whether a token is one of the names: the same tag of the same repository, or one of the two has none."""
        name = bare(token.text)
        tags, tag = self._tags.get(name), token.text[len(name) :]
        return tags is not None and (not tag or "" in tags or tag in tags)


def says_image(argument: str) -> bool:
    """Whether an argument says that the next one is an image: `--sidecar-image`, `pull`."""
    return _IMAGE_ARGUMENT.search(argument) is not None


def says_image_in_front(value: str, start: int) -> bool:
    """Whether what stands in front of a token says that it is an image: `image=`, `--image `, `FROM`, `docker://`."""
    front = _front(value, start)
    return front.endswith(_TRANSPORT) or _IMAGE_IN_FRONT.search(front) is not None


def name_in_front(value: str, start: int) -> str:
    """The name of the flag, the key or the variable that a token is the value of, empty for none."""
    found = _NAME_IN_FRONT.search(_front(value, start))
    return found[1] if found else ""


def _front(value: str, start: int) -> str:
    """What stands in front of a token in its line, not too far back."""
    back = max(start - _LOOK_BACK, 0)
    return value[max(value.rfind("\n", back, start) + 1, back) : start]


def _reason(value: str, token: Token, before: str) -> str:
    text, start, stop, _ = token
    front = _front(value, start)
    if not _is_bounded(value, start):
        return _unbounded(front)
    why = _unused(value, text, start, before, front)
    if why:
        return why
    key = _KEY_IN_FRONT.match(front) if "=" in front else None
    if key and is_output(key[1]) and "@" not in text:  # nobody pushes to a digest
        return PUSHED
    if front.endswith(_TRANSPORT) or "@" in text or ":" in PLACEHOLDER.sub("", text):
        return ""
    if _QUOTED_TAG.match(value, stop):
        return ""
    if value.startswith("=", stop):
        return KEY
    if _is_base(value, stop, front):
        return ""
    if key:
        return _why_of_key(key[1])
    flag = _FLAG.search(front)
    if flag and is_name_flag(flag[1]):
        return NAME
    return "" if _ASSIGNED.search(front) else "neither tag nor digest inside a longer text"


def _unused(value: str, text: str, start: int, before: str, front: str) -> str:
    """Why nobody asks a registry for a token, empty if somebody may."""
    if _is_comment(value, start):
        return COMMENT
    if scripts.is_in_query(front):
        return URL
    return PATTERN if scripts.is_pattern(value, start, start + len(text), before) else ""


def _why_of_key(key: str) -> str:
    """Why the untagged value of a setting is no image, by its key; empty where it may be one."""
    if is_name((key,)) or is_name_flag(key):
        return NAME
    return ADDRESS if is_address((key,)) else ""


def _is_base(value: str, stop: int, front: str) -> bool:
    """Whether a token stands behind `from` in a Dockerfile, not in prose."""
    base = _BASE.search(front)
    if not base:
        return False
    return bool(base["flags"] or _NAMED_STAGE.match(value, stop) or _INSTRUCTION.match(value, stop, stop + _LOOK_AHEAD))


def _is_bounded(value: str, start: int) -> bool:
    if start == 0 or value[start - 1] in _BOUNDARY:
        return True
    front = value[max(start - _LONGEST_TRANSPORT, 0) : start]
    return front.endswith(_ESCAPED_BREAK) or front.endswith(_TRANSPORT) or _DEFAULT_IN_FRONT.search(front) is not None


def _unbounded(front: str) -> str:
    if front.endswith("://"):
        return URL
    if front.endswith("/"):
        return INNER
    return GLUED


def _is_comment(value: str, start: int) -> bool:
    """Whether a `#` at the start of a word stands in front, in the same line."""
    back = max(start - _LONGEST_COMMENT, 0)
    if value.find("#", back, start) < 0:
        return False
    line = value[max(value.rfind("\n", back, start) + 1, back) : start]
    return bool(re.search(r"(?:^|\s)#", line))
