"""What registries answer that have an image, by the distribution specification, and what is none of it."""

import hashlib
import json
from typing import Any

from kubectl_tcr.registry.platforms import Platform, platform
from kubectl_tcr.registry.reply import LARGEST, Reply

INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFESTS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
MEDIA_TYPES = (*INDEXES, *MANIFESTS)
ACCEPT = ", ".join(MEDIA_TYPES)
# What stands in the place of a platform where there is none: attestations have `unknown`.
_UNSAID = ("", "unknown")
_ALGORITHMS = ("sha256", "sha384", "sha512")


def said(reply: Reply) -> str:
    """The digest that a registry says, empty if it says none."""
    return reply.headers.get("docker-content-digest", "")


def is_digest(text: str) -> bool:
    """Whether a text is a digest that can be held against a body."""
    algorithm, _, rest = text.partition(":")
    return algorithm in _ALGORITHMS and len(rest) == hashlib.new(algorithm).digest_size * 2


def hash_like(text: str, body: bytes) -> str:
    """The digest of a body by the algorithm of another digest, sha256 where that is none."""
    algorithm = text.partition(":")[0] if is_digest(text) else _ALGORITHMS[0]
    return f"{algorithm}:{hashlib.new(algorithm, body).hexdigest()}"


def flaw_of_description(reply: Reply) -> str:
    """What is wrong with the headers that describe a manifest, empty for nothing."""
    if reply.media_type not in MEDIA_TYPES:
        return f"its media type is {reply.media_type or 'not said'}"
    if said(reply) and not is_digest(said(reply)):
        return "its Docker-Content-Digest is no digest"
    return ""


def flaw_of_body(reply: Reply) -> str:
    """What is wrong with a body whose headers are those of a manifest, empty for nothing."""
    flaw = flaw_of_bytes(reply)
    if flaw:
        return flaw
    data = value(reply)
    if not isinstance(data, dict):
        return "it is no JSON object"
    if data.get("mediaType", reply.media_type) != reply.media_type:
        return "it says another media type than its header"
    parts = [data.get("manifests")] if reply.media_type in INDEXES else [data.get("layers"), data.get("config")]
    if data.get("schemaVersion") != 2 or not all(isinstance(part, list | dict) for part in parts):
        return "it lacks what a manifest has"
    return ""


def flaw_of_bytes(reply: Reply) -> str:
    """What is wrong with a body of any kind, empty for nothing."""
    if len(reply.body) > LARGEST:
        return f"it is larger than {LARGEST >> 20} MiB"
    if reply.headers.get("content-encoding", "identity") != "identity":
        return "it comes encoded, which was not asked for"
    return ""


def value(reply: Reply) -> Any:
    """The JSON value of a body, None where there is none."""
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None


def is_registry(reply: Reply) -> bool:
    """Whether the answer to GET `/v2/` is a registry's: 200 with an empty object, a word or nothing, or 401."""
    return (
        reply.headers.get("docker-distribution-api-version", "").startswith("registry/2")
        or (reply.status == 401 and "www-authenticate" in reply.headers)
        or value(reply) is not None
        or not (reply.is_page or reply.body.strip())
    )


def platforms_of_index(index: dict[str, Any]) -> tuple[Platform, ...]:
    """The platforms that an index has images for; what says none, or `unknown` (an attestation), is for none."""
    entries = [entry for entry in index["manifests"] if isinstance(entry, dict)]
    found = (platform_of(entry.get("platform")) for entry in entries)
    return tuple(dict.fromkeys(one for one in found if one))


def platform_of(data: Any) -> Platform | None:
    """The platform that an entry of an index, or the configuration of an image, says."""
    if not isinstance(data, dict):
        return None
    system, architecture, variant = (data.get(key) or "" for key in ("os", "architecture", "variant"))
    if not all(isinstance(part, str) for part in (system, architecture, variant)):
        return None
    is_said = system not in _UNSAID and architecture not in _UNSAID
    return platform(system, architecture, variant) if is_said else None


def config_of(manifest: dict[str, Any]) -> str:
    """The digest of an image's configuration, empty where none is said."""
    return _digest_of(manifest.get("config"))


def without_platform(index: dict[str, Any]) -> list[str]:
    """The digests of the images of an index that it says no platform of."""
    entries = [entry for entry in index["manifests"] if isinstance(entry, dict) and not entry.get("platform")]
    return [digest for digest in map(_digest_of, entries) if digest]


def _digest_of(descriptor: Any) -> str:
    found = descriptor.get("digest") if isinstance(descriptor, dict) else None
    return found if isinstance(found, str) and is_digest(found) else ""
