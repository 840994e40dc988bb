"""What may be an image or a registry and cannot be known: what is none, what is one, and what declares it."""

import json

import pytest
import yaml

from kubectl_tcr import Settings, Site, Status, build, rewrite
from kubectl_tcr.kubernetes.fields import Field
from kubectl_tcr.reports.declaration import row

from .conftest import MIRRORS, NINE

NOTHING = Settings(rules=build([]))
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: acme/main:1, %s}]}\n"
CUSTOM = "apiVersion: acme.example/v1\nkind: Widget\nspec: {%s}\n"
MAP = "apiVersion: v1\nkind: ConfigMap\ndata: {x: %s}\n"


def suspects(text: str, settings: Settings = NINE) -> list[Site]:
    return [site for site in rewrite(text.encode(), settings).sites if site.status is Status.SUSPECTED]


# What is none.


@pytest.mark.parametrize(
    "value",
    [
        "Always",
        "true",
        "8080",
        '"1.2"',
        "v1.2.3",
        "logo.png",
        "disk.qcow2",
        "auto",
        "default",
        "/opt/image",
        "''",
        "a b",
    ],
)
def test_a_value_that_no_image_has_is_none(value: str) -> None:
    assert suspects(POD % f"env: [{{name: TOOL_IMAGE, value: {value}}}]") == []


@pytest.mark.parametrize(
    "fields",
    [
        "env: [{name: IMAGE_PULL_POLICY, value: acme/tool}]",
        "env: [{name: IMAGES, value: acme/tool}]",
        "args: [--image-pull-secret, acme]",
        "args: [--imageless=acme/tool]",
        "args: [the image is fine]",
        "args: [--level=1, acme/tool:1]",
        "args: [--ratio=1/2:3, --path=/a/b:1, --listen=host/x]",
        "env: [{name: X, value: a/b}, {name: Y, value: /a/b:1}]",
        "imagePullPolicy: IfNotPresent",
    ],
)
def test_a_name_that_says_something_else_says_nothing(fields: str) -> None:
    assert suspects(POD % fields) == []


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: PersistentVolume\nspec: {rbd: {image: acme/disk, pool: p}}\n",
        "apiVersion: tekton.dev/v1\nkind: Task\nspec: {image: acme/tool}\n",
        "apiVersion: v1\nkind: Secret\nstringData: {image: acme/tool}\n",
        "apiVersion: acme.example/v1\nkind: Widget\nstatus: {image: acme/tool}\n",
        "apiVersion: acme.example/v1\nkind: Widget\nspec: {osImage: ubuntu/focal}\n",
        "apiVersion: acme.example/v1\nkind: Widget\nspec: {image: [acme/tool]}\n",
        "image: {repository: tool}\n",
        "registry: {host: quay.io}\n",
        "{registry: quay.io, username: me}\n",
    ],
)
def test_a_field_of_a_known_api_or_of_another_kind_is_none(text: str) -> None:
    assert suspects(text) == []


@pytest.mark.parametrize("value", ["kubernetes.io/os:linux", "nvidia.com/gpu:4", "github.com/acme/app:main"])
def test_what_only_looks_like_a_reference_is_not_reported(value: str) -> None:
    assert rewrite((CUSTOM % f'x: "{value}"').encode(), NINE).sites == ()


@pytest.mark.parametrize(
    "value", ["app.terraform.io/acme/vpc:1.2.0", "vault.example.com/secret/data/app:password", "example.com/a:1"]
)
def test_a_host_that_serves_something_else_is_not_reported(value: str) -> None:
    assert rewrite((CUSTOM % f'x: "{value}"').encode(), NINE).sites == ()


# What is one.

ONES = {
    "a variable": (POD % "env: [{name: TOOL_IMAGE, value: acme/tool:1}]", "acme/tool:1"),
    "a variable with its name behind it": (POD % "env: [{value: busybox, name: TOOL_IMAGE}]", "busybox"),
    "a flag": (POD % "args: [--tool-image=acme/tool:1]", "acme/tool:1"),
    "a version behind any flag": (POD % "args: [--reloader=acme/reloader:v1.2]", "acme/reloader:v1.2"),
    "a version in any variable": (POD % "env: [{name: RESIZER, value: acme/resizer:v1.2}]", "acme/resizer:v1.2"),
    "a flag in front": (POD % "args: [--tool-image, busybox]", "busybox"),
    "a key of a custom resource": (CUSTOM % "toolImage: busybox", "busybox"),
    "a short name with a version there": (CUSTOM % "pump: acme/pump:2.0", "acme/pump:2.0"),
    "a name beside a tag": (CUSTOM % 'image: {repository: acme/tool, tag: "1"}', "acme/tool"),
    "a key in YAML in a string": (MAP % json.dumps("image: busybox\nx: y\n"), "busybox"),
    "a key in JSON in a string": (MAP % '\'{"toolImage": "busybox"}\'', "busybox"),
    "a flag in a script": (MAP % json.dumps("run --tool-image acme/tool:1 &\n"), "acme/tool:1"),
    "a variable in a script": (MAP % json.dumps("export TOOL_IMAGE=acme/tool:1\n"), "acme/tool:1"),
    "a setting without a slash": (MAP % json.dumps('[a]\nimage = "ubuntu:22.04"\n'), "ubuntu:22.04"),
    "a setting": (MAP % json.dumps("[a]\ntool_image = acme/tool\n"), "acme/tool"),
    "a registry": (CUSTOM % "registry: docker.io", "docker.io"),
    "a registry that no rule knows": (CUSTOM % "imageRegistry: images.acme.example", "images.acme.example"),
    "a host that may be a registry": (CUSTOM % "x: acme.example/team/tool:1.2", "acme.example/team/tool:1.2"),
}


