"""What docs/values.md says: how far rewritten values reach in a chart, and how far rewritten manifests."""

import os
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.docs.pages import shell_blocks

from .checkout import copy_checkout
from .conftest import Tool
from .pages import follow
from .shell import ROOT, Shell

PAGE = ROOT / "docs" / "values.md"
OLD, NEW = "quay.io/acme/app:1", "quay.tencentcloudcr.com/acme/app:1"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: app%s}\nspec:\n  containers:\n    - name: app\n      "
CHART = "apiVersion: v2\nname: %s\nversion: 0.1.0\n"


class Row(NamedTuple):
    """A row of the page: what the template of the pod ends with, values, and files of the chart."""

    where: str
    end: str
    values: str
    is_reached: bool
    files: tuple[tuple[str, str], ...] = ()


SPLIT = 'image: "{{ .Values.image.registry }}/{{ .Values.image.repository }}:1"'
SUB = (
    ("charts/sub/Chart.yaml", CHART % "sub"),
    ("charts/sub/values.yaml", "image: {registry: quay.io, repository: acme/app}\n"),
    ("charts/sub/templates/pod.yaml", POD % "-sub" + SPLIT + "\n"),
)
DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: apps.acme.example}
spec:
  group: acme.example
  scope: Namespaced
  names: {kind: App, plural: apps}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: {spec: {type: object, properties: {image: {type: string, default: "quay.io/acme/app:1"}}}}
"""
BARE = "image: mine.tencentcloudcr.com/acme/app:1"
MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata:\n  run.sh: {{ .Files.Get "run.sh" | quote }}\n'
ROWS = (
    Row("`registry` and `repository` in `values.yaml`", SPLIT,
        "image: {registry: quay.io, repository: acme/app}", True),
    Row("a whole address in `values.yaml`", "image: {{ .Values.image }}", f"image: {OLD}", True),
    Row("written in a template", f"image: {OLD}", "", False),
    Row("the host in a template, the repository in `values.yaml`", "image: quay.io/{{ .Values.repository }}:1",
        "repository: acme/app", False),
    Row('a default in a template: `default "quay.io/..."`',
        f'image: {{{{ .Values.image | default "{OLD}" }}}}', "", False),
    Row("a flag or variable in a template", f"{BARE}\n      args: [--worker-image={OLD}]", "", False),
    Row("the `values.yaml` of a sub-chart", BARE, "", False, SUB),
    Row("a file of the chart (`.Files.Get`), such as a script or a dashboard", BARE, "", False,
        (("run.sh", f"docker pull {OLD}\n"), ("templates/map.yaml", MAP))),
    Row("a `default:` in a definition below `crds/`", BARE, "", False, (("crds/apps.yaml", DEFINITION),)),
    Row("a hook or a test, written in its template", BARE, "", False,
        (("templates/hook.yaml", (POD % "-hook").replace("hook}", "hook, annotations: {helm.sh/hook: test}}")
          + f"image: {OLD}\n"),)),
)  # fmt: skip


def rendered(shell: Shell, chart: Path, values: Path) -> str:
    done = shell.run("helm", "template", "app", chart, "--include-crds", "-f", values)
    assert done.status == 0, done.err
    return done.out


@pytest.fixture
def shell(tool: Tool, tmp_path: Path) -> Shell:
    (tmp_path / "helm").symlink_to(tool("helm3"))
    return Shell(tmp_path, str(tmp_path / "helm"), tool("kubectl"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: re.sub(r"\W+", "-", row.where).strip("-"))
def test_values_reach_some_places_and_manifests_all(shell: Shell, tmp_path: Path, row: Row) -> None:
    chart = tmp_path / "app"
    files = {"Chart.yaml": CHART % "app", "values.yaml": f"{row.values}\n", "templates/pod.yaml": POD % "" + row.end}
    for name, text in (files | dict(row.files)).items():
        (chart / name).parent.mkdir(parents=True, exist_ok=True)
        (chart / name).write_text(text)
    before = rendered(shell, chart, chart / "values.yaml")
    assert OLD in before
    # All of the manifests.
    moved = shell.run("kubectl-tcr_rewrite", input=before).out
    assert (OLD in moved, NEW in moved) == (False, True)
    # The values alone.
    (tmp_path / "moved.yaml").write_text(shell.run("kubectl-tcr_rewrite", chart / "values.yaml").out)
    assert (NEW in rendered(shell, chart, tmp_path / "moved.yaml")) == row.is_reached


def test_every_row_of_the_page_is_tried_but_what_no_chart_holds() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("\n|---|---|---|\n")[2].partition("\n\n")[0]
    cells = [re.split(r" ?\| ", row.strip("|"))[:2] for row in text.splitlines()]
    shown = [(where.strip(), reach.startswith("yes")) for where, reach in cells]
    assert shown.pop()[0] == "an image that an operator makes up in its own code"
    assert shown == [(row.where, row.is_reached) for row in ROWS]


def test_the_commands_of_the_page_show_what_it_shows(shell: Shell, tmp_path: Path) -> None:
    clone = copy_checkout(tmp_path / "kubectl-tcr")
    done = follow(shell_blocks(PAGE), clone, os.environ | {"PATH": shell.path})
    assert done.failed.count("\n") == 1, done.said  # the gate
    shown = re.findall(r"^```text\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(shown) == 1
    assert shown[0] in done.said
    assert "quay.io" not in (clone / "mirrored.yaml").read_text().replace("/mirror/quay.io", "")
