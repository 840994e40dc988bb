"""How long it takes to ask registries for many images, beside crane; see README.md beside this file."""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from installed import TOOLS

PROGRAM = Path(sys.executable).parent / "kubectl-tcr_images"
# What crane is run by: as many at once as there are connections that matter.
_AT_ONCE = 16
_LIMIT = 0.5


class Round(NamedTuple):
    """The wall time in seconds, and the requests that the registries logged."""

    seconds: float
    requests: int


class Harbour:
    """Registries of one store, each at a port, and what they logged."""

    def __init__(self, folder: Path, hosts: int) -> None:
        self._folder = folder
        self._running: list[subprocess.Popen[bytes]] = []
        self.hosts = [self._start(index) for index in range(hosts)]

    def _start(self, index: int) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        config = {
            "version": "0.1",
            "log": {"level": "error"},
            "storage": {"filesystem": {"rootdirectory": str(self._folder / "data")}},
            "http": {"addr": address},
        }
        file = self._folder / f"{index}.json"
        file.write_text(json.dumps(config))
        with (self._folder / f"{index}.log").open("wb") as log:
            self._running.append(subprocess.Popen([TOOLS / "docker-registry", "serve", file], stdout=log, stderr=log))
        _wait(address)
        return address

    def requests(self) -> int:
        """How many requests were answered so far."""
        return sum(path.read_bytes().count(b"HTTP/1.1") for path in self._folder.glob("*.log"))

    def stop(self) -> None:
        """End all of them."""
        for one in self._running:
            one.kill()
            one.wait()


def _wait(address: str) -> None:
    host, port = address.split(":")
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"the registry at {address} does not answer")


@contextmanager
def harbour(hosts: int) -> Iterator[tuple[Harbour, Path]]:
    """Registries for as long as they are needed, and a folder."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        made = Harbour(folder, hosts)
        try:
            yield made, folder
        finally:
            made.stop()


def fill(first: str, repositories: int, folder: Path) -> None:
    """Put an image into as many repositories of the store that all registries share."""
    layer = folder / "layer.tar"
    subprocess.run(["tar", "-cf", layer, "-C", folder, "0.json"], check=True)
    crane = str(TOOLS / "crane")
    subprocess.run(
        [crane, "append", "--insecure", "--oci-empty-base", "-f", layer, "-t", f"{first}/a/r0:1"],
        check=True, capture_output=True,
    )  # fmt: skip
    data = folder / "data" / "docker" / "registry" / "v2" / "repositories" / "a"
    for number in range(1, repositories):
        shutil.copytree(data / "r0", data / f"r{number}")


def measure(words: list[str], source: bytes, made: Harbour, env: dict[str, str]) -> Round:
    """Run a command; a failure ends the measurement."""
    before = made.requests()
    start = time.perf_counter()
    done = subprocess.run(words, input=source, capture_output=True, env=env, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{words[0]} ended with {done.returncode}: {done.stderr.decode()[-500:]}")
    return Round(seconds, made.requests() - before)


def main() -> int:
    """Print the table; status 1 if the limit does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with harbour(chosen.hosts) as (made, folder):
        fill(made.hosts[0], -(-chosen.images // chosen.hosts), folder)
        references = [f"{made.hosts[one % chosen.hosts]}/a/r{one // chosen.hosts}:1" for one in range(chosen.images)]
        rules = [word for host in made.hosts for word in ("--mirror", f"{host}/x={host}/a", "--plain-http", host)]
        manifest = "".join(f"---\nimage: {one.replace('/a/', '/x/')}\n" for one in references).encode()
        lists = "".join(f"{one}\n" for one in references).encode()
        env = {**os.environ, "HOME": str(folder)}
        ours = [str(PROGRAM), "--preset", "none", *rules, "--check", "-o", "plain", "-q"]
        crane = ["xargs", "-P", str(_AT_ONCE), "-n", "1", str(TOOLS / "crane"), "digest", "--insecure"]
        pairs = [(measure(ours, manifest, made, env), measure(crane, lists, made, env)) for _ in range(chosen.rounds)]
    rows = [("kubectl tcr-images --check", 0), (f"xargs -P {_AT_ONCE} crane digest", 1)]
    print(f"{chosen.images} images of {chosen.hosts} hosts, {chosen.rounds} rounds")
    print("| command | seconds | requests |\n|---|---|---|")
    for name, index in rows:
        print(f"| {name} | {median(pair[index].seconds for pair in pairs):.2f} | {pairs[-1][index].requests} |")
    ratio = median(pair[0].seconds / pair[1].seconds for pair in pairs)
    print(f"ratio {ratio:.2f}, to be at most {_LIMIT}")
    return int(ratio > _LIMIT)


if __name__ == "__main__":
    sys.exit(main())
