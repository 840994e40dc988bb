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
