"""What runs on a machine, as /proc tells of it."""

from pathlib import Path

import pytest

from kubectl_tcr.nodes import kubelet, processes
from kubectl_tcr.nodes.plan import Node

HERE = Node("/")


@pytest.fixture
def proc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of /proc."""
    monkeypatch.setattr(processes, "PROC", tmp_path)
    return tmp_path


def put(proc: Path, number: int, *words: str, name: str = "kubelet") -> None:
    (proc / str(number)).mkdir()
    (proc / str(number) / "comm").write_text(f"{name}\n", encoding="utf-8")
    (proc / str(number) / "cmdline").write_bytes("".join(f"{word}\0" for word in words).encode())


def test_what_has_no_number_or_another_name_is_no_such_process(proc: Path) -> None:
    (proc / "self").mkdir()
    (proc / "7").mkdir()  # gone meanwhile
    put(proc, 8, "kubelet", name="kubelet-proxy")
    assert list(processes.running("kubelet")) == []


def test_processes_come_in_their_order_with_their_words(proc: Path) -> None:
    put(proc, 10, "kubelet", "--a=1", "")
    put(proc, 9, "/bin/sh", "kubelet")
    found = list(processes.running("kubelet"))
    assert [one.words for one in found] == [("/bin/sh", "kubelet"), ("kubelet", "--a=1", "")]
    assert [one.argument("--a") for one in found] == ["", "1"]


TOLD = {
    "nothing": ([], ""),
    "a flag": (
        ["--container-runtime-endpoint=unix:///run/containerd/containerd.sock"],
        "/run/containerd/containerd.sock",
    ),
    "a flag and its value": (["--container-runtime-endpoint", "/var/run/crio/crio.sock"], "/run/crio/crio.sock"),
    "Docker, as up to 1.23": (["--container-runtime=docker"], "/run/dockershim.sock"),
    "a flag without a value": (["--container-runtime-endpoint"], ""),
}


@pytest.mark.parametrize("name", TOLD)
def test_the_socket_that_a_kubelet_uses(proc: Path, name: str) -> None:
    words, expected = TOLD[name]
    put(proc, 5, "/usr/bin/kubelet", *words)
    assert kubelet.socket(HERE) == expected


@pytest.mark.parametrize("name", ["k3s-server", "k3s-agent"])
def test_files_of_a_kubelet_that_is_gone_say_nothing_where_k3s_runs(
    proc: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"/var/lib/kubelet/config.yaml": "containerRuntimeEndpoint: unix:///run/containerd/containerd.sock\n"}
    monkeypatch.setattr(Node, "text", lambda _, path: told.get(path))
    assert kubelet.socket(HERE) == "/run/containerd/containerd.sock"
    put(proc, 6, "/usr/local/bin/k3s", "server", name=name)
    assert kubelet.socket(HERE) == ""


def test_of_another_machine_no_process_is_asked(proc: Path, tmp_path: Path) -> None:
    put(proc, 5, "kubelet", "--container-runtime=docker")
    assert kubelet.socket(Node(str(tmp_path))) == ""
