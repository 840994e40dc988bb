"""What a server said, and why one said nothing."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import NamedTuple

# The most that is read of a body: the largest manifest that containerd and registries take, and more than a token.
LARGEST = 4 << 20


class Reply(NamedTuple):
    """A status, headers by their names in lower case, and what was read of the body.

    `origin` is the one that said it, behind redirects: `https://host:port`. `sent` is when it was asked.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    origin: str = ""
    sent: float = 0

    @property
    def media_type(self) -> str:
        """The media type without parameters, empty if none is said."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_page(self) -> bool:
        """Whether it is for people, as portals and login pages are."""
        return "html" in self.media_type or self.body.lstrip()[:1] == b"<"


class Reason(Enum):
    """Why no reply came, as far as it matters for what is asked next."""

    ABSENT = auto()  # nobody is there
    DISTRUST = auto()  # somebody is there, and TLS says no
    SLOW = auto()  # nothing came in time
    BROKEN_OFF = auto()  # a connection ended, and the next one may not
    ODD = auto()  # it was no HTTP, or nothing that can be followed


class UnansweredError(Exception):
    """No reply came; the text says why, as the end of a sentence that begins with the server."""

    def __init__(self, words: str, reason: Reason = Reason.ODD, origin: str = "") -> None:
        super().__init__(words)
        self.reason = reason
        self.origin = origin
