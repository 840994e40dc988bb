"""Real manifests, where a folder of them is at hand: no crash, nothing changes but the edits, twice is once."""

import os
from pathlib import Path

import pytest

from kubectl_tcr import InputError, rewrite
from tests.conftest import NINE, ROOT
from tests.test_fixtures import is_made_of, pieces

CORPUS = Path(os.environ.get("KUBECTL_TCR_CORPUS", ROOT.parent / "shared" / "corpus")) / "manifests"
SHARDS = 8


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus of manifests beside the checkout (KUBECTL_TCR_CORPUS)")
@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_real_manifest_keeps_every_byte_but_its_hosts(shard: int) -> None:
    refused = []
    for path in sorted(path for path in CORPUS.rglob("*") if path.is_file())[shard::SHARDS]:
        source = path.read_bytes()
        try:
            done = rewrite(source, NINE, file=path.name)
        except InputError:
            refused.append(path.name)
            continue
        assert rewrite(done.output, NINE).output == done.output, path
        assert is_made_of(pieces(done.output.decode()), source.decode()), path
    assert len(refused) < 5, refused
