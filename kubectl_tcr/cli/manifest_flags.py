"""The flags of every command that reads manifests: which, by what rules, and how far to look in them."""

from collections.abc import Callable
from typing import TypeVar

import click

from kubectl_tcr.cli import rule_flags
from kubectl_tcr.settings import Scope

Decorated = TypeVar("Decorated", bound=Callable[..., object])

_DIRECTORY = click.Path(readable=False, file_okay=False)

_INPUTS = (
    click.argument("names", metavar="[FILE]...", nargs=-1, type=rule_flags.FILE),
    click.option(
        "-f",
        "--filename",
        "filenames",
        multiple=True,
        metavar="FILE",
        type=rule_flags.FILE,
        help="Read a file, or the manifests in a directory; - is standard input. May be repeated.",
    ),
    click.option(
        "-k",
        "--kustomize",
        "kustomizations",
        multiple=True,
        metavar="DIR",
        type=_DIRECTORY,
        help="Read what kubectl kustomize builds from a directory.",
    ),
    click.option("--enable-helm", is_flag=True, help="Let the kustomizations of -k render charts, with helm."),
    click.option("-R", "--recursive", is_flag=True, help="Read what lies below directories too."),
    click.option(
        "--ignore",
        multiple=True,
        metavar="GLOB",
        help="Pass over paths in directories that match or end in a match, as vendor. May be repeated.",
    ),
)
_SCOPE = click.option(
    "--scope",
    type=click.Choice([scope.name.lower() for scope in Scope]),
    help="How far to look: pods, declared fields, whole values, or text (all, the default).",
)


def manifests(command: Decorated) -> Decorated:
    """Give a command the inputs, the rules and what limits the look."""
    command = rule_flags.rules(rule_flags.crds(rule_flags.stays(_SCOPE(command))))
    for flag in reversed(_INPUTS):
        command = flag(command)
    return command
