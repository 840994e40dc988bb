"""The shell script that sets mirrors on a node: a template with the files of every runtime in it."""

import re
from collections.abc import Collection
from importlib import resources

import kubectl_tcr
from kubectl_tcr.errors import RuleError
from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.nodes import containerd, crio, docker, k3s
from kubectl_tcr.nodes.hosts import hosts


def template(name: str) -> str:
    """The text of a template that ships with the package."""
    return resources.files(kubectl_tcr).joinpath("nodes", "templates", name).read_text(encoding="utf-8")


# A line that holds a comment only. The template's own: the texts that are put into it have such lines too.
_COMMENT = re.compile(r"^ *#(?!!).*\n(?:\n)?", re.MULTILINE)
_FIRST_LINES = 2  # the interpreter, and who wrote it


def script(rules: Rules, plain_http: Collection[str] = (), *, compact: bool = False) -> str:
    """A POSIX sh script for TKE's custom data and any other node.

    What is put into it are domains and paths that the grammar of references allows: nothing a
    shell could take for its own. `compact` leaves the comments out, for custom data that is limited
    to 16 KB. Raises RuleError.
    """
    found = hosts(rules, plain_http)
    rows = (f"{h.source}|{containerd.folder(h.source)}|{h.server}|{h.endpoint}|{_yes(h.prefix)}" for h in found)
    try:
        daemon_json = docker.merge("", docker.mirror(rules, plain_http).root)
    except RuleError:
        daemon_json = ""
    registries_yaml = ""
    for one in reversed(found):
        registries_yaml = k3s.merge(registries_yaml, one, "registries.yaml")
    values = {
        "VERSION": kubectl_tcr.__version__,
        "HEAD": containerd.HEAD,
        "MIRRORS": "\n".join(rows),
        "REGISTRIES_CONF": crio.drop_in(rules, plain_http),
        "REGISTRIES_YAML": registries_yaml,
        "DAEMON_JSON": daemon_json,
    }
    text = _without_comments(template("node.sh")) if compact else template("node.sh")
    for name, value in values.items():
        text = text.replace(f"@{name}@", value.rstrip("\n"))
    return text


def _without_comments(text: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(lines[:_FIRST_LINES]) + _COMMENT.sub("", "".join(lines[_FIRST_LINES:]))


def _yes(value: str) -> str:
    return "yes" if value else "no"
