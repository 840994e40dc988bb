"""`kubectl tcr-policy` as its users run it, without a cluster; what clusters make of it: e2e/test_policy.py."""

import json
import re

import pytest
from ruamel.yaml import YAML
from syrupy.assertion import SnapshotAssertion

from kubectl_tcr.policy.budget import LONGEST

from .conftest import PROGRAM, Done, Folder

POLICY = PROGRAM.with_name("kubectl-tcr_policy")
CONFIG = b"""\
apiVersion: kubectl-tcr/v1alpha1
kind: MirrorConfig
spec:
  preset: none
  mirrors:
    - {source: docker.io, mirror: acme.tencentcloudcr.com/hub}
    - {source: docker.io/busybox, mirror: acme.tencentcloudcr.com/tools/busybox}
    - {source: ghcr.io/acme, mirror: m.example.com/acme}
    - {source: "*", mirror: "m.example.com/rest/{host}"}
  exclude:
    - {reference: "quay.io/it's-ours/*"}
    - {reference: "nginx:[12]*", namespace: dev-*}
    - {field: "spec.initContainers*"}
    - {name: debug-*, namespace: "[!p]*"}
    - {kind: P*, name: old}
  trusted: ["*.acme.example.com", docker.io/acme, daocloud]
  fields:
    - {group: acme.io, kind: Worker, path: spec.image}
"""


def flags_alone(value: object) -> str:
    """A case is called by its flags."""
    return " ".join(value)[:60] if isinstance(value, tuple) else ""


def run(folder: Folder, *args: str) -> Done:
    return folder.command(str(POLICY), *args)


def objects(done: Done) -> list[dict]:
    assert (done.status, done.err) == (0, ""), done
    return list(YAML(typ="safe", pure=True).load_all(done.out))


def variables(done: Done) -> dict[str, str]:
    return {one["name"]: one["expression"] for one in objects(done)[0]["spec"]["variables"]}


# What comes out.


@pytest.mark.parametrize(
    "flags",
    [
        pytest.param((), id="the preset that is default"),
        pytest.param(("--config", "mirrors.yaml"), id="all that a configuration says"),
        pytest.param(("--audit", "--config", "mirrors.yaml"), id="audit"),
        pytest.param(("--deny", "--preset", "none", "-A"), id="a gate without a rule"),
        pytest.param(("--kubernetes", "1.34", "-n", "a", "-n", "b"), id="a beta in two namespaces"),
    ],
)
def test_a_policy_reads_as_a_person_would_write_it(
    folder: Folder, flags: tuple[str, ...], bytes_snapshot: SnapshotAssertion
) -> None:
    folder.write("mirrors.yaml", CONFIG)
    done = run(folder, *flags)
    assert (done.status, done.err) == (0, "")
    assert done.out == bytes_snapshot


def test_the_same_rules_are_the_same_bytes(folder: Folder) -> None:
    folder.write("mirrors.yaml", CONFIG)
    assert run(folder, "--config", "mirrors.yaml").out == run(folder, "--config", "mirrors.yaml").out


def test_a_policy_comes_with_what_puts_it_in_force(folder: Folder) -> None:
    policy, binding = objects(run(folder))
    assert (policy["kind"], binding["kind"]) == ("MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding")
    assert policy["metadata"] == binding["metadata"] == {"name": "kubectl-tcr"}
    assert binding["spec"] == {"policyName": "kubectl-tcr"}


@pytest.mark.parametrize(
    ("flags", "version"),
    [
        ((), "v1"),
        (("--kubernetes", "1.34"), "v1beta1"),
        (("--kubernetes", "v1.35.4"), "v1beta1"),
        (("--kubernetes", "v1.36.1-tke.3", "--engine", "Kubernetes"), "v1"),
        (("--kubernetes", "1.36"), "v1"),
        (("--kubernetes", "1.99"), "v1"),
        (("--kubernetes", "1.33", "--audit"), "v1"),
        (("--kubernetes", "1.33", "--deny"), "v1"),
    ],
    ids=flags_alone,
)
def test_the_version_of_the_api_is_that_of_the_release(folder: Folder, flags: tuple[str, ...], version: str) -> None:
    made = objects(run(folder, *flags))
    assert {one["apiVersion"] for one in made} == {f"admissionregistration.k8s.io/{version}"}


