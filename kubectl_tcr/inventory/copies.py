"""What to copy where, so that mirrors have what is pulled from them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kubectl_tcr.images.reference import GrammarError, Reference, parse
from kubectl_tcr.inventory.image import Image, Standing, canonical


class Copy(NamedTuple):
    """One image to copy: references with their domain, and a tag or a digest, never both."""

    source: str
    target: str

    @property
    def by_digest(self) -> bool:
        """Whether a digest names what is copied."""
        return "@" in self.source


class Pair(NamedTuple):
    """An image as written and as pulled, both parsed."""

    source: Reference
    target: Reference


def copies(images: Iterable[Image]) -> Iterator[Copy]:
    """What to copy, each once; images with a placeholder name nothing that could be copied.

    What is named by tag and digest is copied by its digest and gets the tag, since registries clear away what has none;
    where two images would get one tag, those with a digest go without. `clashes` are not among them.
    """
    found = _wanted(images)
    sources = Counter(one.target for one in found)
    yield from (one for one in found if sources[one.target] == 1)


def clashes(images: Iterable[Image]) -> Iterator[tuple[str, list[str]]]:
    """Each name on a mirror that several images would have, with their sources: one would overwrite the other."""
    sources: dict[str, list[str]] = {}
    for one in _wanted(images):
        sources.setdefault(one.target, []).append(one.source)
    yield from ((target, found) for target, found in sources.items() if len(found) > 1)


def _wanted(images: Iterable[Image]) -> list[Copy]:
    """The copies, each once, with those that would overwrite each other."""
    moved = (image for image in images if image.standing is Standing.MAPPED and not image.is_tag_elsewhere)
    pairs = [pair for image in moved if (pair := _pair(image))]
    tagged = Counter(target for _, target in {(_source(pair), _tagged(pair.target)) for pair in pairs})
    return list(dict.fromkeys(Copy(_source(pair), _target(pair, tagged)) for pair in pairs))


def _pair(image: Image) -> Pair | None:
    try:
        return Pair(parse(canonical(image.reference)), parse(canonical(image.mirrored)))
    except GrammarError:
        return None


def _source(pair: Pair) -> str:
    source = pair.source
    return f"{source.repository}@{source.digest}" if source.digest else f"{source.repository}:{source.tag}"


def _tagged(reference: Reference) -> str:
    """A reference by its tag, empty where it has none."""
    return f"{reference.repository}:{reference.tag}" if reference.tag else ""


def _target(pair: Pair, tagged: Counter[str]) -> str:
    target = _tagged(pair.target)
    if target and (tagged[target] == 1 or not pair.target.digest):
        return target
    return f"{pair.target.repository}@{pair.target.digest}"
