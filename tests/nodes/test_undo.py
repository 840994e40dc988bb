"""Going back, by command and by script: what was there before the first run, to the last byte, mode and folder."""

import os
import subprocess
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_tcr import build
from kubectl_tcr.errors import NodeError
from kubectl_tcr.images.presets import preset
from kubectl_tcr.nodes import crio, docker, state
from kubectl_tcr.nodes.k3s import FILES
from kubectl_tcr.nodes.plan import BACKUP, LAST, Change, Node
from kubectl_tcr.nodes.script import Defaults, script

from .conftest import CONFIG, QUAY, Machine
from .test_script import run

TKE = build([preset("tke")])
WRITTEN = "/var/lib/tcr-nodes/written"
TEXT = "version = 2\n# ours\n"

# What a node has before, and the command that changes it.
NODES = {
    "nothing": ({}, ("containerd", "--containerd", "2.2.9")),
    "a configuration": ({CONFIG: TEXT}, ("containerd", "--containerd", "1.7.24")),
    "a table": (
        {
            CONFIG: f'{TEXT}[plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]\nendpoint = ["https://m.io"]\n'
        },
        ("containerd", "--containerd", "1.7.24"),
    ),
    "a table that is migrated": (
        {
            CONFIG: f'{TEXT}[plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]\nendpoint = ["https://m.io"]\n'
        },
        ("containerd", "--containerd", "1.7.24", "--migrate"),
    ),
    "a file of somebody else": (
        {QUAY: "# theirs\n", CONFIG: TEXT},
        ("containerd", "--containerd", "1.7.24", "--replace"),
    ),
    "an empty folder": ({"/etc/containerd/certs.d/other/x": ""}, ("containerd", "--containerd", "2.2.9")),
    "Docker without a file": ({}, ("docker", "--preset", "tke")),
    "Docker with a file": ({docker.CONFIG: '{"a": 1}'}, ("docker", "--preset", "tke")),
    "CRI-O": ({crio.MAIN: "# theirs\n"}, ("cri-o",)),
    "K3s": (
        {
            FILES["k3s"]: "mirrors:\n  docker.io:\n    endpoint: [https://m.io]\n".replace("[", "\n    - ").replace(
                "]", ""
            )
        },
        ("k3s",),
    ),
    "RKE2": ({}, ("rke2",)),
}


def by_command(node: Machine) -> subprocess.CompletedProcess[str]:
    done = node.nodes("undo", "--root", "ROOT", "--write")
    return subprocess.CompletedProcess((), done.status, done.out.decode(), done.err)


def by_script(node: Machine) -> subprocess.CompletedProcess[str]:
    return run(node, "--undo", TCR_RUNTIME="containerd", TCR_CONTAINERD="no-such-containerd")


WAYS: dict[str, Callable[[Machine], subprocess.CompletedProcess[str]]] = {"command": by_command, "script": by_script}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Callable[[Machine], subprocess.CompletedProcess[str]]:
    return WAYS[request.param]


Way = Callable[[Machine], subprocess.CompletedProcess[str]]


def test_where_nothing_was_written_nothing_is_undone(node: Machine, way: Way) -> None:
    node.put(CONFIG, TEXT)
    before = node.everything()
    done = way(node)
    assert (done.returncode, node.everything()) == (0, before)
    assert "there is nothing to undo" in done.stdout + done.stderr


@pytest.mark.parametrize("name", NODES)
def test_every_byte_mode_and_folder_is_as_before(node: Machine, way: Way, name: str) -> None:
    files, words = NODES[name]
    for path, text in files.items():
        node.put(path, text)
        (node.root / path.lstrip("/")).chmod(0o640)
    before = node.everything()
    assert node.nodes(*words, "--root", "ROOT", "--write").status == 0
    assert node.everything() != before
    done = way(node)
    assert (done.returncode, node.everything()) == (0, before), done.stderr
    assert "there is nothing to undo" in (lambda one: one.stdout + one.stderr)(way(node))


