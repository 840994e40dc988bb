"""What is measured, beside what, and the limits that are stated: all of it data."""

import json
import os
import sys
from pathlib import Path
from typing import NamedTuple

from generate import cache_folder, cached
from installed import compiled_program, program, tool

OURS = "kubectl-tcr_rewrite"
COMPILED = "compiled"
SED = "sed"
YQ = "yq"
KBLD = "kbld"
KUSTOMIZE = "kustomize"
RUAMEL = "ruamel.yaml round trip"
PYTHON = "python -c pass"
STREAM = "the same as a stream"
TENTH = "on a tenth of it"

_SOURCE, _MIRROR = "quay.io", "quay.tencentcloudcr.com"
_ROUND_TRIP = """
import sys
from ruamel.yaml import YAML
yaml = YAML()
yaml.dump_all(yaml.load_all(sys.stdin.buffer), sys.stdout.buffer)
"""

# The round trip does 0.1 MB/s, and Kustomize takes more for each document the more there are, so they get at most this
# many parts of the stream; their time is scaled to the whole.
_SLICE = 500


class Case(NamedTuple):
    """An input and what runs on it; `parts` is its size in the stream's own unit, no `quick` ones leave it out.

    `flags` are those of our own program, `within` is what runs it, `as_stream` names the stream with the same objects.
    """

    name: str
    what: str
    stream: str
    parts: int
    quick: int
    rounds: int
    rivals: tuple[str, ...]
    base: str = SED
    grows: bool = True
    flags: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    as_stream: str = ""


# A configuration as people have it, beside the streams.
CONFIG = "config.yaml"
_CONFIG = """\
apiVersion: kubectl-tcr/v1alpha1
kind: MirrorConfig
spec:
  mirrors:
    - source: quay.io
      mirror: quay.tencentcloudcr.com
    - source: ghcr.io/acme
      mirror: acme.tencentcloudcr.com/acme
"""
_PEERS = (SED, YQ, KBLD, KUSTOMIZE)
_ONE = ("taskset", "-c", "0")

CASES = (
    Case("dense", "Deployments, one a document", "dense", 10_000, 500, 5, (*_PEERS, RUAMEL)),
    Case("dense-one", "the same on one processor", "dense", 10_000, 0, 5, (SED,), grows=False, within=_ONE),
    Case("unlike", "Deployments whose lines are all unlike", "unlike", 8_800, 500, 5, (SED, YQ)),
    Case(
        "chart", "ConfigMap, Service, Deployment", "chart", 60, 60, 21, (PYTHON, SED, YQ, RUAMEL), PYTHON, grows=False
    ),
    Case(
        *("chart-mirror", "the same with --mirror", "chart", 60, 0, 21, (PYTHON,), PYTHON),
        grows=False,
        flags=("--mirror", f"{_SOURCE}={_MIRROR}"),
    ),
    Case(
        *("chart-config", "the same with --config", "chart", 60, 0, 21, (PYTHON,), PYTHON),
        grows=False,
        flags=("--config", CONFIG),
    ),
    Case("list", "Deployments in one List", "one-document", 42_700, 500, 3, (SED,), STREAM, as_stream="dense"),
    Case(
        *("list-json", "Deployments in one List, JSON", "json-list", 40_000, 500, 3, (SED,), STREAM),
        as_stream="json-stream",
    ),
    Case("one-scalar", "lines in one block scalar", "one-scalar", 900_000, 20_000, 3, (SED,)),
    Case("tiny-documents", "documents of 12 bytes", "tiny-documents", 1_000_000, 10_000, 1, (SED,)),
    Case("many-images", "images in one document", "many-images", 100_000, 1_000, 3, (SED,)),
    Case("big", "Deployments, one a document", "dense", 910_000, 0, 1, (SED,)),
)
CORPUS = Case("corpus", "the manifests of a folder that parse", "corpus", 1, 1, 3, (SED, YQ), grows=False)


