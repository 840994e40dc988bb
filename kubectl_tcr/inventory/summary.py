"""The lines at the end of a list: how many images stand how, and what to do about those that are on no mirror."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from kubectl_tcr.images import presets
from kubectl_tcr.images.mirrors import DOMESTIC
from kubectl_tcr.inventory.copies import clashes, copies
from kubectl_tcr.inventory.image import WORDS, Image, Standing
from kubectl_tcr.inventory.listing import Listing
from kubectl_tcr.inventory.verdict import Grade, verdict
from kubectl_tcr.reports.summary import NO_DOCUMENT, counted, listed

_COPY = "-o config --to REGISTRY writes rules for copies in a registry of yours"
_COPY_BY_RULES = "copy their images by --config FILE --missing -o crane, or another of the copy lists"
# What to do about an answer, by its word.
_ADVICE = {
    "missing": "copy it: --missing -o crane, or another of the copy lists",
    "gone": "neither mirror nor source has it: nothing can be copied",
    "other platform": "copy it with all its platforms: --missing -o crane",
    "wrong digest": "what is served there is another image; copy it anew",
    "differs": "a tag that moved, or another build; copy it anew: --missing -o crane",
    "not allowed": "log in, as with docker login, or name the credentials with --authfile",
    "rate limited": "log in, or ask again later",
    "unreachable": "one without TLS needs --plain-http, one with an authority of its own --ca-file",
    "no registry": "a portal or a proxy answers in its place",
}
# Instead, where a host is Tencent's.
_ADVICE_INSIDE = {
    "unreachable": "Tencent's mirrors serve inside its VPC only, and some after a ticket",
    "no registry": "Tencent's mirrors answer so outside its VPC, or without a ticket",
}


def lines(listing: Listing) -> Iterator[str]:
    """The summary of a list."""
    if not listing.documents:
        yield NO_DOCUMENT
        return
    standings = listing.standings
    found = ", ".join(f"{standings[one]} {WORDS.get(one, one.value)}" for one in Standing if standings[one])
    images, documents = counted(len(listing.images), "image"), counted(listing.documents, "document")
    yield f"{images}{' missing' * listing.is_missing} in {documents}" + (f": {found}" if found else "")
    if listing.is_missing and listing.unknown:
        yield f"{counted(listing.unknown, 'more image')} may be missing: the registries did not say"
    if listing.hosts and listing.to:
        yield f"rules added for {listed(listing.hosts)}; {_COPY_BY_RULES}"
    elif listing.hosts:
        yield f"no mirror for {listed(listing.hosts)}; {_COPY}"
    suspected = standings[Standing.SUSPECTED]
    if suspected:
        yield f"{suspected} may be {_images(suspected)} and no API says so; -v shows how to declare it"
    made = sum(image.is_made for image in listing.images)
    if made:
        yield f"{made} marked * {_is(made)} named by no manifest: operators or webhooks put them into pods"


def uncopied(listing: Listing, images: Iterable[Image]) -> Iterator[str]:
    """What is not copied, or not as the list says, and why; `images` are all that were found, listed or not."""
    yield from _open(images)
    yield from _unpushable(listing)
    yield from _overwriting(listing)


def _open(images: Iterable[Image]) -> Iterator[str]:
    """A line that counts what nobody can copy before it is filled in."""
    number = sum(image.has_placeholder for image in images)
    if number:
        what = counted(number, "image")
        yield f"{what} with a placeholder {_is(number)} not copied; list what is applied in the end, with all filled in"


def tag_elsewhere(images: Iterable[Image]) -> Iterator[str]:
    """A line that counts what can be neither asked for nor copied here, as a Kustomization names it without its tag."""
    number = sum(image.is_tag_elsewhere for image in images)
    if number:
        what = counted(number, "new name")
        yield f"{what} of a Kustomization without a tag {_is(number)} neither asked for nor copied; list what -k builds"


def _unpushable(listing: Listing) -> Iterator[str]:
    """A line for each mirror of a preset that copies would go to: those fetch by themselves and take no push."""
    hosts = {rule.mirror for rules in presets.PRESETS.values() for rule in rules}
    for host in sorted(hosts & {one.target.partition("/")[0] for one in copies(listing.images)}):
        yield f"{host} fetches from its source by itself and takes no copies; map the host to a registry of yours"


def _overwriting(listing: Listing) -> Iterator[str]:
    """A line for each name on a mirror that would be of several images, which are in no copy list."""
    for target, sources in clashes(listing.images):
        yield f"{target} is not copied: it would be {' and '.join(sources)}; map their hosts apart"


def troubles(images: Iterable[Image]) -> Iterator[str]:
    """A line for each image that cannot be pulled, and for each registry that did not say."""
    found = (one for one in map(verdict, images) if one.grade in (Grade.BAD, Grade.UNKNOWN))
    yield from dict.fromkeys(f"{one.word}: {one.details}" for one in found)


def answers(images: Iterable[Image]) -> Iterator[str]:
    """How many images were found where, and what to do about the others."""
    words: dict[str, Counter[str]] = {}
    for found in map(verdict, images):
        if found.grade is not Grade.UNASKED:
            words.setdefault(found.word, Counter())[found.host] += 1
    for word, hosts in words.items():
        advice = _advice(word.removeprefix("source ").removesuffix(" at source"), hosts)
        yield f"{word}: {listed(hosts)}" + (f"; {advice}" if advice else "")


def _advice(word: str, hosts: Iterable[str]) -> str:
    is_inside = any(host.partition(":")[0].endswith(DOMESTIC) for host in hosts)
    inside = _ADVICE_INSIDE.get(word, "") if is_inside else ""
    return inside or _ADVICE.get(word, "")


def unasked(images: Sequence[Image]) -> Iterator[str]:
    """A line where registries were to be asked, and there was nothing to ask any of them."""
    grades = {verdict(image).grade for image in images}
    if grades == {Grade.UNASKED} and not any(image.is_tag_elsewhere for image in images):
        yield "nothing was asked: no image is on a mirror; --check-source asks where they are pulled from"


def _images(number: int) -> str:
    return "an image" if number == 1 else "images"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"
