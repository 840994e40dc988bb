"""A table of mirrors turned into hosts.toml files: what they say, what stays in config.toml, what is refused."""

import tomllib

import pytest

from .conftest import CONFIG, QUAY, Machine

CRI = 'plugins."io.containerd.grpc.v1.cri"'
HUB = "/etc/containerd/certs.d/docker.io/hosts.toml"
MIGRATE = ("containerd", "--root", "ROOT", "--write", "--migrate", "--containerd", "2.2.1")
# A TKE node's file, shortened.
TKE = f"""\
version = 2
root = "/var/lib/containerd" # data disk

[plugins]
  [{CRI}]
    sandbox_image = "ccr.ccs.tencentyun.com/library/pause:latest"
    [{CRI}.registry]
      config_path = ""
      [{CRI}.registry.mirrors]
        # Docker Hub
        [{CRI}.registry.mirrors."docker.io"]
          endpoint = [
            "https://mirror.ccs.tencentyun.com", # inside the VPC
            "m.example/v2/hub/",
          ]
"""


def test_a_table_becomes_files_and_everything_else_stays(node: Machine) -> None:
    node.put(CONFIG, TKE)
    done = node.nodes(*MIGRATE)
    assert done.status == 0
    assert "then: restart containerd" in done.err
    assert node.get(HUB) == (
        "# Written by kubectl tcr-nodes: docker.io is asked through its mirrors, and itself if that fails.\n"
        'server = "https://registry-1.docker.io"\n'
        '\n[host."https://mirror.ccs.tencentyun.com"]\n  capabilities = ["pull", "resolve"]\n'
        '\n[host."https://m.example/v2/hub"]\n  capabilities = ["pull", "resolve"]\n  override_path = true\n'
    )
    above = TKE.partition(f"      [{CRI}.registry.mirrors]")[0]
    assert node.get(CONFIG) == above.replace('config_path = ""', 'config_path = "/etc/containerd/certs.d"')
    assert node.get(CONFIG + ".before-tcr-nodes") == TKE
    assert set(node.files()) == {CONFIG, CONFIG + ".before-tcr-nodes", HUB, QUAY}


def test_a_second_migration_has_nothing_to_do(node: Machine) -> None:
    node.put(CONFIG, TKE)
    node.nodes(*MIGRATE)
    before = node.files()
    assert "added" not in node.nodes(*MIGRATE).err
    assert node.files().keys() == before.keys()
    assert node.get(QUAY) == before[QUAY]


@pytest.mark.parametrize("flags", [MIGRATE, MIGRATE[:4] + MIGRATE[5:]], ids=["migrated again", "without the flag"])
def test_what_a_migration_took_along_stays_in_later_runs(node: Machine, flags: tuple[str, ...]) -> None:
    node.put(CONFIG, CONFIGS.replace("r.corp:5000", "quay.io"))
    assert node.nodes(*MIGRATE).status == 0
    before = node.files()
    done = node.nodes(*flags)
    assert (done.status, "nothing to do" in done.err) == (0, True), done.err
    assert node.files() == before


def test_endpoints_that_mean_the_same_are_one_host(node: Machine) -> None:
    same = '"https://m.corp", "https://m.corp/", "m.corp", "https://m.corp/v2"'
    node.put(CONFIG, f'version = 2\n[{CRI}.registry.mirrors."docker.io"]\nendpoint = [{same}]\n')
    assert node.nodes(*MIGRATE).status == 0
    assert list(hosts(node, HUB)["host"]) == ["https://m.corp"]


def test_hosts_that_get_a_file_of_their_own_keep_the_mirrors_for_all_others(node: Machine) -> None:
    node.put(
        CONFIG,
        f'version = 2\n[{CRI}.registry.mirrors."*"]\nendpoint = ["https://all.corp"]\n'
        f'[{CRI}.registry.configs."r.corp".tls]\nca_file = "/ca"\n',
    )
    assert node.nodes(*MIGRATE).status == 0
    assert list(hosts(node, QUAY)["host"]) == ["https://quay.tencentcloudcr.com", "https://all.corp"]
    assert list(hosts(node, "/etc/containerd/certs.d/r.corp/hosts.toml")["host"]) == ["https://all.corp"]


def test_the_mirror_of_a_rule_comes_in_front_of_theirs(node: Machine) -> None:
    node.put(CONFIG, TKE)
    assert node.nodes(*MIGRATE, "--mirror", "docker.io=m.io").status == 0
    assert list(hosts(node, HUB)["host"]) == [
        "https://m.io",
        "https://mirror.ccs.tencentyun.com",
        "https://m.example/v2/hub",
    ]


