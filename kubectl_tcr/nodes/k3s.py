"""K3s and RKE2: registries.yaml, from which they write containerd's hosts.toml files at their start.

Source: docs.k3s.io/installation/private-registry.
"""

import copy
from functools import partial
from typing import Any

from kubectl_tcr.errors import Location, NodeError, ReadError
from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.nodes.hosts import Host, Ways, hosts, refuse_ca
from kubectl_tcr.nodes.plan import Change, Node
from kubectl_tcr.nodes.report import Asked, Report, missing, url
from kubectl_tcr.nodes.runtime import Plan, Runtime, Section, Wanted
from kubectl_tcr.nodes.template import template
from kubectl_tcr.text.document import Path, position

FILES = {"k3s": "/etc/rancher/k3s/registries.yaml", "rke2": "/etc/rancher/rke2/registries.yaml"}
SERVICES = {"k3s": "k3s, or k3s-agent", "rke2": "rke2-server, or rke2-agent"}
MIRRORS = "mirrors"
# From v1.26.13, v1.27.10, v1.28.6 and v1.29.1 on (docs.k3s.io, Default Endpoint Fallback).
_SETTING = "disable-default-registry-endpoint"
_CONFIG = "/etc/rancher/{}/config.yaml"
_NO_DEFAULT = (
    f"--no-fallback is not in registries.yaml; set {_SETTING}: true there, which holds for all hosts with mirrors"
)

Data = dict[str, Any]


def plan(name: str, wanted: Wanted) -> Plan:
    """The registries.yaml with the mirrors in front of those that are there; raises RuleError and NodeError."""
    found = hosts(wanted.rules, wanted.ways)
    refuse_ca(wanted.ways, 'put ca_file: {file} below configs: "{mirror}": tls: in registries.yaml')
    file = FILES[name]
    if wanted.ways.no_fallback and wanted.node.root and not _has_no_default(name, wanted.node):
        raise NodeError(_NO_DEFAULT, Location(_CONFIG.format(name)))
    before = wanted.node.text(file)
    after = _with(before or "", found, file)
    change = Change(file, None if before is None else before.encode(), after.encode())
    return Plan((change,), f"then: restart {SERVICES[name]}")


def _has_no_default(name: str, node: Node) -> bool:
    """Whether its configuration leaves the sources themselves out (`--disable-default-registry-endpoint`)."""
    from kubectl_tcr.readers import values

    config = _CONFIG.format(name)
    for file in (config, *node.glob(f"{config}.d/*.yaml")):
        try:
            data, _lines = values.load(node.text(file) or "")
        except ReadError as error:
            raise NodeError(f"{error.what}; mend it", Location(file)) from None
        if isinstance(data, dict) and data.get(_SETTING) is True:
            return True
    return False


def report(name: str, node: Node, rules: Rules, _: str) -> Report:
    """The endpoints of each source, as registries.yaml has them; raises NodeError."""
    file = FILES[name]
    data, _lines = load(node.text(file) or "", file)
    is_asked = not _has_no_default(name, node)
    rows = data.get(MIRRORS) or {}
    asked = tuple(Asked(str(one), tuple(map(url, endpoints(data, one))), file, is_asked) for one in rows)
    return Report(name, asked, tuple(missing(rules, asked, file)))


def section(rules: Rules, ways: Ways) -> Section:
    """The part of the script for both; raises RuleError."""
    text = _with("", hosts(rules, ways), "registries.yaml")
    return Section(template("k3s.sh"), {"REGISTRIES_YAML": text})


def _with(text: str, found: tuple[Host, ...], file: str) -> str:
    """A registries.yaml with the mirrors in front, in the order of the rules."""
    for host in reversed(found):  # each is put in front
        text = merge(text, host, file)
    return text


def merge(text: str, host: Host, file: str) -> str:
    """A registries.yaml with one more endpoint, every other line as it was; raises NodeError."""
    data, lines = load(text, file)
    wanted = _wanted(data, host, file)
    if wanted == data:
        return text
    new = _insert(text, data, lines, host)
    if _read(new) != wanted:
        raise NodeError(
            f'cannot be edited without touching more; put "{host.root}" into '
            f'{MIRRORS}["{host.source}"].endpoint by hand',
            Location(file, lines.get((MIRRORS,), 0)),
        )
    return new


