"""What a node asks for each source host, through which file, and what is wrong with it."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from kubectl_tcr.errors import NodeError
from kubectl_tcr.images.mirrors import Rule, Rules
from kubectl_tcr.images.reference import HUB
from kubectl_tcr.nodes import containerd, crio, docker, k3s, toml
from kubectl_tcr.nodes.containerd import Problem, Release
from kubectl_tcr.nodes.hosts import host
from kubectl_tcr.nodes.plan import Node

RUNTIMES = ("containerd", "docker", "cri-o", "k3s", "rke2")


class Asked(NamedTuple):
    """A source host, the mirrors that are asked for it, the first first, and the file that says so."""

    source: str
    mirrors: tuple[str, ...]
    file: str


class Report(NamedTuple):
    """What one runtime of a node does, and what is wrong with it."""

    runtime: str
    asked: tuple[Asked, ...]
    problems: tuple[Problem, ...]


def found(node: Node) -> tuple[str, ...]:
    """The runtimes that a node has, by their files; a containerd that only serves Docker is left out."""
    places = {
        "containerd": ("/etc/containerd", "/usr/bin/containerd", "/usr/local/bin/containerd"),
        "docker": (docker.CONFIG,),
        "cri-o": ("/etc/crio", crio.DROP_IN),
        **{name: (f"/etc/rancher/{name}", f"/var/lib/rancher/{name}") for name in k3s.FILES},
    }
    names = [name for name in RUNTIMES if any(_is_there(node, place) for place in places[name])]
    if "docker" in names and "containerd" in names and _serves_docker_only(node):
        names.remove("containerd")
    return tuple(names)


def _is_there(node: Node, path: str) -> bool:
    try:
        return node.place(path).exists()
    except (NodeError, OSError):
        return False


def _serves_docker_only(node: Node) -> bool:
    try:
        data = containerd.read(node).data
    except NodeError:
        return False
    return "cri" in str(data.get("disabled_plugins", ""))


def check(node: Node, runtime: str, rules: Rules, release: Release | None = None) -> Report:
    """One runtime of a node; what cannot be read at all is a problem too."""
    try:
        if runtime == "containerd":
            return _containerd(node, rules, release)
        if runtime == "docker":
            return _docker(node, rules)
        if runtime == "cri-o":
            return _crio(node, rules)
        return _k3s(node, rules, runtime)
    except NodeError as error:
        return Report(runtime, (), (Problem(str(error.where or runtime), error.what),))


def _containerd(node: Node, rules: Rules, release: Release | None) -> Report:
    config = containerd.read(node)
    problems = list(containerd.problems(config, release))
    if config.mirrors and not config.config_path:
        asked = [Asked(source, _endpoints(row), config.file) for source, row in config.mirrors.items()]
    else:
        folders = config.directories()
        if not folders and (release is None or release < containerd.DEFAULTS_TO_CERTS):
            problems.append(
                Problem(config.file, "config_path is not set, and containerd before 2.2 then looks for no hosts.toml")
            )
        folders = folders or ["/etc/containerd/certs.d", "/etc/docker/certs.d"]
        asked, more = _hosts_files(node, folders, rules)
        problems += more
    shown = "containerd" + (f" {release[0]}.{release[1]}" if release else "")
    return Report(shown, tuple(asked), (*problems, *_missing(rules, asked, config.file, by_path=True)))


def _endpoints(row: Any) -> tuple[str, ...]:
    found = row.get("endpoint") if isinstance(row, dict) else None
    return tuple(map(_url, found)) if isinstance(found, list) else ()


def _url(endpoint: object) -> str:
    """An endpoint as a URL: without a scheme it is https, and `/v2` is where a registry is anyway."""
    text = str(endpoint)
    text = text if "://" in text else f"https://{text}"
    return text.removesuffix("/").removesuffix("/v2")


def _hosts_files(node: Node, folders: list[str], rules: Rules) -> tuple[list[Asked], list[Problem]]:
    """The hosts.toml of every source that has one, or that a rule names."""
    there = [file.split("/")[-2] for folder in folders for file in node.glob_below(folder, "hosts.toml")]
    sources = dict.fromkeys([*(rule.source for rule in rules.rules if "/" not in rule.source), *map(_source, there)])
    asked: list[Asked] = []
    problems: list[Problem] = []
    for source in sources:
        file = containerd.hosts_file(node, folders, source)
        if file is None:
            continue
        try:
            mirrors, wrong = _read_hosts_file(node, file)
        except NodeError as error:
            mirrors, wrong = (), [Problem(str(error.where), f"{error.what}: containerd asks the source itself")]
        asked.append(Asked(source, mirrors, file))
        problems += wrong
    return asked, problems


def _source(folder: str) -> str:
    """The host that a folder is for: `r.corp_5000_` is `r.corp:5000`."""
    name, _, port = folder.removesuffix("_").rpartition("_")
    return f"{name}:{port}" if folder.endswith("_") and name and port.isdigit() else folder


def _read_hosts_file(node: Node, file: str) -> tuple[tuple[str, ...], list[Problem]]:
    table = toml.load(node.text(file) or "", file)
    rows = table.get("host")
    mirrors, problems = [], []
    for url, row in rows.items() if isinstance(rows, dict) else ():
        able = toml.strings(row.get("capabilities", ["pull", "resolve"])) if isinstance(row, dict) else []
        if "pull" not in able:
            continue
        mirrors.append(_full_url(url, row))
        if "resolve" not in able:
            problems.append(Problem(file, f'{url} has no capability "resolve": it is asked for digests, not for tags'))
    return tuple(mirrors), problems


def _full_url(url: str, row: dict[str, Any]) -> str:
    """With override_path a URL is the root of the API as it stands."""
    return url.removesuffix("/") if row.get("override_path") else _url(url)


def _docker(node: Node, rules: Rules) -> Report:
    data = docker.load(node.text(docker.CONFIG) or "{}")
    mirrors = tuple(map(_url, docker.mirrors(data)))
    asked = [Asked(HUB, mirrors, docker.CONFIG)] if mirrors else []
    hub = Rules(tuple(rule for rule in rules.rules if rule.source == HUB), {})
    return Report("docker", tuple(asked), tuple(_missing(hub, asked, docker.CONFIG)))


def _crio(node: Node, rules: Rules) -> Report:
    found: dict[str, Asked] = {}
    for file, data in crio.files(node):
        for row in toml.rows(data.get("registry")):
            source = crio.prefix(row)
            mirrors = tuple(_located(mirror) for mirror in toml.rows(row.get("mirror")))
            found[source] = Asked(source, mirrors, file)  # the last file's row wins
    asked = list(found.values())
    # An official image is pulled as library/NAME, so a row for its short name alone does not hold.
    named = tuple(rule._replace(source=source) for source, rule in crio.by_source(rules).items())
    return Report("cri-o", tuple(asked), tuple(_missing(Rules(named, {}), asked, crio.DROP_IN)))


def _located(mirror: toml.Table) -> str:
    return f"{'http' if mirror.get('insecure') else 'https'}://{mirror.get('location', '')}"


def _k3s(node: Node, rules: Rules, name: str) -> Report:
    file = k3s.FILES[name]
    data, _ = k3s.load(node.text(file) or "", file)
    sources = data.get(k3s.MIRRORS) or {}
    asked = [Asked(str(source), tuple(map(_url, k3s.endpoints(data, source))), file) for source in sources]
    return Report(name, tuple(asked), tuple(_missing(rules, asked, file)))


def _missing(rules: Rules, asked: Iterable[Asked], file: str, *, by_path: bool = False) -> Iterator[Problem]:
    """The rules whose mirror is not the first to be asked."""
    first = {row.source: row for row in asked}
    for rule in rules.rules:
        row = first.get(rule.source)
        wanted = _wanted(rule, by_path=by_path)
        if row is None or not row.mirrors:
            yield Problem(row.file if row else file, f"{rule.source} is asked itself, not its mirror {rule.mirror}")
        elif row.mirrors[0] not in wanted:
            yield Problem(row.file, f"{rule.source} is asked through {row.mirrors[0]} first, not through {rule.mirror}")


def _wanted(rule: Rule, *, by_path: bool) -> tuple[str, ...]:
    """How a runtime's file spells a rule's mirror, with and without TLS."""
    rows = [host(rule), host(rule, (rule.mirror.partition("/")[0],))]
    if by_path:
        return tuple(row.endpoint for row in rows)
    return tuple(spelling for row in rows for spelling in (row.root, f"{row.scheme}://{rule.mirror}"))
