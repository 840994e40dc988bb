"""What the answers of registries mean for an image: whether it can be pulled, in a word and in words."""

from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from kubectl_tcr.inventory.image import Image

if TYPE_CHECKING:  # see inventory/image.py
    from kubectl_tcr.registry.question import Answer


class Grade(Enum):
    """What the answers do to the exit status."""

    UNASKED = auto()
    GOOD = auto()
    BAD = auto()  # it cannot be pulled, or is another image than that of the source
    UNKNOWN = auto()


class Verdict(NamedTuple):
    """What is to be said of an image that registries were asked for."""

    grade: Grade
    word: str = ""
    details: str = ""
    is_missing: bool = False  # a copy would mend it


# By the value of the outcome.
_WORDS = {
    "there": (Grade.GOOD, "there"),
    "missing": (Grade.BAD, "missing"),
    "other-platform": (Grade.BAD, "other platform"),
    "mismatch": (Grade.BAD, "wrong digest"),
    "not-allowed": (Grade.UNKNOWN, "not allowed"),
    "rate-limited": (Grade.UNKNOWN, "rate limited"),
    "unreachable": (Grade.UNKNOWN, "unreachable"),
    "not-a-registry": (Grade.UNKNOWN, "no registry"),
    "broken": (Grade.UNKNOWN, "not known"),
}


def verdict(image: Image) -> Verdict:
    """The verdict on an image: on what its mirror has, and on how that compares with its source."""
    mirror, source = image.mirror, image.source
    if mirror is None:
        return _of_source(source) if source else Verdict(Grade.UNASKED)
    grade, word = _WORDS[mirror.outcome.value]
    if grade is not Grade.GOOD or source is None:
        return Verdict(grade, word, mirror.words, is_missing=grade is Grade.BAD)
    return _compared(mirror, source)


def _of_source(source: "Answer") -> Verdict:
    """The verdict on an image without a mirror: it is pulled from its source."""
    grade, word = _WORDS[source.outcome.value]
    return Verdict(grade, f"{word} at source", source.words)


def _compared(mirror: "Answer", source: "Answer") -> Verdict:
    """The verdict on what a mirror has, beside what its source has."""
    grade, word = _WORDS[source.outcome.value]
    if grade is Grade.UNKNOWN:
        return Verdict(grade, f"source {word}", source.words)
    if grade is Grade.BAD:  # gone there: the mirror keeps what can be had nowhere else
        return Verdict(Grade.GOOD, "there", f"{mirror.words}; the source {source.words}")
    if mirror.digest == source.digest:
        return Verdict(Grade.GOOD, "same", mirror.digest)
    return Verdict(
        Grade.BAD,
        "differs",
        f"{mirror.digest} on the mirror, {source.digest} at the source: a tag that moved, or another build",
        is_missing=True,
    )
