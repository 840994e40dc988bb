"""What `-h` says beside the flags: the environment that is heeded, and where the documentation is."""

import re
import sys
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
def test_help_names_the_environment_that_is_heeded(folder: Folder, words: list[str]) -> None:
    done = folder.command(str(PROGRAM.with_name(f"kubectl-tcr_{words[0]}")), *words[1:], "-h")
    assert (done.status, done.err) == (0, "")
    named = set(re.findall(r"^    (KUBECTL_TCR_[A-Z_]+) ", done.out.decode(), re.MULTILINE))
    assert named == (variables() if "--mirror" in done.out.decode() else {"KUBECTL_TCR_DEBUG"})
    asks = words in (["images"], ["nodes", "check"])
    assert ("\n    HTTPS_PROXY, NO_PROXY " in done.out.decode()) == asks
    assert "\n    NO_COLOR " in done.out.decode()
    assert ("Documentation: " in done.out.decode()) == bool(kubectl_tcr.OWNER)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--nope"], "kubectl tcr-nodes"),
        (["nope"], "kubectl tcr-nodes"),
        (["containerd", "--nope"], "kubectl tcr-nodes containerd"),
        (["script", "--mirror"], "kubectl tcr-nodes script"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_a_wrong_command_line_names_the_help_of_its_own_command(folder: Folder, words: list[str], named: str) -> None:
    done = folder.command(str(PROGRAM.with_name("kubectl-tcr_nodes")), *words)
    assert (done.status, done.out) == (2, b"")
    assert done.err.endswith(f"; see {named} -h\n")


def test_help_ends_with_the_documentation_once_its_address_is_filled_in(folder: Folder) -> None:
    filled = "import kubectl_tcr; kubectl_tcr.HOME = 'https://git.example/x'; from kubectl_tcr.cli.main import nodes"
    done = folder.command(sys.executable, "-c", f"{filled}; nodes()", "-h")
    assert done.status == 0
    assert done.out.decode().endswith(
        "no colour, unless it is empty\n\n  Documentation: https://git.example/x#readme\n"
    )
