"""JSON patches: what they put at a field that is declared an image, short names included."""

import json
from textwrap import indent

import pytest

from kubectl_tcr import Settings, Status, rewrite
from kubectl_tcr.settings import Scope

from .conftest import MIRRORS, NINE

IMAGE = "/spec/template/spec/containers/0/image"
HUB = MIRRORS["docker.io"]


def patch(path: str = IMAGE, value: object = "nginx:1", op: str = "replace") -> list[dict[str, object]]:
    """A patch of one operation."""
    return [{"op": op, "path": path, "value": value}]


def rewritten(text: str, settings: Settings = NINE) -> str:
    return rewrite(text.encode(), settings).output.decode()


@pytest.mark.parametrize(
    "operations",
    [
        patch("/metadata/labels/image", "nginx"),
        patch("/spec/image", "nginx"),
        patch("spec/containers/0/image", "nginx"),
        patch("/spec/containers/x/image", "nginx"),
        patch("/spec/containers/0/imagePullPolicy", "Always"),
        patch(op="remove"),
        patch(op="test"),
        patch("/spec/containers/0/image/value", "nginx"),
        [{"op": "replace", "path": IMAGE, "other": "nginx"}],
        [{"path": IMAGE, "value": "nginx"}],
    ],
    ids=json.dumps,
)
def test_a_short_name_elsewhere_is_no_image(operations: list[dict[str, object]]) -> None:
    text = json.dumps(operations)
    assert rewritten(text) == text


def test_what_a_patch_compares_with_stays() -> None:
    [site] = rewrite(json.dumps(patch(op="test", value="quay.io/acme/web:1")).encode(), NINE).sites
    assert (site.status, site.role.value) == (Status.LEFT, "match")


@pytest.mark.parametrize("op", ["add", "replace"])
@pytest.mark.parametrize(
    "path",
    [
        IMAGE,
        "/spec/containers/12/image",
        "/spec/jobTemplate/spec/template/spec/initContainers/0/image",
        "/spec/volumes/0/image/reference",
        "/spec/containers/-/image",
    ],
)
def test_what_a_patch_puts_there_is_pulled(path: str, op: str) -> None:
    text = json.dumps(patch(path, op=op))
    assert rewritten(text) == text.replace("nginx", f"{HUB}/library/nginx")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/spec/containers/-", {"name": "x", "image": "nginx:1"}),
        ("/spec/containers", [{"name": "x", "image": "nginx:1"}]),
        ("/spec", {"containers": [{"name": "x", "image": "nginx:1"}], "x": "/containers/0/image"}),
    ],
)
def test_what_a_patch_adds_may_be_a_container(path: str, value: object) -> None:
    text = json.dumps([*patch(value="quay.io/a/b"), *patch(path, value, "add")])
    assert f"{HUB}/library/nginx:1" in rewritten(text)


PATCH = f"- op: replace\n  path: {IMAGE}\n  value: nginx:1 # here\n"
SPELLINGS = {
    "a file of its own": PATCH,
    "in a flow": f"[{{op: replace, path: {IMAGE}, value: nginx:1}}]",
    "in quotes": PATCH.replace("nginx:1", "'nginx:1'").replace("path: ", 'path: "').replace("/image", '/image"'),
    "in a string of a Kustomization": "kind: Kustomization\npatches:\n- patch: |-\n" + indent(PATCH, "    "),
    "in a string as JSON": "patches:\n- patch: '" + json.dumps(patch()) + "'\n",
    "with an alias": PATCH.replace("nginx:1", "&image nginx:1") + PATCH.replace("nginx:1", "*image"),
    "with carriage returns": PATCH.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_patch_may_be_spelled_in_many_ways(name: str) -> None:
    text = SPELLINGS[name]
    assert rewritten(text) == text.replace("nginx", f"{HUB}/library/nginx")


def test_a_patch_is_in_the_scope_of_pods() -> None:
    assert HUB in rewritten(PATCH, NINE._replace(scope=Scope.PODS))
