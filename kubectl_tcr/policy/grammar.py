"""The grammar of references as patterns of RE2, made from those of `images/reference`."""

from collections.abc import Iterable

from kubectl_tcr.images.reference import DIGEST, DOMAIN, HUB_ALIASES, PATH
from kubectl_tcr.policy.globs import escaped

# Whatever stands in front of tag and digest in what is a reference.
NAME = r"^(?:[^/@]+/)*[^/:@]+"
# A first component is a host only if it says so (splitDockerDomain).
HAS_HOST = r"^(?:[^/]*[.:A-Z][^/]*|localhost)/"
_HUB = f"(?:{'|'.join(map(escaped, sorted(HUB_ALIASES)))})/"
HUB_HOSTS = f"^{_HUB}"
# One component on Docker Hub.
OFFICIAL = r"^docker\.io/[^/]+$"
# What Istio's injector replaces, and the roots of Docker Hub's API.
NO_IMAGE = f"^(?:auto|{_HUB}(?:library/)?v[12](?:[:@].*)?)$"
# A reference by its looks, with a host and without. Lengths are asked for apart: RE2 is slow where a pattern counts to
# a hundred. It never backtracks, so that possessive quantifiers are left out.
_BEHIND = rf"{PATH.pattern}(?::\w[\w.-]*)?(?:@[^@]*)?$".replace("++", "+").replace("*+", "*")
IN_FULL = f"^{DOMAIN.pattern}/{_BEHIND}"
SHORT = f"^{_BEHIND}"
LONG_TAG = r":[\w.-]{129,}(?:@|$)"
DIGEST_AT_END = f"@(?:{DIGEST.pattern})$"


def prefixes(places: Iterable[str]) -> str:
    """The beginnings of a place `p` that are as long as some of these places, the longest first, a line each."""
    counts = sorted({place.count("/") + 1 for place in places}, reverse=True)
    return ",\n".join(f"p.find(r'{components(count)}')" for count in counts)


def components(count: int) -> str:
    """The first components of a place.

    >>> components(3)
    '^[^/]+(?:/[^/]+){2}'
    """
    return f"^[^/]+(?:/[^/]+){{{count - 1}}}" if count > 1 else "^[^/]+"
