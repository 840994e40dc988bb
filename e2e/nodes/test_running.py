"""The containerd that runs, and the runtime that the kubelet uses, wherever their files and sockets are."""

from collections.abc import Callable

import pytest

from .bed import RESIZER, Node

Make = Callable[[str], Node]

ELSEWHERE = "/etc/other/containerd.toml"
SOCKET = "/run/other/containerd.sock"
CONFIG = "/etc/containerd/config.toml"
UNREAD = "version = 2\n# nobody reads this\n"
QUAY = "/etc/containerd/certs.d/quay.io/hosts.toml"
PROVED = f"proved: {RESIZER} came from https://quay.tencentcloudcr.com alone"
# Without the folder of the programs: that is what sudo leaves of a PATH on RHEL.
SUDO = {"PATH": "/sbin:/bin:/usr/sbin:/usr/bin"}

WAYS = {
    "by its flags": (f"--config {ELSEWHERE} --address {SOCKET}", "version = 2\n# ours\n"),
    "by its file": (f"-c {ELSEWHERE}", f'version = 2\n# ours\n[grpc]\n  address = "{SOCKET}"\n'),
}


@pytest.fixture(params=WAYS)
def machine(node: Make, request: pytest.FixtureRequest) -> Node:
    """A node whose containerd has a configuration and a socket of its own, beside a file that nobody reads."""
    arguments, text = WAYS[request.param]
    made = node("2.4")
    made.write(CONFIG, UNREAD)
    made.write(ELSEWHERE, text)
    made.write("/run/containerd.arguments", arguments)
    made.write("/run/containerd.socket", SOCKET)
    made.run("mkdir", "-p", "/run/other")
    made.start()
    return made


def kubelet(node: Node, *arguments: str) -> None:
    """Run something that is called kubelet."""
    node.write("/opt/bin/kubelet", "#!/bin/sh\nwhile :; do sleep 1; done\n")
    node.path("/opt/bin/kubelet").chmod(0o755)
    node.run("sh", "-c", 'setsid /opt/bin/kubelet "$@" </dev/null >/dev/null 2>&1 &', "sh", *arguments)


def test_the_command_changes_the_files_of_the_containerd_that_runs(machine: Node) -> None:
    done = machine.kubectl_tcr("containerd", "--root", "/", "--write")
    assert (done.returncode, machine.read(CONFIG)) == (0, UNREAD), done.stderr
    assert "config_path" in machine.read(ELSEWHERE)
    machine.run("systemctl", "restart", "containerd")
    check = machine.kubectl_tcr("check", "--online", "--image", RESIZER)
    assert (check.returncode, PROVED in check.stdout) == (0, True), check.stdout


def test_the_script_changes_the_files_of_the_containerd_that_runs(machine: Node) -> None:
    done = machine.script(variables={"TCR_PROOF": RESIZER})
    assert (done.returncode, PROVED in done.stdout, machine.read(CONFIG)) == (0, True, UNREAD), done.stderr
    assert "config_path" in machine.read(ELSEWHERE)


def test_what_the_user_names_goes_before_what_runs(machine: Node) -> None:
    done = machine.script("--dry-run", variables={"TCR_CONFIG": CONFIG})
    assert f"would write {CONFIG}" in done.stdout
    named = machine.kubectl_tcr("containerd", "--root", "/", "--config-toml", CONFIG)
    assert f"would change {CONFIG}" in named.stderr


def test_of_two_containerds_the_one_that_the_kubelet_uses_is_meant(machine: Node) -> None:
    """The other has the default socket, as on a node where Docker came first."""
    other = "setsid containerd --root /run/second --state /run/second-state </dev/null >/dev/null 2>&1 &"
    machine.run("sh", "-c", other)
    by_default = machine.script("--dry-run")
    assert f"would write {CONFIG}" in by_default.stdout, by_default.stderr
    kubelet(machine, f"--container-runtime-endpoint=unix://{SOCKET}")
    done = machine.script("--dry-run")
    assert f"containerd: its kubelet uses {SOCKET}\n" in done.stdout, done.stderr
    assert f"would write {ELSEWHERE}" in done.stdout
    command = machine.kubectl_tcr("containerd", "--root", "/")
    assert f"would change {ELSEWHERE}" in command.stderr


