"""Who is told a token, a password, or nothing; all servers are on loopback."""

import asyncio
import json
import threading
from urllib.parse import parse_qs, urlsplit

import pytest

from kubectl_tcr.registry import access
from kubectl_tcr.registry.access import Access, Place
from kubectl_tcr.registry.asking import ask
from kubectl_tcr.registry.challenges import Challenge, chosen
from kubectl_tcr.registry.credential import Credential, Found
from kubectl_tcr.registry.question import Answer, Outcome, Question, Settings
from kubectl_tcr.registry.transport import Transport

from .servers import Answers, Asked, Reply, Server, page, redirect, served, server

SETTINGS = Settings(proxies=False, patience=5, patience_for_all=20, pause=0.01, longest_pause=0.5, retries=1)
SECRET = "s3cret-of-a-test"  # noqa: S105 of no one
ALICE = Credential("alice", SECRET)
IDENTITY = Credential(identity_token=SECRET)
BEARER = "Bearer t"
JSON = ("Content-Type", "application/json")
BASIC = ("WWW-Authenticate", 'Basic realm="x"')
TOKEN = Reply(200, b'{"token": "t"}', (JSON,))


class Keeper:
    """Keeps one credential for one host, and remembers what it was asked."""

    def __init__(self, host: str, credential: Credential | None = ALICE, problem: str = "") -> None:
        self.host, self.given, self.asked = host, Found(credential, problem), list[tuple[str, str]]()

    def find(self, host: str, path: str) -> Found:
        self.asked.append((host, path))
        return self.given if host == self.host else Found()


def basic(asked: Asked) -> Reply:
    """A registry that alice may ask."""
    return served() if asked.token == ALICE.basic else Reply(401, b"{}", (JSON, BASIC))


class Bearer:
    """A registry that serves those with the token `t`, and sends others to a realm."""

    def __init__(self, realm: str, scope: str | None = None) -> None:
        self.realm, self.scope = realm, scope

    def __call__(self, asked: Asked) -> Reply:
        if asked.path.startswith("/token"):
            return TOKEN
        if asked.token == BEARER:
            return served()
        path = asked.path.removeprefix("/v2/").partition("/manifests/")[0]
        scope = f"repository:{path}:pull" if self.scope is None else self.scope
        challenge = f'Bearer realm="{self.realm}",service="s",scope="{scope}"'
        return Reply(401, b"{}", (JSON, BASIC, ("WWW-Authenticate", challenge)))


def answer(host: str, settings: Settings, path: str = "acme/app") -> Answer:
    question = Question(host, path, "1")
    return ask([question], settings)[question]


def plain(*hosts: str) -> Settings:
    return SETTINGS._replace(plain_http=frozenset(hosts))


# Headers, and what is chosen.
CHALLENGES = {
    "": None,
    "Negotiate": None,
    'Digest realm="x", qop="auth"': None,
    'Basic realm="x"': Challenge("basic", "x"),
    'basic realm="x"': Challenge("basic", "x"),
    'Bearer realm="https://t/a?b=c,d",service="s"': Challenge("bearer", "https://t/a?b=c,d", "s"),
    'Bearer realm="https://t", scope="a b"': Challenge("bearer", "https://t", "", ("a", "b")),
    'Bearer realm = "https://t"': Challenge("bearer", "https://t"),
    "Bearer realm=https://t,service=s": Challenge("bearer", "https://t", "s"),
    'Basic realm="x", Bearer realm="https://t"': Challenge("bearer", "https://t"),
    'Bearer realm="https://t", Basic realm="x"': Challenge("bearer", "https://t"),
    r'Bearer realm="https://t/\"q\""': Challenge("bearer", 'https://t/"q"'),
    'Bearer realm="https://t': Challenge("bearer"),
    "Bearer": Challenge("bearer"),
}


@pytest.mark.parametrize("header", CHALLENGES)
def test_the_challenge_that_is_chosen(header: str) -> None:
    assert chosen(header) == CHALLENGES[header]


def test_a_challenge_of_any_length_is_read_in_time() -> None:
    for text in ('Bearer realm="' + "\\" * 100_000, "a " * 50_000, "a=" * 50_000, "Bearer " + ' realm="x",' * 20_000):
        chosen(text)


def test_basic() -> None:
    with server(basic) as registry:
        found = answer(registry.address, plain(registry.address)._replace(credentials=Keeper(registry.address)))
    assert found.outcome is Outcome.THERE
    assert [asked.token for asked in registry.asked] == ["", ALICE.basic]


