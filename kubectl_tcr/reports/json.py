"""The report as JSON; its shape is `schemas/report.schema.json`."""

import json
from typing import Any

from kubectl_tcr.find.site import Status
from kubectl_tcr.reports.declaration import row as declared
from kubectl_tcr.reports.tally import Mention, Tally
from kubectl_tcr.reports.terms import Terms
from kubectl_tcr.text.document import format_path

VERSION = 1


def render(tally: Tally, terms: Terms) -> str:
    """The whole report, with a line feed at its end."""
    report: dict[str, Any] = {"version": VERSION}
    if terms.error:
        report["error"] = terms.error
    report |= {
        "rules": [rule._asdict() for rule in terms.rules.rules],
        "summary": {
            "documents": tally.documents,
            "changedDocuments": tally.changed_documents,
            "changedListItems": tally.changed_items,
            "rewritten": tally.rewritten,
            "unmapped": dict(tally.hosts.most_common()),
            "suspected": tally.suspected.total(),
            "left": dict((tally.left_declared + tally.left_elsewhere).most_common()),
        },
        "references": [reference(entry) for entry in tally.entries],
    }
    return json.dumps(report, indent=2, ensure_ascii=True) + "\n"


def reference(entry: Mention) -> dict[str, Any]:
    """A place that holds a reference, and what became of it."""
    site = entry.site
    row: dict[str, Any] = {
        "file": entry.file,
        "line": site.line,
        "column": site.column,
        "document": site.document,
        "resource": {
            "apiVersion": site.resource.api_version,
            "kind": site.resource.kind,
            "name": site.resource.name,
            "namespace": site.resource.namespace,
        },
        "fields": [format_path(path) for path in site.paths],
        "foundBy": site.how,
        "role": site.role.value,
        "status": site.status.value,
        "before": site.reference,
    }
    if site.after:
        row["after"] = site.after
    if site.rule:
        row["rule"] = str(site.rule)
    if site.reason:
        row["reason"] = site.reason
    declaration = declared(site) if site.status is Status.SUSPECTED else ""
    if declaration:
        row["declaration"] = declaration
    return row
