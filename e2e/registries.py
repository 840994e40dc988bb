"""Real registries on loopback: docker-registry with TLS of a CA of the test, passwords, or a token service."""

import base64
import io
import json
import socket
import subprocess
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import trustme

TIMEOUT = 60
USER, PASSWORD = "harbour", "anchor"
# bcrypt of the password, the one form that docker-registry takes.
HTPASSWD = f"{USER}:$2b$05$PGkYfwf6aNljcmnNY0SbjeemZKvTQXnR0/LpqiA2mV2C3ZWKDQU2.\n"
PLATFORMS = ("linux/amd64", "linux/arm64")

Tool = Callable[[str], str]


class Done(NamedTuple):
    """What a command left behind."""

    status: int
    out: str
    err: str


class Port:
    """A registry, or the service that gives tokens for it: an address, a folder and a process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.port = _free_port()
        self.address = f"localhost:{self.port}"
        self._running: subprocess.Popen[bytes] | None = None

    def launch(self, *words: str | Path) -> None:
        log = (self.folder / "log").open("wb")
        self._running = subprocess.Popen(words, stdout=log, stderr=log, cwd=self.folder)
        log.close()
        deadline = time.monotonic() + TIMEOUT
        while not _listens(self.port):
            if self._running.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text()[-3000:])
            time.sleep(0.05)

    def stop(self) -> None:
        if self._running:
            self._running.kill()
            self._running.wait()

    @property
    def log(self) -> str:
        """What was asked, a line each."""
        return (self.folder / "log").read_text()


class Quay:
    """Registries, and a user's shell with the tools that copy between them."""

    def __init__(self, folder: Path, tool: Tool, path: str) -> None:
        self.folder = folder
        self._tool, self.path = tool, path
        self._authority = trustme.CA()
        self.ca_file = folder / "ca.pem"
        self._authority.cert_pem.write_to_path(self.ca_file)
        self._ports: list[Port] = []
        # skopeo's package leaves this file below /etc, which is not unpacked there.
        policy = folder / "home" / ".config" / "containers" / "policy.json"
        policy.parent.mkdir(parents=True)
        policy.write_text(json.dumps({"default": [{"type": "insecureAcceptAnything"}]}))
        self.log_in({})

    def registry(self, *names: str, is_locked: bool = False, token_server: Port | None = None) -> Port:
        """A new registry; one that is locked wants the password, one with a token server its tokens.

        `names` are hosts that it may be asked for by beside localhost.
        """
        port = Port(self.folder / f"registry{len(self._ports)}")
        self._ports.append(port)
        cert, key = self._certificate(port.folder, *names)
        config: dict[str, Any] = {
            "version": "0.1",
            "log": {"accesslog": {"disabled": False}, "level": "warn"},
            "storage": {"filesystem": {"rootdirectory": str(port.folder / "data")}},
            "http": {"addr": f"127.0.0.1:{port.port}", "tls": {"certificate": cert, "key": key}},
        }
        if is_locked:
            (port.folder / "htpasswd").write_text(HTPASSWD)
            config["auth"] = {"htpasswd": {"realm": "harbour", "path": str(port.folder / "htpasswd")}}
        if token_server:
            realm, bundle = f"https://{token_server.address}/token/", str(token_server.folder / "bundle.pem")
            config["auth"] = {
                "token": {"realm": realm, "service": "harbour", "issuer": "harbour", "rootcertbundle": bundle}
            }
        (port.folder / "config.json").write_text(json.dumps(config))
        port.launch(self._tool("docker-registry"), "serve", port.folder / "config.json")
        return port

    def token_server(self) -> Port:
        """A service that gives tokens to whoever knows the password."""
        port = Port(self.folder / f"tokens{len(self._ports)}")
        self._ports.append(port)
        cert, key = self._certificate(port.folder)
        (port.folder / "bundle.pem").write_bytes(Path(cert).read_bytes())
        (port.folder / "htpasswd").write_text(HTPASSWD)
        words = [self._tool("token-server"), "-addr", f"127.0.0.1:{port.port}", "-issuer", "harbour", "-debug"]
        words += ["-passwd", str(port.folder / "htpasswd"), "-realm", "harbour", "-key", key]
        port.launch(*words, "-tlscert", cert, "-tlskey", key)
        return port

    def log_in(self, secrets: dict[str, tuple[str, str]]) -> None:
        """Leave credentials where `docker login` does, in one file that all tools are shown."""
        auths = {host: {"auth": base64.b64encode(":".join(pair).encode()).decode()} for host, pair in secrets.items()}
        docker = self.folder / "home" / ".docker"
        docker.mkdir(exist_ok=True)
        (docker / "config.json").write_text(json.dumps({"auths": auths}))

    def run(self, *words: str, source: str = "") -> Done:
        """Run a command in the folder."""
        environment = {
            "HOME": str(self.folder / "home"),
            "PATH": self.path,
            "SSL_CERT_FILE": str(self.ca_file),
            "TMPDIR": str(self.folder),
        }
        done = subprocess.run(
            words, input=source, capture_output=True, text=True, cwd=self.folder, env=environment, timeout=TIMEOUT,
            check=False,
        )  # fmt: skip
        return Done(done.returncode, done.stdout, done.stderr)

    def succeed(self, *words: str, source: str = "") -> str:
        """What a command prints; a failure is one of the test."""
        done = self.run(*words, source=source)
        assert done.status == 0, (words, done)
        return done.out

    def push(self, *references: str, platforms: tuple[str, ...] = PLATFORMS) -> None:
        """Put an image for some platforms into a registry, each with other content."""
        for reference in references:
            parts = [f"{reference}-{platform.replace('/', '-')}" for platform in platforms]
            for part, platform in zip(parts, platforms, strict=True):
                self._layer(part)
                self.succeed("crane", "append", "--oci-empty-base", "-f", "layer.tar", "-t", part)
                self.succeed("crane", "mutate", part, "--set-platform", platform, "-t", part)
            words = [word for part in parts for word in ("-m", part)]
            self.succeed("crane", "index", "append", *words, "-t", reference)

    def digest(self, reference: str) -> str:
        return self.succeed("crane", "digest", reference).strip()

    def stop(self) -> None:
        for port in self._ports:
            port.stop()

    def _layer(self, text: str) -> None:
        with tarfile.open(self.folder / "layer.tar", "w") as archive:
            info = tarfile.TarInfo("content")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))

    def _certificate(self, folder: Path, *names: str) -> tuple[str, str]:
        made = self._authority.issue_cert("localhost", "127.0.0.1", *names)
        cert, key = folder / "cert.pem", folder / "key.pem"
        made.private_key_pem.write_to_path(key)
        cert.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
        return str(cert), str(key)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
