"""`kubectl tcr-nodes check`: which mirror a node asks for a host, and what is wrong."""

from typing import TYPE_CHECKING

import click

from kubectl_tcr.cli import node_flags, rule_flags
from kubectl_tcr.errors import Location, NodeError
from kubectl_tcr.nodes import check, hosts, runtimes
from kubectl_tcr.nodes.plan import Node
from kubectl_tcr.nodes.report import PROVED, UNKNOWN, Report
from kubectl_tcr.statuses import DONE, FOUND
from kubectl_tcr.text.printable import printable

if TYPE_CHECKING:  # it brings along what asks the network
    from kubectl_tcr.nodes.online import Image

_HINT = "; Tencent's mirrors serve inside its VPC only, and some after a ticket"
_NO_PROOF = "; whether it serves, --image asks"


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
    wanted = _image(image) if image else None
    wrong = 0
    for name in names:
        report = check.check(node, name, chosen, version or "", plain_http)
        seen, unserved = _ask(report, wanted, image) if online else ([], [])
        if wanted:
            proofs, disproofs = _prove(node, name, report, wanted, str(image))
            seen, unserved = [*seen, *proofs], [*unserved, *disproofs]
        problems = [*map(str, report.problems), *unserved]
        _print_report(report, seen, problems)
        wrong += len(problems)
    return FOUND if wrong else DONE


command.environment = rule_flags.OF_REGISTRIES


def _image(text: str) -> "Image":
    from kubectl_tcr.nodes import online

    return online.image(text)


def _ask(report: Report, wanted: "Image | None", text: str | None) -> tuple[list[str], list[str]]:
    """What the mirrors themselves do, and what is wrong with them."""
    from kubectl_tcr.nodes import online
    from kubectl_tcr.nodes.online.answers import Outcome

    questions = online.questions(report.asked, wanted)
    if wanted and not questions:
        return [], [f"{wanted.host}: has no mirror, so none was asked for {text}"]
    seen: list[str] = []
    wrong: list[str] = []
    for question in questions:
        verdict = online.ask(question)
        hint = _HINT if verdict.outcome in (Outcome.LACKS, Outcome.REFUSES, Outcome.PAGE, Outcome.UNREACHED) else ""
        hint = _NO_PROOF if verdict.outcome is Outcome.IS_REGISTRY else hint
        (seen if verdict.is_good else wrong).append(f"{question.mirror}: {verdict.words}{hint}")
    return seen, wrong


def _prove(node: Node, name: str, report: Report, image: "Image", text: str) -> tuple[list[str], list[str]]:
    """What a runtime of this machine pulled from the first mirror of an image alone, and what it could not."""
    mirror = next((row.mirrors[0] for row in report.asked if row.source == image.host and row.mirrors), "")
    prove = runtimes.load(name).prove
    if not (prove and mirror and node.is_this_machine):
        return [], []
    proof = prove(node, image, mirror)
    if proof.answer == PROVED:
        return [f"proved: {text} came from {mirror} alone"], []
    if proof.answer == UNKNOWN:
        return [f"not proved: {proof.why}"], []
    return [], [f"{name} does not pull {text} from {mirror}: {proof.why}"]


def _print_report(report: Report, seen: list[str], problems: list[str]) -> None:
    click.echo(report.runtime)
    for row in report.asked:
        places = [*row.mirrors, *(["itself"] if row.asks_source else [])]
        click.echo(printable(f"  {row.source}: {', then '.join(places) or 'nothing'} ({row.file})"))
    for line in seen:
        click.echo(printable(f"  seen: {line}"))
    for problem in problems:
        click.echo(printable(f"  wrong: {problem}"))
    if not problems:
        click.echo("  nothing is wrong")
