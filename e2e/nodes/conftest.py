"""Real containerd, started in a folder of its own, and a real registry on loopback as the mirror.

Pulls go over the CRI, as the kubelet's do. containerd needs root; as another user the tests are
skipped and say so, unless KUBECTL_TCR_E2E=required.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .bed import ADDRESSES, Authority, Node

Tool = Callable[[str], str]

IMAGE = "quay.io/k8scsi/csi-resizer:v0.5.0"
REPOSITORY = "k8scsi/csi-resizer"
PLUGIN = Path(sys.executable).parent / "kubectl-tcr_nodes"
PATIENCE = 60


def need_root() -> None:
    """Skip, or fail where end-to-end tests are required, as another user than root."""
    if os.geteuid() == 0:
        return
    message = "containerd needs root; run as root"
    if os.environ.get("KUBECTL_TCR_E2E") == "required":
        pytest.fail(message)
    pytest.skip(message)


def wait_for(what: Callable[[], bool], describe: Callable[[], str]) -> None:
    """Wait until something is so; what took too long is described."""
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, describe()
        time.sleep(0.05)


def nodes(*args: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `kubectl tcr-nodes`, which must do what it is asked."""
    done = subprocess.run([PLUGIN, *args], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return done


class Process:
    """A program that runs until it is stopped, its messages in a file."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.running: subprocess.Popen[bytes] | None = None

    def launch(self, *words: str | Path) -> None:
        self.stop()
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def stop(self) -> None:
        if self.running:
            self.running.terminate()
            self.running.wait(PATIENCE)
            self.running = None

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""


class Mirror(Process):
    """A registry with one image, which it serves under every name of a host."""

    def __init__(self, folder: Path, tool: Tool) -> None:
        super().__init__(folder / "registry.log")
        self.folder, self.tool = folder, tool
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.config = folder / "registry.yml"
        self.config.write_text(
            f"version: 0.1\nhttp: {{addr: '{self.address}'}}\n"
            f"storage: {{filesystem: {{rootdirectory: {folder}/images}}}}\n",
            encoding="utf-8",
        )

    def start(self) -> None:
        self.launch(self.tool("docker-registry"), "serve", self.config)
        wait_for(self.is_up, self.said)

    def is_up(self) -> bool:
        host, _, port = self.address.partition(":")
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), 1):
            return True
        return False

    def push(self, repository: str) -> None:
        """Put an image of one small file there."""
        (self.folder / "hello").write_text("hello\n", encoding="utf-8")
        subprocess.run(["tar", "-cf", "layer.tar", "hello"], cwd=self.folder, check=True, timeout=PATIENCE)
        name = f"{self.address}/{repository}:v0.5.0"
        words = [self.tool("crane"), "append", "--insecure", "--oci-empty-base", "-f", "layer.tar", "-t", name]
        subprocess.run(words, cwd=self.folder, check=True, capture_output=True, timeout=PATIENCE)

    def forget(self) -> None:
        """Begin the log anew."""
        os.truncate(self.log, 0)

    def asked(self, repository: str = REPOSITORY) -> bool:
        """Whether a manifest was served, for whatever source."""
        return any(f"GET /v2/{repository}/manifests/" in line and '" 200 ' in line for line in self.said().splitlines())

    def served(self, repository: str = REPOSITORY, source: str = "quay.io") -> bool:
        """Whether a manifest was served for a source, which containerd names as `ns`."""
        lines = (line for line in self.said().splitlines() if f"GET /v2/{repository}/manifests/" in line)
        return any(f"?ns={source} " in line and '" 200 ' in line for line in lines)


@pytest.fixture(scope="session")
def mirror(tool: Tool) -> Iterator[Mirror]:
    """The registry; a test that stops it starts it again."""
    with scratch() as folder:
        made = Mirror(folder, tool)
        made.start()
        made.push(REPOSITORY)
        made.push(f"team/quay/{REPOSITORY}")
        try:
            yield made
        finally:
            made.stop()


@pytest.fixture(scope="session")
def authority(tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), tool("openssl"), tuple(ADDRESSES))


@pytest.fixture
def node(tool: Tool, authority: Authority) -> Iterator[Callable[[str], Node]]:
    """Makes a node with a containerd of a release, which the test starts; it is gone behind the test."""
    need_root()
    made: list[Node] = []

    def make(release: str) -> Node:
        made.append(Node(release, folder / str(len(made)), tool, authority))
        made[-1].boot()
        return made[-1]

    with scratch() as folder:
        try:
            yield make
        finally:
            for one in made:
                one.halt()


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder with a short path, as sockets need it."""
    folder = Path(tempfile.mkdtemp(prefix="tcr-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def lab(mirror: Mirror) -> Any:
    """A real registry, and the command."""

    class Lab:
        image, repository = IMAGE, REPOSITORY
        tcr_nodes = staticmethod(nodes)

        def __init__(self) -> None:
            self.mirror = mirror

    return Lab()
