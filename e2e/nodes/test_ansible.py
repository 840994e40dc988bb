"""The playbook, run by real Ansible on nodes of the test bed, which it enters by their namespaces."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .bed import RESIZER, Node

Tool = Callable[[str], str]
Make = Callable[[str], Node]

CONFIG = "/etc/containerd/config.toml"
# ansible-core 2.19 loses track of a result now and then (KeyError in its results thread) and hangs, mostly in its first
# task, where nothing has been changed yet.
ATTEMPTS = 5
OURS = "version = 2\n# ours\n"


class Play:
    """A playbook and an inventory of two nodes in a folder."""

    def __init__(self, folder: Path, node: Make, lab: Any, tool: Tool) -> None:
        self.folder, self.tool = folder, tool
        self.book = folder / "tcr-nodes.yaml"
        self.book.write_text(lab.tcr_nodes("ansible").stdout, encoding="utf-8")
        self.nodes = [node("1.6"), node("1.6")]
        for machine in self.nodes:
            machine.write(CONFIG, OURS)
            machine.start()

    def run(self, *args: str, gone: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        hosts: dict[str, dict[str, Any]] = {
            f"node-{index}": {
                "ansible_connection": "local",
                "ansible_python_interpreter": sys.executable,
                "tcr_environment": {"PATH": self._entering(index, machine), **variables},
            }
            for index, machine in enumerate(self.nodes)
        }
        if gone:
            hosts["node-gone"] = {"ansible_host": "127.0.0.1", "ansible_port": 1, "ansible_connection": "ssh"}
        inventory = self.folder / "nodes.json"
        inventory.write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
        words = [self.tool("ansible-playbook"), "-i", inventory, self.book, "-e", "tcr_become=false", *args]
        return self.call(*words)

    def _entering(self, index: int, machine: Node) -> str:
        """A PATH whose shell is one of the node, as a connection to it would give."""
        shell = self.folder / f"node-{index}/sh"
        shell.parent.mkdir(exist_ok=True)
        path = "PATH=/opt/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        enter = " ".join(machine.entering)
        shell.write_text(f'#!/bin/sh\nPATH=/usr/sbin:/usr/bin exec {enter} env {path} /bin/sh "$@"\n', encoding="utf-8")
        shell.chmod(0o755)
        return f"{shell.parent}:{os.environ['PATH']}"

    def call(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_NOCOLOR": "1",
            "NO_COLOR": "1",
        }
        for _ in range(ATTEMPTS):
            with contextlib.suppress(subprocess.TimeoutExpired):
                return subprocess.run(
                    words, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=40, check=False
                )
        pytest.fail("ansible-playbook hung every time")

    def files(self) -> list[dict[str, str]]:
        return [machine.files("/etc/containerd") for machine in self.nodes]


@pytest.fixture
def play(tmp_path: Path, node: Make, lab: Any, tool: Tool) -> Play:
    return Play(tmp_path, node, lab, tool)


def test_the_playbook_is_clean_for_the_linter_and_the_parser(play: Play) -> None:
    parsed = play.run("--syntax-check")
    assert parsed.returncode == 0, parsed.stderr
    linted = play.call(play.tool("ansible-lint"), "--offline", "--profile", "production", play.book.name)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_check_mode_shows_the_difference_and_writes_nothing(play: Play) -> None:
    done = play.run("--check", "--diff")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "+  config_path = " in done.stdout
    assert done.stdout.count("changed=1") == 2
    assert play.files() == [{CONFIG: OURS}] * 2


def test_nodes_are_changed_one_after_the_other_and_once(play: Play) -> None:
    done = play.run(TCR_PROOF=RESIZER)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("TASK [Set the mirrors]") == 2, "one batch for each node"
    assert done.stdout.count(f"proved: {RESIZER} came from https://quay.tencentcloudcr.com alone") >= 2
    for machine in play.nodes:
        machine.pull()
        assert machine.served() == "quay.tencentcloudcr.com"
    before = play.files()
    again = play.run()
    assert again.stdout.count("changed=0") == 2, again.stdout
    assert play.files() == before


def table(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """The line of each node in the table at the end."""
    shown = done.stdout.partition("TASK [Show the table]")[2]
    lines = [line.strip().rstrip(",")[1:-1] for line in shown.splitlines() if line.strip().startswith('"')]
    return {name: " ".join(words) for name, *words in map(str.split, lines) if name.startswith(("NODE", "node-"))}


def test_the_play_ends_with_a_table_of_the_nodes(play: Play) -> None:
    dry = play.run("--check")
    rules = "quay.io=quay.tencentcloudcr.com"
    assert table(dry) == {
        "NODE": "RUNTIME STYLE OUTCOME RESTART DETAILS",
        "node-0": f"containerd 1.6.20 hosts would-change - {rules}",
        "node-1": f"containerd 1.6.20 hosts would-change - {rules}",
    }
    first = table(play.run(TCR_PROOF=RESIZER))
    assert first["node-0"] == first["node-1"]
    assert first["node-0"] == f"containerd 1.6.20 hosts changed - {RESIZER} from https://quay.tencentcloudcr.com"
    again = table(play.run())
    assert again["node-0"] == f"containerd 1.6.20 hosts unchanged - {rules}"


def test_the_play_goes_on_past_nodes_that_fail_and_fails_at_the_end(play: Play) -> None:
    play.nodes[0].answer("quay.tencentcloudcr.com", "403")
    done = play.run(TCR_PROOF=RESIZER)
    assert done.returncode != 0
    rows = table(done)
    assert " failed - the mirrors are set, but https://quay.tencentcloudcr.com alone does not serve" in rows["node-0"]
    assert " changed " in rows["node-1"]
    assert "1 of 2 nodes have no mirrors set: see the table" in done.stdout
    play.nodes[1].pull()
    assert play.nodes[1].served() == "quay.tencentcloudcr.com"
    again = table(play.run(TCR_PROOF=RESIZER))
    assert (" failed " in again["node-0"], " unchanged " in again["node-1"]) == (True, True), "a proof is made anew"


def test_the_play_goes_on_past_nodes_that_are_refused_or_cannot_be_reached(play: Play) -> None:
    refused = 'version = 2\n[plugins.cri.registry.mirrors."docker.io"]\nendpoint = ["https://m.io"]\n'
    play.nodes[0].write(CONFIG, refused)
    done = play.run(gone="yes")
    rows = table(done)
    assert (done.returncode != 0, " failed " in rows["node-0"], " changed " in rows["node-1"]) == (True, True, True)
    assert " failed " in rows["node-gone"]
    assert "2 of 3 nodes" in done.stdout
    assert play.nodes[0].files("/etc/containerd") == {CONFIG: refused}


def test_nodes_that_do_not_come_up_are_put_back_and_no_more_are_tried_after_some(play: Play) -> None:
    done = play.run("-e", "tcr_stop_after=1", TCR_READY=f"! grep -q config_path {CONFIG}", TCR_WAIT="2")
    assert done.returncode != 0
    assert "runs again with the old one" in table(done)["node-0"]
    assert "not tried - other nodes failed before it" in table(done)["node-1"]
    assert "registries_conf()" not in done.stdout, "a message is no place for the whole script"
    assert play.files() == [{CONFIG: OURS}] * 2
    assert play.nodes[1].restarts() == 0
