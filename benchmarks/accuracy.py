"""Rewrites a copy of labelled manifests and holds what changed against the labels; see README.md beside this file."""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import labels
from installed import program
from labels import HOSTS, HUB_ALIASES, WORD, Duty, Label, Mention

MIRRORS = {host: f"{host.replace('.', '-')}.example.net" for host in HOSTS}
_SPELLINGS = {
    mirror.encode(): tuple(alias.encode() for alias in (HUB_ALIASES if host == "docker.io" else (host,)))
    for host, mirror in MIRRORS.items()
}
_MIRROR = re.compile(b"|".join(map(re.escape, _SPELLINGS)))
_LIBRARY = b"library/"
_MANIFEST = {".yaml", ".yml", ".json"}


class Edit(NamedTuple):
    """A place that was rewritten: its 1-based line and the reference, both of the source."""

    line: int
    reference: str


class Diff(NamedTuple):
    """The edits that lead from a source to an output; `lost` counts mirrors that cannot be placed."""

    edits: tuple[Edit, ...]
    is_identical: bool
    lost: int = 0


class Manifest(NamedTuple):
    """A file of the corpus before and after the run, and whether a second run changed it again."""

    name: str
    source: bytes
    output: bytes
    is_stable: bool


class Verdict(NamedTuple):
    """A mention or an edit with what became of it."""

    file: str
    line: int
    category: str
    text: str
    field: str = ""


class Score(NamedTuple):
    """What is found in one file; `kept` are the mentions that must be rewritten and were."""

    file: str
    categories: frozenset[str]
    kept: tuple[tuple[Duty, str], ...]
    missed: tuple[tuple[Duty, Verdict], ...]
    allowed: tuple[str, ...]
    wrong: tuple[Verdict, ...]
    is_identical: bool
    is_stable: bool


def compare(source: bytes, output: bytes) -> Diff:
    """Undo every edit of an output, from front to back.

    What stands between two mirrors must be the source's, byte for byte. From the first place
    where it is not, nothing can be placed any more: the mirrors behind it are `lost`, and count
    as edits that no label allows. (Reading the references out of such an output would be kinder.)
    """
    offsets: list[int] = []
    read = written = 0
    found = list(_MIRROR.finditer(output))
    for index, match in enumerate(found):
        between = output[written : match.start()]
        if not source.startswith(between, read):
            return Diff(_edits(source, offsets), is_identical=False, lost=len(found) - index)
        read += len(between)
        offsets.append(read)
        read, written = _undo(source, read, output, match)
    return Diff(_edits(source, offsets), source[read:] == output[written:])


def _undo(source: bytes, read: int, output: bytes, match: re.Match[bytes]) -> tuple[int, int]:
    """The offsets behind an edit, in source and output."""
    written = match.end()
    host = next((host for host in _SPELLINGS[match.group()] if _stands(host, source, read)), b"")
    # A short name got a domain in front, and a slash; Docker Hub's bare names got `library/` too.
    behind = len(host) + 1 if host else 0
    if output.startswith(b"/" + _LIBRARY, written) and not source.startswith(_LIBRARY, read + behind):
        written += len(_LIBRARY)
    return read + len(host), written if host else written + 1


def _stands(host: bytes, source: bytes, at: int) -> bool:
    """Whether a host stands at an offset, and not only the beginning of a longer one."""
    return source.startswith(host, at) and not re.compile(rb"[.-]\w").match(source, at + len(host))


def _edits(source: bytes, offsets: list[int]) -> tuple[Edit, ...]:
    ends = [match.start() for match in re.finditer(b"\n", source)] if offsets else []
    return tuple(Edit(bisect_right(ends, at) + 1, _word(source, at)) for at in offsets)


def _word(source: bytes, at: int) -> str:
    found = WORD.match(source, at)
    return found.group().decode(errors="replace") if found else ""


