"""What becomes of the manifests: standard output, the files themselves, a check, or a diff."""

import json
import os
import stat

import pytest

from .conftest import JSON_MIRRORED, JSON_POD, MIRRORED, PLAIN, POD, PROGRAM, Folder, needs_posix, pod

SUMMARY = "tcr-rewrite: 1 reference rewritten in 1 of 1 document\n"
NOTHING = "tcr-rewrite: 0 references rewritten in 0 of 1 document\n"
TO_COME = "tcr-rewrite: 1 reference to rewrite in 1 of 1 document\n"
NOTHING_TO_COME = "tcr-rewrite: 0 references to rewrite in 0 of 1 document\n"
BROKEN = b"image: [quay.io/a/b:1\n"

RED, GREEN, CYAN, OFF = b"\x1b[31m", b"\x1b[32m", b"\x1b[36m", b"\x1b[0m"


# In place: files that stay.


def test_a_file_without_a_change_is_not_even_touched(folder: Folder) -> None:
    path = folder.write("pod.yaml", MIRRORED)
    os.utime(path, ns=(1_000_000_000, 1_000_000_000))
    before = path.stat()
    done = folder.run("--in-place", "pod.yaml")
    after = path.stat()
    assert (done.status, done.out, done.err) == (0, b"", NOTHING)
    assert (after.st_mtime_ns, after.st_ino, after.st_ctime_ns) == (
        before.st_mtime_ns,
        before.st_ino,
        before.st_ctime_ns,
    )
    assert folder.read("pod.yaml") == MIRRORED


@needs_posix
def test_a_file_in_a_read_only_directory_without_a_change_is_no_error(folder: Folder) -> None:
    folder.write("deploy/pod.yaml", MIRRORED)
    (folder.path / "deploy").chmod(0o555)
    try:
        assert folder.run("--in-place", "deploy/pod.yaml").status == 0
    finally:
        (folder.path / "deploy").chmod(0o755)


@needs_posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_directory_is_named(folder: Folder) -> None:
    folder.write("deploy/pod.yaml", POD)
    (folder.path / "deploy").chmod(0o555)
    try:
        done = folder.run("--in-place", "deploy/pod.yaml")
    finally:
        (folder.path / "deploy").chmod(0o755)
    assert done.status == 2
    assert done.err.startswith("tcr-rewrite: error: cannot write ")
    assert "deploy/pod.yaml: Permission denied" in done.err
    assert folder.read("deploy/pod.yaml") == POD


@pytest.mark.parametrize("args", [["-"], [], ["-k", "."]], ids=["-", "nothing named", "-k"])
def test_only_files_can_be_edited_in_place(folder: Folder, args: list[str]) -> None:
    done = folder.run("--in-place", *args, input=POD)
    assert (done.status, done.out) == (2, b"")
    assert "cannot be edited in place; name a file" in done.err


@needs_posix
def test_a_pipe_with_a_name_cannot_be_edited_in_place(folder: Folder) -> None:
    os.mkfifo(folder.path / "pipe.yaml")
    script = (
        '(printf "%s\n" "$1" > pipe.yaml) >/dev/null 2>&1 & "$0" --in-place pipe.yaml; code=$?; kill $!; exit $code'
    )
    done = folder.command("sh", "-c", script, str(PROGRAM), POD[:-1].decode())
    assert stat.S_ISFIFO((folder.path / "pipe.yaml").stat().st_mode)
    assert done.status == 2
    assert done.err.startswith("tcr-rewrite: error: pipe.yaml")


# In place: files that change.


def test_in_place_writes_the_file_and_nothing_to_stdout(folder: Folder) -> None:
    folder.write("pod.yaml", POD)
    done = folder.run("--in-place", "pod.yaml")
    assert (done.status, done.out, done.err) == (0, b"", SUMMARY)
    assert folder.read("pod.yaml") == MIRRORED
    assert folder.names() == ["pod.yaml"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (JSON_POD, JSON_MIRRORED),
        (POD[:-1], MIRRORED[:-1]),
        (POD.replace(b"\n", b"\r\n"), MIRRORED.replace(b"\n", b"\r\n")),
        (b"\xef\xbb\xbf" + POD, b"\xef\xbb\xbf" + MIRRORED),
        (POD.decode().encode("utf-16"), MIRRORED.decode().encode("utf-16")),
        (PLAIN + b"---\n" + POD + b"---\n", PLAIN + b"---\n" + MIRRORED + b"---\n"),
    ],
    ids=["JSON", "no final newline", "CRLF", "byte order mark", "UTF-16", "several documents"],
)
def test_in_place_keeps_every_other_byte(folder: Folder, source: bytes, expected: bytes) -> None:
    folder.write("file", source)
    assert folder.run("-i", "file").status == 0
    assert folder.read("file") == expected


