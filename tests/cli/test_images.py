"""`kubectl tcr-images` as its users run it, without a network."""

import json
import os
import shlex
import stat
import sys
from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from tests.conftest import ROOT

from .conftest import PROGRAM, Done, Folder, needs_posix

IMAGES = PROGRAM.with_name("kubectl-tcr_images")
SHOP = b"""apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  initContainers:
  - {name: a, image: 'busybox:1'}
  containers:
  - {name: b, image: 'quay.io/acme/shop:3'}
  - {name: c, image: 'ghcr.io/acme/cart:2'}
---
apiVersion: v1
kind: Pod
metadata: {name: again}
spec:
  containers:
  - {name: b, image: 'quay.io/acme/shop:3'}
"""
SCHEMAS = [json.loads(path.read_text()) for path in sorted((ROOT / "kubectl_tcr" / "schemas").glob("*.json"))]


def run(folder: Folder, *args: str, source: bytes = SHOP, env: dict[str, str] | None = None) -> Done:
    return folder.command(str(IMAGES), *args, input=source, env=env)


def error(folder: Folder, *args: str, source: bytes = SHOP) -> str:
    return run(folder, *args, source=source).error


# What comes out.


def test_the_list_is_a_table(folder: Folder) -> None:
    done = run(folder)
    assert done.status == 0
    assert done.out.decode().splitlines() == [
        "IMAGE                 STATUS      MIRROR                                TIMES",
        "busybox:1             no mirror                                         1",
        "ghcr.io/acme/cart:2   no mirror                                         1",
        "quay.io/acme/shop:3   mapped      quay.tencentcloudcr.com/acme/shop:3   2",
    ]
    assert done.err.splitlines()[0] == "tcr-images: 3 images in 2 documents: 1 mapped, 2 no mirror"


def test_every_place_is_shown_on_demand(folder: Folder) -> None:
    lines = run(folder, "-v").out.decode().splitlines()
    assert lines[-4:] == [
        "quay.io/acme/shop:3",
        "    mapped      -> quay.tencentcloudcr.com/acme/shop:3",
        "    <stdin>:8:23: Pod/shop spec.containers[0].image",
        "    <stdin>:16:23: Pod/again spec.containers[0].image",
    ]


def test_how_to_declare_what_is_suspected_is_shown(folder: Folder) -> None:
    done = run(folder, "-v", source=b"kind: Shop\napiVersion: shop.example/v1\nspec: {image: 'acme/shop:1'}\n")
    assert b"    declare it  {group: shop.example, kind: Shop, path: spec.image}\n" in done.out


