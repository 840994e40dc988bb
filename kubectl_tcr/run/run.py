"""One run of `kubectl tcr-rewrite`: from sources to outputs, a summary and an exit status."""

from collections.abc import Sequence

from kubectl_tcr.errors import TcrError
from kubectl_tcr.pipeline import Rewriter
from kubectl_tcr.reports import formats, summary, table
from kubectl_tcr.reports.tally import Tally
from kubectl_tcr.reports.terms import Terms
from kubectl_tcr.run import workers
from kubectl_tcr.run.console import Console
from kubectl_tcr.run.request import Mode, Request
from kubectl_tcr.run.work import Work
from kubectl_tcr.signals import settle
from kubectl_tcr.statuses import DONE, FAILED, FOUND

# Documents up to this size are read as a whole, in bytes: in pieces everything is searched twice.
LONGEST = 4 << 20


def run(request: Request, console: Console) -> int:
    """Carry out a request; the exit status.

    Raises TcrError where nothing can be written; standard output is then empty.
    """
    if request.verbose:
        say_rules(request, console)
    detail = bool(request.report) or request.verbose
    longest = 0 if request.mode is Mode.DIFF else LONGEST  # lines are compared with those of the same document
    rewriter = Rewriter(request.settings, detail=detail, validate=request.validate, longest=longest)
    work = Work(request, rewriter, processes=workers.count())
    try:
        work.all()
        tally = work.tally
        gate = tally.is_gated
        settle()
        if request.report:
            write_report(request, tally, console, work.errors)
        if not gate:
            console.deliver(work.spool.copy_to)
    finally:
        work.spool.close()
        for error in work.errors:
            console.put(formats.error_line(request.report_format, error, is_colored=console.is_colored))
    for line in () if request.quiet else summary.failed(work.errors, request.sources):
        console.say(line)
    tell(request, tally, console, is_gated=gate, is_failed=bool(work.errors))
    if work.errors:
        return FAILED
    changed = request.mode.is_look and bool(tally.changed_files)
    return FOUND if gate or changed else DONE


def write_report(request: Request, tally: Tally, console: Console, errors: Sequence[TcrError] = ()) -> None:
    """Write the report that a request asks for to its file, or to standard output; none that hides what failed.

    Raises OutputError.
    """
    if errors and request.report_format not in formats.WITH_ERRORS:
        return
    error = "\n".join(map(str, errors))
    terms = Terms(request.settings.rules, request.mode.is_look, request.gates, error)
    report = formats.render(request.report_format, tally, terms)
    if request.report == "-":
        console.deliver(lambda out: out.write(report))
    else:
        formats.save(request.report, report)


def say_rules(request: Request, console: Console) -> None:
    """Name the rules in force, and what is trusted (`-v`)."""
    rules = request.settings.rules
    for rule in rules.rules:
        console.say(f"rule {rule} ({rule.layer})")
    for one in rules.trusted.asked:
        console.say(f"trusted {one} ({one.layer})")


def tell(request: Request, tally: Tally, console: Console, *, is_gated: bool, is_failed: bool = False) -> None:
    """The summary, and what it leaves out where the user wants to know; there is none where all failed."""
    for entry in tally.told:
        console.grade(tally.gates.word(entry.site), f"{entry}: {entry.site.reference}: {entry.site.trouble}")
    if request.mode is Mode.CHECK and not request.quiet:
        for name in tally.changed_files:
            console.say(f"would rewrite {name}")
    is_unchecked = request.is_gate and not tally.documents and not is_failed
    unchecked = [summary.NOTHING_CHECKED] if is_unchecked else []
    for warning in (*request.warnings, *tally.warnings, *summary.warnings(tally), *unchecked):
        console.warn(warning)
    for line in () if request.quiet else (*summary.configuration(request.configuration), *request.passed):
        console.say(line)
    if request.verbose:
        for line in table.lines(tally.entries):
            console.tell(line)
    if not request.quiet and (tally.documents or not (is_unchecked or is_failed)):
        is_written = request.mode is Mode.IN_PLACE or (request.mode is Mode.STDOUT and not is_gated)
        for line in summary.lines(tally, request.settings.rules, request.unasked, is_written=is_written):
            console.say(line)
