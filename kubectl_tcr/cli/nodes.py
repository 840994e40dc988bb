"""`kubectl tcr-nodes`."""

import sys

import click

import kubectl_tcr
from kubectl_tcr.cli import check, node_flags, rule_flags, runtime
from kubectl_tcr.cli.changes import out
from kubectl_tcr.cli.outcome import failed, say
from kubectl_tcr.nodes import daemonset, runtimes
from kubectl_tcr.statuses import DONE, FAILED

PROGRAM = "kubectl tcr-nodes"

_EPILOG = """\b
Examples:
  kubectl tcr-nodes containerd                      the files, for a node that has none
  kubectl tcr-nodes containerd --root /             what would change on this node, as a diff
  kubectl tcr-nodes containerd --root / --write     and change it

\b
Exit status:
  0    done, or nothing is wrong
  1    check found something wrong
  2    could not: usage, input or output; the file named is as it was
  130  interrupted
"""


@click.group(
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
for _row in runtimes.TABLE:
    command.add_command(runtime.command(_row))


@command.command(
    "script",
    short_help="A shell script for a node, and for TKE's custom data.",
    help="A shell script that does it all on a node, for TKE's custom data too.",
)
@node_flags.rules
@click.option("--compact", is_flag=True, help="Leave the comments out, for custom data that is limited to 16 KB.")
def script_command(*, plain_http: tuple[str, ...], compact: bool, **rules: object) -> int:
    """Print the script."""
    from kubectl_tcr.nodes.script import script

    out(script(node_flags.chosen(rules), plain_http, compact=compact).encode())
    return DONE


@command.command(
    "ansible",
    short_help="A playbook that runs the script, a few nodes at a time.",
    help="A playbook that runs the script on nodes that are there, a few at a time.",
)
@node_flags.rules
def ansible_command(*, plain_http: tuple[str, ...], **rules: object) -> int:
    """Print the playbook."""
    from kubectl_tcr.nodes.ansible import playbook

    out(playbook(node_flags.chosen(rules), plain_http).encode())
    return DONE


@command.command(
    "daemonset",
    short_help="A manifest that runs the script through Kubernetes.",
    help="A manifest that runs the script where nodes are reached through Kubernetes only.",
)
@node_flags.rules
@click.option("--image", default=daemonset.IMAGE, show_default=True, help="An image with sh and nsenter.")
@click.option(
    "--namespace", "-n", default=daemonset.NAMESPACE, show_default=True, help="One that allows privileged pods."
)
def daemonset_command(image: str, namespace: str, *, plain_http: tuple[str, ...], **rules: object) -> int:
    """Print the manifest."""
    out(daemonset.manifest(node_flags.chosen(rules), plain_http, daemonset.Pod(image, namespace)).encode())
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
        return failed(f"error: {error.format_message().rstrip('.')}; see {PROGRAM} -h")
    return status if isinstance(status, int) else DONE
