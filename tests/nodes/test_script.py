"""The script for nodes, run by sh for the runtimes whose files it writes whole; containerd's part is in e2e/nodes."""

import base64
import gzip
import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from kubectl_tcr import build, parse_rule
from kubectl_tcr.images.presets import preset
from kubectl_tcr.nodes import crio
from kubectl_tcr.nodes.hosts import Ways
from kubectl_tcr.nodes.k3s import FILES
from kubectl_tcr.nodes.script import packed, script

from .conftest import Machine

pytestmark = pytest.mark.skipif(shutil.which("sh") is None, reason="needs a POSIX shell")

TKE = build([preset("tke")])
DAEMON = "/etc/docker/daemon.json"


def run(
    node: Machine, *args: str, rules: object = TKE, made: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the script on a node, its restart a line in the file `restarts`."""
    path = node.root.parent / "tcr-nodes.sh"
    path.write_text(made or script(rules), encoding="utf-8")  # type: ignore[arg-type]
    environment = {
        "PATH": os.environ["PATH"],
        "TCR_ROOT": str(node.root),
        "TCR_RESTART": f"echo restart >>{node.root.parent}/restarts",
        **variables,
    }
    return subprocess.run(["sh", path, *args], env=environment, capture_output=True, text=True, timeout=99, check=False)


def restarts(node: Machine) -> int:
    path = node.root.parent / "restarts"
    return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0


def lean(node: Machine) -> Path:
    """A folder for the PATH with what any node has, and no runtime."""
    tools = node.root.parent / "bin"
    tools.mkdir()
    for name in "sh awk cat tr cmp cp cut diff dirname grep head mkdir mktemp mv rm sed sleep sync tail".split():
        (tools / name).symlink_to(shutil.which(name) or name)
    return tools


@pytest.mark.parametrize(
    ("runtime", "file"), [("cri-o", crio.DROP_IN), ("docker", DAEMON), ("k3s", FILES["k3s"]), ("rke2", FILES["rke2"])]
)
def test_a_file_is_written_once_and_the_runtime_restarted_once(node: Machine, runtime: str, file: str) -> None:
    dry = run(node, "--dry-run", TCR_RUNTIME=runtime)
    assert (dry.returncode, node.files(), restarts(node)) == (0, {}, 0)
    assert f"would write {node.root}{file}" in dry.stdout
    first = run(node, TCR_RUNTIME=runtime)
    assert (first.returncode, list(node.files()), restarts(node)) == (0, [file], 1)
    before = node.files()
    again = run(node, TCR_RUNTIME=runtime)
    assert (again.stdout, node.files(), restarts(node)) == ("tcr-nodes: nothing to do\n", before, 1)


def test_the_script_writes_what_the_commands_write(node: Machine) -> None:
    for runtime in ("cri-o", "docker", "k3s"):
        run(node, TCR_RUNTIME=runtime)
    for runtime, file in (("cri-o", crio.DROP_IN), ("docker", DAEMON), ("k3s", FILES["k3s"])):
        assert node.nodes(runtime, "--preset", "tke").out.decode() == node.get(file)
    assert tomllib.loads(node.get(crio.DROP_IN))
    assert json.loads(node.get(DAEMON))


@pytest.mark.parametrize(("runtime", "file"), [("docker", DAEMON), ("k3s", FILES["k3s"])])
def test_a_file_of_somebody_else_stays_and_the_message_says_what_merges_it(
    node: Machine, runtime: str, file: str
) -> None:
    node.put(file, "{}\n")
    done = run(node, TCR_RUNTIME=runtime)
    assert (done.returncode, node.files(), restarts(node)) == (2, {file: "{}\n"}, 0)
    assert f"kubectl tcr-nodes {runtime} --root / --write" in done.stderr


def test_a_runtime_that_does_not_come_up_gets_its_old_configuration_back(node: Machine) -> None:
    node.put(crio.DROP_IN, "# old\n")
    done = run(node, TCR_RUNTIME="cri-o", TCR_RESTART=f"grep -q old {node.root}{crio.DROP_IN}")
    assert done.returncode == 2
    assert "runs again with the old one" in done.stderr
    assert node.files() == {crio.DROP_IN: "# old\n"}


def test_a_new_file_goes_again_if_the_runtime_does_not_come_up(node: Machine) -> None:
    done = run(node, TCR_RUNTIME="k3s", TCR_RESTART=f"test ! -e {node.root}{FILES['k3s']}")
    assert (done.returncode, node.files()) == (2, {})


def test_the_first_backup_stays_and_the_last_one_is_beside_it(node: Machine) -> None:
    for text in ("# one\n", "# two\n", "# three\n"):
        node.put(crio.DROP_IN, text)
        assert run(node, TCR_RUNTIME="cri-o").returncode == 0
    kept = f"{crio.DROP_IN}.before-tcr-nodes"
    assert (node.get(kept), node.get(f"{kept}.last")) == ("# one\n", "# three\n")
    assert set(node.files()) == {crio.DROP_IN, kept, f"{kept}.last"}


def test_a_file_that_went_back_needs_no_second_backup(node: Machine) -> None:
    for _ in range(2):
        node.put(crio.DROP_IN, "# one\n")
        assert run(node, TCR_RUNTIME="cri-o").returncode == 0
    assert set(node.files()) == {crio.DROP_IN, f"{crio.DROP_IN}.before-tcr-nodes"}


def test_a_later_run_goes_back_to_what_it_found_not_to_the_first_backup(node: Machine) -> None:
    for text in ("# one\n", "# two\n"):
        node.put(crio.DROP_IN, text)
        assert run(node, TCR_RUNTIME="cri-o").returncode == 0
    node.put(crio.DROP_IN, "# three\n")
    done = run(node, TCR_RUNTIME="cri-o", TCR_RESTART=f"grep -q three {node.root}{crio.DROP_IN}")
    assert "runs again with the old one" in done.stderr
    assert node.files() == {crio.DROP_IN: "# three\n", f"{crio.DROP_IN}.before-tcr-nodes": "# one\n"}


def test_modes_are_as_they_were_and_what_is_new_is_for_all_to_read(node: Machine) -> None:
    before = os.umask(0o077)
    try:
        assert run(node, TCR_RUNTIME="cri-o").returncode == 0
        drop_in = node.root / crio.DROP_IN.lstrip("/")
        assert [path.stat().st_mode & 0o777 for path in (drop_in, drop_in.parent)] == [0o644, 0o755]
        node.put(crio.DROP_IN, "# theirs\n")
        drop_in.chmod(0o640)
        assert run(node, TCR_RUNTIME="cri-o").returncode == 0
    finally:
        os.umask(before)
    kept = drop_in.with_name(f"{drop_in.name}.before-tcr-nodes")
    assert [path.stat().st_mode & 0o777 for path in (drop_in, kept)] == [0o640, 0o640]


def test_a_file_that_is_a_link_stays_one(node: Machine) -> None:
    real = crio.DROP_IN.replace("registries.conf.d", "real")
    node.put(real, "# theirs\n")
    link = node.root / crio.DROP_IN.lstrip("/")
    link.parent.mkdir()
    link.symlink_to(node.root / real.lstrip("/"))
    assert run(node, TCR_RUNTIME="cri-o").returncode == 0
    assert (link.is_symlink(), "quay.io" in node.get(real)) == (True, True)
    assert node.get(f"{real}.before-tcr-nodes") == "# theirs\n"
    node.put(real, "# theirs\n")
    done = run(node, TCR_RUNTIME="cri-o", TCR_RESTART=f"grep -q theirs {node.root}{real}")
    assert "runs again with the old one" in done.stderr
    assert (link.is_symlink(), node.get(real)) == (True, "# theirs\n")


def test_a_file_that_is_a_link_out_of_the_root_stays(node: Machine) -> None:
    outside = node.root.parent / "outside.conf"
    outside.write_text("# theirs\n", encoding="utf-8")
    link = node.root / crio.DROP_IN.lstrip("/")
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    done = run(node, TCR_RUNTIME="cri-o")
    assert (done.returncode, "leads out of" in done.stderr, link.is_symlink()) == (2, True, True)
    assert outside.read_text(encoding="utf-8") == "# theirs\n"


FOUND = {
    "k3s": ("/etc/rancher/k3s/config.yaml", FILES["k3s"]),
    "rke2": ("/etc/rancher/rke2/config.yaml", FILES["rke2"]),
    "cri-o": ("/etc/crio/crio.conf", crio.DROP_IN),
}


@pytest.mark.parametrize("name", FOUND)
def test_the_runtime_is_found_by_its_files(node: Machine, name: str) -> None:
    theirs, ours = FOUND[name]
    node.put(theirs, "")
    assert run(node, TCR_CONTAINERD="no-such-containerd").returncode == 0
    assert ours in node.files()


USED = {
    "its configuration": (
        "/var/lib/kubelet/config.yaml",
        'containerRuntimeEndpoint: "unix:///var/run/crio/crio.sock"\n',
    ),
    "what kubeadm gives it": (
        "/var/lib/kubelet/kubeadm-flags.env",
        'KUBELET_KUBEADM_ARGS="--v=2 --container-runtime-endpoint=unix:///var/run/crio/crio.sock --x=y"\n',
    ),
}


@pytest.mark.parametrize("name", USED)
def test_the_runtime_that_the_kubelet_uses_goes_before_files_of_another(node: Machine, name: str) -> None:
    node.put("/etc/rancher/k3s/registries.yaml", "mirrors: {}\n")
    node.put(*USED[name])
    done = run(node)
    assert (done.returncode, crio.DROP_IN in node.files()) == (0, True), done.stderr
    assert done.stdout.startswith("tcr-nodes: cri-o: its kubelet uses /run/crio/crio.sock\n")
    assert node.nodes("check", "--root", "ROOT").out.startswith(b"cri-o\n")


def test_a_compact_script_proves_nothing_but_what_it_is_made_to_prove(node: Machine) -> None:
    assert "made without a proof" in run(node, TCR_PROOF="quay.io/a/b:1", made=script(TKE, is_bare=True)).stderr
    assert "made without a proof" not in run(node, TCR_PROOF="quay.io/a/b:1", PATH=str(lean(node))).stderr


def test_what_cannot_be_done_is_told(node: Machine) -> None:
    none = run(node, PATH=str(lean(node)))
    unknown = run(node, TCR_RUNTIME="rkt")
    lacks = run(node, TCR_RUNTIME="containerd", TCR_CONTAINERD="no-such-containerd")
    hub = run(node, TCR_RUNTIME="docker", rules=build([preset("default")]))
    flag = run(node, "--force")
    for done, words in (
        (none, "no container runtime was found"),
        (unknown, "unknown runtime rkt; choose containerd, docker"),
        (lacks, "there is no no-such-containerd here"),
        (hub, "no rule is for docker.io"),
        (flag, "unknown argument --force"),
    ):
        assert done.returncode == 2
        assert words in done.stderr
        assert done.stderr.startswith("tcr-nodes: error: ")
        assert done.stderr.count("\n") == 1
    assert node.files() == {}


def test_a_folder_that_takes_no_file_is_told(node: Machine) -> None:
    node.put("/etc/rancher", "no folder\n")
    done = run(node, TCR_RUNTIME="k3s")
    assert done.returncode != 0
    assert node.files() == {"/etc/rancher": "no folder\n"}


def test_a_proof_needs_a_tool_that_can_pull_before_anything_is_written(node: Machine) -> None:
    done = run(node, TCR_RUNTIME="k3s", TCR_PROOF="quay.io/a/b:1", PATH=str(lean(node)))
    assert done.returncode == 2
    assert "TCR_PROOF needs crictl" in done.stderr
    assert node.files() == {}


def test_a_link_out_of_the_root_is_not_followed(node: Machine) -> None:
    outside = node.root.parent / "outside"
    outside.mkdir()
    (node.root / "etc").mkdir()
    (node.root / "etc/rancher").symlink_to(outside)
    done = run(node, TCR_RUNTIME="k3s")
    assert done.returncode == 2
    assert "leads out of" in done.stderr
    assert list(outside.iterdir()) == []


def test_a_root_that_is_not_there_is_told(node: Machine) -> None:
    done = run(node, TCR_RUNTIME="k3s", TCR_ROOT=f"{node.root}/typo")
    assert (done.returncode, "is no folder" in done.stderr, node.files()) == (2, True, {})


def test_the_script_may_come_on_standard_input(node: Machine) -> None:
    words = ["sh", "-s", "--", "--dry-run"]
    environment = {"PATH": os.environ["PATH"], "TCR_ROOT": str(node.root), "TCR_RUNTIME": "k3s"}
    done = subprocess.run(words, input=script(TKE), env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing was written" in done.stdout


def test_nothing_of_the_template_is_left_unfilled() -> None:
    assert re.findall(r"@[A-Z_]+@", script(TKE)) == []


def test_the_compact_script_unpacks_the_whole_one_and_fits_into_custom_data(node: Machine) -> None:
    compact = packed(script(TKE, is_bare=True))
    assert len(compact.encode()) < 16 << 10
    head = compact.partition("\nexec ")[0]
    done = subprocess.run(["sh"], input=f'{head}\nprintf "%s\\n" "$script"', capture_output=True, text=True, check=True)
    assert done.stdout == script(TKE, is_bare=True)
    assert node.nodes("script", "--preset", "tke", "--compact").out.decode() == compact


def test_twenty_rules_fit_into_custom_data_too() -> None:
    many = build(
        [[parse_rule(f"registry-{number}.example=mirror-{number}.tencentcloudcr.com/team") for number in range(20)]]
    )
    assert len(packed(script(many, is_bare=True)).encode()) < 16 << 10


@pytest.mark.parametrize(("runtime", "file"), [("cri-o", crio.DROP_IN), ("docker", DAEMON), ("k3s", FILES["k3s"])])
def test_the_compact_script_writes_what_the_whole_one_writes(node: Machine, runtime: str, file: str) -> None:
    """Its comments are gone, those of the files that it writes are not."""
    compact = script(TKE, is_bare=True)
    assert [line for line in compact.splitlines()[1:] if line.lstrip().startswith("#")] == [
        line for line in node.nodes("cri-o", "--preset", "tke").out.decode().splitlines() if line.startswith("#")
    ] + [line for line in node.nodes("k3s", "--preset", "tke").out.decode().splitlines() if line.startswith("#")]
    environment = {"PATH": os.environ["PATH"], "TCR_ROOT": str(node.root), "TCR_RUNTIME": runtime}
    words = ["sh", "-s"]
    done = subprocess.run(words, input=compact, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    compactly = node.get(file)
    assert run(node, TCR_RUNTIME=runtime).returncode == 0
    assert node.get(file) == compactly


ONE = {
    "docker": ("daemon_json", DAEMON),
    "cri-o": ("registries_conf", crio.DROP_IN),
    "k3s": ("registries_yaml", FILES["k3s"]),
    "rke2": ("registries_yaml", FILES["rke2"]),
}


@pytest.mark.parametrize("compact", [(), ("--compact",)], ids=["whole", "compact"])
@pytest.mark.parametrize("name", ONE)
def test_a_script_for_one_runtime_has_its_part_alone_and_looks_for_no_other(
    node: Machine, name: str, compact: tuple[str, ...]
) -> None:
    """It is for nodes to come, which may not have a file of their runtime yet."""
    own, file = ONE[name]
    made = node.nodes("script", "--preset", "tke", "--runtime", name, *compact)
    text = made.out.decode()
    if not compact:
        parts = {function for function, _ in ONE.values()} | {"make_files"}
        assert {part for part in parts if f"\n{part}() {{" in text} == {own}
    assert bool(made.err) is not bool(compact)
    environment = {"PATH": os.environ["PATH"], "TCR_ROOT": str(node.root)}

    def attempt(*args: str, **more: str) -> subprocess.CompletedProcess[str]:
        words = ["sh", "-s", "--", *args]
        return subprocess.run(words, input=text, env=environment | more, capture_output=True, text=True, check=False)

    for done, said in (
        (attempt(TCR_RUNTIME="containerd"), f"unknown runtime containerd; choose {name}"),
        (attempt("--migrate"), f"--migrate is for containerd, and this script was made for {name}"),
        (attempt("--config-path", "/a"), f"--config-path is for containerd, and this script was made for {name}"),
    ):
        assert (done.returncode, done.stderr) == (2, f"tcr-nodes: error: {said}\n")
    assert node.files() == {}
    assert attempt().returncode == 0
    assert list(node.files()) == [file]


def test_a_script_for_cri_o_takes_rules_for_a_part_of_a_host(node: Machine) -> None:
    made = node.nodes("script", "--preset", "none", "--mirror", "quay.io/team=m.io/t", "--runtime", "cri-o")
    assert 'prefix = "quay.io/team"' in made.out.decode()
    assert "for a part of quay.io" in node.refused("script", "--mirror", "quay.io/team=m.io/t")


def test_a_migration_is_for_containerd(node: Machine) -> None:
    assert "--migrate is for containerd, not for k3s" in node.refused("script", "--runtime", "k3s", "--migrate")
    assert node.nodes("script", "--runtime", "containerd", "--migrate").status == 0


@pytest.mark.parametrize("more", [(), ("--compact",)], ids=["whole", "compact"])
def test_cloud_init_writes_the_script_and_runs_it(node: Machine, more: tuple[str, ...]) -> None:
    text = node.nodes("script", "--preset", "tke", "--cloud-init", *more).out.decode()
    assert text.startswith("#cloud-config\n")
    said = YAML(typ="safe").load(text)
    assert set(said) == {"write_files", "runcmd"}
    file = said["write_files"][0]
    assert said["runcmd"] == [["sh", file["path"]]]
    content = file["content"]
    if more:
        assert file["encoding"] == "gz+b64"
        content = gzip.decompress(base64.b64decode(content)).decode()
    else:
        assert file["encoding"] == "text/plain"
    assert content == script(TKE, is_bare=bool(more))
    assert file["permissions"] == "0700"


# What is asked for, and how the line on its size ends, if there is one.
SIZES = {
    (): "smaller with --compact and --runtime NAME",
    ("--compact",): "smaller with --runtime NAME",
    ("--runtime", "containerd"): "smaller with --compact",
    ("--runtime", "containerd", "--compact"): "",
    ("--runtime", "containerd", "--compact", "--cloud-init"): "",
    ("--runtime", "k3s"): "smaller with --compact",
    ("--runtime", "k3s", "--compact"): "",
}


@pytest.mark.parametrize("flags", SIZES, ids=" ".join)
def test_a_script_that_user_data_does_not_hold_is_told(node: Machine, flags: tuple[str, ...]) -> None:
    done = node.nodes("script", "--preset", "tke", *flags)
    encoded = len(base64.b64encode(done.out))
    way = SIZES[flags]
    said = f"tcr-nodes: {len(done.out)} bytes, in base64 {encoded}, are more than the 16 KB of user data that CVM takes"
    assert (done.status, encoded > 16 << 10, done.err) == (0, bool(way), f"{said}; {way}\n" if way else "")


def test_nothing_but_fewer_rules_makes_the_smallest_smaller(node: Machine) -> None:
    many = [f"--mirror=registry-{number}.example=mirror-{number}.example/{number * 7919}" for number in range(60)]
    error = node.nodes("script", "--runtime", "containerd", "--compact", *many).err
    assert error.endswith("takes; smaller with fewer rules\n")


def test_images_to_prove_and_the_migration_are_written_into_the_script(node: Machine) -> None:
    text = node.nodes(
        "script", "--preset", "tke", "--migrate", "--proof", "busybox", "--proof", "quay.io/a/b:1"
    ).out.decode()
    assert "\nproof=${TCR_PROOF-'docker.io/library/busybox:latest quay.io/a/b:1'}\n" in text
    assert "\nmigrate=${TCR_MIGRATE-yes}\n" in text
    assert "is of no host with a mirror" in node.refused("script", "--proof", "ghcr.io/a/b:1")
    assert "no image" in node.refused("script", "--proof", "quay.io/a/b:$(reboot)")


def test_paths_and_ports_reach_the_script() -> None:
    rules = build([[parse_rule("r.corp:5000=m.corp/team")]])
    text = script(rules, Ways(["m.corp"]))
    assert "r.corp:5000|r.corp_5000_|https://r.corp:5000|http://m.corp/v2/team|yes\n" in text


def test_the_command_prints_the_script(node: Machine) -> None:
    assert node.nodes("script", "--preset", "tke").out.decode() == script(TKE)
    assert "for a part of quay.io" in node.refused("script", "--mirror", "quay.io/a=m.io")
    assert not Path(node.root, "etc").exists()
