"""What is fine where it is: places that are trusted, and those on mirrors."""

from collections.abc import Iterator

from kubectl_tcr.images.mirrors import DOMESTIC, Rules, written
from kubectl_tcr.images.reference import HUB, HUB_LIBRARY
from kubectl_tcr.images.trusted import PRIVATE, Trust
from kubectl_tcr.policy import budget, cel, globs, grammar
from kubectl_tcr.policy.cel import Entry, Line, Named, matches

# Inside Tencent's network, of a host or a place.
DOMESTIC_PATTERN = f"^[^/]*(?:{'|'.join(map(globs.escaped, DOMESTIC))})(?:/|$)"
_PORT = r"(?::\d+)?"
# What is trusted without being asked for: patterns of places in lower case.
BY_DEFAULT = {
    rf"^(?:\d{{1,3}}(?:\.\d{{1,3}}){{3}}|\[[0-9a-f:]+\]){_PORT}/": "an IP address",
    rf"^[^./:]+{_PORT}/": "a name without a dot",
    rf"^[^/:]*(?:{'|'.join(map(globs.escaped, PRIVATE))}){_PORT}/": "no public name",
}


def trusted(rules: Rules) -> Named:
    """Whether each place is trusted; raises RuleError where that would cost too much."""
    patterns = (*BY_DEFAULT.items(), *_asked(rules))
    lines = [Line(matches("p", pattern), why, budget.of_pattern(pattern)) for pattern, why in patterns]
    budget.check(lines, budget.TRUSTED)
    return Named("trusted", cel.template("trusted", CONDITIONS=cel.either(lines)))


def standing(rules: Rules) -> Iterator[Named]:
    """Whether each place is on a mirror, or inside Tencent's network."""
    if not rules.rules:
        yield Named("standing", cel.template("standing-domestic", DOMESTIC=DOMESTIC_PATTERN))
        return
    mirrors = {place: str(rule) for rule in rules.rules for place in written(rule)}
    entries = (Entry(place, rule) for place, rule in mirrors.items())
    yield Named("mirrors", "// Each mirror, and the rule that names it.\n" + cel.mapping(entries))
    yield Named("standing", cel.template("standing", DOMESTIC=DOMESTIC_PATTERN, PREFIXES=grammar.prefixes(mirrors)))


def patterns(trust: Trust) -> Iterator[str]:
    """Patterns of places in lower case that are trusted where one holds: see `Trust.holds`."""
    host, _, path = trust.glob.partition("/")
    # Without a port the glob is compared with the host alone.
    front = globs.part(host, "[^/]") if trust.names_port else globs.part(host, "[^/:]") + _PORT
    if not path:
        yield f"^{front}/"
        return
    yield f"^{front}/{globs.part(path)}(?:/.*)?$"
    if trust.is_for(HUB) and "/" not in path:
        yield f"^{globs.escaped(HUB)}/{HUB_LIBRARY}/{globs.part(path)}$"


def _asked(rules: Rules) -> Iterator[tuple[str, str]]:
    """The patterns of what the user trusts, each with who says so."""
    for trust in rules.trusted.asked:
        why = f"{trust}, {trust.layer}" if trust.layer else str(trust)
        yield from ((pattern, why) for pattern in patterns(trust))
