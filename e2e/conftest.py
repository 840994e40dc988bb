"""The real programs that end-to-end tests run.

`make e2e` installs them and sets KUBECTL_TCR_E2E=required: a test whose tool is missing fails
there. Run by hand (`pytest e2e`), it is skipped and says which tool it lacks.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

Tool = Callable[[str], str]


def _cache() -> Path:
    """Where scripts/install-tools leaves what it installs."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("KUBECTL_TCR_TOOLS") or Path(home) / "kubectl-tcr-tools")


@pytest.fixture(scope="session")
def tool() -> Tool:
    """The path of a program: `tool("helm3")`."""

    def find(name: str) -> str:
        found = shutil.which(name, path=f"{_cache() / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}")
        if found:
            return found
        message = f"{name} is not installed; run scripts/install-tools {name}"
        if os.environ.get("KUBECTL_TCR_E2E") == "required":
            pytest.fail(message)
        pytest.skip(message)

    return find