def test_of_two_containerds_that_nothing_tells_apart_none_is_changed(machine: Node) -> None:
    third = "setsid containerd --root /run/third --state /run/third-state --address /run/third.sock"
    machine.run("sh", "-c", f"{third} </dev/null >/dev/null 2>&1 &")
    script, command = machine.script(), machine.kubectl_tcr("containerd", "--root", "/")
    for done in (script, command):
        assert (done.returncode, "several containerds run" in done.stderr) == (2, True), done.stdout + done.stderr


def test_containerd_is_found_with_the_path_that_sudo_leaves(node: Make) -> None:
    machine = node("2.4")
    machine.start()
    by_path = {"TCR_CTR": "/opt/bin/ctr", "TCR_RESTART": "PATH=/opt/bin:$PATH systemctl restart containerd"}
    done = machine.script(variables={**SUDO, **by_path})
    assert done.returncode == 0, done.stderr
    assert QUAY in machine.files("/etc/containerd")


def test_folders_that_k3s_left_behind_do_not_make_a_node_one_of_k3s(node: Make) -> None:
    machine = node("2.4")
    machine.write("/etc/rancher/k3s/registries.yaml", "mirrors: {}\n")
    machine.start()
    done = machine.script("--dry-run")
    assert "containerd: it is here, and no kubelet uses another\n" in done.stdout, done.stderr


def test_files_of_a_kubelet_that_is_gone_say_nothing_where_k3s_runs(node: Make) -> None:
    machine = node("2.4")
    machine.write("/var/lib/kubelet/config.yaml", "containerRuntimeEndpoint: unix:///run/crio/crio.sock\n")
    assert "cri-o: its kubelet uses" in machine.script("--dry-run").stdout
    machine.write("/opt/bin/k3s-server", "#!/bin/sh\nwhile :; do sleep 1; done\n")
    machine.path("/opt/bin/k3s-server").chmod(0o755)
    machine.run("sh", "-c", "setsid /opt/bin/k3s-server </dev/null >/dev/null 2>&1 &")
    done = machine.script("--dry-run")
    assert "cri-o" not in done.stdout, done.stdout
    assert "cri-o" not in machine.kubectl_tcr("check").stdout


def test_a_kubelet_of_cri_o_has_its_drop_in_written_though_containerd_is_here(node: Make) -> None:
    machine = node("2.4")
    machine.write(
        "/var/lib/kubelet/config.yaml",
        "kind: KubeletConfiguration\ncontainerRuntimeEndpoint: unix:///var/run/crio/crio.sock\n",
    )
    kubelet(machine, "--config=/var/lib/kubelet/config.yaml")
    done = machine.script("--dry-run")
    assert "cri-o: its kubelet uses /run/crio/crio.sock\n" in done.stdout, done.stderr
    assert "cri-o" in machine.kubectl_tcr("check").stdout


def test_a_kubelet_of_a_runtime_that_is_not_known_is_told(node: Make) -> None:
    machine = node("2.4")
    kubelet(machine, "--container-runtime-endpoint", "unix:///run/isulad.sock")
    done = machine.script()
    assert (done.returncode, "the kubelet uses /run/isulad.sock" in done.stderr) == (2, True)


def test_a_dockerd_with_mirrors_on_its_command_line_is_refused(node: Make) -> None:
    """With the key in daemon.json too it would not start."""
    machine = node("2.4")
    machine.write("/opt/bin/dockerd", "#!/bin/sh\nwhile :; do sleep 1; done\n")
    machine.path("/opt/bin/dockerd").chmod(0o755)
    machine.run("sh", "-c", "setsid /opt/bin/dockerd --registry-mirror https://m.example </dev/null >/dev/null 2>&1 &")
    script = machine.script(made=("--preset", "tke"), variables={"TCR_RUNTIME": "docker"})
    command = machine.kubectl_tcr("docker", "--preset", "tke", "--root", "/", "--write")
    for done in (script, command):
        assert (done.returncode, "dockerd runs with --registry-mirror" in done.stderr) == (2, True), done.stderr
    assert not machine.path("/etc/docker").exists()
