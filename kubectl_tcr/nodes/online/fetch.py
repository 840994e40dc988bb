"""One question to a server, within bounds: of time, of size, of redirects, of who is told a token.

Nothing is decoded but the framing of HTTP, so that a small answer cannot become a large one.
"""

import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future
from email.message import Message
from http.client import HTTPException
from typing import NamedTuple, TypeVar
from urllib.error import URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request, UnknownHandler

Given = TypeVar("Given")

# Seconds that a server has for each of its packets.
PATIENCE = 5
# The most that is read of a body: the largest manifest that containerd and registries take, and more than a token.
LARGEST = 4 << 20
_REDIRECTS = 5
_REDIRECTED = (301, 302, 303, 307, 308)


class Answer(NamedTuple):
    """What a server said: a status, headers, and what was read of the body."""

    status: int
    headers: Message
    body: bytes = b""

    @property
    def media_type(self) -> str:
        """The media type without parameters, empty if none is said."""
        return str(self.headers.get("Content-Type", "")).partition(";")[0].strip().lower()

    @property
    def is_page(self) -> bool:
        """Whether it is for people, as portals and login pages are."""
        return "html" in self.media_type or self.body.lstrip()[:1] == b"<"


class UnansweredError(Exception):
    """No answer came; the text says why, as the end of a sentence that begins with the server."""


def within(seconds: float, question: Callable[[], Given]) -> Given:
    """What a question gives, in time; raises what it does, and UnansweredError.

    Sockets and the look-up of names bound single steps only, so a server that drips could hold on for ever.
    """
    given: Future[Given] = Future()

    def ask() -> None:
        try:
            given.set_result(question())
        except BaseException as error:  # noqa: BLE001 it is raised where it is waited for
            given.set_exception(error)

    threading.Thread(target=ask, daemon=True).start()  # one that hangs does not keep the program
    try:
        return given.result(seconds)
    except TimeoutError:
        raise UnansweredError(f"gives no whole answer within {seconds:g} seconds") from None


def ask(method: str, url: str, accept: str, token: str = "") -> Answer:
    """The answer of a server, whatever its status, with redirects followed; raises UnansweredError.

    The token is sent to the host of the URL only: a registry redirects to stores of others.
    """
    for _ in range(_REDIRECTS):
        answer = _asked(method, url, accept, token)
        target = answer.headers.get("Location", "")
        if answer.status not in _REDIRECTED or not target:
            return answer
        there = _target(url, target)
        token = token if _origin(there) == _origin(url) else ""
        url = there
    raise UnansweredError("redirects without an end")


def _asked(method: str, url: str, accept: str, token: str) -> Answer:
    headers = {"Accept": accept, "User-Agent": "kubectl-tcr"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        request = Request(url, headers=headers, method=method)  # noqa: S310 the opener knows http and https only
        with _opener().open(request, timeout=PATIENCE) as answer:
            return Answer(answer.status, answer.headers, answer.read(LARGEST + 1))
    except URLError as error:
        raise UnansweredError(_reason(error.reason)) from None
    except (OSError, HTTPException, ValueError) as error:
        raise UnansweredError(_reason(error)) from None


def _opener() -> OpenerDirector:
    """What opens http and https, no files, and takes every status for an answer."""
    opener = OpenerDirector()
    for handler in (ProxyHandler(), HTTPHandler(), HTTPSHandler(), UnknownHandler()):
        opener.add_handler(handler)
    return opener


def _target(url: str, location: str) -> str:
    try:
        there = urljoin(url, location)
        urlsplit(there)
    except ValueError:
        raise UnansweredError("redirects to what is no address") from None
    return there


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _reason(error: object) -> str:
    match error:
        case socket.gaierror():
            return "is not found by its name"
        case ConnectionRefusedError():
            return "refuses the connection"
        case TimeoutError():
            return f"does not answer within {PATIENCE} seconds"
        case ssl.SSLCertVerificationError():
            return f"has a TLS certificate that is not trusted here: {error.verify_message}"
        case ssl.SSLError():
            return f"does not speak TLS as it should: {error.reason or error}"
        case ConnectionError() | HTTPException():
            return f"breaks off: {error or type(error).__name__}"
    return f"cannot be asked: {error}"
