"""Several processors change nothing but the time: output, status, messages and report are those of one."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from .conftest import JSON_POD, TIMEOUT, Done, Folder, finished, pod

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="work is shared out on Linux only"),
    pytest.mark.skipif(
        sys.platform == "linux" and len(os.sched_getaffinity(0)) < 2, reason="there is one processor only"
    ),
]

# Runs a command on one processor, as `taskset -c` does.
_ONE = "import os, sys; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); os.execv(sys.argv[1], sys.argv[1:])"
ONE = (sys.executable, "-c", _ONE)

# From 3 MB (MiB) on work is shared out, in pieces of half a MB; standard input comes in chunks of one.
MIB = 1 << 20
LARGE = 7 * MIB // 2


def filler(index: int, size: int = 4000) -> bytes:
    """A document of about a size that holds no reference."""
    return b"kind: ConfigMap\ndata:\n  text: |\n" + f"    line {index} of a log\n".encode() * (size // 24)


def unit(index: int) -> bytes:
    """Some documents: two with a mapped host, one with another, and much text."""
    documents = (
        pod(f"quay.io/team/web:{index}", "nginx:1.25", name=f"web-{index}"),
        filler(index),
        pod(f"registry.example/team/job:{index}", f"gcr.io/team/tool:{index}", name=f"job-{index}"),
    )
    return b"".join(b"---\n" + document for document in documents)


def secret(index: int) -> bytes:
    """A pod that pulls with a secret."""
    return b"---\n" + pod(f"quay.io/a/b:{index}", name=f"p{index}") + b"  imagePullSecrets: [{name: s%d}]\n" % index


def large(of: Callable[[int], bytes] = unit, size: int = LARGE) -> bytes:
    """A stream of at least a size."""
    found, total = [], 0
    while total < size:
        found.append(of(len(found)))
        total += len(found[-1])
    return b"".join(found)


def around(small: bytes, number: int = 4) -> bytes:
    """A large stream with small documents wherever it may be cut: around every whole MB of it."""
    block = small * (64 * 1024 // len(small))
    text, index = b"", 0
    for boundary in range(MIB, number * MIB, MIB):
        parts = []
        wanted = boundary - len(text) - len(block) // 2
        while wanted > 0:
            parts.append(unit(index))
            index += 1
            wanted -= len(parts[-1])
        text += b"".join(parts) + block
    return text + large(size=MIB)


def inside(what: bytes) -> bytes:
    """A large stream with something in its last batch."""
    return large() + what + large(size=20_000)


def alike(folder: Folder, *args: str, source: bytes = b"") -> Done:
    """What a run leaves behind, on several processors as on one, report file included."""
    report = folder.path / "report"
    runs = []
    for within in ((), ONE):
        done = folder.run(*args, input=source, within=within)
        runs.append((done, report.read_bytes() if report.exists() else b""))
    (many, many_report), (one, one_report) = runs
    assert (many.status, many.err) == (one.status, one.err)
    assert difference(many.out, one.out) is None
    assert difference(many_report, one_report) is None
    return many


def difference(found: bytes, expected: bytes) -> tuple[bytes, bytes] | None:
    """The first lines that differ, None where none do; pytest would look for all of them in megabytes."""
    if found == expected:
        return None
    pairs = zip(found.splitlines(keepends=True), expected.splitlines(keepends=True), strict=False)
    first = next(((ours, theirs) for ours, theirs in pairs if ours != theirs), (b"", b""))
    return first if any(first) else (b"%d bytes" % len(found), b"%d bytes" % len(expected))


# That there are several processes at all.


def children(process: int) -> set[int]:
    try:
        return {int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()}
    except OSError:
        return set()


def until(found: Callable[[], bool], patience: float = TIMEOUT) -> bool:
    """Whether something comes true in time."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if found():
            return True
        time.sleep(0.01)
    return False


@pytest.fixture
def half_read(folder: Folder, interruptible: None) -> Iterator[subprocess.Popen[bytes]]:  # noqa: ARG001 in force before it
    """A run that shares out a stream and waits for the rest of it."""
    running = folder.start()
    assert running.stdin
    running.stdin.write(large(size=4 * MIB))
    running.stdin.flush()
    yield running
    running.kill()
    running.communicate()


