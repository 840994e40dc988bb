"""Blocks below `<!-- file: PATH -->` are that file, so that what a page shows is what a test runs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SHOWN = re.compile(r"^<!-- file: (?P<path>\S+) -->\n+```\w*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [
    pytest.param(block["path"], block["text"], id=f"{page.relative_to(ROOT)}-{block['path']}")
    for page in [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
    for block in SHOWN.finditer(page.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("path", "text"), BLOCKS)
def test_a_shown_file_is_the_file(path: str, text: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == text


def test_every_example_for_ci_is_shown() -> None:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    files = [*(ROOT / "examples" / "github-actions").iterdir(), *(ROOT / "examples").glob("*.yml")]
    assert [path.name for path in files if path.name not in page] == []
