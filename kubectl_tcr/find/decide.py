"""What a cluster does with a token: its role, told by what stands around it.

What is declared comes first, and `search` asks for that. Then, each only where what stands in front
of it is silent: the command a token stands in, what its name says, its shape.
"""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

from kubectl_tcr.find import commands, names, scripts, tokens, variables
from kubectl_tcr.find.names import Names
from kubectl_tcr.find.tokens import Token
from kubectl_tcr.images.reference import HUB_ALIASES, PLACEHOLDER
from kubectl_tcr.kubernetes import keys
from kubectl_tcr.kubernetes.exclusions import ADDRESS, NAME, PATTERN, POLICY, PUSHED
from kubectl_tcr.kubernetes.roles import Role
from kubectl_tcr.text.document import Path
from kubectl_tcr.text.patterns import lazy

PULLED_BY = "pull"
KEY = "a key"
ESCAPED = "its slashes are escaped"
UNTAGGED = "neither tag nor digest inside a longer text"

# The section that a line stands in, as in INI and TOML: `[name]`, `[[name]]`.
_SECTION = lazy(r"^[ \t]*\[{1,2}([^\[\]\n]+)\]{1,2}[ \t]*\r?$", re.MULTILINE)
# How far back it is looked for, in characters.
_LONGEST_SECTION = 2_000
# A package URL up to a value of its query: `pkg:oci/web?repository_url=`.
_PURL = lazy(r"""\bpkg:[\w.+-]+/[^\s"'<>]*\?[^\s"'<>]*$""")
# A key and an equals sign between blanks, at the start of a line: INI, TOML, HCL, properties, Python, make, PowerShell;
# other values of a list may stand in front. In braces, and as properties spell it.
_SETTINGS = (
    lazy(
        r"""^\s*+(?:(?:export|local|readonly|set|let|const|var|val|final)\s++|\$(?:env:)?)?+"""
        r"""["']?([A-Za-z_][\w.-]*+)["']?\s*+[:?+]?=\s*+\[?\s*+(?:["']?[\w.:/@-]++["']?\s*+,\s*+)*+["']?$"""
    ),
    lazy(r"""=\s*+\{(?:[^{}]*,)?\s*+["']?([A-Za-z_][\w.-]*+)["']?\s*+=\s*+["']?$"""),
    lazy(r"""^\s*+([A-Za-z_]\w*+(?:\.[\w-]++)++)\s++:\s++["']?$"""),
)
_FLAG = lazy(r"""(?:^|[\s"'])(--?[A-Za-z][\w.-]*+)[ =]["']?$""")
# What takes a value: `key=`, a flag, `image:`.
_ASSIGNED = lazy(r"""(?:[\w\])}*]=|(?:^|[\s"'])--?[A-Za-z][\w.-]*[ =]|\bimage["']?\s*:\s*)["']?$""")
_FROM = r"FROM\s+(?P<flags>(?:--\w+=\S+\s+)*)"
_PULL = lazy(rf"""\b(?:{_FROM}|pull\s+)["']?$""")
# Commands that take an image as their first operand, with their flags.
_READS = lazy(
    r"""\b(?:g?crane\s++(?:ls|digest|manifest|config|export|validate|copy|cp)|skopeo\s++(?:copy|sync|inspect|list-tags)"""
    r"""|regctl\s++(?:tag\s++ls|image\s++(?:digest|manifest|inspect|config|copy|export|get-file)|manifest\s++(?:get|head))"""
    r"""|oras\s++(?:copy|cp|discover|repo\s++tags|manifest\s++fetch)|(?:docker|podman|nerdctl)\s++(?:container\s++)?(?:run|create))"""
    r"""\s++(?:-\S++\s++(?:[^\s-]\S*+\s++)?+)*+["']?$"""
)
# What a Dockerfile builds on, in any case of letters, and what tells it from prose.
_BASE = lazy(rf"^\s*{_FROM}$", re.IGNORECASE)
_NAMED_STAGE = lazy(r"[ \t]+AS[ \t]+\w", re.IGNORECASE)
_INSTRUCTION = lazy(
    r"[ \t]*\r?\n(?s:.*?)^[ \t]*(?:RUN|COPY|ADD|CMD|ENTRYPOINT|WORKDIR|ENV|ARG|USER|LABEL)[ \t]",
    re.IGNORECASE | re.MULTILINE,
)
# What follows a default that is but the beginning of a name: `${REGISTRY:-quay.io/a}/b`.
_IN_PATH = lazy(r"""["']?\}["']?/""")
# How far behind a base its instructions are looked for, in characters.
_LOOK_AHEAD = 1_000
# A tag or digest that begins behind a quote or the brace of a default, or that is added: `"quay.io/a/b":$TAG`,
# `quay.io/a/b@"$DIGEST"`, `${IMG:-quay.io/a/b}:$TAG`, `"quay.io/a/b:" + tag`.
_TAG_BEHIND = lazy(
    r"""["'}]{1,2}+(?::|@(?:sha\d{3}:)?)["'`]?[\w${%]|(?::|@(?:sha\d{3}:)?)(?:["']\$|`)|[:@]["']\s*\+\s*\w"""
)