@pytest.mark.parametrize(
    ("flags", "terms"),
    [
        ((), [("NotIn", ["kube-system"])]),
        (("-A",), None),
        (("-n", "a", "-n", "b", "-n", "a"), [("In", ["a", "b"])]),
        (("-n", "kube-system"), [("In", ["kube-system"])]),
        (("--exclude-namespace", "a"), [("NotIn", ["a"])]),
    ],
    ids=flags_alone,
)
def test_namespaces_are_chosen_by_their_labels(
    folder: Folder, flags: tuple[str, ...], terms: list[tuple[str, list[str]]] | None
) -> None:
    constraints = objects(run(folder, *flags))[0]["spec"]["matchConstraints"]
    selector = constraints.get("namespaceSelector")
    assert (selector and [(one["operator"], one["values"]) for one in selector["matchExpressions"]]) == terms


@pytest.mark.parametrize(
    ("flags", "failure"),
    [((), "Ignore"), (("--audit",), "Ignore"), (("--deny",), "Fail"), (("--failure-policy", "fail"), "Fail")],
    ids=flags_alone,
)
def test_what_fails_lets_pods_pass_but_for_a_gate(folder: Folder, flags: tuple[str, ...], failure: str) -> None:
    assert objects(run(folder, *flags))[0]["spec"]["failurePolicy"] == failure


def test_a_gate_needs_no_rule_and_heeds_no_annotation(folder: Folder) -> None:
    done = run(folder, "--deny", "--preset", "none")
    assert objects(done)[1]["spec"]["validationActions"] == ["Deny", "Audit"]
    assert b"kubectl-tcr/ignore" not in done.out
    assert b"kubectl-tcr/ignore" in run(folder).out


def test_rules_come_from_the_environment_too(folder: Folder) -> None:
    done = folder.command(str(POLICY), env={"KUBECTL_TCR_MIRRORS": "gcr.io=m.example.com/gcr"})
    assert "  // By KUBECTL_TCR_MIRRORS:\n  'gcr.io': 'm.example.com/gcr',\n" in variables(done)["rules"]


def test_an_exclusion_that_holds_for_no_pod_is_told_of(folder: Folder) -> None:
    done = run(folder, "--config", str(folder.write("c.yaml", CONFIG.replace(b"kind: P*", b"kind: CronJob"))))
    assert done.status == 0
    assert done.err == (
        "tcr-policy: exclude {kind: CronJob, name: old} holds for no pod and is left out; "
        "name the pods, their namespace or the images\n"
    )


def test_namespaces_that_yaml_takes_for_truths_are_quoted(folder: Folder) -> None:
    out = run(folder, "-n", "no", "--exclude-namespace", "on", "--name", "y").out.decode()
    assert '- "no"\n' in out
    assert '- "on"\n' in out
    assert out.count('  name: "y"\n') == 2


def test_a_character_in_two_halves_is_one(folder: Folder) -> None:
    spec = json.dumps({"exclude": [{"reference": "quay.io/\U0001f600*"}]})
    config = f'{{"apiVersion": "kubectl-tcr/v1alpha1", "kind": "MirrorConfig", "spec": {spec}}}'
    found = variables(run(folder, "--config", str(folder.write("c.json", config.encode()))))
    assert "exclude {reference: quay.io/\U0001f600*}" in found["excluded"]
    half = config.replace("\\ude00", "")
    assert "half of a character" in run(folder, "--config", str(folder.write("d.json", half.encode()))).error


def test_text_from_outside_cannot_leave_its_comment(folder: Folder) -> None:
    name = "a\n  evil: true\u2028.yaml"
    folder.write(name, CONFIG)
    made = variables(run(folder, "--config", name))
    assert "\n  // By a\\n  evil: true\\u2028.yaml:\n" in made["rules"]


