"""The figures of the gate, with the charts and kustomizations as the real programs render them."""

import subprocess
import sys

from .conftest import Tool
from .shell import ROOT


def test_no_image_of_ours_is_silent(tool: Tool) -> None:
    tool("helm3")
    tool("kustomize")
    command = [sys.executable, str(ROOT / "benchmarks" / "gate.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()[1:]}
    assert set(rows) == {"harbour", "silent", "kustomize-base", "shapes.yaml"}
    assert {row[-1] for row in rows.values()} == {"0"}
