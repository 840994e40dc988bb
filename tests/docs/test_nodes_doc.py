"""The commands that docs/nodes.md shows run as they stand, on a folder in place of the node."""

import shlex
import sys
from pathlib import Path

import pytest

from tests.docs.pages import shell_blocks
from tests.nodes.conftest import PROGRAM, Machine

ROOT = Path(__file__).resolve().parent.parent.parent
COMMANDS = [
    line.partition("#")[0].partition(">")[0].strip()
    for page in ("README.md", "docs/nodes.md")
    for block in shell_blocks(ROOT / page)
    for line in block.splitlines()
    if line.startswith("kubectl tcr-nodes ")
]


# What the README's second step makes.
MIRRORS = """\
apiVersion: kubectl-tcr/v1alpha1
kind: MirrorConfig
spec: {mirrors: [{source: registry.k8s.io, mirror: my-team.tencentcloudcr.com/mirror/registry.k8s.io}]}
"""


def test_the_pages_show_commands() -> None:
    assert len(COMMANDS) > 7


@pytest.mark.skipif(sys.platform == "win32", reason="containerd's paths are others there")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_shown_command_runs(tmp_path: Path, command: str) -> None:
    node = Machine(tmp_path / "node")
    node.put("/etc/containerd/config.toml", "version = 2\n")
    (tmp_path / "mirrors.yaml").write_text(MIRRORS)
    _, plugin, *words = shlex.split(command)
    assert PROGRAM.name == f"kubectl-{plugin.replace('-', '_')}"
    words = ["ROOT" if word == "/" else word for word in words]
    if words[0] in ("check", "undo"):  # of this machine otherwise
        words += ["--root", "ROOT"]
    done = node.nodes(*words)
    assert (done.status, "error" in done.err) == (int(words[0] == "check"), False)
