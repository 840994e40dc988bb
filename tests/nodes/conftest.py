"""A folder that stands for a node, and the installed `kubectl-tcr_nodes`."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.conftest import Done, finished

PROGRAM = Path(sys.executable).parent / "kubectl-tcr_nodes"
QUAY = "/etc/containerd/certs.d/quay.io/hosts.toml"
CONFIG = "/etc/containerd/config.toml"


class Machine:
    """A node's files below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, path: str, text: str) -> None:
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode())

    def get(self, path: str) -> str:
        return (self.root / path.lstrip("/")).read_bytes().decode()

    def files(self) -> dict[str, str]:
        """Every file but for what undo needs to know, by its path on the node."""
        found = (path for path in sorted(self.root.rglob("*")) if path.is_file() and path.parent.name != "tcr-nodes")
        return {"/" + path.relative_to(self.root).as_posix(): path.read_bytes().decode() for path in found}

    def everything(self) -> dict[str, tuple[str, int, bytes]]:
        """Whatever is there, folders too: its kind, its mode and what it holds."""
        return {
            path.relative_to(self.root).as_posix(): (
                "link" if path.is_symlink() else "folder" if path.is_dir() else "file",
                path.lstat().st_mode,
                str(path.readlink()).encode() if path.is_symlink() else b"" if path.is_dir() else path.read_bytes(),
            )
            for path in sorted(self.root.rglob("*"))
        }

    def nodes(self, *args: str, env: Mapping[str, str] | None = None, within: tuple[str, ...] = ()) -> Done:
        """Run `kubectl tcr-nodes`, by way of the command `within`; `ROOT` in the arguments is this node's folder."""
        words = [str(self.root) if arg == "ROOT" else arg for arg in args]
        keep = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        done = subprocess.run(
            [*within, PROGRAM, *words],
            capture_output=True,
            cwd=self.root.parent,
            env={**keep, "HOME": str(self.root), **(env or {})},
            timeout=120,
            check=False,
        )
        return finished(done.returncode, done.stdout, done.stderr)

    def refused(self, *args: str) -> str:
        """The one line of a run that failed; no file of the node is another one than before."""
        before = self.files()
        error = self.nodes(*args).error
        assert self.files() == before
        return error


@pytest.fixture
def node(tmp_path: Path) -> Machine:
    """A node without a file."""
    root = tmp_path / "node"
    root.mkdir()
    return Machine(root)
