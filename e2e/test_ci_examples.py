"""The action, its workflows and the GitLab job: valid by their schemas, and their scripts run in a shell.

Neither GitHub nor GitLab is here. A script gets the shell, the options, the variables and the
folder that its runner would give it.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ruamel.yaml import YAML

from .checkout import ROOT, clean_environment, copy_checkout
from .conftest import Tool
from .shop import CHARTS, moved_back

ACTION = ROOT / "action.yml"
GITLAB = ROOT / "examples" / "gitlab-ci.yml"
WORKFLOWS = sorted((ROOT / "examples" / "github-actions").glob("*.yml"))
PROJECT_WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - image: HOST/a/b:1\n"
FOREIGN = POD.replace("HOST", "quay.io")
MIRRORED = POD.replace("HOST", "quay.tencentcloudcr.com")
ANNOTATION = "::error file=deploy/pod.yaml,line=6,col=14,title="


def load(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path)


# Schemas.


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("vendor.github-actions", ACTION),
        ("vendor.gitlab-ci", GITLAB),
        *(("vendor.github-workflows", path) for path in [*WORKFLOWS, *PROJECT_WORKFLOWS]),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)
def test_it_is_valid_by_the_published_schema(tool: Tool, schema: str, path: Path) -> None:
    done = subprocess.run(
        [tool("check-jsonschema"), "--builtin-schema", schema, path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


# The action.


class Runner(NamedTuple):
    """A job on a runner that has checked out a repository."""

    workspace: Path
    temp: Path

    def write(self, name: str, text: str) -> None:
        path = self.workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def step(self, script: str, **environment: str) -> tuple[int, str]:
        """Run a step with `shell: bash`: status, and what it prints on either stream."""
        file = self.temp / "step.sh"
        file.write_text(script, encoding="utf-8")
        installed = self.temp / "path"
        added = installed.read_text(encoding="utf-8").split() if installed.exists() else []
        variables = {
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_PATH": str(installed),
            "RUNNER_TEMP": str(self.temp),
            "PATH": os.pathsep.join([*reversed(added), os.environ["PATH"]]),
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", file],
            cwd=self.workspace,
            env=clean_environment() | variables | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def check(self, paths: str, args: str = "") -> tuple[int, str]:
        """Run the action's last step as with these inputs."""
        step = load(ACTION)["runs"]["steps"][-1]
        inputs = {"${{ inputs.paths }}": paths, "${{ inputs.args }}": args}
        return self.step(step["run"], **{name: inputs[value] for name, value in step["env"].items()})


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runner's temporary folder in which the action's first step has run."""
    runner = Runner(tmp_path_factory.mktemp("workspace"), tmp_path_factory.mktemp("temp"))
    checkout = copy_checkout(tmp_path_factory.mktemp("action") / "kubectl-tcr")
    status, said = runner.step(load(ACTION)["runs"]["steps"][0]["run"], GITHUB_ACTION_PATH=str(checkout))
    assert status == 0, said
    return runner.temp


@pytest.fixture
def runner(tmp_path: Path, installed: Path) -> Runner:
    return Runner(tmp_path, installed)


def test_no_input_is_put_into_a_script() -> None:
    assert [step["name"] for step in load(ACTION)["runs"]["steps"] if "${{" in step["run"]] == []


def test_the_action_leaves_the_tool_to_later_steps_and_python_as_it_was(runner: Runner, tool: Tool) -> None:
    search = os.pathsep.join([str(Path(tool("kubectl")).parent), "$PATH"])
    status, said = runner.step(f'PATH="{search}"; kubectl tcr-rewrite --version; command -v python3 pip')
    assert (status, said.splitlines()[0].split()[:2]) == (0, ["kubectl", "tcr-rewrite"])
    assert str(runner.temp) not in said


def test_the_action_passes_what_is_mirrored(runner: Runner) -> None:
    runner.write("deploy/pod.yaml", MIRRORED)
    status, said = runner.check("deploy\n")
    assert (status, "::" in said) == (0, False)


def test_the_action_annotates_what_is_not_mirrored(runner: Runner) -> None:
    runner.write("deploy/pod.yaml", FOREIGN)
    runner.write("more of it/pod.yaml", FOREIGN)
    runner.write("not asked for/pod.yaml", FOREIGN)
    status, said = runner.check("deploy\n\nmore of it/pod.yaml\n")
    assert status == 1
    assert ANNOTATION in said
    assert "::error file=more of it/pod.yaml,line=6," in said
    assert "not asked for" not in said


def test_the_action_takes_flags_by_the_line(runner: Runner) -> None:
    runner.write("deploy/pod.yaml", POD.replace("HOST", "ghcr.io"))
    assert runner.check("deploy")[0] == 0
    assert runner.check("deploy", "--unmapped=fail")[0] == 1
    status, said = runner.check("deploy", "--mirror=ghcr.io=mine.example\n--report-format=sarif\n--report=out.sarif\n")
    assert (status, "::" in said) == (1, False)
    assert len(json.loads((runner.workspace / "out.sarif").read_text())["runs"][0]["results"]) == 1


def test_the_inputs_of_the_action_are_words_not_code(runner: Runner) -> None:
    runner.write("deploy/pod.yaml", MIRRORED)
    status, said = runner.check("deploy\n$(touch pwned)\n`touch pwned`;touch pwned\n-h\n")
    assert status == 2
    assert "$(touch pwned)" in said
    assert not (runner.workspace / "pwned").exists()


def test_the_action_fails_on_a_helm_template(runner: Runner) -> None:
    runner.write("deploy/pod.yaml", "image: {{ .Values.image }}/a/b:1\n")
    status, said = runner.check("deploy")
    assert status == 2
    assert "::error file=deploy/pod.yaml,line=1," in said


def test_the_workflows_use_inputs_that_the_action_has(runner: Runner) -> None:
    """And what they ask for runs."""
    runner.write("deploy/pod.yaml", FOREIGN)
    runner.write("clusters/prod/pod.yaml", MIRRORED)
    steps = [step for path in WORKFLOWS for job in load(path)["jobs"].values() for step in job["steps"]]
    ours = [step["with"] for step in steps if step.get("uses", "").startswith("OWNER/kubectl-tcr@")]
    assert len(ours) == 2
    for inputs in ours:
        assert set(inputs) <= set(load(ACTION)["inputs"])
        assert runner.check(inputs["paths"], inputs["args"])[0] == 1
    uploads = [step["with"]["sarif_file"] for step in steps if "upload-sarif" in step.get("uses", "")]
    assert [(runner.workspace / name).is_file() for name in uploads] == [True]


# Scripts that call the tool themselves.


@pytest.fixture
def on_path(tool: Tool) -> Callable[..., tuple[int, str]]:
    """Runs a script in a folder with pip, the tool and Helm on the PATH."""

    def run(script: str, folder: Path, **environment: str) -> tuple[int, str]:
        links = folder / ".bin"
        links.mkdir()
        (links / "helm").symlink_to(tool("helm3"))
        path = os.pathsep.join([str(Path(sys.executable).parent), str(links), os.environ["PATH"]])
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=folder,
            env=clean_environment() | {"PATH": path} | environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return run


Shell = Callable[..., tuple[int, str]]


def test_the_gitlab_job_writes_its_artifact_and_fails(tmp_path: Path, on_path: Shell) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "pod.yaml").write_text(FOREIGN)
    job = load(GITLAB)["tcr-rewrite"]
    status, said = on_path("\n".join(job["script"]), tmp_path, CI_PROJECT_DIR=str(tmp_path), **job["variables"])
    assert status == 1, said
    (issue,) = json.loads((tmp_path / job["artifacts"]["reports"]["codequality"]).read_text())
    assert issue["location"] == {"path": "deploy/pod.yaml", "lines": {"begin": 6}}


def rendered_by_the_workflow(folder: Path, on_path: Shell, **environment: str) -> tuple[int, str]:
    """Run the job that renders `charts/shop` in a folder."""
    job = load(ROOT / "examples" / "github-actions" / "chart.yml")["jobs"]["render"]
    assert job["defaults"]["run"]["shell"] == "bash"
    return on_path("\n".join(step["run"] for step in job["steps"] if "run" in step), folder, **environment)


def test_the_chart_workflow_moves_hooks_sub_charts_and_definitions(tmp_path: Path, on_path: Shell) -> None:
    shutil.copytree(CHARTS / "harbour", tmp_path / "charts" / "shop")
    rest = {"KUBECTL_TCR_MIRRORS": "*=acme.example/{host}"}
    status, said = rendered_by_the_workflow(tmp_path, on_path, **rest)
    assert status == 0, said
    moved, rendered = ((tmp_path / name).read_text() for name in ("mirrored.yaml", "rendered.yaml"))
    assert moved_back(moved, "acme.example") == rendered


@pytest.mark.parametrize(("host", "status"), [("quay.io", 0), ("ghcr.io", 1)])
def test_the_chart_workflow_writes_mirrored_manifests(tmp_path: Path, on_path: Shell, host: str, status: int) -> None:
    chart = tmp_path / "charts" / "shop"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 0.1.0\n")
    (chart / "templates" / "pod.yaml").write_text(POD.replace("HOST", host))
    found, said = rendered_by_the_workflow(tmp_path, on_path)
    assert found == status, said
    expected = f"---\n# Source: shop/templates/pod.yaml\n{MIRRORED}" if status == 0 else ""
    assert (tmp_path / "mirrored.yaml").read_text() == expected
