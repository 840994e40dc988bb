"""Registries that serve the public: the shipped table, read by its first use."""

from functools import cache
from typing import NamedTuple

from kubectl_tcr.images.reference import HUB, HUB_ALIASES
from kubectl_tcr.text.tables import rows


class Public(NamedTuple):
    """The hosts of the table, and the suffixes (`.pkg.dev`) of those that have a host for each region or project."""

    hosts: frozenset[str] = frozenset()
    suffixes: tuple[str, ...] = ()

    def has(self, domain: str) -> bool:
        """Whether a domain, as written, is one of them."""
        return domain in self.hosts or ("/" not in domain and domain.endswith(self.suffixes))

    def without(self, domains: frozenset[str]) -> "Public":
        """The same without some hosts."""
        return self._replace(hosts=self.hosts - domains)


@cache
def public() -> Public:
    """All of the table, Docker Hub's other names included."""
    names = [line.partition("|")[0].strip() for line in rows("public.txt", __file__)]
    hosts = frozenset(name for name in names if not name.startswith("*"))
    suffixes = tuple(name[1:] for name in names if name.startswith("*"))
    return Public(hosts | HUB_ALIASES if HUB in hosts else hosts, suffixes)
