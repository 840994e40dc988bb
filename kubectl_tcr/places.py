"""Where a scalar stands: in which resource, and whether that place is to be left alone."""

from typing import NamedTuple

from kubectl_tcr import exclusions
from kubectl_tcr.document import Path, Reading
from kubectl_tcr.site import Resource

IGNORE_ANNOTATION = "kubectl-tcr/ignore"

_IDENTITY = frozenset({"apiVersion", "kind"})
_METADATA = frozenset({"name", "namespace", "generateName"})


class Place(NamedTuple):
    """The resource around a path, and why its strings stay, if they do."""

    resource: Resource
    reason: str


class Places:
    """The resources of a document, by the path of their root."""

    def __init__(self, reading: Reading) -> None:
        self._resources = _resources(reading)
        self._ignored = _ignored(reading)
        self._depths = sorted({len(root) for root in self._resources}, reverse=True)
        self._ignored_depths = {len(root) for root in self._ignored}

    def resource(self, path: Path) -> Resource:
        """The innermost resource around a path."""
        for depth in self._depths:
            if depth <= len(path):
                found = self._resources.get(path[:depth])
                if found is not None:
                    return found
        return Resource()

    def at(self, path: Path) -> Place:
        """The place of a path."""
        resource = self.resource(path)
        if any(path[:depth] in self._ignored for depth in self._ignored_depths):
            return Place(resource, f"ignored by the annotation {IGNORE_ANNOTATION}")
        return Place(resource, self._reason(path))

    def _reason(self, path: Path) -> str:
        """Why a string stays: any resource around it may say so, the outermost first."""
        around = [self._resources[path[:depth]] for depth in reversed(self._depths) if path[:depth] in self._resources]
        for resource in around or (Resource(),):
            reason = exclusions.of_resource(path, resource)
            if reason:
                return reason
        return exclusions.of_field(path[len(around[-1].root) :] if around else path)


def _resources(reading: Reading) -> dict[Path, Resource]:
    found: dict[Path, dict[str, str]] = {}
    for scalar in reading.scalars:
        path = scalar.path
        if scalar.is_key or not path:
            continue
        if path[-1] in _IDENTITY:
            found.setdefault(path[:-1], {})[str(path[-1])] = scalar.value
        elif path[-1] in _METADATA and path[-2:-1] == ("metadata",):
            found.setdefault(path[:-2], {})[str(path[-1])] = scalar.value
    return {
        root: Resource(
            names["apiVersion"], names["kind"], names.get("name") or names.get("generateName", ""),
            names.get("namespace", ""), root,
        )
        for root, names in found.items()
        if "apiVersion" in names and "kind" in names
    }  # fmt: skip


def _ignored(reading: Reading) -> frozenset[Path]:
    """Roots whose metadata carries the ignore annotation: resources and pod templates."""
    return frozenset(
        scalar.path[:-3]
        for scalar in reading.scalars
        if scalar.path[-3:] == ("metadata", "annotations", IGNORE_ANNOTATION) and scalar.value.lower() == "true"
    )
