"""The formats that a report can have, each a module with `render(tally, terms) -> str`."""

from importlib import import_module

from kubectl_tcr.errors import TcrError
from kubectl_tcr.reports.tally import Tally
from kubectl_tcr.reports.terms import Terms
from kubectl_tcr.text.printable import printable

# Loaded when asked for: a run without a report needs none of them.
FORMATS = {
    "json": "kubectl_tcr.reports.json",
    "github": "kubectl_tcr.reports.github",
    "gitlab": "kubectl_tcr.reports.gitlab",
    "sarif": "kubectl_tcr.reports.sarif",
}


def render(name: str, tally: Tally, terms: Terms) -> str:
    """The report of a run in one of the FORMATS."""
    text: str = import_module(FORMATS[name]).render(tally, terms)
    return text


def error_line(name: str, error: TcrError) -> str:
    """The line, safe to show, by which a run in that format tells an error: GitHub's runner reads those too."""
    if name != "github":
        return printable(f"error: {error}")
    from kubectl_tcr.reports import github

    return github.error_line(error)
