"""What was written on a node, so that it can be undone: a file of the node that commands and script keep alike.

A line for each path, in the order of writing: the SHA-256 of what was written there (`-` for a folder), what was there
before (`created` for nothing, `changed` for a file, which is kept beside it; `folders` for a folder that was made), and
the path.
"""

import hashlib
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import NamedTuple

from kubectl_tcr.errors import Location, NodeError
from kubectl_tcr.files import put, writing
from kubectl_tcr.nodes.plan import Change, Node, make_folders

STATE = "/var/lib/tcr-nodes/written"
CREATED, CHANGED, FOLDERS = "created", "changed", "folders"


class Entry(NamedTuple):
    """A path that was written: the sum of what it held then, and what was there before."""

    sum: str
    was: str
    path: str


def entries(node: Node) -> tuple[Entry, ...]:
    """What was written, in the order of writing; raises NodeError."""
    rows = [line.split(" ", 2) for line in (node.text(STATE) or "").splitlines()]
    if any(len(row) != 3 or row[1] not in (CREATED, CHANGED, FOLDERS) for row in rows):
        raise NodeError("is not as it was written; nothing was undone", Location(STATE))
    return tuple(Entry(*row) for row in rows)


def record(node: Node, change: Change) -> None:
    """Note a change before it is made; raises NodeError and OutputError."""
    known = {entry.path: entry for entry in entries(node)}
    missing = [str(one) for one in PurePosixPath(change.path).parents if not node.place(str(one)).exists()]
    new = [Entry("-", FOLDERS, path) for path in reversed(missing)]
    new.append(Entry(sum_of(change.after), CREATED if change.before is None else CHANGED, change.path))
    for entry in new:
        before = known.pop(entry.path, entry)  # it comes last now
        known[entry.path] = entry._replace(was=before.was)
    keep(node, known.values())


def keep(node: Node, left: Iterable[Entry]) -> None:
    """Write what is noted; raises OutputError."""
    place = node.place(STATE)
    text = "".join(f"{' '.join(entry)}\n" for entry in left)
    with writing(str(place)):
        make_folders(place.parent)
        put(place, lambda file: file.write(text.encode()), None)


def sum_of(raw: bytes) -> str:
    """How the script calls a text: its SHA-256."""
    return hashlib.sha256(raw).hexdigest()
