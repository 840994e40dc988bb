"""Whoever copies the code blocks of README.zh-CN.md, in their order, from a fresh clone ends with a rewritten chart.

Pages in other languages have the same blocks (tests/docs/test_languages.py). The registries of the page are two on
loopback behind a proxy: one for all hosts abroad and Tencent's mirrors, one for the reader's own. The clone and the
user's home are new; kubectl talks to a real API server.
"""

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import shell_blocks

from .checkout import ROOT, clean_environment, copy_checkout
from .cluster import Cluster, images
from .conftest import Tool
from .detour import detour
from .pages import Followed, follow
from .registries import PASSWORD, USER, Quay

PROGRAMS = ("helm3", "kubectl", "crane")

RENDERED = ROOT / "fixtures" / "readme" / "monitor.yaml"
ABROAD = ("index.docker.io", "quay.io", "registry.k8s.io", "quay.tencentcloudcr.com")
OWN = "my-team.tencentcloudcr.com"
IMAGES = {
    "library/nginx:1.27-alpine",
    "prometheus/prometheus:v2.53.1",
    "prometheus-operator/prometheus-config-reloader:v0.75.2",
    "ingress-nginx/kube-webhook-certgen:v1.4.1",
    "kube-state-metrics/kube-state-metrics:v2.13.0",
}
REWRITTEN = {
    f"{OWN}/mirror/docker.io/library/nginx:1.27-alpine",
    "quay.tencentcloudcr.com/prometheus/prometheus:v2.53.1",
    f"{OWN}/mirror/registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1.4.1",
    f"{OWN}/mirror/registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.13.0",
}


@pytest.fixture
def programs(tool: Tool, tmp_path: Path) -> str:
    """The PATH of a new machine with Python, make, Helm, kubectl and crane."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "python3").symlink_to(sys._base_executable)  # type: ignore[attr-defined]
    for name in PROGRAMS:
        (folder / name.removesuffix("3")).symlink_to(tool(name))
    return os.pathsep.join([str(folder), os.defpath])


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return copy_checkout(tmp_path / "kubectl-tcr")


def test_the_demo_installs_nothing_that_only_tests_need_and_takes_seconds(clone: Path, programs: str) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = clean_environment() | {"PATH": programs}
    done = subprocess.run(["make", "demo"], cwd=clone, env=environment, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    assert '+          image: "quay.tencentcloudcr.com/acme/shop:2.4.0"\n' in done.stdout
    installed = {path.name.partition("-")[0] for path in clone.glob(".venv/lib/*/site-packages/*.dist-info")}
    assert "click" in installed
    assert installed.isdisjoint({"pytest", "mypy", "ruff"})
    # On a quiet machine it takes about as long as its processors work.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 15


def test_the_rendered_chart_of_the_pages_is_what_helm_renders(tool: Tool) -> None:
    for helm in ("helm3", "helm4"):
        command = [tool(helm), "template", "monitor", "examples/monitor"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        # Helm 4 leaves an empty line behind each document.
        shown = re.sub(r"\n+---\n", "\n---\n", done.stdout.rstrip("\n") + "\n")
        assert shown == RENDERED.read_text(encoding="utf-8")


def test_who_copies_the_code_blocks_ends_with_a_rewritten_chart(
    cluster: Cluster, quay: Quay, clone: Path, programs: str
) -> None:
    abroad, own = quay.registry(*ABROAD), quay.registry(OWN, is_locked=True)
    quay.push(*(f"{abroad.address}/{image}" for image in IMAGES))
    # A controller makes it, where there is one.
    cluster.kubectl("create", "serviceaccount", "default")
    with detour(dict.fromkeys(ABROAD, abroad.port) | {OWN: own.port}) as proxy:
        done = followed(cluster, quay, clone, programs, proxy)
    try:
        assert done.failed == "", done.said
        assert "kubectl tcr-rewrite 0." in done.said
        found = set(images(cluster.objects()))
        assert found == REWRITTEN
        account = cluster.kubectl("get", "serviceaccount", "default", "-o", "jsonpath={.imagePullSecrets[*].name}")
        assert account == "tcr"
        assert "quay.io" not in (clone / "monitor.yaml").read_text(encoding="utf-8")
    finally:
        policies = "validatingadmissionpolicies,validatingadmissionpolicybindings"
        cluster.kubectl("delete", policies, "kubectl-tcr-audit", "--ignore-not-found")


def test_outside_the_vpc_what_has_no_mirror_is_copied_all_the_same(quay: Quay, tmp_path: Path) -> None:
    abroad, own = quay.registry(*ABROAD), quay.registry(OWN)
    quay.push(*(f"{abroad.address}/{image}" for image in IMAGES))
    rules = quay.succeed("kubectl-tcr_images", "-q", "-o", "config", "--to", f"{OWN}/mirror/{{host}}", str(RENDERED))
    (tmp_path / "mirrors.yaml").write_text(rules)
    ports = dict.fromkeys(ABROAD, abroad.port) | {OWN: own.port}
    del ports["quay.tencentcloudcr.com"]
    command = ["kubectl-tcr_images", "--config", "mirrors.yaml", "--missing", "-o", "crane", str(RENDERED)]
    with detour(ports) as proxy:
        done = quay.run("env", f"HTTPS_PROXY={proxy}", *command)
        copied = quay.run("env", f"HTTPS_PROXY={proxy}", "sh", "-ex", source=done.out)
        again = quay.run("env", f"HTTPS_PROXY={proxy}", *command)
    assert (done.status, done.out.count("crane copy "), copied.status) == (1, 3, 0), done.err + copied.err
    assert "quay.tencentcloudcr.com" in done.err
    assert (again.status, again.out) == (2, "")


def followed(cluster: Cluster, quay: Quay, clone: Path, programs: str, proxy: str) -> Followed:
    """Run the blocks of the page in the clone."""
    commands = shell_blocks(clone / "README.zh-CN.md")
    assert len(commands) == 9
    # pip has the internet of its own; all that follows has the registries.
    (installed,) = (index for index, block in enumerate(commands) if "tcr-rewrite --version" in block)
    commands.insert(installed + 1, f"export HTTPS_PROXY={proxy} SSL_CERT_FILE={quay.ca_file}")
    own = {
        "PATH": programs,
        "TCR_USER": USER,
        "TCR_PASSWORD": PASSWORD,
        # One file of tests stands for all, and what pip has downloaded before need not come again.
        "PYTEST_ADDOPTS": "tests/test_splits.py",
        "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR") or str(Path.home() / ".cache" / "pip"),
    }
    return follow(commands, clone, clean_environment() | cluster.environment() | own)
