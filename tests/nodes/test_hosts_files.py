"""What `kubectl tcr-nodes check` makes of containerd's hosts.toml files and of its table of mirrors.

The meanings were seen on real containerd: HostOptions of 1.6.20, 1.7.24, 2.0.14, 2.2.1 and 2.4.2 were given
these files, and pulls of 1.6.20, 2.2.1 and 2.4.2 the addresses.
"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_tcr.nodes.report import api_root, mirror

from .conftest import CONFIG, QUAY, Machine

FOLDER = QUAY.rpartition("/")[0]
CERTS = 'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "/etc/containerd/certs.d"\n'
TABLE = 'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry.mirrors."%s"]\nendpoint = ["%s"]\n'
CERTIFICATE = "-----BEGIN CERTIFICATE-----\n"
KEY = "-----BEGIN PRIVATE KEY-----\n"
M = "--mirror quay.io=m.io".split()
OLD, NEW = ["--containerd", "1.6"], ["--containerd", "2.4"]


def reported(node: Machine, files: dict[str, str], *more: str) -> tuple[str, list[str], int]:
    """Whom containerd asks for quay.io, what is wrong, and the status."""
    for path, text in files.items():
        node.put(path, text)
    done = node.nodes("check", "--root", "ROOT", "--runtime", "containerd", *more)
    assert done.err == ""
    lines = done.out.decode().splitlines()
    asked = [found[1] for line in lines if (found := re.match(r"  quay\.io: (.*) \(/", line))]
    wrong = [line.partition("wrong: ")[2] for line in lines if "wrong: " in line]
    return next(iter(asked), ""), wrong, done.status


# A hosts.toml that is right, and the mirror that a rule names.
RIGHT = {
    "the mirror alone": '[host."https://m.io"]\n',
    "a slash at the end": '[host."https://m.io/"]\n',
    "/v2 at the end": '[host."https://m.io/v2"]\n',
    "/v2/ at the end": '[host."https://m.io/v2/"]\n',
    "no scheme": '[host."m.io"]\n',
    "no quotes": "[host.'https://m.io']\n",
    "/v2 with override_path": '[host."https://m.io/v2"]\noverride_path = true\n',
    "an empty list of capabilities means all": '[host."https://m.io"]\ncapabilities = []\n',
    "capabilities in capitals": '[host."https://m.io"]\ncapabilities = ["PULL", "Resolve"]\n',
    "the source as server": 'server = "https://quay.io/v2"\n[host."https://m.io"]\n',
    "an empty table host": 'server = "https://quay.io"\n[host]\n[host."https://m.io"]\n',
    "a header": '[host."https://m.io"]\n[host."https://m.io".header]\na = "b"\nc = ["d", "e"]\n',
    "only a table below it": '[host."https://m.io".header]\na = "b"\n',
    "skip_verify": '[host."https://m.io"]\nskip_verify = true\n',
    "no list of authorities": '[host."https://m.io"]\nca = []\n',
    "another mirror behind it, first in the alphabet": '[host."https://m.io"]\n[host."https://a.io"]\n',
}


@pytest.mark.parametrize("release", ["1.6", "2.4"])
@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_taken_for_the_mirror_of_the_rule(node: Machine, name: str, release: str) -> None:
    asked, wrong, status = reported(node, {CONFIG: CERTS, QUAY: RIGHT[name]}, *M, "--containerd", release)
    assert (asked.partition(", then")[0], wrong, status) == ("https://m.io", [], 0)


# Certificates that are there, by the line that names them.
THERE = {
    "an authority beside the file": ('ca = "ca.crt"', {"ca.crt": CERTIFICATE}),
    "an authority in a folder beside it": ('ca = "../tls/a.pem"', {"../tls/a.pem": CERTIFICATE}),
    "several authorities": ('ca = ["a.pem", "/etc/b.pem"]', {"a.pem": CERTIFICATE, "../../../b.pem": CERTIFICATE}),
    "a file with certificate and key": ('client = "c.pem"', {"c.pem": CERTIFICATE + KEY}),
    "several such files": ('client = ["c.pem", "d.pem"]', {"c.pem": CERTIFICATE + KEY, "d.pem": KEY + CERTIFICATE}),
    "a pair": ('client = [["c.cert", "c.key"]]', {"c.cert": CERTIFICATE, "c.key": KEY}),
    "a pair without the second": ('client = [["c.pem", ""]]', {"c.pem": CERTIFICATE + KEY}),
    "one that a copy of etc does not hold": ('ca = "/usr/share/ca.pem"', {}),
}


@pytest.mark.parametrize("name", THERE)
def test_certificates_that_are_there_are_right(node: Machine, name: str) -> None:
    line, more = THERE[name]
    files = {f"{FOLDER}/{path}": text for path, text in more.items()}
    _, wrong, status = reported(node, {CONFIG: CERTS, QUAY: f'[host."https://m.io"]\n{line}\n', **files}, *M)
    assert (wrong, status) == ([], 0)


NONE = "itself"
# A hosts.toml that containerd passes over: the source is asked as if there were none.
PASSED_OVER = {
    "skip_verify in quotes": ('[host."https://m.io"]\nskip_verify = "true"\n', "skip_verify must be true or false"),
    "skip_verify as a number": ('[host."https://m.io"]\nskip_verify = 1\n', "skip_verify must be true or false"),
    "skip_verify of the server": ('skip_verify = "no"\n[host."https://m.io"]\n', "skip_verify must be true or false"),
    "override_path in quotes": ('[host."https://m.io"]\noverride_path = "true"\n', "override_path must be true"),
    "one capability": ('[host."https://m.io"]\ncapabilities = "pull"\n', "capabilities must be a list of texts"),
    "an unknown capability": ('[host."https://m.io"]\ncapabilities = ["pull", "fetch"]\n', '"fetch" is no capability'),
    "ca as a number": ('[host."https://m.io"]\nca = 1\n', "ca must be a text or a list of texts"),
    "half a pair": ('[host."https://m.io"]\nclient = [["a"]]\n', "client must be a text, or a list"),
    "a header as a number": ('[host."https://m.io".header]\na = 1\n', "header must be a table of texts"),
    "dial_timeout without a unit": ('[host."https://m.io"]\ndial_timeout = "1"\n', "dial_timeout must be a duration"),
    "server as a number": ('server = 1\n[host."https://m.io"]\n', "server must be a text"),
    "an array of hosts": ('[[host]]\nname = "https://m.io"\n', "host must be a table of tables"),
    "a host that is a text": ('host = "https://m.io"\n', "host must be a table of tables"),
    "a URL without quotes": ("[host.https://m.io]\n", "invalid TOML"),
    "the same host twice": ('[host."https://m.io"]\n[host."https://m.io"]\n', "invalid TOML"),
    "a byte order mark": ('\ufeff[host."https://m.io"]\n', "invalid TOML"),
}


@pytest.mark.parametrize("name", PASSED_OVER)
def test_a_file_that_containerd_passes_over_is_told(node: Machine, name: str) -> None:
    text, words = PASSED_OVER[name]
    asked, wrong, status = reported(node, {CONFIG: CERTS, QUAY: text}, *M)
    assert (asked, status) == (NONE, 1)
    assert words in wrong[0]
    assert "containerd asks the source itself" in wrong[0]


def test_a_file_that_is_passed_over_leaves_the_certificates_beside_it_in_force(node: Machine) -> None:
    files = {CONFIG: CERTS, QUAY: '[host."https://m.io"]\nskip_verify = 1\n', f"{FOLDER}/ca.crt": CERTIFICATE}
    assert not [line for line in reported(node, files, *M)[1] if "ca.crt" in line]


# A hosts.toml that is read and means something else: whom it asks, and the words.
WRONG = {
    "a path without override_path": (
        '[host."https://m.io/v2/team"]\n',
        "https://m.io/v2/team/v2, then itself",
        "https://m.io/v2/team is asked at /v2/team/v2/NAME; override_path = true",
    ),
    "override_path without a path": (
        '[host."https://m.io"]\noverride_path = true\n',
        "https://m.io/, then itself",
        "is asked at https://m.io/NAME, without /v2",
    ),
    "override_path for the source": (
        'server = "https://quay.io"\noverride_path = true\n[host."https://m.io"]\n',
        None,
        "https://quay.io with override_path is asked at https://quay.io/NAME, without /v2",
    ),
    "an authority that is not there": (
        '[host."https://m.io"]\nca = "gone.crt"\n',
        None,
        '"gone.crt" is not there: every',
    ),
    "one of several": ('[host."https://m.io"]\nca = ["/etc/gone.crt"]\n', None, '"/etc/gone.crt" is not there: every'),
    "an authority of the server": ('ca = "gone.crt"\n[host."https://m.io"]\n', None, '"gone.crt" is not there: every'),
    "an authority that is its folder": ('[host."https://m.io"]\nca = ""\n', None, '"" is no file: every pull fails'),
    "an authority without a certificate": ('[host."https://m.io"]\nca = "hosts.toml"\n', None, "holds no certificate"),
    "a pair written as two files": (
        '[host."https://m.io"]\nclient = ["hosts.toml"]\n',
        None,
        '"hosts.toml" holds no certificate and no private key',
    ),
    "a key that is not there": (
        '[host."https://m.io"]\nclient = [["a.cert", "a.key"]]\n',
        None,
        '"a.key" is not there: every pull fails',
    ),
    "an unknown setting": (
        '[host."https://m.io"]\nskip-verify = true\n',
        None,
        "skip-verify is no setting there, so containerd ignores it; there are: capabilities, ca, client, skip_verify",
    ),
    "the server behind a host": ('[host."https://m.io"]\nserver = "https://quay.io"\n', None, "server is no setting"),
    "a setting in capitals": ('[host."https://m.io"]\nSkip_Verify = true\n', None, "write skip_verify"),
    "no address": ('[host."ftp://m.io"]\n', "itself", '"ftp://m.io" is no address of a mirror'),
    "a bare name that begins with http": ('[host."httpd.io"]\n', "itself", '"httpd.io" is no address of a mirror'),
    "a host in a table of its own": (
        '[host]\n"https://m.io" = {}\n',
        None,
        "has no header of its own",
    ),
    "another one last": (
        'server = "https://z.io"\n[host]\n',
        "https://z.io",
        "is asked through https://z.io first, not through m.io",
    ),
    "http": ('[host."http://m.io"]\n', "http://m.io, then itself", "m.io is asked by http, without TLS"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_means_something_else_is_told(node: Machine, name: str) -> None:
    text, asked, words = WRONG[name]
    found, wrong, status = reported(node, {CONFIG: CERTS, QUAY: text}, *M)
    assert (found, status) == (asked or "https://m.io, then itself", 1)
    assert any(words in line for line in wrong), wrong


def test_a_source_that_is_not_asked_for_pulls_is_not_named(node: Machine) -> None:
    text = 'capabilities = ["push"]\n[host."https://m.io"]\n'
    assert reported(node, {CONFIG: CERTS, QUAY: f'server = "https://quay.io"\n{text}'}, *M) == ("https://m.io", [], 0)
    # They are those of the server that is named.
    assert reported(node, {QUAY: text}, *M) == ("https://m.io, then itself", [], 0)


def test_the_ways_out_are_right(node: Machine) -> None:
    files = {CONFIG: CERTS, QUAY: '[host."https://m.io/v2/team"]\noverride_path = true\n'}
    assert reported(node, files, "--mirror", "quay.io=m.io/team") == ("https://m.io/v2/team, then itself", [], 0)
    files = {QUAY: '[host."http://m.io"]\n'}
    assert reported(node, files, *M, "--plain-http", "m.io") == ("http://m.io, then itself", [], 0)


def test_https_for_a_mirror_without_tls_is_told(node: Machine) -> None:
    files = {CONFIG: CERTS, QUAY: '[host."https://m.io"]\n'}
    _, wrong, status = reported(node, files, *M, "--plain-http", "m.io")
    assert (status, wrong) == (1, [f"{QUAY}: m.io is asked by https, and --plain-http says that it has no TLS"])


def test_a_mirror_without_tls_must_be_that_of_a_rule(node: Machine) -> None:
    assert "no rule has that mirror" in node.refused("check", "--root", "ROOT", "--runtime", "k3s", "--plain-http", "x")


@pytest.mark.parametrize("text", ["", '[host."https://m.io"]\nca = "ca.crt"\n'])
def test_a_certificate_beside_is_in_force_without_a_file_or_by_name(node: Machine, text: str) -> None:
    files = {CONFIG: CERTS, QUAY: text, f"{FOLDER}/ca.crt": CERTIFICATE}
    assert not [line for line in reported(node, files, *M)[1] if "ca.crt" in line]


@pytest.mark.parametrize(("own", "key"), [("ca.crt", "ca"), ("me.cert", "client")])
def test_a_hosts_toml_puts_a_lone_certificate_out_of_force(node: Machine, own: str, key: str) -> None:
    files = {CONFIG: CERTS, QUAY: '[host."https://m.io"]\n', f"{FOLDER}/{own}": CERTIFICATE}
    words = f'{QUAY}: {own} beside it counts only where there is no hosts.toml; name it: {key} = "{own}"'
    assert reported(node, files, *M)[1:] == ([words], 1)


# What releases differ in: more arguments, whom the file asks, and what is wrong, if anything is.
RELEASES = {
    "a server alone on 1.x": ('server = "https://m.io"\n', OLD, NONE, "has no table [host], so containerd 1.x"),
    "a server alone on 2.x": ('server = "https://m.io"\n', NEW, "https://m.io", ""),
    "a server alone on any": (
        'server = "https://m.io"\n',
        [],
        "https://m.io",
        "has no table [host], so containerd 1.x",
    ),
    "a host inline on 1.x": ('host = {"https://m.io" = {}}\n', OLD, "https://m.io, then itself", ""),
    "a host inline on 2.x": ('host = {"https://m.io" = {}}\n', NEW, NONE, "so containerd 2.x does not ask it"),
    "a host by dots on 2.x": ('host."https://m.io".capabilities = ["pull"]\n', NEW, NONE, "does not ask it"),
    "an IPv6 address on 1.x": ('[host."https://[fd00::1]"]\n[host."https://m.io"]\n', OLD, NONE, "for its bracket"),
    "referrers on 2.0": (
        '[host."https://m.io"]\ncapabilities = ["pull", "resolve", "referrers"]\n',
        ["--containerd", "2.0"],
        NONE,
        '"referrers" is no capability of containerd 2.0; there are: pull, resolve, push: containerd asks the source',
    ),
    "referrers on 2.4": (
        '[host."https://m.io"]\ncapabilities = ["pull", "resolve", "referrers"]\n',
        NEW,
        "https://m.io, then itself",
        "",
    ),
    "dial_timeout on 1.x": (
        '[host."https://m.io"]\ndial_timeout = 1\n',
        OLD,
        "https://m.io, then itself",
        "dial_timeout is read from containerd 2.0 on, so containerd 1.6 ignores it",
    ),
    "dial_timeout on 2.x": ('[host."https://m.io"]\ndial_timeout = "1m0.5s"\n', NEW, "https://m.io, then itself", ""),
}


@pytest.mark.parametrize("name", RELEASES)
def test_releases_differ(node: Machine, name: str) -> None:
    text, more, asked, words = RELEASES[name]
    found, wrong, status = reported(node, {CONFIG: CERTS, QUAY: text}, *M, *more)
    assert (found, status) == (asked, 1 if words else 0)
    assert words in (wrong or [""])[0]


# An endpoint of the table of mirrors, whom it asks, and what is wrong, if anything is.
ENDPOINTS = {
    "the mirror alone": ("https://m.io", "https://m.io", ""),
    "/v2 at the end": ("https://m.io/v2", "https://m.io", ""),
    "/v2/ at the end": ("https://m.io/v2/", "https://m.io", ""),
    "no scheme": ("m.io", "https://m.io", ""),
    "a slash at the end": (
        "https://m.io/",
        "https://m.io/",
        "is asked at https://m.io/NAME, without /v2; write https://m.io",
    ),
    "a path without /v2": ("https://m.io/team", "https://m.io/team/", "a path here is the root of the API, /v2/PATH"),
    "no address": ("ftp://m.io", "", '"ftp://m.io" is no address of a mirror'),
}


@pytest.mark.parametrize("source", ["quay.io", "*"])
@pytest.mark.parametrize("name", ENDPOINTS)
def test_an_endpoint_of_the_table(node: Machine, name: str, source: str) -> None:
    endpoint, asked, words = ENDPOINTS[name]
    found, wrong, status = reported(node, {CONFIG: TABLE % (source, endpoint)}, *M, *OLD)
    assert (found, status) == (f"{asked}, then itself".removeprefix(", then "), 1 if words else 0)
    assert words in (wrong or [""])[0]


def test_an_endpoint_may_have_a_path_and_needs_no_scheme_on_loopback(node: Machine) -> None:
    for endpoint, rule, more in (
        ("https://m.io/v2/team", "m.io/team", ()),
        ("127.0.0.1:5000", "127.0.0.1:5000", ("--plain-http", "127.0.0.1:5000")),
        ("localhost:5000", "localhost:5000", ("--plain-http", "localhost:5000")),
    ):
        files = {CONFIG: TABLE % ("quay.io", endpoint)}
        assert reported(node, files, "--mirror", f"quay.io={rule}", *more)[1:] == ([], 0)


@given(st.lists(st.sampled_from(["v2", "team", "a"]), max_size=4), st.sampled_from(["https://m.io", "http://v2:1"]))
def test_what_is_left_out_of_a_mirror_comes_back(path: list[str], origin: str) -> None:
    root = "/".join([origin, *path])
    assert api_root(mirror(root)) == root


DEFAULT = "/etc/containerd/certs.d/_default/hosts.toml"
LOST = f"{DEFAULT}: not read for quay.io any more; copy its [host] tables behind ours if they are to be asked"


@pytest.mark.parametrize("flags", [(), ("--write",)], ids=["shown", "written"])
def test_that_the_file_for_all_others_is_not_read_any_more_is_told_once(node: Machine, flags: tuple[str, ...]) -> None:
    node.put(CONFIG, CERTS)
    node.put(DEFAULT, '[host."https://spegel.local:5000"]\n')
    words = ("containerd", "--root", "ROOT", "--containerd", "1.7.24", *flags)
    assert f"tcr-nodes: {LOST}\n" in node.nodes(*words).err
    assert (LOST in node.nodes(*words).err) is not bool(flags)