@pytest.mark.parametrize("name", ONES)
def test_a_suspect_is_reported_and_stays(name: str) -> None:
    text, reference = ONES[name]
    done = rewrite(text.encode(), NINE._replace(rules=build([list(NINE.rules.rules)])))
    assert [site.reference for site in done.sites if site.status is Status.SUSPECTED] == [reference]
    assert reference in done.output.decode()


@pytest.mark.parametrize(
    "fields", ["args: [--main-image=acme/main:1]", "env: [{name: MAIN_IMAGE, value: acme/main:1}]"]
)
def test_a_short_name_that_the_same_document_declares_an_image_is_one(fields: str) -> None:
    text = POD % fields
    assert rewrite(text.encode(), NINE).output.decode() == text.replace("acme/", f"{MIRRORS['docker.io']}/acme/")


# What declares it.

BY_A_ROW = {name: ONES[name] for name in ONES if "script" not in name and "setting" not in name}


@pytest.mark.parametrize("name", [name for name in BY_A_ROW if "registry" not in name and "host" not in name])
def test_the_row_that_is_shown_declares_it(name: str) -> None:
    text, reference = BY_A_ROW[name]
    [site] = suspects(text)
    declared = Field(**yaml.safe_load(row(site)), is_users=True)
    done = rewrite(text.encode(), NINE._replace(fields=NINE.fields.extended([declared])))
    assert MIRRORS["docker.io"] in done.output.decode()
    assert [one for one in done.sites if one.reference == reference and one.status is Status.REWRITTEN]


@pytest.mark.parametrize(
    "text",
    [
        CUSTOM % "registry: docker.io",
        MAP % json.dumps("- image: acme/tool:1\n- x: y\n"),
        CUSTOM % "'a b': {image: acme/tool:1}",
    ],
)
def test_no_row_is_shown_that_would_declare_nothing(text: str) -> None:
    [site] = suspects(text)
    assert row(site) == ""


def test_what_stands_in_a_script_no_row_can_declare() -> None:
    [site] = suspects(ONES["a variable in a script"][0])
    assert row(site) == ""


# What is counted, whatever its place.


@pytest.mark.parametrize(
    "text",
    [
        CUSTOM % "image: registry.example.com/acme/app",
        CUSTOM % "x: registry.example.com/acme/app:1",
        CUSTOM % 'image: {registry: registry.example.com, repository: acme/app, tag: "1"}',
        CUSTOM % "hub: registry.example.com/acme",
        POD % "args: [--tool-image=registry.example.com/acme/app]",
        POD % "env: [{name: TOOL_IMAGE, value: registry.example.com/acme/app}]",
        MAP % json.dumps("docker pull registry.example.com/acme/app\n"),
        MAP % json.dumps("FROM registry.example.com/acme/app AS x\n"),
        MAP % json.dumps('{"image": "registry.example.com/acme/app"}'),
    ],
)
def test_a_foreign_image_counts_wherever_it_is_named(text: str) -> None:
    found = [site for site in rewrite(text.encode(), NINE).sites if site.host == "registry.example.com"]
    assert [site.status for site in found] == [Status.UNMAPPED]
    assert all(site.is_open for site in found)


@pytest.mark.parametrize(
    "fields",
    ["image: ${REGISTRY}/acme/x", "image: quay.io/Acme/x:1", "image: docker.io/${NAME}:1", "image: quay.io/a/b@md5:0"],
)
def test_what_is_left_at_a_declared_field_counts(fields: str) -> None:
    text = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n  - {fields}\n"
    [site] = rewrite(text.encode(), NINE).sites
    assert (site.status, site.is_open, site.is_declared) == (Status.LEFT, True, True)


@pytest.mark.parametrize(
    "text",
    [
        "image: quay.io/acme/x:1 # tcr-rewrite: ignore\n",
        "apiVersion: v1\nkind: Secret\nstringData: {x: quay.io/acme/x:1}\n",
        "x: see https://quay.io/acme/x:1\n",
        "args: docker push quay.io/acme/x:1\n",
        "# quay.io/acme/x:1\n",
    ],
)
def test_what_is_not_pulled_or_left_by_the_user_does_not_count(text: str) -> None:
    assert [site.is_open for site in rewrite(text.encode(), NINE).sites] in ([False], [])


def test_without_rules_everything_that_is_pulled_counts() -> None:
    text = POD % "args: [--tool-image=quay.io/acme/tool]"
    assert [site.status for site in rewrite(text.encode(), NOTHING).sites] == [Status.UNMAPPED, Status.UNMAPPED]
