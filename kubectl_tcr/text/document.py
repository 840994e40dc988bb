"""The values that readers hand to finders: a document's scalars and where they stand."""

from typing import Literal, NamedTuple

# Keys as strings, items of sequences as 0-based numbers, from the document's root.
Path = tuple[str | int, ...]


class MergeKey(str):
    """The part of a path for a merge key, apart from a key that is merely called `<<`: in quotes it is like any other.

    >>> "<<" == MERGE, str(MERGE)
    (False, '<<')
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        """Equal to itself alone."""
        return isinstance(other, MergeKey)

    def __ne__(self, other: object) -> bool:
        """As strings have one of their own."""
        return not isinstance(other, MergeKey)

    __hash__ = str.__hash__


MERGE = MergeKey("<<")

# How a plain scalar spells null (YAML 1.2, core schema), beside the empty one.
NULLS = frozenset({"~", "null", "Null", "NULL"})
# The tags of a string, beside which it may have none.
STRING_TAGS = frozenset({"", "!", "tag:yaml.org,2002:str"})

# This many items in front of a scalar are kept: a command with its arguments.
MOST_BEFORE = 64

# `json` is the double-quoted style of JSON, in which `\ud83d\ude00` is one character.
Style = Literal["plain", "single", "double", "literal", "folded", "json"]


class Scalar(NamedTuple):
    """A scalar and its half-open span in the document's text, in characters.

    The span holds the quotes or the block header, but neither anchor nor YAML tag. `before` are
    the items in front of it in the same sequence, the last ones if there are many, each empty that is a
    collection; `tag` is the YAML tag, if one is written.
    """

    value: str
    style: Style
    start: int
    stop: int
    path: Path
    is_key: bool = False
    before: tuple[str, ...] = ()
    tag: str = ""


class Alias(NamedTuple):
    """An alias (`*name`), its span, where it stands, and the path of the node it repeats.

    `origin` is the start of that node if it is a scalar, -1 for a collection: duplicate keys give
    two nodes one path.
    """

    start: int
    stop: int
    path: Path
    target: Path
    is_key: bool = False
    origin: int = -1


class Reading(NamedTuple):
    """What a reader saw of one document, in the order of the text.

    `end` is the offset behind the document: text after it belongs to no document that
    kubectl reads (it stands after a `...` line).
    """

    scalars: tuple[Scalar, ...]
    aliases: tuple[Alias, ...] = ()
    end: int = -1


class RootEntry(NamedTuple):
    """A key of a document's root mapping, the offset where it stands, and the span of its value.

    `node` is `mapping`, `sequence`, `scalar` or `alias`; `children` holds the same of the items of
    a sequence. The span begins with the value's anchor or YAML tag, if it has one; that of a
    block collection ends where the next token begins.
    """

    key: str
    at: int
    start: int
    stop: int
    node: str
    children: tuple[str, ...] = ()


class Outline(NamedTuple):
    """The root mapping of a document; `is_flow` where it is written in braces."""

    entries: tuple[RootEntry, ...]
    is_flow: bool


def position(text: str, offset: int) -> tuple[int, int]:
    r"""The 1-based line and column, in characters, of an offset.

    >>> position("a\nbc", 3)
    (2, 2)
    """
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def behind(text: str, line: int, column: int) -> tuple[int, int]:
    r"""The line behind a text, and the number of characters in front of it there, by those of its beginning.

    >>> behind("ab", 1, 5), behind("ab\nc", 1, 5)
    ((1, 7), (2, 1))
    """
    line_start = text.rfind("\n") + 1
    return line + text.count("\n"), len(text) - line_start + (0 if line_start else column)


def format_path(path: Path) -> str:
    """A field path as kubectl writes it: `spec.containers[0].image`.

    >>> format_path(("metadata", "annotations", "a.b/c", 0))
    "metadata.annotations['a.b/c'][0]"
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part.startswith("<") or not set(part).isdisjoint(".[]'\" "):
            text += part if part.startswith("<") else f"['{part}']"
        else:
            text += f".{part}"
    return text.removeprefix(".")