@needs_posix
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o444, 0o755, 0o640])
def test_in_place_keeps_the_mode(folder: Folder, mode: int) -> None:
    path = folder.write("pod.yaml", POD)
    path.chmod(mode)
    folder.run("--in-place", "pod.yaml")
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_bytes() == MIRRORED


@needs_posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give files away")
def test_in_place_keeps_the_owner(folder: Folder) -> None:
    path = folder.write("pod.yaml", POD)
    os.chown(path, 1234, 5678)
    folder.run("--in-place", "pod.yaml")
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 5678)


@needs_posix
def test_a_named_link_stays_and_its_target_is_edited(folder: Folder) -> None:
    target = folder.write("real/pod.yaml", POD)
    link = folder.path / "link.yaml"
    link.symlink_to("real/pod.yaml")
    assert folder.run("--in-place", "link.yaml").status == 0
    assert link.is_symlink()
    assert link.readlink().as_posix() == "real/pod.yaml"
    assert target.read_bytes() == MIRRORED
    assert folder.names() == ["link.yaml", "real", "real/pod.yaml"]


def test_a_file_named_twice_is_edited_once(folder: Folder) -> None:
    folder.write("pod.yaml", POD)
    assert folder.run("--in-place", "pod.yaml", "pod.yaml").status == 0
    assert folder.read("pod.yaml") == MIRRORED


def test_each_file_stands_for_itself(folder: Folder) -> None:
    folder.write("a.yaml", POD)
    folder.write("b.yaml", POD + b"---\n" + BROKEN)
    folder.write("d.yaml", POD)
    done = folder.run("--in-place", "a.yaml", "b.yaml", "c.yaml", "d.yaml")
    assert (done.status, done.out) == (2, b"")
    assert [folder.read(name) for name in ("a.yaml", "b.yaml", "d.yaml")] == [
        MIRRORED,
        POD + b"---\n" + BROKEN,
        MIRRORED,
    ]
    errors = [line for line in done.err.splitlines() if line.startswith("tcr-rewrite: error: ")]
    assert [error.split(":")[2] for error in errors] == [" b.yaml", " c.yaml"]
    assert "tcr-rewrite: 2 references rewritten in 2 of 2 documents\n" in done.err
    assert folder.names() == ["a.yaml", "b.yaml", "d.yaml"]


def test_in_place_below_a_directory(folder: Folder) -> None:
    folder.write("deploy/a.yaml", POD)
    folder.write("deploy/sub/b.yml", POD)
    folder.write("deploy/notes.md", POD)
    assert folder.run("--in-place", "-R", "-f", "deploy").status == 0
    assert folder.read("deploy/a.yaml") == folder.read("deploy/sub/b.yml") == MIRRORED
    assert folder.read("deploy/notes.md") == POD


# Check.


def test_check_of_what_would_stay(folder: Folder) -> None:
    folder.write("pod.yaml", MIRRORED)
    done = folder.run("--check", "pod.yaml")
    assert (done.status, done.out, done.err) == (0, b"", NOTHING_TO_COME)


def test_check_names_what_would_change(folder: Folder) -> None:
    folder.write("a.yaml", POD)
    folder.write("b.yaml", MIRRORED)
    folder.write("c.yaml", POD)
    done = folder.run("--check", "a.yaml", "b.yaml", "c.yaml")
    assert (done.status, done.out) == (1, b"")
    assert done.err.splitlines()[:2] == ["tcr-rewrite: would rewrite a.yaml", "tcr-rewrite: would rewrite c.yaml"]
    assert folder.read("a.yaml") == POD


def test_check_of_standard_input(folder: Folder) -> None:
    done = folder.run("--check", input=POD)
    assert (done.status, done.out) == (1, b"")
    assert "would rewrite <stdin>" in done.err


def test_check_of_a_broken_file(folder: Folder) -> None:
    folder.write("pod.yaml", BROKEN)
    assert "tcr-rewrite: error: pod.yaml:" in folder.run("--check", "pod.yaml").error


