"""What real containerds make of what `kubectl tcr-nodes containerd` writes, and of what it refuses, on the test bed."""

import difflib
import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from .bed import RESIZER, Node

Make = Callable[[str], Node]

RELEASES = ("1.6", "2.2.1", "2.4")
PAGE = Path(__file__).parent.parent.parent / "docs" / "nodes.md"
CONFIG = "/etc/containerd/config.toml"
CERTS = "/etc/containerd/certs.d"
MIRROR = "quay.tencentcloudcr.com"
WRITE = ("containerd", "--root", "/", "--write")

CRI = 'plugins."io.containerd.grpc.v1.cri"'
IMAGES = 'plugins."io.containerd.cri.v1.images"'
TABLES = {1: "plugins.cri", 2: CRI, 3: IMAGES, 4: IMAGES}

THROUGH = "through the mirror"
IGNORED = "ignored: asks quay.io"
UNLOADED = "the CRI plugin does not load"
REFUSED = "containerd does not start"


@pytest.mark.parametrize("release", RELEASES)
def test_a_mirror_with_a_path_is_asked_below_it(node: Make, release: str) -> None:
    machine = node(release)
    machine.start()
    done = machine.kubectl_tcr(*WRITE, "--mirror", "quay.io=m.example/team/quay")
    assert done.returncode == 0, done.stderr
    machine.run("systemctl", "restart", "containerd")
    machine.pull()
    assert machine.served() == "m.example"
    assert {entry["path"].split("/")[2] for entry in machine.log() if entry["host"] == "m.example"} == {"team"}


@pytest.mark.parametrize("release", RELEASES)
def test_a_mirror_without_tls_is_asked_by_http(node: Make, release: str) -> None:
    machine = node(release)
    machine.start()
    done = machine.kubectl_tcr(*WRITE, "--mirror", "quay.io=plain.example", "--plain-http", "plain.example")
    assert done.returncode == 0, done.stderr
    machine.run("systemctl", "restart", "containerd")
    machine.pull()
    assert machine.served() == "plain.example"


@pytest.mark.parametrize("release", RELEASES)
def test_what_the_tool_writes_into_the_default_configuration_containerd_reads_as_before(
    node: Make, release: str
) -> None:
    machine = node(release)
    machine.write(CONFIG, machine.run("containerd", "config", "default").stdout)
    before = machine.run("containerd", "config", "dump").stdout.splitlines()
    assert machine.kubectl_tcr(*WRITE).returncode == 0
    after = machine.run("containerd", "config", "dump").stdout.splitlines()
    changed = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]
    assert [line for line in changed if "config_path" not in line] == []
    assert len(changed) == 2


PROOF = ("check", "--online", "--image", RESIZER)


@pytest.mark.parametrize("release", RELEASES)
def test_check_proves_that_the_mirror_alone_serves_an_image(node: Make, release: str) -> None:
    machine = node(release)
    assert machine.kubectl_tcr(*WRITE).returncode == 0
    machine.start()
    before = machine.files("/etc/containerd")
    done = machine.kubectl_tcr(*PROOF)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert f"  seen: proved: {RESIZER} came from https://{MIRROR} alone\n" in done.stdout
    assert machine.files("/etc/containerd") == before
    assert "tcr-nodes-proof" not in machine.run("crictl", "images").stdout
    assert not [path for path in machine.path(CERTS).iterdir() if "proof" in path.name]


def test_check_tells_a_containerd_that_was_not_restarted(node: Make) -> None:
    """The mirror serves, the files are right, and the source serves every pull."""
    machine = node("2.2.1")
    machine.start()
    assert pending(machine) is False
    assert machine.kubectl_tcr(*WRITE).returncode == 0
    machine.pull()
    assert machine.served() == "quay.io"
    assert pending(machine) is True
    unread = f"  wrong: {CONFIG}: was changed after containerd was started; restart containerd "
    assert unread in machine.kubectl_tcr("check").stdout
    done = machine.kubectl_tcr(*PROOF)
    assert done.returncode == 1
    assert f"  wrong: containerd: does not pull {RESIZER} from https://{MIRROR}: " in done.stdout
    machine.run("systemctl", "restart", "containerd")
    assert pending(machine) is False
    assert machine.kubectl_tcr("check").returncode == 0
    machine.stop()
    assert pending(machine) is None


