"""kubectl, as the commands that need it find it, and what it says where it fails."""

import os
import re

from kubectl_tcr.errors import InputError

# kubectl names itself so from 1.37 on (kubernetes#138694).
_VARIABLE = "KUBECTL_PATH"
_LOGGED = r' err="((?:[^"\\]|\\.)*)"'


def program(flag: str) -> str:
    """The path of kubectl; raises InputError, which names the flag that needs it."""
    import shutil

    found = os.environ.get(_VARIABLE) or shutil.which("kubectl")
    if not found:
        raise InputError(f"{flag} needs kubectl, which is not on the PATH; install it, or name it by {_VARIABLE}")
    return found


def unrunnable(program: str, error: OSError) -> InputError:
    """The error for a kubectl that is found and cannot be run."""
    by = f", or {_VARIABLE}, which names it" if os.environ.get(_VARIABLE) else ""
    return InputError(f"kubectl cannot be run: {program}: {error.strerror}; mend it{by}")


def problem(stderr: bytes) -> str:
    """What kubectl says went wrong, in one line and without its log prefix."""
    text = stderr.decode(errors="replace").strip()
    found = re.search(_LOGGED, text)
    return found.group(1) if found else text.removeprefix("error: ").replace("\n", " ")