def test_a_quiet_check_tells_by_its_status(folder: Folder) -> None:
    folder.write("pod.yaml", POD)
    assert folder.run("--check", "-q", "pod.yaml") == (1, b"", "")


# Diff.


def test_diff_of_what_would_stay(folder: Folder) -> None:
    folder.write("pod.yaml", MIRRORED)
    done = folder.run("--diff", "pod.yaml")
    assert (done.status, done.out, done.err) == (0, b"", NOTHING_TO_COME)


def test_diff_shows_the_change_and_leaves_the_file(folder: Folder) -> None:
    folder.write("pod.yaml", POD)
    done = folder.run("--diff", "pod.yaml")
    assert (done.status, done.err) == (1, TO_COME)
    assert done.out.splitlines() == [
        b"--- a/pod.yaml",
        b"+++ b/pod.yaml",
        b"@@ -4,4 +4,4 @@",
        b" spec:",
        b"   containers:",
        b"     - name: c0",
        b"-      image: quay.io/a/b:1",
        b"+      image: quay.tencentcloudcr.com/a/b:1",
    ]
    assert folder.read("pod.yaml") == POD


def test_diff_of_a_broken_file_is_empty(folder: Folder) -> None:
    folder.write("b.yaml", POD + b"---\n" + BROKEN)
    assert "tcr-rewrite: error: b.yaml:" in folder.run("--diff", "b.yaml").error


def test_a_quiet_diff_is_still_shown(folder: Folder) -> None:
    done = folder.run("--diff", "-q", input=POD)
    assert (done.status, done.err) == (1, "")
    assert b"+      image: quay.tencentcloudcr.com/a/b:1\n" in done.out


LONG = b"".join(b"# line %d\n" % number for number in range(40))
DIFFED = {
    "plain": POD,
    "no-final-newline": POD[:-1],
    "only-a-later-line-without-newline": POD + b"      imagePullPolicy: Always",
    "crlf": POD.replace(b"\n", b"\r\n"),
    "crlf-no-final-newline": POD.replace(b"\n", b"\r\n")[:-2],
    "far-apart": POD + b"---\n" + LONG + POD + b"---\n" + LONG + POD,
    "close-together": pod("quay.io/a/b:1", "nginx", "quay.io/c/d:1", "nginx", "nginx", "nginx", "nginx", "quay.io/e/f"),
    "first-line": b'{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": "quay.io/a/b:1"}]}}\n',
    "json-one-line": JSON_POD,
    "bom": b"\xef\xbb\xbf" + POD,
    "line-separators": 'note: "a\u2028b\u0085c"\n---\n'.encode() + POD,
    "lone-carriage-return": b"# one\r# two\n" + POD,
    "folded": POD.replace(b"image: quay.io", b"image: >-\n        quay.io"),
    "joined": LONG + POD.replace(b"quay.io/a/b:1", b'"quay\\\n        .io/a/b:1"') + LONG,
}


@pytest.mark.parametrize("tool", [["patch", "-p1", "--binary", "--quiet"], ["git", "apply", "-"]], ids=["patch", "git"])
@pytest.mark.parametrize("name", DIFFED)
def test_a_diff_applies_and_gives_what_in_place_gives(folder: Folder, name: str, tool: list[str]) -> None:
    folder.write("deploy/file.yaml", DIFFED[name])
    folder.write("edited/file.yaml", DIFFED[name])
    folder.run("--in-place", "edited/file.yaml")
    assert folder.read("edited/file.yaml") != DIFFED[name]
    diff = folder.run("--diff", "deploy/file.yaml")
    assert diff.status == 1
    folder.command("git", "init", "--quiet")
    applied = folder.command(*tool, input=diff.out)
    assert applied.status == 0, (applied, diff.out)
    assert folder.read("deploy/file.yaml") == folder.read("edited/file.yaml")


def test_a_diff_of_several_files_applies(folder: Folder) -> None:
    for name in ("a.yaml", "b.json", "sub/c.yaml"):
        folder.write(name, JSON_POD if name.endswith("json") else POD)
    diff = folder.run("--diff", "a.yaml", "b.json", "sub/c.yaml")
    assert folder.command("patch", "-p1", "--binary", "--quiet", input=diff.out).status == 0
    assert (folder.read("a.yaml"), folder.read("b.json"), folder.read("sub/c.yaml")) == (
        MIRRORED,
        JSON_MIRRORED,
        MIRRORED,
    )


