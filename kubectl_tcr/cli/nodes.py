"""`kubectl tcr-nodes`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple, TypeVar

import click

import kubectl_tcr
from kubectl_tcr import config
from kubectl_tcr.cli import rule_flags
from kubectl_tcr.cli.options import Options
from kubectl_tcr.cli.outcome import failed, say
from kubectl_tcr.errors import Location, NodeError
from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.nodes import check, containerd, daemonset
from kubectl_tcr.nodes.check import RUNTIMES
from kubectl_tcr.nodes.hosts import hosts
from kubectl_tcr.nodes.plan import Change, Node, diff, read_file, write
from kubectl_tcr.statuses import DONE, FAILED, FOUND
from kubectl_tcr.text.printable import printable

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

Decorated = TypeVar("Decorated", bound=Callable[..., object])


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


class Target(NamedTuple):
    """The node to look at, and whether to write to it."""

    node: Node
    write: bool


def _plain_http(decorated: Decorated) -> Decorated:
    return click.option(
        "--plain-http",
        multiple=True,
        metavar="MIRROR",
        help="Ask a rule's mirror by http, without TLS. May be repeated.",
    )(decorated)


def _rules(decorated: Decorated) -> Decorated:
    return rule_flags.rules(_plain_http(decorated))


def _root(decorated: Decorated) -> Decorated:
    for option in (
        click.option(
            "--write", is_flag=True, help="Write the changes; each file is replaced whole, its old self kept."
        ),
        click.option("--root", metavar="DIR", help="The node's files: / or a folder with a copy of its etc."),
    ):
        decorated = option(decorated)
    return decorated


def _target(root: str | None, *, write: bool) -> Target:
    if write and not root:
        raise click.UsageError("--write needs --root, the node to write to: / is this machine")
    if root and not os.path.isdir(root):  # noqa: PTH112 pathlib raises for names that are too long
        raise NodeError("is no folder; name / or a folder with a copy of a node's etc", Location(root))
    return Target(Node(root or ""), write)


@command.command(
    "containerd",
    short_help="hosts.toml files, and what config.toml lacks for them.",
    help="hosts.toml files, and the line in config.toml that names their folder.",
)
@_rules
@_root
@click.option(
    "--config-toml",
    metavar="FILE",
    help=f"containerd's configuration: its path on the node ({containerd.CONFIG}), or, without --root, a copy of it.",
)
@click.option("--containerd", "version", metavar="VERSION", help="The containerd that will read it, such as 1.6.20.")
@click.option(
    "--style",
    type=click.Choice(["hosts", "mirrors"]),
    default="hosts",
    help="hosts.toml files, or the table of mirrors in config.toml for a containerd up to 2.1.",
)
@click.option("--replace", is_flag=True, help="Take the place of hosts.toml files that others wrote.")
def containerd_command(
    root: str | None,
    config_toml: str | None,
    version: str | None,
    style: str,
    *,
    write: bool,
    replace: bool,
    plain_http: tuple[str, ...],
    **rules: object,
) -> int:
    """Plan the changes of containerd and show or write them."""
    found = hosts(_chosen(rules), plain_http)
    ask = containerd.Ask(style, containerd.release(version) if version else None, replace)
    target, file = _containerd_at(_target(root, write=write), config_toml)
    if not (root or config_toml or style == "mirrors"):
        _print_files(containerd.tree(found))
        if ask.containerd is None or ask.containerd < containerd.DEFAULTS_TO_CERTS:
            _say(f"containerd up to 2.1 also needs config_path in {containerd.CONFIG}: see --config-toml")
        return DONE
    config = containerd.read(target.node, file)
    if config.data.get("imports") and not root:
        _say(f"{file} imports other files, which are not looked at here; run it with --root on the node")
    changes = containerd.plan(target.node, config, found, ask)
    needs_restart = any(change.is_needed and change.path == file for change in changes)
    return _carry_out(target, changes, "restart containerd (systemctl restart containerd)" if needs_restart else "")


def _containerd_at(target: Target, config_toml: str | None) -> tuple[Target, str]:
    """Where the config.toml is: on the node, or a copy here that stands for the whole node."""
    if not config_toml:
        return target, containerd.CONFIG
    if not target.node.root:
        return Target(Node(given={config_toml: _read(config_toml)}), write=False), config_toml
    if target.node.read(config_toml) is None:
        raise NodeError(f"is not there below {target.node.root}", Location(config_toml))
    return target, config_toml


@command.command(
    "docker",
    short_help="registry-mirrors in daemon.json, for Docker Hub only.",
    help="registry-mirrors in daemon.json: Docker Hub only, as Docker mirrors no other host.",
)
@_rules
@_root
def docker_command(root: str | None, *, write: bool, plain_http: tuple[str, ...], **rules: object) -> int:
    """Plan the change of daemon.json and show or write it."""
    from kubectl_tcr.nodes import docker

    chosen = _chosen(rules)
    hub = docker.mirror(chosen, plain_http)
    for source in docker.unserved(chosen):
        _say(f"{source}: Docker asks no mirror for it; rewrite its references in manifests (kubectl tcr-rewrite)")
    target = _target(root, write=write)
    return _carry_out(target, docker.plan(target.node, hub), "reload docker (systemctl reload docker)")


@command.command("cri-o", help="A drop-in of registries.conf, which CRI-O and podman read.")
@_rules
@_root
def crio_command(root: str | None, *, write: bool, plain_http: tuple[str, ...], **rules: object) -> int:
    """Plan the drop-in and show or write it."""
    from kubectl_tcr.nodes import crio

    target = _target(root, write=write)
    changes = crio.plan(target.node, _chosen(rules), plain_http)
    return _carry_out(target, changes, "reload crio (systemctl reload crio)")


@command.command("k3s", help="registries.yaml of K3s.")
@_rules
@_root
def k3s_command(root: str | None, *, write: bool, plain_http: tuple[str, ...], **rules: object) -> int:
    """Plan the change of K3s' registries.yaml and show or write it."""
    return _rancher("k3s", _target(root, write=write), _chosen(rules), plain_http)


