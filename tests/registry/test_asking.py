"""What is said of an image by what its registry answers; all servers are on loopback."""

import pytest

from kubectl_tcr.errors import RegistryError
from kubectl_tcr.registry.asking import ask
from kubectl_tcr.registry.question import Answer, Outcome, Question, Settings

from .servers import INDEX, Asked, Reply, digest, page, served, server

SETTINGS = Settings(proxies=False, patience=5, patience_for_all=20, pause=0.01, longest_pause=0.5)


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