def test_a_diff_marks_a_missing_final_newline_on_both_sides(folder: Folder) -> None:
    lines = folder.run("--diff", input=POD[:-1]).out.split(b"\n")
    assert lines[-5:] == [
        b"-      image: quay.io/a/b:1",
        rb"\ No newline at end of file",
        b"+      image: quay.tencentcloudcr.com/a/b:1",
        rb"\ No newline at end of file",
        b"",
    ]


def test_a_diff_keeps_carriage_returns(folder: Folder) -> None:
    out = folder.run("--diff", input=POD.replace(b"\n", b"\r\n")).out
    assert b"-      image: quay.io/a/b:1\r\n+      image: quay.tencentcloudcr.com/a/b:1\r\n" in out


def test_an_absolute_path_in_a_diff_has_no_double_slash(folder: Folder) -> None:
    path = folder.write("pod.yaml", POD)
    first = folder.run("--diff", str(path)).out.splitlines()[0]
    assert b"//" not in first


# Colour.

COLORED = (
    RED + b"-      image: quay.io/a/b:1" + OFF + b"\n",
    GREEN + b"+      image: quay.tencentcloudcr.com/a/b:1" + OFF + b"\n",
)


@pytest.mark.parametrize("args", [[], ["--color", "auto"], ["--color", "never"]], ids=["default", "auto", "never"])
def test_a_piped_diff_has_no_colour(folder: Folder, args: list[str]) -> None:
    assert b"\x1b" not in folder.run("--diff", *args, input=POD).out


def test_colour_can_be_asked_for(folder: Folder) -> None:
    out = folder.run("--diff", "--color", "always", input=POD, env={"NO_COLOR": "1"}).out
    assert all(line in out for line in COLORED), out
    assert CYAN + b"--- a/" in out


def test_a_coloured_diff_is_the_diff_with_colour(folder: Folder) -> None:
    for name in ("no-final-newline", "crlf", "far-apart"):
        source = DIFFED[name]
        colored = folder.run("--diff", "--color", "always", input=source).out
        for escape in (RED, GREEN, CYAN, OFF):
            colored = colored.replace(escape, b"")
        assert colored == folder.run("--diff", input=source).out


@needs_posix
def test_a_diff_on_a_terminal_has_colour(folder: Folder) -> None:
    folder.write("pod.yaml", POD)
    done = folder.run_on_terminal("stdout", "--diff", "pod.yaml")
    assert done.status == 1
    assert all(line in done.out for line in COLORED), done.out


@needs_posix
@pytest.mark.parametrize(
    ("args", "env"),
    [(["--diff"], {"NO_COLOR": "1"}), (["--diff", "--color", "never"], {}), ([], {})],
    ids=["NO_COLOR", "--color never", "manifests"],
)
def test_a_terminal_without_colour(folder: Folder, args: list[str], env: dict[str, str]) -> None:
    folder.write("pod.yaml", POD)
    done = folder.run_on_terminal("stdout", *args, "pod.yaml", env=env)
    assert b"quay.tencentcloudcr.com" in done.out
    assert b"\x1b" not in done.out


@needs_posix
def test_an_empty_no_color_is_none(folder: Folder) -> None:
    folder.write("pod.yaml", POD)
    assert b"\x1b" in folder.run_on_terminal("stdout", "--diff", "pod.yaml", env={"NO_COLOR": ""}).out


# Flags that cannot stand together, and flags that are none.


@pytest.mark.parametrize("other", ["--check", "--diff"])
def test_in_place_writes_and_the_others_only_look(folder: Folder, other: str) -> None:
    folder.write("pod.yaml", POD)
    done = folder.run("--in-place", other, "pod.yaml")
    assert (done.status, done.out) == (2, b"")
    assert "--in-place writes files; --check and --diff only look: choose one" in done.err
    assert folder.read("pod.yaml") == POD


def test_a_diff_is_a_check_as_well(folder: Folder) -> None:
    folder.write("pod.yaml", POD)
    assert folder.run("--check", "--diff", "pod.yaml").status == 1


