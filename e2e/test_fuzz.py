"""`make fuzz` with the real oracles: what they read, that every known class is still one, and a short run."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fuzz import classes
from fuzz.judge import Judge
from fuzz.oracle import NAMES, Oracle

from .checkout import ROOT
from .conftest import Tool


@pytest.fixture(scope="module")
def oracles(tool: Tool) -> Iterator[list[Oracle]]:
    found = [Oracle(Path(tool(name))) for name in NAMES]
    yield found
    for oracle in found:
        oracle.close()


@pytest.mark.parametrize(
    ("source", "documents"),
    [
        (b"", []),
        (b"a: 1\n---\n# nothing\n---\nnull\n---\nb: '1'\n", [{"a": ("number", "1")}, {"b": "1"}]),
        (b'{"a": 1}{"a": 2}', [{"a": ("number", "1")}, {"a": ("number", "2")}]),
        (b"a: 1\na: 2\n", [{"a": ("number", "2")}]),
        (b"a: &a {x: z}\nb: {<<: *a}\n", [{"a": {"x": "z"}, "b": {"x": "z"}}]),
        ("\ufeffa: é\n".encode("utf-16-le"), [{"a": "é"}]),
        (b"a: \xff\n", [{"a": "\ufffd"}]),
        (b"yes: no\n", [{"true": False}]),
    ],
    ids=["nothing", "YAML", "JSON", "a key twice", "a merge", "UTF-16", "no UTF-8", "YAML 1.1"],
)
def test_what_kubectl_reads(oracles: list[Oracle], source: bytes, documents: list[object]) -> None:
    for oracle in oracles:
        assert oracle.ask(source) == (tuple(documents), "")


@pytest.mark.parametrize(
    ("source", "documents", "error"),
    [
        (b"a: 1\n---\nb: [\n", 1, "did not find expected node content"),
        (b"%YAML 1.1\na: b\n", 0, "did not find expected <document start>"),
        (b"a: 1\n--- b\n", 0, "invalid Yaml document separator"),
        (b"? [a]\n: b\n", 0, "invalid map key"),
        (b"[" * 20_000, 0, "exceeded max depth"),
    ],
    ids=["a broken second document", "a directive", "text behind a separator", "a collection as key", "too deep"],
)
def test_what_kubectl_refuses(oracles: list[Oracle], source: bytes, documents: int, error: str) -> None:
    for oracle in oracles:
        answer = oracle.ask(source)
        assert error in answer.error
        assert len(answer.documents or ()) == documents


@pytest.mark.parametrize("known", classes.CLASSES, ids=lambda known: known.name)
def test_a_known_class_is_still_one(oracles: list[Oracle], known: classes.Class) -> None:
    """Take a class out of the table once both come to agree on its example."""
    verdict = Judge(oracles).judge(known.example)
    found = classes.of(known.example, verdict)
    assert found is known, verdict


def fuzz(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fuzz", *args]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def test_a_short_run_finds_nothing_unknown_and_prints_a_table(oracles: list[Oracle]) -> None:
    assert oracles
    done = fuzz("--mutants", "300", "--seed", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[:2] == ["| read by | what | mutants |", "|---|---|---|"]
    counts = [int(line.split("|")[3].replace(",", "")) for line in lines[2:] if line.startswith("|")]
    assert sum(counts) == 300
    assert lines[-1].startswith("300 mutants of seed 0, from 0 on; ")


def test_one_file_is_judged(oracles: list[Oracle], tmp_path: Path) -> None:
    assert oracles
    path = tmp_path / "case.yaml"
    path.write_bytes(b"a: \xff\n")
    done = fuzz("--file", str(path))
    assert (done.returncode, done.stdout) == (0, "bytes that are no UTF-8\n")


def test_a_mutant_is_shown() -> None:
    assert fuzz("--show", "7").stdout == fuzz("--show", "7").stdout != fuzz("--show", "8").stdout
    json.dumps(fuzz("--show", "7").stdout)
