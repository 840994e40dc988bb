"""Where the program is that is measured."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

_NAME = "kubectl-tcr_rewrite"
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
# Where scripts/install-tools leaves programs.
TOOLS = Path(os.environ.get("KUBECTL_TCR_TOOLS") or _CACHE / "kubectl-tcr-tools") / "bin"


def program() -> str:
    """The installed executable: the one of this Python, or else the one on the PATH.

    Raises FileNotFoundError.
    """
    own = Path(sys.executable).parent / _NAME
    found = str(own) if own.exists() else shutil.which(_NAME)
    if found is None:
        raise FileNotFoundError(f"{_NAME} is not installed; run make bench or make accuracy, which install it")
    return found


def compiled_program() -> str:
    """The executable of the compiled build (`make compiled`), empty where there is none.

    KUBECTL_TCR_COMPILED names the interpreter that it is installed for.
    """
    python = os.environ.get("KUBECTL_TCR_COMPILED", "")
    found = Path(python).with_name(_NAME) if python else None
    return str(found) if found and found.exists() else ""


def tool(name: str) -> str:
    """Another program: what scripts/install-tools left, or else the one on the PATH; empty where there is none.

    One called yq that is not mikefarah's speaks another language, and is none.
    """
    own = TOOLS / name
    found = str(own) if own.exists() else shutil.which(name) or ""
    return "" if name == "yq" and found and "mikefarah" not in version(found) else found


def version(program: str) -> str:
    """What a program says of its version, in one line."""
    for words in (["--version"], ["version"]):
        done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.strip():
            return done.stdout.strip().splitlines()[0]
    return "of no version that it tells"


def compile_package() -> None:
    """Compile the package as an installation does; an editable one is not compiled before its first run.

    Where PYTHONDONTWRITEBYTECODE is set, every run would compile all of it again.
    """
    package = importlib.util.find_spec("kubectl_tcr")
    for folder in package.submodule_search_locations or () if package else ():
        subprocess.run([sys.executable, "-m", "compileall", "-q", folder], check=True)
