"""Requests to registries, with the word of who asks where a registry wants it.

Who a credential goes to: the registry that it is kept for, by https or where plain HTTP is allowed, and the realm that
this registry names, by https or where plain HTTP is allowed; nobody that a redirect leads to.
"""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlencode

from kubectl_tcr.registry.challenges import Challenge, chosen
from kubectl_tcr.registry.credential import ANONYMOUS, Credential, Found
from kubectl_tcr.registry.question import Settings
from kubectl_tcr.registry.reply import Reply, UnansweredError
from kubectl_tcr.registry.transport import Transport, origin
from kubectl_tcr.text.printable import printable

# Seconds that a token serves where its service does not say (distribution's token specification).
_LIFE = 60
# A token is not used so shortly before its end, in seconds, nor thrown away so shortly after its beginning.
_MARGIN = 5
_JSON = "application/json"
# Of an address that a registry names, so many characters are shown.
_LONGEST = 100


class Place(NamedTuple):
    """A repository: its host as it is written, the origin that is asked, the root of the API there, and its path."""

    host: str
    origin: str
    root: str
    path: str


class NoTokenError(Exception):
    """No token came, and the status that its service gave, 0 for none; the text follows the registry's name."""

    def __init__(self, words: str, status: int = 0) -> None:
        super().__init__(words)
        self.status = status


class _Wanted(NamedTuple):
    """What a token is for: the same are one."""

    realm: str
    service: str
    scopes: tuple[str, ...]
    origin: str
    credential: Credential | None


class _Token(NamedTuple):
    header: str
    born: float
    dies: float


