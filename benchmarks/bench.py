"""Measures the installed kubectl-tcr_rewrite beside other programs; see README.md beside this file."""

import argparse
import os
import platform
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

import cases
from cases import (
    CASES,
    COMPILED,
    CORPUS,
    GROWTH,
    KUSTOMIZE,
    LIMITS,
    MEMORY,
    OURS,
    PYTHON,
    RATIO,
    SED,
    TENTH,
    THROUGHPUT,
    Absent,
    Case,
    Contender,
)
from generate import cache_folder, cached
from installed import compile_package, program, tool, version
from measure import PATIENCE, Run, digest, floor, run

_MB = 1e6
_QUICK_ROUNDS = 2
_QUICK_PATIENCE = 30.0
_BUSY = 0.3  # load average above which the figures of a 2-core machine were seen to move


class Row(NamedTuple):
    """A line of a table: the median wall time in seconds for all of the input, the highest peak in bytes."""

    name: str
    seconds: float = 0.0
    peak: int = 0
    share: float = 1.0
    note: str = ""


class Outcome(NamedTuple):
    """What a case gave; `same` says whether the output was sed's, None where that was not looked at.

    `remark` is a line about the input.
    """

    case: Case
    size: int
    rows: tuple[Row, ...]
    same: bool | None
    remark: str = ""

    def row(self, name: str) -> Row | None:
        """The row of a contender, None if it did not run or failed."""
        return next((row for row in self.rows if row.name == name and not row.note), None)

    def figures(self, by: str = OURS) -> dict[str, float]:
        """The figures of one of our own programs that limits speak of."""
        ours, base, tenth = (self.row(name) for name in (by, self.case.base, TENTH if by == OURS else ""))
        if ours is None:
            return {}
        found = {THROUGHPUT: self.size / _MB / ours.seconds, MEMORY: ours.peak / _MB}
        if base:
            found[RATIO] = ours.seconds / base.seconds
        if tenth:
            found[GROWTH] = ours.seconds / tenth.seconds
        return found


def measure(case: Case, source: Path, rounds: int, patience: float) -> Outcome:
    """Run everything on a case: once to warm up, then by turns."""
    everyone = cases.contenders(case, source)
    runners = [one for one in everyone if isinstance(one, Contender)]
    same = _warm_up(runners, patience, skip=case.rounds == 1)
    runs: dict[str, list[Run]] = {one.name: [] for one in runners}
    for _ in range(rounds):
        for one in runners:
            if not any(done.failure for done in runs[one.name]):
                runs[one.name].append(run(one.command, one.source, patience=patience))
    rows = tuple(
        Row(one.name, note=one.why) if isinstance(one, Absent) else _row(one, runs[one.name]) for one in everyone
    )
    return Outcome(case, source.stat().st_size, rows, same)


def _warm_up(runners: list[Contender], patience: float, *, skip: bool) -> bool | None:
    """Run each once, and compare our output with sed's; where runs are long, only read the files."""
    if skip:
        for one in runners:
            digest(one.source)
        return None
    made = {}
    for one in runners:
        with tempfile.NamedTemporaryFile(dir=cache_folder()) as output:
            run(one.command, one.source, Path(output.name), patience)
            if one.name in (OURS, SED):
                made[one.name] = digest(Path(output.name))
    return made[OURS] == made[SED] if SED in made else None


def _row(one: Contender, runs: list[Run]) -> Row:
    failure = next((done.failure for done in runs if done.failure), "")
    # The tenth is a figure of its own; a slice stands for the whole.
    scale = 1.0 if one.name == TENTH else one.share
    seconds = median(done.seconds for done in runs) / scale
    return Row(one.name, seconds, max(done.peak for done in runs), one.share, failure)


def show(outcome: Outcome, rounds: int) -> None:
    """Print the table of a case."""
    case, size = outcome.case, outcome.size
    print(f"\n{case.name}: {case.what}, {_size(size)}, {rounds} round{'s' if rounds > 1 else ''}")
    base = outcome.row(case.base)
    print(f"  {'':24s}{'median':>12s}{'MB/s':>10s}{'peak MB':>10s}   ratio to {case.base}")
    for row in outcome.rows:
        print(f"  {row.name:24s}{_cells(row, size, base)}")
    growth = outcome.figures().get(GROWTH)
    if growth:
        print(f"  10 times the input takes {growth:.1f} times the time")
    if outcome.same is not None and case.name != CORPUS.name:
        print(f"  same output as sed: {'yes' if outcome.same else 'NO'}")
    if outcome.remark:
        print(f"  {outcome.remark}")


