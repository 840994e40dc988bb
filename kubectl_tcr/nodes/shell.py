"""The functions of a shell script: those that nobody calls are left out, so that each script holds what it needs."""

import re
from collections.abc import Collection

# A function that begins in the first column, with the comment above it: on one line, or up to a brace in that column.
_FUNCTION = re.compile(r"^(?:#.*\n)*([a-z_0-9]+)\(\) \{(?:.*\}\n|.*\n(?:(?!\}).*\n)*\}\n)\n?", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_WORD = re.compile(r"[a-z_0-9]+")


def needed(text: str, kept: Collection[str] = ()) -> str:
    r"""A script without the functions that nothing else in it names, but for those that are kept.

    >>> needed("a() { b; }\nb() { true; }\n# c\nc() {\n    d\n}\nd() { true; }\na\n")
    'a() { b; }\nb() { true; }\na\n'
    """
    words = {found[1]: _words(found.group()[found.end(1) - found.start() :]) for found in _FUNCTION.finditer(text)}
    waiting = [name for name in words if name in kept or name in _words(_FUNCTION.sub("", text))]
    called: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in called:
            called.add(name)
            waiting += [other for other in words[name] if other in words]
    return _FUNCTION.sub(lambda found: found.group() if found[1] in called else "", text)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(_COMMENT.sub("", text)))
