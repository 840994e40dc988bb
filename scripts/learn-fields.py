#!/usr/bin/env python3
"""Make the learned part of the table of fields, kubectl_tcr/kubernetes/learned.txt, from public definitions.

    scripts/learn-fields.py [--check] FOLDER... CATALOG.tsv...

A FOLDER holds CustomResourceDefinitions among whatever else; where an `index.tsv` beside it names repository and commit
of its files, they are the source of a row. A catalogue has a row for each string of a schema: group, kind (in whatever
case), versions, path, the keys beside it, and its description. Rows that fields.txt declares by hand, or that
learned-out.txt throws out, are left away. `--check` writes nothing and prints what would be thrown out or is suspected.
"""

import csv
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from kubectl_tcr.crds import learn
from kubectl_tcr.crds.judge import judge
from kubectl_tcr.crds.schema import Leaf, is_spelled
from kubectl_tcr.errors import InputError
from kubectl_tcr.kubernetes import exclusions
from kubectl_tcr.kubernetes.fields import Fields, is_container_image, parse_table, split_path
from kubectl_tcr.text.document import Path as FieldPath

TABLES = Path(__file__).parent.parent / "kubectl_tcr" / "kubernetes"
TABLE = TABLES / "learned.txt"
OUT = Path(__file__).parent / "learned-out.txt"
# Where the schemas of a catalogue are published, by group, kind and version.
CATALOG = "https://github.com/datreeio/CRDs-catalog/blob/main/{group}/{kind}_{version}.json"
HEAD = """\
# Where custom resources hold container images, as scripts/learn-fields.py learned it from their definitions.
#
# Do not edit: the form is that of fields.txt, whose rows were written by hand and are not repeated here, and what was
# thrown out, and why, stands in scripts/learned-out.txt. Kinds are in lower case where no source spells them.
"""


# Kinds as their projects spell them, by group and their letters in lower case.
Spelling = dict[tuple[str, str], str]


class Thrown(NamedTuple):
    """Rows that are thrown out: globs of group, kind and path, and why."""

    group: str
    kind: str
    path: str
    why: str

    def holds(self, row: learn.Row) -> bool:
        """Whether a row is thrown out by it."""
        return (
            fnmatchcase(row.group, self.group)
            and fnmatchcase(row.kind.lower(), self.kind.lower())
            and fnmatchcase(row.path, self.path.replace("[]", "[[]]"))
        )


def thrown() -> list[Thrown]:
    """The rows of learned-out.txt."""
    lines = (line for line in OUT.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    return [Thrown(*(part.strip() for part in line.split("|"))) for line in lines]


def of_folder(folder: Path) -> Iterator[learn.Learned]:
    """What the definitions below a folder say, file by file."""
    sources = dict(_index(folder))
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".yaml", ".yml", ".json") or not path.is_file():
            continue
        name = path.relative_to(folder).as_posix()
        try:
            yield learn.of_stream([path.read_bytes()], sources.get(name, name))
        except InputError as error:
            sys.stderr.write(f"skipped: {error}\n")


def _index(folder: Path) -> Iterator[tuple[str, str]]:
    """The files of a folder with their page, if a table beside it knows that."""
    table = folder.parent / "index.tsv"
    if table.is_file():
        with table.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                inner = row["file"].partition("/")[2]
                yield row["file"], f"https://github.com/{row['repository']}/blob/{row['commit']}/{inner}"


def of_catalog(table: Path, spelling: Spelling) -> Iterator[learn.Learned]:
    """What the strings of a catalogue are."""
    csv.field_size_limit(1 << 24)
    with table.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    everywhere: dict[tuple[str, str], set[str]] = {}
    for row in found:
        keys = set(row["path"].replace("[]", "").replace(".{}", "").split(".")) | set(row["siblings"].split())
        everywhere.setdefault((row["group"], row["kind"]), set()).update(keys)
    for row in found:
        version = row["versions"].replace(",", " ").split()[-1]
        source = CATALOG.format(group=row["group"], kind=row["kind"], version=version)
        beside = frozenset(row["siblings"].split())
        seen = frozenset(everywhere[row["group"], row["kind"]])
        kind = spelling.get((row["group"], row["kind"]), row["kind"])
        leaf = Leaf(row["group"], kind, split_path(row["path"]), beside, row["description"], everywhere=seen)
        verdict = judge(leaf) if is_spelled(leaf.path) and not is_container_image(_concrete(row["path"])) else None
        if verdict:
            yield learn.Learned((learn.row(leaf, verdict, source),))


def _concrete(path: str) -> FieldPath:
    return tuple({"[]": 0, "{}": "any", "**": "deep"}.get(part, part) for part in split_path(path))


def by_hand() -> Fields:
    """The rows that were written by hand."""
    lines = (TABLES / "fields.txt").read_text(encoding="utf-8").splitlines()
    return Fields(parse_table(line for line in lines if line.strip() and not line.startswith("#")))


def table(rows: Iterable[learn.Row]) -> str:
    """The text of the table."""
    lines, head = [HEAD.rstrip("\n")], ("", "")
    for row in rows:
        if (row.group, row.source) != head:
            head = row.group, row.source
            lines.append(f"{row.group} {row.source}")
        lines.append(f"  {row.kind} {row.path}")
    return "\n".join(lines) + "\n"


def main(words: list[str]) -> int:
    """Write the table, or tell what it would hold."""
    is_check = "--check" in words
    places = [Path(word) for word in words if word != "--check"]
    hand, out = by_hand(), thrown()
    spelling = {(row.group, row.kind.lower()): row.kind for row in (*hand.rows, *exclusions.ROWS)}
    parts = [one for place in places if place.is_dir() for one in of_folder(place)]
    spelling |= {(row.group, row.kind.lower()): row.kind for part in parts for row in part.rows}
    parts += [one for place in places if not place.is_dir() for one in of_catalog(place, spelling)]
    kept: list[learn.Row] = []
    for row in learn.joined(parts).rows:
        reason = next((one.why for one in out if one.holds(row)), "")
        is_new = not any(hand.declaring(row.group, row.kind, _concrete(row.path)))
        word = "" if row.is_image else row.role.value
        word = word or ("" if row.is_certain else "suspected") or (reason and f"thrown out: {reason}")
        if is_check:
            state = word or ("new" if is_new else "by hand")
            sys.stdout.write("\t".join((state, *row[:3], row.why, row.source)) + "\n")
        elif not word and is_new:
            kept.append(row)
    if not is_check:
        kept.sort(key=lambda row: (row.group, row.source, row.kind, row.path))
        TABLE.write_text(table(kept), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