def hosts(node: Machine, file: str) -> dict[str, dict[str, object]]:
    return tomllib.loads(node.get(file))


CONFIGS = f"""\
version = 2
[{CRI}.registry.mirrors."r.corp:5000"]
endpoint = ["https://m.corp:5000", "http://n.corp"]
[{CRI}.registry.mirrors."*"]
endpoint = ["https://all.corp"]
[{CRI}.registry.configs."m.corp:5000".tls]
ca_file = "/etc/ssl/m.pem"
cert_file = "/etc/ssl/m.crt"
key_file = "/etc/ssl/m.key"
[{CRI}.registry.configs."r.corp:5000".tls]
insecure_skip_verify = true
[{CRI}.registry.configs."m.corp:5000".auth]
username = "u"
password = "p"
"""


def test_certificates_that_lie_there_come_behind_those_of_the_table(node: Machine) -> None:
    node.put(CONFIG, CONFIGS)
    folder = "/etc/containerd/certs.d/m.corp_5000_"
    for name in ("ca.crt", "me.cert", "me.key"):
        node.put(f"{folder}/{name}", "")
    assert node.nodes(*MIGRATE).status == 0
    written = hosts(node, f"{folder}/hosts.toml")
    assert written["ca"] == ["/etc/ssl/m.pem", "ca.crt"]
    assert written["client"] == [["/etc/ssl/m.crt", "/etc/ssl/m.key"], ["me.cert", "me.key"]]
    assert written["host"] == {"https://all.corp": {"capabilities": ["pull", "resolve"], "ca": "ca.crt"}}


def test_settings_of_tls_go_where_their_host_is_asked_and_passwords_stay(node: Machine) -> None:
    node.put(CONFIG, CONFIGS)
    assert node.nodes(*MIGRATE).status == 0
    m = {"ca": "/etc/ssl/m.pem", "client": [["/etc/ssl/m.crt", "/etc/ssl/m.key"]]}
    able = {"capabilities": ["pull", "resolve"]}
    folder = "/etc/containerd/certs.d"
    assert hosts(node, f"{folder}/r.corp_5000_/hosts.toml") == {
        "server": "https://r.corp:5000",
        "skip_verify": True,
        "host": {"https://m.corp:5000": {**able, **m}, "http://n.corp": able},
    }
    rest = {"host": {"https://all.corp": able}}
    assert hosts(node, f"{folder}/m.corp_5000_/hosts.toml") == {"server": "https://m.corp:5000", **m, **rest}
    assert hosts(node, f"{folder}/_default/hosts.toml") == {"host": {"https://all.corp": able}}
    registry = tomllib.loads(node.get(CONFIG))["plugins"]["io.containerd.grpc.v1.cri"]["registry"]
    assert registry == {
        "configs": {"m.corp:5000": {"auth": {"username": "u", "password": "p"}}},
        "config_path": "/etc/containerd/certs.d",
    }


def test_tls_alone_moves_too(node: Machine) -> None:
    node.put(CONFIG, f'version = 2\n[{CRI}.registry.configs."r.corp".tls]\nca_file = "/ca"\n[debug]\n')
    assert node.nodes(*MIGRATE).status == 0
    assert hosts(node, "/etc/containerd/certs.d/r.corp/hosts.toml") == {"server": "https://r.corp", "ca": "/ca"}
    assert "configs" not in node.get(CONFIG)


VERSION_1 = """\
root = "/data"
[plugins]
  [plugins.cri.registry.mirrors."docker.io"]
    endpoint = ["https://mirror.ccs.tencentyun.com"]
  [plugins.cri.cni]
    bin_dir = "/opt/cni/bin"
  [plugins."linux"]
    shim = "containerd-shim"
"""


def test_a_file_of_version_1_that_is_not_read_becomes_version_2(node: Machine) -> None:
    node.put(CONFIG, VERSION_1)
    assert node.nodes(*MIGRATE).status == 0
    assert node.get(CONFIG) == (
        'version = 2\nroot = "/data"\n[plugins]\n'
        f'  [{CRI}.cni]\n    bin_dir = "/opt/cni/bin"\n'
        f'\n[{CRI}.registry]\nconfig_path = "/etc/containerd/certs.d"\n'
        '  [plugins."io.containerd.runtime.v1.linux"]\n    shim = "containerd-shim"\n'
    )
    assert list(hosts(node, HUB)["host"]) == ["https://mirror.ccs.tencentyun.com"]


