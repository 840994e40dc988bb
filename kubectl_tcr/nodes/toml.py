"""TOML files of a node: read strictly, changed so that nothing but the change differs.

tomlkit edits and keeps comments, order and spacing; the standard library's tomllib, which
shares no code with it, says whether the result means what was asked for.
"""

import copy
import re
import tomllib
from collections.abc import Iterable
from typing import Any

from kubectl_tcr.errors import Location, NodeError

Table = dict[str, Any]

_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_HEADER = re.compile(r"\s*+\[\[?+([^\]\n]*+)\]")


def load(text: str, file: str) -> Table:
    """The values of a TOML text; raises NodeError with file, line and column."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what = str(error)
        place = _PLACE.search(what)
        line, column = (int(place[1]), int(place[2])) if place else (0, 0)
        what = _PLACE.sub("", what)
        raise NodeError(f"invalid TOML: {what}; it stays as it is", Location(file, line, column)) from None
    except (ValueError, RecursionError):  # Python makes no number of more than 4,300 digits
        raise NodeError(
            "holds a number too long or lists too deep to read; it stays as it is", Location(file)
        ) from None


def at(table: Table, path: tuple[str, ...]) -> Any:
    """The value below a path of keys, None where there is none."""
    value: Any = table
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return None
        value = value[key]
    return value


def table(above: Table, key: str) -> Table:
    """The table at a key, an empty one where there is none."""
    found = above.get(key)
    return found if isinstance(found, dict) else {}


def rows(value: Any) -> list[Table]:
    """The tables of an array of tables; what is none is left out."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def strings(value: Any) -> list[str]:
    """The strings of an array; what is none is left out."""
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def put(text: str, path: tuple[str, ...], value: Any, file: str) -> str:
    """A text with one more value, or another value, at a path of keys.

    Raises NodeError where the edit would change anything else.
    """
    wanted = load(text, file)
    if at(wanted, path) == value:
        return text
    _set(wanted, path, value, file)
    for edit in (_edited, _appended):
        new = edit(text, path, value)
        if _means(new, wanted, ()) and _keeps_lines(text, new, path[-1]):
            return new
    what = f"cannot be edited without touching more; set {dotted(path)} = {value!r} by hand"
    raise NodeError(what, Location(file))


def cut(text: str, paths: Iterable[tuple[str, ...]], file: str) -> str:
    """A text without what stands at paths of keys, comments inside of it included.

    Raises NodeError where the edit would change anything else.
    """
    for path in paths:
        wanted = load(text, file)
        above = at(wanted, path[:-1])
        if not isinstance(above, dict) or path[-1] not in above:
            continue
        del above[path[-1]]
        text = next((new for edit in (_without_tables, _without) if _means(new := edit(text, path), wanted, path)), "")
        if not text:
            raise NodeError(f"cannot be edited without touching more; delete {dotted(path)} by hand", Location(file))
    return text


def dotted(path: Iterable[str]) -> str:
    """A path of keys as TOML writes it.

    >>> dotted(("plugins", "io.containerd.cri.v1.images"))
    'plugins."io.containerd.cri.v1.images"'
    """
    return ".".join(f'"{key}"' if "." in key else key for key in path)


def quoted(text: object) -> str:
    r"""A text as TOML writes it.

    >>> print(quoted('a "b"'))
    "a \"b\""
    """
    import tomlkit

    return tomlkit.string(str(text)).as_string()


def _set(table: Table, path: tuple[str, ...], value: Any, file: str) -> None:
    *above, last = path
    for key in above:
        table = table.setdefault(key, {})
        if not isinstance(table, dict):
            raise NodeError(f"{key} is no table; it stays as it is", Location(file))
    table[last] = copy.deepcopy(value)


def _edited(text: str, path: tuple[str, ...], value: Any) -> str:
    """The value where its table stands, or a new table behind its parent; empty if tomlkit cannot."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
        _enter(document, path, value)
        return _with_line_ends_of(text, tomlkit.dumps(document))
    except (TOMLKitError, AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return ""


def _enter(document: Any, path: tuple[str, ...], value: Any) -> None:
    table = document
    for index, key in enumerate(path[:-1]):
        if key not in table:
            table.add(key, _tables(path[index + 1 :], value))
            return
        table = table[key]
    table[path[-1]] = value


def _tables(path: tuple[str, ...], value: Any) -> Any:
    """A value in tables of its own, those above it without a header."""
    import tomlkit

    table = tomlkit.table(is_super_table=len(path) > 1)
    table.add(path[0], _tables(path[1:], value) if len(path) > 1 else value)
    return table


def _appended(text: str, path: tuple[str, ...], value: Any) -> str:
    """The value in a table at the end: tables that lie scattered through a file are beyond tomlkit."""
    import tomlkit

    table = tomlkit.dumps(_tables(path, value))
    end = "" if text.endswith("\n") or not text else "\n"
    return _with_line_ends_of(text, f"{text}{end}\n{table}")


def _without_tables(text: str, path: tuple[str, ...]) -> str:
    """The text without the tables at and below a path, header by header; comments in front of the next one stay."""
    kept: list[str] = []
    held: list[str] = []
    is_cut = False
    for line in text.splitlines(keepends=True):
        header = _HEADER.match(line)
        if header:
            is_cut = _keys(header[1])[: len(path)] == path
        if is_cut and not header and line.lstrip()[:1] in ("", "#"):
            held.append(line)
            continue
        if not is_cut:
            kept += [*held, line]
        held = []
    return "".join(kept + held)


def _keys(header: str) -> tuple[str, ...]:
    """The keys of a table's header; none if it cannot be read."""
    try:
        table = tomllib.loads(f"[{header}]")
    except tomllib.TOMLDecodeError:
        return ()
    keys = []
    while table:
        (key, table), *_ = table.items()
        keys.append(key)
    return tuple(keys)


def _without(text: str, path: tuple[str, ...]) -> str:
    """The text without the value at a path, as tomlkit takes it out; empty if it cannot."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
        table: Any = document
        for key in path[:-1]:
            table = table[key]
        del table[path[-1]]
        new = tomlkit.dumps(document)
    except (TOMLKitError, AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return ""
    return new if _keeps_order(text, new) else ""


def _keeps_order(old: str, new: str) -> bool:
    """Whether every new line is an old one, in order, but for those that the cut goes through."""
    rest = iter(old.splitlines())
    return all(any(line == other or line.strip() in other for other in rest) for line in new.splitlines())


def _with_line_ends_of(old: str, new: str) -> str:
    """New lines end as all old ones do, the last one too."""
    new = new if new.endswith("\n") else new + "\n"
    if "\r\n" in old and old.count("\r\n") == old.count("\n"):
        return new.replace("\r\n", "\n").replace("\n", "\r\n")
    return new


def _means(text: str, wanted: Table, path: tuple[str, ...]) -> bool:
    """Whether a text has the values wanted; tables on the way to what was cut may be gone, where they are empty."""
    try:
        return bool(text) and _filled(tomllib.loads(text), path[:-1]) == _filled(wanted, path[:-1])
    except (ValueError, RecursionError):
        return False


def _filled(table: Table, path: tuple[str, ...]) -> Table:
    """The table with a table at each key of a path, an empty one where there is none."""
    below: Any = table
    for key in path:
        below = below.setdefault(key, {})
        if not isinstance(below, dict):
            break
    return table


def _keeps_lines(old: str, new: str, key: str) -> bool:
    """Whether every old line is there still, in order, but for those that hold the key."""
    rest = iter(new.splitlines())
    return all(line in rest for line in old.splitlines() if key not in line)
