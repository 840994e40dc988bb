"""Globs as patterns of RE2, in which CEL looks for them: what Python's fnmatch takes them for."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import groupby

# A class, the first character of which may be the bracket that ends it otherwise.
_CLASS = re.compile(r"\[!?+.[^\]]*+\]", re.DOTALL)
# What references and names of Kubernetes consist of, and more.
_ASCII = [chr(code) for code in range(ord(" "), ord("~") + 1)]


def pattern(glob: str) -> str:
    r"""The pattern that a whole text of printable characters must match; it holds no quote.

    >>> pattern("quay.io/acme/[a-c]*")
    '^quay\\.io/acme/[a-c].*$'
    """
    return f"^{part(glob)}$"


def part(glob: str, any_character: str = ".") -> str:
    """The same as a part of a pattern, `*` and `?` for `any_character` alone."""
    return "".join(_parts(glob, any_character))


def escaped(text: str) -> str:
    r"""A text as a part of a pattern that holds no quote.

    >>> escaped("a.b'c")
    'a\\.b\\x{27}c'
    """
    return "".join(character if character.isalnum() or character in "/_@:-" else _code(character) for character in text)


def _parts(glob: str, any_character: str) -> Iterator[str]:
    at = 0
    while at < len(glob):
        found = _CLASS.match(glob, at)
        character = found[0] if found else glob[at]
        at += len(character)
        if character == "*":
            yield f"{any_character}*"
        elif character == "?":
            yield any_character
        else:
            yield _class(character) if found else escaped(character)


def _class(glob: str) -> str:
    """The characters that a class holds: RE2 has other rules for what stands in one."""
    held = [ord(character) for character in _ASCII if fnmatchcase(character, glob)]
    runs = [[code for _, code in run] for _, run in groupby(enumerate(held), key=lambda row: row[1] - row[0])]
    return "[" + "".join(_range(chr(run[0]), chr(run[-1])) for run in runs) + "]" if runs else r"[^\x00-\x{10FFFF}]"


def _range(first: str, last: str) -> str:
    return escaped(first) if first == last else f"{_code(first)}-{_code(last)}"


def _code(character: str) -> str:
    """A character that stands for itself alone; RE2 takes a backslash only in front of signs of ASCII."""
    if character.isalnum():
        return character
    is_sign = character in _ASCII and character not in "'-"
    return f"\\{character}" if is_sign else f"\\x{{{ord(character):x}}}"
