"""One question to a registry, from its first request to what is said of it."""

from typing import Any

from kubectl_tcr.images.reference import HUB, HUB_ALIASES, HUB_LIBRARY
from kubectl_tcr.registry import manifests, platforms
from kubectl_tcr.registry.access import Access, NoTokenError, Place
from kubectl_tcr.registry.platforms import Platform
from kubectl_tcr.registry.question import Answer, Outcome, Question, Settings
from kubectl_tcr.registry.reply import Reply, UnansweredError
from kubectl_tcr.registry.transport import origin
from kubectl_tcr.text.printable import printable

# Where the API of Docker Hub is.
_HUB_API = "registry-1.docker.io"
# What to do with the answer to HEAD: some registries have no HEAD, or describe less by it than by GET.
_NO_HEAD = (400, 405, 501)
# So many images of an index are looked at that says nothing of them.
_MOST_UNSAID = 8
_NOT_ALLOWED = (401, 403)
_LONGEST = 300


class _Told(Exception):  # noqa: N818 it ends the questions, not the program
    """What is said of a question before its last request."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class Inquirer:
    """Answers questions, one by one or many at once."""

    def __init__(self, access: Access, settings: Settings) -> None:
        self._access = access
        self._wanted = tuple(platforms.parse(text) for text in settings.platforms)
        self._plain_http = settings.plain_http

    async def answer(self, question: Question) -> Answer:
        """How the registry does with a question; the words are printable and bounded."""
        there = place(question, self._plain_http)
        try:
            found = await self._answer(question, there)
        except _Told as told:
            found = told.answer
        except UnansweredError as error:
            found = Answer(Outcome.UNREACHABLE, str(error))
        except NoTokenError as error:
            found = Answer(_OUTCOMES.get(error.status, Outcome.NOT_ALLOWED), str(error))
            if error.status in _NOT_ALLOWED:
                words = f"does not allow {question} {await self._who(there)}: it {error}"
                found = found._replace(words=words)
        return found._replace(words=_line(found.words))

    async def _answer(self, question: Question, place: Place) -> Answer:
        rest = f"manifests/{question.version}"
        if not self._wanted:
            reply = await self._access.ask("HEAD", place, rest, manifests.ACCEPT)
            if _suffices(question, reply):
                return _described(question, reply)
            if reply.status not in (200, *_NO_HEAD):
                raise _Told(await self._refusal(question, place, reply))
        reply = await self._access.ask("GET", place, rest, manifests.ACCEPT)
        if reply.status != 200:
            raise _Told(await self._refusal(question, place, reply))
        digest = _checked(question, reply)
        served = Answer(Outcome.THERE, f"has {question} ({digest})", digest)
        return await self._with_platforms(question, place, reply, served) if self._wanted else served

    async def _with_platforms(self, question: Question, there: Place, reply: Reply, served: Answer) -> Answer:
        data = manifests.value(reply)
        if reply.media_type in manifests.INDEXES:
            found = manifests.platforms_of_index(data)
            if self._lacking(found):
                found += await self._unsaid(question, there, data)
        else:
            found = await self._platform(question, there, manifests.config_of(data))
        names, lacking = tuple(map(str, found)), self._lacking(found)
        served = served._replace(platforms=names)
        if not lacking:
            return served
        has = f"it has {', '.join(names)}" if names else "it says none"
        words = f"has {question}, but not for {', '.join(lacking)}; {has}"
        return served._replace(outcome=Outcome.OTHER_PLATFORM, words=words)

    def _lacking(self, found: tuple[Platform, ...]) -> list[str]:
        """The platforms that are wanted and not there."""
        return [str(wanted) for wanted in self._wanted if not any(wanted.runs(one) for one in found)]

    async def _unsaid(self, question: Question, there: Place, index: dict[str, Any]) -> tuple[Platform, ...]:
        """The platforms of images of which an index says none: containerd looks into those too."""
        found: list[Platform] = []
        for digest in manifests.without_platform(index)[:_MOST_UNSAID]:
            reply = await self._access.ask("GET", there, f"manifests/{digest}", manifests.ACCEPT)
            if reply.status != 200:
                raise _Told(await self._refusal(question, there, reply, "an image of "))
            _checked(question._replace(digest=digest), reply)
            found += await self._platform(question, there, manifests.config_of(manifests.value(reply)))
        return tuple(found)

    async def _platform(self, question: Question, place: Place, digest: str) -> tuple[Platform, ...]:
        """The platform of a single image, which its configuration says."""
        if not digest:
            return ()
        reply = await self._access.ask("GET", place, f"blobs/{digest}", "*/*")
        if reply.status != 200:
            raise _Told(await self._refusal(question, place, reply, "the configuration of "))
        if manifests.flaw_of_bytes(reply):
            raise _Told(_broken(manifests.flaw_of_bytes(reply), "configuration"))
        if manifests.hash_like(digest, reply.body) != digest:
            words = f"sends a configuration of {question} whose digest is another"
            raise _Told(Answer(Outcome.MISMATCH, words))
        found = manifests.platform_of(manifests.value(reply))
        return (found,) if found else ()

    async def _refusal(self, question: Question, place: Place, reply: Reply, what: str = "") -> Answer:
        """What is said by a status other than 200."""
        status = f"(HTTP {reply.status})"
        match reply.status:
            case 401 | 403:
                return Answer(Outcome.NOT_ALLOWED, f"does not allow {what}{question} {await self._who(place)} {status}")
            case 404 if reply.is_page and not await self._is_registry(place):
                return _page(reply)
            case 404:
                return Answer(Outcome.MISSING, f"does not have {what}{question} {status}")
            case 429:
                return Answer(Outcome.RATE_LIMITED, f"limits how often it is asked {status}; try again later")
        return Answer(Outcome.BROKEN, f"fails {status}")

    async def _who(self, place: Place) -> str:
        found = await self._access.found(place)
        if found.credential:
            return "with the credentials that are kept for it"
        return f"without credentials, and {found.problem}" if found.problem else "without credentials"

    async def _is_registry(self, place: Place) -> bool:
        """Whether a host that says 404 with a page is a registry all the same."""
        return manifests.is_registry(await self._access.root(place))


_OUTCOMES = {429: Outcome.RATE_LIMITED} | dict.fromkeys((500, 502, 503, 504), Outcome.BROKEN)


def place(question: Question, plain_http: frozenset[str]) -> Place:
    """Where a question is asked."""
    is_hub = question.host in HUB_ALIASES
    scheme = "http" if question.host in plain_http else "https"
    there = f"{scheme}://{_HUB_API if is_hub else question.host}"
    # As replies name theirs: in lower case, and without the port that goes without saying.
    there = origin(there) or there
    path = f"{HUB_LIBRARY}/{question.path}" if is_hub and "/" not in question.path else question.path
    return Place(HUB if is_hub else question.host, there, f"{there}/v2", path)


def _suffices(question: Question, reply: Reply) -> bool:
    """Whether the answer to HEAD describes a manifest by a digest that can be held against the one asked for."""
    algorithm = manifests.said(reply).partition(":")[0]
    is_alike = algorithm and question.digest.partition(":")[0] in ("", algorithm)
    return bool(reply.status == 200 and is_alike and not manifests.flaw_of_description(reply))


def _described(question: Question, reply: Reply) -> Answer:
    """What HEAD says, which suffices."""
    digest = manifests.said(reply)
    if question.digest and digest != question.digest:
        words = f"has another manifest for {question}: {digest}"
        return Answer(Outcome.MISMATCH, words)
    return Answer(Outcome.THERE, f"has {question} ({digest})", digest)


def _checked(question: Question, reply: Reply) -> str:
    """The digest of the manifest that was served, which must be the one that was said and the one asked for."""
    if reply.is_page:
        raise _Told(_page(reply))
    flaw = manifests.flaw_of_description(reply) or manifests.flaw_of_body(reply)
    if flaw:
        raise _Told(_broken(flaw))
    for where, digest in (("its own header", manifests.said(reply)), ("the reference", question.digest)):
        if digest and manifests.hash_like(digest, reply.body) != digest:
            words = f"sends a manifest for {question} whose digest is not that of {where}"
            raise _Told(Answer(Outcome.MISMATCH, words))
    return manifests.hash_like(question.digest or manifests.said(reply), reply.body)


def _broken(flaw: str, what: str = "manifest") -> Answer:
    return Answer(Outcome.BROKEN, f"sends what is no {what}, {flaw}")


def _page(reply: Reply) -> Answer:
    return Answer(Outcome.NOT_A_REGISTRY, f"answers with a page, not as a registry (HTTP {reply.status})")


def _line(words: str) -> str:
    line = printable(words[:_LONGEST])
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
