"""The command behind `make gate`: what is counted, suspected and silent; the charts are tried end to end."""

import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import gate  # noqa: E402

POD = b"""\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - {image: quay.io/a/b:1, name: a, args: [--tool-image=acme/tool:1, "acme/hidden:1"]}
"""


def subject(*images: str) -> gate.Subject:
    return gate.Subject("pod.yaml", POD, frozenset(images))


def test_an_image_that_is_named_nowhere_is_silent() -> None:
    count = gate.measure(subject("quay.io/a/b:1", "acme/tool:1", "acme/hidden:1"))
    assert count == gate.Count(1, 1, ("acme/hidden:1",))


def test_without_a_list_nothing_is_known_of_what_is_silent() -> None:
    assert gate.measure(gate.Subject("pod.yaml", POD, None)) == gate.Count(1, 1, ())


def test_nothing_of_the_shapes_is_silent() -> None:
    [shapes] = gate.subjects(gate.LABELS, gate.LABELS)
    count = gate.measure(shapes)
    assert count.silent == ()
    assert shapes.images is not None
    assert count.counted + count.suspected == len(shapes.images)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate.main([str(tmp_path / "missing")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
