"""Places whose strings stay, whatever they look like, each with its reason."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from kubectl_tcr.kubernetes.fields import lies_at, lies_below, split_path
from kubectl_tcr.kubernetes.roles import Role, Stays
from kubectl_tcr.kubernetes.tables import rows
from kubectl_tcr.text.document import Path
from kubectl_tcr.text.patterns import words

CONFIG_GROUP = "kubectl-tcr"
NAME = "a name of the API, not an image"
ADDRESS = "the address of a repository, not an image"
MATCH_KEY = "a match key: must equal the resources it patches"
POLICY = "must match the images of other resources"
RUNNING = "must equal what an application runs"
PATTERN = "a pattern that a script looks for"
PUSHED = "pushed, not pulled: a push to a pull mirror fails"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
# What stands in the table for a file without apiVersion and kind.
NO_KIND = "-"

_STATUS = Stays(Role.RECORD, "status is a record, not a wish")
_PAST = Stays(Role.RECORD, "a record of the past, not a wish")
_SECRET = Stays(Role.IMAGE, "a Secret is left whole")
_CONFIG = Stays(Role.MATCH, "the configuration of this tool")
_SCHEMA = Stays(Role.PROSE, "a schema, not a value")
_DOCUMENTATION = Stays(Role.PROSE, "documentation")
_API_VERSION = Stays(Role.NAME, "an API version")
BUILT = Stays(Role.TARGET, PUSHED)

_PROSE = frozenset(
    {"description", "message", "documentation", "summary", "example", "examples", "title", "purl", "bom-ref"}
)
_PROSE_ENDS = ("/description", "/title")
_ADDRESSES = frozenset({"repoURL", "url", "repo", "server", "endpoint"})
# Names that the API takes, most of which begin with a domain like a reference: finalizers, controllers, drivers,
# signers, kinds of resources, keys of labels and taints. None of them has a tag or digest.
_NAMES = frozenset({
    "finalizers", "finalizer", "finalizerName", "provisioner", "provisioners", "attacher", "signer", "signers",
    "signerName", "signerNames", "controller", "controllerName",
    "reportingController", "reportingComponent", "driver", "drivers", "driverName", "loadBalancerClass",
    "nodeSelectorKey", "topologyKey", "topologyKeys", "matchLabelKeys", "mismatchLabelKeys",
    "labelKey", "taintKey", "resourceName", "resourceNames", "resources", "apiGroup", "apiGroups", "group",
    "managedBy", "manager", "fieldManager", "schedulerName", "runtimeClassName", "storageClassName",
    "ingressClassName", "gatewayClassName", "deviceClassName", "priorityClassName", "volumeSnapshotClassName",
    "className", "conditionType", "appProtocol",
    "volume.kubernetes.io/storage-provisioner", "volume.beta.kubernetes.io/storage-provisioner",
    "pv.kubernetes.io/provisioned-by", "kubernetes.io/ingress.class",
})  # fmt: skip
# How flags end that take such names.
_NAME_FLAGS = (
    "provisioner", "provisioner-name", "driver-name", "signer", "signer-name", "finalizer", "finalizer-name",
    "taint-key", "label-key", "topology-key", "controller-class", "controller-name", "ingress-class", "scheduler-name",
)  # fmt: skip
# Lists whose items are named by such a name, and by which key.
_NAMED = frozenset(
    (owner, key)
    for key, owners in {
        "key": (
            *("matchExpressions", "matchFields", "matchLabelExpressions", "requirements"),
            *("tolerations", "taints", "startupTaints", "taint"),
        ),
        "name": ("schedulingGates",),
    }.items()
    for owner in owners
)


# Words of a parameter's name that say so (`push-image` is as often the image that pushes), and variables of the
# environment below which tools push.
_OUTPUTS = frozenset({"output", "out", "destination", "dest"})
OUTPUT_VARIABLES = frozenset({"KO_DOCKER_REPO", "SKAFFOLD_DEFAULT_REPO"})


class Row(NamedTuple):
    """Kinds (all of a group where `kind` is `*`) whose fields at or below `path` stay.

    Fields below one of the keys in `but` are no part of it.
    """

    group: str
    kind: str
    path: str
    role: Role
    why: str
    but: tuple[str, ...] = ()

    @property
    def stays(self) -> Stays:
        """What it says of a field."""
        return Stays(self.role, self.why, "=" if self.path.endswith("=") else "")

    def keeps(self, field: Path, kind: str) -> bool:
        """Whether a field of a kind stays by it."""
        parts = _parts(self.path)
        if self.kind not in ("*", kind) or any(key in field for key in self.but):
            return False
        return lies_at(parts, field) if self.path.endswith("=") else lies_below(parts, field)


def parse_rows(lines: Iterable[str]) -> Iterator[Row]:
    """The rows of a table in the form of `exclusions.txt`; raises ValueError for a line of another form."""
    for line in lines:
        group, kind, path, but, role, why = (word.strip() for word in line.split("|"))
        yield Row(group, kind, path, Role(role), why, tuple(but.split()))


ROWS = tuple(parse_rows(rows("exclusions.txt")))
_BY_GROUP: dict[str, list[Row]] = {}
for _row in ROWS:
    _BY_GROUP.setdefault(_row.group, []).append(_row)


@lru_cache(maxsize=len(ROWS))
def _parts(path: str) -> tuple[str, ...]:
    return split_path(path.removesuffix("="))


# What was asked before: fields of many documents are the same ones.
_remembered = lru_cache(maxsize=4096)


@_remembered
def of_place(field: Path, group: str, kind: str) -> Stays | None:
    """Why a string at a field of the resource it stands in stays, None if it does not."""
    return of_resource(field, group, kind) or _of_field(field)


@_remembered
def of_resource(field: Path, group: str, kind: str) -> Stays | None:
    """Why a resource of a kind keeps its string at `field`, a path from its root; None if it does not.

    Where no kind is given, what the file is for is told by its fields alone.
    """
    found = (_record(field) or _kind(field, group, kind)) if kind else None
    return found or _in_table(field, group if kind else NO_KIND, kind or NO_KIND)


def _in_table(field: Path, group: str, kind: str) -> Stays | None:
    candidates = (*_BY_GROUP.get(group, ()), *_BY_GROUP["*"])
    return next((row.stays for row in candidates if row.keeps(field, kind)), None)


def _record(field: Path) -> Stays | None:
    if field[:1] == ("status",):
        return _STATUS
    if field[:2] == ("metadata", "managedFields") or field[:3] == ("metadata", "annotations", LAST_APPLIED):
        return _PAST
    return None


def _kind(field: Path, group: str, kind: str) -> Stays | None:
    if kind == "Secret" and not group:
        return _SECRET
    if group == CONFIG_GROUP:
        return _CONFIG
    if kind == "CustomResourceDefinition" and not _is_default(field):
        return _SCHEMA
    return None


def _is_default(field: Path) -> bool:
    """Whether a schema's field is (part of) a default: the API server fills those in."""
    return any(part == "default" and index > 0 and field[index - 1] != "properties" for index, part in enumerate(field))


