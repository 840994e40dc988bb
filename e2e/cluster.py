"""A real Kubernetes API server with its etcd, and what tests ask of it.

There is no kubelet and no controller: nothing is pulled, and no Job ends by itself. That is all
these tests need, since they ask what the server was told, and it makes a server ready in seconds.
"""

import itertools
import json
import os
import socket
import ssl
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

TOKEN = "harbour-master"  # noqa: S105 of a server that lives as long as the tests, on loopback

# Generous: what hangs must not hang the tests, and Go programs start slowly on a busy machine.
TIMEOUT = 180

Objects = dict[str, dict[str, Any]]
_NAMESPACES = itertools.count(1)
_NO_MORE: Mapping[str, str] = MappingProxyType({})


class Done(NamedTuple):
    """What a command left behind."""

    status: int
    out: str
    err: str


def _free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


class Server:
    """etcd and kube-apiserver on loopback, with all their files in one folder.

    `programs` names the executables, `flags` are more of kube-apiserver's.
    """

    def __init__(self, folder: Path, programs: Mapping[str, str], flags: Sequence[str] = ()) -> None:
        self.folder = folder
        self._programs, self._flags = programs, flags
        self._running: list[subprocess.Popen[bytes]] = []
        self._etcd, self._peer, self._port = _free_ports(3)
        self.url = f"https://127.0.0.1:{self._port}"

    def start(self) -> None:
        key = self.folder / "accounts.key"
        subprocess.run([self._programs["openssl"], "genrsa", "-out", key, "2048"], check=True, capture_output=True)
        (self.folder / "tokens.csv").write_text(f"{TOKEN},harbour-master,1,system:masters\n")
        etcd, peer = f"http://127.0.0.1:{self._etcd}", f"http://127.0.0.1:{self._peer}"
        self._launch(
            "etcd",
            f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls={etcd}",
            f"--advertise-client-urls={etcd}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--unsafe-no-fsync",
        )
        self._launch(
            "kube-apiserver",
            f"--etcd-servers={etcd}",
            "--bind-address=127.0.0.1",
            f"--secure-port={self._port}",
            f"--cert-dir={self.folder / 'certificates'}",
            f"--token-auth-file={self.folder / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.0.0.0/24",
            "--service-account-issuer=https://harbour.example.com",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            # Needs a controller that makes the accounts.
            "--disable-admission-plugins=ServiceAccount",
            "--endpoint-reconciler-type=none",
            *self._flags,
        )
        self._wait()

    def stop(self) -> None:
        """End what was started, the API server before its store."""
        for process in reversed(self._running):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def kubeconfig(self, namespace: str) -> dict[str, Any]:
        """A kubeconfig whose namespace is `namespace`."""
        context = {"cluster": "harbour", "user": "harbour", "namespace": namespace}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "harbour",
            "clusters": [{"name": "harbour", "cluster": {"server": self.url, "insecure-skip-tls-verify": True}}],
            "users": [{"name": "harbour", "user": {"token": TOKEN}}],
            "contexts": [{"name": "harbour", "context": context}],
        }

    def _launch(self, name: str, *args: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self._running.append(subprocess.Popen([self._programs[name], *args], stdout=log, stderr=log))

    def _wait(self) -> None:
        deadline = time.monotonic() + TIMEOUT
        while not self._is_ready():
            ended = [process.args for process in self._running if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                log = (self.folder / "kube-apiserver.log").read_text()
                raise RuntimeError(f"the API server is not ready; ended: {ended}; its log ends:\n{log[-3000:]}")
            time.sleep(0.2)

    def _is_ready(self) -> bool:
        request = urllib.request.Request(f"{self.url}/readyz", headers={"Authorization": f"Bearer {TOKEN}"})  # noqa: S310
        try:
            with urllib.request.urlopen(request, context=ssl._create_unverified_context(), timeout=5):  # noqa: S310, S323
                return True
        except OSError:
            return False


class Cluster:
    """A server, and a user's shell: a folder, a PATH, a home of one's own and a current namespace."""

    def __init__(self, server: Server, path: str, folder: Path) -> None:
        self.folder = folder
        self.namespace = ""
        self._server = server
        self._path = path
        self.enter_namespace()

    def enter_namespace(self) -> str:
        """Make a new namespace the current one."""
        self.enter(f"e2e-{next(_NAMESPACES):04}")
        self.kubectl("create", "namespace", self.namespace)
        return self.namespace

    def enter(self, namespace: str) -> None:
        """Make a namespace the current one."""
        self.namespace = namespace
        (self.folder / "kubeconfig.json").write_text(json.dumps(self._server.kubeconfig(namespace)))

    def environment(self, more: Mapping[str, str] = _NO_MORE) -> dict[str, str]:
        """The environment of a user who has set nothing; `more` may put folders before the PATH."""
        path = os.pathsep.join(filter(None, [more.get("PATH"), self._path]))
        home = {"HOME": str(self.folder / "home"), "KUBECONFIG": str(self.folder / "kubeconfig.json")}
        return {**home, **more, "PATH": path}

    def run(self, *words: str, source: str = "", env: Mapping[str, str] = _NO_MORE) -> Done:
        """Run a command in the folder."""
        done = subprocess.run(
            words,
            input=source,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self.environment(env),
            timeout=TIMEOUT,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def kubectl(self, *args: str, source: str = "") -> str:
        """What kubectl prints; a failure is one of the test."""
        done = self.run("kubectl", *args, source=source)
        assert done.status == 0, done.err
        return done.out

    def objects(self) -> Objects:
        """All that stands in the current namespace, and the custom resource definitions, by `Kind/name`.

        The release records of Helm are left out; so is what the server adds by itself and what
        tells one run from another: times, versions, managers, identities, the namespace's name.
        """
        kinds = self.kubectl("api-resources", "--namespaced", "--verbs=list", "-o", "name").split()
        wanted = [kind for kind in kinds if not kind.startswith(("events", "leases"))]
        found = self._items(",".join(wanted)) + self._items("customresourcedefinitions")
        return {f"{one['kind']}/{one['metadata']['name']}": self._plain(one) for one in found if not _is_record(one)}

    def versions(self) -> dict[str, tuple[str, str]]:
        """The identity and version of every object in the namespace: what a no-op leaves as it was."""
        kinds = "deployments,daemonsets,services,configmaps,jobs,cronjobs,dredgers,bells"
        return {
            f"{one['kind']}/{one['metadata']['name']}": (one["metadata"]["uid"], one["metadata"]["resourceVersion"])
            for one in self._items(kinds)
        }

    def wipe(self) -> None:
        """Delete the custom resource definitions, and with them their resources, in all namespaces."""
        self.kubectl("delete", "customresourcedefinitions", "--all", "--wait")

    @contextmanager
    def finishing_jobs(self) -> Iterator[None]:
        """Stand in for the Job controller: Helm waits until the Job of a hook is complete."""
        is_over = threading.Event()
        thread = threading.Thread(target=self._finish_jobs, args=(is_over,))
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()

    def _finish_jobs(self, is_over: threading.Event) -> None:
        while not is_over.wait(0.5):
            for job in self._items("jobs"):
                if "helm.sh/hook" in job["metadata"].get("annotations", {}) and not job["status"].get("succeeded"):
                    patch = json.dumps({"status": _complete()})
                    # The hook may be gone by now: Helm deletes it before it makes a new one.
                    self.run(
                        *("kubectl", "patch", "job", job["metadata"]["name"]),
                        *("--subresource=status", "--type=merge", f"--patch={patch}"),
                    )

    def _items(self, kinds: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.kubectl("get", kinds, "-o", "json"))["items"]
        return found

    def _plain(self, found: dict[str, Any]) -> dict[str, Any]:
        metadata = found["metadata"]
        text = json.dumps(found).replace(metadata["uid"], "UID").replace(self.namespace, "NAMESPACE")
        plain: dict[str, Any] = json.loads(text)
        for name in ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"):
            plain["metadata"].pop(name, None)
        plain["metadata"].get("annotations", {}).pop("kubectl.kubernetes.io/last-applied-configuration", None)
        plain.pop("status", None)
        return plain


def _is_record(found: Mapping[str, Any]) -> bool:
    return bool(found["kind"] == "Secret" and found.get("type") == "helm.sh/release.v1")


def _complete() -> dict[str, Any]:
    """The status of a Job that is done, as the server demands it."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    common = {"status": "True", "lastProbeTime": now, "lastTransitionTime": now}
    conditions = [{"type": kind, **common} for kind in ("SuccessCriteriaMet", "Complete")]
    return {"startTime": now, "completionTime": now, "succeeded": 1, "conditions": conditions}


def differences(before: Objects, after: Objects) -> list[str]:
    """Every string that differs between two states, line by line: `Kind/name field: old -> new`."""
    old, new = dict(_leaves("", before)), dict(_leaves("", after))
    assert old.keys() == new.keys()
    pairs = [(field, old[field], new[field]) for field in old if old[field] != new[field]]
    return sorted(f"{field}: {was} -> {now}" for field, was, now in pairs)


def _leaves(field: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, below in value.items():
            name = f"{field}.{key}" if " " in field else f"{field} {key}" if field else key
            yield from _leaves(name, below)
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _leaves(f"{field}[{index}]", below)
    elif isinstance(value, str) and "\n" in value:
        yield from _leaves(field, value.split("\n"))
    else:
        yield field, value


def images(found: Objects) -> Sequence[str]:
    """Every image of a container or custom resource in a state."""
    return [value for field, value in _leaves("", found) if field.endswith((".image", ".pump"))]
