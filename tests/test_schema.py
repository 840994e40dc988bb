"""Values held to a schema without a library: what is told to be right is right for the library."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_tcr import config
from kubectl_tcr.text.schema import fits

TEXTS = st.sampled_from(
    ["", " ", "quay.io", "default", "text", "warn", "Pod", "kubectl-tcr/v1alpha1", "MirrorConfig", "a.b\n"]
)
KEYS = st.sampled_from(
    "apiVersion kind metadata spec mirrors source mirror exclude reference name field namespace trusted scope preset "
    "fields group path when crds ignore unmapped suspected other".split()
)
VALUES = st.recursive(
    TEXTS | st.sampled_from([1, True, None, 1.5]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
RIGHT = {"apiVersion": "kubectl-tcr/v1alpha1", "kind": "MirrorConfig"}


@given(spec=VALUES)
def test_what_fits_is_valid(spec: Any) -> None:
    data = {**RIGHT, "spec": spec}
    if fits(data, config.schema()):
        jsonschema.validate(data, config.schema())


@given(row=st.dictionaries(KEYS, TEXTS, max_size=4), key=st.sampled_from(["mirrors", "exclude", "fields"]))
def test_a_row_that_is_valid_fits_but_for_line_feeds(row: dict[str, str], key: str) -> None:
    data = {**RIGHT, "spec": {key: [row]}}
    is_valid = jsonschema.Draft7Validator(config.schema()).is_valid(data)
    if "\n" not in json.dumps(row):
        assert fits(data, config.schema()) is is_valid


@pytest.mark.parametrize(
    "schema",
    [{"$ref": "#/a"}, {"anyOf": [{}]}, {"type": "number"}, {"additionalProperties": {}, "properties": {}}],
    ids=["a reference", "a choice", "another type", "a schema for other keys"],
)
def test_what_is_not_known_is_for_the_library(schema: dict[str, Any]) -> None:
    assert not fits({}, schema)
