"""The law of the KRM function: what comes back is the list as any run rewrites it, and results.

Held for every spelling of tests/cli/test_krm.py with a line lost, repeated, moved or cut.
"""

import io
import warnings
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from kubectl_tcr import Settings, build, config, krm, parse_rule, rewrite
from kubectl_tcr.errors import TcrError
from kubectl_tcr.run import Console, Request
from kubectl_tcr.sources import Source

from .cli.test_krm import SPELLINGS

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


def test_the_spellings_are_all_taken() -> None:
    assert {name for name, source in SPELLINGS.items() if run(source)[0]} == set()
