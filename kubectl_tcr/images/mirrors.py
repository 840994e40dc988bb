"""Mirror rules: which source is served by which mirror, and on whose word."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from kubectl_tcr.errors import RuleError
from kubectl_tcr.images import rest
from kubectl_tcr.images.public import Public, public
from kubectl_tcr.images.reference import (
    DOMAIN,
    HUB,
    HUB_ALIASES,
    HUB_LIBRARY,
    LONGEST_PATH,
    PATH,
    Reference,
    has_domain,
)
from kubectl_tcr.images.trusted import Trust, Trusted

# Tencent's own suffixes: a host below them is served inside its network already. Every
# `<name>.tencentcloudcr.com` may be a customer's registry, so none is ever a source of a preset.
DOMESTIC = (".tencentcloudcr.com", ".tencentyun.com")


class Rule(NamedTuple):
    """`source=mirror`: a domain with an optional path prefix, and what takes its place.

    `layer` says where the rule comes from, `standing` and `evidence` what it rests on.
    """

    source: str
    mirror: str
    layer: str = ""
    standing: str = ""
    evidence: str = ""

    def __str__(self) -> str:
        return f"{self.source}={self.mirror}"


class Located(NamedTuple):
    """A mirrored reference: `new` in place of the first `cut` characters of its text."""

    rule: Rule
    cut: int
    new: str


class Rest(NamedTuple):
    """The rule for hosts that no other rule maps, the public ones that are known, and the domains of all mirrors."""

    rule: Rule
    known: Public
    kept: frozenset[str]


class Rules(NamedTuple):
    """Rules in force, at most one for a source, with an index by domain (longest prefix first); what stays as it is."""

    rules: tuple[Rule, ...]
    by_domain: Mapping[str, tuple[tuple[tuple[str, ...], Rule], ...]]
    trusted: Trusted = Trusted()
    rest: Rest | None = None

    @property
    def domains(self) -> frozenset[str]:
        """Every domain a rule maps as a whole or in part, Docker Hub's other names included."""
        names = frozenset(self.by_domain) | (self.rest.known.hosts if self.rest else frozenset())
        return names | HUB_ALIASES if HUB in names else names

    @property
    def suffixes(self) -> tuple[str, ...]:
        """What domains end in that the rule for the rest maps wherever they stand, as `.pkg.dev`."""
        return self.rest.known.suffixes if self.rest else ()

    def maps(self, domain: str) -> bool:
        """Whether a rule maps a domain, as a whole or in part, wherever it stands."""
        name = HUB if domain in HUB_ALIASES else domain
        return name in self.by_domain or bool(self._mirror_of_rest(name))

    def locate(self, reference: Reference, *, is_declared: bool = False) -> Located | None:
        """Where a rule moves a reference, None if none does.

        A rule for a whole repository moves it to a repository; a bare domain is none. The rule for the
        rest goes last. What is no declared image it moves from known public registries only.
        """
        path = tuple(reference.path.split("/"))
        for prefix, rule in self.by_domain.get(reference.domain, ()):
            if path[: len(prefix)] == prefix and (path != prefix or "/" in rule.mirror):
                return _locate(reference, rule, rule.mirror, path[len(prefix) :])
        mirror = self._mirror_of_rest(reference.domain, reference.path, is_declared=is_declared)
        return _locate(reference, self.rest.rule, mirror, path) if self.rest and mirror else None

    def _mirror_of_rest(self, domain: str, path: str = "", *, is_declared: bool = False) -> str:
        """Where the rule for the rest moves a path of a domain; empty for a mirror, for what is trusted, or unknown."""
        rest_ = self.rest
        if rest_ is None or domain.lower() in rest_.kept or domain.lower().endswith(DOMESTIC):
            return ""
        if not (is_declared or rest_.known.has(domain)) or self.trusted.why(domain, path):
            return ""
        return rest.filled(rest_.rule.mirror, domain)

    def undecided(self, reference: Reference) -> str:
        """Why nothing tells which rule moves a reference with a placeholder in its path, empty if that is clear."""
        if reference.open_at < 0:
            return ""
        if reference.implies_library:
            return f"a placeholder decides whether it is below {HUB_LIBRARY}/"
        front = reference.name[: reference.open_at].split("/")[1 if has_domain(reference.name) else 0 :]
        for prefix, rule in self.by_domain.get(reference.domain, ()):
            below = prefix[len(front) - 1 :]
            if below and list(prefix[: len(front) - 1]) == front[:-1] and below[0].startswith(front[-1]):
                return f"a placeholder decides whether the rule for {rule.source} holds"
        return ""

    def locate_registry(self, domain: str) -> Located | None:
        """Where a rule moves a whole domain; None where rules for parts of it move some of its images elsewhere."""
        name = HUB if domain in HUB_ALIASES else domain
        rows = self.by_domain.get(name, ())
        if self.rest and not rows and not self.trusted.parts(name):
            mirror = self._mirror_of_rest(name)
            return Located(self.rest.rule, len(domain), mirror) if mirror else None
        if len(rows) != 1 or rows[0][0]:
            return None
        rule = rows[0][1]
        return Located(rule, len(domain), rule.mirror)

    def parts_below(self, domain: str, path: tuple[str, ...], mover: Rule) -> bool:
        """Whether some of what is named below a path that a rule moves would go elsewhere by itself, or stay."""
        rows = self.by_domain.get(domain, ())
        if any(prefix[: len(path)] == path and prefix != path for prefix, _ in rows):
            return True
        return mover.source == rest.SOURCE and self.trusted.parts(domain)

    def without_rest(self) -> "Rules":
        """The same without the rule for the rest."""
        return self._replace(rules=tuple(_by_host(self.rules)), rest=None)

    def serves(self, domain: str) -> bool:
        """Whether a registry is some rule's mirror as a whole, or inside Tencent's network."""
        return domain.endswith(DOMESTIC) or any(rule.mirror == domain for rule in self.rules)

    def mirrors(self, reference: Reference) -> bool:
        """Whether a reference already stands on some rule's mirror, or inside Tencent's network."""
        if reference.domain.endswith(DOMESTIC):
            return True
        return any(_is_prefix(place, reference.repository) for rule in self.rules for place in written(rule))


