"""The laws every rewrite keeps, as functions: undo, second run, and what the output means to a parser."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from kubectl_tcr import Settings, rewrite, stream
from kubectl_tcr.pipeline import Part, Rewriter
from kubectl_tcr.splice import Edit, splice
from tests.conftest import MIRRORS, NINE


def parts(source: bytes, settings: Settings = NINE) -> tuple[stream.Encoding, list[Part]]:
    """What a rewriter makes of a stream, document by document."""
    encoding, found = Rewriter(settings, detail=True).parts([source], "stream")
    return encoding, list(found)


def undone(part: Part) -> bytes:
    """The document that gives back its own bytes once the edits of its sites are taken back."""
    body = part.document.body.decode()
    mark = "\ufeff" if body.startswith("\ufeff") else ""
    edits = [edit for site in part.sites for edit in site.edits]
    output = part.output[len(part.document.head) :].decode().removeprefix(mark)
    back = splice(output, inverse(body.removeprefix(mark), edits))
    return part.document.head + (mark + back).encode()


def inverse(text: str, edits: Sequence[Edit]) -> list[Edit]:
    """Edits that take others back.

    >>> inverse("a nginx", [Edit(2, 7, "m/nginx")])
    [Edit(start=2, stop=9, new='nginx')]
    """
    shift, found = 0, []
    for start, stop, new in sorted(set(edits)):
        found.append(Edit(start + shift, start + shift + len(new), text[start:stop]))
        shift += len(new) - (stop - start)
    return found


def hold(source: bytes, settings: Settings = NINE) -> None:
    """Fails where a rewrite loses a byte, edits what no site tells, or would change its own output."""
    encoding, found = parts(source, settings)
    assert encoding.mark + encoding.encode(b"".join(part.source for part in found)) == source
    for part in found:
        assert undone(part) == part.source
    output = encoding.mark + encoding.encode(b"".join(part.output for part in found))
    assert rewrite(output, settings).output == output


class Leaf(NamedTuple):
    """A key, scalar, alias or bracket as a parser sees it, with all that gives it a meaning."""

    kind: str
    value: str | None
    context: tuple[Any, ...] = ()


def meaning(body: bytes) -> list[Leaf]:
    """Everything a parser sees of one document, in order, duplicate keys included.

    An alias counts as what it repeats if that is a scalar. Raises YAMLError where no parser reads it.
    """
    text = body.decode().removeprefix("\ufeff")
    try:
        return list(_json(json.loads(text, object_pairs_hook=lambda pairs: ("{}", pairs), strict=False)))
    except ValueError:
        pass
    try:
        return _events(text, is_pure=False)
    except YAMLError:
        return _events(text, is_pure=True)


def _json(value: Any) -> Iterator[Leaf]:
    if isinstance(value, tuple):
        for key, below in value[1]:
            yield Leaf("key", key)
            yield from _json(below)
    elif isinstance(value, list):
        yield Leaf("[", str(len(value)))
        for below in value:
            yield from _json(below)
    else:
        yield Leaf("value", value) if isinstance(value, str) else Leaf("other", repr(value))


def _events(text: str, *, is_pure: bool) -> list[Leaf]:
    leaves, anchors = [], {}
    for event in YAML(typ="safe", pure=is_pure).parse(text):
        kind = type(event).__name__
        if kind == "DocumentEndEvent" and event.explicit:
            break  # kubectl reads no further
        if kind == "ScalarEvent":
            leaf = Leaf("scalar", event.value, (event.tag and str(event.tag), tuple(event.implicit)))
            if event.anchor is not None:
                anchors[event.anchor] = leaf
        elif kind == "AliasEvent":
            leaf = anchors.get(event.anchor, Leaf("alias", event.anchor))
        else:
            leaf = Leaf(kind, None, (getattr(event, "anchor", None),))
        leaves.append(leaf)
    return leaves


def differ(before: list[Leaf], after: list[Leaf]) -> list[tuple[Leaf, Leaf]]:
    """The leaves that changed; fails where something else than a value did."""
    assert len(before) == len(after)
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old.value != new.value]
    for old, new in zip(before, after, strict=True):
        assert old.kind == new.kind
        assert old.context == new.context or (old, new) in changed
    return changed


def agree(old: str, new: str) -> bool:
    """Whether a value is another one with nothing but its hosts moved to mirrors, embedded aliases spelled out."""
    if original(old) == original(new):
        return True
    pattern = re.sub(r"\\\*\w+", r"[\\w./:-]+", re.escape(original(old)))
    return re.fullmatch(pattern, original(new)) is not None


def original(value: str) -> str:
    """A value with its mirrors taken back, Docker Hub's spellings made one.

    >>> original("quay-io.mirror.example/a/b:1"), original("docker-io.mirror.example/library/nginx")
    ('quay.io/a/b:1', 'nginx')
    """
    for host, mirror in MIRRORS.items():
        value = value.replace(mirror, host)
    value = re.sub(r"(?:index\.|registry-1\.)?docker\.io", "docker.io", value)
    return re.sub(r"docker\.io(?:/|$)|library/", "", value).replace("\\/", "/")
