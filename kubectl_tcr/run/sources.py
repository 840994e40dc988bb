"""What to read: files, directories, kustomizations, standard input."""

import os
import re
import stat
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from kubectl_tcr.errors import InputError, Location
from kubectl_tcr.files import EXTENSIONS
from kubectl_tcr.run.ignored import Ignored
from kubectl_tcr.run.passed import Passed, is_of_a_chart, unchecked

if TYPE_CHECKING:  # pathlib takes as long to load as half of this package, and standard input needs none of it
    from pathlib import Path

STDIN = "-"
STDIN_NAME = "<stdin>"

_CHUNK = 1 << 20
# How what gzip has packed begins (RFC 1952, 2.3.1).
_PACKED = b"\x1f\x8b"
# What makes a directory a chart, and where what Helm renders lies in it (helm.sh/docs/topics/charts).
_CHART, _TEMPLATES = "Chart.yaml", "templates"
# What makes one a kustomization (kustomize, konfig.RecognizedKustomizationFileNames).
_KUSTOMIZATIONS = {"kustomization.yaml", "kustomization.yml", "Kustomization"}
_LISTED = f"{', '.join(EXTENSIONS[:-1])} or {EXTENSIONS[-1]}"
# What kustomize takes for a repository elsewhere: a scheme, `git@HOST:`, or a host with a dot and a path.
_REMOTE = r"^(?:[A-Za-z][A-Za-z0-9+.-]*:[:/]|[\w.-]+@[\w.-]+[:/]|(?!\.)[\w-]+(?:\.[\w-]+)+(?::\d+)?/)|[?&]ref="


class Source(NamedTuple):
    """A stream to read: its name in messages, its bytes in chunks, and its path if it is a file.

    `root` is the directory it was found in, None if the user named it. `problem` says why there is nothing to read.
    """

    name: str
    chunks: Callable[[], Iterator[bytes]]
    path: "Path | None" = None
    root: "Path | None" = None
    problem: str = ""

    @property
    def target(self) -> "Path":
        """The file to write in place: a named symlink's target.

        Raises InputError where there is no file, or where a link leads out of the tree.
        """
        if self.problem:
            raise InputError(self.problem, Location(self.name))
        if self.path is None:
            raise InputError(f"{self.name} cannot be edited in place; name a file")
        try:
            target = self.path.resolve()
        except (OSError, RuntimeError):  # Python up to 3.12 raises the latter
            raise InputError("a symbolic link that leads to itself; name its target", Location(self.name)) from None
        if os.path.exists(target) and not os.path.isfile(target):  # noqa: PTH110, PTH113 pathlib raises for odd names
            raise InputError("is no regular file and cannot be edited in place", Location(self.name))
        if self.root and not target.is_relative_to(self.root.resolve()):
            raise InputError("a symbolic link that leads out of the directory; name its target", Location(self.name))
        return target


class Inputs(NamedTuple):
    """What to read, and what of the directories that were named is not."""

    sources: tuple[Source, ...]
    passed: tuple[Passed, ...] = ()

    def gated(self) -> tuple["Inputs", tuple[str, ...]]:
        """These for a run that is to find something wrong: a warning tells of the charts that it cannot look into.

        Raises InputError where nothing else is there: a check of nothing would pass.
        """
        what = unchecked(self.passed)
        if what and all(one.path and is_of_a_chart(one.path, self.passed) for one in self.sources):
            raise InputError(f"nothing is there to look at but charts: {what}")
        ignored = tuple(one for one in self.passed if not one.chart)
        return self._replace(passed=ignored), (what,) if what else ()


def inputs(found: Iterable[Source | Passed]) -> Inputs:
    """What was found, by its kind."""
    found = tuple(found)
    sources = tuple(one for one in found if isinstance(one, Source))
    return Inputs(sources, tuple(one for one in found if isinstance(one, Passed)))


def stdin() -> Source:
    """Standard input."""
    return Source(STDIN_NAME, lambda: _unpacked(_chunks(sys.stdin.buffer), STDIN_NAME))


@contextmanager
def closed_behind(source: Source) -> Iterator[Source]:
    """A source that is let go of in the end: what fails in the middle of a file leaves it open."""
    begun: list[Iterator[bytes]] = []

    def chunks() -> Iterator[bytes]:
        begun.append(source.chunks())
        return begun[-1]

    try:
        yield source._replace(chunks=chunks)
    finally:
        for one in begun:
            if isinstance(one, Generator):
                one.close()


def peeked(source: Source) -> tuple[bytes, Source]:
    """The first chunk of a source, and the source with that chunk still to come.

    What can be read only once, as standard input, can still be read once.
    """
    _, first, chunks = ahead(source.chunks(), 1)
    return first, source._replace(chunks=lambda: chunks)


