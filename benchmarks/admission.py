"""What a policy adds to the creation of a pod, and how many rules a server takes; see README.md beside this file."""

import argparse
import http.client
import json
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from installed import TOOLS  # noqa: E402

from e2e.cluster import TOKEN, Server  # noqa: E402 a server as the tests have it

POLICY = Path(sys.executable).parent / "kubectl-tcr_policy"
API = "/apis/admissionregistration.k8s.io/v1"
KINDS = {
    "MutatingAdmissionPolicy": f"{API}/mutatingadmissionpolicies",
    "MutatingAdmissionPolicyBinding": f"{API}/mutatingadmissionpolicybindings",
}
# Milliseconds that may be added, by the number of rules.
LIMITS = {10: 2.0, 300: 10.0}
_PATIENCE = 30
_TURNS = 5
_CREATED = 201


class Api:
    """A connection to a server that stays open."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        context = ssl._create_unverified_context()  # noqa: S323, SLF001 a server of its own, on loopback
        self._connection = http.client.HTTPSConnection(parts.hostname or "", parts.port, context=context)

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """The status and the object of an answer."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        self._connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())

    def create(self, images: list[str], name: str = "probe", *, dry: bool = True) -> list[str]:
        """The images of a pod as it was created."""
        containers = [{"name": f"c{at}", "image": image} for at, image in enumerate(images)]
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": containers}}
        status, made = self.ask("POST", f"/api/v1/namespaces/default/pods{'?dryRun=All' if dry else ''}", pod)
        if status != _CREATED:
            raise SystemExit(f"no pod: {made.get('message')}")
        return [one["image"] for one in made["spec"]["containers"]]


class Row(NamedTuple):
    """What creating a pod takes, in milliseconds."""

    rules: int
    one: float
    sixty: float


def main() -> int:
    """Measure and print; status 1 where a policy adds more than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300, help="pods of each kind")
    parser.add_argument("--most", action="store_true", help="also look for the largest number of rules that is taken")
    options = parser.parse_args()
    with _server() as api:
        rows = _measured(api, options.rounds)
        print("| rules | a pod of 1 container, ms | of 60 containers, ms |\n|---|---|---|")
        for row in rows:
            print(f"| {row.rules or 'no policy'} | {row.one:.2f} | {row.sixty:.2f} |")
        added = {row.rules: row.one - rows[0].one for row in rows[1:]}
        for count, limit in LIMITS.items():
            print(f"{count} rules add {added[count]:.2f} ms (at most {limit:g})")
        if options.most:
            print(f"the largest number of rules that is taken: {_most(api)}")
    return int(any(added[count] > limit for count, limit in LIMITS.items()))


@contextmanager
def _server() -> Iterator[Api]:
    """A server of the newest release."""
    programs = {"etcd": str(TOOLS / "etcd"), "kube-apiserver": str(TOOLS / "kube-apiserver")}
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), {**programs, "openssl": shutil.which("openssl") or "openssl"})
        try:
            server.start()
            yield Api(server.url)
        finally:
            server.stop()


def _measured(api: Api, rounds: int) -> list[Row]:
    """Create pods with policies of so many rules, and with none: by turns, as a server gets slower with time."""
    times: dict[tuple[int, int], list[float]] = {}
    for _ in range(_TURNS):
        for rules in (0, *LIMITS):
            with _in_force(api, rules):
                for containers in (1, 60):
                    times.setdefault((rules, containers), []).extend(_times(api, rules, containers, rounds // _TURNS))
    return [Row(rules, median(times[rules, 1]), median(times[rules, 60])) for rules in (0, *LIMITS)]


def _times(api: Api, rules: int, containers: int, rounds: int) -> list[float]:
    """Milliseconds, one number for each pod."""
    images = [f"{_source(at % max(rules, 1))}/some/image-{at}:1.2.3" for at in range(containers)]
    times = []
    for at in range(rounds):
        begin = time.perf_counter()
        found = api.create(images, f"pod-{rules}-{containers}-{at}-{time.monotonic_ns()}", dry=False)
        times.append((time.perf_counter() - begin) * 1000)
        if rules and any(image in images for image in found):
            raise SystemExit(f"not moved: {found}")
    return times


@contextmanager
def _in_force(api: Api, rules: int) -> Iterator[None]:
    if rules:
        problem = _apply(api, rules)
        if problem:
            raise SystemExit(problem)
    try:
        yield
    finally:
        _delete(api)


def _apply(api: Api, rules: int) -> str:
    """Put a policy in force; why that could not be done, empty if it could."""
    made = subprocess.run(
        [POLICY, "--config", "/dev/stdin"], input=_config(rules).encode(), capture_output=True, check=False
    )
    if made.returncode:
        return made.stderr.decode()
    for one in _objects(made.stdout.decode()):
        status, answer = api.ask("POST", KINDS[one["kind"]], one)
        if status != _CREATED:
            return str(answer.get("message"))
    # A pod with as many containers as anybody has.
    images = [f"{_source(at % rules)}/some/image-{at}:1" for at in range(60)]
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if not set(api.create(images)) & set(images):
            return ""
        time.sleep(0.1)
    return "the images of 60 containers are not moved"


def _objects(text: str) -> list[Any]:
    from ruamel.yaml import YAML

    return list(YAML(typ="safe", pure=True).load_all(text))


def _delete(api: Api) -> None:
    for path in KINDS.values():
        api.ask("DELETE", f"{path}/kubectl-tcr")
    images = [f"{_source(0)}/some/image:1"]
    while api.create(images) != images:
        time.sleep(0.1)


def _most(api: Api) -> int:
    """The largest number of rules that is taken by the command and the server, and moves 60 containers."""
    low, high, why = max(LIMITS), 20_000, ""
    while low < high - 1:
        middle = (low + high) // 2
        problem = _apply(api, middle)
        _delete(api)
        low, high, why = (low, middle, problem) if problem else (middle, high, why)
    print(f"one rule more: {' '.join(why.split())[:300]}")
    return low


def _config(rules: int) -> str:
    rows = (f"    - {{source: {_source(at)}, mirror: mirror.example.com/team-{at}}}\n" for at in range(rules))
    head = "apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\nspec:\n  preset: none\n  mirrors:\n"
    return head + "".join(rows)


def _source(at: int) -> str:
    return f"registry.example.io/team-{at}"


if __name__ == "__main__":
    sys.exit(main())