def score(manifest: Manifest, asked: list[Mention], categories: frozenset[str]) -> Score:
    """Hold the edits of a file against what is asked for it."""
    diff = compare(manifest.source, manifest.output)
    text = manifest.source.decode(errors="replace")
    left = [mention for mention in asked if mention.name in text]  # some labels are cut short in the middle of a name
    kept, allowed, wrong = [], [], []
    for edit in diff.edits:
        mention = _match(edit, left)
        if mention is None:
            wrong.append(Verdict(manifest.name, edit.line, "(no label)", edit.reference))
            continue
        left.remove(mention)
        allowed.append(mention.label.category)
        if mention.duty is not Duty.MAY:
            kept.append((mention.duty, mention.label.category))
    wrong += [Verdict(manifest.name, 0, "(no label)", "not to be placed")] * diff.lost
    missed = tuple((mention.duty, _missed(mention)) for mention in left if mention.duty is not Duty.MAY)
    return Score(
        manifest.name,
        categories,
        tuple(kept),
        missed,
        tuple(allowed),
        tuple(wrong),
        diff.is_identical,
        manifest.is_stable,
    )


def _match(edit: Edit, left: list[Mention]) -> Mention | None:
    """The mention an edit counts for: of that name, the strictest duty first, then the nearest above."""
    name = labels.plain_name(edit.reference)
    fitting = [mention for mention in left if mention.name == name]
    return min(fitting, key=lambda one: (one.duty, one.label.line > edit.line, -one.label.line), default=None)


def _missed(mention: Mention) -> Verdict:
    label = mention.label
    return Verdict(label.file, label.line, label.category, mention.name, label.field)


def rewrite(folder: Path) -> tuple[list[Manifest], int]:
    """Every manifest of a corpus with what two runs made of it, and the status of the first run."""
    root = folder / "manifests"
    with tempfile.TemporaryDirectory() as scratch:
        copies = {path: Path(scratch, _copy_name(path.relative_to(root))) for path in _files(root)}
        for path, copy in copies.items():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        status = _run(scratch)
        first = {path: copy.read_bytes() for path, copy in copies.items()}
        _run(scratch)
        return [
            Manifest(str(path.relative_to(root)), path.read_bytes(), output, copies[path].read_bytes() == output)
            for path, output in first.items()
        ], status


def _files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def _copy_name(name: Path) -> Path:
    """A name that `-R` picks up."""
    return name if name.suffix in _MANIFEST else name.with_name(f"{name.name}.yaml")