def test_credentials_are_for_their_host_only_and_by_its_path() -> None:
    keeper = Keeper("other.example")
    with server(basic) as registry:
        found = answer(registry.address, plain(registry.address)._replace(credentials=keeper))
    assert found.words == "does not allow acme/app:1 without credentials (HTTP 401)"
    assert [asked.token for asked in registry.asked] == [""]
    assert keeper.asked == [(registry.address, "acme/app")]


def test_credentials_that_do_not_do_are_told_from_none() -> None:
    with server(basic) as registry:
        keeper = Keeper(registry.address, Credential("bob", SECRET))
        found = answer(registry.address, plain(registry.address)._replace(credentials=keeper))
    assert found == Answer(
        Outcome.NOT_ALLOWED, "does not allow acme/app:1 with the credentials that are kept for it (HTTP 401)"
    )


def test_what_keeps_a_credential_from_being_found_is_told_once_and_with_the_refusal() -> None:
    warnings: list[str] = []
    with server(basic) as registry:
        questions = [Question(registry.address, path, "1") for path in ("a", "b")]
        settings = plain(registry.address)._replace(credentials=Keeper(registry.address, None, "no helper"))
        answers = ask(questions, settings, warn=warnings.append)
    assert warnings == ["no helper"]
    assert {found.words for found in answers.values()} == {
        f"does not allow {path}:1 without credentials, and no helper (HTTP 401)" for path in ("a", "b")
    }


def test_a_token_is_asked_for_as_the_challenge_says() -> None:
    with server(lambda _: TOKEN) as realm, server(Bearer(f"{realm.url}/token?a=b", "x:y:z")) as registry:
        found = answer(registry.address, plain(registry.address))
    assert found.outcome is Outcome.THERE
    scopes = "scope=x%3Ay%3Az&scope=repository%3Aacme%2Fapp%3Apull"
    assert realm.asked == [Asked("GET", f"/token?a=b&service=s&{scopes}", "")]
    assert [asked.token for asked in registry.asked] == ["", BEARER]


def test_a_token_is_asked_for_once_by_all_that_want_it() -> None:
    ready = threading.Barrier(4)

    def slow(asked: Asked) -> Reply:
        if not asked.token:
            ready.wait(10)
        return guarded(asked)

    with server(lambda _: TOKEN) as realm:
        guarded = Bearer(f"{realm.url}/token")
        with server(slow) as registry:
            questions = [Question(registry.address, "acme/app", str(number)) for number in range(4)]
            answers = ask(questions, plain(registry.address))
    assert {found.outcome for found in answers.values()} == {Outcome.THERE}
    assert len(realm.asked) == 1


async def one_after_the_other(settings: Settings, places: list[Place]) -> list[int]:
    async with Transport(settings) as transport:
        asking = Access(transport, settings, lambda _: None)
        return [(await asking.ask("HEAD", place, "manifests/1", "*/*")).status for place in places]


def at(registry: Server, path: str) -> Place:
    return Place(registry.address, registry.url, f"{registry.url}/v2", path)


def test_a_host_that_wants_tokens_is_not_asked_without_one_again() -> None:
    with server(lambda _: TOKEN) as realm, server(Bearer(f"{realm.url}/token")) as registry:
        places = [at(registry, path) for path in ("a", "b", "a")]
        assert asyncio.run(one_after_the_other(plain(registry.address), places)) == [200, 200, 200]
    assert [asked.token for asked in registry.asked] == ["", BEARER, BEARER, BEARER]
    assert len(realm.asked) == 2


def test_a_token_that_was_refused_after_its_time_is_asked_for_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "_MARGIN", 0)
    given = iter(("u", "t"))
    with (
        server(lambda _: Reply(200, json.dumps({"token": next(given)}).encode())) as realm,
        server(Bearer(f"{realm.url}/token")) as registry,
    ):
        places = [at(registry, "a")] * 2
        assert asyncio.run(one_after_the_other(plain(registry.address), places)) == [401, 200]
    assert [asked.token for asked in registry.asked] == ["", "Bearer u", "Bearer u", BEARER]


def test_a_token_whose_life_is_over_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "_LIFE", 0)
    with server(lambda _: TOKEN) as realm, server(Bearer(f"{realm.url}/token")) as registry:
        places = [at(registry, "a")] * 2
        assert asyncio.run(one_after_the_other(plain(registry.address), places)) == [200, 200]
    assert len(realm.asked) > 2


