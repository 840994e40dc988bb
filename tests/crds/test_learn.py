"""From documents to rows: every form of a definition, several of one kind, and what is broken."""

import json
from typing import Any

import pytest

from kubectl_tcr.crds import learn, schema
from kubectl_tcr.crds.learn import Learned
from kubectl_tcr.errors import InputError
from tests.crds.invented import Schema, definition, items, keys, learned, mapping, string, told, version

IMAGE = mapping(image=string())


def of_bytes(text: str) -> Learned:
    return learn.of_stream([text.encode()], "crds.yaml")


def with_schema(found: Any) -> dict[str, Any]:
    """A definition with a schema that is whatever is given."""
    crd = definition(IMAGE)
    crd["spec"]["versions"] = [version(found)]
    return crd


def test_other_documents_say_nothing() -> None:
    assert of_bytes("kind: Pod\napiVersion: v1\n---\nnote: no CustomResourceDefinition\n") == Learned()


def test_v1() -> None:
    [row] = learned(definition(IMAGE)).rows
    assert row[:3] == ("acme.example.com", "Harbour", "spec.image")
    assert row.source == "crds.yaml"


def test_v1beta1_has_one_schema_for_all_versions() -> None:
    crd = definition(IMAGE)
    crd["apiVersion"] = "apiextensions.k8s.io/v1beta1"
    crd["spec"]["validation"] = crd["spec"]["versions"][0]["schema"]
    crd["spec"]["versions"] = [{"name": "v1beta1", "served": True, "storage": True}]
    assert told(learned(crd)) == {"spec.image": "image"}


def kept(**spec: Any) -> dict[str, Any]:
    """A definition with more keys below `spec`."""
    crd = definition(IMAGE)
    crd["spec"] |= spec
    return crd


ANY = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
INCOMPLETE = {
    "no schema": kept(versions=[]),
    "a schema that declares nothing": with_schema({"type": "object"}),
    "a mapping that takes anything": definition(mapping(image=string(), more=ANY)),
    "a mapping that takes more than it declares": definition({**IMAGE, **ANY}),
    "fields are kept that no schema declares": kept(preserveUnknownFields=True),
    "v1beta1, which keeps them": definition(IMAGE) | {"apiVersion": "apiextensions.k8s.io/v1beta1"},
    "a schema that is a list": with_schema(["spec"]),
    "properties that are a list": definition({"type": "object", "properties": ["image"]}),
    "properties that are a word": definition({"type": "object", "properties": "image"}),
    "a second version that is broken": kept(versions=[version(mapping(spec=IMAGE)), version("spec", "v2")]),
}


@pytest.mark.parametrize("name", INCOMPLETE)
def test_a_definition_that_does_not_tell_all_is_not_complete(name: str) -> None:
    found = learned(INCOMPLETE[name])
    assert found.definitions == {("acme.example.com", "Harbour")}
    assert not found.complete


def test_a_definition_that_tells_all_is_complete_unless_another_of_its_kind_is_not() -> None:
    complete = learned(definition(mapping(image=string(), more={"properties": {}})))
    partial = learned(kept(versions=[]))
    assert complete.complete == {("acme.example.com", "Harbour")}
    assert not complete.warnings
    assert not learn.joined([complete, partial]).complete


def test_a_definition_with_more_fields_than_are_told_of_is_not_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learn, "MOST_ROWS", 1)
    assert not learned(definition(mapping(image=string(), baseImage=string()))).complete


def test_every_version_counts() -> None:
    crd = definition(IMAGE)
    crd["spec"]["versions"].append(version(mapping(spec=mapping(baseImage=string())), "v2"))
    assert set(told(learned(crd))) == {"spec.image", "spec.baseImage"}


@pytest.mark.parametrize("kind", ["List", "CustomResourceDefinitionList"])
def test_a_list_as_kubectl_writes_it(kind: str) -> None:
    of_list = {"apiVersion": "v1", "kind": kind, "items": [definition(IMAGE), definition(IMAGE, kind="Dredger")]}
    assert [row.kind for row in learned(of_list).rows] == ["Harbour", "Dredger"]


