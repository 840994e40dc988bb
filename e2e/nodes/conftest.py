"""Real containerd, started in a folder of its own, and a real registry on loopback as the mirror.

Pulls go over the CRI, as the kubelet's do. containerd needs root; as another user the tests are
skipped and say so, unless KUBECTL_TCR_E2E=required.
"""

import contextlib
import os
import shutil
import signal
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


class Containerd(Process):
    """A containerd of a release, with its config.toml and its files below a root."""

    def __init__(self, release: str, folder: Path, tool: Tool) -> None:
        super().__init__(folder / "containerd.log")
        self.release, self.folder, self.tool = release, folder, tool
        self.program = tool(f"containerd-{release}")
        self.root = folder / "node"
        self.socket = folder / "c.sock"
        self.config = self.root / "etc/containerd/config.toml"
        self.config.parent.mkdir(parents=True)

    def start(self) -> None:
        places = ["--root", self.folder / "root", "--state", self.folder / "state", "--address", self.socket]
        self.launch(self.program, "--config", self.config, *places)
        wait_for(self.is_up, self.said)

    def restart_command(self) -> str:
        """A command that restarts this containerd, as a service manager would, and counts how often."""
        script = self.folder / "restart"
        pid, count = self.folder / "pid", self.folder / "restarts"
        places = f"--root {self.folder}/root --state {self.folder}/state --address {self.socket}"
        script.write_text(
            f"#!/bin/sh\necho restart >>{count}\n"
            f'if [ -f {pid} ]; then kill "$(cat {pid})"; fi\n'
            f'while [ -f {pid} ] && kill -0 "$(cat {pid})" 2>/dev/null; do sleep 0.1; done\n'
            f"rm -f {self.socket}\n"
            f"{self.program} --config {self.config} {places} </dev/null >>{self.log} 2>&1 &\n"
            f"echo $! >{pid}\n",
            encoding="utf-8",
        )
        script.chmod(0o755)
        return str(script)

    def restarts(self) -> int:
        """How often it was restarted by that command."""
        count = self.folder / "restarts"
        return len(count.read_text(encoding="utf-8").splitlines()) if count.exists() else 0

    def stop(self) -> None:
        super().stop()
        pid = self.folder / "pid"
        if pid.exists():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid.read_text(encoding="utf-8")), signal.SIGTERM)
            pid.unlink()

    def is_up(self) -> bool:
        if self.running:
            assert self.running.poll() is None, self.said()
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self.socket))
            return True
        return False

    def cri(self, method: str, request: str = "{}") -> subprocess.CompletedProcess[str]:
        """Call the CRI as the kubelet does."""
        proto = Path(self.tool("grpcurl")).resolve().parent.parent / "cri-api"
        words = [self.tool("grpcurl"), "-plaintext", "-import-path", proto, "-proto", "api.proto"]
        words += ["-d", request, f"unix://{self.socket}", f"runtime.v1.{method}"]
        return subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)

    def pull(self, image: str = IMAGE) -> subprocess.CompletedProcess[str]:
        """Pull an image, which must not be there yet."""
        self.cri("ImageService/RemoveImage", f'{{"image": {{"image": "{image}"}}}}')
        return self.cri("ImageService/PullImage", f'{{"image": {{"image": "{image}"}}}}')


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


@pytest.fixture
def containerd(tool: Tool) -> Iterator[Callable[[str], Containerd]]:
    """Makes a containerd of a release, in a folder of its own; it is stopped behind the test."""
    need_root()
    with scratch() as folder:
        made: list[Containerd] = []

        def make(release: str) -> Containerd:
            own = folder / str(len(made))
            own.mkdir()
            made.append(Containerd(release, own, tool))
            return made[-1]

        try:
            yield make
        finally:
            for one in made:
                one.stop()


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


class Scripted:
    """A node with a containerd that the script restarts."""

    def __init__(self, lab: Any, tool: Tool, release: str) -> None:
        self.lab, self.tool = lab, tool
        self.machine: Containerd = lab.containerd(release)
        self.certs = self.machine.config.parent / "certs.d"
        self.hosts = self.certs / "quay.io/hosts.toml"
        self.script = self.machine.folder / "tcr-nodes.sh"
        rules = ["--mirror", f"quay.io={lab.mirror.address}", "--plain-http", lab.mirror.address]
        self.script.write_text(lab.tcr_nodes("script", *rules).stdout, encoding="utf-8")
        self.printed = lab.tcr_nodes("containerd", *rules).stdout.partition("\n")[2]

    def run(self, *args: str, shell: str = "dash", **variables: str) -> subprocess.CompletedProcess[str]:
        words = [self.tool(shell), *(["sh"] if shell == "busybox" else []), str(self.script), *args]
        environment = self.variables() | variables
        return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=120, check=False)

    def variables(self) -> dict[str, str]:
        """What tells the script of this node."""
        machine = self.machine
        return {
            "PATH": os.environ["PATH"],
            "TCR_ROOT": str(machine.root),
            "TCR_RUNTIME": "containerd",
            "TCR_CONTAINERD": machine.program,
            "TCR_CTR": self.tool(f"ctr-{machine.release}"),
            "TCR_SOCKET": str(machine.socket),
            "TCR_RESTART": machine.restart_command(),
            "TCR_WAIT": "30",
        }

    def files(self) -> dict[str, str]:
        """What is there, but for what is kept of old files."""
        root = self.machine.root
        found = (path for path in sorted(root.rglob("*")) if path.is_file())
        return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in found}

    def config(self, text: str | None = None) -> str:
        path: Path = self.machine.config
        if text is not None:
            path.write_text(text, encoding="utf-8")
        return path.read_text(encoding="utf-8")


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder with a short path, as sockets need it."""
    folder = Path(tempfile.mkdtemp(prefix="tcr-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def lab(mirror: Mirror, containerd: Callable[[str], Containerd], tool: Tool) -> Any:
    """What the tests use of this file."""

    class Lab:
        image, repository = IMAGE, REPOSITORY
        tcr_nodes = staticmethod(nodes)

        def __init__(self) -> None:
            self.mirror, self.containerd = mirror, containerd

        def scripted(self, release: str) -> Scripted:
            return Scripted(self, tool, release)

    return Lab()


@pytest.fixture
def scripted(lab: Any) -> Scripted:
    """A node with a containerd 1.6 that the script restarts."""
    made: Scripted = lab.scripted("1.6")
    return made
