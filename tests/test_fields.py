"""The table of declared fields: every row is sound, and finds what it says."""

import json
import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_tcr import Settings, rewrite
from kubectl_tcr.kubernetes.fields import FIELDS, Field, Fields, flaw, is_container_image, parse_table, split_path
from kubectl_tcr.text.document import Path
from tests.conftest import NINE

# API groups whose names have no dot; all others are domains.
DOTLESS = {"apps", "batch", "autoscaling", "policy", "extensions", "skaffold"}

_KEY = r"[A-Za-z][\w-]*"
_PATH = re.compile(rf"(?:\*\*\.)?{_KEY}(?:\[\])?(?:\.(?:{_KEY}(?:\[\])?|\{{\}}))*(?:\['[\w./-]+'\])?")
_WHEN = re.compile(rf"(?:(?:\.\./)*{_KEY}!?=\S+)?")
_GROUP = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")


def row_id(row: Field) -> str:
    return f"{row.group} {row.kind} {row.path} {row.when}".strip()


def test_no_row_stands_twice() -> None:
    rows = Counter(row_id(row) for row in FIELDS.rows)
    assert [row for row, number in rows.items() if number > 1] == []


def test_every_row_is_sound() -> None:
    for row in FIELDS.rows:
        assert _GROUP.fullmatch(row.group) or row.group in {*DOTLESS, "*", ""}, row
        assert row.source.startswith("https://"), row
        assert row.kind == "*" or re.fullmatch(r"[A-Za-z][A-Za-z0-9]+", row.kind), row
        assert _PATH.fullmatch(row.path), row
        assert _WHEN.fullmatch(row.when), row


def concrete(path: str) -> Path:
    """A field path that a pattern matches."""
    return tuple({"[]": 0, "{}": "any", "**": "deep"}.get(part, part) for part in split_path(path))


def test_every_row_is_found_by_its_own_path() -> None:
    for row in FIELDS.rows:
        kind = "Any" if row.kind == "*" else row.kind
        assert row in FIELDS.declaring(row.group, kind, concrete(row.path)), row


NGINX = "docker-io.mirror.example/library/nginx:1"


def changed(source: str, mine: Settings) -> list[str]:
    """What becomes of the references that stand where an image is declared."""
    sites = rewrite(source.encode(), mine).sites
    return [site.after for site in sites if site.how in ("declared", "container")]


@pytest.mark.parametrize("in_list", [False, True], ids=["on its own", "in a List"])
@pytest.mark.parametrize("style", ["block", "flow", "json"])
def test_a_short_name_in_a_declared_field_is_rewritten(style: str, *, in_list: bool) -> None:
    """Every row, in a document that holds nothing else."""
    rows = [row for row in FIELDS.rows if not row.path.endswith("kustomize.images[]")]  # pairs: test_exclusions.py
    missed = [row_id(row) for row in rows if changed(spelled(row, style, in_list=in_list), NINE) != [NGINX]]
    assert missed == []


TABLE = """\
a.io https://example.org/a
  Thing spec.image
  Thing spec.items[].image
  Thing spec.images.{}
  Thing spec.nets.{}.image
  * **.steps[].image
  Thing spec.from.name kind=DockerImage
b.io https://example.org/b
  Other spec.list[]
"""


def test_a_table_is_read_row_by_row() -> None:
    rows = list(parse_table(TABLE.splitlines()))
    assert len(rows) == 7
    assert rows[0] == Field("a.io", "Thing", "spec.image", "https://example.org/a")
    assert rows[5].when == "kind=DockerImage"
    assert rows[6].group == "b.io"


