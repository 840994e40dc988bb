"""The Chinese pages have one word for each thing, and none of those that docs/zh-CN/README.md rejects."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CHINESE = ROOT / "docs" / "zh-CN"
# A row of the table of words ends in the words that it rejects.
ROW = re.compile(r"^\| [^|]+ \| [^|]+ \|(?P<rejected>[^|\n]*)\|$", re.MULTILINE)


def without_rejections(page: Path) -> str:
    """A page as it reads, but for the column that names what to avoid."""
    return ROW.sub(lambda row: row[0].removesuffix(f"{row['rejected']}|"), page.read_text(encoding="utf-8"))


def rejected() -> list[str]:
    index = (CHINESE / "README.md").read_text(encoding="utf-8")
    _, _, table = index.partition("| 不用 |\n")
    return [word for row in ROW.finditer(table) for word in re.split("、", row["rejected"].strip()) if word.strip("-")]


def test_some_words_are_rejected() -> None:
    assert "加速地址" in rejected()


@pytest.mark.parametrize("page", [ROOT / "README.zh-CN.md", *sorted(CHINESE.glob("*.md"))], ids=lambda page: page.name)
def test_no_page_has_a_word_that_is_rejected(page: Path) -> None:
    text = without_rejections(page) if page == CHINESE / "README.md" else page.read_text(encoding="utf-8")
    assert [word for word in rejected() if word in text] == []
