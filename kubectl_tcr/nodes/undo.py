"""Going back: what was there before the first run, by what commands and script have noted (`state`)."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from kubectl_tcr.errors import Location, NodeError
from kubectl_tcr.files import writing
from kubectl_tcr.nodes import state
from kubectl_tcr.nodes.plan import BACKUP, LAST, Node
from kubectl_tcr.nodes.state import CHANGED, CREATED, FOLDERS, Entry

# What must be told of files, by a part of their paths; of a hosts.toml nobody.
_LEFT = (
    ("/hosts.toml", ""),
    ("/docker/", "then: reload docker (systemctl reload docker)"),
    ("/containers/", "then: reload crio (systemctl reload crio)"),
    ("/rancher/k3s/", "then: restart k3s, or k3s-agent"),
    ("/rancher/rke2/", "then: restart rke2-server, or rke2-agent"),
    ("", "then: restart containerd (systemctl restart containerd)"),
)


class Return(NamedTuple):
    """A file of a node: its absolute path there, its bytes, and those it had before, None if it was not there."""

    path: str
    now: bytes
    before: bytes | None


class Undo(NamedTuple):
    """What goes back, the last one first, and the lines that say what is left to do then."""

    files: tuple[Return, ...]
    left: tuple[str, ...]


def plan(node: Node) -> Undo:
    """What would go back; raises NodeError where somebody else has changed a file since."""
    found = (_return(node, entry) for entry in reversed(state.entries(node)) if entry.was != FOLDERS)
    files = tuple(one for one in found if one)
    left = dict.fromkeys(_left(one.path) for one in files)
    return Undo(files, tuple(line for line in left if line))


def carry_out(node: Node) -> Iterator[Return]:
    """Put all back and hand out what was; a run that is killed is gone on with by the next. Raises OutputError."""
    planned = {one.path: one for one in plan(node).files}
    entries = list(state.entries(node))
    while entries:
        entry = entries[-1]
        place = node.place(entry.path)
        with writing(str(place)):
            if entry.was == FOLDERS:
                _forget_folder(place)
            elif entry.path in planned:
                _go_back(place, entry)
                yield planned[entry.path]
        entries.pop()
        state.keep(node, entries)
    file = node.place(state.STATE)
    with writing(str(file)):
        file.unlink(missing_ok=True)
        for folder in list(file.parents)[:3]:  # a copy had no such folders
            _forget_folder(folder)


def _return(node: Node, entry: Entry) -> Return | None:
    """How an entry goes back, None where it has, or was never done; raises NodeError."""
    now, before = node.read(entry.path), node.read(_backup(node, entry.path))
    is_ours = now is not None and state.sum_of(now) == entry.sum
    if now is not None and is_ours and (entry.was == CREATED or before is not None):
        return Return(entry.path, now, None if entry.was == CREATED else before)
    # A run was killed in front of the change, or behind its undoing.
    if entry.was == CREATED and now is None:
        return None
    if entry.was == CHANGED and not is_ours and (before is None or now == before):
        return None if now is None or before is None else Return(entry.path, now, before)
    if is_ours:
        what = f"cannot be put back, as its {BACKUP} is not there any more; nothing was undone"
    else:
        way = f"put it right by hand, take its line out of {state.STATE}, and run this again"
        what = f"was changed since by somebody else; {way}"
    raise NodeError(what, Location(entry.path))


def _backup(node: Node, path: str) -> str:
    """The path of the file that was kept, which lies beside what a link names."""
    place = str(node.place(path))
    root = str(Path(node.root).resolve()).rstrip("/")
    return place.removeprefix(root) + BACKUP


def _go_back(place: Path, entry: Entry) -> None:
    if entry.was == CREATED:
        place.unlink()
    else:
        place.with_name(place.name + BACKUP).replace(place)
    place.with_name(place.name + LAST).unlink(missing_ok=True)


def _forget_folder(place: Path) -> None:
    """Take a folder away that is empty."""
    with suppress(OSError):
        place.rmdir()


def _left(path: str) -> str:
    return next(line for part, line in _LEFT if part in path)
