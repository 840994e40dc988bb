"""Findings as workflow commands, which GitHub shows as annotations.

The syntax is that of actions/runner, src/Runner.Common/ActionCommand.cs, and actions/toolkit,
packages/core/src/command.ts: `::LEVEL PROPERTY=VALUE,...::MESSAGE`, percent-encoded where a
character would end a part.
"""

from kubectl_tcr.errors import Location, TcrError
from kubectl_tcr.reports.findings import Finding, Level, findings, path_in_checkout
from kubectl_tcr.reports.tally import Tally
from kubectl_tcr.reports.terms import Terms
from kubectl_tcr.text.printable import printable

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}
_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _MESSAGE | str.maketrans({":": "%3A", ",": "%2C"})


def render(tally: Tally, terms: Terms) -> str:
    """One line for each finding, empty if there is none."""
    return "".join(f"{_finding(finding)}\n" for finding in findings(tally, terms))


def error_line(error: TcrError) -> str:
    """An error that ends the run, as an annotation where it names a file."""
    place = error.where or Location("")
    return _command("error", path_in_checkout(place.file), place.line, place.column, "tcr-rewrite failed", str(error))


def _finding(finding: Finding) -> str:
    # What is no file cannot be annotated: the place stands in the message instead.
    place = "" if finding.path else f"{finding.source}:{finding.line}:{finding.column}: "
    command, title = _COMMANDS[finding.level], finding.check.title
    return _command(command, finding.path, finding.line, finding.column, title, place + finding.message)


def _command(command: str, path: str, line: int, column: int, title: str, message: str) -> str:
    place = {"file": path, "line": str(line or ""), "col": str(column or "")} if path else {}
    listed = ",".join(
        f"{name}={value.translate(_PROPERTY)}" for name, value in (place | {"title": title}).items() if value
    )
    shown = printable(message, keep="\r\n").translate(_MESSAGE)
    return f"::{command} {listed}::{shown}"
