"""The house: folders are layers, imports point downwards, and no module imports itself by way of others.

docs/architecture.md draws the same table.
"""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "kubectl_tcr"
PAGE = PACKAGE.parent / "docs" / "architecture.md"
# From the ground up: a module imports from its own layer and from those above it in this list.
LAYERS = [
    {"", "errors", "signals", "statuses"},
    {"text", "files"},
    {"readers"},
    {"images"},
    {"kubernetes"},
    {"crds", "registry"},
    {"settings"},
    {"config", "find"},
    {"pipeline"},
    {"reports"},
    {"run", "nodes", "policy"},
    {"inventory"},
    {"cli"},
]
LEVELS = {name: level for level, names in enumerate(LAYERS) for name in names}
MODULES = {
    path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", "."): path for path in PACKAGE.rglob("*.py")
}


def name_of(dotted: str) -> str:
    return dotted.removesuffix("__init__").rstrip(".")


def layer(module: str) -> str:
    return module.partition(".")[0]


def imports(tree: ast.AST) -> Iterator[str]:
    """The modules of the package that are imported anywhere in a tree, functions included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the package"
            for name in node.names:
                inner = f"{node.module}.{name.name}".removeprefix("kubectl_tcr.")
                yield f"kubectl_tcr.{inner}" if inner in MODULES else str(node.module)


def imported(path: Path) -> set[str]:
    found = imports(ast.parse(path.read_text(encoding="utf-8")))
    return {name.removeprefix("kubectl_tcr").removeprefix(".") for name in found if name.split(".")[0] == "kubectl_tcr"}


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_downwards(module: str) -> None:
    name = name_of(module)
    if not name:
        return  # the public names come from everywhere
    here = layer(name)
    wrong = [other for other in imported(MODULES[module]) if layer(other) != here]
    assert [other for other in wrong if LEVELS[layer(other)] >= LEVELS[here]] == []


def test_no_module_comes_back_to_itself() -> None:
    graph = {name_of(module): imported(path) - {""} for module, path in MODULES.items() if name_of(module)}
    list(TopologicalSorter(graph).static_order())


def test_tcr_rewrite_reaches_nothing_that_asks_the_network() -> None:
    graph = {name_of(module): imported(path) for module, path in MODULES.items()}
    reached, left = set[str](), ["cli.rewrite", "cli.outcome"]
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            left += graph[name]
    assert {layer(name) for name in reached} >= {"cli", "run", "pipeline"}
    assert {layer(name) for name in reached} & {"registry"} == set()


def test_every_folder_says_what_it_is_in_one_sentence() -> None:
    for path in PACKAGE.rglob("__init__.py"):
        first = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0]
        assert first.endswith("."), path


def test_few_modules_stand_in_the_root() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= 9


def test_the_page_draws_the_layers() -> None:
    page = PAGE.read_text(encoding="utf-8")
    drawn = [
        line.split()[0].strip("/`") for line in page.partition("```text")[2].partition("```")[0].splitlines() if line
    ]
    order = [name for name in drawn if name in LEVELS]
    assert set(order) == set(LEVELS) - {""}
    assert [LEVELS[name] for name in order] == sorted((LEVELS[name] for name in order), reverse=True)
