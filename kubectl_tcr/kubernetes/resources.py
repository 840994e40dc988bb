"""Where a scalar stands: in which resource, and whether that place is to be left alone."""

from abc import ABC, abstractmethod
from collections.abc import Container, Iterator
from functools import lru_cache
from typing import NamedTuple

from kubectl_tcr.kubernetes import exclusions, keys
from kubectl_tcr.kubernetes.roles import IGNORED_BY_ANNOTATION, Role, Stays
from kubectl_tcr.readers.aliases import Resolved
from kubectl_tcr.text.document import Path, Reading

IGNORE_ANNOTATION = "kubectl-tcr/ignore"

_METADATA = frozenset({"name", "namespace", "generateName"})
_CONTEXT = frozenset({"apiVersion", "kind", IGNORE_ANNOTATION, *_METADATA})
_ROOT_ONLY = [0]
_LIST = "List"
# An item of a list has two resources around it, itself and the list, and two parts in its path.
_IN_A_LIST = 2
# Steps whose image is what they build: https://kubevela.io/docs/end-user/workflow/built-in-workflow-defs
_BUILT = ("properties", "image")
_BUILDS = frozenset({"build-push-image"})


@lru_cache(maxsize=1024)
def _group(api_version: str) -> str:
    group, slash, _ = api_version.partition("/")
    return group if slash else ""


class Resource(NamedTuple):
    """The Kubernetes object around a site; `root` is its field path in the document."""

    api_version: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
    root: Path = ()

    @property
    def group(self) -> str:
        """The API group, empty for the core group."""
        return _group(self.api_version)

    @property
    def item_kind(self) -> str:
        """The kind of a typed list's items, empty for what is no such list; `List` says nothing of its items."""
        return self.kind.removesuffix("List") if self.kind.endswith("List") else ""

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}" if self.name else self.kind


_NOWHERE = Resource()


class Place(NamedTuple):
    """The resource around a path, and why its strings stay, if they do."""

    resource: Resource
    reason: Stays | None


def places(reading: Reading, *, may_merge: bool) -> "Places":
    """The resources of a document; what names them may come by alias or, where it can hold one, by merge key."""
    return _Shared(reading) if reading.aliases or may_merge else _Plain(reading)


class Places(ABC):
    """The resources of a document, by the path of their root."""

    @abstractmethod
    def around(self, path: Path) -> list[Resource]:
        """The resources around a path, the innermost first."""

    @abstractmethod
    def alone(self, path: Path) -> Resource | None:
        """The resource around a path that has the only say there, but for a `List` around it.

        None where there are more or none, or one has itself ignored.
        """

    @abstractmethod
    def is_ignored(self, path: Path) -> bool:
        """Whether an annotation of a resource around a path has its references left alone."""

    @abstractmethod
    def pull_secret(self, container_image: Path) -> str:
        """The first pull secret of the pod around a container's image, empty if it names none."""

    @abstractmethod
    def value(self, path: Path) -> str | None:
        """The scalar at a path, None if a reader saw none there."""

    def at(self, path: Path) -> Place:
        """The place of a path."""
        around = self.around(path)
        resource = around[0] if around else _NOWHERE
        if self.is_ignored(path):
            return Place(resource, IGNORED_BY_ANNOTATION)
        reason = self._reason(path, around or [_NOWHERE])
        return Place(resource, None if reason and self._is_void(reason, path) else reason)

    def _is_void(self, reason: Stays, path: Path) -> bool:
        """Whether a string has what its reason to stay must not have."""
        return bool(reason.unless) and any(mark in (self.value(path) or "") for mark in reason.unless)

    def _reason(self, path: Path, around: list[Resource]) -> Stays | None:
        """Why a string stays: any resource around it may say so, the outermost first."""
        for resource in around[:0:-1]:
            reason = exclusions.of_resource(path[len(resource.root) :], resource.group, resource.kind)
            if reason:
                return reason
        inner = around[0]
        return exclusions.of_place(path[len(inner.root) :], inner.group, inner.kind) or self._output(path)

    def _output(self, path: Path) -> Stays | None:
        """Why what a step, a parameter (Tekton) or a variable holds stays: its type or name says that it is pushed."""
        if path[-2:] == _BUILT and self.value((*path[:-2], "type")) in _BUILDS:
            return exclusions.BUILT
        if path[-1:] not in (("value",), ("default",)) or path[-3:-2] not in (("params",), ("env",)):
            return None
        name = self.value((*path[:-1], "name")) or ""
        role = keys.of_parameter(name) if path[-3] == "params" else keys.of_path((name,))
        return exclusions.BUILT if role is Role.TARGET else None


