"""A page and its twin in Chinese: the same commands, output, tables and headings, each linking to the other."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CHINESE = ROOT / "docs" / "zh-CN"
PAIRS = [
    pytest.param(ROOT / "README.md", ROOT / "README.zh-CN.md", id="README"),
    *(
        pytest.param(ROOT / "docs" / f"{name}.md", CHINESE / f"{name}.md", id=name)
        for name in ("image-pull-backoff", "running-cluster", "values")
    ),
]
FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"(^|\s+)#(?!\!).*")
# What no language changes: code, and names with a dot such as hosts.
CODE = re.compile(r"`[^`]+`|(?<![\w./-])[a-z\d-]+(?:\.[a-z\d-]+)+(?![\w./-])")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
LINKED = re.compile(r"\[[^\]]*\]\([^)]*\)")


def page(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose(text: str) -> str:
    return FENCE.sub("", text)


def blocks(text: str) -> list[tuple[str, str]]:
    """The language and text of every block; of those that a reader types the comments are translated."""
    found = [(block["language"], block["text"]) for block in FENCE.finditer(text)]
    return [(name, uncommented(body) if name in ("sh", "yaml") else body) for name, body in found]


def uncommented(text: str) -> str:
    lines = (COMMENT.sub("", line) for line in text.splitlines())
    return "\n".join(line for line in lines if line.strip())


def tables(text: str) -> list[list[list[str]]]:
    """What no language changes in each cell of each row, the headings left out."""
    rows = [line for line in prose(text).splitlines() if line.startswith("|")]
    cells = [re.split(r"(?<!\\)\|", row)[1:-1] for row in rows]
    return [[sorted(CODE.findall(LINKED.sub("", cell))) for cell in row] for row in cells]


def headings(text: str) -> list[int]:
    return [len(marks) for marks in re.findall(r"^(#+) ", prose(text), re.MULTILINE)]


@pytest.mark.parametrize(("english", "chinese"), PAIRS)
def test_each_links_to_the_other_in_its_first_line(english: Path, chinese: Path) -> None:
    for one, other in ((english, chinese), (chinese, english)):
        (link,) = LINK.findall(page(one).partition("\n")[0])
        assert (one.parent / link).resolve() == other


@pytest.mark.parametrize(("english", "chinese"), PAIRS)
def test_both_have_the_same_blocks(english: Path, chinese: Path) -> None:
    assert blocks(page(chinese)) == blocks(page(english)) != []


@pytest.mark.parametrize(("english", "chinese"), PAIRS)
def test_both_have_the_same_tables_and_headings(english: Path, chinese: Path) -> None:
    assert tables(page(chinese)) == tables(page(english))
    assert headings(page(chinese)) == headings(page(english))


@pytest.mark.parametrize(("english", "chinese"), PAIRS)
def test_a_chinese_page_links_to_chinese_ones_where_they_are(english: Path, chinese: Path) -> None:
    targets = {(chinese.parent / link).resolve() for link in LINK.findall(prose(page(chinese)))} - {english}
    twins = {CHINESE / target.name for target in targets if target.parent == ROOT / "docs"}
    assert {twin.name for twin in twins if twin.exists()} == set()


def test_the_readme_leads_to_every_page() -> None:
    linked = {(ROOT / link).resolve() for link in LINK.findall(page(ROOT / "README.md"))}
    assert {path.name for path in (ROOT / "docs").glob("*.md")} - {path.name for path in linked} == set()


def test_the_two_commands_of_the_readme_are_those_that_ci_runs_first() -> None:
    shown = next(text for language, text in blocks(page(ROOT / "README.md")) if language == "sh")
    run = [line for line in page(ROOT / ".ci" / "run").splitlines() if line.startswith("make ")]
    assert shown.split("\n") == ["make demo", "make test"] == run[:2]
