"""From the text of a CustomResourceDefinition to the strings that its schemas declare.

The text is read by the project's own readers: nothing is built but strings and the paths where they stand, and an alias
is followed, not expanded. How deep a schema is looked into is bounded, and so is how much of it.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from kubectl_tcr.crds.signs import REGISTRIES
from kubectl_tcr.crds.tree import Map, Node, Tree, of_reading, of_values
from kubectl_tcr.errors import ReadError
from kubectl_tcr.kubernetes.exclusions import DEFINITION
from kubectl_tcr.kubernetes.fields import flaw_of_path
from kubectl_tcr.readers import Interest, read_json, read_yaml

# As deep as schemas are looked into, in levels of the resource that they declare; the deepest of public ones has 30.
DEEPEST = 100
# A level of a resource is two of its schema, and a schema stands some levels deep.
_DEEPEST_JSON = 1_000
# So many places of one definition are looked at, what aliases repeat counted each time; large ones have 10,000.
MOST = 100_000
# Members of a composition may have compositions of their own; nobody writes more.
_MOST_VIEWS = 200
WILD = ("[]", "{}")
_COMPOSED = ("allOf", "anyOf", "oneOf")
_GROUP = "apiextensions.k8s.io"


class Leaf(NamedTuple):
    """A string that a schema declares: where it stands in the resource, and all that may tell what it is.

    `path` has `[]` for any item and `{}` for any key. `beside` are the keys of the mapping around it, `around`
    those of mappings further up that are strings too, `everywhere` all keys of the schema. `says` is its
    description, or that of the list it is an item of, and `says_around` that of the mapping around it. `is_chosen`
    tells that it is one of a few words or has a format, `is_opaque` that the schema says nothing of the mapping in
    which it would stand.
    """

    group: str
    kind: str
    path: tuple[str, ...]
    beside: frozenset[str] = frozenset()
    says: str = ""
    says_around: str = ""
    default: str = ""
    around: frozenset[str] = frozenset()
    everywhere: frozenset[str] = frozenset()
    is_chosen: bool = False
    is_opaque: bool = False

    @property
    def key(self) -> str:
        """The last key of its path."""
        return next((part for part in reversed(self.path) if part not in WILD), "")

    @property
    def above(self) -> tuple[str, ...]:
        """The keys above the last one."""
        return tuple(part for part in self.path if part not in WILD)[:-1]

    @property
    def owner(self) -> str:
        """The key of the mapping in which it stands, empty at the root."""
        return self.above[-1] if self.above else ""


class Definition(NamedTuple):
    """What one CustomResourceDefinition declares: its leaves, and what could not be looked at.

    `is_open` tells that its resources may hold what no schema declares.
    """

    group: str
    kind: str
    leaves: tuple[Leaf, ...]
    troubles: tuple[str, ...] = ()
    is_open: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether it tells of every field of its resources."""
        return bool(self.leaves) and not self.troubles and not self.is_open


class _Everything:
    """What a reader is asked for: all of a document."""

    def __contains__(self, _: object) -> bool:
        return True


def _finds_nothing(_: str) -> bool:
    return False


def interest() -> Interest:
    """All scalars of a document; one for each thread, as it remembers what it has read."""
    return Interest(_Everything(), (), frozenset(), _finds_nothing)


def read(text: str, wanted: Interest) -> Tree:
    """The nodes of a document in YAML or JSON; raises ReadError."""
    if not text.lstrip().startswith("{"):
        return of_reading(read_yaml(text, wanted))
    try:
        read_json(text, wanted)
    except ReadError as error:
        try:
            return of_reading(read_yaml(text, wanted))
        except ReadError:
            raise error from None
    from kubectl_tcr.readers import json

    return of_values(json.load(text, _DEEPEST_JSON))


def definitions(document: Tree) -> Iterator[Definition]:
    """The CustomResourceDefinitions of a document: the document itself, or items of a list."""
    for node in _resources(document, document.root):
        yield _definition(document, node)


