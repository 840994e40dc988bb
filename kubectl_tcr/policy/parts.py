"""What a policy consists of, whatever evaluates it."""

from collections.abc import Iterator
from typing import NamedTuple

from kubectl_tcr.errors import RuleError
from kubectl_tcr.policy import cel, exclusions, moves, pods, trust
from kubectl_tcr.policy.cel import Named
from kubectl_tcr.policy.wanted import Purpose, Wanted

# The longest text that the parser of CEL takes, in characters (cel-go, parser/options.go).
LONGEST_EXPRESSION = 100_000


class Parts(NamedTuple):
    """Conditions on pods, and variables in the order in which they use each other."""

    conditions: tuple[Named, ...]
    variables: tuple[Named, ...]


def parts(wanted: Wanted) -> Parts:
    """The parts of a policy; raises RuleError for rules that it cannot hold."""
    if wanted.purpose is Purpose.MOVE and not wanted.settings.rules.rules:
        raise RuleError("no rule is in force; name one with --mirror, --preset or --config")
    made = Parts(tuple(_conditions(wanted)), tuple(_variables(wanted)))
    for named in (*made.conditions, *made.variables):
        if len(named.expression) >= LONGEST_EXPRESSION:  # as a block of YAML it ends in a line break, one more
            raise RuleError(_too_long(wanted, named))
    return made


def _conditions(wanted: Wanted) -> Iterator[Named]:
    yield pods.not_static()
    if wanted.purpose is Purpose.MOVE:  # a gate does not heed what whoever makes the pod can set
        yield pods.not_ignored()
    excludes = exclusions.of_pods(wanted.settings.excludes)
    if excludes:
        yield exclusions.not_excluded(excludes)


def _variables(wanted: Wanted) -> Iterator[Named]:
    rules, is_move = wanted.settings.rules, wanted.purpose is Purpose.MOVE
    excludes = exclusions.of_images(wanted.settings.excludes)
    yield pods.images()
    yield from moves.names()
    if excludes:
        yield from exclusions.excluded(excludes)
    if rules.rest or not is_move:
        yield trust.trusted(rules)
    if rules.rules:
        yield from moves.moved(rules, may_exclude=bool(excludes))
    if not is_move:
        yield from trust.standing(rules)
        yield _foreign(may_move=bool(rules.rules), may_exclude=bool(excludes))


def _foreign(*, may_move: bool, may_exclude: bool) -> Named:
    """What is pulled from abroad, in words."""
    nor, unless = (" nor excluded", " || variables.excluded[i]") if may_exclude else ("", "")
    shown = cel.template("shown") if may_move else "e.image"
    return Named("foreign", cel.template("foreign", NOR=nor, UNLESS=unless, SHOWN=shown))


def _too_long(wanted: Wanted, named: Named) -> str:
    count = len(wanted.settings.rules.rules)
    return (
        f"a policy cannot hold these {count} rules: {named.name} would have {len(named.expression):,} characters, "
        f"and CEL takes {LONGEST_EXPRESSION:,}; map whole hosts, or by *=MIRROR/{{host}} the rest"
    )
