"""A container runtime that nobody has: all that a module of one must hold, in its smallest form."""

from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.nodes.hosts import Ways, hosts
from kubectl_tcr.nodes.plan import Change, Node
from kubectl_tcr.nodes.report import Asked, Report, missing, url
from kubectl_tcr.nodes.runtime import Flag, Plan, Runtime, Section, Wanted

FILE = "/etc/in-vented/mirrors"
SHELL = """\
# --- in-vented ---

invented_is_there() { [ -d "$root/etc/in-vented" ]; }

invented_node() {
    cat >"$work/new" <<'TEXT'
@LINES@
TEXT
    put "$root/etc/in-vented/mirrors" "$work/new"
    reload 'in-vented reload' invented_up
}

invented_up() { true; }
"""


def lines(rules: Rules, ways: Ways) -> str:
    return "".join(f"{host.source} {host.root}\n" for host in hosts(rules, ways))


def plan(wanted: Wanted) -> Plan:
    text = wanted.flags["title"] + lines(wanted.rules, wanted.ways)
    return Plan((Change(FILE, wanted.node.read(FILE), text.encode()),), "then: in-vented reload")


def report(node: Node, rules: Rules, _: str) -> Report:
    rows = [line.split() for line in (node.text(FILE) or "").splitlines()]
    asked = tuple(Asked(source, (url(mirror),), FILE) for source, mirror in rows)
    return Report("in-vented", asked, tuple(missing(rules, asked, FILE)))


def section(rules: Rules, ways: Ways) -> Section:
    return Section(SHELL, {"LINES": lines(rules, ways)})


RUNTIME = Runtime(("/etc/in-vented",), plan, report, section, (Flag("--title", "A first line.", choices=("", "#\n")),))
