"""The test bed itself: what it says of a pull is what happened, also where things go wrong."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from .bed import BUSYBOX, RESIZER, TRIED, Node

Make = Callable[[str], Node]

HOSTS = """server = "https://quay.io"
[host."https://quay.tencentcloudcr.com"]
  capabilities = ["pull", "resolve"]
"""
SOURCE, MIRROR = "quay.io", "quay.tencentcloudcr.com"
READS_HOSTS = tuple(release for release in TRIED if release != "1.4")


def mirrored(node: Node) -> Node:
    """A node that asks the mirror first, whatever its release."""
    version, table = (2, "io.containerd.grpc.v1.cri") if node.release < "2" else (3, "io.containerd.cri.v1.images")
    registry = f'[plugins."{table}".registry]\nconfig_path = "/etc/containerd/certs.d"\n'
    node.write("/etc/containerd/config.toml", f"version = {version}\n{registry}")
    node.write("/etc/containerd/certs.d/quay.io/hosts.toml", HOSTS)
    node.start()
    return node


@pytest.mark.parametrize("release", TRIED)
def test_without_a_mirror_the_source_serves(node: Make, release: str) -> None:
    machine = node(release)
    machine.start()
    for image, source in ((RESIZER, "quay.io"), (BUSYBOX, "registry-1.docker.io")):
        done = machine.pull(image)
        assert (done.returncode, machine.served()) == (0, source), done.stderr + machine.said()


@pytest.mark.parametrize("release", READS_HOSTS)
def test_a_mirror_that_is_asked_serves(node: Make, release: str) -> None:
    machine = mirrored(node(release))
    done = machine.pull()
    assert (done.returncode, machine.asked(), machine.served()) == (0, [MIRROR], MIRROR), done.stderr
    assert {entry["ns"] for entry in machine.log()} == {SOURCE}


# In the first group the source serves in place of the mirror, in the second the mirror after all, in the third none.
FALLS_BACK = ("down", "404", "403", "401", "429", "500", "503", "reset", "basic")


@pytest.mark.parametrize("release", READS_HOSTS)
def test_the_source_serves_in_place_of_a_mirror_that_does_not(node: Make, release: str) -> None:
    machine = mirrored(node(release))
    for answer in FALLS_BACK:
        machine.answer(MIRROR, answer)
        done = machine.pull()
        assert (answer, machine.served()) == (answer, SOURCE), done.stderr
        assert machine.asked() == [MIRROR, SOURCE] if answer != "down" else [SOURCE]


@pytest.mark.parametrize("release", READS_HOSTS)
def test_a_mirror_without_blobs_serves_half_and_the_source_the_rest(node: Make, release: str) -> None:
    machine = mirrored(node(release))
    machine.answer(MIRROR, "no blobs")
    machine.pull()
    assert machine.served() == f"{MIRROR}, {SOURCE}"


@pytest.mark.parametrize("release", READS_HOSTS)
def test_a_mirror_that_hands_out_tokens_serves(node: Make, release: str) -> None:
    machine = mirrored(node(release))
    machine.answer(MIRROR, "token")
    machine.pull()
    assert (machine.asked(), machine.served()) == ([MIRROR], MIRROR)


@pytest.mark.parametrize("release", READS_HOSTS)
def test_html_with_status_200_fails_without_a_word_to_the_source(node: Make, release: str) -> None:
    machine = mirrored(node(release))
    machine.answer(MIRROR, "html")
    done = machine.pull()
    assert (done.returncode != 0, machine.served(), machine.asked()) == (True, "-", [MIRROR])


@pytest.mark.parametrize("release", READS_HOSTS)
def test_nothing_serves_where_all_are_down(node: Make, release: str) -> None:
    machine = mirrored(node(release))
    for host in (MIRROR, SOURCE):
        machine.answer(host, "down")
    done = machine.pull()
    assert (done.returncode != 0, machine.served(), machine.asked()) == (True, "-", [])


def test_every_process_and_mount_of_a_node_ends_with_it(node: Make) -> None:
    machine = node("1.6")
    machine.start()
    inside = machine.run("readlink", "/proc/self/ns/mnt").stdout.strip()
    assert inside in mounts_of_processes()
    machine.halt()
    assert inside not in mounts_of_processes()


def mounts_of_processes() -> set[str]:
    found = set()
    for namespace in Path("/proc").glob("[0-9]*/ns/mnt"):
        with contextlib.suppress(OSError):
            found.add(str(namespace.readlink()))
    return found
