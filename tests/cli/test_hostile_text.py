"""Whatever a manifest, a file's name or a configuration holds, no message obeys it.

Standard error is read by terminals and by CI runners, line by line.
"""

import json
import shutil
import unicodedata

import pytest

from .conftest import POD, Done, Folder, needs_kubectl, needs_posix

pytestmark = needs_posix

HOSTILE = "s\n::add-mask::a\x1b[31m\r\x9b2J\u2028\u202e##[error]x"
QUOTED = json.dumps(HOSTILE).encode()
NAME = "d\n::error::x\x1b[31m\u202e.yaml"

# A hostile text at every place that some message names.
PLACES = {
    "the pull secret of a pod": b"kind: Pod\napiVersion: v1\nmetadata: {name: a}\n"
    b"spec:\n  imagePullSecrets: [{name: %s}]\n  containers: [{image: 'quay.io/a/b:1'}]\n" % QUOTED,
    "the name of a resource": b"kind: Pod\napiVersion: v1\nmetadata: {name: %s, namespace: %s}\n"
    b"spec: {containers: [{image: 'quay.io/a/b:1'}, {image: 'ghcr.io/a/b:1'}]}\n" % (QUOTED, QUOTED),
    "the kind of a resource": b"kind: %s\napiVersion: v1\nspec: {containers: [{image: 'quay.io/a/b:1'}]}\n" % QUOTED,
    "a key": b"kind: Pod\napiVersion: v1\nspec: {%s: {image: 'ghcr.io/a/b:1', a: 'quay.io/a/b:1'}}\n" % QUOTED,
    "a reference that is none": b"kind: Pod\napiVersion: v1\nspec: {containers: [{image: %s}]}\n"
    % json.dumps(f"quay.io/a/{HOSTILE}").encode(),
    "a match key": b"images: [{name: %s, newName: quay.io/a/b}]\n" % json.dumps(f"quay.io/a/b:{HOSTILE}").encode(),
    "a document that cannot be read": b"kind: Pod\nmetadata: {name: %s}\nimage: [quay.io/a/b:1\n" % QUOTED,
    "an alias that is not defined": "image: *a\u202eb quay.io/a/b:1\n".encode(),
    "text behind the end": b"image: 'quay.io/a/b:1'\n...\n%s\n" % QUOTED,
}
FLAGS = [
    [],
    ["-v"],
    ["--unmapped", "warn"],
    ["--unmapped", "fail"],
    ["--check"],
    ["--check", "-v", "--report-format", "github", "--report", "-"],
    ["--report-format", "gitlab", "--report", "report"],
]


