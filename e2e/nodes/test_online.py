"""`check --online` on a real registry."""

import subprocess
import sys
from pathlib import Path
from typing import Any

PLUGIN = Path(sys.executable).parent / "kubectl-tcr_nodes"


def test_a_real_registry_is_asked(lab: Any, tmp_path: Path) -> None:
    rules = ["--mirror", f"quay.io={lab.mirror.address}", "--plain-http", lab.mirror.address, "--root", tmp_path]
    lab.tcr_nodes("containerd", *rules, "--write")
    url = f"http://{lab.mirror.address}"
    assert f"  seen: {url}: answers as a registry;" in lab.tcr_nodes("check", *rules, "--online").stdout
    said = lab.tcr_nodes("check", *rules, "--online", "--image", lab.image).stdout
    assert f"  seen: {url}: serves {lab.repository}:v0.5.0 (sha256:" in said
    digest = said.partition("(sha256:")[2].partition(")")[0]
    named = f"quay.io/{lab.repository}@sha256:{digest}"
    assert "nothing is wrong" in lab.tcr_nodes("check", *rules, "--online", "--image", named).stdout
    for absent, words in (
        ("quay.io/k8scsi/other:1", "does not have"),
        ("quay.io/k8scsi/csi-resizer:v9", "v9 (HTTP 404)"),
    ):
        done = subprocess.run(
            [PLUGIN, "check", *rules, "--online", "--image", absent], capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert words in done.stdout