def _resources(document: Tree, root: Map) -> Iterator[Map]:
    kind = document.text(root, "kind")
    if kind == DEFINITION and document.text(root, "apiVersion").startswith(_GROUP):
        yield root
    elif kind == f"{DEFINITION}List":
        yield from document.items(document.at(root, "items"))
    elif kind == "List":
        for item in document.items(document.at(root, "items")):
            yield from _resources(document, item)


def _definition(document: Tree, node: Map) -> Definition:
    group, kind = document.text(node, "spec", "group"), document.text(node, "spec", "names", "kind")
    found: dict[tuple[str, ...], Leaf] = {}
    troubles: dict[str, None] = {}
    is_open = _keeps_all(document, node)
    for schema in _schemas(document, node):
        if not _is_mapping(schema):
            troubles["its schema is no mapping"] = None
            continue
        walk = _Walk(document, group, kind)
        for leaf in walk.leaves(schema):
            # Of several versions the one that says most of a field is heard.
            known = found.get(leaf.path)
            if known is None or len(leaf.says) > len(known.says):
                found[leaf.path] = leaf
        troubles |= walk.troubles
        is_open = is_open or walk.is_open
    return Definition(group, kind, tuple(found.values()), tuple(troubles), is_open)


def _keeps_all(document: Tree, node: Map) -> bool:
    """Whether fields that no schema declares are kept; v1beta1 does so where it is not told otherwise."""
    keeps = document.text(node, "spec", "preserveUnknownFields")
    return keeps == "true" or (document.text(node, "apiVersion").endswith("/v1beta1") and keeps != "false")


def _is_mapping(node: Node) -> bool:
    return isinstance(node, dict) and not any(isinstance(key, int) for key in node)


def _schemas(document: Tree, node: Map) -> Iterator[Node]:
    """The schemas of a definition: of each version, or of v1beta1 for all of them."""
    places = [document.at(node, "spec", "validation", "openAPIV3Schema")]
    places += [
        document.at(version, "schema", "openAPIV3Schema")
        for version in document.items(document.at(node, "spec", "versions"))
    ]
    yield from (place for place in places if place is not None)


class _Around(NamedTuple):
    """What is known of the mapping around a place: its keys, its description, the registries there and further up.

    `says_of_items` is the description of the list, or the mapping with any keys, that the place is an item of.
    """

    keys: frozenset[str] = frozenset()
    says: str = ""
    registries: frozenset[str] = frozenset()
    says_of_items: str = ""