@pytest.mark.parametrize(
    ("runtime", "file"), [("cri-o", crio.DROP_IN), ("docker", docker.CONFIG), ("k3s", FILES["k3s"])]
)
def test_what_the_script_wrote_goes_back_too(node: Machine, way: Way, runtime: str, file: str) -> None:
    node.put("/etc/hostname", "node\n")
    before = node.everything()
    assert run(node, TCR_RUNTIME=runtime).returncode == 0
    assert file in node.files()
    assert way(node).returncode == 0
    assert node.everything() == before


def test_the_first_backup_goes_back_however_often_it_was_changed_since(node: Machine, way: Way) -> None:
    node.put(crio.DROP_IN, "# the first\n")
    before = node.everything()
    for text in ("# the second\n", "# the third\n"):
        assert node.nodes("cri-o", "--root", "ROOT", "--write").status == 0
        node.put(crio.DROP_IN, text)
    assert run(node, TCR_RUNTIME="cri-o").returncode == 0
    assert {f"{crio.DROP_IN}{BACKUP}", f"{crio.DROP_IN}{LAST}"} < set(node.files())
    assert way(node).returncode == 0
    assert node.everything() == before


def test_a_link_stays_one(node: Machine, way: Way) -> None:
    node.put("/etc/real/config.toml", TEXT)
    (node.root / "etc/containerd").mkdir()
    (node.root / CONFIG.lstrip("/")).symlink_to("../real/config.toml")
    before = node.everything()
    assert node.nodes("containerd", "--containerd", "1.7.24", "--root", "ROOT", "--write").status == 0
    assert way(node).returncode == 0
    assert node.everything() == before


def test_what_somebody_else_changed_since_is_not_thrown_away(node: Machine, way: Way) -> None:
    node.put(CONFIG, TEXT)
    assert node.nodes("containerd", "--containerd", "1.7.24", "--root", "ROOT", "--write").status == 0
    node.put(QUAY, node.get(QUAY) + "# and mine\n")
    before = node.everything()
    done = way(node)
    assert (done.returncode, node.everything()) == (2, before)
    assert "was changed since by somebody else" in done.stderr


def test_a_backup_that_is_gone_is_told_before_anything_is_undone(node: Machine, way: Way) -> None:
    node.put(CONFIG, TEXT)
    assert node.nodes("containerd", "--containerd", "1.7.24", "--root", "ROOT", "--write").status == 0
    (node.root / f"{CONFIG}{BACKUP}".lstrip("/")).unlink()
    before = node.everything()
    done = way(node)
    assert (done.returncode, node.everything()) == (2, before)
    assert "is not there any more; nothing was undone" in done.stderr


@pytest.mark.parametrize("left", ["in front of the change", "behind its undoing"])
def test_a_run_that_was_killed_is_gone_on_with(node: Machine, way: Way, left: str) -> None:
    node.put(CONFIG, TEXT)
    before = node.everything()
    if left == "in front of the change":
        state.record(Node(str(node.root)), Change(QUAY, None, b"never written"))
        state.record(Node(str(node.root)), Change(CONFIG, TEXT.encode(), b"never written"))
    else:
        assert node.nodes("containerd", "--containerd", "1.7.24", "--root", "ROOT", "--write").status == 0
        (node.root / f"{CONFIG}{BACKUP}".lstrip("/")).replace(node.root / CONFIG.lstrip("/"))
    assert way(node).returncode == 0
    assert node.everything() == before


def test_without_write_it_is_shown_and_nothing_changes(node: Machine) -> None:
    node.put(docker.CONFIG, '{"a": 1}\n')
    assert node.nodes("docker", "--preset", "tke", "--root", "ROOT", "--write").status == 0
    before = node.everything()
    shown = node.nodes("undo", "--root", "ROOT")
    dry = run(node, "--undo", "--dry-run", TCR_RUNTIME="docker")
    assert '+{"a": 1}' in shown.out.decode()
    assert "would put back /etc/docker/daemon.json" in shown.err
    assert "then: reload docker" in shown.err
    assert f"would put back {node.root}/etc/docker/daemon.json" in dry.stdout
    assert '+{"a": 1}' in dry.stdout
    assert (dry.returncode, node.everything()) == (0, before)


