"""The flags of mirror rules, which several commands share."""

from collections.abc import Callable
from typing import TypeVar

import click

from kubectl_tcr import presets

Decorated = TypeVar("Decorated", bound=Callable[..., object])

# For shell completion; whether a path can be read is found out by reading it.
FILE = click.Path(readable=False)

_FLAGS = (
    click.option(
        "--mirror",
        "mirrors",
        multiple=True,
        metavar="SOURCE=MIRROR",
        help="Map a host or host/path-prefix to a mirror. May be repeated; the longest source wins.",
    ),
    click.option(
        "--preset",
        type=click.Choice(list(presets.PRESETS)),
        help="The rules to start from: none, default (quay.io), or tke (and docker.io, nvcr.io).",
    ),
    click.option(
        "--config",
        "config_file",
        metavar="FILE",
        type=FILE,
        help="Read rules and exclusions from a MirrorConfig.",
    ),
)


def rules(command: Decorated) -> Decorated:
    """Give a command the flags --mirror, --preset and --config."""
    for flag in reversed(_FLAGS):
        command = flag(command)
    return command
