"""Pods with every kind of reference that people write, the same for the same seed, and rules for them."""

import random
from collections.abc import Iterable, Iterator
from typing import Any

Pod = dict[str, Any]

# All that rules can say, so that each has to do with some pod.
_CONFIG = """\
apiVersion: kubectl-tcr/v1alpha1
kind: MirrorConfig
spec:
  preset: none
  mirrors:
    - {source: quay.io, mirror: quay.tencentcloudcr.com}
    - {source: quay.io/harbour/api/deep, mirror: deep.example.com}
    - {source: docker.io, mirror: m.example.com/hub}
    - {source: docker.io/busybox, mirror: m.example.com/tools/busybox}
    - {source: docker.io/redis, mirror: bare.example.com}
    - {source: "localhost:5000", mirror: m.example.com/local}
REST
  exclude:
    - {reference: "quay.io/ours*"}
    - {reference: "docker.io/library/[n-p]*:1*"}
    - {reference: "*@sha256:a1*", name: "web-?"}
    - {field: "spec.initContainers[1]*"}
    - {name: "debug-*7", namespace: "[e]2e-*"}
    - {kind: CronJob, name: web-*}
  trusted: [quay.io/harbour2, "*.harbour.example.com", "ghcr.io:443", docker.io/postgres, mainland, "?10.0.0.1"]
"""
_REST = '    - {source: "*", mirror: "m.example.com/rest/{host}/x"}'
_ALONE = f"apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\nspec:\n  preset: none\n  mirrors:\n{_REST}\n"
CONFIGS = {
    "rules for hosts": _CONFIG.replace("REST\n", ""),
    "and one for the rest": _CONFIG.replace("REST", _REST),
    "the rest alone": _ALONE,
}

_HOSTS = (
    *("", "", "", "docker.io/", "index.docker.io/", "registry-1.docker.io/", "registry.hub.docker.com/"),
    *("quay.io/", "quay.io/", "quay.io:443/", "QUAY.io/", "ghcr.io/", "gcr.io/", "Registry.Example.com:8443/"),
    *("localhost/", "localhost:5000/", "registry:5000/", "10.0.0.1/", "10.0.0.1:5000/", "[fd00::1]:5000/"),
    *("harbour.local/", "cache.svc:80/", "quay.tencentcloudcr.com/", "mirror.tencentyun.com/", "ccr.aliyuncs.com:80/"),
    *("m.example.com/", "M.example.com:80/", "reg.harbour.example.com/", "reg.harbour.example.com:5000/"),
    *("harbour_1.example.com/", "[1]/"),  # hosts by their looks alone
)
_PATHS = (
    *("nginx", "busybox", "auto", "v2", "library/nginx", "library/busybox", "library/v1", "harbour", "harbour/api"),
    *("harbour/api/deep/er", "harbour2/api", "busybox/harbour", "postgres", "redis/redis", "a.b/c_d/e__f/g--h"),
    *("ours/web", "ours", "1", "0" * 64, "deadbeef" * 8, "p" * 240, "Harbour/api", "a..b", "-a", "a-", "a//b"),
)
_VERSIONS = (
    *("", "", ":1", ":1.25-alpine", ":latest", ":V1_2.x", ":" + "t" * 128, "@sha256:" + "a1" * 32),
    *(
        ":1@sha256:" + "0" * 64,
        "@sha512:" + "b" * 128,
        ":",
        ":.x",
        ":" + "t" * 129,
        "@sha256:" + "A1" * 32,
        "@md5:a",
        "@",
    ),
)
_ANNOTATIONS: tuple[dict[str, str] | None, ...] = (
    *(None, None, None, {"team": "harbour"}, {"kubectl-tcr/ignore": "True"}, {"kubectl-tcr/ignore": "no"}),
)

_SOURCES = (
    *(
        "docker.io",
        "index.docker.io",
        "docker.io/library",
        "docker.io/nginx",
        "docker.io/harbour",
        "docker.io/harbour/api",
    ),
    *(
        "quay.io",
        "quay.io:443",
        "QUAY.io",
        "quay.io/harbour",
        "quay.io/harbour/api/deep",
        "localhost",
        "localhost:5000",
    ),
    *("registry-1.docker.io/redis", "docker.io/library/nginx", "[fd00::1]:5000", "10.0.0.1", "ghcr.io/library"),
)
_MIRRORS = (
    *(
        "m.example.com",
        "m.example.com/hub",
        "M.example.com",
        "m.example.com:80/deep",
        "bare.example.com",
        "docker.io/mirror",
    ),
    *("m.example.com/library", "harbour.tencentcloudcr.com", "[fd00::9]:1/x"),
)
_RESTS = ("", "", "m.example.com/{host}", "M.example.com:80/rest/{host}/x", "docker.io/rest/{host}")
_TRUSTED = (
    *("docker.io/nginx", "docker.io", "*.io", "quay.io:*", "quay.io:4?3", "*:443/harbour", "docker.io/library/nginx"),
    *("ghcr.io/harbour/*", "GHCR.io", "?hcr.io/a", "mainland", "*.*/library/*", "*"),
)
_EXCLUDED = (
    *(
        "nginx*",
        "docker.io/*",
        "*:1",
        "quay.io/harbour/api",
        "quay.io/harbour/*",
        "*@*",
        "index.docker.io/*",
        "library/*",
    ),
    *("docker.io/library/nginx", "[!q]*", "*/nginx:1", "docker.io/library/nginx:?"),
)


