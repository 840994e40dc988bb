"""`--crds`, `crds:` and `--show-fields`: what a user's own definitions say of images."""

import json
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.crds.invented import Schema, definition, items, mapping, string

from .conftest import ERROR, WARNING, Folder, needs_posix

SPEC = mapping(
    image=string(),
    imageUrl=string(),
    pilot=mapping(image=mapping(repository=string(), tag=string())),
    output=mapping(image=string()),
    crew=items(mapping(image=string())),
)
HARBOUR = """\
apiVersion: acme.example.com/v1
kind: Harbour
metadata: {name: north}
spec:
  image: acme/harbour:1
  imageUrl: acme/lighthouse:2
  pilot: {image: {repository: acme/pilot, tag: "3"}}
  output: {image: acme/chart:4}
  crew:
    - image: sailor
"""
MOVED = (
    HARBOUR.replace("acme/harbour", "hub.example.com/acme/harbour")
    .replace("acme/pilot", "hub.example.com/acme/pilot")
    .replace("sailor", "hub.example.com/library/sailor")
    .encode()
)
HUB = ("--mirror", "docker.io=hub.example.com", "-q")
CONFIG = "apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\nspec:\n"


def crd(spec: Schema = SPEC, **names: Any) -> bytes:
    return json.dumps(definition(spec, **names)).encode()


@pytest.fixture
def harbour(folder: Folder) -> Folder:
    folder.write("harbour.yaml", HARBOUR.encode())
    folder.write("crds.yaml", crd())
    return folder


def test_without_definitions_short_names_of_custom_resources_stay(harbour: Folder) -> None:
    assert harbour.run(*HUB, "harbour.yaml").out == HARBOUR.encode()


def test_a_file(harbour: Folder) -> None:
    done = harbour.run(*HUB, "--crds", "crds.yaml", "harbour.yaml")
    assert (done.status, done.out, done.err) == (0, MOVED, "")


def test_a_folder_with_all_sorts_of_files(harbour: Folder) -> None:
    harbour.write("chart/crds/harbours.json", crd())
    harbour.write("chart/values.yaml", b"image: acme/x\n")
    harbour.write("chart/README.md", b"CustomResourceDefinition: {\n")
    assert harbour.run(*HUB, "--crds", "chart", "harbour.yaml").out == MOVED


def test_the_flag_may_be_repeated(harbour: Folder) -> None:
    harbour.write("other.yaml", crd(mapping(image=string()), kind="Dredger"))
    harbour.write("dredger.yaml", HARBOUR.replace("Harbour", "Dredger").encode())
    done = harbour.run(*HUB, "--crds", "crds.yaml", "--crds", "other.yaml", "harbour.yaml", "dredger.yaml")
    assert done.out.count(b"hub.example.com/acme/harbour") == 2


def test_the_configuration_names_files_as_seen_from_itself(harbour: Folder) -> None:
    harbour.write("etc/crds/harbours.yaml", crd())
    harbour.write("etc/mirrors.yaml", f"{CONFIG}  crds: [crds]\n".encode())
    assert harbour.run(*HUB, "--config", "etc/mirrors.yaml", "harbour.yaml").out == MOVED


def test_what_is_not_certain_is_suspected(harbour: Folder) -> None:
    done = harbour.run("--mirror", "docker.io=hub.example.com", "-v", "--crds", "crds.yaml", "harbour.yaml")
    assert "spec.imageUrl\n    suspected acme/lighthouse:2" in done.err
    assert "1 may be an image" in done.err
    assert "chart:4" not in done.err


def test_a_row_of_the_user_goes_first(harbour: Folder) -> None:
    row = '{group: acme.example.com, kind: Harbour, path: "spec.imageUrl"}'
    harbour.write("mirrors.yaml", f"{CONFIG}  crds: [crds.yaml]\n  fields: [{row}]\n".encode())
    done = harbour.run(*HUB, "--config", "mirrors.yaml", "harbour.yaml")
    assert done.out == MOVED.replace(b"acme/lighthouse", b"hub.example.com/acme/lighthouse")


def test_an_exclusion_goes_first(harbour: Folder) -> None:
    harbour.write("mirrors.yaml", f"{CONFIG}  exclude: [{{field: 'spec.crew*'}}]\n".encode())
    done = harbour.run(*HUB, "--config", "mirrors.yaml", "--crds", "crds.yaml", "harbour.yaml")
    assert done.out == MOVED.replace(b"hub.example.com/library/sailor", b"sailor")


