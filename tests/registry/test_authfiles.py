"""Credentials as Docker's, podman's and kubectl's users keep them."""

import base64
import json
import os
import time
from pathlib import Path

import pytest

from kubectl_tcr.errors import RegistryError
from kubectl_tcr.registry import helpers
from kubectl_tcr.registry.authfiles import AuthFiles, load
from kubectl_tcr.registry.credential import Credential

SECRET = "s3cret-of-a-test"  # noqa: S105 of no one
ALICE = Credential("alice", SECRET)


def auth(name: str = "alice", password: str = SECRET) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{name}:{password}".encode()).decode()}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home without any file."""
    return tmp_path


def put(home: Path, name: str, data: object) -> str:
    file = home / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return str(file)


def of_home(home: Path, **environ: str) -> AuthFiles:
    return load(environ={"HOME": str(home), **environ})


def test_without_files_everybody_is_a_stranger(home: Path) -> None:
    assert of_home(home).find("quay.io", "acme/app") == (None, "")


# Where a file may be, in the order in which they are heard, and what says so.
PLACES = {
    "Docker's": (".docker/config.json", {}),
    "Docker's in another folder": ("d/config.json", {"DOCKER_CONFIG": "d"}),
    "podman's of a session": ("run/containers/auth.json", {"XDG_RUNTIME_DIR": "run"}),
    "podman's": (".config/containers/auth.json", {}),
    "podman's in another folder": ("c/containers/auth.json", {"XDG_CONFIG_HOME": "c"}),
    "a file that the environment names": ("any.json", {"REGISTRY_AUTH_FILE": "any.json"}),
}


@pytest.mark.parametrize("name", PLACES)
def test_where_files_are(home: Path, name: str) -> None:
    place, named = PLACES[name]
    put(home, place, {"auths": {"quay.io": auth()}})
    found = of_home(home, **{key: str(home / value) for key, value in named.items()}).find("quay.io", "acme/app")
    assert found == (ALICE, "")


def test_the_first_file_that_knows_a_registry_is_heard(home: Path) -> None:
    put(home, ".docker/config.json", {"auths": {"quay.io": auth("docker")}})
    put(home, ".config/containers/auth.json", {"auths": {"quay.io": auth("podman"), "ghcr.io": auth("podman")}})
    files = of_home(home)
    names = [found.username for host in ("quay.io", "ghcr.io") if (found := files.find(host, "a").credential)]
    assert names == ["docker", "podman"]


def test_a_file_that_is_named_is_the_only_one(home: Path) -> None:
    put(home, ".docker/config.json", {"auths": {"quay.io": auth()}})
    named = put(home, "named.json", {"auths": {"ghcr.io": auth()}})
    files = load(named, {"HOME": str(home), "REGISTRY_AUTH_FILE": "/nowhere"})
    assert files.find("quay.io", "a").credential is None
    assert files.find("ghcr.io", "a").credential == ALICE


# Keys of a file, a repository, and whose entry it is.
KEYS = {
    "a host": (["quay.io"], "quay.io", "acme/app", "quay.io"),
    "another host": (["quay.io"], "sub.quay.io", "acme/app", ""),
    "a host that begins so": (["quay.io"], "quay.io.evil.io", "acme/app", ""),
    "another port": (["r.io:5000"], "r.io", "acme/app", ""),
    "a port": (["r.io:5000"], "r.io:5000", "acme/app", "r.io:5000"),
    "an address": (["[::1]:5000"], "[::1]:5000", "acme/app", "[::1]:5000"),
    "with a scheme": (["https://quay.io"], "quay.io", "acme/app", "https://quay.io"),
    "with the version of an API": (["https://quay.io/v2/"], "quay.io", "acme/app", "https://quay.io/v2/"),
    "a host beside one with a scheme": (["https://quay.io", "quay.io"], "quay.io", "acme/app", "quay.io"),
    "a path": (["quay.io/acme"], "quay.io", "acme/app", "quay.io/acme"),
    "a path of others": (["quay.io/acme"], "quay.io", "other/app", ""),
    "a path that begins so": (["quay.io/acme"], "quay.io", "acme-two/app", ""),
    "the longest path": (["quay.io", "quay.io/acme", "quay.io/acme/app"], "quay.io", "acme/app", "quay.io/acme/app"),
    "a shorter path": (["quay.io", "quay.io/acme", "quay.io/acme/app"], "quay.io", "acme/two", "quay.io/acme"),
    "Docker Hub": (["https://index.docker.io/v1/"], "docker.io", "library/nginx", "https://index.docker.io/v1/"),
    "Docker Hub by another name": (["docker.io"], "registry-1.docker.io", "library/nginx", "docker.io"),
}


