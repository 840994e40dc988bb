"""Which lines may follow each other: the stack of open columns, as an automaton.

A line belongs to the collection that is open at its column; where none is, the document is
declined. What a line does to the stack depends on its shape alone, so each step is worked out
once and looked up from then on.
"""

from enum import IntEnum
from typing import NamedTuple

# Lines whose shape does not count: the further line of a plain scalar is told by the state.
BLANK, COMMENT, FURTHER = 0, 1, 2
# The depth of what has no key: a place of the path that nobody reads.
SPARE = -1
_ROOT = -1
# Open collections; what nests deeper is odd enough for a parser.
DEEPEST = 200
# Bounds on what is remembered.
_MOST_STATES = 2_000
_MOST_SHAPES = 5_000


class Declined(Exception):  # noqa: N818 not an error: the exact reader goes on
    """The document is not plain block YAML, or not surely so."""


class After(IntEnum):
    """What the value of a line lets follow."""

    NEXT = 0  # the next line of the collection, or of one around it
    VALUE = 1  # the value itself, on deeper lines; else it is null
    MORE = 2  # further lines of a plain scalar
    NOTHING_MORE = 3  # a plain scalar that must not go on


class Shape(NamedTuple):
    """What of a line matters to the stack.

    `column` is that of the first dash or of the key or value, `dashes` the columns of all dashes,
    `inner` the column behind them.
    """

    column: int
    dashes: tuple[int, ...]
    inner: int
    has_key: bool
    after: After


# What a line does: the state behind it, the depth of its key in the path, and its items. An item is
# the depth of a sequence's index, and whether the sequence begins. A plain tuple, for speed.
Items = tuple[tuple[int, bool], ...]
Step = tuple["State", int, Items]
# The items of a line that is the further line of a plain scalar.
FURTHER_ITEMS: Items = ((SPARE, False),)


class State(dict[int, Step]):
    """The open collections, and the steps from here by the number of a shape.

    `columns` and `sequences` have an entry for every open collection: its column, and whether it
    is a sequence. `parent` is the column of a key or dash that waits for its value, None where
    none does.
    """

    __slots__ = ("_sealed", "after", "automaton", "columns", "parent", "sequences")

    def __init__(
        self,
        automaton: "Automaton",
        columns: tuple[int, ...],
        sequences: tuple[bool, ...],
        parent: int | None,
        after: After,
    ) -> None:
        super().__init__()
        self.automaton = automaton
        self.columns = columns
        self.sequences = sequences
        self.parent = parent
        self.after = after
        self._sealed: State | None = None

    def __missing__(self, number: int) -> Step:
        step = self.automaton.step(self, number)
        self[number] = step
        return step

    @property
    def sealed(self) -> "State":
        """The same, with a plain scalar that must not go on."""
        if self.after is not After.MORE:
            return self
        if self._sealed is None:
            self._sealed = self.automaton.state(self.columns, self.sequences, self.parent, After.NOTHING_MORE)
        return self._sealed


