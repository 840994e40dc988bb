"""Where the program is that is measured."""

import shutil
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