class Limit(NamedTuple):
    """A bound on a figure of a case; one that is not `stated` is an aim and fails no check. `by` is whose figure."""

    case: str
    figure: str
    bound: float
    stated: bool = True
    by: str = OURS

    @property
    def is_least(self) -> bool:
        """Whether the bound is the least and not the most."""
        return self.figure == THROUGHPUT

    def holds(self, value: float) -> bool:
        """Whether a figure keeps to the limit."""
        return value >= self.bound if self.is_least else value <= self.bound


THROUGHPUT, MEMORY, RATIO, GROWTH = "MB/s", "MB of memory", "times the base", "times the time for 10 times the input"


def _aims(case: str, pure: float, compiled: float) -> tuple[Limit, Limit]:
    return Limit(case, RATIO, pure, stated=False), Limit(case, RATIO, compiled, stated=False, by=COMPILED)


LIMITS = (
    Limit("dense", THROUGHPUT, 4),
    *_aims("dense", 12, 8),
    Limit("dense-one", RATIO, 16, stated=False, by=COMPILED),
    *_aims("unlike", 25, 16),
    *_aims("corpus", 11, 7),
    Limit("chart", RATIO, 8),
    *_aims("chart", 4, 4),
    *_aims("chart-mirror", 4.5, 4.5),
    *_aims("chart-config", 5, 5),
    Limit("list", RATIO, 1.5),
    Limit("list-json", RATIO, 1.5),
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
    flags = tuple(str(_config()) if flag == CONFIG else flag for flag in case.flags)
    ours = Contender(OURS, (*case.within, program(), *flags), source)
    compiled = compiled_program()
    found: list[Contender | Absent] = [ours]
    if compiled:
        found.append(ours._replace(name=COMPILED, command=(*case.within, compiled, *flags)))
    found += (_rival(name, case, source) for name in case.rivals)
    if case.as_stream:
        found.append(ours._replace(name=STREAM, source=cached(case.as_stream, case.parts)))
    if case.grows:
        found.append(ours._replace(name=TENTH, source=cached(case.stream, case.parts // 10), share=0.1))
    return found


def _config() -> Path:
    path = cache_folder() / CONFIG
    path.write_text(_CONFIG, encoding="utf-8")
    return path


def _rival(name: str, case: Case, source: Path) -> Contender | Absent:
    if name == PYTHON:
        return Contender(name, (sys.executable, "-c", "pass"), source)
    if name == RUAMEL:
        part = min(case.parts, _SLICE)
        return Contender(name, (sys.executable, "-c", _ROUND_TRIP), cached(case.stream, part), part / case.parts)
    if name == KUSTOMIZE:
        part = min(case.parts, _SLICE)
        return _kustomize(cached(case.stream, part), part / case.parts)
    command = peers().get(name)
    return Contender(name, command, source) if command else Absent(name, "not installed")


def peers() -> dict[str, tuple[str, ...]]:
    """The commands of other programs that are installed, which read a stream."""
    commands = {
        SED: ("sed", f"s/{_SOURCE}/{_MIRROR}/g"),
        YQ: (tool(YQ), f'(.. | select(tag == "!!str")) |= sub("{_SOURCE}", "{_MIRROR}")'),
        KBLD: (tool(KBLD), "-f", "-", "--unresolved-inspect"),
    }
    return {name: command for name, command in commands.items() if command[0]}


def _kustomize(source: Path, share: float) -> Contender | Absent:
    """Kustomize, which reads a folder and is told each image by its name; it is told but one."""
    if not tool(KUSTOMIZE):
        return Absent(KUSTOMIZE, "not installed")
    folder = cache_folder() / "kustomize"
    folder.mkdir(exist_ok=True)
    (folder / "stream.yaml").unlink(missing_ok=True)
    os.link(source, folder / "stream.yaml")
    name = f"{_SOURCE}/harbourline/billing-api"
    row = {"resources": ["stream.yaml"], "images": [{"name": name, "newName": name.replace(_SOURCE, _MIRROR)}]}
    (folder / "kustomization.yaml").write_text(json.dumps(row), encoding="utf-8")
    return Contender(KUSTOMIZE, (tool(KUSTOMIZE), "build", str(folder)), source, share)
