"""The law of the KRM function: what comes back is the list as any run rewrites it, and results.

Held for every spelling of tests/cli/test_krm.py with a line lost, repeated, moved or cut.
"""

import inspect
import io
import json
import re
import sys
import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from kubectl_tcr import Settings, build, config, parse_rule, rewrite
from kubectl_tcr.errors import TcrError
from kubectl_tcr.run import krm
from kubectl_tcr.run.console import Console
from kubectl_tcr.run.request import Request
from kubectl_tcr.run.sources import Source

from .cli.test_krm import HEAD, SPELLINGS

FLAGS = config.Config(rules=(parse_rule("quay.io=m.example.com"),), preset="none")
SETTINGS = Settings(rules=build([FLAGS.rules]))


def run(source: str) -> tuple[int, str]:
    """Status and output of a run; status 2 for an error that leaves none."""
    request = Request((Source("<stdin>", lambda: iter([source.encode()])),), SETTINGS)
    out, err = io.BytesIO(), io.StringIO()
    try:
        status = krm.run(request, config.Layers((FLAGS,), ()), Console(out, err))
    except TcrError:
        return 2, out.getvalue().decode()
    return status, out.getvalue().decode()


def loaded(text: str) -> Any:
    """The documents of a stream without the results of lists; None where the parser refuses it."""
    with warnings.catch_warnings(action="ignore"):
        try:
            documents = list(YAML(typ="safe", pure=True).load_all(text))
        except (YAMLError, ValueError):
            return None
    return [
        {key: value for key, value in document.items() if key != "results"} if isinstance(document, dict) else document
        for document in documents
    ]


@st.composite
def mutants(draw: st.DrawFn) -> str:
    lines = draw(st.sampled_from(sorted(SPELLINGS.values()))).splitlines(keepends=True)
    index = draw(st.integers(0, len(lines) - 1))
    line = lines[index]
    how = draw(st.sampled_from(["lose", "repeat", "indent", "outdent", "join", "cut"]))
    changed = {
        "lose": "",
        "repeat": line + line,
        "indent": "  " + line,
        "outdent": line.removeprefix("  "),
        "join": line.rstrip("\r\n"),
        "cut": line[: len(line) // 2],
    }
    lines[index] = changed[how]
    return "".join(lines[: index + 1] if how == "cut" else lines)


@given(mutants())
def test_what_comes_back_is_what_any_run_makes_of_it_and_results(source: str) -> None:
    status, out = run(source)
    before = loaded(source)
    if status == 2:
        assert out == ""
    if before is None or status == 2:
        return
    if status == 1:
        assert loaded(out) == before
        return
    assert loaded(out) == loaded(rewrite(source.encode(), SETTINGS).output.decode())
    assert run(out) == (0, out)


# Whatever comes: the list with results, or nothing and status 2. Any other exception fails the test.

LONG = "9" * 5000
DEEP = "[" * 300 + "]" * 300
BOMB = "\n".join(f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))
SCALARS = (
    *("1", LONG, "2001-99-99", "1e999", "~", "''", "true", "[]", "{}", "[[a]]", "{a: b}", "!!int x", "!!binary '*'"),
    *("!!set {a}", "!x y", "*a", "&a [*a]", '"\\ud800"', '"\\U00110000"', "'quay.io/a/b:1'", "{? [a] : b}", "{<<: a}"),
    DEEP,
)
PLACES = {
    "functionConfig": "functionConfig: {}\n",
    "its apiVersion": "functionConfig: {{apiVersion: {}, kind: MirrorConfig}}\n",
    "its kind": "functionConfig: {{apiVersion: v1, kind: {}}}\n",
    "its metadata": "functionConfig: {{apiVersion: kubectl-tcr/v1alpha1, kind: MirrorConfig, metadata: {}}}\n",
    "its spec": "functionConfig: {{apiVersion: kubectl-tcr/v1alpha1, kind: MirrorConfig, spec: {}}}\n",
    "its scope": "functionConfig: {{apiVersion: kubectl-tcr/v1alpha1, kind: MirrorConfig, spec: {{scope: {}}}}}\n",
    "its rules": "functionConfig: {{apiVersion: kubectl-tcr/v1alpha1, kind: MirrorConfig, spec: {{mirrors: [{}]}}}}\n",
    "the data of a ConfigMap": "functionConfig: {{apiVersion: v1, kind: ConfigMap, data: {}}}\n",
    "a key of a ConfigMap": "functionConfig: {{apiVersion: v1, kind: ConfigMap, data: {{mirrors: {}}}}}\n",
    "an item": "items: [{}]\n",
    "the items": "items: {}\n",
    "metadata of an item": "items: [{{apiVersion: v1, kind: Pod, metadata: {}, image: 'quay.io/a/b:1'}}]\n",
    "the index of an item": "items: [{{apiVersion: v1, kind: Pod, image: 'quay.io/a/b:1', metadata: {{annotations: "
    "{{config.kubernetes.io/path: a, config.kubernetes.io/index: {}}}}}}}]\n",
    "results": "items: [{{apiVersion: v1, kind: Pod, image: 'quay.io/a/b:1'}}]\nresults: {}\n",
}


@pytest.mark.parametrize("place", PLACES)
def test_odd_values_end_in_a_list_or_in_nothing(place: str) -> None:
    for value in SCALARS:
        assert_list_or_nothing(HEAD + PLACES[place].format(value))


@pytest.mark.parametrize("place", PLACES)
def test_odd_values_in_json_end_in_a_list_or_in_nothing(place: str) -> None:
    for value in ("1", LONG, f"-{LONG}.{LONG}e99", "null", '""', "true", "[]", "{}", "[[]]", '"\\ud800"', DEEP):
        block = HEAD + PLACES[place].format("'@'")
        data = YAML(typ="safe", pure=True).load(block)
        assert_list_or_nothing(json.dumps(data).replace('"@"', value))


def test_an_alias_bomb_ends_in_a_list() -> None:
    status, out = run(f"{HEAD}functionConfig:\n  a0: &a0 [x]\n{BOMB}\n")
    assert (status, out.count('"severity": "error"')) == (1, 1)


def test_json_of_any_depth_ends_in_a_list_or_in_nothing() -> None:
    """Each step meets Python's bound on recursion at a depth of its own; the bound is set low to be met soon."""
    source = '{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "functionConfig": {"kind": @}}'
    assert_list_or_nothing(source.replace("@", DEEP))
    bound = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 300)
    try:
        for depth in range(200, 301):
            assert_list_or_nothing(source.replace("@", "[" * depth + "]" * depth))
            assert_list_or_nothing(source.replace("@", '{"a":' * depth + "1" + "}" * depth))
    finally:
        sys.setrecursionlimit(bound)


@settings(max_examples=300)
@given(mutants(), st.sampled_from(SCALARS), st.integers(0, 400))
def test_a_value_anywhere_ends_in_a_list_or_in_nothing(source: str, value: str, at: int) -> None:
    lines = source.split("\n")
    at %= len(lines)
    key = re.match(r"[^:]*:", lines[at])
    lines[at] = (key[0] if key else "") + " " + value
    assert_list_or_nothing("\n".join(lines))


def assert_list_or_nothing(source: str) -> None:
    status, out = run(source)
    if status == 2:
        assert out == ""
    else:
        assert ("ResourceList" in out) == ("ResourceList" in source)
        assert status == 0 or '"severity": "error"' in out


def test_the_spellings_are_all_taken() -> None:
    assert {name for name, source in SPELLINGS.items() if run(source)[0]} == set()
