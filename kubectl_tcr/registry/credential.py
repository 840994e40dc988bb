"""What a registry is told about who asks: never shown, neither by `repr` nor by `str`."""

import base64
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


@dataclass(frozen=True)
class Credential:
    """A user's name and password, or an identity token in the place of both."""

    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)

    @property
    def basic(self) -> str:
        """What the header Authorization says of a user and a password."""
        return f"Basic {base64.b64encode(f'{self.username}:{self.password}'.encode()).decode()}"


class Found(NamedTuple):
    """The credential for a repository, None for none, and what kept it from being found, in one line."""

    credential: Credential | None = None
    problem: str = ""


class Credentials(Protocol):
    """Where credentials are kept."""

    def find(self, host: str, path: str) -> Found:
        """The credential for a repository, by its host as it is written; may take as long as a program that is run."""


class Anonymous:
    """No credentials for anybody."""

    def find(self, host: str, path: str) -> Found:  # noqa: ARG002 of Credentials
        """None."""
        return Found()


ANONYMOUS = Anonymous()
