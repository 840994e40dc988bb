"""Registries that serve one small image, log who asked them, and answer as they are told.

A program of its own, since it listens in the network of a node: registries.py FOLDER. FOLDER has cert.pem and key.pem
and gets log.jsonl, a line for each request. Standard input takes a line of JSON for each change, which is in force once
"done" is printed: {"host": "quay.io", "answer": "html"}, or {"image": 7} for an image that nobody has yet.
"""

import base64
import contextlib
import fcntl
import gzip
import hashlib
import io
import json
import platform
import re
import socket
import ssl
import struct
import sys
import tarfile
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

ADDRESSES = {
    "quay.io": "127.0.0.2",
    "quay.tencentcloudcr.com": "127.0.0.3",
    "mirror.ccs.tencentyun.com": "127.0.0.4",
    "registry-1.docker.io": "127.0.0.5",
    "auth.docker.io": "127.0.0.6",
    "nvcr.io": "127.0.0.7",
    "nvcr.tencentcloudcr.com": "127.0.0.8",
    "m.example": "127.0.0.9",
    "n.example": "127.0.0.10",
    "plain.example": "127.0.0.11",
}
# They let nobody in without a token that anybody gets, as they do in the world.
SOURCES = ("quay.io", "registry-1.docker.io", "nvcr.io")
# Asked on port 80 and without TLS; the others on port 443 with it, and nobody listens on their port 80.
PLAIN = ("plain.example",)

REPOSITORIES = ("k8scsi/csi-resizer", "library/busybox")
# Where a mirror may have them: at its root, or below a path.
PREFIXES = ("", "team/quay/")

USER, PASSWORD = "robot", "tr0ub4dor"

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_NO_MORE: Mapping[str, str] = MappingProxyType({})


class Reply(NamedTuple):
    """What a registry answers; status 0 stands for a connection that is reset."""

    status: int
    body: bytes = b""
    kind: str = "application/json"
    headers: Mapping[str, str] = _NO_MORE


HTML = b"<!doctype html><title>Welcome</title><p>This is not the registry you are looking for."
# The ways to answer that depend on what is asked: all right; blobs missing; who asks must say so, to the
# registry itself, or for a token that anybody gets, or only who says so; nobody listens.
OTHERWISE = ("image", "no blobs", "basic", "token", "private", "down")
# The ways that do not.
ALWAYS = {
    **{str(status): Reply(status, b'{"errors": []}') for status in (401, 403, 404, 429, 500, 503)},
    "html": Reply(200, HTML, "text/html"),
    "reset": Reply(0),
}