def ahead(chunks: Iterator[bytes], size: int) -> tuple[int, bytes, Iterator[bytes]]:
    """How much there is, read up to a size in bytes; how it begins, and all of it, still to come.

    An InputError comes behind what was read in front of it.
    """
    held: deque[bytes] = deque()
    total = 0
    failure = None
    try:
        for chunk in chunks:
            held.append(chunk)
            total += len(chunk)
            if total >= size:
                break
    except InputError as error:
        failure = error
    return total, held[0] if held else b"", _given(held, chunks, failure)


def _given(held: deque[bytes], chunks: Iterator[bytes], failure: InputError | None) -> Iterator[bytes]:
    while held:
        yield held.popleft()
    if failure:
        raise failure
    yield from chunks


def files(names: Iterable[str], *, recursive: bool, ignored: Ignored) -> Iterator[Source | Passed]:
    """The sources that names on the command line stand for, in kubectl's sense of `-f`.

    What is named is read, whatever is ignored in directories.
    Raises InputError for a directory that holds no manifest, as kubectl does: a check of nothing would pass.
    """
    for name in names:
        if not name:
            raise InputError("the name of a file is empty; is a variable not set?")
        if name == STDIN:
            yield stdin()
        elif name.startswith(("http://", "https://")):
            raise InputError(
                f"{name} is a URL; this tool uses no network, pipe it in: curl -fsSL URL | kubectl tcr-rewrite"
            )
        else:
            yield from _named(name, ignored, recursive=recursive)


def _named(name: str, ignored: Ignored, *, recursive: bool) -> Iterator[Source | Passed]:
    """A file, or the manifests of a directory."""
    from pathlib import Path

    path = Path(name)
    if not os.path.isdir(name):  # noqa: PTH112 pathlib raises for names that are too long
        yield _file(path)
    elif chart := _chart_of(path):
        what = f"holds the templates of a chart, which Helm renders; pipe in what helm template {chart} prints"
        raise InputError(what, Location(name))
    elif found := tuple(_below(path, ignored, is_deep=recursive)):
        yield from found
    else:
        raise InputError(_nothing(path, ignored, recursive=recursive), Location(name))


def _chart_of(path: "Path") -> str:
    """The chart of which a directory is the templates, or lies among them; empty where it is of none."""
    full = path.absolute()
    for folder in (full, *full.parents):
        if folder.name == _TEMPLATES and (folder.parent / _CHART).is_file():
            return str(folder.parent) if path.is_absolute() else os.path.relpath(folder.parent)
    return ""


def _nothing(path: "Path", ignored: Ignored, *, recursive: bool) -> str:
    """Why there is nothing to read in a directory."""
    if packed := next(iter(sorted(path.rglob("*.tgz") if recursive else path.glob("*.tgz"))), None):
        return f"holds no manifest but packed charts; pipe in what helm template {packed} prints"
    if not recursive and any(isinstance(one, Source) for one in _below(path, ignored)):
        return f"holds no {_LISTED} file itself; add -R to read those below it"
    return f"holds no {_LISTED} file; name a directory that does, or pipe manifests in"


def kustomization(directory: str, flags: tuple[str, ...] = ()) -> Source:
    """What `kubectl kustomize` builds from a directory here, with flags of its own.

    Raises InputError for what is no directory: kustomize would clone a repository.
    """
    if not os.path.isdir(directory):  # noqa: PTH112 see above
        raise InputError(_no_directory(directory))
    names = os.listdir(directory) if os.access(directory, os.R_OK) else ()  # noqa: PTH208 see above
    if _CHART in names and not _KUSTOMIZATIONS.intersection(names):
        what = f"-k {directory} is a chart, not a kustomization; pipe in what helm template {directory} prints"
        raise InputError(what)
    return Source(f"kustomize {directory}", lambda: iter([_build(directory, flags)]))


def _no_directory(name: str) -> str:
    if os.path.exists(name):  # noqa: PTH110 see above
        return f"-k {name} is no directory; name the one that holds the kustomization"
    if re.search(_REMOTE, name):
        build = "kubectl kustomize URL | kubectl tcr-rewrite"
        return f"-k {name} is a URL; this tool uses no network, pipe it in: {build}"
    return f"-k {name}: there is no such directory"


def _build(directory: str, flags: tuple[str, ...]) -> bytes:
    import subprocess

    from kubectl_tcr.run import kubectl

    # Behind -- nothing is a flag, and what begins with / is never taken for a repository (kustomize, repospec.go).
    command = [kubectl.program("-k"), "kustomize", *flags, "--", os.path.abspath(directory)]  # noqa: PTH100 links are not resolved
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 no shell; the directory is one argument
    except OSError as error:
        raise kubectl.unrunnable(command[0], error) from None
    if done.returncode:
        raise InputError(f"kubectl kustomize failed: {kubectl.problem(done.stderr)}", Location(directory))
    return done.stdout


