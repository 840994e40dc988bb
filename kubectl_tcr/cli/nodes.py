"""`kubectl tcr-nodes`."""

import sys
from collections.abc import Callable
from typing import TypeVar

import click

import kubectl_tcr
from kubectl_tcr.cli import check, node_flags, results, rule_flags, runtime
from kubectl_tcr.cli.changes import out, tell
from kubectl_tcr.cli.outcome import failed, say
from kubectl_tcr.nodes import daemonset, runtimes
from kubectl_tcr.nodes.script import Defaults
from kubectl_tcr.statuses import DONE, FAILED

Decorated = TypeVar("Decorated", bound=Callable[..., object])

PROGRAM = "kubectl tcr-nodes"

_PROOF = click.option(
    "--proof",
    multiple=True,
    metavar="IMAGE",
    help="Prove at the end that the mirror alone serves this image. May be repeated.",
)
_MIGRATE = click.option(
    "--migrate", is_flag=True, help="Turn a table of mirrors in containerd's config.toml into hosts.toml files."
)

# What CVM takes as user data, in bytes of base64 (RunInstances, UserData).
_USER_DATA = 16 << 10

_EPILOG = """\b
Examples:
  kubectl tcr-nodes containerd                      the files, for a node that has none
  kubectl tcr-nodes containerd --root /             what would change on this node, as a diff
  kubectl tcr-nodes containerd --root / --write     and change it

\b
Exit status:
  0    done, or nothing is wrong
  1    check found something wrong; a node in the table failed
  2    could not: usage, input or output; the file named is as it was
  130  interrupted; 129 and 143 likewise for SIGHUP and SIGTERM
"""


class Commands(rule_flags.Told, click.Group):
    """The commands of the plugin; what they heed of the environment their own help says."""


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EPILOG,
    help="""Configure mirrors on nodes, so that image addresses stay as they are.

    Takes the same mirror rules as kubectl tcr-rewrite and says what a container runtime must be told:
    as files on standard output, or, with --root, as changes of what is there. Nothing is written
    without --write.""",
)
@click.version_option(kubectl_tcr.__version__, message="%(prog)s %(version)s")
def command() -> None:
    """Nothing is done here; each runtime is a command."""


command.command_class = rule_flags.Checked
command.add_command(check.command)
command.add_command(results.command)
for _row in runtimes.TABLE:
    command.add_command(runtime.command(_row))


def _script(decorated: Decorated) -> Decorated:
    """Give a command the flags of rules and those of the script."""
    return node_flags.rules(_PROOF(_MIGRATE(decorated)))


def _defaults(flags: dict[str, object]) -> Defaults:
    proof, migrate = flags.pop("proof"), flags.pop("migrate")
    return Defaults(tuple(proof) if isinstance(proof, tuple) else (), bool(migrate))


@command.command(
    "script",
    short_help="A shell script for a node, and for TKE's custom data.",
    help="A shell script that does it all on a node, for TKE's custom data too.",
)
@_script
@click.option(
    "--runtime", type=click.Choice(runtimes.names()), help="For this one alone; otherwise the script finds it."
)
@click.option("--cloud-init", is_flag=True, help="In the form of cloud-init (#cloud-config), which runs it.")
@click.option("--compact", is_flag=True, help="Packed, without comments, for custom data that is limited to 16 KB.")
def script_command(*, runtime: str | None, cloud_init: bool, compact: bool, **flags: object) -> int:
    """Print the script."""
    from kubectl_tcr.nodes.script import cloud_config, packed, script

    defaults, ways = _defaults(flags), node_flags.ways(flags)
    if defaults.is_migration and runtime not in (None, "containerd"):
        raise click.UsageError(f"--migrate is for containerd, not for {runtime}")
    text = script(node_flags.chosen(flags), ways, defaults, runtime=runtime or "", is_bare=compact)
    if cloud_init:
        text = cloud_config(text, is_packed=compact)
    elif compact:
        text = packed(text)
    raw = text.encode()
    out(raw)
    _tell_size(len(raw), is_compact=compact, runtime=runtime)
    return DONE


def _tell_size(size: int, *, is_compact: bool, runtime: str | None) -> None:
    """That a script is too large for user data, where it is."""
    encoded = (size + 2) // 3 * 4
    if encoded <= _USER_DATA:
        return
    missing = [*([] if is_compact else ["--compact"]), *([] if runtime else ["--runtime NAME"])]
    way = f"; smaller with {' and '.join(missing)}" if missing else "; smaller with fewer rules"
    tell(f"{size} bytes, in base64 {encoded}, are more than the 16 KB of user data that CVM takes{way}")


@command.command(
    "ansible",
    short_help="A playbook that runs the script, a few nodes at a time.",
    help="A playbook that runs the script on nodes that are there, a few at a time.",
)
@_script
def ansible_command(**flags: object) -> int:
    """Print the playbook."""
    from kubectl_tcr.nodes.ansible import playbook

    defaults, ways = _defaults(flags), node_flags.ways(flags)
    out(playbook(node_flags.chosen(flags), ways, defaults).encode())
    return DONE


@command.command(
    "daemonset",
    short_help="A manifest that runs the script through Kubernetes.",
    help="A manifest that runs the script where nodes are reached through Kubernetes only.",
)
@_script
@click.option("--image", default=daemonset.IMAGE, show_default=True, help="An image with sh and nsenter.")
@click.option(
    "--namespace", "-n", default=daemonset.NAMESPACE, show_default=True, help="One that allows privileged pods."
)
def daemonset_command(image: str, namespace: str, **flags: object) -> int:
    """Print the manifest."""
    defaults, ways, pod = _defaults(flags), node_flags.ways(flags), daemonset.Pod(image, namespace)
    out(daemonset.manifest(node_flags.chosen(flags), ways, pod, defaults).encode())
    return DONE


def main() -> int:
    """Carry out the command line; the exit status. Raises what `cli/outcome.py` tells of."""
    try:
        with command.make_context(PROGRAM, sys.argv[1:]) as context:
            status = command.invoke(context)
    except click.exceptions.NoArgsIsHelpError as error:
        say(error.format_message())
        return FAILED
    except click.exceptions.Exit as done:  # --help and --version
        return done.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        words = [PROGRAM, *(word for word in sys.argv[1:2] if word in command.commands)]
        return failed(f"{error.format_message().rstrip('.')}; see {' '.join(words)} -h", PROGRAM)
    return status if isinstance(status, int) else DONE
