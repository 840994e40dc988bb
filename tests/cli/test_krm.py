"""A KRM function: a ResourceList on standard input comes back with its items rewritten and results added."""

import json
import sys
from typing import Any

import pytest
from ruamel.yaml import YAML

from .conftest import POD, Done, Folder

ITEM = """\
- apiVersion: apps/v1
  kind: Deployment
  metadata:
    annotations:
      kustomize.config.k8s.io/id: |
        kind: Deployment
      internal.config.kubernetes.io/index: '0'
      config.kubernetes.io/index: '2'
      config.kubernetes.io/path: 'deploy/web.yaml'
    name: web
    namespace: shop
  spec:
    template:
      spec:
        containers:
        - image: quay.io/acme/web:1 # the front
          name: web
"""
MIRRORED_ITEM = ITEM.replace("image: quay.io", "image: m.example.com")
FOREIGN_ITEM = ITEM.replace("quay.io", "ghcr.io")
CONFIG = """\
functionConfig:
  apiVersion: kubectl-tcr/v1alpha1
  kind: MirrorConfig
  metadata:
    name: mirrors
    annotations:
      note: quay.io/acme/docs:1
  spec:
    mirrors:
    - source: quay.io
      mirror: m.example.com
"""
CONFIG_MAP = """\
functionConfig:
  apiVersion: v1
  kind: ConfigMap
  metadata:
    name: mirrors
  data:
    mirrors: |
      # ours
      quay.io=m.example.com

      ghcr.io/acme=m.example.com/acme
    exclude: |
      quay.io/kept/*
    preset: none
    scope: pods
    unmapped: warn
"""
HEAD = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"


def listed(*items: str, config: str = CONFIG, head: str = HEAD) -> str:
    return head + ("items:\n" + "".join(items) if items else "") + config


def loaded(text: bytes) -> Any:
    """The first document of a stream; there may be blank ones."""
    return next(document for document in YAML(typ="safe", pure=True).load_all(text) if document)


def added(done: Done, source: str) -> list[dict[str, Any]]:
    """The results, which are all that comes behind a block list that is otherwise as given."""
    out = done.out.decode()
    assert out.startswith(source), out
    rest = out.removeprefix(source)
    assert rest.startswith("results:\n- {")
    return loaded(rest.encode())["results"]


def error(done: Done, source: str) -> str:
    """The message of a function that failed: the list as it came, one result, one line for people."""
    assert done.status == 1
    (result,) = added(done, source)
    assert result.keys() == {"message", "severity"}
    assert result["severity"] == "error"
    assert done.err == f"tcr-rewrite: error: {result['message']}\n"
    return str(result["message"])


# What is left as it is.


@pytest.mark.parametrize(
    "source",
    [
        listed(),
        listed(config=""),
        listed(config="items: []\n"),
        listed(config="items:\n"),
        listed(config="items: null\nfunctionConfig: null\n"),
        listed(config="functionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n"),
        listed(ITEM, config="functionConfig:\n  {apiVersion: v1, kind: ConfigMap, data: {preset: none}}\n"),
        listed(MIRRORED_ITEM),
        listed(FOREIGN_ITEM),
    ],
    ids=[
        "no items",
        "nothing but its kind",
        "empty items",
        "null items",
        "nulls",
        "an empty ConfigMap",
        "no rules",
        "mirrored before",
        "foreign",
    ],
)
def test_a_list_without_anything_to_tell_stays_as_it_is(folder: Folder, source: str) -> None:
    done = folder.run("-q", input=source.encode())
    assert done == (0, source.encode(), "")


@pytest.mark.parametrize(
    "source",
    [
        listed(ITEM) + "---\n" + POD.decode(),
        POD.decode() + "---\n" + listed(ITEM),
        listed(ITEM).replace("config.kubernetes.io/v1\n", "example.com/v1\n", 1),
        listed(ITEM).replace("kind: ResourceList", "kind: ResourceLists"),
        listed(ITEM).replace("kind: ResourceList", "kind: List\nnote: ResourceList"),
    ],
    ids=["a document behind it", "a document in front", "another group", "another kind", "a List"],
)
def test_any_other_stream_is_no_function(folder: Folder, source: str) -> None:
    done = folder.run("-q", input=source.encode())
    changed = source.replace("image: quay.io", "image: quay.tencentcloudcr.com")
    assert done == (0, changed.encode(), "")


