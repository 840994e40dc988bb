"""What nodes are found with, what `kubectl tcr-nodes` makes of it, and which registry serves before and after.

The tables of docs/nodes.md are printed here. No cell may say done while the source served: what ends with status 0 has
the mirror serve, and what does not names the command that does, and leaves the node as it was.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from .bed import BUSYBOX, RESIZER, TRIED, Node, configurations
from .bed.configurations import CERTS, CONFIG

Make = Callable[[str], Node]

PAGE = Path(__file__).parent.parent.parent / "docs" / "nodes.md"
HEADER = "| containerd | " + " | ".join(configurations.ALL) + " |"

MIRROR = "quay.tencentcloudcr.com"
WORDS = {
    "quay.io": "source",
    "registry-1.docker.io": "source",
    MIRROR: "mirror",
    "mirror.ccs.tencentyun.com": "mirror",
}
NO_CRI = "no CRI"

OLD = ("1.4", "1.6", "1.7")
SINCE_1_5 = ("1.6", "1.7", "2.0", "2.1", "2.2.1", "2.2.9", "2.3", "2.4")
# Where nobody may be sent to a second command.
AT_ONCE: Mapping[str, tuple[str, ...]] = {
    "no file": SINCE_1_5,
    "`config default`": SINCE_1_5,
    "TKE 1.4 file": (*OLD, "2.3", "2.4"),
    "TKE 1.6 file": (*OLD, "2.0", "2.1", "2.2.9", "2.3", "2.4"),
}


class Attempt(NamedTuple):
    """What a command ended with, and the arguments that it names for the next one."""

    status: int
    following: tuple[str, ...]
    said: str


def by_command(node: Node, *more: str) -> Attempt:
    """`kubectl tcr-nodes containerd`, and the restart that it asks for."""
    done = node.kubectl_tcr("containerd", "--root", "/", "--write", *more)
    restart = re.search(r"then: restart containerd \((.*)\)", done.stderr)
    if restart:
        node.run(*restart[1].split())
    return Attempt(done.returncode, named(done.stderr, "kubectl tcr-nodes containerd --root / --write"), done.stderr)


def by_script(node: Node, *more: str) -> Attempt:
    """The script, which needs nothing but the node."""
    done = node.script(*more)
    return Attempt(done.returncode, named(done.stderr, "sh tcr-nodes.sh"), done.stdout + done.stderr)


def named(said: str, command: str) -> tuple[str, ...]:
    """The arguments of the next command that a message names, behind the words that it begins with."""
    found = re.search(rf"; next: {re.escape(command)}(.*)$", said.strip())
    return tuple(found[1].split()) if found else ()


WAYS = {"command": by_command, "script": by_script}


class Cell(NamedTuple):
    """What serves an image before, the arguments that were needed besides, and what serves it after."""

    before: str
    needed: tuple[str, ...]
    after: str

    def __str__(self) -> str:
        return " → ".join([self.before, *([f"`{' '.join(self.needed)}`"] if self.needed else []), self.after])


class Seen(NamedTuple):
    """An image of quay.io, and one of Docker Hub, whose mirror nobody was asked to touch."""

    quay: Cell
    hub: Cell


def seen(node: Node, way: str) -> Seen:
    """Set the mirror of a node, and tell what served."""
    before = [server(node, image) for image in (RESIZER, BUSYBOX)]
    needed = settled(node, way)
    after = [server(node, image) for image in (RESIZER, BUSYBOX)]
    return Seen(*(Cell(first, needed, then) for first, then in zip(before, after, strict=True)))


def undo(node: Node, way: str, *, had_cri: bool) -> None:
    """Put back what was there before; the script says where that is what no kubelet can use."""
    if way == "script":
        done = node.script("--undo", variables={} if had_cri else {"TCR_WAIT": "3"})
        if not had_cri:
            assert (done.returncode, "with the files from before" in done.stderr) == (2, True), done.stderr
            return
    else:
        done = node.kubectl_tcr("undo", "--root", "/", "--write")
        if "then: restart containerd" in done.stderr:
            node.run("systemctl", "restart", "containerd")
    assert done.returncode == 0, done.stderr


def everything(node: Node) -> dict[str, tuple[int, bytes]]:
    """What is in /etc/containerd, folders too: mode and bytes."""
    found = (path for path in sorted(node.path("/etc/containerd/").rglob("*")))
    return {str(path): (path.lstat().st_mode, b"" if path.is_dir() else path.read_bytes()) for path in found}


def server(node: Node, image: str) -> str:
    """Who serves an image: source, mirror, or that there is nobody to ask."""
    done = node.pull(image)
    if "unknown service runtime.v1" in done.stderr:
        return NO_CRI
    assert done.returncode == 0, done.stderr
    return WORDS[node.served()]


def settled(node: Node, way: str) -> tuple[str, ...]:
    """Set the mirror, with what the messages name where a first attempt is refused; these arguments."""
    needed: tuple[str, ...] = ()
    while True:
        before = state(node)
        attempt = WAYS[way](node, *needed)
        if attempt.status == 0:
            return needed
        assert (attempt.status, state(node)) == (2, before), attempt.said
        assert set(attempt.following) > set(needed), f"names no way, or one that was gone: {attempt.said}"
        needed = attempt.following


def state(node: Node) -> tuple[dict[str, str], int]:
    return node.files("/etc/containerd"), node.restarts()


@pytest.mark.parametrize("release", TRIED)
def test_what_is_done_has_the_mirror_serve_at_the_latest_by_the_command_that_is_named(node: Make, release: str) -> None:
    rows = Rows([], [])
    for name in configurations.ALL:
        ways = {way: tried(node(release), name, way) for way in WAYS}
        assert len(set(ways.values())) == 1, f"{name}: {ways}"
        for row, cell in zip(rows, ways["script"], strict=True):
            row.append(str(cell))
    for row in rows:
        row.insert(0, exact(node(release)))
    compare(rows)


def tried(node: Node, name: str, way: str) -> Seen:
    """What is seen of a configuration, held to what is promised."""
    configurations.ALL[name](node)
    node.start()
    found = everything(node)
    cells = seen(node, way)
    where = f"{node.release}, {name}, {way}: {cells}"
    assert cells.quay.after == "mirror", where
    assert cells.hub.after in {"mirror", cells.hub.before}, where
    assert not (cells.quay.needed and node.release in AT_ONCE.get(name, ())), where
    before = state(node)
    again = WAYS[way](node)
    assert (again.status, state(node)) == (0, before), f"{where}: {again.said}"
    undo(node, way, had_cri=cells.quay.before != NO_CRI)
    assert everything(node) == found, f"{where}: not all is as before"
    assert [server(node, image) for image in (RESIZER, BUSYBOX)] == [cells.quay.before, cells.hub.before], where
    node.halt()
    return cells


class Rows(NamedTuple):
    """The lines of a release in the tables of the page."""

    quay: list[str]
    hub: list[str]


def compare(rows: Rows) -> None:
    """Hold the page's tables to what was seen, which is printed to be copied where it differs."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    print("\n".join(lines))  # noqa: T201
    tables = [text.partition("\n\n")[0].splitlines() for text in PAGE.read_text(encoding="utf-8").split(HEADER)[1:]]
    assert len(tables) == len(lines)
    assert [line for line, table in zip(lines, tables, strict=True) if line not in table] == []