def load(text: str, file: str) -> tuple[Data, dict[Path, int]]:
    """The settings and the line of every key; raises NodeError."""
    from kubectl_tcr.readers import values

    try:
        data, lines = values.load(text)
    except ReadError as error:
        raise NodeError(f"{error.what}; it stays as it is", Location(file, position(text, error.offset)[0])) from None
    for path in ((), (MIRRORS,)):
        if not isinstance(_at(data, path), dict | None):
            raise NodeError(f"{MIRRORS if path else 'the file'} is no mapping", Location(file, lines.get(path, 1)))
    for source in (data or {}).get(MIRRORS) or {}:
        if not isinstance(source, str):
            raise NodeError(f"{source} is no host; quote it if it is one", Location(file, lines.get((MIRRORS,), 1)))
    return data or {}, lines


def endpoints(data: Data, source: str) -> list[str]:
    """The endpoints that a source has."""
    found = _at(data, (MIRRORS, source, "endpoint"))
    return [str(one) for one in found] if isinstance(found, list) else []


def _at(data: Any, path: Path) -> Any:
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _wanted(data: Data, host: Host, file: str) -> Data:
    """What the file must mean: K3s joins a prefix by `rewrite`, which holds for all endpoints of a source."""
    wanted = copy.deepcopy(data)
    mirrors = wanted.get(MIRRORS) or {}
    entry = mirrors.get(host.source) or {}
    if not isinstance(entry, dict) or not isinstance(entry.get("endpoint") or [], list):
        raise NodeError(f'{MIRRORS}["{host.source}"] has another form than documented', Location(file))
    rewrite = _rewrite(host)
    if entry.get("endpoint") and (entry.get("rewrite") or {}) != rewrite:
        raise NodeError(
            f'{MIRRORS}["{host.source}"] has endpoints already, and rewrite holds for all of them; join them by hand',
            Location(file),
        )
    entry["endpoint"] = [host.root, *(one for one in endpoints(data, host.source) if one != host.root)]
    if rewrite:
        entry["rewrite"] = rewrite
    wanted[MIRRORS] = {**mirrors, host.source: entry}
    return wanted


def _rewrite(host: Host) -> Data:
    return {"^(.*)$": f"{host.prefix}/$1"} if host.prefix else {}


def _insert(text: str, data: Data, lines: dict[Path, int], host: Host) -> str:
    """New lines in front of the first ones of the innermost collection that is there."""
    entry: Path = (MIRRORS, host.source)
    item = f'- "{host.root}"'
    if endpoints(data, host.source):
        return _before(text, lines[*entry, "endpoint", 0], [item])
    block = ["endpoint:", f"  {item}"]
    if host.prefix:
        block += ["rewrite:", f'  "^(.*)$": "{host.prefix}/$1"']
    named = [f'"{host.source}":' if ":" in host.source else f"{host.source}:", *("  " + line for line in block)]
    if entry in lines:
        return _into(text, lines, entry, _at(data, entry), block)
    if (MIRRORS,) in lines:
        return _into(text, lines, (MIRRORS,), data.get(MIRRORS), named)
    rows = text.splitlines(keepends=True)
    return _joined([*rows, *_ended(["mirrors:", *("  " + line for line in named)], rows)])


def _into(text: str, lines: dict[Path, int], path: Path, value: Any, block: list[str]) -> str:
    """A block as the first of a mapping: in front of its first key, or below its own if it has none."""
    if isinstance(value, dict) and value:
        return _before(text, lines[*path, next(iter(value))], block)
    rows = text.splitlines(keepends=True)
    at = lines[path]
    indent = _indent(rows[at - 1]) + "  "
    return _joined([*rows[:at], *_ended([indent + line for line in block], rows), *rows[at:]])


def _before(text: str, line: int, block: list[str]) -> str:
    rows = text.splitlines(keepends=True)
    indent = _indent(rows[line - 1])
    return _joined([*rows[: line - 1], *_ended([indent + one for one in block], rows), *rows[line - 1 :]])


def _indent(row: str) -> str:
    return row[: len(row) - len(row.lstrip(" "))]


def _ended(block: list[str], rows: list[str]) -> list[str]:
    end = "\r\n" if rows and rows[0].endswith("\r\n") else "\n"
    return [line + end for line in block]


def _joined(rows: list[str]) -> str:
    """Rows as a text; a last one without a line end gets one if another follows it."""
    return "".join(row if row.endswith("\n") or row is rows[-1] else row + "\n" for row in rows)


def _read(text: str) -> Any:
    from kubectl_tcr.readers import values

    try:
        return values.load(text)[0]
    except ReadError:
        return None


def _runtime(name: str) -> Runtime:
    places = (f"/etc/rancher/{name}", f"/var/lib/rancher/{name}")
    return Runtime(places, partial(plan, name), partial(report, name), section)


K3S, RKE2 = _runtime("k3s"), _runtime("rke2")
