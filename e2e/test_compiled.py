"""The compiled build and the sources say the same of every stream: bytes, sites and errors.

`make compiled` builds the first; the second is the one that runs these tests.
"""

import os
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path

import pytest

from .checkout import ROOT

SAYING = [str(ROOT / "e2e" / "saying.py")]
MUTANTS = "3000"


@pytest.fixture(scope="module")
def compiled() -> str:
    """The interpreter that the compiled build is installed for."""
    found = os.environ.get("KUBECTL_TCR_COMPILED", "")
    assert found, "run by make compiled"
    return found


def said(python: str, tmp_path: Path) -> tuple[str, list[bytes]]:
    """Where an interpreter has the pipeline from, and what it says of all streams, a line each."""
    folder = tmp_path / Path(python).parent.parent.name
    folder.mkdir()
    done = subprocess.run([python, "-P", *SAYING, MUTANTS], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    where, *lines = done.stdout.splitlines()
    return where.decode(), lines


def test_both_builds_say_the_same_of_fixtures_and_mutants(compiled: str, tmp_path: Path) -> None:
    binary, of_compiled = said(compiled, tmp_path)
    source, of_sources = said(sys.executable, tmp_path)
    assert Path(binary).suffix in (".so", ".pyd")
    assert Path(source).suffix == ".py"
    assert len(of_sources) > int(MUTANTS)
    other = [number for number, (one, two) in enumerate(zip_longest(of_compiled, of_sources)) if one != two]
    assert other == []