def assert_obeys_nothing(text: str, *, is_for_runner: bool = False) -> None:
    """One that is for a runner may hold commands of our own, which are encoded."""
    assert text.endswith("\n") or not text
    for line in text.removesuffix("\n").split("\n"):
        if is_for_runner and line.startswith(("::error ", "::notice ")):
            continue  # a command of our own: tests/cli/test_report_formats.py
        assert not [one for one in line if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")], line
        assert not line.lstrip().startswith("::"), line
        assert "##[" not in line, line


def done_with(folder: Folder, flags: list[str], *more: str, source: bytes = b"") -> Done:
    done = folder.run("--preset", "default", *flags, *more, input=source)
    assert_obeys_nothing(done.err, is_for_runner="github" in flags)
    return done


@pytest.mark.parametrize("flags", FLAGS, ids=" ".join)
@pytest.mark.parametrize("place", PLACES)
def test_text_of_a_manifest(folder: Folder, place: str, flags: list[str]) -> None:
    folder.write("a.yaml", PLACES[place])
    done_with(folder, flags, "a.yaml")
    done_with(folder, flags, source=PLACES[place])


@pytest.mark.parametrize("flags", [*FLAGS, ["--in-place"], ["--diff"]], ids=" ".join)
@pytest.mark.parametrize("source", [POD, b"image: [quay.io/a/b:1\n", b"..."], ids=["a pod", "broken", "odd"])
def test_the_name_of_a_file(folder: Folder, flags: list[str], source: bytes) -> None:
    folder.write(NAME, source)
    done_with(folder, flags, NAME)
    done_with(folder, flags, "-R", "-f", ".")


@pytest.mark.parametrize(
    "args",
    [
        [NAME],
        ["-k", NAME],
        ["--config", NAME, "-v"],
        ["--scope", NAME],
        [f"--{NAME}"],
        ["--mirror", NAME],
        ["--mirror", f"quay.io={NAME}"],
        ["--report", f"{NAME}/no/such/folder"],
        ["https://" + NAME],
    ],
    ids=lambda args: args[0].split("\n")[0],
)
def test_words_of_the_command_line(folder: Folder, args: list[str]) -> None:
    done = done_with(folder, [], *args, source=POD)
    assert (done.status, done.out, len(done.err.splitlines())) == (2, b"", 1)


def test_a_configuration(folder: Folder) -> None:
    folder.write(NAME, b"apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\nspec: {%s: 1}\n" % QUOTED)
    assert done_with(folder, [], "--config", NAME, source=POD).status == 2
    rules = b"spec: {mirrors: [{source: ghcr.io, mirror: a.example}]}"
    folder.write(NAME, b"apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\n" + rules)
    assert done_with(folder, ["-v"], "--config", NAME, source=POD).status == 0
    assert_obeys_nothing(folder.run("--config", NAME, "--show-rules").out.decode())


@needs_kubectl
def test_what_kubectl_says(folder: Folder) -> None:
    folder.write(f"{NAME}/kustomization.yaml", b"resources: [%s]\n" % QUOTED)
    assert done_with(folder, [], "-k", NAME).status == 2


# A diff: exact in a pipe, shown on a terminal.

# A document that is edited is parsed, and no parser reads control characters; others pass as they are.
EXACT = {"in the same document": b"# \xe2\x80\xae\tend\r\n", "in the next one": b"# \x1b[31m \xc2\x9b\tend\r\n"}
NEIGHBOURS = {
    "in the same document": POD.replace(b"  cont", EXACT["in the same document"] + b"  cont"),
    "in the next one": POD + b"---\n" + EXACT["in the next one"] + b"kind: ConfigMap",
}


@pytest.mark.parametrize("where", NEIGHBOURS)
def test_a_diff_in_a_pipe_is_exact(folder: Folder, where: str) -> None:
    folder.write("a.yaml", NEIGHBOURS[where])
    assert b" " + EXACT[where] in folder.run("--diff", "a.yaml").out
    assert b" " + EXACT[where] in folder.run("--diff", "--color", "always", "a.yaml").out


@pytest.mark.parametrize("where", NEIGHBOURS)
def test_a_diff_on_a_terminal_escapes_what_the_terminal_obeys(folder: Folder, where: str) -> None:
    folder.write("a.yaml", NEIGHBOURS[where])
    shown = folder.run_on_terminal("stdout", "--diff", "--color", "never", "a.yaml").out
    escaped = {"in the same document": b" # \\u202e\tend", "in the next one": b" # \\x1b[31m \\x9b\tend"}
    assert escaped[where] in shown
    assert not set(shown) & set(b"\x1b\x9b\x80\xae")


@pytest.mark.parametrize(
    "name",
    [
        "my file.yaml",
        'a\nb\t"c"\\.yaml',
        "\x1b\u202e.yaml",
        "名.yaml",
        b"\xff\xfe.yaml".decode(errors="surrogateescape"),
    ],
    ids=["a blank", "a line feed, a tab, quotes", "controls", "letters", "no UTF-8"],
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["no mark", "a byte order mark"])
@pytest.mark.parametrize("program", [["patch", "-p1"], ["git", "apply"]], ids=["patch", "git"])
def test_a_diff_is_a_patch_whatever_the_file_is_called(
    folder: Folder, name: str, program: list[str], mark: bytes
) -> None:
    if shutil.which(program[0]) is None:
        pytest.skip(f"{program[0]} is not on the PATH")
    first = mark + b"image: quay.io/a/b:1\n---\n"
    folder.write(name, first + POD)
    done = folder.run("--diff", "-R", "-f", ".")
    assert done.status == 1
    assert folder.command(*program, input=done.out).status == 0
    assert folder.read(name) == (first + POD).replace(b"quay.io", b"quay.tencentcloudcr.com")
