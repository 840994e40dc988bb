"""A node: its files, its containerd, its registries, and what came from where."""

import itertools
import json
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from . import registries
from .authority import Authority

Tool = Callable[[str], str]
Done = subprocess.CompletedProcess[str]

RESIZER = "quay.io/k8scsi/csi-resizer:v0.5.0"
BUSYBOX = "docker.io/library/busybox:latest"
PLUGIN = Path(sys.executable).parent / "kubectl-tcr_nodes"

# Seconds: what hangs must not hang the tests.
PATIENCE = 120

PLACES = ("etc", "run", "var/lib", "opt")
SOCKET = "unix:///run/containerd/containerd.sock"
ETC = {
    "resolv.conf": "nameserver 127.0.0.1\n",  # where nobody answers
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    "passwd": "root:x:0:0:root:/root:/bin/sh\n",
    "group": "root:x:0:\n",
    "hostname": "node\n",
    "crictl.yaml": f"runtime-endpoint: {SOCKET}\nimage-endpoint: {SOCKET}\ntimeout: 30\n",
}
# What programs of the machine need to start: a Debian system names awk through `alternatives`.
OF_THE_MACHINE = ("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "os-release")
# What is of the machine below /opt stays where it is. The first process of a node lives as long as somebody holds the
# other end of its input, so that tests that are killed leave nothing behind.
SETUP = """
cd "$1"
shift
for theirs in /opt/*/; do
    [ -d "$theirs" ] && [ "$theirs" != /opt/containerd/ ] || continue
    mkdir -p "./$theirs"
    mount --rbind "$theirs" "./$theirs"
done
for place do mount --rbind "./$place" "/$place"; done
echo done
exec cat >/dev/null
"""
_NO_MORE: Mapping[str, str] = MappingProxyType({})
_IMAGES = itertools.count(1)


class Node:
    """A machine with a containerd of a release, which is not started yet.

    Its root is `folder`: paths are those of the node, such as /etc/containerd/config.toml.
    """

    def __init__(self, release: str, folder: Path, tool: Tool, authority: Authority) -> None:
        self.release, self.folder, self._tool = release, folder, tool
        self._running: list[subprocess.Popen[str]] = []
        self._log = folder / "registries/log.jsonl"
        self._pull_began_at = 0
        self._pulled = False
        self._fill(authority)

    def _fill(self, authority: Authority) -> None:
        for place in PLACES:
            (self.folder / place).mkdir(parents=True)
        hosts = ["127.0.0.1 localhost node", *(f"{address} {host}" for host, address in registries.ADDRESSES.items())]
        for name, text in {**ETC, "hosts": "\n".join(hosts) + "\n"}.items():
            self.write(f"/etc/{name}", text)
        for name in OF_THE_MACHINE:
            found = Path("/etc", name)
            if found.is_dir():
                shutil.copytree(found, self.folder / "etc" / name, symlinks=True)
            elif found.exists():
                shutil.copy(found, self.folder / "etc" / name)
        authority.trust(self.folder / "etc/ssl/certs")
        (self.folder / "registries").mkdir()
        for name in ("cert.pem", "key.pem"):
            shutil.copy(authority.folder / name, self.folder / "registries" / name)
        self._log.touch()
        programs = self.folder / "opt/bin"
        programs.mkdir()
        shutil.copy(Path(__file__).with_name("systemctl"), programs)
        for name in ("containerd", "ctr"):
            (programs / name).symlink_to(self._tool(f"{name}-{self.release}"))
        if self.speaks_v1():
            (programs / "crictl").symlink_to(self._tool("crictl"))

    def speaks_v1(self) -> bool:
        """Whether its CRI is one that crictl speaks."""
        return self.release != "1.4"

    def boot(self) -> None:
        """Make the namespaces and start the registries."""
        spaces = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"]
        holder = self._launch(["unshare", *spaces, "sh", "-euc", SETUP, "sh", str(self.folder), *PLACES])
        self._inside = ["nsenter", f"--mount=/proc/{holder.pid}/ns/mnt", f"--net=/proc/{holder.pid}/ns/net"]
        self._inside += [f"--pid=/proc/{holder.pid}/ns/pid_for_children"]
        program = [sys.executable, registries.__file__, str(self.folder / "registries")]
        self._registries = self._launch([*self._inside, *program])

    def _launch(self, words: list[str]) -> subprocess.Popen[str]:
        """Start a program that says when it is ready."""
        launched = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._running.append(launched)
        _wait_for_done(launched)
        return launched

    def halt(self) -> None:
        """End every process of the node, and its mounts with them, by letting go of the pipes that they live by."""
        for running in reversed(self._running):
            try:
                running.communicate(timeout=PATIENCE)
            finally:
                running.kill()
        self._running.clear()

    # Its files

    def path(self, path: str) -> Path:
        """Where a file of the node is on this machine."""
        place = path.removeprefix("/")
        assert place.startswith(tuple(f"{known}/" for known in PLACES)), path
        return self.folder / place

    def write(self, path: str, text: str) -> None:
        file = self.path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def read(self, path: str) -> str:
        return self.path(path).read_text(encoding="utf-8")

    def files(self, below: str) -> dict[str, str]:
        """The files below a folder of the node, by their paths on it."""
        found = (file for file in sorted(self.path(below).rglob("*")) if file.is_file())
        return {f"/{file.relative_to(self.folder)}": file.read_text(encoding="utf-8") for file in found}

    # Its programs

    @property
    def entering(self) -> tuple[str, ...]:
        """The command that runs what stands behind it on the node."""
        return tuple(self._inside)

    def run(self, *words: str, stdin: str = "", variables: Mapping[str, str] = _NO_MORE) -> Done:
        """Run a command on the node, as a shell of root's would."""
        environment = {"PATH": "/opt/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", **variables}
        command = [*self._inside, *words]
        return subprocess.run(
            command, input=stdin, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )

    def kubectl_tcr(self, *args: str) -> Done:
        """Run `kubectl tcr-nodes ...` on the node."""
        return self.run(str(PLUGIN), *args)

    def kubectl(self, command: str) -> Done:
        """Run a command as a message names it: `kubectl tcr-nodes ...`."""
        kubectl, name, *args = shlex.split(command)
        assert (kubectl, name) == ("kubectl", "tcr-nodes"), command
        return self.kubectl_tcr(*args)

    def script(
        self,
        *args: str,
        made: tuple[str, ...] = (),
        by: tuple[str, ...] = ("dash",),
        variables: Mapping[str, str] = _NO_MORE,
    ) -> Done:
        """Run the script that `kubectl tcr-nodes script` prints, `made` with these arguments, `by` a shell."""
        printed = self.kubectl_tcr("script", *made)
        assert printed.returncode == 0, printed.stderr
        return self.run(*by, "-s", "--", *args, stdin=printed.stdout, variables=variables)

    # Its containerd

    def start(self) -> None:
        """Start containerd, which must come up; its CRI need not."""
        started = self.run("systemctl", "start", "containerd")
        assert started.returncode == 0, self.said()

    def stop(self) -> None:
        self.run("systemctl", "stop", "containerd")

    def said(self) -> str:
        """What containerd wrote to its log."""
        log = self.path("/run/containerd.log")
        return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""

    def restarts(self) -> int:
        """How often containerd was restarted."""
        log = self.path("/run/systemctl.log")
        return log.read_text(encoding="utf-8").splitlines().count("restart containerd") if log.exists() else 0

    # Images

    def pull(self, image: str = RESIZER) -> Done:
        """Pull an image over the CRI, none of whose parts is there yet."""
        self.remove(image)
        self._tell({"image": next(_IMAGES)})
        self._pull_began_at = len(self.log())
        done = self.again(image)
        deadline = time.monotonic() + PATIENCE
        while "not initialized yet" in done.stderr and time.monotonic() < deadline:
            time.sleep(0.1)
            done = self.again(image)
        return done

    def again(self, image: str = RESIZER) -> Done:
        """Pull an image, whatever is there."""
        done = self.run("crictl", "pull", image) if self.speaks_v1() else self._old_cri("PullImage", image)
        self._pulled = done.returncode == 0
        return done

    def remove(self, image: str) -> None:
        if self.speaks_v1():
            self.run("crictl", "rmi", image)
        else:
            self._old_cri("RemoveImage", image)

    def _old_cri(self, method: str, image: str) -> Done:
        grpcurl = self._tool("grpcurl")
        proto = Path(grpcurl).resolve().parent.parent / "cri-api/v1alpha2"
        words = [grpcurl, "-plaintext", "-import-path", str(proto), "-proto", "api.proto"]
        words += ["-d", json.dumps({"image": {"image": image}}), SOCKET, f"runtime.v1alpha2.ImageService/{method}"]
        return self.run(*words)

    # The registries

    def answer(self, host: str, answer: str) -> None:
        """Have a registry answer so from now on: see registries.ALWAYS."""
        assert host in registries.ADDRESSES, host
        assert answer in {*registries.ALWAYS, *registries.OTHERWISE}, answer
        self._tell({"host": host, "answer": answer})

    def _tell(self, change: Mapping[str, Any]) -> None:
        assert self._registries.stdin
        self._registries.stdin.write(json.dumps(change) + "\n")
        self._registries.stdin.flush()
        _wait_for_done(self._registries)

    def log(self) -> list[dict[str, Any]]:
        """What the registries were asked: host, method, path, ns, status, authorization."""
        return [json.loads(line) for line in self._log.read_text(encoding="utf-8").splitlines()]

    def asked(self) -> list[str]:
        """The hosts that the last pull asked, in their order."""
        return list(dict.fromkeys(entry["host"] for entry in self.last()))

    def served(self) -> str:
        """The host that served the manifest and the blobs of the last pull; several in their order; - if it failed."""
        if not self._pulled:
            return "-"
        got = (entry for entry in self.last() if entry["status"] == 200 and entry["method"] == "GET")
        hosts = (entry["host"] for entry in got if "/manifests/" in entry["path"] or "/blobs/" in entry["path"])
        return ", ".join(dict.fromkeys(hosts))

    def last(self) -> list[dict[str, Any]]:
        """What the registries were asked since the last pull began."""
        return self.log()[self._pull_began_at :]


def _wait_for_done(running: subprocess.Popen[str]) -> None:
    assert running.stdout
    assert running.stdout.readline() == "done\n", f"ended: {running.args!r}"
