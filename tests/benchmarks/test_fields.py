"""The command behind `make fields`, on an invented operator."""

import json
import subprocess
import sys
from pathlib import Path

from tests.crds.invented import definition, mapping, string

PROGRAM = Path(__file__).parents[2] / "benchmarks" / "fields.py"
HARBOUR = """\
apiVersion: acme.example.com/v1
kind: Harbour
spec: {image: "acme/harbour:1", pilotImage: "acme/pilot:2", imageUrl: "acme/lamp:3", osImage: "acme/os:4"}
---
apiVersion: tekton.dev/v1
kind: Task
spec: {steps: [{image: golang}]}
"""


def test_definitions_teach_what_was_not_known(tmp_path: Path) -> None:
    keys = ("image", "pilotImage", "imageUrl", "osImage")
    crd = definition(mapping(**{key: string() for key in keys}))
    (tmp_path / "crds.json").write_text(json.dumps(crd))
    (tmp_path / "harbour.yaml").write_text(HARBOUR)
    (tmp_path / "broken.yaml").write_text("image: [\n")
    done = subprocess.run([sys.executable, PROGRAM, tmp_path], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split() for line in done.stdout.splitlines() if line]
    assert lines[0] == "1 definitions, 2 fields declared, 1 suspected".split()
    assert lines[2][-2:] == ["0/3", "2/3"]
    assert lines[3][-2:] == ["1/1", "1/1"]
    assert lines[-1] == ["1", "Harbour", "of", "acme.example.com"]