def test_only_what_is_read_at_a_start_is_restarted_for(node: Machine) -> None:
    node.put(CONFIG, TEXT)
    restarted = f"echo restart >>{node.root.parent}/again"
    assert node.nodes("containerd", "--containerd", "1.7.24", "--root", "ROOT", "--write").status == 0
    assert run(node, "--undo", TCR_RUNTIME="cri-o", TCR_RESTART=restarted).returncode == 0
    assert (node.root.parent / "again").read_text(encoding="utf-8") == "restart\n"
    text = f'{TEXT}[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "/etc/containerd/certs.d"\n'
    node.put(CONFIG, text)
    assert node.nodes("containerd", "--containerd", "1.7.24", "--root", "ROOT", "--write").status == 0
    assert run(node, "--undo", TCR_RUNTIME="cri-o", TCR_RESTART=restarted).returncode == 0
    assert (node.root.parent / "again").read_text(encoding="utf-8") == "restart\n"


def test_a_later_run_sets_the_mirrors_again(node: Machine, way: Way) -> None:
    assert node.nodes("cri-o", "--root", "ROOT", "--write").status == 0
    first = node.everything()
    assert way(node).returncode == 0
    assert node.nodes("cri-o", "--root", "ROOT", "--write").status == 0
    assert node.everything() == first


def test_a_script_may_be_made_to_undo_and_a_compact_one_has_no_such_part_otherwise(node: Machine) -> None:
    assert run(node, TCR_RUNTIME="cri-o").returncode == 0
    done = run(node, TCR_RUNTIME="cri-o", made=script(TKE, defaults=Defaults(is_undo=True), is_bare=True))
    assert (done.returncode, node.files()) == (0, {}), done.stderr
    assert "unknown argument --undo" in run(node, "--undo", made=script(TKE, is_bare=True)).stderr
    assert "goes without --proof" in node.refused("ansible", "--undo", "--migrate")


def test_a_note_that_is_not_as_it_was_written_is_refused(node: Machine) -> None:
    node.put(WRITTEN, "rm -rf /\n")
    assert "is not as it was written" in node.refused("undo", "--root", "ROOT", "--write")


PATHS = st.sampled_from(["/etc/a b/c", "/etc/containerd/certs.d/r.corp_5000_/hosts.toml", "/etc/x", "/etc/a b/ d"])


@given(st.lists(st.tuples(PATHS, st.booleans(), st.binary(max_size=3)), min_size=1, max_size=6))
def test_commands_and_script_note_alike(changes: list[tuple[str, bool, bytes]]) -> None:
    import tempfile
    from pathlib import Path

    notes = []
    functions = script(TKE).partition("# --- what runs here")[0] + "\nwork=$TCR_ROOT"
    for form in ("command", "script"):
        with tempfile.TemporaryDirectory() as folder:
            for path, is_there, raw in changes:
                place = Path(folder) / path.lstrip("/")
                if is_there and not place.exists():
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(b"before")
                if form == "command":
                    state.record(Node(folder), Change(path, b"" if place.exists() else None, raw))
                    continue
                (Path(folder) / "new").write_bytes(raw)
                words = ["sh", "-c", f'{functions}\nrecord "$TCR_ROOT$1" "$TCR_ROOT/new"', "sh", path]
                subprocess.run(words, env={"PATH": os.environ["PATH"], "TCR_ROOT": folder}, check=True, timeout=60)
            notes.append((Path(folder) / WRITTEN.lstrip("/")).read_text(encoding="utf-8"))
    assert notes[0] == notes[1]
    with pytest.raises(NodeError):
        state.entries(Node("", {WRITTEN: b"x\n"}))