@pytest.mark.parametrize("name", KEYS)
def test_whose_entry_is_taken(home: Path, name: str) -> None:
    keys, host, path, taken = KEYS[name]
    put(home, ".docker/config.json", {"auths": {key: auth(key.replace(":", ";")) for key in keys}})
    found = of_home(home).find(host, path)
    assert found == (Credential(taken.replace(":", ";"), SECRET) if taken else None, "")


ENTRIES = {
    "auth": (auth(), ALICE),
    "a password with colons": (auth("alice", "a:b:c"), Credential("alice", "a:b:c")),
    "zeros behind it": (auth(password=f"{SECRET}\0\0"), ALICE),
    "name and password": ({"username": "alice", "password": SECRET}, ALICE),
    "an identity token": ({**auth("<token>", ""), "identitytoken": SECRET}, Credential(identity_token=SECRET)),
    "nothing": ({}, None),
    "empty fields": ({"auth": "", "username": None}, None),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_what_an_entry_holds(home: Path, name: str) -> None:
    entry, credential = ENTRIES[name]
    put(home, ".docker/config.json", {"auths": {"quay.io": entry}})
    assert of_home(home).find("quay.io", "a") == (credential, "")


BROKEN_ENTRIES = {
    "no base64": {"auth": f"!{SECRET}"},
    "no colon": {"auth": base64.b64encode(SECRET.encode()).decode()},
    "no UTF-8": {"auth": base64.b64encode(b"\xff:\xff").decode()},
    "a number": {"auth": 1},
    "no object": SECRET,
}


@pytest.mark.parametrize("name", BROKEN_ENTRIES)
def test_an_entry_that_is_broken_is_told_and_does_not_touch_others(home: Path, name: str) -> None:
    file = put(home, ".docker/config.json", {"auths": {"quay.io": BROKEN_ENTRIES[name], "ghcr.io": auth()}})
    files = of_home(home)
    told = f'the "auth" of quay.io in {file} is not USER:PASSWORD in base64; log in once more'
    assert files.find("quay.io", "a") == (None, told)
    assert files.find("ghcr.io", "a") == (ALICE, "")


# What a file holds that is none, and what is said of it behind its name.
BROKEN_FILES = {
    "no JSON": ('{\n "auths": x}', ":2:11: is no JSON: Expecting value; mend it, or name another file with --authfile"),
    "a list": ("[]", ": holds no JSON object; mend it, or name another file with --authfile"),
    "deep": ("[" * 100_000, ": is no JSON; mend it, or name another file with --authfile"),
    "entries that are a list": ({"auths": [SECRET]}, ': "auths" is no object; mend it'),
    "a helper that is a list": ({"credsStore": [SECRET]}, ': "credsStore" is no string; mend it'),
    "an endless one": (" " * (5 << 20), ": holds more than 4 MiB, so it is no configuration"),
}


@pytest.mark.parametrize("name", BROKEN_FILES)
def test_a_broken_file_is_refused_where_it_is_named_and_else_a_problem(home: Path, name: str) -> None:
    data, told = BROKEN_FILES[name]
    file = put(home, ".docker/config.json", data)
    put(home, ".config/containers/auth.json", {"auths": {"ghcr.io": auth()}})
    with pytest.raises(RegistryError) as refused:
        load(file)
    assert str(refused.value) == f"{file}{told}"
    assert of_home(home).find("quay.io", "a") == (None, f"{file}{told}")
    assert of_home(home).find("ghcr.io", "a") == (ALICE, "")


def test_a_file_that_is_named_and_not_there_is_refused(home: Path) -> None:
    with pytest.raises(RegistryError, match=r"none\.json: cannot be read: No such file or directory"):
        load(str(home / "none.json"))


def test_an_empty_file_and_a_byte_order_mark_are_no_fault(home: Path) -> None:
    assert load(put(home, "empty.json", "")).find("quay.io", "a") == (None, "")
    marked = put(home, "marked.json", "\ufeff" + json.dumps({"auths": {"quay.io": auth()}}))
    assert load(marked).find("quay.io", "a") == (ALICE, "")


def helper(home: Path, name: str, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A helper on the PATH that appends what it is asked to `asked`."""
    program = home / "bin" / f"docker-credential-{name}"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\n{{ echo "$*"; cat; echo; }} >>"{home}/asked"\n{script}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}")


def printing(data: object) -> str:
    return f"cat <<'E'\n{json.dumps(data)}\nE"


GIVEN = printing({"ServerURL": "x", "Username": "alice", "Secret": SECRET})


def asked(home: Path) -> list[str]:
    return (home / "asked").read_text().splitlines()


def test_a_helper_is_asked_once_for_a_host(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper(home, "test", GIVEN, monkeypatch)
    put(home, ".docker/config.json", {"credHelpers": {"r.io:5000": "test"}})
    files = of_home(home)
    assert [files.find("r.io:5000", path) for path in ("a", "b")] == [(ALICE, "")] * 2
    assert files.find("quay.io", "a") == (None, "")
    assert asked(home) == ["get", "r.io:5000"]


def test_the_store_is_asked_for_hosts_without_a_helper(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper(home, "own", GIVEN.replace("alice", "own"), monkeypatch)
    helper(home, "store", GIVEN, monkeypatch)
    put(home, ".docker/config.json", {"credsStore": "store", "credHelpers": {"quay.io": "own"}})
    files = of_home(home)
    assert files.find("quay.io", "a") == (Credential("own", SECRET), "")
    assert files.find("docker.io", "library/nginx") == (ALICE, "")
    assert asked(home) == ["get", "quay.io", "get", "https://index.docker.io/v1/"]


def test_an_identity_token_of_a_helper(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper(home, "test", GIVEN.replace("alice", "<token>"), monkeypatch)
    put(home, ".docker/config.json", {"credsStore": "test"})
    assert of_home(home).find("quay.io", "a") == (Credential(identity_token=SECRET), "")


def test_a_helper_that_has_nothing_leaves_the_entry_and_is_no_problem(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper(home, "test", "echo credentials not found in native keychain; exit 1", monkeypatch)
    put(home, ".docker/config.json", {"credsStore": "test", "auths": {"quay.io": auth(), "ghcr.io": {}}})
    files = of_home(home)
    assert files.find("quay.io", "a") == (ALICE, "")
    assert files.find("ghcr.io", "a") == (None, "")


# Helpers that give nothing that serves, and what is said of each: never what they print.
FAILING = {
    "a status": (f"echo {SECRET}; exit 3", "fails for quay.io with status 3; run it to see why"),
    "no JSON": (f"echo {SECRET}", "prints for quay.io what is no credential"),
    "no secret": (printing({"Username": SECRET}), "prints for quay.io what is no credential"),
    "no object": (printing([SECRET]), "prints for quay.io what is no credential"),
    "a secret that is no text": (
        printing({"Username": SECRET, "Secret": 1}),
        "prints for quay.io what is no credential",
    ),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_helper_that_fails_is_told_without_what_it_prints(
    home: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, told = FAILING[name]
    helper(home, "test", script, monkeypatch)
    file = put(home, ".docker/config.json", {"credsStore": "test"})
    assert of_home(home).find("quay.io", "a") == (None, f"docker-credential-test, which {file} names, {told}")


def test_a_helper_that_is_not_there_is_told_with_the_file_that_names_it(home: Path) -> None:
    file = put(home, ".docker/config.json", {"credsStore": "nowhere", "auths": {"ghcr.io": auth()}})
    told = f"docker-credential-nowhere is not on the PATH, but {file} names it: install it, or take its name out"
    assert of_home(home).find("quay.io", "a") == (None, told)
    assert of_home(home).find("ghcr.io", "a") == (ALICE, "")


@pytest.mark.parametrize("name", ["../evil", "a b", "-x", "a;b", "a\n"])
def test_a_helper_is_a_name_and_no_path_or_command(home: Path, name: str) -> None:
    file = put(home, ".docker/config.json", {"credsStore": name})
    told = f"{file} names a credential helper that cannot be one; mend it"
    assert of_home(home).find("quay.io", "a") == (None, told)


def test_a_helper_that_cannot_be_run_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper(home, "test", "", monkeypatch)
    (home / "bin" / "docker-credential-test").write_text("#!/nowhere\n")
    file = put(home, ".docker/config.json", {"credsStore": "test"})
    told = f"docker-credential-test, which {file} names, cannot be run: No such file or directory"
    assert of_home(home).find("quay.io", "a") == (None, told)


def test_a_helper_that_hangs_is_killed_and_its_children_are_not_waited_for(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper(home, "test", "sleep 30 & wait", monkeypatch)
    begun = time.monotonic()
    told = "docker-credential-test, which f names, gives nothing for quay.io in 0.3 seconds"
    assert helpers.ask("test", "quay.io", "f", patience=0.3) == (None, told)
    assert time.monotonic() - begun < 20


def test_a_credential_is_not_shown() -> None:
    for credential in (ALICE, Credential(identity_token=SECRET)):
        assert SECRET not in f"{credential} {credential!r} {[credential]}"
        assert ALICE.basic not in repr(credential)
