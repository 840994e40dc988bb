"""What registries are asked, how, and what is answered."""

from enum import Enum
from typing import NamedTuple

from kubectl_tcr.registry.credential import ANONYMOUS, Credentials


class Question(NamedTuple):
    """An image that a registry may have: `docker.io` stands for Docker Hub, and a digest goes before a tag."""

    host: str
    path: str
    tag: str
    digest: str = ""

    @property
    def version(self) -> str:
        """By what its manifest is asked for."""
        return self.digest or self.tag

    def __str__(self) -> str:
        return f"{self.path}@{self.digest}" if self.digest else f"{self.path}:{self.tag}"


class Outcome(Enum):
    """How a registry did; the values are for programs to read."""

    THERE = "there"
    MISSING = "missing"
    OTHER_PLATFORM = "other-platform"
    NOT_ALLOWED = "not-allowed"
    RATE_LIMITED = "rate-limited"
    UNREACHABLE = "unreachable"
    NOT_A_REGISTRY = "not-a-registry"
    MISMATCH = "mismatch"
    BROKEN = "broken"


class Answer(NamedTuple):
    """How a registry did with a question.

    `words` are one printable line that follows the host's name, as in "does not have acme/app:1 (HTTP 404)".
    `digest` is that of the manifest, empty where none was served. `platforms` are those that the image is for, where
    they were looked at.
    """

    outcome: Outcome
    words: str
    digest: str = ""
    platforms: tuple[str, ...] = ()


class Settings(NamedTuple):
    """How registries are asked.

    `ca_file`: authorities to trust beside those of the system. `plain_http`: hosts that have no TLS, with their port.
    `platforms`: what an image must be for, all of them. `connections`: at once to each host. `patience`: seconds for
    one request; `patience_for_all`: for all questions together. `retries`: of a request that was put off or broken
    off, `pause` the seconds in front of the first. `longest_pause`: what a registry may ask for at most.
    `proxies`: whether those of the environment are used.
    """

    credentials: Credentials = ANONYMOUS
    ca_file: str = ""
    plain_http: frozenset[str] = frozenset()
    platforms: tuple[str, ...] = ()
    connections: int = 8
    patience: float = 20
    patience_for_all: float = 600
    retries: int = 4
    pause: float = 0.5
    longest_pause: float = 60
    proxies: bool = True