@pytest.mark.parametrize(
    "args",
    [["--nope"], ["--scope", "all"], ["--unmapped", "maybe"], ["--color", "red"], ["--mirror"], ["-f"]],
    ids=" ".join,
)
def test_a_wrong_flag_is_named(folder: Folder, args: list[str]) -> None:
    done = folder.run(*args, input=POD)
    assert (done.status, done.out) == (2, b"")
    assert args[0] in done.err


# Validate.

UNREAD = b"kind: ConfigMap\ndata: [broken\n"


def test_a_broken_document_that_holds_no_reference_passes(folder: Folder) -> None:
    stream = POD + b"---\n" + UNREAD
    done = folder.run(input=stream)
    assert (done.status, done.out) == (0, MIRRORED + b"---\n" + UNREAD)


def test_validate_reads_every_document(folder: Folder) -> None:
    error = folder.run("--validate", input=POD + b"---\n" + UNREAD).error
    assert error.startswith("tcr-rewrite: error: <stdin>:11:1: document 2 (ConfigMap): invalid YAML: ")


def test_validate_of_what_is_valid(folder: Folder) -> None:
    assert folder.run("--validate", input=PLAIN + b"---\n" + POD).out == PLAIN + b"---\n" + MIRRORED


# What is told.


def test_quiet_says_nothing(folder: Folder) -> None:
    assert folder.run("-q", input=pod("quay.io/a/b:1", "ghcr.io/a/b:1")).err == ""


def test_quiet_still_tells_errors(folder: Folder) -> None:
    assert folder.run("-q", input=BROKEN).error


def test_verbose_names_the_parser_the_rules_and_every_reference(folder: Folder) -> None:
    folder.write("pod.yaml", pod("quay.io/a/b:1", "ghcr.io/a/b:1"))
    err = folder.run("-v", "pod.yaml").err.splitlines()
    assert err[0].startswith(("tcr-rewrite: parser PyYAML (libyaml)", "tcr-rewrite: parser ruamel.yaml (pure Python)"))
    assert err[1] == "tcr-rewrite: rule quay.io=quay.tencentcloudcr.com (preset default)"
    assert err[2].startswith("pod.yaml:7:14 Pod/web spec.containers[0].image")
    assert "quay.io/a/b:1 -> quay.tencentcloudcr.com/a/b:1" in err[3]
    assert err[4].startswith("pod.yaml:9:14 Pod/web spec.containers[1].image")
    assert "ghcr.io/a/b:1" in err[5]


def test_the_version(folder: Folder) -> None:
    import kubectl_tcr

    assert folder.run("--version") == (0, f"kubectl tcr-rewrite {kubectl_tcr.__version__}\n".encode(), "")


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_the_help_is_in_kubectls_words(folder: Folder, flag: str) -> None:
    done = folder.run(flag)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(b"Usage: kubectl tcr-rewrite [OPTIONS] [FILE]...")
    flags = [
        "--filename",
        "-R",
        "-k",
        "--mirror",
        "--preset",
        "--config",
        "--exclude",
        "--scope",
        "--in-place",
        "--check",
        "--diff",
    ]
    flags += [
        "--check",
        "--diff",
        "--validate",
        "--unmapped",
        "--report",
        "--report-format",
        "--show-rules",
        "-q",
        "-v",
        "--color",
        "--version",
    ]
    assert [flag for flag in flags if flag.encode() not in done.out] == []


def test_the_rules_in_force_are_listed_with_their_evidence(folder: Folder) -> None:
    done = folder.run("--show-rules", "--mirror", "ghcr.io=mine.tencentcloudcr.com/ghcr")
    assert (done.status, done.err) == (0, "")
    out = done.out.decode()
    assert "ghcr.io -> mine.tencentcloudcr.com/ghcr\n    from      --mirror\n" in out
    assert "quay.io -> quay.tencentcloudcr.com\n    from      preset default\n" in out
    assert "evidence  https://www.tencentcloud.com/" in out
    assert "k8s.gcr.io -> no mirror on record" in out
    assert "ghcr.io -> no mirror on record" not in out


def test_showing_rules_reads_no_manifest(folder: Folder) -> None:
    assert folder.run("--show-rules", "nope.yaml").status == 0


# Looking: past what cannot be read.


def write_a_tree_with_two_broken_files(folder: Folder) -> None:
    folder.write("tree/a.yaml", POD)
    folder.write("tree/b.yaml", POD + b"---\n" + BROKEN)
    folder.write("tree/c.yaml", MIRRORED)
    folder.write("tree/d.yaml", b"\xff" + POD)
    folder.write("tree/e/f.yaml", POD)


