"""What must change on a node with containerd."""

from typing import Any, NamedTuple

from kubectl_tcr.errors import Location, NodeError
from kubectl_tcr.nodes import toml
from kubectl_tcr.nodes.containerd.config_toml import ConfigToml
from kubectl_tcr.nodes.containerd.hosts_toml import CERTS, HEAD, tree
from kubectl_tcr.nodes.containerd.problems import problems, tls
from kubectl_tcr.nodes.containerd.release import DEFAULTS_TO_CERTS
from kubectl_tcr.nodes.hosts import Host
from kubectl_tcr.nodes.plan import Change, Node
from kubectl_tcr.nodes.runtime import Release


class Ask(NamedTuple):
    """How to change a containerd: by `hosts` files or the `mirrors` table, and for which containerd, if known.

    `replace` takes the place of hosts.toml files that others wrote.
    """

    style: str = "hosts"
    containerd: Release | None = None
    replace: bool = False


def plan(node: Node, config: ConfigToml, hosts: tuple[Host, ...], ask: Ask = Ask()) -> tuple[Change, ...]:  # noqa: B008
    """What must change on a node, in the order to write it: hosts.toml files before what points at them.

    Raises NodeError where the change would not work, or could take the node down.
    """
    for problem in problems(config, ask.containerd):
        raise NodeError(problem.what, Location(problem.file))
    if ask.style == "mirrors":
        return (_mirrors(config, hosts, ask.containerd),)
    if config.mirrors:
        raise NodeError(
            f"mirrors are set ({', '.join(config.mirrors)}), and containerd does not load its CRI plugin if "
            "config_path stands beside them; use --style mirrors, or move them to hosts.toml files first",
            Location(config.file),
        )
    if tls(config):
        raise NodeError(
            f"configs with tls are set ({', '.join(tls(config))}), and containerd 1.x does not load its CRI plugin if "
            "config_path stands beside them; move them to hosts.toml files first",
            Location(config.file),
        )
    directory = (config.directories() or [CERTS])[0]
    files = zip(hosts, tree(hosts, directory), strict=True)
    changes = [_hosts_file(node, host, path, text, replace=ask.replace) for host, (path, text) in files]
    if not config.config_path and not (ask.containerd and ask.containerd >= DEFAULTS_TO_CERTS):
        changes.append(_with(config, ("config_path",), CERTS))
    return tuple(changes)


def _hosts_file(node: Node, host: Host, path: str, text: str, *, replace: bool) -> Change:
    """Our hosts.toml, or somebody else's as it is if the mirror is its first one."""
    before = node.text(path)
    after = text
    if before is not None and not before.startswith(HEAD) and not replace:
        mirrors = toml.load(before, path).get("host")
        if not isinstance(mirrors, dict) or next(iter(mirrors), "") != host.endpoint:
            raise NodeError(
                f"was written by somebody else; put {host.endpoint} in front there, or use --replace", Location(path)
            )
        after = before
    return Change(path, None if before is None else before.encode(), after.encode())


def _with(config: ConfigToml, key: tuple[str, ...], value: Any) -> Change:
    """The config.toml with one more value in its registry table."""
    text = config.text
    if text is None:
        text = f"version = {config.version}\n"
    after = toml.put(text, (*config.table, *key), value, config.file)
    return Change(config.file, None if config.text is None else config.text.encode(), after.encode())


def _mirrors(config: ConfigToml, hosts: tuple[Host, ...], containerd: Release | None) -> Change:
    """The config.toml with the mirrors in its table, ours in front of those that are there."""
    if containerd is None:
        raise NodeError("--style mirrors needs --containerd VERSION: containerd 2.2 may not load with that table")
    if containerd >= DEFAULTS_TO_CERTS or config.version > 3:
        raise NodeError(
            "--style mirrors is for containerd up to 2.1: later ones look for hosts.toml files, "
            "and 2.2.0 and 2.2.1 do not load their CRI plugin with the table; use --style hosts"
        )
    if config.config_path:
        raise NodeError(
            f"config_path is set ({config.config_path}), and containerd does not load its CRI plugin if mirrors stand "
            "beside it; use --style hosts",
            Location(config.file),
        )
    text = config.text
    before = None if text is None else text.encode()
    for host in hosts:
        found = toml.at(config.mirrors, (host.source, "endpoint"))
        others = [one for one in found if one != host.endpoint] if isinstance(found, list) else []
        change = _with(config._replace(text=text), ("mirrors", host.source, "endpoint"), [host.endpoint, *others])
        text = change.after.decode()
    return Change(config.file, before, (text or "").encode())
