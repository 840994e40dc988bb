"""Where a scalar stands: in which resource, and whether that place is to be left alone."""

from typing import NamedTuple

from kubectl_tcr import exclusions
from kubectl_tcr.document import Path, Reading
from kubectl_tcr.site import Resource

IGNORE_ANNOTATION = "kubectl-tcr/ignore"

_METADATA = frozenset({"name", "namespace", "generateName"})
_CONTEXT = frozenset({"apiVersion", "kind", IGNORE_ANNOTATION, *_METADATA})
_IGNORED = f"ignored by the annotation {IGNORE_ANNOTATION}"
_NOWHERE = Resource()
_ROOT_ONLY = [0]


class Place(NamedTuple):
    """The resource around a path, and why its strings stay, if they do."""

    resource: Resource
    reason: str


class Places:
    """The resources of a document, by the path of their root."""

    def __init__(self, reading: Reading) -> None:
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
            elif path[-3:-1] == ("metadata", "annotations") and value.lower() == "true":
                self._ignored.add(path[:-3])
        self._resources = {
            root: _resource(root, row) for root, row in names.items() if "apiVersion" in row and "kind" in row
        }
        self._depths = sorted({len(root) for root in self._resources}, reverse=True)
        self._ignored_depths = {len(root) for root in self._ignored}

    def around(self, path: Path) -> list[Resource]:
        """The resources around a path, the innermost first."""
        if self._depths == _ROOT_ONLY:
            return [self._resources[()]]
        roots = (path[:depth] for depth in self._depths if depth <= len(path))
        return [self._resources[root] for root in roots if root in self._resources]

    def at(self, path: Path) -> Place:
        """The place of a path."""
        around = self.around(path)
        resource = around[0] if around else _NOWHERE
        if self._ignored and any(path[:depth] in self._ignored for depth in self._ignored_depths):
            return Place(resource, _IGNORED)
        return Place(resource, self._reason(path, around or [_NOWHERE]))

    def _reason(self, path: Path, around: list[Resource]) -> str:
        """Why a string stays: any resource around it may say so, the outermost first."""
        for resource in around[:0:-1]:
            reason = exclusions.of_resource(path[len(resource.root) :], resource.group, resource.kind)
            if reason:
                return reason
        inner = around[0]
        return exclusions.of_place(path[len(inner.root) :], inner.group, inner.kind)

    def pull_secret(self, container_image: Path) -> str:
        """The first pull secret of the pod around a container's image, empty if it names none."""
        return self._secrets.get(container_image[:-3], "") if self._secrets else ""


def _resource(root: Path, names: dict[str, str]) -> Resource:
    name = names.get("name") or names.get("generateName", "")
    return Resource(names["apiVersion"], names["kind"], name, names.get("namespace", ""), root)
