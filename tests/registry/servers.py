"""Servers on loopback that answer as a test says, and remember what they were asked."""

import hashlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}).encode()
MANIFEST = json.dumps({"schemaVersion": 2, "config": {}, "layers": []}).encode()
HTML = b"<!DOCTYPE html><title>Sign in</title>"


class Asked(NamedTuple):
    """What a server was asked."""

    method: str
    path: str
    token: str
    body: str = ""


class Reply(NamedTuple):
    """What a server answers; with `length` it says another length than that of the body, -1 for none."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    length: int | None = None


Answers = Callable[[Asked], Reply]


def digest(body: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm}:{hashlib.new(algorithm, body).hexdigest()}"


def served(body: bytes = INDEX, media_type: str = OCI_INDEX, *more: tuple[str, str], said: str | None = None) -> Reply:
    """A manifest as registries serve it; `said` is its digest, empty for none."""
    name = digest(body) if said is None else said
    headers = [("Content-Type", media_type), *([("Docker-Content-Digest", name)] if name else []), *more]
    return Reply(200, body, tuple(headers))


def page(status: int = 200, *more: tuple[str, str]) -> Reply:
    return Reply(status, HTML, (("Content-Type", "text/html; charset=utf-8"), *more))


def redirect(target: str, status: int = 307) -> Reply:
    return Reply(status, headers=(("Location", target),))


class Server:
    """A server at `address`, by `scheme`, with what it was asked so far."""

    def __init__(self, port: int, scheme: str) -> None:
        self.scheme, self.address = scheme, f"127.0.0.1:{port}"
        self.asked: list[Asked] = []

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.address}"


@contextmanager
def server(answers: Answers, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server that answers each question; one that raises closes the connection without a word."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            asked = Asked(self.command, self.path, self.headers.get("Authorization", ""), body)
            running.asked.append(asked)
            try:
                reply = answers(asked)
            except ConnectionAbortedError:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            if reply.length != -1:
                self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
            self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        do_GET = do_HEAD = do_POST = answer  # noqa: N815 names of http.server

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_: object) -> None:
            """A client that leaves is no news."""

    with Quiet(("127.0.0.1", 0), Handler) as http:
        if context:
            http.socket = context.wrap_socket(http.socket, server_side=True)
        running = Server(http.server_port, "https" if context else "http")
        thread = threading.Thread(target=http.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield running
        finally:
            http.shutdown()
            thread.join()
