"""What real containerds make of what `kubectl tcr-nodes containerd` writes, and of what it refuses."""

import difflib
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

RELEASES = ("1.6", "2.2.1", "2.4")
PAGE = Path(__file__).parent.parent.parent / "docs" / "nodes.md"

CRI = 'plugins."io.containerd.grpc.v1.cri"'
IMAGES = 'plugins."io.containerd.cri.v1.images"'
TABLES = {1: "plugins.cri", 2: CRI, 3: IMAGES, 4: IMAGES}

THROUGH = "through the mirror"
IGNORED = "ignored: asks quay.io"
UNLOADED = "the CRI plugin does not load"
REFUSED = "containerd does not start"


def config(version: int) -> str:
    """A configuration as it may be found, with the snapshotter that needs no kernel's help."""
    if version < 3:
        return f'version = {version}\n\n[{TABLES[version]}.containerd]\n  snapshotter = "native" # ours\n'
    return (
        f'version = {version}\n\n[{TABLES[version]}]\n  snapshotter = "native" # ours\n\n'
        '[[plugins."io.containerd.transfer.v1.local".unpack_config]]\n'
        '  platform = "linux/amd64"\n  snapshotter = "native"\n'
    )


# The versions of config.toml that a containerd is for: what is written for them must work there.
GOOD = [
    *(("1.6", version, style) for version in (1, 2) for style in ("hosts", "mirrors")),
    *(("2.2.1", version, "hosts") for version in (2, 3)),
    *(("2.4", version, "hosts") for version in (1, 2, 3, 4)),
]


def write(lab: Any, machine: Any, version: int, style: str, *more: str) -> None:
    """Write a configuration and let the tool change it."""
    machine.config.write_text(config(version), encoding="utf-8")
    release = ["--containerd", machine.release] if style == "mirrors" else []
    lab.tcr_nodes(
        *("containerd", "--root", machine.root, "--write", "--style", style, *release),
        *("--mirror", f"quay.io={lab.mirror.address}", "--plain-http", lab.mirror.address, *more),
    )
    # The node's files lie below a folder here, so that is where containerd has to look.
    text = machine.config.read_text(encoding="utf-8")
    assert ('"/etc/containerd/certs.d"' in text) == (style == "hosts")
    machine.config.write_text(text.replace('"/etc/containerd', f'"{machine.root}/etc/containerd'), encoding="utf-8")


@pytest.mark.parametrize(("release", "version", "style"), GOOD)
def test_an_image_comes_through_the_mirror_and_from_the_source_if_that_fails(
    lab: Any, release: str, version: int, style: str
) -> None:
    machine = lab.containerd(release)
    write(lab, machine, version, style)
    machine.start()
    lab.mirror.forget()
    pulled = machine.pull()
    assert pulled.returncode == 0, pulled.stderr
    assert lab.mirror.served()
    lab.mirror.stop()
    try:
        failed = machine.pull()
    finally:
        lab.mirror.start()
    assert "https://quay.io/v2/k8scsi/csi-resizer/manifests/v0.5.0" in failed.stderr + machine.said()
    assert failed.returncode != 0, "quay.io is not to be reached from here"


@pytest.mark.parametrize(
    ("release", "style"), [("1.6", "hosts"), ("1.6", "mirrors"), ("2.2.1", "hosts"), ("2.4", "hosts")]
)
def test_a_mirror_with_a_path_is_asked_below_it(lab: Any, release: str, style: str) -> None:
    machine = lab.containerd(release)
    write(lab, machine, 2, style, "--config", str(prefixed(lab, machine)))
    machine.start()
    lab.mirror.forget()
    pulled = machine.pull(lab.image.replace("quay.io", "ghcr.io"))
    assert pulled.returncode == 0, pulled.stderr
    assert lab.mirror.served(f"team/quay/{lab.repository}", "ghcr.io")


