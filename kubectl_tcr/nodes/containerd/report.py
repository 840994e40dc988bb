"""What containerd asks for each source host: the table of mirrors, or the hosts.toml files."""

from collections.abc import Sequence
from typing import Any

from kubectl_tcr.errors import NodeError
from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.nodes import toml
from kubectl_tcr.nodes.containerd.config_toml import CONFIG, read
from kubectl_tcr.nodes.containerd.effective import registry
from kubectl_tcr.nodes.containerd.hosts_toml import CERTS, hosts_file
from kubectl_tcr.nodes.containerd.installed import installed
from kubectl_tcr.nodes.containerd.problems import of_list, problems
from kubectl_tcr.nodes.plan import Node
from kubectl_tcr.nodes.report import Asked, Problem, Report, missing, url


def report(node: Node, rules: Rules, version: str = "") -> Report:
    """The mirrors that its files name, and what is wrong with these; raises NodeError."""
    there = installed(node, version, CONFIG)
    config = read(node, CONFIG, there.release, there.dump)
    found = registry(config)
    wrong = list(problems(config))
    if found.mirrors and not found.config_path:
        asked = [Asked(source, _endpoints(row), config.main.path) for source, row in found.mirrors.items()]
    elif of_list(config, found):
        asked = []
    else:
        if not found.folders:
            wrong.append(Problem(config.main.path, "config_path is not set, so containerd looks for no hosts.toml"))
        asked, more = _hosts_files(node, found.folders or (CERTS,), rules)
        wrong += more
    shown = "containerd" + (f" {there.release}" if there.release else "")
    return Report(shown, tuple(asked), (*wrong, *missing(rules, asked, config.main.path, by_path=True)))


def _endpoints(row: Any) -> tuple[str, ...]:
    found = row.get("endpoint") if isinstance(row, dict) else None
    return tuple(map(url, found)) if isinstance(found, list) else ()


def _hosts_files(node: Node, folders: Sequence[str], rules: Rules) -> tuple[list[Asked], list[Problem]]:
    """The hosts.toml of every source that has one, or that a rule names."""
    there = [file.split("/")[-2] for folder in folders for file in node.glob_below(folder, "hosts.toml")]
    sources = dict.fromkeys([*(rule.source for rule in rules.rules if "/" not in rule.source), *map(_source, there)])
    asked: list[Asked] = []
    found: list[Problem] = []
    for source in sources:
        file = hosts_file(node, folders, source)
        if file is None:
            continue
        try:
            mirrors, wrong = _read_hosts_file(node, file)
        except NodeError as error:
            mirrors, wrong = (), [Problem(str(error.where), f"{error.what}: containerd asks the source itself")]
        asked.append(Asked(source, mirrors, file))
        found += wrong
    return asked, found


def _source(folder: str) -> str:
    """The host that a folder is for: `r.corp_5000_` is `r.corp:5000`."""
    name, _, port = folder.removesuffix("_").rpartition("_")
    return f"{name}:{port}" if folder.endswith("_") and name and port.isdigit() else folder


def _read_hosts_file(node: Node, file: str) -> tuple[tuple[str, ...], list[Problem]]:
    table = toml.load(node.text(file) or "", file)
    rows = table.get("host")
    mirrors, wrong = [], []
    for name, row in rows.items() if isinstance(rows, dict) else ():
        able = toml.strings(row.get("capabilities", ["pull", "resolve"])) if isinstance(row, dict) else []
        if "pull" not in able:
            continue
        # With override_path a URL is the root of the API as it stands.
        mirrors.append(name.removesuffix("/") if row.get("override_path") else url(name))
        if "resolve" not in able:
            wrong.append(Problem(file, f'{name} has no capability "resolve": it is asked for digests, not for tags'))
    return tuple(mirrors), wrong