class Basis(IntEnum):
    """What a role was told by, the weakest first."""

    SHAPE = 0
    NAME = 1
    COMMAND = 2


class Verdict(NamedTuple):
    """The role of a token, what it was told by, and why the token stays, empty where it may be edited."""

    role: Role
    basis: Basis = Basis.SHAPE
    why: str = ""


class Around(NamedTuple):
    """What stands around a value: its path, the items in front of it, the `name` beside it, whether a tag does."""

    path: Path = ()
    before: Sequence[str] = ()
    beside: str = ""
    is_tagged: bool = False

    @property
    def flag(self) -> str:
        """The argument in front."""
        return self.before[-1] if self.before else ""

    @property
    def key(self) -> str:
        """The last key of the path."""
        return next((part for part in reversed(self.path) if isinstance(part, str)), "")

    @property
    def name(self) -> str:
        """What the value is called: by the flag in front of it, as a variable, or by the last key of its path."""
        return self.flag if self.is_behind_a_flag else self.beside or self.key

    @property
    def is_behind_a_flag(self) -> bool:
        """Whether the argument in front is a flag that has no value yet."""
        return self.flag.startswith("-") and "=" not in self.flag


_NOTHING = Around()


def decided(value: str, found: Sequence[Token], around: Around = _NOTHING) -> Iterator[tuple[Token, Verdict]]:
    """The tokens of a value, each with its verdict; what a script pushes stays wherever the script names it."""
    pushed = _pushed(value, found, around.before)
    for token in found:
        view = _View(value, token, around, tokens.front(value, token.start))
        verdict = _APART[token.apart] if token.apart else _by_command(view, pushed) or _by_name(view) or _by_shape(view)
        yield token, verdict


class _View(NamedTuple):
    """A token, the value it is a part of or all of, what stands around that, and what stands in front in its line."""

    value: str
    token: Token
    around: Around
    front: str

    @property
    def is_whole(self) -> bool:
        """Whether the value is nothing but the token."""
        return len(self.token.text) == len(self.value)

    @property
    def setting(self) -> str:
        """The key of a line `key = value` whose value it is, empty for none."""
        if "=" not in self.front and " : " not in self.front:
            return ""
        found = (pattern.search(self.front) for pattern in _SETTINGS)
        return next((one[1] for one in found if one), "")

    @property
    def section(self) -> str:
        """The section of a settings file in which it stands, empty for none."""
        start = self.token.start
        if self.value.find("[", max(start - _LONGEST_SECTION, 0), start) < 0:
            return ""
        *_, name = "", *_SECTION.findall(self.value, max(start - _LONGEST_SECTION, 0), start)
        return str(name)

    @property
    def name(self) -> str:
        """The name of the key, the flag or the variable whose value it is, empty for none."""
        return self.around.name if self.is_whole else tokens.name_in_front(self.front)


_URL = Verdict(Role.ADDRESS, Basis.COMMAND, tokens.URL)
_PATTERN = Verdict(Role.MATCH, Basis.COMMAND, PATTERN)
_TARGET = Verdict(Role.TARGET, Basis.COMMAND, PUSHED)
_ESCAPED = Verdict(Role.IMAGE, Basis.COMMAND, ESCAPED)
_PULLED = Verdict(Role.IMAGE, Basis.COMMAND)
_NAMED = {
    Role.NAME: Verdict(Role.NAME, Basis.NAME, NAME),
    Role.ADDRESS: Verdict(Role.ADDRESS, Basis.NAME, ADDRESS),
    Role.TARGET: Verdict(Role.TARGET, Basis.NAME, PUSHED),
    Role.MATCH: Verdict(Role.MATCH, Basis.NAME, POLICY),
    Role.PREFIX: Verdict(Role.PREFIX, Basis.NAME),
    Role.IMAGE: Verdict(Role.IMAGE, Basis.NAME),
}
# What a name says of a reference with a tag too.
_FIRM = frozenset({Role.TARGET, Role.MATCH})
_LABEL = Verdict(Role.NAME, Basis.NAME, KEY)
_IMAGE = Verdict(Role.IMAGE)
_PREFIX = Verdict(Role.PREFIX)
_MENTIONED = Verdict(Role.PROSE, Basis.SHAPE, UNTAGGED)
_APART = {
    tokens.URL: Verdict(Role.ADDRESS, Basis.SHAPE, tokens.URL),
    tokens.COMMENT: Verdict(Role.PROSE, Basis.SHAPE, tokens.COMMENT),
    tokens.INNER: Verdict(Role.ADDRESS, Basis.SHAPE, tokens.INNER),
    tokens.GLUED: Verdict(Role.PROSE, Basis.SHAPE, tokens.GLUED),
    tokens.MESSAGE: Verdict(Role.PROSE, Basis.SHAPE, tokens.MESSAGE),
}


