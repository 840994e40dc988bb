"""What `tcr-nodes` makes of the rule for the rest: it is left out, which is told in one line."""

import pytest

from .conftest import Machine

RULE = "*=m.example/{host}"
WHY = "no runtime puts the host into the path of a mirror; it holds in kubectl tcr-rewrite"
LINE = f"tcr-nodes: rule {RULE} is left out: {WHY}"


@pytest.mark.parametrize("command", ["containerd", "docker", "cri-o", "k3s", "rke2", "script", "ansible", "daemonset"])
def test_it_is_left_out_and_told_once(node: Machine, command: str) -> None:
    without = node.nodes(command, "--preset", "tke")
    done = node.nodes(command, "--preset", "tke", "--mirror", RULE)
    assert (done.status, done.out) == (0, without.out)
    assert done.err == f"{LINE}\n{without.err}"


def test_check_misses_no_mirror_for_it(node: Machine) -> None:
    node.nodes("containerd", "--root", "ROOT", "--write")
    without = node.nodes("check", "--root", "ROOT")
    done = node.nodes("check", "--root", "ROOT", "--mirror", RULE)
    assert (done.status, done.out) == (without.status, without.out)
    assert done.err.startswith(LINE)


def test_alone_it_is_no_rule_for_a_node(node: Machine) -> None:
    done = node.nodes("containerd", "--preset", "none", "--mirror", RULE)
    assert (done.status, done.out) == (2, b"")
    assert done.err.splitlines() == [
        LINE,
        "tcr-nodes: error: no rule is in force; name one with --mirror, --preset or --config",
    ]
