"""What a run says in words: the rules in force, what they rest on, and the lines it ends with."""

from collections import Counter
from collections.abc import Iterator, Sequence

from kubectl_tcr.images import rest
from kubectl_tcr.images.mirrors import Rule, Rules
from kubectl_tcr.images.trusted import BY_DEFAULT
from kubectl_tcr.kubernetes.roles import Role
from kubectl_tcr.reports.gates import IGNORE
from kubectl_tcr.reports.tally import Tally

# What a suspect may be, as one and as several.
_SUSPECTS = {Role.IMAGE: ("an image", "images"), Role.PREFIX: ("a registry", "registries")}
# What is said in place of counts where there is nothing to count.
NO_DOCUMENT = "there was no document to read"
# And where something was to be found.
NOTHING_CHECKED = "there was no document to read, so nothing was checked"
# How many rules a line names.
_MOST_RULES = 3
# How alike two hosts are of which one may be meant for the other, as qauy.io for quay.io.
_ALIKE = 0.8
# How many rules are compared with what was seen.
_MOST_COMPARED = 200


def lines(tally: Tally, rules: Rules, unasked: str = "", *, is_written: bool = True) -> Iterator[str]:
    """The lines that a run ends with on standard error.

    `unasked` is the layer of the rules that nobody asked for; `is_written` tells whether anything was written.
    """
    if not tally.documents:
        yield NO_DOCUMENT
        return
    change = "changed" if is_written else "to change"
    items = f" ({counted(tally.changed_items, 'resource')} {change} in lists)" if tally.changed_items else ""
    yield (
        f"{counted(tally.rewritten, 'reference')} {'rewritten' if is_written else 'to rewrite'} in "
        f"{tally.changed_documents} of {counted(tally.documents, 'document')}{items}"
    )
    yield from _off_mirrors(tally)
    asked = [rule for rule in rules.rules if rule.layer != unasked]
    moved_too = [rule.source for rule in rules.rules if rule.layer == unasked and rule.source in tally.used]
    unused = [rule for rule in asked if rule.source not in tally.used]
    seen = [*tally.hosts, *moved_too]
    if unused and seen and not tally.mirrored:
        yield from _unmatched(unused, seen, is_all=not tally.used)
    if asked and moved_too:
        by = unasked.removeprefix("preset ")
        yield f"{', '.join(moved_too)} moves too, by the {by} preset; --preset none leaves it"
    yield from _secrets(tally)


def failed(errors: Sequence[object], inputs: Sequence[object]) -> Iterator[str]:
    """How many inputs failed, where some of several did and each was named."""
    if errors and len(inputs) > 1:
        yield f"{len(errors)} of {counted(len(inputs), 'input')} failed, as told above"


def configuration(file: str) -> Iterator[str]:
    """The configuration file that a run goes by, if there is one."""
    if file:
        yield f"configuration {file}"


def _unmatched(unused: Sequence[Rule], seen: Sequence[str], *, is_all: bool) -> Iterator[str]:
    """One line about rules that matched nothing: which host was meant, or, if none matched anything, just that."""
    near = _near_miss(unused, seen)
    if near:
        yield near
    elif is_all:
        named = ", ".join(f"{rule} ({rule.layer})" for rule in unused[:_MOST_RULES])
        more = len(unused) - _MOST_RULES
        yield f"no rule matched anything: {named}{f' and {more} more' if more > 0 else ''}"


def _near_miss(unused: Sequence[Rule], seen: Sequence[str]) -> str:
    """A rule whose host looks like one that was seen, and that host; one that is known to exist is no slip."""
    from difflib import get_close_matches

    from kubectl_tcr.images.public import public

    for rule in unused[:_MOST_COMPARED]:
        host = rule.source.partition("/")[0]
        if host not in seen and not public().has(host):
            for meant in get_close_matches(host, seen, n=1, cutoff=_ALIKE):
                return f"rule {rule} ({rule.layer}) matched nothing; did you mean {meant}?"
    return ""


def warnings(tally: Tally) -> Iterator[str]:
    """What a run has broken, or may have, outside of what it changed."""
    for name in sorted(tally.match_keys.keys() & tally.repositories):
        kind = tally.match_keys[name]
        yield f"{_a(kind)} matches images by the name {name}, which was rewritten: run after the build instead"
    if tally.patterns:
        from kubectl_tcr.reports.matching import broken

        for resource, pattern, name in broken(tally.patterns, tally.repositories):
            yield f"{resource} matches images by {pattern}, and {name} was rewritten: it no longer matches"


def _secrets(tally: Tally) -> Iterator[str]:
    """The pull secrets that must hold for other hosts now."""
    for (resource, secret), mirrors in tally.secrets.items():
        yield f"{resource} pulls with the secret {secret}: does it hold credentials for {', '.join(sorted(mirrors))}?"


def _off_mirrors(tally: Tally) -> Iterator[str]:
    """What is pulled from no mirror, as far as that can be known."""
    if tally.hosts:
        yield f"no mirror for {listed(tally.hosts)}"
    for where, left in (("at a declared field", tally.left_declared), ("elsewhere", tally.left_elsewhere)):
        if left:
            yield f"left {where}: {left.total()} ({listed(left)})"
    if tally.suspected and tally.gates.suspected != IGNORE:
        found = (f"{number} may be {_SUSPECTS[role][number > 1]}" for role, number in tally.suspected.most_common())
        yield f"suspected: {' and '.join(found)}; -v names them, and how to declare them"


def listed(numbers: Counter[str]) -> str:
    """What was counted, the most frequent first."""
    return ", ".join(f"{what} ({number})" for what, number in numbers.most_common())


def _a(noun: str) -> str:
    return f"an {noun}" if noun[:1] in "AEIOU" else f"a {noun}"


def counted(number: int, noun: str) -> str:
    """A number and what it counts."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def evidence(rules: Rules) -> Sequence[str]:
    """The rules in force with what they rest on, and the sources that have none on record."""
    from kubectl_tcr.images.presets import UNMIRRORED

    lines = []
    for rule in rules.rules:
        lines.append(f"{rule.source} -> {rule.mirror}")
        lines.append(f"    from      {rule.layer}")
        if rule.source == rest.SOURCE:
            lines.append("    for       any host of declared images; elsewhere those of images/public.txt")
        if rule.standing:
            lines += [f"    standing  {rule.standing}", f"    evidence  {rule.evidence}"]
    known = rules.domains
    unknown = (row for row in UNMIRRORED if row.source not in known and not rules.trusted.why(row.source, ""))
    lines += [f"{row.source} -> no mirror on record ({row.why})" for row in unknown]
    return [*lines, *_trusted(rules)]


def _trusted(rules: Rules) -> Iterator[str]:
    """What is trusted, on whose word and with what evidence."""
    for one in rules.trusted.asked:
        yield f"{one.glob} is trusted"
        yield f"    from      {one.layer}"
        if one.name:
            yield f"    name      {one.name} ({one.who})"
            yield f"    evidence  {one.evidence}"
    yield f"{BY_DEFAULT} are trusted"
    yield "    from      default"
