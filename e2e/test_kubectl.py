"""The plugin as kubectl finds it, and shell completion through it."""

import sys
from pathlib import Path

import pytest

from .conftest import Tool
from .shell import ROOT, Shell

FOLDER = Path(sys.executable).parent


@pytest.fixture
def shell(tool: Tool, tmp_path: Path) -> Shell:
    return Shell(tmp_path, tool("kubectl"))


def completed(shell: Shell, *words: str) -> list[str]:
    """What `kubectl` tells the shell: candidates, and the directive; kubectl explains that on standard error."""
    done = shell.run("kubectl", "__complete", *words)
    assert done.status == 0, done.err
    return done.out.splitlines()


def test_the_plugin_is_listed_without_a_warning(shell: Shell) -> None:
    done = shell.run("kubectl", "plugin", "list")
    assert (done.status, done.err) == (0, "")
    assert str(FOLDER / "kubectl-tcr_rewrite") in done.out.splitlines()
    assert "kubectl_complete" not in done.out


def test_help_is_the_plugins_own(shell: Shell) -> None:
    done = shell.run("kubectl", "tcr-rewrite", "-h")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("Usage: kubectl tcr-rewrite [OPTIONS] [FILE]...")


def test_kubectl_completes_the_name_of_the_plugin(shell: Shell) -> None:
    assert any(line.startswith("tcr-rewrite\t") for line in completed(shell, "tcr"))


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (["--val"], ["--validate\tParse every document, also those that hold no reference.", ":4"]),
        (["--preset", ""], ["none", "default", "tke", ":4"]),
        (["--preset=t"], ["tke", ":4"]),
        (["--scope", "v"], ["values", ":4"]),
        (["--unmapped", ""], ["ignore", "warn", "fail", ":4"]),
        (["--color", "n"], ["never", ":4"]),
        (["--mirror", ""], [":4"]),
        ([""], ["json", "yaml", "yml", ":8"]),
        (["-f", ""], ["json", "yaml", "yml", ":8"]),
        (["-k", ""], [":16"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_kubectl_hands_on_what_the_plugin_completes(shell: Shell, words: list[str], lines: list[str]) -> None:
    assert completed(shell, "tcr-rewrite", *words) == lines


# What bash and its package bash-completion do when somebody types a tab.
TAB = """
_get_comp_words_by_ref() { cur=t prev=--preset cword=3 words=("${COMP_WORDS[@]}"); }
COMP_WORDS=(kubectl tcr-rewrite --preset t) COMP_CWORD=3 COMP_LINE="${COMP_WORDS[*]}" COMP_TYPE=9 COMP_KEY=9
COMP_POINT=${#COMP_LINE}
__start_kubectl
echo "${COMPREPLY[@]}"
"""


def test_bash_completes_a_preset_with_the_line_that_the_page_shows(shell: Shell) -> None:
    line = "source <(kubectl completion bash)\n"
    assert line in (ROOT / "docs" / "kubectl.md").read_text(encoding="utf-8")
    done = shell.run("bash", "-c", line + TAB)
    assert done.out.split() == ["tke"], done.err
