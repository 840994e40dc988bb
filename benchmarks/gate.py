"""How honest the gate is: of the images that charts and kustomizations name, how many a run without rules counts.

See README.md beside this file.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from installed import TOOLS

from kubectl_tcr import Settings, Site, Status, build, rewrite
from kubectl_tcr.errors import InputError

ROOT = Path(__file__).resolve().parent.parent
LABELS = ROOT / "benchmarks" / "gate"
_OURS = (ROOT / "e2e" / "charts", ROOT / "examples", LABELS)
_MANIFESTS = (".yaml", ".yml", ".json")
NOTHING = Settings(rules=build([]))


class Subject(NamedTuple):
    """Manifests as they are applied, and the images that they pull, as written, by hand; None where nobody said."""

    name: str
    manifests: bytes
    images: frozenset[str] | None


class Count(NamedTuple):
    """How many images are counted (on no mirror, trusted, or left with a reason), suspected, and not named at all."""

    counted: int
    suspected: int
    silent: tuple[str, ...]


def measure(subject: Subject) -> Count:
    """Count the images of manifests by what a run without rules says of them; raises InputError."""
    sites = rewrite(subject.manifests, NOTHING, file=subject.name).sites
    counted = {site.reference for site in sites if is_counted(site)}
    suspected = {site.reference for site in sites if site.status is Status.SUSPECTED} - counted
    if subject.images is None:
        return Count(len(counted), len(suspected), ())
    silent = subject.images - counted - suspected
    return Count(len(subject.images & counted), len(subject.images & suspected), tuple(sorted(silent)))


def is_counted(site: Site) -> bool:
    """Whether a site is told of as an image or a registry."""
    return site.is_open or site.status in (Status.TRUSTED, Status.MIRRORED)


def subjects(folder: Path, labels: Path, *, are_labelled: bool = False) -> Iterator[Subject]:
    """The charts, kustomizations and manifests right below a folder; labels are `NAME.images` in another."""
    for path in sorted(folder.iterdir()):
        images = _images(labels / f"{path.name}.images")
        manifests = None if images is None and are_labelled else _manifests(path)
        if manifests is not None:
            yield Subject(path.name, manifests, images)


def _manifests(path: Path) -> bytes | None:
    if (path / "Chart.yaml").is_file():
        return _output(_tool("helm3", "helm4", "helm"), "template", "gate", str(path), "--include-crds")
    if (path / "kustomization.yaml").is_file():
        return _output(_tool("kustomize"), "build", str(path))
    return path.read_bytes() if path.suffix in _MANIFESTS else None


def _images(path: Path) -> frozenset[str] | None:
    if not path.is_file():
        return None
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _tool(*names: str) -> str:
    """The first of some tools that is installed; raises FileNotFoundError."""
    path = os.pathsep.join([str(TOOLS), os.environ.get("PATH", os.defpath)])
    found = next(filter(None, (shutil.which(name, path=path) for name in names)), None)
    if found is None:
        raise FileNotFoundError(f"{names[0]} is not installed; run scripts/install-tools {names[0]}")
    return found


def _output(*command: str) -> bytes:
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def main(words: list[str]) -> int:
    """Print the table; 1 where an image of ours is silent, 2 where something cannot be read."""
    parser = argparse.ArgumentParser(description=__doc__, prog="gate.py")
    parser.add_argument("folder", nargs="?", help="more charts, manifests and, beside them, their NAME.images")
    folder = parser.parse_args(words).folder
    try:
        ours = [one for folder in _OURS for one in subjects(folder, LABELS, are_labelled=True)]
        theirs = list(subjects(Path(folder), Path(folder))) if folder else []
        rows = [(subject, measure(subject)) for subject in (*ours, *theirs)]
    except (OSError, InputError, subprocess.CalledProcessError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{'file':40} {'images':>7} {'counted':>8} {'suspected':>10} {'silent':>7}")
    for subject, count in rows:
        images, silent = ("-", "-") if subject.images is None else (len(subject.images), len(count.silent))
        print(f"{subject.name:40} {images:>7} {count.counted:>8} {count.suspected:>10} {silent:>7}")
        for image in count.silent:
            print(f"    silent: {image}")
    return 1 if any(count.silent for subject, count in rows[: len(ours)]) else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
