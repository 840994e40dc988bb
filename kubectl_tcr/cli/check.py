"""`kubectl tcr-nodes check`: which mirror a node asks for a host, and what is wrong."""

import click

from kubectl_tcr.cli import node_flags, rule_flags
from kubectl_tcr.errors import Location, NodeError
from kubectl_tcr.nodes import check, hosts, runtimes
from kubectl_tcr.nodes.plan import Node
from kubectl_tcr.nodes.report import Report
from kubectl_tcr.statuses import DONE, FOUND
from kubectl_tcr.text.printable import printable


@click.command(
    "check",
    cls=rule_flags.Checked,
    short_help="Which mirror a node asks for a host, and what is wrong.",
    help="What a node asks for each source host, through which file, and what is wrong.",
)
@node_flags.rules
@click.option(
    "--root", metavar="DIR", default="/", help="The node's files: / (the default) or a copy of its etc in a folder."
)
@click.option(
    "--runtime",
    "names",
    multiple=True,
    type=click.Choice(runtimes.names()),
    help="Look at this one; otherwise at all found.",
)
@click.option("--containerd", "version", metavar="VERSION", help="The containerd there; on this machine it is asked.")
@click.option("--online", is_flag=True, help="Ask each mirror whether it serves. Without it no network is used.")
@click.option("--image", metavar="REF", help="With --online, ask for this image, the surest proof.")
def command(
    root: str,
    names: tuple[str, ...],
    version: str | None,
    image: str | None,
    plain_http: tuple[str, ...],
    *,
    online: bool,
    **rules: object,
) -> int:
    """Report on each runtime; status 1 if something is wrong."""
    chosen = node_flags.chosen(rules)
    if plain_http:
        hosts.check(chosen, plain_http)
    node_flags.refuse_no_folder(root)
    node = Node(root)
    names = names or check.found(node)
    if not names:
        raise NodeError("no container runtime's configuration is there; name one with --runtime", Location(root))
    if image and not online:
        raise click.UsageError("--image asks the network; add --online")
    wrong = 0
    for name in names:
        report = check.check(node, name, chosen, version or "", plain_http)
        problems = [*map(str, report.problems), *(_unserved(report, image) if online else ())]
        _print_report(report, problems)
        wrong += len(problems)
    return FOUND if wrong else DONE


def _unserved(report: Report, image: str | None) -> list[str]:
    """What is wrong with the mirrors themselves."""
    from kubectl_tcr.nodes import online

    wanted = online.image(image) if image else None
    asked = [row for row in report.asked if wanted is None or wanted.source == row.source]
    urls = dict.fromkeys(url for row in asked for url in row.mirrors)
    answers = ((url, online.trouble(url, wanted)) for url in urls)
    hint = "Tencent's mirrors serve inside its VPC only, and some after a ticket"
    return [f"{url}: {trouble}; {hint}" for url, trouble in answers if trouble]


def _print_report(report: Report, problems: list[str]) -> None:
    click.echo(report.runtime)
    for row in report.asked:
        places = [*row.mirrors, *(["itself"] if row.asks_source else [])]
        click.echo(printable(f"  {row.source}: {', then '.join(places) or 'nothing'} ({row.file})"))
    for problem in problems:
        click.echo(printable(f"  wrong: {problem}"))
    if not problems:
        click.echo("  nothing is wrong")
