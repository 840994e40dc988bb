"""The code blocks of a page in one shell, as somebody types them who copies them in their order."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Followed(NamedTuple):
    """The commands that failed, a line each, and all that was said."""

    failed: str
    said: str


def follow(commands: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Followed:
    """Run blocks in a folder; what fails does not keep the next from running, as in a terminal."""
    failed = folder / ".failed"
    failed.touch()
    script = f"trap 'echo \"$BASH_COMMAND\" >> {failed}' ERR\n" + "\n".join(commands)
    words = ["bash", "-c", script]
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=500, check=False)
    return Followed(failed.read_text(), done.stdout + done.stderr)