TOKENS = {
    "access_token": (Reply(200, b'{"access_token": "t"}'), Outcome.THERE),
    "a life that is no number": (Reply(200, b'{"token": "t", "expires_in": "x"}'), Outcome.THERE),
    "none": (Reply(200, b"{}"), Outcome.NOT_ALLOWED),
    "no JSON": (page(), Outcome.NOT_ALLOWED),
    "deep JSON": (Reply(200, b"[" * 100_000), Outcome.NOT_ALLOWED),
    "a refusal": (Reply(403, TOKEN.body), Outcome.NOT_ALLOWED),
    "401": (Reply(401, b"{}", (BASIC,)), Outcome.NOT_ALLOWED),
    "a limit": (Reply(429), Outcome.RATE_LIMITED),
    "a failure": (Reply(503), Outcome.BROKEN),
    "one that would add a header": (Reply(200, b'{"token": "t\\r\\nX: y"}'), Outcome.NOT_ALLOWED),
    "one that is no text": (Reply(200, b'{"token": 1}'), Outcome.NOT_ALLOWED),
    "one that does not do": (Reply(200, b'{"token": "u"}'), Outcome.NOT_ALLOWED),
    "10 MB": (Reply(200, b" " * (10 << 20) + TOKEN.body), Outcome.NOT_ALLOWED),
}


@pytest.mark.parametrize("name", TOKENS)
def test_what_a_token_service_gives(name: str) -> None:
    given, outcome = TOKENS[name]
    with server(lambda _: given) as realm, server(Bearer(f"{realm.url}/token")) as registry:
        found = answer(registry.address, plain(registry.address))
    assert found.outcome is outcome, found


def test_a_password_buys_a_token() -> None:
    with server(lambda _: TOKEN) as realm, server(Bearer(f"{realm.url}/token")) as registry:
        settings = plain(registry.address, realm.address)._replace(credentials=Keeper(registry.address))
        assert answer(registry.address, settings).outcome is Outcome.THERE
    assert [(asked.method, asked.token) for asked in realm.asked] == [("GET", ALICE.basic)]
    assert [asked.token for asked in registry.asked] == ["", BEARER]


def test_an_identity_token_buys_a_token() -> None:
    given = Reply(200, b'{"access_token": "t"}')
    with server(lambda _: given) as realm, server(Bearer(f"{realm.url}/token")) as registry:
        settings = plain(registry.address, realm.address)._replace(credentials=Keeper(registry.address, IDENTITY))
        assert answer(registry.address, settings).outcome is Outcome.THERE
    assert [(asked.method, asked.path, asked.token) for asked in realm.asked] == [("POST", "/token", "")]
    assert parse_qs(realm.asked[0].body) == {
        "grant_type": ["refresh_token"],
        "service": ["s"],
        "scope": ["repository:acme/app:pull"],
        "client_id": ["kubectl-tcr"],
        "refresh_token": [SECRET],
    }


# What must not be told to a stranger that a registry, its realm or a redirect names.
SECRETS = (SECRET, ALICE.basic.removeprefix("Basic "))


def told(asked: list[Asked]) -> bool:
    return any(secret in str(one) for one in asked for secret in (*SECRETS, BEARER))


@pytest.mark.parametrize("credential", [ALICE, IDENTITY], ids=["a password", "an identity token"])
def test_a_realm_without_tls_that_nobody_allowed_gets_no_credentials(credential: Credential) -> None:
    with server(lambda _: TOKEN) as realm, server(Bearer(f"{realm.url}/token")) as registry:
        settings = plain(registry.address)._replace(credentials=Keeper(registry.address, credential))
        found = answer(registry.address, settings)
    assert found.words == f"sends for a token to {realm.url}, which has no TLS and was not asked"
    assert realm.asked == []


# Realms that name an allowed host where it is none, or no host at all.
DECEPTIVE = [
    "http://ALLOWED@EVIL/",
    "http://ALLOWED:x@EVIL/",
    r"http://EVIL\@ALLOWED/",
    "http://EVIL#@ALLOWED",
    "http:EVIL/",
    "//EVIL",
    "ftp://EVIL/",
    "file:///etc/passwd",
    "http://[::1",
    "http://",
    "EVIL",
    "",
]


@pytest.mark.parametrize("realm", DECEPTIVE)
def test_a_realm_that_looks_like_another_gets_nothing(realm: str) -> None:
    with server(lambda _: TOKEN) as evil, server(Bearer("")) as registry:
        named = realm.replace("EVIL", evil.address).replace("ALLOWED", registry.address)
        with server(Bearer(named)) as asked:
            settings = plain(registry.address, asked.address)._replace(credentials=Keeper(asked.address))
            found = answer(asked.address, settings)
    assert found.outcome in (Outcome.NOT_ALLOWED, Outcome.UNREACHABLE, Outcome.BROKEN)
    assert not told(evil.asked)


