"""Whatever the files of a node hold, no message of `kubectl tcr-nodes` obeys it."""

import json

import pytest

from tests.cli.conftest import needs_posix
from tests.cli.test_hostile_text import HOSTILE, NAME, assert_obeys_nothing

from .conftest import CONFIG, Machine

pytestmark = needs_posix

KEY = json.dumps(HOSTILE)
CRI = 'plugins."io.containerd.grpc.v1.cri".registry'
HUB = ["docker", "--preset", "none", "--mirror", "docker.io=h.example"]
FILES = {
    "a mirror that is set": (["containerd"], CONFIG, f"version = 2\n[{CRI}.mirrors.{KEY}]\n"),
    "a disabled plugin": (["containerd"], CONFIG, f"version = 2\ndisabled_plugins = [{KEY}, 'cri']\n"),
    "a broken file": (["containerd"], CONFIG, f"version = {KEY}\n"),
    "a folder of hosts.toml files": (["check"], CONFIG, f"version = 2\n[{CRI}]\nconfig_path = {KEY}\n"),
    "a registry": (
        ["check", "--runtime", "cri-o"],
        "/etc/containers/registries.conf",
        f"[[registry]]\nprefix = {KEY}\n",
    ),
    "a key that stands twice": (HUB, "/etc/docker/daemon.json", f"{{{KEY}: 1, {KEY}: 2}}"),
    "a host": (["k3s"], "/etc/rancher/k3s/registries.yaml", f"mirrors:\n  {KEY}: [a]\n"),
    "a YAML tag": (["k3s"], "/etc/rancher/k3s/registries.yaml", "mirrors: !%1b[31m {}\n"),
}


def run(node: Machine, *args: str) -> None:
    done = node.nodes(*args)
    assert_obeys_nothing(done.err)
    if args[0] == "check":
        assert_obeys_nothing(done.out.decode())


@pytest.mark.parametrize("name", FILES)
def test_what_a_file_of_a_node_holds(node: Machine, name: str) -> None:
    args, file, text = FILES[name]
    node.put(file, text)
    run(node, *args, "--root", "ROOT")
    run(node, "check", "--root", "ROOT")


@pytest.mark.parametrize(
    "args",
    [
        ["containerd", "--root", NAME],
        ["containerd", "--config-toml", NAME],
        ["containerd", "--containerd", NAME],
        ["containerd", "--mirror", NAME],
        ["containerd", "--plain-http", NAME],
        ["containerd", "--config", NAME],
        ["containerd", "--style", NAME],
        [NAME],
        ["daemonset", "--image", NAME],
        ["daemonset", "--namespace", NAME],
        ["check", "--image", NAME, "--online"],
    ],
    ids=lambda args: " ".join(args).split("\n")[0],
)
def test_words_of_the_command_line(node: Machine, args: list[str]) -> None:
    done = node.nodes(*args)
    assert done.status == 2
    assert_obeys_nothing(done.err)