def refuse_none(rules: Rules) -> None:
    """Raise RuleError where no rule is in force, for what would then do nothing."""
    if not rules.rules:
        raise RuleError("no rule is in force; name one with --mirror, --preset or --config")


def is_too_long(reference: Reference, located: Located) -> bool:
    """Whether a reference would have a longer path on its mirror than any may have."""
    path = (located.new + reference.name[located.cut :]).partition("/")[2]
    return len(path) > LONGEST_PATH


def _locate(reference: Reference, rule: Rule, mirror: str, behind: tuple[str, ...]) -> Located:
    """Keep what was written of the path behind the prefix that the rule matched."""
    new, kept = mirror, behind
    if reference.implies_library and len(behind) > 1:
        new, kept = f"{new}/{behind[0]}", behind[1:]
    if not kept:
        return Located(rule, len(reference.name), new)
    cut = len(reference.name) - len("/".join(kept))
    return Located(rule, cut - 1, new) if cut else Located(rule, 0, new + "/")


def build(layers: Iterable[Iterable[Rule]], trusted: Iterable[Trust] = ()) -> Rules:
    """Merge layers of rules, the strongest first; what is trusted is moved by a rule of its own only.

    Raises RuleError where one layer gives a source two mirrors, or where rules feed each other.
    """
    merged: dict[str, Rule] = {}
    for layer in layers:
        fresh: dict[str, Rule] = {}
        for rule in layer:
            other = fresh.setdefault(rule.source, rule)
            if other.mirror != rule.mirror:
                raise RuleError(f"{rule.source} has two mirrors: {other.mirror} and {rule.mirror}; keep one")
        for source, rule in fresh.items():
            merged.setdefault(source, rule)
    rules = tuple(merged.values())
    _refuse_feeding(rules)
    trusts = Trusted(tuple(trusted))
    return Rules(rules, _index(rules), trusts, _rest(rules, trusts))


def _rest(rules: Iterable[Rule], trusted: Trusted) -> Rest | None:
    """The rule for the rest, if there is one; the domain of no mirror is foreign."""
    rules = tuple(rules)
    for rule in rules:
        if rule.source == rest.SOURCE:
            kept = frozenset(place.partition("/")[0].lower() for one in rules for place in written(one))
            known = public()
            names = ((host, _canonical(host)) for host in known.hosts)
            stay = frozenset(host for host, name in names if name in kept or trusted.why(name, ""))
            return Rest(rule, known.without(stay), kept)
    return None


def _index(rules: Iterable[Rule]) -> dict[str, tuple[tuple[tuple[str, ...], Rule], ...]]:
    """The rules by domain, the longest prefix first; a source that names an official image goes before one that may."""
    table: dict[str, list[tuple[tuple[str, ...], Rule]]] = {}
    for rule in _by_host(rules):
        for place in places(rule.source):
            domain, *prefix = place.split("/")
            table.setdefault(domain, []).append((tuple(prefix), rule))
    return {domain: tuple(sorted(rows, key=_rank)) for domain, rows in table.items()}


