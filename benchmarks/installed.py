"""Where the program is that is measured."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

_NAME = "kubectl-tcr_rewrite"


def program() -> str:
    """The installed executable: the one of this Python, or else the one on the PATH.

    Raises FileNotFoundError.
    """
    own = Path(sys.executable).parent / _NAME
    found = str(own) if own.exists() else shutil.which(_NAME)
    if found is None:
        raise FileNotFoundError(f"{_NAME} is not installed; run make bench or make accuracy, which install it")
    return found


def compile_package() -> None:
    """Compile the package as an installation does; an editable one is not compiled before its first run.

    Where PYTHONDONTWRITEBYTECODE is set, every run would compile all of it again.
    """
    package = importlib.util.find_spec("kubectl_tcr")
    for folder in package.submodule_search_locations or () if package else ():
        subprocess.run([sys.executable, "-m", "compileall", "-q", folder], check=True)
