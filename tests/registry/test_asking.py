"""What is said of an image by what its registry answers; all servers are on loopback."""

import gzip
import json
import threading

import pytest

from kubectl_tcr.errors import RegistryError
from kubectl_tcr.registry import inquiry
from kubectl_tcr.registry.access import Place
from kubectl_tcr.registry.asking import ask
from kubectl_tcr.registry.question import Answer, Outcome, Question, Settings

from .servers import (
    HTML,
    INDEX,
    MANIFEST,
    OCI_INDEX,
    OCI_MANIFEST,
    Answers,
    Asked,
    Reply,
    digest,
    page,
    redirect,
    served,
    server,
)

SETTINGS = Settings(proxies=False, patience=5, patience_for_all=20, pause=0.01, longest_pause=0.5)
APP = Question("", "acme/app", "1")
JSON = ("Content-Type", "application/json")


def settings(*hosts: str) -> Settings:
    return SETTINGS._replace(plain_http=frozenset(hosts))


def test_one_image() -> None:
    with server(lambda _: served()) as registry:
        question = Question(registry.address, "acme/app", "1")
        answers = ask([question], settings(registry.address))
    assert answers == {question: Answer(Outcome.THERE, f"has acme/app:1 ({digest(INDEX)})", digest(INDEX))}
    assert registry.asked == [Asked("HEAD", "/v2/acme/app/manifests/1", "")]


def test_each_question_is_asked_once_and_answered_in_the_order_of_the_questions() -> None:
    with server(lambda asked: served() if "/b/" in asked.path else Reply(404)) as registry:
        questions = [Question(registry.address, name, "1") for name in ("a", "b", "a", "c")]
        heard: list[Question] = []
        answers = ask(questions, settings(registry.address), lambda question, _: heard.append(question))
    assert [(one.path, answer.outcome) for one, answer in answers.items()] == [
        ("a", Outcome.MISSING),
        ("b", Outcome.THERE),
        ("c", Outcome.MISSING),
    ]
    assert len(registry.asked) == len(heard) == 3


def test_a_page_is_no_registry() -> None:
    with server(lambda _: page()) as portal:
        question = Question(portal.address, "acme/app", "1")
        answer = ask([question], settings(portal.address))[question]
    words = "answers with a page, not as a registry (HTTP 200)"
    assert answer == Answer(Outcome.NOT_A_REGISTRY, words)


def test_nothing_is_asked_where_a_platform_is_unknown() -> None:
    with server(lambda _: served()) as registry, pytest.raises(RegistryError, match="is no platform"):
        ask([Question(registry.address, "a", "1")], settings(registry.address)._replace(platforms=("linux/amd46",)))
    assert registry.asked == []


def said(answers: Answers, question: Question = APP, **more: object) -> Answer:
    """What is said of an image whose registry answers so."""
    with server(answers) as registry:
        asked = question._replace(host=registry.address)
        answer = ask([asked], settings(registry.address)._replace(**more))[asked]  # type: ignore[arg-type]
        return answer._replace(words=answer.words.replace(registry.address, "HOST"))


def by_method(head: Reply, get: Reply) -> Answers:
    return lambda asked: head if asked.method == "HEAD" else get


# What a registry answers to HEAD, and to GET where HEAD does not suffice, that has the image.
SERVING = {
    "an index": (served(), Reply(500)),
    "a manifest": (served(MANIFEST, OCI_MANIFEST), Reply(500)),
    "a media type with a parameter": (served(INDEX, f"{OCI_INDEX}; charset=utf-8"), Reply(500)),
    "no digest": (served(said=""), served(said="")),
    "no digest to HEAD": (served(said=""), served()),
    "no media type to HEAD": (served(media_type=""), served()),
    "no HEAD": (Reply(405), served()),
    "no HEAD, which is unknown": (Reply(501), served()),
    "a page to HEAD only": (page(), served()),
    "identity as encoding": (Reply(405), served(INDEX, OCI_INDEX, ("Content-Encoding", "identity"))),
    "no length": (Reply(405), served()._replace(length=-1)),
}