def _cells(row: Row, size: int, base: Row | None) -> str:
    if row.note:
        return f"   {row.note}"
    is_tenth = row.name == TENTH
    is_scaled = row.share < 1 and not is_tenth
    seconds = f"{'~' if is_scaled else ''}{row.seconds:.3f} s"
    read = size * (row.share if is_tenth else 1)
    speed = "" if row.name == PYTHON else f"{read / _MB / row.seconds:.2f}"
    peak = f"{'<' if row.peak <= floor() else ''}{row.peak / _MB:.0f}"
    ratio = f"{row.seconds / base.seconds:.1f}" if base and not is_tenth else ""
    remark = f"   (scaled from {row.share:.1%} of the input)" if is_scaled else ""
    return f"{seconds:>12s}{speed:>10s}{peak:>10s}{ratio:>8s}{remark}"


def _size(size: int) -> str:
    return f"{size / _MB:,.1f} MB" if size >= _MB else f"{size / 1000:.1f} KB"


def verdicts(outcomes: list[Outcome]) -> Iterator[tuple[str, bool]]:
    """A line for each limit that was measured, and whether it is one that is stated and does not hold."""
    for limit in LIMITS:
        found = (one.figures(limit.by).get(limit.figure) for one in outcomes if one.case.name == limit.case)
        value = next(found, None)
        if value is None:
            continue
        bound = f"{'at least' if limit.is_least else 'at most'} {limit.bound:g} {limit.figure}"
        holds = limit.holds(value)
        result = "holds" if holds else "FAILS" if limit.stated else "not yet (an aim)"
        whose = limit.case if limit.by == OURS else f"{limit.case}, {limit.by}"
        yield f"  {whose:24s}{bound:56s}{value:8.1f}   {result}", limit.stated and not holds


def problems(outcomes: list[Outcome]) -> Iterator[str]:
    """What must not happen at any size: our program fails, or its output is not the expected one."""
    for outcome in outcomes:
        if outcome.row(OURS) is None:
            yield f"{outcome.case.name}: {OURS} failed"
        if outcome.same is False and outcome.case.name != CORPUS.name:
            yield f"{outcome.case.name}: the output is not sed's"


def environment() -> str:
    """Where the figures come from."""
    load = os.getloadavg()[0]
    busy = " (the machine is busy: the figures may be off)" if load > _BUSY else ""
    python = f"Python {platform.python_version()}"
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return f"{version(program())}, {python}, {machine}, load {load:.2f}{busy}"


def commands() -> Iterator[str]:
    """The version and the exact command of every other program."""
    for name, command in (*cases.peers().items(), (KUSTOMIZE, (tool(KUSTOMIZE), "build", "FOLDER"))):
        if command[0]:
            shown = shlex.join((Path(command[0]).name, *command[1:]))
            yield f"`{shown}` ({name}: {version(command[0])})"


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """The command line as values."""
    parser = argparse.ArgumentParser(prog="bench.py", description=__doc__)
    names = [case.name for case in (*CASES, CORPUS)]
    parser.add_argument("--quick", action="store_true", help="small inputs, few rounds, no limits; `big` left out")
    parser.add_argument("--only", action="append", choices=names, help="only this case; may be repeated")
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="add the manifests below a folder, as one stream")
    parser.add_argument("--table", action="store_true", help="end with the figures as a table in Markdown")
    parser.add_argument("--check", action="store_true", help="status 1 if a stated limit does not hold")
    found = parser.parse_args(words)
    if found.quick and found.check:
        parser.error("the limits are for the full sizes: pass --check without --quick")
    if found.corpus and not found.corpus.is_dir():
        parser.error(f"--corpus: {found.corpus} is not a folder")
    if CORPUS.name in (found.only or ()) and not found.corpus:
        parser.error("--only corpus needs --corpus DIR")
    return found