def test_a_list_in_a_file_is_no_function_and_its_configuration_and_results_stay(folder: Folder) -> None:
    source = listed(ITEM, config=CONFIG_MAP + "results:\n- message: quay.io/acme/web:1 is missing\n")
    folder.write("list.yaml", source.encode())
    done = folder.run("-q", "list.yaml")
    assert done.out.decode() == source.replace("image: quay.io", "image: quay.tencentcloudcr.com")


# What changes.


def test_items_are_rewritten_and_every_site_becomes_a_result(folder: Folder) -> None:
    done = folder.run("-q", input=listed(ITEM).encode())
    assert (done.status, done.err) == (0, "")
    assert added(done, listed(MIRRORED_ITEM)) == [
        {
            "message": "quay.io/acme/web:1 is now m.example.com/acme/web:1",
            "severity": "info",
            "resourceRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "namespace": "shop"},
            "field": {
                "path": "spec.template.spec.containers[0].image",
                "currentValue": "quay.io/acme/web:1",
                "proposedValue": "m.example.com/acme/web:1",
            },
            "file": {"path": "deploy/web.yaml", "index": 2},
        }
    ]


def test_a_second_run_changes_nothing(folder: Folder) -> None:
    once = folder.run("-q", input=listed(ITEM).encode()).out
    assert folder.run("-q", input=once) == (0, once, "")


def test_the_summary_is_that_of_any_run(folder: Folder) -> None:
    done = folder.run(input=listed(ITEM).encode())
    assert done.err == "tcr-rewrite: 1 reference rewritten in 1 of 1 document (1 resource changed in lists)\n"


@pytest.mark.parametrize(
    ("annotations", "file"),
    [
        ("{}", None),
        ("{config.kubernetes.io/index: '1'}", None),
        ("{config.kubernetes.io/path: a.yaml}", {"path": "a.yaml"}),
        ("{config.kubernetes.io/path: a.yaml, config.kubernetes.io/index: first}", {"path": "a.yaml"}),
        (
            "{internal.config.kubernetes.io/path: b.yaml, internal.config.kubernetes.io/index: '3'}",
            {"path": "b.yaml", "index": 3},
        ),
    ],
    ids=["none", "only an index", "only a path", "an index that is no number", "internal ones"],
)
def test_the_file_of_a_result_is_that_of_the_items_annotations(
    folder: Folder, annotations: str, file: dict[str, Any] | None
) -> None:
    item = (
        f"- apiVersion: v1\n  kind: Pod\n  metadata: {{name: a, annotations: {annotations}}}\n"
        "  spec: {containers: [{image: quay.io/a/b}]}\n"
    )
    source = listed(item)
    (result,) = added(folder.run("-q", input=source.encode()), source.replace("image: quay.io", "image: m.example.com"))
    assert result.get("file") == file
    assert result["resourceRef"] == {"apiVersion": "v1", "kind": "Pod", "name": "a"}


def test_a_field_path_begins_at_the_item_also_where_resources_are_nested(folder: Folder) -> None:
    nested = ITEM.replace("- apiVersion", "  - apiVersion").replace("\n", "\n  ").rstrip(" ")
    source = listed("- apiVersion: v1\n  kind: List\n  items:\n" + nested)
    (result,) = added(folder.run("-q", input=source.encode()), source.replace("image: quay.io", "image: m.example.com"))
    assert result["field"]["path"] == "items[0].spec.template.spec.containers[0].image"
    assert result["resourceRef"] == {"apiVersion": "v1", "kind": "List"}


def test_a_config_map_configures_as_well(folder: Folder) -> None:
    source = listed(ITEM, ITEM.replace("quay.io/acme", "quay.io/kept"), FOREIGN_ITEM, config=CONFIG_MAP)
    done = folder.run("-q", input=source.encode())
    changed = source.replace("image: quay.io/acme", "image: m.example.com/acme")
    changed = changed.replace("image: ghcr.io/acme", "image: m.example.com/acme")
    results = added(done, changed)
    assert [result["field"]["currentValue"] for result in results] == ["quay.io/acme/web:1", "ghcr.io/acme/web:1"]


