"""`make fuzz`: judges mutants and prints what came of them as a table; status 1 where a law is broken."""

import argparse
import sys
import time
from pathlib import Path

from fuzz import classes
from fuzz.mutants import mutant
from fuzz.oracle import NAMES, folder
from fuzz.run import NOTHING, Plan, Seen, Wrong, judge, processors, run, smallest

# So many troubles are made small, and so long each, in seconds.
_SHOWN = 12
_SHRINKING = 20
_TOLD_EVERY = 60


def main() -> int:
    """Carry out the command line."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--mutants", type=int, default=0, help="so many")
    size.add_argument("--minutes", type=float, default=1, help="as many as there is time for (1)")
    size.add_argument("--hours", type=float, help="the same for long runs")
    parser.add_argument("--seed", type=int, default=0, help="another one gives other mutants (0)")
    parser.add_argument("--first", type=int, default=0, help="begin with the mutant of this number")
    parser.add_argument("--processes", type=int, default=processors())
    parser.add_argument("--file", type=Path, help="judge this file and nothing else")
    parser.add_argument("--show", type=int, help="write the mutant of this number to standard output and nothing else")
    asked = parser.parse_args()
    if asked.show is not None:
        sys.stdout.buffer.write(mutant(asked.seed, asked.show).source)
        return 0
    missing = [name for name in NAMES if not (folder() / name).exists()]
    if missing:
        print(f"{missing[0]} is not installed; run scripts/install-tools yaml-oracle", file=sys.stderr)
        return 2
    if asked.file:
        return _one(asked.file.read_bytes())
    seconds = asked.hours * 3600 if asked.hours else asked.minutes * 60
    return _many(Plan(asked.seed, asked.first, asked.mutants, seconds), asked.processes)


def _one(source: bytes) -> int:
    verdict = judge().judge(source)
    known = classes.of(source, verdict) if verdict.is_open else None
    print(known.name if known else verdict)
    return int(verdict.is_open and not known)


def _many(plan: Plan, processes: int) -> int:
    begun = told = time.monotonic()
    seen = NOTHING
    for batch in run(plan, processes):
        seen = seen.add(batch)
        if time.monotonic() - told > _TOLD_EVERY:
            told = time.monotonic()
            print(f"{seen.mutants} mutants, {len(seen.wrong)} wrong", file=sys.stderr)
    print(_table(seen))
    print(f"\n{seen.mutants} mutants of seed {plan.seed}, from {plan.first} on; {time.monotonic() - begun:.0f} s")
    if not seen.wrong:
        return 0
    print(f"\n{len(seen.wrong)} mutants are wrong")
    for count, (one, small) in enumerate(smallest(seen.wrong, _SHRINKING), start=1):
        _show(one, small)
        if count == _SHOWN:
            break
    return 1


def _table(seen: Seen) -> str:
    """The figures as a table in Markdown."""
    reasons = {one.name: f"{one.name}: {one.reason}" for one in classes.CLASSES}
    rows = [("both", name, count) for name, count in seen.kinds.most_common()]
    rows += [("one alone", reasons[name], count) for name, count in seen.known.most_common()]
    rows += [("wrong", "what stands below", len(seen.wrong))]
    lines = [f"| {who} | {what} | {count:,} |" for who, what, count in rows]
    return "\n".join(["| read by | what | mutants |", "|---|---|---|", *lines])


def _show(one: Wrong, small: bytes) -> None:
    verdict = one.verdict
    print(f"\nmutant {one.number}: {verdict.kind}")
    for who, message in (("we say", verdict.ours), ("kubectl says", verdict.theirs)):
        if message:
            print(f"  {who}: {message}")
    print(f"  {small!r}")


if __name__ == "__main__":
    sys.exit(main())
