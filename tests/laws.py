"""The laws every rewrite keeps, as functions: undo, second run, what output means to a parser, what the report says."""

import json
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import product
from typing import Any, NamedTuple

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from kubectl_tcr import Settings, Site, rewrite
from kubectl_tcr.pipeline import Part, Rewriter
from kubectl_tcr.text import stream
from kubectl_tcr.text.document import Path
from kubectl_tcr.text.splice import Edit, splice
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
        assert disagreements(part) == []
    output = encoding.mark + encoding.encode(b"".join(part.output for part in found))
    assert rewrite(output, settings).output == output


# Report and output agree: told by a parser's nodes of the output, which share no code with finder and splicer.


def disagreements(part: Part) -> list[str]:
    """What the report says became of sites, where the output does not say so when it is read again."""
    told = [site for site in part.sites if site.after]
    if not told:
        return []
    root = _composed(part.output[len(part.document.head) :].decode().removeprefix("\ufeff"))
    return [f"{site.paths[0]}: {site.after}" for site in told if not _says(list(_nodes(root, site.paths[0])), site)]


def _says(nodes: list[Node], site: Site) -> bool:
    if site.how != "split":
        return any(site.after in node.value for node in nodes if isinstance(node, ScalarNode))
    pairs = [pair for node in nodes if isinstance(node, MappingNode) for pair in node.value]
    return site.after in _joined({str(key.value): below.value for key, below in pairs if isinstance(below, ScalarNode)})


def _joined(values: dict[str, str]) -> Iterator[str]:
    """The references that the values of a mapping spell in the ways in which charts join them."""
    names = ("registry", "repository", "image", "name")
    for chosen in product((True, False), repeat=4):
        parts = [values[name] for name, is_in in zip(names, chosen, strict=True) if is_in and name in values]
        if len(parts) > 1:
            name = "/".join([parts[0].rstrip("/"), *parts[1:]])
            for tag, digest in product(("", *(f":{values.get(key)}" for key in ("tag", "version"))), (True, False)):
                yield name + tag + (f"@{values.get('digest')}" if digest else "")


def _composed(text: str) -> Node:
    with suppress(ValueError):
        return _node(json.loads(text, object_pairs_hook=lambda pairs: ("{}", pairs), strict=False))
    warnings.simplefilter("ignore", ReusedAnchorWarning)
    for compose_all in (_libyaml_nodes, YAML(typ="safe", pure=True).compose_all):
        with suppress(YAMLError, yaml.YAMLError, ValueError):
            return next(iter(compose_all(text)), ScalarNode("", ""))
    return ScalarNode("", "")


def _libyaml_nodes(text: str) -> Iterator[Node]:
    """Documents as libyaml composes them, in the other parser's classes."""
    for document in yaml.compose_all(text, yaml.CSafeLoader):
        yield _converted(document, {})


def _converted(node: yaml.Node, known: dict[yaml.Node, Node]) -> Node:
    """The node and those below it; one that is repeated by aliases is made once."""
    if node not in known:
        known[node] = _made(node, known)
    return known[node]


def _made(node: yaml.Node, known: dict[yaml.Node, Node]) -> Node:
    if isinstance(node, yaml.ScalarNode):
        return ScalarNode(node.tag, node.value)
    if isinstance(node, yaml.SequenceNode):
        return SequenceNode(node.tag, [_converted(item, known) for item in node.value])
    return MappingNode(node.tag, [(_converted(key, known), _converted(value, known)) for key, value in node.value])


def _node(value: Any) -> Node:
    """A JSON value as a node of YAML."""
    if isinstance(value, tuple):
        return MappingNode("", [(ScalarNode("", key), _node(below)) for key, below in value[1]])
    if isinstance(value, list):
        return SequenceNode("", [_node(below) for below in value])
    return ScalarNode("", str(value))


def _nodes(node: Node, path: Path) -> Iterator[Node]:
    """The nodes at a path: several where keys are repeated, or a string holds several documents."""
    if not path:
        yield node
    for below, rest in _steps(node, path):
        yield from _nodes(below, rest)


def _steps(node: Node, path: Path) -> Iterator[tuple[Node, Path]]:
    if isinstance(node, ScalarNode) and path and str(path[0]).startswith("<"):
        yield from ((_composed(text), path[1:]) for text in re.split(r"(?m)^---.*\n", node.value))
    elif isinstance(node, SequenceNode) and path and isinstance(path[0], int) and path[0] < len(node.value):
        yield node.value[path[0]], path[1:]
    elif isinstance(node, MappingNode):
        for key, below in node.value:
            if key.tag == "tag:yaml.org,2002:merge":  # over a scalar too, which kubectl refuses
                yield from ((one, path) for one in (below.value if isinstance(below, SequenceNode) else (below,)))
            elif path and key.value == path[0]:
                yield below, path[1:]


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
    except yaml.YAMLError:
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
    parsed = YAML(typ="safe", pure=True).parse(text) if is_pure else yaml.parse(text, yaml.CSafeLoader)
    for event in parsed:
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
    pattern = re.sub(r"\\\*\w+", r"[\\w./:*-]+", re.escape(original(old)))
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