# What is refused, in one line and with nothing written.


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--kubernetes", "1.33"), "1.34 and newer have; update the cluster, or choose --engine kyverno"),
        (("--kubernetes", "1.32", "--deny"), "1.33 and newer have"),
        (("--kubernetes", "2.0"), "--kubernetes 2.0 is no release; name one as 1.36"),
        (("--kubernetes", "new"), "is no release"),
        (("--engine", "kyverno", "--kubernetes", "1.36"), "--kubernetes is for --engine kubernetes"),
        (("--audit", "--deny"), "--audit lets pods pass and --deny refuses them"),
        (("--preset", "none"), "no rule is in force"),
        (("--mirror", "a.io=b.io/x", "--mirror", "b.io=c.io"), "a second run would change the output again"),
        (("--name", "Tcr"), "is no name of an object"),
        (("--name", "a" * 254), "is no name of an object"),
        (("--name", "a..b"), "is no name of an object"),
        (("-n", "dev-*"), '"dev-*" is no name of a namespace; globs are for exclude in a MirrorConfig'),
        (("-n", "a", "--exclude-namespace", "a"), "a is both named by -n and left out"),
        (("-A", "-n", "a"), "--all-namespaces leaves no namespace out"),
    ],
    ids=flags_alone,
)
def test_what_cannot_be_is_one_line(folder: Folder, flags: tuple[str, ...], words: str) -> None:
    assert words in run(folder, *flags).error


def test_two_rules_that_only_python_can_tell_apart_are_refused(folder: Folder) -> None:
    flags = ("--mirror", "docker.io/x=m.example/x", "--mirror", "docker.io/library/x=n.example")
    assert run(folder, *flags).error == (
        "tcr-policy: error: a policy cannot hold rule docker.io/library/x=n.example beside docker.io/x=m.example/x: "
        "map docker.io/library/x to a path too"
    )


def test_an_exclusion_of_all_pods_is_refused(folder: Folder) -> None:
    spec = b"apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\nspec: {exclude: [{kind: Pod}]}\n"
    error = run(folder, "--config", str(folder.write("c.yaml", spec))).error
    assert "exclude {kind: Pod} holds for every pod, so that a policy would do nothing" in error


@pytest.mark.parametrize(
    ("key", "row", "most", "what"),
    [
        ("exclude", '{{reference: "*/team-{}/*"}}', 120, "exclusions"),
        ("exclude", '{{reference: "quay.io/team-{}/*"}}', 700, "exclusions"),
        ("exclude", "{{name: web-{}}}", 3000, "exclusions"),
        ("trusted", '"*.team-{}.example.com"', 200, "trusted registries"),
    ],
    ids=["patterns", "beginnings", "names of pods", "trusted hosts"],
)
def test_more_conditions_than_cel_has_a_budget_for_are_refused(
    folder: Folder, key: str, row: str, most: int, what: str
) -> None:
    head = f"apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\nspec:\n  {key}:\n"

    def config(count: int) -> str:
        return str(
            folder.write("c.yaml", (head + "".join(f"    - {row.format(at)}\n" for at in range(count))).encode())
        )

    error = run(folder, "--deny", "--config", config(most)).error
    assert re.match(rf"tcr-policy: error: a policy cannot hold these \d+ {what}: ", error)
    assert run(folder, "--deny", "--config", config(20)).status == 0


def test_more_rules_than_cel_takes_are_refused_and_as_many_as_it_does_are_not(folder: Folder) -> None:
    rows = [
        f"    - {{source: quay.io/team-{at:05}, mirror: mirror.example.com/{'m' * 20}-{at:05}}}\n" for at in range(1600)
    ]
    head = "apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\nspec:\n  mirrors:\n"
    error = run(folder, "--config", str(folder.write("c.yaml", (head + "".join(rows)).encode()))).error
    found = re.search(r"these 1601 rules: they would make ([\d,]+) characters, and CEL takes 100,000", error)
    assert found is not None
    assert int(found[1].replace(",", "")) > LONGEST
    done = run(folder, "--config", str(folder.write("c.yaml", (head + "".join(rows[:1000])).encode())))
    assert done.status == 0


def test_the_longest_expression_is_as_long_as_cel_takes_with_its_line_break(folder: Folder) -> None:
    head = b"apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\nspec:\n  preset: none\n  mirrors:\n"

    def with_mirror(length: int) -> Done:
        row = f"    - {{source: quay.io, mirror: m.example.com/{'m' * length}}}\n"
        return run(folder, "--config", str(folder.write("c.yaml", head + row.encode())))

    longest = LONGEST - len(variables(with_mirror(1))["rules"]) + 1
    assert len(variables(with_mirror(longest))["rules"]) == LONGEST
    assert "they would make 100,000 characters" in with_mirror(longest + 1).error


@pytest.mark.parametrize("flag", ["--mirror", "--config", "--name", "-n", "--exclude", "--kubernetes"])
def test_an_empty_value_is_a_variable_that_is_not_set(folder: Folder, flag: str) -> None:
    assert "is empty; is a variable not set?" in run(folder, flag, "").error