def test_a_file_of_version_1_that_is_read_keeps_its_version(node: Machine) -> None:
    node.put(CONFIG, VERSION_1)
    assert node.nodes(*MIGRATE[:-1], "1.6.20").status == 0
    assert "version" not in node.get(CONFIG)
    assert tomllib.loads(node.get(CONFIG))["plugins"]["cri"]["registry"] == {"config_path": "/etc/containerd/certs.d"}


def test_the_table_that_tencents_page_adds_to_a_file_of_version_2_is_taken_for_what_it_means(node: Machine) -> None:
    theirs = 'version = 2\n[plugins.cri.registry.mirrors."docker.io"]\nendpoint = ["https://m.io"]\n[debug]\n'
    node.put(CONFIG, theirs)
    assert node.nodes(*MIGRATE).status == 0
    assert list(hosts(node, HUB)["host"]) == ["https://m.io"]
    assert "plugins.cri" not in node.get(CONFIG)


def test_a_list_of_folders_that_works_stays_whole(node: Machine) -> None:
    text = f"version = 2\n[{CRI}.registry]\nconfig_path = '/a:/b'\n"
    node.put(CONFIG, text)
    assert node.nodes(*MIGRATE[:-1], "1.6.20").status == 0
    assert (node.get(CONFIG), set(node.files())) == (text, {CONFIG, "/a/quay.io/hosts.toml"})


def test_a_row_that_names_the_source_itself_is_a_table_too(node: Machine) -> None:
    """containerd 1.4 shows such a row by default; from 1.5 on somebody wrote it."""
    table = f'version = 2\n[{CRI}.registry.mirrors."docker.io"]\nendpoint = ["https://registry-1.docker.io"]\n'
    node.put(CONFIG, table)
    assert node.nodes("containerd", "--root", "ROOT", "--write", "--containerd", "1.6.20").status == 0
    assert (node.get(CONFIG).startswith(table), "config_path" in node.get(CONFIG)) == (True, False)


def test_both_styles_at_once_become_files_where_config_path_says(node: Machine) -> None:
    text = TKE.replace('config_path = ""', 'config_path = "/etc/hosts.d"')
    node.put(CONFIG, text)
    assert node.nodes(*MIGRATE).status == 0
    assert set(node.files()) == {
        CONFIG,
        CONFIG + ".before-tcr-nodes",
        "/etc/hosts.d/docker.io/hosts.toml",
        "/etc/hosts.d/quay.io/hosts.toml",
    }


@pytest.mark.parametrize("release", ["1.7.24", "2.2.9"])
def test_a_drop_in_with_the_table_is_migrated_as_its_containerd_reads_it(node: Machine, release: str) -> None:
    main, drop_in = (
        "version = 2\nimports = ['/etc/containerd/conf.d/*.toml']\n",
        "/etc/containerd/conf.d/99-nvidia.toml",
    )
    node.put(CONFIG, main)
    node.put(drop_in, TKE)
    assert node.nodes(*MIGRATE[:-1], release).status == 0
    assert 'config_path = "/etc/containerd/certs.d"' in node.get(drop_in)
    assert "mirrors" not in node.get(drop_in)
    assert node.get(CONFIG) == main


REFUSED = {
    "an unknown containerd": (TKE, [], "--containerd VERSION"),
    "containerd 1.4": (TKE, ["--containerd", "1.4.13"], "reads no hosts.toml"),
    "settings of TLS for every host": (
        f'version = 2\n[{CRI}.registry.configs."*".tls]\nca_file = "/ca"\n',
        ["--containerd", "2.2.1"],
        "has no counterpart",
    ),
    "a table in a form that cannot be cut out": (
        f"version = 2\n{CRI} = {{ registry = {{ mirrors = {{ x = {{ endpoint = ['https://y'] }} }} }} }}\n",
        ["--containerd", "2.2.1"],
        "by hand",
    ),
    "disabled plugins of version 1": (
        "disabled_plugins = ['aufs']\n" + VERSION_1,
        ["--containerd", "2.1.9"],
        "has disabled_plugins",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_migrated_is_refused_and_nothing_written(node: Machine, name: str) -> None:
    text, more, words = REFUSED[name]
    node.put(CONFIG, text)
    assert words in node.refused("containerd", "--root", "ROOT", "--write", "--migrate", *more)


def test_a_hosts_file_that_would_come_into_force_is_named(node: Machine) -> None:
    node.put(CONFIG, TKE)
    node.put(HUB, "[host.'https://other.io']\n")
    assert "was written by somebody else" in node.refused(*MIGRATE)
    assert node.nodes(*MIGRATE, "--replace").status == 0
