"""What a reviewer should see of a run: one finding for each reference off its mirror.

The formats of code hosts show findings; the JSON report shows every reference.
"""

import os
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from kubectl_tcr.find.site import Status
from kubectl_tcr.reports.tally import Mention, Tally
from kubectl_tcr.reports.terms import Terms
from kubectl_tcr.text.document import format_path

# The root of the checkout, which code hosts count paths from: GitHub's variable and GitLab's.
_ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")


class Level(StrEnum):
    """How much a finding matters: an error fails the run."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Check(NamedTuple):
    """What was looked for: its name in reports, a title, and what to do about a finding."""

    name: str
    title: str
    advice: str


NOT_MIRRORED = Check(
    "tcr-not-mirrored",
    "Image reference is not on its mirror",
    "Run kubectl tcr-rewrite --in-place on the file, or put the comment '# tcr-rewrite: ignore' on the line.",
)
NO_MIRROR = Check(
    "tcr-no-mirror",
    "Image reference without a mirror",
    "Add a rule with --mirror SOURCE=MIRROR or in the MirrorConfig, or leave the reference alone with --exclude.",
)
SUSPECTED = Check(
    "tcr-suspected",
    "What may be an image or a registry",
    "Declare its field in the MirrorConfig, spell out its host, or leave it alone with --exclude.",
)
CHECKS = (NOT_MIRRORED, NO_MIRROR, SUSPECTED)


class Finding(NamedTuple):
    """One reference that should be looked at.

    `path` is the file, from the root of the checkout where it lies below, with `/` between its
    parts; empty for what is no file (standard input, what kubectl kustomize built). `source` is
    the input as the user named it, `line` and `column` count from 1. `fingerprint` is the same
    as long as the reference stands in the same field of the same resource of the same file,
    wherever its line moves; no two findings of a run share one.
    """

    check: Check
    level: Level
    path: str
    source: str
    line: int
    column: int
    message: str
    fingerprint: str


def findings(tally: Tally, terms: Terms) -> Iterator[Finding]:
    """The findings of a run, in the order of the input."""
    seen: Counter[tuple[str, ...]] = Counter()
    paths: dict[str, str] = {}
    for entry in tally.entries:
        judged = _judge(entry, terms)
        if judged is None:
            continue
        check, level = judged
        if entry.file not in paths:
            paths[entry.file] = path_in_checkout(entry.file)
        path = paths[entry.file]
        what = _identity(entry, check, path)
        seen[what] += 1
        yield Finding(
            check,
            level,
            path,
            entry.file,
            entry.site.line,
            entry.site.column,
            _message(entry),
            sha256("\0".join((*what, str(seen[what]))).encode("utf-8", "surrogatepass")).hexdigest(),
        )


def _judge(entry: Mention, terms: Terms) -> tuple[Check, Level] | None:
    """What is to be said of a site, None if nothing is."""
    if entry.site.status is Status.REWRITTEN:
        return NOT_MIRRORED, Level.ERROR if terms.is_check else Level.NOTE
    check = SUSPECTED if entry.site.status is Status.SUSPECTED else NO_MIRROR
    word = terms.gates.word(entry.site)
    return (check, Level(word)) if word else None


def _identity(entry: Mention, check: Check, path: str) -> tuple[str, ...]:
    site = entry.site
    fields = ", ".join(map(format_path, site.paths))
    return check.name, path or entry.file, site.resource.namespace, str(site.resource), fields, site.reference


def _message(entry: Mention) -> str:
    site = entry.site
    field = format_path(site.paths[0]) if site.paths else ""
    where = f"{site.resource} {field}".strip()
    outcome = f" -> {site.after} (rule {site.rule})" if site.rule else f": {site.trouble}"
    what = site.reference + outcome
    return f"{where}: {what}" if where else what


def path_in_checkout(name: str) -> str:
    """A file from the root of the checkout; empty for what is no file."""
    path = Path(name)
    if not path.is_file():
        return ""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 the name that git knows: links are not resolved
    roots = [Path(os.environ[root]) for root in _ROOTS if os.environ.get(root)]
    for root in (*roots, Path.cwd()):
        if absolute.is_relative_to(root):
            return absolute.relative_to(root).as_posix()
    return absolute.as_posix()
