"""What must change on a node with containerd."""

from typing import Any, NamedTuple

from kubectl_tcr.errors import Location, NodeError
from kubectl_tcr.nodes import toml
from kubectl_tcr.nodes.containerd import migrate
from kubectl_tcr.nodes.containerd.addresses import root_in_hosts_toml, root_in_table
from kubectl_tcr.nodes.containerd.config_toml import ConfigToml, File
from kubectl_tcr.nodes.containerd.effective import DEFAULT_LIST, Registry, in_force, registry
from kubectl_tcr.nodes.containerd.hosts_files import asked_by
from kubectl_tcr.nodes.containerd.hosts_toml import CERTS, HEAD, HostsToml, Mirror, beside, folder_there, of_host
from kubectl_tcr.nodes.containerd.mirrors_table import endpoints
from kubectl_tcr.nodes.containerd.problems import MIGRATE, blocking, of_list, of_table, of_versions
from kubectl_tcr.nodes.containerd.release import Release
from kubectl_tcr.nodes.hosts import Host
from kubectl_tcr.nodes.plan import Change, Node
from kubectl_tcr.nodes.report import Problem, mirror

AUTO, HOSTS, MIRRORS = STYLES = ("auto", "hosts", "mirrors")


class Ask(NamedTuple):
    """How to change a containerd.

    `style`: by hosts.toml files, by the table of mirrors, or as its release and its files want it.
    `is_migration` turns a table into files; `folder` is where the files go, in place of what
    `config_path` says; `replace` takes the place of files that others wrote.
    """

    style: str = AUTO
    is_migration: bool = False
    folder: str = ""
    replace: bool = False


def plan(node: Node, config: ConfigToml, hosts: tuple[Host, ...], ask: Ask = Ask()) -> tuple[Change, ...]:  # noqa: B008
    """What must change on a node, in the order to write it: hosts.toml files before what points at them.

    Raises NodeError where the change would not work, or could take the node down.
    """
    found = registry(config)
    _refuse_first(blocking(config))
    if ask.is_migration:
        return _migrated(node, config, hosts, ask)
    _refuse_first(of_versions(config))
    _refuse_first(of_table(config, found))
    if _style(config, found, ask) == MIRRORS:
        _refuse_beside_table(config, hosts)
        return _with_mirrors(config, found, hosts)
    if found.tls:
        what = f"configs with tls are set ({', '.join(found.tls)}), which hold no longer beside config_path"
        raise NodeError(what + config.next(MIGRATE), Location(config.main.path))
    folder, is_set = _folder(config, found, ask)
    files = _files(node, tuple(map(of_host, hosts)), folder, config.release, replace=ask.replace)
    return files if is_set else (*files, *_pointing(config, folder))


def _refuse_first(problems: Any) -> None:
    problem: Problem | None = next(iter(problems), None)
    if problem:
        raise NodeError(problem.what, Location(problem.file))


def _refuse_beside_table(config: ConfigToml, hosts: tuple[Host, ...]) -> None:
    """Raises NodeError for what no table of mirrors can have: an authority, and no source at its end."""
    flags = MIGRATE if config.release and config.release.reads_hosts_files else ""
    if any(host.ca for host in hosts):
        what = "--ca is for hosts.toml, and a table of mirrors is there"
        raise NodeError(what + (config.next(flags) if flags else ""), Location(config.main.path))
    if any(host.is_alone for host in hosts):
        what = "behind a table of mirrors containerd asks the source itself, so --no-fallback cannot be"
        raise NodeError(what + (config.next(flags) if flags else ""), Location(config.main.path))


def _style(config: ConfigToml, found: Registry, ask: Ask) -> str:
    """The style that works with this containerd and what its files have; raises NodeError for another one."""
    release = config.release
    if found.mirrors and release is None:
        what = f"mirrors are set ({', '.join(found.mirrors)}), which not every containerd reads"
        raise NodeError(what + config.next("--containerd VERSION"), Location(config.main.path))
    has_files = release is None or release.reads_hosts_files
    works = MIRRORS if found.mirrors or not has_files else HOSTS
    if ask.style in (AUTO, works):
        return works
    if ask.style == HOSTS and not has_files:
        what = f"containerd {release} reads no hosts.toml: 1.5 was the first"
        raise NodeError(what + config.next("--style mirrors"), Location(config.main.path))
    if ask.style == HOSTS:
        what = f"mirrors are set ({', '.join(found.mirrors)}), and the CRI plugin does not load with config_path beside"
        raise NodeError(what + config.next(MIGRATE), Location(config.main.path))
    return _mirrors_where_none_are(config)


def _mirrors_where_none_are(config: ConfigToml) -> str:
    """A new table, where that is asked for; raises NodeError where containerd has it no longer."""
    release, where = config.release, Location(config.main.path)
    path = toml.at(in_force(config).data, (*in_force(config).registry, "config_path"))
    if release is None:
        raise NodeError("not every containerd reads a table of mirrors" + config.next("--containerd VERSION"), where)
    if release.defaults_to_list or path:
        what = f"config_path is set ({path})" if path else f"containerd {release} means to read hosts.toml files"
        raise NodeError(f"{what}, and a table of mirrors may not stand beside" + config.next("--style hosts"), where)
    return MIRRORS


def _folder(config: ConfigToml, found: Registry, ask: Ask) -> tuple[str, bool]:
    """The folder of hosts.toml files, and whether containerd looks there already.

    Raises NodeError where a list of folders that somebody set keeps the files from being read.
    """
    if ask.folder:
        return ask.folder, found.config_path == ask.folder
    if missed := of_list(config, found):
        if config.release is None or found.config_path != DEFAULT_LIST:
            raise NodeError(missed.what, Location(missed.file))
        return CERTS, False
    return (found.folders[0], True) if found.folders else (CERTS, False)