def test_a_default_in_the_definition_moves_by_itself(folder: Folder) -> None:
    spec = mapping(baseImage=string(default="acme/pd"), level=string(default="info"), osImage=string(default="acme/os"))
    folder.write("crd.json", crd(spec))
    done = folder.run(*HUB, "crd.json")
    assert done.out == crd(spec).replace(b"acme/pd", b"hub.example.com/acme/pd")


@pytest.mark.parametrize(
    ("spec", "old", "new"),
    [
        (mapping(image={**mapping(repository=string(), tag=string()), "default": {"repository": "a/b"}}), "a/b", "a/b"),
        (items(mapping(image=string(default="a/b"))), "a/b", "a/b"),
        (mapping(image=string(default="fog"), imagePullPolicy=string()), "fog", "library/fog"),
        ({"type": "object", "additionalProperties": mapping(image=string(default="nginx"))}, "nginx", "library/nginx"),
        ({"oneOf": [mapping(sidecarImage=string(default="a/b"))]}, "a/b", "a/b"),
        ({**mapping(containers=items(mapping())), "default": {"containers": [{"image": "a/b"}]}}, "a/b", "a/b"),
    ],
    ids=["of a mapping", "of an item", "in one word", "under any key", "in a composition", "of a list of containers"],
)
def test_defaults_wherever_they_stand(folder: Folder, spec: Schema, old: str, new: str) -> None:
    folder.write("crd.json", crd(spec))
    done = folder.run(*HUB, "crd.json")
    assert done.out == crd(spec).replace(f'"{old}"'.encode(), f'"hub.example.com/{new}"'.encode())


SHARED = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec:
  group: acme.example.com
  names: {kind: Harbour}
  versions:
    - name: v1
      schema:
        openAPIV3Schema:
          properties:
            spec: {properties: {image: {type: string, default: &a acme/a:1}, %s}}
