"""Hold the Chinese pages to the English ones.

`docs/zh-CN/NAME.md` is the translation of `docs/NAME.md`, where that is there, and `README.zh-CN.md` of `README.md`.
A line of its own says which state of the English text it was written from; code does not count for that, since both
languages have the same, but for comments in what a reader types. Without arguments every difference is named, with
status 1 if there is one. With pages, these are taken as looked at: they get the blocks of the English page where they
have others, by their order, and its state. An empty block is enough where a new one is to stand.
"""

import hashlib
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# With the line above it that says what it shows.
BLOCK = re.compile(
    r"(?P<shows>^<!-- (?:file|output|messages): [^\n]+ -->\n+)?"
    r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>(?:(?! *```)[^\n]*\n)*)(?P=indent)```$",
    re.MULTILINE,
)
STATE = re.compile(r"\n<!-- translation of (?P<source>\S+), state (?P<state>\w+) -->\n")
TABLE = re.compile(r"(?:^\|[^\n]*\n)+", re.MULTILINE)
HEADING = re.compile(r"^#+(?= )", re.MULTILINE)
COMMENT = re.compile(r"(^|\s+)#(?!\!).*")
LINK = re.compile(r"\[[^\]]*\]\([^)]*\)")
CODE = re.compile(r"`([^`\n]+)`")
# What no language changes: code, and names with a dot, such as hosts.
SAME = re.compile(rf"{CODE.pattern}|(?<![\w./-])([a-z\d-]+(?:\.[a-z\d-]+)+)(?![\w./-])")
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def pairs(root: Path) -> list[tuple[Path, Path]]:
    """Each English page that has a translation, and that."""
    chinese = [root / "README.zh-CN.md", *sorted((root / "docs" / "zh-CN").glob("*.md"))]
    found = [(english_of(root, page), page) for page in chinese if page.exists()]
    return [(english, page) for english, page in found if english.exists()]


def english_of(root: Path, page: Path) -> Path:
    """Where the English page of a Chinese one would stand; that of the index is none."""
    return root / "README.md" if page.parent == root else root / "docs" / page.name


def prose(page: str) -> str:
    """A page without its code blocks and without the line on its state."""
    return BLOCK.sub("", STATE.sub("", page))


def state(english: str) -> str:
    """What names the state of an English page's text."""
    return hashlib.sha256(prose(english).encode()).hexdigest()[:12]


def blocks(page: str) -> list[str]:
    """The code blocks; of those that a reader types the comments are in the reader's language."""
    return [essence(block) for block in BLOCK.finditer(page)]


def essence(block: re.Match[str]) -> str:
    """What both languages share of a code block."""
    if block["shows"] or block["language"] not in ("sh", "yaml"):
        return block[0]
    lines = (COMMENT.sub("", line) for line in block["text"].splitlines())
    return "\n".join([block["language"], *(line for line in lines if line.strip())])


def tables(page: str) -> list[list[list[list[tuple[str, str]]]]]:
    """What no language changes in each cell of each row of each table."""
    return [
        [
            [sorted(SAME.findall(LINK.sub("", cell))) for cell in re.split(r"(?<!\\)\|", row)]
            for row in table.splitlines()
        ]
        for table in TABLE.findall(prose(page))
    ]


def flags(page: str) -> set[str]:
    """The flags that the text names."""
    return {flag for code in CODE.findall(prose(page)) for flag in FLAG.findall(code)}


def faults(english: str, chinese: str) -> list[str]:
    """In what a translation is not at the state of its page."""
    written = STATE.search(chinese)
    found = []
    if not written:
        found.append("does not say from which state of the English page it was written")
    elif written["state"] != state(english):
        found.append("was written from an older state of the English page: read what changed there")
    if blocks(english) != blocks(chinese):
        found.append("has other code blocks")
    found += [f"has other code in its table {where}" for where in _other_tables(tables(english), tables(chinese))]
    if HEADING.findall(prose(english)) != HEADING.findall(prose(chinese)):
        found.append("has other headings")
    lacking = flags(english) - set(FLAG.findall(chinese))
    surplus = flags(chinese) - set(FLAG.findall(english))
    if lacking or surplus:
        found.append(f"names other flags: {', '.join(sorted(lacking | surplus))}")
    return found


def _other_tables(
    english: list[list[list[list[tuple[str, str]]]]], chinese: list[list[list[list[tuple[str, str]]]]]
) -> list[str]:
    """Where the first difference of each table is."""
    if len(english) != len(chinese):
        return [f"of {len(chinese)}, where the English page has {len(english)}"]
    return [
        f"{number}, row {next((row for row, (a, b) in enumerate(zip(one, other, strict=False), 1) if a != b), 'last')}"
        for number, (one, other) in enumerate(zip(english, chinese, strict=True), 1)
        if one != other
    ]


def looked_at(source: str, english: str, chinese: str) -> str:
    """A translation with the code blocks and the state of its page; raises SystemExit where it has not as many."""
    theirs, ours = list(BLOCK.finditer(english)), list(BLOCK.finditer(chinese))
    if len(theirs) != len(ours):
        raise SystemExit(f"{source} has {len(theirs)} code blocks and its translation {len(ours)}")
    following = iter(theirs)

    def mended(block: re.Match[str]) -> str:
        new = next(following)
        return block[0] if essence(block) == essence(new) else new[0]

    first, _, rest = BLOCK.sub(mended, STATE.sub("", chinese)).partition("\n")
    return f"{first}\n\n<!-- translation of {source}, state {state(english)} -->\n{rest}"


def main(arguments: list[str]) -> int:
    """Name all differences, or take pages as looked at."""
    wanted = {Path(name).resolve() for name in arguments}
    known = pairs(ROOT)
    for unknown in wanted - {page for _, page in known}:
        raise SystemExit(f"{unknown}: no translation of a page")
    for english, page in known:
        if page in wanted:
            source = english.relative_to(ROOT).as_posix()
            text = looked_at(source, english.read_text(encoding="utf-8"), page.read_text(encoding="utf-8"))
            page.write_text(text, encoding="utf-8", newline="\n")
    told = [
        f"{page.relative_to(ROOT)} {fault}\n"
        for english, page in known
        for fault in faults(english.read_text(encoding="utf-8"), page.read_text(encoding="utf-8"))
    ]
    sys.stdout.writelines(told)
    return int(bool(told))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
