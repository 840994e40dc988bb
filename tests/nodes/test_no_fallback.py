"""`--no-fallback`: what each runtime can be told so that the source is not asked, and what cannot; e2e/nodes pulls."""

import os
import shutil
import subprocess

import pytest

from kubectl_tcr.nodes.crio import DROP_IN
from kubectl_tcr.nodes.docker import CONFIG as DAEMON
from kubectl_tcr.nodes.k3s import FILES

from .conftest import CONFIG, QUAY, Machine

ALONE = ("--no-fallback", "--mirror", "quay.io=m.io/team")
OURS = """\
# Written by kubectl tcr-nodes: quay.io is asked through its mirror alone.
server = "https://m.io/v2/team"
capabilities = ["pull", "resolve"]
override_path = true

[host."https://m.io/v2/team"]
  capabilities = ["pull", "resolve"]
  override_path = true
"""
CERTS = 'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "/etc/containerd/certs.d"\n'
HEAD = "server = 'https://quay.io'\n"
THEIRS = "[host.'https://m.io/v2/team']\noverride_path = true\n[host.'https://n.io']\n"
SETTING = "disable-default-registry-endpoint: true\n"


def write(node: Machine, runtime: str, *more: str) -> int:
    return node.nodes(runtime, *ALONE, "--root", "ROOT", "--write", *more).status


def test_the_mirror_takes_the_place_of_the_server(node: Machine) -> None:
    node.put(CONFIG, CERTS)
    assert write(node, "containerd") == 0
    assert node.get(QUAY) == OURS
    assert "nothing to do" in node.nodes("containerd", *ALONE, "--root", "ROOT", "--write").err


def test_the_fallback_of_our_file_goes_and_comes_back(node: Machine) -> None:
    node.put(CONFIG, CERTS)
    node.nodes("containerd", *ALONE[1:], "--root", "ROOT", "--write")
    before = node.get(QUAY)
    assert write(node, "containerd") == 0
    assert node.get(QUAY) == OURS
    node.nodes("containerd", *ALONE[1:], "--root", "ROOT", "--write")
    assert node.get(QUAY) == before


def test_a_file_of_somebody_else_that_asks_the_source_is_refused_and_one_that_does_not_stays(node: Machine) -> None:
    node.put(CONFIG, CERTS)
    node.put(QUAY, HEAD + THEIRS)
    assert "asks the source itself behind its mirrors" in node.refused(
        "containerd", *ALONE, "--root", "ROOT", "--write"
    )
    node.put(QUAY, "server = 'https://n.io'\n" + THEIRS)
    before = node.files()
    assert write(node, "containerd") == 0
    assert node.files() == before


def test_a_table_of_mirrors_is_refused(node: Machine) -> None:
    node.put(
        CONFIG, "version = 2\n[plugins.'io.containerd.grpc.v1.cri'.registry.mirrors.'a.io']\nendpoint = ['b.io']\n"
    )
    args = ("containerd", *ALONE, "--root", "ROOT", "--containerd")
    assert "containerd asks the source itself, so --no-fallback cannot be; next: " in node.refused(*args, "1.6")
    assert "next:" not in node.refused(*args, "1.4")
    assert node.nodes(*args, "1.6", "--migrate", "--write").status == 0
    assert node.get(QUAY) == OURS


def test_cri_o_has_the_mirror_in_place_of_the_location(node: Machine) -> None:
    done = node.nodes("cri-o", "--no-fallback", "--plain-http", "m.io", "--mirror", "quay.io/team=m.io/t")
    rows = '\n[[registry]]\nprefix = "quay.io/team"\nlocation = "m.io/t"\ninsecure = true\n'
    assert rows in done.out.decode()
    assert "registry.mirror" not in done.out.decode()


