"""What the answers of a mirror and of a source say together."""

import pytest

from kubectl_tcr.inventory.image import Image, Standing
from kubectl_tcr.inventory.run import status
from kubectl_tcr.inventory.verdict import verdict
from kubectl_tcr.registry.question import Answer, Outcome

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64
MISSING = Answer(Outcome.MISSING, "does not have a/b:1 (HTTP 404)")
THERE, MOVED = Answer(Outcome.THERE, "has a/b:1", A), Answer(Outcome.THERE, "has a/b:1", B)
LIMITED = Answer(Outcome.RATE_LIMITED, "limits how often it is asked (HTTP 429)")
OTHER = Answer(Outcome.OTHER_PLATFORM, "has a/b:1, but not for linux/arm64", A)


def image(mirror: Answer | None, source: Answer | None, standing: Standing = Standing.MAPPED) -> Image:
    mirrored = "m.x/a/b:1" if standing is Standing.MAPPED else ""
    return Image("quay.io/a/b:1", mirrored, standing, "", 1, mirror=mirror, source=source)


# The answers of mirror and source, what is said of them, the status, and whether it is to be copied.
SAID = [
    pytest.param(None, None, "", 0, False, id="nothing was asked"),
    pytest.param(THERE, None, "there", 0, False, id="the mirror has it"),
    pytest.param(THERE, THERE, "same", 0, False, id="both have the same"),
    pytest.param(THERE, MISSING, "there", 0, False, id="only the mirror has it"),
    pytest.param(THERE, MOVED, "differs", 1, True, id="they have different ones"),
    pytest.param(THERE, LIMITED, "source rate limited", 2, False, id="the source does not say"),
    pytest.param(MISSING, None, "missing", 1, True, id="the mirror lacks it"),
    pytest.param(MISSING, LIMITED, "missing", 1, True, id="the mirror lacks it, and the source does not say"),
    pytest.param(MISSING, MISSING, "gone", 1, False, id="nobody has it"),
    pytest.param(OTHER, THERE, "other platform", 1, True, id="the mirror has it for others"),
    pytest.param(LIMITED, THERE, "rate limited", 2, False, id="the mirror does not say"),
    pytest.param(None, MISSING, "missing at source", 1, False, id="no mirror, and the source lacks it"),
    pytest.param(None, LIMITED, "rate limited at source", 2, False, id="no mirror, and the source does not say"),
]


@pytest.mark.parametrize(("mirror", "source", "word", "expected", "is_missing"), SAID)
def test_answers_are_said_in_a_word(
    mirror: Answer | None, source: Answer | None, word: str, expected: int, is_missing: bool
) -> None:
    one = image(mirror, source, Standing.MAPPED if mirror else Standing.UNMAPPED)
    found = verdict(one)
    assert (found.word, status([one]), found.is_missing) == (word, expected, is_missing)


def test_what_is_missing_goes_before_what_is_not_known() -> None:
    assert status([image(LIMITED, None), image(MISSING, None), image(THERE, None)]) == 1


def test_what_nobody_has_is_told_of_both() -> None:
    assert verdict(image(MISSING, MISSING)).details == (
        "m.x does not have a/b:1 (HTTP 404); quay.io does not have a/b:1 (HTTP 404)"
    )
