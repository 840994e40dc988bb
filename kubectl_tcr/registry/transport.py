"""Requests to servers, within bounds: of time, of size, of redirects, of who is told a secret.

Only this module and `failures` import httpx. Bodies are taken as they come and decoded nowhere, so that a small answer
cannot become a large one; headers have httpcore's bound of 100 KiB.
"""

import asyncio
import time
import urllib.request
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Self

import httpx

from kubectl_tcr.errors import RegistryError
from kubectl_tcr.registry import authorities, failures
from kubectl_tcr.registry.pace import OVERALL, Pace
from kubectl_tcr.registry.question import Settings
from kubectl_tcr.registry.reply import LARGEST, Reason, Reply, UnansweredError

_REDIRECTS = 5
_LAST_PORT = 65535
# Servers to which connections are kept, each as many as may be used at once; processes often have 1,024 files.
_POOLS = 48
_NO_PROXY = "a proxy of the environment (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY) is no address"
_HEADERS = {"User-Agent": "kubectl-tcr", "Accept-Encoding": "identity"}


class Transport:
    """Connections to all servers, kept open between requests.

    Each server has a pool of its own: httpcore looks at all connections of a pool with each request.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._authorities = authorities.context(settings.ca_file)
        self._builder = self._new_client()
        self._overall = asyncio.Semaphore(OVERALL)
        self._paces: dict[str, Pace] = {}
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._has_proxies = settings.proxies and bool(urllib.request.getproxies())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in (self._builder, *self._clients.values()):
            await client.aclose()

    async def ask(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None = None
    ) -> Reply:
        """The reply of a server, whatever its status, redirects followed and tries repeated; raises UnansweredError."""
        tries = 0
        while True:
            tries += 1
            try:
                reply = await self._followed(self._request(method, url, headers, form))
            except UnansweredError as error:
                wait = self._pace(error.origin).missed(error, tries)
                if wait is None:
                    raise
            else:
                wait = self._pace(reply.origin).heard(reply, tries)
                if wait is None:
                    return reply
            await asyncio.sleep(wait)

    async def _client(self, origin: str) -> httpx.AsyncClient:
        """The connections to a server, which is now the last that is forgotten."""
        client = self._clients.pop(origin, None) or self._new_client()
        self._clients[origin] = client
        if len(self._clients) > _POOLS:
            oldest = next((name for name in self._clients if self._paces[name].is_quiet), None)
            if oldest:
                await self._clients.pop(oldest).aclose()
        return client

    def _pace(self, origin: str) -> Pace:
        if origin not in self._paces:
            self._paces[origin] = Pace(self._settings, self._overall)
        return self._paces[origin]

    def _request(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> httpx.Request:
        if not origin(url):
            raise UnansweredError("is no address that can be asked")
        return self._builder.build_request(method, url, headers=headers, data=form)

    async def _followed(self, request: httpx.Request) -> Reply:
        """The reply at the end of redirects; httpx makes the next request, to another origin without who asks."""
        for _ in range(_REDIRECTS):
            reply, following = await self._sent(request)
            # The body of a POST holds a secret, and would be repeated.
            if following is None or request.method == "POST":
                return reply
            if not origin(str(following.url)):
                raise UnansweredError(failures.NOWHERE, origin=reply.origin)
            request = following
        raise UnansweredError("redirects without an end", origin=_origin(request.url))

    async def _sent(self, request: httpx.Request) -> tuple[Reply, httpx.Request | None]:
        start = _origin(request.url)
        try:
            async with self._pace(start).turn() as last:
                return (last, None) if last else await self._exchanged(request, start)
        except TimeoutError:
            words = f"does not answer within {self._settings.patience:g} seconds"
            raise UnansweredError(self._by_proxy(words), Reason.SLOW, start) from None
        except UnansweredError:
            raise
        except Exception as error:  # noqa: BLE001 what servers bring libraries to raise: one must not end the others
            words, reason = failures.reason(error)
            words = self._by_proxy(words) if reason is Reason.ABSENT else words
            raise UnansweredError(words, reason, start) from None

    async def _exchanged(self, request: httpx.Request, start: str) -> tuple[Reply, httpx.Request | None]:
        sent = time.monotonic()
        async with asyncio.timeout(self._settings.patience):
            try:
                response, body = await self._answered(request)
            except httpx.RemoteProtocolError as error:
                # A connection that was kept may end just as it is used again: that says nothing.
                if request.method == "POST" or not failures.is_over(error):
                    raise
                response, body = await self._answered(request)
        return Reply(response.status_code, dict(response.headers), body, start, sent), response.next_request

    async def _answered(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        client = await self._client(_origin(request.url))
        response = await client.send(request, stream=True)
        try:
            return response, await _body(response)
        finally:
            await response.aclose()

    def _new_client(self) -> httpx.AsyncClient:
        try:
            return httpx.AsyncClient(
                verify=self._authorities,
                headers=_HEADERS,
                timeout=None,  # noqa: S113 each exchange has one, for all of it
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=self._settings.connections),
                trust_env=self._settings.proxies,
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            )
        except (ImportError, ValueError, httpx.InvalidURL):  # whose words may hold a password
            raise RegistryError(_NO_PROXY) from None

    def _by_proxy(self, words: str) -> str:
        return f"{words} (asked through the proxies of the environment)" if self._has_proxies else words


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > LARGEST:
            break
    return bytes(body[: LARGEST + 1])


def origin(url: str) -> str:
    """Scheme, host and port of a URL as it would be asked, empty if it cannot be."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return ""
    can_be = parsed.scheme in ("http", "https") and parsed.host and (parsed.port or 0) <= _LAST_PORT
    return _origin(parsed) if can_be else ""


def _origin(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii')}"
