"""CRI-O and podman: a drop-in of registries.conf, where rules for parts of a host hold as well.

Source: containers/image, docs/containers-registries.conf.5.md and registries.conf.d.5.md.
"""

from collections.abc import Iterator

from kubectl_tcr.errors import Location, NodeError
from kubectl_tcr.images.mirrors import Rule, Rules, places
from kubectl_tcr.nodes import toml
from kubectl_tcr.nodes.hosts import PLAIN, Ways, check, refuse_ca
from kubectl_tcr.nodes.plan import Change, Node
from kubectl_tcr.nodes.report import Asked, Report, missing
from kubectl_tcr.nodes.runtime import Plan, Runtime, Section, Wanted
from kubectl_tcr.nodes.template import template

MAIN = "/etc/containers/registries.conf"
FOLDER = "/etc/containers/registries.conf.d"
DROP_IN = f"{FOLDER}/50-tcr-nodes.conf"
HEAD = "# Written by kubectl tcr-nodes: each source is asked through its mirror{}.\n"


def drop_in(rules: Rules, ways: Ways = PLAIN) -> str:
    """The text of the drop-in; raises RuleError if there is no rule."""
    check(rules, ways)
    head = HEAD.format(" alone" if ways.no_fallback else ", and itself if that fails")
    return head + "".join(_registry(source, rule, ways) for source, rule in by_source(rules).items())


def by_source(rules: Rules) -> dict[str, Rule]:
    """The rule of each source; an official image of Docker Hub is asked for as `library/NAME`, as it is pulled."""
    named = {rule.source: rule for rule in rules.rules}
    return {source: named.get(source, rule) for rule in rules.rules for source in places(rule.source)}


def _registry(source: str, rule: Rule, ways: Ways) -> str:
    if ways.no_fallback:
        return f'\n[[registry]]\nprefix = "{source}"\nlocation = "{rule.mirror}"\n{_insecure(rule, ways)}'
    return (
        f'\n[[registry]]\nprefix = "{source}"\nlocation = "{source}"\n'
        f'\n[[registry.mirror]]\nlocation = "{rule.mirror}"\n{_insecure(rule, ways)}'
    )


def _insecure(rule: Rule, ways: Ways) -> str:
    return "insecure = true\n" if rule.mirror.partition("/")[0] in ways.plain_http else ""


def plan(wanted: Wanted) -> Plan:
    """The drop-in, where no other file has a word on the same sources; raises RuleError and NodeError."""
    text = drop_in(wanted.rules, wanted.ways)
    refuse_ca(wanted.ways, "copy {file} to /etc/containers/certs.d/{mirror}/ca.crt")
    sources = by_source(wanted.rules)
    for file, source in registries(wanted.node):
        if source in sources and file != DROP_IN:
            raise NodeError(
                f"has a [[registry]] for {source} already, and of two the last file's wins whole; "
                f"add the mirror there: [[registry.mirror]] with its location, or leave {source} out of the rules",
                Location(file),
            )
    change = Change(DROP_IN, wanted.node.read(DROP_IN), text.encode())
    return Plan((change,), "then: reload crio (systemctl reload crio)")


def report(node: Node, rules: Rules, _: str) -> Report:
    """The mirrors of each source; raises NodeError."""
    found: dict[str, Asked] = {}
    for file, data in files(node):
        for row in toml.rows(data.get("registry")):
            source = prefix(row)
            found[source] = _asked(source, row, file)  # the last file's row wins
    asked = tuple(found.values())
    # An official image is pulled as library/NAME, so a row for its short name alone does not hold.
    named = tuple(rule._replace(source=source) for source, rule in by_source(rules).items())
    return Report("cri-o", asked, tuple(missing(Rules(named, {}), asked, DROP_IN)))


def _asked(source: str, row: toml.Table, file: str) -> Asked:
    """What a row has asked; another location than the source takes its place."""
    mirrors = tuple(_located(mirror) for mirror in toml.rows(row.get("mirror")))
    is_asked = row.get("location") in (None, "", source)
    places = mirrors if is_asked else (*mirrors, _located(row))
    return Asked(source, places, file, asks_source=is_asked, by_location=True)


def _located(mirror: toml.Table) -> str:
    return f"{'http' if mirror.get('insecure') else 'https'}://{mirror.get('location', '')}"


def section(rules: Rules, ways: Ways) -> Section:
    """Its part of the script; raises RuleError."""
    return Section(template("crio.sh"), {"REGISTRIES_CONF": drop_in(rules, ways)})


def registries(node: Node) -> Iterator[tuple[str, str]]:
    """Every file that is read and the prefix of each registry in it; raises NodeError."""
    for file, data in files(node):
        for row in toml.rows(data.get("registry")):
            yield file, prefix(row)


def prefix(row: toml.Table) -> str:
    """What a `[[registry]]` is for."""
    return str(row.get("prefix") or row.get("location") or "")


def files(node: Node) -> Iterator[tuple[str, toml.Table]]:
    """The files in the order they are read; raises NodeError, also for the first version of the format."""
    for file in (MAIN, *node.glob(f"{FOLDER}/*.conf")):
        data = toml.load(node.text(file) or "", file)
        if "registries" in data:
            raise NodeError(
                "is written in version 1 of the format, which goes with no mirrors; convert it", Location(file)
            )
        yield file, data


RUNTIME = Runtime(places=("/etc/crio", DROP_IN), plan=plan, report=report, section=section)