@pytest.mark.parametrize("name", SERVING)
def test_a_registry_that_has_the_image(name: str) -> None:
    answer = said(by_method(*SERVING[name]))
    assert answer.outcome is Outcome.THERE, answer
    assert answer.words == f"has acme/app:1 ({answer.digest})"


DIGEST = digest(INDEX)
BY_DIGEST = Question("", "acme/app", "1", DIGEST)
# What a registry answers to HEAD and to GET that is asked for a digest.
BY_DIGESTS = {
    "the digest": (served(), Reply(500), Outcome.THERE),
    "another to HEAD": (served(MANIFEST, OCI_MANIFEST), Reply(500), Outcome.MISMATCH),
    "none to HEAD, and the manifest": (served(said=""), served(said=""), Outcome.THERE),
    "none to HEAD, and another manifest": (served(said=""), served(MANIFEST, OCI_MANIFEST, said=""), Outcome.MISMATCH),
    "none to HEAD, and the wrong one to GET": (served(said=""), served(said=digest(MANIFEST)), Outcome.MISMATCH),
    "another to GET that says it is that one": (
        Reply(405),
        served(MANIFEST, OCI_MANIFEST, said=DIGEST),
        Outcome.MISMATCH,
    ),
}


@pytest.mark.parametrize("name", BY_DIGESTS)
def test_the_digest_must_be_the_one_that_was_asked_for(name: str) -> None:
    head, get, outcome = BY_DIGESTS[name]
    answer = said(by_method(head, get), BY_DIGEST)
    assert answer.outcome is outcome, answer
    assert answer.digest == (DIGEST if outcome is Outcome.THERE else "")


def test_a_digest_of_another_algorithm_is_computed() -> None:
    name = digest(INDEX, "sha512")
    question = BY_DIGEST._replace(digest=name)
    assert said(by_method(served(), served()), question).digest == name
    other = said(by_method(served(), served(MANIFEST, OCI_MANIFEST)), question)
    assert other.outcome is Outcome.MISMATCH


def manifest(**values: object) -> Reply:
    return served(json.dumps({"schemaVersion": 2, **values}).encode())


def challenge(status: int = 401) -> Reply:
    return Reply(status, b'{"errors": []}', (JSON, ("WWW-Authenticate", 'Basic realm="x"')))


