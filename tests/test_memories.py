"""What a rewriter remembers changes nothing: not if it remembers next to nothing, nor if it remembers everything."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_tcr import InputError, Rewrite, Rewriter
from kubectl_tcr.find import search
from kubectl_tcr.readers import columns, lines

from .conftest import NINE, manifests


def done(rewriter: Rewriter, source: bytes) -> Rewrite | str:
    try:
        return rewriter.rewrite(source)
    except InputError as error:
        return str(error)


def sources() -> Iterator[bytes]:
    """All fixtures, forwards and backwards: each is read with what others have left behind."""
    found = [path.read_bytes() for path in manifests()]
    yield from found
    yield from reversed(found)


def test_one_rewriter_for_all_finds_what_a_fresh_one_finds() -> None:
    kept = Rewriter(NINE)
    for source in sources():
        assert done(kept, source) == done(Rewriter(NINE), source)


@pytest.mark.parametrize("bound", [1, 3])
def test_a_memory_that_forgets_all_the_time_finds_the_same(monkeypatch: pytest.MonkeyPatch, bound: int) -> None:
    expected = [done(Rewriter(NINE), source) for source in sources()]
    for module, name in (
        (lines, "_MOST_LINES"),
        (columns, "_MOST_STATES"),
        (columns, "_MOST_SHAPES"),
        (search, "_REMEMBERED"),
    ):
        monkeypatch.setattr(module, name, bound)
    forgetful = Rewriter(NINE)
    assert [done(forgetful, source) for source in sources()] == expected


# What stands around the image of a container, each alone enough for another answer or another report.
AROUND = (
    "metadata: {name: other}\n",
    "metadata: {annotations: {kubectl-tcr/ignore: 'true'}}\n",
    "data: {OTHER_IMAGE: quay.io/a/b}\n",
    "status: {image: quay.io/a/b}\n",
    "# <<\n",
    "x: &a quay.io/a/b\ny: *a\n",
    "patches: [{op: test, path: /spec/containers/0/image, value: quay.io/a/b}]\n",
)


@st.composite
def pods(draw: st.DrawFn) -> bytes:
    """Documents in which the same path leads to one of a few images."""
    head = draw(
        st.sampled_from(["apiVersion: v1\nkind: Pod\n", "apiVersion: x.io/v1\nkind: Pod\n", "kind: Secret\n", ""])
    )
    around = draw(st.lists(st.sampled_from(AROUND), unique=True, max_size=2))
    image = draw(
        st.sampled_from(
            ["quay.io/a/b", "'quay.io/a/b'", "quay.io/a/b # tcr-rewrite: ignore", "foreign.io/a", "|-\n    b"]
        )
    )
    secret = draw(st.sampled_from(["", "  imagePullSecrets: [{name: one}]\n", "  imagePullSecrets:\n  - name: two\n"]))
    text = f"{head}{''.join(around)}spec:\n{secret}  containers:\n  - image: {image}\n"
    kind = draw(st.sampled_from(["", "", "List", "PodList", "Widget"]))
    if not kind:
        return text.encode()
    item = text.replace("\n", "\n  ").rstrip(" ")
    return f"apiVersion: v1\nkind: {kind}\nitems:\n- {item}- {item}".encode()


@given(st.lists(pods(), min_size=2, max_size=4))
def test_the_image_of_a_container_that_was_seen_before_is_found_as_if_it_was_not(documents: list[bytes]) -> None:
    kept = Rewriter(NINE)
    for document in documents:
        assert done(kept, document) == done(Rewriter(NINE), document)
