"""Holds what is one long document to a few times its size in memory: lists of a cluster and long strings.

Prints a table; status 1 where all processes together take more than the bound. A size in MB and words of names may be
given.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

from installed import compile_package, program
from measure import run

# How much memory may be taken for each byte of the input, of ASCII and with characters of any plane in it.
BOUND, BOUND_OF_ANY = 4.0, 6.0
MEGABYTES = 50
# Characters of a higher plane make a text of Python's four bytes wide.
PLAIN, ANY = "here", "\U0001f680 \u00e9"

_CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: long\ndata:\n"
_DEPLOYMENT = """\
- apiVersion: apps/v1
  kind: Deployment
  metadata:
    annotations:
      note: of the team NOTE
    labels:
      app: web-NUMBER
    name: web-NUMBER
    namespace: team
  spec:
    replicas: 3
    selector:
      matchLabels:
        app: web-NUMBER
    template:
      metadata:
        labels:
          app: web-NUMBER
      spec:
        containers:
        - args:
          - --port=8080
          image: quay.io/acme/web-NUMBER:1.0
          name: web
          resources:
            limits:
              cpu: "1"
              memory: 512Mi
        - image: nginx:1.25
          name: proxy
  status:
    readyReplicas: 3
"""
_TAIL = 'kind: List\nmetadata:\n  resourceVersion: ""\n'


class Shape(NamedTuple):
    """A document: its name, what it begins with, what is repeated in it and stands between, and what it ends with."""

    name: str
    head: str
    unit: str
    between: str
    tail: str

    def pieces(self, size: int, note: str) -> Iterator[str]:
        """The document in pieces, of about a size in bytes."""
        unit = self.unit.replace("NOTE", note)
        count = max(size // len((unit + self.between).encode()), 2)
        yield self.head
        for number, text in enumerate(repeat(unit, count)):
            yield (self.between if number else "") + text.replace("NUMBER", str(number))
        yield self.tail


def _in_json() -> str:
    """A deployment in one line of JSON."""
    pod = {"containers": [{"image": "quay.io/acme/web-NUMBER:1.0", "name": "web"}, {"image": "nginx:1.25"}]}
    item = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"annotations": {"note": "of the team NOTE"}, "name": "web-NUMBER", "namespace": "team"},
        "spec": {"replicas": 3, "template": {"metadata": {"labels": {"app": "web-NUMBER"}}, "spec": pod}},
        "status": {"readyReplicas": 3},
    }
    return json.dumps(item, separators=(",", ":"))


SHAPES = (
    Shape("a List of Deployments, YAML", "apiVersion: v1\nitems:\n", _DEPLOYMENT, "", _TAIL),
    Shape("a List of Deployments, JSON", '{"apiVersion":"v1","items":[', _in_json(), ",", '],"kind":"List"}\n'),
    Shape("a block scalar", f"{_CONFIG}  x: |\n", "    docker run quay.io/a/b:1 --flag NOTE\n", "", ""),
    Shape("one line", f'{_CONFIG}  x: "', "quay.io/a/b:1 NOTE", " ", '"\n'),
)


class Figure(NamedTuple):
    """What a document took: its size and the memory of all processes, in bytes, and CPU seconds."""

    size: int
    peak: int
    seconds: float

    def exceeds(self, bound: float) -> bool:
        """Whether more memory was taken than a number of times the size.

        >>> Figure(10, 41, 1.0).exceeds(4.0), Figure(10, 40, 1.0).exceeds(4.0)
        (True, False)
        """
        return self.peak > bound * self.size


def measured(shape: Shape, size: int, note: str, folder: Path) -> Figure:
    """The figures of a shape; raises RuntimeError for a run that fails."""
    source = folder / "input"
    with source.open("w", encoding="utf-8") as file:
        file.writelines(shape.pieces(size, note))
    done = run((program(),), source)
    if done.status:
        raise RuntimeError(f"{shape.name}: {done.failure}")
    return Figure(source.stat().st_size, done.peak, done.cpu)


def _rows(size: int, words: list[str], measure: Callable[..., Figure]) -> Iterator[tuple[str, Figure, float]]:
    wanted = [shape for shape in SHAPES if not words or any(word in shape.name for word in words)]
    with tempfile.TemporaryDirectory() as name:
        for shape in wanted:
            yield shape.name, measure(shape, size, PLAIN, Path(name)), BOUND
            yield f"{shape.name}, any plane", measure(shape, size, ANY, Path(name)), BOUND_OF_ANY


def main(arguments: list[str]) -> int:
    """Measure all shapes, or those whose names hold one of the arguments; a number is the size in MB."""
    compile_package()
    megabytes = next((int(word) for word in arguments if word.isdecimal()), MEGABYTES)
    words = [word for word in arguments if not word.isdecimal()]
    faults = 0
    print(f"{'document':42}{'MB':>7}{'peak':>8}{'times':>7}{'bound':>7}{'CPU s':>8}")
    for name, figure, bound in _rows(megabytes * 1_000_000, words, measured):
        is_over = figure.exceeds(bound)
        faults += is_over
        size, peak = figure.size / 1e6, figure.peak / 1e6
        row = f"{name:42}{size:7.1f}{peak:8.1f}{peak / size:7.1f}{bound:7.1f}{figure.seconds:8.1f}"
        print(f"{row}{'  too much' if is_over else ''}", flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
