"""Findings as GitLab's Code Quality report: https://docs.gitlab.com/ci/testing/code_quality/."""

import json
from typing import Any

from kubectl_tcr.reports.findings import Finding, Level, findings
from kubectl_tcr.reports.tally import Tally
from kubectl_tcr.reports.terms import Terms

_SEVERITIES = {Level.ERROR: "major", Level.WARNING: "minor", Level.NOTE: "info"}


def render(tally: Tally, terms: Terms) -> str:
    """A JSON array with a line feed at its end, `[]` if there is no finding."""
    return json.dumps([_issue(finding) for finding in findings(tally, terms)], indent=2) + "\n"


def _issue(finding: Finding) -> dict[str, Any]:
    return {
        "description": finding.message,
        "check_name": finding.check.name,
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITIES[finding.level],
        "location": {"path": finding.path or finding.source, "lines": {"begin": finding.line}},
    }
