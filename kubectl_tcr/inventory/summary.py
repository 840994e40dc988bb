"""The lines at the end of a list: how many images stand how, and what to do about those that are on no mirror."""

from collections.abc import Iterator

from kubectl_tcr.inventory.image import WORDS, Standing
from kubectl_tcr.inventory.listing import Listing
from kubectl_tcr.reports.summary import counted, listed

_COPY = "-o config --to REGISTRY writes rules for copies in a registry of yours"


def lines(listing: Listing) -> Iterator[str]:
    """The summary of a list."""
    standings = listing.standings
    found = ", ".join(f"{standings[one]} {WORDS.get(one, one.value)}" for one in Standing if standings[one])
    images, documents = counted(len(listing.images), "image"), counted(listing.documents, "document")
    yield f"{images} in {documents}" + (f": {found}" if found else "")
    if listing.hosts:
        yield f"no mirror for {listed(listing.hosts)}; {_COPY}"
    suspected = standings[Standing.SUSPECTED]
    if suspected:
        yield f"{suspected} may be {_images(suspected)} and no API says so; -v shows how to declare it"
    made = sum(image.is_made for image in listing.images)
    if made:
        yield f"{made} marked * {_is(made)} named by no manifest: operators or webhooks put them into pods"


def _images(number: int) -> str:
    return "an image" if number == 1 else "images"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"
