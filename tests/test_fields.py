"""The table of declared fields: every row is sound, and finds what it says."""

import re
from collections import Counter

import pytest

from kubectl_tcr import rewrite
from kubectl_tcr.document import Path
from kubectl_tcr.fields import FIELDS, Field, Fields, is_container_image, parse_table, split_path
from tests.conftest import NINE

# API groups whose names have no dot; all others are domains.
DOTLESS = {"apps", "batch", "autoscaling", "policy", "extensions"}

_KEY = r"[A-Za-z][\w-]*"
_PATH = re.compile(rf"(?:\*\*\.)?{_KEY}(?:\[\])?(?:\.(?:{_KEY}(?:\[\])?|\{{\}}))*")
_WHEN = re.compile(rf"(?:{_KEY}=\S+)?")
_GROUP = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")


def row_id(row: Field) -> str:
    return f"{row.group} {row.kind} {row.path} {row.when}".strip()


def test_no_row_stands_twice() -> None:
    rows = Counter(row_id(row) for row in FIELDS.rows)
    assert [row for row, number in rows.items() if number > 1] == []


def test_every_row_is_sound() -> None:
    for row in FIELDS.rows:
        assert _GROUP.fullmatch(row.group) or row.group in DOTLESS, row
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
        found = FIELDS.declares(row.group, kind, concrete(row.path))
        assert found is not None, row
        assert found.group == row.group
        assert found.when == row.when


@pytest.mark.parametrize("row", FIELDS.rows[::7], ids=row_id)
def test_a_short_name_in_a_declared_field_is_rewritten(row: Field) -> None:
    """Every seventh row, in a document of its own."""
    if "apiVersion" in row.path:
        pytest.skip("the row is the resource's identity")
    text = '"nginx:1"'
    parts = concrete(row.path)
    condition = ""
    if row.when:
        key, _, value = row.when.partition("=")
        condition = f', "{key}": "{value}"'
    for part in reversed(parts):
        text = f"[{text}]" if isinstance(part, int) else f'{{"{part}": {text}{condition}}}'
        condition = ""
    kind = "Any" if row.kind == "*" else row.kind
    source = f'{{"apiVersion": "{row.group}/v1", "kind": "{kind}", {text[1:]}'
    [site] = rewrite(source.encode(), NINE).sites
    assert site.how in ("declared", "container")
    assert site.after.endswith("/library/nginx:1")


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
    rows = list(parse_table(TABLE))
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
    fields = Fields(parse_table(TABLE))
    assert (fields.declares(group, kind, field) is not None) is is_declared


def test_what_readers_ask_a_table() -> None:
    fields = Fields(parse_table(TABLE))
    assert fields.keys == {"image", "images", "list"}
    assert fields.maps == {"images"}
    assert fields.named == {"from"}


def test_rows_are_added_to_a_table() -> None:
    fields = Fields(parse_table(TABLE)).extended([Field("c.io", "*", "spec.picture")])
    assert fields.declares("c.io", "X", ("spec", "picture"))
    assert fields.declares("a.io", "Thing", ("spec", "image"))
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