def pending(node: Node) -> bool | None:
    """What `check` knows of a restart that is left."""
    (runtime,) = json.loads(node.kubectl_tcr("check", "--runtime", "containerd", "-o", "json").stdout)["runtimes"]
    assert runtime["release"].startswith("2.2.1")
    found: bool | None = runtime.get("restartPending")
    return found


def test_a_proof_by_the_script_leaves_no_restart_behind(node: Make) -> None:
    machine = node("2.4")
    machine.write(CONFIG, f'version = 2\n[{CRI}.registry.mirrors."quay.io"]\nendpoint = ["https://{MIRROR}"]\n')
    machine.start()
    assert machine.script(variables={"TCR_PROOF": RESIZER}).returncode == 0
    (runtime,) = json.loads(machine.kubectl_tcr("check", "-o", "json").stdout)["runtimes"]
    assert (runtime["style"], runtime["restartPending"], runtime["problems"]) == ("mirrors", False, [])


@pytest.mark.parametrize(("release", "answer"), [("1.6", "seen: proved"), ("2.4", "seen: not proved")])
def test_check_asks_a_containerd_with_a_table_what_it_runs_with(node: Make, release: str, answer: str) -> None:
    machine = node(release)
    machine.write(CONFIG, f'version = 2\n[{CRI}.registry.mirrors."quay.io"]\nendpoint = ["https://{MIRROR}"]\n')
    machine.start()
    done = machine.kubectl_tcr(*PROOF)
    assert (done.returncode, answer in done.stdout) == (0, True), done.stdout


class Cell(NamedTuple):
    """A style of configuration in a version of the file."""

    version: int
    style: str

    def text(self) -> str:
        registry = f"{TABLES[self.version]}.registry"
        table = f'[{registry}.mirrors."quay.io"]\n  endpoint = ["https://{MIRROR}"]\n'
        path = f'[{registry}]\n  config_path = "{CERTS}"\n'
        rows = {"`config_path`": path, "`mirrors`": table, "both": path + table}
        return f"version = {self.version}\n{rows[self.style]}"


CELLS = [Cell(version, style) for version in TABLES for style in ("`config_path`", "`mirrors`", "both")]


def measured(machine: Node, cell: Cell) -> str:
    """What a containerd does with a configuration that is written by hand."""
    machine.write(f"{CERTS}/quay.io/hosts.toml", f'server = "https://quay.io"\n[host."https://{MIRROR}"]\n')
    machine.write(CONFIG, cell.text())
    if machine.run("systemctl", "restart", "containerd").returncode != 0:
        return REFUSED
    pulled = machine.pull()
    served = machine.served()
    if served == "-":
        assert "unknown service runtime.v1.ImageService" in pulled.stderr or "CRI v1 image API" in pulled.stderr
        return UNLOADED
    return {MIRROR: THROUGH, "quay.io": IGNORED}[served]


def test_the_table_of_the_page_is_what_containerd_does(node: Make) -> None:
    machines = [node(release) for release in RELEASES]
    columns = [[measured(machine, cell) for cell in CELLS] for machine in machines]
    names = [f"containerd {exact(machine)}" for machine in machines]
    rows = [f"| version of the file | style | {' | '.join(names)} |", "|---|---|---|---|---|"]
    for cell, answers in zip(CELLS, zip(*columns, strict=True), strict=True):
        rows.append(f"| {cell.version} | {cell.style} | {' | '.join(answers)} |")
    table = "\n".join(rows) + "\n"
    print(table)  # noqa: T201 the page's table, to be copied where it differs
    assert table in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(("release", "starts"), [("1.6", False), ("2.2.1", True)])