def _files(
    node: Node, wanted: tuple[HostsToml, ...], folder: str, release: Release | None, *, replace: bool
) -> tuple[Change, ...]:
    return tuple(_hosts_file(node, file, folder, release, replace=replace) for file in wanted)


def _hosts_file(node: Node, wanted: HostsToml, folder: str, release: Release | None, *, replace: bool) -> Change:
    """Our hosts.toml, or the one that is there, whoever wrote it, if the mirror is its first one.

    It may hold more mirrors and settings: those of a table that was migrated, or of somebody else. One that we write
    names the certificates beside it, which it would put out of force.
    """
    there = folder_there(node, folder, wanted.source)
    path = f"{there}/hosts.toml"
    text = node.text(path)
    before = None if text is None else text.encode()
    wanted = wanted._replace(beside=beside(node, there))
    new = Change(path, before, wanted.text.encode())
    other = wanted._replace(is_alone=not wanted.is_alone)
    ours = (file.text for one in (wanted, other) for file in (one, one.without_tls()))
    if text is None or replace or text in ours:
        return new
    rows = toml.table(toml.load(text, path), "host") if wanted.mirrors else {}
    if wanted.mirrors and next(iter(rows), "") == wanted.mirrors[0].endpoint:
        asked, problems = asked_by(node, wanted.source, path, release)
        is_first = asked.mirrors[:1] == (mirror(_root(wanted.mirrors[0])),)
        if is_first and not (wanted.is_alone and asked.asks_source):
            return Change(path, before, text.encode())
        reason = "asks the source itself behind its mirrors" if is_first else "does not have its first mirror asked"
        reason = problems[0].what if problems else reason
        raise NodeError(f"{reason}; mend it, or use --replace", Location(path))
    if text.startswith(HEAD) and len(rows) <= 1:
        return new
    asked_for = f"put {wanted.mirrors[0].endpoint} in front there" if wanted.mirrors else "look at its TLS"
    raise NodeError(f"was written by somebody else; {asked_for}, or use --replace", Location(path))


def _root(first: Mirror) -> str:
    return root_in_hosts_toml(first.endpoint, overrides_path=first.is_root) or ""


def _pointing(config: ConfigToml, folder: str) -> tuple[Change, ...]:
    """The file in force with `config_path` in its table; raises NodeError."""
    old = in_force(config)
    new = old
    if old.text is not None and old.version == 1 and config.release and not config.release.reads_version_1:
        new = old.with_text(migrate.as_version_2(old.text, old.path))
    return _proved(config, config.with_text(old, _with(new, ("config_path",), folder)), folder)


def _proved(before: ConfigToml, after: ConfigToml, path: str) -> tuple[Change, ...]:
    """The files that differ; raises NodeError where containerd would not look into the folder, and nowhere else."""
    found = registry(after)
    if found.config_path != path or found.mirrors or found.tls or found.is_folder_missed(after.release):
        files = " and ".join(file.path for file in after.files)
        what = f"a change of one of {files} would not hold; set config_path = {path!r} by hand"
        raise NodeError(what, Location(before.main.path))
    pairs = zip(before.files, after.files, strict=True)
    return tuple(_change(old, new) for old, new in pairs if old.text != new.text)


def _change(old: File, new: File) -> Change:
    return Change(old.path, None if old.text is None else old.text.encode(), (new.text or "").encode())


def _with(file: File, key: tuple[str, ...], value: Any) -> str:
    """A file with one more value in its registry table; raises NodeError."""
    text = f"version = {file.version}\n" if file.text is None else file.text
    return toml.put(text, (*file.registry, *key), value, file.path)


def _with_mirrors(config: ConfigToml, found: Registry, hosts: tuple[Host, ...]) -> tuple[Change, ...]:
    """The file in force with the mirrors in its table, ours in front of those that are there; raises NodeError."""
    file = in_force(config)
    new = file
    for host in hosts:
        # A row of its own takes the place of the one for all other hosts, whose endpoints it would lose.
        theirs = endpoints(found.mirrors.get(host.source, found.mirrors.get("*")))
        roots = {endpoint: mirror(root_in_table(endpoint) or "") for endpoint in theirs}
        if [*roots.values()][:1] == [host.endpoint]:
            continue
        others = [endpoint for endpoint, root in roots.items() if root != host.endpoint]
        new = new.with_text(_with(new, ("mirrors", host.source, "endpoint"), [host.endpoint, *others]))
    return (_change(file, new),)


def _migrated(node: Node, config: ConfigToml, hosts: tuple[Host, ...], ask: Ask) -> tuple[Change, ...]:
    """The table as hosts.toml files, then the files of configuration without it; raises NodeError."""
    release = config.release
    where = Location(config.main.path)
    if release is None:
        raise NodeError("which containerd reads it is not known" + config.next("--migrate --containerd VERSION"), where)
    if not release.reads_hosts_files:
        raise NodeError(f"containerd {release} reads no hosts.toml: 1.5 was the first; leave --migrate away", where)
    meant = migrate.meant(config)
    folder = ask.folder or (meant.folders[0] if meant.folders else CERTS)
    after = config
    for file in config.files:
        if file.text is not None:
            is_read = file.version > 1 or release.reads_version_1
            after = after.with_text(file, migrate.without_tables(file, is_read=is_read))
    target = in_force(after)
    is_list = len(meant.folders) > 1 and not ask.folder and not release.takes_list_as_folder
    path = meant.config_path if is_list else folder
    after = after.with_text(target, _with(target, ("config_path",), path))
    files = _files(node, migrate.files(config, meant, hosts), folder, release, replace=ask.replace)
    return (*files, *_proved(config, after, path))