def test_a_large_stream_is_shared_out(half_read: subprocess.Popen[bytes]) -> None:
    assert until(lambda: len(children(half_read.pid)) > 1)
    out, err = half_read.communicate(timeout=TIMEOUT)
    assert finished(half_read.returncode, out, err).status == 0


def test_a_small_stream_is_not(folder: Folder) -> None:
    running = folder.start()
    assert running.stdin
    running.stdin.write(large(size=2 * MIB))
    running.stdin.flush()
    time.sleep(0.5)
    assert children(running.pid) == set()
    running.communicate(timeout=TIMEOUT)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_a_run_that_is_ended_leaves_no_process_behind(half_read: subprocess.Popen[bytes], number: int) -> None:
    assert until(lambda: len(children(half_read.pid)) > 1)
    time.sleep(0.3)  # the workers have done what there is
    workers = children(half_read.pid)
    half_read.send_signal(number)
    try:
        assert until(lambda: half_read.poll() is not None)
        assert until(lambda: not any(map(is_running, workers)), 5), "the workers wait for ever"
    finally:
        for worker in filter(is_running, workers):
            os.kill(worker, signal.SIGKILL)


def is_running(process: int) -> bool:
    """Whether a process is there, and is not just one that nobody has asked about yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_killed_worker_ends_the_run_in_one_line(half_read: subprocess.Popen[bytes]) -> None:
    assert until(lambda: len(children(half_read.pid)) > 1)
    time.sleep(0.3)
    os.kill(min(children(half_read.pid)), signal.SIGKILL)
    assert half_read.stdin
    with suppress(BrokenPipeError):
        half_read.stdin.write(large(size=4 * MIB))
    out, err = half_read.communicate(timeout=TIMEOUT)
    assert "a worker process was killed" in finished(half_read.returncode, out, err).error


# One stream on standard input.

CRLF = large().replace(b"\n", b"\r\n")

STREAMS: dict[str, Callable[[], bytes]] = {
    "as it comes": large,
    "no final line end": lambda: large()[:-1],
    "a separator at the end": lambda: large() + b"---\n",
    "a separator without line end at the end": lambda: large() + b"---",
    "no separator at the start": lambda: large()[4:],
    "comments at the start": lambda: b"# first\n\n" + large(),
    "CRLF": lambda: CRLF,
    "a byte order mark": lambda: b"\xef\xbb\xbf" + large(),
    "UTF-16": lambda: b"\xff\xfe" + large(size=LARGE // 2).decode().encode("utf-16-le"),
    "UTF-16, big-endian": lambda: b"\xfe\xff" + CRLF.decode().encode("utf-16-be"),
    "letters of more than a byte": lambda: large().replace(b"a log", "a lög \U0001f600".encode()),
    "blank documents": lambda: around(b"---\n\n---\n---\n \n"),
    "documents of comments": lambda: around(b"---\n# a comment\n--- \n"),
    "separators with comments": lambda: around(b"--- # a comment\na: b\n---\t#\n"),
    "separators with CRLF": lambda: around(b"---\r\n\r\n---\r\na: b\r\n"),
    "dashes in a literal": lambda: around(b"---\na: |\n  ---\n  - --- x\n"),
    "small documents with an image": lambda: around(b"---\nimage: quay.io/a/b:1\n"),
    "a document larger than several batches": lambda: inside(b"---\n" + filler(0, 3 * MIB) + b"image: quay.io/a/b\n"),
    "one document": lambda: filler(0, LARGE) + b"image: quay.io/a/b:1\n",
    "one document behind many": lambda: large() + b"---\n" + filler(0, LARGE),
    "a first line of blanks": lambda: b" " * (2 * MIB) + b"\n" + large(),
    "JSON documents between separators": lambda: b"---\n" + large(
        lambda index: JSON_POD + b"\n---\n" + filler(index) + b"---\n"
    ),
    "JSON values in a row": lambda: large(lambda _: JSON_POD + b'{"text":"%s"}\n' % (b"x" * 4000)),
    "JSON, then YAML": lambda: JSON_POD + b"\n" + large(),
    "flow YAML at the start": lambda: b"{a: b} # no JSON\n" + large(),
    "pull secrets": lambda: large(lambda index: unit(index) + secret(index % 5)),
    "a Kustomization of an image that is rewritten": lambda: inside(
        b"---\nkind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\n"
        b"images: [{name: quay.io/team/web, newTag: '2'}]\n"
    ),
    "anchors with the same name in many documents": lambda: large(
        lambda index: unit(index) + b"---\na: &image quay.io/a/b:%d\nimage: *image\n" % index
    ),
}  # fmt: skip


def listed(document: bytes) -> bytes:
    """A document as an item of a list."""
    return b"- " + document.replace(b"\n", b"\n  ").rstrip(b" ")


HEAD, TAIL = b"apiVersion: v1\nitems:\n", b"kind: List\n"


def in_list(index: int) -> bytes:
    """Some items: a pod with a secret, another one, and much text."""
    filled = b"apiVersion: v1\n" + filler(index)
    return b"".join(map(listed, (secret(index % 5).removeprefix(b"---\n"), pod("nginx:1"), filled)))


ITEMS = large(in_list, 5 * MIB)
JSON_ITEMS = b",\n".join([JSON_POD.strip()[:-1] + b', "text": "%s"}' % (b"x" * 4000)] * 1300)

STREAMS |= {
    "a list": lambda: HEAD + ITEMS + TAIL,
    "a list with its kind in front": lambda: b"kind: List\n" + HEAD + ITEMS,
    "a list between documents": lambda: large() + b"---\n" + HEAD + ITEMS + TAIL + large(),
    "two lists": lambda: (b"---\n" + HEAD + ITEMS + TAIL) * 2,
    "a list with an item of text at the end": lambda: HEAD + ITEMS + b"- text\n" + TAIL,
    "a list with an item of no kind at the end": lambda: HEAD + ITEMS + b"- image: quay.io/a/b:1\n" + TAIL,
    "a list with an alias of another item": lambda: HEAD + b"- &a {}\n" + ITEMS + b"- *a\n" + TAIL,
    "a list in UTF-16": lambda: b"\xff\xfe" + (HEAD + ITEMS + TAIL).decode().encode("utf-16-le"),
    "a list in JSON": lambda: b'{"apiVersion": "v1", "kind": "List", "items": [%s]}\n' % JSON_ITEMS,
    "lists in JSON": lambda: b'{"apiVersion": "v1", "kind": "List", "items": [%s]}\n' % JSON_ITEMS * 2,
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_large_stream(folder: Folder, name: str) -> None:
    source = STREAMS[name]()
    done = alike(folder, source=source)
    assert done.status == 0, done.err
    assert len(done.out) >= len(source)
    assert done.out.replace(b"q\0u\0a\0y\0.\0t\0", b"quay.t").count(b"quay.t") > 0


@pytest.mark.parametrize(
    "args",
    [["--check"], ["--diff"], ["-v"], ["--unmapped", "fail"], ["--unmapped", "warn"], ["-q"], ["--report", "report"]],
    ids=" ".join,
)
def test_a_large_stream_in_other_modes(folder: Folder, args: list[str]) -> None:
    done = alike(folder, *args, source=large())
    assert done.status == (1 if args[0] in ("--check", "--diff") or "fail" in args else 0)
    assert bool(done.out) == (args[0] != "--check" and "fail" not in args)


def test_what_stands_behind_the_end_of_a_document_is_told_with_its_line(folder: Folder) -> None:
    source = inside(b"---\na: b\n...\nimage: quay.io/a/b\n")
    line = source[: source.index(b"...\n")].count(b"\n") + 1
    done = alike(folder, source=source)
    assert done.status == 0
    assert f"<stdin>:{line}:" in done.err
    assert "kubectl ignores what stands behind ..." in done.err


NEWLINE, SEPARATOR = b"\n", b"---\n"

# What is broken, the line of it on which the error is told, and a word of the message.
BROKEN: dict[str, tuple[bytes, int, str]] = {
    "a colon too many": (b"---\nimage: quay.io/a/b: 1\n", 2, "mapping values are not allowed"),
    "a dedented line": (b"---\na:\n    image: quay.io/a/b\n  b: 1\n", 4, "invalid YAML"),
    "a template": (b"---\nimage: {{ .Values.image }}\n", 2, "render it first with helm template"),
    "a directive": (b"---\n%YAML 1.1\n", 2, "directives such as %YAML are refused by kubectl"),
    "text behind a separator": (b"--- x\nimage: quay.io/a/b\n", 1, "text after ---"),
    "four dashes": (b"----\n", 1, "text after ---"),
    "no text": (b"---\na: \0\n", 2, "a NUL byte"),
    "no UTF-8": (b"---\na: \xff\n", 2, "invalid UTF-8"),
}


# The same for an item of a list, told with its line.
BROKEN_ITEMS: dict[str, tuple[bytes, int, str]] = {
    "a colon too many": (b"- image: quay.io/a/b: 1\n", 1, "mapping values are not allowed"),
    "a number that kubectl refuses": (b"- apiVersion: v1\n  kind: Pod\n  a: .inf\n", 3, "kubectl"),
}


@pytest.mark.parametrize("name", BROKEN_ITEMS)
@pytest.mark.parametrize("args", [[], ["--check"], ["-i", "a.yaml"]], ids=" ".join)
def test_something_broken_at_the_end_of_a_list(folder: Folder, name: str, args: list[str]) -> None:
    what, line, message = BROKEN_ITEMS[name]
    source = HEAD + ITEMS + what + TAIL
    path = folder.write("a.yaml", source)
    done = alike(folder, *args, source=source)
    assert done.status == 2
    assert not done.out
    assert f":{(HEAD + ITEMS).count(NEWLINE) + line}:" in done.err.splitlines()[0]
    assert message in done.err
    assert path.read_bytes() == source


def test_a_list_in_place(folder: Folder) -> None:
    path = folder.write("a.yaml", HEAD + ITEMS + TAIL)
    assert folder.run("-i", "a.yaml").status == 0
    assert path.read_bytes() == (HEAD + ITEMS + TAIL).replace(b"quay.io", b"quay.tencentcloudcr.com")


@pytest.mark.parametrize("name", BROKEN)
def test_something_broken_in_the_last_batch(folder: Folder, name: str) -> None:
    what, line, message = BROKEN[name]
    before = large()
    error = alike(folder, source=before + what + large(size=20_000)).error
    assert error.startswith(f"tcr-rewrite: error: <stdin>:{before.count(NEWLINE) + line}:")
    assert message in error
    if ": document " in error:
        assert f": document {before.count(SEPARATOR) + 1}" in error


def test_something_broken_in_the_last_batch_of_a_stream_with_a_report(folder: Folder) -> None:
    done = alike(folder, "--report", "report", source=inside(BROKEN["a colon too many"][0]))
    assert json.loads(folder.read("report"))["error"] == done.error.removeprefix("tcr-rewrite: error: ")


@pytest.mark.parametrize("later", ["a template", "text behind a separator", "no text", "no UTF-8"])
def test_of_two_errors_the_first_is_told(folder: Folder, later: str) -> None:
    source = large(size=MIB) + b"---\nimage: quay.io/a/b: 1\n" + inside(BROKEN[later][0])
    line = source[: source.index(b"b: 1\n")].count(b"\n") + 1
    assert f"<stdin>:{line}:" in alike(folder, source=source).error


def test_many_pull_secrets(folder: Folder) -> None:
    """The summary names the first ones."""
    done = alike(folder, source=large(lambda index: unit(index) + secret(index)))
    assert done.err.count("pulls with the secret") == 20


# Many files.


def tree(folder: Folder, number: int = 120, size: int = 32 * 1024) -> None:
    """A folder of files with something to rewrite in most, sizes mixed."""
    for index in range(number):
        rest = b"---\n" + filler(index, size if index % 3 else 2 * size)
        first = unit(index) if index % 4 else filler(index)
        folder.write(f"tree/{index % 7}/{index:03d}.yaml", first + rest)


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["--check"],
        ["--diff"],
        ["-v"],
        ["--report", "report"],
        ["--check", "--report", "report", "--report-format", "sarif"],
        ["--unmapped", "fail"],
        ["--unmapped", "warn"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_many_files(folder: Folder, args: list[str]) -> None:
    tree(folder)
    done = alike(folder, "-R", *args, "tree")
    assert done.status == (1 if {"--check", "--diff", "fail"} & set(args) else 0)


def test_many_files_are_shared_out(folder: Folder) -> None:
    tree(folder, 400)
    running = folder.start("-R", "--check", "tree")
    assert until(lambda: len(children(running.pid)) > 1 or running.poll() is not None)
    assert running.poll() is None
    running.communicate(timeout=TIMEOUT)


def several(folder: Folder, name: str) -> None:
    """Something odd among many files."""
    tree(folder)
    odd: dict[str, dict[str, bytes]] = {
        "an empty file": {"0/000.yaml": b"", "3/050a.yaml": b"\n", "6/zzz.yaml": b""},
        "a large file": {"3/050a.yaml": large()},
        "a large file first": {"0/000.yaml": large()},
        "two large files last": {"6/y.yaml": large(), "6/z.yaml": large(size=4 * MIB)},
        "no line end": {"3/050a.yaml": pod("quay.io/a/b:1")[:-1], "5/a.yaml": b"a: b"},
        "a byte order mark": {"3/050a.yaml": b"\xef\xbb\xbf" + pod("quay.io/a/b:1")},
        "UTF-16": {"3/050a.yaml": b"\xff\xfe" + pod("quay.io/a/b:1").decode().encode("utf-16-le")},
        "UTF-16 that is broken": {"3/050a.yaml": b"\xff\xfe" + "a: b: c".encode("utf-16-le")},
        "JSON": {"3/050a.json": JSON_POD},
        "JSON that is broken": {"3/050a.json": JSON_POD + b"{"},
        "JSON, then YAML": {"3/050a.json": JSON_POD + b"\n---\na: b\n"},
        "a broken file": {"3/050a.yaml": b"a: b: c\n"},
        "two broken files": {"1/zz.yaml": b"a: b\n--- x\n", "5/zz.yaml": b"a: b: c\n"},
        "a large broken file": {"3/050a.yaml": inside(b"--- x\n"), "5/zz.yaml": b"a: b: c\n"},
        "text behind the end": {"3/050a.yaml": b"a: b\n...\nc: d\n", "5/zz.yaml": inside(b"---\na: b\n...\nc\n")},
    }
    for path, content in odd[name].items():
        folder.write(f"tree/{path}", content)


ODD = [
    *("an empty file", "a large file", "a large file first", "two large files last", "no line end"),
    *("a byte order mark", "UTF-16", "UTF-16 that is broken", "JSON", "JSON that is broken", "JSON, then YAML"),
    *("a broken file", "two broken files", "a large broken file", "text behind the end"),
]


@pytest.mark.parametrize("name", ODD)
def test_something_odd_among_many_files(folder: Folder, name: str) -> None:
    several(folder, name)
    alike(folder, "-R", "tree")


@pytest.mark.parametrize("name", ODD)
def test_something_odd_among_many_files_in_place(folder: Folder, name: str) -> None:
    several(folder, name)
    alike_in_place(folder)


def test_many_json_files_become_one_stream(folder: Folder) -> None:
    for index in range(80):
        folder.write(f"tree/{index:03d}.json", JSON_POD[:-1] + b',"text":"%s"}' % (b"x" * 50_000))
    done = alike(folder, "-R", "tree")
    assert done.out.count(b"quay.tencentcloudcr.com") == 80


# In place.


def alike_in_place(folder: Folder, *args: str) -> Done:
    """What a run in place leaves behind, on several processors as on one: every file, and nothing else."""
    copy = Folder(folder.path / "copy")
    shutil.copytree(folder.path / "tree", copy.path / "tree", symlinks=True)
    many = folder.run("-R", "--in-place", *args, "tree")
    one = copy.run("-R", "--in-place", *args, "tree", within=ONE)
    assert (many.status, many.out, many.err) == (one.status, one.out, one.err)
    assert contents(folder.path / "tree") == contents(copy.path / "tree")
    return many


def contents(root: Path) -> dict[str, tuple[str, int]]:
    """Every file below: what it holds, or where it leads, and its mode."""
    return {
        os.fsdecode(os.path.relpath(path, root)): (
            f"-> {path.readlink()}" if path.is_symlink() else str(hash(path.read_bytes())),
            path.lstat().st_mode,
        )
        for path in root.rglob("*")
        if path.is_symlink() or path.is_file()
    }


@pytest.mark.parametrize("args", [[], ["-v"], ["--unmapped", "fail"], ["--unmapped", "warn"]], ids=" ".join)
def test_many_files_in_place(folder: Folder, args: list[str]) -> None:
    tree(folder)
    assert alike_in_place(folder, *args).status == (1 if "fail" in args else 0)


def test_many_files_in_place_with_a_report(folder: Folder) -> None:
    tree(folder)
    alike_in_place(folder, "--report", "report")
    assert difference(folder.read("report"), folder.read("copy/report")) is None
    assert json.loads(folder.read("report"))


def test_the_good_files_among_broken_ones_are_done(folder: Folder) -> None:
    tree(folder)
    for index in range(7):
        folder.write(f"tree/{index}/zz.yaml", b"a: b\n---\nimage: quay.io/a/b: %d\n" % index)
    done = alike_in_place(folder)
    assert done.status == 2
    assert [line for line in done.err.splitlines() if line.startswith("tcr-rewrite: error: ")] == [
        line for line in done.err.splitlines() if "zz.yaml:3:19: document 2: " in line
    ]
    assert b"quay.tencentcloudcr.com/team/web:1" in folder.read("tree/1/001.yaml")
    assert folder.read("tree/1/zz.yaml") == b"a: b\n---\nimage: quay.io/a/b: 1\n"


def test_modes_of_files_are_kept(folder: Folder) -> None:
    tree(folder)
    for index in range(120):
        (folder.path / f"tree/{index % 7}/{index:03d}.yaml").chmod(0o600 + index % 8)
    alike_in_place(folder)


def test_a_link_to_a_file_of_the_tree_in_place(folder: Folder) -> None:
    tree(folder)
    (folder.path / "tree/6/zz.yaml").symlink_to("../0/007.yaml")
    (folder.path / "tree/0/008.yaml").symlink_to("007.yaml")
    alike_in_place(folder)


def test_two_links_to_one_file_in_place(folder: Folder) -> None:
    """Wherever two names of a file stand, its references are counted once."""
    folder.write("tree/a.yaml", large(size=2 * MIB))
    (folder.path / "tree/b.yaml").symlink_to("a.yaml")
    folder.write("tree/c.yaml", large(size=MIB))
    alike_in_place(folder)


def test_a_link_out_of_the_tree_in_place(folder: Folder) -> None:
    tree(folder)
    folder.write("away.yaml", pod("quay.io/a/b:1"))
    (folder.path / "tree/3/link.yaml").symlink_to(folder.path / "away.yaml")
    done = alike_in_place(folder)
    assert done.status == 2
    assert "leads out of the directory" in done.err
    assert folder.read("away.yaml") == pod("quay.io/a/b:1")


def test_a_link_to_nothing(folder: Folder) -> None:
    tree(folder)
    (folder.path / "tree/3/link.yaml").symlink_to("nowhere.yaml")
    assert "link.yaml: cannot be read" in alike(folder, "-R", "tree").error
    assert alike_in_place(folder).status == 2


NAMES = [b"with blank.yaml", b"\xff.yaml", b"a\nb.yaml", "é.yaml".encode(), b"-f.yaml", b"'.yaml"]


def test_names_that_are_no_text(folder: Folder) -> None:
    tree(folder)
    for index, name in enumerate(NAMES):
        (folder.path / "tree" / str(index) / os.fsdecode(name)).write_bytes(unit(index))
    assert alike(folder, "-R", "tree", "--unmapped", "warn", "--report", "report").status == 0
    assert alike_in_place(folder).status == 0


@pytest.mark.skipif(sys.platform == "linux" and os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(folder: Folder) -> None:
    tree(folder)
    folder.write("tree/3/secret.yaml", unit(0)).chmod(0)
    assert "secret.yaml: cannot be read: Permission denied" in alike(folder, "-R", "tree").error


def test_a_file_named_twice(folder: Folder) -> None:
    folder.write("a.yaml", large(size=2 * MIB))
    folder.write("b.yaml", large(size=2 * MIB))
    assert alike(folder, "a.yaml", "b.yaml", "a.yaml").status == 0
