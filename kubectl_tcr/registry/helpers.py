"""Programs that keep credentials: `docker-credential-NAME get`, with a registry on standard input.

The protocol is that of docker-credential-helpers. What such a program prints is never shown: it may be a secret.
"""

import json
import re
import shutil
import subprocess
from typing import Any

from kubectl_tcr.registry.credential import Credential, Found

# Seconds that a program has: some ask a cloud.
PATIENCE = 20
# No path: what is run is on the PATH.
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*+", re.ASCII)
# What programs print that have nothing (docker-credential-helpers, credentials/error.go).
_NOTHING = ("credentials not found", "no credentials server URL", "no credentials username")
# The name that stands for an identity token.
_TOKEN = "<token>"  # noqa: S105 no secret


def ask(name: str, server: str, file: str, patience: float = PATIENCE) -> Found:
    """What a helper has for a server; `file` names it."""
    if not _NAME.fullmatch(name):
        return Found(problem=f"{file} names a credential helper that cannot be one; mend it")
    program = f"docker-credential-{name}"
    path = shutil.which(program)
    if path is None:
        return Found(problem=f"{program} is not on the PATH, but {file} names it: install it, or take its name out")
    try:
        status, printed = _run(path, server, patience)
    except subprocess.TimeoutExpired:
        return Found(problem=f"{program}, which {file} names, gives nothing for {server} in {patience:g} seconds")
    except OSError as error:
        return Found(problem=f"{program}, which {file} names, cannot be run: {error.strerror}")
    if status:
        is_none = any(text in printed.decode(errors="replace") for text in _NOTHING)
        said = f"{program}, which {file} names, fails for {server} with status {status}; run it to see why"
        return Found(problem="" if is_none else said)
    credential = _credential(printed)
    said = "" if credential else f"{program}, which {file} names, prints for {server} what is no credential"
    return Found(credential, said)


def _run(path: str, server: str, patience: float) -> tuple[int, bytes]:
    """The status of a program and what it printed; one that is killed is not waited for by way of its children."""
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    program = subprocess.Popen([path, "get"], stdin=pipe, stdout=pipe, stderr=nothing)  # noqa: S603 no shell
    try:
        printed, _ = program.communicate(server.encode(), patience)
    except subprocess.TimeoutExpired:
        program.kill()
        raise
    finally:
        for stream in (program.stdin, program.stdout):
            if stream:
                stream.close()
        program.wait()
    return program.returncode, printed


def _credential(printed: bytes) -> Credential | None:
    try:
        data: Any = json.loads(printed)
    except (ValueError, RecursionError):
        return None
    name, secret = (data.get("Username"), data.get("Secret")) if isinstance(data, dict) else (None, None)
    if not isinstance(name, str) or not isinstance(secret, str) or not secret:
        return None
    return Credential(identity_token=secret) if name == _TOKEN else Credential(name, secret)
