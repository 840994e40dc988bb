"""The messages in docs/image-pull-backoff.md are those that containerd prints when a pull fails."""

from collections.abc import Callable

import pytest

from tests.conftest import ROOT

from .bed import RESIZER, TRIED, Node

Make = Callable[[str], Node]

PAGE = (ROOT / "docs" / "image-pull-backoff.md").read_text(encoding="utf-8")
SOURCE = "quay.io"
# What the registry answers, and what of the page is in the message then.
ANSWERS = {
    "404": f"{RESIZER}: not found",
    "401": "401 Unauthorized",
    "403": "403 Forbidden",
    "429": "429 Too Many Requests",
    "500": "500 Internal Server Error",
    "503": "503 Service Unavailable",
    "reset": "connection reset by peer",
    "down": "connection refused",
    "html": "unexpected media type text/html",
    "no blobs": "could not fetch content descriptor",
}
IMAGES = {
    "quay.io/acme/none:1": "quay.io/acme/none:1: not found",
    "ghcr.io/acme/none:1": "dial tcp: lookup",
    "quay.io/Acme/none:1": "invalid reference format",
    "plain.example:80/k8scsi/csi-resizer:v0.5.0": "first record does not look like a TLS handshake",
}


def test_the_page_names_every_message() -> None:
    messages = {*ANSWERS.values(), *(message.removeprefix(image) for image, message in IMAGES.items())}
    assert {message for message in messages if f"`{message.removeprefix(RESIZER)}`" not in PAGE} == set()


@pytest.mark.parametrize("release", TRIED)
def test_containerd_says_what_the_page_tells(node: Make, release: str) -> None:
    machine = node(release)
    machine.start()
    for answer, message in ANSWERS.items():
        machine.answer(SOURCE, answer)
        assert message in machine.pull().stderr, answer
    machine.answer(SOURCE, "image")
    for image, message in IMAGES.items():
        assert message in machine.again(image).stderr.replace('\\"', '"'), image


@pytest.mark.parametrize("release", TRIED)
def test_who_gives_no_name_is_refused_in_one_of_these_words(node: Make, release: str) -> None:
    machine = node(release)
    machine.start()
    machine.answer(SOURCE, "basic")
    said = machine.pull().stderr
    words = ("401 Unauthorized", "no basic auth credentials", "pull access denied")
    assert all(f"`{each}`" in PAGE for each in words)
    assert any(each in said for each in words), said
