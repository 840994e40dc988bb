"""Without the C parser the pure one reads alone: on which fixtures the result is another one."""

import re
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from kubectl_tcr import TcrError, rewrite
from kubectl_tcr.readers import parsers
from tests.conftest import FIXTURES, NINE, ROOT, broken, manifests

ALL = [*manifests(), *broken()]


def outcome(path: Path) -> str:
    """What becomes of a fixture; of one that is refused only that it is: each parser says it in its own words."""
    try:
        done = rewrite(path.read_bytes(), NINE, file=path.name)
    except TcrError:
        return "refused"
    return repr((done.output, done.sites))


def differing(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, str]]:
    """Fixtures by name, each with what it becomes with and without the C parser, where that differs."""
    with_c = {path: outcome(path) for path in ALL}
    monkeypatch.setattr(parsers, "libyaml", lambda: None)
    both = {path.relative_to(FIXTURES).as_posix(): (with_c[path], outcome(path)) for path in ALL}
    return {name: (one, other) for name, (one, other) in both.items() if one != other}


@pytest.mark.skipif(parsers.libyaml() is None, reason="there is no C parser here to compare with")
def test_the_fixtures_on_which_the_parsers_differ(
    monkeypatch: pytest.MonkeyPatch, bytes_snapshot: SnapshotAssertion
) -> None:
    found = differing(monkeypatch)
    told = [f"{name}: {word(one)} with the C parser, {word(other)} without\n" for name, (one, other) in found.items()]
    assert "".join(told).encode() == bytes_snapshot
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `fixtures/(\S+)` \|", page, re.MULTILINE) == list(found)


def word(outcome: str) -> str:
    return outcome if outcome == "refused" else "read"