@pytest.mark.parametrize(
    ("args", "env", "host"),
    [
        ([], {}, "m.example.com"),
        (["--mirror", "quay.io=flag.example.com"], {}, "flag.example.com"),
        (["--config", "file.yaml"], {}, "file.example.com"),
        ([], {"KUBECTL_TCR_MIRRORS": "quay.io=env.example.com"}, "m.example.com"),
        ([], {"KUBECTL_TCR_CONFIG": "file.yaml"}, "m.example.com"),
    ],
    ids=["alone", "below a flag", "below the file of a flag", "above the environment", "above the environment's file"],
)
def test_the_function_config_stands_between_flags_and_environment(
    folder: Folder, args: list[str], env: dict[str, str], host: str
) -> None:
    head = b"apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\n"
    folder.write("file.yaml", head + b"spec: {mirrors: [{source: quay.io, mirror: file.example.com}]}\n")
    done = folder.run("-q", *args, input=listed(ITEM).encode(), env=env)
    assert f"image: {host}/acme/web:1" in done.out.decode()


def test_unmapped_warn_makes_warnings(folder: Folder) -> None:
    source = listed(ITEM, FOREIGN_ITEM, config=CONFIG + "    unmapped: warn\n")
    done = folder.run("-q", input=source.encode())
    results = added(done, source.replace("image: quay.io", "image: m.example.com"))
    assert done.status == 0
    assert [(result["severity"], result["message"]) for result in results] == [
        ("info", "quay.io/acme/web:1 is now m.example.com/acme/web:1"),
        ("warning", "ghcr.io/acme/web:1: no mirror for ghcr.io"),
    ]
    assert "proposedValue" not in results[1]["field"]


def test_unmapped_fail_hands_the_list_back_unchanged_with_an_error_for_every_foreign_host(folder: Folder) -> None:
    source = listed(ITEM, FOREIGN_ITEM, FOREIGN_ITEM, config=CONFIG + "    unmapped: fail\n")
    done = folder.run("-q", input=source.encode())
    assert done.status == 1
    assert [(result["severity"], result["message"]) for result in added(done, source)] == [
        ("error", "ghcr.io/acme/web:1: no mirror for ghcr.io")
    ] * 2
    assert done.err.count("no mirror for ghcr.io") == 2


# Other modes: the configuration counts, nothing but what they always write is written.


def test_check_heeds_the_function_config_and_writes_nothing(folder: Folder) -> None:
    done = folder.run("--check", "-q", input=listed(ITEM).encode())
    assert done == (1, b"", "")
    assert folder.run("--check", "-q", input=listed(ITEM, config=CONFIG.replace("quay", "ghcr")).encode()).status == 1
    kept = CONFIG + "    exclude: [{kind: Deployment}]\n"
    assert folder.run("--check", "-q", input=listed(ITEM, config=kept).encode()).status == 0


def test_diff_shows_the_items_without_results(folder: Folder) -> None:
    done = folder.run("--diff", "-q", input=listed(ITEM).encode())
    lines = done.out.decode().splitlines()
    assert done.status == 1
    assert [line for line in lines[2:] if line[:1] in "+-"] == [
        "-        - image: quay.io/acme/web:1 # the front",
        "+        - image: m.example.com/acme/web:1 # the front",
    ]


def test_the_report_is_written_beside_the_list(folder: Folder) -> None:
    done = folder.run("-q", "--report", "report.json", input=listed(ITEM).encode())
    assert done.status == 0
    references = json.loads(folder.read("report.json"))["references"]
    assert [row["before"] for row in references if row["status"] == "rewritten"] == ["quay.io/acme/web:1"]
    assert {row["reason"] for row in references if row["status"] == "left"} == {"the configuration of a function"}


@pytest.mark.parametrize("mode", ["--check", "--diff"])
def test_a_wrong_function_config_is_an_error_like_any_other_where_no_list_is_written(folder: Folder, mode: str) -> None:
    done = folder.run(mode, input=listed(ITEM, config=CONFIG.replace("v1alpha1", "v9")).encode())
    assert done.error == "tcr-rewrite: error: functionConfig: apiVersion must be kubectl-tcr/v1alpha1"


# Spellings. In each, only the host changes and results come; all else is the byte that came in.