def test_yaml_and_json_say_the_same() -> None:
    text = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec:
  group: acme.example.com
  names: {kind: Harbour}
  versions:
    - name: v1
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                image: {type: string}
"""
    assert learned(text).rows == learned(definition(IMAGE)).rows


@pytest.mark.parametrize("how", ["allOf", "anyOf", "oneOf"])
def test_compositions_are_looked_into(how: str) -> None:
    assert told(learned(definition({"type": "object", how: [{"required": ["image"]}, IMAGE]}))) == {
        "spec.image": "image"
    }


def test_a_string_by_one_of_several_schemas() -> None:
    either: Schema = {"oneOf": [{"type": "string"}, mapping(repository=string(), tag=string())]}
    assert told(learned(definition(mapping(image=either)))) == {"spec.image": "image", "spec.image.repository": "image"}


def test_aliases_are_followed() -> None:
    web = "&web {type: object, properties: {image: {type: string}}}"
    crd = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
        "spec: {group: acme.example.com, names: {kind: Harbour}, versions: [{name: v1, schema: {openAPIV3Schema: "
        f"{{properties: {{spec: {{properties: {{web: {web}, api: *web, db: {{<<: *web}}}}}}}}}}}}}}]}}\n"
    )
    assert set(told(learned(crd))) == {"spec.web.image", "spec.api.image", "spec.db.image"}


# Several definitions of one kind.


def test_definitions_of_one_kind_add_up() -> None:
    found = learn.joined([learned(definition(IMAGE)), learned(definition(mapping(baseImage=string())))])
    assert told(found) == {"spec.image": "image", "spec.baseImage": "image"}
    assert found.warnings == ()


def test_what_definitions_disagree_about_is_suspected() -> None:
    pushed = learned(definition(mapping(image=string("The image that will be built."))))
    found = learn.joined([learned(definition(IMAGE)), pushed])
    assert told(found) == {"spec.image": "suspected"}
    [warning] = found.warnings
    assert "Harbour of acme.example.com: spec.image is no image but a target here" in warning


def test_what_was_disagreed_about_stays_suspected_whoever_comes_next() -> None:
    image, pushed = IMAGE, mapping(image=string("The image that will be built."))
    for several in ((image, pushed, image), (pushed, image, image), (image, image, pushed)):
        found = learn.joined([learned(definition(one)) for one in several])
        assert told(found) == {"spec.image": "suspected"}
        assert len(found.warnings) == 1


def test_certain_goes_before_suspected() -> None:
    sure = learned(definition(mapping(imageName=string("The container image."))))
    unsure = learned(definition(mapping(imageName=string())))
    assert told(learn.joined([unsure, sure])) == told(learn.joined([sure, unsure])) == {"spec.imageName": "image"}


# What is broken.


@pytest.mark.parametrize("wrong", ["text", 7, True])
def test_a_schema_that_is_no_mapping_has_no_row_and_a_warning(wrong: Any) -> None:
    found = learned(with_schema(wrong))
    assert found.rows == ()
    assert found.warnings == ("crds.yaml: Harbour of acme.example.com: its schema is no mapping",)


@pytest.mark.parametrize(
    "wrong", [None, {}, ["a", "list"], {"properties": 1}, {"properties": {"spec": ["image"]}}, {"items": "x"}]
)
def test_odd_schemas_have_no_row(wrong: Any) -> None:
    assert learned(with_schema(wrong)).rows == ()


@pytest.mark.parametrize("wrong", [True, None, "string", {}, [], [string()]], ids=repr)
def test_a_property_whose_schema_is_no_mapping_has_no_row(wrong: Any) -> None:
    assert told(learned(definition(mapping(image=wrong, baseImage=string())))) == {"spec.baseImage": "image"}


@pytest.mark.parametrize(
    "key", ["[]", "{}", "**", "a b", "a\nb", "it's", "", "<<", "a\x1bb", "a\u2028b", "a\u200bb"], ids=repr
)
def test_a_key_that_no_row_can_spell_has_none(key: str) -> None:
    assert told(learned(definition(mapping(**{key: IMAGE, "a/b": IMAGE})))) == {"spec.a/b.image": "image"}


def test_a_schema_that_is_not_structural_says_what_it_says() -> None:
    assert told(learned(definition({"properties": {"image": {"type": "string"}}}))) == {"spec.image": "image"}


@pytest.mark.parametrize("lacking", ["group", "names"])
def test_a_definition_of_nothing_has_a_warning(lacking: str) -> None:
    crd = definition(IMAGE)
    del crd["spec"][lacking]
    found = learned(crd)
    assert found.rows == ()
    [warning] = found.warnings
    assert warning.endswith("lacks spec.group or spec.names.kind, so nothing is learned from it")


def test_a_group_that_a_template_fills_in_has_a_warning() -> None:
    [warning] = learned(definition(IMAGE, group="{{ .Values.group }}")).warnings
    assert "is no API group" in warning


def test_what_is_deeper_than_a_hundred_levels_is_not_looked_at() -> None:
    deep = mapping(image=string())
    for _ in range(schema.DEEPEST):
        deep = mapping(deep=deep, image=string())
    found = learned(definition(deep))
    assert len(found.rows) == schema.DEEPEST - 1
    assert [one for one in found.warnings if "deeper than 100 levels" in one]


@pytest.mark.parametrize("levels", [150, 300, 450])
def test_json_is_read_as_deep_as_it_may_be(levels: int) -> None:
    schema_of_levels = '{"type":"object","properties":{"deep":' * levels + "{}" + "}}" * levels
    text = json.dumps(definition(mapping(image=string(), deep={}))).replace("{}", schema_of_levels)
    found = learned(text)
    assert told(found) == {"spec.image": "image"}
    assert [one for one in found.warnings if "deeper than 100 levels" in one]


def test_an_alias_bomb_ends() -> None:
    lines = ["a0: &a0 {type: object, properties: {image: {type: string}}}"]
    for level in range(1, 30):
        both = f"x: *a{level - 1}, y: *a{level - 1}"
        lines.append(f"a{level}: &a{level} {{type: object, properties: {{{both}}}}}")
    crd = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n" + "\n".join(lines) + "\n"
        "spec: {group: a.example.com, names: {kind: Bomb}, versions: [{schema: {openAPIV3Schema: *a29}}]}\n"
    )
    found = learned(crd)
    assert len(found.rows) == learn.MOST_ROWS
    assert f"more than {schema.MOST} places" in found.warnings[0]
    assert f"more than {learn.MOST_ROWS} of its fields" in found.warnings[1]


def test_an_anchor_that_contains_itself_ends() -> None:
    crd = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
        "spec: {group: a.example.com, names: {kind: Ring}, versions: [{schema: {openAPIV3Schema: "
        "&s {type: object, properties: {image: {type: string}, again: *s}}}}]}\n"
    )
    try:
        found = of_bytes(crd)
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 either end is one line
    else:
        assert found.warnings


@pytest.mark.parametrize("broken", ["spec: [", "spec:\n\t- x", "a: b: c"])
def test_a_broken_document_is_an_error_with_its_place(broken: str) -> None:
    with pytest.raises(InputError) as caught:
        of_bytes(f"kind: Pod\n---\nkind: CustomResourceDefinition\n{broken}\n")
    assert str(caught.value).startswith("crds.yaml:")
    assert "document 2" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_four_megabytes_are_read() -> None:
    prose = "Runs the ship. " * 300
    many = {f"ship{number}": mapping(image=string(prose), **keys("command", "env")) for number in range(1000)}
    text = json.dumps(definition(mapping(**many, crew=items(string()))))
    assert len(text) > 4 << 20
    assert len(learned(text).rows) == 1000