def flags(seed: int) -> list[str]:
    """Rules, trust and exclusions put together at random; some of them feed each other, and are refused."""
    dice = random.Random(seed)
    rules = {dice.choice(_SOURCES): dice.choice(_MIRRORS) for _ in range(dice.randint(1, 6))}
    rest = dice.choice(_RESTS)
    rows = [*rules.items(), *([("*", rest)] if rest else [])]
    made = ["--preset", "none", *(word for source, mirror in rows for word in ("--mirror", f"{source}={mirror}"))]
    for flag, values in (("--trusted", _TRUSTED), ("--exclude", _EXCLUDED)):
        made += (word for _ in range(dice.choice((0, 0, 1, 2))) for word in (flag, dice.choice(values)))
    return made


def pod(name: str, *images: str, **metadata: object) -> Pod:
    """A pod with a container for each image."""
    containers = [{"name": f"c{at}", "image": image} for at, image in enumerate(images)]
    spec: dict[str, Any] = {"containers": containers, "terminationGracePeriodSeconds": 0}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, **metadata}, "spec": spec}


def table() -> Iterator[str]:
    """Every host before a common path, every path below a common host, with every version."""
    yield from (host + path for host in dict.fromkeys(_HOSTS) for path in ("nginx:1", "harbour/api:1", "library/nginx"))
    yield from (host + path for host in ("", "quay.io/", "docker.io/", "ghcr.io/") for path in _PATHS)
    yield from (f"{name}{version}" for name in ("nginx", "quay.io/a/b") for version in dict.fromkeys(_VERSIONS))


def of_table() -> list[Pod]:
    """A pod for each reference of the table."""
    return [pod(f"table-{at}", reference) for at, reference in enumerate(table())]


def generated(count: int, seed: int) -> list[Pod]:
    """Pods with references put together at random, in all places where a pod has one."""
    dice = random.Random(seed)
    return [_generated(f"{dice.choice(('web', 'debug'))}-{at}", dice) for at in range(count)]


def images(made: Pod) -> dict[str, str]:
    """The images of a pod by list and name."""
    spec = made["spec"]
    lists = ("containers", "initContainers", "ephemeralContainers")
    found = {f"{at}/{one['name']}": one["image"] for at in lists for one in spec.get(at, ())}
    volumes = (one for one in spec.get("volumes", ()) if "image" in one)
    return found | {f"volumes/{one['name']}": one["image"]["reference"] for one in volumes}


def placed(made: Iterable[Pod], namespace: str) -> dict[str, Any]:
    """The same in a namespace, as one document."""
    return as_list({**one, "metadata": {**one["metadata"], "namespace": namespace}} for one in made)


def as_list(made: Iterable[Pod]) -> dict[str, Any]:
    """Pods as one document."""
    return {"apiVersion": "v1", "kind": "List", "items": list(made)}


def _generated(name: str, dice: random.Random) -> Pod:
    made = pod(name, *(_reference(dice) for _ in range(dice.choice((1, 1, 2, 4)))))
    annotations = dice.choice(_ANNOTATIONS)
    if annotations:
        made["metadata"]["annotations"] = annotations
    if dice.random() < 0.4:
        more = [{"name": f"i{at}", "image": _reference(dice)} for at in range(dice.choice((1, 2)))]
        made["spec"]["initContainers"] = more
    if dice.random() < 0.2:
        made["spec"]["volumes"] = [
            {"name": "v", "image": {"reference": _reference(dice)}},
            {"name": "e", "emptyDir": {}},
        ]
    return made


def _reference(dice: random.Random) -> str:
    # Half of all are what anybody would write; the rest is for the edges.
    if dice.random() < 0.5:
        return dice.choice(_HOSTS[:8]) + dice.choice(_PATHS[:16]) + dice.choice(_VERSIONS[:8])
    return dice.choice(_HOSTS) + dice.choice(_PATHS) + dice.choice(_VERSIONS)