def _below(root: "Path", ignored: Ignored, *, is_deep: bool = True) -> Iterator[Source | Passed]:
    """The manifests below a directory or only in it, in order, links to directories not followed.

    As kubectl takes them (cli-runtime, ExpandPathsToFileVisitors), but for the templates of charts.
    """
    from pathlib import Path

    refused: list[OSError] = []  # told when their turn comes, as with files
    for folder, folders, names in os.walk(root, onerror=refused.append):
        yield from _refused(refused)
        templates = str(Path(folder, _TEMPLATES))
        if _CHART in names and _TEMPLATES in folders and not ignored.has(templates):
            folders.remove(_TEMPLATES)
            yield Passed(templates, str(Path(folder)))
        for name in [name for name in sorted(folders) if is_deep and ignored.has(str(Path(folder, name)))]:
            folders.remove(name)
            yield Passed(str(Path(folder, name)))
        folders[:] = sorted(folders) if is_deep else ()
        for path in (Path(folder, name) for name in sorted(names) if name.endswith(EXTENSIONS)):
            yield Passed(str(path)) if ignored.has(str(path)) else _file(path, root)
    yield from _refused(refused)


def _refused(errors: list[OSError]) -> Iterator[Source]:
    """Directories that cannot be read, as sources that cannot."""
    while errors:
        error = errors.pop(0)
        name, problem = str(error.filename), f"cannot be read: {error.strerror}"
        yield Source(name, partial(_fail, problem, name), problem=problem)


def _fail(problem: str, name: str) -> Iterator[bytes]:
    raise InputError(problem, Location(name))


def _file(path: "Path", root: "Path | None" = None) -> Source:
    return Source(str(path), partial(_read if root is None else _read_regular, path), path, root)


def refuse_output(given: Iterable[Source], descriptor: int) -> None:
    """Raise InputError where one of the sources is the file that standard output, a descriptor, is written to."""
    try:
        out = os.fstat(descriptor)
    except OSError:
        return
    if not stat.S_ISREG(out.st_mode):
        return
    for source in given:
        found = _status(source)
        if found and os.path.samestat(found, out):
            is_emptied = not out.st_size and not appends(descriptor)
            loss = ", and the shell has emptied it; restore it, then" if is_emptied else ";"
            raise InputError(f"is standard output too{loss} use --in-place or another output", Location(source.name))


def _status(source: Source) -> os.stat_result | None:
    """What file a source is, None where it is none or cannot be looked at."""
    try:
        if source.path:
            return source.path.stat()
        return os.fstat(0) if source.name == STDIN_NAME else None
    except OSError:
        return None


def appends(descriptor: int) -> bool:
    """Whether what is written goes behind what is there (`>>`)."""
    if sys.platform == "win32":
        return False
    from fcntl import F_GETFL, fcntl

    return bool(fcntl(descriptor, F_GETFL) & os.O_APPEND)


class Share(NamedTuple):
    """Files that are done together, and their size in bytes."""

    sources: tuple[Source, ...]
    size: int


def shares(given: Iterable[Source], size: int) -> tuple[Share, ...]:
    """Files in order, in shares of about a size.

    None where one of the sources is no file, cannot be looked at, or is there twice: what is done
    to it first counts for the second time.
    """
    found, held, total = [], [], 0
    seen: set[tuple[int, int]] = set()
    for source in given:
        status = _status(source) if source.path else None
        if status is None or not stat.S_ISREG(status.st_mode) or (status.st_dev, status.st_ino) in seen:
            return ()
        seen.add((status.st_dev, status.st_ino))
        held.append(source)
        total += status.st_size
        if total >= size:
            found.append(Share(tuple(held), total))
            held, total = [], 0
    return (*found, Share(tuple(held), total)) if held else tuple(found)


def _read(path: "Path") -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from _unpacked(_chunks(file), str(path))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", Location(str(path))) from None


def _read_regular(path: "Path") -> Iterator[bytes]:
    """A file that was found, not named: a FIFO or a device below a directory is none to wait for."""
    try:
        status = path.stat()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", Location(str(path))) from None
    if not stat.S_ISREG(status.st_mode):
        raise InputError("is no regular file; name it to read it, or take it out of the directory", Location(str(path)))
    yield from _read(path)


def _unpacked(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """The chunks of a stream; raises InputError for one that gzip has packed, as helm package does with charts."""
    first = next(chunks, b"")
    if first.startswith(_PACKED):
        place = "CHART.tgz" if name == STDIN_NAME else name
        what = "is a packed chart" if name.endswith(".tgz") else "is packed by gzip, as charts are"
        raise InputError(f"{what}; pipe in what helm template {place} prints", Location(name))
    yield first
    yield from chunks


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