STATUSES = [301, 302, 303, 307, 308]


@pytest.mark.parametrize("status", STATUSES)
def test_a_password_does_not_follow_a_redirect_to_another_host(status: int) -> None:
    with server(lambda _: served()) as stranger:

        def answers(asked: Asked) -> Reply:
            return redirect(f"{stranger.url}/there", status) if asked.token else basic(asked)

        with server(answers) as registry:
            settings = plain(registry.address)._replace(credentials=Keeper(registry.address))
            assert answer(registry.address, settings).outcome is Outcome.THERE
    assert [asked.path for asked in stranger.asked] == ["/there"]
    assert not told(stranger.asked)


@pytest.mark.parametrize("status", STATUSES)
def test_a_token_does_not_follow_a_redirect_to_another_host_and_stays_on_its_own(status: int) -> None:
    with server(lambda _: served()) as stranger, server(lambda _: TOKEN) as realm:

        def answers(asked: Asked) -> Reply:
            if asked.token != BEARER:
                return Bearer(f"{realm.url}/token")(asked)
            return redirect(f"{stranger.url}/there" if "moved" in asked.path else "/moved", status)

        with server(answers) as registry:
            assert answer(registry.address, plain(registry.address)).outcome is Outcome.THERE
    assert [asked.token for asked in registry.asked] == ["", BEARER, BEARER]
    assert [asked.path for asked in stranger.asked] == ["/there"]
    assert not told(stranger.asked)


@pytest.mark.parametrize("credential", [ALICE, IDENTITY], ids=["a password", "an identity token"])
@pytest.mark.parametrize("status", STATUSES)
def test_a_realm_does_not_hand_a_credential_on(status: int, credential: Credential) -> None:
    with (
        server(lambda _: TOKEN) as stranger,
        server(lambda _: redirect(f"{stranger.url}/there", status)) as realm,
        server(Bearer(f"{realm.url}/token")) as registry,
    ):
        hosts = (registry.address, realm.address, stranger.address)
        settings = plain(*hosts)._replace(credentials=Keeper(registry.address, credential))
        answer(registry.address, settings)
    assert realm.asked
    assert not told(stranger.asked)


def test_a_challenge_behind_a_redirect_is_not_the_registrys() -> None:
    with server(basic) as stranger, server(lambda _: redirect(f"{stranger.url}/there")) as registry:
        settings = plain(registry.address, stranger.address)._replace(credentials=Keeper(registry.address))
        assert answer(registry.address, settings).outcome is Outcome.NOT_ALLOWED
    assert not told([*stranger.asked, *registry.asked])


# Registries that fail in every way that could bring a secret into words.
TALKATIVE: dict[str, Answers] = {
    "a refusal": lambda asked: Reply(403, asked.token.encode()) if asked.token else basic(asked),
    "a redirect with what was said": lambda asked: redirect(f"ftp://{asked.token}/") if asked.token else basic(asked),
    "a media type": lambda asked: served(media_type=f"x/{len(asked.token)}") if asked.token else basic(asked),
}


@pytest.mark.parametrize("name", TALKATIVE)
def test_no_secret_is_in_any_words(name: str) -> None:
    with server(TALKATIVE[name]) as registry:
        settings = plain(registry.address)._replace(credentials=Keeper(registry.address))
        found = answer(registry.address, settings)
    assert found.outcome is not Outcome.THERE
    assert not [secret for secret in SECRETS if secret in repr((found, settings))]


def test_a_token_for_each_repository() -> None:
    with server(lambda _: TOKEN) as realm, server(Bearer(f"{realm.url}/token")) as registry:
        ask([Question(registry.address, path, "1") for path in ("a", "b/c")], plain(registry.address))
    scopes = [parse_qs(urlsplit(asked.path).query)["scope"] for asked in realm.asked]
    assert sorted(scopes) == [["repository:a:pull"], ["repository:b/c:pull"]]


def test_a_realm_that_gives_strangers_no_token_is_told_with_what_kept_a_name_from_being_given() -> None:
    with server(lambda _: Reply(401, b"{}", (BASIC,))) as realm, server(Bearer(f"{realm.url}/token")) as registry:
        keeper = Keeper(registry.address, None, "no helper")
        found = answer(registry.address, plain(registry.address)._replace(credentials=keeper))
    told = f"it sends for a token to {realm.url}, which gives none (HTTP 401)"
    words = f"does not allow acme/app:1 without credentials, and no helper: {told}"
    assert found == Answer(Outcome.NOT_ALLOWED, words)
