"""Command lines that are read without click: click reads them the same, and reads all others."""

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_tcr.cli.command import command, parse
from kubectl_tcr.cli.words import ONCE, REPEATED, SWITCHES, plain
from kubectl_tcr.errors import UsageError

OPTIONS = {flag: one for one in command.params if isinstance(one, click.Option) for flag in one.opts}

OTHERS = ["--report", "-fa", "-n", "--", "--mirro", "-qv", "-h", "--version"]
FLAGS = st.sampled_from([*SWITCHES, *REPEATED, *ONCE, *OTHERS])
VALUES = st.sampled_from(["quay.io=m.example.com", "a.yaml", "fail", "tke", "none", "", " ", "-", "--check", "=", "ä"])
WORDS = st.one_of(FLAGS, VALUES, st.builds("{}={}".format, FLAGS, VALUES))


@pytest.mark.parametrize(
    "words",
    [
        ["--report", "out.json"],
        ["-fa.yaml"],
        ["-f=a.yaml"],
        ["-f", "-"],
        ["-n", "team"],
        ["-"],
        ["--", "a.yaml"],
        ["-qv"],
        ["--mirror"],
        ["--mirror", ""],
        ["--mirror="],
        ["--mirror", "--check"],
        ["--preset", "other"],
        ["--check=true"],
        [""],
        ["--help"],
    ],
    ids=" ".join,
)
def test_what_is_not_plain_is_left_to_click(words: list[str]) -> None:
    assert plain(words) is None


def test_flags_and_files_are_read() -> None:
    rules = ["--mirror", "quay.io=a.example", "--mirror=ghcr.io=b.example", "--config", "c.yaml"]
    words = [*rules, "-R", "-f", "more", "--filename=other", "-q", "a.yaml"]
    assert plain(words) == {
        "mirrors": ("quay.io=a.example", "ghcr.io=b.example"),
        "config_file": "c.yaml",
        "recursive": True,
        "filenames": ("more", "other"),
        "quiet": True,
        "names": ("a.yaml",),
    }


@pytest.mark.parametrize("flag", [*SWITCHES, *REPEATED, *ONCE])
def test_a_flag_is_what_it_is_for_click(flag: str) -> None:
    option = OPTIONS[flag]
    name, allowed = (ONCE[flag]) if flag in ONCE else ((SWITCHES | REPEATED)[flag], None)
    choices = tuple(option.type.choices) if isinstance(option.type, click.Choice) else None
    assert (option.name, option.is_flag, option.multiple) == (name, flag in SWITCHES, flag in REPEATED)
    assert choices == allowed


@given(st.lists(WORDS, max_size=6))
def test_what_is_read_click_reads_the_same(words: list[str]) -> None:
    found = plain(words)
    if found is None:
        return
    try:
        expected = parse(words)
    except UsageError as error:
        pytest.fail(f"click refuses it: {error}")
    defaults = parse([])
    assert {**defaults, **found} == expected
