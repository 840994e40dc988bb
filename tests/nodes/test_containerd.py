"""containerd: hosts.toml files and config.toml, on folders that stand for nodes."""

import sys

import pytest

from .conftest import CONFIG, QUAY, Machine

FOLDER = QUAY.rpartition("/")[0]
TABLES = {
    1: "plugins.cri.registry",
    2: 'plugins."io.containerd.grpc.v1.cri".registry',
    3: 'plugins."io.containerd.cri.v1.images".registry',
    4: 'plugins."io.containerd.cri.v1.images".registry',
}
HOSTS = """\
# Written by kubectl tcr-nodes: quay.io is asked through its mirror, and itself if that fails.
server = "https://quay.io"

[host."https://quay.tencentcloudcr.com"]
  capabilities = ["pull", "resolve"]
"""


def config(version: int, registry: str = "") -> str:
    """A configuration with a few settings of its own."""
    table = f"[{TABLES[version]}]\n{registry}" if registry else ""
    return f"version = {version}\n# ours\n[grpc]\n  address = '/run/x.sock' # here\n{table}"


def test_without_a_root_the_files_are_printed(node: Machine) -> None:
    done = node.nodes("containerd")
    assert (done.status, done.out.decode()) == (0, f"# {QUAY}\n{HOSTS}")
    assert "config_path" in done.err


def test_nothing_is_written_without_write(node: Machine) -> None:
    node.put(CONFIG, config(2))
    before = node.files()
    done = node.nodes("containerd", "--root", "ROOT")
    assert done.status == 0
    assert "nothing was written" in done.err
    assert node.files() == before


@pytest.mark.parametrize("version", TABLES)
def test_config_path_is_added_to_the_table_of_the_version(node: Machine, version: int) -> None:
    node.put(CONFIG, config(version))
    done = node.nodes("containerd", "--root", "ROOT", "--write")
    assert done.status == 0
    assert "then: restart containerd" in done.err
    assert node.files() == {
        QUAY: HOSTS,
        CONFIG: config(version) + f'\n[{TABLES[version]}]\nconfig_path = "/etc/containerd/certs.d"\n',
        CONFIG + ".before-tcr-nodes": config(version),
    }


def test_a_second_run_has_nothing_to_do(node: Machine) -> None:
    node.put(CONFIG, config(2))
    node.nodes("containerd", "--root", "ROOT", "--write")
    before = node.files()
    done = node.nodes("containerd", "--root", "ROOT", "--write")
    assert "nothing to do" in done.err
    assert node.files() == before


def test_hosts_files_go_where_config_path_says_and_no_restart_is_needed(node: Machine) -> None:
    text = config(2, 'config_path = "/etc/containerd/hosts"\n')
    node.put(CONFIG, text)
    done = node.nodes("containerd", "--root", "ROOT", "--write")
    assert "restart" not in done.err
    assert node.files() == {"/etc/containerd/hosts/quay.io/hosts.toml": HOSTS, CONFIG: text}


LIST = "config_path = '/etc/containerd/hosts:/etc/docker/certs.d'\n"


def test_a_list_of_folders_is_kept_where_containerd_reads_it(node: Machine) -> None:
    text = config(2, LIST)
    node.put(CONFIG, text)
    assert node.nodes("containerd", "--root", "ROOT", "--write", "--containerd", "2.0.14").status == 0
    assert node.files() == {"/etc/containerd/hosts/quay.io/hosts.toml": HOSTS, CONFIG: text}


LOCAL = ["use_local_image_pull = true", "discard_unpacked_layers = true", "max_concurrent_downloads = 10"]


@pytest.mark.parametrize("setting", LOCAL)
def test_a_list_of_folders_is_kept_where_pulls_are_local(node: Machine, setting: str) -> None:
    text = f"version = 3\n[plugins.'io.containerd.cri.v1.images']\n{setting}\n[{TABLES[3]}]\n{LIST}"
    node.put(CONFIG, text)
    assert node.nodes("containerd", "--root", "ROOT", "--write", "--containerd", "2.2.1").status == 0
    assert node.files() == {"/etc/containerd/hosts/quay.io/hosts.toml": HOSTS, CONFIG: text}


