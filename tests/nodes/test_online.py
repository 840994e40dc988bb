"""How a mirror is asked over the network, and what is said of its answers; all servers are on loopback."""

import contextlib
import gzip
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from kubectl_tcr.nodes.online import Image, Question, ask, image, questions
from kubectl_tcr.nodes.online.answers import Outcome
from kubectl_tcr.nodes.report import Asked as Row

from ..registry.servers import (
    HTML,
    INDEX,
    MANIFEST,
    OCI_INDEX,
    OCI_MANIFEST,
    Answers,
    Asked,
    Reply,
    Server,
    digest,
    page,
    served,
    server,
)

BEARER = "Bearer t"
WANTED = image("quay.io/a/b:1")
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
JSON = ("Content-Type", "application/json")
BASIC = ("WWW-Authenticate", 'Basic realm="x"')


def found(answers: Answers, wanted: Image | None = WANTED) -> tuple[Outcome, str]:
    """What is said of a mirror that answers so."""
    with server(answers) as mirror:
        verdict = ask(Question(mirror.url, f"{mirror.url}/v2", wanted))
        return verdict.outcome, verdict.words.replace(mirror.address, "MIRROR")


def by_method(head: Reply, get: Reply) -> Answers:
    return lambda asked: head if asked.method == "HEAD" else get


# What registries answer at /v2/, and what is none.
APIS = {
    "distribution": (Reply(200, b"{}", (JSON, ("Docker-Distribution-API-Version", "registry/2.0"))), True),
    "quay": (Reply(200, b"true", (("Content-Type", "text/html; charset=utf-8"),)), True),
    "an empty body": (Reply(200), True),
    "a challenge": (Reply(401, b'{"errors":[]}', (JSON, ("WWW-Authenticate", 'Bearer realm="https://t"'))), True),
    "a challenge with a page": (page(401, BASIC), True),
    "an api version with a page": (page(401, ("Docker-Distribution-API-Version", "registry/2.0")), True),
    "a page": (page(), False),
    "a page that says it is JSON": (Reply(200, HTML, (JSON,)), False),
    "a page with 401 and no challenge": (page(401), False),
    "a page with 404": (page(404), False),
    "some text": (Reply(200, b"It works!", (("Content-Type", "text/plain"),)), False),
    "404": (Reply(404, b"{}", (JSON,)), False),
    "403": (Reply(403, b"{}", (JSON,)), False),
    "503": (Reply(503), False),
}


@pytest.mark.parametrize("name", APIS)
def test_without_an_image_a_registry_is_told_from_what_is_none(name: str) -> None:
    reply, is_registry = APIS[name]
    outcome, words = found(lambda _: reply, None)
    assert (outcome is Outcome.IS_REGISTRY) == is_registry, words
    if is_registry:
        assert words == "answers as a registry"


# What a mirror answers that serves, to HEAD and to GET, and the image that it is asked for.
SERVING = {
    "an index": (served(), served(), "1"),
    "a manifest": (served(MANIFEST, OCI_MANIFEST), served(MANIFEST, OCI_MANIFEST), "1"),
    "a media type with a parameter": (served(INDEX, f"{OCI_INDEX}; charset=utf-8"), served(), "1"),
    "no digest in a header": (served(said=""), served(said=""), "1"),
    "no length in the answer to HEAD": (served()._replace(length=-1), served(), "1"),
    "another algorithm": (served(said=digest(INDEX, "sha512")), served(said=digest(INDEX, "sha512")), "1"),
    "identity as encoding": (served(), served(INDEX, OCI_INDEX, ("Content-Encoding", "identity")), "1"),
}


@pytest.mark.parametrize("name", SERVING)
def test_a_mirror_that_serves(name: str) -> None:
    head, get, _ = SERVING[name]
    outcome, words = found(by_method(head, get))
    assert outcome is Outcome.SERVES, words
    assert words.startswith("serves a/b:1 (sha")


def test_the_manifest_is_asked_for_by_the_digest_that_head_said() -> None:
    with server(lambda _: served()) as mirror:
        verdict = ask(Question("m", f"{mirror.url}/v2", WANTED))
    assert verdict == (Outcome.SERVES, f"serves a/b:1 ({digest(INDEX)})")
    assert mirror.asked == [
        Asked("HEAD", "/v2/a/b/manifests/1?ns=quay.io", ""),
        Asked("GET", f"/v2/a/b/manifests/{digest(INDEX)}?ns=quay.io", ""),
    ]


def test_an_image_by_its_digest() -> None:
    named = image(f"quay.io/a/b:1@{digest(INDEX)}")
    assert found(lambda _: served(), named) == (Outcome.SERVES, f"serves a/b@{digest(INDEX)} ({digest(INDEX)})")
    other = served(MANIFEST, OCI_MANIFEST)
    outcome, words = found(lambda _: other, named)
    assert (outcome, words.partition(":")[0]) == (
        Outcome.MISMATCH,
        "sends a manifest whose digest is not that of the reference",
    )


