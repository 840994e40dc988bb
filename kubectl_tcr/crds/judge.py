"""What a string of a schema is: an image that a node pulls, another thing of that name, or neither to be known.

The words that tell are a table (`signs.txt`). What was seen in public definitions, and must never be taken for an image
of a container: images of machines and disks, names of other resources, what a build pushes, what is compared, records,
artifacts, names that are joined with a registry, and what services outside the cluster pull.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from kubectl_tcr.crds import signs
from kubectl_tcr.crds.schema import WILD, Leaf
from kubectl_tcr.crds.signs import REGISTRIES
from kubectl_tcr.kubernetes import exclusions
from kubectl_tcr.kubernetes.roles import Role
from kubectl_tcr.text import patterns
from kubectl_tcr.text.document import Path

_CONTAINER, _OTHER = "container", "other"
# What names a part of an image beside the others.
_REPOSITORIES = frozenset({"repository", "repo"})
_LOCATIONS = _REPOSITORIES | {"organization", "organisation", "uri", "url"}
_PARTS = REGISTRIES | _LOCATIONS | {"image", "imageName", "name"}
_TAGS = frozenset(
    {
        "tag",
        "version",
        "digest",
        "imageTag",
        "imageVersion",
        "image_tag",
        "image_version",
        "imageDigest",
        "sha",
        "dockerTag",
    }
)
# What stands behind the key of an image for its tag: `image_web` and `image_web_version`.
_TAG_ENDS = ("_version", "_tag", "Version", "Tag")
# Last words of keys that hold a part of an image, or a setting of it, whatever their description says.
_SETTINGS = frozenset(
    {
        "registry",
        "registries",
        "repository",
        "repo",
        "tag",
        "tags",
        "version",
        "versions",
        "digest",
        "sha",
        "hash",
        "id",
    }
    | {"name", "namespace", "prefix", "suffix", "policy", "secret", "secrets", "type", "format", "platform", "user"}
)
# Ends of keys behind the word image that may hold one all the same.
_ENDS = frozenset({"name", "url", "uri", "ref", "reference", "path", "location", "override", "spec"})
# What says of a part that it is a registry, and the names of images are appended to it. Where a tag stands beside it
# below an image, "pulled from" is said of repositories too.
_PREFIX = re.compile(
    r"\bprefix\b|\bpull(?:ed|ing)? (?:\w+ ){0,3}from\b|\bpull(?:s|ing)? (?:\w+ ){0,2}images\b"
    r"|\bregistry to (?:use|pull)\b|\bprepended\b|\bcontainer registry\b|\bimages are (?:pulled|looked)\b"
)
_PREFIX_OF_TAGGED = re.compile(r"\bprefix\b|\bprepended\b|\bappended\b|\borgani[sz]ation\b")
# What says of a repository that it is the name of one image.
_NAMED = re.compile(
    r"\bpull(?:ed|ing)? (?:[\w-]+ ){0,6}image from\b|\brepository (?:containing|of|for|with) (?:[\w-]+ ){0,6}image\b"
)
_NAMED_BY_DEFAULT = re.compile(r"[\w-]+(?:\.[\w-]+)+/[\w.-]+/")
# What a description begins with, or says in full, where the key says nothing of an image; and what leaves a doubt.
_TOLD = re.compile(
    r"^(?:[\w-]+ (?:is|specifies|defines|refers to|overrides|sets) )?"
    r"(?:the |an? )?(?:full |custom |name of (?:the |an? )?)?(?:docker|container) image"
    r"(?: name| reference| url)?(?= (?:to|for|of|used|that|which|containing)\b|[.,;:(]|$)"
    r"|\b(?:full|fully qualified|complete) (?:docker |container )?image (?:name|reference|url)\b"
    # A tag alone is no image, whatever declares it one (find/candidates).
    r"|^[\w-]+ is the image tag for the container\b"
)
_HINTED = re.compile(r"^[\w-]+ (?:is|refers to) the image containing\b")
_OF_CODE = re.compile(r"\bgit\b|\bhelm\b|\bchart\b")
_REFERENCE = re.compile(r"[^/\s]/[^/\s]|\w:\w")
# A description is heard so far, in characters: what stands further on is about something else.
_HEARD = 600
words = lru_cache(maxsize=1024)(patterns.words)  # few keys, each asked about often
# In this order: what must never be edited goes first.
_AGAINST = (*map(str, (Role.RECORD, Role.TARGET, Role.MATCH, Role.ADDRESS, Role.NAME)), _OTHER)


class Verdict(NamedTuple):
    """What a string is, whether that is certain, and the signs that say so."""

    role: Role
    is_certain: bool
    why: str


class _Against(NamedTuple):
    """A sign that a string is no image of a container: what it says, where it stands, and in words."""

    says: str
    where: str
    why: str


def judge(leaf: Leaf) -> Verdict | None:
    """What a string of a schema is, None where nothing calls it an image."""
    shape = _shape(leaf)
    if not shape or leaf.is_chosen or leaf.path[0] in ("metadata", "apiVersion", "kind"):
        return None
    stays = exclusions.of_resource(_concrete(leaf.path), leaf.group, leaf.kind)
    if stays:
        return _certain(stays.role, stays.why)
    joined = _joined(leaf, shape)
    if joined:
        return joined
    against = next((one for says in _AGAINST for one in _signs(leaf, says, shape)), None)
    return _weighed(leaf, against) if against else _SHAPED[shape](leaf)


def _certain(role: Role, why: str) -> Verdict:
    return Verdict(role, is_certain=True, why=why)


def _suspected(why: str) -> Verdict:
    return Verdict(Role.IMAGE, is_certain=False, why=why)


# What a key calls its value.


def _shape(leaf: Leaf) -> str:
    """How a key calls its value: an `image`, something `loose`, a part of a `split` one; empty for anything else."""
    key, ours, owner = leaf.key, words(leaf.key), leaf.owner
    if leaf.is_opaque:
        return "image" if _holds_containers(leaf.path[:-1]) else ""
    if leaf.path[-1] in WILD:
        is_many = ours[-1:] == ("images",) or ours[-2:] == ("image", "overrides")
        return "loose" if is_many and leaf.path[-2] == key else ""
    if key.lower().endswith("image") or _has_own_tag(leaf, ours):
        return "image"
    if _is_split(leaf, ours):
        return "split"
    if (key == "reference" and leaf.path[-2:-1] == (owner,) and owner.lower().endswith("image")) or _is_in_images(leaf):
        return "loose"
    is_behind = ours[-2:-1] == ("image",) or ours[-3:-1] == ("image", "pull")
    if is_behind and ours[-1] in _ENDS:
        return "loose"
    is_told = ours and ours[-1] not in _SETTINGS and (_TOLD.search(_heard(leaf).lower()) or _hinted(leaf))
    return "told" if is_told else ""


def _has_own_tag(leaf: Leaf, ours: tuple[str, ...]) -> bool:
    """Whether a key speaks of an image and its tag stands beside it under the same key and one word more."""
    return "image" in ours and any(f"{leaf.key}{end}" in leaf.beside for end in _TAG_ENDS)


def _is_in_images(leaf: Leaf) -> bool:
    """Whether a string stands right in a mapping of images, and is none of their settings."""
    is_right_in = leaf.path[-2:-1] == (leaf.owner,) and words(leaf.owner)[-1:] == ("images",)
    return is_right_in and words(leaf.key)[-1:] not in {(word,) for word in _SETTINGS}


def _hinted(leaf: Leaf) -> bool:
    return bool(_HINTED.search(_heard(leaf).lower()))


def _is_split(leaf: Leaf, ours: tuple[str, ...]) -> bool:
    """Whether a string is the name of an image whose tag may stand beside it."""
    if leaf.key in _REPOSITORIES:
        is_pulled = leaf.beside & signs.names(_CONTAINER, "pulls") or _is_named(leaf)
        return _is_below_image(leaf) or bool(leaf.beside & _TAGS and is_pulled)
    if leaf.key == "name":
        return leaf.owner.lower().endswith("image")
    return ours[-2:-1] in {("image",), ("docker",), ("container",)} and ours[-1] in _REPOSITORIES


def _is_named(leaf: Leaf) -> bool:
    """Whether a repository is the name of one image, by its description or its default."""
    heard = _heard(leaf).lower()
    return bool((_NAMED.search(heard) and "registry" not in heard) or _NAMED_BY_DEFAULT.match(leaf.default))


def _is_below_image(leaf: Leaf) -> bool:
    """Whether the mapping around a string is called an image."""
    return leaf.owner.lower().endswith(("image", "images"))


def _holds_containers(path: tuple[str, ...]) -> bool:
    """Whether a key holds a container, or its items are some."""
    *_, key = (part for part in path if part not in WILD)
    is_many = words(key)[-1:] in (("containers",), ("sidecars",))
    return _ends_in(key, signs.ends(_CONTAINER, "above ends")) and is_many == (path[-1] in WILD)


def _ends_in(name: str, ends: frozenset[tuple[str, ...]]) -> bool:
    ours = words(name)
    return any(ours[-len(end) :] == end for end in ends)


# Parts that are joined.


def _joined(leaf: Leaf, shape: str) -> Verdict | None:
    """The verdict on a string to which another one is joined, so that neither is an image alone."""
    key, beside = leaf.key, (leaf.beside & _PARTS) - {leaf.key}
    if shape == "image" and key == "image":
        other = _first(beside & (REGISTRIES | _REPOSITORIES))
        return _certain(Role.NAME, f"joined with {other}") if other else None
    if shape != "split":
        return None
    registry = _first(beside & REGISTRIES)
    if registry:
        return _suspected(f"{key} beside {registry}, which may name another registry")
    if key == "name":
        other = _first(beside & _LOCATIONS)
        return _certain(Role.NAME, f"a name beside {other}") if other else None
    names = {"image", "imageName", "name"} if _is_below_image(leaf) else {"image", "imageName"}
    return _certain(Role.PREFIX, f"joined with {_first(beside & names)}") if beside & names else None


def _first(names: frozenset[str]) -> str:
    return min(names, default="")


# What says that it is none.


def _signs(leaf: Leaf, says: str, shape: str) -> Iterator[_Against]:
    """The signs that a string is something of a role, or a machine's image."""
    of_kind = _of_kind(says, leaf.group, leaf.kind)
    if of_kind:
        yield of_kind
    if _is_key(leaf.key, says):
        yield _Against(says, "key", f"its key, {leaf.key}")
    # What a part of an image stands below is the image.
    above = leaf.above[:-1] if shape == "split" and says != Role.TARGET else leaf.above
    found = next((key for key in above if key in signs.names(says, "above")), "")
    if found:
        yield _Against(says, "above", f"{found} above")
    beside = leaf.beside & signs.names(says, "beside")
    if beside:
        yield _Against(says, "beside", f"{_first(beside)} beside")
    if says == Role.MATCH and "[]" in leaf.path[-2:] and "digest" in leaf.beside and not _pulls(leaf):
        yield _Against(says, "beside", "digest beside, in a list")
    heard = signs.said(says).search(_heard(leaf))
    if heard:
        yield _Against(says, "says", f'"{heard[0].lower()}" in its description')


