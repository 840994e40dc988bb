"""The flags that several commands of `kubectl tcr-nodes` have, and what they mean."""

import os
from collections.abc import Callable
from typing import TypeVar

import click

from kubectl_tcr import config
from kubectl_tcr.cli import rule_flags
from kubectl_tcr.cli.options import Options
from kubectl_tcr.cli.outcome import say
from kubectl_tcr.errors import Location, NodeError
from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.nodes.hosts import Ways
from kubectl_tcr.text.printable import printable

Decorated = TypeVar("Decorated", bound=Callable[..., object])

_PLAIN_HTTP = click.option(
    "--plain-http",
    multiple=True,
    metavar="MIRROR",
    help="Ask a rule's mirror by http, without TLS. May be repeated.",
)
# What no runtime can do: docs/nodes.md.
_FOR_MANIFESTS = "is left out: no runtime puts the host into the path of a mirror; it holds in kubectl tcr-rewrite"
_NO_FALLBACK = click.option(
    "--no-fallback", is_flag=True, help="Where no mirror serves, the pull fails: the source itself is not asked."
)
_CA = click.option(
    "--ca",
    multiple=True,
    metavar="MIRROR=FILE",
    help="The authority of a rule's mirror: a file on the node. containerd only. May be repeated.",
)
_ROOT = click.option("--root", metavar="DIR", help="The node's files: / or a folder with a copy of its etc.")
_WRITE = click.option(
    "--write", is_flag=True, help="Write the changes; each file is replaced whole, its old self kept."
)


def rules(decorated: Decorated) -> Decorated:
    """Give a command the flags of mirror rules and of how mirrors are asked."""
    return rule_flags.rules(_PLAIN_HTTP(_NO_FALLBACK(_CA(decorated))))


def root(decorated: Decorated) -> Decorated:
    """Give a command the flags --root and --write."""
    return _ROOT(_WRITE(decorated))


def ways(flags: dict[str, object]) -> Ways:
    """How mirrors are asked; these flags are taken out."""
    plain_http, no_fallback, ca = (flags.pop(name) for name in ("plain_http", "no_fallback", "ca"))
    files = dict(_pair(one) for one in ca) if isinstance(ca, tuple) else {}
    return Ways(tuple(plain_http) if isinstance(plain_http, tuple) else (), bool(no_fallback), files)


def _pair(text: str) -> tuple[str, str]:
    mirror, equals, file = text.partition("=")
    if not (mirror and equals and file):
        raise click.UsageError(f"--ca {text} is not MIRROR=FILE")
    return mirror, file


def chosen(flags: dict[str, object]) -> Rules:
    """The rules that flags, a file and the environment give; raises RuleError and ConfigError.

    The one for the rest is left out, which is told.
    """
    options = Options(flags)
    rules = config.rules(options.layers().around())
    for line in options.found():
        say(printable(f"tcr-nodes: {line}"))
    if rules.rest is None:
        return rules
    say(printable(f"tcr-nodes: rule {rules.rest.rule} {_FOR_MANIFESTS}"))
    return rules.without_rest()


def refuse_no_folder(root: str) -> None:
    """Raises NodeError where the root of a node is no folder."""
    if not os.path.isdir(root):  # noqa: PTH112 pathlib raises for names that are too long
        raise NodeError("is no folder; name / or a folder with a copy of a node's etc", Location(root))