def chosen(options: argparse.Namespace) -> list[Case]:
    """The cases to run."""
    found = [*CASES, *([CORPUS] if options.corpus else [])]
    if options.quick:
        found = [case._replace(parts=case.quick) for case in found if case.quick]
    return [case for case in found if options.only is None or case.name in options.only]


def source_of(case: Case, corpus: Path | None) -> Path:
    """The file with the input of a case."""
    if corpus is None or case.name != CORPUS.name:
        return cached(case.stream, case.parts)
    cache_folder().mkdir(parents=True, exist_ok=True)
    path = cache_folder() / "corpus.yaml"
    generator = Path(__file__).with_name("generate.py")
    with path.open("wb") as target:  # in a process of its own: memory held here would count for every run
        subprocess.run([sys.executable, generator, "corpus", corpus], stdout=target, check=True)
    return path


def _readers(source: Path) -> str:
    """Which reader takes how much of a stream; told by a process of its own, as its memory would count for ours."""
    command = [sys.executable, str(Path(__file__).with_name("readers.py")), str(source)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.strip() or "the readers' shares could not be told"


def markdown(outcomes: list[Outcome]) -> Iterator[str]:
    """The table of the README: a line for each case, with time, peak and ratio of each program that ran."""
    names = list(dict.fromkeys(row.name for one in outcomes for row in one.rows if row.name != TENTH))
    yield f"| | {' | '.join(names)} | ratio |"
    yield f"|---|{'---|' * len(names)}---|"
    for one in outcomes:
        cells = [_markdown_cell(next((row for row in one.rows if row.name == name), None)) for name in names]
        yield f"| {_size(one.size)}, {one.case.what} | {' | '.join(cells)} | {_markdown_ratio(one)} |"


def _markdown_cell(row: Row | None) -> str:
    if row is None:
        return ""
    if row.note:
        return row.note
    is_scaled = row.share < 1
    time = f"{'~' if is_scaled else ''}{row.seconds:.3g} s"
    return time if is_scaled or row.peak <= floor() else f"{time}, {row.peak / _MB:.0f} MB"


def _markdown_ratio(outcome: Outcome) -> str:
    """Our time by that of the base, and by that of the input's tenth where the case was measured on both."""
    found, compiled = outcome.figures(), outcome.figures(COMPILED)
    both = f" (compiled {compiled[RATIO]:.1f})" if RATIO in compiled else ""
    ratio = f"{found[RATIO]:.1f}{both} times {outcome.case.base}" if RATIO in found else ""
    growth = f"{found[GROWTH]:.1f} times a tenth" if GROWTH in found else ""
    return ", ".join(filter(None, (ratio, growth)))


def main() -> int:
    """Measure, print, judge."""
    options = arguments()
    try:
        compile_package()
        print(environment())
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        print(f"error: cannot measure: {error}", file=sys.stderr)
        return 2
    patience = _QUICK_PATIENCE if options.quick else PATIENCE
    outcomes = []
    for case in chosen(options):
        rounds = min(case.rounds, _QUICK_ROUNDS) if options.quick else case.rounds
        source = source_of(case, options.corpus)
        outcome = measure(case, source, rounds, patience)
        if case.name == CORPUS.name:
            outcome = outcome._replace(remark=_readers(source))
        outcomes.append(outcome)
        show(outcome, rounds)
    failed = list(problems(outcomes))
    for line in failed:
        print(f"error: {line}", file=sys.stderr)
    is_missed = not options.quick and judge(outcomes)
    if options.table:
        print("", f"{environment()}:", "", *markdown(outcomes), "", *(f"- {line}" for line in commands()), sep="\n")
    return 1 if failed or (options.check and is_missed) else 0


def judge(outcomes: list[Outcome]) -> bool:
    """Print how the limits fare, and tell whether a stated one fails."""
    lines = list(verdicts(outcomes))
    if lines:
        print("\nlimits")
    for line, _ in lines:
        print(line)
    return any(is_missed for _, is_missed in lines)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr] # a table as soon as it is known
    sys.exit(main())
