"""The report and the summary: every reference, where it stands, and what became of it."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import kubectl_tcr

from .conftest import ERROR, JSON_POD, POD, WARNING, Folder, needs_posix, pod

MANIFEST = """\
# an emoji \U0001f600 in front
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  annotations: {ü: "\U0001f600", note: see quay.io/text/in:1 there}
spec:
  imagePullSecrets: [{name: pull}]
  containers:
    - {"name": "\U0001f600", "image": "quay.io/a/b:1"}
    - image: &anchor !!str quay.io/c/d:2  # tcr-rewrite: ignore
    - image: "ghcr.io/e/f:3"
    - image: mine.tencentcloudcr.com/g/h:4
    - image: >-
        quay.io/i/j:5
    - image: nginx
status:
  image: quay.io/k/l:6
# image: quay.io/m/n:7
"""


def schema() -> dict[str, Any]:
    path = Path(kubectl_tcr.__file__).parent / "schemas" / "report.schema.json"
    loaded: dict[str, Any] = json.loads(path.read_bytes())
    return loaded


def report(folder: Folder, *args: str, source: bytes = b"") -> dict[str, Any]:
    """The report of a run, valid by its schema."""
    done = folder.run("--report", "report.json", *args, input=source)
    assert done.status in (0, 1), done.err
    loaded: dict[str, Any] = json.loads(folder.read("report.json"))
    jsonschema.validate(loaded, schema())
    return loaded


def rows(folder: Folder, source: bytes, *args: str) -> dict[str, dict[str, Any]]:
    """The rows of a report by the reference they begin with."""
    return {row["before"]: row for row in report(folder, *args, source=source)["references"]}


# The report.


def test_the_schema_is_a_schema() -> None:
    jsonschema.validators.validator_for(schema()).check_schema(schema())


def test_a_report_of_nothing(folder: Folder) -> None:
    found = report(folder, source=b"kind: Nothing\n")
    assert found["references"] == []
    assert found["summary"] == {
        "documents": 1,
        "changedDocuments": 0,
        "changedListItems": 0,
        "rewritten": 0,
        "unmapped": {},
        "suspected": 0,
        "left": {},
    }
    assert [rule["source"] for rule in found["rules"]] == ["quay.io"]


def test_a_report_changes_nothing_about_the_output(folder: Folder) -> None:
    done = folder.run("--report", "report.json", input=MANIFEST.encode())
    assert done == folder.run(input=MANIFEST.encode())


@pytest.mark.parametrize(
    ("before", "status", "more"),
    [
        ("quay.io/a/b:1", "rewritten", {"after": "quay.tencentcloudcr.com/a/b:1", "foundBy": "container"}),
        ("quay.io/i/j:5", "rewritten", {"rule": "quay.io=quay.tencentcloudcr.com"}),
        ("quay.io/text/in:1", "rewritten", {"foundBy": "text", "fields": ["metadata.annotations.note"]}),
        ("ghcr.io/e/f:3", "unmapped", {"fields": ["spec.containers[2].image"]}),
        ("nginx", "unmapped", {"fields": ["spec.containers[5].image"]}),
        ("mine.tencentcloudcr.com/g/h:4", "mirrored", {"fields": ["spec.containers[3].image"]}),
        ("quay.io/c/d:2", "left", {"reason": "ignored by a comment"}),
        ("quay.io/k/l:6", "left", {"reason": "status is a record, not a wish"}),
        ("quay.io/m/n:7", "left", {"reason": "a comment"}),
    ],
)
def test_a_row_says_what_became_of_a_reference(folder: Folder, before: str, status: str, more: dict[str, Any]) -> None:
    row = rows(folder, MANIFEST.encode())[before]
    assert row["status"] == status
    assert {key: row[key] for key in more} == more
    assert ("after" in row, "rule" in row) == (status == "rewritten", status == "rewritten")
    assert ("reason" in row) is (status == "left")


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("prefix", ["", "---\n", "a: 1\n---\n# two\n---\n"], ids=["first", "separator", "third"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_line_and_column_point_at_the_reference(folder: Folder, newline: str, prefix: str, codec: str) -> None:
    text = (prefix + MANIFEST).replace("\n", newline)
    lines = text.split("\n")
    found = rows(folder, text.encode(codec))
    assert len(found) == 9
    for before, row in found.items():
        assert lines[row["line"] - 1][row["column"] - 1 :].startswith(before), row


def test_line_and_column_in_json(folder: Folder) -> None:
    text = json.dumps(json.loads(JSON_POD), indent=2) + "\n" + JSON_POD.decode() + "\n"
    lines = text.split("\n")
    found = report(folder, source=text.encode())["references"]
    assert [row["document"] for row in found] == [1, 2]
    for row in found:
        assert lines[row["line"] - 1][row["column"] - 1 :].startswith("quay.io/a/b:1"), row


def test_a_row_says_in_which_resource(folder: Folder) -> None:
    row = rows(folder, MANIFEST.encode())["quay.io/a/b:1"]
    assert row["resource"] == {"apiVersion": "v1", "kind": "Pod", "name": "web", "namespace": "shop"}
    assert (row["file"], row["document"]) == ("<stdin>", 1)


def test_files_are_named_in_their_order(folder: Folder) -> None:
    folder.write("b.yaml", POD)
    folder.write("a.yaml", POD)
    found = report(folder, "b.yaml", "a.yaml")
    assert [row["file"] for row in found["references"]] == ["b.yaml", "a.yaml"]
    assert found["summary"]["rewritten"] == 2


def test_an_alias_shows_all_its_paths(folder: Folder) -> None:
    source = pod("&image quay.io/a/b:1", "*image")
    (row,) = report(folder, source=source)["references"]
    assert row["fields"] == ["spec.containers[0].image", "spec.containers[1].image"]


def test_an_excluded_reference_is_left(folder: Folder) -> None:
    row = rows(folder, POD, "--exclude", "quay.io/*")["quay.io/a/b:1"]
    assert (row["status"], row["reason"]) == ("left", "excluded by the user")


def test_the_summary_counts_documents_references_and_hosts(folder: Folder) -> None:
    stream = pod("quay.io/a", "ghcr.io/b:1", "ghcr.io/c:1") + b"---\n---\n" + POD + b"---\nkind: Nothing\n"
    assert report(folder, source=stream)["summary"] == {
        "documents": 3,
        "changedDocuments": 2,
        "changedListItems": 0,
        "rewritten": 2,
        "unmapped": {"ghcr.io": 2},
        "suspected": 0,
        "left": {},
    }


def test_the_rules_in_force_are_part_of_the_report(folder: Folder) -> None:
    rules = report(folder, "--mirror", "ghcr.io=mine.io", source=POD)["rules"]
    assert [(rule["source"], rule["mirror"], rule["layer"]) for rule in rules] == [
        ("ghcr.io", "mine.io", "--mirror"),
        ("quay.io", "quay.tencentcloudcr.com", "preset default"),
    ]


@pytest.mark.parametrize("mode", ["--check", "--in-place", "--diff"])
def test_every_mode_makes_the_same_report(folder: Folder, mode: str) -> None:
    folder.write("pod.yaml", MANIFEST.encode())
    plain = report(folder, "pod.yaml")
    assert report(folder, mode, "pod.yaml") == plain


def test_the_gate_makes_a_report_too(folder: Folder) -> None:
    folder.write("pod.yaml", MANIFEST.encode())
    found = report(folder, "--unmapped", "fail", "pod.yaml")
    assert found["summary"]["unmapped"] == {"ghcr.io": 1, "docker.io": 1}


# Where the report goes.


@pytest.mark.parametrize("mode", [[], ["--diff"]], ids=["manifests", "--diff"])
def test_manifests_and_report_do_not_share_standard_output(folder: Folder, mode: list[str]) -> None:
    done = folder.run("--report", "-", *mode, input=POD)
    assert (done.status, done.out) == (2, b"")
    assert "cannot share standard output; name a file" in done.err


@pytest.mark.parametrize(("mode", "status"), [("--check", 1), ("--in-place", 0)])
def test_a_report_on_standard_output(folder: Folder, mode: str, status: int) -> None:
    folder.write("pod.yaml", POD)
    done = folder.run("--report", "-", mode, "pod.yaml")
    assert done.status == status
    jsonschema.validate(json.loads(done.out), schema())
    assert done.out.endswith(b"}\n")


@pytest.mark.parametrize("name", ["missing/report.json", "."], ids=["no such folder", "a folder"])
def test_a_report_that_cannot_be_written(folder: Folder, name: str) -> None:
    assert folder.run("--report", name, input=POD).error.startswith(ERROR + f"cannot write the report {name}: ")


@needs_posix
def test_a_report_to_a_full_disk(folder: Folder) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    error = folder.run("--report", "/dev/full", input=POD).error
    assert error == "tcr-rewrite: error: cannot write the report /dev/full: No space left on device"


@pytest.mark.parametrize(
    ("args", "source"),
    [((), b"image: [\n"), (("--config", "missing.yaml"), POD), (("missing.yaml",), b"")],
    ids=["broken input", "no configuration", "no input"],
)
def test_a_failed_run_leaves_its_message_in_the_report(folder: Folder, args: tuple[str, ...], source: bytes) -> None:
    folder.write("report.json", b"of an earlier run")
    error = folder.run("--report", "report.json", *args, input=source).error
    found = json.loads(folder.read("report.json"))
    jsonschema.validate(found, schema())
    assert found["error"] == error.removeprefix("tcr-rewrite: error: ")
    assert (found["rules"], found["references"], found["summary"]["documents"]) == ([], [], 0)


def test_a_failed_run_does_not_report_to_standard_output(folder: Folder) -> None:
    assert folder.run("--check", "--report", "-", input=b"image: [\n").error


def test_a_report_of_a_failed_run_that_cannot_be_written_hides_no_message(folder: Folder) -> None:
    assert "report.json" not in folder.run("--report", "missing/report.json", input=b"image: [\n").error


# The summary on standard error.


@pytest.mark.parametrize("flags", [[], ["--in-place"]], ids=["", "in place"])
def test_where_nothing_is_to_be_found_an_empty_input_is_no_warning(folder: Folder, flags: list[str]) -> None:
    folder.write("empty.yaml", b"")
    assert folder.run("-q", *flags, "empty.yaml").err == ""


@pytest.mark.parametrize(
    "flags", [["--check"], ["--diff"], ["--unmapped", "fail"], ["--suspected", "fail"]], ids=" ".join
)
def test_a_check_of_nothing_is_a_warning(folder: Folder, flags: list[str]) -> None:
    done = folder.run(*flags)
    assert (done.status, done.out) == (0, b"")
    assert done.err == "tcr-rewrite: warning: there was no document to read, so nothing was checked\n"
    assert folder.run(*flags, "-q", input=b"# nothing\n").err == ""


def summary(folder: Folder, source: bytes, *args: str) -> list[str]:
    return [line.removeprefix("tcr-rewrite: ") for line in folder.run(*args, input=source).err.splitlines()]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (b"", "there was no document to read"),
        (b"\n---\n\n", "there was no document to read"),
        (b"kind: Nothing\n", "0 references rewritten in 0 of 1 document"),
        (b"---\n# nothing\n---\n\n", "0 references rewritten in 0 of 1 document"),
        (POD, "1 reference rewritten in 1 of 1 document"),
        (pod("quay.io/a", "quay.io/b") + b"---\na: 1\n", "2 references rewritten in 1 of 2 documents"),
        (POD + b"---\n" + POD, "2 references rewritten in 2 of 2 documents"),
    ],
)
def test_the_summary_counts(folder: Folder, source: bytes, line: str) -> None:
    assert summary(folder, source) == [line]


def test_hosts_without_a_mirror_are_counted_the_most_frequent_first(folder: Folder) -> None:
    source = pod("ghcr.io/a:1", "gcr.io/b:1", "gcr.io/c:1", "nginx")
    assert summary(folder, source)[1] == "no mirror for gcr.io (2), ghcr.io (1), docker.io (1)"


def test_a_preset_that_nobody_asked_for_may_match_nothing(folder: Folder) -> None:
    assert summary(folder, pod("mine.tencentcloudcr.com/a")) == ["0 references rewritten in 0 of 1 document"]


@pytest.mark.parametrize(
    "args",
    [
        ["--mirror", "ghcr.io=mine.io"],  # others matched
        ["--preset", "none", "--mirror", "ghcr.io=mine.io", "--trusted", "quay.io"],  # nothing foreign
        ["--preset", "none", "--mirror", "quay.io=mine.io", "--mirror", "ghcr.io=mine.io"],
    ],
)
def test_a_rule_that_matches_nothing_is_no_news_of_its_own(folder: Folder, args: list[str]) -> None:
    assert "matched" not in folder.run(*args, input=POD).err


@pytest.mark.parametrize(
    ("args", "env", "layer"),
    [
        (["--mirror", "ghcr.io=mine.io"], {}, "--mirror"),
        ([], {"KUBECTL_TCR_MIRRORS": "ghcr.io=mine.io"}, "KUBECTL_TCR_MIRRORS"),
        (["--config", "mine.yaml"], {}, "mine.yaml"),
    ],
    ids=["flag", "environment", "config"],
)
def test_that_no_rule_matched_is_told_where_something_foreign_stands(
    folder: Folder, args: list[str], env: dict[str, str], layer: str
) -> None:
    config = (
        "apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\nspec: {mirrors: [{source: ghcr.io, mirror: mine.io}]}\n"
    )
    folder.write("mine.yaml", config.encode())
    err = folder.run("--preset", "none", *args, input=POD, env=env).err
    assert err.endswith(f"tcr-rewrite: no rule matched anything: ghcr.io=mine.io ({layer})\n")


def test_many_rules_that_match_nothing_are_one_line(folder: Folder) -> None:
    flags = [word for number in range(5) for word in ("--mirror", f"a{number}.example=m.example")]
    named = ", ".join(f"a{number}.example=m.example (--mirror)" for number in range(3))
    assert summary(folder, POD, "--preset", "none", *flags)[2:] == [f"no rule matched anything: {named} and 2 more"]


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        (pod("gcr.io/a:1"), "ghcr.io=m.example"),  # another registry that there is
        (pod("quay.io/other/a:1"), "quay.io/acme=m.example"),
        (pod("registry.example.com/a:1"), "quay.io=m.example"),
    ],
)
def test_what_is_no_near_miss(folder: Folder, source: bytes, rule: str) -> None:
    assert "did you mean" not in folder.run("--preset", "none", "--mirror", rule, input=source).err


def test_a_near_miss_is_told_also_beside_rules_that_match(folder: Folder) -> None:
    flags = ["--preset", "none", "--mirror", "qauy.io=m.example", "--mirror", "gcr.io=n.example"]
    lines = summary(folder, pod("quay.io/a:1", "gcr.io/b:1"), *flags)
    assert lines[2:] == ["rule qauy.io=m.example (--mirror) matched nothing; did you mean quay.io?"]


def test_a_near_miss_of_what_the_default_preset_moved(folder: Folder) -> None:
    lines = summary(folder, POD, "--mirror", "qauy.io=m.example")
    assert lines[1] == "rule qauy.io=m.example (--mirror) matched nothing; did you mean quay.io?"


# What the default preset moves beside rules of one's own.

TOO = "quay.io moves too, by the default preset; --preset none leaves it"


@pytest.mark.parametrize(
    ("args", "source"),
    [
        ([], POD),
        (["--mirror", "ghcr.io=m.example"], pod("ghcr.io/a:1")),  # it moved nothing
        (["--mirror", "quay.io=m.example"], POD),
        (["--mirror", "ghcr.io=m.example", "--preset", "default"], POD),  # asked for
        (["--mirror", "ghcr.io=m.example", "--preset", "none"], POD),
        (["--trusted", "ghcr.io"], POD),
    ],
)
def test_the_default_preset_is_no_news(folder: Folder, args: list[str], source: bytes) -> None:
    assert TOO not in summary(folder, source, *args)


def test_what_the_default_preset_moves_beside_rules_of_ones_own_is_told_once(folder: Folder) -> None:
    source = POD + b"---\n" + pod("quay.io/c:1", "ghcr.io/a:1")
    assert summary(folder, source, "--mirror", "ghcr.io=m.example").count(TOO) == 1


# Under -q.


def test_quiet_keeps_warnings(folder: Folder) -> None:
    policy = (
        b"apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: signed}\n"
        b"spec: {rules: [{verifyImages: [{imageReferences: ['quay.io/a/*']}]}]}\n---\n"
    )
    done = folder.run("-q", "--unmapped", "warn", input=policy + pod("quay.io/a/b:1", "gcr.io/c:1") + b"...\ntext\n")
    assert [line.split(": ")[:2] for line in done.err.splitlines()] == [["tcr-rewrite", "warning"]] * 3
    assert "no mirror for gcr.io" in done.err
    assert "kubectl ignores what stands behind" in done.err
    assert "it no longer matches" in done.err


def test_a_rule_that_matches_is_no_news(folder: Folder) -> None:
    assert summary(folder, POD, "--mirror", "quay.io=mine.io") == ["1 reference rewritten in 1 of 1 document"]


def test_pull_secrets_of_a_pod_that_stays_are_no_news(folder: Folder) -> None:
    source = pod("nginx").replace(b"spec:\n", b"spec:\n  imagePullSecrets: [{name: pull}]\n")
    assert not any("pull " in line for line in summary(folder, source))


def test_the_last_resource_that_is_asked_about_names_all_its_mirrors(folder: Folder) -> None:
    image = "  - image: {}/a/b:1\n"
    pods = (
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p{number}}}\nspec:\n  imagePullSecrets: [{{name: pull}}]\n"
        f"  containers:\n{image.format('quay.io')}{image.format('ghcr.io')}---\n"
        for number in range(1, 23)
    )
    done = folder.run("--mirror", "ghcr.io=m.example", input="".join(pods).encode())
    asked = [line for line in done.err.splitlines() if "pulls with the secret" in line]
    assert len(asked) == 20
    assert {line.rpartition(" for ")[2] for line in asked} == {"m.example, quay.tencentcloudcr.com?"}


def test_pull_secrets_of_a_rewritten_pod_are_asked_about_once(folder: Folder) -> None:
    source = pod("quay.io/a", "quay.io/b").replace(b"spec:\n", b"spec:\n  imagePullSecrets: [{name: pull}]\n")
    lines = summary(folder, source)
    asked = "Pod/web pulls with the secret pull: does it hold credentials for quay.tencentcloudcr.com?"
    assert lines == ["2 references rewritten in 1 of 1 document", asked]


def test_text_behind_the_end_of_a_document_is_warned_about(folder: Folder) -> None:
    source = POD + b"...\nimage: quay.io/c/d:2\n"
    done = folder.run(input=source)
    assert done.status == 0
    assert done.out.endswith(b"...\nimage: quay.io/c/d:2\n")
    assert done.err.startswith(WARNING + "<stdin>:8:4: document 1 (Pod/web): kubectl ignores what stands behind ...")


# What matches images by the names they had.

WEB = b"---\n" + pod("ghcr.io/acme/web:1")
GHCR = ("--mirror", "ghcr.io=ghcr.example.com")
MATCHING = {
    "a kustomization without kind": ("images: [{name: ghcr.io/acme/web}]", "a Kustomization"),
    "a Flux Kustomization": (
        "{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, spec: {images: [{name: ghcr.io/acme/web}]}}",
        "a Kustomization",
    ),
    "an Application": (
        (
            "{apiVersion: argoproj.io/v1alpha1, kind: Application, "
            "spec: {source: {kustomize: {images: ['ghcr.io/acme/web:2']}}}}"
        ),
        "an Application",
    ),
}


@pytest.mark.parametrize("name", MATCHING)
def test_a_match_key_of_what_was_rewritten(folder: Folder, name: str) -> None:
    text, kind = MATCHING[name]
    done = folder.run(*GHCR, input=text.encode() + b"\n" + WEB)
    said = f"{kind} matches images by the name ghcr.io/acme/web, which was rewritten: run after the build instead"
    assert f"tcr-rewrite: warning: {said}" in done.err.splitlines()


POLICIES = {
    "Kyverno": ("kyverno.io/v1", "ClusterPolicy", "rules: [{verifyImages: [{imageReferences: ['ghcr.io/acme/*']}]}]"),
    "sigstore": ("policy.sigstore.dev/v1beta1", "ClusterImagePolicy", "images: [{glob: 'ghcr.io/acme/*'}]"),
    "Gatekeeper": ("constraints.gatekeeper.sh/v1", "K8sAllowedRepos", "parameters: {repos: ['ghcr.io/acme/*']}"),
}


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_for_the_old_name_of_what_was_rewritten(folder: Folder, name: str) -> None:
    version, kind, spec = POLICIES[name]
    policy = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: signed}}\nspec: {{{spec}}}\n".encode()
    done = folder.run(*GHCR, input=policy + WEB)
    said = f"{kind}/signed matches images by ghcr.io/acme/*, and ghcr.io/acme/web was rewritten: it no longer matches"
    assert f"tcr-rewrite: warning: {said}" in done.err.splitlines()
    for other in (policy, policy + b"---\n" + pod("ghcr.io/other/web:1")):
        assert "no longer matches" not in folder.run(*GHCR, input=other).err


def test_policies_and_images_in_files_of_their_own(folder: Folder) -> None:
    version, kind, spec = POLICIES["Kyverno"]
    folder.write("a.yaml", f"apiVersion: {version}\nkind: {kind}\nspec: {{{spec}}}\n".encode())
    folder.write("b.yaml", pod("ghcr.io/acme/web:1"))
    assert folder.run(*GHCR, "--in-place", "a.yaml", "b.yaml").err.count("it no longer matches") == 1


def test_more_patterns_than_are_compared(folder: Folder) -> None:
    lines = "".join(f"- ghcr.io/acme/{number}*\n" for number in range(300))
    policy = f"apiVersion: kyverno.io/v1\nkind: Policy\nspec:\n{lines}".encode()
    pods = b"".join(b"---\n" + pod(f"ghcr.io/acme/{number}") for number in range(300))
    assert folder.run(*GHCR, input=policy + pods).err.count("it no longer matches") == 200
