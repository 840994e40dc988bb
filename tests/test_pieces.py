"""Long lists read some items at a time: every byte and site is what reading the whole gives, and so is every error."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_tcr import InputError, Site
from kubectl_tcr.find import items, signs, values
from kubectl_tcr.pipeline import Part, Rewriter
from kubectl_tcr.readers import cuts
from kubectl_tcr.reports.tally import Tally
from tests.conftest import NINE, manifests
from tests.test_properties import MANIFEST, SNIPPET

HEAD = "apiVersion: v1\nitems:\n"
TAIL = 'kind: List\nmetadata:\n  resourceVersion: ""\n'
POD = "- apiVersion: v1\n  kind: Pod\n  metadata: {}\n  spec:\n    containers:\n    - image: quay.io/acme/web:1\n"
POD_IN_JSON = '{"apiVersion":"v1","kind":"Pod","x":"\U0001f680","spec":{"containers":[{"image":"quay.io/a/b:1"}]}}'
DEFINITION = "- apiVersion: apiextensions.k8s.io/v1\n  kind: CustomResourceDefinition\n  spec: {default: a}\n"
CONFIG = "- apiVersion: v1\n  kind: ConfigMap\n  data:\n    note: docker run quay.io/acme/tool:2\n"


REWRITERS = {longest: Rewriter(NINE, longest=longest) for longest in (0, 1)}


def parts(source: bytes, longest: int) -> list[Part]:
    """What becomes of a stream in which documents of more than `longest` bytes are read in pieces, 0 for none."""
    return list(REWRITERS[longest].parts([source], "stream")[1])


def in_pieces(source: bytes) -> list[Part]:
    """The same with as many pieces as there may be."""
    return parts(source, 1)


def told(found: list[Part]) -> tuple[bytes, list[Site]]:
    """What is written, and every site with the place that a report names."""
    sites = [site._replace(start=0, stop=0, edits=()) for part in found for site in part.numbered()]
    return b"".join(part.output for part in found), sites


def outcome(source: bytes, longest: int) -> object:
    try:
        return told(parts(source, longest))
    except InputError as error:
        return str(error)


def item(document: str, column: int = 0) -> str:
    """A document in block style as an item of a list with its dashes in a column."""
    first, *rest = document.splitlines(keepends=True)
    return f"{' ' * column}- {first}" + "".join(
        f"{' ' * (column + 2)}{line}" if line.strip() else line for line in rest
    )


def listed(documents: list[str], column: int = 0) -> str:
    return HEAD + "".join(item(document, column) for document in documents) + TAIL


def as_json(documents: list[str], indent: int | None) -> str:
    """Those of the documents that are JSON as a list of them."""
    found = [json.loads(document) for document in documents if document.startswith("{")]
    return json.dumps({"apiVersion": "v1", "items": found, "kind": "List"}, indent=indent, ensure_ascii=False)


# The same as the whole.


@pytest.mark.parametrize("column", [0, 2])
def test_fixtures_in_a_list_become_what_they_become_as_a_whole(column: int) -> None:
    for path in manifests():
        text = path.read_bytes().decode(errors="replace")
        document = text.partition("\n---")[0].strip("\ufeff") + "\n"
        source = listed([document, document], column).encode()
        assert outcome(source, 1) == outcome(source, 0), path.name


@settings(max_examples=60)
@given(st.lists(MANIFEST, min_size=2, max_size=4), st.sampled_from([0, 2]))
def test_a_list_in_block_style_becomes_what_it_becomes_as_a_whole(documents: list[str], column: int) -> None:
    source = listed(documents, column).encode()
    assert outcome(source, 1) == outcome(source, 0)


@settings(max_examples=60)
@given(st.lists(MANIFEST, min_size=4, max_size=8), st.sampled_from([None, 1, 4]))
def test_a_list_in_json_becomes_what_it_becomes_as_a_whole(documents: list[str], indent: int | None) -> None:
    source = as_json(documents, indent).encode()
    assert outcome(source, 1) == outcome(source, 0)


@settings(max_examples=150)
@given(st.lists(MANIFEST, min_size=2, max_size=3), st.integers(0, 3000), st.integers(0, 9), SNIPPET)
def test_a_mutated_list_becomes_what_it_becomes_as_a_whole(
    documents: list[str], at: int, size: int, new: bytes
) -> None:
    whole = listed(documents).encode()
    at %= len(whole)
    source = whole[:at] + new + whole[at + size :]
    assert outcome(source, 1) == outcome(source, 0)


@pytest.mark.parametrize("text", [HEAD + POD + CONFIG + POD + TAIL, as_json([POD_IN_JSON] * 3, 2)])
@pytest.mark.parametrize("extra", ["", " \U0001f680 \u00e9"])
def test_all_parts_together_are_the_document(text: str, extra: str) -> None:
    source = text.replace("v1", f"v1{extra}").encode()
    found = in_pieces(source)
    assert len(found) == 3
    assert b"".join(part.source for part in found) == source
    assert [part.is_continued for part in found] == [False, True, True]


def test_lines_and_columns_count_from_the_beginning_of_the_stream() -> None:
    source = f'a: 1\n---\n{{"items":[{POD_IN_JSON},{POD_IN_JSON}],"apiVersion":"v1","kind":"List"}}\n'.encode()
    places = [(site.document, site.line, site.column) for part in in_pieces(source) for site in part.numbered()]
    assert places == [(2, 3, 83), (2, 3, 174)]


# What stands at the root counts wherever it stands.


@pytest.mark.parametrize("tail", [TAIL, 'kind: List\nmetadata:\n  annotations:\n    kubectl-tcr/ignore: "true"\n'])
def test_an_annotation_behind_the_items_holds_for_each(tail: str) -> None:
    found = in_pieces((HEAD + POD + CONFIG + tail).encode())
    assert len(found) == 2
    assert [bool(site.edits) for part in found for site in part.sites] == [tail == TAIL] * 2


def test_items_of_a_typed_list_get_its_kind() -> None:
    item_alone = "- metadata:\n    name: a\n  data:\n    a: docker run quay.io/acme/web:1\n"
    found = in_pieces((HEAD + 2 * item_alone + "kind: SecretList\n").encode())
    assert len(found) == 2
    assert {site.resource.kind for part in found for site in part.sites} == {"Secret"}


def test_a_word_in_one_item_has_all_others_read_for_what_it_may_say() -> None:
    variable = POD + "      env:\n      - name: HELPER_IMAGE\n        value: acme/tool\n"
    source = (HEAD + variable + variable.replace("HELPER_IMAGE", "TOOL") + TAIL).encode()
    assert told(in_pieces(source)) == told(parts(source, 0))
    assert len(in_pieces(source)) == 2


# What is read as a whole.

WHOLE = {
    "an alias of another item": HEAD + POD.replace("quay", "&a quay") + POD.replace("quay.io/acme/web:1", "*a") + TAIL,
    "an item without a kind": HEAD + POD + CONFIG.replace("  kind: ConfigMap\n", "") + TAIL,
    "items that are strings": HEAD + "- quay.io/a/b:1\n- quay.io/a/c:1\n" + TAIL,
    "items twice": HEAD + POD + POD + "items:\n" + POD + POD + TAIL,
    "a tail that nothing names": HEAD + POD + POD + "metadata: {}\nkind: List\n",
    "a line that ends the document": HEAD + POD + POD + "...\n",
    "a list in brackets": "apiVersion: v1\nkind: List\nitems: [{}, {}]\nimage: quay.io/a/b:1\n",
    "a quote that holds what looks like an item": HEAD + POD + POD.replace("web:1", 'web:1"') + 'kind: List\nx: "\n',
    "a definition with a default": HEAD + POD + DEFINITION + TAIL,
    "a byte order mark behind a separator": "---\n\ufeff" + HEAD + POD + POD + TAIL,
    "an open brace of a template": HEAD + POD + POD.replace("web:1", "web:1 # {{") + TAIL,
    "one item": HEAD + POD + TAIL,
    "JSON whose items are no objects": '{"kind":"List","items":[1,2],"image":"quay.io/a/b:1"}',
    "JSON with items twice": '{"items":[{"kind":"Pod"}],"items":[{"image":"quay.io/a/b:1"}]}',
}  # fmt: skip


@pytest.mark.parametrize("case", WHOLE)
def test_what_is_no_plain_list_of_resources_is_read_as_a_whole(case: str) -> None:
    source = WHOLE[case].encode()
    assert outcome(source, 1) == outcome(source, 0)
    try:
        assert len(in_pieces(source)) == 1
    except InputError:
        assert case == "a quote that holds what looks like an item"


def test_an_anchor_that_no_other_item_repeats_cuts_nothing() -> None:
    assert cuts.of_yaml((HEAD + POD.replace("quay.io", "&a quay.io") + POD + TAIL).encode()) is not None


def test_an_error_names_its_place_in_the_whole() -> None:
    source = (HEAD + POD + POD.replace("spec:", "spec: : :") + TAIL).encode()
    with pytest.raises(InputError, match=r"^stream:12:9: document 1 "):
        parts(source, 1)


# What is told of the whole.


@given(
    st.lists(
        st.sampled_from(["CustomResourceDefinition", "default", "op", "/containers/0/image", "<<", "x"]), max_size=6
    )
)
def test_signs_of_pieces_say_of_the_whole_what_its_text_does(words: list[str]) -> None:
    more = ["imageRegistry: x", "repo", "_IMAGE ", "apps/v1"]
    lines = [f"{word}\n" for word in words + more[: len(words)]]
    text = "".join(lines)
    gathered = signs.Gathered()
    for line in lines:
        gathered = gathered.joined(signs.of_piece(line, ["apps/v1"]))
    found = gathered.signs(["apps/v1"])
    assert found.names_registry == values.name_a_registry(text)
    assert found._replace(names_registry=None) == signs.of_text(text, ["apps/v1"])


def test_a_document_in_parts_counts_once() -> None:
    tally = Tally()
    for part in [*in_pieces((HEAD + POD + CONFIG + POD + TAIL).encode()), *parts(b"image: quay.io/a/b\n", 0)]:
        tally.add("stream", part)
    assert (tally.documents, tally.changed_documents, tally.rewritten) == (2, 2, 4)


def test_sites_for_which_there_is_no_room_are_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    source = (HEAD + 4 * POD + TAIL).encode()
    kept = told(in_pieces(source))
    monkeypatch.setattr(items, "_SITE", len(source))
    assert told(in_pieces(source)) == kept


# Where JSON is cut, however little of it is looked at.


def offsets(body: bytes) -> Iterator[bytes]:
    found = cuts.of_json(body)
    if found:
        yield from (body[start:stop] for start, stop in zip(found.starts, found.stops, strict=True))


@pytest.mark.parametrize("window", [20, 33, 1 << 20])
def test_items_of_json_are_found_in_windows(monkeypatch: pytest.MonkeyPatch, window: int) -> None:
    monkeypatch.setattr(cuts, "_WINDOW", window)
    monkeypatch.setattr(cuts, "_LONGEST_KEY", window)
    items = ['{"a": "\U0001f680 }],", "n": 12}', "{}", '{"b": [{"c": "\\""}]}']
    source = f' {{ "kind" : "List" , "items" : [ {" , ".join(items)} ] , "metadata" : 12 }} '
    assert list(offsets(source.encode())) == [one.encode() for one in items]