def test_the_table_of_version_1_in_a_file_of_version_2(node: Make, release: str, starts: bool) -> None:
    machine = node(release)
    machine.write(CONFIG, f'version = 2\n[plugins.cri.registry.mirrors."quay.io"]\nendpoint = ["https://{MIRROR}"]\n')
    started = machine.run("systemctl", "start", "containerd")
    assert (started.returncode == 0) == starts
    if starts:
        machine.pull()
        assert machine.served() == "quay.io"
    assert machine.kubectl_tcr(*WRITE, "--migrate").returncode == 0
    machine.run("systemctl", "restart", "containerd")
    machine.pull()
    assert machine.served() == MIRROR


def exact(machine: Node) -> str:
    """The release as its own `--version` tells it, without a distribution's suffix."""
    return machine.run("containerd", "--version").stdout.split()[2].removeprefix("v").partition("~")[0]


# How a mirror may fail so that containerd goes on to the next place to ask.
FAILURES = ("down", "404", "403", "401", "429", "500", "503", "reset", "basic")
WAYS = ("command", "script")


def set_alone(machine: Node, way: str, *rules: str) -> None:
    """Set mirrors without a fallback on a node that runs, and restart it."""
    if way == "command":
        done = machine.kubectl_tcr(*WRITE, "--no-fallback", *rules)
        machine.run("systemctl", "restart", "containerd")
    else:
        done = machine.script(made=("--no-fallback", *rules))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("release", RELEASES)
def test_without_a_fallback_the_source_is_not_asked_whatever_the_mirror_does(
    node: Make, release: str, way: str
) -> None:
    machine = node(release)
    machine.start()
    set_alone(machine, way)
    machine.pull()
    assert (machine.served(), machine.asked()) == (MIRROR, [MIRROR])
    checked = machine.kubectl_tcr("check", "--runtime", "containerd", "--no-fallback")
    assert checked.returncode == 0, checked.stdout
    for answer in FAILURES:
        machine.answer(MIRROR, answer)
        done = machine.pull()
        asked = [] if answer == "down" else [MIRROR]
        assert (answer, done.returncode != 0, machine.asked()) == (answer, True, asked)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("release", RELEASES)
def test_a_mirror_with_a_path_takes_the_place_of_the_source(node: Make, release: str, way: str) -> None:
    machine = node(release)
    machine.start()
    set_alone(machine, way, "--mirror", "quay.io=m.example/team/quay")
    machine.pull()
    assert (machine.served(), machine.asked()) == ("m.example", ["m.example"])
    machine.answer("m.example", "no blobs")
    assert machine.pull().returncode != 0
    assert machine.asked() == ["m.example"]
    assert {entry["path"].split("/k8scsi/")[0] for entry in machine.last()} == {"/v2/team/quay"}


@pytest.mark.parametrize("way", WAYS)
def test_a_fallback_is_taken_away_and_comes_back(node: Make, way: str) -> None:
    machine = node("2.4")
    machine.start()
    assert machine.kubectl_tcr(*WRITE).returncode == 0
    machine.run("systemctl", "restart", "containerd")
    assert machine.kubectl_tcr("check", "--no-fallback").returncode == 1
    set_alone(machine, way)
    machine.answer(MIRROR, "down")
    assert machine.pull().returncode != 0
    done = machine.kubectl_tcr(*WRITE) if way == "command" else machine.script()
    assert done.returncode == 0, done.stderr
    machine.pull()
    assert machine.served() == "quay.io"


@pytest.mark.parametrize("way", WAYS)
def test_a_table_of_mirrors_always_falls_back_so_that_it_is_refused(node: Make, way: str) -> None:
    machine = node("1.6")
    machine.write(CONFIG, f'version = 2\n[{CRI}.registry.mirrors."quay.io"]\nendpoint = ["https://{MIRROR}"]\n')
    machine.start()
    before = machine.files("/etc/containerd")
    done = machine.kubectl_tcr(*WRITE, "--no-fallback") if way == "command" else machine.script(made=("--no-fallback",))
    assert (done.returncode, machine.files("/etc/containerd")) == (2, before)
    assert "--migrate" in done.stderr
