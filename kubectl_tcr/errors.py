"""The errors a user can cause, each told in one line: where, what, what to do."""

from typing import NamedTuple


class Location(NamedTuple):
    """A place in an input: file, 1-based line and column, 1-based document, `Kind/name`.

    Zero or an empty string means that the part is not known.
    """

    file: str
    line: int = 0
    column: int = 0
    document: int = 0
    resource: str = ""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        if not self.document:
            return place
        resource = f" ({self.resource})" if self.resource else ""
        return f"{place}: document {self.document}{resource}"


class TcrError(Exception):
    """The base of all errors that end a run with status 2; `str()` is one line for the user."""

    def __init__(self, what: str, where: Location | None = None) -> None:
        super().__init__(f"{where}: {what}" if where else what)
        self.what = what
        self.where = where

    def __reduce__(self) -> tuple[type["TcrError"], tuple[object, ...]]:
        """An error is handed on whole from one process to another."""
        return type(self), (self.what, self.where)


class UsageError(TcrError):
    """A command line that asks for what cannot be."""


class InputError(TcrError):
    """A manifest that cannot be read."""


class RuleError(TcrError):
    """A mirror rule, preset or exclusion that cannot be used."""


class ConfigError(TcrError):
    """A configuration file that cannot be used."""


class NodeError(TcrError):
    """A node's file that cannot be understood, or not be changed safely."""


class RegistryError(TcrError):
    """What registries are to be asked with, and cannot be: credentials, authorities, platforms, proxies."""


class OutputError(TcrError):
    """A result that cannot be written."""


class MessageError(TcrError):
    """Standard error cannot be written, so there is nobody to tell."""


class InternalError(TcrError):
    """What must never happen; nothing is written rather than something wrong."""


def internal(what: str) -> InternalError:
    """The error for what must never happen, told as such."""
    return InternalError(f"{what}; this is a bug of kubectl-tcr, nothing was written")


class ReadError(Exception):
    """What a reader found wrong, `offset` characters into the text it was given.

    `is_behind` tells that all in front of that place is a whole document.
    """

    def __init__(self, what: str, offset: int, *, is_behind: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.offset = offset
        self.is_behind = is_behind


class RefusedError(ReadError):
    """What kubectl refuses in a document that a reader has read: so it is no template."""