# Group, kind, field: whether it is declared.
DECLARED: list[tuple[str, str, Path, bool]] = [
    ("a.io", "Thing", ("spec", "image"), True),
    ("a.io", "Thing", ("image",), False),
    ("a.io", "Thing", ("spec", "spec", "image"), False),
    ("a.io", "Thing", ("spec", "image", "name"), False),
    ("a.io", "Other", ("spec", "image"), False),
    ("b.io", "Thing", ("spec", "image"), False),
    ("", "Thing", ("spec", "image"), False),
    ("sub.a.io", "Thing", ("spec", "image"), False),
    # [] is an item, and nothing else.
    ("a.io", "Thing", ("spec", "items", 3, "image"), True),
    ("a.io", "Thing", ("spec", "items", "x", "image"), False),
    ("a.io", "Thing", ("spec", "items", "image"), False),
    ("b.io", "Other", ("spec", "list", 0), True),
    ("b.io", "Other", ("spec", "list"), False),
    ("b.io", "Other", ("spec", "list", 0, 0), False),
    # {} is any key, at the end or inside.
    ("a.io", "Thing", ("spec", "images", "x"), True),
    ("a.io", "Thing", ("spec", "images", "image"), True),
    ("a.io", "Thing", ("spec", "images"), False),
    ("a.io", "Thing", ("spec", "images", "x", "y"), False),
    ("a.io", "Thing", ("spec", "nets", "x", "image"), True),
    ("a.io", "Thing", ("spec", "nets", "image"), False),
    # **. is any depth, * any kind of the group.
    ("a.io", "Whatever", ("steps", 0, "image"), True),
    ("a.io", "Whatever", ("spec", "a", 1, "b", "steps", 0, "image"), True),
    ("a.io", "Whatever", ("spec", "steps", "image"), False),
    ("b.io", "Other", ("steps", 0, "image"), False),
    # A condition is the finder's to check.
    ("a.io", "Thing", ("spec", "from", "name"), True),
    ("a.io", "Thing", (), False),
]


@pytest.mark.parametrize(("group", "kind", "field", "is_declared"), DECLARED)
def test_what_a_table_declares(group: str, kind: str, field: Path, is_declared: bool) -> None:
    fields = Fields(parse_table(TABLE.splitlines()))
    assert bool(list(fields.declaring(group, kind, field))) is is_declared


def test_what_readers_ask_a_table() -> None:
    fields = Fields(parse_table(TABLE.splitlines()))
    assert fields.keys == {"image", "images", "list"}
    assert fields.maps == {"images"}
    assert fields.named == {"from"}


def test_rows_are_added_to_a_table() -> None:
    fields = Fields(parse_table(TABLE.splitlines())).extended([Field("c.io", "*", "spec.picture")])
    assert any(fields.declaring("c.io", "X", ("spec", "picture")))
    assert any(fields.declaring("a.io", "Thing", ("spec", "image")))
    assert "picture" in fields.keys


@pytest.mark.parametrize(
    ("beside", "is_rewritten"),
    [("kind: DockerImage", True), ("kind: ImageStreamTag", False), ("other: DockerImage", False)],
)
def test_a_condition_stands_beside_the_field(beside: str, is_rewritten: bool) -> None:
    source = (
        "apiVersion: build.openshift.io/v1\nkind: BuildConfig\n"
        f"spec: {{strategy: {{dockerStrategy: {{from: {{name: 'nginx:1', {beside}}}}}}}}}\n"
    )
    assert rewrite(source.encode(), NINE).is_changed is is_rewritten


@pytest.mark.parametrize("style", ["block", "flow", "json"])
@pytest.mark.parametrize("beside", ["kind", "type", "name", "mode"])
def test_a_condition_is_seen_whatever_its_key(beside: str, style: str) -> None:
    row = Field("ci.example.com", "Thing", "spec.picture", when=f"{beside}=wanted")
    mine = NINE._replace(fields=FIELDS.extended([row]))
    source = spelled(row, style, in_list=False)
    assert rewrite(source.replace("wanted", "other").encode(), mine).sites == ()
    assert changed(source, mine) == [NGINX]


@pytest.mark.parametrize(
    ("path", "is_image"),
    [
        (("image",), False),
        (("spec", "image"), False),
        (("spec", "containers", "image"), False),
        (("spec", "containers", 0, "name"), False),
        (("spec", "containers", 0, "image", "x"), False),
        (("spec", "sidecars", 0, "image"), False),
        (("spec", "volumes", 0, "image"), False),
        (("spec", "volumes", 0, "reference"), False),
        (("containers", 0, "image"), True),
        (("spec", "containers", 2, "image"), True),
        (("spec", "initContainers", 0, "image"), True),
        (("spec", "ephemeralContainers", 0, "image"), True),
        (("items", 0, "spec", "template", "spec", "containers", 0, "image"), True),
        (("spec", "volumes", 0, "image", "reference"), True),
    ],
)
def test_the_image_of_a_container_at_any_depth(path: Path, is_image: bool) -> None:
    assert is_container_image(path) is is_image


# What a row may name beside a field of a resource.