def _run(folder: str) -> int:
    """Rewrite a folder in place; 2 says that some of the files cannot be read, which is expected.

    Raises RuntimeError.
    """
    mirrors = (word for pair in MIRRORS.items() for word in ("--mirror", "=".join(pair)))
    command = [program(), "--in-place", "-R", "-q", "--preset", "none", *mirrors, "-f", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 2} or "Traceback" in done.stderr:
        raise RuntimeError(f"the rewriter broke, status {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.returncode


def scores(folder: Path) -> tuple[list[Score], int]:
    """The score of every file of a corpus, and the status of the run."""
    table = labels.read(folder / "mentions.tsv")
    asked: dict[str, list[Mention]] = defaultdict(list)
    for mention in labels.mentions(table):
        asked[mention.label.file].append(mention)
    categories = _categories(table)
    manifests, status = rewrite(folder)
    return [score(one, asked[one.name], frozenset(categories[one.name])) for one in manifests], status


def _categories(table: list[Label]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for label in table:
        found[label.file].add(label.category)
    return found


class Share(NamedTuple):
    """A part of a whole."""

    part: int
    whole: int

    def __str__(self) -> str:
        return f"{self.part}/{self.whole}"

    @property
    def percent(self) -> str:
        """With two places; nothing of nothing is all."""
        return f"{100 * self.part / self.whole if self.whole else 100:.2f} %"


class Line(NamedTuple):
    """The figures of one category, or of all."""

    recall: Share
    short: Share
    precision: Share
    identity: Share
    stable: Share


def line(found: list[Score], category: str | None = None) -> Line:
    """The figures of a category; of everything if none is named.

    Identity and stability are those of the files that hold a label of the category.
    """
    files = [one for one in found if category is None or category in one.categories]
    allowed = _count(category, (name for one in found for name in one.allowed))
    wrong = _count(category, (bad.category for one in found for bad in one.wrong))
    return Line(
        _recall(found, Duty.MUST, category),
        _recall(found, Duty.SHORT, category),
        Share(allowed, allowed + wrong),
        Share(sum(one.is_identical for one in files), len(files)),
        Share(sum(one.is_stable for one in files), len(files)),
    )


def _recall(found: list[Score], duty: Duty, category: str | None) -> Share:
    kept = _count(category, (name for one in found for asked, name in one.kept if asked is duty))
    missed = _count(category, (bad.category for one in found for asked, bad in one.missed if asked is duty))
    return Share(kept, kept + missed)


def _count(category: str | None, names: Iterator[str]) -> int:
    counts = Counter(names)
    return counts.total() if category is None else counts[category]


_TITLES = ("recall", "short", "precision", "identity", "stable")
_MEANINGS = {
    "recall": "references with a mapped host that were rewritten",
    "short": "short names at pod fields that were rewritten",
    "precision": "edits that a label allows",
    "identity": "files unchanged outside the edits",
    "stable": "files that a second run leaves as they are",
}


def show(found: list[Score]) -> None:
    """Print all figures: of everything, then of each category."""
    for title, share in zip(_TITLES, line(found), strict=True):
        print(f"{title:10s}{share!s:>12s} = {share.percent:>8s}   {_MEANINGS[title]}")
    names = sorted({name for one in found for name in one.categories})
    wrong = sorted({bad.category for one in found for bad in one.wrong} - set(names))
    print(f"\n{'category':28s}" + "".join(f"{title:>12s}" for title in _TITLES))
    for name in (*names, *wrong):
        cells = (str(share) if share.whole else "-" for share in line(found, name))
        print(f"{name:28s}" + "".join(f"{cell:>12s}" for cell in cells))


def show_verdicts(found: list[Score], misses: int, wrong: int) -> None:
    """Print the first of what was missed and of what should not have been touched."""
    missed = [bad for one in found for _, bad in one.missed]
    for bad in missed[:misses]:
        print("missed", f"{bad.file}:{bad.line}", bad.category, bad.field, bad.text, sep="\t")
    for bad in [bad for one in found for bad in one.wrong][:wrong]:
        print("wrong", f"{bad.file}:{bad.line}", bad.text, sep="\t")
    for one in [one for one in found if not one.is_identical][:wrong]:
        print("changed elsewhere", one.file, sep="\t")
    for one in [one for one in found if not one.is_stable][:wrong]:
        print("changed by a second run", one.file, sep="\t")


def problem(folder: str) -> str:
    """What keeps a folder from being a corpus; empty if nothing does."""
    if not folder:
        return "name the folder with the labelled manifests: make accuracy CORPUS=FOLDER"
    path = Path(folder)
    if not path.is_dir():
        return f"{folder} is not a folder"
    missing = [name for name in ("manifests", "mentions.tsv") if not (path / name).exists()]
    return f"{folder} holds no {' and no '.join(missing)}; a corpus has both" if missing else ""


def arguments() -> argparse.Namespace:
    """The command line as values."""
    parser = argparse.ArgumentParser(prog="accuracy.py", description=__doc__)
    parser.add_argument("folder", nargs="?", default="", help="a folder with manifests/ and mentions.tsv")
    parser.add_argument("--misses", type=int, default=0, metavar="N", help="list the first N that were missed")
    parser.add_argument("--wrong", type=int, default=0, metavar="N", help="list the first N wrong edits")
    return parser.parse_args()


def main() -> int:
    """Rewrite, score, print."""
    options = arguments()
    if bad := problem(options.folder):
        print(f"error: {bad}", file=sys.stderr)
        return 2
    try:
        found, status = scores(Path(options.folder))
    except (OSError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except (KeyError, ValueError) as error:
        print(
            f"error: {options.folder}/mentions.tsv is not of the form described in README.md: {error}", file=sys.stderr
        )
        return 2
    unread = ", some could not be read" if status else ""
    print(f"{len(found)} files{unread}\n")
    show(found)
    show_verdicts(found, options.misses, options.wrong)
    return 0


if __name__ == "__main__":
    sys.exit(main())
