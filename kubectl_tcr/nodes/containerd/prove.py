"""A proof that containerd asks a mirror: it alone serves an image through the CRI, as the kubelet's pulls go.

A pull that falls back to the source proves nothing, nor does one of an image that is there. So the
image is pulled under the name of a host that does not exist, whose hosts.toml has the mirror in it
and nothing else. A table of mirrors shuts such files out; there containerd is asked for what it
runs with, and the mirror itself is asked beside it (`check --online`).
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kubectl_tcr.nodes import toml
from kubectl_tcr.nodes.containerd.addresses import root_in_table
from kubectl_tcr.nodes.containerd.config_toml import read
from kubectl_tcr.nodes.containerd.effective import Registry, registry
from kubectl_tcr.nodes.containerd.hosts_toml import hosts_file
from kubectl_tcr.nodes.containerd.installed import installed
from kubectl_tcr.nodes.containerd.mirrors_table import endpoints
from kubectl_tcr.nodes.containerd.process import program, running
from kubectl_tcr.nodes.online import Image
from kubectl_tcr.nodes.plan import Node
from kubectl_tcr.nodes.report import DISPROVED, PROVED, UNKNOWN, Proof
from kubectl_tcr.nodes.report import mirror as spelled

# No name below .invalid ever resolves (RFC 6761).
PROOF_HOST = "tcr-nodes-proof.invalid"
# Seconds that a pull may take.
_PATIENCE = 300


def prove(node: Node, image: Image, mirror: str) -> Proof:
    """Whether containerd pulls an image from its mirror.

    Only this machine's containerd can be asked, by root and by way of crictl.
    """
    if not program("crictl"):
        return Proof(UNKNOWN, "there is no crictl to pull with")
    one = running(node)
    there = installed(node, "", one.config, one.program)
    found = registry(read(node, one.config, there.release, there.dump))
    if found.mirrors:
        return _runs_with(one.socket, image.host, mirror)
    try:
        with _folder(node, found, image.host) as name:
            pulled = _call(one.socket, "pull", f"{name}/{image}")
            if not pulled.returncode:
                _forget(one.socket, f"{name}/{image}")
    except OSError as error:
        return Proof(UNKNOWN, f"{error.filename}: {error.strerror}")
    return Proof(DISPROVED, _last_line(pulled.stderr)) if pulled.returncode else Proof(PROVED)


@contextmanager
def _folder(node: Node, found: Registry, source: str) -> Iterator[str]:
    """The source's folder under the name of a host that does not exist, its first mirror alone in it."""
    file = hosts_file(node, found.folders, source)
    if file is None:
        raise FileNotFoundError(2, "no hosts.toml is there", source)
    name = f"{source.replace(':', '-')}.{PROOF_HOST}"
    theirs = Path(file).parent
    copy = theirs.parent / name
    try:
        shutil.copytree(theirs, copy, dirs_exist_ok=True)
        (copy / "hosts.toml").write_text(_first_alone((theirs / "hosts.toml").read_text("utf-8")), encoding="utf-8")
        yield name
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _first_alone(text: str) -> str:
    """The first mirror of a hosts.toml with what it may do; a server would be asked with other settings than it."""
    import tomlkit

    rows = toml.table(toml.load(text, "hosts.toml"), "host")
    first = next(iter(rows), "")
    return tomlkit.dumps({"host": {first: rows[first]} if first else {}})


def _forget(socket: str, name: str) -> None:
    """Take an image's name away, and the image where it has no other.

    `crictl rmi` would take its other names away as well, with which pods may be running.
    """
    words = [program("ctr"), "--address", socket, "-n", "k8s.io", "images"]
    listed = _run(*words, "ls").stdout.splitlines() if words[0] else []
    digests = {words[0]: words[2] for words in map(str.split, listed) if len(words) > 2}
    same = [ref for ref, digest in digests.items() if digest == digests.get(name)]
    ours = [ref for ref in same if ref.startswith(name.partition("/")[0] + "/")]
    ids = [ref for ref in same if ref.startswith("sha256:")]
    is_used = len(same) > len(ours) + len(ids)
    if ours:
        _run(*words, "rm", *ours, *([] if is_used else ids))


def _runs_with(socket: str, source: str, mirror: str) -> Proof:
    """Whether the table that containerd was started with asks the mirror first: 1.x tells it, 2.x does not."""
    try:
        info: Any = json.loads(_call(socket, "info").stdout)
    except ValueError:
        info = None
    table = toml.at(info, ("config", "registry", "mirrors"))
    if not isinstance(table, dict):
        return Proof(UNKNOWN, "this containerd does not say which table of mirrors it runs with (the script proves it)")
    first = next(iter(endpoints(table.get(source))), "")
    if spelled(root_in_table(first) or "") == mirror:
        return Proof(PROVED)
    return Proof(DISPROVED, f"containerd runs without {mirror} for {source}; restart it (systemctl restart containerd)")


def _call(socket: str, *words: str) -> subprocess.CompletedProcess[str]:
    at = f"unix://{socket}"
    return _run(program("crictl"), "--runtime-endpoint", at, "--image-endpoint", at, *words)


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(words, capture_output=True, text=True, timeout=_PATIENCE, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(words, 1, "", f"not done within {_PATIENCE} seconds")


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason was given"])[-1]