class _Walk:
    """A walk through one schema, the outermost strings first."""

    def __init__(self, document: Tree, group: str, kind: str) -> None:
        self._document = document
        self._group = group
        self._kind = kind
        self._left = MOST
        self._names: set[str] = set()
        self.troubles: dict[str, None] = {}
        self.is_open = False

    def leaves(self, schema: Node) -> list[Leaf]:
        """All strings, each with what stands around it."""
        found = []
        waiting: list[tuple[tuple[Node, ...], tuple[str, ...], _Around]] = [((schema,), (), _Around())]
        while waiting:
            nodes, path, around = waiting.pop()
            views = self._views(nodes)
            self._left -= len(views)
            if self._left < 0:
                self.troubles[f"its schema has more than {MOST} places; the rest is not looked at"] = None
                break
            if len(path) > DEEPEST:
                self.troubles[f"its schema is deeper than {DEEPEST} levels; what lies below is not looked at"] = None
                continue
            if self._is_string(views):
                found.append(self._leaf(views, path, around))
            below = list(self._below(views, path, around))
            is_open = self._is_open(views)
            self.is_open = self.is_open or is_open
            if not below and path and is_open:
                found.append(Leaf(self._group, self._kind, (*path, "image"), is_opaque=True))
            waiting += reversed(below)
        everywhere = frozenset(self._names)
        return [leaf._replace(everywhere=everywhere) for leaf in found if is_spelled(leaf.path)]

    def _views(self, nodes: Iterable[Node]) -> list[Map]:
        """The mappings that say something of one place: its schema, and what is composed to it."""
        views: list[Map] = []
        waiting = list(nodes)
        while waiting and len(views) < _MOST_VIEWS:
            view = self._document.below(waiting.pop())
            if view and 0 not in view:  # no list
                views.append(view)
                waiting += [one for key in _COMPOSED if key in view for one in self._document.items(view[key])]
        return views

    def _is_string(self, views: Collection[Map]) -> bool:
        if not views or any(self._document.text(view, "x-kubernetes-int-or-string") == "true" for view in views):
            return False
        types = {self._document.text(view, "type") for view in views} - {""}
        return "string" in types or (not types and not any(map(_has_structure, views)))

    def _is_open(self, views: Iterable[Map]) -> bool:
        """Whether a mapping takes whatever it is given."""
        return any(self._document.text(view, "x-kubernetes-preserve-unknown-fields") == "true" for view in views)

    def _leaf(self, views: Iterable[Map], path: tuple[str, ...], around: _Around) -> Leaf:
        views = tuple(views)
        says = self._says(views) or around.says_of_items
        default = next((text for view in views if (text := self._document.text(view, "default"))), "")
        chosen = any(view.get("enum") or view.get("format") for view in views)
        return Leaf(
            self._group, self._kind, path, around.keys, says, around.says, default, around.registries, is_chosen=chosen
        )

    def _below(
        self, views: list[Map], path: tuple[str, ...], around: _Around
    ) -> Iterator[tuple[tuple[Node, ...], tuple[str, ...], _Around]]:
        """The places right below one: properties, items, values of any key."""
        properties: dict[str, list[Node]] = {}
        wild: dict[str, list[Node]] = {}
        for view in views:
            for name, node in self._properties(view).items():
                properties.setdefault(str(name), []).append(node)
            for key, part in (("items", "[]"), ("additionalProperties", "{}")):
                if isinstance(view.get(key), (dict, tuple)):
                    wild.setdefault(part, []).append(view[key])
        if properties:
            self._names.update(properties)
            says = self._says(views)
            # Few names of many: what grows with every level and every mapping is kept small.
            named = (name for name in REGISTRIES & properties.keys() if self._is_string(self._views(properties[name])))
            inner = _Around(frozenset(properties), says, around.registries.union(named))
            for name, nodes in properties.items():
                if name not in WILD:  # no row can spell it
                    yield tuple(nodes), (*path, name), inner
        for part, nodes in wild.items():
            yield tuple(nodes), (*path, part), around._replace(says_of_items=self._says(views) or around.says_of_items)

    def _properties(self, view: Map) -> Map:
        declared = self._document.below(view.get("properties"))
        if _is_mapping(declared) and (declared or not view.get("properties")):
            return declared
        self.troubles["its properties are no mapping"] = None
        return {}

    def _says(self, views: Iterable[Map]) -> str:
        return max((self._document.text(view, "description") for view in views), key=len, default="")


def _has_structure(view: Map) -> bool:
    return any(key in view for key in ("properties", "items", "additionalProperties", "$ref")) or any(
        str(key).startswith("x-kubernetes-") for key in view
    )


def spelled(path: Iterable[str]) -> str:
    """A path in the language of rows.

    >>> spelled(("spec", "nodes", "{}", "a.b", "image"))
    "spec.nodes.{}['a.b'].image"
    """
    text = ""
    for part in path:
        if part == "[]":
            text += part
        else:
            text += f"['{part}']" if "." in part and part != "{}" else f".{part}"
    return text.removeprefix(".")


def is_spelled(path: tuple[str, ...]) -> bool:
    """Whether a row can spell a path, and a person read it."""
    text = spelled(path)
    return bool(path) and path[0] not in WILD and text.isprintable() and not flaw_of_path(text)