FORMATS = {
    "plain": "busybox:1\nghcr.io/acme/cart:2\nquay.io/acme/shop:3\n",
    "csv": "image,status,mirrored,times,named,reason,answer,digest,details\n"
    "busybox:1,unmapped,,1,yes,,,,\n"
    "ghcr.io/acme/cart:2,unmapped,,1,yes,,,,\n"
    "quay.io/acme/shop:3,mapped,m.example.com/acme/shop:3,2,yes,,,,\n",
    "crane": "crane copy quay.io/acme/shop:3 m.example.com/acme/shop:3\n",
    "skopeo": "skopeo copy --all --preserve-digests docker://quay.io/acme/shop:3 docker://m.example.com/acme/shop:3\n",
    "regsync": "version: 1\nsync:\n"
    "  - source: quay.io/acme/shop:3\n    target: m.example.com/acme/shop:3\n    type: image\n",
    "image-syncer": '"quay.io/acme/shop:3": "m.example.com/acme/shop:3"\n',
    "image-transfer": "quay.io/acme/shop:3: m.example.com/acme/shop:3\n",
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_list_has_many_formats(folder: Folder, name: str) -> None:
    done = run(folder, "--mirror", "quay.io=m.example.com", "-o", name)
    assert (done.status, done.out.decode()) == (0, FORMATS[name])


@pytest.mark.parametrize("name", ["regsync", "image-syncer", "image-transfer", "crane"])
def test_nothing_to_copy_is_an_empty_list(folder: Folder, name: str) -> None:
    done = run(folder, "-o", name, source=b"kind: ConfigMap\napiVersion: v1\n")
    assert (done.status, done.out) == (
        0,
        {"regsync": b"version: 1\nsync: []\n", "image-syncer": b"{}\n"}.get(name, b""),
    )


OPEN = """\
- {name: a, image: '${IMAGE}'}
- {name: b, image: 'quay.io/acme/b:${TAG}'}
- {name: c, image: 'quay.io/acme/c:${TAG}'}  # tcr-rewrite: ignore
- {name: d, image: 'ghcr.io/acme/d:${TAG}'}
- {name: e, image: 'quay.io/Acme/e:1'}
"""


def test_placeholders_do_not_leave_a_copy_list_in_silence(folder: Folder) -> None:
    source = SHOP + b"".join(b"  " + line + b"\n" for line in OPEN.encode().splitlines())
    told = "not copied; list what is applied in the end, with all filled in"
    flags = ["-q", "--mirror", "quay.io=m.example.com"]
    done = run(folder, *flags, "-o", "crane", source=source)
    assert (done.out.count(b"\n"), done.err) == (1, f"tcr-images: warning: 2 images with a placeholder are {told}\n")
    missing = run(folder, "-o", "crane", "--missing", "--mirror", "quay.io=127.0.0.1:1", source=source)
    assert f"2 images with a placeholder are {told}\n" in missing.err
    assert "not copied" not in run(folder, *flags, "-o", "crane").err
    assert "not copied" not in run(folder, *flags, source=source).err


def test_a_program_that_knows_no_digests_is_given_a_comment(folder: Folder) -> None:
    digest = b"sha256:" + b"a" * 64
    done = run(
        folder, "--mirror", "quay.io=m.example.com", "-o", "image-transfer", source=b"image: quay.io/a/b@" + digest
    )
    assert done.out == b"# no digests here: quay.io/a/b@" + digest + b": m.example.com/a/b@" + digest + b"\n"


def test_a_mirror_that_takes_no_copies_is_told(folder: Folder) -> None:
    assert "warning" not in run(folder, "-o", "crane", "--mirror", "quay.io=m.example.com").err
    assert (
        "tcr-images: warning: quay.tencentcloudcr.com fetches from its source by itself and takes no copies"
        in run(folder, "-o", "crane").err
    )


def test_images_that_would_overwrite_each_other_are_not_copied_and_told(folder: Folder) -> None:
    both = b"images:\n- image: quay.io/a/b:1\n- image: ghcr.io/a/b:1\n- image: ghcr.io/a/c:1\n"
    done = run(folder, "-o", "crane", "--mirror", "quay.io=m.x/y", "--mirror", "ghcr.io=m.x/y", source=both)
    assert done.out == b"crane copy ghcr.io/a/c:1 m.x/y/a/c:1\n"
    warned = "m.x/y/a/b:1 is not copied: it would be ghcr.io/a/b:1 and quay.io/a/b:1; map their hosts apart"
    assert f"tcr-images: warning: {warned}" in done.err.splitlines()


@needs_posix
@pytest.mark.parametrize("name", ["crane", "skopeo"])
def test_a_shell_does_nothing_but_copy_whatever_references_hold(folder: Folder, name: str) -> None:
    """The copying program is one that counts its words, in a folder with a file that the brackets of a host match."""
    folder.write(f"bin/{name}", b'#!/bin/sh\necho "$#" >> called\n').chmod(0o755)
    folder.write("1:5/a/b:1", b"")
    odd = [
        "$(touch x)",
        "`touch x`",
        ";touch x",
        "|touch x",
        "\ntouch x",
        "'",
        '"',
        "\\",
        "&",
        ">x",
        "*",
        "${IFS}",
        "#",
    ]
    places = [f"quay.io/a/b{text}:1" for text in odd] + [f"quay.io/a/b:1{text}" for text in odd]
    places += [f"quay.io{text}/a/b:1" for text in odd] + ["quay.io/a/c:1", "--help", "-quay.io/a/b:1"]
    manifest = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": one} for one in places]}}
    rule = ("--mirror", "quay.io=[::1]:5", "--mirror", "*=[::1]:5/{host}")
    done = run(folder, "-o", name, *rule, source=json.dumps(manifest).encode())
    folder.write("copies", done.out)
    ran = folder.command("sh", "copies", env={"PATH": f"{folder.path}/bin:{os.environ['PATH']}"})
    assert (ran.status, ran.err) == (0, "")
    assert folder.read("called").decode().split() == [
        str(len(shlex.split(line)) - 1) for line in done.out.decode().splitlines()
    ]
    assert not (folder.path / "x").exists()
    assert b"'[::1]:5/a/c:1'" in done.out.replace(b"docker://", b"")


@pytest.mark.parametrize("name", ["regsync", "image-syncer", "image-transfer"])
def test_a_mirror_in_brackets_is_a_string_of_yaml(folder: Folder, name: str) -> None:
    done = run(folder, "-o", name, "--mirror", "quay.io=[::1]:5000")
    assert b'"[::1]:5000/acme/shop:3"' in done.out


def test_the_configuration_that_is_made_may_name_a_mirror_in_brackets(folder: Folder) -> None:
    folder.write("mirrors.yaml", run(folder, "-o", "config", "--to", "[::1]:5000").out)
    listed = run(folder, "--config", "mirrors.yaml", "-o", "csv").out
    assert b"ghcr.io/acme/cart:2,mapped,[::1]:5000/ghcr.io/acme/cart:2," in listed


def test_a_spreadsheet_computes_nothing(folder: Folder) -> None:
    containers = b"[{image: '=1+1'}, {image: '@x'}, {image: '-a'}, {image: '+a'}]"
    source = b"kind: Pod\napiVersion: v1\nspec: {containers: %s}\n" % containers
    rows = run(folder, "-o", "csv", source=source).out.decode().splitlines()[1:]
    assert [row[:3] for row in rows] == ["'+a", "'-a", "'=1", "'@x"]


@pytest.mark.parametrize("flags", [(), ("-v",), ("--canonical",), ("--preset", "none")])
def test_the_json_is_as_its_schema_says(folder: Folder, flags: tuple[str, ...]) -> None:
    registry: Registry[object] = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS
    )
    schema = next(one for one in SCHEMAS if one["$id"].endswith("images.schema.json"))
    listed = json.loads(run(folder, "-o", "json", *flags).out)
    Draft7Validator(schema, registry=registry).validate(listed)
    assert len(listed["images"]) == 3