class Automaton:
    """The states and shapes met so far."""

    def __init__(self) -> None:
        self._shapes: list[Shape | None] = [None, None, None]
        self._numbers: dict[Shape, int] = {}
        self._states: dict[tuple[tuple[int, ...], tuple[bool, ...], int | None, After], State] = {}

    @property
    def is_full(self) -> bool:
        """Whether more shapes were met than should be remembered from document to document."""
        return len(self._shapes) > _MOST_SHAPES

    def start(self) -> State:
        """The state in front of a document."""
        return self.state((), (), _ROOT, After.VALUE)

    def number(self, shape: Shape) -> int:
        """The number of a shape."""
        number = self._numbers.setdefault(shape, len(self._shapes))
        if number == len(self._shapes):
            self._shapes.append(shape)
        return number

    def shape(self, number: int) -> Shape | None:
        """The shape with a number, None for one that does not count."""
        return self._shapes[number]

    def state(self, columns: tuple[int, ...], sequences: tuple[bool, ...], parent: int | None, after: After) -> State:
        """The state with these open collections."""
        key = (columns, sequences, parent, after)
        found = self._states.get(key)
        if found is None:
            if len(self._states) >= _MOST_STATES:
                self._forget()
            found = self._states[key] = State(self, *key)
        return found

    def _forget(self) -> None:
        """Drop all states; whoever stands on one goes on from there."""
        for state in self._states.values():
            state.clear()
        self._states.clear()

    def step(self, state: State, number: int) -> Step:
        """What a line of a shape does in a state; raises Declined where it fits nowhere."""
        shape = self._shapes[number]
        if shape is None:
            return self._step_without(state, number)
        if state.after >= After.MORE and shape.column > state.columns[-1]:
            return self._step_without(state, FURTHER)
        stack = _Stack(state)
        stack.enter_line(shape)
        parent = stack.columns[-1] if shape.after is After.VALUE else None
        behind = self.state(tuple(stack.columns), tuple(stack.sequences), parent, shape.after)
        return behind, len(stack.columns) - 1 if shape.has_key else SPARE, tuple(stack.items)

    def _step_without(self, state: State, number: int) -> Step:
        """What a line does that belongs to no collection itself."""
        if number == BLANK:
            return state, SPARE, ()
        if number == COMMENT:
            after = After.VALUE if state.after is After.VALUE else After.NEXT
            return self.state(state.columns, state.sequences, state.parent, after), SPARE, ()
        if state.after is not After.MORE:
            raise Declined
        return state, SPARE, FURTHER_ITEMS


class _Stack:
    """The open collections while one line is taken in."""

    def __init__(self, state: State) -> None:
        self.columns = list(state.columns)
        self.sequences = list(state.sequences)
        self.parent = state.parent
        self.items: list[tuple[int, bool]] = []

    def enter_line(self, shape: Shape) -> None:
        """Find the collection that a line belongs to; open and close what it opens and closes."""
        column, dashes = shape.column, shape.dashes
        if dashes:
            self._item(dashes[0])
            for dash in dashes[1:]:
                self._open(dash, is_sequence=True)
            if shape.has_key:
                self._open(shape.inner, is_sequence=False)
        elif shape.has_key:
            self._enter(column)
        elif self.parent is None or self.parent == _ROOT or column <= self.parent:
            raise Declined

    def _item(self, column: int) -> None:
        parent = self.parent
        self._close(column, keep_sequence=True)
        if parent is not None and self._may_open_sequence(column, parent):
            self._open(column, is_sequence=True)
            return
        self._settle(parent)
        if not self.columns or self.columns[-1] != column or not self.sequences[-1]:
            raise Declined
        self.items.append((len(self.columns) - 1, False))

    def _enter(self, column: int) -> None:
        """Go to the mapping at a column, opening it where a value is waited for."""
        parent = self.parent
        if parent is not None and column > parent:
            self._open(column, is_sequence=False)
            return
        self._close(column, keep_sequence=False)
        self._settle(parent)
        if not self.columns or self.columns[-1] != column or self.sequences[-1]:
            raise Declined

    def _may_open_sequence(self, column: int, parent: int) -> bool:
        """Whether a sequence can be the value that is waited for: a key's may stand in its column."""
        return column > parent or (column == parent and bool(self.sequences) and not self.sequences[-1])

    def _open(self, column: int, *, is_sequence: bool) -> None:
        if len(self.columns) > DEEPEST:
            raise Declined
        if is_sequence:
            self.items.append((len(self.columns), True))
        self.columns.append(column)
        self.sequences.append(is_sequence)
        self.parent = None

    def _close(self, column: int, *, keep_sequence: bool) -> None:
        """Close what is open further right, and a sequence in the column of its mapping's next key."""
        columns = self.columns
        while columns and (
            columns[-1] > column
            or (columns[-1] == column and self.sequences[-1] and not keep_sequence and columns[-2:-1] == [column])
        ):
            columns.pop()
            self.sequences.pop()

    def _settle(self, parent: int | None) -> None:
        """A value that was waited for turned out to be null."""
        if parent == _ROOT:
            raise Declined
        self.parent = None
