"""What the name of a key, a flag or a variable says of its value: the conventions of `keys.txt`."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from kubectl_tcr.kubernetes.roles import PULLED, Role
from kubectl_tcr.text.document import Path
from kubectl_tcr.text.patterns import words
from kubectl_tcr.text.tables import rows

_HOWS = frozenset({"key", "end", "words", "begin", "setting", "line", "parameter", "always"})


class Row(NamedTuple):
    """Names that say a role, compared as `how` says; those of keys and lines may hold only below `owners`."""

    role: Role
    how: str
    names: tuple[str, ...]
    owners: tuple[str, ...] = ()


def parse_rows(lines: Iterable[str]) -> Iterator[Row]:
    """The rows of a table in the form of `keys.txt`; raises ValueError for a line of another form."""
    for line in lines:
        role, compared, names = (part.strip() for part in line.split("|"))
        how, *owners = compared.split()
        if how not in _HOWS or (owners and (how not in ("key", "line") or owners[0] != "below")):
            raise ValueError(f"no way to compare a name: {line}")
        yield Row(Role(role), how, tuple(name.strip() for name in names.split(",")), tuple(owners[1:]))


ROWS = tuple(parse_rows(rows("keys.txt", __file__)))
_ALWAYS = {name: row.role for row in ROWS if row.how == "always" for name in row.names}
_KEYS = _ALWAYS | {name: row.role for row in ROWS if row.how == "key" and not row.owners for name in row.names}
_BELOW = {(owner, name): row.role for row in ROWS if row.how == "key" for owner in row.owners for name in row.names}
_LINES = {
    (owner, name): row.role for row in ROWS if row.how == "line" for owner in row.owners or ("",) for name in row.names
}
_ENDS = [(name, row.role) for row in ROWS if row.how == "end" for name in row.names]
_PARAMETER = {name: row.role for row in ROWS if row.how == "parameter" for name in row.names}
# A repository of charts or code, unless the key above is about an image.
_OF_IMAGES = frozenset({"repo"})


def _by_words(how: str) -> dict[tuple[str, ...], Role]:
    return {tuple(name.split()): row.role for row in ROWS if row.how == how for name in row.names}


_WORDS, _BEGIN, _SETTING = _by_words("words"), _by_words("begin"), _by_words("setting")
_remembered = lru_cache(maxsize=1024)


@_remembered
def of_path(path: Path) -> Role | None:
    """What the last key of a path says, None if nothing.

    >>> of_path(("metadata", "finalizers", 0)).value, of_path(("tolerations", 0, "key")).value
    ('name', 'name')
    """
    names = [part for part in path if isinstance(part, str)]
    if not names or (names[-1] in _OF_IMAGES and is_below_image(path)):
        return None
    return _KEYS.get(names[-1]) or _BELOW.get((names[-2] if len(names) > 1 else "", names[-1])) or of_end(names[-1])


def always(path: Path) -> Role | None:
    """What the last key of a path says of a value with a tag or a digest too, None if nothing."""
    return _ALWAYS.get(path[-1]) if path and isinstance(path[-1], str) else None


@_remembered
def of_name(name: str) -> Role | None:
    """What the words of a key, a flag or a variable say, None if nothing.

    >>> [str(of_name(name)) for name in ("hub", "--repo-prefix", "ISTIO_HUB", "sidecarImage", "github")]
    ['prefix', 'prefix', 'prefix', 'image', 'None']
    """
    return _last_words(_WORDS, name) or of_end(name) or _first_words(_BEGIN, name)


def of_end(name: str) -> Role | None:
    """What the end of a name says, None if nothing."""
    lower = name.lower()
    return next((role for end, role in _ENDS if lower.endswith(end)), None)


@_remembered
def of_setting(name: str) -> Role | None:
    """What the words of a flag or of a setting in a text say beyond those of any name, None if nothing."""
    return _last_words(_SETTING, name)


@_remembered
def of_line(key: str, section: str) -> Role | None:
    """What the key of a line `key = value` says, in any section of its text or in this one, None if nothing.

    >>> of_line("output", "").value, of_line("prefix", "registry").value, of_line("prefix", "")
    ('target', 'match', None)
    """
    return _LINES.get(("", key.lower())) or _LINES.get((section, key))


@_remembered
def of_parameter(name: str) -> Role | None:
    """What a word of a parameter's name says, None if nothing: `output-image`, `IMAGE_OUT`."""
    return next((_PARAMETER[word] for word in words(name) if word in _PARAMETER), None)


def _last_words(table: dict[tuple[str, ...], Role], name: str) -> Role | None:
    ours = words(name)
    return next((role for end, role in table.items() if ours[-len(end) :] == end), None)


def _first_words(table: dict[tuple[str, ...], Role], name: str) -> Role | None:
    ours = words(name)
    return next((role for begin, role in table.items() if ours[: len(begin)] == begin), None)


@_remembered
def is_below_image(path: Path) -> bool:
    """Whether the key above a field says that it is about an image: `image`, `proxyImage`, `images`."""
    above = next((part for part in reversed(path[:-1]) if isinstance(part, str)), "")
    return above.lower().endswith(("image", "images"))


@_remembered
def is_telling(key: object) -> bool:
    """Whether a key says that it holds an image or a registry."""
    return isinstance(key, str) and of_name(key) in PULLED


class Telling:
    """Keys that matter: the ones given, and all that say that they hold an image or a registry."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def __contains__(self, key: object) -> bool:
        return key in self._names or is_telling(key)


def is_image(key: str | int) -> bool:
    """Whether a key says that what it holds is one image: its `name` is that of the image."""
    return isinstance(key, str) and key.lower().endswith("image")