def _of_field(field: Path) -> Stays | None:
    """Why a field of that name stays, in whatever resource, None if nothing says so."""
    names = [part for part in field if isinstance(part, str)]
    last = names[-1] if names else ""
    if last in _PROSE or last.endswith(_PROSE_ENDS):
        return _DOCUMENTATION
    if last == "apiVersion":
        return _API_VERSION
    if last in OUTPUT_VARIABLES or field[:3] == ("spec", "output", "image") or names[-2:] == ["output", "image"]:
        return BUILT
    return None


def is_output(name: str) -> bool:
    """Whether a parameter of that name holds what is pushed: `output-image`, `IMAGE_OUT`."""
    return not _OUTPUTS.isdisjoint(words(name))


def is_name(path: Path) -> bool:
    """Whether a field holds a name of the API, such as a finalizer, a driver or the key of a label."""
    names = [part for part in path if isinstance(part, str)]
    return bool(names) and (names[-1] in _NAMES or tuple(names[-2:]) in _NAMED)


def is_name_flag(flag: str) -> bool:
    """Whether a flag takes such a name: `--provisioner`, `--driver-name`, `--csi-signer-name`."""
    return flag.lstrip("-").lower().replace("_", "-").endswith(_NAME_FLAGS)


def is_address(path: Path) -> bool:
    """Whether a field holds an address of a repository or a service, not an image."""
    names = [part for part in path if isinstance(part, str)]
    return bool(names) and names[-1] in _ADDRESSES and not (names[-1] == "repo" and is_below_image(path))


def is_below_image(path: Path) -> bool:
    """Whether the key above a field says that it is about an image: `image`, `proxyImage`, `images`."""
    above = next((part for part in reversed(path[:-1]) if isinstance(part, str)), "")
    return above.lower().endswith(("image", "images"))
