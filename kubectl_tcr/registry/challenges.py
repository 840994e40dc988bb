"""What a registry wants to know: the header WWW-Authenticate (RFC 9110, 11.6.1; distribution's token specification)."""

import re
from typing import NamedTuple

# A scheme, or a parameter of the one in front of it. Quoted strings may hold escapes.
_PART = re.compile(r"""([\w!#$%&'*+.^`|~-]++)(?:\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^\s",]++)))?""", re.ASCII)
_ESCAPED = re.compile(r"\\(.)")
# Longer headers than registries send.
_LONGEST = 8 << 10


class Challenge(NamedTuple):
    """A way to say who asks: `bearer` with a realm that gives tokens for scopes, or `basic`."""

    scheme: str
    realm: str = ""
    service: str = ""
    scopes: tuple[str, ...] = ()


def chosen(header: str) -> Challenge | None:
    """The way to go of those that a header names: Bearer, else Basic, None for neither.

    >>> chosen('Basic realm="x", Bearer realm="https://t.io/token",service="s",scope="repository:a:pull"')
    Challenge(scheme='bearer', realm='https://t.io/token', service='s', scopes=('repository:a:pull',))
    """
    named = _schemes(header[:_LONGEST])
    scheme = next((one for one in ("bearer", "basic") if one in named), None)
    if scheme is None:
        return None
    fields = named[scheme]
    return Challenge(scheme, fields.get("realm", ""), fields.get("service", ""), tuple(fields.get("scope", "").split()))


def _schemes(header: str) -> dict[str, dict[str, str]]:
    named: dict[str, dict[str, str]] = {}
    fields: dict[str, str] = {}
    for name, quoted, bare in _PART.findall(header):
        if quoted or bare:
            fields.setdefault(name.lower(), _ESCAPED.sub(r"\1", quoted) or bare)
        else:
            fields = named.setdefault(name.lower(), {})
    return named