@command.command("rke2", help="registries.yaml of RKE2.")
@_rules
@_root
def rke2_command(root: str | None, *, write: bool, plain_http: tuple[str, ...], **rules: object) -> int:
    """Plan the change of RKE2's registries.yaml and show or write it."""
    return _rancher("rke2", _target(root, write=write), _chosen(rules), plain_http)


def _rancher(name: str, target: Target, rules: Rules, plain_http: tuple[str, ...]) -> int:
    from kubectl_tcr.nodes import k3s

    changes = k3s.plan(target.node, hosts(rules, plain_http), k3s.FILES[name])
    then = {"k3s": "restart k3s, or k3s-agent", "rke2": "restart rke2-server, or rke2-agent"}[name]
    return _carry_out(target, changes, then)


@command.command(
    "check",
    short_help="Which mirror a node asks for a host, and what is wrong.",
    help="What a node asks for each source host, through which file, and what is wrong.",
)
@rule_flags.rules
@click.option(
    "--root", metavar="DIR", default="/", help="The node's files: / (the default) or a copy of its etc in a folder."
)
@click.option(
    "--runtime",
    "runtimes",
    multiple=True,
    type=click.Choice(RUNTIMES),
    help="Look at this one; otherwise at all found.",
)
@click.option("--containerd", "version", metavar="VERSION", help="The containerd there; on this machine it is asked.")
@click.option("--online", is_flag=True, help="Ask each mirror whether it serves. Without it no network is used.")
@click.option("--image", metavar="REF", help="With --online, ask for this image, the surest proof.")
def check_command(
    root: str,
    runtimes: tuple[str, ...],
    version: str | None,
    image: str | None,
    *,
    online: bool,
    **rules: object,
) -> int:
    """Report on each runtime; status 1 if something is wrong."""
    chosen = _chosen(rules)
    node = _target(root, write=False).node
    names = runtimes or check.found(node)
    if not names:
        raise NodeError("no container runtime's configuration is there; name one with --runtime", Location(root))
    if image and not online:
        raise click.UsageError("--image asks the network; add --online")
    release = containerd.release(version) if version else _installed(root)
    wrong = 0
    for name in names:
        report = check.check(node, name, chosen, release)
        problems = [*map(str, report.problems), *(_unserved(report, image) if online else ())]
        _print_report(report, problems)
        wrong += len(problems)
    return FOUND if wrong else DONE


@command.command(
    "script",
    short_help="A shell script for a node, and for TKE's custom data.",
    help="A shell script that does it all on a node, for TKE's custom data too.",
)
@_rules
@click.option("--compact", is_flag=True, help="Leave the comments out, for custom data that is limited to 16 KB.")
def script_command(*, plain_http: tuple[str, ...], compact: bool, **rules: object) -> int:
    """Print the script."""
    from kubectl_tcr.nodes.script import script

    _out(script(_chosen(rules), plain_http, compact=compact).encode())
    return DONE