def _by_command(view: _View, pushed: "_Pushed") -> Verdict | None:
    """What the command says in which a token stands."""
    value, token, around, front = view
    if scripts.is_in_query(front) or ("pkg:" in front and _PURL.search(front)):
        return _URL
    if scripts.is_pattern(value, token.start, token.stop, around.before):
        return _PATTERN
    if token in pushed:
        return _TARGET
    if token.text.partition("/")[0].endswith("\\"):
        return _ESCAPED
    return _PULLED if _is_pulled(view) else None


def _is_pulled(view: _View) -> bool:
    value, token, around, front = view
    if view.is_whole:
        return around.flag == PULLED_BY
    return front.endswith(tokens.TRANSPORTS) or _names_an_image(front) or _is_base(value, token.stop, front)


def _names_an_image(front: str) -> bool:
    """Whether a command stands in front that pulls what follows, or asks for it."""
    return _PULL.search(front) is not None or _READS.search(front) is not None


def _is_base(value: str, stop: int, front: str) -> bool:
    """Whether a token stands behind `from` in a Dockerfile, not in prose."""
    base = _BASE.search(front)
    if not base:
        return False
    return bool(base["flags"] or _NAMED_STAGE.match(value, stop) or _INSTRUCTION.match(value, stop, stop + _LOOK_AHEAD))


def _by_name(view: _View) -> Verdict | None:
    """What the key, the flag or the variable says whose value a token is."""
    role = keys.of_line(view.setting, view.section) if view.setting else None
    role = role or (keys.of_name(view.name) if view.name else None)
    if role is Role.TARGET and "@" in view.token.text:  # nobody pushes to a digest
        role = None
    if role in _FIRM:
        return _NAMED[role]
    if _is_tagged(view):
        return _NAMED[role] if role is Role.IMAGE else None
    if view.value.startswith("=", view.token.stop):
        return _LABEL
    if view.is_whole and view.around.is_tagged:
        return _NAMED[Role.IMAGE]
    return _NAMED.get(_by_key(view) or role)  # type: ignore[arg-type]


def _by_key(view: _View) -> Role | None:
    """What the key or the flag of a value says that has neither tag nor digest."""
    if view.is_whole:
        return keys.of_path(view.around.path) or keys.of_setting(view.around.flag)
    if view.setting:
        return keys.of_path((view.setting,)) or keys.of_setting(view.setting)
    flag = _FLAG.search(view.front)
    return keys.of_setting(flag[1]) if flag else None


def _by_shape(view: _View) -> Verdict:
    """What a token is by its looks alone: in a text, one without tag and digest may be but spoken of."""
    if _IN_PATH.match(view.value, view.token.stop) and tokens.is_default(view.front):
        return _PREFIX
    is_value = view.is_whole or view.setting or _ASSIGNED.search(view.front) or tokens.is_default(view.front)
    return _IMAGE if is_value or _is_tagged(view) else _MENTIONED


def _is_tagged(view: _View) -> bool:
    """Whether a token has a tag or a digest, one that begins behind a quote included."""
    text = view.token.text
    return "@" in text or ":" in PLACEHOLDER.sub("", text) or _TAG_BEHIND.match(view.value, view.token.stop) is not None


def _pushed(value: str, found: Sequence[Token], before: Sequence[str]) -> "_Pushed":
    """What a script pushes; a value that is nothing but a reference, as most are, is no command."""
    if not found or (not before and len(found[0].text) == len(value)):
        return _Pushed(frozenset(), Names(()))
    short = _short(value, found)
    places = sorted((*(token.start for token in found), *short))
    starts = variables.targets(value, places, before)
    written = (token.text for token in found if token.start in starts and not token.apart)
    return _Pushed(starts, Names((*written, *(short[start] for start in starts if start in short))))


def _short(value: str, found: Iterable[Token]) -> dict[int, str]:
    """Where a script that may push names one of the images without the domain of Docker Hub, each with the name."""
    ours = [token.text for token in found if token.text.partition("/")[0] in HUB_ALIASES]
    return names.short(value, ours) if ours and commands.grammar().is_hinting(value) else {}


class _Pushed(NamedTuple):
    """What a script pushes: where that stands, and its names."""

    starts: Container[int]
    names: Names

    def __contains__(self, token: object) -> bool:
        return isinstance(token, Token) and (token.start in self.starts or token.text in self.names)
