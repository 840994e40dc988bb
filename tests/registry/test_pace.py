"""How often servers are asked that want pauses, fail, or are not there."""

import asyncio
import contextlib
import math
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from kubectl_tcr.registry import pace, transport
from kubectl_tcr.registry.asking import ask
from kubectl_tcr.registry.question import Answer, Outcome, Question, Settings
from kubectl_tcr.registry.reply import Reply as Heard

from .servers import Asked, Reply, served, server

SETTINGS = Settings(proxies=False, patience=10, patience_for_all=60, pause=0.01, longest_pause=2, retries=2)


def settings(host: str, **more: object) -> Settings:
    return SETTINGS._replace(plain_http=frozenset([host]), **more)  # type: ignore[arg-type]


def images(host: str, count: int) -> list[Question]:
    return [Question(host, f"acme/app{number}", "1") for number in range(count)]


def outcomes(answers: dict[Question, Answer]) -> Counter[Outcome]:
    return Counter(answer.outcome for answer in answers.values())


class Failing:
    """A registry that answers so for a while, by paths, and then serves."""

    def __init__(self, reply: Reply, times: int, only: str = "") -> None:
        self.reply, self.left, self.only = reply, times, only
        self.lock = threading.Lock()

    def __call__(self, asked: Asked) -> Reply:
        with self.lock:
            fails = self.only in asked.path and self.left > 0
            self.left -= fails
        if fails and not self.reply.status:
            raise ConnectionAbortedError
        return self.reply if fails else served()


RESET = Reply(0)
FAILURES = {
    "429": Reply(429),
    "429 with Retry-After": Reply(429, headers=(("Retry-After", "0"),)),
    "429 with a Retry-After that is none": Reply(429, headers=(("Retry-After", "soon"),)),
    "500": Reply(500),
    "502": Reply(502),
    "503": Reply(503),
    "503 with Retry-After": Reply(503, headers=(("Retry-After", "0"),)),
    "504": Reply(504),
}


@pytest.mark.parametrize("name", FAILURES)
def test_what_fails_twice_is_asked_a_third_time(name: str) -> None:
    with server(Failing(FAILURES[name], 2)) as registry:
        answers = ask(images(registry.address, 1), settings(registry.address))
    assert outcomes(answers) == {Outcome.THERE: 1}
    assert len(registry.asked) == 3


def test_a_connection_that_breaks_off_is_made_anew() -> None:
    with server(Failing(RESET, 5)) as registry:
        answers = ask(images(registry.address, 1), settings(registry.address))
    assert outcomes(answers) == {Outcome.THERE: 1}
    assert len(registry.asked) == 6


@pytest.mark.parametrize("status", [401, 403, 404, 501])
def test_what_is_an_answer_is_not_asked_again(status: int) -> None:
    with server(lambda _: Reply(status)) as registry:
        ask(images(registry.address, 1), settings(registry.address))
    assert Counter(asked.method for asked in registry.asked)["HEAD"] == 1


@pytest.mark.parametrize("wanted", ["3", "86400", "9" * 400], ids=["seconds", "a day", "many digits"])
def test_a_server_that_wants_a_longer_pause_than_there_is_gets_no_second_question(wanted: str) -> None:
    with server(lambda _: Reply(429, headers=(("Retry-After", wanted),))) as registry:
        answers = ask(images(registry.address, 50), settings(registry.address, connections=2))
    assert outcomes(answers) == {Outcome.RATE_LIMITED: 50}
    assert len(registry.asked) <= 2


# What Retry-After says, and the seconds that it means.
WANTED = {
    "0": 0,
    " 17 ": 17,
    "": None,
    "-1": None,
    "1.5": None,
    "soon": None,
    "²": None,
    "9" * 400: math.inf,
    "Fri, 31 Dec 1999 23:59:59 GMT": 0,
    "Fri, 99 Foo 1999 23:59:59 GMT": None,
}


@pytest.mark.parametrize("text", WANTED)
def test_the_pause_that_is_wanted(text: str) -> None:
    assert pace.wanted(Heard(429, {"retry-after": text})) == WANTED[text]


def test_the_pause_that_is_wanted_until_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    assert 50 < (pace.wanted(Heard(429, {"retry-after": date})) or 0) <= 100


def test_a_limit_pauses_all_questions_to_the_host() -> None:
    times: list[float] = []

    def answers(_: Asked) -> Reply:
        times.append(time.monotonic())
        return Reply(429, headers=(("Retry-After", "1"),)) if len(times) == 2 else served()

    with server(answers) as registry:
        found = ask(images(registry.address, 6), settings(registry.address, connections=1))
    assert outcomes(found) == {Outcome.THERE: 6}
    assert len(times) == 7
    assert times[2] - times[1] >= 0.9


def test_a_limit_of_one_host_does_not_pause_another() -> None:
    limited = threading.Event()
    over = threading.Event()

    def first(_: Asked) -> Reply:
        if limited.is_set():
            return served()
        limited.set()
        return Reply(429, headers=(("Retry-After", "2"),))

    def second(_: Asked) -> Reply:
        return served() if limited.wait(10) else Reply(500)

    with server(first) as one, server(second) as two:
        questions = [*images(one.address, 1), *images(two.address, 1)]
        order: list[str] = []
        hosts = SETTINGS._replace(plain_http=frozenset([one.address, two.address]))
        ask(questions, hosts, lambda question, _: order.append(question.host))
    over.set()
    assert order == [two.address, one.address]


