"""From one string to the references it holds, as sites of that string.

Spans and edits count characters of the string; nothing here knows how it is spelled.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from kubectl_tcr.find import suspects, tokens
from kubectl_tcr.find.decide import Around, Basis, Verdict, decided
from kubectl_tcr.find.site import DECLARED, Site, Status
from kubectl_tcr.images.hosts import is_registry, serves_else
from kubectl_tcr.images.mirrors import Located, Rules, is_too_long
from kubectl_tcr.images.reference import HUB, HUB_ALIASES, GrammarError, Reference, has_domain, parse_template
from kubectl_tcr.kubernetes import prefixes
from kubectl_tcr.kubernetes.roles import Role, Stays
from kubectl_tcr.text.patterns import lazy
from kubectl_tcr.text.splice import Edit

# What YAML 1.1 reads as something else than a string (yaml.org/type) where it is plain. No image has such a name.
_NO_STRING = lazy(
    r"(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE|[yYnN]|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF"
    r"|[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+"
    r"|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9_]+(?:[eE][-+]?[0-9]+)?"
    r"|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|\.(?:inf|Inf|INF))|\.(?:nan|NaN|NAN))?"
)
# A version: what tells a tag from the other things that stand behind a colon.
_VERSION = lazy(r"[^/@]*:(?:v?[0-9][\w.-]*|latest)(?:@.*)?|[^/]*@.*")
# What a setting beside images may be: a version, or the tag of an image alone. No image has such a name.
_TAG_ALONE = lazy(r"(?:v[0-9]++|[0-9]++\.[0-9]++)(?:[.+-][\w.+-]*+)?+|latest", re.ASCII)
# Istio's sidecar injector replaces this name by the proxy's image.
_ISTIO_AUTO = "auto"

_USER = "an image or a user of Docker Hub: without a tag nothing tells; at a declared field it is an image"
_PARTED = "a prefix whose images would part: rules map some of them elsewhere"
_LIBRARY = "docker.io alone: official images below it would lack library/"
_HOME = "alone, it has images at another place than any other registry: write {}"
_APART = "images below it are looked for elsewhere too: set {} as well"
# What stands in front of an image in a text: names of flags and variables, commands.
_SIGNS = (
    *("image", "img", "hub", "regist", "prefix", "pull", "from ", "docker", "podman", "nerdctl"),
    *("crane", "skopeo", "regctl", "oras"),
)
UNKNOWN_HOST = "may be an image: nothing says that its host is a registry"
_API_ROOT = "the root of an API, not an image"
TOO_LONG = "its path would be longer on the mirror than any may be"
_API_ROOTS = frozenset({"library/v1", "library/v2"})

Parser = Callable[[str], Reference]


def is_string(value: str, *, is_plain: bool) -> bool:
    """Whether Kubernetes reads a scalar as a string that is not empty."""
    return bool(value) and not (is_plain and _NO_STRING.fullmatch(value))


def declared(rules: Rules, value: str, how: str) -> Site | None:
    """The site of a value that an API declares an image."""
    name = value.strip()
    is_setting = how == "declared" and (_NO_STRING.fullmatch(name) or _TAG_ALONE.fullmatch(name))
    if not name or name == _ISTIO_AUTO or is_setting:
        return None
    default = tokens.DEFAULT.fullmatch(name)
    start = value.index(name)
    if default:
        return reference(rules, default[1], start + default.start(1), how, parse_template)
    return reference(rules, name, start, how, parse_template)


def whole(rules: Rules, hosts: re.Pattern[str], value: str, around: Around) -> Site | None:
    """The site of a value that is nothing but a reference with a mapped host, or a foreign one."""
    name = value.strip()
    start = value.find(name)
    found = tokens.tokens(name, hosts, around.flag)
    if found and len(found[0].text) == len(name):
        site = next(_site(rules, token, verdict, "value") for token, verdict in decided(name, found, around))
        return site.moved(start, (), site.resource) if start else site
    return _foreign_value(rules, name, start, around) if all(token.apart for token in found) else None


def _foreign_value(rules: Rules, name: str, start: int, around: Around) -> Site | None:
    """The site of a value that is nothing but a reference whose host no rule knows, None where it may be anything."""
    found = [] if name.isascii() and "://" in name else tokens.tokens(name, tokens.ANY_HOST, around.flag)
    if not found or found[0].text != name:
        return None
    site = next(_foreign(rules, token, verdict, "value") for token, verdict in decided(name, found, around))
    return site.moved(start, (), site.resource) if site and start else site


def in_text(rules: Rules, hosts: re.Pattern[str], value: str, before: Sequence[str] = ()) -> Iterator[Site]:
    """The sites of tokens in a longer string; `before` are the arguments in front of it."""
    around = Around(before=before)
    known = tokens.tokens(value, hosts, around.flag)
    starts = {token.start for token in known}
    every = tokens.tokens(value, tokens.ANY_HOST, around.flag)
    others = [token for token in every if token.start not in starts and _may_be_said(value, token)]
    stop = 0
    for token, verdict in decided(value, sorted((*known, *others), key=_start), around):
        if token.start not in starts:
            site = _foreign(rules, token, verdict, "text")
            if site:
                stop = site.stop
                yield site
        elif token.start >= stop:  # what is part of a foreign reference is told of as that
            yield _site(rules, token, verdict, "text")


def _start(token: tokens.Token) -> int:
    return token.start


def _may_be_said(value: str, token: tokens.Token) -> bool:
    """Whether a foreign token is worth a verdict: cheap, and true too often. A text may hold thousands of domains."""
    if is_registry(token.text.partition("/")[0]):
        return True
    front = tokens.front(value, token.start).lower()
    return any(sign in front for sign in _SIGNS)


def _foreign(rules: Rules, token: tokens.Token, verdict: Verdict, how: str) -> Site | None:
    """The site of a token whose host no rule knows; None where nothing says that it is an image."""
    if verdict.why or verdict.role not in (Role.IMAGE, Role.PREFIX):
        return None
    is_said = verdict.basis is not Basis.SHAPE
    site = reference(rules, token.text.rstrip("/"), token.start, how, parse_template)._replace(role=verdict.role)
    host = token.text.partition("/")[0]
    if site.status is Status.LEFT and not is_said:
        return None
    if is_said or site.status is Status.MIRRORED:
        return site
    last = token.text.rpartition("/")[2]
    has_version = _VERSION.fullmatch(last) is not None
    if serves_else(host):
        return None
    if is_registry(host):
        return site
    is_suspected = has_version and how == "value" and token.text.count("/") > 1
    return site._replace(status=Status.SUSPECTED, reason=UNKNOWN_HOST) if is_suspected else None


def _site(rules: Rules, token: tokens.Token, verdict: Verdict, how: str) -> Site:
    """The site of a token whose role is known."""
    if verdict.why:
        return left(token, verdict)
    if verdict.role is Role.PREFIX:
        return prefix(rules, token.text, token.start, how)
    site = reference(rules, token.text, token.start, how, parse_template)
    return site.left(_USER) if verdict.basis is Basis.SHAPE and may_be_a_user(site) else site


def untouched(hosts: re.Pattern[str], value: str, stays: Stays) -> Iterator[Site]:
    """All tokens of a string that stays for one reason."""
    for token in tokens.undecided(value, hosts):
        yield left(token, stays)


def left(token: tokens.Token, stays: Stays | Verdict) -> Site:
    """A token that looked like an image and stays."""
    return Site(token.text, token.start, token.stop, "text", Status.LEFT, stays.why, role=stays.role)


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
    name = written.rstrip("/")
    if "/" not in name:
        return _host(rules, written, name, start, how)
    site = reference(rules, name, start, how, parse_template)
    if site.rule is None:
        return site
    parsed = parse_template(name)
    path = parsed.name.rpartition("/")[2] if parsed.may_be_a_user else parsed.path
    if rules.parts_below(parsed.domain, tuple(path.split("/")), site.rule):
        return site.left(_PARTED)
    located = rules.locate(parsed._replace(path=path), is_declared=how in DECLARED)
    return moved(written, start, how, located, parsed.domain) if located else site


def _host(rules: Rules, written: str, name: str, start: int, how: str) -> Site:
    """The site of a host alone that no rule maps."""
    stop = start + len(written)
    try:
        parse_template(f"{name}/x")
    except GrammarError as error:
        return Site(written, start, stop, how, Status.LEFT, f"no reference: {error}")
    if rules.maps(name):
        return Site(written, start, stop, how, Status.SUSPECTED, suspects.REGISTRY.why)
    status = Status.MIRRORED if rules.serves(name) else Status.UNMAPPED
    return Site(written, start, stop, how, status, host=name)


def registry(rules: Rules, value: str, row: prefixes.Row, *, is_complete: bool) -> Site | None:
    """The site of a field that is declared a registry, None where it names none.

    `is_complete` tells that what must be set beside it is.
    """
    name = value.strip()
    start = value.find(name)
    host = name.rstrip("/")
    if not rules.maps(host):
        return prefix(rules, name, start, "declared") if has_domain(f"{host}/") else None
    domain = HUB if host in HUB_ALIASES else host
    site = Site(name, start, start + len(name), "declared", Status.UNMAPPED, host=domain, role=Role.PREFIX)
    located = rules.locate_registry(host)
    if located is None:
        return site.left(_PARTED)
    if domain == HUB and not row.is_namespaced:
        return site.left(_LIBRARY)
    if host == row.host:
        return site.left(_HOME.format(row.home))
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
        return Site(written, start, stop, how, Status.LEFT, _API_ROOT, host, role=Role.ADDRESS)
    undecided = rules.undecided(parsed)
    if undecided:
        return Site(written, start, stop, how, Status.LEFT, undecided, host)
    located = rules.locate(parsed, is_declared=how in DECLARED)
    if located and is_too_long(parsed, located):
        return Site(written, start, stop, how, Status.LEFT, TOO_LONG, host)
    if located:
        return moved(written, start, how, located, host)
    status = Status.MIRRORED if rules.mirrors(parsed) else Status.UNMAPPED
    return Site(written, start, stop, how, status, "", host)
