"""Files that hold credentials, or name who does: Docker's config.json, and auth.json of podman and skopeo.

Sources: docker/cli, cli/config; containers-auth.json(5). A file that is named is the only one; else all that are in
their places are looked at in turn, as podman does, and the first that knows a registry is heard.
"""

import base64
import binascii
import json
import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from kubectl_tcr.errors import Location, RegistryError
from kubectl_tcr.files import TOO_LARGE, configuration
from kubectl_tcr.images.reference import HUB, HUB_ALIASES
from kubectl_tcr.registry import helpers
from kubectl_tcr.registry.credential import Credential, Found

NAMED_BY = "REGISTRY_AUTH_FILE"
# By what Docker knows its own registry.
_HUB_SERVER = "https://index.docker.io/v1/"
_SECTIONS = {"auths": dict, "credHelpers": dict, "credsStore": str}


class AuthFile(NamedTuple):
    """What a file says of registries: entries and helpers by repository or host, and the helper for the rest.

    `problem`: why it cannot be used.
    """

    name: str
    entries: Mapping[str, object] = {}
    helpers: Mapping[str, object] = {}
    store: str = ""
    problem: str = ""


class AuthFiles:
    """The credentials that files hold or name."""

    def __init__(self, files: tuple[AuthFile, ...]) -> None:
        self._files = files
        self._helped: dict[tuple[str, str], Found] = {}

    def find(self, host: str, path: str) -> Found:
        """The credential for a repository: that of the longest key, in the first file that has one."""
        host = HUB if host in HUB_ALIASES else host
        problems = []
        for file in self._files:
            found = Found(problem=file.problem) if file.problem else self._in_file(file, host, path)
            if found.credential:
                return found
            problems.append(found.problem)
        return Found(problem="; ".join(dict.fromkeys(filter(None, problems))))

    def _in_file(self, file: AuthFile, host: str, path: str) -> Found:
        """A helper goes before an entry, which is what it left."""
        helper = file.helpers.get(host, file.store)
        helped = self._ask(str(helper), host, file.name) if helper else Found()
        if helped.credential:
            return helped
        key = next((key for key in _keys(host, path) if key in file.entries), "")
        held = _held(file.entries[key], key, file.name) if key else Found()
        return held if held.credential else Found(problem=helped.problem or held.problem)

    def _ask(self, helper: str, host: str, name: str) -> Found:
        key = (helper, host)
        if key not in self._helped:
            self._helped[key] = helpers.ask(helper, _HUB_SERVER if host == HUB else host, name)
        return self._helped[key]


def load(name: str = "", environ: Mapping[str, str] = os.environ) -> AuthFiles:
    """The credentials of a user; `name` is the file to take alone. Raises RegistryError if that one is not good.

    One that nobody named and that is not good is a problem of what is found without it.
    """
    name = name or environ.get(NAMED_BY, "")
    if name:
        return AuthFiles((_read(name),))
    return AuthFiles(
        tuple(
            _usable(place)
            for place in _places(environ)
            if os.path.exists(place)  # noqa: PTH110 no permission is no file
        )
    )


def _places(environ: Mapping[str, str]) -> Iterator[str]:
    home = environ.get("HOME") or environ.get("USERPROFILE") or ""
    docker = environ.get("DOCKER_CONFIG") or (home and f"{home}/.docker")
    folders = (
        (docker, "config.json"),
        (environ.get("XDG_RUNTIME_DIR"), "containers/auth.json"),
        (environ.get("XDG_CONFIG_HOME") or (home and f"{home}/.config"), "containers/auth.json"),
    )
    return (f"{folder}/{file}" for folder, file in folders if folder)


def _usable(name: str) -> AuthFile:
    try:
        return _read(name)
    except RegistryError as error:
        return AuthFile(name, problem=str(error))


def _read(name: str) -> AuthFile:
    try:
        raw = configuration(name)
    except OSError as error:
        raise RegistryError(f"cannot be read: {error.strerror}", Location(name)) from None
    if raw is None:
        raise RegistryError(TOO_LARGE, Location(name))
    data = _parsed(raw, name)
    for section, kind in _SECTIONS.items():
        if not isinstance(data.get(section) or kind(), kind):
            raise RegistryError(f'"{section}" is no {"object" if kind is dict else "string"}; mend it', Location(name))
    entries, named = (_by_repository(data.get(section) or {}) for section in ("auths", "credHelpers"))
    return AuthFile(name, entries, named, data.get("credsStore") or "")


def _parsed(raw: bytes, name: str) -> dict[str, Any]:
    try:
        data = json.loads(raw.decode("utf-8-sig") or "{}")
    except json.JSONDecodeError as error:
        where = Location(name, error.lineno, error.colno)
        raise RegistryError(f"is no JSON: {error.msg}; mend it, or name another file with --authfile", where) from None
    except (ValueError, RecursionError):
        raise RegistryError("is no JSON; mend it, or name another file with --authfile", Location(name)) from None
    if not isinstance(data, dict):
        raise RegistryError("holds no JSON object; mend it, or name another file with --authfile", Location(name))
    return data


def _by_repository(section: Mapping[str, object]) -> dict[str, object]:
    """A section by what its keys stand for; a key that is written so goes before one that only stands for it."""
    meant: dict[str, object] = {}
    for key, entry in section.items():
        meant.setdefault(_repository(key), entry)
    return meant | {key: entry for key, entry in section.items() if _repository(key) == key}


def _repository(key: str) -> str:
    """The host, or the repository, of a key, without the scheme and the version of an API that old ones have.

    >>> _repository("https://index.docker.io/v1/"), _repository("https://quay.io"), _repository("quay.io/acme")
    ('docker.io', 'quay.io', 'quay.io/acme')
    """
    bare = key.partition("://")[2] or key
    bare = bare.removesuffix("/").removesuffix("/v1").removesuffix("/v2")
    host, slash, path = bare.partition("/")
    return f"{HUB if host in HUB_ALIASES else host}{slash}{path}"


def _keys(host: str, path: str) -> Iterator[str]:
    """The keys that a repository may have, the longest first."""
    key = f"{host}/{path}"
    while key != host:
        yield key
        key = key.rpartition("/")[0]
    yield host


def _held(entry: object, key: str, file: str) -> Found:
    """What an entry holds; an empty one says that a helper has it."""
    fields = _texts(entry)
    if fields is None:
        return Found(problem=_no_auth(key, file))
    if fields["identitytoken"]:
        return Found(Credential(identity_token=fields["identitytoken"]))
    if not fields["auth"]:
        name, password = fields["username"], fields["password"]
        return Found(Credential(name, password) if name and password else None)
    try:
        text = base64.b64decode(fields["auth"], validate=True).decode()
    except (binascii.Error, ValueError):
        return Found(problem=_no_auth(key, file))
    name, colon, password = text.partition(":")
    return Found(Credential(name, password.rstrip("\0"))) if name and colon else Found(problem=_no_auth(key, file))


def _texts(entry: object) -> dict[str, str] | None:
    """The fields of an entry, None where one is no text."""
    if not isinstance(entry, dict):
        return None
    fields = {name: entry.get(name) or "" for name in ("auth", "username", "password", "identitytoken")}
    return fields if all(isinstance(value, str) for value in fields.values()) else None


def _no_auth(key: str, file: str) -> str:
    return f'the "auth" of {key} in {file} is not USER:PASSWORD in base64; log in once more'
