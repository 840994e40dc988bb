"""Why no reply came, in words that follow a server's name, by what the libraries between raised first."""

import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import httpx

from kubectl_tcr.registry.reply import Reason
from kubectl_tcr.text.printable import printable

# httpx raises this where a redirect is followed only: what is asked first was looked at.
NOWHERE = "redirects to what is no address"
_LONGEST = 200
Told: TypeAlias = tuple[str, Reason]


def reason(error: BaseException) -> Told:
    """What is said of an error, and what it means for what is asked next."""
    causes = list(_causes(error))
    for cause in reversed(causes):
        for kind, tell in _KINDS:
            if isinstance(cause, kind):
                return tell(cause)
    return f"cannot be asked: {shown(causes[-1])}", Reason.ODD


def is_over(error: BaseException) -> bool:
    """Whether a connection ended, rather than brought what is no HTTP."""
    text = str(error)
    return "disconnected" in text or "closed connection" in text


def shown(error: object) -> str:
    """An error's own words, in one line with an end."""
    text = str(error) or type(error).__name__
    return printable(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it came from, the nearest first."""
    yield error
    for inner in getattr(error, "exceptions", ()):  # of a group: one for each address of a name
        yield from _causes(inner)
    cause = error.__cause__ or error.__context__
    if cause:
        yield from _causes(cause)


def _name(error: socket.gaierror) -> Told:
    is_passing = error.errno == socket.EAI_AGAIN
    return "is not found by its name", Reason.BROKEN_OFF if is_passing else Reason.ABSENT


def _certificate(error: ssl.SSLCertVerificationError) -> Told:
    return f"has a TLS certificate that is not trusted here: {shown(error.verify_message)}", Reason.DISTRUST


def _tls(error: ssl.SSLError) -> Told:
    return f"does not speak TLS as it should: {shown(error.reason or error)}", Reason.DISTRUST


def _protocol(error: httpx.RemoteProtocolError) -> Told:
    return _over(error) if is_over(error) else (f"does not speak HTTP as it should: {shown(error)}", Reason.ODD)


def _over(_: BaseException) -> Told:
    return "breaks off the connection", Reason.BROKEN_OFF


# Kinds of errors and what is said of each, the narrow ones first.
_KINDS: tuple[tuple[type[BaseException], Callable[[Any], Told]], ...] = (
    (ssl.SSLCertVerificationError, _certificate),
    (ssl.SSLError, _tls),
    (socket.gaierror, _name),
    (ConnectionRefusedError, lambda _: ("refuses the connection", Reason.ABSENT)),
    (ConnectionError, _over),
    (httpx.InvalidURL, lambda _: (NOWHERE, Reason.ODD)),
    (httpx.ProxyError, lambda error: (f"is behind a proxy that does not connect: {shown(error)}", Reason.ODD)),
    (httpx.ConnectError, lambda error: (f"cannot be reached: {shown(error)}", Reason.ABSENT)),
    (httpx.NetworkError, _over),
    (httpx.RemoteProtocolError, _protocol),
)
