"""Manifests to measure on: invented content, the same bytes on every run.

python benchmarks/generate.py NAME COUNT >FILE     NAME is one of STREAMS, COUNT how many of it
python benchmarks/generate.py corpus FOLDER >FILE  the manifests below FOLDER as one stream
"""

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

Stream = Callable[[int], Iterator[str]]

_TEAMS = ("billing", "catalog", "delivery", "gateway", "identity", "metrics", "orders", "search")
_IMAGES = ("quay.io/harbourline/{team}-api", "quay.io/harbourline/{team}/worker", "quay.io/prometheus/{team}-exporter")
_SIDECARS = ("nginx:1.25.3-alpine", "redis:7.2", "envoyproxy/envoy:v1.29.1", "busybox")

_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: %(name)s
  namespace: %(team)s
  labels:
    app.kubernetes.io/name: %(team)s
    app.kubernetes.io/instance: %(name)s
    app.kubernetes.io/managed-by: Helm
spec:
  replicas: %(replicas)d
  selector:
    matchLabels:
      app.kubernetes.io/instance: %(name)s
  template:
    metadata:
      labels:
        app.kubernetes.io/instance: %(name)s
    spec:
      containers:
        - name: main
          image: %(image)s:v1.%(minor)d.0
          args: ["--listen=:8080", "--log-level=info"]
          ports:
            - containerPort: 8080
          env:
            - name: DATABASE_URL
              value: "postgres://db.%(team)s.svc:5432/main"
          readinessProbe:
            httpGet: {path: /healthz, port: 8080}
            periodSeconds: 10
          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits: {cpu: 500m, memory: 256Mi}
          terminationMessagePath: /dev/log
        - name: sidecar
          image: %(sidecar)s
          imagePullPolicy: IfNotPresent
"""

# Every line that can holds a word of its own, as in a cluster where nothing was made from one template.
_UNLIKE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: %(name)s
  namespace: ns-%(word)s
  labels:
    app.kubernetes.io/name: app-%(word)s
    app.kubernetes.io/instance: %(name)s
    team-%(word)s: "true"
  annotations:
    example.com/checksum: "%(word)s%(word)s"
    example.com/owner: owner of %(word)s
spec:
  replicas: %(index)d
  selector:
    matchLabels:
      app.kubernetes.io/instance: %(name)s
  template:
    metadata:
      labels:
        app.kubernetes.io/instance: %(name)s
    spec:
      serviceAccountName: sa-%(word)s
      containers:
        - name: main-%(word)s
          image: quay.io/harbourline/%(word)s:v1.%(index)d
          args: ["--listen=:8080", "--name=%(word)s"]
          ports:
            - containerPort: %(index)d
              name: port-%(index)d
          env:
            - name: URL_%(index)d
              value: "postgres://db.%(word)s.svc:5432/main"
            - name: KEY_%(index)d
              value: "%(word)s"
          resources:
            requests: {cpu: %(index)dm, memory: 128Mi}
            limits:
              memory: %(index)dMi
        - name: sidecar-%(word)s
          image: docker.io/library/nginx:1.%(index)d
"""

_RELEASE = """\
---
# Source: harbourline/charts/%(team)s/templates/configmap.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: %(name)s
data:
  LOG_LEVEL: info
---
# Source: harbourline/charts/%(team)s/templates/service.yaml
apiVersion: v1
kind: Service
metadata:
  name: %(name)s
spec:
  selector:
    app: %(name)s
  ports:
    - port: 80
      targetPort: http
---
# Source: harbourline/charts/%(team)s/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: %(name)s
  labels:
    app: %(name)s
spec:
  replicas: %(replicas)d
  selector:
    matchLabels:
      app: %(name)s
  template:
    metadata:
      labels:
        app: %(name)s
    spec:
      containers:
        - name: main
          image: "%(image)s:v1.%(minor)d.0"
          ports:
            - name: http
              containerPort: 8080
          envFrom:
            - configMapRef:
                name: %(name)s
          resources:
            limits:
              cpu: 200m
              memory: 128Mi
        - name: sidecar
          image: %(sidecar)s
"""

_LIST = 'apiVersion: v1\nkind: List\nmetadata:\n  resourceVersion: ""\nitems:\n'
_CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: notes\ndata:\n  notes.txt: |\n"
_PODS = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: crowd
spec:
  template:
    spec:
      containers:
