"""`kubectl tcr-nodes check`: which mirror a node asks for a host, and what is wrong."""

from typing import TYPE_CHECKING

import click

from kubectl_tcr.cli import node_flags, rule_flags
from kubectl_tcr.cli.changes import out
from kubectl_tcr.errors import Location, NodeError
from kubectl_tcr.nodes import check, hosts, runtimes
from kubectl_tcr.nodes.findings import Answer, Findings, Trial, as_json
from kubectl_tcr.nodes.plan import Node
from kubectl_tcr.nodes.report import Problem
from kubectl_tcr.statuses import DONE, FOUND
from kubectl_tcr.text.printable import printable

if TYPE_CHECKING:  # it brings along what asks the network
    from kubectl_tcr.nodes.online import Image, Question

_HINT = "; Tencent's mirrors serve inside its VPC only, and some after a ticket"
TEXT, JSON = "text", "json"
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
@click.option(
    "--output",
    "-o",
    type=click.Choice((TEXT, JSON)),
    default=TEXT,
    show_default=True,
    help="Lines for people, or one JSON document.",
)
def command(
    root: str,
    names: tuple[str, ...],
    version: str | None,
    image: str | None,
    *,
    online: bool,
    output: str,
    **rules: object,
) -> int:
    """Report on each runtime; status 1 if something is wrong."""
    ways = node_flags.ways(rules)
    chosen = node_flags.chosen(rules)
    if ways.plain_http:
        hosts.check(chosen, ways)
    node_flags.refuse_no_folder(root)
    node = Node(root)
    names = names or check.found(node)
    if not names:
        raise NodeError("no container runtime's configuration is there; name one with --runtime", Location(root))
    if image and not online:
        raise click.UsageError("--image asks the network; add --online")
    wanted = _image(image) if image else None
    found = []
    for name in names:
        report = check.check(node, name, chosen, version or "", ways)
        one = Findings(name, report)
        if online:
            one = _ask(one, wanted, image)
        if wanted:
            one = one._replace(trial=_prove(node, one, wanted, str(image)))
        found.append(one)
        if output == TEXT:
            _print(one)
    if output == JSON:
        out(as_json(root, found).encode())
    return FOUND if any(one.problems for one in found) else DONE


command.environment = rule_flags.OF_REGISTRIES


def _image(text: str) -> "Image":
    from kubectl_tcr.nodes import online

    return online.image(text)


def _ask(found: Findings, wanted: "Image | None", text: str | None) -> Findings:
    """What the mirrors themselves do."""
    from kubectl_tcr.nodes import online

    questions = online.questions(found.report.asked, wanted)
    if wanted and not questions:
        return found._replace(unasked=Problem(wanted.host, f"has no mirror, so none was asked for {text}"))
    return found._replace(answers=tuple(_answer(question) for question in questions))


def _answer(question: "Question") -> Answer:
    from kubectl_tcr.nodes import online
    from kubectl_tcr.nodes.online.answers import Outcome

    verdict = online.ask(question)
    hint = _HINT if verdict.outcome in (Outcome.LACKS, Outcome.REFUSES, Outcome.PAGE, Outcome.UNREACHED) else ""
    hint = _NO_PROOF if verdict.outcome is Outcome.IS_REGISTRY else hint
    name = verdict.outcome.name.lower().replace("_", "-")
    return Answer(question.mirror, name, verdict.is_good, f"{verdict.words}{hint}")


def _prove(node: Node, found: Findings, image: "Image", text: str) -> Trial | None:
    """Whether a runtime of this machine pulls an image from its first mirror alone."""
    mirror = next((row.mirrors[0] for row in found.report.asked if row.source == image.host and row.mirrors), "")
    prove = runtimes.load(found.name).prove
    if not (prove and mirror and node.is_this_machine):
        return None
    return Trial(text, mirror, prove(node, image, mirror))


def _print(found: Findings) -> None:
    click.echo(str(found.report))
    for row in found.report.asked:
        places = [*row.mirrors, *(["itself"] if row.asks_source else [])]
        click.echo(printable(f"  {row.source}: {', then '.join(places) or 'nothing'} ({row.file})"))
    for line in found.seen:
        click.echo(printable(f"  seen: {line}"))
    for problem in found.problems:
        click.echo(printable(f"  wrong: {problem}"))
    if not found.problems:
        click.echo("  nothing is wrong")