@lru_cache(maxsize=64)  # a definition has one kind, and many strings
def _of_kind(says: str, group: str, kind: str) -> _Against | None:
    """What a group or a kind says."""
    if any(group == one or group.endswith(f".{one}") for one in signs.names(says, "group")):
        return _Against(says, "group", f"its group, {group}")
    ends = signs.ends(says, "kind")
    # In lower case no word can be told from the next.
    is_one = any(kind.endswith("".join(end)) for end in ends) if kind.islower() else _ends_in(kind, ends)
    return _Against(says, "kind", f"its kind, {kind}") if is_one else None


def _is_key(key: str, says: str) -> bool:
    """Whether the words of a key, or its first ones, say something."""
    ours = words(key)
    if not ours:
        return False
    singular = (*ours[:-1], ours[-1].removesuffix("s"))
    return singular in signs.ends(says, "key") or (len(ours) > 1 and ours[:1] in signs.ends(says, "key begins"))


def _weighed(leaf: Leaf, against: _Against) -> Verdict:
    """The verdict on a string of which something says that it is no image of a container."""
    role = Role.NAME if against.says == _OTHER else Role(against.says)
    if role in (Role.RECORD, Role.TARGET) or (role is Role.ADDRESS and against.where == "group"):
        return _certain(role, against.why)
    shape = _shape_of_container(leaf)
    if shape:
        return Verdict(Role.IMAGE, is_certain=against.says == _OTHER or against.where == "above", why=shape)
    said = _said(leaf)
    is_heard = role is not Role.MATCH and against.where in ("key", "says", "above")
    if said and is_heard and _goes_first(leaf, against):
        return Verdict(Role.IMAGE, is_certain=against.where != "above", why=said)
    return _certain(role, against.why)


