"""What the answers of a registry say, by the distribution specification and by what containerd does with them.

containerd asks the source itself where a mirror fails, but not where it answers 200 with something else
(issue 7400): it takes any page for a manifest, and the pull fails.
"""

import hashlib
import json
from enum import Enum, auto
from typing import Any, NamedTuple

from kubectl_tcr.nodes.online.fetch import LARGEST, Answer

_INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
_MANIFESTS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
MEDIA_TYPES = (*_INDEXES, *_MANIFESTS)
_ALGORITHMS = ("sha256", "sha384", "sha512")
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


def api(answer: Answer) -> Verdict:
    """Whether `/v2/` is a registry's. Registries answer 200 with an empty object, a word or nothing, or 401."""
    is_registry = (
        str(answer.headers.get("Docker-Distribution-API-Version", "")).startswith("registry/2")
        or (answer.status == 401 and "WWW-Authenticate" in answer.headers)
        or _json(answer.body) is not None
        or not (answer.is_page or answer.body.strip())
    )
    if answer.is_page and not is_registry:
        return _page(answer, "")
    if answer.status == 401 and is_registry:
        return Verdict(Outcome.IS_REGISTRY, "answers as a registry")
    bad = refusal(answer, "the registry API")
    if bad:
        return bad
    if not is_registry:
        return Verdict(Outcome.BROKEN, "answers, but not as a registry does at /v2/")
    return Verdict(Outcome.IS_REGISTRY, "answers as a registry")


def refusal(answer: Answer, what: str) -> Verdict | None:
    """What an answer says that brings nothing; None if it brings something."""
    status = f"(HTTP {answer.status})"
    match answer.status:
        case 200:
            return None
        case 401 | 403:
            return Verdict(Outcome.REFUSES, f"does not allow {what} {status}")
        case 404:
            return Verdict(Outcome.LACKS, f"does not have {what} {status}")
        case 429:
            return Verdict(Outcome.LIMITS, f"limits how often it is asked {status}; try again later")
    return Verdict(Outcome.BROKEN, f"fails {status}")


def head(answer: Answer) -> Verdict | None:
    """What is wrong with the answer to HEAD, which containerd takes for the description of a manifest."""
    if answer.is_page:
        return _page(answer)
    if answer.media_type not in MEDIA_TYPES:
        return _broken(f"its media type is {answer.media_type or 'not said'}")
    if digest(answer) and not is_digest(digest(answer)):
        return _broken("its Docker-Content-Digest is no digest")
    return None


def manifest(described: Answer, answer: Answer, named: str) -> Verdict:
    """Whether the answer to GET is the manifest that HEAD described, and the one that was asked for by digest.

    `named` is that digest, empty for a tag.
    """
    bad = head(answer) or _broken_body(answer)
    if bad:
        return bad
    size = described.headers.get("Content-Length")
    if described.media_type != answer.media_type or size not in (None, str(len(answer.body))):
        return Verdict(Outcome.MISMATCH, f"says another media type or size to HEAD than to GET: {_FAIL}")
    said = {"HEAD": digest(described), "GET": digest(answer), "the reference": named}
    for where, value in said.items():
        if value and hash_like(value, answer.body) != value:
            return Verdict(Outcome.MISMATCH, f"sends a manifest whose digest is not that of {where}: {_FAIL}")
    return Verdict(Outcome.SERVES, f"({hash_like(named or digest(described), answer.body)})")


def digest(answer: Answer) -> str:
    """The digest that a registry says, empty if it says none."""
    return str(answer.headers.get("Docker-Content-Digest", ""))


def is_digest(text: str) -> bool:
    """Whether a text is a digest that can be held against a body."""
    algorithm, _, rest = text.partition(":")
    return algorithm in _ALGORITHMS and len(rest) == hashlib.new(algorithm).digest_size * 2


def hash_like(text: str, body: bytes) -> str:
    """The digest of a body by the algorithm of another digest, sha256 where that is none."""
    algorithm = text.partition(":")[0] if is_digest(text) else _ALGORITHMS[0]
    return f"{algorithm}:{hashlib.new(algorithm, body).hexdigest()}"


def token(body: bytes) -> str:
    """The token in the answer of a token service, empty if there is none that can stand in a header."""
    data = _json(body)
    found = (data.get("token") or data.get("access_token")) if isinstance(data, dict) else None
    is_fit = isinstance(found, str) and found.isascii() and found.isprintable() and " " not in found
    return str(found) if is_fit else ""


def _broken_body(answer: Answer) -> Verdict | None:
    length = answer.headers.get("Content-Length")
    if len(answer.body) > LARGEST:
        return _broken(f"it is larger than {LARGEST >> 20} MiB")
    if length is not None and length != str(len(answer.body)):
        return _broken("it ends too early")
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        return _broken("it comes encoded, which was not asked for")
    data = _json(answer.body)
    if not isinstance(data, dict):
        return _broken("it is no JSON object")
    if data.get("mediaType", answer.media_type) != answer.media_type:
        return _broken("it says another media type than its header")
    parts = [data.get("manifests")] if answer.media_type in _INDEXES else [data.get("layers"), data.get("config")]
    if data.get("schemaVersion") != 2 or not all(isinstance(part, list | dict) for part in parts):
        return _broken("it lacks what a manifest has")
    return None


def _broken(why: str) -> Verdict:
    return Verdict(Outcome.BROKEN, f"sends what is no manifest, {why}: {_FAIL}")


def _page(answer: Answer, effect: str = f": {_FAIL}") -> Verdict:
    return Verdict(Outcome.PAGE, f"answers with a page, not as a registry (HTTP {answer.status}){effect}")


def _json(body: bytes) -> Any:
    """A JSON value, None where there is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
