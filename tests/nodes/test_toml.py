"""One value more in a TOML file, and nothing else different."""

import difflib

import pytest

from kubectl_tcr.errors import NodeError
from kubectl_tcr.nodes import toml

KEY = ("plugins", "io.containerd.grpc.v1.cri", "registry", "config_path")
CRI = '[plugins."io.containerd.grpc.v1.cri"'

# Before, and the lines that come and go.
EDITS = {
    "an empty file": ("", [f"+{CRI}.registry]", '+config_path = "/c"']),
    "no tables": ("version = 2 # mine\n", ["+", f"+{CRI}.registry]", '+config_path = "/c"']),
    "a table for it": (
        f"{CRI}.registry]\n\n  # tables below\n  {CRI}.registry.headers]\n    A = ['b']\n",
        ['+config_path = "/c"', "+"],
    ),
    "a value for it": (
        f"{CRI}.registry]\n    config_path   =  ''  # none yet\n[debug]\n",
        ["-    config_path   =  ''  # none yet", '+    config_path   =  "/c"  # none yet'],
    ),
    "a table below it only": (
        f"{CRI}.registry.configs.x.auth]\nusername = 'u'\n",
        [f"+{CRI}.registry]", '+config_path = "/c"', "+"],
    ),
    "an inline table": (
        f"{CRI}]\nregistry = {{ config_path = '' }} # c\n",
        ["-registry = { config_path = '' } # c", '+registry = { config_path = "/c" } # c'],
    ),
    "tables scattered through the file": (
        f"{CRI}.containerd]\na = 1\n[grpc]\nb = 2\n{CRI}.cni]\nc = 3\n[debug]\nd = 4\n# end\n",
        ["+", f"+{CRI}.registry]", '+config_path = "/c"'],
    ),
    "Windows line ends": (f"{CRI}.registry]\r\n# x\r\n[debug]\r\n", ['+config_path = "/c"\r']),
    "no final newline": (f"{CRI}.registry]\n# last", ["-# last", "+# last\n", '+config_path = "/c"']),
}


def lines(old: str, new: str) -> list[str]:
    compared = difflib.ndiff(old.splitlines(keepends=True), new.splitlines(keepends=True))
    changed = [line[0] + line[2:] for line in compared if line[0] in "+-"]
    return [line if line == "+# last\n" else line.removesuffix("\n") for line in changed]


@pytest.mark.parametrize("text", [f"{CRI}.registry]\nconfig_path = '/c'\n", f'{CRI}]\nregistry.config_path = "/c"\n'])
def test_what_is_there_already_stays(text: str) -> None:
    assert toml.put(text, KEY, "/c", "f") == text


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_changes_these_lines(name: str) -> None:
    text, expected = EDITS[name]
    edited = toml.put(text, KEY, "/c", "f")
    assert lines(text, edited) == expected
    assert toml.at(toml.load(edited, "f"), KEY) == "/c"
    assert toml.put(edited, KEY, "/c", "f") == edited


def test_what_cannot_be_edited_is_told() -> None:
    text = "[plugins]\n'io.containerd.grpc.v1.cri' = {a = 1}\n"
    with pytest.raises(NodeError, match=r'set plugins\."io\.containerd\.grpc\.v1\.cri"\.registry\.config_path'):
        toml.put(text, KEY, "/c", "f")


@pytest.mark.parametrize(
    ("text", "place"),
    [("version = \n", "f:1:11: "), ("a = 1\na = 2\n", "f:2:"), ("[a\n", "f:1:"), ("\ufeffa = 1", "f:1:1")],
)
def test_what_does_not_parse_is_told_with_its_place(text: str, place: str) -> None:
    with pytest.raises(NodeError) as error:
        toml.put(text, KEY, "/c", "f")
    assert str(error.value).startswith(place)
    assert "invalid TOML" in str(error.value)


# Before, the path to cut, and the lines that go.
CUTS = {
    "what is not there": (f"{CRI}.registry]\nconfig_path = ''\n", []),
    "tables in the middle, a comment inside": (
        f"{CRI}.registry.mirrors]\n {CRI}.registry.mirrors.'a']\n# why\nendpoint = [\n 'b',\n]\n\n# of\n[debug]\n",
        [
            f"-{CRI}.registry.mirrors]",
            f"- {CRI}.registry.mirrors.'a']",
            "-# why",
            "-endpoint = [",
            "- 'b',",
            "-]",
        ],
    ),
    "Windows line ends": (
        f"{CRI}.registry.mirrors.x]\r\nendpoint = []\r\n[debug]\r\n",
        [f"-{CRI}.registry.mirrors.x]\r", "-endpoint = []\r"],
    ),
    "dotted keys": (
        f"{CRI}.registry]\nmirrors.x.endpoint = ['https://b.io']\nheaders = {{}}\n",
        ["-mirrors.x.endpoint = ['https://b.io']"],
    ),
}


@pytest.mark.parametrize("name", CUTS)
def test_tables_are_cut_and_nothing_else_is_lost(name: str) -> None:
    text, lines = CUTS[name]
    after = toml.cut(text, [(*KEY[:-1], "mirrors")], "c.toml")
    changed = [line for line in difflib.ndiff(text.split("\n"), after.split("\n")) if line[0] in "+-"]
    assert [line[0] + line[2:] for line in changed] == lines


def test_a_header_inside_a_string_is_no_table() -> None:
    text = f"a = '''\n{CRI}.registry.mirrors.x]\n'''\n{CRI}.registry.mirrors.y]\nendpoint = []\n"
    after = toml.cut(text, [(*KEY[:-1], "mirrors")], "c.toml")
    assert toml.load(after, "c.toml")["a"] == f"{CRI}.registry.mirrors.x]\n"
    assert "endpoint" not in after
