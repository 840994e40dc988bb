"""What `kubectl tcr-nodes` shows: changes of a node as a diff or as written, files whole, and lines about them."""

import sys

import click

from kubectl_tcr.cli.outcome import say
from kubectl_tcr.nodes import state
from kubectl_tcr.nodes.plan import Change, Node, diff, write
from kubectl_tcr.nodes.runtime import Plan
from kubectl_tcr.signals import Held
from kubectl_tcr.text.printable import printable


def show(node: Node, plan: Plan) -> None:
    """What would change, on standard output; for no node in particular the files that any needs."""
    if plan.is_for_any:
        out("\n".join(f"# {change.path}\n{change.after.decode()}" for change in plan.changes).encode())
        _tell_left(plan)
        return
    needed = _needed(plan)
    if needed:
        _print(node, needed)
        for change in needed:
            tell(f"would {'add' if change.before is None else 'change'} {change.path}")
        if node.root:
            tell("nothing was written; --write does it")
        _tell_left(plan)


def carry_out(node: Node, plan: Plan) -> None:
    """Write what must change; raises OutputError."""
    needed = _needed(plan)
    for change in write(node, needed, state.record):
        tell(f"{'added' if change.before is None else 'changed'} {change.path}")
    if needed:
        _tell_left(plan)


def out(raw: bytes) -> None:
    """A file or a diff on standard output, its line ends kept on every system."""
    with Held():
        click.echo(raw, nl=False)


def tell(message: str) -> None:
    """A line on standard error."""
    say(printable(f"tcr-nodes: {message}"))


def _needed(plan: Plan) -> list[Change]:
    needed = [change for change in plan.changes if change.is_needed]
    if not needed:
        tell("nothing to do: " + ", ".join(change.path for change in plan.changes))
    return needed


def _tell_left(plan: Plan) -> None:
    for line in plan.losses:
        tell(line)
    if plan.left:
        tell(plan.left)


def _print(node: Node, changes: list[Change]) -> None:
    """A diff; the file itself where there is one and no node to compare it with."""
    if not (node.root or node.given) and len(changes) == 1:
        out(changes[0].after)
    else:
        out(b"".join(diff(changes, is_escaped=sys.stdout.isatty())))
