"""What containerd does with the certificate of a mirror's authority, and with a mirror that wants to know who asks."""

import base64
import shutil
from collections.abc import Callable

import pytest

from .bed import Authority, Node
from .bed.registries import PASSWORD, USER

Make = Callable[[str], Node]

RELEASES = ("1.6", "2.2.1", "2.4")
CONFIG = "/etc/containerd/config.toml"
CERTS = "/etc/containerd/certs.d"
MIRROR = "m.example"
RULE = ("--mirror", f"quay.io={MIRROR}/team/quay")
CA = "/etc/tcr/ca.pem"
HOSTS = f"""server = "https://quay.io"
[host."https://{MIRROR}"]
  capabilities = ["pull", "resolve"]
"""
BASIC = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


@pytest.mark.parametrize("way", ["command", "script"])
@pytest.mark.parametrize("release", RELEASES)
def test_a_mirror_is_trusted_by_the_file_that_is_named_for_it(
    node: Make, authority: Authority, release: str, way: str
) -> None:
    machine = node(release)
    for file in machine.path("/etc/ssl/certs").iterdir():
        file.unlink()
    machine.write(CA, (authority.folder / "ca.pem").read_text(encoding="utf-8"))
    machine.start()
    for more in ((), ("--ca", f"{MIRROR}={CA}")):
        shutil.rmtree(machine.path("/etc/containerd"), ignore_errors=True)
        if way == "command":
            done = machine.kubectl_tcr("containerd", "--root", "/", "--write", *RULE, *more)
            machine.run("systemctl", "restart", "containerd")
        else:
            done = machine.script(made=(*RULE, *more))
        assert done.returncode == 0, done.stderr
        machine.pull()
        assert machine.served() == (MIRROR if more else "-")
    done = machine.kubectl_tcr("check", *RULE)
    assert done.returncode == 0, done.stdout


def with_files(node: Node, hosts: str, more: str = "") -> None:
    """Start a node that reads a hosts.toml; @ in `more` is its table of the registry."""
    version, plugin = (2, "io.containerd.grpc.v1.cri") if node.release < "2" else (3, "io.containerd.cri.v1.images")
    table = f'plugins."{plugin}".registry'
    more = more.replace("@", table)
    node.write(CONFIG, f'version = {version}\n[{table}]\nconfig_path = "{CERTS}"\n{more}')
    node.write(f"{CERTS}/quay.io/hosts.toml", hosts)
    node.start()


# How a mirror asks who is there: for a name and a password at once, or for a token that it gives for them.
@pytest.mark.parametrize("answer", ["basic", "private"])
@pytest.mark.parametrize("release", RELEASES)
def test_a_header_in_hosts_toml_names_who_asks(node: Make, release: str, answer: str) -> None:
    machine = node(release)
    machine.answer(MIRROR, answer)
    header = f'  [host."https://{MIRROR}".header]\n    Authorization = ["Basic {BASIC}"]\n'
    with_files(machine, HOSTS + header)
    machine.pull()
    is_lost = release == "1.6" and answer == "private"
    assert machine.served() == ("quay.io" if is_lost else MIRROR), "1.x does not take the header to the token's address"


@pytest.mark.parametrize("answer", ["basic", "private"])
@pytest.mark.parametrize("release", RELEASES)
def test_configs_in_config_toml_name_who_asks_beside_config_path(node: Make, release: str, answer: str) -> None:
    machine = node(release)
    machine.answer(MIRROR, answer)
    auth = f'[@.configs."{MIRROR}".auth]\nusername = "{USER}"\npassword = "{PASSWORD}"\n'
    with_files(machine, HOSTS, auth)
    machine.pull()
    assert machine.served() == MIRROR


@pytest.mark.parametrize("release", RELEASES)
def test_what_is_kept_for_the_source_is_not_told_to_its_mirror(node: Make, release: str) -> None:
    """So an imagePullSecret, which is for the source's name, does not count for a mirror."""
    machine = node(release)
    machine.answer(MIRROR, "private")
    auth = f'[@.configs."quay.io".auth]\nusername = "{USER}"\npassword = "{PASSWORD}"\n'
    with_files(machine, HOSTS, auth)
    machine.pull()
    told = [entry["authorization"] for entry in machine.last() if entry["host"] == MIRROR]
    assert told
    assert not any(told)
