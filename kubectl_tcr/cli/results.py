"""`kubectl tcr-nodes table`: what became of many nodes, from the logs of the script that ran there."""

import sys
from collections.abc import Iterator
from typing import BinaryIO

import click

from kubectl_tcr.cli import rule_flags
from kubectl_tcr.cli.changes import out, tell
from kubectl_tcr.errors import Location, NodeError
from kubectl_tcr.nodes import results
from kubectl_tcr.statuses import DONE, FOUND


@click.command(
    "table",
    cls=rule_flags.Checked,
    short_help="What became of many nodes, from the script's logs.",
    help="A table of what became of each node, from the logs of the script (sh tcr-nodes.sh --result) in FILEs or on "
    "standard input. Other lines are passed over; of several results of a node the last one counts. The status is 1 "
    "if a node failed.",
)
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.File("rb"))
def command(files: tuple[BinaryIO, ...]) -> int:
    """Print the table."""
    logs = files or (sys.stdin.buffer,)
    found = {one.node: one for log in logs for one in results.results(_lines(log), log.name)}
    if not found:
        what = (
            "no result of a node is there; the script prints one with --result, as it does in a playbook or a DaemonSet"
        )
        raise NodeError(what, Location(", ".join(log.name for log in logs)))
    out("".join(f"{line}\n" for line in results.table(found.values())).encode())
    tell(results.summary(found.values()))
    return FOUND if any(one.outcome == results.FAILED for one in found.values()) else DONE


def _lines(log: BinaryIO) -> Iterator[str]:
    for line in log:
        yield line.decode(errors="replace")