# What a registry answers to HEAD and GET that has no such image, and what is said of it.
FAILING = {
    "404": (Reply(404), Outcome.MISSING, "does not have acme/app:1 (HTTP 404)"),
    "401": (Reply(401), Outcome.NOT_ALLOWED, "does not allow acme/app:1 without credentials (HTTP 401)"),
    "401 with Basic": (challenge(), Outcome.NOT_ALLOWED, "does not allow acme/app:1 without credentials (HTTP 401)"),
    "403": (Reply(403), Outcome.NOT_ALLOWED, "does not allow acme/app:1 without credentials (HTTP 403)"),
    "429": (Reply(429), Outcome.RATE_LIMITED, "limits how often it is asked (HTTP 429); try again later"),
    "500": (Reply(500), Outcome.BROKEN, "fails (HTTP 500)"),
    "503": (Reply(503), Outcome.BROKEN, "fails (HTTP 503)"),
    "204": (Reply(204), Outcome.BROKEN, "fails (HTTP 204)"),
    "418": (Reply(418), Outcome.BROKEN, "fails (HTTP 418)"),
    "a page": (page(), Outcome.NOT_A_REGISTRY, "answers with a page, not as a registry (HTTP 200)"),
    "a page that says it is a manifest": (
        served(HTML, said=""),
        Outcome.NOT_A_REGISTRY,
        "answers with a page, not as a registry (HTTP 200)",
    ),
    "404 with a page": (page(404), Outcome.NOT_A_REGISTRY, "answers with a page, not as a registry (HTTP 404)"),
    "a redirect to itself": (redirect("?again"), Outcome.UNREACHABLE, "redirects without an end"),
    "a redirect to nowhere": (Reply(302), Outcome.BROKEN, "fails (HTTP 302)"),
    "a redirect to a file": (redirect("file:///etc/hostname"), Outcome.UNREACHABLE, "redirects to what is no address"),
    "a redirect to half an address": (redirect("http://[::1"), Outcome.UNREACHABLE, "redirects to what is no address"),
    "a redirect to a port beyond all": (
        redirect("http://127.0.0.1:99999/"),
        Outcome.UNREACHABLE,
        "redirects to what is no address",
    ),
    "another media type": (
        served(INDEX, "application/json"),
        Outcome.BROKEN,
        "sends what is no manifest, its media type is application/json",
    ),
    "no media type": (Reply(200, INDEX), Outcome.BROKEN, "sends what is no manifest, its media type is not said"),
    "a digest that is none": (served(said="sha256:1"), Outcome.BROKEN, "its Docker-Content-Digest is no digest"),
    "no JSON": (served(b"[[[", said=""), Outcome.BROKEN, "no manifest, it is no JSON object"),
    "JSON that is deep": (served(b"[" * 100_000, said=""), Outcome.BROKEN, "no manifest, it is no JSON object"),
    "an empty body": (served(b"", said=""), Outcome.BROKEN, "no manifest, it is no JSON object"),
    "an error that says 200": (served(b'{"errors": []}', said=""), Outcome.BROKEN, "it lacks what a manifest has"),
    "a manifest that says it is an index": (
        served(MANIFEST, said=""),
        Outcome.BROKEN,
        "it lacks what a manifest has",
    ),
    "a body of another media type": (
        served(json.dumps({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "manifests": []}).encode(), said=""),
        Outcome.BROKEN,
        "it says another media type than its header",
    ),
    "a body that ends too early": (
        served(said="")._replace(length=len(INDEX) + 9),
        Outcome.UNREACHABLE,
        "breaks off the connection",
    ),
    "10 MB of body": (served(b" " * (10 << 20), said=""), Outcome.BROKEN, "it is larger than 4 MiB"),
    "10 MB of headers": (
        Reply(404, headers=tuple((f"X-{number}", "x" * 10_000) for number in range(1000))),
        Outcome.UNREACHABLE,
        "does not speak HTTP as it should: Receive buffer too long",
    ),
    "a body that is packed": (
        served(gzip.compress(b"0" * (100 << 20)), OCI_INDEX, ("Content-Encoding", "gzip"), said=""),
        Outcome.BROKEN,
        "it comes encoded",
    ),
    "a redirect whose body is packed": (
        redirect("?again")._replace(body=gzip.compress(b"0" * (100 << 20))),
        Outcome.UNREACHABLE,
        "redirects without an end",
    ),
    "a body that is not the one it says": (
        served(said=digest(b"other")),
        Outcome.MISMATCH,
        "sends a manifest for acme/app:1 whose digest is not that of its own header",
    ),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_registry_that_does_not_have_the_image(name: str) -> None:
    reply, outcome, words = FAILING[name]
    # By its tag, so that HEAD with a digest would do; such a one says nothing of its body.
    head = Reply(405) if reply.status == 200 else reply
    answer = said(by_method(head, reply), retries=1)
    assert answer.outcome is outcome, answer
    assert words in answer.words
    assert answer.words.isprintable()
    assert answer.digest == ""


def test_404_with_a_page_is_missing_where_the_api_is_a_registrys() -> None:
    api = Reply(401, b"{}", (JSON, ("WWW-Authenticate", 'Bearer realm="https://t"')))
    answer = said(lambda asked: api if asked.path == "/v2/" else page(404))
    assert answer.outcome is Outcome.MISSING


HUB = ["docker.io", "index.docker.io", "registry-1.docker.io"]


@pytest.mark.parametrize("host", HUB)
def test_docker_hub_is_asked_where_its_api_is(host: str) -> None:
    place = inquiry.place(Question(host, "nginx", "1"), frozenset())
    assert place == Place(
        "docker.io", "https://registry-1.docker.io", "https://registry-1.docker.io/v2", "library/nginx"
    )


# Hosts as they are written, and whom they are asked as.
ORIGINS = {
    "quay.io": "https://quay.io",
    "Quay.IO:443": "https://quay.io",
    "quay.io:5000": "https://quay.io:5000",
    "plain.io:80": "http://plain.io",
    "[::1]:5000": "https://[::1]:5000",
}


@pytest.mark.parametrize("host", ORIGINS)
def test_a_host_is_asked_as_the_one_that_its_replies_name(host: str) -> None:
    place = inquiry.place(Question(host, "nginx", "1"), frozenset(["plain.io:80"]))
    assert place == Place(host, ORIGINS[host], f"{ORIGINS[host]}/v2", "nginx")


UNREACHABLE = {
    "nobody there": ("127.0.0.1:1", "refuses the connection"),
    "nobody there by IPv6": ("[::1]:1", ""),
    "no such name": ("tcr-images.invalid", "is not found by its name"),
    "half an address": ("[::1", "is no address that can be asked"),
    "a label that is too long": (f"{'a' * 70}.example", ""),
    "a port beyond all": ("127.0.0.1:99999", "is no address that can be asked"),
}


@pytest.mark.parametrize("name", UNREACHABLE)
def test_a_host_that_cannot_be_reached(name: str) -> None:
    host, words = UNREACHABLE[name]
    question = Question(host, "a", "1")
    answer = ask([question], settings(host))[question]
    assert answer.outcome is Outcome.UNREACHABLE, answer
    assert answer.words.startswith(words)


# What an image is for, as its index or its configuration says it, and what it is asked for.
PLATFORMS = {
    "one of an index": (["linux/amd64", "linux/arm64"], ["linux/arm64"], Outcome.THERE),
    "all of an index": (["linux/amd64", "linux/arm64/v8"], ["linux/arm64", "linux/amd64"], Outcome.THERE),
    "a lower variant": (["linux/arm/v6"], ["linux/arm/v7"], Outcome.THERE),
    "another platform": (["linux/amd64"], ["linux/arm64"], Outcome.OTHER_PLATFORM),
    "one of two": (["linux/amd64"], ["linux/amd64", "linux/arm64"], Outcome.OTHER_PLATFORM),
    "attestations only": (["unknown/unknown"], ["linux/amd64"], Outcome.OTHER_PLATFORM),
    "nothing": ([], ["linux/amd64"], Outcome.OTHER_PLATFORM),
}


def said_platform(text: str) -> dict[str, str]:
    return dict(zip(("os", "architecture", "variant"), text.split("/"), strict=False))


@pytest.mark.parametrize("name", PLATFORMS)
def test_platforms_of_an_index(name: str) -> None:
    has, wanted, outcome = PLATFORMS[name]
    index = manifest(manifests=[{"digest": DIGEST, "platform": said_platform(one)} for one in has])
    answer = said(lambda _: index, platforms=tuple(wanted))
    assert answer.outcome is outcome, answer
    assert answer.digest == digest(index.body)
    if outcome is Outcome.OTHER_PLATFORM and has == ["linux/amd64"]:
        assert answer.words == "has acme/app:1, but not for linux/arm64; it has linux/amd64"


def single(config: bytes, name: str | None = None) -> Answers:
    """A registry that has an image without an index."""
    body = json.dumps({"schemaVersion": 2, "config": {"digest": name or digest(config)}, "layers": []}).encode()

    def answers(asked: Asked) -> Reply:
        return Reply(200, config) if "/blobs/" in asked.path else served(body, OCI_MANIFEST)

    return answers


CONFIG = b'{"os": "linux", "architecture": "amd64"}'
SINGLES = {
    "its platform": (single(CONFIG), Outcome.THERE, "has acme/app:1"),
    "another platform": (single(CONFIG.replace(b"amd64", b"arm64")), Outcome.OTHER_PLATFORM, "it has linux/arm64"),
    "no platform, as charts": (single(b"{}"), Outcome.OTHER_PLATFORM, "it says none"),
    "no JSON": (single(b"x"), Outcome.OTHER_PLATFORM, "it says none"),
    "a configuration without digest": (single(CONFIG, "x"), Outcome.OTHER_PLATFORM, "it says none"),
    "another configuration": (single(CONFIG, DIGEST), Outcome.MISMATCH, "whose digest is another"),
    "a configuration without end": (single(b" " * (5 << 20)), Outcome.BROKEN, "it is larger than 4 MiB"),
}


@pytest.mark.parametrize("name", SINGLES)
def test_the_platform_of_a_single_image_is_in_its_configuration(name: str) -> None:
    answers, outcome, words = SINGLES[name]
    answer = said(answers, platforms=("linux/amd64",))
    assert answer.outcome is outcome, answer
    assert words in answer.words


def test_a_configuration_may_lie_on_another_host() -> None:
    with server(lambda _: Reply(200, CONFIG)) as store:
        own = single(CONFIG)

        def answers(asked: Asked) -> Reply:
            return redirect(f"{store.url}/blob?key=1") if "/blobs/" in asked.path else own(asked)

        assert said(answers, platforms=("linux/amd64",)).outcome is Outcome.THERE
    assert [asked.path for asked in store.asked] == ["/blob?key=1"]


def test_words_of_a_server_obey_nothing_and_have_an_end() -> None:
    answer = said(lambda _: served(INDEX, "a/b\x1b[31m" + "x" * 5000, said=""))
    assert answer.words.isprintable()
    assert len(answer.words) <= 300


def test_what_hears_an_answer_may_end_the_questions() -> None:
    """Nothing is asked any more, in a loop that nobody waits for."""

    def first(*_: object) -> None:
        raise KeyboardInterrupt

    with server(lambda _: served()) as registry:
        questions = [Question(registry.address, f"app{number}", "1") for number in range(500)]
        with pytest.raises(KeyboardInterrupt):
            ask(questions, settings(registry.address)._replace(connections=1), first)
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and "_run" in thread.name:
                thread.join(10)
    assert len(registry.asked) < 500


def indexed(config: bytes, count: int = 1) -> Answers:
    """A registry that has an image in an index, so many times, which says no platform of it."""
    inner = single(config)
    image = json.dumps({"schemaVersion": 2, "config": {"digest": digest(config)}, "layers": []}).encode()
    index = manifest(manifests=[{"digest": digest(image)}] * count)
    return lambda asked: index if asked.path.endswith("/1") else inner(asked)


def test_an_index_that_says_no_platform_is_looked_into() -> None:
    assert said(indexed(CONFIG), platforms=("linux/amd64",)).outcome is Outcome.THERE
    other = said(indexed(CONFIG), platforms=("linux/arm64",))
    assert other.words == "has acme/app:1, but not for linux/arm64; it has linux/amd64"


def test_an_index_is_not_looked_into_for_ever() -> None:
    with server(indexed(CONFIG, 5000)) as registry:
        question = Question(registry.address, "acme/app", "1")
        answer = ask([question], settings(registry.address)._replace(platforms=("linux/arm64",)))[question]
    assert answer.outcome is Outcome.OTHER_PLATFORM
    assert len(registry.asked) == 1 + 2 * 8


def test_an_image_of_an_index_that_is_not_there_is_told() -> None:
    index = manifest(manifests=[{"digest": DIGEST}])
    answer = said(lambda asked: index if asked.path.endswith("/1") else Reply(404), platforms=("linux/amd64",))
    assert answer == Answer(Outcome.MISSING, "does not have an image of acme/app:1 (HTTP 404)")
