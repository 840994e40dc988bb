"""From one string to the references it holds, as sites of that string.

Spans and edits count characters of the string; nothing here knows how it is spelled.
"""

import re
from collections.abc import Callable, Iterator

from kubectl_tcr import text
from kubectl_tcr.mirrors import Rules
from kubectl_tcr.patterns import lazy
from kubectl_tcr.reference import HUB, GrammarError, Reference, has_domain, parse, parse_template
from kubectl_tcr.site import Site, Status
from kubectl_tcr.splice import Edit

# Plain scalars that YAML 1.1 reads as something else than a string (yaml.org/type).
_NO_STRING = lazy(
    r"(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE|[yYnN]|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF"
    r"|[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9_]+(?:[eE][-+]?[0-9]+)?"
    r"|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|\.(?:inf|Inf|INF))|\.(?:nan|NaN|NAN))?"
)
# A host with a dot, a path, and a tag or digest: a shape that nobody mistakes for something else.
# It begins where a word does, or a search would try every character of a long one.
FOREIGN = lazy(r"(?<![\w.-])[a-zA-Z0-9][\w-]*+(?:\.[\w-]+)++(?::\d+)?/[\w./-]++(?::[\w.-]++|@\w+:[0-9a-f]{32,})+")

# Istio's sidecar injector replaces this name by the proxy's image.
_ISTIO_AUTO = "auto"

_TAGGED = lazy(r"[^/]:[^/]+$|@")
_ADDRESS = "the address of a repository, not an image"
_API_ROOTS = frozenset({"library/v1", "library/v2"})

Parser = Callable[[str], Reference]


def is_string(value: str, *, is_plain: bool) -> bool:
    """Whether Kubernetes reads a scalar as a string that is not empty."""
    return bool(value) and not (is_plain and _NO_STRING.fullmatch(value))


def declared(rules: Rules, value: str, how: str) -> Site | None:
    """The site of a value that an API declares an image."""
    name = value.strip()
    if not name or name == _ISTIO_AUTO:
        return None
    return reference(rules, name, value.index(name), how, parse_template)


def whole(rules: Rules, hosts: re.Pattern[str], value: str, before: str, *, is_address: bool) -> Site | None:
    """The site of a value that is nothing but a reference with a mapped host, or a foreign one.

    `before` is the argument in front of it.
    """
    name = value.strip()
    start = value.find(name)
    found = next(text.tokens(name, hosts, before), None)
    if found and found.start == 0 and found.stop == len(name):
        if found.reason == text.PUSHED:
            return left(found, found.reason, start)
        if is_address and not _TAGGED.search(name):
            return left(found, _ADDRESS, start)
        return reference(rules, name, start, "value", parse_template)
    if not found and not is_address and FOREIGN.fullmatch(name):
        site = reference(rules, name, start, "value", parse)
        return site if site.status in (Status.UNMAPPED, Status.MIRRORED) else None
    return None


def in_text(rules: Rules, hosts: re.Pattern[str], value: str, before: str = "") -> Iterator[Site]:
    """The sites of tokens in a longer string; `before` is the argument in front of it."""
    for token in text.tokens(value, hosts, before):
        yield (
            left(token, token.reason)
            if token.reason
            else reference(rules, token.text, token.start, "text", parse_template)
        )


def untouched(hosts: re.Pattern[str], value: str, reason: str) -> Iterator[Site]:
    """All tokens of a string that stays for one reason."""
    for token in text.tokens(value, hosts):
        yield left(token, reason)


def left(token: text.Token, reason: str, offset: int = 0) -> Site:
    """A token that looked like an image and stays."""
    return Site(token.text, token.start + offset, token.stop + offset, "text", Status.LEFT, reason)


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
    located = rules.locate(parsed)
    if located:
        edits = (Edit(start, start + located.cut, located.new),)
        after = located.new + written[located.cut :]
        return Site(written, start, stop, how, Status.REWRITTEN, "", host, after, located.rule, edits)
    status = Status.MIRRORED if rules.mirrors(parsed) else Status.UNMAPPED
    return Site(written, start, stop, how, status, "", host)
