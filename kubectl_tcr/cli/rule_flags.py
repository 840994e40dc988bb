"""What the command lines of several commands share: the flags of mirror rules, and that no value is empty."""

from collections.abc import Callable
from typing import TypeVar

import click

import kubectl_tcr
from kubectl_tcr import config
from kubectl_tcr.cli.outcome import DEBUG_VARIABLE
from kubectl_tcr.errors import UsageError
from kubectl_tcr.images import presets

Decorated = TypeVar("Decorated", bound=Callable[..., object])

# For shell completion; whether a path can be read is found out by reading it.
FILE = click.Path(readable=False)

_FLAGS = (
    click.option(
        "--mirror",
        "mirrors",
        multiple=True,
        metavar="SOURCE=MIRROR",
        help="Map a host or host/path-prefix to a mirror, or by *=MIRROR/{host} the rest. "
        "May be repeated; the longest source wins.",
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
    click.option(
        "--find-config",
        is_flag=True,
        help=f"Take {config.CONFIG_NAME} from here or the nearest folder above, up to the repository's root.",
    ),
)


def trusted_names(_: click.Context, __: click.Parameter, unfinished: str) -> list[str]:
    """The names of shipped registries that begin like a word; for shell completion."""
    from kubectl_tcr.images.trusted import MAINLAND, mainland

    return [name for name in (MAINLAND, *mainland()) if name.startswith(unfinished)]


_STAYS = (
    click.option(
        "--exclude",
        "excludes",
        multiple=True,
        metavar="GLOB",
        help="Leave references alone that match. May be repeated.",
    ),
    click.option(
        "--trusted",
        multiple=True,
        metavar="GLOB",
        shell_complete=trusted_names,
        help="Take registries as fine: a host, a name such as aliyuncs, or mainland. May be repeated.",
    ),
)
# Nodes have no fields, so that tcr-nodes goes without.
_CRDS = click.option(
    "--crds",
    multiple=True,
    metavar="FILE",
    type=FILE,
    help="Learn the image fields of custom resources from CustomResourceDefinitions in a file or directory. "
    "May be repeated.",
)


# What the environment says in place of the flags of rules.
_OF_RULES = (
    (config.MIRRORS_VARIABLE, "as --mirror, separated by commas or blanks"),
    (config.PRESET_VARIABLE, "as --preset"),
    (config.CONFIG_VARIABLE, "as --config"),
    (config.FIND_VARIABLE, "1: as --find-config"),
)
# What it says to every command.
_OF_ALL = (
    (DEBUG_VARIABLE, "1: show where an error of the program itself comes from"),
    ("NO_COLOR", "no colour, unless it is empty"),
)
# And to those that ask registries.
OF_REGISTRIES = (
    ("HTTPS_PROXY, NO_PROXY", "the proxy of registries, and which go without"),
    ("SSL_CERT_FILE", "authorities in place of the system's"),
)


class Told(click.Command):
    """A command whose help ends with the environment, its own variables last, and with where the documentation is."""

    environment: tuple[tuple[str, str], ...] = ()

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what stands behind the flags."""
        super().format_epilog(ctx, formatter)
        has_rules = any(parameter.name == "mirrors" for parameter in self.get_params(ctx))
        rows = (*(_OF_RULES if has_rules else ()), *_OF_ALL, *self.environment)
        width = max(len(name) for name, _ in rows)
        lines = "".join(f"\n  {name:<{width}}  {meaning}" for name, meaning in rows)
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(f"\b\nEnvironment:{lines}")
            if kubectl_tcr.HOME:
                formatter.write_paragraph()
                formatter.write_text(f"Documentation: {kubectl_tcr.HOME}#readme")


class Checked(Told):
    """A command that refuses empty values: most come from a variable that is not set, and would mean anything."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words of a command line; raises click.UsageError."""
        rest = super().parse_args(ctx, args)
        for parameter in () if ctx.resilient_parsing else self.get_params(ctx):
            name = parameter.name or ""
            value = ctx.params.get(name)
            values = value if isinstance(value, tuple) else (value,)
            is_given = ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
            if is_given and any(isinstance(one, str) and not one.strip() for one in values):
                flag = parameter.opts[-1] if isinstance(parameter, click.Option) else ""
                shown = f"{flag} {parameter.metavar or ''}".strip(" .[]")
                raise click.UsageError(f"{shown} is empty; is a variable not set?", ctx)
        return rest


def rules(command: Decorated) -> Decorated:
    """Give a command the flags --mirror, --preset, --config and --find-config."""
    for flag in reversed(_FLAGS):
        command = flag(command)
    return command


def stays(command: Decorated) -> Decorated:
    """Give a command the flags --exclude and --trusted."""
    for flag in reversed(_STAYS):
        command = flag(command)
    return command


def crds(command: Decorated) -> Decorated:
    """Give a command that reads manifests the flag --crds."""
    return _CRDS(command)


def parsed(command: click.Command, program: str, words: list[str]) -> dict[str, object]:
    """The flags of a command line by name, those that are not given as click fills them in.

    Raises UsageError for what click refuses, and SystemExit behind `--help` and `--version`.
    """
    try:
        return command.make_context(program, list(words)).params
    except click.exceptions.Exit as done:
        raise SystemExit(done.exit_code) from None
    except click.ClickException as error:
        raise UsageError(error.format_message().rstrip(".")) from None
