"""What a cluster holds, as sources: kubectl is asked for the objects that hold pod templates, and for pods.

What controllers made is a source of its own: pods, and what an operator or a webhook put into them, are named by no
manifest. ReplicaSets and Jobs that were made repeat, or remember, the template of who made them; they are passed over.
"""

from collections.abc import Iterator, Sequence
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
    import json

    program = kubectl.program("--cluster")
    for kind in (*KINDS, *view.kinds):
        for line in _lines([program, "get", "-o", _LINES, *view.flags, "--", kind], kind):
            item = json.loads(line)
            if not _is_controlled(item):
                yield _slim(item)
            elif item.get("kind") not in _COPIES:
                made.append(_slim(item))


def _lines(command: Sequence[str], kind: str) -> Iterator[bytes]:
    """What kubectl prints, line by line; raises InputError where it fails."""
    import subprocess
    from tempfile import TemporaryFile

    with TemporaryFile() as errors:
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)  # noqa: S603 no shell; flags by =
        try:
            out: IO[bytes] = running.stdout  # type: ignore[assignment]
            yield from out
            status = running.wait()
        finally:
            running.kill()
            running.communicate()
        if status:
            errors.seek(0)
            raise InputError(f"kubectl get {kind} failed: {kubectl.problem(errors.read())}")


def _is_controlled(item: Any) -> bool:
    """Whether a controller made an object (metav1.OwnerReference.controller)."""
    owners = item.get("metadata", {}).get("ownerReferences") or ()
    return any(owner.get("controller") for owner in owners)


def _slim(item: Any) -> bytes:
    """An object without what only tells of the past."""
    import json

    item.pop("status", None)
    item["metadata"].pop("managedFields", None)
    return json.dumps(item).encode() + b"\n"