def test_the_default_list_of_folders_becomes_one_folder(node: Machine) -> None:
    default = "config_path = '/etc/containerd/certs.d:/etc/docker/certs.d'\n"
    node.put(CONFIG, config(3, default))
    done = node.nodes("containerd", "--root", "ROOT", "--write", "--containerd", "2.2.9")
    assert "then: restart containerd" in done.err
    assert node.get(CONFIG) == config(3, 'config_path = "/etc/containerd/certs.d"\n')
    assert node.get(QUAY) == HOSTS


def test_a_folder_that_is_named_takes_the_place_of_a_list(node: Machine) -> None:
    node.put(CONFIG, config(3, LIST))
    flags = ("--containerd", "2.1", "--config-path", "/etc/containerd/hosts")
    assert node.nodes("containerd", "--root", "ROOT", "--write", *flags).status == 0
    assert node.get(CONFIG) == config(3, 'config_path = "/etc/containerd/hosts"\n')
    assert "is not the absolute path of one folder" in node.refused("containerd", "--config-path", "/a:/b")


def test_an_empty_table_of_mirrors_as_the_default_has_it_is_no_obstacle(node: Machine) -> None:
    node.put(CONFIG, config(2, f'config_path = ""\n[{TABLES[2]}.mirrors]\n'))
    assert node.nodes("containerd", "--root", "ROOT", "--write").status == 0
    assert 'config_path = "/etc/containerd/certs.d"' in node.get(CONFIG)


@pytest.mark.parametrize("release", ["2.2.0", "2.4.2"])
def test_one_folder_takes_the_place_of_the_default_of_2_2(node: Machine, release: str) -> None:
    node.put(CONFIG, config(3))
    node.nodes("containerd", "--root", "ROOT", "--write", "--containerd", release)
    assert node.get(CONFIG) == config(3) + f'\n[{TABLES[3]}]\nconfig_path = "/etc/containerd/certs.d"\n'


@pytest.mark.parametrize(("release", "version"), [("1.6.20", 2), ("2.2.1", 3)])
def test_a_config_toml_that_is_not_there_is_made(node: Machine, release: str, version: int) -> None:
    assert node.nodes("containerd", "--root", "ROOT", "--write", "--containerd", release).status == 0
    assert node.get(CONFIG) == f'version = {version}\n\n[{TABLES[version]}]\nconfig_path = "/etc/containerd/certs.d"\n'


def test_docker_hub_answers_under_another_name(node: Machine) -> None:
    done = node.nodes("containerd", "--mirror", "docker.io=hub.example.com", "--preset", "none")
    assert 'server = "https://registry-1.docker.io"' in done.out.decode()
    assert "certs.d/docker.io/hosts.toml" in done.out.decode()


def test_a_port_of_a_source_is_written_as_containerd_looks_for_it(node: Machine) -> None:
    done = node.nodes("containerd", "--mirror", "r.corp:5000=m.corp", "--preset", "none")
    assert "certs.d/r.corp_5000_/hosts.toml" in done.out.decode()


def test_a_prefix_of_the_mirror_overrides_the_path(node: Machine) -> None:
    done = node.nodes("containerd", "--mirror", "quay.io=m.corp/team/quay")
    assert '[host."https://m.corp/v2/team/quay"]\n' in done.out.decode()
    assert "  override_path = true\n" in done.out.decode()


def test_a_mirror_is_asked_by_http_only_if_a_flag_names_it(node: Machine) -> None:
    done = node.nodes("containerd", "--mirror", "quay.io=m.corp:5000", "--plain-http", "m.corp:5000")
    assert '[host."http://m.corp:5000"]' in done.out.decode()
    assert "no rule has that mirror" in node.refused("containerd", "--plain-http", "m.corp")


def test_a_copy_of_config_toml_is_enough_for_a_diff(node: Machine) -> None:
    copy = str(node.root / "copy.toml")
    node.put("copy.toml", "imports = ['conf.d/*.toml']\n" + config(3))
    done = node.nodes("containerd", "--config-toml", copy)
    assert f'+[{TABLES[3]}]\n+config_path = "/etc/containerd/certs.d"\n' in done.out.decode()
    assert f"{copy} imports other files, which are not looked at here" in done.err
    node.put("copy.toml", "version = \n")
    assert node.refused("containerd", "--config-toml", copy).startswith(f"tcr-nodes: error: {copy}:1:11: invalid TOML")


