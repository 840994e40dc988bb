"""A proxy that leads hosts of the internet to ports of this machine, so that commands run as a page shows them."""

import select
import socket
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_CHUNK = 65536


class _Tunnel(socketserver.StreamRequestHandler):
    """One connection: `CONNECT HOST:443`, and then whatever the two ends say."""

    server: "_Proxy"

    def handle(self) -> None:
        host = self.rfile.readline().split()[1].decode().partition(":")[0]
        while self.rfile.readline().strip():
            pass
        port = self.server.ports.get(host)
        if port is None:
            self.wfile.write(b"HTTP/1.1 502 No such host here\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", port)) as end:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            _hand_over(self.connection, end)


class _Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = True
    ports: Mapping[str, int]


def _hand_over(one: socket.socket, other: socket.socket) -> None:
    while True:
        for end in select.select([one, other], [], [])[0]:
            data = end.recv(_CHUNK)
            if not data:
                return
            (other if end is one else one).sendall(data)


@contextmanager
def detour(ports: Mapping[str, int]) -> Iterator[str]:
    """The address of a proxy that knows these hosts, each by its port, and no other."""
    with _Proxy(("127.0.0.1", 0), _Tunnel) as proxy:
        proxy.ports = ports
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{proxy.server_address[1]}"
        finally:
            proxy.shutdown()
