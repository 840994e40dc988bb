"""Whether a mirror serves, asked over the network: only `check --online` does so."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from kubectl_tcr.errors import RuleError
from kubectl_tcr.images.reference import GrammarError, parse
from kubectl_tcr.nodes.online import answers
from kubectl_tcr.nodes.online.answers import Outcome, Verdict
from kubectl_tcr.nodes.report import Asked, api_root, split
from kubectl_tcr.registry import manifests
from kubectl_tcr.registry import question as registry_types
from kubectl_tcr.registry.reply import UnansweredError

if TYPE_CHECKING:  # they bring along what asks the network
    from kubectl_tcr.registry.access import Access, Place
    from kubectl_tcr.registry.transport import Transport

# An image that is asked for, by its source: a mirror is another place for the same question.
Image = registry_types.Question
# Seconds that a mirror has for all its answers together, its token service included.
PATIENCE = 20
# As a node's runtime asks: nobody by name, and once. Each answer has 5 of those seconds.
_SETTINGS = registry_types.Settings(patience=5, retries=0)
# The rows for all sources that have none of their own: of hosts.toml files, of tables.
_REST = ("_default", "*")


class Question(NamedTuple):
    """A mirror to ask, by its name, the root of its API, and the image as it has it, None for the API alone."""

    mirror: str
    root: str
    image: Image | None = None


def image(text: str) -> Image:
    """An image from its reference, as `quay.io/k8scsi/csi-resizer:v0.5.0`; raises RuleError."""
    try:
        reference = parse(text)
    except GrammarError as error:
        raise RuleError(f'"{text}" is no image reference: {error}') from None
    return Image(reference.domain, reference.path, reference.tag or "latest", reference.digest or "")


def questions(asked: tuple[Asked, ...], wanted: Image | None = None) -> list[Question]:
    """Whom to ask: every mirror, or those that a runtime would ask for an image."""
    rows = asked if wanted is None else _serving(asked, wanted)
    return list(dict.fromkeys(_question(row, mirror, wanted) for row in rows for mirror in row.mirrors))


def ask(question: Question, seconds: float = PATIENCE) -> Verdict:
    """How a mirror does. Without an image only the API is asked, which one may have that serves nothing."""
    from kubectl_tcr.registry import running

    async def work(emit: Callable[[Verdict], None]) -> None:
        emit(await _asked(question))

    try:
        return next(running.emitted(work, seconds))
    except TimeoutError:
        return Verdict(Outcome.UNREACHED, f"gives no whole answer within {seconds:g} seconds")


def _serving(asked: tuple[Asked, ...], wanted: Image) -> list[Asked]:
    """The row for an image: that of the longest source, or the one for the rest."""
    name = f"{wanted.host}/{wanted.path}/"
    own = [row for row in asked if name.startswith(f"{row.source}/")]
    rest = [row for row in asked if row.source in _REST]
    return [max(own, key=lambda row: len(row.source))] if own else rest[:1]


def _question(row: Asked, mirror: str, wanted: Image | None) -> Question:
    if not row.by_location:
        return Question(mirror, api_root(mirror), wanted)
    origin, path = split(mirror)
    if wanted:
        rest = f"{wanted.host}/{wanted.path}".removeprefix(row.source)
        wanted = wanted._replace(path=f"{path}{rest}".strip("/"))
    return Question(mirror, f"{origin}/v2", wanted)


async def _asked(question: Question) -> Verdict:
    from kubectl_tcr.registry.access import Access, NoTokenError
    from kubectl_tcr.registry.transport import Transport

    try:
        async with Transport(_SETTINGS) as transport:
            if question.image is None:
                return await _asked_for_api(transport, question.root)
            access = Access(transport, _SETTINGS, lambda _: None)
            return await _asked_for_image(access, question.root, question.image)
    except UnansweredError as error:
        return Verdict(Outcome.UNREACHED, str(error))
    except NoTokenError as error:
        return Verdict(Outcome.REFUSES, str(error))


async def _asked_for_api(transport: "Transport", root: str) -> Verdict:
    return answers.api(await transport.ask("GET", f"{root}/", {"Accept": "application/json"}))


async def _asked_for_image(access: "Access", root: str, wanted: Image) -> Verdict:
    """HEAD, then GET, as containerd does: the manifest itself is asked for by the digest that was said."""
    place, source = _place(root, wanted), urlencode({"ns": wanted.host})
    described = await access.ask("HEAD", place, f"manifests/{wanted.version}?{source}", manifests.ACCEPT)
    bad = answers.refusal(described, str(wanted)) or answers.head(described)
    if bad:
        return bad
    version = manifests.said(described) or wanted.version
    got = await access.ask("GET", place, f"manifests/{version}?{source}", manifests.ACCEPT)
    verdict = answers.refusal(got, str(wanted)) or answers.manifest(described, got, wanted.digest)
    return verdict._replace(words=f"serves {wanted} {verdict.words}") if verdict.is_good else verdict


def _place(root: str, wanted: Image) -> "Place":
    from kubectl_tcr.registry.access import Place
    from kubectl_tcr.registry.transport import origin

    there = origin(root)
    return Place(there.partition("://")[2], there, root, wanted.path)