class _Plain(Places):
    """Those of a document without aliases, as most are: every name stands where it belongs."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._values: dict[Path, str] | None = None  # made by the first question
        names: dict[Path, dict[str, str]] = {}
        self._ignored: set[Path] = set()
        self._secrets: dict[Path, str] = {}
        for value, _, _, _, path, is_key, _, _ in reading.scalars:
            field = path[-1] if path else ""
            if field not in _CONTEXT or is_key:
                continue
            if field in _METADATA:
                if path[-2:-1] == ("metadata",):
                    names.setdefault(path[:-2], {})[str(field)] = value
                elif field == "name" and path[-3:-2] == ("imagePullSecrets",):
                    self._secrets.setdefault(path[:-3], value)
            elif field != IGNORE_ANNOTATION:
                names.setdefault(path[:-1], {})[str(field)] = value
            elif path[-3:-1] == ("metadata", "annotations") and _is_true(value):
                self._ignored.add(path[:-3])
        self._resources = {
            root: _resource(root, row) for root, row in names.items() if "apiVersion" in row and "kind" in row
        }
        self._lists = {root: one for root, one in self._resources.items() if one.item_kind}
        if self._lists:
            self._resources |= self._items(names)
        self._depths = sorted({len(root) for root in self._resources}, reverse=True)
        self._ignored_depths = {len(root) for root in self._ignored}

    def around(self, path: Path) -> list[Resource]:
        if self._depths == _ROOT_ONLY:
            return [self._resources[()]]
        roots = (path[:depth] for depth in self._depths if depth <= len(path))
        return [self._resources[root] for root in roots if root in self._resources]

    def alone(self, path: Path) -> Resource | None:
        if self._ignored:
            return None
        if self._depths == _ROOT_ONLY:
            return self._resources[()]
        around = self.around(path)
        is_item = len(around) == _IN_A_LIST and around[1].kind == _LIST and not around[1].root
        return around[0] if is_item and len(around[0].root) == _IN_A_LIST else None

    def _items(self, names: dict[Path, dict[str, str]]) -> dict[Path, Resource]:
        """The items of typed lists, which say themselves only what differs from the list."""
        items: dict[Path, Resource] = {}
        for _, _, _, _, path, _, _, _ in self._reading.scalars:
            for depth in range(len(path) - 1):
                list_ = self._lists.get(path[:depth])
                root = path[: depth + 2]
                if list_ and _is_item(root) and root not in items:
                    items[root] = _resource(root, _of_list(list_) | names.get(root, {}))
        return items

    def is_ignored(self, path: Path) -> bool:
        return bool(self._ignored) and any(path[:depth] in self._ignored for depth in self._ignored_depths)

    def pull_secret(self, container_image: Path) -> str:
        return self._secrets.get(container_image[:-3], "") if self._secrets else ""

    def value(self, path: Path) -> str | None:
        if self._values is None:
            self._values = {scalar.path: scalar.value for scalar in self._reading.scalars if not scalar.is_key}
        return self._values.get(path)


class _Shared(Places):
    """Those of a document with aliases: every name is looked up where a parser would find it."""

    def __init__(self, reading: Reading) -> None:
        self._resolved = Resolved(reading)
        self._resources: dict[Path, Resource | None] = {}
        # By every path that was asked about and those above: paths share most of what is around them.
        self._around: dict[Path, tuple[Resource, ...]] = {}
        self._ignored: dict[Path, bool] = {}

    def around(self, path: Path) -> list[Resource]:
        for here in _down_to(path, self._around):
            own, above = self._at(here), self._around[here[:-1]] if here else ()
            self._around[here] = (own, *above) if own else above
        return list(self._around[path])

    def alone(self, path: Path) -> Resource | None:  # noqa: ARG002 where a name may be anywhere nothing is simple
        return None

    def _at(self, root: Path) -> Resource | None:
        if root not in self._resources:
            row = {key: self.value((*root, key)) for key in ("apiVersion", "kind")}
            row |= {key: self.value((*root, "metadata", key)) for key in _METADATA}
            names = {key: value for key, value in row.items() if value is not None}
            list_ = self._at(root[:-2]) if _is_item(root) else None
            if list_ and list_.item_kind:
                names = _of_list(list_) | names
            is_one = "apiVersion" in names and "kind" in names
            self._resources[root] = _resource(root, names) if is_one else None
        return self._resources[root]

    def is_ignored(self, path: Path) -> bool:
        for here in _down_to(path, self._ignored):
            is_own = _is_true(self.value((*here, "metadata", "annotations", IGNORE_ANNOTATION)))
            self._ignored[here] = is_own or (bool(here) and self._ignored[here[:-1]])
        return self._ignored[path]

    def pull_secret(self, container_image: Path) -> str:
        return self.value((*container_image[:-3], "imagePullSecrets", 0, "name")) or ""

    def value(self, path: Path) -> str | None:
        return self._resolved.value(path)


def _down_to(path: Path, known: Container[Path]) -> Iterator[Path]:
    """The paths from the first that is not known down to this one, each behind the one above it."""
    depth = len(path)
    while depth >= 0 and path[:depth] not in known:
        depth -= 1
    return (path[:below] for below in range(depth + 1, len(path) + 1))


def _is_true(value: str | None) -> bool:
    return value is not None and value.lower() == "true"


def _is_item(root: Path) -> bool:
    """Whether a path leads to an item of a list."""
    return root[-2:-1] == ("items",) and isinstance(root[-1], int)


def _of_list(list_: Resource) -> dict[str, str]:
    """What kubectl takes an item of a typed list to be, where it does not say so itself."""
    return {"apiVersion": list_.api_version, "kind": list_.item_kind}


def _resource(root: Path, names: dict[str, str]) -> Resource:
    name = names.get("name") or names.get("generateName", "")
    return Resource(names["apiVersion"], names["kind"], name, names.get("namespace", ""), root)
