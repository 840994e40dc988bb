"""What the answers of registries mean for an image: whether it can be pulled, in a word and in words."""

from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from kubectl_tcr.inventory.image import Image, canonical

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
    host: str = ""
    is_missing: bool = False  # a copy would mend it


_MISSING = "missing"
# By the value of the outcome.
_WORDS = {
    "there": (Grade.GOOD, "there"),
    _MISSING: (Grade.BAD, "missing"),
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
        return _of_source(image, source) if source else Verdict(Grade.UNASKED)
    grade, word = _WORDS[mirror.outcome.value]
    if grade is Grade.GOOD and source:
        return _compared(image, mirror, source)
    found = _said(grade, word, image.pulled, mirror)._replace(is_missing=grade is Grade.BAD)
    is_gone = found.is_missing and source and source.outcome.value == _MISSING
    return _gone(image, found, source) if is_gone and source else found


def _gone(image: Image, found: Verdict, source: "Answer") -> Verdict:
    """The verdict on what neither its mirror has nor its source, from which it could be copied."""
    return _with_source(found, image, source)._replace(word="gone", is_missing=False)


def _of_source(image: Image, source: "Answer") -> Verdict:
    """The verdict on an image without a mirror: it is pulled from its source."""
    grade, word = _WORDS[source.outcome.value]
    return _said(grade, f"{word} at source", image.reference, source)


def _compared(image: Image, mirror: "Answer", source: "Answer") -> Verdict:
    """The verdict on what a mirror has, beside what its source has."""
    grade, word = _WORDS[source.outcome.value]
    there = _said(Grade.GOOD, "there", image.pulled, mirror)
    if grade is Grade.UNKNOWN:
        return _said(grade, f"source {word}", image.reference, source)
    if grade is Grade.BAD:  # gone there: the mirror keeps what can be had nowhere else
        return _with_source(there, image, source)
    if mirror.digest == source.digest:
        return there._replace(word="same")
    return _with_source(there, image, source)._replace(grade=Grade.BAD, word="differs", is_missing=True)


def _with_source(found: Verdict, image: Image, source: "Answer") -> Verdict:
    """A verdict on what a mirror has that tells of the source too."""
    return found._replace(details=f"{found.details}; {_host(image.reference)} {source.words}")


def _said(grade: Grade, word: str, reference: str, answer: "Answer") -> Verdict:
    host = _host(reference)
    return Verdict(grade, word, f"{host} {answer.words}", host)


def _host(reference: str) -> str:
    return canonical(reference).partition("/")[0]
