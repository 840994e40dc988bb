"""docs/zh-CN/messages.md has a row for every message of the source, and for nothing else."""

import re
from pathlib import Path

from tests.docs.messages import OPEN, PACKAGE, Module, messages, said_by_script

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "zh-CN" / "messages.md"
ROW = re.compile(
    r"^\| `(?P<message>(?:[^`|]|\\\|)+)` \| (?P<status>[^|]+) \| (?P<meaning>[^|]+) \| (?P<remedy>[^|]+) \|$"
)
ROWS = [row for row in map(ROW.match, PAGE.read_text(encoding="utf-8").splitlines()) if row]
SAID = messages()


def listed() -> list[str]:
    return [row["message"].replace(r"\|", "|") for row in ROWS]


def test_every_message_has_a_row() -> None:
    assert sorted(SAID.keys() - set(listed())) == []


def test_no_row_is_of_a_message_that_is_gone() -> None:
    assert sorted(set(listed()) - SAID.keys()) == []


def test_no_message_has_two_rows() -> None:
    assert sorted({message for message in listed() if listed().count(message) > 1}) == []


def test_the_status_of_a_row_is_that_of_the_message() -> None:
    told = zip(listed(), (row["status"] for row in ROWS), strict=True)
    assert [
        (message, status) for message, status in told if not all(one in status for one in SAID.get(message, ()))
    ] == []


def test_every_row_of_the_tables_of_messages_is_read() -> None:
    rows = re.findall(r"^\| `.*\|.*\|.*\|.*\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == len(ROWS) > 200


def test_messages_are_found_where_they_are_made() -> None:
    text = """
WHAT = "no such thing there"


def why(name: str) -> str:
    return f"{name} is no good thing; mend it"


def run(console, name):
    if name:
        raise InputError(WHAT if name else why(name))
    what = "the longer half of it " + name
    console.say(printable(what))
    effect = "it is lost" if name else "it stays"
    yield Problem(name, f"{name} is wrong: {effect}")
"""
    assert dict(Module(text).said()) == {
        "no such thing there": "2",
        f"{OPEN} is no good thing; mend it": "2",
        f"the longer half of it {OPEN}": "",
        f"{OPEN} is wrong: it is lost": "1",
        f"{OPEN} is wrong: it stays": "1",
    }


def test_a_part_of_what_is_said_needs_no_row() -> None:
    text = """
WHY = {"a": "what is odd here"}
raise InputError(f"{x}: what is odd here, and there")
y = "said by it alone"
"""
    assert {template for template, _ in Module(text, is_all_said=True).said()} == {
        f"{OPEN}: what is odd here, and there",
        "said by it alone",
    }


def test_messages_of_scripts_are_found_with_what_is_filled_in() -> None:
    text = """    say "wrote $1"\n    fail "$(tail -n 1 "$work/x"): ${a:-b} is wrong;" \\\n        "$(next --x)"\n"""
    assert list(said_by_script(text)) == [(f"wrote {OPEN}", ""), (f"{OPEN}: {OPEN} is wrong; {OPEN}", "2")]


def test_every_message_of_a_script_is_read() -> None:
    for path in (PACKAGE / "nodes" / "templates").glob("*.sh"):
        text = path.read_text(encoding="utf-8")
        assert len(re.findall(r'\b(?:say|fail) "', text)) - text.count('say "done"') == len(list(said_by_script(text)))