"""


@pytest.mark.parametrize(
    ("beside", "is_moved"),
    [
        ("note: {type: string, default: *a}", False),
        ("vmImage: {type: string, default: *a}", False),
        ("crew: {properties: {image: {type: string, default: *a}}}", True),
    ],
    ids=["with a note", "with the image of a machine", "with another image"],
)
def test_a_default_that_is_shared_by_an_alias(folder: Folder, beside: str, is_moved: bool) -> None:
    text = (SHARED % beside).encode()
    wanted = text.replace(b"acme/a:1", b"hub.example.com/acme/a:1") if is_moved else text
    assert folder.run(*HUB, input=text).out == wanted


def test_a_default_that_may_be_an_image_is_suspected(folder: Folder) -> None:
    folder.write("crd.json", crd(mapping(imageUrl=string(default="acme/pd"))))
    done = folder.run("--mirror", "docker.io=hub.example.com", "crd.json")
    assert "suspected: 1 may be an image" in done.err


# What is in force.


def fields(text: bytes) -> list[dict[str, str]]:
    found: list[dict[str, str]] = YAML(typ="safe").load(text)["spec"]["fields"]
    return found


def test_show_fields_lists_what_was_learned_as_rows(harbour: Folder) -> None:
    done = harbour.run("--show-fields", "--crds", "crds.yaml")
    assert (done.status, done.err) == (0, "")
    paths = ["spec.image", "spec.pilot.image.repository", "spec.crew[].image"]
    common = {"group": "acme.example.com", "kind": "Harbour", "source": "crds.yaml"}
    assert fields(done.out) == [{**common, "path": path} for path in paths]
    text = done.out.decode()
    assert "path: spec.image, source: crds.yaml}  # called image\n" in text
    assert "# - {group: acme.example.com, kind: Harbour, path: spec.imageUrl" in text
    assert "# - {group: tekton.dev, kind: StepAction, path: spec.image}\n" in text


def test_show_fields_is_a_configuration_that_says_the_same(harbour: Folder) -> None:
    shown = harbour.run("--show-fields", "--crds", "crds.yaml").out
    harbour.write("mirrors.yaml", shown)
    assert harbour.run(*HUB, "--config", "mirrors.yaml", "harbour.yaml").out == MOVED
    assert fields(harbour.run("--show-fields", "--config", "mirrors.yaml").out) == fields(shown)


@pytest.mark.parametrize(
    ("group", "kind"),
    [
        ("acme.example.com", "Yes"),
        ("acme.example.com", "On"),
        ("acme.example.com", "Null"),
        ("1.5", "Ship"),
        ("0x1", "Y"),
    ],
)
def test_a_name_that_yaml_reads_as_no_string_is_quoted(folder: Folder, group: str, kind: str) -> None:
    folder.write("crds.json", json.dumps(definition(mapping(image=string()), kind, group)).encode())
    folder.write("mirrors.yaml", folder.run("--show-fields", "--crds", "crds.json").out)
    resource = f"{{apiVersion: '{group}/v1', kind: '{kind}', spec: {{image: 'acme/a:1'}}}}\n".encode()
    moved = resource.replace(b"acme/a", b"hub.example.com/acme/a")
    assert folder.run(*HUB, "--config", "mirrors.yaml", input=resource).out == moved


def test_a_built_in_row_that_was_kept_means_no_more_than_before(folder: Folder) -> None:
    manifest = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n"
        "spec: {source: {kustomize: {images: ['acme/a=acme/b:1']}}}\n"
    )
    folder.write("app.yaml", manifest.encode())
    shown = folder.run("--show-fields").out.replace(b"    # - {", b"    - {").replace(b"fields: []", b"fields:")
    folder.write("mirrors.yaml", shown)
    assert folder.run(*HUB, "--config", "mirrors.yaml", "app.yaml").out == folder.run(*HUB, "app.yaml").out


def test_show_fields_without_rows_of_ones_own_is_valid(folder: Folder) -> None:
    shown = folder.run("--show-fields").out
    assert fields(shown) == []
    folder.write("mirrors.yaml", shown)
    assert folder.run("--config", "mirrors.yaml", "--check", input=b"a: 1\n").status == 0


# What is wrong.


BAD = {
    "what is not there": ("none.yaml", "tcr-rewrite: error: none.yaml: cannot be read: No such file or directory"),
    "a URL": (
        "https://example.com/crds.yaml",
        "tcr-rewrite: error: https://example.com/crds.yaml is a URL; this tool uses no network",
    ),
    "standard input": ("-", ERROR + "definitions are read from a file or a directory; standard input is for manifests"),
    "a broken file": ("broken.yaml", "tcr-rewrite: error: broken.yaml:3:1: document 1: invalid YAML: "),
    "no UTF-8": ("latin.yaml", "tcr-rewrite: error: latin.yaml"),
    "an empty name": ("", "tcr-rewrite: error: --crds FILE is empty"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line(harbour: Folder, name: str) -> None:
    harbour.write("broken.yaml", b"kind: CustomResourceDefinition\nspec: {\n- x\n")
    harbour.write("latin.yaml", b"kind: CustomResourceDefinition\nspec: {a: \xe9}\n")
    file, message = BAD[name]
    assert harbour.run("--crds", file, "harbour.yaml").error.startswith(message)
    assert harbour.run("--crds", file, "--show-fields").error.startswith(message)


def test_a_broken_file_in_a_folder_is_skipped_with_a_warning(harbour: Folder) -> None:
    harbour.write("crds/a.yaml", b"kind: CustomResourceDefinition\nspec: {{ .Values.x }}: {\n")
    harbour.write("crds/b.yaml", crd())
    done = harbour.run(*HUB, "--crds", "crds", "harbour.yaml")
    assert (done.status, done.out) == (0, MOVED)
    [warning] = done.err.splitlines()
    assert warning.startswith("tcr-rewrite: warning: crds/a.yaml:2:")
    assert warning.endswith("nothing is learned from this file")


def test_what_an_open_definition_leaves_open_stays_suspected(harbour: Folder) -> None:
    harbour.write("open.yaml", crd({"type": "object", "x-kubernetes-preserve-unknown-fields": True}))
    done = harbour.run(*HUB, "--suspected", "fail", "--crds", "open.yaml", "harbour.yaml")
    assert done.status == 1
    assert "spec.image: acme/harbour:1" in done.err


@pytest.mark.parametrize("name", ["pod.yaml", "empty"])
def test_a_place_without_definitions_has_a_warning(harbour: Folder, name: str) -> None:
    harbour.write("pod.yaml", b"kind: Pod\n")
    harbour.write("empty/values.yaml", b"a: 1\n")
    done = harbour.run(*HUB, "--crds", name, "harbour.yaml")
    assert done.err == WARNING + f"{name}: holds no CustomResourceDefinition, so nothing is learned from it\n"


def test_definitions_that_disagree_have_a_warning(harbour: Folder) -> None:
    harbour.write("other.yaml", crd(mapping(image=string("The image to build."))))
    done = harbour.run(*HUB, "--crds", "crds.yaml", "--crds", "other.yaml", "harbour.yaml")
    assert WARNING + "other.yaml: Harbour of acme.example.com: spec.image is no image but a target here" in done.err
    assert b"image: acme/harbour:1" in done.out


@needs_posix
def test_a_pipe_is_a_file(harbour: Folder) -> None:
    done = harbour.command("sh", "-c", f"cat crds.yaml | {_program()} {' '.join(HUB)} --crds /dev/stdin harbour.yaml")
    assert done.out == MOVED


def _program() -> str:
    from .conftest import PROGRAM

    return str(PROGRAM)
