"""Bad input: one line that says where and what, status 2, nothing on stdout, and no file touched."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import (
    ERROR,
    JSON_POD,
    MIRRORED,
    PLACE,
    PLAIN,
    POD,
    PROGRAM,
    TIMEOUT,
    Folder,
    at_loading,
    finished,
    needs_posix,
    pod,
)

DEEP = 100_000
HELM = "this is a Helm template, not a manifest; render it first with helm template"


def nested_pod(value: bytes) -> bytes:
    """A pod that is read, with a value of another kind beside its image."""
    return POD + b"      args: " + value + b"\n"


# What looks dangerous and is fine.

LAUGHS = b"a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + b"".join(
    b"%c: &%c [%s]\n" % (after, after, b", ".join([b"*%c" % before] * 9))
    for before, after in zip(b"abcdefghijklmnop", b"bcdefghijklmnopq", strict=True)
)
BOMB = LAUGHS.replace(b"lol, lol,", b"{image: quay.io/a/b:1}, lol,", 1)

HARMLESS = {
    "billion laughs": LAUGHS,
    "billion laughs beside a pod": LAUGHS + b"---\n" + MIRRORED,
    "billion laughs inside a pod": MIRRORED + LAUGHS,
    "duplicate keys": MIRRORED + b"spec: {}\n",
    "an anchor nobody uses": b"&a kind: &b Nothing\n",
    "a template in a string": MIRRORED + b"note: '{{ .Values.x }}'\n",
    "a template in a comment": MIRRORED + b"# {{ .Values.x }}\n",
    "an indented ---": MIRRORED + b"note: |\n  --- not a separator\n",
    "--- inside a word": MIRRORED + b"a---: 1\n",
    "a comment behind ---": b"--- # comment\n" + MIRRORED,
    "a key of 100 kB": b"kind: Nothing\nk" + b"e" * 100_000 + b"y: v\n",
    "a line of 1 MB": MIRRORED + b"note: " + b"x" * 1_000_000 + b"\n",
    "1000 levels": nested_pod(b"[" * 996 + b"]" * 996).replace(b"quay.io", b"quay.tencentcloudcr.com"),
    "a scalar that is shared 900 levels deep": b"[" * 900 + b"&b quay.tencentcloudcr.com/x/y, *b" + b"]" * 900 + b"\n",
    "10,000 documents": b"---\nkind: Nothing\n" * 10_000,
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_kubectl_accepts_passes_as_it_came(folder: Folder, name: str) -> None:
    done = folder.run(input=HARMLESS[name])
    assert (done.status, done.out) == (0, HARMLESS[name]), done.err


def test_an_alias_bomb_with_an_image_costs_nothing(folder: Folder) -> None:
    stream = b"apiVersion: v1\nkind: Bomb\n" + BOMB
    done = folder.run("-v", input=stream)
    assert done.status == 0
    assert done.out in (stream, stream.replace(b"quay.io", b"quay.tencentcloudcr.com"))
    assert len(done.err) < 100_000


def test_json_nested_as_deep_as_kubectl_allows(folder: Folder) -> None:
    value = b'{"a":' * 9_000 + b"1" + b"}" * 9_000
    stream = JSON_POD[:-1] + b',"x":' + value + b"}"
    done = folder.run(input=stream)
    assert (done.status, done.out) == (0, stream.replace(b"quay.io", b"quay.tencentcloudcr.com")), done.err


# Broken text. Each stands alone, behind a good document, and in a file that is to be edited in place.

BROKEN = {
    "an open sequence": (b"image: [quay.io/a/b:1\n", "invalid YAML"),
    "an open string": (b'image: "quay.io/a/b:1\n', "invalid YAML"),
    "a colon too many": (b"image: a: b\n", "invalid YAML"),
    "an indented key": (POD + b"   wrong: 1\n", "invalid YAML"),
    "a tab as indentation": (b"spec:\n\timage: x\n", "invalid YAML"),
    "a reserved character": (b"image: @x\n", "invalid YAML"),
    "an unknown escape": (b'image: "\\d"\n', "invalid YAML"),
    "a control character": (b"image: a\x01b\n", ""),
    "an open JSON object": (JSON_POD[:-1], "invalid"),
    "JSON cut in a string": (JSON_POD[:-8], "invalid"),
    "JSON with a comma too many": (b'{"image": "x",,}', "invalid"),
    "JSON that closes wrongly": (b'{"image": ["x"}]', "invalid"),
    "an undefined alias": (b"image: *nope\n", "alias *nope is not defined"),
    "an alias to another document": (b"image: &a x\n---\nimage: *a\n", "alias *a is not defined"),
    "an alias to itself": (b"image: &a [*a]\n", "anchor &a contains itself"),
    "a null key": (b"~: 1\nimage: x\n", "a mapping key is null"),
    "a collection as key": (b"[a]: 1\nimage: x\n", "a mapping key is a collection"),
    "a directive": (b"%YAML 1.1\n---\nimage: x\n", "%YAML"),
    "a tag directive": (b"%TAG ! tag:x,2000:\n---\nimage: x\n", "delete the line"),
    "a template's value": (b"image: {{ .Values.image }}\n", HELM),
    "a template's value in quotes": (b'image: "{{ .Values.image }}\n', HELM),
    "a template's line": (b"{{- if .Values.on }}\nimage: x\n{{- end }}\n", HELM),
    "a template's include": (POD + b'  labels:\n{{ include "x.labels" . | indent 4 }}\n', HELM),
    "flow nesting": (nested_pod(b"[" * DEEP), "nested deeper than 1000 levels"),
    "flow mapping nesting": (nested_pod(b"{a: " * DEEP), "nested deeper than 1000 levels"),
    "closed flow nesting": (nested_pod(b"[" * DEEP + b"]" * DEEP), "nested deeper than 1000 levels"),
    "JSON nesting": (b'{"image":' * DEEP, "nested deeper than 10000 levels"),
    "JSON array nesting": (b'{"image":' + b"[" * DEEP, "nested deeper than 10000 levels"),
    "block sequence nesting": (b"image: a\nb:\n" + b"- " * DEEP + b"\n", "nested deeper than 1000 levels"),
    "block key nesting": (b"image:\n" + b"? " * DEEP + b"\n", "a mapping key is a collection"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_document_is_one_line(folder: Folder, name: str) -> None:
    source, what = BROKEN[name]
    error = folder.run(input=source).error
    assert PLACE.match(error), error
    assert what in error
    assert error.startswith("tcr-rewrite: error: <stdin>:")
    assert ": document " in error
    assert len(error) < 300


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (b"%YAML 1.2\n---\na: b\n", "1:1"),
        (b"# 100% sure\n%YAML 1.2\n---\na: b\n", "2:1"),
        ("# 100 % é 🐳\n\n  # %\n%TAG ! tag:x,2000:\n---\na: b\n".encode(), "4:1"),
    ],
    ids=["the first line", "a percent sign in a comment", "characters of several bytes"],
)
def test_the_place_of_a_directive(folder: Folder, source: bytes, place: str) -> None:
    assert folder.run(input=source).error.startswith(ERROR + f"<stdin>:{place}: document 1: directives such as %YAML")


# Without directives, which cannot follow a separator, and the deep ones, which would only take their time again.
@pytest.mark.parametrize("name", [name for name in BROKEN if not name.endswith(("directive", "nesting"))])
def test_a_good_document_in_front_is_not_written(folder: Folder, name: str) -> None:
    source = BROKEN[name][0]
    error = folder.run(input=POD + b"---\n" + source).error
    assert ": document 2" in error or name == "an alias to another document"
    line = int(error.split(":")[3])
    assert 9 <= line <= 9 + source.count(b"\n") + 1


def test_broken_files_are_left_and_good_ones_edited(folder: Folder) -> None:
    for name, (source, _) in BROKEN.items():
        folder.write(f"deploy/{name}.yaml", source)
    folder.write("deploy/z.yaml", POD)
    done = folder.run("--in-place", "-R", "deploy")
    assert (done.status, done.out) == (2, b"")
    for name, (source, _) in BROKEN.items():
        assert folder.read(f"deploy/{name}.yaml") == source
    assert folder.read("deploy/z.yaml") == MIRRORED
    errors = [line for line in done.err.splitlines() if line.startswith("tcr-rewrite: error: ")]
    assert [error.split(":")[2] for error in errors] == sorted(f" deploy/{name}.yaml" for name in BROKEN)
    assert len(done.err.splitlines()) == len(BROKEN) + 2


def test_the_place_and_the_resource_are_named(folder: Folder) -> None:
    folder.write("deploy.yaml", PLAIN + b"---\n" + POD + b"      env: [\n")
    error = folder.run("deploy.yaml").error
    assert error.startswith("tcr-rewrite: error: deploy.yaml:14:1: document 2 (Pod/web): invalid YAML: ")


def test_a_broken_document_that_is_not_read_is_kubectls_business(folder: Folder) -> None:
    stream = b"kind: Nothing\ndata: [\n---\n" + POD
    assert folder.run(input=stream).out == b"kind: Nothing\ndata: [\n---\n" + MIRRORED


@pytest.mark.parametrize("nesting", [b"[", b"{a: ", b"- ", b'{"a":'])
def test_nesting_is_refused_with_validate_too(folder: Folder, nesting: bytes) -> None:
    error = folder.run("--validate", input=nesting * DEEP).error
    assert PLACE.match(error), error
    assert re.search(r"nested deeper than 10+ levels", error)


# Bytes that are no text, and separators that are none; they stop a run wherever they stand.

NO_TEXT = {
    "invalid UTF-8": (b"kind: Nothing\nname: \xff\n", 2, 7, "invalid UTF-8"),
    "Latin-1": (b"kind: Nothing\nname: caf\xe9\n", 2, 10, "invalid UTF-8"),
    "a surrogate in UTF-8": (b"name: \xed\xa0\x80\n", 1, 7, "invalid UTF-8"),
    "cut inside a character": ("name: \u00fc".encode()[:-1], 1, 7, "invalid UTF-8"),
    "invalid UTF-16": (b"\xff\xfea\x00:\x00 \x00\x00\xd8x\x00", 1, 4, "invalid UTF-16"),
    "a NUL": (b"kind: Nothing\nname: a\0b\n", 2, 8, "NUL"),
    "a NUL in UTF-16": ("kind: \0".encode("utf-16"), 1, 7, "NUL"),
    "UTF-16 without its mark": ("kind: Nothing\n".encode("utf-16-le"), 1, 2, "NUL"),
    "text after ---": (b"kind: Nothing\n--- text\nkind: More\n", 2, 4, "text after ---"),
    "text right after ---": (b"kind: Nothing\n---text\n", 2, 4, "text after ---"),
    "a fourth dash": (b"kind: Nothing\n----\n", 2, 4, "text after ---"),
    "a value after ---": (b"--- {kind: Nothing}\n", 1, 4, "text after ---"),
}


@pytest.mark.parametrize("name", NO_TEXT)
def test_what_is_no_text_is_refused_even_where_nothing_is_read(folder: Folder, name: str) -> None:
    source, line, column, what = NO_TEXT[name]
    error = folder.run(input=source).error
    assert error.startswith(f"tcr-rewrite: error: <stdin>:{line}:{column}: "), error
    assert what in error


@pytest.mark.parametrize("name", NO_TEXT)
def test_what_is_no_text_says_what_to_do(folder: Folder, name: str) -> None:
    assert "; " in folder.run(input=NO_TEXT[name][0]).error


@pytest.mark.parametrize("bad", [b"\xff", b"\0", b"\n--- x\n"], ids=["UTF-8", "NUL", "separator"])
def test_far_behind_good_documents_it_is_refused_as_well(folder: Folder, bad: bytes) -> None:
    stream = (PLAIN + b"---\n") * 20_000 + b"kind: Nothing\nname: " + bad
    error = folder.run(input=stream).error
    assert error.startswith(f"tcr-rewrite: error: <stdin>:{20_000 * 5 + 2 + bad.count(b'--- x')}:")


# Files that go away, disks that are full, readers that stop.


@needs_posix
def test_a_file_that_vanishes_before_it_is_read(folder: Folder) -> None:
    os.mkfifo(folder.path / "pipe")
    vanishing = folder.write("tree/b.yaml", POD)
    running = folder.start("-R", "pipe", "tree")
    with folder.pipe_into(running, "pipe") as pipe:
        vanishing.unlink()
        pipe.write(POD)
    out, err = running.communicate(timeout=TIMEOUT)
    assert (
        finished(running.returncode, out, err).error == ERROR + "tree/b.yaml: cannot be read: No such file or directory"
    )


LARGE = POD + b"---\n" + PLAIN + b"# " + b"x" * (40 << 20) + b"\n"


@needs_posix
def test_a_full_disk_while_output_waits(folder: Folder) -> None:
    limited = ("sh", "-c", 'ulimit -f 1000 && exec "$@"', "sh")
    error = folder.run(input=LARGE, within=limited).error
    assert error.startswith("tcr-rewrite: error: cannot write the temporary file")


@needs_posix
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mounts a small disk")
def test_a_really_full_disk_while_output_waits(folder: Folder) -> None:
    mount = 'mkdir -p tmp && mount -t tmpfs -o size=64k tmpfs tmp && export TMPDIR="$PWD/tmp" && exec "$@"'
    within = ("unshare", "--mount", "sh", "-c", mount, "sh")
    if not shutil.which("unshare") or folder.command(*within, "true").status:
        pytest.skip("may not mount")
    error = folder.run(input=LARGE, within=within).error
    assert "No space left on device" in error


@needs_posix
def test_a_full_disk_while_a_file_is_edited(folder: Folder) -> None:
    large = POD + b"# " + b"x" * 100_000 + b"\n"
    folder.write("a.yaml", large)
    folder.write("b.yaml", POD)
    limited = ("sh", "-c", 'ulimit -f 20 && exec "$@"', "sh")
    done = folder.run("--in-place", "a.yaml", "b.yaml", within=limited)
    assert (done.status, done.out) == (2, b"")
    assert done.err.splitlines()[0].startswith("tcr-rewrite: error: cannot write ")
    assert "a.yaml: File too large" in done.err.splitlines()[0]
    assert (folder.read("a.yaml"), folder.read("b.yaml")) == (large, MIRRORED)
    assert folder.names() == ["a.yaml", "b.yaml"]


@needs_posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize(
    ("args", "source"),
    [
        ([], POD),
        (["--diff"], POD),
        ([], (POD + b"---\n") * 1_000),
        (["--show-rules"], b""),
        (["-h"], b""),
        (["--version"], b""),
    ],
    ids=["manifests", "diff", "many manifests", "--show-rules", "--help", "--version"],
)
def test_a_full_disk_behind_stdout(folder: Folder, args: list[str], source: bytes) -> None:
    error = folder.run(*args, input=source, within=("sh", "-c", 'exec "$@" > /dev/full', "sh")).error
    assert error.startswith("tcr-rewrite: error: cannot write the output: No space left on device")


@needs_posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_report_to_a_full_stdout(folder: Folder) -> None:
    within = ("sh", "-c", 'exec "$@" > /dev/full', "sh")
    done = folder.run("-q", "--check", "--report", "-", input=POD, within=within)
    what = "what is there is incomplete, do not use it"
    assert done.error == f"tcr-rewrite: error: cannot write the output: No space left on device; {what}"


@needs_posix
@pytest.mark.parametrize(
    ("args", "to"), [([], ">"), ([], ">>"), (["--diff"], ">"), (["--check", "--report", "-"], ">")]
)
def test_a_file_behind_stdout_that_cannot_grow_keeps_nothing_of_the_output(
    folder: Folder, args: list[str], to: str
) -> None:
    folder.write("many.yaml", (POD + b"---\n") * 1_000)
    folder.write("out", b"# mine\n")
    line = f'ulimit -f 20 && exec "$@" {to} out'
    error = folder.run("-q", *args, "many.yaml", within=("sh", "-c", line, "sh")).error
    assert error == "tcr-rewrite: error: cannot write the output: File too large; nothing of it was kept"
    assert folder.read("out") == (b"# mine\n" if to == ">>" else b"")


@needs_posix
def test_of_output_that_is_written_over_a_file_it_is_told_that_it_is_incomplete(folder: Folder) -> None:
    folder.write("many.yaml", (POD + b"---\n") * 1_000)
    folder.write("out", b"# mine\n")
    error = folder.run("-q", "many.yaml", within=("sh", "-c", 'ulimit -f 20 && exec "$@" 1<> out', "sh")).error
    assert error.endswith("File too large; what is there is incomplete, do not use it")


@needs_posix
@pytest.mark.parametrize("args", [[], ["--diff"], ["--show-rules"]], ids=["manifests", "--diff", "--show-rules"])
def test_a_reader_that_stops_early_ends_the_run_quietly(folder: Folder, args: list[str]) -> None:
    stream = b"".join(pod("quay.io/a/b:1", name=f"p{number}") + b"---\n" for number in range(2_000))
    folder.write("many.yaml", stream)
    script = '"$@" | head -c 5 >/dev/null; echo "${PIPESTATUS[0]}" > status'
    done = folder.command("bash", "-c", script, "bash", str(PROGRAM), *args, "many.yaml")
    assert (done.status, done.out, done.err) == (0, b"", "")
    statuses = (b"0", b"141") if args == ["--show-rules"] else (b"141",)
    assert folder.read("status").strip() in statuses


@needs_posix
@pytest.mark.parametrize("stream", ["0", "1", "2"], ids=["stdin", "stdout", "stderr"])
def test_a_stream_that_is_closed_from_the_start(folder: Folder, stream: str) -> None:
    folder.write("pod.yaml", POD)
    redirect = f"exec {stream}{'<' if stream == '0' else '>'}&-"
    done = folder.command("sh", "-c", f'{redirect}; exec "$@"', "sh", str(PROGRAM), "pod.yaml")
    if stream == "1":
        assert (done.status, done.out) == (2, b"")
        assert done.err.startswith("tcr-rewrite: error: ")
    else:
        assert (done.status, done.out) == (0, MIRRORED)


@needs_posix
def test_no_standard_input_at_all(folder: Folder) -> None:
    done = folder.command("sh", "-c", 'exec 0<&-; exec "$@"', "sh", str(PROGRAM))
    assert (done.status, done.out) == (2, b"")
    assert "nothing to read" in done.err


@needs_posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize(
    ("args", "source", "out"),
    [
        ([], POD, MIRRORED),
        (["-v"], POD, b""),
        (["--unmapped", "warn"], pod("ghcr.io/a/b:1"), pod("ghcr.io/a/b:1")),
        ([], b"image: [quay.io/a\n", b""),
        (["--nope"], b"", b""),
        (["--report-format", "github", "--check"], b"image: [quay.io/a\n", b""),
    ],
    ids=["a summary", "all references", "a warning", "an error", "a wrong flag", "an error for a CI runner"],
)
def test_a_full_disk_behind_stderr(folder: Folder, args: list[str], source: bytes, out: bytes) -> None:
    done = folder.run(*args, input=source, within=("sh", "-c", 'exec "$@" 2> /dev/full', "sh"))
    assert done == (2, out, "")


@needs_posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_behind_both_streams(folder: Folder) -> None:
    assert folder.run(input=POD, within=("sh", "-c", 'exec "$@" > /dev/full 2>&1', "sh")) == (2, b"", "")


@pytest.mark.parametrize("empty", ["", " "], ids=["empty", "a blank"])
@pytest.mark.parametrize(
    "flag",
    ["-f", "-k", "--mirror", "--preset", "--config", "--exclude", "--scope", "--unmapped", "--report", "--color"],
)
def test_an_empty_value_is_a_variable_that_is_not_set(folder: Folder, flag: str, empty: str) -> None:
    error = folder.run(flag, empty, input=POD).error
    assert "is empty; is a variable not set?" in error or f"'{empty}' is not one of" in error


def test_an_empty_file_name(folder: Folder) -> None:
    folder.write("a.yaml", POD)
    assert "FILE is empty" in folder.run("").error
    assert "the name of a file is empty" in folder.run("-f", "a.yaml,").error


# Ctrl-C.


def interrupted(running: subprocess.Popen[bytes]) -> None:
    for _ in range(TIMEOUT):
        running.send_signal(signal.SIGINT)
        try:
            out, err = running.communicate(timeout=3)
            break
        except subprocess.TimeoutExpired:
            continue  # it came between two reads, where Python looks at signals only after the second
    done = finished(running.returncode, out, err)
    assert (done.status, done.out) == (130, b"")
    assert "error" not in done.err


@needs_posix
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    ("command", "module"),
    [
        ("rewrite", "kubectl_tcr.cli.rewrite"),
        ("rewrite", "kubectl_tcr.errors"),
        ("rewrite", "kubectl_tcr.run.work"),
        ("rewrite", "kubectl_tcr.cli.outcome"),
        ("rewrite", "click"),
        ("nodes", "kubectl_tcr.cli.nodes"),
        ("nodes", "click"),
        ("complete_rewrite", "click"),
    ],
)
def test_an_interrupt_while_a_command_is_loaded(folder: Folder, command: str, module: str) -> None:
    words = ("--color=never", "-q")  # not so plain that click is not loaded
    assert folder.command(*at_loading(command, module, signal.SIGINT), *words, input=POD) == (130, b"", "")


@needs_posix
def test_an_interrupt_that_is_not_heeded_as_under_nohup(folder: Folder) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert folder.command(*at_loading("rewrite", "kubectl_tcr.run.work", signal.SIGINT), input=POD).out == MIRRORED
    finally:
        signal.signal(signal.SIGINT, before)


@needs_posix
@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_while_standard_input_is_read(folder: Folder) -> None:
    running = folder.start("-v")
    assert running.stdin is not None
    assert running.stderr is not None
    running.stdin.write(POD)
    running.stdin.flush()
    assert running.stderr.readline().startswith(b"tcr-rewrite: parser")
    interrupted(running)


@needs_posix
@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_between_files_leaves_every_file_whole(folder: Folder) -> None:
    first = folder.write("a.yaml", POD)
    os.mkfifo(folder.path / "b.yaml")
    folder.write("c.yaml", POD)
    running = folder.start("--check", "-v", "a.yaml", "b.yaml", "c.yaml")
    with folder.pipe_into(running, "b.yaml") as pipe:
        pipe.write(POD[:40])
        pipe.flush()
        interrupted(running)
    assert first.read_bytes() == POD


@needs_posix
@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_in_place_leaves_every_file_whole(folder: Folder) -> None:
    names = [f"{number:04}.yaml" for number in range(3_000)]
    for name in names:
        folder.write(name, POD)
    running = folder.start("--in-place", *names)
    deadline = time.monotonic() + TIMEOUT
    while folder.read(names[10]) == POD and time.monotonic() < deadline:
        time.sleep(0.001)
    interrupted(running)
    found = [folder.read(name) for name in names]
    done = found.count(MIRRORED)
    assert 10 < done < 3_000
    assert found == [MIRRORED] * done + [POD] * (3_000 - done)
    assert folder.names() == names


# Mutants: whatever comes in, what goes out is the rewritten stream or one line.


def mutants(count: int) -> Iterator[bytes]:
    """A manifest with a byte lost, doubled, swapped or replaced, in a hundred ways."""
    source = POD + b"      env: [{name: \"A\", value: 'b'}]\n---\n" + JSON_POD + b"\n---\n" + PLAIN
    chance = random.Random(20240229)
    for _ in range(count):
        mutant = bytearray(source)
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(mutant))
            match chance.randrange(4):
                case 0:
                    del mutant[place : place + chance.randint(1, 8)]
                case 1:
                    mutant[place:place] = chance.choice(
                        [b"\t", b"- ", b": ", b"{", b"[", b'"', b"'", b"&a ", b"*a", b"\r"]
                    )
                case 2:
                    mutant[place:place] = mutant[place : place + chance.randint(1, 30)]
                case _:
                    mutant[place] = chance.randrange(256)
        yield bytes(mutant)


def test_mutants_end_in_a_rewrite_or_in_one_line(folder: Folder) -> None:
    sources = {f"{number:03}.yaml": mutant for number, mutant in enumerate(mutants(300))}
    for name, mutant in sources.items():
        folder.write(name, mutant)
    done = folder.run("--in-place", "--validate", "-R", ".")
    errors = [line for line in done.err.splitlines() if line.startswith("tcr-rewrite: error: ")]
    broken = {error.split(":")[2].strip() for error in errors}
    assert done.status == 2
    assert 50 < len(broken) == len(errors) < 300
    assert [error for error in errors if not PLACE.match(error)] == []
    assert [name for name in sorted(broken) if folder.read(name) != sources[name]] == []
    told = [line for line in done.err.splitlines() if not line.startswith("tcr-rewrite: ")]
    assert told == []
    again = folder.run("--check", "-q", *sorted(set(sources) - broken))
    assert (again.status, again.err) == (0, "")