def _by_host(rules: Iterable[Rule]) -> Iterator[Rule]:
    """All rules but the one for the rest."""
    return (rule for rule in rules if rule.source != rest.SOURCE)


def _rank(row: tuple[tuple[str, ...], Rule]) -> tuple[int, int]:
    prefix, rule = row
    return -len(prefix), -len(rule.source)


def _refuse_feeding(rules: tuple[Rule, ...]) -> None:
    """A second run must change nothing, so no source may match what some rule writes."""
    sources: dict[str, list[tuple[str, Rule]]] = {}
    for rule in _by_host(rules):
        for source in places(rule.source):
            sources.setdefault(source.partition("/")[0], []).append((source, rule))
    for rule in rules:
        for at in written(rule):
            for source, other in sources.get(at.partition("/")[0], ()):
                if _overlap(at, source):
                    raise RuleError(
                        f"rule {rule} writes what rule {other} rewrites, so a second run would change "
                        f"the output again; map {rule.source} to its final mirror and drop one of the two"
                    )


def _canonical(place: str) -> str:
    """A domain with an optional path, Docker Hub's other names made one."""
    domain, slash, path = place.partition("/")
    return (HUB if domain in HUB_ALIASES else domain) + slash + path


def places(text: str) -> tuple[str, ...]:
    """What a source or mirror stands for: on Docker Hub one component is a user and an official image.

    >>> places("docker.io/busybox")
    ('docker.io/busybox', 'docker.io/library/busybox')
    """
    place = _canonical(text)
    domain, _, path = place.partition("/")
    if domain != HUB or path in ("", HUB_LIBRARY) or "/" in path:
        return (place,)
    return (place, f"{HUB}/{HUB_LIBRARY}/{path}")


def written(rule: Rule) -> tuple[str, ...]:
    """The places below which a rule writes."""
    return places(rest.front(rule.mirror) if rule.source == rest.SOURCE else rule.mirror)


def _overlap(one: str, other: str) -> bool:
    """Whether one place lies below the other."""
    return _is_prefix(one, other) or _is_prefix(other, one)


def _is_prefix(prefix: str, text: str) -> bool:
    """Whether `prefix` is a prefix of `text` in whole path components."""
    return text == prefix or text.startswith(prefix + "/")


def parse_rule(text: str, layer: str = "") -> Rule:
    """Read `SOURCE=MIRROR`.

    Raises RuleError, saying what is wrong with which side.
    """
    source, equals, mirror = text.partition("=")
    if not equals:
        raise RuleError(f'rule "{text}" is not SOURCE=MIRROR, as in quay.io=quay.tencentcloudcr.com')
    return make_rule(source, mirror, layer)


def make_rule(source: str, mirror: str, layer: str = "") -> Rule:
    """A rule from its two sides, both checked; `index.docker.io` becomes `docker.io`.

    Raises RuleError.
    """
    source, mirror = source.strip(), mirror.strip()
    if source == rest.SOURCE:
        _check_mirror_of_rest(mirror)
        return Rule(source, mirror, layer)
    if rest.HOST in mirror:
        raise RuleError(
            f'the mirror "{mirror}" of a rule for {source} has {rest.HOST}, which only a rule for * fills in'
        )
    for side, text in (("source", source), ("mirror", mirror)):
        _check_side(side, text)
    return Rule(_canonical(source), mirror, layer)


def _check_mirror_of_rest(mirror: str) -> None:
    _check_side("mirror", mirror.replace(rest.HOST, "host"), mirror)
    problem = rest.flaw(mirror)
    if problem:
        raise RuleError(f'the mirror "{mirror}" of the rule for * {problem}')


def _check_side(side: str, text: str, shown: str = "") -> None:
    domain, slash, prefix = text.partition("/")
    problem = ""
    if not text:
        problem = "is empty"
    elif "://" in text:
        problem = "has a scheme; write the host without it"
    elif "@" in text or ":" in prefix:
        problem = "has a tag or digest; write a host or host/path-prefix"
    elif not DOMAIN.fullmatch(domain) or not has_domain(domain + "/"):
        problem = "does not start with a domain such as quay.io"
    elif text.endswith("/"):
        problem = f"ends in a slash; write {(shown or text).rstrip('/')}"
    elif slash and not PATH.fullmatch(prefix):
        problem = "has a path that no repository can have"
    if problem:
        raise RuleError(f'the {side} "{shown or text}" of a rule {problem}')
