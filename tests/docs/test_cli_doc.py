"""The output of commands that the documentation shows is what they print."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.skipif(sys.platform == "win32", reason="paths are printed with backslashes there")
def test_shown_output_is_real_output() -> None:
    pytest.importorskip("yaml._yaml", reason="-v names the parser")
    done = subprocess.run(
        [sys.executable, "scripts/update-docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), "run scripts/update-docs.py"