"""


def _values(index: int) -> dict[str, str | int]:
    team = _TEAMS[index % len(_TEAMS)]
    return {
        "name": f"{team}-{index:06d}",
        "team": team,
        "image": _IMAGES[index % len(_IMAGES)].format(team=team),
        "sidecar": _SIDECARS[index % len(_SIDECARS)],
        "replicas": 1 + index % 5,
        "minor": index % 40,
    }


def dense(count: int) -> Iterator[str]:
    """Deployments of 1.1 KB, each in a document of its own, with one image to rewrite."""
    return ("---\n" + _DEPLOYMENT % _values(index) for index in range(count))


def unlike(count: int) -> Iterator[str]:
    """Deployments of 1.3 KB whose lines are hardly ever those of another one."""
    for index in range(count):
        word = hashlib.sha256(str(index).encode()).hexdigest()[:12]
        yield "---\n" + _UNLIKE % {"name": f"{_TEAMS[index % len(_TEAMS)]}-{word}", "word": word, "index": index}


def chart(count: int) -> Iterator[str]:
    """What `helm template` prints: a ConfigMap, a Service and a Deployment each time."""
    return (_RELEASE % _values(index) for index in range(count))


def one_document(count: int) -> Iterator[str]:
    """A List of Deployments, as `kubectl get -o yaml` prints it."""
    yield _LIST
    for index in range(count):
        lines = (_DEPLOYMENT % _values(index)).splitlines(keepends=True)
        yield "- " + "  ".join(lines)


def json_items(count: int) -> Iterator[str]:
    """The same Deployments in JSON, each on its lines, as `kubectl get -o json` indents them."""
    for values in map(_values, range(count)):
        containers = [
            {
                "name": "main",
                "image": f"{values['image']}:v1.{values['minor']}.0",
                "args": ["--listen=:8080", "--log-level=info"],
                "env": [{"name": "DATABASE_URL", "value": f"postgres://db.{values['team']}.svc:5432/main"}],
                "resources": {"limits": {"cpu": "500m", "memory": "256Mi"}},
            },
            {"name": "sidecar", "image": values["sidecar"], "imagePullPolicy": "IfNotPresent"},
        ]
        labels = {"app.kubernetes.io/instance": values["name"]}
        template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
        spec = {"replicas": values["replicas"], "selector": {"matchLabels": labels}, "template": template}
        metadata = {"name": values["name"], "namespace": values["team"], "labels": labels}
        deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}
        yield json.dumps(deployment, indent=2)


def json_list(count: int) -> Iterator[str]:
    """A List of Deployments in JSON."""
    yield '{"apiVersion": "v1", "items": [\n'
    for index, item in enumerate(json_items(count)):
        yield f"{',' if index else ''}\n{item}"
    yield '], "kind": "List", "metadata": {"resourceVersion": ""}}\n'


def json_stream(count: int) -> Iterator[str]:
    """The Deployments of that List as values in a row."""
    return (f"{item}\n" for item in json_items(count))


def one_scalar(count: int) -> Iterator[str]:
    """A ConfigMap with one block scalar of log lines, every 10,000th with an image."""
    yield _CONFIG
    for index in range(count):
        what = (
            f"pulled image quay.io/harbourline/api:v{index}" if index % 10_000 == 5_000 else "probe ok, nothing to do"
        )
        yield f"    request {index:08d} host web-{index % 7} {what}\n"


def tiny_documents(count: int) -> Iterator[str]:
    """Documents of 10 bytes and some, every 100th with an image."""
    return (f"---\n{f'image: quay.io/a/b:{n}' if n % 100 == 0 else f'n: {n}'}\n" for n in range(count))


def many_images(count: int) -> Iterator[str]:
    """One Deployment with a container for each image."""
    yield _PODS
    for index in range(count):
        image = _IMAGES[index % len(_IMAGES)].format(team=_TEAMS[index % len(_TEAMS)])
        yield f"        - name: c{index}\n          image: {image}:v{index}\n"


STREAMS: dict[str, Stream] = {
    "dense": dense,
    "unlike": unlike,
    "chart": chart,
    "one-document": one_document,
    "json-list": json_list,
    "json-stream": json_stream,
    "one-scalar": one_scalar,
    "tiny-documents": tiny_documents,
    "many-images": many_images,
}


def corpus(folder: Path) -> Iterator[bytes]:
    """The manifests below a folder that the tool can read, with `---` in front of each."""
    from kubectl_tcr import InputError, Settings
    from kubectl_tcr.pipeline import Rewriter

    rewriter = Rewriter(Settings(), validate=True)
    for path in sorted(folder.rglob("*")):
        if path.suffix not in {".yaml", ".yml", ".json"} or not path.is_file():
            continue
        document = b"---\n" + path.read_bytes()
        try:
            _, parts = rewriter.parts([document], path.name)
            for _ in parts:
                pass
        except InputError:
            continue
        yield document if document.endswith(b"\n") else document + b"\n"


def cached(name: str, count: int) -> Path:
    """The file with a stream, generated unless it is there already."""
    version = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    folder = cache_folder()
    path = folder / f"{name}-{count}-{version}.yaml"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, newline="", encoding="utf-8") as scratch:
            scratch.writelines(STREAMS[name](count))
        Path(scratch.name).replace(path)
    return path


def cache_folder() -> Path:
    """Where generated streams are kept: outside the checkout, and safe to delete."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "kubectl-tcr-bench"


def main(words: list[str]) -> int:
    """Write a stream to standard output."""
    match words:
        case ["corpus", folder] if Path(folder).is_dir():
            sys.stdout.buffer.writelines(corpus(Path(folder)))
        case [name, count] if name in STREAMS and count.isdecimal():
            sys.stdout.buffer.writelines(text.encode() for text in STREAMS[name](int(count)))
        case _:
            print(
                f"error: usage: generate.py {{{','.join(STREAMS)}}} COUNT, or generate.py corpus FOLDER",
                file=sys.stderr,
            )
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