@pytest.mark.parametrize("flags", [["-R", "-f", "tree"], [f"tree/{name}.yaml" for name in ("a", "b", "c", "d", "e/f")]])
def test_a_check_names_all_that_cannot_be_read_and_checks_the_rest(folder: Folder, flags: list[str]) -> None:
    write_a_tree_with_two_broken_files(folder)
    done = folder.run("--check", *flags)
    errors, rest = done.err.splitlines()[:2], done.err.splitlines()[2:]
    assert (done.status, done.out) == (2, b"")
    assert [line.split(":")[2] for line in errors] == [" tree/b.yaml", " tree/d.yaml"]
    assert rest == [
        "tcr-rewrite: 2 of 5 inputs failed, as told above",
        "tcr-rewrite: would rewrite tree/a.yaml",
        "tcr-rewrite: would rewrite tree/e/f.yaml",
        "tcr-rewrite: 2 references to rewrite in 2 of 3 documents",
    ]


def test_a_diff_shows_all_but_what_cannot_be_read(folder: Folder) -> None:
    write_a_tree_with_two_broken_files(folder)
    done = folder.run("--diff", "-q", "-R", "-f", "tree")
    alone = folder.run("--diff", "-q", "tree/a.yaml", "tree/e/f.yaml")
    assert (done.status, done.out) == (2, alone.out)
    assert [line.split(":")[2] for line in done.err.splitlines()] == [" tree/b.yaml", " tree/d.yaml"]


def test_manifests_are_written_whole_or_not_at_all_all_the_same(folder: Folder) -> None:
    write_a_tree_with_two_broken_files(folder)
    assert "tree/b.yaml" in folder.run("-R", "-f", "tree").error


@needs_posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everywhere")
def test_a_check_goes_on_past_a_directory_that_cannot_be_read(folder: Folder) -> None:
    folder.write("tree/a.yaml", POD)
    folder.write("tree/b/secret.yaml", POD).parent.chmod(0)
    folder.write("tree/c.yaml", POD)
    try:
        done = folder.run("--check", "-R", "-f", "tree")
        whole = folder.run("-R", "-f", "tree")
        edited = folder.run("--in-place", "-R", "-f", "tree")
    finally:
        (folder.path / "tree/b").chmod(0o755)
    said = "tcr-rewrite: error: tree/b: cannot be read: Permission denied"
    assert (done.status, done.err.splitlines()[0]) == (2, said)
    assert done.err.count("would rewrite") == 2
    assert whole.error == said
    assert (edited.status, edited.err.splitlines()[0], folder.read("tree/c.yaml")) == (2, said, MIRRORED)


@pytest.mark.parametrize("form", ["json", "github", "gitlab", "sarif"])
def test_a_report_tells_of_what_cannot_be_read_or_is_not_written(folder: Folder, form: str) -> None:
    write_a_tree_with_two_broken_files(folder)
    done = folder.run("--check", "-R", "-f", "tree", "--report", "report", "--report-format", form)
    assert (done.status, "report" in folder.names()) == (2, form in ("json", "github"))
    if form == "json":
        report = json.loads(folder.read("report"))
        assert [line.split(":")[0] for line in report["error"].splitlines()] == ["tree/b.yaml", "tree/d.yaml"]
        assert [row["file"] for row in report["references"]] == ["tree/a.yaml", "tree/c.yaml", "tree/e/f.yaml"]
    if form == "github":
        assert done.err.count("::error file=tree/") == 2


# The summary of lists.


def list_of(*items: tuple[str, ...]) -> bytes:
    """A List with a pod for each item, which has the images named."""
    pods = (
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"p{number}"}, "spec": {"containers": containers}}
        for number, containers in enumerate([{"name": "c", "image": image} for image in images] for images in items)
    )
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(pods)}).encode()


