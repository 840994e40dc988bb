"""containerd: a folder with a `hosts.toml` per host, and the line in config.toml that names it.

What each version reads was taken from containerd's sources (`core/remotes/docker/config`,
`internal/cri/config`, `plugins/cri/images`, 1.6.20 to 2.4.2) and tried on real ones: docs/nodes.md
has the table.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kubectl_tcr.errors import Location, NodeError
from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.nodes.containerd import changes
from kubectl_tcr.nodes.containerd.changes import Ask
from kubectl_tcr.nodes.containerd.config_toml import CONFIG, read
from kubectl_tcr.nodes.containerd.hosts_toml import CERTS, DEFAULT, HEAD, folder, of_host
from kubectl_tcr.nodes.containerd.installed import installed
from kubectl_tcr.nodes.containerd.process import program, running
from kubectl_tcr.nodes.containerd.report import report
from kubectl_tcr.nodes.hosts import Host, Ways, hosts
from kubectl_tcr.nodes.plan import Change, Node
from kubectl_tcr.nodes.report import Proof
from kubectl_tcr.nodes.runtime import Flag, Plan, Runtime, Section, Wanted
from kubectl_tcr.nodes.template import template

if TYPE_CHECKING:
    from kubectl_tcr.nodes.online import Image

_FLAGS = (
    Flag(
        "--config-toml",
        f"containerd's configuration: its path on the node ({CONFIG}), or, without --root, a copy of it.",
        metavar="FILE",
        is_copy=True,
    ),
    Flag(
        "--containerd",
        "The containerd that will read it, such as 2.2.1; on this machine it is asked.",
        metavar="VERSION",
    ),
    Flag(
        "--style",
        "hosts.toml files, or the table of mirrors in config.toml; auto: what containerd and its files ask for.",
        choices=changes.STYLES,
    ),
    Flag(
        "--migrate",
        "Turn the table of mirrors, and TLS settings beside it, into hosts.toml files.",
        is_switch=True,
    ),
    Flag(
        "--config-path",
        "The one folder of hosts.toml files, in place of what config_path says.",
        metavar="DIR",
    ),
    Flag("--replace", "Take the place of hosts.toml files that others wrote.", is_switch=True),
)


def notes(wanted: Wanted) -> Iterator[str]:
    """That a copy of a config.toml is not all of a node's configuration; raises RuleError and NodeError."""
    hosts(wanted.rules, wanted.ways)
    _ask(wanted)
    file = _file(wanted)
    if wanted.node.given and read(wanted.node, file).main.data.get("imports"):
        yield f"{file} imports other files, which are not looked at here; run it with --root on the node"


def plan(wanted: Wanted) -> Plan:
    """The hosts.toml files, and what config.toml lacks for them; raises RuleError and NodeError."""
    found, ask, node, file = hosts(wanted.rules, wanted.ways), _ask(wanted), wanted.node, _file(wanted)
    there = installed(node, wanted.flags.get("containerd") or "", file, _program(wanted))
    if not (node.root or node.given or ask.style == changes.MIRRORS or ask.is_migration):
        return _for_any(found, ask)
    if wanted.flags.get("config_toml") and node.read(file) is None:
        raise NodeError(f"is not there below {node.root}", Location(file))
    needed = changes.plan(node, read(node, file, there.release, there.dump, wanted.said), found, ask)
    needs_restart = any(change.is_needed and not change.path.endswith("/hosts.toml") for change in needed)
    left = "then: restart containerd (systemctl restart containerd)" if needs_restart else ""
    return Plan(needed, left, losses=tuple(_losses(node, needed)))


def _losses(node: Node, needed: tuple[Change, ...]) -> Iterator[str]:
    """The hosts for which the file for all others is not read any more, as they get a folder of their own."""
    for change in needed:
        place, _, name = change.path.rpartition("/")
        folder, _, source = place.rpartition("/")
        default = f"{folder}/{DEFAULT}/hosts.toml"
        is_new = name == "hosts.toml" and source != DEFAULT and not node.is_folder(place)
        if is_new and node.read(default) is not None:
            way = "copy its [host] tables behind ours if they are to be asked"
            yield f"{default}: not read for {source} any more; {way}"


def _for_any(found: tuple[Host, ...], ask: Ask) -> Plan:
    """The hosts.toml files alone: whether config.toml lacks anything is not known without one."""
    folder = ask.folder or CERTS
    files = tuple(Change(file.path(folder), None, file.text.encode()) for file in map(of_host, found))
    left = f'containerd also needs config_path = "{folder}" in {CONFIG}: see --config-toml'
    return Plan(files, left, is_for_any=True)


def _ask(wanted: Wanted) -> Ask:
    flags = wanted.flags
    folder = flags.get("config_path") or ""
    if folder and (not folder.startswith("/") or ":" in folder or not folder.strip("/")):
        raise NodeError(f"--config-path {folder} is not the absolute path of one folder, such as {CERTS}")
    return Ask(
        flags.get("style", changes.AUTO), flags.get("migrate", False), folder.rstrip("/"), flags.get("replace", False)
    )


def _file(wanted: Wanted) -> str:
    """Its configuration: the one that the user names, else that of the containerd that runs; raises NodeError."""
    return str(wanted.flags.get("config_toml") or running(wanted.node).config)


def _program(wanted: Wanted) -> str:
    named = wanted.flags.get("config_toml")
    return program("containerd") if named else running(wanted.node).program


def serves(node: Node) -> str:
    """Docker, where the CRI plugin is disabled, as Docker's package of containerd is set up."""
    try:
        data = read(node).main.data
    except NodeError:
        return ""
    return "docker" if "cri" in str(data.get("disabled_plugins", "")) else ""


def section(rules: Rules, ways: Ways) -> Section:
    """Its part of the script; raises RuleError."""
    found = hosts(rules, ways)
    rows = (f"{h.source}|{folder(h.source)}|{h.server}|{h.endpoint}|{'yes' if h.prefix else 'no'}" for h in found)
    authorities = "' '".join(f"authority|{mirror}|{file}" for mirror, file in ways.ca.items())
    return Section(template("containerd.sh"), {"AUTHORITIES": authorities, "HEAD": HEAD, "MIRRORS": "\n".join(rows)})


def _prove(node: Node, image: "Image", mirror: str) -> Proof:
    """As `prove.prove`, which is loaded where it is asked for."""
    from kubectl_tcr.nodes.containerd.prove import prove

    return prove(node, image, mirror)


RUNTIME = Runtime(
    places=("/etc/containerd", "/usr/bin/containerd", "/usr/local/bin/containerd"),
    plan=plan,
    report=report,
    section=section,
    flags=_FLAGS,
    notes=notes,
    serves=serves,
    prove=_prove,
)
