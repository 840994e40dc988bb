"""The tag or digest of an image that stands beside its name, in a key of its own."""

from collections.abc import Callable, Iterator

from kubectl_tcr.find.site import Site
from kubectl_tcr.images.reference import bare
from kubectl_tcr.text.document import NULLS, Path

_TAG = ("tag", "imageTag")
# By the key of a name, what keys beside it may hold its tag; a `version` is often that of something else.
_TAGS = {
    "repository": (*_TAG, "version"),
    "repo": _TAG,
    "image": _TAG,
    "imageName": _TAG,
    "name": _TAG,
    "newName": ("newTag",),
}
_DIGEST = "digest"
KEYS = frozenset({"newTag", "imageTag"})


def with_version(site: Site, value: str, path: Path, value_of: Callable[[Path], str | None]) -> Site:
    """The site of a value, with the version that keys beside it add; its own goes before theirs."""
    tags = _TAGS.get(path[-1]) if path and isinstance(path[-1], str) else None
    if tags is None or site.reference != value.strip() or bare(site.reference) != site.reference:
        return site
    found = "".join(_version(path[:-1], tags, value_of))
    return site._replace(version=found) if found else site


def _version(mapping: Path, tags: tuple[str, ...], value_of: Callable[[Path], str | None]) -> Iterator[str]:
    """The tag and the digest of a mapping, each with its mark; what stands for a tag may be a digest."""
    values = (value_of((*mapping, key)) or "" for key in tags)
    tag = next((value for value in values if value and value not in NULLS), "")
    digest = value_of((*mapping, _DIGEST)) or ""
    if tag and ":" not in tag:
        yield f":{tag}"
    if ":" in digest or ":" in tag:
        yield f"@{digest if ':' in digest else tag}"
