"""The container image: built by its recipe, without a daemon and without a registry, and run.

The base is a small Debian made here; the one that the recipe names lies in a registry.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from .checkout import ROOT, copy_checkout
from .conftest import Tool

RECIPE = (ROOT / "Containerfile").read_text(encoding="utf-8")
PLUGINS = ["images", "nodes", "policy", "rewrite"]
# Nothing is pulled, so that nothing need be signed.
POLICY = '{"default": [{"type": "insecureAcceptAnything"}]}'
BASE = "FROM scratch\nADD base.tar /\nENV PATH=/usr/local/bin:/usr/bin:/bin\n"

Build = Callable[..., str]

pytestmark = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="without a daemon and as no root, buildah wants ids to map"
)


@pytest.fixture(scope="module")
def buildah(tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Run buildah with a store of its own; what it prints."""
    store = tmp_path_factory.mktemp("store")
    program = tool("buildah")
    (store / "policy.json").write_text(POLICY)
    (store / "registries.conf").write_text("")
    flags = ["--root", store / "root", "--runroot", store / "run", "--storage-driver", "vfs"]

    def run(command: str, *words: object, given: bytes = b"") -> str:
        if command in ("build", "from"):
            words = ("--signature-policy", store / "policy.json", *words)
        if command == "build":
            words = ("--isolation", "chroot", *words)
        done = subprocess.run(
            list(map(str, [program, *flags, command, *words])),
            input=given,
            capture_output=True,
            env=dict(os.environ) | {"CONTAINERS_REGISTRIES_CONF": str(store / "registries.conf")},
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    return run


@pytest.fixture(scope="module")
def image(buildah: Build, tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A container of the image."""
    base = tmp_path_factory.mktemp("base")
    with (base / "base.tar").open("wb") as file:
        subprocess.run([tool("python-base")], stdout=file, check=True)
    (base / "Containerfile").write_text(BASE)
    buildah("build", "-t", "localhost/base", base)
    checkout = copy_checkout(tmp_path_factory.mktemp("image") / "kubectl-tcr")
    target = checkout / "dist" / "release" / "kubectl-tcr_rewrite"
    subprocess.run([sys.executable, checkout / "scripts" / "build-zipapp.py", target], check=True)
    buildah("build", "--build-arg", "BASE=localhost/base", "-t", "localhost/kubectl-tcr", checkout)
    return buildah("from", "localhost/kubectl-tcr").strip()


def run(buildah: Build, image: str, *words: object, given: bytes = b"") -> str:
    return buildah("run", "--isolation", "chroot", image, "--", *words, given=given)


@pytest.mark.parametrize("name", PLUGINS)
def test_the_image_has_every_command(buildah: Build, image: str, name: str) -> None:
    assert run(buildah, image, f"kubectl-tcr_{name}", "--version").startswith(f"kubectl tcr-{name} ")


def test_the_image_rewrites_what_is_piped_in_and_is_not_root(buildah: Build, image: str) -> None:
    entry = re.findall(r'"Entrypoint": \[\s*"([\w-]+)"', buildah("inspect", "--type", "image", "localhost/kubectl-tcr"))
    assert set(entry) == {"kubectl-tcr_rewrite"}
    shop = (ROOT / "fixtures" / "readme" / "shop.yaml").read_bytes()
    assert "image: quay.tencentcloudcr.com/acme/shop:3.1\n" in run(buildah, image, entry[0], given=shop)
    assert run(buildah, image, "id", "-u").strip() == "65532"


def test_the_base_is_one_that_a_registry_of_the_mainland_has() -> None:
    (base,) = re.findall(r"^ARG BASE=(\S+)$", RECIPE, re.MULTILINE)
    assert base.startswith("mirror.ccs.tencentyun.com/library/python:")
    assert re.findall(r"^FROM (\S+)$", RECIPE, re.MULTILINE) == ["${BASE}"]
