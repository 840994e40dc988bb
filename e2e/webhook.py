"""A mutating webhook on loopback that adds a container to every new pod, as service meshes do."""

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import trustme

from .admission import heeded, pod
from .cluster import Cluster

NAME = "injector.harbour.example.com"


@contextmanager
def injecting(cluster: Cluster, container: dict[str, Any]) -> Iterator[None]:
    """Have a container added to the pods created in the current namespace; those of other namespaces stay."""
    authority = trustme.CA()
    bundle = base64.b64encode(authority.cert_pem.bytes()).decode()
    with _serving(authority, container) as port:
        configuration = _configuration(f"https://127.0.0.1:{port}/", bundle, cluster.namespace)
        with heeded(cluster, json.dumps(configuration), lambda: container["name"] in pod(cluster, "harbour/any")):
            yield


@contextmanager
def _serving(authority: trustme.CA, container: dict[str, Any]) -> Iterator[int]:
    """A webhook's port; it has stopped at the end."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(container)) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def _configuration(url: str, bundle: str, namespace: str) -> dict[str, Any]:
    webhook = {
        "name": NAME,
        "clientConfig": {"url": url, "caBundle": bundle},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    kind = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration"}
    return {**kind, "metadata": {"name": NAME}, "webhooks": [webhook]}


def _handler(container: dict[str, Any]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            kind = {name: review[name] for name in ("apiVersion", "kind")}
            answer = json.dumps({**kind, "response": _response(review["request"]["uid"], container)}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Not among the output of the tests."""

    return Handler


def _response(uid: str, container: dict[str, Any]) -> dict[str, Any]:
    patch = [{"op": "add", "path": "/spec/containers/-", "value": container}]
    encoded = base64.b64encode(json.dumps(patch).encode()).decode()
    return {"uid": uid, "allowed": True, "patchType": "JSONPatch", "patch": encoded}
