"""Files that are replaced whole: what others save meanwhile stays, and what killed runs leave is taken away."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kubectl_tcr.errors import OutputError
from kubectl_tcr.files import Original, put, sweep

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files and locks")

OLD, NEW, THEIRS = b"image: old\n", b"image: new\n", b"image: own\n"
LEFT = ".kubectl-tcr.0123456789abcdef"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "pod.yaml"
    path.write_bytes(OLD)
    return path


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def read(path: Path) -> Original:
    """A file that was read in two chunks."""
    original = Original(path)
    held = path.read_bytes()
    assert b"".join(original.read([held[:4], held[4:]])) == held
    return original


# What somebody else does between our reading and our rename.


def saved_in_place(path: Path) -> None:
    path.write_bytes(THEIRS + b"# more\n")


def saved_by_a_rename(path: Path) -> None:
    other = path.with_suffix(".new")
    other.write_bytes(THEIRS)
    other.replace(path)


def touched(path: Path) -> None:
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))


def saved_within_a_tick(path: Path) -> None:
    """As large as before, and too soon for a coarse clock."""
    status = path.stat()
    path.write_bytes(THEIRS)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize("save", [saved_in_place, saved_by_a_rename, touched, saved_within_a_tick])
def test_what_another_program_saves_stays(path: Path, save: Callable[[Path], None]) -> None:
    original = read(path)
    save(path)
    saved = path.read_bytes()
    with pytest.raises(OutputError) as caught:
        original.replace(lambda file: file.write(NEW))
    what = "was changed by another program meanwhile and is left as it is; run again"
    assert str(caught.value) == f"{path} {what}"
    assert path.read_bytes() == saved
    assert names(path.parent) == ["pod.yaml"]


def test_a_save_while_the_new_file_is_written_counts(path: Path) -> None:
    original = read(path)
    with pytest.raises(OutputError, match="was changed by another program"):
        original.replace(lambda file: (file.write(NEW), saved_in_place(path)))
    assert path.read_bytes() == THEIRS + b"# more\n"


def test_a_file_that_is_gone_is_not_made_again(path: Path) -> None:
    original = read(path)
    path.unlink()
    with pytest.raises(OutputError):
        original.replace(lambda file: file.write(NEW))
    assert names(path.parent) == []


def test_a_file_that_is_as_it_was_read_is_replaced(path: Path) -> None:
    original = read(path)
    path.read_bytes()
    path.chmod(0o640)
    original.replace(lambda file: file.write(NEW))
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (NEW, 0o640)
    assert names(path.parent) == ["pod.yaml"]


def test_a_name_as_long_as_names_may_be(tmp_path: Path) -> None:
    path = tmp_path / ("é" * 125 + ".yaml")
    path.write_bytes(OLD)
    read(path).replace(lambda file: file.write(NEW))
    assert path.read_bytes() == NEW


# What a rename does to the file it replaces (docs/cli.md).


def test_other_hard_links_keep_the_old_file(path: Path) -> None:
    link = path.with_name("link.yaml")
    link.hardlink_to(path)
    read(path).replace(lambda file: file.write(NEW))
    assert (path.read_bytes(), link.read_bytes()) == (NEW, OLD)
    assert (path.stat().st_nlink, link.stat().st_nlink) == (1, 1)


def test_set_id_bits_stay_with_their_owner(path: Path) -> None:
    path.chmod(0o6755)
    read(path).replace(lambda file: file.write(NEW))
    assert stat.S_IMODE(path.stat().st_mode) == 0o6755


def test_set_id_bits_lend_nobody_elses_rights(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody may replace a file that is not his in a folder that is, and owns the new one."""
    path.chmod(0o6755)
    real = path.stat()
    status = os.stat_result((*real[:4], real.st_uid + 1, *real[5:10]))

    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "chown", refused)
    put(path, lambda file: file.write(NEW), status)
    assert stat.S_IMODE(path.stat().st_mode) == 0o755


# What killed runs leave behind.

OTHERS = [
    "pod.yaml",
    ".pod.yaml.0123456789abcdef",
    ".kubectl-tcr",
    ".kubectl-tcr.yaml",
    ".kubectl-tcr.0123456789abcde",
    ".kubectl-tcr.0123456789abcdef0",
    ".kubectl-tcr.0123456789ABCDEF",
    ".kubectl-tcr.0123456789abcdef~",
]


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_of_another_name_stays(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(OLD)
    sweep(tmp_path)
    assert names(tmp_path) == [name]


def a_folder(path: Path) -> None:
    path.mkdir()


def a_link(path: Path) -> None:
    path.symlink_to("nowhere")


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("make", [a_folder, a_link, a_pipe])
def test_what_is_no_file_stays(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / LEFT)
    sweep(tmp_path)
    assert names(tmp_path) == [LEFT]


def test_what_a_run_is_at_work_on_stays(path: Path) -> None:
    seen = []

    def fill(_: object) -> None:
        sweep(path.parent)
        seen.extend(names(path.parent))

    read(path).replace(fill)
    assert len(seen) == 2
    assert names(path.parent) == ["pod.yaml"]


def test_what_a_run_is_about_to_rename_stays(path: Path) -> None:
    put(path, lambda file: file.write(NEW), None, lambda: sweep(path.parent))
    assert path.read_bytes() == NEW


KILLED = """\
import os, sys
from pathlib import Path
from kubectl_tcr.files import put
put(Path(sys.argv[1]), lambda file: os.kill(os.getpid(), 9), None)
"""


def test_what_a_killed_run_leaves_is_taken_away(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, path], check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(names(path.parent)) == 2
    sweep(path.parent)
    assert names(path.parent) == ["pod.yaml"]
    assert path.read_bytes() == OLD


def test_a_sweep_between_the_making_of_a_file_and_its_lock(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is made again: what was taken away would be renamed otherwise, or nothing at all."""
    import fcntl

    real, sweeps = fcntl.flock, iter([True])

    def flock(descriptor: int, how: int) -> None:
        if not how & fcntl.LOCK_NB and next(sweeps, False):
            sweep(path.parent)
        real(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    read(path).replace(lambda file: file.write(NEW))
    assert path.read_bytes() == NEW
    assert names(path.parent) == ["pod.yaml"]


@pytest.fixture
def locked_up(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / LEFT).write_bytes(b"")
    folder.chmod(0)
    yield folder
    folder.chmod(0o755)


def test_a_folder_that_cannot_be_read_is_no_error(locked_up: Path, tmp_path: Path) -> None:
    sweep(locked_up)
    sweep(tmp_path / "nowhere")