def _goes_first(leaf: Leaf, against: _Against) -> bool:
    """Whether a description speaks of containers before it speaks of something else."""
    heard = _heard(leaf)
    ours, theirs = signs.said(_CONTAINER).search(heard), signs.said(against.says).search(heard)
    return against.where != "says" or not (ours and theirs) or ours.start() < theirs.start()


# What says that it is one.


def _pulls(leaf: Leaf) -> str:
    """What stands beside an image that is pulled, empty if nothing does."""
    beside = leaf.beside & signs.names(_CONTAINER, "pulls")
    return f"beside {_first(beside)}" if beside else ""


def _shape_of_container(leaf: Leaf) -> str:
    """What makes the mapping around a string a container's, empty if nothing does."""
    if leaf.is_opaque:
        return "the image of a container that its schema leaves open"
    beside = sorted(leaf.beside & signs.names(_CONTAINER, "beside"))
    several = f"beside {' and '.join(beside[:2])}" if len(beside) > 1 else ""
    below = f"below {leaf.owner}" if _ends_in(leaf.owner, signs.ends(_CONTAINER, "above ends")) else ""
    return _pulls(leaf) or several or below


def _said(leaf: Leaf) -> str:
    """What a description says of containers, empty for nothing."""
    found = signs.said(_CONTAINER).search(_heard(leaf))
    return f'"{found[0].lower()}" in its description' if found else ""


