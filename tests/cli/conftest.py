"""Runs the installed `kubectl-tcr_rewrite` in a folder of its own."""

import os
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, NamedTuple

import pytest

PROGRAM = Path(sys.executable).parent / "kubectl-tcr_rewrite"
KUBECTL = shutil.which("kubectl")

needs_kubectl = pytest.mark.skipif(KUBECTL is None, reason="kubectl is not on the PATH")
needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files, signals or terminals")

# Generous: a run takes a tenth of a second, and what hangs must not hang the tests.
TIMEOUT = 120

# How a run begins to tell what is wrong.
ERROR, WARNING = "tcr-rewrite: error: ", "tcr-rewrite: warning: "
# Where a problem is: file, line and column, and the document if there is one.
PLACE = re.compile(
    r"tcr-rewrite: error: (?P<file>[^:]+):(?P<line>\d+):(?P<column>\d+): (?:document \d+(?: \([\w/.-]+\))?: )?\S"
)


class Done(NamedTuple):
    """What a run left behind."""

    status: int
    out: bytes
    err: str

    @property
    def error(self) -> str:
        """The one line of a run that failed; nothing else was said and nothing was written."""
        lines = self.err.splitlines()
        assert (self.status, self.out, len(lines)) == (2, b"", 1), self
        assert re.match(r"tcr-\w+: error: ", lines[0])
        return lines[0]


class Folder:
    """A folder to run in."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, content: bytes) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def names(self) -> list[str]:
        """Every file below, as a run may leave some behind."""
        return sorted(path.relative_to(self.path).as_posix() for path in self.path.rglob("*"))

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of a user who has set nothing."""
        keep = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG")
        mine = {name: os.environ[name] for name in keep if name in os.environ}
        return {**mine, "HOME": str(self.path), "KUBECONFIG": os.devnull, **(more or {})}

    def run(
        self,
        *args: str,
        input: bytes = b"",  # noqa: A002 the word of subprocess.run
        env: Mapping[str, str] | None = None,
        within: tuple[str, ...] = (),
    ) -> Done:
        """Run the executable, by way of the command `within` if there is one."""
        return self.command(*within, str(PROGRAM), *args, input=input, env=env)

    def command(self, *words: str, input: bytes = b"", env: Mapping[str, str] | None = None) -> Done:  # noqa: A002
        """Run any command here."""
        done = subprocess.run(
            words,
            input=input,
            capture_output=True,
            cwd=self.path,
            env=self.environment(env),
            timeout=TIMEOUT,
            check=False,
        )
        return finished(done.returncode, done.stdout, done.stderr)

    def run_on_terminal(self, stream: str, *args: str, env: Mapping[str, str] | None = None) -> Done:
        """Run the executable with a terminal as one of its streams, by its name; what it shows there is the output."""
        pty = pytest.importorskip("pty")
        master, slave = pty.openpty()
        piped = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        streams = {"stdin": subprocess.DEVNULL, **piped, stream: slave}
        try:
            done = subprocess.run(
                [PROGRAM, *args],
                **streams,
                cwd=self.path,
                env=self.environment(env),
                timeout=TIMEOUT,
                check=False,
            )
            shown = b""
            while select.select([master], [], [], 0)[0]:
                shown += os.read(master, 1 << 16)
        finally:
            os.close(master)
            os.close(slave)
        return finished(done.returncode, done.stdout or shown.replace(b"\r\n", b"\n"), done.stderr or b"")

    def start(self, *args: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start the executable and leave it running, all three streams piped."""
        return subprocess.Popen(
            [PROGRAM, *args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.path,
            env=self.environment(env),
        )

    def pipe_into(self, running: subprocess.Popen[bytes], name: str) -> IO[bytes]:
        """A named pipe, open to write as soon as the run reads it."""
        deadline = time.monotonic() + TIMEOUT
        while running.poll() is None and time.monotonic() < deadline:
            try:
                return os.fdopen(os.open(self.path / name, os.O_WRONLY | os.O_NONBLOCK), "wb")
            except OSError:  # nobody reads it yet
                time.sleep(0.01)
        running.kill()
        out, err = running.communicate()
        raise AssertionError(f"{name} is not read: {finished(running.returncode, out, err)}")

    def objects(self, stream: bytes) -> list[str]:
        """The resources that kubectl sees in a stream, without a server."""
        done = self.command("kubectl", "annotate", "--local", "-o", "name", "-f", "-", "seen=yes", input=stream)
        assert done.status == 0, done.err
        return done.out.decode().split()


def finished(status: int, out: bytes, err: bytes) -> Done:
    """A run as it ended; no run may end in a traceback."""
    done = Done(status, out, err.decode())
    assert "Traceback" not in done.err, done.err[-2000:]
    return done


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An empty folder."""
    return Folder(tmp_path)


def pod(*images: str, name: str = "web") -> bytes:
    """A pod; its first image stands at line 7, column 14, the next two lines further down."""
    head = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n"
    containers = (f"    - name: c{index}\n      image: {image}\n" for index, image in enumerate(images))
    return (head + "".join(containers)).encode()


POD = pod("quay.io/a/b:1")
MIRRORED = pod("quay.tencentcloudcr.com/a/b:1")
# No word of it can hold an image, so it is not even parsed.
PLAIN = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\ndata: {key: value}\n"
JSON_POD = (
    b'{"apiVersion":"v1","kind":"Pod","metadata":{"name":"json"},'
    b'"spec":{"containers":[{"name":"c0","image":"quay.io/a/b:1"}]}}'
)
JSON_MIRRORED = JSON_POD.replace(b"quay.io", b"quay.tencentcloudcr.com")


# Runs a command that gets a signal as soon as it loads a module.
_AT_LOADING = """\
import os, sys
command, module, number = sys.argv[1:4]
del sys.argv[1:4]
class Finder:
    def find_spec(name, path=None, target=None):
        if name == module:
            sys.meta_path.remove(Finder)
            os.kill(os.getpid(), int(number))
sys.meta_path.insert(0, Finder)
from kubectl_tcr.cli import main
getattr(main, command)()
"""


def at_loading(command: str, module: str, number: int) -> tuple[str, ...]:
    """The words that run a command which gets a signal as it loads a module; its arguments follow them."""
    return (sys.executable, "-c", _AT_LOADING, command, module, str(int(number)))
