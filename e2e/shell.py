"""Commands as a user types them: our executables and the installed tools on the PATH, and a home of their own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"

# Generous: what hangs must not hang the tests.
TIMEOUT = 120


class Done(NamedTuple):
    """What a command left behind."""

    status: int
    out: str
    err: str


class Shell:
    """Runs commands in a folder; `programs` are the tools that they need."""

    def __init__(self, home: Path, *programs: str) -> None:
        folders = [str(Path(sys.executable).parent), *(str(Path(program).parent) for program in programs)]
        self.home = home
        self.path = os.pathsep.join([*folders, os.defpath])

    def run(
        self,
        *words: str | Path,
        cwd: Path | None = None,
        input: str = "",  # noqa: A002 the word of subprocess.run
        env: Mapping[str, str] | None = None,
    ) -> Done:
        """Run a command; no run of ours may end in a traceback."""
        environment = {"PATH": self.path, "HOME": str(self.home), "KUBECONFIG": os.devnull, **(env or {})}
        done = subprocess.run(
            [str(word) for word in words],
            input=input,
            capture_output=True,
            text=True,
            cwd=cwd or self.home,
            env=environment,
            timeout=TIMEOUT,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr[-2000:]
        return Done(done.returncode, done.stdout, done.stderr)