MINE = NINE._replace(
    fields=FIELDS.extended(
        [
            Field("*", "*", "**.metadata.annotations['acme.io/side.image']"),
            Field("*", "*", "**.env[].value", when="name=SIDECAR"),
            Field("*", "*", "**.env[].value", when="name=HELPER"),
            Field("*", "*", "**.args[]", when="--side-image"),
            Field("*", "*", "**.args[]", when="--helper-image"),
            Field("*", "*", "**.volumes[].value"),
        ]
    )
)
POD = "apiVersion: v1\nkind: Pod\n"
# What stands in a pod, with {} for a short name: whether it is an image.
NAMED = {
    "metadata: {annotations: {acme.io/side.image: {}}}": True,
    "metadata:\n  annotations:\n    'acme.io/side.image': {}": True,
    "spec: {template: {metadata: {annotations: {acme.io/side.image: {}}}}}": True,
    "metadata: {annotations: {acme.io/side: {}}}": False,
    "metadata: {labels: {acme.io/side.image: {}}}": False,
    "spec: {containers: [{env: [{name: SIDECAR, value: {}}]}]}": True,
    "spec:\n  containers:\n  - env:\n    - value: {}\n      name: HELPER": True,
    "spec: {containers: [{env: [{name: OTHER, value: {}}]}]}": False,
    "spec: {containers: [{args: [--side-image, {}]}]}": True,
    "spec:\n  containers:\n  - args:\n    - --helper-image\n    - {}": True,
    "spec: {containers: [{args: [--side-image={}]}]}": True,
    'spec: {containers: [{args: ["--helper-image={}"]}]}': True,
    "spec: {containers: [{args: [--side, {}]}]}": False,
    "spec: {containers: [{args: [--side-images={}]}]}": False,
    "spec: {containers: [{command: [--side-image, {}]}]}": False,
    "spec: {volumes: [{value: {}}]}": True,
}


@pytest.mark.parametrize("text", NAMED)
def test_a_row_may_name_an_annotation_a_variable_or_a_flag(text: str) -> None:
    source = POD + text.replace("{}", "nginx:1") + "\n"
    done = rewrite(source.encode(), MINE).output.decode()
    assert done == (source.replace("nginx:1", NGINX) if NAMED[text] else source)


@pytest.mark.parametrize(
    "value",
    [
        "8000",
        '"8000"',
        "'1.5'",
        '"-1"',
        '""',
        "true",
        '"1.2.3"',
        "v1.2.3",
        "v2",
        "1.25-alpine",
        "latest",
        '"1e3"',
        '"null"',
    ],
)
def test_a_number_under_a_declared_key_stays(value: str) -> None:
    source = f"{POD}spec: {{volumes: [{{value: {value}}}]}}\n"
    assert rewrite(source.encode(), MINE).sites == ()


@pytest.mark.parametrize(
    "name",
    [
        *("sidecar.istio.io/proxyImage", "config.linkerd.io/proxy-image", "config.linkerd.io/init-image"),
        *("config.linkerd.io/debug-image", "vault.hashicorp.com/agent-image", "dapr.io/sidecar-image"),
    ],
)
def test_annotations_that_people_use_are_declared(name: str) -> None:
    source = "apiVersion: apps/v1\nkind: Deployment\n"
    source += f"spec: {{template: {{metadata: {{annotations: {{{name}: nginx:1}}}}}}}}\n"
    assert changed(source, NINE) == [NGINX]


# Rows of a user: what nothing can match is refused, what is taken is found.

FLAWED = {
    "spec.foo{}{}": "ends in more than one",
    "spec.foo[][]": "ends in more than one",
    "spec.foo{}[]": "ends in more than one",
    "spec.foo[].{}": "ends in more than one",
    "spec.**.image": "has ** behind its front",
    "**.**.image": "has ** behind its front",
    "spec.foo[0]": "names one item",
    "spec.foo[*].image": "names one item",
    "name": "ends in a name of anything",
    "**.name": "ends in a name of anything",
    "spec.foo{}.name": "ends in a name of anything",
    "spec.foo[][].name": "ends in a name of anything",
    "spec.name[]": "ends in a name of anything",
    "": "is no field path",
    "[]": "is no field path",
    "{}": "is no field path",
    "**": "has ** behind its front",
    "**.": "is no field path",
    "**.{}": "is no field path",
    ".image": "is no field path",
    "spec..image": "is no field path",
    "spec.image.": "is no field path",
    "spec.*.image": "is no field path",
    "spec.image[": "names one item",
    "spec.image]": "is no field path",
    "['a.b/c']": "has a key in brackets",
    "spec['a.b/c": "has a key in brackets",
    "spec['']": "has a key in brackets",
    "spec['a b']": "has a key in brackets",
    "kind": "begins with kind",
    "kind.image": "begins with kind",
    "apiVersion[]": "begins with apiVersion",
    "spec.<<.image": "has the merge key",
    "**.<<": "has the merge key",
    "spec. image": "is no field path",
    "$.spec.image[]{": "is no field path",
}


