"""The script for nodes under dash and busybox sh, on a folder that stands for a node, with a real containerd."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Tool = Callable[[str], str]

CRI = 'plugins."io.containerd.grpc.v1.cri"'
IMAGES = 'plugins."io.containerd.cri.v1.images"'
# What the node has before; conftest.py starts a containerd 1.6 with it.
OURS = f'version = 2\n# ours\n[{CRI}.containerd]\n  snapshotter = "native"\n'
SHELLS = ("dash", "busybox")


@pytest.mark.parametrize("more", [(), ("--compact",)], ids=["whole", "compact"])
def test_the_script_is_clean_for_shellcheck(lab: Any, tool: Tool, tmp_path: Path, more: tuple[str, ...]) -> None:
    script = tmp_path / "tcr-nodes.sh"
    script.write_text(lab.tcr_nodes("script", "--preset", "tke", *more).stdout, encoding="utf-8")
    done = subprocess.run([tool("shellcheck"), "--shell=sh", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_node_is_changed_once_and_pulls_through_the_mirror(scripted: Any, shell: str) -> None:
    scripted.config(OURS)
    subprocess.run([scripted.machine.restart_command()], check=True)
    dry = scripted.run("--dry-run", shell=shell)
    assert (dry.returncode, dry.stderr) == (0, "")
    assert scripted.files() == {"etc/containerd/config.toml": OURS}
    scripted.lab.mirror.forget()
    first = scripted.run(shell=shell, TCR_PROOF=scripted.lab.image)
    assert (first.returncode, first.stderr) == (0, ""), first.stdout + first.stderr
    assert f"pulled {scripted.lab.image}" in first.stdout
    assert scripted.hosts.read_text(encoding="utf-8") == scripted.printed
    assert scripted.config() == f'{OURS}\n[{CRI}.registry]\n  config_path = "{scripted.certs}"\n'
    assert (scripted.machine.config.parent / "config.toml.before-tcr-nodes").read_text(encoding="utf-8") == OURS
    pulled = scripted.machine.pull()
    assert pulled.returncode == 0, pulled.stderr
    assert scripted.lab.mirror.served()
    assert scripted.machine.restarts() == 2
    before = scripted.files()
    again = scripted.run(shell=shell)
    assert again.stdout.splitlines()[-1] == "tcr-nodes: nothing to do"
    assert (scripted.files(), scripted.machine.restarts()) == (before, 2)


@pytest.mark.parametrize("shell", SHELLS)
def test_mirrors_in_a_table_get_ours_beside_them(scripted: Any, shell: str) -> None:
    theirs = f'{OURS}[{CRI}.registry.mirrors."docker.io"]\n  endpoint = ["https://mirror.ccs.tencentyun.com"]\n'
    scripted.config(theirs)
    done = scripted.run(shell=shell)
    assert done.returncode == 0, done.stderr
    endpoint = f"http://{scripted.lab.mirror.address}"
    assert scripted.config() == f'{theirs}\n[{CRI}.registry.mirrors."quay.io"]\n  endpoint = ["{endpoint}"]\n'
    assert not scripted.hosts.exists()
    scripted.lab.mirror.forget()
    assert scripted.machine.pull().returncode == 0
    assert scripted.lab.mirror.served()
    assert scripted.run(shell=shell).stdout.endswith("nothing to do\n")


@pytest.mark.parametrize("release", ["1.6", "2.2.1", "2.4"])
def test_hosts_files_need_no_restart_where_config_path_is_set(lab: Any, release: str) -> None:
    node = lab.scripted(release)
    version, table = (2, CRI) if release == "1.6" else (3, IMAGES)
    native = f"[{CRI}.containerd]\n" if version == 2 else f"[{IMAGES}]\n"
    unpack = '[[plugins."io.containerd.transfer.v1.local".unpack_config]]\nplatform = "linux/amd64"\n'
    unpack += 'snapshotter = "native"\n'
    node.config(
        f'version = {version}\n{native}snapshotter = "native"\n[{table}.registry]\nconfig_path = "{node.certs}"\n'
        + (unpack if version == 3 else "")
    )
    before = node.config()
    node.machine.start()
    done = node.run(TCR_PROOF=lab.image)
    assert done.returncode == 0, done.stderr
    assert (node.config(), node.machine.restarts()) == (before, 0)
    lab.mirror.forget()
    assert node.machine.pull().returncode == 0
    assert lab.mirror.served()


def test_an_absent_config_toml_is_made(scripted: Any) -> None:
    done = scripted.run(TCR_READY="true")
    assert done.returncode == 0, done.stderr
    assert scripted.config() == f'version = 2\n\n[{CRI}.registry]\n  config_path = "{scripted.certs}"\n'


# Before, and the line that comes.
SPELLINGS = {
    "a comment behind the header": (f"version = 2\n[{CRI}.registry] # ours\n[debug]\n", "  config_path"),
    "single quotes and blanks": (
        "version=2\n  [ plugins . 'io.containerd.grpc.v1.cri' . registry ]\nconfig_path=''\n",
        "    config_path",
    ),
    "Windows line ends": (f"version = 2\r\n[{CRI}.registry]\r\n  config_path = ''\r\n", "  config_path"),
    "no final newline": (f"version = 2\n[{CRI}.registry]\n# x", "  config_path"),
    "version 1": ("[plugins.cri.registry]\n[plugins.cri.registry.headers]\n", "  config_path"),
    "an empty file": ("", "  config_path"),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_config_path_is_set_whatever_the_spelling(scripted: Any, name: str) -> None:
    text, indented = SPELLINGS[name]
    scripted.machine.config.write_bytes(text.encode())
    done = scripted.run(TCR_RESTART="true", TCR_READY="true")
    assert done.returncode == 0, done.stderr
    assert f'{indented} = "{scripted.certs}"' in scripted.config().splitlines()
    words = [scripted.machine.program, "--config", scripted.machine.config, "config", "dump"]
    dump = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert f'config_path = "{scripted.certs}"' in dump


REFUSED = {
    "a broken file": ("version = \n", "containerd does not understand"),
    "both styles": (
        f"version = 2\n[{CRI}.registry]\nconfig_path = '/c'\n[{CRI}.registry.mirrors.'a.io']\nendpoint = ['https://b.io']\n",
        "does not load its CRI plugin with both",
    ),
    "another mirror for the same source": (
        f"version = 2\n[{CRI}.registry.mirrors.'quay.io']\nendpoint = ['https://b.io']\n",
        "quay.io is asked through https://b.io",
    ),
    "tls beside what would be added": (
        f"version = 2\n[{CRI}.registry.configs.'a.io'.tls]\ninsecure_skip_verify = true\n",
        "configs with tls are set",
    ),
    "a table for a value": (f"version = 2\n[{CRI}]\nregistry.config_path = ''\n", "nothing was changed"),
    "a header inside a string": (
        f"version = 2\n[{CRI}]\nsandbox_image = '''\n[{CRI}.registry]\n'''\n",
        "containerd would not understand all of",
    ),
    "a table of another version of the file": (f"version = 3\n[{IMAGES}.registry]\n", "would not see config_path"),
    "a version that is not known": ("version = 5\n", "configuration version 5"),
    "an inline table": (
        "version = 2\n[plugins]\n'io.containerd.grpc.v1.cri' = {sandbox_image = 'x'}\n",
        "nothing was changed",
    ),
}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", REFUSED)
def test_what_would_not_work_is_refused_and_the_node_stays(scripted: Any, name: str, shell: str) -> None:
    text, words = REFUSED[name]
    scripted.config(text)
    done = scripted.run(shell=shell)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert (scripted.files(), scripted.machine.restarts()) == ({"etc/containerd/config.toml": text}, 0)


def test_a_proof_that_fails_is_told_and_the_mirrors_stay(scripted: Any) -> None:
    scripted.config(OURS)
    done = scripted.run(TCR_PROOF=scripted.lab.image.replace("v0.5.0", "v9"))
    assert done.returncode == 2
    assert "the mirrors are set, but quay.io/k8scsi/csi-resizer:v9 was not pulled" in done.stderr
    assert scripted.hosts.exists()


def test_a_hosts_file_of_somebody_else_is_right_if_our_mirror_is_its_first(scripted: Any) -> None:
    scripted.config(f'{OURS}[{CRI}.registry]\n  config_path = "{scripted.certs}"\n')
    scripted.hosts.parent.mkdir(parents=True)
    scripted.hosts.write_text(
        f"[host.'http://{scripted.lab.mirror.address}']\n[host.'https://b.io']\n", encoding="utf-8"
    )
    before = scripted.files()
    done = scripted.run()
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "tcr-nodes: nothing to do"), done.stderr
    assert scripted.files() == before


def test_a_read_only_configuration_stays(scripted: Any) -> None:
    scripted.config(OURS)
    scripted.machine.config.chmod(0o444)
    done = scripted.run()
    assert done.returncode == 2
    assert "is read-only" in done.stderr
    assert (scripted.files(), scripted.machine.restarts()) == ({"etc/containerd/config.toml": OURS}, 0)


def test_a_hosts_file_of_somebody_else_stays(scripted: Any) -> None:
    scripted.config(OURS)
    scripted.hosts.parent.mkdir(parents=True)
    scripted.hosts.write_text("server = 'https://quay.io'\n", encoding="utf-8")
    before = scripted.files()
    done = scripted.run()
    assert done.returncode == 2
    assert "written by somebody else" in done.stderr
    assert (scripted.files(), scripted.machine.restarts()) == (before, 0)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_containerd_that_does_not_come_up_gets_its_old_configuration_back(scripted: Any, shell: str) -> None:
    scripted.config(OURS)
    refuse = f"! grep -q config_path {scripted.machine.config}"
    done = scripted.run(shell=shell, TCR_READY=refuse, TCR_WAIT="2")
    assert done.returncode == 2
    assert "runs again with the old one" in done.stderr
    assert scripted.files() == {"etc/containerd/config.toml": OURS}
    assert scripted.machine.restarts() == 2


def test_a_full_disk_leaves_the_old_configuration(scripted: Any) -> None:
    scripted.config(OURS)
    words = ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", "sh", str(scripted.script)]
    environment = {
        "PATH": os.environ["PATH"],
        "TCR_ROOT": str(scripted.machine.root),
        "TCR_RUNTIME": "containerd",
        "TCR_CONTAINERD": scripted.machine.program,
    }
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert scripted.files() == {"etc/containerd/config.toml": OURS}


@pytest.mark.parametrize("when", ["before", "behind"])
def test_killed_between_any_two_steps_a_node_has_the_old_configuration_or_the_new_one(scripted: Any, when: str) -> None:
    """Every rename and every restart is a step: a `mv` and a `sh` on the PATH kill the script at one of them."""
    bin_folder = scripted.machine.folder / "bin"
    bin_folder.mkdir()
    kill = 'n=$(cat "$COUNT"); n=$((n + 1)); echo "$n" >"$COUNT"; if [ "$n" -eq "$AT" ]; then %s; fi\n'
    for name in ("mv", "sh"):
        real = f'/bin/{name} "$@"'
        body = kill % "kill -9 $PPID" + f"exec {real}\n" if when == "before" else f"{real}\n" + kill % "kill -9 $PPID"
        (bin_folder / name).write_text(f"#!/bin/sh\n{body}", encoding="utf-8")
        (bin_folder / name).chmod(0o755)
    new = f'{OURS}\n[{CRI}.registry]\n  config_path = "{scripted.certs}"\n'
    count = scripted.machine.folder / "count"
    for at in range(1, 20):
        count.write_text("0", encoding="utf-8")
        scripted.config(OURS)
        scripted.hosts.unlink(missing_ok=True)
        shim = f"{bin_folder}{os.pathsep}{os.environ['PATH']}"
        killed = scripted.run(PATH=shim, COUNT=str(count), AT=str(at), TCR_READY="true")
        assert scripted.config() in (OURS, new)
        if scripted.config() == new:
            assert scripted.hosts.read_text(encoding="utf-8") == scripted.printed
        if scripted.hosts.exists():
            assert scripted.hosts.read_text(encoding="utf-8") == scripted.printed
        if killed.returncode == 0:
            break
        restarts = scripted.machine.restarts()
        done = scripted.run(TCR_READY="true")
        assert (done.returncode, scripted.config()) == (0, new), done.stderr
        assert scripted.machine.restarts() > restarts, "the next run restarts what the killed one did not"
    assert at > 4