def test_the_configuration_that_is_made_maps_every_host(folder: Folder) -> None:
    done = run(folder, "-o", "config", "--to", "team.example.com/hub")
    folder.write("mirrors.yaml", done.out)
    listed = run(folder, "--config", "mirrors.yaml", "-o", "csv").out.decode()
    assert "no mirror" not in run(folder, "--config", "mirrors.yaml").err
    assert "busybox:1,mapped,team.example.com/hub/docker.io/library/busybox:1," in listed
    assert "ghcr.io/acme/cart:2,mapped,team.example.com/hub/ghcr.io/acme/cart:2," in listed
    assert "quay.io/acme/shop:3,mapped,quay.tencentcloudcr.com/acme/shop:3," in listed


def test_only_some_are_listed_on_demand(folder: Folder) -> None:
    assert run(folder, "-o", "plain", "--only", "unmapped").out == b"busybox:1\nghcr.io/acme/cart:2\n"


def test_quiet_says_nothing_beside_the_list(folder: Folder) -> None:
    assert run(folder, "-q").err == ""


# What goes in.


def test_files_folders_and_standard_input_are_read(folder: Folder) -> None:
    folder.write("d/a.yaml", SHOP)
    folder.write("b.yaml", b"image: quay.io/acme/other:1\n")
    done = run(folder, "-o", "plain", "-R", "-f", "d", "b.yaml", "-", source=b"image: quay.io/acme/third:1\n")
    assert len(done.out.splitlines()) == 5


def test_a_file_that_cannot_be_read_is_named_behind_the_list_of_the_others(folder: Folder) -> None:
    folder.write("d/a.yaml", b"image: [\n")
    folder.write("d/b.yaml", SHOP)
    folder.write("d/c.yaml", b"image: ]\n")
    done = run(folder, "-o", "plain", "--only", "mapped", "-R", "-f", "d")
    assert (done.status, done.out) == (2, b"quay.io/acme/shop:3\n")
    lines = done.err.splitlines()
    assert [line.split(":")[:4] for line in lines[:2]] == [
        ["tcr-images", " error", f" d/{name}.yaml", line] for name, line in (("a", "2"), ("c", "1"))
    ]
    assert lines[2] == "tcr-images: 2 of 3 inputs failed, as told above"
    quiet = run(folder, "-q", "-o", "plain", "-R", "-f", "d")
    assert (quiet.status, quiet.err.splitlines()) == (2, lines[:2])


