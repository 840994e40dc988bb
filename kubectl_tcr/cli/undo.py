"""`kubectl tcr-nodes undo`: what was there before the first run."""

import sys
from contextlib import nullcontext

import click

from kubectl_tcr.cli import node_flags, rule_flags
from kubectl_tcr.cli.changes import out, tell
from kubectl_tcr.nodes import undo
from kubectl_tcr.nodes.lock import locked
from kubectl_tcr.nodes.plan import Node, diff_of
from kubectl_tcr.statuses import DONE


@click.command(
    "undo",
    cls=rule_flags.Checked,
    short_help="Put back what was there before the first run.",
    help="Put back the files that were there before the first run of these commands or of the script, and take away "
    "what they have made. Without --write it shows what would change.",
)
@click.option(
    "--root", metavar="DIR", default="/", help="The node's files: / (the default) or a folder with a copy of its etc."
)
@click.option("--write", is_flag=True, help="Do it; a file that somebody else has changed since is refused.")
def command(root: str, *, write: bool) -> int:
    """Show it, or do it."""
    node_flags.refuse_no_folder(root)
    node = Node(root)
    with locked(node) if write else nullcontext():
        return _undo(node, write=write)


def _undo(node: Node, *, write: bool) -> int:
    planned = undo.plan(node)
    if write:
        for one in undo.carry_out(node):
            tell(f"{'removed' if one.before is None else 'put back'} {one.path}")
    else:
        for one in planned.files:
            out(b"".join(diff_of(*one, is_escaped=sys.stdout.isatty())))
        for one in planned.files:
            tell(f"would {'remove' if one.before is None else 'put back'} {one.path}")
    if not planned.files:
        tell("there is nothing to undo")
    elif not write:
        tell("nothing was written; --write does it")
    for line in planned.left:
        tell(line)
    return DONE
