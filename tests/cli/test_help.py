"""What `-h` says beside the flags: the environment that is heeded, and where the documentation is."""

import re
from pathlib import Path

import pytest

import kubectl_tcr

from .conftest import PROGRAM, Folder

SOURCES = Path(kubectl_tcr.__file__).parent
NODES = ["ansible", "check", "containerd", "cri-o", "daemonset", "docker", "k3s", "rke2", "script"]
COMMANDS = [["rewrite"], ["images"], ["policy"], ["nodes"], *(["nodes", name] for name in NODES)]


def variables() -> set[str]:
    """The variables of the tool's own that the sources name."""
    texts = (path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py"))
    return {name for text in texts for name in re.findall(r"\"(KUBECTL_TCR_[A-Z_]+)\"", text)}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_names_the_environment_and_the_documentation(folder: Folder, words: list[str]) -> None:
    done = folder.command(str(PROGRAM.with_name(f"kubectl-tcr_{words[0]}")), *words[1:], "-h")
    assert (done.status, done.err) == (0, "")
    named = set(re.findall(r"^    (KUBECTL_TCR_[A-Z_]+) ", done.out.decode(), re.MULTILINE))
    assert named == (variables() if "--mirror" in done.out.decode() else {"KUBECTL_TCR_DEBUG"})
    asks = words in (["images"], ["nodes", "check"])
    assert ("\n    HTTPS_PROXY, NO_PROXY " in done.out.decode()) == asks
    assert "\n    NO_COLOR " in done.out.decode()
    assert done.out.decode().endswith(f"\n  Documentation: {kubectl_tcr.HOME}#readme\n")
