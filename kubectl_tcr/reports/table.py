"""The sites as a table for people to read (`-v`)."""

from collections.abc import Iterable, Iterator

from kubectl_tcr.find.site import Site, Status
from kubectl_tcr.reports.declaration import row
from kubectl_tcr.reports.tally import Mention
from kubectl_tcr.text.document import format_path


def lines(entries: Iterable[Mention]) -> Iterator[str]:
    """Two lines a site: where, and what became of it."""
    for file, site in entries:
        field = ", ".join(format_path(path) for path in site.paths)
        yield f"{file}:{site.line}:{site.column} {site.resource} {field}".rstrip()
        yield f"    {site.status.value:9} {_outcome(site)}"


def _outcome(site: Site) -> str:
    if site.status is Status.REWRITTEN:
        return f"{site.reference} -> {site.after}"
    if site.status is Status.UNMAPPED:
        return f"{site.reference} (no rule for {site.host})"
    if site.status is Status.SUSPECTED:
        declared = row(site)
        return f"{site.reference} ({site.reason}{'; to declare it: ' if declared else ''}{declared})"
    return f"{site.reference} ({site.reason})" if site.reason else site.reference