def prefixed(lab: Any, machine: Any) -> Path:
    path: Path = machine.folder / "mirrors.yaml"
    path.write_text(
        "apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\nspec:\n  mirrors:\n"
        f"    - source: ghcr.io\n      mirror: {lab.mirror.address}/team/quay\n",
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize("release", RELEASES)
def test_what_the_tool_writes_into_the_default_configuration_containerd_reads_as_before(lab: Any, release: str) -> None:
    machine = lab.containerd(release)
    words = [machine.program, "--config", "/nonexistent", "config", "default"]
    default = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    machine.config.write_text(default, encoding="utf-8")
    before = dump(machine)
    lab.tcr_nodes("containerd", "--root", machine.root, "--write", "--replace")
    changed = [line for line in difflib.ndiff(before, dump(machine)) if line[0] in "+-"]
    written = [line for line in changed if "config_path" not in line]
    assert written == []
    assert len(changed) in (0, 2)


def dump(machine: Any) -> list[str]:
    words = [machine.program, "--config", machine.config, "config", "dump"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()


class Cell(NamedTuple):
    """A style of configuration in a version of the file."""

    version: int
    style: str

    def text(self, lab: Any, machine: Any) -> str:
        registry = f"{TABLES[self.version]}.registry"
        if self.style == "`mirrors`":
            rows = f'[{registry}.mirrors."quay.io"]\n  endpoint = ["http://{lab.mirror.address}"]\n'
        else:
            rows = f'[{registry}]\n  config_path = "{machine.root}/etc/containerd/certs.d"\n'
        if self.style == "both":
            rows += f'[{registry}.mirrors."quay.io"]\n  endpoint = ["http://{lab.mirror.address}"]\n'
        return f"{config(self.version)}\n{rows}"


CELLS = [Cell(version, style) for version in TABLES for style in ("`config_path`", "`mirrors`", "both")]


def measured(lab: Any, release: str, cell: Cell) -> str:
    """What a containerd does with a configuration that is written by hand."""
    machine = lab.containerd(release)
    folder = machine.config.parent / "certs.d/quay.io"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hosts.toml").write_text(
        f'server = "https://quay.io"\n[host."http://{lab.mirror.address}"]\n', encoding="utf-8"
    )
    machine.config.write_text(cell.text(lab, machine), encoding="utf-8")
    try:
        machine.start()
    except AssertionError:
        return REFUSED
    lab.mirror.forget()
    pulled = machine.pull()
    machine.stop()
    if lab.mirror.served():
        return THROUGH
    if "unknown service runtime.v1.ImageService" in pulled.stderr:
        return UNLOADED
    assert "https://quay.io/v2/" in pulled.stderr, pulled.stderr
    return IGNORED


def test_the_table_of_the_page_is_what_containerd_does(lab: Any) -> None:
    columns = {release: [measured(lab, release, cell) for cell in CELLS] for release in RELEASES}
    names = [f"containerd {exact(lab, release)}" for release in RELEASES]
    rows = [f"| version of the file | style | {' | '.join(names)} |", "|---|---|---|---|---|"]
    for index, cell in enumerate(CELLS):
        cells = (columns[release][index] for release in RELEASES)
        rows.append(f"| {cell.version} | {cell.style} | {' | '.join(cells)} |")
    table = "\n".join(rows) + "\n"
    print(table)  # noqa: T201 the page's table, to be copied where it differs
    assert table in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(("release", "starts"), [("1.6", False), ("2.2.1", True)])
def test_the_table_of_version_1_in_a_file_of_version_2(lab: Any, release: str, starts: bool) -> None:
    machine = lab.containerd(release)
    table = f'[plugins.cri.registry.mirrors."quay.io"]\n  endpoint = ["http://{lab.mirror.address}"]\n'
    machine.config.write_text(config(2) + table, encoding="utf-8")
    if not starts:
        with pytest.raises(AssertionError, match="invalid plugin key URI"):
            machine.start()
        return
    machine.start()
    lab.mirror.forget()
    assert machine.pull().returncode != 0
    assert not lab.mirror.served()


def exact(lab: Any, release: str) -> str:
    """The release as its own `--version` tells it, without a distribution's suffix."""
    machine = lab.containerd(release)
    words = [machine.program, "--version"]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    return said[2].removeprefix("v").partition("~")[0]