FOREIGN, OTHER, OURS = "quay.io/a/b:1", "quay.io/a/c:1", "quay.tencentcloudcr.com/a/b:1"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (list_of((OURS,), (OURS,)), (0, 0, 1, 0)),
        (list_of((FOREIGN,), (OURS,)), (1, 1, 1, 1)),
        (list_of((FOREIGN, OTHER), (OURS,), (FOREIGN,)), (3, 1, 1, 2)),
        (list_of((FOREIGN,)) * 2, (2, 2, 2, 2)),
        (list_of(*[(FOREIGN, OTHER), (OURS,)] * 20_000), (40000, 1, 1, 20000)),
        (b"---\n".join([list_of((FOREIGN, OTHER)) + b"\n"] * 20_000), (40000, 20000, 20000, 20000)),
        (POD, (1, 1, 1, 0)),
    ],
    ids=["none", "one", "two of three", "two lists", "read in pieces", "by several processes", "no list"],
)
def test_the_summary_counts_the_resources_in_lists(folder: Folder, source: bytes, expected: tuple[int, ...]) -> None:
    references, changed, documents, items = expected
    said = f"{references} reference{'s' * (references != 1)} to rewrite in "
    said += f"{changed} of {documents} document{'s' * (documents != 1)}"
    said += f" ({items} resource{'s' * (items != 1)} to change in lists)" if items else ""
    assert folder.run("--check", input=source).err.splitlines()[-1] == f"tcr-rewrite: {said}"


@pytest.mark.parametrize("names", [["a.yaml"], ["a.yaml", "b.yaml"]], ids=len)
def test_where_all_failed_nothing_is_counted(folder: Folder, names: list[str]) -> None:
    errors = []
    for name in names:
        folder.write(name, b"image: [\n")
        errors.append(f"tcr-rewrite: error: {name}:2:1")
    lines = folder.run("--in-place", *names).err.splitlines()
    assert [line.partition(": document")[0] for line in lines[: len(names)]] == errors
    assert lines[len(names) :] == (["tcr-rewrite: 2 of 2 inputs failed, as told above"] if len(names) > 1 else [])


# The colour of what is wrong.

YELLOW = b"\x1b[33m"
TOLD = b"tcr-rewrite: %serror:%s nope.yaml: cannot be read: No such file or directory\n"
NO_COLOR = {"NO_COLOR": "1"}


@needs_posix
@pytest.mark.parametrize(
    ("flags", "env", "is_colored"),
    [
        ([], {}, True),
        (["--color", "always"], NO_COLOR, True),
        (["--color", "never"], {}, False),
        ([], NO_COLOR, False),
        ([], {"NO_COLOR": ""}, True),
    ],
)
def test_an_error_has_colour_on_a_terminal(
    folder: Folder, flags: list[str], env: dict[str, str], *, is_colored: bool
) -> None:
    done = folder.run_on_terminal("stderr", *flags, "nope.yaml", env=env)
    assert done.out == TOLD % ((RED, OFF) if is_colored else (b"", b""))


@needs_posix
def test_a_warning_and_a_gate_have_colour_too(folder: Folder) -> None:
    folder.write("pod.yaml", pod("ghcr.io/a/b:1"))
    shown = folder.run_on_terminal("stderr", "-q", "--check", "--unmapped", "warn", "pod.yaml").out
    assert shown.startswith(b"tcr-rewrite: " + YELLOW + b"warning:" + OFF + b" pod.yaml:7:14: ")
    shown = folder.run_on_terminal("stderr", "-q", "--check", "--unmapped", "fail", "pod.yaml").out
    assert shown.startswith(b"tcr-rewrite: " + RED + b"error:" + OFF + b" pod.yaml:7:14: ")


@needs_posix
def test_a_usage_error_has_colour_on_a_terminal(folder: Folder) -> None:
    assert folder.run_on_terminal("stderr", "--nope").out.startswith(b"tcr-rewrite: " + RED + b"error:" + OFF)
    assert b"\x1b" not in folder.run_on_terminal("stderr", "--nope", env=NO_COLOR).out


def test_a_pipe_gets_no_colour_unless_it_is_asked_for(folder: Folder) -> None:
    assert "\x1b" not in folder.run("nope.yaml").err
    assert folder.run("--color", "always", "nope.yaml").err.encode() == TOLD % (RED, OFF)


@needs_posix
def test_what_manifests_hold_has_no_colour_of_its_own(folder: Folder) -> None:
    folder.write("a\x1b[31mb", BROKEN)
    shown = folder.run_on_terminal("stderr", "a\x1b[31mb").out
    assert shown.startswith(b"tcr-rewrite: " + RED + b"error:" + OFF + rb" a\x1b[31mb:")
