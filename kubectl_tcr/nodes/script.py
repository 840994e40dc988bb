"""The shell script that sets mirrors on a node: a template with the section of every runtime in it."""

import re
from collections.abc import Collection, Iterable, Iterator

import kubectl_tcr
from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.nodes import runtimes
from kubectl_tcr.nodes.runtime import Section
from kubectl_tcr.nodes.template import filled, template

# A line that holds a comment only. The templates' own: the texts that are put into them have such lines too.
_COMMENT = re.compile(r"^ *#(?!!).*\n(?:\n)?", re.MULTILINE)
_FIRST_LINES = 2  # the interpreter, and who wrote it


def script(rules: Rules, plain_http: Collection[str] = (), *, compact: bool = False) -> str:
    """A POSIX sh script for TKE's custom data and any other node.

    What is put into it are domains and paths that the grammar of references allows: nothing a
    shell could take for its own. `compact` leaves the comments out, for custom data that is limited
    to 16 KB. Raises RuleError.
    """
    # K3s and RKE2 have one section for both.
    makers = dict.fromkeys(row.load().section for row in runtimes.TABLE)
    sections = [make(rules, plain_http) for make in makers]
    head, common = _head_and_rest(template("node.sh"))
    if compact:
        common = _COMMENT.sub("", common)
        sections = [Section(_COMMENT.sub("", one.template), one.values) for one in sections]
    values = {
        "VERSION": kubectl_tcr.__version__,
        "NAMES": _listed(runtimes.names()),
        "FIND": "\n".join(_finders()),
        "SET": "\n".join(f"    {row.name}) {row.function}_node ;;" for row in runtimes.TABLE),
        "SECTIONS": "\n".join(filled(one.template, one.values) for one in sections),
    }
    return filled(head + common, values)


def _head_and_rest(text: str) -> tuple[str, str]:
    lines = text.splitlines(keepends=True)
    return "".join(lines[:_FIRST_LINES]), "".join(lines[_FIRST_LINES:])


def _finders() -> Iterator[str]:
    """A line of shell for each runtime, the one that goes before others first."""
    for row in sorted(runtimes.TABLE, key=lambda row: row.rank):
        yield f"    if {row.function}_is_there; then echo {row.name} && return; fi"


def _listed(names: Iterable[str]) -> str:
    """Names in a sentence.

    >>> _listed(["k3s", "rke2", "docker"])
    'k3s, rke2 or docker'
    """
    *most, last = names
    return f"{', '.join(most)} or {last}"
