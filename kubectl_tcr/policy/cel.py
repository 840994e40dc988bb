"""How CEL is written: templates, literals, and lists of conditions."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from kubectl_tcr.text.printable import printable
from kubectl_tcr.text.tables import shipped

_MARK = re.compile(r"@([A-Z_]+)@")
_ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'"})


class Line(NamedTuple):
    """A line of an expression, where it comes from (a rule, a glob, a layer), and what it costs: see `budget`."""

    code: str
    why: str = ""
    cost: int = 0

    def __str__(self) -> str:
        return f"{self.code}  // {printable(self.why)}" if self.why else self.code


class Entry(NamedTuple):
    """An entry of a map of texts, and where it comes from; without a key a line of its own that says so."""

    key: str = ""
    value: str = ""
    why: str = ""

    def __str__(self) -> str:
        if not self.key:
            return f"// {printable(self.why)}"
        return str(Line(f"{string(self.key)}: {string(self.value)},", self.why))


class Named(NamedTuple):
    """An expression with a name: a variable, or a condition."""

    name: str
    expression: str


def template(name: str, **values: str) -> str:
    """The expression `templates/NAME.cel` with a value in place of each `@KEY@`, as far to the right as that."""
    lines = shipped(f"templates/{name}.cel", __file__).rstrip("\n").split("\n")
    return "\n".join(_filled(line, values) for line in lines)


def _filled(line: str, values: dict[str, str]) -> str:
    margin = line[: len(line) - len(line.lstrip())]
    return _MARK.sub(lambda found: values[found[1]].replace("\n", f"\n{margin}"), line)


def string(text: str) -> str:
    r"""A literal of a text of printable characters.

    >>> string("it's")
    "'it\\'s'"
    """
    return f"'{text.translate(_ESCAPES)}'"


def matches(value: str, pattern: str) -> str:
    """Whether a value matches a pattern of RE2 that holds no quote, as `globs` makes them."""
    return f"{value}.matches(r'{pattern}')"


def mapping(entries: Iterable[Entry]) -> str:
    """A map of texts, a line for each entry."""
    return "\n".join(["{", *(f"  {entry}" for entry in entries), "}"])


def either(lines: Iterable[Line]) -> str:
    """Conditions of which one must hold, a line each; false where there are none."""
    return "\n".join(f"{'|| ' if at else ''}{line}" for at, line in enumerate(lines)) or "false"
