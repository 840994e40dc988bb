"""The working tree as somebody who downloads it gets it."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def copy_checkout(target: Path) -> Path:
    """A copy of every file that git knows or would add, into a new folder."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, os.fsdecode(listed.stdout).split("\0")):
        source = ROOT / name
        if source.is_file():  # not one that was deleted but is still in the index
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target / name)
    return target


def clean_environment() -> dict[str, str]:
    """The environment without what git, Python, pip's caches and the tool's own settings would add."""
    ours = ("GIT_", "KUBECTL_TCR_", "PYTHON", "VIRTUAL_ENV", "GITHUB_", "CI_", "PRE_COMMIT")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
