"""K3s' and RKE2's registries.yaml: lines come, none goes."""

import difflib

import pytest

from kubectl_tcr.errors import NodeError
from kubectl_tcr.nodes import k3s
from kubectl_tcr.nodes.hosts import Host

from .conftest import Machine

FILE = k3s.FILES["k3s"]
QUAY = Host("quay.io", "q.example")
OURS = ["  quay.io:", "    endpoint:", '      - "https://q.example"']

# Before, and the lines that come.
ADDED = {
    "no file": ("", ["mirrors:", *OURS]),
    "comments only": ("# ours\n", ["mirrors:", *OURS]),
    "no mirrors": ("configs:\n  r.io:\n    auth: {username: u}\n", ["mirrors:", *OURS]),
    "mirrors without a value": ("mirrors: # none yet\nconfigs: {}\n", OURS),
    "another source, four blanks deep": (
        "mirrors:\n    # hub\n    docker.io:\n        endpoint: [https://d.io]\n",
        ["    quay.io:", "      endpoint:", '        - "https://q.example"'],
    ),
    "another endpoint": (
        "mirrors:\n  quay.io:\n    endpoint:\n    - https://old.io # old\n",
        ['    - "https://q.example"'],
    ),
    "a source without endpoints": ("mirrors:\n  quay.io:\n", OURS[1:]),
    "no final newline": ("configs: {}", ["mirrors:", *OURS]),
    "Windows line ends": ("mirrors:\r\n  a.io:\r\n    endpoint: [https://b.io]\r\n", [line + "\r" for line in OURS]),
}

REFUSED = {
    "broken YAML": ("mirrors: [\n", "registries.yaml:"),
    "a list": ("- a\n", "the file is no mapping"),
    "mirrors as a list": ("a: 1\nmirrors:\n  - quay.io\n", "registries.yaml:2: mirrors is no mapping"),
    "a flow mapping": ("mirrors: {a.io: {endpoint: [https://b.io]}}\n", 'put "https://q.example" into'),
    "a flow list": ("mirrors:\n  quay.io:\n    endpoint: [https://b.io]\n", "by hand"),
    "endpoints as a string": ("mirrors:\n  quay.io:\n    endpoint: https://b.io\n", "another form than documented"),
    "a rewrite of theirs": (
        "mirrors:\n  quay.io:\n    endpoint:\n      - https://b.io\n    rewrite:\n      a: b\n",
        "rewrite holds for all",
    ),
    "an end of the document": ("configs: {}\n...\n", "by hand"),
    "an anchor in itself": ("mirrors: &a {<<: *a}\n", "an anchor that contains itself"),
    "a host that is a number": ("mirrors:\n  1: {}\n", "1 is no host"),
    "a key twice": ("mirrors:\n  a.io:\nmirrors:\n", "duplicate"),
}


def come(old: str, new: str) -> list[str]:
    compared = list(difflib.ndiff(old.split("\n"), new.split("\n")))
    assert [line for line in compared if line[0] == "-"] == []
    return [line[2:] for line in compared if line[0] == "+" and line[2:]]


@pytest.mark.parametrize(
    "text",
    [
        "mirrors:\n  quay.io:\n    endpoint:\n      - https://q.example\n",
        "mirrors: {quay.io: {endpoint: ['https://q.example', 'https://b.io']}} # flow\n",
    ],
)
def test_an_endpoint_that_is_there_stays_where_it_is(text: str) -> None:
    assert k3s.merge(text, QUAY, FILE) == text


@pytest.mark.parametrize("name", ADDED)
def test_lines_come_and_none_goes(name: str) -> None:
    text, expected = ADDED[name]
    merged = k3s.merge(text, QUAY, FILE)
    assert come(text, merged) == expected
    assert k3s.endpoints(k3s.load(merged, FILE)[0], "quay.io")[0] == "https://q.example"
    assert k3s.merge(merged, QUAY, FILE) == merged


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_merged_is_told(name: str) -> None:
    text, words = REFUSED[name]
    with pytest.raises(NodeError) as error:
        k3s.merge(text, QUAY, FILE)
    assert words in str(error.value)


def test_a_prefix_of_the_mirror_becomes_a_rewrite() -> None:
    merged = k3s.merge("", Host("quay.io", "m.io", "a/b"), FILE)
    assert merged.endswith('    rewrite:\n      "^(.*)$": "a/b/$1"\n')


def test_a_source_with_a_port_is_quoted() -> None:
    assert '  "r.corp:5000":\n' in k3s.merge("", Host("r.corp:5000", "m.io"), FILE)


@pytest.mark.parametrize("name", k3s.FILES)
def test_the_rules_come_in_their_order(node: Machine, name: str) -> None:
    done = node.nodes(name, "--preset", "tke", "--root", "ROOT", "--write")
    assert f"then: restart {name}" in done.err
    hosts = [
        line.strip() for line in node.get(k3s.FILES[name]).splitlines() if line.startswith("  ") and line[2] != " "
    ]
    assert hosts == ["quay.io:", "docker.io:", "nvcr.io:"]


def test_a_rule_for_a_part_of_a_host_is_refused(node: Machine) -> None:
    assert "for a part of quay.io" in node.refused("k3s", "--mirror", "quay.io/a=m.io")
