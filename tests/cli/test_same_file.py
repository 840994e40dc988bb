"""Files that somebody else writes too: an input that is standard output as well, and one that is saved meanwhile."""

import sys

import pytest

from .conftest import MIRRORED, POD, PROGRAM, Folder, needs_posix

pytestmark = needs_posix

EMPTIED = "is standard output too, and the shell has emptied it; restore it, then use --in-place or another output"
SHARED = "is standard output too; use --in-place or another output"


def redirected(folder: Folder, line: str) -> tuple[int, str]:
    """A command line in a shell that redirects, "$0" the program: status and standard error."""
    done = folder.command("sh", "-c", line, str(PROGRAM))
    assert done.out == b""
    return done.status, done.err


# What is fine.


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ('"$0" -q a.yaml > b.yaml', MIRRORED),
        ('"$0" -q < a.yaml > b.yaml', MIRRORED),
        ('"$0" -q a.yaml >> b.yaml', b"# mine\n" + MIRRORED),
        ('cat a.yaml | "$0" -q > a.yaml.new && mv a.yaml.new b.yaml', MIRRORED),
        ('"$0" -q -i a.yaml > b.yaml', b""),
    ],
    ids=["another file", "from standard input", "behind another file", "by way of a new file", "in place"],
)
def test_another_file_is_written(folder: Folder, line: str, out: bytes) -> None:
    folder.write("a.yaml", POD)
    folder.write("b.yaml", b"# mine\n")
    assert redirected(folder, line) == (0, "")
    assert folder.read("b.yaml") == out


def test_dev_null_may_be_both(folder: Folder) -> None:
    assert redirected(folder, '"$0" -q < /dev/null > /dev/null') == (0, "")


# What is not.


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('"$0" a.yaml > a.yaml', "a.yaml"),
        ('"$0" -f a.yaml > ./a.yaml', "a.yaml"),
        ('"$0" < a.yaml > a.yaml', "<stdin>"),
        ('"$0" link.yaml > a.yaml', "link.yaml"),
        ('"$0" other.yaml a.yaml > a.yaml', "a.yaml"),
        ('"$0" -R . > a.yaml', "a.yaml"),
        ('"$0" --diff a.yaml > a.yaml', "a.yaml"),
        ('"$0" --check a.yaml > a.yaml', "a.yaml"),
        ('"$0" -i a.yaml > a.yaml', "a.yaml"),
    ],
)
def test_an_input_that_the_shell_has_emptied_is_named(folder: Folder, line: str, name: str) -> None:
    folder.write("a.yaml", POD)
    folder.write("other.yaml", MIRRORED)
    (folder.path / "link.yaml").symlink_to("a.yaml")
    assert redirected(folder, line) == (2, f"tcr-rewrite: error: {name}: {EMPTIED}\n")
    assert folder.read("other.yaml") == MIRRORED


@pytest.mark.parametrize("line", ['"$0" a.yaml >> a.yaml', '"$0" a.yaml 1<> a.yaml', '"$0" - < a.yaml >> a.yaml'])
def test_an_input_that_would_be_written_over_or_doubled_is_as_it_was(folder: Folder, line: str) -> None:
    folder.write("a.yaml", POD)
    name = "<stdin>" if " - " in line else "a.yaml"
    assert redirected(folder, line) == (2, f"tcr-rewrite: error: {name}: {SHARED}\n")
    assert folder.read("a.yaml") == POD


def test_an_empty_file_at_the_end_of_which_is_written_was_not_emptied(folder: Folder) -> None:
    folder.write("a.yaml", b"")
    assert redirected(folder, '"$0" a.yaml >> a.yaml') == (2, f"tcr-rewrite: error: a.yaml: {SHARED}\n")


# A report, which a flag names.

BESIDE = [
    ["--report", "new.json", "-R", "."],
    ["--report", "old.json", "a.yaml"],
    ["--report", "d/notes.txt", "-R", "d"],
    ["--report", "/dev/null", "a.yaml"],
]


@pytest.mark.parametrize("args", BESIDE, ids=" ".join)
def test_a_report_may_replace_what_is_no_input(folder: Folder, args: list[str]) -> None:
    folder.write("a.yaml", POD)
    for name in ("old.json", "d/notes.txt", "d/b.yaml"):
        folder.write(name, b"{}")
    assert folder.run("--check", *args).status in (0, 1)
    assert folder.read("a.yaml") == POD


