"""Registries that are fine as they are, and so not foreign."""

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import NamedTuple

from kubectl_tcr.errors import RuleError
from kubectl_tcr.images.reference import HUB, HUB_ALIASES
from kubectl_tcr.text.patterns import lazy
from kubectl_tcr.text.tables import rows

# All rows of the shipped table at once.
MAINLAND = "mainland"

_ADDRESS = lazy(r"(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:]+\])(?::\d+)?")
_PORT = lazy(r":[0-9*?]+\Z")
# Names that no public DNS answers for, as in RFC 6761, RFC 6762 and Kubernetes' services.
PRIVATE = (".svc", ".local", ".localhost", ".internal")
BY_DEFAULT = f"IP addresses, names without a dot (registry:5000), names below {', '.join(PRIVATE)}"

_HOST = lazy(r"[\w.*?-]+(?::[0-9*?]+)?", re.ASCII)
_PATH = lazy(r"[a-z0-9._*?-]+(?:/[a-z0-9._*?-]+)*")
_WORD = lazy(r"[\w-]+", re.ASCII)


class Trust(NamedTuple):
    """A glob of hosts, or of hosts and paths, that are trusted.

    `layer` says who asked for it; `name`, `who` and `evidence` stand in the shipped table.
    """

    glob: str
    layer: str = ""
    name: str = ""
    who: str = ""
    evidence: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.glob}" if self.name else self.glob

    def holds(self, domain: str, path: str) -> bool:
        """Whether it trusts a path of a domain, both canonical.

        The host is compared with the domain, a glob without a port with that of any port. A path is
        one of whole components, below which all is trusted; only there `*` crosses `/`.
        """
        _, _, below = self.glob.partition("/")
        return self.is_for(domain) and (not below or any(fnmatchcase(path, one) for one in _below(domain, below)))

    def is_for(self, domain: str) -> bool:
        """Whether its host is that of a domain in lower case."""
        host = self.glob.partition("/")[0]
        return fnmatchcase(domain if self.names_port else _PORT.sub("", domain), host)

    @property
    def names_port(self) -> bool:
        """Whether it is for hosts with a certain port; otherwise it is for those with any."""
        return _PORT.search(self.glob.partition("/")[0]) is not None


def _below(domain: str, glob: str) -> Iterator[str]:
    """A glob of paths, and of what is below them; on Docker Hub one component is an official image too."""
    yield from (glob, f"{glob}/*")
    if domain == HUB and "/" not in glob:
        yield f"library/{glob}"


class Trusted(NamedTuple):
    """All that is trusted, beside what is by default."""

    asked: tuple[Trust, ...] = ()

    def why(self, domain: str, path: str) -> str:
        """Why a path of a domain is trusted, empty if it is not."""
        domain = domain.lower()
        if _is_private(domain):
            return "no public name"
        return next((str(one) for one in self.asked if one.holds(domain, path)), "")

    def parts(self, domain: str) -> bool:
        """Whether some paths of a domain are trusted by themselves."""
        return any("/" in one.glob and one.is_for(domain.lower()) for one in self.asked)


def _is_private(domain: str) -> bool:
    if _ADDRESS.fullmatch(domain):
        return True
    host = _PORT.sub("", domain)
    return "." not in host or host.endswith(PRIVATE)


@cache
def mainland() -> Mapping[str, tuple[Trust, ...]]:
    """The shipped registries of mainland China by name; read by the first use."""
    return {name: tuple(found) for name, *found in _read(rows("mainland.txt", __file__))}


def _read(lines: Iterable[str]) -> Iterator[tuple[str, *tuple[Trust, ...]]]:
    for line in lines:
        name, globs, who, evidence = (word.strip() for word in line.split("|"))
        yield name, *(Trust(glob, "", name, who, evidence) for glob in globs.split())


def parse_trusted(text: str, layer: str = "") -> tuple[Trust, ...]:
    """What `GLOB`, the name of a shipped registry, or `mainland` trusts.

    Raises RuleError, saying what is wrong with it.
    """
    text = text.strip()
    if _WORD.fullmatch(text) and text != "localhost":
        return tuple(one._replace(layer=layer) for one in _named(text))
    host, slash, path = text.partition("/")
    problem = _flaw(text, host, path if slash else None)
    if problem:
        raise RuleError(f'the trusted registry "{text}" {problem}')
    host = host.lower()
    return (Trust((HUB if host in HUB_ALIASES else host) + slash + path, layer),)


def _named(name: str) -> tuple[Trust, ...]:
    table = mainland()
    if name == MAINLAND:
        return tuple(one for found in table.values() for one in found)
    if name in table:
        return table[name]
    known = [MAINLAND, *table]
    raise RuleError(f'no trusted registry is called "{name}"{_meant(name, known)}; there are {", ".join(known)}')


def _meant(name: str, known: Iterable[str]) -> str:
    """The near miss of a name, as a question in brackets."""
    from difflib import get_close_matches

    return "".join(f" (did you mean {one}?)" for one in get_close_matches(name.lower(), known, n=1))


def _flaw(text: str, host: str, path: str | None) -> str:
    """What is wrong with a glob, empty if nothing is."""
    if not text:
        return "is empty; name a host, as in registry.example.com or *.example.com"
    if "://" in text:
        return "has a scheme; write the host without it"
    if "@" in text or ":" in (path or ""):
        return "has a tag or digest; write a host or host/path"
    if not _HOST.fullmatch(host):
        return "does not start with a host, or a glob of * and ? for one"
    if path is not None and not _PATH.fullmatch(path):
        return "has a path that no repository can have"
    return ""
