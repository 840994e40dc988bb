"""The YAML parsers: PyYAML's binding of libyaml, and ruamel.yaml's in pure Python.

Both turn a text into the events of one grammar, each in classes of its own; offsets are in characters.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
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
# What libyaml says as kubectl's parser does, and the pure parser does not: half of a surrogate pair, a tab or another
# character where none may begin anything, a tab in front of a further line of a plain scalar.
_FINAL = frozenset(
    {
        "found invalid Unicode character escape code",
        "found character that cannot start any token",
        "found a tab character that violates indentation",
    }
)
# Line breaks for libyaml and kubectl's parser, and none for the pure one; a mark that libyaml refuses and they read.
_BREAKS = frozenset("\x85\u2028\u2029")
_LINE_ENDS = _BREAKS | {"\n", "\r"}
_BOM = "\ufeff"
_COLON = "found unexpected ':'"
# Text behind a node that is the whole document, as a collection in brackets is. Kubectl drops it without a word.
_BEHIND = re.compile("expected '?<document start>")
BEHIND_END = (
    "text behind the end of the document, which kubectl would drop; "
    "put --- on a line in front of it, or mend brackets and indentation"
)
# What stands in front of a tab that separates: not the start of a line, nor of a node that begins there (scannerc.go,
# yaml_parser_scan_to_next_token).
_TAB_BEHIND = re.compile(r"[ \t]*+(?:[-?:](?:[ \t]++|\Z))*+[^ \t\r\n]")
# The specification's bound for a key on one line, in characters.
_LONGEST_KEY = 1024
# How often a text is read to find places that no pattern does; nobody writes as many.
_MOST_READINGS = 20
# Colons at the end of plain scalars in flow, as far as their neighbours tell; in front of them stands what no key's
# quote or bracket is.
_MORE_COLONS = re.compile(r"""(?<=[^\s"'\[\]{},]):(?=[,?\[\]{}])""")
# Between double quotes a backslash that is escaped itself escapes nothing.
_QUOTES = re.compile(r"\\[\\']")
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
        is_behind = _BEHIND.search(problem) is not None
        super().__init__(BEHIND_END if is_behind else what, offset, is_behind=is_behind)
        # What kubectl reads, and another reading may.
        self.mend = next((mend for mend in _MENDS if mend.problem in problem), None)
        self.is_colon = problem == _COLON
        self.is_too_deep = problem == _STOPPED
        # What no other parser makes right.
        self.is_final = problem in _FINAL


def ask(text: str, use: Callable[[Parser], Answer], *, is_embedded: bool = False) -> Answer:
    """What `use` makes of the first parser that can read the text; else raises what is wrong with it."""
    leader = first()
    try:
        return _ask(leader, text, use)
    except ParserError as error:
        refused = error
    is_final = (refused.is_final and _BOM not in text) or not _BREAKS.isdisjoint(text)
    if is_embedded or leader is pure() or is_final:
        raise refused
    try:
        return _ask(pure(), text, use)
    except ParserError as other:  # of the two opinions the first is the better one, but for what it cannot know
        raise (other if refused.is_too_deep or refused.is_colon else refused) from None


def _ask(parser: Parser, text: str, use: Callable[[Parser], Answer]) -> Answer:
    """What `use` makes of one parser, with a text that is mended for it where it must be."""
    try:
        return _with(parser, text, use)
    except ParserError as error:
        if error.mend is None:
            raise
    return _with(_mended(parser), text, use)


def _with(parser: Parser, text: str, use: Callable[[Parser], Answer]) -> Answer:
    try:
        return use(parser)
    except parser.refusals as error:
        raise refusal(error, text) from None


def ask_first(text: str, use: Callable[[Parser], Answer]) -> Answer:
    """What `use` makes of the parser that reads first, without a second opinion and with nothing mended."""
    return _with(first(), text, use)


def first() -> Parser:
    """Who reads first: libyaml, or the pure parser where there is none."""
    return libyaml() or pure()


@cache
def libyaml() -> Parser | None:
    """PyYAML's libyaml, None where it is not installed."""
    return None if CParser is None else Parser("PyYAML (libyaml)", _libyaml_events, _events, _refusals(_errors))


@cache
def pure() -> Parser:
    """ruamel.yaml's parser, imported by its first use."""
    from ruamel.yaml import YAML, error, events
    from ruamel.yaml.scanner import Scanner, ScannerError

    class QuickScanner(Scanner):
        """The library's, which looks at every open bracket for each token.

        What may be a key is noted from the outermost bracket inwards, so the first is the oldest, and what is too
        old stands in front.
        """

        def next_possible_simple_key(self) -> Any:
            return next((key.token_number for key in self.possible_simple_keys.values()), None)

        def stale_possible_simple_keys(self) -> None:
            stale = []
            for level, key in self.possible_simple_keys.items():
                if key.line == self.reader.line and self.reader.index - key.index <= _LONGEST_KEY:
                    break
                if key.required:
                    mark = self.reader.get_mark()
                    raise ScannerError("while scanning a simple key", key.mark, "could not find expected ':'", mark)
                stale.append(level)
            for level in stale:
                del self.possible_simple_keys[level]

    def parse(text: str) -> Events:
        yaml = YAML(typ="safe", pure=True)
        yaml.Scanner = QuickScanner
        return iter(yaml.parse(text))

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


class Mend(NamedTuple):
    """Something that a parser refuses and kubectl reads: how the parser calls it, and what it is given to read instead.

    `put` mends a text at an offset, and where a pattern finds the same behind it; None where it is another
    fault after all. A character that the text has not may stand in for others: `inside` is what it means in a
    scalar of a style. No offset moves.
    """

    problem: str
    put: Callable[[str, int, str], str | None]
    inside: Callable[[str | None], str]


def _put_colons(text: str, at: int, stand_in: str) -> str | None:
    return text[:at] + stand_in + _MORE_COLONS.sub(stand_in, text[at + 1 :])


def _put_quotes(text: str, at: int, stand_in: str) -> str | None:
    at = at if text.startswith("\\", at) else at - 1  # the pure parser points behind it
    if not text.startswith("\\'", at):
        return None
    return text[:at] + _QUOTES.sub(lambda found: found[0] if found[0] == "\\\\" else f"{stand_in}'", text[at:])


def _put_tab(text: str, at: int, _: str) -> str | None:
    line_start = max(text.rfind(mark, 0, at) for mark in _LINE_ENDS) + 1
    is_behind = text.startswith("\t", at) and _TAB_BEHIND.match(text, line_start, at)
    return f"{text[:at]} {text[at + 1 :]}" if is_behind else None


# A plain scalar in a flow collection that ends in a colon: `[a:, b]`. Libyaml refuses it.
# An escaped apostrophe, which both refuse: no escape of YAML. Its backslash says nothing between double quotes.
# A tab behind a token: the pure parser refuses it.
_MENDS = (
    Mend(_COLON, _put_colons, lambda _: ":"),
    Mend("found unknown escape character", _put_quotes, lambda style: "" if style == '"' else "\\"),
    Mend(r"'\t'", _put_tab, lambda _: ""),
)


@cache
def _mended(parser: Parser) -> Parser:
    """A parser that is given a text as it can read it; its scalars hold what was written."""
    return parser._replace(events=lambda text: _mended_events(parser, text))


def _mended_events(parser: Parser, text: str) -> Events:
    """The events of a text in which stand-ins take the place of what the parser refuses."""
    unused = _unused(text, len(_MENDS))
    meaning = {stand_in: mend.inside for stand_in, mend in zip(unused, _MENDS, strict=False)}
    for _ in range(_MOST_READINGS if len(unused) == len(_MENDS) else 0):
        refused = _refused(parser, text)
        if refused is None or refused.mend is None:
            break
        mended = refused.mend.put(text, refused.offset, unused[_MENDS.index(refused.mend)])
        if mended is None:
            break
        text = mended
    used = [stand_in for stand_in in unused if stand_in in text]
    try:
        for event in parser.events(text):
            if used and type(event) is parser.kinds.ScalarEvent:
                for stand_in in used:
                    event.value = event.value.replace(stand_in, meaning[stand_in](event.style))
            yield event
    except parser.refusals as error:  # offsets in bytes are those of the text that was read
        raise refusal(error, text) from None


def _unused(text: str, count: int) -> list[str]:
    """Characters that a text has neither as they are nor by an escape, fewer than asked for if it has too many."""
    written = text.lower()
    free = (chr(code) for code in _PRIVATE_USE if chr(code) not in text and f"{code:x}" not in written)
    return list(islice(free, count))


def _refused(parser: Parser, text: str) -> ParserError | None:
    """What a parser finds wrong with a text, None for nothing or where it is past all depth."""
    depth = 0
    try:
        for event in parser.events(text):
            depth += isinstance(event, parser.kinds.CollectionStartEvent)
            depth -= isinstance(event, parser.kinds.CollectionEndEvent)
            if depth > DEEPEST:
                return None
    except parser.refusals as error:
        found = refusal(error, text)
        return found if isinstance(found, ParserError) else None
    return None
