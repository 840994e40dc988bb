"""The drop-in of registries.conf, read by skopeo, which shares CRI-O's and podman's library."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Tool = Callable[[str], str]


def inspect(image: str, home: Path, tool: Tool) -> subprocess.CompletedProcess[str]:
    """Ask for an image with the drop-in in a home folder."""
    words = [tool("skopeo"), "--insecure-policy", "inspect", "--raw", f"docker://{image}"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
    return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("source", "prefix", "asked"),
    [
        ("quay.io", "", "k8scsi/csi-resizer"),
        ("quay.io/k8scsi", "/team/quay/k8scsi", "team/quay/k8scsi/csi-resizer"),
    ],
    ids=["a whole host", "a part of a host"],
)
def test_an_image_is_asked_of_the_mirror_and_of_the_source_if_that_fails(
    mirror: Any, tool: Tool, tmp_path: Path, lab: Any, source: str, prefix: str, asked: str
) -> None:
    folder = tmp_path / ".config/containers/registries.conf.d"
    folder.mkdir(parents=True)
    rule = f"{source}={mirror.address}{prefix}"
    done = lab.tcr_nodes("cri-o", "--preset", "none", "--mirror", rule, "--plain-http", mirror.address)
    (folder / "50-tcr-nodes.conf").write_text(done.stdout, encoding="utf-8")
    mirror.forget()
    found = inspect(lab.image, tmp_path, tool)
    assert found.returncode == 0, found.stderr
    assert mirror.asked(asked)
    mirror.stop()
    try:
        lost = inspect(lab.image, tmp_path, tool)
    finally:
        mirror.start()
    assert lost.returncode != 0
    assert "quay.io" in lost.stderr


def test_without_a_fallback_the_mirror_alone_is_asked(mirror: Any, tool: Tool, tmp_path: Path, lab: Any) -> None:
    folder = tmp_path / ".config/containers/registries.conf.d"
    folder.mkdir(parents=True)
    rule = ("--mirror", f"quay.io={mirror.address}", "--plain-http", mirror.address)
    done = lab.tcr_nodes("cri-o", "--no-fallback", *rule)
    (folder / "50-tcr-nodes.conf").write_text(done.stdout, encoding="utf-8")
    mirror.forget()
    assert inspect(lab.image, tmp_path, tool).returncode == 0
    assert mirror.asked()
    mirror.stop()
    try:
        lost = inspect(lab.image, tmp_path, tool)
    finally:
        mirror.start()
    assert lost.returncode != 0
    assert mirror.address in lost.stderr
    assert "https://quay.io" not in lost.stderr