def _image(leaf: Leaf) -> Verdict:
    """The verdict on a string that is called an image."""
    called = f"called {leaf.key}"
    registry = _first(leaf.around & REGISTRIES)
    if registry and not _pulls(leaf):
        return _suspected(f"{called}, but {registry} further up may be put in front")
    beside = _first(leaf.beside & signs.names(_CONTAINER, "beside"))
    default = "its default is a reference" if _REFERENCE.search(leaf.default) else ""
    why = _shape_of_container(leaf) or _said(leaf) or (f"beside {beside}" if beside else default)
    runs_pods, has_machines = (bool(leaf.everywhere & signs.names(what, "anywhere")) for what in ("pods", "machines"))
    if why or runs_pods or not has_machines:
        return _certain(Role.IMAGE, f"{called}, {why}" if why else called)
    return _suspected(f"{called}, in a schema that may be one of machines")


def _loose(leaf: Leaf) -> Verdict:
    """The verdict on a string whose key speaks of an image."""
    is_spec = words(leaf.key)[-3:] == ("image", "pull", "spec")
    is_many = leaf.path[-1] in WILD
    why = _pulls(leaf) or _said(leaf) or _below_containers(leaf) or ("" if is_many else _shape_of_container(leaf))
    called = f"called {leaf.key}, {why}" if why else f"called {leaf.key}"
    return _certain(Role.IMAGE, called) if why or is_spec else _suspected(called)


def _below_containers(leaf: Leaf) -> str:
    """The key of images, or one above, that says that they are those of containers; empty for none."""
    for key in (*leaf.above, leaf.key):
        pairs = set(pairwise(words(key)))
        if any((first, last) in pairs for first in ("container", "docker") for last in ("image", "images")):
            return f"as {key} says"
    return ""


def _told(leaf: Leaf) -> Verdict:
    """The verdict on a string that only its description calls an image."""
    if _hinted(leaf):
        return _suspected("an image, by its description")
    return _certain(Role.IMAGE, "an image of a container, by its description")


def _split(leaf: Leaf) -> Verdict | None:
    """The verdict on the name of an image whose tag stands beside it."""
    key, tags, is_below, is_named = leaf.key, leaf.beside & _TAGS, _is_below_image(leaf), _is_named(leaf)
    heard = (leaf.says or leaf.says_around)[:_HEARD].lower()
    if _OF_CODE.search(heard):
        return _certain(Role.ADDRESS, "a repository of something else, by its description")
    if (_PREFIX_OF_TAGGED if is_named or (tags and is_below) else _PREFIX).search(heard):
        return _certain(Role.PREFIX, "a registry, by its description")
    if not tags and not is_named and not (_pulls(leaf) and is_below and key != "repo"):
        return None if key == "name" else _suspected(f"called {key}, without a tag beside")
    registry = _first((leaf.everywhere if key == "name" else leaf.around) & REGISTRIES)
    if registry:
        return _suspected(f"the name of an image, but {registry} may be put in front")
    beside = f"beside {_first(tags)}" if tags else _pulls(leaf) or "by its description"
    return _certain(Role.IMAGE, f"the name of an image, {beside}")


_SHAPED = {"image": _image, "loose": _loose, "split": _split, "told": _told}


def _heard(leaf: Leaf) -> str:
    """What is said of a string; in a mapping of images what is said of them, where nothing is said of the one."""
    return (leaf.says or (leaf.says_around if _is_in_images(leaf) else ""))[:_HEARD]


def _concrete(path: tuple[str, ...]) -> Path:
    return tuple(0 if part == "[]" else "any" if part == "{}" else part for part in path)
