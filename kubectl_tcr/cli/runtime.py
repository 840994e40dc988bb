"""The commands of `kubectl tcr-nodes` for container runtimes, one for each row of the table."""

import shlex
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

import click

from kubectl_tcr.cli import changes, node_flags
from kubectl_tcr.cli.rule_flags import Checked
from kubectl_tcr.errors import Location, NodeError
from kubectl_tcr.nodes.lock import locked
from kubectl_tcr.nodes.plan import Node, read_file
from kubectl_tcr.nodes.runtime import Flag, Runtime, Wanted
from kubectl_tcr.nodes.runtimes import Row
from kubectl_tcr.statuses import DONE


class RuntimeCommand(Checked):
    """The command of a runtime; its module is loaded by the first look at its flags, not for the list of commands."""

    def __init__(self, row: Row, **attributes: Any) -> None:
        super().__init__(**attributes)
        self._row = row

    @cached_property
    def _own(self) -> list[click.Option]:
        return [_option(flag) for flag in self._row.load().flags]

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The flags of all runtimes, its own, and --help."""
        *common, help_flag = super().get_params(ctx)
        return [*common, *self._own, help_flag]


def command(row: Row) -> click.Command:
    """The command of a runtime: plan its changes and show or write them."""

    @node_flags.rules
    @node_flags.root
    def plan(root: str | None, *, write: bool, **flags: object) -> int:
        runtime, ways = row.load(), node_flags.ways(flags)
        rules = node_flags.chosen(flags)
        own = {flag.key: flags[flag.key] for flag in runtime.flags}
        node = Node(root) if root else Node(given=_copies(runtime, own))
        wanted = Wanted(node, rules, ways, own, shlex.join(sys.argv[1:]))
        for note in runtime.notes(wanted):
            changes.tell(note)
        _refuse_no_node(root, write=write)
        if write:
            with locked(node):
                changes.carry_out(node, runtime.plan(wanted))
        else:
            changes.show(node, runtime.plan(wanted))
        return DONE

    made = click.command(row.name, cls=RuntimeCommand, row=row, help=row.help, short_help=row.summary or None)
    return made(plan)


def _option(flag: Flag) -> click.Option:
    if flag.is_switch:
        return click.Option([flag.name], is_flag=True, help=flag.help)
    if flag.choices:
        return click.Option([flag.name], type=click.Choice(flag.choices), default=flag.choices[0], help=flag.help)
    return click.Option([flag.name], metavar=flag.metavar, help=flag.help)


def _copies(runtime: Runtime, own: dict[str, object]) -> dict[str, bytes]:
    """The files that stand for a node where none is named, each read once: it may be a pipe."""
    named = [str(own[flag.key]) for flag in runtime.flags if flag.is_copy and own[flag.key]]
    return {name: _read(name) for name in named}


def _read(file: str) -> bytes:
    try:
        return read_file(Path(file))
    except OSError as error:
        raise NodeError(f"cannot be read: {error.strerror}", Location(file)) from None


def _refuse_no_node(root: str | None, *, write: bool) -> None:
    """Raises UsageError where there is nothing to write to, and NodeError where the root is no folder."""
    if write and not root:
        raise click.UsageError("--write needs --root, the node to write to: / is this machine")
    if root:
        node_flags.refuse_no_folder(root)
