"""Krew's archive and manifests, by the rules that Krew checks them with.

The rules: https://github.com/kubernetes-sigs/krew, internal/index/validation/validate.go, and for
the index cmd/validate-krew-manifest/main.go; the naming of the link is pluginNameToBin in
internal/installation/install.go, and what a move does is in move.go beside it.
"""

import hashlib
import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import kubectl_tcr
from tests.conftest import ROOT

REPOSITORY = "https://git.example/acme/kubectl-tcr"
EXECUTABLE = b"#!/usr/bin/env python3\nprint('plugin')\n"
ARCHIVE = f"kubectl-tcr-krew-v{kubectl_tcr.__version__}.tar.gz"
SCRIPTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
PLUGINS = sorted(name.removeprefix("kubectl-").replace("_", "-") for name in SCRIPTS if name.startswith("kubectl-"))
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


@pytest.fixture(params=PLUGINS)
def plugin(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def manifest(built: Path, plugin: str) -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load(built / f"{plugin}.yaml")
    return loaded


def matches(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether a label selector takes a platform."""
    wanted = [
        {"key": key, "operator": "In", "values": [value]} for key, value in selector.get("matchLabels", {}).items()
    ]
    wanted += selector.get("matchExpressions", [])
    assert all(part["operator"] == "In" for part in wanted)
    return all(labels[part["key"]] in part["values"] for part in wanted)


def test_every_command_is_a_plugin_and_all_come_out_of_one_archive(built: Path) -> None:
    made = {path.name for path in built.iterdir()} - {"zipapp"}
    assert made == {ARCHIVE, *(f"{name}.yaml" for name in PLUGINS)}


def test_no_texts_lie_there_for_what_is_no_command() -> None:
    assert {path.stem for path in (ROOT / "krew").iterdir()} == {"plugin", *PLUGINS}


def test_the_manifest_is_a_plugin_of_that_name(manifest: dict[str, Any], plugin: str) -> None:
    assert set(manifest) == {"apiVersion", "kind", "metadata", "spec"}
    assert manifest["apiVersion"] == "krew.googlecontainertools.github.com/v1alpha2"
    assert manifest["kind"] == "Plugin"
    assert manifest["metadata"] == {"name": plugin}
    assert re.fullmatch(r"[\w-]+", plugin)


def test_its_version_is_that_of_the_package(manifest: dict[str, Any]) -> None:
    version = manifest["spec"]["version"]
    assert version == f"v{kubectl_tcr.__version__}"
    assert re.fullmatch(r"v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?", version)


def test_its_texts_are_what_the_index_asks_for(built: Path, manifest: dict[str, Any], plugin: str) -> None:
    spec = manifest["spec"]
    assert set(spec) == {"version", "homepage", "shortDescription", "description", "caveats", "platforms"}
    assert spec["homepage"] == REPOSITORY
    assert 0 < len(spec["shortDescription"]) <= 50
    assert not re.search(r"[\r\n]|\.$|kubectl", spec["shortDescription"])
    # Longer lines are a warning of validate-krew-manifest.
    assert max(map(len, (spec["description"] + spec["caveats"]).splitlines())) <= 80
    assert f"kubectl {plugin} " in spec["description"]
    assert "@" not in (built / f"{plugin}.yaml").read_text(encoding="utf-8")


def test_every_platform_has_what_krew_needs(built: Path, manifest: dict[str, Any]) -> None:
    for platform in manifest["spec"]["platforms"]:
        assert set(platform) == {"selector", "uri", "sha256", "files", "bin"}
        assert platform["sha256"] == hashlib.sha256((built / ARCHIVE).read_bytes()).hexdigest()
        assert platform["uri"] == f"{REPOSITORY}/releases/download/v{kubectl_tcr.__version__}/{ARCHIVE}"
        assert platform["uri"].endswith((".tar.gz", ".zip"))


def test_the_file_gets_the_name_that_makes_it_this_command(built: Path, manifest: dict[str, Any], plugin: str) -> None:
    executable = f"kubectl-{plugin.replace('-', '_')}"
    with tarfile.open(built / ARCHIVE) as file:
        names = file.getnames()
    for platform in manifest["spec"]["platforms"]:
        assert platform["bin"] == executable
        assert {move["from"]: move["to"] for move in platform["files"]} == dict(
            zip(names, [".", executable], strict=True)
        )


def test_no_two_selectors_take_the_same_platform(manifest: dict[str, Any]) -> None:
    selectors = [platform["selector"] for platform in manifest["spec"]["platforms"]]
    taken = {
        (system, arch): sum(matches(selector, {"os": system, "arch": arch}) for selector in selectors)
        for system, arch in PLATFORMS
    }
    assert {system for (system, _), number in taken.items() if number == 1} == {"darwin", "linux"}
    assert max(taken.values()) == 1


def test_the_archive_holds_the_license_and_one_executable(built: Path) -> None:
    # Krew tells archives apart by their first bytes, and takes gzip as tar.gz; links in it are an error.
    assert (built / ARCHIVE).read_bytes().startswith(b"\x1f\x8b")
    with tarfile.open(built / ARCHIVE, mode="r:gz") as file:
        members = {member.name: member for member in file.getmembers()}
        assert {name: (member.isfile(), member.mode) for name, member in members.items()} == {
            "LICENSE": (True, 0o644),
            "kubectl-tcr": (True, 0o755),
        }
        license_file, executable = (file.extractfile(name) for name in members)
        assert license_file is not None
        assert license_file.read() == (ROOT / "LICENSE").read_bytes()
        assert executable is not None
        assert executable.read() == EXECUTABLE


def test_the_same_sources_make_the_same_bytes(built: Path, tmp_path: Path) -> None:
    again = build(tmp_path / "again")
    assert {path.name: path.read_bytes() for path in built.iterdir()} == {
        path.name: path.read_bytes() for path in again.iterdir()
    }
