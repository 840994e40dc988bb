"""What commands push: the arguments of those that build, tag, push, sign and copy images.

`commands.txt` is the grammar, a row for each command. A script is read by its lines, continued ones
as one, and only those are read in which a reference stands.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from kubectl_tcr.text.patterns import lazy
from kubectl_tcr.text.tables import rows

ANY = "*"
# Which operands of a command are targets, as a slice of them.
OPERANDS = {
    "none": slice(0, 0),
    "first": slice(0, 1),
    "behind": slice(1, None),
    "else": slice(0, 1),
    "third": slice(2, 3),
    "all": slice(0, None),
}

# A word of a shell, what stands between words, comments too, and what ends a command. `\n` and `\t` may be spelled out.
# Plain letters are the first part of a word, as most are.
_WORD = lazy(
    r"(?P<blank>(?:[ \t\f\v\r]|\\\r?\n|\\t|(?<!\S)\#[^\n]*+)++)"
    r"|(?P<end>\n|\\[nr]|[;|`()]|(?<![<>])&(?!>))"
    r"|(?:[^\s;|&`()\\$\"'{<>]++|\$\([^()]*+\)|\$\{[^{}]*+\}|\{\{[^{}]*+\}\}|\"(?:[^\"\\]|\\[\s\S])*+\"|'[^']*+'"
    r"|\\[^nrt\r\n]|[<>]&|&(?=>)|(?<=[<>])&|[^\s;|&`()\\]|[^\S \t\f\v\r\n]|\\(?![nrt]|\r?\n))++"
)
# What may hold a command of its own inside a word: a quoted one, or one whose output is the word.
_INNER = lazy(r"[\"']|\$\(")
_BLANK = lazy(r"\s")
# Marks around a word, also those of a list in text: `["docker", "push", `.
_MARKS = "\"'[],\\"
_CLUSTER = lazy(r"-[A-Za-z]{2,}")
_PUSH_OPTION = "push=true"
_SET = "--set="
# Says nothing of a text.
_COMMON = frozenset({"run"})
# Quotes are read this deep, and flags in front of a subcommand this far.
_DEEPEST = 4
_FURTHEST = 16


class Row(NamedTuple):
    """A command: which of its arguments are pushed to.

    `targets` are its flags that take a target, `values` its other flags that take a value.
    """

    programs: tuple[str, ...]
    subcommands: tuple[tuple[str, ...], ...]
    operands: str
    targets: frozenset[str]
    values: frozenset[str]


class Word(NamedTuple):
    """A word without the quotes around it, and its half-open span with them."""

    text: str
    start: int
    stop: int


def parse_rows(lines: Iterable[str]) -> Iterator[Row]:
    """The rows of a table in the form of `commands.txt`; raises ValueError for a line of another form."""
    for line in lines:
        programs, subcommands, operands, targets, values = (part.strip() for part in line.split("|"))
        names = tuple(tuple(name.split()) for name in subcommands.split(","))
        yield Row(tuple(programs.split()), names, operands, frozenset(targets.split()), frozenset(values.split()))


# Rows by the first word of their subcommands, each with all of one's words; those without a subcommand by no word.
Named = dict[str, list[tuple[tuple[str, ...], Row]]]


def _hint(program: str, names: Sequence[str]) -> str:
    """The last word of a command that texts are not full of."""
    return next(word for word in (*reversed(names), program) if len(word) > 1 and word not in _COMMON)


class Grammar:
    """A table of commands, by what they begin with."""

    def __init__(self, table: Iterable[Row]) -> None:
        self.rows = tuple(table)
        self.programs: dict[str, Named] = {}
        self.anywhere: Named = {}
        self.flags: set[str] = set()
        self.operations: Named = {}
        hints: set[str] = {_PUSH_OPTION}
        for row in self.rows:
            for program in row.programs:
                for names in row.subcommands:
                    self._add(program, names, row)
                    hints.update(row.targets if program == ANY and not names else (_hint(program, names),))
        # Without one of these nothing is pushed. A text is asked for the shortest first, as that is cheap.
        self.hints = frozenset(hints)
        self._parts = tuple(hint for hint in hints if not any(other in hint for other in hints - {hint}))
        words = "|".join(map(re.escape, sorted(hints, key=len, reverse=True)))
        self._words = lazy(rf"(?:(?<![\w-])|(?<=\\[nrt]))(?:{words})(?![\w-])")

    def _add(self, program: str, names: tuple[str, ...], row: Row) -> None:
        first = names[0] if names else ""
        if program == ANY and not names:
            self.flags |= row.targets
            return
        named = self.anywhere if program == ANY else self.programs.setdefault(program, {})
        named.setdefault(first, []).append((names, row))
        if program != ANY and names and row.operands != "none":
            self.operations.setdefault(first, []).append((names, row))

    def is_hinting(self, text: str) -> bool:
        """Whether a text can hold a command that pushes: cheap, and true too often."""
        return any(map(text.__contains__, self._parts)) and self._words.search(text) is not None

    def hinting(self, text: str) -> Iterator[int]:
        """Where a text says what a command that pushes may say."""
        for found in self._words.finditer(text):
            yield found.start()

    def targets(self, words: Sequence[Word]) -> Iterator[Word]:
        """The words of a command that are pushed to, or that hold what is."""
        done: set[int] = set()
        for at, word in enumerate(words):
            text = word.text
            if "=" in text:
                if _PUSH_OPTION in text or text.partition("=")[0] in self.flags:
                    yield word
                continue
            if text in self.flags:
                yield from words[at + 1 : at + 2]
                continue
            program = self.programs.get(_basename(text))
            found = _subcommand(program, words, at + 1) if program else None
            found = found or (_behind(self.anywhere, words, at) if text in self.anywhere else None)
            # Each row but once, so that the time stays linear.
            if found and id(found[0]) not in done:
                done.add(id(found[0]))
                yield from _arguments(found[0], islice(words, found[1], None))

    def targets_of_arguments(self, words: Sequence[Word]) -> Iterator[Word]:
        """The targets in a list of arguments, whose program may stand elsewhere."""
        yield from self.targets(words)
        found = _subcommand(self.operations, words, 0)
        if found:
            yield from _arguments(found[0], islice(words, found[1], None))


@lru_cache(maxsize=1)
def grammar() -> Grammar:
    """The grammar of the table, read by its first use."""
    return Grammar(parse_rows(rows("commands.txt", __file__)))


def targets(script: str, offsets: Iterable[int], before: Sequence[str] = ()) -> set[int]:
    """Those of the offsets, in their order, that stand in what a command of a script pushes.

    A script may be one argument, and `before` are those in front of it. The time is linear in the
    length of the script.
    """
    found: set[int] = set()
    ours = grammar()
    marks = list(offsets)
    if before and _is_one_word(script) and (ours.is_hinting(script) or not ours.hints.isdisjoint(_names(before))):
        words = [Word(text, -1, -1) for text in before]
        words.append(Word(script.strip(), len(script) - len(script.lstrip()), len(script)))
        for word in ours.targets_of_arguments(words):
            found.update(mark for mark in marks if word.start <= mark < word.stop)
        if found:
            return found
    behind = 0
    for mark in marks:
        if mark < behind:
            continue
        start, behind = _line(script, mark, behind)
        if ours.is_hinting(script[start:behind]):
            here = marks[bisect_left(marks, start) : bisect_left(marks, behind)]
            for word in _targets_in(script, start, behind, 0):
                found.update(here[bisect_left(here, word.start) : bisect_left(here, word.stop)])
    return found


def pushes(script: str) -> bool:
    """Whether any command of a script pushes, whatever it pushes."""
    behind = 0
    for mark in grammar().hinting(script):
        if mark >= behind:
            start, behind = _line(script, mark, behind)
            if next(_targets_in(script, start, behind, 0), None):
                return True
    return False


def _targets_in(script: str, start: int, stop: int, depth: int) -> Iterator[Word]:
    """The words that are pushed to in a piece of a script, and in what is quoted there."""
    for words in commands(script, start, stop):
        yield from grammar().targets(words)
        if depth < _DEEPEST:
            for word in words:
                inner = _INNER.search(script, word.start, word.stop)
                if inner and _BLANK.search(script, inner.end(), word.stop):
                    yield from _targets_in(script, inner.end(), word.stop - 1, depth + 1)


def commands(script: str, start: int, stop: int) -> Iterator[list[Word]]:
    """The simple commands in a piece of a script, as their words."""
    words: list[Word] = []
    for found in _WORD.finditer(script, start, stop):
        kind = found.lastgroup
        if kind is None:
            words.append(Word(found[0].strip(_MARKS), found.start(), found.end()))
        elif kind == "end" and words:
            yield words
            words = []
    if words:
        yield words


def _line(script: str, at: int, back: int) -> tuple[int, int]:
    """The line around an offset with those that it continues and that continue it, not in front of `back`."""
    start = script.rfind("\n", back, at)
    while start >= 0 and _is_continued(script, start):
        start = script.rfind("\n", back, start)
    stop = script.find("\n", at)
    while stop >= 0 and _is_continued(script, stop):
        stop = script.find("\n", stop + 1)
    return (back if start < 0 else start + 1), (len(script) if stop < 0 else stop)


def _is_continued(script: str, end: int) -> bool:
    return script.endswith(("\\", "\\\r"), 0, end)


def _subcommand(program: Named, words: Sequence[Word], at: int) -> tuple[Row, int] | None:
    """The row of a program whose subcommand stands at a place, and where its arguments begin.

    Flags may stand in front, each with a word that may be its value.
    """
    if "" in program:
        return program[""][0][1], at
    may_be_value = False
    for index in range(at, min(at + _FURTHEST, len(words))):
        found = _behind(program, words, index)
        if found:
            return found
        text = words[index].text
        is_flag = text.startswith("-")
        if not is_flag and not may_be_value:
            return None
        may_be_value = is_flag and "=" not in text
    return None


def _behind(named: Named, words: Sequence[Word], at: int) -> tuple[Row, int] | None:
    """The row whose subcommand stands at a place, and what is behind it."""
    for names, row in named.get(words[at].text, ()):
        stop = at + len(names)
        if len(names) == 1 or names == tuple(word.text for word in words[at:stop]):
            return row, stop
    return None


def _arguments(row: Row, words: Iterable[Word]) -> Iterator[Word]:
    """The arguments of a command that are pushed to."""
    if row.operands != "else":
        return _counted(row, words)
    known = list(words)
    named = list(_counted(row._replace(operands="none"), known))
    return iter(named) if named else _counted(row._replace(operands="first"), known)


def _counted(row: Row, words: Iterable[Word]) -> Iterator[Word]:
    """The operands of a command that are pushed to, and what follows its flags that say so."""
    operands = OPERANDS[row.operands]
    number, is_target, is_value = 0, False, False
    for word in words:
        if is_target or is_value:
            if is_target:
                yield word
            is_target = is_value = False
        elif word.text.startswith("-") or ("=" in word.text and (not number or row.operands == "none")):
            name, equals, value = word.text.removeprefix(_SET).partition("=")
            flag = _flag(row, name)
            if equals:
                if flag in row.targets:
                    yield word
                elif row.operands == "behind" and "/" in name:  # `SOURCE=TARGET`
                    yield Word(value, word.start + len(name) + 1, word.stop)
            else:
                is_target, is_value = flag in row.targets, flag in row.values
        else:
            if operands.stop is not None and number >= operands.stop and not row.targets:
                return
            if number >= operands.start and (operands.stop is None or number < operands.stop):
                yield word
            number += 1


def _flag(row: Row, name: str) -> str:
    """A flag as its row says it: the last of several letters counts, and of a name with dots its end."""
    if name in row.targets or name in row.values:
        return name
    if "." in name and not name.startswith("-"):
        return name[name.rindex(".") :]
    return f"-{name[-1]}" if _CLUSTER.fullmatch(name) else name


def _basename(text: str) -> str:
    """What a program is called: without its folder, tag and digest where it is an image, and what keeps make quiet."""
    return text.rpartition("/")[2].partition(":")[0].lstrip("@").partition("@")[0]


def _is_one_word(text: str) -> bool:
    return not _BLANK.search(text.strip())


def _names(before: Iterable[str]) -> Iterator[str]:
    return map(_basename, before)
