"""What a policy consists of, whatever evaluates it."""

from collections.abc import Iterator
from typing import NamedTuple

from kubectl_tcr.images.mirrors import refuse_none
from kubectl_tcr.policy import budget, cel, exclusions, moves, pods, trust
from kubectl_tcr.policy.cel import Named
from kubectl_tcr.policy.wanted import Purpose, Wanted

# What makes an expression long, where that is no rules.
_MADE_OF = {"excluded": budget.EXCLUSIONS, "not-excluded": budget.EXCLUSIONS, "trusted": budget.TRUSTED}


class Parts(NamedTuple):
    """Conditions on pods, and variables in the order in which they use each other."""

    conditions: tuple[Named, ...]
    variables: tuple[Named, ...]


def parts(wanted: Wanted) -> Parts:
    """The parts of a policy; raises RuleError for rules that it cannot hold."""
    if wanted.purpose is Purpose.MOVE:
        refuse_none(wanted.settings.rules)
    made = Parts(tuple(_conditions(wanted)), tuple(_variables(wanted)))
    counts = {
        budget.RULES: len(wanted.settings.rules.rules),
        budget.EXCLUSIONS: len(wanted.settings.excludes),
        budget.TRUSTED: len(wanted.settings.rules.trusted.asked),
    }
    for named in (*made.conditions, *made.variables):
        what = _MADE_OF.get(named.name, budget.RULES)
        budget.refuse_long(named.expression, counts[what], what)
    return made


def _conditions(wanted: Wanted) -> Iterator[Named]:
    if wanted.purpose is Purpose.MOVE:  # a gate does not heed what whoever makes the pod can set
        yield from pods.not_mirrored(wanted.settings.rules)
        yield pods.not_static()
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
    shown = cel.template("shown") if may_move else "''"
    return Named("foreign", cel.template("foreign", NOR=nor, UNLESS=unless, SHOWN=shown))
