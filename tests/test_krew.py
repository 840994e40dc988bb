"""Krew's archive and manifest, by the rules that Krew checks them with.

The rules: https://github.com/kubernetes-sigs/krew, internal/index/validation/validate.go, and for
the index cmd/validate-krew-manifest/main.go; the naming of the link is pluginNameToBin in
internal/installation/install.go.
"""

import hashlib
import io
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import kubectl_tcr
from tests.conftest import ROOT

REPOSITORY = "https://git.example/acme/kubectl-tcr"
EXECUTABLE = b"#!/usr/bin/env python3\nprint('plugin')\n"
PLATFORMS = [(system, arch) for system in ("darwin", "linux", "windows") for arch in ("386", "amd64", "arm", "arm64")]


def build(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "zipapp").write_bytes(EXECUTABLE)
    script = ROOT / "scripts" / "build-krew.py"
    subprocess.run([sys.executable, script, folder / "zipapp", folder, REPOSITORY + "/"], check=True)
    return folder


@pytest.fixture
def built(tmp_path: Path) -> Path:
    return build(tmp_path / "built")


def manifest(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load(folder / "tcr-rewrite.yaml")
    return loaded


def archive(folder: Path) -> bytes:
    (path,) = folder.glob("*.tar.gz")
    return path.read_bytes()


def matches(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether a label selector takes a platform."""
    wanted = [
        {"key": key, "operator": "In", "values": [value]} for key, value in selector.get("matchLabels", {}).items()
    ]
    wanted += selector.get("matchExpressions", [])
    assert all(part["operator"] == "In" for part in wanted)
    return all(labels[part["key"]] in part["values"] for part in wanted)


def test_the_manifest_is_a_plugin_of_that_name(built: Path) -> None:
    found = manifest(built)
    assert set(found) == {"apiVersion", "kind", "metadata", "spec"}
    assert found["apiVersion"] == "krew.googlecontainertools.github.com/v1alpha2"
    assert found["kind"] == "Plugin"
    assert found["metadata"] == {"name": "tcr-rewrite"}
    assert re.fullmatch(r"[\w-]+", found["metadata"]["name"])


def test_its_version_is_that_of_the_package(built: Path) -> None:
    version = manifest(built)["spec"]["version"]
    assert version == f"v{kubectl_tcr.__version__}"
    assert re.fullmatch(r"v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?", version)


def test_its_texts_are_what_the_index_asks_for(built: Path) -> None:
    spec = manifest(built)["spec"]
    assert set(spec) == {"version", "homepage", "shortDescription", "description", "caveats", "platforms"}
    assert spec["homepage"] == REPOSITORY
    assert 0 < len(spec["shortDescription"]) <= 50
    assert not re.search(r"[\r\n]|\.$|kubectl", spec["shortDescription"])
    assert "@" not in (built / "tcr-rewrite.yaml").read_text(encoding="utf-8")


def test_every_platform_has_what_krew_needs(built: Path) -> None:
    for platform in manifest(built)["spec"]["platforms"]:
        assert set(platform) == {"selector", "uri", "sha256", "bin"}
        assert platform["sha256"] == hashlib.sha256(archive(built)).hexdigest()
        version = kubectl_tcr.__version__
        assert platform["uri"] == f"{REPOSITORY}/releases/download/v{version}/tcr-rewrite-v{version}.tar.gz"
        assert platform["uri"].endswith((".tar.gz", ".zip"))
        assert platform["uri"].rpartition("/")[2] in [path.name for path in built.iterdir()]


def test_no_two_selectors_take_the_same_platform(built: Path) -> None:
    selectors = [platform["selector"] for platform in manifest(built)["spec"]["platforms"]]
    taken = {
        (system, arch): sum(matches(selector, {"os": system, "arch": arch}) for selector in selectors)
        for system, arch in PLATFORMS
    }
    assert {system for (system, _), number in taken.items() if number == 1} == {"darwin", "linux"}
    assert max(taken.values()) == 1


def test_the_archive_holds_the_license_and_one_executable(built: Path) -> None:
    # Krew tells archives apart by their first bytes, and takes gzip as tar.gz.
    assert archive(built).startswith(b"\x1f\x8b")
    with tarfile.open(fileobj=io.BytesIO(archive(built)), mode="r:gz") as file:
        members = {member.name: member for member in file.getmembers()}
        assert {name: (member.isfile(), member.mode) for name, member in members.items()} == {
            "LICENSE": (True, 0o644),
            "kubectl-tcr_rewrite": (True, 0o755),
        }
        license_file, executable = (file.extractfile(name) for name in members)
        assert license_file is not None
        assert license_file.read() == (ROOT / "LICENSE").read_bytes()
        assert executable is not None
        assert executable.read() == EXECUTABLE
    assert {platform["bin"] for platform in manifest(built)["spec"]["platforms"]} == {"kubectl-tcr_rewrite"}


def test_the_same_sources_make_the_same_bytes(built: Path, tmp_path: Path) -> None:
    again = build(tmp_path / "again")
    assert {path.name: path.read_bytes() for path in built.iterdir()} == {
        path.name: path.read_bytes() for path in again.iterdir()
    }
