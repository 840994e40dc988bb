"""How many short names in custom resources are found, without and with the definitions that lie beside them.

See README.md beside this file.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from kubectl_tcr import Settings, Site, Status, build, parse_rule
from kubectl_tcr.crds import files
from kubectl_tcr.crds.learn import Learned
from kubectl_tcr.errors import InputError
from kubectl_tcr.images.reference import has_domain
from kubectl_tcr.kubernetes.fields import FIELDS
from kubectl_tcr.pipeline import Rewriter

_MANIFESTS = (".yaml", ".yml", ".json")
# Short names are found by a rule for Docker Hub alone.
RULES = build([(parse_rule("docker.io=hub.example.com", "benchmark"),)])


# File, line and column.
Place = tuple[str, int, int]


class Found(NamedTuple):
    """A short name in a custom resource: where, what it says, and whether it is rewritten or but suspected."""

    file: str
    line: int
    column: int
    kind: str
    group: str
    reference: str
    is_rewritten: bool

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.file, self.line, self.column


def short_names(names: list[Path], settings: Settings) -> Iterator[Found]:
    """The short names in custom resources below folders and in files; what cannot be read holds none."""
    rewriter = Rewriter(settings, detail=False)
    for path in manifests(names):
        try:
            sites = rewriter.rewrite(path.read_bytes(), file=str(path)).sites
        except InputError:
            continue
        for site in filter(is_one, sites):
            resource = site.resource
            is_rewritten = site.status is Status.REWRITTEN
            place = str(path), site.line, site.column
            yield Found(*place, resource.kind, resource.group, site.reference, is_rewritten)


def manifests(names: list[Path]) -> Iterator[Path]:
    """Files, and those below folders that kubectl would read."""
    for name in names:
        found = sorted(name.rglob("*")) if name.is_dir() else [name]
        yield from (path for path in found if path.is_file() and path.suffix in _MANIFESTS)


def is_one(site: Site) -> bool:
    """Whether a site is a short name in a custom resource, not in one of its pods."""
    is_custom = "." in site.resource.group and not site.resource.group.endswith(".k8s.io")
    is_said = site.status in (Status.REWRITTEN, Status.SUSPECTED)
    return is_custom and is_said and site.how != "container" and not has_domain(site.reference)


def report(names: list[Path], learned: Learned) -> Iterator[str]:
    """The lines that the command prints."""
    known = FIELDS.extended(learned.declared, learned.suspected, learned.complete)
    before = {one.place: one for one in short_names(names, Settings(rules=RULES))}
    after = {one.place: one for one in short_names(names, Settings(rules=RULES, fields=known))}
    # What a definition says is none was suspected by its key alone.
    every = {place: one for place, one in before.items() if one.is_rewritten} | after
    rows = f"{len(learned.declared)} fields declared, {len(learned.suspected)} suspected"
    yield f"{len(learned.definitions)} definitions, {rows}"
    yield ""
    yield "short names in custom resources       without      with --crds"
    for title, has_schema in (("in kinds with a definition", True), ("in kinds without one", False)):
        places = [place for place, one in every.items() if ((one.group, one.kind) in learned.definitions) is has_schema]
        yield f"{title:32}{_share(before, places):>13}{_share(after, places):>17}"
    missed = Counter(f"{one.kind} of {one.group}" for one in after.values() if not one.is_rewritten)
    if missed:
        yield ""
        yield "suspected only, with --crds:"
    yield from (f"{number:6} {kind}" for kind, number in missed.most_common())


def _share(found: Mapping[Place, Found], places: Sequence[Place]) -> str:
    rewritten = sum(place in found and found[place].is_rewritten for place in places)
    return f"{rewritten}/{len(places)}"


def main() -> int:
    """Print how much definitions teach."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", type=Path, metavar="FOLDER", help="definitions and manifests")
    names = parser.parse_args().names
    learned = files.learned(map(str, names))
    sys.stdout.writelines(f"{line}\n" for line in report(names, learned))
    return 0


if __name__ == "__main__":
    sys.exit(main())
