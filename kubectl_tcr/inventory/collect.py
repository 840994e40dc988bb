"""Distinct images out of documents: what a tally adds up, and a count for each image."""

from collections import Counter, defaultdict

from kubectl_tcr.inventory.image import Image, Key, key
from kubectl_tcr.pipeline import Part
from kubectl_tcr.reports.tally import Mention, Tally
from kubectl_tcr.run.cluster import MADE


class ImageTally(Tally):
    """A tally that counts distinct images too; `keep` says that every place is kept, as in a tally."""

    def __init__(self, *, keep: bool = False, is_canonical: bool = False) -> None:
        super().__init__(keep=keep)
        self._is_canonical = is_canonical
        self._counts: Counter[Key] = Counter()
        self._named: set[Key] = set()

    def add(self, file: str, part: Part) -> None:
        """Take in a document."""
        super().add(file, part)
        found = [one for site in part.sites if (one := key(site, is_canonical=self._is_canonical))]
        self._counts.update(found)
        if file != MADE:
            self._named.update(found)

    def merge(self, other: Tally, *, is_written: bool) -> None:
        """Take in what another tally has seen."""
        super().merge(other, is_written=is_written)
        if isinstance(other, ImageTally):
            self._counts.update(other._counts)  # noqa: SLF001 of the same class
            self._named |= other._named  # noqa: SLF001

    def images(self) -> tuple[Image, ...]:
        """Each distinct image, sorted by its reference."""
        places = self._places()
        return tuple(
            Image(*one, self._counts[one], one not in self._named, tuple(places[one])) for one in sorted(self._counts)
        )

    def _places(self) -> dict[Key, list[Mention]]:
        places: dict[Key, list[Mention]] = defaultdict(list)
        for entry in self.entries:
            found = key(entry.site, is_canonical=self._is_canonical)
            if found:
                places[found].append(entry)
        return places