def test_where_there_was_no_document_none_is_counted(folder: Folder) -> None:
    assert run(folder, source=b"").err == "tcr-images: there was no document to read\n"


def test_of_one_file_that_cannot_be_read_there_is_no_list(folder: Folder) -> None:
    assert error(folder, "-", source=b"image: [\n").startswith("tcr-images: error: <stdin>:2:1: ")


def test_the_templates_of_a_chart_are_passed_over_with_a_line(folder: Folder) -> None:
    folder.write("shop/Chart.yaml", b"name: shop\n")
    folder.write("shop/templates/pod.yaml", b"image: {{ .Values.image }}\n")
    done = run(folder, "-R", "-f", "shop")
    assert done.status == 0
    assert done.err.startswith("tcr-images: passed over shop/templates, the templates of a chart; ")
    for flags in (["--check"], ["--missing"], ["-o", "crane"], ["-o", "config", "--to", "m.example.com"]):
        assert run(folder, *flags, "-R", "-f", "shop").error.startswith(
            "tcr-images: error: nothing is there to look at but charts: the templates of shop were not looked at; "
        )
    folder.write("shop/deploy/pod.yaml", SHOP)
    done = run(folder, "-q", "-o", "crane", "--mirror", "quay.io=m.example.com", "-R", "-f", "shop")
    assert done.out == b"crane copy quay.io/acme/shop:3 m.example.com/acme/shop:3\n"
    assert done.err.startswith("tcr-images: warning: the templates of shop were not looked at; ")


def test_a_big_stream_gives_the_same_list_by_several_processes(folder: Folder) -> None:
    folder.write("big.yaml", (SHOP + b"---\n") * 12_000)
    lines = run(folder, "-o", "csv", "big.yaml").out.decode().splitlines()
    assert lines[1:] == [
        "busybox:1,unmapped,,12000,yes,,,,",
        "ghcr.io/acme/cart:2,unmapped,,12000,yes,,,,",
        "quay.io/acme/shop:3,mapped,quay.tencentcloudcr.com/acme/shop:3,24000,yes,,,,",
    ]


def test_control_characters_are_shown_not_obeyed(folder: Folder) -> None:
    source = b'kind: Pod\napiVersion: v1\nspec: {containers: [{image: "a\\e[31mb\\nc"}]}\n'
    for name in ("table", "plain", "csv"):
        out = run(folder, "-o", name, source=source).out
        assert b"\x1b" not in out
        assert b"\\x1b[31mb\\nc" in out


# What is refused.

REFUSED = [
    pytest.param(("--context", "prod"), "--context is for --cluster; add it", id="a context and no cluster"),
    pytest.param(("-A",), "--all-namespaces is for --cluster; add it", id="namespaces and no cluster"),
    pytest.param(("--kinds", "shops"), "--kinds is for --cluster; add it", id="kinds and no cluster"),
    pytest.param(("--platform", "linux/amd64"), "--platform is for --check; add it", id="a platform and no question"),
    pytest.param(("--authfile", "a.json"), "--authfile is for --check; add it", id="credentials and no question"),
    pytest.param(("--timeout", "5"), "--timeout is for --check; add it", id="patience and no question"),
    pytest.param(
        ("--check", "--plain-http", "http://m.x"), "--plain-http http://m.x is no host", id="a host with a scheme"
    ),
    pytest.param(("-o", "config"), "-o config needs --to, a registry of yours", id="a configuration for nowhere"),
    pytest.param(("--to", "m.example.com"), "--to is for -o config; add it", id="a registry and no configuration"),
    pytest.param(("-o", "config", "--to", "m.io/"), "--to m.io/ ends in a slash; write m.io", id="a slash at its end"),
    pytest.param(("-o", "config", "--to", "https://m"), "--to https://m: ", id="a registry that is none"),
    pytest.param(("-o", "crane", "-v"), "--verbose shows places, which -o crane has none of", id="places of copies"),
    pytest.param(("-o", "crane", "--only", "mapped"), "--only is for lists", id="some of the copies"),
    pytest.param(("--only", "foreign"), "'foreign' is not one of 'mapped'", id="a status that is none"),
    pytest.param(("-o", "xml"), "'xml' is not one of 'table'", id="a format that is none"),
    pytest.param(("--timeout", "0"), "Invalid value for '--timeout'", id="no time"),
]