@pytest.mark.parametrize("name", ["k3s", "rke2"])
def test_k3s_and_rke2_are_told_elsewhere(node: Machine, name: str) -> None:
    args = (name, "--no-fallback", "--root", "ROOT", "--write")
    config = FILES[name].replace("registries.yaml", "config.yaml")
    for text in ("", "write-kubeconfig-mode: '0644'\n", "disable-default-registry-endpoint: false\n"):
        node.put(config, text)
        error = node.refused(*args)
        assert f"{config}: --no-fallback is not in registries.yaml; set disable-default-registry-endpoint" in error
    for file in (config, f"{config}.d/a.yaml"):
        node.put(config, "")
        node.put(file, SETTING)
        assert node.nodes(*args).status == 0
        assert node.nodes("check", "--no-fallback", "--root", "ROOT").status == 0
    node.put(f"{config}.d/a.yaml", "")
    assert node.nodes("check", "--no-fallback", "--root", "ROOT").status == 1


def test_docker_is_refused(node: Machine) -> None:
    error = node.refused("docker", "--preset", "tke", "--no-fallback", "--root", "ROOT", "--write")
    assert "Docker always asks Docker Hub itself if a mirror fails, so --no-fallback cannot be" in error


FALLS_BACK = {
    "containerd": {CONFIG: CERTS, QUAY: HEAD + THEIRS},
    "cri-o": {DROP_IN: '[[registry]]\nprefix = "quay.io"\n[[registry.mirror]]\nlocation = "m.io/team"\n'},
    "k3s": {FILES["k3s"]: 'mirrors:\n  quay.io:\n    endpoint: ["https://m.io/team"]\n'},
    "docker": {DAEMON: '{"registry-mirrors": ["https://m.io"]}'},
}


@pytest.mark.parametrize("name", FALLS_BACK)
def test_check_finds_a_fallback(node: Machine, name: str) -> None:
    for path, text in FALLS_BACK[name].items():
        node.put(path, text)
    rules = ["--preset", "none", "--mirror", "docker.io=m.io"] if name == "docker" else ALONE[1:]
    args = ("check", "--runtime", name, "--root", "ROOT", *rules)
    assert "against --no-fallback" not in node.nodes(*args).out.decode()
    done = node.nodes(*args, "--no-fallback")
    assert (done.status, "is asked itself where its mirror does not serve, against --no-fallback" in str(done.out)) == (
        1,
        True,
    )


def test_what_is_written_for_cri_o_is_right(node: Machine) -> None:
    assert write(node, "cri-o") == 0
    done = node.nodes("check", *ALONE, "--runtime", "cri-o", "--root", "ROOT")
    assert (done.status, f"  quay.io: https://m.io/team ({DROP_IN})" in done.out.decode().splitlines()) == (0, True)


@pytest.mark.skipif(shutil.which("sh") is None, reason="needs a POSIX shell")
@pytest.mark.parametrize("more", [(), ("--compact",)], ids=["whole", "compact"])
def test_the_script_does_what_the_commands_do(node: Machine, more: tuple[str, ...]) -> None:
    text = node.nodes("script", "--preset", "tke", "--no-fallback", *more).out.decode()

    def run(runtime: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "TCR_ROOT": str(node.root), "TCR_RUNTIME": runtime}
        return subprocess.run(["sh"], input=text, env=environment, capture_output=True, text=True, check=False)

    for name, words in (("docker", "Docker always asks"), ("k3s", "--no-fallback is not in registries.yaml; set")):
        done = run(name)
        assert (done.returncode, words in done.stderr, node.files()) == (2, True, {})
    for file in ("config.yaml", "config.yaml.d/a.yaml"):
        node.put(f"/etc/rancher/k3s/{file}", SETTING)
        assert run("k3s").returncode == 0
        (node.root / "etc/rancher/k3s" / file).unlink()
        (node.root / "etc/rancher/k3s/registries.yaml").unlink()
    assert run("cri-o").returncode == 0
    assert node.get(DROP_IN) == node.nodes("cri-o", "--preset", "tke", "--no-fallback").out.decode()
