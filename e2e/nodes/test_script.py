"""The script for nodes under dash and busybox sh, on the test bed: real paths and containerds, a reachable source."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kubectl_tcr.nodes import runtimes

from .bed import RESIZER, Node

Tool = Callable[[str], str]
Make = Callable[[str], Node]
Shells = dict[str, tuple[str, ...]]

CONFIG = "/etc/containerd/config.toml"
CERTS = "/etc/containerd/certs.d"
QUAY = f"{CERTS}/quay.io/hosts.toml"
MIRROR = "quay.tencentcloudcr.com"
CRI = 'plugins."io.containerd.grpc.v1.cri"'
IMAGES = 'plugins."io.containerd.cri.v1.images"'
# What the node has before.
OURS = f'version = 2\n# ours\n[{CRI}.containerd]\n  snapshotter = "overlayfs"\n'
POINTING = f'{OURS}\n[{CRI}.registry]\n  config_path = "{CERTS}"\n'
TABLE = f'{OURS}[{CRI}.registry.mirrors."docker.io"]\n  endpoint = ["https://mirror.ccs.tencentyun.com"]\n'
PROVED = f"tcr-nodes: proved: {RESIZER} came from https://{MIRROR} alone\n"
SHELLS = ("dash", "busybox")


@pytest.fixture
def shells(tool: Tool) -> Shells:
    return {"dash": (tool("dash"),), "busybox": (tool("busybox"), "sh")}


def files(node: Node) -> dict[str, str]:
    return node.files("/etc/containerd")


FORMS = [(), ("--compact",), *(("--runtime", name) for name in runtimes.names())]


@pytest.mark.parametrize("more", FORMS, ids=" ".join)
def test_the_script_is_clean_for_shellcheck(tool: Tool, lab: Any, tmp_path: Path, more: tuple[str, ...]) -> None:
    script = tmp_path / "tcr-nodes.sh"
    script.write_text(lab.tcr_nodes("script", "--preset", "tke", *more).stdout, encoding="utf-8")
    done = subprocess.run([tool("shellcheck"), "--shell=sh", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_node_is_changed_once_and_pulls_through_the_mirror(node: Make, shells: Shells, shell: str) -> None:
    machine = node("1.6")
    machine.write(CONFIG, OURS)
    machine.start()
    dry = machine.script("--dry-run", by=shells[shell])
    assert (dry.returncode, dry.stderr) == (0, "")
    assert files(machine) == {CONFIG: OURS}
    first = machine.script(by=shells[shell], variables={"TCR_PROOF": RESIZER})
    assert (first.returncode, first.stderr) == (0, ""), first.stdout + first.stderr
    assert PROVED in first.stdout
    printed = machine.kubectl_tcr("containerd").stdout.partition("\n")[2]
    assert files(machine) == {QUAY: printed, CONFIG: POINTING, f"{CONFIG}.before-tcr-nodes": OURS}
    machine.pull()
    assert (machine.served(), machine.restarts()) == (MIRROR, 1)
    before = files(machine)
    again = machine.script(by=shells[shell])
    assert again.stdout.splitlines()[-1] == "tcr-nodes: nothing to do"
    assert (files(machine), machine.restarts()) == (before, 1)


@pytest.mark.parametrize("text", [OURS, TABLE], ids=["files", "table"])
@pytest.mark.parametrize("shell", SHELLS)
def test_the_compact_script_for_containerd_does_what_the_whole_one_does(
    node: Make, shells: Shells, shell: str, text: str
) -> None:
    seen = []
    for made in ((), ("--runtime", "containerd", "--compact", "--proof", RESIZER)):
        machine = node("1.6")
        machine.write(CONFIG, text)
        machine.start()
        variables = {"TCR_PROOF": RESIZER, "TCR_RUNTIME": "containerd"}
        done = machine.script(by=shells[shell], made=made, variables=variables)
        assert (done.returncode, PROVED in done.stdout) == (0, True), done.stderr
        seen.append((files(machine), machine.restarts(), done.stdout))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("shell", SHELLS)
def test_mirrors_in_a_table_get_ours_beside_them(node: Make, shells: Shells, shell: str) -> None:
    machine = node("1.6")
    machine.write(CONFIG, TABLE)
    machine.start()
    done = machine.script(by=shells[shell], variables={"TCR_PROOF": RESIZER})
    assert done.returncode == 0, done.stderr
    assert PROVED in done.stdout
    after = f'{TABLE}\n[{CRI}.registry.mirrors."quay.io"]\n  endpoint = ["https://{MIRROR}"]\n'
    assert files(machine) == {CONFIG: after, f"{CONFIG}.before-tcr-nodes": TABLE}
    machine.pull()
    assert machine.served() == MIRROR
    again = machine.script(by=shells[shell], variables={"TCR_PROOF": RESIZER})
    assert again.stdout.endswith(f"{PROVED}tcr-nodes: nothing to do\n"), "1.x says which table it runs with"


def test_a_table_is_proved_by_a_row_of_its_own_where_containerd_does_not_say_with_which_it_runs(node: Make) -> None:
    machine = node("2.4")
    machine.write(CONFIG, TABLE)
    machine.start()
    assert machine.script().returncode == 0
    before = files(machine)
    done = machine.script(variables={"TCR_PROOF": RESIZER})
    assert (done.returncode, PROVED in done.stdout) == (0, True), done.stderr
    assert files(machine)[CONFIG] == before[CONFIG]
    assert "proof" not in "".join(files(machine).values())


@pytest.mark.parametrize("release", ["1.6", "2.2.1", "2.4"])
def test_hosts_files_need_no_restart_where_config_path_is_set(node: Make, release: str) -> None:
    version, table = (2, CRI) if release == "1.6" else (3, IMAGES)
    machine = node(release)
    text = f'version = {version}\n[{table}.registry]\nconfig_path = "{CERTS}"\n'
    machine.write(CONFIG, text)
    machine.start()
    done = machine.script(variables={"TCR_PROOF": RESIZER})
    assert done.returncode == 0, done.stderr
    assert (machine.read(CONFIG), machine.restarts()) == (text, 0)
    machine.pull()
    assert machine.served() == MIRROR


@pytest.mark.parametrize(("release", "version", "table"), [("1.6", 2, CRI), ("2.2.1", 3, IMAGES), ("2.4", 3, IMAGES)])
def test_an_absent_config_toml_is_made(node: Make, release: str, version: int, table: str) -> None:
    machine = node(release)
    machine.start()
    done = machine.script()
    assert done.returncode == 0, done.stderr
    assert machine.read(CONFIG) == f'version = {version}\n\n[{table}.registry]\n  config_path = "{CERTS}"\n'


def test_a_table_is_migrated_in_one_switch(node: Make) -> None:
    machine = node("2.2.1")
    machine.write(CONFIG, TABLE)
    machine.start()
    refused = machine.script()
    assert (refused.returncode, refused.stderr.rpartition("; ")[2]) == (2, "next: sh tcr-nodes.sh --migrate\n")
    done = machine.script("--migrate", variables={"TCR_PROOF": RESIZER})
    assert (done.returncode, PROVED in done.stdout) == (0, True), done.stderr
    assert machine.read(CONFIG) == POINTING
    hub = 'server = "https://registry-1.docker.io"\n\n[host."https://mirror.ccs.tencentyun.com"]\n'
    assert hub in machine.read(f"{CERTS}/docker.io/hosts.toml")
    assert machine.restarts() == 1


def test_a_migration_keeps_the_mirrors_for_all_other_hosts_and_what_it_took_along(node: Make) -> None:
    machine = node("1.6")
    rows = f'[{CRI}.registry.mirrors."*"]\n  endpoint = ["https://m.example"]\n'
    machine.write(
        CONFIG, f'{OURS}{rows}[{CRI}.registry.mirrors."docker.io"]\n  endpoint = ["n.example", "https://n.example/"]\n'
    )
    machine.start()
    assert machine.script("--migrate").returncode == 0
    before = files(machine)
    assert before[QUAY].index(f'[host."https://{MIRROR}"]') < before[QUAY].index('[host."https://m.example"]')
    assert before[f"{CERTS}/docker.io/hosts.toml"].count("[host.") == 1
    assert '[host."https://m.example"]' in before[f"{CERTS}/_default/hosts.toml"]
    for args in ((), ("--migrate",)):
        again = machine.script(*args)
        assert (again.returncode, files(machine)) == (0, before), again.stderr
    machine.answer(MIRROR, "404")
    machine.pull()
    assert machine.served() == "m.example"


@pytest.mark.parametrize("setting", ["capabilities = ['push']", "skip_verify = 'true'"])
def test_a_hosts_file_of_somebody_else_that_does_not_ask_our_mirror_is_refused(node: Make, setting: str) -> None:
    machine = node("1.6")
    machine.write(CONFIG, f'{OURS}[{CRI}.registry]\n  config_path = "{CERTS}"\n')
    machine.write(QUAY, f"[host.'https://{MIRROR}']\n  {setting}\n")
    before = files(machine)
    assert (machine.script().returncode, files(machine)) == (2, before)


def test_settings_of_tls_and_passwords_work_behind_a_migration(node: Make) -> None:
    """The mirror asks for a password, and its authority is known through a file of its own only."""
    machine = node("1.6")
    machine.write("/etc/mirror.pem", trust_nobody(machine))
    machine.write(
        CONFIG,
        f'{OURS}[{CRI}.registry.mirrors."quay.io"]\nendpoint = ["https://m.example"]\n'
        f'[{CRI}.registry.configs."m.example".tls]\nca_file = "/etc/mirror.pem"\n'
        f'[{CRI}.registry.configs."m.example".auth]\nusername = "robot"\npassword = "tr0ub4dor"\n',
    )
    machine.answer("m.example", "basic")
    machine.start()
    machine.pull()
    assert machine.served() == "m.example"
    done = machine.script("--migrate", made=("--mirror", "quay.io=m.example"))
    assert done.returncode == 0, done.stderr
    assert "ca_file" not in machine.read(CONFIG)
    pulled = machine.pull()
    assert machine.served() == "m.example", pulled.stderr


def trust_nobody(node: Node) -> str:
    """Take away the authorities that a machine knows; the one of the registries."""
    authority = node.read("/etc/ssl/certs/ca-certificates.crt")
    for name in node.files("/etc/ssl/certs"):
        node.path(name).unlink()
    return authority


@pytest.mark.parametrize("way", ["command", *SHELLS])
@pytest.mark.parametrize(("release", "version", "table"), [("1.6", 2, CRI), ("2.2.1", 3, IMAGES), ("2.4", 3, IMAGES)])
def test_an_authority_that_lies_in_the_folder_of_a_host_stays_in_force(
    node: Make, shells: Shells, release: str, version: int, table: str, way: str
) -> None:
    machine = node(release)
    machine.write(f"{CERTS}/quay.io/the ca.crt", trust_nobody(machine))
    machine.write(CONFIG, f'version = {version}\n[{table}.registry]\nconfig_path = "{CERTS}"\n')
    machine.start()
    machine.pull()
    assert machine.served() == "quay.io"
    if way == "command":
        done = machine.kubectl_tcr("containerd", "--root", "/", "--write")
    else:
        done = machine.script(by=shells[way], variables={"TCR_PROOF": RESIZER})
        assert PROVED in done.stdout, done.stderr
    assert done.returncode == 0, done.stderr
    machine.pull()
    assert machine.served() == MIRROR
    machine.answer(MIRROR, "down")
    pulled = machine.pull()
    assert machine.served() == "quay.io", pulled.stderr


PORT = "m.example:443"
FROM_PORT = f"{PORT}/k8scsi/csi-resizer:v0.5.0"
RULES = ("--preset", "none", "--mirror", f"{PORT}={MIRROR}")


@pytest.mark.parametrize("way", ["command", *SHELLS])
@pytest.mark.parametrize(("release", "version", "table"), [("1.6", 2, CRI), ("2.2.1", 3, IMAGES), ("2.4", 3, IMAGES)])
def test_a_port_is_spelled_as_the_folder_that_is_there(
    node: Make, shells: Shells, release: str, version: int, table: str, way: str
) -> None:
    """Theirs asks another mirror, and stays in force until ours is put in front of it; so does their authority."""
    machine = node(release)
    theirs, ours = f"{CERTS}/{PORT}/hosts.toml", f"{CERTS}/m.example_443_/hosts.toml"
    machine.write(f"{CERTS}/{PORT}/ca.crt", trust_nobody(machine))
    machine.write(CONFIG, f'version = {version}\n[{table}.registry]\nconfig_path = "{CERTS}"\n')
    their_mirror = '[host."https://n.example"]\nca = "ca.crt"\n'
    machine.write(theirs, their_mirror)
    machine.start()

    def attempt() -> int:
        if way == "command":
            return machine.kubectl_tcr("containerd", "--root", "/", "--write", *RULES).returncode
        return machine.script(made=RULES, by=shells[way], variables={"TCR_PROOF": FROM_PORT}).returncode

    before = files(machine)
    assert (attempt(), files(machine)) == (2, before)
    machine.pull(FROM_PORT)
    assert machine.served() == "n.example"
    machine.write(theirs, f'[host."https://{MIRROR}"]\nca = "ca.crt"\n{their_mirror}')
    assert attempt() == 0
    machine.pull(FROM_PORT)
    assert machine.served() == MIRROR
    machine.path(theirs).unlink()
    assert attempt() == 0
    assert machine.read(theirs).startswith("# Written by kubectl tcr-nodes")
    machine.pull(FROM_PORT)
    assert machine.served() == MIRROR
    machine.answer(MIRROR, "down")
    machine.pull(FROM_PORT)
    assert machine.served() == "m.example"
    # With both folders there containerd reads the other one.
    machine.answer(MIRROR, "image")
    machine.write(f"{CERTS}/m.example_443_/ca.crt", machine.read(f"{CERTS}/{PORT}/ca.crt"))
    machine.pull(FROM_PORT)
    assert machine.served() == "m.example"
    assert attempt() == 0
    assert machine.read(ours) == machine.read(theirs)
    machine.pull(FROM_PORT)
    assert machine.served() == MIRROR
    checked = machine.kubectl_tcr("check", "--runtime", "containerd", *RULES)
    assert (checked.returncode, f"{theirs}: is not read" in checked.stdout) == (1, True)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_names_certificates_as_the_command_does(node: Make, shells: Shells, shell: str) -> None:
    machine = node("1.6")
    for path in (
        "quay.io/b.crt",
        "quay.io/a.crt",
        "quay.io/.h.crt",
        "quay.io/me.cert",
        "quay.io/me.key",
        "quay.io/c.cert",
    ):
        machine.write(f"{CERTS}/{path}", "")
    machine.write(CONFIG, POINTING)
    unlike = {"TCR_RESTART": "true", "TCR_READY": "true"}
    assert machine.script(by=shells[shell], variables=unlike).returncode == 0
    by_script = machine.read(QUAY)
    assert '\nca = [".h.crt", "a.crt", "b.crt"]\nclient = [["c.cert", "c.cert"], ["me.cert", "me.key"]]\n' in by_script
    again = machine.kubectl_tcr("containerd", "--root", "/", "--write")
    assert "nothing to do" in again.stderr
    machine.write(
        QUAY, "".join(line for line in by_script.splitlines(True) if "ca =" not in line and "client" not in line)
    )
    assert machine.script(by=shells[shell], variables=unlike).returncode == 0
    assert machine.read(QUAY) == by_script
    machine.path(QUAY).unlink()
    assert machine.kubectl_tcr("containerd", "--root", "/", "--write").returncode == 0
    assert machine.read(QUAY) == by_script
    machine.write(f'{CERTS}/quay.io/an"odd.crt', "")
    machine.path(QUAY).unlink()
    refused = machine.script(by=shells[shell], variables=unlike)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert f"{CERTS}/quay.io has a certificate whose name cannot be put into a hosts.toml" in refused.stderr


@pytest.mark.parametrize("answer", ["404", "401", "403", "429", "503", "html", "reset", "no blobs", "down"])
def test_a_pull_that_the_source_serves_is_no_proof(node: Make, answer: str) -> None:
    machine = node("2.2.1")
    machine.start()
    machine.answer(MIRROR, answer)
    done = machine.script(variables={"TCR_PROOF": RESIZER})
    assert done.returncode == 2
    assert f"the mirrors are set, but https://{MIRROR} alone does not serve {RESIZER} through the CRI: " in done.stderr
    assert done.stderr.count("\n") == 1
    assert set(files(machine)) == {CONFIG, QUAY}, "the proof leaves nothing behind"


def test_an_image_that_is_there_is_no_proof(node: Make) -> None:
    machine = node("2.2.1")
    machine.start()
    machine.pull()
    machine.answer(MIRROR, "404")
    assert machine.script(variables={"TCR_PROOF": RESIZER}).returncode == 2


@pytest.mark.parametrize("release", ["1.6", "2.4"])
def test_a_proof_leaves_an_image_that_is_there_its_names(node: Make, release: str) -> None:
    machine = node(release)
    machine.start()
    machine.pull()
    before = machine.run("crictl", "images").stdout
    assert machine.script(variables={"TCR_PROOF": RESIZER}).returncode == 0
    assert machine.run("crictl", "images").stdout == before
    assert machine.kubectl_tcr("check", "--online", "--image", RESIZER).returncode == 0
    assert machine.run("crictl", "images").stdout == before
    machine.remove(RESIZER)
    assert machine.script(variables={"TCR_PROOF": RESIZER}).returncode == 0
    assert machine.run("crictl", "images", "-q").stdout == ""


def test_an_image_of_no_host_with_a_mirror_is_refused_before_anything_is_written(node: Make) -> None:
    machine = node("1.6")
    machine.write(CONFIG, OURS)
    done = machine.script(variables={"TCR_PROOF": "ghcr.io/a/b:1"})
    assert (done.returncode, files(machine)) == (2, {CONFIG: OURS})
    assert "ghcr.io/a/b:1 is of no host with a mirror; there are: quay.io" in done.stderr


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
def test_config_path_is_set_whatever_the_spelling(node: Make, name: str) -> None:
    text, indented = SPELLINGS[name]
    machine = node("1.6")
    machine.write(CONFIG, "")
    machine.path(CONFIG).write_bytes(text.encode())
    done = machine.script(variables={"TCR_RESTART": "true", "TCR_READY": "true"})
    assert done.returncode == 0, done.stderr
    assert f'{indented} = "{CERTS}"' in machine.read(CONFIG).splitlines()
    assert f'config_path = "{CERTS}"' in machine.run("containerd", "config", "dump").stdout


REFUSED = {
    "a broken file": ("version = \n", "containerd does not understand"),
    "both styles": (
        f"version = 2\n[{CRI}.registry]\nconfig_path = '/c'\n[{CRI}.registry.mirrors.'a.io']\nendpoint = ['https://b.io']\n",
        "does not load its CRI plugin with both; next: sh tcr-nodes.sh --migrate",
    ),
    "another mirror for the same source": (
        f"version = 2\n[{CRI}.registry.mirrors.'quay.io']\nendpoint = ['https://b.io']\n",
        "quay.io is asked through https://b.io",
    ),
    "tls beside what would be added": (
        f"version = 2\n[{CRI}.registry.configs.'a.io'.tls]\ninsecure_skip_verify = true\n",
        "configs with tls are set, which do not hold beside config_path; next: sh tcr-nodes.sh --migrate",
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
def test_what_would_not_work_is_refused_and_the_node_stays(node: Make, shells: Shells, name: str, shell: str) -> None:
    text, words = REFUSED[name]
    machine = node("1.6")
    machine.write(CONFIG, text)
    done = machine.script(by=shells[shell])
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert (files(machine), machine.restarts()) == ({CONFIG: text}, 0)


def test_a_root_keeps_everything_below_it(node: Make) -> None:
    """The default folders that containerd tells are of the node, not of the machine that the script runs on."""
    machine = node("2.2.1")
    machine.write(CONFIG, OURS)
    machine.write("/opt/copy/etc/containerd/config.toml", OURS)
    done = machine.script(variables={"TCR_ROOT": "/opt/copy", "TCR_RESTART": "true", "TCR_READY": "true"})
    assert done.returncode == 0, done.stderr
    assert files(machine) == {CONFIG: OURS}
    copy = machine.files("/opt/copy")
    assert copy["/opt/copy" + CONFIG] == POINTING
    assert "/opt/copy" + QUAY in copy


def test_a_hosts_file_of_somebody_else_is_right_if_our_mirror_is_its_first(node: Make) -> None:
    machine = node("1.6")
    machine.write(CONFIG, f'{OURS}[{CRI}.registry]\n  config_path = "{CERTS}"\n')
    machine.write(QUAY, f"[host.'https://{MIRROR}']\n[host.'https://b.io']\n")
    before = files(machine)
    machine.start()
    done = machine.script(variables={"TCR_PROOF": RESIZER})
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "tcr-nodes: nothing to do"), done.stderr
    assert files(machine) == before


def test_a_read_only_configuration_stays(node: Make) -> None:
    machine = node("1.6")
    machine.write(CONFIG, OURS)
    machine.path(CONFIG).chmod(0o444)
    done = machine.script()
    assert done.returncode == 2
    assert "is read-only" in done.stderr
    assert (files(machine), machine.restarts()) == ({CONFIG: OURS}, 0)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_configuration_that_is_a_link_stays_one_with_its_mode(node: Make, shells: Shells, shell: str) -> None:
    machine = node("1.6")
    real = "/etc/real/config.toml"
    machine.write(real, OURS)
    machine.path(real).chmod(0o640)
    link = machine.path(CONFIG)
    link.parent.mkdir()
    link.symlink_to("../real/config.toml")
    machine.start()
    strictly = ("sh", "-c", 'umask 077; exec "$@"', "sh", *shells[shell])
    refuse = {"TCR_READY": f"! grep -q config_path {CONFIG}", "TCR_WAIT": "1"}
    assert machine.script(by=strictly, variables=refuse).returncode == 2
    assert (link.is_symlink(), machine.files("/etc/real"), machine.restarts()) == (True, {real: OURS}, 2)
    done = machine.script(by=strictly, variables={"TCR_PROOF": RESIZER})
    assert (done.returncode, PROVED in done.stdout) == (0, True), done.stderr
    assert link.is_symlink()
    assert machine.files("/etc/real") == {real: POINTING, f"{real}.before-tcr-nodes": OURS}
    seen = {path: machine.path(path).stat().st_mode & 0o777 for path in (real, QUAY, CERTS, f"{CERTS}/quay.io")}
    assert seen == {real: 0o640, QUAY: 0o644, CERTS: 0o755, f"{CERTS}/quay.io": 0o755}
    machine.path(real).chmod(0o440)
    machine.path(real).write_text(OURS, encoding="utf-8")
    refused = machine.script(by=strictly)
    assert (refused.returncode, "is read-only" in refused.stderr, machine.read(real)) == (2, True, OURS)


def test_a_hosts_file_of_somebody_else_stays(node: Make) -> None:
    machine = node("1.6")
    machine.write(CONFIG, OURS)
    machine.write(QUAY, "server = 'https://quay.io'\n")
    before = files(machine)
    done = machine.script()
    assert done.returncode == 2
    assert "written by somebody else" in done.stderr
    assert (files(machine), machine.restarts()) == (before, 0)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(("text", "args"), [(OURS, ()), (TABLE, ("--migrate",))], ids=["files", "migration"])
def test_a_containerd_that_does_not_come_up_gets_its_old_configuration_back(
    node: Make, shells: Shells, shell: str, text: str, args: tuple[str, ...]
) -> None:
    machine = node("1.6")
    machine.write(CONFIG, text)
    refuse = f"! grep -q config_path {CONFIG}"
    done = machine.script(*args, by=shells[shell], variables={"TCR_READY": refuse, "TCR_WAIT": "2"})
    assert done.returncode == 2
    assert "runs again with the old one" in done.stderr
    assert (files(machine), machine.restarts()) == ({CONFIG: text}, 2)


def test_a_full_disk_leaves_the_old_configuration(node: Make) -> None:
    machine = node("1.6")
    machine.write(CONFIG, OURS)
    done = machine.script(by=("sh", "-c", 'ulimit -f 0; exec sh "$@"', "sh"))
    assert done.returncode != 0
    assert files(machine) == {CONFIG: OURS}


@pytest.mark.parametrize("when", ["before", "behind"])
@pytest.mark.parametrize("style", ["files", "migration"])
def test_killed_between_any_two_steps_a_node_has_the_old_configuration_or_the_new_one(
    node: Make, when: str, style: str
) -> None:
    """Every rename and every restart is a step: a `mv` and a `sh` on the PATH kill the script at one of them."""
    machine = node("1.6")
    kill = 'n=$(cat "$COUNT"); n=$((n + 1)); echo "$n" >"$COUNT"; if [ "$n" -eq "$AT" ]; then %s; fi\n'
    for name in ("mv", "sh"):
        real = f'/bin/{name} "$@"'
        body = kill % "kill -9 $PPID" + f"exec {real}\n" if when == "before" else f"{real}\n" + kill % "kill -9 $PPID"
        machine.write(f"/opt/shim/{name}", f"#!/bin/sh\n{body}")
        machine.path(f"/opt/shim/{name}").chmod(0o755)
    old, args = (OURS, ()) if style == "files" else (TABLE, ("--migrate",))
    printed = machine.kubectl_tcr("containerd").stdout.partition("\n")[2]
    path = {"PATH": "/opt/shim:/opt/bin:/usr/sbin:/usr/bin:/sbin:/bin", "COUNT": "/run/count", "TCR_READY": "true"}
    for at in range(1, 40):
        machine.write("/run/count", "0")
        machine.write(CONFIG, old)
        for file in (QUAY, f"{CONFIG}.before-tcr-nodes"):
            machine.path(file).unlink(missing_ok=True)
        killed = machine.script(*args, by=("/bin/dash",), variables={**path, "AT": str(at)})
        assert machine.read(CONFIG) in (old, POINTING)
        if machine.read(CONFIG) == POINTING:
            assert machine.read(QUAY) == printed
        if killed.returncode == 0:
            break
        restarts = machine.restarts()
        done = machine.script(*args, variables={"TCR_READY": "true"})
        assert (done.returncode, machine.read(CONFIG)) == (0, POINTING), done.stderr
        assert machine.restarts() > restarts, "the next run restarts what the killed one did not"
        assert machine.read(f"{CONFIG}.before-tcr-nodes") == old
    assert at > 4


@pytest.mark.parametrize("shell", SHELLS)
def test_that_the_file_for_all_other_hosts_is_not_read_any_more_is_told(node: Make, shells: Shells, shell: str) -> None:
    machine = node("1.6")
    machine.write(CONFIG, POINTING)
    machine.write(f"{CERTS}/_default/hosts.toml", f'[host."https://{MIRROR}"]\n')
    machine.start()
    done = machine.script(by=shells[shell])
    said = f"tcr-nodes: {CERTS}/_default/hosts.toml: not read for quay.io any more"
    assert (done.returncode, said in done.stdout) == (0, True), done.stderr
    assert said not in machine.script(by=shells[shell]).stdout
