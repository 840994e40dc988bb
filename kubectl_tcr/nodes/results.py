"""What became of many nodes: the last line that the script prints on each with `--result`, as a table."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from kubectl_tcr.errors import Location, NodeError
from kubectl_tcr.text.printable import printable

# How the line begins, wherever it stands: a log has more in front of it (templates/result.sh).
MARK = "tcr-nodes: result "
FAILED = "failed"
_GAP = "   "
_HEADS = ("NODE", "RUNTIME", "STYLE", "MIRRORS", "OUTCOME", "RESTART", "DETAILS")


class Result(NamedTuple):
    """What became of a node.

    `outcome` is unchanged, would-change, changed or failed. `mirrors` are rules, `served` the images that were proved
    and by whom, `error` the reason of a failure; each empty where there is none.
    """

    node: str
    outcome: str
    runtime: str = ""
    release: str = ""
    style: str = ""
    mirrors: str = ""
    served: str = ""
    error: str = ""
    is_restart_pending: bool = False


_TEXTS = Result._fields[:-1]


def results(lines: Iterable[str], file: str) -> tuple[Result, ...]:
    """The last result of each node, in the order in which the nodes come; raises NodeError."""
    found: dict[str, Result] = {}
    for number, line in enumerate(lines, 1):
        _, mark, text = line.partition(MARK)
        if mark:
            result = _result(text, Location(file, number))
            found[result.node] = result
    return tuple(found.values())


def table(found: Iterable[Result]) -> Iterator[str]:
    """A line for each node, in columns, below their heads."""
    rows = [_HEADS, *(tuple(printable(cell) or "-" for cell in _cells(result)) for result in found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for cells in rows:
        yield _GAP.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def summary(found: Iterable[Result]) -> str:
    """How many nodes there are, and what became of how many.

    >>> summary([Result("a", "changed"), Result("b", "failed"), Result("c", "changed")])
    '3 nodes: 2 changed, 1 failed'
    """
    counts = Counter(result.outcome for result in found)
    total = counts.total()
    each = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    return f"{total} node{'' if total == 1 else 's'}: {each}"


def _result(text: str, where: Location) -> Result:
    with suppress(ValueError, RecursionError):
        said = json.loads(text)
        if isinstance(said, dict) and all(isinstance(said.get(key), str) for key in _TEXTS):
            texts = {key: said[key] for key in _TEXTS}
            return Result(**texts, is_restart_pending=said.get("restartPending") is True)
    raise NodeError("is no whole line of a result; take the log anew", where)


def _cells(result: Result) -> tuple[str, ...]:
    runtime = f"{result.runtime} {result.release}".strip()
    restart = "pending" if result.is_restart_pending else ""
    details = result.error or result.served
    return (result.node, runtime, result.style, result.mirrors, result.outcome, restart, details)
