"""Whether a mirror serves, asked over the network: only `check --online` does so."""

import re
from typing import NamedTuple
from urllib.parse import urlencode

from kubectl_tcr.errors import RuleError
from kubectl_tcr.images.reference import GrammarError, parse
from kubectl_tcr.nodes.online import answers, fetch
from kubectl_tcr.nodes.online.answers import Outcome, Verdict
from kubectl_tcr.nodes.online.fetch import Answer, UnansweredError
from kubectl_tcr.nodes.report import Asked, api_root, split

# Seconds that a mirror has for all its answers together, its token service included.
PATIENCE = 20
_FIELD = re.compile(r'(\w++)=(?:"([^"]*+)"|([^\s",]++))')
_ACCEPT = ", ".join(answers.MEDIA_TYPES)
# The rows for all sources that have none of their own: of hosts.toml files, of tables.
_REST = ("_default", "*")


class Image(NamedTuple):
    """An image to ask a mirror for."""

    source: str
    path: str
    tag: str
    digest: str = ""

    @property
    def version(self) -> str:
        """By what its manifest is asked for."""
        return self.digest or self.tag

    def __str__(self) -> str:
        return f"{self.path}@{self.digest}" if self.digest else f"{self.path}:{self.tag}"


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
    try:
        return fetch.within(seconds, lambda: _ask(question))
    except UnansweredError as error:
        return Verdict(Outcome.UNREACHED, str(error))


def _serving(asked: tuple[Asked, ...], wanted: Image) -> list[Asked]:
    """The row for an image: that of the longest source, or the one for the rest."""
    name = f"{wanted.source}/{wanted.path}/"
    own = [row for row in asked if name.startswith(f"{row.source}/")]
    rest = [row for row in asked if row.source in _REST]
    return [max(own, key=lambda row: len(row.source))] if own else rest[:1]


def _question(row: Asked, mirror: str, wanted: Image | None) -> Question:
    if not row.by_location:
        return Question(mirror, api_root(mirror), wanted)
    origin, path = split(mirror)
    if wanted:
        rest = f"{wanted.source}/{wanted.path}".removeprefix(row.source)
        wanted = wanted._replace(path=f"{path}{rest}".strip("/"))
    return Question(mirror, f"{origin}/v2", wanted)


def _ask(question: Question) -> Verdict:
    if question.image is None:
        return answers.api(fetch.ask("GET", f"{question.root}/", "application/json"))
    return _ask_image(question.root, question.image)


def _ask_image(root: str, wanted: Image) -> Verdict:
    """HEAD, then GET, as containerd does: the manifest itself is asked for by the digest that was said."""
    token = ""
    described = _manifest("HEAD", root, wanted, wanted.version)
    if described.status == 401:
        found = _token(described, root, wanted)
        if isinstance(found, Verdict):
            return found
        token = found
        described = _manifest("HEAD", root, wanted, wanted.version, token)
    bad = answers.refusal(described, str(wanted)) or answers.head(described)
    if bad:
        return bad
    got = _manifest("GET", root, wanted, answers.digest(described) or wanted.version, token)
    verdict = answers.refusal(got, str(wanted)) or answers.manifest(described, got, wanted.digest)
    return verdict._replace(words=f"serves {wanted} {verdict.words}") if verdict.is_good else verdict


def _manifest(method: str, root: str, wanted: Image, version: str, token: str = "") -> Answer:
    source = urlencode({"ns": wanted.source})
    return fetch.ask(method, f"{root}/{wanted.path}/manifests/{version}?{source}", _ACCEPT, token)


def _token(answer: Answer, root: str, wanted: Image) -> str | Verdict:
    """An anonymous token, as the mirror's challenge describes it (distribution's token specification)."""
    challenges = [str(text) for text in answer.headers.get_all("WWW-Authenticate", [])]
    bearer = next((text for text in challenges if text.lower().startswith("bearer ")), "")
    if not bearer:
        return Verdict(Outcome.REFUSES, f"does not allow {wanted} without a user name and a password (HTTP 401)")
    fields = {name: quoted or bare for name, quoted, bare in _FIELD.findall(bearer)}
    realm = fields.get("realm", "")
    if not realm.startswith(("https://", "http://") if root.startswith("http://") else "https://"):
        return Verdict(Outcome.REFUSES, "sends for a token to a place without TLS, which was not asked")
    # Both scopes, as containerd: what the mirror names, and the image.
    scopes = dict.fromkeys([*fields.get("scope", "").split(), f"repository:{wanted.path}:pull"])
    query = urlencode([("service", fields.get("service", "")), *(("scope", scope) for scope in scopes)])
    service = split(realm)[0]
    try:
        given = fetch.ask("GET", f"{realm}{'&' if '?' in realm else '?'}{query}", "application/json")
    except UnansweredError as error:
        raise UnansweredError(f"sends for a token to {service}, which {error}") from None
    found = answers.token(given.body) if given.status == 200 else ""
    said = f"sends for a token to {service}, which gives none (HTTP {given.status})"
    return found or Verdict(Outcome.REFUSES, said)
