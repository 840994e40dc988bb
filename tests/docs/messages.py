"""What the programs can say, read from their source: templates of messages, with `…` for what is filled in."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

PACKAGE = Path(__file__).resolve().parent.parent.parent / "kubectl_tcr"
OPEN = "…"
# How much of it a call goes through to the text that is meant.
DEEPEST = 6

# The status that each of these errors ends a run with; their first argument is what is said.
ERRORS = dict.fromkeys(
    "UsageError InputError RuleError ConfigError NodeError RegistryError OutputError InternalError TcrError "
    "ReadError RefusedError".split(),
    "2",
)
# Which argument of other calls is said, and the status if it is known.
SPOKEN = {name: (0, status) for name, status in ERRORS.items()} | {
    "MessageError": (0, "2"),
    "failed": (0, "2"),
    "GrammarError": (0, ""),
    "NoTokenError": (0, ""),
    "UnansweredError": (0, ""),
    "say": (0, ""),
    "tell": (0, ""),
    "Problem": (1, "1"),
    "Proof": (1, ""),
    "Verdict": (1, ""),
    "Answer": (1, ""),
    "Stays": (1, "0"),
}
# Modules of which every sentence is a part of what is said.
SENTENCES = {
    "cli/check.py",
    "config.py",
    "crds/files.py",
    "crds/learn.py",
    "images/mirrors.py",
    "images/rest.py",
    "images/trusted.py",
    "inventory/summary.py",
    "nodes/containerd/hosts_files.py",
    "nodes/containerd/mirrors_table.py",
    "nodes/findings.py",
    "nodes/online/answers.py",
    "registry/failures.py",
    "registry/inquiry.py",
    "reports/summary.py",
    "run/passed.py",
    "run/sources.py",
}
NOT_SAID = {"annotation", "returns"}
OF_FLAGS = {"help", "metavar", "short_help"}

# What a shell fills in, and what its script says: `say "..."`, or `fail "..."` with status 2, over one or two lines.
FILLED_IN = r"\$\((?:[^()]|\([^()]*\))*\)|\$\{[^}]*\}|\$\w+|@\w+@"
QUOTED = rf'"(?:[^"\\$@]|{FILLED_IN})*"'
SCRIPT = re.compile(rf"\b(?P<verb>say|fail) (?P<text>{QUOTED}(?: \\\n\s*{QUOTED})?)")

Names: TypeAlias = Mapping[str, list[ast.expr]]


def messages() -> dict[str, set[str]]:
    """Every message of every module, and the statuses that are known of it."""
    found: dict[str, set[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        module = Module(path.read_text(encoding="utf-8"), is_all_said=path.relative_to(PACKAGE).as_posix() in SENTENCES)
        for template, status in module.said():
            found.setdefault(template, set()).update({status} - {""})
    for path in sorted((PACKAGE / "nodes" / "templates").glob("*.sh")):
        for template, status in said_by_script(path.read_text(encoding="utf-8")):
            found.setdefault(template, set()).update({status} - {""})
    for place in table(PACKAGE / "kubernetes" / "exclusions.txt"):
        found.setdefault(place[-1], set()).add("0")
    return found


def table(path: Path) -> list[list[str]]:
    """The rows of a table that ships with the package, in cells."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines if line and not line.startswith("#")]


def said_by_script(text: str) -> Iterator[tuple[str, str]]:
    """Each template that a shell script says, and its status."""
    for said in SCRIPT.finditer(text):
        words = re.sub(FILLED_IN, OPEN, re.sub(r'" \\\n\s*"', " ", said["text"]))[1:-1]
        if " " in words:
            yield words, "2" if said["verb"] == "fail" else ""


