"""The command behind `make memory`: that its documents are such as are read in pieces."""

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from kubectl_tcr import Settings
from kubectl_tcr.pipeline import Rewriter
from tests.benchmarks.test_benchmarks import BENCHMARKS, needs_posix, run


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield importlib.import_module("memory")
    for name in {"memory", "installed", "measure"} - before:
        sys.modules.pop(name, None)


@needs_posix
def test_each_document_is_read_in_pieces(memory: ModuleType) -> None:
    rewriter = Rewriter(Settings(), longest=20_000)
    for shape in memory.SHAPES:
        for note in (memory.PLAIN, memory.ANY):
            source = "".join(shape.pieces(100_000, note)).encode()
            parts = list(rewriter.parts([source], shape.name)[1])
            assert len(parts) > 3, shape.name
            assert all(part.is_changed for part in parts), shape.name


@needs_posix
def test_the_table_of_one_shape(tmp_path_factory: pytest.TempPathFactory) -> None:
    done = run("memory.py", "1", "JSON", cache=tmp_path_factory.mktemp("cache"))
    assert done.status == 1, done.err  # of a megabyte, what the interpreter takes is many times the size
    assert "a List of Deployments, JSON, any plane" in done.out
    assert done.out.count("too much") == 2
