"""What is measured, beside what, and the limits that are stated: all of it data."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from generate import cached
from installed import program

OURS = "kubectl-tcr_rewrite"
SED = "sed"
YQ = "yq"
RUAMEL = "ruamel.yaml round trip"
PYTHON = "python -c pass"
TENTH = "on a tenth of it"

_SOURCE, _MIRROR = "quay.io", "quay.tencentcloudcr.com"
_ROUND_TRIP = """
import sys
from ruamel.yaml import YAML
yaml = YAML()
yaml.dump_all(yaml.load_all(sys.stdin.buffer), sys.stdout.buffer)
"""

# The round trip does 0.1 MB/s and keeps no state between documents, so it gets at most this many
# parts of the stream; its time is scaled to the whole.
_SLICE = 500


class Case(NamedTuple):
    """An input and what runs on it; `parts` is its size in the stream's own unit, no `quick` ones leave it out."""

    name: str
    what: str
    stream: str
    parts: int
    quick: int
    rounds: int
    rivals: tuple[str, ...]
    base: str = SED
    grows: bool = True


CASES = (
    Case("dense", "Deployments, one a document", "dense", 10_000, 500, 5, (SED, YQ, RUAMEL)),
    Case(
        "chart", "ConfigMap, Service, Deployment", "chart", 60, 60, 21, (PYTHON, SED, YQ, RUAMEL), PYTHON, grows=False
    ),
    Case("one-document", "Deployments in one List", "one-document", 42_700, 500, 1, (SED,)),
    Case("one-scalar", "lines in one block scalar", "one-scalar", 900_000, 20_000, 3, (SED,)),
    Case("tiny-documents", "documents of 12 bytes", "tiny-documents", 1_000_000, 10_000, 1, (SED,)),
    Case("many-images", "images in one document", "many-images", 100_000, 1_000, 3, (SED,)),
    Case("big", "Deployments, one a document", "dense", 910_000, 0, 1, (SED,)),
)
CORPUS = Case("corpus", "the manifests of a folder that parse", "corpus", 1, 1, 3, (SED, YQ), grows=False)


class Limit(NamedTuple):
    """A bound on a figure of a case; one that is not `stated` is an aim and fails no check."""

    case: str
    figure: str
    bound: float
    stated: bool = True

    @property
    def is_least(self) -> bool:
        """Whether the bound is the least and not the most."""
        return self.figure == THROUGHPUT

    def holds(self, value: float) -> bool:
        """Whether a figure keeps to the limit."""
        return value >= self.bound if self.is_least else value <= self.bound


THROUGHPUT, MEMORY, RATIO, GROWTH = "MB/s", "MB of memory", "times the base", "times the time for 10 times the input"

LIMITS = (
    Limit("dense", THROUGHPUT, 4),
    Limit("dense", RATIO, 8, stated=False),
    Limit("dense", RATIO, 6, stated=False),
    Limit("corpus", RATIO, 6, stated=False),
    Limit("corpus", RATIO, 5, stated=False),
    Limit("chart", RATIO, 5),
    Limit("big", MEMORY, 100),
    Limit("big", MEMORY, 80, stated=False),
    *(Limit(case.name, GROWTH, 11) for case in CASES if case.grows),
)


class Contender(NamedTuple):
    """A command that runs on a file; `share` is the part of the case's input that the file holds."""

    name: str
    command: tuple[str, ...]
    source: Path
    share: float = 1.0


class Absent(NamedTuple):
    """A rival that cannot run here."""

    name: str
    why: str


def contenders(case: Case, source: Path) -> list[Contender | Absent]:
    """Everything that runs on a case, our own program first and the base among the others.

    Raises FileNotFoundError if our program is not installed.
    """
    ours = Contender(OURS, (program(),), source)
    found = [ours, *(_rival(name, case, source) for name in case.rivals)]
    if case.grows:
        found.append(ours._replace(name=TENTH, source=cached(case.stream, case.parts // 10), share=0.1))
    return found


def _rival(name: str, case: Case, source: Path) -> Contender | Absent:
    if name == SED:
        return Contender(name, ("sed", f"s/{_SOURCE}/{_MIRROR}/g"), source)
    if name == PYTHON:
        return Contender(name, (sys.executable, "-c", "pass"), source)
    if name == RUAMEL:
        part = min(case.parts, _SLICE)
        return Contender(name, (sys.executable, "-c", _ROUND_TRIP), cached(case.stream, part), part / case.parts)
    return Contender(name, _YQ, source) if _has_yq() else Absent(name, "not installed")


_YQ = ("yq", f'(.. | select(tag == "!!str")) |= sub("{_SOURCE}", "{_MIRROR}")')


def _has_yq() -> bool:
    """Whether the yq on the PATH is mikefarah's; others of that name speak another language."""
    if shutil.which("yq") is None:
        return False
    return b"mikefarah" in subprocess.run(["yq", "--version"], capture_output=True, check=False).stdout
