"""kubectl, as the commands that need it find it, and what it says where it fails."""

import os
import re

from kubectl_tcr.errors import InputError

_LOGGED = r' err="((?:[^"\\]|\\.)*)"'


def program(flag: str) -> str:
    """The path of kubectl; raises InputError, which names the flag that needs it."""
    import shutil

    # kubectl names itself from 1.37 on (KUBECTL_PATH, kubernetes#138694).
    found = os.environ.get("KUBECTL_PATH") or shutil.which("kubectl")
    if not found:
        raise InputError(f"{flag} needs kubectl, which is not on the PATH")
    return found


def problem(stderr: bytes) -> str:
    """What kubectl says went wrong, in one line and without its log prefix."""
    text = stderr.decode(errors="replace").strip()
    found = re.search(_LOGGED, text)
    return found.group(1) if found else text.removeprefix("error: ").replace("\n", " ")