@pytest.mark.parametrize(
    "args",
    [
        ["a.yaml"],
        ["-f", "d/b.yaml,./a.yaml"],
        ["hard.yaml"],
        ["link.yaml"],
        ["-R", "."],
        ["-R", "d"],
        ["-k", "."],
        ["--config", "a.yaml", "d/b.yaml"],
        ["--crds", "a.yaml", "d/b.yaml"],
        ["--config", "config.yaml", "d/b.yaml"],
        ["a.yaml", "missing.yaml"],
        ["--mirror", "no rule", "a.yaml"],
        ["-f", "."],
        ["--in-place", "a.yaml"],
    ],
    ids=" ".join,
)
def test_a_report_does_not_overwrite_an_input(folder: Folder, args: list[str]) -> None:
    folder.write("a.yaml", POD)
    folder.write("d/b.yaml", MIRRORED)
    crds = b"apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\nspec: {crds: [a.yaml]}\n"
    folder.write("config.yaml", crds)
    (folder.path / "hard.yaml").hardlink_to(folder.path / "a.yaml")
    (folder.path / "link.yaml").symlink_to("a.yaml")
    (folder.path / "d" / "link.yaml").symlink_to("../a.yaml")
    done = folder.run("--report", "a.yaml", *args)
    assert done.error.startswith("tcr-rewrite: error: --report a.yaml would overwrite an input; name another file")
    assert folder.read("a.yaml") == POD


def test_a_report_does_not_overwrite_standard_input_or_what_the_environment_names(folder: Folder) -> None:
    folder.write("a.yaml", POD)
    assert redirected(folder, '"$0" --report a.yaml < a.yaml')[0] == 2
    assert folder.run("--report", "a.yaml", env={"KUBECTL_TCR_CONFIG": "a.yaml"}, input=POD).status == 2
    assert folder.read("a.yaml") == POD


# Saved meanwhile: a program that does so as soon as the new file is written.

SAVED = """\
import sys
from kubectl_tcr import files
from kubectl_tcr.cli import main

def sync(descriptor, real=files.os.fsync):
    real(descriptor)
    if files.os.path.exists("b.yaml"):
        with open("b.yaml", "ab") as file:
            file.write(b"# saved\\n")
            real(file.fileno())
files.os.fsync = sync
main.rewrite()
"""


def test_a_file_that_is_saved_meanwhile_is_named_and_left(folder: Folder) -> None:
    folder.write("b.yaml", POD)
    done = folder.command(sys.executable, "-c", SAVED, "-i", "-q", "b.yaml")
    problem = "b.yaml was changed by another program meanwhile and is left as it is; run again"
    assert (done.status, done.out) == (2, b"")
    assert done.err.startswith("tcr-rewrite: error: /")
    assert done.err.endswith(f"/{problem}\n")
    assert folder.read("b.yaml") == POD + b"# saved\n"
    assert folder.names() == ["b.yaml"]


def test_the_others_are_done(folder: Folder) -> None:
    for name in ("a.yaml", "b.yaml", "c.yaml"):
        folder.write(name, POD)
    done = folder.command(sys.executable, "-c", SAVED, "-i", "-q", "b.yaml", "a.yaml", "c.yaml")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert folder.read("a.yaml") == folder.read("c.yaml") == MIRRORED
    assert folder.read("b.yaml").startswith(POD + b"# saved\n")


# What a killed run has left.


@pytest.mark.parametrize("args", [["-R", "."], ["a.yaml"], ["sub/b.yaml"]], ids=" ".join)
def test_the_next_run_in_place_takes_away_what_a_killed_one_has_left(folder: Folder, args: list[str]) -> None:
    left = ".kubectl-tcr.0123456789abcdef"
    other = ".a.yaml.0123456789abcdef"
    for name in ("a.yaml", "sub/b.yaml"):
        folder.write(name, MIRRORED)
    for name in (left, other, f"sub/{left}"):
        folder.write(name, POD)
    folder.run("--check", *args)
    assert {left, f"sub/{left}"} < set(folder.names())
    assert folder.run("-i", *args).status == 0
    swept = {"-R": {left, f"sub/{left}"}, "a.yaml": {left}, "sub/b.yaml": {f"sub/{left}"}}[args[0]]
    assert set(folder.names()) == {"a.yaml", "sub", "sub/b.yaml", left, other, f"sub/{left}"} - swept
