"""One run of `kubectl tcr-rewrite`: from sources to outputs, a summary and an exit status."""

from collections.abc import Sequence
from contextlib import suppress
from typing import IO, NamedTuple

from kubectl_tcr.errors import MessageError, OutputError, TcrError
from kubectl_tcr.files import writing
from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.pipeline import Rewriter
from kubectl_tcr.reports import formats, table
from kubectl_tcr.reports.tally import Tally, summary
from kubectl_tcr.reports.terms import Terms
from kubectl_tcr.run import workers
from kubectl_tcr.run.request import Mode, Request
from kubectl_tcr.run.work import Work
from kubectl_tcr.settings import Settings
from kubectl_tcr.statuses import DONE, FAILED, FOUND
from kubectl_tcr.text.printable import printable


class Console(NamedTuple):
    """The two standard streams: bytes for manifests, lines for everything else."""

    out: IO[bytes]
    err: IO[str]

    def say(self, text: str) -> None:
        """Tell something in the program's name."""
        self.tell(f"tcr-rewrite: {text}")

    def tell(self, text: str) -> None:
        """Write a text as one line to standard error, whatever it holds."""
        self.put(printable(text))

    def put(self, line: str) -> None:
        """Write a line that is safe to show already, such as a command to a CI runner.

        Raises MessageError.
        """
        try:
            self.err.write(f"{line}\n")
        except BrokenPipeError:
            raise
        except OSError as error:
            raise MessageError(f"cannot write to standard error: {error.strerror}") from None


def run(request: Request, console: Console) -> int:
    """Carry out a request; the exit status.

    Raises TcrError where nothing can be written; standard output is then empty.
    """
    if request.verbose:
        say_rules(request, console)
    rewriter = Rewriter(request.settings, detail=bool(request.report) or request.verbose, validate=request.validate)
    work = Work(request, rewriter, processes=workers.count())
    try:
        work.all()
        tally = work.tally
        gate = request.unmapped == "fail" and bool(tally.unmapped)
        if request.report:
            write_report(request, tally, console)
        if not gate:
            with writing("the output"):
                work.spool.copy_to(console.out)
    finally:
        work.spool.close()
        for line in work.errors:
            console.put(line)
    tell(request, tally, console, is_gated=gate)
    if work.errors:
        return FAILED
    changed = request.mode in (Mode.CHECK, Mode.DIFF) and bool(tally.changed_files)
    return FOUND if gate or changed else DONE


def write_report(request: Request, tally: Tally, console: Console) -> None:
    """Write the report that a request asks for to its file, or to standard output.

    Raises OutputError.
    """
    terms = Terms(request.settings.rules, request.mode in (Mode.CHECK, Mode.DIFF), request.unmapped)
    text = _rendered(request.report_format, tally, terms)
    if request.report == "-":
        console.out.write(text)
    else:
        _save_report(request.report, text)


def report_failure(name: str, report_format: str, error: TcrError) -> None:
    """Leave word of a failed run in its report file, if it has one: Helm 4 throws standard error away.

    Only JSON can tell it: an empty list of findings would say that all is well.
    """
    if name in ("", "-") or report_format != "json":
        return
    terms = Terms(Rules((), {}), error=str(error))
    with suppress(OutputError):
        _save_report(name, _rendered(report_format, Tally(), terms))


def _rendered(report_format: str, tally: Tally, terms: Terms) -> bytes:
    # Names of files and resources may hold what is no character.
    return formats.render(report_format, tally, terms).encode("utf-8", "backslashreplace")


def _save_report(name: str, text: bytes) -> None:
    try:
        with open(name, "wb") as file:  # noqa: PTH123 see run/sources.py
            file.write(text)
    except (OSError, ValueError) as error:  # a name with a NUL character
        why = error.strerror if isinstance(error, OSError) else error
        raise OutputError(f"cannot write the report {name}: {why}") from None


def say_rules(request: Request, console: Console) -> None:
    """Name the rules in force (`-v`)."""
    for rule in request.settings.rules.rules:
        console.say(f"rule {rule} ({rule.layer})")


def tell(request: Request, tally: Tally, console: Console, *, is_gated: bool) -> None:
    """The summary, and what it leaves out where the user wants to know."""
    if request.unmapped == "fail" or (request.unmapped == "warn" and not request.quiet):
        word = "error" if request.unmapped == "fail" else "warning"
        for entry in tally.unmapped:
            console.tell(f"{word}: {entry}: {entry.site.reference}: no mirror for {entry.site.host}")
    if request.quiet:
        return
    if request.mode is Mode.CHECK:
        for name in tally.changed_files:
            console.say(f"would rewrite {name}")
    for warning in tally.warnings:
        console.tell(f"warning: {warning}")
    if request.verbose:
        for line in table.lines(tally.entries):
            console.tell(line)
    is_written = request.mode is Mode.IN_PLACE or (request.mode is Mode.STDOUT and not is_gated)
    for line in summary(tally, request.settings.rules, is_written=is_written):
        console.say(line)


def show_rules(settings: Settings) -> Sequence[str]:
    """The rules in force with what they rest on, and the sources that have none on record."""
    from kubectl_tcr.images.presets import UNMIRRORED

    lines = []
    for rule in settings.rules.rules:
        lines.append(f"{rule.source} -> {rule.mirror}")
        lines.append(f"    from      {rule.layer}")
        if rule.standing:
            lines += [f"    standing  {rule.standing}", f"    evidence  {rule.evidence}"]
    mapped = settings.rules.domains
    lines += [f"{row.source} -> no mirror on record ({row.why})" for row in UNMIRRORED if row.source not in mapped]
    return lines