class Access:
    """Asks registries, and remembers what each wants to know."""

    def __init__(self, transport: Transport, settings: Settings, warn: Callable[[str], None]) -> None:
        self._transport = transport
        self._settings = settings
        self._warn = warn
        self._challenges: dict[str, Challenge] = {}
        self._own: dict[Place, Challenge] = {}
        self._tokens: dict[_Wanted, asyncio.Task[_Token]] = {}
        self._found: dict[tuple[str, str], Found] = {}
        self._keys: dict[str, asyncio.Lock] = {}
        self._roots: dict[str, asyncio.Task[Reply]] = {}
        self._warned: set[str] = set()

    async def ask(self, method: str, place: Place, rest: str, accept: str) -> Reply:
        """The reply to a request below a repository; raises UnansweredError and NoTokenError."""
        known = self._own.get(place) or self._challenges.get(place.origin)
        told = await self._header(known, place) if known else ""
        reply = await self._sent(method, place, rest, accept, told)
        challenge = chosen(reply.headers.get("www-authenticate", ""))
        # What another origin asks, behind a redirect, is not the registry's question.
        if reply.status != 401 or reply.origin != place.origin or challenge is None:
            return reply
        self._own[place], self._challenges[place.origin] = challenge, challenge._replace(scopes=())
        again = await self._header(challenge, place, refused=told)
        return reply if again in ("", told) else await self._sent(method, place, rest, accept, again)

    async def root(self, place: Place) -> Reply:
        """The reply of the API itself, which is asked once for all repositories, without a credential."""
        if place.root not in self._roots:
            told = self._transport.ask("GET", f"{place.root}/", {"Accept": _JSON})
            self._roots[place.root] = asyncio.create_task(told)
        return await self._roots[place.root]

    async def found(self, place: Place) -> Found:
        """The credential for a repository; programs that know it are asked one after the other."""
        if self._settings.credentials is ANONYMOUS:
            return Found()
        key = (place.host, place.path)
        async with self._keys.setdefault(place.host, asyncio.Lock()):
            if key not in self._found:
                self._found[key] = await asyncio.to_thread(self._settings.credentials.find, *key)
        problem = self._found[key].problem
        if problem and problem not in self._warned:
            self._warned.add(problem)
            self._warn(problem)
        return self._found[key]

    async def _sent(self, method: str, place: Place, rest: str, accept: str, told: str) -> Reply:
        headers = {"Accept": accept} | ({"Authorization": told} if told else {})
        return await self._transport.ask(method, f"{place.root}/{place.path}/{rest}", headers)

    async def _header(self, challenge: Challenge, place: Place, refused: str = "") -> str:
        """What answers a challenge, empty where nothing can; not what was refused, if there may be something else."""
        credential = (await self.found(place)).credential
        if challenge.scheme == "basic":
            return credential.basic if credential and not credential.identity_token else ""
        # Both scopes, as containerd: what the registry names, and the repository.
        scopes = tuple(dict.fromkeys([*challenge.scopes, f"repository:{place.path}:pull"]))
        wanted = _Wanted(challenge.realm, challenge.service, scopes, place.origin, credential)
        giving = self._giving(wanted)
        token, now = await giving, time.monotonic()
        if now > token.dies - _MARGIN or (token.header == refused and now > token.born + _MARGIN):
            if self._tokens[wanted] is giving:
                del self._tokens[wanted]
            token = await self._giving(wanted)
        return token.header

    def _giving(self, wanted: _Wanted) -> "asyncio.Task[_Token]":
        """The one question for a token, which all wait for that want it."""
        if wanted not in self._tokens:
            self._tokens[wanted] = asyncio.create_task(self._given(wanted))
        return self._tokens[wanted]

    async def _given(self, wanted: _Wanted) -> _Token:
        """A token from its service; raises UnansweredError and NoTokenError."""
        self._check_realm(wanted)
        born = time.monotonic()
        service = _service(origin(wanted.realm))
        try:
            reply = await self._asked(wanted)
        except UnansweredError as error:
            raise UnansweredError(f"sends for a token to {service}, which {error}") from None
        data = _json(reply.body) if reply.status == 200 else {}
        token = data.get("token") or data.get("access_token")
        if not (isinstance(token, str) and token.isascii() and token.isprintable() and " " not in token):
            said = f"sends for a token to {service}, which gives none (HTTP {reply.status})"
            raise NoTokenError(said, reply.status)
        life = data.get("expires_in")
        life = life if isinstance(life, int | float) and life > 2 * _MARGIN else _LIFE
        return _Token(f"Bearer {token}", born, born + life)

    async def _asked(self, wanted: _Wanted) -> Reply:
        credential = wanted.credential
        if credential and credential.identity_token:
            form = {
                "grant_type": "refresh_token",
                "service": wanted.service,
                "scope": " ".join(wanted.scopes),
                "client_id": "kubectl-tcr",
                "refresh_token": credential.identity_token,
            }
            return await self._transport.ask("POST", wanted.realm, {"Accept": _JSON}, form)
        query = urlencode([("service", wanted.service), *(("scope", scope) for scope in wanted.scopes)])
        headers = {"Accept": _JSON} | ({"Authorization": credential.basic} if credential else {})
        return await self._transport.ask("GET", f"{wanted.realm}{'&' if '?' in wanted.realm else '?'}{query}", headers)

    def _check_realm(self, wanted: _Wanted) -> None:
        """Refuse a realm without TLS, but where a registry without TLS asks nobody's name, or the user allowed it."""
        there = origin(wanted.realm)
        is_open = there.startswith("http://") and wanted.origin.startswith("http://") and not wanted.credential
        is_allowed = there in {origin(f"http://{host}") for host in self._settings.plain_http} - {""}
        if there.startswith("https://") or is_open or is_allowed:
            return
        if not there:
            raise NoTokenError("sends for a token to what is no address")
        raise NoTokenError(f"sends for a token to {_service(there)}, which has no TLS and was not asked")


def _service(origin: str) -> str:
    return printable(origin[:_LONGEST])


def _json(body: bytes) -> dict[str, Any]:
    """A JSON object, empty where there is none."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
