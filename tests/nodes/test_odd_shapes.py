"""Settings of a shape that no runtime writes: refused in one line or passed over, never a traceback."""

import os
from contextlib import suppress

import pytest

from kubectl_tcr import build
from kubectl_tcr.errors import NodeError
from kubectl_tcr.images.presets import preset
from kubectl_tcr.nodes import check, crio
from kubectl_tcr.nodes.containerd.changes import Ask, plan
from kubectl_tcr.nodes.containerd.config_toml import read
from kubectl_tcr.nodes.containerd.release import Release
from kubectl_tcr.nodes.hosts import hosts
from kubectl_tcr.nodes.plan import Node
from tests.cli.conftest import needs_posix

from .conftest import CONFIG, QUAY, Machine

TKE = build([preset("tke")])
CRI = 'plugins."io.containerd.grpc.v1.cri"'
VALUES = ("1", "'x'", "[]", "[1]", "[[1]]", "{}", "{a = 1}", "true", "1979-05-27", "[{location = 1, mirror = 5}]")
KEYS = {
    CONFIG: (
        *("version", "imports", "disabled_plugins", "plugins", CRI, f"{CRI}.registry", f"{CRI}.registry.config_path"),
        *(f"{CRI}.registry.mirrors", f'{CRI}.registry.mirrors."quay.io"', f'{CRI}.registry.mirrors."quay.io".endpoint'),
        *(f"{CRI}.registry.configs", f"{CRI}.registry.configs.a"),
    ),
    QUAY: ("server", "host", "host.'https://a'", "host.'https://a'.capabilities"),
    crio.DROP_IN: ("registry", "registries"),
}


LONG = "9" * 5000
HUB = ["docker", "--preset", "none", "--mirror", "docker.io=h.example"]


@pytest.mark.parametrize(
    ("args", "file", "text"),
    [
        (["containerd"], CONFIG, f"version = {LONG}\n"),
        (["containerd"], CONFIG, f"a = {'[' * 2000}{']' * 2000}\n"),
        (["cri-o"], crio.MAIN, f"a = {LONG}\n"),
        (["k3s"], "/etc/rancher/k3s/registries.yaml", "mirrors: !!python/object:os.system {}\n"),
        (
            ["k3s"],
            "/etc/rancher/k3s/registries.yaml",
            "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)),
        ),
        (HUB, "/etc/docker/daemon.json", f'{{"a": {"[" * 9000}{"]" * 9000}}}'),
    ],
    ids=["a long number", "too many lists", "a long number of CRI-O", "an object", "an alias bomb", "too many arrays"],
)
def test_what_cannot_be_read_is_refused_in_one_line(node: Machine, args: list[str], file: str, text: str) -> None:
    node.put(file, text)
    assert file in node.refused(*args, "--root", "ROOT")


def test_a_long_number_in_daemon_json_stays(node: Machine) -> None:
    node.put("/etc/docker/daemon.json", f'{{"a": {LONG}}}')
    assert node.nodes(*HUB, "--root", "ROOT", "--write").status == 0
    assert f'"a": {LONG}' in node.get("/etc/docker/daemon.json")


@needs_posix
def test_files_without_an_end_are_refused(node: Machine) -> None:
    (node.root / "etc/containerd").mkdir(parents=True)
    os.mkfifo(node.root / CONFIG.lstrip("/"))
    assert "is no regular file" in node.nodes("containerd", "--root", "ROOT").error
    assert "is no regular file" in node.nodes("check", "--root", "ROOT", "--runtime", "containerd").out.decode()
    assert "holds more than 4 MiB" in node.nodes("containerd", "--config-toml", "/dev/zero").error
    assert "holds more than 4 MiB" in node.nodes("containerd", "--config", "/dev/zero").error


@pytest.mark.parametrize("key", [key for keys in KEYS.values() for key in keys])
def test_odd_values_are_refused_or_passed_over(node: Machine, key: str) -> None:
    file = next(file for file, keys in KEYS.items() if key in keys)
    node.put(CONFIG, "version = 2\n")
    for value in VALUES:
        head = "version = 2\n" if file == CONFIG and key != "version" else ""
        node.put(file, f"{head}{key} = {value}\n")
        place = Node(str(node.root))
        for ask in (Ask(), Ask("hosts"), Ask("mirrors"), Ask(is_migration=True)):
            for release in (Release(1, 6), Release(2, 2, 1), None):
                with suppress(NodeError):
                    plan(place, read(place, CONFIG, release), hosts(TKE), ask)
        for runtime in ("containerd", "cri-o"):
            report = check.check(place, runtime, TKE, "1.6")
            assert all("\n" not in str(problem) for problem in report.problems)