def manifest(**values: object) -> Reply:
    return served(json.dumps({"schemaVersion": 2, **values}).encode())


def get(reply: Reply) -> tuple[Reply, Reply]:
    """HEAD is answered as GET is, with the same description."""
    return reply, reply


# What a mirror answers to HEAD and to GET that does not serve, and what is said of it.
FAILING = {
    "404": (get(Reply(404)), Outcome.LACKS, "does not have a/b:1 (HTTP 404)"),
    "403": (get(Reply(403)), Outcome.REFUSES, "does not allow a/b:1 (HTTP 403)"),
    "401 without a challenge": (get(Reply(401)), Outcome.REFUSES, "without a user name and a password"),
    "401 with Basic": (get(Reply(401, headers=(BASIC,))), Outcome.REFUSES, "without a user name and a password"),
    "429": (get(Reply(429)), Outcome.LIMITS, "limits how often it is asked (HTTP 429)"),
    "503": (get(Reply(503)), Outcome.BROKEN, "fails (HTTP 503)"),
    "204": (get(Reply(204)), Outcome.BROKEN, "fails (HTTP 204)"),
    "a redirect to itself": (
        get(Reply(302, headers=(("Location", "?again"),))),
        Outcome.UNREACHED,
        "redirects without an end",
    ),
    "a redirect to nowhere": (get(Reply(302)), Outcome.BROKEN, "fails (HTTP 302)"),
    "a redirect to a file": (
        get(Reply(302, headers=(("Location", "file:///etc/hostname"),))),
        Outcome.UNREACHED,
        "redirects to what is no address",
    ),
    "a redirect to half an address": (
        get(Reply(302, headers=(("Location", "http://[::1"),))),
        Outcome.UNREACHED,
        "redirects to what is no address",
    ),
    "a page": (get(page()), Outcome.PAGE, "answers with a page, not as a registry (HTTP 200): pulls fail then"),
    "a page to GET only": ((served(), page()), Outcome.PAGE, "answers with a page"),
    "a page that says it is a manifest": (get(served(HTML)), Outcome.PAGE, "answers with a page"),
    "a page behind the description of a manifest": ((served(), served(HTML, said="")), Outcome.PAGE, "with a page"),
    "another media type": (
        get(served(INDEX, "application/json")),
        Outcome.BROKEN,
        "its media type is application/json",
    ),
    "no media type": (get(Reply(200, INDEX)), Outcome.BROKEN, "its media type is not said"),
    "a digest that is none": (get(served(said="sha256:1")), Outcome.BROKEN, "its Docker-Content-Digest is no digest"),
    "404 to GET only": ((served(), Reply(404)), Outcome.LACKS, "does not have a/b:1"),
    "no JSON": (get(served(b"[[[")), Outcome.BROKEN, "no manifest, it is no JSON object"),
    "JSON that is deep": (get(served(b"[" * 100_000)), Outcome.BROKEN, "no manifest, it is no JSON object"),
    "JSON that is a list": (get(served(b"[]")), Outcome.BROKEN, "no manifest, it is no JSON object"),
    "an empty body": (get(served(b"")), Outcome.BROKEN, "no manifest, it is no JSON object"),
    "an error that says 200": (get(served(b'{"errors": []}')), Outcome.BROKEN, "it lacks what a manifest has"),
    "a manifest that says it is an index": (get(served(MANIFEST)), Outcome.BROKEN, "it lacks what a manifest has"),
    "a body of another media type": (
        get(manifest(mediaType=OCI_MANIFEST, manifests=[])),
        Outcome.BROKEN,
        "it says another media type than its header",
    ),
    "a body that ends too early": (
        (served()._replace(length=len(INDEX) + 9), served()._replace(length=len(INDEX) + 9)),
        Outcome.UNREACHED,
        "breaks off the connection",
    ),
    "a body without an end": (get(served(b" " * (5 << 20))), Outcome.BROKEN, "it is larger than 4 MiB"),
    "a body that is packed": (
        get(served(gzip.compress(INDEX), OCI_INDEX, ("Content-Encoding", "gzip"))),
        Outcome.BROKEN,
        "it comes encoded",
    ),
    "another body than HEAD said": (
        (served(said=digest(b"other")), served(said="")),
        Outcome.MISMATCH,
        "digest is not that of HEAD",
    ),
    "another body than its header says": (
        (served(said=""), served(said=digest(b"other"))),
        Outcome.MISMATCH,
        "digest is not that of GET",
    ),
    "another media type than HEAD said": (
        (served(MANIFEST, OCI_MANIFEST), served(MANIFEST, DOCKER_MANIFEST)),
        Outcome.MISMATCH,
        "says another media type or size to HEAD than to GET",
    ),
    "another size than HEAD said": ((served()._replace(length=0), served()), Outcome.MISMATCH, "media type or size"),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_mirror_that_does_not_serve(name: str) -> None:
    (head, body), outcome, words = FAILING[name]
    seen = found(by_method(head, body))
    assert seen[0] is outcome, seen
    assert words in seen[1]


def test_a_connection_that_breaks_off() -> None:
    def answers(_: Asked) -> Reply:
        raise ConnectionAbortedError

    assert found(answers) == (Outcome.UNREACHED, "breaks off the connection")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


UNREACHED = {
    "nobody there": (f"http://127.0.0.1:{free_port()}", "refuses the connection"),
    "no such name": ("https://tcr-nodes.invalid", "is not found by its name"),
    "a file": ("file:///etc", "is no address that can be asked"),
    "half an address": ("http://[::1", "is no address that can be asked"),
}


@pytest.mark.parametrize("name", UNREACHED)
def test_a_mirror_that_cannot_be_reached(name: str) -> None:
    url, words = UNREACHED[name]
    verdict = ask(Question(url, url))
    assert verdict.outcome is Outcome.UNREACHED
    assert verdict.words.startswith(words)


@pytest.mark.parametrize("first", [b"HTTP/1.1 200 OK\r\nA: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_server_that_drips_does_not_hold_the_program(first: bytes) -> None:
    """Each byte comes in time, so that only the time for the whole answer ends it."""
    done = threading.Event()

    def drip() -> None:
        with listening.accept()[0] as client:
            client.sendall(first)
            with contextlib.suppress(OSError):  # the other side leaves
                while not done.wait(0.01):
                    client.sendall(b"a")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        verdict = ask(Question(url, url), seconds=0.5)
        done.set()
        thread.join()
    assert verdict == (Outcome.UNREACHED, "gives no whole answer within 0.5 seconds")


class Guarded:
    """A registry that serves those with the token `t`, and sends others to a realm."""

    def __init__(self, realm: str, scope: str = 'scope="repository:team/a/b:pull"', given: Reply | None = None) -> None:
        self.challenge = f'Bearer realm="{realm}",service=s,{scope}'
        self.given = given or Reply(200, b'{"token": "t"}', (JSON,))

    def __call__(self, asked: Asked) -> Reply:
        if asked.path.startswith("/token"):
            return self.given
        if asked.token == BEARER:
            return served()
        return Reply(401, b"{}", (JSON, BASIC, ("WWW-Authenticate", self.challenge)))


def test_a_token_is_asked_for_as_the_challenge_says() -> None:
    with server(Guarded("")) as realm, server(Guarded(f"{realm.url}/token?a=b")) as mirror:
        verdict = ask(Question("m", f"{mirror.url}/v2", WANTED))
    assert verdict.outcome is Outcome.SERVES
    scopes = "scope=repository%3Ateam%2Fa%2Fb%3Apull&scope=repository%3Aa%2Fb%3Apull"
    assert realm.asked == [Asked("GET", f"/token?a=b&service=s&{scopes}", "")]
    assert [asked.token for asked in mirror.asked] == ["", BEARER, BEARER]


TOKENS = {
    "access_token": (Reply(200, b'{"access_token": "t"}'), Outcome.SERVES),
    "none": (Reply(200, b"{}"), Outcome.REFUSES),
    "no JSON": (page(), Outcome.REFUSES),
    "a refusal": (Reply(403, b'{"token": "t"}'), Outcome.REFUSES),
    "one that would add a header": (Reply(200, b'{"token": "t\\r\\nX: y"}'), Outcome.REFUSES),
    "one that is no text": (Reply(200, b'{"token": 1}'), Outcome.REFUSES),
    "one that does not do": (Reply(200, b'{"token": "u"}'), Outcome.REFUSES),
}


@pytest.mark.parametrize("name", TOKENS)
def test_what_a_token_service_gives(name: str) -> None:
    given, outcome = TOKENS[name]
    with server(Guarded("", given=given)) as realm:
        assert found(Guarded(f"{realm.url}/token"))[0] is outcome


def test_a_realm_that_is_half_an_address_is_told() -> None:
    assert found(Guarded("http://[::1"))[1] == "sends for a token to what is no address"


def test_a_token_service_that_is_not_there_is_told_apart_from_the_mirror() -> None:
    realm = f"http://127.0.0.1:{free_port()}"
    words = f"sends for a token to {realm}, which refuses the connection"
    assert found(Guarded(f"{realm}/token")) == (Outcome.UNREACHED, words)


def test_a_token_goes_to_its_own_host_only() -> None:
    with server(lambda _: served()) as store, server(lambda _: Reply(200, b'{"token": "t"}')) as realm:

        def answers(asked: Asked) -> Reply:
            if asked.token != BEARER:
                return Guarded(f"{realm.url}/token")(asked)
            if "moved" not in asked.path:
                return Reply(307, headers=(("Location", "/moved"),))
            return Reply(307, headers=(("Location", f"{store.url}/blob"),))

        assert found(answers)[0] is Outcome.SERVES
    assert store.asked == [Asked("HEAD", "/blob", ""), Asked("GET", "/blob", "")]


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """An authority that this machine trusts."""
    made = trustme.CA()
    file = tmp_path / "ca.pem"
    made.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return made


def context(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(made)
    return made


@pytest.fixture
def mirror(authority: trustme.CA) -> Iterator[Server]:
    with server(Guarded("http://127.0.0.1:1/token"), context(authority)) as running:
        yield running


def test_a_mirror_of_https_sends_nobody_to_a_realm_without_tls(mirror: Server) -> None:
    verdict = ask(Question("m", f"{mirror.url}/v2", WANTED))
    words = "sends for a token to http://127.0.0.1:1, which has no TLS and was not asked"
    assert verdict == (Outcome.REFUSES, words)


def test_a_token_over_tls(authority: trustme.CA) -> None:
    with (
        server(Guarded(""), context(authority)) as realm,
        server(Guarded(f"{realm.url}/token"), context(authority)) as mirror,
    ):
        assert ask(Question("m", f"{mirror.url}/v2", WANTED)).outcome is Outcome.SERVES


def test_a_certificate_of_a_stranger_is_told() -> None:
    with server(lambda _: served(), context(trustme.CA())) as mirror:
        verdict = ask(Question("m", f"{mirror.url}/v2", WANTED))
    assert verdict.outcome is Outcome.UNREACHED
    assert verdict.words.startswith("has a TLS certificate that is not trusted here: ")


def test_a_certificate_for_another_name_is_told(authority: trustme.CA) -> None:
    with server(lambda _: served(), context(authority, "other.io")) as mirror:
        verdict = ask(Question("m", f"{mirror.url}/v2", WANTED))
    assert "is not valid for '127.0.0.1'" in verdict.words


def test_a_server_without_tls_is_told_from_one_that_is_not_there() -> None:
    with server(lambda _: served()) as mirror:
        verdict = ask(Question("m", f"https://{mirror.address}/v2", WANTED))
    assert verdict.outcome is Outcome.UNREACHED
    assert verdict.words.startswith("does not speak TLS as it should: ")


ROWS = (
    Row("quay.io", ("https://m.io", "https://n.io/v2/team", "https://p.io/team/"), "f"),
    Row("ghcr.io", ("https://g.io",), "f"),
    Row("_default", ("https://d.io",), "f"),
    Row("r.io/team", ("https://l.io/x",), "f", by_location=True),
    Row("r.io", ("https://k.io",), "f", by_location=True),
)

# An image, and whom it is asked of: the root of the API and the path there.
ASKED = {
    "quay.io/a/b:1": [("https://m.io/v2", "a/b"), ("https://n.io/v2/team", "a/b"), ("https://p.io/team", "a/b")],
    "ghcr.io/a/b:1": [("https://g.io/v2", "a/b")],
    "other.io/a/b:1": [("https://d.io/v2", "a/b")],
    "r.io/team/b:1": [("https://l.io/v2", "x/b")],
    "r.io/teams/b:1": [("https://k.io/v2", "teams/b")],
}


@pytest.mark.parametrize("name", ASKED)
def test_only_the_mirrors_of_the_image_are_asked(name: str) -> None:
    asked = [(one.root, one.image.path) for one in questions(ROWS, image(name)) if one.image]
    assert asked == ASKED[name]


def test_an_image_without_a_mirror_is_asked_of_none() -> None:
    assert questions(ROWS[:2], image("other.io/a/b:1")) == []


def test_without_an_image_every_mirror_is_asked_once() -> None:
    roots = [one.root for one in questions((*ROWS, *ROWS))]
    names = ("m.io/v2", "n.io/v2/team", "p.io/team", "g.io/v2", "d.io/v2", "l.io/v2", "k.io/v2")
    assert roots == [f"https://{name}" for name in names]


def test_a_mirror_that_is_half_an_address_is_asked_and_told() -> None:
    rows = [Row("quay.io", ("https://[::1",), "f"), Row("ghcr.io", ("https://[::1",), "f", by_location=True)]
    for one in questions(tuple(rows)):
        assert ask(one).words == "is no address that can be asked"
