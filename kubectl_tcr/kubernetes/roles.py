"""What a cluster does with a string that looks like an image: its role decides whether it may be edited."""

from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    """What becomes of a string; only images and prefixes are ever edited."""

    IMAGE = "image"  # pulled
    PREFIX = "prefix"  # a registry or namespace to which names are appended
    TARGET = "target"  # pushed
    MATCH = "match"  # must equal a string elsewhere
    RECORD = "record"  # tells of the past
    ADDRESS = "address"  # of a chart, an artifact, an API
    NAME = "name"  # a name of the API, such as a finalizer
    PROSE = "prose"  # read by people only


# What a cluster pulls, as it stands or with names behind it.
PULLED = frozenset({Role.IMAGE, Role.PREFIX})


class Stays(NamedTuple):
    """Why a string stays as it is: the role that makes it so, and the reason in words.

    `until`, if given, ends the part of the string that stays: the left side of `name=image`. A string with one of the
    characters in `unless` does not stay. What a table or a convention says `yields` to a field that the user declares.
    """

    role: Role
    why: str
    until: str = ""
    unless: str = ""
    yields: bool = False


# What the user has left alone, and Secrets: nobody has to be told of them.
EXCLUDED = Stays(Role.IMAGE, "excluded by the user")
IGNORED_BY_COMMENT = Stays(Role.IMAGE, "ignored by a comment")
IGNORED_BY_ANNOTATION = Stays(Role.IMAGE, "ignored by the annotation kubectl-tcr/ignore")
SECRET = Stays(Role.IMAGE, "a Secret is left whole")
SETTLED = frozenset(stays.why for stays in (EXCLUDED, IGNORED_BY_COMMENT, IGNORED_BY_ANNOTATION, SECRET))