@pytest.mark.parametrize(("flags", "message"), REFUSED)
def test_flags_that_contradict_each_other_are_refused(folder: Folder, flags: tuple[str, ...], message: str) -> None:
    line = error(folder, *flags)
    assert message in line
    assert line.endswith("; see kubectl tcr-images -h")


def test_a_broken_manifest_is_told_as_by_tcr_rewrite_and_nothing_is_listed(folder: Folder) -> None:
    assert error(folder, source=SHOP + b"---\nimage: 'a\n").startswith("tcr-images: error: <stdin>:")


def test_the_list_is_not_written_over_its_input(folder: Folder) -> None:
    folder.write("a.yaml", SHOP)
    done = folder.command("sh", "-c", f"{IMAGES} a.yaml >> a.yaml")
    assert done.status == 2
    assert "is standard output too" in done.err
    assert folder.read("a.yaml") == SHOP


# What cannot be written whole.

MANY = b"images:\n" + b"".join(b"- image: quay.io/acme/app%d:1\n" % number for number in range(4000))
BUFFERED = [pytest.param({}, id="buffered"), pytest.param({"PYTHONUNBUFFERED": "1"}, id="unbuffered")]
PROGRAMS = [pytest.param(IMAGES, id="tcr-images"), pytest.param(PROGRAM, id="tcr-rewrite")]


@needs_posix
@pytest.mark.parametrize("env", BUFFERED)
@pytest.mark.parametrize("program", PROGRAMS)
def test_an_output_that_is_cut_off_is_told_and_nothing_of_it_is_kept(
    folder: Folder, program: Path, env: dict[str, str]
) -> None:
    folder.write("a.yaml", MANY)
    done = folder.command("bash", "-c", f"ulimit -f 50; {program} a.yaml > out", env=env)
    name = program.name.removeprefix("kubectl-").replace("_", "-")
    assert done.error == f"{name}: error: cannot write the output: File too large; nothing of it was kept"
    assert folder.read("out") == b""


@needs_posix
@pytest.mark.parametrize("env", BUFFERED)
@pytest.mark.parametrize("program", PROGRAMS)
def test_nobody_reading_on_ends_a_run_quietly(folder: Folder, program: Path, env: dict[str, str]) -> None:
    folder.write("a.yaml", MANY)
    script = f"set -o pipefail; {program} a.yaml | head -n 1 > line"
    done = folder.command("bash", "-c", script, env=env)
    assert (done.status, done.err) == (141, "")


# What was asked; answers of registries are those of tests/registry.


@pytest.mark.parametrize(
    ("source", "warning"),
    [
        pytest.param(b"", "", id="no images"),
        pytest.param(
            SHOP,
            "tcr-images: warning: nothing was asked: no image is on a mirror; --check-source asks ",
            id="no mirror",
        ),
    ],
)
def test_a_check_that_asks_nothing_is_told(folder: Folder, source: bytes, warning: str) -> None:
    done = run(folder, "--check", "--preset", "none", "-q", source=source)
    assert done.status == 0
    assert done.err.startswith(warning)
    assert bool(done.err) == bool(warning)


def test_a_registry_that_is_not_there_is_told_with_what_to_do(folder: Folder) -> None:
    done = run(folder, "--check", "--mirror", "quay.io=127.0.0.1:1")
    assert done.status == 2
    assert done.err.splitlines()[0] == "tcr-images: unreachable: 127.0.0.1:1 refuses the connection"
    assert done.err.splitlines()[-1] == (
        "tcr-images: unreachable: 127.0.0.1:1 (1); "
        "one without TLS needs --plain-http, one with an authority of its own --ca-file"
    )


