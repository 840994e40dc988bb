"""What a container runtime must offer, and that a row of the table is all that makes it known."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from kubectl_tcr import build
from kubectl_tcr.images.presets import preset
from kubectl_tcr.nodes import runtimes
from kubectl_tcr.nodes.hosts import PLAIN
from kubectl_tcr.nodes.plan import Node
from kubectl_tcr.nodes.runtime import Plan, Runtime, Section, Wanted
from kubectl_tcr.nodes.runtimes import Row
from kubectl_tcr.nodes.script import script
from kubectl_tcr.nodes.template import template

from . import invented
from .conftest import Machine

ROOT = Path(__file__).resolve().parent.parent.parent
TKE = build([preset("tke")])
QUAY = "quay.io https://quay.tencentcloudcr.com\n"
ROWS = pytest.mark.parametrize("row", runtimes.TABLE, ids=lambda row: row.name)
# The row, and then the program as it is installed.
WITH_ROW = """\
from kubectl_tcr.nodes import runtimes
runtimes.TABLE += (runtimes.Row("in-vented", "tests.nodes.invented:RUNTIME", 0, "A file of lines."),)
from kubectl_tcr.cli.main import nodes
nodes()
"""
# Which modules of runtimes a command loads.
LOADED = """\
import sys
from kubectl_tcr.cli import nodes
nodes.main()
known = [row.name for row in nodes.runtimes.TABLE if row.where.partition(":")[0] in sys.modules]
sys.stderr.write(f"\\n{known}")
"""


def python(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    return subprocess.run(
        [sys.executable, "-c", code, *words], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def functions(text: str) -> list[str]:
    return re.findall(r"^(\w+)\(\) ?\{", text, re.MULTILINE)


@ROWS
def test_a_runtime_plans_reports_and_has_a_section_of_the_script(row: Row) -> None:
    runtime = row.load()
    assert isinstance(runtime, Runtime)
    assert all(place.startswith("/") for place in runtime.places)
    plan = runtime.plan(Wanted(Node(), TKE))
    assert isinstance(plan, Plan)
    assert all(change.is_needed for change in plan.changes)
    assert runtime.report(Node(), TKE, None).problems, "a node without files asks no mirror"
    assert isinstance(runtime.section(TKE, PLAIN), Section)
    assert all(isinstance(note, str) for note in runtime.notes(Wanted(Node(), TKE)))


@ROWS
def test_its_section_has_a_function_that_finds_it_and_one_that_sets_its_mirrors(row: Row) -> None:
    section = row.load().section(TKE, PLAIN)
    assert {f"{row.function}_is_there", f"{row.function}_node"} <= set(functions(section.template))
    assert set(re.findall(r"@([A-Z_]+)@", section.template)) == set(section.values)


@ROWS
def test_it_is_a_command_a_choice_of_check_and_a_case_of_the_script(node: Machine, row: Row) -> None:
    assert f"  {row.name:10}  {row.summary or row.help}\n" in node.nodes("-h").out.decode()
    assert row.help in " ".join(node.nodes(row.name, "-h").out.decode().split())
    assert node.nodes("check", "--root", "ROOT", "--runtime", row.name, "--preset", "tke").status == 1
    assert f"\n    {row.name}) {row.function}_node ;;\n" in script(TKE)


def test_no_two_rows_share_a_name_a_rank_or_a_function() -> None:
    for names in (
        [row.name for row in runtimes.TABLE],
        [row.rank for row in runtimes.TABLE],
        [row.function for row in runtimes.TABLE],
    ):
        assert len(set(names)) == len(names)


def test_no_shell_function_is_defined_twice() -> None:
    sections = {row.load().section(TKE, PLAIN).template for row in runtimes.TABLE}
    defined = Counter(name for text in (template("node.sh"), *sections) for name in functions(text))
    assert [name for name, times in defined.items() if times > 1] == []


@pytest.mark.parametrize(
    ("words", "loaded"),
    [
        (["-h"], []),
        (["check", "-h"], []),
        (["containerd"], ["containerd"]),
        (["docker", "--preset", "tke"], ["docker"]),
        (["cri-o"], ["cri-o"]),
        (["k3s"], ["k3s", "rke2"]),
    ],
    ids=" ".join,
)
def test_a_command_loads_the_module_of_its_own_runtime_alone(words: list[str], loaded: list[str]) -> None:
    assert python(LOADED, *words).stderr.splitlines()[-1] == str(loaded)


def test_a_new_row_is_a_command_with_its_flags(node: Machine) -> None:
    assert re.search(r"^  in-vented +A file of lines\.$", python(WITH_ROW, "-h").stdout, re.MULTILINE)
    assert "A first line." in python(WITH_ROW, "in-vented", "-h").stdout
    assert python(WITH_ROW, "in-vented").stdout == QUAY
    done = python(WITH_ROW, "in-vented", "--root", str(node.root), "--write", "--title", "#\n")
    assert (done.returncode, node.files()) == (0, {invented.FILE: "#\n" + QUAY})
    assert done.stderr.splitlines() == [f"tcr-nodes: added {invented.FILE}", "tcr-nodes: then: in-vented reload"]


def test_a_new_row_is_known_to_check(node: Machine) -> None:
    node.put(invented.FILE, QUAY)
    words = ["check", "--root", str(node.root)]
    for more in ([], ["--runtime", "in-vented"]):
        done = python(WITH_ROW, *words, *more)
        says = f"  quay.io: https://quay.tencentcloudcr.com, then itself ({invented.FILE})"
        assert (done.returncode, done.stdout.splitlines()) == (0, ["in-vented", says, "  nothing is wrong"])
    node.put(invented.FILE, "")
    assert "quay.io is asked itself" in python(WITH_ROW, *words).stdout


@pytest.mark.skipif(shutil.which("sh") is None, reason="needs a POSIX shell")
@pytest.mark.parametrize("more", [[], ["--compact"]], ids=["script", "compact"])
def test_a_new_row_is_found_and_set_by_the_script(node: Machine, more: list[str]) -> None:
    node.put("/etc/in-vented/config", "")
    text = python(WITH_ROW, "script", *more).stdout
    assert more or f"{', '.join(runtimes.names())} or in-vented" in text
    environment = {"PATH": os.environ["PATH"], "TCR_ROOT": str(node.root), "TCR_RESTART": "true"}
    done = subprocess.run(["sh", "-s"], input=text, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, node.get(invented.FILE)) == (0, "", QUAY)
