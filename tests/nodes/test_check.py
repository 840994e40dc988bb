"""`kubectl tcr-nodes check` on folders that stand for nodes; mirrors are asked on loopback only."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import kubectl_tcr
from kubectl_tcr.nodes.crio import DROP_IN as CRIO
from kubectl_tcr.nodes.docker import CONFIG as DAEMON

from ..registry.servers import INDEX, Asked, Reply, digest, page, served, server
from .conftest import CONFIG, QUAY, Machine

CERTS = 'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "/etc/containerd/certs.d"\n'
DROP_IN = """\
[[registry]]
prefix = "%s"
[[registry.mirror]]
location = "m.io/busybox"
"""
BUSYBOX = ["--preset", "none", "--mirror", "docker.io/busybox=m.io/busybox"]
MIRRORS = (
    "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry.mirrors.'quay.io']\n"
    "endpoint = ['https://quay.tencentcloudcr.com']\n"
)
HOSTS = "[host.'https://quay.tencentcloudcr.com']\n"
SAYS_QUAY = "  quay.io: https://quay.tencentcloudcr.com, then itself"
RIGHT = "  nothing is wrong"

# The files of a node, more arguments, and the report on a node that is right.
GOOD = {
    "hosts.toml": ({CONFIG: CERTS, QUAY: HOSTS}, [], ["containerd", f"{SAYS_QUAY} ({QUAY})", RIGHT]),
    "the table of mirrors": (
        {CONFIG: MIRRORS},
        ["--containerd", "1.6"],
        ["containerd 1.6", f"{SAYS_QUAY} ({CONFIG})", RIGHT],
    ),
    "_default for all hosts": (
        {CONFIG: CERTS, "/etc/containerd/certs.d/_default/hosts.toml": HOSTS},
        [],
        [
            "containerd",
            f"{SAYS_QUAY} (/etc/containerd/certs.d/_default/hosts.toml)",
            "  _default: https://quay.tencentcloudcr.com, then itself (/etc/containerd/certs.d/_default/hosts.toml)",
            RIGHT,
        ],
    ),
    "a mirror with a path": (
        {CONFIG: CERTS, QUAY: "[host.'https://m.io/v2/team']\noverride_path = true\n"},
        ["--mirror", "quay.io=m.io/team"],
        ["containerd", f"  quay.io: https://m.io/v2/team, then itself ({QUAY})", RIGHT],
    ),
    "docker": (
        {DAEMON: '{"registry-mirrors": ["https://mirror.ccs.tencentyun.com/"]}'},
        ["--preset", "tke"],
        ["docker", f"  docker.io: https://mirror.ccs.tencentyun.com, then itself ({DAEMON})", RIGHT],
    ),
    "cri-o with both names of an official image": (
        {CRIO: DROP_IN % "docker.io/busybox" + DROP_IN % "docker.io/library/busybox", "/etc/crio/x": ""},
        BUSYBOX,
        [
            "cri-o",
            f"  docker.io/busybox: https://m.io/busybox, then itself ({CRIO})",
            f"  docker.io/library/busybox: https://m.io/busybox, then itself ({CRIO})",
            RIGHT,
        ],
    ),
    "docker with a containerd of its own": (
        {DAEMON: "{}", CONFIG: "disabled_plugins = ['cri']\n"},
        [],
        ["docker", RIGHT],
    ),
}

# The files of a node, more arguments, and what is wrong with it.
BAD = {
    "both styles": ({CONFIG: CERTS + MIRRORS.partition("\n")[2], QUAY: HOSTS}, [], "does not load"),
    "config_path elsewhere": (
        {CONFIG: CERTS.replace("certs.d", "other"), QUAY: HOSTS},
        [],
        "quay.io is asked itself, not its mirror",
    ),
    "a restart that is left": (
        {CONFIG: CERTS, QUAY: HOSTS, CONFIG + ".tcr-nodes-restart": ""},
        [],
        "did not live to restart containerd",
    ),
    "no config_path": ({CONFIG: "version = 2\n", QUAY: HOSTS}, [], "config_path is not set"),
    "no hosts.toml": ({CONFIG: CERTS}, [], "quay.io is asked itself"),
    "a table that this version ignores": (
        {CONFIG: CERTS.replace("2", "3", 1), QUAY: HOSTS},
        ["--containerd", "2.2"],
        "is ignored without a word",
    ),
    "mirrors for containerd 2.2": ({CONFIG: MIRRORS}, ["--containerd", "2.2"], "2.2.0 and 2.2.1 do not load"),
    "another mirror first": (
        {CONFIG: CERTS, QUAY: "[host.'https://m.io']\n" + HOSTS},
        [],
        "is asked through https://m.io first, not through quay.tencentcloudcr.com",
    ),
    "a mirror for digests only": (
        {CONFIG: CERTS, QUAY: HOSTS + "capabilities = ['pull']\n"},
        [],
        'no capability "resolve"',
    ),
    "a hosts.toml that does not parse": ({CONFIG: CERTS, QUAY: "[host\n"}, [], "containerd asks the source itself"),
    "a config.toml that does not parse": ({CONFIG: "version =\n"}, [], "config.toml:1:"),
    "k3s without a mirror": ({"/etc/rancher/k3s/registries.yaml": "mirrors: {}\n"}, [], "quay.io is asked itself"),
    "cri-o with one name of an official image": (
        {CRIO: DROP_IN % "docker.io/busybox", "/etc/crio/x": ""},
        BUSYBOX,
        "docker.io/library/busybox is asked itself, not its mirror m.io/busybox",
    ),
    "cri-o in version 1 of the format": (
        {"/etc/containers/registries.conf": "[registries.search]\n", "/etc/crio/x": ""},
        [],
        "version 1 of the format",
    ),
}


def put(node: Machine, files: dict[str, str]) -> None:
    for path, text in files.items():
        node.put(path, text)


@pytest.mark.parametrize("name", GOOD)
def test_a_node_that_is_right_is_told_with_its_files(node: Machine, name: str) -> None:
    files, more, expected = GOOD[name]
    put(node, files)
    done = node.nodes("check", "--root", "ROOT", *more)
    assert (done.out.decode().splitlines(), done.status) == (expected, 0)
    assert node.files() == files


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_told_and_the_status_is_1(node: Machine, name: str) -> None:
    files, more, words = BAD[name]
    put(node, files)
    done = node.nodes("check", "--root", "ROOT", *more)
    wrong = [line for line in done.out.decode().splitlines() if line.startswith("  wrong: ")]
    assert (done.status, done.err) == (1, "")
    assert any(words in line for line in wrong), done.out.decode()


@pytest.mark.parametrize("runtime", ["containerd", "cri-o", "k3s", "rke2"])
def test_what_the_tool_writes_is_right(node: Machine, runtime: str) -> None:
    assert node.nodes(runtime, "--preset", "tke", "--root", "ROOT", "--write").status == 0
    done = node.nodes("check", "--preset", "tke", "--root", "ROOT", "--runtime", runtime)
    assert done.status == 0, done.out.decode()
    assert done.out.decode().count("https://") == 3


SCHEMA = json.loads((Path(kubectl_tcr.__file__).parent / "schemas/check.schema.json").read_text(encoding="utf-8"))


def as_json(node: Machine, *args: str) -> tuple[dict[str, Any], int]:
    """What `check -o json` prints, valid by its schema, and the status."""
    done = node.nodes("check", "--root", "ROOT", "-o", "json", *args)
    shown: dict[str, Any] = json.loads(done.out)
    jsonschema.validate(shown, SCHEMA)
    return shown, done.status


@pytest.mark.parametrize("name", GOOD)
def test_a_node_that_is_right_has_no_problems_in_the_json(node: Machine, name: str) -> None:
    files, more, lines = GOOD[name]
    put(node, files)
    shown, status = as_json(node, *more)
    (runtime,) = shown["runtimes"]
    places = [[*row["mirrors"], *["itself"] * row["fallback"]] for row in runtime["hosts"]]
    hosts = zip(runtime["hosts"], places, strict=True)
    told = [f"  {row['host']}: {', then '.join(asked)} ({row['file']})" for row, asked in hosts]
    head = f"{runtime['name']} {runtime.get('release', '')}".rstrip()
    assert (head, told, runtime["problems"], status) == (lines[0], lines[1:-1], [], 0)
    assert (shown["version"], shown["tool"], shown["root"]) == (1, kubectl_tcr.__version__, str(node.root))


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_in_the_json_with_its_file_and_the_way_out(node: Machine, name: str) -> None:
    files, more, _ = BAD[name]
    put(node, files)
    lines = node.nodes("check", "--root", "ROOT", *more).out.decode().splitlines()
    shown, status = as_json(node, *more)
    (runtime,) = shown["runtimes"]
    told = [
        f"  wrong: {row['where']}: {row['text']}{'; next: ' * ('next' in row)}{row.get('next', '')}"
        for row in runtime["problems"]
    ]
    assert (told, status) == ([line for line in lines if line.startswith("  wrong: ")], 1)
    assert all(row["next"].startswith("kubectl tcr-nodes ") for row in runtime["problems"] if "next" in row)


@pytest.mark.parametrize(
    ("text", "more", "style"),
    [(CERTS, [], "hosts"), (MIRRORS, ["--containerd", "1.6"], "mirrors"), ("version = 2\n", [], None)],
    ids=["files", "a table", "neither"],
)
def test_the_json_tells_where_containerd_has_its_mirrors(
    node: Machine, text: str, more: list[str], style: str | None
) -> None:
    node.put(CONFIG, text)
    shown, _ = as_json(node, *more)
    assert shown["runtimes"][0].get("style") == style
    assert "restartPending" not in shown["runtimes"][0], "of a copy nobody can tell"


def test_a_restart_that_a_script_left_is_in_the_json(node: Machine) -> None:
    put(node, {CONFIG: CERTS, QUAY: HOSTS, CONFIG + ".tcr-nodes-restart": ""})
    assert as_json(node)[0]["runtimes"][0]["restartPending"] is True


def test_a_folder_without_a_runtime_is_told(node: Machine) -> None:
    assert "no container runtime" in node.refused("check", "--root", "ROOT")
    assert "add --online" in node.refused("check", "--root", "ROOT", "--image", "quay.io/a/b:1", "--runtime", "k3s")


def registry(asked: Asked) -> Reply:
    """Serves `a/b:1`; `a/page:1` is a page."""
    if "/a/page/" in asked.path:
        return page()
    if "/a/b/manifests/" in asked.path:
        return served()
    return Reply(200, b"{}") if asked.path == "/v2/" else Reply(404)


HINT = "; Tencent's mirrors serve inside its VPC only, and some after a ticket"
PAGE = "answers with a page, not as a registry (HTTP 200): pulls fail then, and the source is not asked"
ONLINE = {
    "a mirror that answers": ([], 0, "  seen: MIRROR: answers as a registry; whether it serves, --image asks"),
    "an image that it serves": (
        ["--image", "quay.io/a/b:1"],
        0,
        f"  seen: MIRROR: serves a/b:1 ({digest(INDEX)})",
    ),
    "an image that it does not have": (
        ["--image", "quay.io/a/c:1"],
        1,
        f"  wrong: MIRROR: does not have a/c:1 (HTTP 404){HINT}",
    ),
    "a page for an image": (
        ["--image", "quay.io/a/page:1"],
        1,
        f"  wrong: MIRROR: {PAGE}{HINT}",
    ),
    "an image of another source": (
        ["--image", "ghcr.io/a/c:1"],
        1,
        "  wrong: ghcr.io: has no mirror, so none was asked for ghcr.io/a/c:1",
    ),
    "no image reference": (["--image", "quay.io/A"], 2, ""),
}


@pytest.mark.parametrize("name", ONLINE)
def test_online_asks_the_mirror(node: Machine, name: str) -> None:
    more, status, words = ONLINE[name]
    with server(registry) as mirror:
        rules = ["--mirror", f"quay.io={mirror.address}", "--plain-http", mirror.address]
        node.nodes("containerd", *rules, "--root", "ROOT", "--write")
        done = node.nodes("check", *rules, "--root", "ROOT", "--online", *more)
    lines = done.out.decode().replace(mirror.url, "MIRROR").splitlines()
    assert done.status == status, done
    assert [line for line in lines if line == words] == ([words] if words else [])


@pytest.mark.parametrize(
    ("image", "outcome", "status"),
    [("quay.io/a/b:1", "serves", 0), ("quay.io/a/c:1", "lacks", 1), ("quay.io/a/page:1", "page", 1)],
)
def test_what_a_mirror_answered_is_in_the_json(node: Machine, image: str, outcome: str, status: int) -> None:
    with server(registry) as mirror:
        rules = ["--mirror", f"quay.io={mirror.address}", "--plain-http", mirror.address]
        node.nodes("containerd", *rules, "--root", "ROOT", "--write")
        shown, ended = as_json(node, *rules, "--online", "--image", image)
    (runtime,) = shown["runtimes"]
    (answer,) = runtime["answers"]
    assert (answer["mirror"], answer["outcome"], ended) == (mirror.url, outcome, status)
    wrong = [{"where": mirror.url, "text": answer["details"]}] if status else []
    assert runtime["problems"] == wrong


def test_each_mirror_of_the_image_is_asked_and_no_other(node: Machine) -> None:
    with server(registry) as first, server(lambda _: page()) as second, server(registry) as other:
        hosts = "".join(f'[host."{one.url}"]\n' for one in (first, second))
        put(node, {CONFIG: CERTS, QUAY: hosts, QUAY.replace("quay", "ghcr"): f'[host."{other.url}"]\n'})
        rules = ["--mirror", f"quay.io={first.address}", "--plain-http", first.address]
        done = node.nodes("check", *rules, "--root", "ROOT", "--online", "--image", "quay.io/a/b:1")
    told = [line for line in done.out.decode().splitlines() if line.startswith(("  seen: ", "  wrong: "))]
    assert (done.status, other.asked) == (1, [])
    assert [line.partition(" a")[0].rpartition(":")[0] for line in told] == [
        f"  seen: {first.url}",
        f"  wrong: {second.url}",
    ]


def test_a_mirror_that_is_not_there_is_told(node: Machine) -> None:
    rules = ["--mirror", "quay.io=127.0.0.1:1", "--plain-http", "127.0.0.1:1"]
    node.nodes("containerd", *rules, "--root", "ROOT", "--write")
    done = node.nodes("check", *rules, "--root", "ROOT", "--online")
    assert done.status == 1
    assert f"  wrong: http://127.0.0.1:1: refuses the connection{HINT}" in done.out.decode().splitlines()


def test_a_mirror_of_cri_o_is_asked_where_its_images_are(node: Machine) -> None:
    with server(registry) as mirror:
        row = f'[[registry]]\nprefix = "quay.io/team"\n[[registry.mirror]]\nlocation = "{mirror.address}/a"\n'
        put(node, {CRIO: f"{row}insecure = true\n", "/etc/crio/x": ""})
        rules = ["--mirror", f"quay.io/team={mirror.address}/a", "--plain-http", mirror.address]
        done = node.nodes("check", *rules, "--root", "ROOT", "--online", "--image", "quay.io/team/b:1")
    assert f"  seen: {mirror.url}/a: serves a/b:1 ({digest(INDEX)})" in done.out.decode().splitlines()
