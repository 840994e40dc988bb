"""One run at a time on a node, whether command or script."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kubectl_tcr.errors import OutputError
from kubectl_tcr.nodes import crio, lock
from kubectl_tcr.nodes.plan import BACKUP, Node

from .conftest import Machine
from .test_script import run

pytestmark = pytest.mark.skipif(shutil.which("flock") is None, reason="needs flock")

THEIRS = "# theirs\n"
PAIRS = 20
fcntl = pytest.importorskip("fcntl")


@pytest.fixture
def held(node: Machine) -> Machine:
    """A node on which another run is at work."""
    node.put(crio.DROP_IN, THEIRS)
    folder = os.open(node.root / "etc", os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    return node


def test_a_script_waits_for_another_run_and_says_so(held: Machine) -> None:
    before = held.everything()
    done = run(held, TCR_RUNTIME="cri-o", TCR_WAIT="1")
    assert (done.returncode, held.everything()) == (2, before)
    assert "another run of tcr-nodes is at work on this node" in done.stderr


def test_a_command_waits_for_another_run_and_says_so(held: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "PATIENCE", 0)
    with pytest.raises(OutputError, match="another run of tcr-nodes is at work"), lock.locked(Node(str(held.root))):
        pytest.fail("it has the lock")


def test_what_only_looks_waits_for_nobody(held: Machine) -> None:
    assert run(held, "--dry-run", TCR_RUNTIME="cri-o").returncode == 0
    assert held.nodes("cri-o", "--root", "ROOT").status == 0
    assert held.nodes("undo", "--root", "ROOT").status == 0


def test_a_node_without_the_folder_is_written_all_the_same(node: Machine) -> None:
    assert node.nodes("cri-o", "--root", "ROOT", "--write").status == 0


def _pair(folder: Path) -> tuple[list[int], dict[str, str], str]:
    """Have a command and a script with other rules at the same node at once, then undo."""
    folder.mkdir()
    node = Machine(folder / "node")
    node.put(crio.DROP_IN, THEIRS)
    with ThreadPoolExecutor(2) as pool:
        script = pool.submit(run, node, TCR_RUNTIME="cri-o")
        command = pool.submit(node.nodes, "cri-o", "--preset", "default", "--root", "ROOT", "--write")
        statuses = [script.result().returncode, command.result().status]
    files = node.files()
    statuses.append(node.nodes("undo", "--root", "ROOT", "--write").status)
    return statuses, files, node.get(crio.DROP_IN)


def test_of_two_at_once_each_does_its_work(tmp_path: Path) -> None:
    other = Machine(tmp_path / "other")
    other.root.mkdir()
    whole = {other.nodes("cri-o", "--preset", name).out.decode() for name in ("tke", "default")}
    with ThreadPoolExecutor(2) as pool:
        for statuses, files, undone in pool.map(_pair, (tmp_path / str(number) for number in range(PAIRS))):
            assert statuses == [0, 0, 0]
            assert files[crio.DROP_IN] in whole
            assert files[f"{crio.DROP_IN}{BACKUP}"] == THEIRS
            assert undone == THEIRS