def test_what_no_registry_said_is_not_taken_for_there(folder: Folder) -> None:
    lines = run(folder, "--missing", "-o", "plain", "--mirror", "quay.io=127.0.0.1:1").err.splitlines()
    assert lines[1:3] == [
        "tcr-images: 0 images missing in 2 documents",
        "tcr-images: 1 more image may be missing: the registries did not say",
    ]
    assert "missing in" not in run(folder, "--check", "--mirror", "quay.io=127.0.0.1:1").err


def test_who_has_just_written_rules_is_not_told_how_to(folder: Folder) -> None:
    done = run(folder, "-o", "config", "--to", "m.example.com")
    assert "; -o config --to REGISTRY" not in done.err
    assert "tcr-images: rules added for docker.io (1), ghcr.io (1); copy their images by --config FILE " in done.err
    assert "; -o config --to REGISTRY" in run(folder).err


def test_what_a_kustomization_names_without_its_tag_is_neither_asked_for_nor_copied(folder: Folder) -> None:
    source = b"kind: Kustomization\nimages:\n- {name: a, newName: quay.io/acme/a}\n"
    rule = ["-q", "--mirror", "quay.io=127.0.0.1:1"]
    told = "new name of a Kustomization without a tag is neither asked for nor copied; list what -k builds"
    for flags in (["-o", "crane"], ["--check"], ["--check-source"]):
        done = run(folder, *rule, *flags, source=source)
        assert (done.status, done.err) == (0, f"tcr-images: warning: 1 {told}\n")
    assert run(folder, *rule, "-o", "crane", source=source).out == b""
    assert run(folder, *rule, source=source).err == ""
    tagged = source.replace(b"acme/a", b"acme/a, newTag: v1")
    assert run(folder, *rule, "-o", "plain", source=tagged).out == b"quay.io/acme/a:v1\n"


# A cluster, as kubectl tells of it.

KUBECTL = f"""#!{sys.executable}
import json, sys
args = sys.argv[1:]
kind = args[-1]
with open("asked", "a") as file:
    file.write(" ".join(args[:1] + args[3:]) + "\\n")
owner = [{{"kind": "X", "name": "x", "controller": True}}]
def item(kind, owners, image, **more):
    spec = {{"containers": [{{"name": "a", "image": image}}], **more}}
    spec = spec if kind == "Pod" else {{"template": {{"spec": spec}}}}
    meta = {{"name": "a", "ownerReferences": owners, "managedFields": [{{"x": 1}}]}}
    status = {{"image": "quay.io/a/status"}}
    return {{"apiVersion": "v1", "kind": kind, "metadata": meta, "spec": spec, "status": status}}
found = {{
    "deployments.apps": [item("Deployment", [], "quay.io/a/app:1")],
    "replicasets.apps": [item("ReplicaSet", owner, "quay.io/a/old:1")],
    "pods": [
        item("Pod", owner, "quay.io/a/app:1", initContainers=[{{"name": "i", "image": "quay.io/a/sidecar:1"}}]),
        item("Pod", [], "quay.io/a/bare:1"),
    ],
    "shops.acme.example": [item("Shop", [], "quay.io/a/shop:1")],
}}
if kind == "statefulsets.apps" and "--context=poor" in args:
    sys.exit("Error from server (Forbidden): statefulsets.apps is forbidden")
for one in found.get(kind, []):
    print(json.dumps(one))
"""


@pytest.fixture
def kubectl(folder: Folder) -> dict[str, str]:
    path = folder.write("bin/kubectl", KUBECTL.encode())
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {"KUBECTL_PATH": str(path)}


@needs_posix
def test_a_cluster_is_asked_and_what_no_manifest_names_is_marked(folder: Folder, kubectl: dict[str, str]) -> None:
    done = run(folder, "--cluster", "-o", "csv", "--kinds", "shops.acme.example", env=kubectl)
    named = {line.split(",")[0]: line.split(",")[4] for line in done.out.decode().splitlines()[1:]}
    assert named == {
        "quay.io/a/app:1": "yes",
        "quay.io/a/bare:1": "yes",
        "quay.io/a/shop:1": "yes",
        "quay.io/a/sidecar:1": "no",
    }
    assert "1 marked * is named by no manifest" in done.err
    assert "quay.io/a/sidecar:1 *" in run(folder, "--cluster", env=kubectl).out.decode()