class Images:
    """The contents of every image that was ever served, by digest."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.manifest = ""
        self.make(0)

    def make(self, number: int) -> None:
        """Have every tag name an image of which no part has been seen before."""
        tar = _tar(f"{number}\n".encode())
        layer = self._keep(gzip.compress(tar, mtime=0), LAYER)
        machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
        diffs = {"type": "layers", "diff_ids": [_digest(tar)]}
        config = self._keep(_json({"architecture": machine, "os": "linux", "rootfs": diffs, "config": {}}), CONFIG)
        parts = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]}
        self.manifest = self._keep(_json(parts), MANIFEST)["digest"]

    def _keep(self, content: bytes, kind: str) -> dict[str, Any]:
        self.contents[_digest(content)] = content
        return {"mediaType": kind, "digest": _digest(content), "size": len(content)}

    def reply(self, path: str) -> Reply:
        if path == "/v2/":
            return Reply(200, b"{}")
        asked = re.fullmatch(r"/v2/(.+)/(manifests|blobs)/([^/]+)", path)
        if not asked or asked[1] not in {prefix + name for prefix in PREFIXES for name in REPOSITORIES}:
            return ALWAYS["404"]
        digest = asked[3] if ":" in asked[3] else self.manifest
        if digest not in self.contents:
            return ALWAYS["404"]
        kind = MANIFEST if asked[2] == "manifests" else "application/octet-stream"
        return Reply(200, self.contents[digest], kind, {"Docker-Content-Digest": digest})


def _tar(content: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        member = tarfile.TarInfo("hello")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return file.getvalue()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


class Registry(ThreadingHTTPServer):
    """One host, on the port that its clients expect."""

    daemon_threads = True

    def __init__(self, host: str, images: Images, folder: Path) -> None:
        self.host, self.images, self.log = host, images, folder / "log.jsonl"
        self.answer = "token" if host in SOURCES else "image"
        self.tls: ssl.SSLContext | None = None
        if host not in PLAIN:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        super().__init__((ADDRESSES[host], 443 if self.tls else 80), Request)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self.tls:
            # The thread of the request shakes hands, as the first that reads.
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        if self.answer == "reset":
            request.close()  # at once, with what lingers thrown away; a shutdown would end it politely
        else:
            super().shutdown_request(request)

    def handle_error(self, *_: Any) -> None:
        """A client that gives up on a connection is none of ours."""

    def reply(self, path: str, query: str, authorization: str) -> Reply:
        if path == "/token":
            if self.answer == "private" and authorization != f"Basic {_BASIC}":
                return ALWAYS["401"]
            return Reply(200, _json({"token": _token(parse_qs(query).get("scope", []))}))
        refused = self.challenge(path, authorization)
        if refused:
            return refused
        if self.answer == "no blobs" and "/blobs/" in path:
            return ALWAYS["404"]
        return ALWAYS.get(self.answer) or self.images.reply(path)

    def challenge(self, path: str, authorization: str) -> Reply | None:
        """What a registry says that wants to know who asks, or None."""
        if self.answer == "basic" and authorization != f"Basic {_BASIC}":
            return _unauthorized(f'Basic realm="{self.host}"')
        if self.answer in ("token", "private"):
            repository = re.sub(r"^/v2/|/?(manifests|blobs)/[^/]+$", "", path)
            scope = f"repository:{repository}:pull"
            if not _permits(authorization.removeprefix("Bearer "), scope):
                realm = "auth.docker.io" if self.host == "registry-1.docker.io" else self.host
                return _unauthorized(f'Bearer realm="https://{realm}/token",service="{self.host}",scope="{scope}"')
        return None


_BASIC = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def _unauthorized(challenge: str) -> Reply:
    return Reply(401, b'{"errors": []}', headers={"WWW-Authenticate": challenge})


def _token(scopes: list[str]) -> str:
    """A token that anybody gets, good for the repositories that were asked for and for no other."""
    return base64.b64encode(" ".join(scopes).encode()).decode()


def _permits(token: str, scope: str) -> bool:
    return not token.startswith("Basic ") and scope in base64.b64decode(token).decode().split()


class Request(BaseHTTPRequestHandler):
    """One question and its answer, on a connection of its own: HTTP 1.0 keeps none, so none outlives a change."""

    server: Registry

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        authorization = self.headers.get("Authorization", "")
        reply = self.server.reply(url.path, url.query, authorization)
        entry = {
            "host": self.server.host,
            "method": self.command,
            "path": url.path,
            "ns": parse_qs(url.query).get("ns", [""])[0],
            "status": reply.status,
            "authorization": bool(authorization),
        }
        with self.server.log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(entry) + "\n")
        if reply.status:
            self.send(reply)
        else:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        """The other way to a token, which many registries do not have; clients ask by GET then."""
        self.send(ALWAYS["404"])

    def send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def log_message(self, *_: Any) -> None:
        """The log has an entry already."""


class Registries:
    """All of them; one that is down does not listen."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.images = folder, Images()
        self.up = {host: Registry(host, self.images, folder) for host in ADDRESSES}

    def change(self, told: dict[str, Any]) -> None:
        if "image" in told:
            self.images.make(told["image"])
            return
        host = told["host"]
        if told["answer"] == "down":
            running = self.up.pop(host, None)
            if running:
                running.shutdown()
                running.server_close()
            return
        if host not in self.up:
            self.up[host] = Registry(host, self.images, self.folder)
        self.up[host].answer = told["answer"]


def raise_loopback() -> None:
    """A new network has a loopback that is down."""
    up = 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", up))  # SIOCSIFFLAGS


def main() -> None:
    raise_loopback()
    registries = Registries(Path(sys.argv[1]))
    print("done", flush=True)  # noqa: T201
    for line in sys.stdin:
        registries.change(json.loads(line))
        print("done", flush=True)  # noqa: T201


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
