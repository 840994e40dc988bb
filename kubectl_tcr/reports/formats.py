"""The formats that a report can have, each a module with `render(tally, terms) -> str`."""

from contextlib import suppress
from importlib import import_module

from kubectl_tcr.errors import OutputError, TcrError
from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.reports.tally import Tally
from kubectl_tcr.reports.terms import Terms
from kubectl_tcr.text.printable import graded

# Loaded when asked for: a run without a report needs none of them.
FORMATS = {
    "json": "kubectl_tcr.reports.json",
    "github": "kubectl_tcr.reports.github",
    "gitlab": "kubectl_tcr.reports.gitlab",
    "sarif": "kubectl_tcr.reports.sarif",
}
# Those whose readers learn of what failed: by the report itself, or by the lines beside it.
WITH_ERRORS = ("json", "github")


def render(name: str, tally: Tally, terms: Terms) -> bytes:
    """The report of a run in one of the FORMATS."""
    text: str = import_module(FORMATS[name]).render(tally, terms)
    # Names of files and resources may hold what is no character.
    return text.encode("utf-8", "backslashreplace")


def save(file: str, report: bytes) -> None:
    """Write a report to its file; raises OutputError."""
    try:
        with open(file, "wb") as opened:  # noqa: PTH123 see run/sources.py
            opened.write(report)
    except (OSError, ValueError) as error:  # a name with a NUL character
        why = error.strerror if isinstance(error, OSError) else error
        raise OutputError(f"cannot write the report {file}: {why}") from None


def report_failure(file: str, name: str, error: TcrError) -> None:
    """Leave word of a failed run in its report file, if it has one: Helm 4 throws standard error away.

    Only JSON can tell it: an empty list of findings would say that all is well.
    """
    if file in ("", "-") or name != "json":
        return
    with suppress(OutputError):
        save(file, render(name, Tally(), Terms(Rules((), {}), error=str(error))))


def error_line(name: str, error: TcrError, *, is_colored: bool = False) -> str:
    """The line, safe to show, by which a run in that format tells an error: GitHub's runner reads those too."""
    if name != "github":
        return graded("tcr-rewrite", "error", str(error), is_colored=is_colored)
    from kubectl_tcr.reports import github

    return github.error_line(error)
