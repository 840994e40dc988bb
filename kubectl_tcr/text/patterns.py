"""Regular expressions that are compiled by their first use.

Compiling all patterns of the package takes longer than rewriting a chart, and most runs need few.
"""

import re
from typing import Any, cast


class _Lazy:
    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        """A method of the compiled pattern; asked only once for each, since it is kept beside `pattern`."""
        method = getattr(re.compile(self.pattern, self._flags), name)
        setattr(self, name, method)
        return method


def lazy(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern of text that is compiled by its first use."""
    return cast("re.Pattern[str]", _Lazy(pattern, flags))


def lazy_bytes(pattern: bytes, flags: int = 0) -> re.Pattern[bytes]:
    """A pattern of bytes that is compiled by its first use."""
    return cast("re.Pattern[bytes]", _Lazy(pattern, flags))


_WORD = lazy(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def words(name: str) -> tuple[str, ...]:
    """The words of a name in lower case, however it puts them together.

    >>> words("--imageRegistry"), words("IMAGE_OUT")
    (('image', 'registry'), ('image', 'out'))
    """
    return tuple(word.lower() for word in _WORD.findall(name))
