"""A long list done by several processes: bytes and counts are those of one, and what is unsure is left to one."""

import sys

import pytest

from kubectl_tcr.find.items import Items
from kubectl_tcr.pipeline import Rewriter
from kubectl_tcr.reports.tally import Tally
from kubectl_tcr.run.lists import SharedList
from kubectl_tcr.text import stream
from tests.conftest import NINE
from tests.test_pieces import CONFIG, HEAD, POD, POD_IN_JSON, TAIL, as_json

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="work is shared out on Linux only")

FOREIGN = POD.replace("quay.io", "registry.example.com")
# kubectl refuses the number, which the parsers here read.
REFUSED = CONFIG + "    odd: .inf\n"


def shared(source: str, *, validate: bool = False) -> tuple[bytes | None, Tally]:
    """What two processes make of a list, cut in as many pieces as there may be, and what was counted."""
    (document,) = stream.split([source.encode()], "list")
    pieces = Rewriter(NINE, longest=1, detail=False).pieces(document)
    assert isinstance(pieces, Items)
    assert len(pieces.groups) > 1
    tally = Tally()
    found = SharedList(document, pieces, "list", Tally).outputs(2, tally, validate=validate)
    return None if found is None else b"".join(found), tally


def whole(source: str) -> tuple[bytes, Tally]:
    """What one process makes of it, read as a whole."""
    tally = Tally()
    parts = list(Rewriter(NINE, detail=False).parts([source.encode()], "list")[1])
    for part in parts:
        tally.add("list", part)
    return b"".join(part.output for part in parts), tally


def told(tally: Tally) -> dict[str, object]:
    """All that a tally says, but for what it needs to go on."""
    return {name: value for name, value in vars(tally).items() if not name.startswith("_")}


LISTS = {
    "in block style": HEAD + POD + CONFIG + FOREIGN + POD + TAIL,
    "in JSON": as_json([POD_IN_JSON] * 5, 2),
    "behind a separator": "---\n" + HEAD + 9 * POD + TAIL,
    "that nothing changes": HEAD + 5 * FOREIGN + TAIL,
    "that nothing changes, and kubectl would refuse": HEAD + FOREIGN + REFUSED.replace("quay.io", "example.com") + TAIL,
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_becomes_what_it_becomes_in_one_process(name: str) -> None:
    output, tally = shared(LISTS[name])
    expected, counted = whole(LISTS[name])
    assert output == expected
    assert told(tally) == told(counted)


@pytest.mark.parametrize(
    ("source", "validate"),
    [
        (HEAD + POD + POD.replace("web:1", "web:1 # {{") + TAIL, False),
        (HEAD + POD + "- just: text\n" + POD + TAIL, False),
        (HEAD + POD + REFUSED + TAIL, False),
        (HEAD + FOREIGN + REFUSED.replace("quay.io", "example.com") + TAIL, True),
    ],
    ids=[
        "with a brace of a template that is open",
        "with an item that is no resource",
        "that kubectl would refuse",
        "that is validated",
    ],
)
def test_a_list_that_is_unsure_is_left_to_one_process(source: str, validate: bool) -> None:
    output, tally = shared(source, validate=validate)
    assert output is None
    assert vars(tally) == vars(Tally())