def exact(node: Node) -> str:
    """The release as its own `--version` tells it, without a distribution's suffix."""
    return node.run("containerd", "--version").stdout.split()[2].removeprefix("v").partition("~")[0]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("release", [release for release in SINCE_1_5 if release in TRIED])
def test_a_table_becomes_files(node: Make, release: str, way: str) -> None:
    machine = node(release)
    configurations.tke_1_6(machine)
    machine.start()
    attempt = WAYS[way](machine, "--migrate")
    assert attempt.status == 0, attempt.said
    assert [server(machine, image) for image in (RESIZER, BUSYBOX)] == ["mirror", "mirror"]
    assert "mirrors" not in machine.read(CONFIG)
    assert sorted(machine.files(CERTS)) == [f"{CERTS}/{host}/hosts.toml" for host in ("docker.io", "quay.io")]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("release", TRIED)
def test_a_mirror_with_a_path_serves_that_hands_out_tokens_for_each_repository(
    node: Make, release: str, way: str
) -> None:
    machine = node(release)
    machine.answer("m.example", "token")
    machine.start()
    rule = ("--mirror", "quay.io=m.example/team/quay")
    if way == "command":
        assert by_command(machine, *rule).status == 0
    else:
        assert machine.script(made=rule).returncode == 0
    machine.pull()
    assert machine.served() == "m.example"
    assert {entry["path"].split("/k8scsi/")[0] for entry in machine.last()} == {"/token", "/v2/team/quay"}


HOSTS = f"""server = "https://quay.io"
[host."https://{MIRROR}"]
  capabilities = ["pull", "resolve"]
"""


@pytest.mark.parametrize("name", configurations.ALL)
@pytest.mark.parametrize("release", TRIED)
def test_check_finds_wrong_what_does_not_have_the_mirror_serve(node: Make, release: str, name: str) -> None:
    machine = node(release)
    configurations.ALL[name](machine)
    machine.write(f"{CERTS}/quay.io/hosts.toml", HOSTS)
    machine.start()
    done = machine.kubectl_tcr("check")
    assert (done.returncode == 0) == (server(machine, RESIZER) == "mirror"), done.stdout
