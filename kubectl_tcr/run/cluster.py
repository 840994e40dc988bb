"""What a cluster holds, as sources: kubectl is asked for the objects that hold pod templates, and for pods.

What controllers made is a source of its own: pods, and what an operator or a webhook put into them, are named by no
manifest. ReplicaSets and Jobs that were made repeat, or remember, the template of who made them; they are passed over.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from typing import IO, Any, NamedTuple

from kubectl_tcr.errors import InputError
from kubectl_tcr.run import kubectl
from kubectl_tcr.run.sources import Source

NAMED = "cluster"
# The source of what controllers made.
MADE = "cluster, made by controllers"

# What holds pod templates in every cluster.
KINDS = (
    "deployments.apps", "statefulsets.apps", "daemonsets.apps", "replicasets.apps", "jobs.batch", "cronjobs.batch",
    "replicationcontrollers", "podtemplates", "pods",
)  # fmt: skip
_COPIES = frozenset({"ReplicaSet", "ReplicationController", "Job"})
# One object a line (kubectl, JSONPath support: `{@}` is the current object).
_LINES = r'jsonpath={range .items[*]}{@}{"\n"}{end}'


class View(NamedTuple):
    """What to see of which cluster: kubectl's own defaults where nothing is said; `kinds` beside the built-in ones."""

    context: str = ""
    namespace: str = ""
    all_namespaces: bool = False
    kinds: tuple[str, ...] = ()

    @property
    def flags(self) -> list[str]:
        """The flags of kubectl."""
        found = [f"--context={self.context}"] if self.context else []
        found += [f"--namespace={self.namespace}"] if self.namespace else []
        return [*found, "--all-namespaces"] if self.all_namespaces else found


def sources(view: View) -> tuple[Source, Source]:
    """What users named, and what controllers made; the second is read behind the first."""
    made: list[bytes] = []
    return Source(NAMED, lambda: _named(view, made)), Source(MADE, lambda: iter(made))


def _named(view: View, made: list[bytes]) -> Iterator[bytes]:
    """The objects that nothing controls, as lines of JSON; the others are added to `made`."""
    program = kubectl.program("--cluster")
    for kind in (*KINDS, *view.kinds):
        with closing(_lines([program, "get", "-o", _LINES, *view.flags, "--", kind], kind)) as lines:
            for item in _objects(lines, kind):
                if not _is_controlled(item):
                    yield _slim(item)
                elif item.get("kind") not in _COPIES:
                    made.append(_slim(item))


def _objects(lines: Iterator[bytes], kind: str) -> Iterator[dict[str, Any]]:
    """The objects on lines; raises InputError for a line that holds none, unless kubectl failed: that says more."""
    is_odd = False
    for line in lines:
        item = _object(line)
        is_odd = is_odd or item is None
        if item is not None and not is_odd:
            yield item
    if is_odd:
        raise InputError(f"kubectl get {kind} prints what is no object of Kubernetes")


def _object(line: bytes) -> dict[str, Any] | None:
    """The object on a line, None where there is none."""
    import json

    try:
        item = json.loads(line)
    except (ValueError, RecursionError):
        return None
    is_object = isinstance(item, dict) and isinstance(item.get("metadata"), dict)
    return item if is_object else None


def _lines(command: Sequence[str], kind: str) -> Generator[bytes, None, None]:
    """What kubectl prints, line by line; raises InputError where it fails."""
    import subprocess
    from tempfile import TemporaryFile

    with TemporaryFile() as errors:
        try:
            running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)  # noqa: S603 no shell
        except OSError as error:
            raise kubectl.unrunnable(command[0], error) from None
        out: IO[bytes] = running.stdout  # type: ignore[assignment]
        try:
            yield from out
            status = running.wait()
        finally:
            running.kill()
            out.close()  # and not read: a child of kubectl's may hold it open
            running.wait()
        if status:
            errors.seek(0)
            raise InputError(f"kubectl get {kind} failed: {kubectl.problem(errors.read())}")


def _is_controlled(item: dict[str, Any]) -> bool:
    """Whether a controller made an object (metav1.OwnerReference.controller)."""
    owners = item["metadata"].get("ownerReferences")
    return isinstance(owners, list) and any(isinstance(one, dict) and one.get("controller") for one in owners)


def _slim(item: dict[str, Any]) -> bytes:
    """An object without what only tells of the past."""
    import json

    item.pop("status", None)
    item["metadata"].pop("managedFields", None)
    return json.dumps(item).encode() + b"\n"
