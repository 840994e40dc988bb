"""Holds inputs that once grew faster than linear to it: each at n, 2n and 4n, in a process of its own.

Prints a table; status 1 where CPU time or peak memory grows faster than the input. An input that is refused in one
line, because it would take too much, is fine.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from installed import compile_package, program
from measure import Run, run

# CPU time, in seconds, and memory, in bytes, that say nothing: start-up takes them, or the machine.
QUIET = 0.4
SMALL = 16_000_000
# How much faster than the input a figure may grow, as machines are loaded and memory is taken in steps; from n to 4n
# what is quadratic grows four times as fast.
ALLOWANCE = 2.5
_STEPS = (1, 2, 4)
_PATIENCE = 120.0

IMAGE = "quay.io/a/b:1"
BACKSLASHED = "it\\'s "
POD = "apiVersion: v1\nkind: Pod\n"


class Shape(NamedTuple):
    """An input of a size that follows a number, and the flags it is given with."""

    name: str
    number: int
    make: Callable[[int], str]
    flags: tuple[str, ...] = ()


def _nested_literals(number: int) -> str:
    """A document in a literal that is shown at many places, in a document in a literal, four times."""
    document = f"image: {IMAGE}\n"
    for _ in range(4):
        indented = "".join(f"  {line}\n" for line in document.splitlines())
        document = f"x: &d |\n{indented}y: [{', '.join(['*d'] * number)}]\n"
    return document


def _definition(number: int) -> str:
    """A definition with an image by default, many strings at one place, and many mappings with their own."""
    strings = "".join(f'"s{index}":{{"type":"string"}},' for index in range(number))
    mappings = "".join(f'"m{index}":{{"properties":{{"a":{{"type":"string"}}}}}},' for index in range(number))
    image = '"image":{"type":"string","default":"acme/a:1"}'
    schema = f'{{"properties":{{"spec":{{"properties":{{{strings}{mappings}{image}}}}}}}}}'
    return (
        '{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","spec":{"group":"a.example.com",'
        f'"names":{{"kind":"Harbour"}},"versions":[{{"name":"v1","schema":{{"openAPIV3Schema":{schema}}}}}]}}}}'
    )


# `y: [:b]` is what only the pure parser reads.
SHAPES = (
    Shape(
        "items in nested brackets, pure parser",
        225,
        lambda n: f"{POD}y: [:b]\nx: {'[' * n}{'a,' * 8 * n}{']' * n}\nimage: nginx\n",
    ),
    Shape("images at every depth, YAML", 240, lambda n: f"{{image: {IMAGE}, a: " * n + "1" + "}" * n),
    Shape("images at every depth, JSON", 1_000, lambda n: f'{{"image":"{IMAGE}","a":' * n + "1" + "}" * n),
    Shape(
        "images at every depth, with an alias",
        240,
        lambda n: f"x: &x {IMAGE}\ny: *x\nz: " + f"{{image: {IMAGE}, a: " * n + "1" + "}" * n,
    ),
    Shape("many images far down", 1_000, lambda n: f"{'{a: ' * 900}[{f'{{image: {IMAGE}}},' * n}]{'}' * 900}"),
    Shape(
        "many strings far down, JSON",
        2_000,
        lambda n: f'{{"image":"{IMAGE}","a":' + '{"a":' * n + "[" + '"x",' * 4 * n + '""]' + "}" * n + "}",
    ),
    Shape("aliases of documents in literals", 5, _nested_literals),
    Shape("anchors and aliases at the same keys", 2_000, lambda n: f"a: &a {IMAGE}\nb: *a\n" * n),
    Shape(
        "references on every line of a scalar",
        3_000,
        lambda n: f"{POD}data:\n  x: |\n" + f"    docker run {IMAGE} --flag\n" * n,
    ),
    Shape("references on one line", 3_000, lambda n: f'{POD}x: "{f"{IMAGE} " * n}"\n'),
    Shape("colons in an address", 20_000, lambda n: f"repoURL: 'quay.io/a{':b' * n}/'\n"),
    Shape(
        "ignore marks in front of a quote",
        60,
        lambda n: f'x: "{IMAGE}{f" # tcr-rewrite: ignore {IMAGE}" * n} it\'s"\n',
    ),
    Shape("a diff of joined lines", 4_000, lambda n: 'a: "quay\\\n  .io/a/b:1"\n' + "b: c\n" * n, ("--diff",)),
    Shape("JSON values in a row", 20_000, lambda n: '{"a":1}\n' * n + f'{{"image":"{IMAGE}"}}\n'),
    Shape("tabs behind values", 2_000, lambda n: f"image:\t{IMAGE}\n" + "a: b\t\n" * n),
    Shape("properties of a definition", 3_000, _definition),
    Shape("escaped apostrophes", 5_000, lambda n: f'image: {IMAGE}\na: "{BACKSLASHED * n}"\n'),
)


class Figure(NamedTuple):
    """What a shape took at one size: bytes of the input, CPU seconds and bytes of memory beyond those of start-up."""

    size: int
    seconds: float
    memory: int


def grows(figures: tuple[Figure, ...]) -> str:
    """What grows faster than the input, empty for nothing.

    >>> grows((Figure(10, 0.5, 0), Figure(20, 1.0, 0), Figure(40, 2.1, 0)))
    ''
    >>> grows((Figure(10, 0.5, 0), Figure(20, 2.0, 0), Figure(40, 8.0, 0)))
    'CPU time'
    >>> grows((Figure(10, 0.0, 0), Figure(20, 0.1, 9_000_000), Figure(40, 0.3, 90_000_000)))
    'memory'
    """
    first, *_, last = figures
    most = ALLOWANCE * last.size / first.size
    if last.seconds > QUIET and last.seconds > most * max(first.seconds, QUIET / most):
        return "CPU time"
    if last.memory > SMALL and last.memory > most * max(first.memory, SMALL / most):
        return "memory"
    return ""


def measured(shape: Shape, folder: Path, start: Run) -> Iterator[Figure]:
    """The figures of a shape at each size; raises RuntimeError for a run that ends in any other way than it may."""
    source = folder / "input.yaml"
    for step in _STEPS:
        source.write_text(shape.make(shape.number * step), encoding="utf-8")
        done = run((program(), *shape.flags), source, patience=_PATIENCE)
        if done.status not in (0, 1, 2) or "Traceback" in done.message or "bug" in done.message:
            raise RuntimeError(f"{shape.name}: {done.failure}")
        seconds, memory = max(done.cpu - start.cpu, 0.0), max(done.peak - start.peak, 0)
        yield Figure(source.stat().st_size, seconds, memory)


def main() -> int:
    """Measure all shapes, or those whose names hold one of the arguments."""
    compile_package()
    wanted = [shape for shape in SHAPES if not sys.argv[1:] or any(word in shape.name for word in sys.argv[1:])]
    faults = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "start.yaml").write_text(f"image: {IMAGE}\n")
        start = run((program(),), folder / "start.yaml")
        print(f"{'shape':42}{'KB':>7}  {'CPU s at n, 2n, 4n':24}{'MB':24}")
        for shape in wanted:
            figures = tuple(measured(shape, folder, start))
            fault = grows(figures)
            faults += bool(fault)
            seconds = " ".join(f"{figure.seconds:6.2f}" for figure in figures)
            memory = " ".join(f"{figure.memory / 1e6:6.1f}" for figure in figures)
            print(f"{shape.name:42}{figures[-1].size / 1e3:7.0f}  {seconds:24}{memory:24}{fault and 'grows: ' + fault}")
    print(f"{len(wanted) - faults} passed, {faults} failed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