class Module:
    """A module, and what its names are bound to."""

    def __init__(self, text: str, *, is_all_said: bool = False) -> None:
        self.tree = ast.parse(text)
        self.is_all_said = is_all_said
        self.functions = {node.name: node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)}
        self.constants = bound(self.tree.body)

    def said(self) -> Iterator[tuple[str, str]]:
        """Each template that says something, on one line, and its status."""
        for template, status in self._all():
            words = " ".join(template.split())
            letters = re.sub(r"[\W\d_]", "", words)
            if len(letters) > (6 if status else 8) and " " in words:
                yield words, status

    def _all(self) -> Iterator[tuple[str, str]]:
        called = list(self._called())
        yield from called
        texts = [text for node in sentences(self.tree) for text in self.texts(node)] if self.is_all_said else []
        for text in texts:
            # What is said with more around it, or with more filled in, needs no row of its own.
            pattern = re.compile(re.escape(text.strip()).replace(OPEN, ".+"))
            if len(text.split()) > 2 and not any(pattern.search(one) and text != one for one, _ in called):
                yield text, ""

    def _called(self) -> Iterator[tuple[str, str]]:
        for function in [self.tree, *self.functions.values()]:
            names = bound(walked(function))
            for node in walked(function):
                if isinstance(node, ast.Call):
                    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                    place, status = SPOKEN.get(called, (len(node.args), ""))
                    for text in self.texts(node.args[place], names) if place < len(node.args) else ():
                        yield text, status

    def texts(self, node: ast.expr, names: Names = MappingProxyType({}), depth: int = 0) -> Iterator[str]:
        """The texts that an expression can be; none where that is not known."""
        if depth > DEEPEST:
            return
        match node:
            case ast.Constant(str(value)):
                yield value
            case ast.JoinedStr(parts):
                yield from map("".join, product(*(self._pieces(part, names, depth + 1) for part in parts)))
            case ast.BinOp(one, ast.Add(), other):
                heads = list(self.texts(one, names, depth + 1)) or [OPEN]
                tails = list(self.texts(other, names, depth + 1)) or [OPEN]
                yield from (head + tail for head in heads for tail in tails)
            case _:
                for inner, known in self._inner(node, names):
                    yield from self.texts(inner, known, depth + 1)

    def _pieces(self, part: ast.expr, names: Names, depth: int) -> list[str]:
        """What a part of a formatted text can be: another text under a name, and else anything."""
        if isinstance(part, ast.FormattedValue):
            is_named = isinstance(part.value, ast.Name)
            known = [text for text in self.texts(part.value, names, depth) if text] if is_named else []
            return known if any(" " in text for text in known) else [OPEN]
        return [str(part.value)] if isinstance(part, ast.Constant) else [OPEN]

    def _inner(self, node: ast.expr, names: Names) -> Iterator[tuple[ast.expr, Names]]:
        """What an expression takes its text from, and the names that hold there."""
        match node:
            case ast.IfExp(_, one, other):
                yield from ((one, names), (other, names))
            case ast.BoolOp(_, values):
                yield from ((value, names) for value in values)
            case ast.Name(name):
                yield from ((value, names) for value in names.get(name, []) or self.constants.get(name, []))
            case ast.Call(ast.Name("printable"), [text, *_]):
                yield text, names
            case ast.Call(ast.Name(name)) if name in self.functions:
                function = self.functions[name]
                known = bound(walked(function))
                for found in walked(function):
                    if isinstance(found, ast.Return) and found.value:
                        yield found.value, known


def walked(node: ast.AST) -> Iterator[ast.AST]:
    """What stands in a function or module, without the functions in it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef):
            yield child
            yield from walked(child)


def sentences(node: ast.AST) -> Iterator[ast.expr]:
    """The texts in a module, without docstrings, types, flags and pieces of other texts."""
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if name in NOT_SAID or not isinstance(child, ast.AST):
                continue
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                continue
            if isinstance(child, ast.keyword) and child.arg in OF_FLAGS:
                continue
            if isinstance(child, ast.JoinedStr) or (isinstance(child, ast.Constant) and isinstance(child.value, str)):
                yield child
            else:
                yield from sentences(child)


def bound(nodes: Iterable[ast.AST]) -> dict[str, list[ast.expr]]:
    """The values that names are bound to."""
    found: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return found
