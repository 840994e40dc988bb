"""The last line of the script with `--result`, and the table of many of them."""

import json
import os
import shutil
import subprocess
from typing import Any

import pytest

from kubectl_tcr import build, parse_rule
from kubectl_tcr.images.presets import preset
from kubectl_tcr.nodes.results import MARK
from kubectl_tcr.nodes.script import script

from ..cli.conftest import Done
from .conftest import PROGRAM, Machine

TKE = build([preset("tke")])


def run(node: Machine, *args: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The script on a node with K3s, `--result` and more arguments."""
    environment = {"PATH": os.environ["PATH"], "TCR_ROOT": str(node.root), "TCR_RUNTIME": "k3s", "TCR_NODE": "node-1"}
    words = ["sh", "-s", "--", "--result", *args]
    done = subprocess.run(
        words, input=script(TKE), env=environment | variables, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1].startswith(MARK)
    return done


def result(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1].removeprefix(MARK))
    return told


def table(*logs: str) -> Done:
    """`kubectl tcr-nodes table` with logs on standard input."""
    done = subprocess.run([PROGRAM, "table"], input="".join(logs).encode(), capture_output=True, check=False)
    return Done(done.returncode, done.stdout, done.stderr.decode())


needs_sh = pytest.mark.skipif(shutil.which("sh") is None, reason="needs a POSIX shell")


@needs_sh
def test_without_the_flag_no_line_is_for_programs(node: Machine) -> None:
    environment = {"PATH": os.environ["PATH"], "TCR_ROOT": str(node.root), "TCR_RUNTIME": "k3s"}
    done = subprocess.run(["sh"], input=script(TKE), env=environment, capture_output=True, text=True, check=True)
    assert MARK not in done.stdout


@needs_sh
def test_the_script_ends_with_what_became_of_the_node(node: Machine) -> None:
    rules = " ".join(f"{rule.source}={rule.mirror}" for rule in TKE.rules)
    expected = {
        "outcome": "would-change",
        "restartPending": False,
        "node": "node-1",
        "runtime": "k3s",
        "release": "",
        "style": "",
        "mirrors": rules,
        "served": "",
        "error": "",
    }
    assert result(run(node, "--dry-run")) == expected
    assert result(run(node)) == expected | {"outcome": "changed"}
    assert result(run(node)) == expected | {"outcome": "unchanged"}
    assert result(run(node, TCR_RUNTIME="docker"))["mirrors"] == "docker.io=mirror.ccs.tencentyun.com"


@needs_sh
def test_a_failure_is_told_with_its_reason_in_whatever_letters(node: Machine) -> None:
    done = run(node, TCR_RUNTIME='a "b"\\c\n\td')
    assert done.returncode == 2
    told = result(done)
    assert (told["outcome"], told["runtime"]) == ("failed", 'a "b"\\c d')
    assert told["error"] == 'unknown runtime a "b"\\c d; choose containerd, docker, cri-o, k3s or rke2'


@needs_sh
def test_what_ends_without_a_message_is_a_failure_too(node: Machine) -> None:
    node.put("/etc/rancher", "no folder\n")
    told = result(run(node))
    assert (told["outcome"], bool(told["error"])) == ("failed", True)


@needs_sh
def test_the_release_is_what_the_runtime_says(node: Machine) -> None:
    programs = node.root.parent / "programs"
    programs.mkdir()
    said = {"k3s": "k3s version v1.30.4+k3s1 (98262b5d)", "docker": "Docker version 24.0.7, build 1.2x"}
    for name, words in said.items():
        (programs / name).write_text(f"#!/bin/sh\necho '{words}'\necho 'go version go1.22.5'\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    path = f"{programs}:{os.environ['PATH']}"
    assert result(run(node, PATH=path))["release"] == "1.30.4+k3s1"
    assert result(run(node, PATH=path, TCR_RUNTIME="docker"))["release"] == "24.0.7"


def line(node: str, outcome: str = "changed", *, pending: bool = False, **more: str) -> str:
    texts = dict.fromkeys(("runtime", "release", "style", "mirrors", "served", "error"), "") | more
    return MARK + json.dumps({"node": node, "outcome": outcome, "restartPending": pending, **texts}) + "\n"


def test_the_table_has_a_row_for_each_node_and_the_status_tells_whether_one_failed() -> None:
    done = table(
        "[pod/tcr-nodes-x/set-mirrors] tcr-nodes: wrote a file\n",
        "[pod/tcr-nodes-x/set-mirrors] " + line("10.0.0.1", "failed", error="no disk"),
        "[pod/tcr-nodes-y/set-mirrors] " + line("10.0.0.2", runtime="containerd", release="1.6.9", style="hosts"),
        line("10.0.0.1", mirrors="quay.io=m.io", served="quay.io/a/b:1 from https://m.io", pending=True),
    )
    assert done.out.decode().splitlines() == [
        "NODE       RUNTIME            STYLE   MIRRORS        OUTCOME   RESTART   DETAILS",
        "10.0.0.1   -                  -       quay.io=m.io   changed   pending   quay.io/a/b:1 from https://m.io",
        "10.0.0.2   containerd 1.6.9   hosts   -              changed   -         -",
    ]
    assert (done.status, done.err) == (0, "tcr-nodes: 2 nodes: 2 changed\n")
    failed = table(line("b", "unchanged"), line("a", "failed", error="is refused; next: sh tcr-nodes.sh --migrate"))
    assert (
        failed.out.decode()
        .splitlines()[2]
        .endswith("failed      -         is refused; next: sh tcr-nodes.sh --migrate")
    )
    assert (failed.status, failed.err) == (1, "tcr-nodes: 2 nodes: 1 failed, 1 unchanged\n")


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("", "no result of a node is there"),
        ("tcr-nodes: done\n", "no result of a node is there"),
        (line("a") + line("b")[:-9], ":2: is no whole line of a result"),
        (MARK + "[]\n", ":1: is no whole line of a result"),
        (MARK + '{"node": 1}\n', ":1: is no whole line of a result"),
    ],
    ids=["nothing", "no result", "cut off", "a list", "other values"],
)
def test_a_log_without_results_or_with_a_broken_one_is_an_error(log: str, words: str) -> None:
    done = table(log)
    assert (done.status, done.out) == (2, b"")
    assert words in done.err


def test_what_a_node_says_cannot_steer_the_terminal() -> None:
    assert b"\x1b" not in table(line("a", error="\x1b[31mred")).out


def test_a_compact_script_has_no_part_for_programs() -> None:
    for rules in (TKE, build([[parse_rule("quay.io=m.io")]])):
        bare = script(rules, is_bare=True)
        assert [word for word in ("not where small", "result", "release_of", "serves ") if word in bare] == []
