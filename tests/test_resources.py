"""In which resource a scalar stands, also where what names it comes by alias or merge key."""

import json

import pytest
from ruamel.yaml import YAML

from kubectl_tcr import Site, rewrite

from .conftest import NINE

KEPT = "a Secret is left whole"
IGNORED = "ignored by the annotation kubectl-tcr/ignore"


def sites(text: str) -> list[Site]:
    done = rewrite(text.encode(), NINE)
    assert rewrite(done.output, NINE).output == done.output
    return list(done.sites)


SECRETS = {
    "plain": "kind: Secret\napiVersion: v1",
    "an alias": "x: &s Secret\napiVersion: v1\nkind: *s",
    "an alias of a quoted anchor": "x: &s 'Secret'\nkind: *s\napiVersion: &v v1",
    "both by alias": "x: [&s Secret, &v v1]\nkind: *s\napiVersion: *v",
    "a merge key": "x: &base {kind: Secret, apiVersion: v1}\n<<: *base",
    "a merge key for one of both": "x: &base {kind: Secret}\napiVersion: v1\n<<: *base",
    "a list of merges": "x: [&a {kind: Secret}, &b {apiVersion: v1, kind: Pod}]\n<<: [*a, *b]",
    "a merge of a merge": "x: &a {kind: Secret}\ny: &b {<<: *a, apiVersion: v1}\n<<: *b",
    "a merged alias": "x: &s Secret\ny: &a {kind: *s, apiVersion: v1}\n<<: *a",
    "a mapping that is merged in place": "x: &s 1\n<<: {kind: Secret, apiVersion: v1}",
    "an own key in front of a merged one": "x: &a {kind: Pod}\nkind: Secret\napiVersion: v1\n<<: *a",
    "an anchor defined anew": "x: &s Pod\ny: &s Secret\napiVersion: v1\nkind: *s",
    "a merge key by its tag": "x: &base {kind: Secret, apiVersion: v1}\n!!merge '<<': *base",
    "a key by alias": "x: &k kind\n*k : Secret\napiVersion: v1",
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_left_whole(name: str) -> None:
    found = sites(f"{SECRETS[name]}\nstringData: {{a: 'quay.io/acme/b:1'}}\n")
    assert [(site.reason, str(site.resource)) for site in found] == [(KEPT, "Secret")]


@pytest.mark.parametrize("name", SECRETS)
def test_a_short_name_in_a_pod_moves(name: str) -> None:
    pod = SECRETS[name].replace("Pod", "Job").replace("Secret", "Pod")
    [site] = sites(f"{pod}\nspec: {{containers: [{{image: nginx}}]}}\n")
    assert (site.after, str(site.resource)) == ("docker-io.mirror.example/library/nginx", "Pod")


NO_SECRETS = {
    "an alias to something else": "x: &s Pod\napiVersion: v1\nkind: *s",
    "a merge of something else": "x: &base {kind: Secret}\nkind: ConfigMap\napiVersion: v1\n<<: *base",
    "the first of a list of merges": "x: [&a {kind: ConfigMap}, &b {kind: Secret}]\napiVersion: v1\n<<: [*a, *b]",
    "a merge deeper down": "x: &b {kind: Secret, apiVersion: v1}\ny: {<<: *b}",
    "a key called << in quotes": "x: &b {kind: Secret, apiVersion: v1}\n'<<': *b",
    "a key called << by its tag": "x: &b {kind: Secret, apiVersion: v1}\n!!str <<: *b",
    "a key called << by alias": "x: &b {kind: Secret, apiVersion: v1}\nz: &k <<\n*k : *b",
}


@pytest.mark.parametrize("name", NO_SECRETS)
def test_what_is_no_secret_moves(name: str) -> None:
    assert [site.reason for site in sites(f"{NO_SECRETS[name]}\ndata: {{a: 'quay.io/acme/b:1'}}\n")] == [""]


def test_items_of_a_list_that_come_by_alias() -> None:
    text = (
        "x: &s {kind: Secret, apiVersion: v1}\nitems:\n- {<<: *s, stringData: {a: 'quay.io/acme/b:1'}}\n"
        "- &p {apiVersion: v1, kind: Pod, spec: {containers: [{image: 'quay.io/acme/c:1'}]}}\n- *p\n"
    )
    assert [(str(site.resource), site.reason) for site in sites(text)] == [("Secret", KEPT), ("Pod", "")]


def test_more_aliases_than_are_followed_back() -> None:
    items = "".join(f"- {{<<: *s, stringData: {{a{number}: 'quay.io/acme/b:1'}}}}\n" for number in range(200))
    found = sites(f"x: &s {{kind: Secret, apiVersion: v1}}\nitems:\n{items}")
    assert {(str(site.resource), site.reason) for site in found} == {("Secret", KEPT)}


def test_metadata_that_comes_by_alias() -> None:
    text = (
        "x: &m {name: web, namespace: shop, annotations: {kubectl-tcr/ignore: 'true'}}\n"
        "apiVersion: v1\nkind: Pod\nmetadata: *m\nspec: {containers: [{image: 'quay.io/acme/b:1'}]}\n"
    )
    [site] = sites(text)
    assert (str(site.resource), site.resource.namespace, site.reason) == ("Pod/web", "shop", IGNORED)


def test_an_annotation_that_is_merged() -> None:
    text = (
        "x: &a {kubectl-tcr/ignore: 'true'}\n"
        "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    <<: *a\n    b: c\n"
        "spec: {containers: [{image: 'quay.io/acme/b:1'}]}\n"
    )
    assert [site.reason for site in sites(text)] == [IGNORED]


def test_a_pull_secret_that_comes_by_alias() -> None:
    text = (
        "x: &p [{name: creds}]\napiVersion: v1\nkind: Pod\n"
        "spec: {imagePullSecrets: *p, containers: [{image: 'quay.io/acme/b:1'}]}\n"
    )
    assert [site.pull_secret for site in sites(text)] == ["creds"]


def test_a_document_in_a_string_with_a_kind_by_alias() -> None:
    inner = "x: &s Secret\napiVersion: v1\nkind: *s\nstringData: {a: 'quay.io/acme/b:1'}\n"
    text = f"apiVersion: v1\nkind: ConfigMap\ndata: {{a: {json.dumps(inner)}}}\n"
    assert [site.reason for site in sites(text)] == [KEPT]


def test_merges_upon_merges_end() -> None:
    lines = ["a0: &a0 {kind: Secret, apiVersion: v1}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 20)}]}}" for n in range(1, 30)]
    text = "\n".join([*lines, "<<: *a29", "stringData: {a: 'quay.io/acme/b:1'}", ""])
    assert [site.reason for site in sites(text)] == [KEPT]


# What a Secret shares with others by an anchor does not change, wherever the anchor stands.

HEAD = "{apiVersion: v1, kind: Secret, "
MAP = "{apiVersion: v1, kind: ConfigMap, "
SHARED = {
    "a mapping of the Secret": f"- {HEAD}stringData: &x {{a: 'quay.io/a/b:1'}}}}\n- {MAP}data: *x}}\n",
    "a scalar of the Secret": f"- {HEAD}stringData: {{a: &x 'quay.io/a/b:1'}}}}\n- {MAP}data: {{a: *x}}}}\n",
    "a mapping of a ConfigMap": f"- {MAP}data: &x {{a: 'quay.io/a/b:1'}}}}\n- {HEAD}stringData: *x}}\n",
    "a mapping that is merged": f"- {MAP}data: &x {{a: 'quay.io/a/b:1'}}}}\n- {HEAD}stringData: {{<<: *x}}}}\n",
    "a whole item that is merged": f"- &x {MAP}data: {{a: 'quay.io/a/b:1'}}}}\n- {{<<: *x, kind: Secret}}\n",
}


def secrets(text: str) -> list[object]:
    """What a parser sees of the Secrets in a list."""
    items = YAML(typ="safe", pure=True).load(text)["items"]
    return [item for item in items if item["kind"] == "Secret"]


@pytest.mark.parametrize("name", SHARED)
def test_what_a_secret_shares_does_not_change(name: str) -> None:
    text = f"apiVersion: v1\nkind: List\nitems:\n{SHARED[name]}"
    once = rewrite(text.encode(), NINE).output.decode()
    assert secrets(once) == secrets(text)
    assert rewrite(once.encode(), NINE).output.decode() == once


def test_an_image_that_is_an_alias_of_a_secrets_text_moves_alone() -> None:
    text = (
        f"apiVersion: v1\nkind: List\nitems:\n- {HEAD}stringData: {{image: &x 'quay.io/a/b:1'}}}}\n"
        "- {apiVersion: v1, kind: Pod, spec: {containers: [{image: *x}]}}\n"
    )
    once = rewrite(text.encode(), NINE).output.decode()
    assert once == text.replace("image: *x", "image: quay-io.mirror.example/a/b:1")


# Items of typed lists are what the list says, where they do not say so themselves.

LISTS = {
    "no kind": "{stringData: {a: 'quay.io/acme/b:1'}}",
    "a name": "{metadata: {name: s}, stringData: {a: 'quay.io/acme/b:1'}}",
    "an apiVersion": "{apiVersion: v1, stringData: {a: 'quay.io/acme/b:1'}}",
    "a kind": "{kind: Secret, stringData: {a: 'quay.io/acme/b:1'}}",
    "an alias": "&x {stringData: {a: &a 'quay.io/acme/b:1'}}",
    "a merge": "{<<: {stringData: {a: 'quay.io/acme/b:1'}}}",
}


@pytest.mark.parametrize("name", LISTS)
def test_an_item_of_a_secret_list_is_a_secret(name: str) -> None:
    found = sites(f"apiVersion: v1\nkind: SecretList\nitems: [{LISTS[name]}]\n")
    assert [(site.reason, site.resource.kind) for site in found] == [(KEPT, "Secret")]


def test_an_item_of_a_secret_list_in_a_string_in_a_list() -> None:
    inner = json.dumps({"kind": "SecretList", "apiVersion": "v1", "items": [{"data": {"a": "quay.io/acme/b:1"}}]})
    text = f"apiVersion: v1\nkind: List\nitems: [{MAP}data: {{a: {json.dumps(inner)}}}}}]\n"
    assert [site.reason for site in sites(text)] == [KEPT]


def test_an_item_that_says_what_it_is_itself() -> None:
    text = f"apiVersion: v1\nkind: SecretList\nitems:\n- {MAP}data: {{a: 'quay.io/acme/b:1'}}}}\n"
    assert [(str(site.resource), site.reason) for site in sites(text)] == [("ConfigMap", "")]


def test_fields_are_declared_for_items_of_a_typed_list() -> None:
    item = "- metadata: {name: w}\n  spec: {templates: [{container: {image: nginx}}]}\n"
    [site] = sites(f"apiVersion: argoproj.io/v1alpha1\nkind: WorkflowList\nitems:\n{item}")
    assert (str(site.resource), site.after) == ("Workflow/w", "docker-io.mirror.example/library/nginx")


def test_definitions_in_a_typed_list_are_schemas() -> None:
    head = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinitionList\n"
    text = f"{head}items: [{{spec: {{x: 'quay.io/a/b:1'}}}}]\n"
    assert [site.reason for site in sites(text)] == ["a schema, not a value"]


@pytest.mark.parametrize("kind", ["List", "Allowlister"])
def test_items_of_what_is_no_typed_list(kind: str) -> None:
    text = f"apiVersion: v1\nkind: {kind}\nitems: [{{stringData: {{a: 'quay.io/acme/b:1'}}}}]\n"
    assert [(str(site.resource), site.reason) for site in sites(text)] == [(kind, "")]
