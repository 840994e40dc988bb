"""What a run of `kubectl tcr-images` found, as its formats show it."""

from collections import Counter
from typing import NamedTuple

from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.inventory.image import Image, Standing


class Listing(NamedTuple):
    """The images asked for, and what a format has to know beside them.

    `hosts` are the foreign ones with the number of references, `used` the sources of rules that moved something; `to`
    is the mirror of hosts without a rule, with a place for the host, where rules are written. With `is_missing`
    only what mirrors lack is listed, and of `unknown` more images no registry said whether they lack them.
    """

    images: tuple[Image, ...]
    rules: Rules
    documents: int = 0
    hosts: Counter[str] = Counter()  # noqa: RUF012 a value that nobody changes
    used: frozenset[str] = frozenset()
    to: str = ""
    is_verbose: bool = False
    is_missing: bool = False
    unknown: int = 0

    @property
    def standings(self) -> Counter[Standing]:
        """How many images stand how."""
        return Counter(image.standing for image in self.images)
