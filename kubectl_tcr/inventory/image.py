"""An image of a list: where it stands, and where it would be pulled from."""

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from kubectl_tcr.find.site import Site, Status
from kubectl_tcr.images.reference import PLACEHOLDER, GrammarError, bare, parse_template
from kubectl_tcr.kubernetes.roles import SECRET, SETTLED, Role
from kubectl_tcr.reports.tally import Mention

if TYPE_CHECKING:  # it brings along what asks the network
    from kubectl_tcr.registry.question import Answer


class Standing(StrEnum):
    """Whether an image is pulled from a mirror."""

    MAPPED = "mapped"  # a rule moves it to a mirror
    MIRRORED = "mirrored"  # stands on a mirror already
    UNMAPPED = "unmapped"  # no rule maps it
    TRUSTED = "trusted"  # fine as it is
    SUSPECTED = "suspected"  # may be an image, and cannot be known
    LEFT = "left"  # stays as it is; the reason says why


# Why an image without a tag is not that of the tag `latest`.
TAG_ELSEWHERE = "its tag is that of the manifests that are built"
# How long the path of a new name is at least: images[0].newName.
_LENGTH = 3
# As tables and summaries say it.
WORDS = {Standing.MIRRORED: "on a mirror", Standing.UNMAPPED: "no mirror"}
_STANDINGS = {
    Status.REWRITTEN: Standing.MAPPED,
    Status.MIRRORED: Standing.MIRRORED,
    Status.UNMAPPED: Standing.UNMAPPED,
    Status.TRUSTED: Standing.TRUSTED,
    Status.SUSPECTED: Standing.SUSPECTED,
}


class Key(NamedTuple):
    """What makes two places one image of a list: the reference as it is shown, and what becomes of it."""

    reference: str
    mirrored: str
    standing: Standing
    reason: str = ""


class Image(NamedTuple):
    """A distinct image.

    `reference` is as written or canonical; `mirrored` is where a rule moves it, empty if none does. `times` is the
    number of places, `places` holds them if they were asked for. `is_made` tells that no manifest names it: only what
    controllers of a cluster made does. `mirror` is what the registry says from which it is pulled, `source` what that
    of the reference as written says, None where they were not asked.
    """

    reference: str
    mirrored: str
    standing: Standing
    reason: str
    times: int
    is_made: bool = False
    places: tuple[Mention, ...] = ()
    mirror: "Answer | None" = None
    source: "Answer | None" = None

    @property
    def word(self) -> str:
        """Its standing, as tables say it."""
        return WORDS.get(self.standing, self.standing.value)

    @property
    def pulled(self) -> str:
        """The reference by which it is pulled once manifests are rewritten."""
        return self.mirrored or self.reference

    @property
    def is_tag_elsewhere(self) -> bool:
        """Whether it has a tag that is not seen here, so that it can be neither asked for nor copied."""
        return self.reason == TAG_ELSEWHERE

    @property
    def has_placeholder(self) -> bool:
        """Whether it would be copied if its reference were filled in."""
        is_wanted = self.standing is Standing.MAPPED or (self.standing is Standing.LEFT and self.reason not in SETTLED)
        return is_wanted and bool(PLACEHOLDER.search(self.reference))


def key(site: Site, *, is_canonical: bool = False) -> Key | None:
    """The image that a site shows, None where it shows none that is pulled."""
    standing = _standing(site) if site.role is Role.IMAGE else None
    if standing is None:
        return None
    is_open = _is_tag_elsewhere(site)
    shown = (_canonical_name if is_open else canonical) if is_canonical else str
    after = site.after + site.version if standing is Standing.MAPPED else ""
    reason = site.reason or (TAG_ELSEWHERE if is_open else "")
    return Key(shown(site.reference + site.version), shown(after) if after else "", standing, reason)


def _is_tag_elsewhere(site: Site) -> bool:
    """Whether a site is a new name that a Kustomization gives, and the tag stays that of the manifests."""
    path = site.paths[0] if site.paths else ()
    is_name = len(path) >= _LENGTH and path[-1] == "newName" and path[-3] == "images"
    return is_name and not site.version and bare(site.reference) == site.reference


def _standing(site: Site) -> Standing | None:
    if site.status is Status.LEFT:
        is_settled = site.reason in SETTLED and site.reason != SECRET.why
        return Standing.LEFT if site.is_open or is_settled else None
    return _STANDINGS[site.status]


def _canonical_name(text: str) -> str:
    """A reference without a tag, canonical, and still without one."""
    return canonical(text).removesuffix(":latest")


def canonical(text: str) -> str:
    """A reference with its domain, the path on Docker Hub and a tag spelled out; what is none stays as it is.

    >>> canonical("nginx")
    'docker.io/library/nginx:latest'
    """
    try:
        found = parse_template(text)
    except GrammarError:
        return text
    if found.open_at >= 0:  # a placeholder in the path, which stands there filled
        return text
    version = text[len(found.name) :]
    return f"{found.repository}{version or ':latest'}"