IMAGE = "quay.io/acme/web:1"
JSON_LIST = (
    '{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "functionConfig": {"apiVersion": "v1",\n'
    '\t"kind": "ConfigMap", "data": {"mirrors": "quay.io=m.example.com"}}, "items": [{"apiVersion": "v1",\n'
    '"kind": "Pod", "spec": {"containers": [{"image": "quay.io/acme/web:1", "args": ["\\ud83d\\ude00 {"]}]}}]%s\n}\n'
)
FLOW_LIST = (
    "{apiVersion: config.kubernetes.io/v1, kind: ResourceList,\n"
    " items: [{apiVersion: v1, kind: Pod, spec: {containers: [{image: nginx}, {image: 'quay.io/acme/web:1'}]}}],\n"
    " functionConfig: {apiVersion: v1, kind: ConfigMap, data: {mirrors: quay.io=m.example.com}}%s }  # end\n"
)
BLOCK_LIST = listed(ITEM)
OLD = "- message: quay.io/acme/seen:1 is old\n"

SPELLINGS = {
    "JSON": JSON_LIST % "",
    "JSON with results": JSON_LIST % ', "results": [{"message": "quay.io/acme/seen:1"}]',
    "JSON with empty results": JSON_LIST % ', "results": []',
    "JSON with null results": JSON_LIST % ', "results": null',
    "flow YAML": FLOW_LIST % "",
    "flow YAML with a last comma": FLOW_LIST % ",",
    "flow YAML with a comment": FLOW_LIST % " # that is all\n",
    "flow YAML with results": FLOW_LIST % ", results: [{message: quay.io/acme/seen:1}]",
    "results": BLOCK_LIST + "results:\n" + OLD,
    "indented results": BLOCK_LIST + "results:\n  " + OLD,
    "results in front": "results:\n" + OLD + BLOCK_LIST,
    "flow results": BLOCK_LIST + "results: [{message: quay.io/acme/seen:1}]\n",
    "empty results": BLOCK_LIST + "results: []\n",
    "null results": BLOCK_LIST + "results: null\n",
    "results without a value": BLOCK_LIST.replace("items:", "results:\nitems:"),
    "no final newline": BLOCK_LIST.rstrip("\n"),
    "a literal without final newline": BLOCK_LIST + "note: |\n  text",
    "a literal that keeps its newlines": BLOCK_LIST + "note: |+\n  text\n\n",
    "a document end": BLOCK_LIST + "...\n",
    "a comment at the end": BLOCK_LIST + "# the end",
    "comments around": "# first\n" + BLOCK_LIST + "# last\n",
    "separators around": "---\n" + BLOCK_LIST + "---\n",
    "CRLF": BLOCK_LIST.replace("\n", "\r\n"),
    "an indented root": "".join("  " + line for line in BLOCK_LIST.splitlines(keepends=True)),
    "quoted keys": BLOCK_LIST.replace("kind: ResourceList", "'kind': \"ResourceList\""),
    "items first": BLOCK_LIST.removeprefix(HEAD) + HEAD,
    "an anchored configuration": BLOCK_LIST.replace("functionConfig:\n", "functionConfig: &config # ours\n"),
    "an alias as item": BLOCK_LIST.replace("- apiVersion: apps", "- &one\n  apiVersion: apps").replace(
        "functionConfig", "- *one\nfunctionConfig"
    ),
    "an emoji in front": "# \U0001f600\n" + BLOCK_LIST,
    "a byte order mark": "\ufeff" + BLOCK_LIST,
    "flow configuration": BLOCK_LIST.replace(
        CONFIG, "functionConfig: {apiVersion: v1, kind: ConfigMap, data: {mirrors: quay.io=m.example.com}}\n"
    ),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_in_any_spelling_hosts_change_and_results_come_and_no_other_byte(folder: Folder, name: str) -> None:
    source = SPELLINGS[name]
    done = folder.run("-q", input=source.encode())
    assert (done.status, done.err) == (0, "")
    out = done.out.decode()
    expected = source.replace(IMAGE, "m.example.com/acme/web:1")
    for null in ("results: ", '"results": '):  # gives way to the list
        expected = expected.replace(f"{null}null", null)
    start = next(index for index, (old, new) in enumerate(zip(expected + "\0", out, strict=False)) if old != new)
    assert out.endswith(expected[start:])
    assert f'"currentValue": "{IMAGE}"' in out[start : len(out) - len(expected[start:])]


@pytest.mark.parametrize("name", SPELLINGS)
def test_in_any_spelling_the_list_holds_the_same_and_results(folder: Folder, name: str) -> None:
    source = SPELLINGS[name]
    out = folder.run("-q", input=source.encode()).out
    before, after = loaded(source.replace(IMAGE, "m.example.com/acme/web:1").encode()), loaded(out)
    old, new = before.pop("results", None) or [], after.pop("results")
    assert after == before
    assert [row for row in new if "severity" not in row] == old
    assert [row["field"]["currentValue"] for row in new if "severity" in row] == [IMAGE]


def test_json_stays_json(folder: Folder) -> None:
    out = folder.run("-q", input=(JSON_LIST % "").encode()).out
    assert json.loads(out)["results"][0]["field"]["currentValue"] == IMAGE


def test_crlf_stays_crlf(folder: Folder) -> None:
    out = folder.run("-q", input=BLOCK_LIST.replace("\n", "\r\n").encode()).out
    assert out.count(b"\r\n") == out.count(b"\n")


def test_utf_16_is_no_function(folder: Folder) -> None:
    done = folder.run("-q", input=listed(ITEM).encode("utf-16"))
    assert done.out.decode("utf-16") == listed(ITEM).replace("image: quay.io", "image: quay.tencentcloudcr.com")


# What is wrong with a list, or with its configuration: it comes back as it was, with an error.

MIRROR_CONFIG = "functionConfig:\n  apiVersion: kubectl-tcr/v1alpha1\n  kind: MirrorConfig\n  spec:\n"
DATA = "functionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  data:\n"
WRONG = {
    "an unknown kind": (
        "functionConfig:\n  apiVersion: example.com/v1\n  kind: Other\n",
        (
            "functionConfig: is of kind Other (example.com/v1); use a MirrorConfig (kubectl-tcr/v1alpha1) "
            "or a ConfigMap (v1)"
        ),
    ),
    "a ConfigMap of another version": (
        "functionConfig:\n  apiVersion: v2\n  kind: ConfigMap\n",
        "functionConfig: is of kind ConfigMap (v2); use a MirrorConfig (kubectl-tcr/v1alpha1) or a ConfigMap (v1)",
    ),
    "no kind": (
        "functionConfig:\n  spec: {}\n",
        "functionConfig: is of kind None (None); use a MirrorConfig (kubectl-tcr/v1alpha1) or a ConfigMap (v1)",
    ),
    "another version": (
        CONFIG.replace("v1alpha1", "v1"),
        "functionConfig: apiVersion must be kubectl-tcr/v1alpha1",
    ),
    "a string": ("functionConfig: mirrors\n", "functionConfig: must be a mapping"),
    "a list": ("functionConfig: [a]\n", "functionConfig: must be a mapping"),
    "an alias": (
        "note: &a {kind: b}\nfunctionConfig: *a\n",
        "functionConfig: must be a mapping",
    ),
    "duplicate keys": (
        DATA + "    preset: none\n    preset: tke\n",
        'functionConfig: duplicate key "preset"; keep one',
    ),
    "too many brackets": (
        "functionConfig: {apiVersion: v1, kind: ConfigMap, data: " + "[" * 300 + "]" * 300 + "}\n",
        "functionConfig: nested deeper than 100 levels",
    ),
    "a date that is none": (
        DATA + "    preset: 2001-99-99\n",
        "functionConfig: data.preset must be one of none, default, tke",
    ),
    "a number of 5,000 digits": (
        DATA + f"    preset: {'9' * 5000}\n",
        "functionConfig: data.preset must be one of none, default, tke",
    ),
    "an alias bomb": (
        "functionConfig:\n  a0: &a0 [x, x]\n"
        + "".join(f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 20)),
        "functionConfig: aliases repeat more than 10000 nodes; write them out",
    ),
    "an unknown key": (
        MIRROR_CONFIG + "    mirror: []\n",
        "functionConfig: spec.mirror is no known key; choose one of preset, mirrors, exclude, ignore, trusted, "  # noqa: ISC004
        "scope, unmapped, suspected, crds, fields",
    ),
    "a wrong rule": (
        MIRROR_CONFIG + "    mirrors: [{source: 'https://quay.io', mirror: m.example.com}]\n",
        (
            'functionConfig: spec.mirrors[0]: the source "https://quay.io" of a rule has a scheme; '
            "write the host without it"
        ),
    ),
    "rules that feed each other": (
        DATA + "    mirrors: |\n      quay.io=ghcr.io/x\n      ghcr.io=m.example.com\n",
        (
            "rule quay.io=ghcr.io/x writes what rule ghcr.io=m.example.com rewrites, so a second run would change the "
            "output again; map quay.io to its final mirror and drop one of the two"
        ),
    ),
    "a wrong rule in a ConfigMap": (
        DATA + "    mirrors: quay.io\n",
        'functionConfig: data.mirrors: rule "quay.io" is not SOURCE=MIRROR, as in quay.io=quay.tencentcloudcr.com',
    ),
    "an unknown key in a ConfigMap": (
        DATA + "    mirror: quay.io=m.example.com\n",
        "functionConfig: data.mirror is no known key; choose one of preset, scope, unmapped, "  # noqa: ISC004
        "suspected, mirrors, exclude, trusted, crds",
    ),
    "a list in a ConfigMap": (
        DATA + "    mirrors: [quay.io=m.example.com]\n",
        "functionConfig: data.mirrors must be a string",
    ),
    "a ConfigMap whose data is a list": (
        "functionConfig: {apiVersion: v1, kind: ConfigMap, data: [a]}\n",
        "functionConfig: data must be a mapping",
    ),
    "a ConfigMap whose data is an empty text": (
        "functionConfig: {apiVersion: v1, kind: ConfigMap, data: ''}\n",
        "functionConfig: data must be a mapping",
    ),
    "an unknown preset in a ConfigMap": (
        DATA + "    preset: aliyun\n",
        "functionConfig: data.preset must be one of none, default, tke",
    ),
    "an unknown scope in a ConfigMap": (
        DATA + "    scope: all\n",
        "functionConfig: data.scope must be one of pods, fields, values, text",
    ),
    "an unknown gate in a ConfigMap": (
        DATA + "    unmapped: maybe\n",
        "functionConfig: data.unmapped must be one of ignore, warn, fail",
    ),
}
# In JSON, of which Python and YAML read less than kubectl does: what stays in place of @, and what is wrong.
JSON_CONFIG = '{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "functionConfig": @}\n'
JSON_MAP = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"note": @}, "data": {"mirrors": "quay.io=m.io"}}'
GOOD_NOTES = {
    "control characters": r'"\u007f\u0085\u2028\uffff"',
    "half a character": r'"\ud83d"',
    "a whole character": r'"\ud83d\ude00"',
    "a long key": f'{{"{"k" * 2000}": 1}}',
    "a number of 5,000 digits": "9" * 5000,
    "a merge key, which JSON has not": '{"<<": "x"}',
}
WRONG_JSON = {
    "a number as data": ('{"apiVersion": "v1", "kind": "ConfigMap", "data": 1}', "data must be a mapping"),
    "false as data": ('{"apiVersion": "v1", "kind": "ConfigMap", "data": false}', "data must be a mapping"),
    "duplicate keys": (
        '{"apiVersion": "v1", "kind": "ConfigMap", "data": {"preset": "none", "preset": "tke"}}',
        'the key "preset" stands twice; keep one',
    ),
    "a number as kind": (
        '{"apiVersion": "v1", "kind": 5}',
        "is of kind 5 (v1); use a MirrorConfig (kubectl-tcr/v1alpha1) or a ConfigMap (v1)",
    ),
    "too many levels": (
        '{"kind": ' + "[" * 100 + "]" * 100 + "}",
        "nested deeper than 100 levels",
    ),
}
BROKEN_ITEMS = {
    "a string": ("- quay.io/a/b\n", "items[1] is no resource: it has no apiVersion and no kind"),
    "null": ("- null\n", "items[1] is no resource: it has no apiVersion and no kind"),
    "no kind": ("- {apiVersion: v1, image: quay.io/a/b}\n", "items[1] is no resource: it has no kind"),
    "no version": ("- kind: Pod\n", "items[1] is no resource: it has no apiVersion"),
    "a list": ("- [{apiVersion: v1, kind: Pod}]\n", "items[1] is no resource: it has no apiVersion and no kind"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_function_config_hands_the_list_back_with_an_error(folder: Folder, name: str) -> None:
    config, message = WRONG[name]
    source = listed(ITEM, config=config)
    assert error(folder.run(input=source.encode()), source) == message


@pytest.mark.parametrize("name", GOOD_NOTES)
def test_a_function_config_in_json_may_hold_all_that_json_can(folder: Folder, name: str) -> None:
    source = JSON_CONFIG.replace("@", JSON_MAP.replace("@", GOOD_NOTES[name])).encode()
    assert folder.run("-q", input=source) == (0, source, "")


@pytest.mark.parametrize("name", WRONG_JSON)
def test_a_wrong_function_config_in_json_hands_the_list_back_with_an_error(folder: Folder, name: str) -> None:
    config, message = WRONG_JSON[name]
    source = JSON_CONFIG.replace("@", config)
    done = folder.run(input=source.encode())
    (result,) = json.loads(done.out)["results"]
    assert (done.status, result) == (1, {"message": f"functionConfig: {message}", "severity": "error"})
    assert done.out.decode().startswith(source.rstrip("}\n"))


@pytest.mark.parametrize("name", BROKEN_ITEMS)
def test_a_broken_item_hands_the_list_back_with_an_error(folder: Folder, name: str) -> None:
    item, message = BROKEN_ITEMS[name]
    source = listed(ITEM, item)
    assert error(folder.run(input=source.encode()), source) == f"<stdin>: {message}"


@pytest.mark.parametrize("items", ["{}", "all of them"])
def test_items_that_are_no_list_hand_the_list_back_with_an_error(folder: Folder, items: str) -> None:
    source = listed(config=f"items: {items}\n" + CONFIG)
    assert error(folder.run(input=source.encode()), source) == "<stdin>: items must be a list"


def test_a_wrong_config_is_an_error_also_without_items(folder: Folder) -> None:
    source = listed(config=CONFIG.replace("v1alpha1", "v9"))
    error(folder.run(input=source.encode()), source)


@pytest.mark.parametrize(
    "head",
    [
        "kind: &k ResourceList\napiVersion: &v config.kubernetes.io/v1\n",
        "metadata: {annotations: {a: &k ResourceList}}\napiVersion: config.kubernetes.io/v1\nkind: *k\n",
        "metadata: {annotations: {a: &v config.kubernetes.io/v1}}\napiVersion: *v\nkind: ResourceList\n",
        "metadata: &m {kind: ResourceList, apiVersion: config.kubernetes.io/v1}\n<<: *m\n",
    ],
    ids=["anchors", "kind by alias", "apiVersion by alias", "both by merge key"],
)
def test_a_list_is_one_however_its_kind_is_spelled(folder: Folder, head: str) -> None:
    source = listed(ITEM, config=CONFIG.replace("v1alpha1", "v9"), head=head)
    error(folder.run(input=source.encode()), source)


# What cannot even be handed back: nothing is written.


@pytest.mark.parametrize(
    "source",
    [
        listed(ITEM) + "broken: [\n",
        listed(config="items: *none\n"),
        "%YAML 1.2\n---\n" + listed(ITEM),
        '{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": [',
        '{"apiVersion": "config.kubernetes.io/v1", "kind": ',
        listed(ITEM)[:-200] + "\0",
        listed(config="results: everything went well\n" + "items:\n" + ITEM),
        listed(config="results: &a\n- message: x\nitems:\n" + ITEM),
        "? apiVersion\n: config.kubernetes.io/v1\n? kind\n: ResourceList\n? items\n:\n" + ITEM.rstrip("\n"),
    ],
    ids=[
        "an open bracket",
        "an undefined alias",
        "a directive",
        "JSON that is cut",
        "JSON that is cut in front of its kind",
        "a NUL byte",
        "results that are no list",
        "anchored results",
        "a spelling without a place for results",
    ],
)
def test_a_list_that_cannot_be_read_ends_with_status_2_and_one_line(folder: Folder, source: str) -> None:
    assert folder.run(input=source.encode()).error.startswith("tcr-rewrite: error: <stdin>:")


def test_a_wrong_flag_is_a_wrong_flag(folder: Folder) -> None:
    assert "SOURCE=MIRROR" in folder.run("--mirror", "quay.io", input=listed(ITEM).encode()).error


def test_a_run_without_a_list_does_not_import_what_a_function_needs(folder: Folder) -> None:
    script = (
        "import atexit, sys\n"
        "from kubectl_tcr.cli.main import rewrite\n"
        "atexit.register(lambda: sys.stderr.write(str(sorted(sys.modules))))\n"
        "sys.argv = ['kubectl-tcr_rewrite', '-q']\n"
        "rewrite()\n"
    )
    modules = [folder.command(sys.executable, "-c", script, input=source).err for source in (POD, BLOCK_LIST.encode())]
    assert ["'kubectl_tcr.run.krm'" in names for names in modules] == [False, True]
