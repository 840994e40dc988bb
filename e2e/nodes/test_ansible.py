"""The playbook, run by real Ansible on folders that stand for nodes, each with a real containerd."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Tool = Callable[[str], str]

OURS = 'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd]\n  snapshotter = "native"\n'


class Play:
    """A playbook and an inventory of nodes in a folder."""

    def __init__(self, folder: Path, lab: Any, tool: Tool) -> None:
        self.folder, self.lab, self.tool = folder, lab, tool
        self.book = folder / "tcr-nodes.yaml"
        rules = ["--mirror", f"quay.io={lab.mirror.address}", "--plain-http", lab.mirror.address]
        self.book.write_text(lab.tcr_nodes("ansible", *rules).stdout, encoding="utf-8")
        self.nodes = [lab.scripted("1.6"), lab.scripted("1.6")]
        for node in self.nodes:
            node.config(OURS)

    def run(self, *args: str, **variables: str) -> subprocess.CompletedProcess[str]:
        hosts = {
            f"node-{index}": {
                "ansible_connection": "local",
                "ansible_python_interpreter": sys.executable,
                "tcr_environment": node.variables() | variables,
            }
            for index, node in enumerate(self.nodes)
        }
        inventory = self.folder / "nodes.json"
        inventory.write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
        words = [self.tool("ansible-playbook"), "-i", inventory, self.book, "-e", "tcr_become=false", *args]
        return self.call(*words)

    def call(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_NOCOLOR": "1",
            "NO_COLOR": "1",
        }
        return subprocess.run(
            words, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=300, check=False
        )


@pytest.fixture
def play(tmp_path: Path, lab: Any, tool: Tool) -> Play:
    return Play(tmp_path, lab, tool)


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
    assert [node.files() for node in play.nodes] == [{"etc/containerd/config.toml": OURS}] * 2


def test_nodes_are_changed_one_after_the_other_and_once(play: Play) -> None:
    done = play.run(TCR_PROOF=play.lab.image)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("TASK [Set the mirrors]") == 2, "one batch for each node"
    for node in play.nodes:
        assert node.hosts.read_text(encoding="utf-8") == node.printed
        assert node.machine.pull().returncode == 0
    before = [node.files() for node in play.nodes]
    again = play.run()
    assert again.stdout.count("changed=0") == 2, again.stdout
    assert [node.files() for node in play.nodes] == before


def test_a_node_that_does_not_come_up_is_put_back_and_ends_the_play(play: Play) -> None:
    done = play.run(TCR_READY='! grep -q config_path "$TCR_ROOT/etc/containerd/config.toml"', TCR_WAIT="2")
    assert done.returncode != 0
    assert "runs again with the old one" in done.stdout
    assert "registries_conf()" not in done.stdout, "a message is no place for the whole script"
    assert [node.files() for node in play.nodes] == [{"etc/containerd/config.toml": OURS}] * 2
    assert play.nodes[1].machine.restarts() == 0
