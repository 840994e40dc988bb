"""From one string to the references it holds, as sites of that string.

Spans and edits count characters of the string; nothing here knows how it is spelled.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from kubectl_tcr.find import tokens
from kubectl_tcr.find.site import Site, Status
from kubectl_tcr.images.mirrors import Located, Rules
from kubectl_tcr.images.reference import HUB, HUB_ALIASES, GrammarError, Reference, has_domain, parse, parse_template
from kubectl_tcr.kubernetes import exclusions, prefixes
from kubectl_tcr.kubernetes.roles import Role
from kubectl_tcr.text.document import Path
from kubectl_tcr.text.patterns import lazy
from kubectl_tcr.text.splice import Edit

# Plain scalars that YAML 1.1 reads as something else than a string (yaml.org/type).
_NO_STRING = lazy(
    r"(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE|[yYnN]|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF"
    r"|[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9_]+(?:[eE][-+]?[0-9]+)?"
    r"|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|\.(?:inf|Inf|INF))|\.(?:nan|NaN|NAN))?"
)
# A host with a dot, a path, and a tag or digest: a shape that nobody mistakes for something else.
# It begins where a word does, or a search would try every character of a long one.
FOREIGN = lazy(r"(?<![\w.-])[a-zA-Z0-9][\w-]*+(?:\.[\w-]+)++(?::\d+)?/[\w./-]++(?::[\w.-]++|@\w+:[0-9a-f]{32,})+")

# What a setting beside images may be: a port, a size, a version. No image has such a name.
_NUMBER = lazy(r"[-+]?[0-9]+(?:\.[0-9]+)*")
# Istio's sidecar injector replaces this name by the proxy's image.
_ISTIO_AUTO = "auto"

_TAGGED = lazy(r"[^/]:[^/]+$|@")
_USER = "an image or a user of Docker Hub: without a tag nothing tells; at a declared field it is an image"
_PARTED = "a prefix whose images would part: rules map some of them elsewhere"
# A key that names an image, as `image` and `sidecarImage`.
_IMAGE_KEY = lazy(r"(?:^i|I)mage$|(?:^|_)IMAGE$")
_LIBRARY = "docker.io alone: official images below it would lack library/"
_APART = "images below it are looked for elsewhere too: set {} as well"
MAPPING_KEY = "a mapping key"
_API_ROOTS = frozenset({"library/v1", "library/v2"})

# What a token is for that stays for a reason of its own.
_ROLES = {
    exclusions.PUSHED: Role.TARGET,
    exclusions.NAME: Role.NAME,
    exclusions.ADDRESS: Role.ADDRESS,
    exclusions.PATTERN: Role.MATCH,
    tokens.URL: Role.ADDRESS,
    tokens.COMMENT: Role.PROSE,
    tokens.KEY: Role.NAME,
    MAPPING_KEY: Role.NAME,
}

Parser = Callable[[str], Reference]


def is_string(value: str, *, is_plain: bool) -> bool:
    """Whether Kubernetes reads a scalar as a string that is not empty."""
    return bool(value) and not (is_plain and _NO_STRING.fullmatch(value))


def declared(rules: Rules, value: str, how: str) -> Site | None:
    """The site of a value that an API declares an image."""
    name = value.strip()
    if not name or name == _ISTIO_AUTO or (how == "declared" and _NUMBER.fullmatch(name)):
        return None
    default = tokens.DEFAULT.fullmatch(name)
    start = value.index(name)
    if default:
        return reference(rules, default[1], start + default.start(1), how, parse_template)
    return reference(rules, name, start, how, parse_template)


class Around(NamedTuple):
    """What stands around a value: its path, the items in front of it, and the `name` beside it.

    Most values are never asked about.
    """

    path: Path
    before: Sequence[str] = ()
    beside: str = ""

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
        """What the value is called: by its key, by the flag in front of it, or as a variable."""
        if self.flag.startswith("-"):
            return self.flag
        return self.beside or self.key

    def untagged(self) -> str:
        """Why a reference without tag and digest is no image here, empty if it may be one."""
        if exclusions.is_address(self.path):
            return exclusions.ADDRESS
        is_name = exclusions.is_name(self.path) or exclusions.is_name_flag(self.flag)
        return exclusions.NAME if is_name else ""


def whole(rules: Rules, hosts: re.Pattern[str], value: str, around: Around) -> Site | None:
    """The site of a value that is nothing but a reference with a mapped host, or a foreign one."""
    name = value.strip()
    start = value.find(name)
    found = next(iter(tokens.tokens(name, hosts, around.before)), None)
    if found and found.start == 0 and found.stop == len(name):
        if found.reason in (exclusions.PUSHED, exclusions.PATTERN):
            return left(found, found.reason, start)
        if not _TAGGED.search(name):
            why = around.untagged()
            if why:
                return left(found, why, start)
            if prefixes.is_name(around.name):
                return prefix(rules, name, start)
        site = reference(rules, name, start, "value", parse_template)
        is_either = may_be_a_user(site) and not (_IMAGE_KEY.search(around.key) or tokens.says_image(around.flag))
        return site.left(_USER) if is_either else site
    if not found and FOREIGN.fullmatch(name) and not exclusions.is_address(around.path):
        site = reference(rules, name, start, "value", parse)
        return site if site.status in (Status.UNMAPPED, Status.MIRRORED) else None
    return None


def in_text(rules: Rules, hosts: re.Pattern[str], value: str, before: Sequence[str] = ()) -> Iterator[Site]:
    """The sites of tokens in a longer string; `before` are the arguments in front of it."""
    for token in tokens.tokens(value, hosts, before):
        if token.reason:
            yield left(token, token.reason)
            continue
        if not _TAGGED.search(token.text) and prefixes.is_name(tokens.name_in_front(value, token.start)):
            yield prefix(rules, token.text, token.start, "text")
            continue
        site = reference(rules, token.text, token.start, "text", parse_template)
        is_either = may_be_a_user(site) and not tokens.says_image_in_front(value, token.start)
        yield site.left(_USER) if is_either else site


def untouched(hosts: re.Pattern[str], value: str, reason: str) -> Iterator[Site]:
    """All tokens of a string that stays for one reason."""
    for token in tokens.undecided(value, hosts):
        yield left(token, reason)


def left(token: tokens.Token, reason: str, offset: int = 0) -> Site:
    """A token that looked like an image and stays."""
    site = Site(token.text, token.start + offset, token.stop + offset, "text", Status.LEFT, reason)
    return site._replace(role=_ROLES.get(reason, Role.IMAGE))


def may_be_a_user(site: Site) -> bool:
    """Whether a site may be a user of Docker Hub: names that are appended would be lost in `library/`."""
    if site.host != HUB or site.rule is None:
        return False
    parsed = parse_template(site.reference)
    return parsed.may_be_a_user and site.rule.source != f"{HUB}/{parsed.name.rpartition('/')[2]}"


def prefix(rules: Rules, written: str, start: int, how: str = "value") -> Site:
    """The site of a value below which image names go, as `hub: docker.io/istio`: no `library/` comes in between."""
    return _prefix(rules, written, start, how)._replace(role=Role.PREFIX)


def _prefix(rules: Rules, written: str, start: int, how: str) -> Site:
    site = reference(rules, written, start, how, parse_template)
    if site.status is not Status.REWRITTEN:
        return site
    parsed = parse_template(written)
    path = parsed.name.rpartition("/")[2] if parsed.may_be_a_user else parsed.path
    if rules.parts_below(parsed.domain, tuple(path.split("/"))):
        return site.left(_PARTED)
    located = rules.locate(parsed._replace(path=path))
    return moved(written, start, how, located, parsed.domain) if located else site


def registry(rules: Rules, value: str, row: prefixes.Row, *, is_complete: bool) -> Site | None:
    """The site of a field that is declared a registry, None where no rule knows its host.

    `is_complete` tells that what must be set beside it is.
    """
    name = value.strip()
    start = value.find(name)
    host = name.rstrip("/")
    if host not in rules.domains:
        return prefix(rules, name, start, "declared") if name.partition("/")[0] in rules.domains else None
    domain = HUB if host in HUB_ALIASES else host
    site = Site(name, start, start + len(name), "declared", Status.UNMAPPED, host=domain, role=Role.PREFIX)
    located = rules.locate_registry(host)
    if located is None:
        return site.left(_PARTED)
    if domain == HUB and not row.is_namespaced:
        return site.left(_LIBRARY)
    if row.beside and not is_complete:
        return site.left(_APART.format(".".join(map(str, row.beside))))
    return moved(name, start, "declared", located, domain)._replace(role=Role.PREFIX)


def moved(written: str, start: int, how: str, located: Located, host: str) -> Site:
    """The site of a reference that a rule moves."""
    edits = (Edit(start, start + located.cut, located.new),)
    after = located.new + written[located.cut :]
    stop = start + len(written)
    return Site(written, start, stop, how, Status.REWRITTEN, "", host, after, located.rule, edits)


def reference(rules: Rules, written: str, start: int, how: str, parser: Parser) -> Site:
    """The site of a reference that stands at `start`: rewritten, mirrored, unmapped, or no reference at all."""
    stop = start + len(written)
    try:
        parsed = parser(written)
    except GrammarError as error:
        return Site(written, start, stop, how, Status.LEFT, f"no reference: {error}")
    host = parsed.domain
    if host == HUB and parsed.path in _API_ROOTS and has_domain(parsed.name):
        return Site(written, start, stop, how, Status.LEFT, "the root of an API, not an image", host)
    undecided = rules.undecided(parsed)
    if undecided:
        return Site(written, start, stop, how, Status.LEFT, undecided, host)
    located = rules.locate(parsed)
    if located:
        return moved(written, start, how, located, host)
    status = Status.MIRRORED if rules.mirrors(parsed) else Status.UNMAPPED
    return Site(written, start, stop, how, status, "", host)
