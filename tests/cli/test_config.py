"""The configuration file: what it can say, and how its errors read."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

import kubectl_tcr
from kubectl_tcr.images.presets import PRESETS
from tests.conftest import ROOT

from .conftest import ERROR, MIRRORED, POD, PROGRAM, WARNING, Folder, needs_posix, pod

HEAD = "apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\n"

FULL = (
    HEAD
    + """\
metadata:
  name: ours
spec:
  preset: tke
  mirrors:
    - source: quay.io
      mirror: mine.tencentcloudcr.com/quay
    - {source: ghcr.io/a, mirror: mine.tencentcloudcr.com/a}
  exclude:
    - reference: quay.io/kept/*
    - {kind: Pod, name: left-*}
    - {kind: Pod, name: web, field: "spec.containers[3].*"}
  scope: values
  unmapped: warn
  fields:
    - {group: example.com, kind: Runner, path: "spec.runners[].uses", source: "https://example.com/api"}
"""
)

# Configurations that hold, and what is wrong with those that do not: name, text, line, words of the message.
GOOD = {
    "full": FULL,
    "no spec": HEAD,
    "empty spec": HEAD + "spec: {}\n",
    "empty lists": HEAD + "spec: {mirrors: [], exclude: [], fields: []}\n",
    "JSON": json.dumps({"apiVersion": "kubectl-tcr/v1alpha1", "kind": "MirrorConfig", "spec": {"preset": "none"}}),
    "a separator in front": "---\n" + HEAD,
    "comments": "# ours\n" + HEAD + "# the end\n",
    "aliases and merge keys": HEAD + "metadata: {a: &a {x: 1}, b: *a, c: {<<: *a, y: 2}}\nspec: {preset: none}\n",
    "an anchor of which there are two": HEAD + "metadata: {a: &a 1, b: &a 2, c: *a}\n",
    "annotations": HEAD + "metadata: {annotations: {config.kubernetes.io/local-config: 'true'}}\n",
}

BAD_SHAPE = {
    "empty": ("", 1, []),
    "only a comment": ("# nothing\n", 1, []),
    "a list": ("- quay.io\n", 1, []),
    "a string": ("quay.io\n", 1, []),
    "no identity": ("spec: {}\n", 1, ["apiVersion"]),
    "no kind": ("apiVersion: kubectl-tcr/v1alpha1\n", 1, ["kind"]),
    "another version": ("apiVersion: kubectl-tcr/v9\nkind: MirrorConfig\n", 1, ["apiVersion", "kubectl-tcr/v1alpha1"]),
    "another kind": ("apiVersion: kubectl-tcr/v1alpha1\nkind: Pod\n", 2, ["kind", "MirrorConfig"]),
    "unknown key at the root": (HEAD + "mirrors: []\n", 3, ["mirrors"]),
    "unknown key in spec": (HEAD + "spec:\n  preset: none\n  mirror: []\n", 5, ["spec", "mirror"]),
    "spec is no mapping": (HEAD + "spec: 1\n", 3, ["spec"]),
    "unknown preset": (HEAD + "spec:\n  preset: aliyun\n", 4, ["spec.preset", "none", "default", "tke"]),
    "unknown scope": (HEAD + "spec:\n  scope: all\n", 4, ["spec.scope", "pods", "text"]),
    "unknown gate": (HEAD + "spec:\n  unmapped: maybe\n", 4, ["spec.unmapped", "fail"]),
    "mirrors as a mapping": (HEAD + "spec:\n  mirrors:\n    quay.io: m.io\n", 4, ["spec.mirrors"]),
    "a rule as a string": (HEAD + "spec:\n  mirrors:\n    - quay.io=m.io\n", 5, ["spec.mirrors[0]"]),
    "a rule without mirror": (
        HEAD + "spec:\n  mirrors:\n    - {source: a.io, mirror: b.io}\n    - source: quay.io\n",
        6,
        ["spec.mirrors[1]", "mirror"],
    ),
    "a number as mirror": (
        HEAD + "spec:\n  mirrors:\n    - source: quay.io\n      mirror: 1\n",
        6,
        ["spec.mirrors[0].mirror", "string"],
    ),
    "unknown key in a rule": (
        HEAD + "spec:\n  mirrors:\n    - source: quay.io\n      mirror: m.io\n      why: not\n",
        7,
        ["spec.mirrors[0]", "why"],
    ),
    "an empty exclusion": (HEAD + "spec:\n  exclude:\n    - {}\n", 5, ["spec.exclude[0]"]),
    "an exclusion as a string": (HEAD + "spec:\n  exclude:\n    - quay.io/*\n", 5, ["spec.exclude[0]"]),
    "unknown key in an exclusion": (HEAD + "spec:\n  exclude:\n    - image: x\n", 5, ["spec.exclude[0]", "image"]),
    "a field without path": (HEAD + "spec:\n  fields:\n    - {group: x, kind: Y}\n", 5, ["spec.fields[0]", "path"]),
    "a field path of the wrong form": (
        HEAD + "spec:\n  fields:\n    - {group: x, kind: Y, path: .a}\n",
        5,
        ["spec.fields[0].path"],
    ),
}

BAD_TEXT = {
    "broken YAML": (HEAD + "spec:\n  preset: a: b\n  scope: text\n", 4, []),
    "a tab": (HEAD + "spec:\n\tpreset: none\n", 4, []),
    "duplicate key": (HEAD + "spec:\n  preset: tke\n  preset: none\n", 5, ["preset"]),
    "undefined alias": (HEAD + "spec: *nope\n", 3, ["nope"]),
    "a Python object": (HEAD + "spec: !!python/object:os.system {}\n", 3, []),
    "two documents": (HEAD + "---\n" + HEAD, 3, []),
    "a control character": (HEAD + "spec: '\x01'\n", 3, []),
}

# Scalars that are no strings of a configuration, and YAML that would make other objects, or far too many.
BAD_VALUES = {
    "a date that is none": (HEAD + "spec:\n  scope: 2001-99-99\n", 4, ["spec.scope must be one of pods"]),
    "a date": (HEAD + "spec:\n  scope: 2001-01-01\n", 4, ["spec.scope must be one of pods"]),
    "a number of 5,000 digits": (HEAD + f"spec:\n  scope: {'9' * 5000}\n", 4, ["spec.scope must be one of pods"]),
    "a number that is none": (HEAD + "spec:\n  scope: !!int x\n", 4, ["spec.scope must be one of pods"]),
    "a boolean that is none": (HEAD + "spec:\n  scope: !!bool x\n", 4, ["spec.scope must be one of pods"]),
    "a float beyond all": (HEAD + "spec:\n  scope: 1e999\n", 4, ["spec.scope must be one of pods"]),
    "binary": (HEAD + "spec:\n  scope: !!binary '*'\n", 4, ["the YAML tag !!binary"]),
    "a tag of one's own": (HEAD + "spec:\n  scope: !scope pods\n", 4, ["the YAML tag !scope"]),
    "a set": (HEAD + "spec: !!set {scope}\n", 3, ["the YAML tag !!set"]),
    "an ordered map": (HEAD + "spec: !!omap [scope: pods]\n", 3, ["the YAML tag !!omap"]),
    "a list as a key": (HEAD + "spec:\n  ? [scope]\n  : pods\n", 4, ["a key is a collection"]),
    "null as a key": (HEAD + "spec:\n  ~: pods\n", 3, ["no known key"]),
    "a date as a key": (HEAD + "spec:\n  2001-01-01: pods\n", 4, ["spec.2001-01-01 is no known key"]),
    "an anchor in itself": (HEAD + "metadata: &a {a: *a}\n", 3, ["an anchor that contains itself"]),
    "a merge of a list": (HEAD + "metadata: {<<: [[a]]}\n", 3, ["a merge key takes mappings only"]),
    "two merge keys": (
        HEAD + "metadata:\n  <<: {a: 1}\n  <<: {b: 2}\n",
        5,
        ['duplicate key "<<"; keep one'],
    ),
    "a merged value of the stronger of two": (
        HEAD + "spec:\n  <<:\n    - {scope: none}\n    - {scope: text}\n",
        5,
        ["spec.scope must be one of pods"],
    ),
    "too many levels": (HEAD + f"metadata: {{a: {'[' * 200}{']' * 200}}}\n", 3, ["nested deeper than 100 levels"]),
    "too many levels of dashes": (
        HEAD + f"metadata:\n  a:\n    {'- ' * 3000}b\n",
        5,
        ["nested deeper than 100 levels"],
    ),
    "too many levels of indentation": (
        HEAD + "metadata:\n" + "".join(f"{' ' * level}a:\n" for level in range(1, 1000)),
        103,
        ["nested deeper than 100 levels"],
    ),
    "a list of lists of lists": (
        HEAD
        + "metadata:\n  a0: &a0 [x, x]\n"
        + "".join(f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 20)),
        4,
        ["aliases repeat more than 10000 nodes"],
    ),
    "merges of merges": (
        HEAD
        + "metadata:\n  a0: &a0 {x: x}\n"
        + "".join(f"  a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 3)}]}}\n" for n in range(1, 40)),
        4,
        ["aliases repeat more than 10000 nodes"],
    ),
    "an empty pattern": (
        HEAD + "spec:\n  exclude:\n    - reference: ''\n",
        5,
        ["spec.exclude[0].reference is empty"],
    ),
    "a blank pattern": (
        HEAD + "spec:\n  exclude:\n    - reference: quay.io/*\n      kind: ' '\n",
        6,
        ["spec.exclude[0].kind is empty"],
    ),
    "an empty kind of a field": (
        HEAD + "spec:\n  fields:\n    - {group: '', kind: '', path: a}\n",
        5,
        ["spec.fields[0].kind is empty"],
    ),
}


def test_the_schema_knows_every_preset() -> None:
    schema = json.loads((ROOT / "kubectl_tcr" / "schemas" / "config.schema.json").read_text(encoding="utf-8"))
    assert set(schema["properties"]["spec"]["properties"]["preset"]["enum"]) == set(PRESETS)


BAD_FIELDS = {
    "two wildcards at the end": (
        HEAD + "spec:\n  fields:\n    - group: x.io\n      kind: Y\n      path: spec.foo{}{}\n",
        7,
        ["spec.fields[0].path ends in more than one [] or {}"],
    ),
    "one item": (
        HEAD + "spec:\n  fields:\n    - group: x.io\n      kind: Y\n      path: spec.foo[0]\n",
        7,
        ["spec.fields[0].path names one item"],
    ),
    "any depth in the middle": (
        HEAD + "spec:\n  fields:\n    - {group: x.io, kind: Y, path: spec.**.image}\n",
        5,
        ["spec.fields[0].path has ** behind its front"],
    ),
    "a name of anything": (
        HEAD
        + "spec:\n  fields:\n    - {group: x.io, kind: Y, path: a.b}\n    - {group: x.io, kind: Y, path: '**.name'}\n",
        6,
        ["spec.fields[1].path ends in a name of anything"],
    ),
    "a group with its version": (
        HEAD + "spec:\n  fields:\n    - {group: x.io/v1, kind: Y, path: spec.image}\n",
        5,
        ["spec.fields[0].group has a version; write x.io"],
    ),
    "a key in brackets that is cut short": (
        HEAD + 'spec:\n  fields:\n    - {group: x.io, kind: Y, path: "spec[\'image"}\n',
        5,
        ["spec.fields[0].path has a key in brackets"],
    ),
}

BAD_RULES = {
    "a scheme": (
        HEAD + "spec:\n  mirrors:\n    - {source: quay.io, mirror: https://m.io}\n",
        5,
        ["mirrors[0]", "scheme"],
    ),
    "a tag": (HEAD + "spec:\n  mirrors:\n    - {source: quay.io/a:1, mirror: m.io}\n", 5, ["mirrors[0]", "tag"]),
    "no domain": (
        HEAD + "spec:\n  mirrors:\n    - {source: quay, mirror: m.io}\n",
        5,
        ["mirrors[0]", "quay", "domain"],
    ),
    "empty source": (HEAD + "spec:\n  mirrors:\n    - {source: '', mirror: m.io}\n", 5, ["mirrors[0]", "empty"]),
    "the second of two": (
        HEAD + "spec:\n  mirrors:\n    - {source: a.io, mirror: b.io}\n    - {source: c.io, mirror: 'x:y'}\n",
        6,
        ["mirrors[1]", "x:y"],
    ),
    "two mirrors": (
        HEAD + "spec:\n  mirrors:\n    - {source: a.io, mirror: b.io}\n    - {source: a.io, mirror: c.io}\n",
        6,
        ["mirrors[1]", "a.io", "b.io", "c.io"],
    ),
}

# As many rules as an installation may have: looking at all pairs for each of them would take minutes.
MANY = [f"    - {{source: a{number}.example, mirror: m.example/x{number}}}\n" for number in range(3000)]


def test_thousands_of_rules_are_read(folder: Folder) -> None:
    folder.write("c.yaml", (HEAD + "spec:\n  mirrors:\n" + "".join(MANY)).encode())
    assert folder.run("-q", "--config", "c.yaml", input=POD).out == MIRRORED


def test_the_one_of_many_rules_that_does_not_go_with_the_others_is_named(folder: Folder) -> None:
    wrong = "    - {source: b.example, mirror: a7.example}\n"
    folder.write("c.yaml", (HEAD + "spec:\n  mirrors:\n" + "".join([*MANY[:2000], wrong, *MANY[2000:]])).encode())
    error = folder.run("--config", "c.yaml", input=POD).error
    assert error.startswith(ERROR + "c.yaml:2005: spec.mirrors[2000]: rule b.example=a7.example writes what rule a7")


BAD = {**BAD_SHAPE, **BAD_TEXT, **BAD_VALUES, **BAD_FIELDS, **BAD_RULES}


def write(folder: Folder, text: str) -> list[str]:
    folder.write("mine.yaml", text.encode())
    return ["--config", "mine.yaml"]


# What holds.


@pytest.mark.parametrize("name", GOOD)
def test_a_good_configuration(folder: Folder, name: str) -> None:
    done = folder.run(*write(folder, GOOD[name]), "-q", input=b"kind: Nothing\n")
    assert done == (0, b"kind: Nothing\n", "")


def test_a_configuration_may_have_a_byte_order_mark_and_carriage_returns(folder: Folder) -> None:
    args = write(folder, "\ufeff" + (HEAD + "spec:\n  preset: none\n").replace("\n", "\r\n"))
    assert folder.run(*args, input=POD).out == POD


def test_a_full_configuration_at_work(folder: Folder) -> None:
    source = pod("quay.io/a/b", "quay.io/kept/b", "ghcr.io/a/b", "quay.io/third/b", "nginx", "gcr.io/a/b")
    done = folder.run(*write(folder, FULL), input=source + b"---\n" + pod("quay.io/a/b", name="left-alone"))
    mine = "mine.tencentcloudcr.com"
    expected = pod(
        f"{mine}/quay/a/b",
        "quay.io/kept/b",
        f"{mine}/a/b",
        "quay.io/third/b",
        "mirror.ccs.tencentyun.com/library/nginx",
        "gcr.io/a/b",
    )
    assert (done.status, done.out) == (0, expected + b"---\n" + pod("quay.io/a/b", name="left-alone"))
    assert WARNING + "<stdin>:17:14: Pod/web spec.containers[5].image: gcr.io/a/b: no mirror for gcr.io" in done.err


# Exclusions. Two pods with two containers each; what an entry leaves is named by pod and container.

TWO = (
    pod("quay.io/a/b:1", "quay.io/c/d:2", name="one")
    + b"---\n"
    + pod("quay.io/a/b:1", "quay.io/c/d:2", name="two, namespace: shop")
)


@pytest.mark.parametrize(
    ("entry", "kept"),
    [
        ("reference: ghcr.io/*", []),
        ("kind: Deployment", []),
        ("name: three", []),
        ("kind: pod", []),
        ("{kind: Deployment, name: one}", []),
        ("field: containers", []),
        ("reference: quay.io/a/*", [0, 2]),
        ("reference: '*:2'", [1, 3]),
        ("kind: Pod", [0, 1, 2, 3]),
        ("kind: P*", [0, 1, 2, 3]),
        ("name: one", [0, 1]),
        ("name: t*", [2, 3]),
        ("namespace: sho", []),
        ("namespace: default", []),
        ("namespace: s*", [2, 3]),
        ("{name: one, namespace: '*'}", [0, 1]),
        ("field: spec.containers[0].image", [0, 2]),
        ("field: spec.containers[*].image", [0, 1, 2, 3]),
        ("field: spec.*", [0, 1, 2, 3]),
        ("field: '*[1].image'", [1, 3]),
        ("{name: one, field: '*[1].image'}", [1]),
        ("{kind: Pod, name: two, reference: quay.io/a/b}", [2]),
    ],
)
def test_an_entry_leaves_what_all_its_patterns_match(folder: Folder, entry: str, kept: list[int]) -> None:
    done = folder.run(*write(folder, f"{HEAD}spec:\n  exclude:\n    - {entry}\n"), input=TWO)
    images = [line for line in done.out.splitlines() if b"image: " in line]
    assert [index for index, line in enumerate(images) if b"image: quay.io/" in line] == kept


# Fields.

RUNNER = b"apiVersion: example.com/v1\nkind: Runner\nmetadata: {name: r}\nspec: {runners: [{uses: nginx}]}\n"


@pytest.mark.parametrize(
    "row",
    [
        "{group: example.org, kind: Runner, path: 'spec.runners[].uses'}",
        "{group: example.com, kind: Walker, path: 'spec.runners[].uses'}",
        "{group: example.com, kind: Runner, path: 'spec.runners.uses'}",
        "{group: example.com, kind: Runner, path: 'runners[].uses'}",
    ],
    ids=["another group", "another kind", "no list", "not from the root"],
)
def test_a_short_name_elsewhere_is_no_image(folder: Folder, row: str) -> None:
    args = write(folder, f"{HEAD}spec:\n  preset: tke\n  fields:\n    - {row}\n")
    assert folder.run(*args, input=RUNNER).out == RUNNER


@pytest.mark.parametrize(
    "row",
    [
        "{group: example.com, kind: Runner, path: 'spec.runners[].uses'}",
        "{group: example.com, kind: '*', path: 'spec.runners[].uses'}",
        "{group: example.com, kind: Runner, path: '**.uses'}",
        "{group: example.com, kind: Runner, path: '**.runners[].uses'}",
    ],
    ids=["exact", "any kind", "any depth", "any depth, longer"],
)
def test_a_declared_field_holds_an_image(folder: Folder, row: str) -> None:
    args = write(folder, f"{HEAD}spec:\n  preset: tke\n  fields:\n    - {row}\n")
    expected = RUNNER.replace(b"nginx", b"mirror.ccs.tencentyun.com/library/nginx")
    assert folder.run(*args, input=RUNNER).out == expected


# Errors.


@pytest.mark.parametrize("name", BAD)
def test_an_error_names_file_line_and_key(folder: Folder, name: str) -> None:
    text, line, words = BAD[name]
    error = folder.run(*write(folder, text), input=POD).error
    assert error.startswith(f"tcr-rewrite: error: mine.yaml:{line}: "), error
    assert [word for word in words if word not in error] == [], error


@pytest.mark.parametrize("name", BAD_SHAPE)
def test_an_error_does_not_read_like_python_or_json_schema(folder: Folder, name: str) -> None:
    error = folder.run(*write(folder, BAD_SHAPE[name][0]), input=POD).error
    assert [word for word in ("['", "{'", "const definition", "pattern ^", "must be object") if word in error] == [], (
        error
    )


def test_rules_that_feed_each_other_name_the_file(folder: Folder) -> None:
    text = HEAD + "spec:\n  mirrors:\n    - {source: a.io, mirror: b.io}\n    - {source: b.io, mirror: c.io}\n"
    error = folder.run(*write(folder, text), input=POD).error
    assert "mine.yaml" in error
    assert "a second run would change" in error


def test_a_configuration_in_another_encoding(folder: Folder) -> None:
    folder.write("mine.yaml", b"\xff\xfe" + HEAD.encode("utf-16-le"))
    error = folder.run("--config", "mine.yaml", input=POD).error
    assert error.startswith("tcr-rewrite: error: mine.yaml")
    assert "UTF-8" in error


@pytest.mark.parametrize("name", ["nope.yaml", "folder"], ids=["missing", "a directory"])
def test_a_configuration_that_cannot_be_read(folder: Folder, name: str) -> None:
    (folder.path / "folder").mkdir()
    assert folder.run("--config", name, input=POD).error.startswith(f"tcr-rewrite: error: {name}: cannot be read: ")


@needs_posix
def test_a_configuration_from_a_pipe(folder: Folder) -> None:
    script = f"{PROGRAM} -q --config <(cat mine.yaml)"
    folder.write("mine.yaml", f"{HEAD}spec: {{mirrors: [{{source: quay.io, mirror: m.io}}]}}\n".encode())
    done = folder.command("bash", "-c", script, input=POD)
    assert done == (0, POD.replace(b"quay.io", b"m.io"), "")


@needs_posix
def test_a_configuration_without_an_end_is_refused(folder: Folder) -> None:
    what = "tcr-rewrite: error: /dev/zero: holds more than 4 MiB, so it is no configuration"
    assert folder.run("--config", "/dev/zero", input=POD).error == what
    named = folder.run(input=POD, env={"KUBECTL_TCR_CONFIG": "/dev/zero"}).error
    assert named == f"{what} (named by KUBECTL_TCR_CONFIG)"


@needs_posix
def test_a_configuration_of_endless_text_from_a_pipe_is_refused(folder: Folder) -> None:
    done = folder.command("bash", "-c", f"{PROGRAM} --config <(yes '# more')", input=POD)
    assert "holds more than 4 MiB" in done.error


def test_a_broken_configuration_leaves_files_alone(folder: Folder) -> None:
    folder.write("pod.yaml", POD)
    assert folder.run(*write(folder, "- a\n"), "--in-place", "pod.yaml").error
    assert folder.read("pod.yaml") == POD


def test_a_manifest_is_no_configuration(folder: Folder) -> None:
    folder.write("pod.yaml", POD)
    assert "apiVersion" in folder.run("--config", "pod.yaml", "pod.yaml").error


def test_a_configuration_between_manifests_is_not_rewritten(folder: Folder) -> None:
    stream = FULL.encode() + b"---\n"
    assert folder.run(input=stream + POD).out == stream + MIRRORED


# The schema that ships says the same as the program.


def schema() -> dict[str, Any]:
    path = Path(kubectl_tcr.__file__).parent / "schemas" / "config.schema.json"
    loaded: dict[str, Any] = json.loads(path.read_bytes())
    return loaded


def load(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def test_the_schema_is_a_schema() -> None:
    jsonschema.validators.validator_for(schema()).check_schema(schema())


@pytest.mark.filterwarnings("ignore::ruamel.yaml.error.ReusedAnchorWarning")
@pytest.mark.parametrize("name", GOOD)
def test_the_schema_accepts_what_the_program_accepts(name: str) -> None:
    jsonschema.validate(load(GOOD[name]), schema())


@pytest.mark.parametrize("name", BAD_SHAPE)
def test_the_schema_refuses_what_the_program_refuses(name: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(load(BAD_SHAPE[name][0]), schema())


@pytest.mark.parametrize("name", BAD_TEXT)
def test_what_is_no_yaml_is_no_configuration(name: str) -> None:
    with pytest.raises(YAMLError):
        load(BAD_TEXT[name][0])


def test_the_schema_explains_every_key_of_spec() -> None:
    assert [
        key for key, row in schema()["properties"]["spec"]["properties"].items() if not row.get("description")
    ] == []


# What it costs.


@pytest.mark.parametrize(
    ("spec", "loads"),
    [("{preset: none}", False), ("\n  mirrors:\n    - source: a.io\n      mirror: b.io\n", False), ("&a {}", True)],
    ids=["in braces", "in blocks", "with an anchor"],
)
def test_a_plain_configuration_loads_no_parser(folder: Folder, spec: str, loads: bool) -> None:
    folder.write(
        "site/sitecustomize.py", b"import atexit, sys\natexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
    )
    flags = write(folder, f"{HEAD}spec: {spec}\n")
    done = folder.run(*flags, "-q", input=b"image: a\n", env={"PYTHONPATH": str(folder.path / "site")})
    assert done.status == 0
    found = {"ruamel.yaml", "fastjsonschema", "yaml"} & set(done.err.split())
    assert bool(found) is loads


# The configuration of a repository.

OF_REPOSITORY = b"""\
apiVersion: kubectl-tcr/v1alpha1
kind: MirrorConfig
spec: {preset: none, mirrors: [{source: quay.io, mirror: %s}]}
"""
FIND = {"KUBECTL_TCR_FIND_CONFIG": "1"}


def write_a_repository(folder: Folder) -> Folder:
    """A repository in a folder with a configuration of its own; a folder three levels below the latter."""
    folder.write(".tcr-rewrite.yaml", OF_REPOSITORY % b"outside.io")
    (folder.path / "repo/.git").mkdir(parents=True)
    (folder.path / "repo/team/app").mkdir(parents=True)
    return Folder(folder.path / "repo/team/app")


def mirror_of(folder: Folder, *args: str, env: dict[str, str] | None = None) -> str:
    done = folder.run(*args, env=env, input=POD)
    assert done.status == 0, done.err
    return done.out.decode().partition("image: ")[2].partition("/")[0]


@pytest.mark.parametrize(("args", "env"), [(["--find-config"], {}), ([], FIND)], ids=["flag", "environment"])
@pytest.mark.parametrize(
    ("places", "expected", "named"),
    [
        (["repo"], "repo.io", "../../.tcr-rewrite.yaml"),
        (["repo", "team"], "team.io", "../.tcr-rewrite.yaml"),
        (["repo", "team", "app"], "app.io", ".tcr-rewrite.yaml"),
    ],
    ids=["the root", "the nearest", "here"],
)
def test_the_nearest_configuration_up_to_the_root_is_taken_and_named(
    folder: Folder, places: list[str], expected: str, named: str, args: list[str], env: dict[str, str]
) -> None:
    app = write_a_repository(folder)
    for depth, name in enumerate(places):
        place = "/".join(["repo", "team", "app"][: depth + 1])
        folder.write(f"{place}/.tcr-rewrite.yaml", OF_REPOSITORY % f"{name}.io".encode())
    assert mirror_of(app, *args, env=env) == expected
    assert f"tcr-rewrite: configuration {named}\n" in app.run(*args, env=env, input=POD).err


@pytest.mark.parametrize("env", [{}, {"KUBECTL_TCR_FIND_CONFIG": ""}, {"KUBECTL_TCR_FIND_CONFIG": "0"}])
def test_no_configuration_is_looked_for_without_being_asked_for(folder: Folder, env: dict[str, str]) -> None:
    app = write_a_repository(folder)
    for place in ("repo", "repo/team/app"):
        folder.write(f"{place}/.tcr-rewrite.yaml", OF_REPOSITORY % b"theirs.io")
    assert mirror_of(app, env=env) == "quay.tencentcloudcr.com"
    assert "configuration" not in app.run(env=env, input=POD).err


def test_nothing_is_taken_from_above_the_root(folder: Folder) -> None:
    app = write_a_repository(folder)
    said = ERROR + "--find-config: there is no .tcr-rewrite.yaml from here up to the repository's root; write one"
    assert app.run("--find-config", input=POD).error == said
    assert mirror_of(app, env=FIND) == "quay.tencentcloudcr.com"


@pytest.mark.parametrize(("args", "env"), [(["--find-config"], {}), ([], FIND)], ids=["flag", "environment"])
@pytest.mark.parametrize(
    ("places", "named"),
    [
        ([".tcr-rewrite.yml"], "../../.tcr-rewrite.yml"),
        (["team/.tcr-rewrite.yml", ".tcr-rewrite.yaml"], "../.tcr-rewrite.yml"),
    ],
    ids=["alone", "nearer than another"],
)
def test_a_configuration_of_nearly_the_name_is_not_passed_over_in_silence(
    folder: Folder, places: list[str], named: str, args: list[str], env: dict[str, str]
) -> None:
    app = write_a_repository(folder)
    for place in places:
        folder.write(f"repo/{place}", OF_REPOSITORY % b"repo.io")
    said = f"{ERROR}{named}: is looked for as .tcr-rewrite.yaml; rename it"
    assert app.run(*args, env=env, input=POD).error == said
    assert mirror_of(app) == "quay.tencentcloudcr.com"
    folder.write("repo/team/app/.tcr-rewrite.yaml", OF_REPOSITORY % b"app.io")
    folder.write("repo/team/app/.tcr-rewrite.yml", OF_REPOSITORY % b"other.io")
    assert mirror_of(app, *args, env=env) == "app.io"


def test_outside_of_a_repository_only_the_working_directory_counts(folder: Folder) -> None:
    folder.write("a/.tcr-rewrite.yaml", OF_REPOSITORY % b"above.io")
    (folder.path / "a/b").mkdir()
    assert mirror_of(Folder(folder.path / "a"), env=FIND) == "above.io"
    assert mirror_of(Folder(folder.path / "a/b"), env=FIND) == "quay.tencentcloudcr.com"


def test_a_configuration_that_is_named_goes_before_one_that_is_found(folder: Folder) -> None:
    folder.write(".tcr-rewrite.yaml", OF_REPOSITORY % b"found.io")
    folder.write("named.yaml", OF_REPOSITORY % b"named.io")
    assert mirror_of(folder, "--config", "named.yaml", env=FIND) == "named.io"
    assert mirror_of(folder, env={"KUBECTL_TCR_CONFIG": "named.yaml", **FIND}) == "named.io"
    assert mirror_of(folder, "--find-config", env={"KUBECTL_TCR_CONFIG": "named.yaml"}) == "found.io"
    assert "choose one" in folder.run("--config", "named.yaml", "--find-config", input=POD).error


def test_a_configuration_that_is_found_and_broken_says_how_it_was_found(folder: Folder) -> None:
    folder.write(".tcr-rewrite.yaml", b"kind: [\n")
    error = folder.run(env=FIND, input=POD).error
    assert error.startswith("tcr-rewrite: error: .tcr-rewrite.yaml:")
    assert error.endswith("(named by KUBECTL_TCR_FIND_CONFIG)")


def test_a_report_does_not_take_the_place_of_a_configuration_that_is_found(folder: Folder) -> None:
    folder.write(".tcr-rewrite.yaml", OF_REPOSITORY % b"found.io")
    error = folder.run("--report", ".tcr-rewrite.yaml", "--find-config", input=POD).error
    assert "would overwrite an input" in error


@pytest.mark.parametrize(
    ("program", "args"), [("kubectl-tcr_nodes", ["containerd"]), ("kubectl-tcr_policy", []), ("kubectl-tcr_images", [])]
)
def test_every_command_finds_it_and_says_so(folder: Folder, program: str, args: list[str]) -> None:
    folder.write(".tcr-rewrite.yaml", OF_REPOSITORY % b"found.io")
    done = folder.command(str(PROGRAM.with_name(program)), *args, "--find-config", input=POD)
    assert (done.status, b"found.io" in done.out) == (0, True), done.err
    name = program.removeprefix("kubectl-").replace("_", "-")
    assert f"{name}: configuration .tcr-rewrite.yaml\n" in done.err
