"""What the runtimes of a node ask for each source host, through which file, and what is wrong with it."""

from kubectl_tcr.errors import NodeError
from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.nodes import kubelet, runtimes
from kubectl_tcr.nodes.hosts import PLAIN, Ways
from kubectl_tcr.nodes.plan import Node
from kubectl_tcr.nodes.report import Problem, Report, falls_back, wrong_schemes


def found(node: Node) -> tuple[str, ...]:
    """The runtime that the kubelet of a node uses; else those that it has by their files.

    One that only serves another of them is left out.
    """
    used = runtimes.by_socket(kubelet.socket(node))
    if used:
        return (used,)
    known = {row.name: row.load() for row in runtimes.TABLE}
    there = {name: one for name, one in known.items() if any(_is_there(node, place) for place in one.places)}
    return tuple(name for name, one in there.items() if one.serves(node) not in there)


def _is_there(node: Node, path: str) -> bool:
    try:
        return node.place(path).exists()
    except (NodeError, OSError):
        return False


def check(node: Node, name: str, rules: Rules, version: str = "", ways: Ways = PLAIN) -> Report:
    """One runtime of a node, by its name in the table; what cannot be read at all is a problem too.

    The mirrors in `ways.plain_http` have no TLS, all others have; with `no_fallback` no source is asked itself.
    """
    runtime = runtimes.load(name)
    try:
        report = runtime.report(node, rules, version)
    except NodeError as error:
        return Report(name, (), (Problem(str(error.where or name), error.what),))
    problems = dict.fromkeys([*report.problems, *wrong_schemes(rules, report.asked, ways.plain_http)])
    found = (*problems, *(falls_back(rules, report.asked) if ways.no_fallback else ()))
    return report._replace(problems=found)
