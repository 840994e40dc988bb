"""Every fixture is one oddity, named after it: what it becomes is a snapshot, and the laws hold."""

import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.error import ReusedAnchorWarning, YAMLError
from syrupy.assertion import SnapshotAssertion

from kubectl_tcr import Rewrite, Site, rewrite, stream
from kubectl_tcr.document import format_path
from tests.conftest import MIRRORS, NINE, manifests

EACH = pytest.mark.parametrize("path", manifests(), ids=lambda path: path.name)


def rewritten(path: Path) -> Rewrite:
    return rewrite(path.read_bytes(), NINE, file=path.name)


@EACH
def test_what_a_fixture_becomes(path: Path, bytes_snapshot: SnapshotAssertion) -> None:
    assert rewritten(path).output == bytes_snapshot


@EACH
def test_what_is_found_in_a_fixture(path: Path, bytes_snapshot: SnapshotAssertion) -> None:
    lines = "\n".join(map(told, rewritten(path).sites)) + "\n"
    assert lines.encode() == bytes_snapshot


def told(site: Site) -> str:
    """A site in one readable line."""
    outcome = f"-> {site.after}" if site.after else f"({site.reason})" if site.reason else ""
    where = ", ".join(map(format_path, site.paths)) or "-"
    return f"{site.line}:{site.column} {site.status.value} {site.how} {site.reference} {outcome} [{where}]"


@EACH
def test_a_second_run_changes_nothing(path: Path) -> None:
    once = rewritten(path).output
    assert rewrite(once, NINE).output == once


@EACH
def test_nothing_changes_but_the_edits(path: Path) -> None:
    source, done = path.read_bytes(), rewritten(path)
    encoding, chunks = stream.decode([source], path.name)
    documents = list(stream.split(chunks, path.name))
    assert encoding.mark + encoding.encode(b"".join(part.head + part.body for part in documents)) == source
    kept = pieces(done.output.decode("utf-16" if "utf-16" in encoding.codec else "utf-8"))
    assert is_made_of(kept, source.decode("utf-16" if "utf-16" in encoding.codec else "utf-8"))


def pieces(output: str) -> list[str]:
    """The output cut at its mirrors; `library/` behind one is cut off too."""
    return re.split(f"(?:{'|'.join(map(re.escape, MIRRORS.values()))})(?:/library(?=/))?/?|library/", output)


def is_made_of(kept: list[str], source: str) -> bool:
    """Whether a source consists of the pieces in order, with nothing but hosts and aliases between them."""
    position = 0
    for number, piece in enumerate(kept):
        found = near(source, piece, position) or near(source, re.sub(r"^[\w./:-]+", "", piece), position)
        if found is None or (number == 0 and found[0]):
            return False
        position = found[1]
    return len(source) - position < 60


def near(source: str, piece: str, position: int) -> tuple[int, int] | None:
    """Where a piece stands, if not far behind a position, and where it ends."""
    at = source.find(piece, position, position + 60 + len(piece))
    return (at, at + len(piece)) if at >= 0 else None


@EACH
def test_only_edited_scalars_mean_something_else(path: Path) -> None:
    before, after = meaning(path.read_bytes()), meaning(rewritten(path).output)
    if before is None:
        pytest.skip("the pure parser reads this differently from kubectl")
    assert after is not None
    for old, new in zip(leaves(before), leaves(after), strict=True):
        assert old == new or original(new) == original(old)


def original(leaf: object) -> object:
    """A leaf with its mirrors taken back, Docker Hub's spellings made one."""
    if not isinstance(leaf, str):
        return leaf
    for host, mirror in MIRRORS.items():
        leaf = leaf.replace(mirror, host)
    leaf = re.sub(r"(?:index\.|registry-1\.)?docker\.io", "docker.io", leaf)
    return re.sub(r"docker\.io(?:/|$)|library/", "", leaf)


def meaning(source: bytes) -> list[Any] | None:
    text = source.decode("utf-16" if source[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    try:
        return list(json_values(text))
    except ValueError:
        pass
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_duplicate_keys = True
    warnings.simplefilter("ignore", ReusedAnchorWarning)
    try:
        return [value for part in re.split(r"(?m)^---.*$", text) for value in yaml.load_all(part.lstrip("\ufeff"))]
    except (YAMLError, ValueError):
        return None


def json_values(text: str) -> Iterator[Any]:
    text = text.lstrip()
    while text:
        value, end = json.JSONDecoder().raw_decode(text)
        yield value
        text = text[end:].lstrip()


def leaves(value: Any, seen: tuple[int, ...] = ()) -> Iterator[object]:
    """Keys and scalars in order; what an alias repeats inside a bomb is looked at only so deep."""
    if len(seen) > 12:
        return
    if isinstance(value, dict):
        for key, below in value.items():
            yield key
            yield from leaves(below, (*seen, id(value)))
    elif isinstance(value, list):
        for below in value[:4]:
            yield from leaves(below, (*seen, id(value)))
    else:
        yield value