@command.command(
    "ansible",
    short_help="A playbook that runs the script, a few nodes at a time.",
    help="A playbook that runs the script on nodes that are there, a few at a time.",
)
@_rules
def ansible_command(*, plain_http: tuple[str, ...], **rules: object) -> int:
    """Print the playbook."""
    from kubectl_tcr.nodes.ansible import playbook

    _out(playbook(_chosen(rules), plain_http).encode())
    return DONE


@command.command(
    "daemonset",
    short_help="A manifest that runs the script through Kubernetes.",
    help="A manifest that runs the script where nodes are reached through Kubernetes only.",
)
@_rules
@click.option("--image", default=daemonset.IMAGE, show_default=True, help="An image with sh and nsenter.")
@click.option(
    "--namespace", "-n", default=daemonset.NAMESPACE, show_default=True, help="One that allows privileged pods."
)
def daemonset_command(image: str, namespace: str, *, plain_http: tuple[str, ...], **rules: object) -> int:
    """Print the manifest."""
    _out(daemonset.manifest(_chosen(rules), plain_http, daemonset.Pod(image, namespace)).encode())
    return DONE


def _installed(root: str) -> containerd.Release | None:
    """The containerd of this machine, if it is the one to look at."""
    program = shutil.which("containerd") if Path(root).resolve() == Path("/") else None
    if not program:
        return None
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False)  # noqa: S603
        return containerd.release(done.stdout.rpartition("containerd ")[2])
    except (OSError, subprocess.SubprocessError, NodeError):
        return None


def _unserved(report: check.Report, image: str | None) -> list[str]:
    """What is wrong with the mirrors themselves."""
    from kubectl_tcr.nodes import online

    wanted = online.image(image) if image else None
    asked = [row for row in report.asked if wanted is None or wanted.source == row.source]
    urls = dict.fromkeys(url for row in asked for url in row.mirrors)
    answers = ((url, online.trouble(url, wanted)) for url in urls)
    hint = "Tencent's mirrors serve inside its VPC only, and some after a ticket"
    return [f"{url}: {trouble}; {hint}" for url, trouble in answers if trouble]


def _print_report(report: check.Report, problems: list[str]) -> None:
    click.echo(report.runtime)
    for row in report.asked:
        click.echo(printable(f"  {row.source}: {', then '.join([*row.mirrors, 'itself'])} ({row.file})"))
    for problem in problems:
        click.echo(printable(f"  wrong: {problem}"))
    if not problems:
        click.echo("  nothing is wrong")


def _chosen(flags: dict[str, object]) -> Rules:
    """The rules that flags, a file and the environment give; raises RuleError and ConfigError."""
    return config.choose(Options(flags).layers().around()).settings.rules


def _read(file: str) -> bytes:
    try:
        return read_file(Path(file))
    except OSError as error:
        raise NodeError(f"cannot be read: {error.strerror}", Location(file)) from None


def _carry_out(target: Target, changes: tuple[Change, ...], then: str) -> int:
    """Show the changes as a diff, or write them; `then` is what is left to do on the node."""
    needed = [change for change in changes if change.is_needed]
    if not needed:
        _say("nothing to do: " + ", ".join(change.path for change in changes))
        return DONE
    if not target.write:
        _print(target.node, needed)
        for change in needed:
            _say(f"would {'add' if change.before is None else 'change'} {change.path}")
        if target.node.root:
            _say("nothing was written; --write does it")
    else:
        for change in write(target.node, needed):
            _say(f"{'added' if change.before is None else 'changed'} {change.path}")
    if then:
        _say(f"then: {then}")
    return DONE


def _print(node: Node, changes: list[Change]) -> None:
    """A diff; the file itself where there is one and no node to compare it with."""
    if not (node.root or node.given) and len(changes) == 1:
        _out(changes[0].after)
    else:
        _out(b"".join(diff(changes, is_escaped=sys.stdout.isatty())))


def _print_files(files: Iterable[tuple[str, str]]) -> None:
    """Several files on standard output, each below its path."""
    _out("\n".join(f"# {path}\n{text}" for path, text in files).encode())


def _out(raw: bytes) -> None:
    """A file or a diff on standard output, its line ends kept on every system."""
    click.echo(raw, nl=False)


def _say(message: str) -> None:
    say(printable(f"tcr-nodes: {message}"))


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
