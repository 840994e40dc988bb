"""The shell script that sets mirrors on a node: a template with the section of every runtime in it."""

import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import kubectl_tcr
from kubectl_tcr.errors import RuleError
from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.images.reference import GrammarError, parse
from kubectl_tcr.nodes import runtimes
from kubectl_tcr.nodes.hosts import PLAIN, Ways
from kubectl_tcr.nodes.shell import needed
from kubectl_tcr.nodes.template import filled, template

_PLAIN = re.compile(r"[\w./:@-]++", re.ASCII)
# What a template can do without: comments, indents, empty lines. What is filled in may have them too, and keeps them.
_SPARE = re.compile(r"^[ \t]*+(?:#(?!!).*+)?\n|^[ \t]++|[ \t]++# [\w ,.;:'*-]++$", re.MULTILINE)
# A line that only some scripts need ends in a mark that says which.
_MARKED = re.compile(
    r"^(.*) # (where alone|where authorities|not where small|to prove|without a proof|to go back)\n", re.MULTILINE
)
# Long, as each end of a line counts where all is limited to 16 KB.
_WIDTH = 4000


class Defaults(NamedTuple):
    """What the script does unless its environment says otherwise: the images to prove, whether to migrate a table.

    Or whether to put back what was there before its first run.
    """

    proof: tuple[str, ...] = ()
    is_migration: bool = False
    is_undo: bool = False


def script(
    rules: Rules,
    ways: Ways = PLAIN,
    defaults: Defaults = Defaults(),  # noqa: B008
    *,
    runtime: str = "",
    is_bare: bool = False,
) -> str:
    """A POSIX sh script for TKE's custom data and any other node, a bare one without comments and indents.

    It is for the runtime that it finds, or for one, by its name in the table, and has no part of others then. A bare
    one proves nothing but what it is made to prove. What is put into it are domains, paths and references that their
    grammar allows: nothing a shell could take for its own. Raises RuleError.
    """
    rows = [row for row in runtimes.TABLE if runtime in ("", row.name)]
    # K3s and RKE2 have one section for both.
    is_provable = bool(defaults.proof) or not is_bare
    is_reversible = defaults.is_undo or not is_bare
    makers = dict.fromkeys(row.load().section for row in rows)
    sections = (make(rules, ways) for make in makers)
    parts = list(sections)
    code = {
        "SECTIONS": "\n".join(one.template for one in parts),
        "RESULT": "" if is_bare else template("result.sh"),
        "BACK": template("undo.sh") if is_reversible else "",
        "FIND": f"    echo {runtime}" if runtime else "\n".join(_finders()),
        "SET": "\n".join(f"    {row.name}) {row.function}_node ;;" for row in rows),
        "AGAIN": "\n".join(f"    {row.name}) {row.function}_again ;;" for row in rows),
    }
    values = {
        "VERSION": kubectl_tcr.__version__,
        "PROOF": f"'{' '.join(_full(image, rules) for image in defaults.proof)}'",
        "ALONE": ways.alone,
        "UNDO": "yes" if defaults.is_undo else "",
        "CA": "yes" if ways.ca else "",
        "MIGRATE": "yes" if defaults.is_migration else "",
        "SOURCES": " ".join(rule.source for rule in rules.rules),
        "RULES": " ".join(map(str, rules.rules)),
        "NAMES": _listed([row.name for row in rows]),
        "DEFAULT": "that one" if runtime else "the one that is found",
        **{name: value for one in parts for name, value in one.values.items()},
    }
    needs = {
        "where alone": ways.no_fallback,
        "where authorities": bool(ways.ca),
        "not where small": not is_bare,  # what is for programs to read, or for a node that had a run before
        "to prove": is_provable,
        "without a proof": not is_provable,
        "to go back": is_reversible,
    }
    text = _MARKED.sub(lambda found: f"{found[1]}\n" if needs[found[2]] else "", filled(template("node.sh"), code))
    text = needed(text, {f"{row.function}_prove" for row in rows} if is_provable else ())
    return filled(_SPARE.sub("", text) if is_bare else text, values)


def _full(image: str, rules: Rules) -> str:
    """A reference by its full name, whose host has a rule; raises RuleError."""
    try:
        reference = parse(image)
    except GrammarError as error:
        raise RuleError(f'"{image}" is no image reference: {error}') from None
    sources = [rule.source for rule in rules.rules]
    if reference.domain not in sources:
        raise RuleError(f"--proof {image} is of no host with a mirror; there are: {', '.join(sources)}")
    version = f":{reference.tag}" if reference.tag else ""
    version += f"@{reference.digest}" if reference.digest else ""
    full = f"{reference.domain}/{reference.path}{version or ':latest'}"
    if not _PLAIN.fullmatch(full):  # a placeholder
        raise RuleError(f'"{image}" is no image that can be pulled')
    return full


def packed(text: str) -> str:
    """A script as one that unpacks and runs it, for custom data that is limited in size."""
    return filled(template("packed.sh"), {"VERSION": kubectl_tcr.__version__, "PACKED": _in_base64(text)})


def cloud_config(text: str, *, is_packed: bool = False) -> str:
    """A script as user data in the form of cloud-init, which writes it to a file and runs that."""
    content = _in_base64(text) if is_packed else text
    encoding = "gz+b64" if is_packed else "text/plain"
    values = {"VERSION": kubectl_tcr.__version__, "ENCODING": encoding}
    made = filled(template("cloud-config.yaml"), values)
    return made.replace("@CONTENT@\n", textwrap.indent(content.rstrip("\n") + "\n", " " * 6))


def _in_base64(text: str) -> str:
    """A packed text in lines: the same bytes every time."""
    import base64
    import gzip

    return "\n".join(textwrap.wrap(base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode(), _WIDTH))


def _finders() -> Iterator[str]:
    """Shell that tells a runtime: by the socket that the kubelet uses, else the first that is there, by their ranks."""
    rows = sorted(runtimes.TABLE, key=lambda row: row.rank)
    yield "    told=$(kubelet_socket)"
    yield "    case $told in"
    yield "    '') ;;"
    for row in rows:
        if row.sockets:
            yield f"    {' | '.join(row.sockets)}) echo {row.name}:used && return ;;"
    yield "    *) none_known ;;"
    yield "    esac"
    for row in rows:
        yield f"    if {row.function}_is_there; then echo {row.name}:here && return; fi"
    yield "    none_found"


def _listed(names: Iterable[str]) -> str:
    """Names in a sentence.

    >>> _listed(["k3s", "rke2", "docker"])
    'k3s, rke2 or docker'
    >>> _listed(["k3s"])
    'k3s'
    """
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last
