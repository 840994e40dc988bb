"""Shell completion of the plugins: the executables `kubectl_complete-tcr_rewrite` and its like.

kubectl runs one with the words behind the plugin's name, the last of them unfinished or empty, and
hands on what it prints: a candidate a line, behind a tab what it means, and as last line a
directive (kubectl, pkg/cmd/plugin/plugin_completion.go; cobra, completions.go).
"""

import sys
from collections.abc import Sequence
from enum import IntEnum
from importlib import import_module
from typing import NamedTuple

import click
from click.shell_completion import ShellComplete

from kubectl_tcr.files import EXTENSIONS
from kubectl_tcr.statuses import DONE


class Directive(IntEnum):
    """What the shell does with the candidates (cobra's ShellCompDirective)."""

    NO_FILES = 4  # offers them, and no file names
    EXTENSIONS = 8  # offers files with these extensions
    DIRECTORIES = 16  # offers directories


class Answer(NamedTuple):
    """Candidates with their meaning, and what the shell does with them."""

    candidates: tuple[tuple[str, str], ...]
    directive: Directive

    def __str__(self) -> str:
        lines = [f"{word}\t{meaning}" if meaning else word for word, meaning in self.candidates]
        return "\n".join([*lines, f":{self.directive:d}\n"])


def answer(command: click.Command, words: Sequence[str]) -> Answer:
    """What can stand in place of the last word; the command itself knows its flags and their values."""
    *before, unfinished = words or [""]
    items = ShellComplete(command, {}, "", "").get_completions(before, unfinished)
    kinds = {item.type for item in items}
    if "dir" in kinds:
        return Answer((), Directive.DIRECTORIES)
    if "file" in kinds:
        return Answer(tuple((extension.removeprefix("."), "") for extension in EXTENSIONS), Directive.EXTENSIONS)
    found = tuple((str(item.value), " ".join((item.help or "").split())) for item in items)
    return Answer(found, Directive.NO_FILES)


def rewrite() -> int:
    """Answer for `kubectl tcr-rewrite`; the exit status."""
    return _told("command")


def images() -> int:
    """Answer for `kubectl tcr-images`; the exit status."""
    return _told("images")


def nodes() -> int:
    """Answer for `kubectl tcr-nodes`; the exit status."""
    return _told("nodes")


def policy() -> int:
    """Answer for `kubectl tcr-policy`; the exit status."""
    return _told("policy")


def _told(module: str) -> int:
    """Answer for the command of a module, which is the only one to be loaded."""
    command = import_module(f"kubectl_tcr.cli.{module}").command
    sys.stdout.write(str(answer(command, sys.argv[1:])))
    return DONE