def test_a_host_that_always_limits_is_given_up_for_all_its_images() -> None:
    with server(lambda _: Reply(429)) as registry:
        answers = ask(images(registry.address, 2000), settings(registry.address, connections=4))
    assert outcomes(answers) == {Outcome.RATE_LIMITED: 2000}
    assert len(registry.asked) <= 4 * 3


def test_a_host_that_always_fails_is_given_up_for_all_its_images() -> None:
    with server(lambda _: Reply(500)) as registry:
        answers = ask(images(registry.address, 2000), settings(registry.address, connections=4))
    assert outcomes(answers) == {Outcome.BROKEN: 2000}
    assert len(registry.asked) <= 4 * 4


def test_a_host_that_always_breaks_off_is_given_up_for_all_its_images() -> None:
    with server(Failing(RESET, 10_000)) as registry:
        answers = ask(images(registry.address, 2000), settings(registry.address, connections=4))
    assert {answer.words for answer in answers.values()} == {"breaks off the connection"}
    assert outcomes(answers) == {Outcome.UNREACHABLE: 2000}
    assert len(registry.asked) <= 2 * 4 * 4


def test_an_image_that_always_fails_does_not_take_the_others_with_it() -> None:
    with server(Failing(Reply(500), 100, "app3/")) as registry:
        answers = ask(images(registry.address, 40), settings(registry.address))
    assert outcomes(answers) == {Outcome.THERE: 39, Outcome.BROKEN: 1}
    assert len(registry.asked) == 39 + 3


def test_an_image_that_is_always_limited_does_not_take_the_others_with_it() -> None:
    with server(Failing(Reply(429), 100, "app3/")) as registry:
        answers = ask(images(registry.address, 40), settings(registry.address, connections=2))
    assert outcomes(answers)[Outcome.THERE] >= 39


@pytest.mark.parametrize("host", ["tcr-images.invalid", "127.0.0.1:1"], ids=["no such name", "nobody there"])
def test_a_host_that_is_not_there_is_given_up_for_all_its_images(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    look_up: Callable[..., object] = socket.getaddrinfo

    def counted(*names: object, **more: object) -> object:
        asked.append(names)
        return look_up(*names, **more)

    monkeypatch.setattr(socket, "getaddrinfo", counted)
    answers = ask(images(host, 2000), settings("none", connections=4))
    assert outcomes(answers) == {Outcome.UNREACHABLE: 2000}
    assert len(asked) <= 4


def test_a_host_that_hangs_is_given_up_for_all_its_images() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        answers = ask(images(host, 500), settings(host, connections=4, patience=0.3))
    assert {answer.words for answer in answers.values()} == {"does not answer within 0.3 seconds"}


def test_all_together_have_a_time() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent, server(lambda _: served()) as registry:
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        hosts = settings(host, patience_for_all=2.0)._replace(plain_http=frozenset([host, registry.address]))
        questions = [*images(host, 20), *images(registry.address, 20)]
        heard: list[Question] = []
        answers = ask(questions, hosts, lambda question, _: heard.append(question))
    assert outcomes(answers) == {Outcome.UNREACHABLE: 20, Outcome.THERE: 20}
    words = "was not asked in time: all questions together have 2 seconds"
    assert {answers[question].words for question in questions[:20]} == {words}
    assert sorted(heard) == sorted(questions)


def test_some_questions_are_asked_at_once_and_no_more_than_there_are_connections() -> None:
    lock = threading.Lock()
    together = threading.Barrier(3)
    now = most = 0

    def answers(_: Asked) -> Reply:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        together.wait(20)
        with lock:
            now -= 1
        return served()

    with server(answers) as registry:
        found = ask(images(registry.address, 30), settings(registry.address, connections=3))
    assert (most, outcomes(found)) == (3, {Outcome.THERE: 30})


def test_a_look_up_that_hangs_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    look_up: Callable[..., object] = socket.getaddrinfo

    def hanging(host: object, *rest: object, **more: object) -> object:
        if host == "slow.invalid":
            over.wait(60)
        return look_up(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    with server(lambda _: served()) as registry:
        questions = [*images("slow.invalid", 20), *images(registry.address, 20)]
        answers = ask(questions, settings(registry.address, patience=0.5))
    over.set()
    assert outcomes(answers) == {Outcome.UNREACHABLE: 20, Outcome.THERE: 20}


def test_connections_are_kept_to_so_many_servers_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_POOLS", 2)
    with contextlib.ExitStack() as running:
        servers = [running.enter_context(server(lambda _: served())) for _ in range(6)]
        hosts = frozenset(one.address for one in servers)

        async def asked() -> tuple[list[int], int]:
            async with transport.Transport(SETTINGS._replace(plain_http=hosts)) as client:
                statuses = [(await client.ask("GET", f"{one.url}/v2/", {})).status for one in [*servers, *servers]]
                return statuses, len(client._clients)

        assert asyncio.run(asked()) == ([200] * 12, 2)
