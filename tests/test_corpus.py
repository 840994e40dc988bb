"""The laws, held against thousands of real manifests where a corpus is at hand."""

import os
import re
from itertools import zip_longest
from pathlib import Path

import pytest

from kubectl_tcr import InputError
from kubectl_tcr.pipeline import Rewriter
from tests.conftest import MIRRORS, NINE, ROOT

CORPUS = Path(os.environ.get("KUBECTL_TCR_CORPUS", ROOT.parent / "shared" / "corpus")) / "manifests"
SHARDS = 8

_MIRROR = re.compile("|".join(map(re.escape, MIRRORS.values())).encode())
_HOSTS = {mirror.encode(): host.encode() for host, mirror in MIRRORS.items()}
# Docker Hub's other names, and what is left out of or added to a reference there.
_HUB = re.compile(rb"(?:index\.docker\.io|registry-1\.docker\.io|registry\.hub\.docker\.com|docker\.io)/(?:library/)?")


def rewritten(rewriter: Rewriter, source: bytes) -> bytes:
    encoding, parts = rewriter.parts([source], "x")
    return encoding.mark + encoding.encode(b"".join(part.output for part in parts))


def undone(output: bytes) -> bytes:
    """The output with its mirrors taken back."""
    return _MIRROR.sub(lambda found: _HOSTS[found.group()], output)


def same(line: bytes) -> bytes:
    """A line as far as the law goes: Docker Hub's names, and what they imply, are one and nothing."""
    return _HUB.sub(b"", line).replace(b"library/", b"").replace(b"docker.io", b"")


def differences(source: bytes, output: bytes) -> list[tuple[bytes, bytes]]:
    """The lines that are not the same once the mirrors are taken back."""
    lines = zip_longest(source.split(b"\n"), undone(output).split(b"\n"), fillvalue=b"<no line>")
    return [(old, new) for old, new in lines if old != new and same(old) != same(new)]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus of manifests beside the checkout (KUBECTL_TCR_CORPUS)")
@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_laws_hold_for_every_manifest(shard: int) -> None:
    rewriter = Rewriter(NINE)
    changed = refused = 0
    files = sorted(path for path in CORPUS.rglob("*") if path.is_file())[shard::SHARDS]
    for path in files:
        source = path.read_bytes()
        try:
            once = rewritten(rewriter, source)
        except InputError:
            refused += 1
            continue
        changed += once != source
        assert differences(source, once) == [], path
        assert once == source or rewritten(rewriter, once) == once, path
    assert changed > len(files) / 2
    assert refused < len(files) / 20
