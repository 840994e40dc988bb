"""However a value is spelled, a span of it is found in the text; whatever a document holds, the laws hold."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_tcr import InputError, rewrite
from kubectl_tcr.find.search import Finder
from kubectl_tcr.readers import exact
from kubectl_tcr.readers import json as json_reader
from kubectl_tcr.text import spelling as layout
from kubectl_tcr.text.document import Reading
from kubectl_tcr.text.splice import Edit, splice
from tests import laws, spellings
from tests.conftest import NINE
from tests.spellings import REFERENCE, Spelling

INTEREST = Finder(NINE).interest("")
NEW = "m.example/new"


def moved(text: str, reading: Reading, spelling: Spelling) -> str:
    """The text with the reference in the value of `image` replaced."""
    [scalar] = [scalar for scalar in reading.scalars if scalar.path == ("image",)]
    assert scalar.value == spelling.value
    [(start, stop)] = layout.spans(text, scalar, [(spelling.at, spelling.at + len(REFERENCE))])
    return splice(text, [Edit(start, stop, NEW)])


def expected(spelling: Spelling) -> str:
    return spelling.value[: spelling.at] + NEW + spelling.value[spelling.at + len(REFERENCE) :]


@given(spellings.YAML_SPELLINGS)
def test_a_reference_is_found_in_every_spelling_of_yaml(spelling: Spelling) -> None:
    text = f"before: 1\nimage: {spelling.text}\nafter: image\n"
    after = moved(text, exact.read(text, INTEREST), spelling)
    assert after.startswith("before: 1\nimage: ")
    assert after.endswith("\nafter: image\n")
    [scalar] = [scalar for scalar in exact.read(after, INTEREST).scalars if scalar.path == ("image",)]
    assert (scalar.value, scalar.style) == (expected(spelling), spelling.style)


@given(spellings.JSON_SPELLINGS, st.text(" \t\n\r", max_size=3))
def test_a_reference_is_found_in_every_spelling_of_json(spelling: Spelling, space: str) -> None:
    text = f'{{"a": [1],{space}"image"{space}:{space}{spelling.text}{space}}}'
    after = moved(text, json_reader.read(text, INTEREST), spelling)
    assert json.loads(after) == {"a": [1], "image": expected(spelling)}


@given(spellings.YAML_SPELLINGS, st.data())
def test_any_span_is_found_inside_the_scalar_or_refused(spelling: Spelling, data: st.DataObject) -> None:
    text = f"image: {spelling.text}\n"
    scalar = next(scalar for scalar in exact.read(text, INTEREST).scalars if scalar.path == ("image",))
    start = data.draw(st.integers(0, len(spelling.value)))
    stop = data.draw(st.integers(start, len(spelling.value)))
    try:
        [(first, last)] = layout.spans(text, scalar, [(start, stop)])
    except layout.LayoutError:
        return
    assert scalar.start <= first <= last <= scalar.stop


@given(st.lists(spellings.YAML_SPELLINGS, min_size=1, max_size=3))
def test_only_the_references_of_a_manifest_change(found: list[Spelling]) -> None:
    source = "".join(f"key{number}: {spelling.text}\n" for number, spelling in enumerate(found)).encode()
    laws.hold(source)
    changed = laws.differ(laws.meaning(source), laws.meaning(rewrite(source, NINE).output))
    assert all(laws.agree(old.value or "", new.value or "") for old, new in changed)


@given(spellings.documents())
def test_the_laws_hold_where_anchors_merges_and_documents_in_strings_meet(text: str) -> None:
    source = text.encode()
    try:
        done = rewrite(source, NINE)
    except InputError:
        return
    laws.hold(source)
    laws.differ(laws.meaning(source), laws.meaning(done.output))


@pytest.mark.parametrize(
    "source",
    [
        "image: 'quay.io/a/{{\n  x }}:1'\n",
        'image: "quay.io/a/{{\\\n  \\ x }}:1"\n',
        "image: quay.io/a/{{\n\n  x }}:1\n",
        "run: |\n  docker pull quay.io/a/{{\n    x }}:1\n",
        'data: "image: \\"quay.io/a/{{\\\\\\n  \\\\ x }}:1\\"\\n"\n',
    ],
)
def test_a_placeholder_that_is_folded_keeps_its_spelling(source: str) -> None:
    assert rewrite(source.encode()).output.decode() == source.replace("quay.io", "quay.tencentcloudcr.com")
