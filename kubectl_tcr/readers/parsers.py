"""The YAML parsers: PyYAML's binding of libyaml, and ruamel.yaml's in pure Python.

Both turn a text into the events of one grammar, each in classes of its own; offsets are in characters.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple, TypeVar

from kubectl_tcr.errors import ReadError

try:
    from yaml import error as _errors
    from yaml import events as _events
    from yaml._yaml import CParser
except ImportError:  # no wheel for this platform: the pure parser does alone
    CParser = None

Events = Iterator[Any]
Answer = TypeVar("Answer")

# As deep as every parser reads; kubectl's stops at 10,000 (goyaml.v2 scannerc.go, max_flow_level and max_indents).
DEEPEST = 1_000
TOO_DEEP = f"nested deeper than {DEEPEST} levels"
# libyaml from 0.2.6 on stops by itself: within flow collections behind 1,000, within block collections behind 999.
_STOPPED = "exceeded maximum nesting depth"
_IN_FLOW = "while increasing flow level"
# Half of a surrogate pair: the pure parser lets it pass, kubectl does not.
_BAD_ESCAPE = "found invalid Unicode character escape code"
# A plain scalar in a flow collection that ends in a colon: `[a:, b]`. libyaml refuses it, kubectl reads it.
_COLON = "found unexpected ':'"
# Such colons, as far as their neighbours tell; in front of them stands what no key's quote or bracket is.
_MORE_COLONS = re.compile(r"""(?<=[^\s"'\[\]{},]):(?=[,?\[\]{}])""")
# How often a text is read to find colons that the pattern does not; nobody writes as many.
_MOST_READINGS = 20
_PRIVATE_USE = range(0xE000, 0xF900)


class Parser(NamedTuple):
    """A parser: its events of a text, the module with their classes, and what it raises for a broken text."""

    name: str
    events: Callable[[str], Events]
    kinds: Any
    refusals: tuple[type[Exception], ...]


class ParserError(ReadError):
    """What a parser itself refused, as opposed to what kubectl refuses in its events."""

    def __init__(self, what: str, offset: int, problem: str) -> None:
        super().__init__(what, offset)
        self.is_colon = problem == _COLON
        self.is_too_deep = problem == _STOPPED
        # What no other parser makes right.
        self.is_final = problem == _BAD_ESCAPE


def ask(text: str, use: Callable[[Parser], Answer], *, is_embedded: bool = False) -> Answer:
    """What `use` makes of the first parser that can read the text; else raises what is wrong with it."""
    leader = first()
    try:
        return _with(leader, text, use)
    except ParserError as error:
        refused = error
    if refused.is_colon:
        try:
            return _with(lenient(), text, use)
        except ParserError as error:
            refused = error
    if is_embedded or refused.is_final or leader is pure():
        raise refused
    try:
        return _with(pure(), text, use)
    except ReadError as other:  # of the two opinions the first is the better one, but for what it cannot know
        raise (other if refused.is_too_deep or refused.is_colon else refused) from None


def _with(parser: Parser, text: str, use: Callable[[Parser], Answer]) -> Answer:
    try:
        return use(parser)
    except parser.refusals as error:
        raise refusal(error, text) from None


def first() -> Parser:
    """Who reads first: libyaml, or the pure parser where there is none."""
    return libyaml() or pure()


@cache
def libyaml() -> Parser | None:
    """PyYAML's libyaml, None where it is not installed."""
    return None if CParser is None else Parser("PyYAML (libyaml)", _libyaml_events, _events, _refusals(_errors))


@cache
def lenient() -> Parser:
    """Libyaml again, with colons at the end of scalars in flow collections; only where `libyaml()` is."""
    return Parser("PyYAML (libyaml)", _lenient_events, _events, _refusals(_errors))


@cache
def pure() -> Parser:
    """ruamel.yaml's parser, imported by its first use."""
    from ruamel.yaml import YAML, error, events

    def parse(text: str) -> Events:
        return iter(YAML(typ="safe", pure=True).parse(text))

    return Parser("ruamel.yaml (pure Python)", parse, events, _refusals(error))


def _refusals(module: Any) -> tuple[type[Exception], ...]:
    # The built-in ones: an escape of a character that there is not, half of a surrogate pair.
    return (module.YAMLError, ValueError, OverflowError)


def refusal(error: Exception, text: str) -> ReadError:
    """A parser's exception in our words, with the offset of what is wrong."""
    problem = str(getattr(error, "problem", None) or "")
    if hasattr(error, "problem_mark"):
        mark = error.problem_mark or getattr(error, "context_mark", None)
        if problem == _STOPPED and getattr(error, "context", None) == _IN_FLOW:
            return ReadError(TOO_DEEP, _index(mark))
        parts = (getattr(error, "context", None), problem)
        return ParserError("invalid YAML: " + ", ".join(str(part) for part in parts if part), _index(mark), problem)
    if hasattr(error, "position"):  # a character that YAML does not allow
        return ParserError("invalid YAML: " + str(error).split("\n")[0], _position(error, text), problem)
    return ParserError(f"the parser cannot read it: {error}", 0, problem)


def _index(mark: Any) -> int:
    index: int = mark.index if mark else 0
    return index


def _position(error: Any, text: str) -> int:
    """Libyaml counts the bytes of UTF-8, the pure parser characters."""
    position: int = error.position
    if CParser is None or not isinstance(error, _errors.YAMLError):
        return position
    return len(text.encode("utf-8", "surrogatepass")[:position].decode("utf-8", "ignore"))


def _libyaml_events(text: str) -> Events:
    return iter(CParser(text).get_event, None)


def _lenient_events(text: str) -> Events:
    """The events of a text in which colons that libyaml refuses stand for themselves.

    A character that the text has not takes their place while libyaml reads, so no offset moves.
    """
    stand_in = _unused(text)
    for _ in range(_MOST_READINGS if stand_in else 0):
        at = _refused_colon(text)
        if at is None:
            break
        text = text[:at] + str(stand_in) + _MORE_COLONS.sub(str(stand_in), text[at + 1 :])
    try:
        for event in _libyaml_events(text):
            if stand_in and type(event) is _events.ScalarEvent:
                event.value = event.value.replace(stand_in, ":")
            yield event
    except _refusals(_errors) as error:  # offsets in bytes are those of the text that was read
        raise refusal(error, text) from None


def _unused(text: str) -> str | None:
    """A character that a text has neither as it is nor by an escape, None if it has all."""
    written = text.lower()
    return next((chr(code) for code in _PRIVATE_USE if chr(code) not in text and f"{code:x}" not in written), None)


def _refused_colon(text: str) -> int | None:
    """Where libyaml finds a colon that it refuses, None where it stops for another reason or is past all depth."""
    depth = 0
    try:
        for event in _libyaml_events(text):
            depth += isinstance(event, _events.CollectionStartEvent)
            depth -= isinstance(event, _events.CollectionEndEvent)
            if depth > DEEPEST:
                return None
    except _refusals(_errors) as error:
        found = refusal(error, text)
        return found.offset if isinstance(found, ParserError) and found.is_colon else None
    return None
