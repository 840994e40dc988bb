"""From the images that a request sets to where the rules move them: variables in CEL, each a list beside `images`.

They say what `images/reference` and `images/mirrors` do; tests hold both together, on real API servers.
"""

from collections.abc import Iterator, Mapping

from kubectl_tcr.errors import RuleError
from kubectl_tcr.images import rest
from kubectl_tcr.images.mirrors import Rest, Rule, Rules
from kubectl_tcr.images.reference import HUB, HUB_LIBRARY, LONGEST_PATH
from kubectl_tcr.policy import cel, grammar, trust
from kubectl_tcr.policy.cel import Entry, Named, string


def names() -> Iterator[Named]:
    """What each image says: its name, and the place in full."""
    values = {"HAS_HOST": grammar.HAS_HOST, "IN_FULL": grammar.IN_FULL, "SHORT": grammar.SHORT}
    values |= {"LONG_TAG": grammar.LONG_TAG, "DIGEST": grammar.DIGEST_AT_END, "NAME": grammar.NAME}
    yield Named("names", cel.template("names", LONGEST=str(LONGEST_PATH), **values))
    values = {"HAS_HOST": grammar.HAS_HOST, "HUB_HOSTS": grammar.HUB_HOSTS, "OFFICIAL": grammar.OFFICIAL}
    yield Named("places", cel.template("places", HUB=HUB, LIBRARY=HUB_LIBRARY, **values))


def moved(rules: Rules, *, may_exclude: bool) -> Iterator[Named]:
    """Where each image goes, the image itself where it stays; raises RuleError for what CEL cannot say."""
    mirrors = dict(_sources(rules))
    if mirrors:
        yield Named("rules", "// Each source, and its mirror.\n" + cel.mapping(_by_layer(mirrors)))
        yield Named("sources", cel.template("sources", PREFIXES=grammar.prefixes(mirrors)))
    if rules.rest:
        yield from _of_rest(rules.rest)
    cases = "\n".join([*([cel.template("case-source")] if mirrors else []), *_case_of_rest(rules.rest)])
    yield Named("mirrored", cel.template("mirrored", CASES=cases))
    unless = " || variables.excluded[i]" if may_exclude else ""
    yield Named("moved", cel.template("moved", LONGEST=str(LONGEST_PATH), UNLESS=unless))


def _sources(rules: Rules) -> Iterator[tuple[str, Rule]]:
    """Each source in full, and the rule that goes first for it."""
    for domain, found in rules.by_domain.items():
        first: dict[tuple[str, ...], Rule] = {}
        for prefix, rule in found:
            goes_first = first.setdefault(prefix, rule)
            if goes_first is rule:
                yield "/".join((domain, *prefix)), rule
            elif "/" not in goes_first.mirror and "/" in rule.mirror:
                # For what is below it the first goes, for the repository itself the second.
                raise RuleError(
                    f"a policy cannot hold rule {goes_first} beside {rule}: map {goes_first.source} to a path too"
                )


def _by_layer(mirrors: Mapping[str, Rule]) -> Iterator[Entry]:
    """Sources and mirrors as a map has them, those that one layer asks for together."""
    for layer in dict.fromkeys(rule.layer for rule in mirrors.values()):
        yield Entry(why=f"By {layer}:") if layer else Entry(why="By rules:")
        for source, rule in mirrors.items():
            if rule.layer == layer:
                yield Entry(source, rule.mirror, "" if source == rule.source else f"as {rule.source}")


def _of_rest(rest_: Rest) -> Iterator[Named]:
    """What the rule for the rest asks of each place, beside whether it is trusted."""
    hosts = ",\n".join(map(string, sorted(rest_.kept)))
    yield Named("hosts", cel.template("hosts"))
    yield Named("kept", cel.template("kept", DOMESTIC=trust.DOMESTIC_PATTERN, HOSTS=hosts))


def _case_of_rest(rest_: Rest | None) -> Iterator[str]:
    if rest_:
        front, back = (string(part) for part in rest_.rule.mirror.split(rest.HOST))
        yield cel.template("case-rest", RULE=str(rest_.rule), FRONT=front, BACK=back)
