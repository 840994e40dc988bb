"""Findings as SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.

What GitHub's code scanning asks for beyond the standard is met too: relative URIs, help for
every rule, fingerprints, and a place for every result that stands in a file.
"""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import kubectl_tcr
from kubectl_tcr.reports.findings import CHECKS, Check, Finding, findings
from kubectl_tcr.reports.tally import Tally
from kubectl_tcr.reports.terms import Terms

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(tally: Tally, terms: Terms) -> str:
    """A log with one run, a line feed at its end."""
    driver = {
        "name": "kubectl-tcr",
        "version": kubectl_tcr.__version__,
        "rules": [_rule(check) for check in CHECKS],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding) for finding in findings(tally, terms)],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(check: Check) -> dict[str, Any]:
    return {
        "id": check.name,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": f"{check.title}. {check.advice}"},
        "help": {"text": check.advice},
        "defaultConfiguration": {"level": "error"},
    }


def _result(finding: Finding) -> dict[str, Any]:
    place = "" if finding.path else f"{finding.source}:{finding.line}:{finding.column}: "
    return {
        "ruleId": finding.check.name,
        "ruleIndex": CHECKS.index(finding.check),
        "level": finding.level.value,
        "message": {"text": _text(place + finding.message)},
        "locations": [_location(finding)] if finding.path else [],
        "partialFingerprints": {"tcrReference/v1": finding.fingerprint},
    }


def _text(message: str) -> str:
    """A message as section 3.11.5 wants it: braces stand for arguments unless they are doubled."""
    return message.replace("{", "{{").replace("}", "}}")


def _location(finding: Finding) -> dict[str, Any]:
    path = Path(finding.path)
    if path.is_absolute():
        artifact = {"uri": path.as_uri()}
    else:
        artifact = {"uri": quote(os.fsencode(finding.path)), "uriBaseId": "%SRCROOT%"}
    region = {"startLine": finding.line, "startColumn": finding.column}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}
