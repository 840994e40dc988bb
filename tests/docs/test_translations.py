"""A page and its twin in Chinese: the same state, code, tables and headings, each linking to the other."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
TOOL = runpy.run_path(str(ROOT / "scripts" / "translations.py"))
PAIRS = [
    pytest.param(english, chinese, id=chinese.relative_to(ROOT).as_posix()) for english, chinese in TOOL["pairs"](ROOT)
]
CHINESE = ROOT / "docs" / "zh-CN"
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")

ENGLISH = """\
# Title

Text with `--flag`.

```sh
run  # it
```

- More:

  ```text
  out  # of it
  ```

## Part

| `key` | words |
|---|---|
| a | `b` and `c` of [d](d.md) on m.example.com |
"""
TWIN = """\
# T

X `--flag`.

```sh
run  # REMARK
```

- M:

  ```
  ```

## P

| `key` | w |
|---|---|
| a | m.example.com: `c`, `b` |
"""


@pytest.mark.parametrize(("english", "chinese"), PAIRS)
def test_a_translation_is_at_the_state_of_its_page(english: Path, chinese: Path) -> None:
    texts = english.read_text(encoding="utf-8"), chinese.read_text(encoding="utf-8")
    assert TOOL["faults"](*texts) == [], f"when it is mended: scripts/translations.py {chinese.relative_to(ROOT)}"


def test_there_are_translations() -> None:
    assert PAIRS


def test_a_page_that_was_looked_at_has_no_fault() -> None:
    seen = TOOL["looked_at"]("docs/x.md", ENGLISH, TWIN)
    assert TOOL["faults"](ENGLISH, seen) == []
    assert TOOL["looked_at"]("docs/x.md", ENGLISH, seen) == seen
    assert "```sh\nrun  # REMARK\n```" in seen
    assert "  ```text\n  out  # of it\n  ```" in seen


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("Text", "Words", "was written from an older state of the English page: read what changed there"),
        ("run", "walk", "has other code blocks"),
        ("# of it", "# of that", "has other code blocks"),
        ("`c`", "`d`", "has other code in its table 1, row 3"),
        ("m.example.com", "n.example.com", "has other code in its table 1, row 3"),
        ("## Part", "### Part", "has other headings"),
        ("`--flag`", "`--flag` and `--other`", "names other flags: --other"),
    ],
)
def test_a_change_of_the_english_page_is_told(before: str, after: str, fault: str) -> None:
    seen = TOOL["looked_at"]("docs/x.md", ENGLISH, TWIN)
    assert fault in TOOL["faults"](ENGLISH.replace(before, after), seen)


def test_code_does_not_age_a_translation() -> None:
    assert TOOL["state"](ENGLISH) == TOOL["state"](ENGLISH.replace("run", "walk"))


def test_a_page_without_a_state_is_told() -> None:
    assert "does not say from which state of the English page it was written" in TOOL["faults"](ENGLISH, TWIN)


def test_a_translation_with_fewer_blocks_is_not_taken() -> None:
    with pytest.raises(SystemExit, match="2 code blocks and its translation 1"):
        TOOL["looked_at"]("docs/x.md", ENGLISH, TWIN.replace("  ```\n", ""))


def twin(english: Path) -> Path:
    return ROOT / "README.zh-CN.md" if english.parent == ROOT else CHINESE / english.name


def linked(page: Path, text: str) -> set[Path]:
    return {(page.parent / link).resolve() for link in LINK.findall(TOOL["prose"](text))}


@pytest.mark.parametrize(("english", "chinese"), PAIRS)
def test_each_links_to_the_other_in_its_first_line(english: Path, chinese: Path) -> None:
    for page, other in ((english, chinese), (chinese, english)):
        assert linked(page, page.read_text(encoding="utf-8").partition("\n")[0]) == {other}


@pytest.mark.parametrize("page", [ROOT / "README.zh-CN.md", *sorted(CHINESE.glob("*.md"))], ids=lambda page: page.name)
def test_a_chinese_page_links_to_chinese_ones_where_they_are(page: Path) -> None:
    _, _, body = page.read_text(encoding="utf-8").partition("\n")
    english = {link for link in linked(page, body) if link.parent == ROOT / "docs" or link == ROOT / "README.md"}
    assert {link.name for link in english if twin(link).exists()} == set()


@pytest.mark.parametrize("page", [ROOT / "README.zh-CN.md", *sorted(CHINESE.glob("*.md"))], ids=lambda page: page.name)
def test_no_paragraph_is_broken_between_chinese_characters(page: Path) -> None:
    """A browser shows a blank there."""
    prose = TOOL["prose"](page.read_text(encoding="utf-8"))
    assert re.findall(r"[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]\n *[\u4e00-\u9fff].*", prose) == []


def test_the_readmes_lead_to_every_page() -> None:
    english, chinese = ROOT / "README.md", ROOT / "README.zh-CN.md"
    assert set((ROOT / "docs").glob("*.md")) - linked(english, english.read_text(encoding="utf-8")) == set()
    assert CHINESE / "README.md" in linked(chinese, chinese.read_text(encoding="utf-8"))


def test_the_index_leads_to_every_page() -> None:
    found = linked(CHINESE / "README.md", (CHINESE / "README.md").read_text(encoding="utf-8"))
    assert {page for page in CHINESE.glob("*.md") if page.name != "README.md"} - found == set()
    assert {page for page in (ROOT / "docs").glob("*.md") if not (CHINESE / page.name).exists()} - found == set()
