"""Every fixture is one oddity, named after it: what it becomes is a snapshot, and the laws hold."""

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from kubectl_tcr import Rewrite, Site, rewrite
from kubectl_tcr.text.document import format_path
from tests import laws
from tests.conftest import NINE, manifests

EACH = pytest.mark.parametrize("path", manifests(), ids=lambda path: path.name)


def rewritten(path: Path) -> Rewrite:
    return rewrite(path.read_bytes(), NINE, file=path.name)


@EACH
def test_what_a_fixture_becomes(path: Path, bytes_snapshot: SnapshotAssertion) -> None:
    assert rewritten(path).output == bytes_snapshot


@EACH
def test_what_is_found_in_a_fixture(path: Path, bytes_snapshot: SnapshotAssertion) -> None:
    lines = "\n".join(map(told, rewritten(path).sites)) + "\n"
    assert lines.encode() == bytes_snapshot


def told(site: Site) -> str:
    """A site in one readable line."""
    outcome = f"-> {site.after}" if site.after else f"({site.reason})" if site.reason else ""
    where = ", ".join(map(format_path, site.paths)) or "-"
    return f"{site.line}:{site.column} {site.status.value} {site.how} {site.reference} {outcome} [{where}]"


@EACH
def test_a_second_run_changes_nothing(path: Path) -> None:
    once = rewritten(path).output
    assert rewrite(once, NINE).output == once


@EACH
def test_taking_the_edits_back_gives_the_fixture_back(path: Path) -> None:
    laws.hold(path.read_bytes())


@EACH
def test_only_edited_scalars_mean_something_else(path: Path) -> None:
    _, parts = laws.parts(path.read_bytes())
    for part in parts:
        after = part.output[len(part.document.head) :]
        changed = laws.differ(laws.meaning(part.document.body), laws.meaning(after))
        assert bool(changed) == part.is_changed
        for old, new in changed:
            assert laws.agree(old.value or "", new.value or "")