def test_another_config_toml_of_the_node_can_be_named(node: Machine) -> None:
    node.put("/opt/c.toml", config(2))
    assert node.nodes("containerd", "--root", "ROOT", "--write", "--config-toml", "/opt/c.toml").status == 0
    assert set(node.files()) == {"/opt/c.toml", "/opt/c.toml.before-tcr-nodes", QUAY}
    assert "is not there below" in node.refused("containerd", "--root", "ROOT", "--config-toml", "/opt/d.toml")


# What is refused: the file, more arguments, and words of the message.
REFUSED = {
    "a broken file": ("version = \n", [], ["config.toml:1:11", "invalid TOML"]),
    "both styles": (
        config(2, f"config_path = '/c'\n[{TABLES[2]}.mirrors.'a.io']\nendpoint = ['https://b.io']\n"),
        [],
        ["both set", "does not load"],
    ),
    "mirrors beside what would be added": (
        config(2, f"[{TABLES[2]}.mirrors.'a.io']\nendpoint = ['https://b.io']\n"),
        [],
        ["mirrors are set (a.io)", "next: kubectl tcr-nodes containerd --root", "--containerd VERSION"],
    ),
    "mirrors that containerd 2.2.1 does not load with": (
        config(2, f"[{TABLES[2]}.mirrors.'a.io']\nendpoint = ['https://b.io']\n"),
        ["--containerd", "2.2.1"],
        ["2.2.0 and 2.2.1 do not load", "next: kubectl tcr-nodes containerd --root", "--migrate"],
    ),
    "hosts.toml files beside mirrors": (
        config(2, f"[{TABLES[2]}.mirrors.'a.io']\nendpoint = ['https://b.io']\n"),
        ["--containerd", "1.6", "--style", "hosts"],
        ["mirrors are set (a.io)", "--migrate"],
    ),
    "hosts.toml files for containerd 1.4": (
        config(2),
        ["--containerd", "1.4.13", "--style", "hosts"],
        ["containerd 1.4.13 reads no hosts.toml", "--style mirrors"],
    ),
    "a list of folders that somebody set": (
        config(3, LIST),
        ["--containerd", "2.2.1"],
        ["takes that list for one folder", "next:", "--config-path /etc/containerd/hosts"],
    ),
    "a list of folders for an unknown containerd": (
        config(3, LIST),
        [],
        ["from containerd 2.1 on", "--containerd VERSION"],
    ),
    "tls beside what would be added": (
        config(2, f"[{TABLES[2]}.configs.'a.io'.tls]\nca_file = '/ca'\n"),
        [],
        ["configs with tls", "a.io", "--migrate"],
    ),
    "version 5": ("version = 5\n", [], ["version 5", "1 to 4"]),
    "a version that is no number": ("version = '2'\n", [], ["version = '2'"]),
    "a table of another version": (
        "version = 3\n[plugins.'io.containerd.grpc.v1.cri'.registry]\nconfig_path = '/c'\n",
        [],
        ["ignored without a word", 'plugins."io.containerd.cri.v1.images".registry'],
    ),
    "the table that Tencent's page adds, in a file of version 2": (
        "version = 2\n[plugins.cri.registry.mirrors.'quay.io']\nendpoint = ['https://q.io']\n",
        [],
        ["[plugins.cri.registry]", "keeps containerd 1.x from starting"],
    ),
    "version 1 for containerd 2.0": (
        "[plugins.cri]\nsandbox_image = 'x'\n",
        ["--containerd", "2.0"],
        ["containerd 2.0 ignores", "--migrate"],
    ),
    "version 3 for containerd 1.6": (config(3), ["--containerd", "1.6"], ["version 3", "from 2.0 on"]),
    "CRI disabled, as in Docker's package": ("disabled_plugins = ['cri']\n", [], ["CRI plugin is disabled"]),
    "mirrors for containerd 2.2": (config(2), ["--style", "mirrors", "--containerd", "2.2"], ["may not stand beside"]),
    "mirrors for an unknown containerd": (config(2), ["--style", "mirrors"], ["--containerd VERSION"]),
    "mirrors beside config_path": (
        config(2, "config_path = '/c'\n"),
        ["--style", "mirrors", "--containerd", "1.6"],
        ["config_path is set (/c)", "--style hosts"],
    ),
    "no version of containerd": (config(2), ["--containerd", "latest"], ['"latest" is no version']),
    "a part of a host": (config(2), ["--mirror", "quay.io/a=m.io"], ["for a part of quay.io"]),
    "no rule": (config(2), ["--preset", "none"], ["no rule is in force"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_not_work_is_refused_and_nothing_written(node: Machine, name: str) -> None:
    text, more, words = REFUSED[name]
    node.put(CONFIG, text)
    error = node.refused("containerd", "--root", "ROOT", "--write", *more)
    assert [word for word in words if word not in error] == []


def test_bytes_that_are_no_text_are_refused(node: Machine) -> None:
    node.put(CONFIG, "")
    (node.root / CONFIG.lstrip("/")).write_bytes(b"# \xff\n")
    assert "not UTF-8" in node.nodes("containerd", "--root", "ROOT").error


def test_a_hosts_file_of_somebody_else_stays_until_it_may_go(node: Machine) -> None:
    node.put(CONFIG, config(2, 'config_path = "/etc/containerd/certs.d"\n'))
    node.put(QUAY, "server = 'https://quay.io'\n")
    assert "written by somebody else; put https://quay.tencentcloudcr.com in front" in node.refused(
        "containerd", "--root", "ROOT", "--write"
    )
    assert node.nodes("containerd", "--root", "ROOT", "--write", "--replace").status == 0
    assert node.get(QUAY) == HOSTS
    assert node.get(QUAY + ".before-tcr-nodes") == "server = 'https://quay.io'\n"


def test_a_hosts_file_of_somebody_else_is_right_if_our_mirror_is_its_first(node: Machine) -> None:
    node.put(CONFIG, config(2, 'config_path = "/etc/containerd/certs.d"\n'))
    node.put(QUAY, "[host.'https://quay.tencentcloudcr.com']\n  dial_timeout = '2s'\n[host.'https://b.io']\n")
    before = node.files()
    assert "nothing to do" in node.nodes("containerd", "--root", "ROOT", "--write").err
    assert node.files() == before


# Files in the folder of a host, and the lines of TLS for the host itself and for the mirror.
CERTIFICATES = {
    "one authority": (["ca.crt"], ['ca = "ca.crt"'], ['ca = "ca.crt"']),
    "several": (["b.crt", "a 1.crt"], ['ca = ["a 1.crt", "b.crt"]'], ['ca = ["a 1.crt", "b.crt"]']),
    "a certificate and its key": (["me.cert", "me.key"], ['client = [["me.cert", "me.key"]]'], []),
    "both in one file": (["me.cert", "you.key"], ['client = [["me.cert", "me.cert"]]'], []),
    "all of them": (
        ["ca.crt", "b.cert", "b.key", "a.cert"],
        ['ca = "ca.crt"', 'client = [["a.cert", "a.cert"], ["b.cert", "b.key"]]'],
        ['ca = "ca.crt"'],
    ),
    "none that counts": (["ca.pem", "me.key", "ca.crt.old", "old.crt/ca.pem"], [], []),
}


def with_tls(top: list[str], mirror: list[str]) -> str:
    head, server, rest = HOSTS.partition('server = "https://quay.io"\n')
    return head + server + "".join(f"{line}\n" for line in top) + rest + "".join(f"  {line}\n" for line in mirror)


@pytest.mark.parametrize("name", CERTIFICATES)
def test_a_file_names_the_certificates_beside_it_which_it_puts_out_of_force(node: Machine, name: str) -> None:
    there, top, mirror = CERTIFICATES[name]
    node.put(CONFIG, config(2, 'config_path = "/etc/containerd/certs.d"\n'))
    for file in there:
        node.put(f"{FOLDER}/{file}", "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n")
    assert node.nodes("containerd", "--root", "ROOT", "--write").status == 0
    assert node.get(QUAY) == with_tls(top, mirror)
    assert node.nodes("check", "--root", "ROOT").status == 0
    before = node.files()
    assert "nothing to do" in node.nodes("containerd", "--root", "ROOT", "--write").err
    assert node.files() == before


def test_a_file_of_ours_that_does_not_name_them_yet_is_mended(node: Machine) -> None:
    node.put(CONFIG, config(2, 'config_path = "/etc/containerd/certs.d"\n'))
    node.put(QUAY, HOSTS)
    node.put(f"{FOLDER}/ca.crt", "-----BEGIN CERTIFICATE-----\n")
    assert node.nodes("check", "--root", "ROOT").status == 1
    assert node.nodes("containerd", "--root", "ROOT", "--write").status == 0
    assert node.get(QUAY) == with_tls(['ca = "ca.crt"'], ['ca = "ca.crt"'])
    assert node.nodes("check", "--root", "ROOT").status == 0


def test_a_mirror_without_tls_gets_no_authority_as_it_would_be_asked_with_tls_first(node: Machine) -> None:
    node.put(CONFIG, config(2, 'config_path = "/etc/containerd/certs.d"\n'))
    node.put(f"{FOLDER}/ca.crt", "-----BEGIN CERTIFICATE-----\n")
    flags = ("--mirror", "quay.io=m.io", "--plain-http", "m.io")
    assert node.nodes("containerd", "--root", "ROOT", "--write", *flags).status == 0
    assert node.get(QUAY).count("ca = ") == 1


@pytest.mark.parametrize("name", ['a".crt', "a\\.crt", "a|b.cert", "\u00fc.crt", "a\nb.crt"])
def test_a_certificate_of_an_odd_name_is_refused(node: Machine, name: str) -> None:
    node.put(CONFIG, config(2, 'config_path = "/etc/containerd/certs.d"\n'))
    node.put(f"{FOLDER}/{name}", "-----BEGIN CERTIFICATE-----\n")
    error = node.refused("containerd", "--root", "ROOT", "--write")
    assert f"{FOLDER}: has a certificate whose name cannot be put into a hosts.toml" in error


def test_the_first_backup_stays_and_the_last_one_is_beside_it(node: Machine) -> None:
    for text in ("# one\n", "# two\n", "# three\n"):
        node.put(CONFIG, text)
        assert node.nodes("containerd", "--root", "ROOT", "--write").status == 0
    assert node.get(CONFIG + ".before-tcr-nodes") == "# one\n"
    assert node.get(CONFIG + ".before-tcr-nodes.last") == "# three\n"


def test_a_file_that_went_back_needs_no_second_backup(node: Machine) -> None:
    for _ in range(2):
        node.put(CONFIG, config(2))
        assert node.nodes("containerd", "--root", "ROOT", "--write").status == 0
    assert [name for name in node.files() if "before" in name] == [CONFIG + ".before-tcr-nodes"]


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_modes_are_as_they_were_and_what_is_new_is_for_all_to_read(node: Machine) -> None:
    node.put(CONFIG, config(2))
    (node.root / "etc/containerd/config.toml").chmod(0o640)
    strictly = ("sh", "-c", 'umask 077; exec "$@"', "sh")
    assert node.nodes("containerd", "--root", "ROOT", "--write", within=strictly).status == 0
    assert modes(node) == {
        CONFIG: 0o640,
        f"{CONFIG}.before-tcr-nodes": 0o640,
        CERTS: 0o755,
        f"{CERTS}/quay.io": 0o755,
        QUAY: 0o644,
    }


def modes(node: Machine) -> dict[str, int]:
    """Those below /etc/containerd."""
    found = (node.root / "etc/containerd").rglob("*")
    return {f"/{path.relative_to(node.root)}": path.stat().st_mode & 0o777 for path in found}


@pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX")
def test_a_configuration_that_is_a_link_stays_one(node: Machine) -> None:
    node.put("/etc/real/config.toml", config(2))
    (node.root / "etc/containerd").mkdir()
    link = node.root / CONFIG.lstrip("/")
    link.symlink_to("../real/config.toml")
    assert node.nodes("containerd", "--root", "ROOT", "--write").status == 0
    assert (link.is_symlink(), "config_path" in node.get("/etc/real/config.toml")) == (True, True)
    assert node.get("/etc/real/config.toml.before-tcr-nodes") == config(2)


PORT = ("--mirror", "r.corp:5000=m.io", "--preset", "none")
CERTS = "/etc/containerd/certs.d"
FIRST, SECOND = f"{CERTS}/r.corp_5000_", f"{CERTS}/r.corp:5000"


def test_a_port_is_spelled_as_it_is_there(node: Machine) -> None:
    node.put(CONFIG, config(2, f'config_path = "{CERTS}"\n'))
    node.put(f"{SECOND}/ca.crt", "-----BEGIN CERTIFICATE-----\n")
    assert node.nodes("containerd", "--root", "ROOT", "--write", *PORT).status == 0
    assert not (node.root / FIRST.lstrip("/")).exists()
    assert node.get(f"{SECOND}/hosts.toml").count('ca = "ca.crt"') == 2
    assert node.nodes("check", "--root", "ROOT", *PORT).status == 0
    assert "nothing to do" in node.nodes("containerd", "--root", "ROOT", "--write", *PORT).err


def test_a_file_of_somebody_else_under_the_other_spelling_of_a_port_stays_in_force(node: Machine) -> None:
    node.put(CONFIG, config(2, f'config_path = "{CERTS}"\n'))
    node.put(f"{SECOND}/hosts.toml", '[host."https://theirs.io"]\n')
    error = node.refused("containerd", "--root", "ROOT", "--write", *PORT)
    assert f"{SECOND}/hosts.toml: was written by somebody else; put https://m.io in front there" in error
    node.put(f"{SECOND}/hosts.toml", '[host."https://m.io"]\n[host."https://theirs.io"]\n')
    before = node.files()
    assert "nothing to do" in node.nodes("containerd", "--root", "ROOT", "--write", *PORT).err
    assert (node.files(), node.nodes("check", "--root", "ROOT", *PORT).status) == (before, 0)


@pytest.mark.parametrize("name", ["hosts.toml", "ca.crt", "me.cert"])
def test_what_lies_in_a_second_folder_for_the_same_port_is_told(node: Machine, name: str) -> None:
    node.put(CONFIG, config(2, f'config_path = "{CERTS}"\n'))
    node.put(f"{SECOND}/{name}", "")
    node.put(f"{FIRST}/x", "")
    assert node.nodes("containerd", "--root", "ROOT", "--write", *PORT).status == 0
    assert f"{FIRST}/hosts.toml" in node.files()
    done = node.nodes("check", "--root", "ROOT", *PORT)
    assert f"wrong: {SECOND}/{name}: is not read: {FIRST} goes before it" in done.out.decode()
    assert (done.out.count(b"wrong: "), done.status) == (1, 1)


@pytest.mark.parametrize("setting", ["capabilities = ['push']", "skip_verify = 'true'"])
def test_a_hosts_file_of_somebody_else_that_does_not_ask_our_mirror_is_refused(node: Machine, setting: str) -> None:
    node.put(CONFIG, config(2, 'config_path = "/etc/containerd/certs.d"\n'))
    node.put(QUAY, f"[host.'https://quay.tencentcloudcr.com']\n  {setting}\n")
    assert "use --replace" in node.refused("containerd", "--root", "ROOT", "--write")


def test_a_row_of_its_own_keeps_the_endpoints_of_the_one_for_all_hosts(node: Machine) -> None:
    node.put(CONFIG, config(2, f"[{TABLES[2]}.mirrors.'*']\nendpoint = ['https://all.io']\n"))
    assert node.nodes("containerd", "--root", "ROOT", "--write", "--containerd", "1.6.20").status == 0
    assert 'endpoint = ["https://quay.tencentcloudcr.com", "https://all.io"]' in node.get(CONFIG)


def test_a_drop_in_that_sets_registries_is_changed_in_place_of_config_toml(node: Machine) -> None:
    main, drop_in = "imports = ['/etc/containerd/conf.d/*.toml']\n" + config(3), "/etc/containerd/conf.d/a.toml"
    node.put(CONFIG, main)
    node.put(drop_in, f"version = 3\n[{TABLES[3]}]\nconfig_path = ''\n")
    assert node.nodes("containerd", "--root", "ROOT", "--write", "--containerd", "2.0").status == 0
    assert node.get(drop_in) == f'version = 3\n[{TABLES[3]}]\nconfig_path = "/etc/containerd/certs.d"\n'
    assert node.get(CONFIG) == main


def test_a_drop_in_that_sets_something_else_is_no_obstacle(node: Machine) -> None:
    node.put(CONFIG, "imports = ['conf.d/*.toml', '/nowhere.toml']\n" + config(3))
    node.put("/etc/containerd/conf.d/a.toml", "version = 3\n[plugins.'io.containerd.cri.v1.runtime'.cni]\n")
    assert node.nodes("containerd", "--root", "ROOT", "--write").status == 0


def test_a_drop_in_takes_the_place_of_the_tables_of_containerd_1(node: Machine) -> None:
    main, drop_in = "imports = ['/etc/containerd/conf.d/*.toml']\n" + config(2), "/etc/containerd/conf.d/99-nvidia.toml"
    theirs = "version = 2\n[plugins.'io.containerd.grpc.v1.cri'.containerd]\ndefault_runtime_name = 'nvidia'\n"
    node.put(CONFIG, main)
    node.put(drop_in, theirs)
    assert node.nodes("containerd", "--root", "ROOT", "--write", "--containerd", "1.7.24").status == 0
    table = "[plugins.'io.containerd.grpc.v1.cri'.registry]"
    assert node.get(drop_in) == f'{theirs}\n{table}\nconfig_path = "/etc/containerd/certs.d"\n'
    assert node.get(CONFIG) == main


def test_a_drop_in_is_merged_by_containerd_2(node: Machine) -> None:
    drop_in = "/etc/containerd/conf.d/99-nvidia.toml"
    theirs = "version = 3\n[plugins.'io.containerd.cri.v1.runtime'.containerd]\ndefault_runtime_name = 'nvidia'\n"
    node.put(CONFIG, "imports = ['/etc/containerd/conf.d/*.toml']\n" + config(3))
    node.put(drop_in, theirs)
    assert node.nodes("containerd", "--root", "ROOT", "--write", "--containerd", "2.0").status == 0
    assert node.get(drop_in) == theirs
    assert 'config_path = "/etc/containerd/certs.d"' in node.get(CONFIG)


def test_up_to_2_2_the_version_of_the_last_file_counts_for_all(node: Machine) -> None:
    """What config.toml says as version 2 is lost where NVIDIA's drop-in is version 3."""
    main, drop_in = "version = 2\nimports = ['conf.d/*.toml']\n", "/etc/containerd/conf.d/99-nvidia.toml"
    theirs = "version = 3\n[plugins.'io.containerd.cri.v1.runtime'.containerd]\ndefault_runtime_name = 'nvidia'\n"
    node.put(CONFIG, main)
    node.put(drop_in, theirs)
    assert node.nodes("containerd", "--root", "ROOT", "--write", "--containerd", "2.0.14").status == 0
    assert (node.get(CONFIG), 'config_path = "/etc/containerd/certs.d"' in node.get(drop_in)) == (main, True)
    node.put(drop_in, theirs)
    assert node.nodes("containerd", "--root", "ROOT", "--write", "--containerd", "2.3.7").status == 0
    assert (node.get(drop_in), 'config_path = "/etc/containerd/certs.d"' in node.get(CONFIG)) == (theirs, True)


def test_a_relative_pattern_of_imports_is_not_looked_for_by_containerd_1_6(node: Machine) -> None:
    drop_in = "/etc/containerd/conf.d/a.toml"
    theirs = "version = 2\n[plugins.'io.containerd.grpc.v1.cri'.cni]\nbin_dir = '/opt'\n"
    node.put(CONFIG, "version = 2\nimports = ['conf.d/*.toml']\n")
    node.put(drop_in, theirs)
    assert node.nodes("containerd", "--root", "ROOT", "--write", "--containerd", "1.6.20").status == 0
    assert (node.get(drop_in), 'config_path = "/etc/containerd/certs.d"' in node.get(CONFIG)) == (theirs, True)


def test_a_table_of_mirrors_gets_ours_in_front_of_theirs(node: Machine) -> None:
    text = config(1, f"[{TABLES[1]}.mirrors.'quay.io']\nendpoint = ['https://old.io'] # old\n")
    node.put(CONFIG, text)
    done = node.nodes("containerd", "--root", "ROOT", "--write", "--preset", "tke", "--containerd", "1.6.20")
    assert done.status == 0
    assert set(node.files()) == {CONFIG, CONFIG + ".before-tcr-nodes"}
    assert 'endpoint = ["https://quay.tencentcloudcr.com", "https://old.io"] # old' in node.get(CONFIG)
    assert 'mirrors."docker.io"]\nendpoint = ["https://mirror.ccs.tencentyun.com"]\n' in node.get(CONFIG)
    assert "config_path" not in node.get(CONFIG)


def test_containerd_1_4_gets_a_table_as_it_reads_no_hosts_toml(node: Machine) -> None:
    node.put(CONFIG, config(2))
    assert node.nodes("containerd", "--root", "ROOT", "--write", "--containerd", "1.4.13").status == 0
    table = f'[{TABLES[2]}.mirrors."quay.io"]\nendpoint = ["https://quay.tencentcloudcr.com"]\n'
    assert node.files() == {CONFIG: config(2) + "\n" + table, CONFIG + ".before-tcr-nodes": config(2)}


def test_a_link_out_of_the_root_is_not_followed(node: Machine) -> None:
    outside = node.root.parent / "outside.toml"
    outside.write_text("version = 2\n", encoding="utf-8")
    (node.root / "etc/containerd").mkdir(parents=True)
    (node.root / "etc/containerd/config.toml").symlink_to(outside)
    assert "leads out of" in node.nodes("containerd", "--root", "ROOT", "--write").error
    assert outside.read_text(encoding="utf-8") == "version = 2\n"


@pytest.mark.skipif(sys.platform == "win32", reason="needs ulimit")
def test_a_full_disk_leaves_what_was_there(node: Machine) -> None:
    node.put(CONFIG, config(2))
    words = ("sh", "-c", 'ulimit -f 0; exec "$@"', "sh")
    done = node.nodes("containerd", "--root", "ROOT", "--write", within=words)
    assert done.status == 2
    assert done.error.startswith(f"tcr-nodes: error: cannot write {node.root}/var/lib/tcr-nodes/written: ")
    assert node.files() == {CONFIG: config(2)}


def test_a_read_only_file_is_told_and_nothing_written(node: Machine) -> None:
    node.put(CONFIG, config(2))
    (node.root / CONFIG.lstrip("/")).chmod(0o444)
    assert "config.toml is read-only" in node.refused("containerd", "--root", "ROOT", "--write")


def test_a_folder_that_takes_no_file_is_told_and_config_toml_stays(node: Machine) -> None:
    node.put(CONFIG, config(2))
    node.put("/etc/containerd/certs.d", "no folder\n")
    error = node.refused("containerd", "--root", "ROOT", "--write")
    assert "certs.d/quay.io" in error


def test_a_root_that_is_no_folder_is_told(node: Machine) -> None:
    assert "is no folder" in node.refused("containerd", "--root", "nowhere")
    assert "--write needs --root" in node.refused("containerd", "--write")


@pytest.mark.parametrize("character", ["\f", "\u2028", "\x85", "\v"], ids=["form feed", "U+2028", "U+0085", "\\v"])
def test_no_other_character_than_a_line_feed_ends_a_line_of_a_diff(node: Machine, character: str) -> None:
    text = f"# one {character} two\n# three\n"
    node.put(QUAY, text)
    done = node.nodes("containerd", "--root", "ROOT", "--replace")
    assert f"-# one {character} two\n-# three\n" in done.out.decode()