@needs_posix
def test_flags_for_the_cluster_are_handed_to_kubectl(folder: Folder, kubectl: dict[str, str]) -> None:
    run(folder, "--cluster", "--context", "prod", "-n", "shop", env=kubectl)
    run(folder, "--cluster", "-A", "--kinds", "shops, ,carts", env=kubectl)
    asked = folder.read("asked").decode().splitlines()
    assert asked[0] == "get --context=prod --namespace=shop -- deployments.apps"
    assert asked[-3:] == [f"get --all-namespaces -- {kind}" for kind in ("pods", "shops", "carts")]


@needs_posix
def test_a_cluster_that_refuses_is_told_in_one_line(folder: Folder, kubectl: dict[str, str]) -> None:
    done = run(folder, "--cluster", "--context", "poor", env=kubectl)
    why = "Error from server (Forbidden): statefulsets.apps is forbidden"
    assert done.error == f"tcr-images: error: kubectl get statefulsets.apps failed: {why}"


ODD_KUBECTLS = [
    pytest.param("echo not json", "prints what is no object of Kubernetes", id="no JSON"),
    pytest.param("echo '[1]'", "prints what is no object of Kubernetes", id="no object"),
    pytest.param("""echo '{"metadata": null}'""", "prints what is no object of Kubernetes", id="no metadata"),
    pytest.param("""echo '{"kind":"Po'; echo gone >&2; exit 1""", "failed: gone", id="half an object, and a failure"),
]


@needs_posix
@pytest.mark.parametrize(("script", "message"), ODD_KUBECTLS)
def test_a_kubectl_that_prints_anything_is_told_in_one_line(folder: Folder, script: str, message: str) -> None:
    path = folder.write("bin/kubectl", f"#!/bin/sh\n{script}\n".encode())
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    done = run(folder, "--cluster", env={"KUBECTL_PATH": str(path)})
    assert done.error == f"tcr-images: error: kubectl get deployments.apps {message}"


@needs_posix
@pytest.mark.parametrize(
    "owners", [pytest.param("[1, null]", id="of no objects"), pytest.param("5", id="that are no list")]
)
def test_odd_owners_control_nothing(folder: Folder, owners: str) -> None:
    item = f'{{"apiVersion":"v1","kind":"Pod","metadata":{{"ownerReferences":{owners}}},"image":"quay.io/a/a:1"}}'
    path = folder.write("bin/kubectl", f"#!/bin/sh\necho '{item}'\n".encode())
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    assert run(folder, "--cluster", "-o", "plain", env={"KUBECTL_PATH": str(path)}).out == b"quay.io/a/a:1\n"


@needs_posix
def test_a_cluster_is_left_at_once_though_a_child_of_kubectl_stays(folder: Folder) -> None:
    script = "#!/bin/sh\ntrap '' INT\n: > begun\nsleep 60 & echo $! > child\nwait\n"
    path = folder.write("bin/kubectl", script.encode())
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    stop = f"{IMAGES} --cluster & until [ -s child ]; do sleep 0.05; done; kill -TERM $!; wait $!"
    try:
        done = folder.command("sh", "-c", stop, env={"KUBECTL_PATH": str(path)})
        assert done.status == 143
    finally:
        folder.command("sh", "-c", "kill $(cat child)")


@needs_posix
def test_a_kubectl_that_cannot_be_run_is_told(folder: Folder) -> None:
    done = run(folder, "--cluster", env={"KUBECTL_PATH": "/nowhere/kubectl"})
    why = "/nowhere/kubectl: No such file or directory; mend it, or KUBECTL_PATH, which names it"
    assert done.error == f"tcr-images: error: kubectl cannot be run: {why}"


@needs_posix
def test_a_cluster_without_kubectl_is_told(folder: Folder) -> None:
    done = run(folder, "--cluster", env={"PATH": "/nowhere"})
    way = "install it, or name it by KUBECTL_PATH"
    assert done.error == f"tcr-images: error: --cluster needs kubectl, which is not on the PATH; {way}"