@pytest.mark.parametrize("path", FLAWED)
def test_a_path_that_nothing_can_match_has_a_flaw(path: str) -> None:
    found = flaw(Field("example.com", "Thing", path))
    assert found is not None
    assert found.key == "path"
    assert found.what.startswith(FLAWED[path])


@pytest.mark.parametrize(
    ("group", "kind", "key"),
    [
        ("apps/v1", "Deployment", "group"),
        ("v1", "Pod", "group"),
        ("v1beta1", "Pod", "group"),
        ("core", "Pod", "group"),
        ("*.example.com", "Pod", "group"),
        (" ", "Pod", "group"),
        (" example.com", "Pod", "group"),
        ("example.com.", "Pod", "group"),
        ("'example.com'", "Pod", "group"),
        ("apps", "Deploy*", "kind"),
        ("apps", "apps/Deployment", "kind"),
        ("apps", "", "kind"),
    ],
)
def test_a_resource_that_cannot_be_has_a_flaw(group: str, kind: str, key: str) -> None:
    found = flaw(Field(group, kind, "spec.image"))
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize("when", ["kind", "=DockerImage", "kind=", "a kind=DockerImage"])
def test_a_condition_that_cannot_be_has_a_flaw(when: str) -> None:
    found = flaw(Field("example.com", "Thing", "spec.image", when=when))
    assert found is not None
    assert found.key == "when"


def test_no_shipped_row_has_a_flaw() -> None:
    assert [(row, flaw(row)) for row in FIELDS.rows if flaw(row)] == []


PIECE = st.sampled_from(["spec", "runner", "name", "image", "uses", "reference", "a-b", "kind", "<<", "[]", "{}"])


@st.composite
def rows(draw: st.DrawFn) -> Field:
    """Rows with and without a flaw."""
    pieces = draw(st.lists(PIECE, min_size=1, max_size=5))
    path = ".".join(pieces).replace(".[]", "[]")
    front = draw(st.sampled_from(["", "", "**."]))
    group = draw(st.sampled_from(["", "apps", "ci.example.com"]))
    return Field(group, draw(st.sampled_from(["Thing", "*"])), front + path)


def spelled(row: Field, style: str, *, in_list: bool) -> str:
    """A document with a short name where a row declares one, and the row's condition beside it."""
    value: object = "nginx:1"
    key, _, wanted = row.when.partition("=")
    beside = {key: wanted} if key and not key.endswith("!") else {}
    for part in reversed(concrete(row.path)):
        value = [value] if isinstance(part, int) else {str(part): value} | beside
        beside = {}
    assert isinstance(value, dict)
    group = row.group.replace("*", "any.example.com")
    version = f"{group}/v1" if group else "v1"
    data = {"apiVersion": version, "kind": "Thing" if row.kind == "*" else row.kind} | value
    if in_list:
        data = {"apiVersion": "v1", "kind": "List", "items": [data]}
    return (
        as_block(data).lstrip("\n") + "\n"
        if style == "block"
        else as_flow(data)
        if style == "flow"
        else json.dumps(data)
    )


def as_block(value: object, indent: str = "") -> str:
    if isinstance(value, dict):
        return "".join(f"\n{indent}{key}:{as_block(below, indent + '  ')}" for key, below in value.items())
    if isinstance(value, list):
        return "".join(f"\n{indent}- {as_block(below, indent + '  ').lstrip()}" for below in value)
    return f" {value}"


def as_flow(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {as_flow(below)}" for key, below in value.items()) + "}"
    return f"[{', '.join(map(as_flow, value))}]" if isinstance(value, list) else str(value)


@settings(max_examples=500)
@given(rows(), st.sampled_from(["block", "flow", "json"]), st.booleans())
def test_what_a_row_declares_is_found(row: Field, style: str, in_list: bool) -> None:
    if flaw(row):
        return
    source = spelled(row, style, in_list=in_list)
    for fields in (Fields([row]), FIELDS.extended([row])):
        assert changed(source, NINE._replace(fields=fields)) == [NGINX], source
