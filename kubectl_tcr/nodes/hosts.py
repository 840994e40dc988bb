"""Mirror rules as a node knows them: per host of an image address, no finer."""

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import NamedTuple

from kubectl_tcr.errors import RuleError
from kubectl_tcr.images.mirrors import Rule, Rules, refuse_none
from kubectl_tcr.images.reference import HUB

# Docker Hub's registry has another name than its images.
HUB_SERVER = "registry-1.docker.io"


# What no shell and no hosts.toml takes for its own.
_PLAIN_PATH = re.compile(r"/[\w./+@:-]+", re.ASCII)


class Ways(NamedTuple):
    """How mirrors are asked: the domains without TLS, and whether the source is left alone if none serves.

    `ca` has the file of the authority that a mirror's certificate is signed by, as the node has it, by its domain.
    """

    plain_http: Collection[str] = ()
    no_fallback: bool = False
    ca: Mapping[str, str] = MappingProxyType({})

    @property
    def alone(self) -> str:
        """Whether the source is left alone, as the script knows it."""
        return "yes" if self.no_fallback else ""


PLAIN = Ways()


class Host(NamedTuple):
    """A host of image addresses and the mirror that is asked in its place.

    `prefix` is the path below which the mirror keeps the images, empty for none; `scheme` is that of the mirror, `ca`
    the file of its authority, empty for the system's. The source is always https, and is asked if the mirror does not
    serve, unless `is_alone`.
    """

    source: str
    mirror: str
    prefix: str = ""
    scheme: str = "https"
    is_alone: bool = False
    ca: str = ""

    @property
    def server(self) -> str:
        """Where the source itself answers."""
        return "https://" + (HUB_SERVER if self.source == HUB else self.source)

    @property
    def root(self) -> str:
        """The mirror without its prefix, as a URL."""
        return f"{self.scheme}://{self.mirror}"

    @property
    def endpoint(self) -> str:
        """The mirror as a URL; a prefix makes it the root of the registry API."""
        return f"{self.root}/v2/{self.prefix}" if self.prefix else self.root


def host(rule: Rule, ways: Ways = PLAIN) -> Host:
    """A rule as a mirror."""
    mirror, _, prefix = rule.mirror.partition("/")
    scheme = "http" if mirror in ways.plain_http else "https"
    return Host(rule.source, mirror, prefix, scheme, ways.no_fallback, ways.ca.get(mirror, ""))


def hosts(rules: Rules, ways: Ways = PLAIN) -> tuple[Host, ...]:
    """The mirrors of whole hosts, in the order of the rules.

    Raises RuleError where a rule is for a part of a host: runtimes choose a mirror by host alone.
    """
    for rule in rules.rules:
        if "/" in rule.source:
            domain = rule.source.partition("/")[0]
            raise RuleError(
                f"rule {rule} is for a part of {domain}, and this runtime chooses mirrors by host alone; "
                f"map {domain} as a whole, or rewrite these references in manifests (kubectl tcr-rewrite)"
            )
    check(rules, ways)
    return tuple(host(rule, ways) for rule in rules.rules)


def check(rules: Rules, ways: Ways) -> None:
    """Raises RuleError for a domain that is no rule's mirror, as a typing error would go unseen, and for no rules."""
    known = {rule.mirror.partition("/")[0] for rule in rules.rules}
    for name in ways.plain_http:
        if name not in known:
            raise RuleError(f"--plain-http {name}: no rule has that mirror; there are: {', '.join(sorted(known))}")
    for name, file in ways.ca.items():
        if name not in known or name in ways.plain_http:
            named = ", ".join(sorted(known - set(ways.plain_http)))
            raise RuleError(f"--ca {name}={file}: no rule has that mirror with TLS; there are: {named}")
        if not _PLAIN_PATH.fullmatch(file):
            raise RuleError(f"--ca {name}={file}: is not the absolute path of a file on the node, in plain letters")
    refuse_none(rules)


def refuse_ca(ways: Ways, way: str) -> None:
    """Raises RuleError for an authority, and says where a runtime has it; `{mirror}` and `{file}` are filled in."""
    for mirror, file in ways.ca.items():
        raise RuleError(f"--ca is for containerd's hosts.toml; here {way.format(mirror=mirror, file=file)}")
