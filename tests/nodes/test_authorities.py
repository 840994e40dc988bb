"""`--ca`: the authority of a mirror, by a file that the node has; e2e/nodes pulls."""

import os
import shutil
import subprocess

import pytest

from .conftest import CONFIG, QUAY, Machine

RULE = ("--preset", "none", "--mirror", "quay.io=m.io:5000")
CA = ("--ca", "m.io:5000=/etc/pki/m.pem")
CERTS = 'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "/etc/containerd/certs.d"\n'


def test_without_it_no_authority_is_named(node: Machine) -> None:
    assert b"ca =" not in node.nodes("containerd", *RULE).out


def test_the_file_is_named_for_the_mirror_and_not_for_the_source(node: Machine) -> None:
    node.put(CONFIG, CERTS)
    node.put("/etc/pki/m.pem", "-----BEGIN CERTIFICATE-----\n")
    assert node.nodes("containerd", *RULE, *CA, "--root", "ROOT", "--write").status == 0
    server, host = node.get(QUAY).split('\n\n[host."https://m.io:5000"]\n')
    assert ("ca =" in server, host) == (False, '  capabilities = ["pull", "resolve"]\n  ca = "/etc/pki/m.pem"\n')
    assert "nothing to do" in node.nodes("containerd", *RULE, *CA, "--root", "ROOT", "--write").err
    assert node.nodes("check", *RULE, *CA, "--root", "ROOT").status == 0


REFUSED = {
    "another mirror": (
        ("containerd", *RULE, "--ca", "n.io=/a"),
        "no rule has that mirror with TLS; there are: m.io:5000",
    ),
    "a mirror without TLS": (
        ("containerd", *RULE, *CA, "--plain-http", "m.io:5000"),
        "no rule has that mirror with TLS",
    ),
    "no path": (("containerd", *RULE, "--ca", "m.io:5000=ca.pem"), "is not the absolute path of a file"),
    "an odd path": (("containerd", *RULE, "--ca", "m.io:5000=/a'b"), "is not the absolute path of a file"),
    "no pair": (("containerd", *RULE, "--ca", "m.io:5000"), "--ca m.io:5000 is not MIRROR=FILE"),
    "cri-o": (("cri-o", *RULE, *CA), "copy /etc/pki/m.pem to /etc/containers/certs.d/m.io:5000/ca.crt"),
    "docker": (
        ("docker", "--preset", "tke", "--ca", "mirror.ccs.tencentyun.com=/a"),
        "copy /a to /etc/docker/certs.d/mirror.ccs.tencentyun.com/ca.crt",
    ),
    "k3s": (("k3s", *RULE, *CA), 'put ca_file: /etc/pki/m.pem below configs: "m.io:5000": tls: in registries.yaml'),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_and_the_message_says_what_to_do(node: Machine, name: str) -> None:
    args, words = REFUSED[name]
    assert words in node.refused(*args)


def test_a_table_of_mirrors_is_refused_and_a_migration_takes_it_along(node: Machine) -> None:
    table = "[plugins.'io.containerd.grpc.v1.cri'.registry.mirrors.'a.io']\nendpoint = ['b.io']\n"
    node.put(CONFIG, f"version = 2\n{table}")
    args = ("containerd", *RULE, *CA, "--root", "ROOT", "--containerd", "1.6")
    assert "--ca is for hosts.toml, and a table of mirrors is there; next: " in node.refused(*args)
    assert node.nodes(*args, "--migrate", "--write").status == 0
    assert 'ca = "/etc/pki/m.pem"' in node.get(QUAY)


@pytest.mark.skipif(shutil.which("sh") is None, reason="needs a POSIX shell")
@pytest.mark.parametrize("more", [(), ("--compact",)], ids=["whole", "compact"])
def test_the_script_refuses_it_for_another_runtime(node: Machine, more: tuple[str, ...]) -> None:
    text = node.nodes("script", *RULE, *CA, *more).out.decode()
    environment = {"PATH": os.environ["PATH"], "TCR_ROOT": str(node.root), "TCR_RUNTIME": "k3s"}
    done = subprocess.run(["sh"], input=text, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, node.files()) == (2, {})
    assert "--ca is for containerd's hosts.toml, and this node has k3s; give it the file by hand" in done.stderr
