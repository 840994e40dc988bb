"""What the answers of a registry say, by the distribution specification and by what containerd does with them.

containerd asks the source itself where a mirror fails, but not where it answers 200 with something else
(issue 7400): it takes any page for a manifest, and the pull fails.
"""

from enum import Enum, auto
from typing import NamedTuple

from kubectl_tcr.registry import manifests
from kubectl_tcr.registry.challenges import chosen
from kubectl_tcr.registry.reply import Reply

# What pulls come to where a mirror gives such an answer.
_FAIL = "pulls fail then, and the source is not asked"


class Outcome(Enum):
    """How a mirror did."""

    SERVES = auto()
    IS_REGISTRY = auto()
    LACKS = auto()
    REFUSES = auto()
    LIMITS = auto()
    PAGE = auto()
    BROKEN = auto()
    MISMATCH = auto()
    UNREACHED = auto()


class Verdict(NamedTuple):
    """How a mirror did, and in words that follow its name."""

    outcome: Outcome
    words: str

    @property
    def is_good(self) -> bool:
        """Whether nothing speaks against it."""
        return self.outcome in (Outcome.SERVES, Outcome.IS_REGISTRY)


def api(reply: Reply) -> Verdict:
    """Whether `/v2/` is a registry's."""
    is_registry = manifests.is_registry(reply)
    if reply.is_page and not is_registry:
        return _page(reply, "")
    if reply.status == 401 and is_registry:
        return Verdict(Outcome.IS_REGISTRY, "answers as a registry")
    bad = refusal(reply, "the registry API")
    if bad:
        return bad
    if not is_registry:
        return Verdict(Outcome.BROKEN, "answers, but not as a registry does at /v2/")
    return Verdict(Outcome.IS_REGISTRY, "answers as a registry")


def refusal(reply: Reply, what: str) -> Verdict | None:
    """What a reply says that brings nothing; None if it brings something."""
    status = f"(HTTP {reply.status})"
    match reply.status:
        case 200:
            return None
        case 401 if not _sends_for_a_token(reply):
            return Verdict(Outcome.REFUSES, f"does not allow {what} without a user name and a password {status}")
        case 401 | 403:
            return Verdict(Outcome.REFUSES, f"does not allow {what} {status}")
        case 404:
            return Verdict(Outcome.LACKS, f"does not have {what} {status}")
        case 429:
            return Verdict(Outcome.LIMITS, f"limits how often it is asked {status}; try again later")
    return Verdict(Outcome.BROKEN, f"fails {status}")


def head(reply: Reply) -> Verdict | None:
    """What is wrong with the answer to HEAD, which containerd takes for the description of a manifest."""
    if reply.is_page:
        return _page(reply)
    flaw = manifests.flaw_of_description(reply)
    return _broken(flaw) if flaw else None


def manifest(described: Reply, reply: Reply, named: str) -> Verdict:
    """Whether the answer to GET is the manifest that HEAD described, and the one that was asked for by digest.

    `named` is that digest, empty for a tag.
    """
    bad = head(reply)
    if bad:
        return bad
    flaw = manifests.flaw_of_body(reply)
    if flaw:
        return _broken(flaw)
    size = described.headers.get("content-length")
    if described.media_type != reply.media_type or size not in (None, str(len(reply.body))):
        return Verdict(Outcome.MISMATCH, f"says another media type or size to HEAD than to GET: {_FAIL}")
    said = {"HEAD": manifests.said(described), "GET": manifests.said(reply), "the reference": named}
    for where, value in said.items():
        if value and manifests.hash_like(value, reply.body) != value:
            return Verdict(Outcome.MISMATCH, f"sends a manifest whose digest is not that of {where}: {_FAIL}")
    return Verdict(Outcome.SERVES, f"({manifests.hash_like(named or manifests.said(described), reply.body)})")


def _sends_for_a_token(reply: Reply) -> bool:
    challenge = chosen(reply.headers.get("www-authenticate", ""))
    return challenge is not None and challenge.scheme == "bearer"


def _broken(why: str) -> Verdict:
    return Verdict(Outcome.BROKEN, f"sends what is no manifest, {why}: {_FAIL}")


def _page(reply: Reply, effect: str = f": {_FAIL}") -> Verdict:
    return Verdict(Outcome.PAGE, f"answers with a page, not as a registry (HTTP {reply.status}){effect}")
