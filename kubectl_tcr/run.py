"""One run of `kubectl tcr-rewrite`: from sources to outputs, a summary and an exit status."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import IO, NamedTuple

from kubectl_tcr import sinks
from kubectl_tcr.errors import OutputError, TcrError
from kubectl_tcr.mirrors import Rules
from kubectl_tcr.readers import parser_name
from kubectl_tcr.reports import formats, table
from kubectl_tcr.reports.tally import Tally, summary
from kubectl_tcr.rewrite import Part, Rewriter
from kubectl_tcr.settings import Settings
from kubectl_tcr.sources import Source

DONE, FOUND, FAILED, INTERRUPTED = 0, 1, 2, 130
# What a shell reports for a program that SIGPIPE ended.
BROKEN_PIPE = 141

_COLORS = {"-": b"\x1b[31m", "+": b"\x1b[32m", "@": b"\x1b[36m"}
_PLAIN = b"\x1b[0m"


class Mode(StrEnum):
    """What becomes of the rewritten manifests."""

    STDOUT = "stdout"
    IN_PLACE = "in-place"
    CHECK = "check"
    DIFF = "diff"


class Request(NamedTuple):
    """What the user asked for."""

    sources: tuple[Source, ...]
    settings: Settings
    mode: Mode = Mode.STDOUT
    unmapped: str = "ignore"
    validate: bool = False
    report: str = ""
    report_format: str = "json"
    quiet: bool = False
    verbose: bool = False
    color: bool = False


class Console(NamedTuple):
    """The two standard streams: bytes for manifests, lines for everything else."""

    out: IO[bytes]
    err: IO[str]

    def say(self, line: str) -> None:
        """Write a line to standard error."""
        self.err.write(f"tcr-rewrite: {line}\n")


def run(request: Request, console: Console) -> int:
    """Carry out a request; the exit status.

    Raises TcrError where nothing can be written; standard output is then empty.
    """
    if request.verbose:
        say_settings(request, console)
    keep = bool(request.report) or request.verbose
    tally = Tally(keep=keep, keep_unmapped=request.unmapped != "ignore")
    rewriter = Rewriter(request.settings, detail=keep, validate=request.validate)
    spool = sinks.Spool()
    try:
        failed = _ACTIONS[request.mode](request, rewriter, tally, spool, console)
        gate = request.unmapped == "fail" and bool(tally.unmapped)
        if request.report:
            write_report(request, tally, console)
        if not gate:
            with sinks.writing("the output"):
                spool.copy_to(console.out)
    finally:
        spool.close()
    tell(request, tally, console, is_gated=gate)
    if failed:
        return FAILED
    changed = request.mode in (Mode.CHECK, Mode.DIFF) and bool(tally.changed_files)
    return FOUND if gate or changed else DONE


def _to_stdout(request: Request, rewriter: Rewriter, tally: Tally, spool: sinks.Spool, _: Console) -> bool:
    for source in request.sources:
        _fill(spool, source, rewriter, tally)
    return False


def _check(request: Request, rewriter: Rewriter, tally: Tally, _: sinks.Spool, console: Console) -> bool:
    for source in request.sources:
        for _part in _tallied(source, rewriter.parts(source.chunks(), source.name)[1], tally):
            pass
    if not request.quiet:
        for name in tally.changed_files:
            console.say(f"would rewrite {name}")
    return False


def _diff(request: Request, rewriter: Rewriter, tally: Tally, spool: sinks.Spool, _: Console) -> bool:
    from kubectl_tcr import diff

    for source in request.sources:
        parts = _tallied(source, rewriter.parts(source.chunks(), source.name)[1], tally)
        for mark, line in diff.unified(source.name, parts):
            spool.write(_diff_line(mark, line, is_colored=request.color), is_json=True)
    return False


def _diff_line(mark: str, line: bytes, *, is_colored: bool) -> bytes:
    text = line if mark == "@" else mark.encode() + line
    if not is_colored or mark not in _COLORS:
        return text
    stripped = text.rstrip(b"\r\n")
    return _COLORS[mark] + stripped + _PLAIN + text[len(stripped) :]


def _in_place(request: Request, rewriter: Rewriter, tally: Tally, _: sinks.Spool, console: Console) -> bool:
    """Each file stands for itself: one that fails stays as it was, the others are done."""
    failed = False
    for source in request.sources:
        try:
            _edit(source, rewriter, tally, request.unmapped == "fail")
        except TcrError as error:
            failed = True
            console.err.write(formats.error_line(request.report_format, error) + "\n")
    return failed


def _edit(source: Source, rewriter: Rewriter, tally: Tally, is_gated: bool) -> None:
    target = source.target
    own = Tally(keep=tally.keep, keep_unmapped=tally.keep_unmapped)
    spool = sinks.Spool()
    try:
        _fill(spool, source, rewriter, own)
        is_held = is_gated and bool(own.unmapped)
        if own.changed_files and not is_held:
            sinks.replace(target, spool)
    finally:
        spool.close()
    tally.merge(own, is_written=not is_held)


def _fill(spool: sinks.Spool, source: Source, rewriter: Rewriter, tally: Tally) -> None:
    """Rewrite a source into a spool."""
    encoding, parts = rewriter.parts(source.chunks(), source.name)
    spool.begin(encoding)
    for part in _tallied(source, parts, tally):
        spool.write(part.output, is_json=part.document.is_json)


def _tallied(source: Source, parts: Iterable[Part], tally: Tally) -> Iterator[Part]:
    for part in parts:
        tally.add(source.name, part)
        yield part


_ACTIONS = {Mode.STDOUT: _to_stdout, Mode.IN_PLACE: _in_place, Mode.CHECK: _check, Mode.DIFF: _diff}


def write_report(request: Request, tally: Tally, console: Console) -> None:
    """Write the report that a request asks for to its file, or to standard output.

    Raises OutputError.
    """
    terms = formats.Terms(request.settings.rules, request.mode in (Mode.CHECK, Mode.DIFF), request.unmapped)
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
    terms = formats.Terms(Rules((), {}), error=str(error))
    with suppress(OutputError):
        _save_report(name, _rendered(report_format, Tally(), terms))


def _rendered(report_format: str, tally: Tally, terms: formats.Terms) -> bytes:
    # Names of files and resources may hold what is no character.
    return formats.render(report_format, tally, terms).encode("utf-8", "backslashreplace")


def _save_report(name: str, text: bytes) -> None:
    try:
        Path(name).write_bytes(text)
    except OSError as error:
        raise OutputError(f"cannot write the report {name}: {error.strerror}") from None


def say_settings(request: Request, console: Console) -> None:
    """Name the parser and the rules in force (`-v`)."""
    console.say(f"parser {parser_name()}")
    for rule in request.settings.rules.rules:
        console.say(f"rule {rule} ({rule.layer})")


def tell(request: Request, tally: Tally, console: Console, *, is_gated: bool) -> None:
    """The summary, and what it leaves out where the user wants to know."""
    if request.unmapped == "fail" or (request.unmapped == "warn" and not request.quiet):
        word = "error" if request.unmapped == "fail" else "warning"
        for entry in tally.unmapped:
            console.err.write(f"{word}: {entry}: {entry.site.reference}: no mirror for {entry.site.host}\n")
    if request.quiet:
        return
    for warning in tally.warnings:
        console.err.write(f"warning: {warning}\n")
    if request.verbose:
        for line in table.lines(tally.entries):
            console.err.write(line + "\n")
    is_written = request.mode is Mode.IN_PLACE or (request.mode is Mode.STDOUT and not is_gated)
    for line in summary(tally, request.settings.rules, is_written=is_written):
        console.say(line)


def show_rules(settings: Settings) -> Sequence[str]:
    """The rules in force with what they rest on, and the sources that have none on record."""
    from kubectl_tcr.presets import UNMIRRORED

    lines = []
    for rule in settings.rules.rules:
        lines.append(f"{rule.source} -> {rule.mirror}")
        lines.append(f"    from      {rule.layer}")
        if rule.standing:
            lines += [f"    standing  {rule.standing}", f"    evidence  {rule.evidence}"]
    mapped = settings.rules.domains
    lines += [f"{row.source} -> no mirror on record ({row.why})" for row in UNMIRRORED if row.source not in mapped]
    return lines
