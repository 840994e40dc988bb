"""The command behind `make growth`: that it tells what grows, and that its shapes are inputs that can be read."""

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from kubectl_tcr import InputError, rewrite
from tests.benchmarks.test_benchmarks import BENCHMARKS, needs_posix, run


@pytest.fixture
def growth(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield importlib.import_module("growth")
    for name in {"growth", "installed", "measure"} - before:
        sys.modules.pop(name, None)


# Seconds and megabytes of an input of 1, 2 and 4 MB, and what grows faster.
FIGURES = {
    "nothing": ([(0.0, 0), (0.0, 0), (0.0, 0)], ""),
    "as the input": ([(1.0, 10), (2.0, 20), (4.0, 40)], ""),
    "by steps": ([(1.0, 10), (3.0, 20), (8.0, 60)], ""),
    "too little to tell": ([(0.0, 0), (0.1, 1), (0.3, 9)], ""),
    "CPU time with the square": ([(1.0, 10), (4.0, 20), (16.0, 40)], "CPU time"),
    "CPU time from nothing": ([(0.0, 0), (0.1, 0), (5.0, 0)], "CPU time"),
    "memory with the square": ([(1.0, 10), (2.0, 40), (4.0, 160)], "memory"),
}


@needs_posix
@pytest.mark.parametrize("name", FIGURES)
def test_what_grows_faster_than_the_input_is_named(growth: ModuleType, name: str) -> None:
    figures, fault = FIGURES[name]
    rows = zip((1, 2, 4), figures, strict=True)
    found = tuple(growth.Figure(size * 1_000_000, seconds, memory * 1_000_000) for size, (seconds, memory) in rows)
    assert growth.grows(found) == fault


@needs_posix
def test_each_shape_is_read_or_refused_in_one_line(growth: ModuleType) -> None:
    for shape in growth.SHAPES:
        try:
            done = rewrite(shape.make(2).encode())
        except InputError as error:
            assert "\n" not in str(error)  # noqa: PT017 either is fine
            continue
        assert shape.name.endswith("pure parser") or done.sites, shape.name


@needs_posix
def test_the_table_of_one_shape(tmp_path_factory: pytest.TempPathFactory) -> None:
    done = run("growth.py", "colons", cache=tmp_path_factory.mktemp("cache"))
    assert done.status == 0, done.err
    assert "colons in an address" in done.out
    assert "1 passed, 0 failed" in done.out
