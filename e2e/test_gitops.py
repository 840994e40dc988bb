"""Argo CD's plugin and Flux's CI job, as far as they run without either: their commands, on real builds."""

import re
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ruamel.yaml import YAML

from .conftest import Tool
from .shell import EXAMPLES, ROOT, Done, Shell
from .shop import CHARTS, moved_back

MIRRORED = {
    "quay.io/acme": "quay.tencentcloudcr.com/acme",
    "ghcr.io/acme": "acme.tencentcloudcr.com/acme",
}


def load(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path)


class Application(NamedTuple):
    """A folder with a kustomization, and what is to come out of it."""

    folder: Path
    shell: Shell

    def expected(self) -> str:
        text = self.shell.run("kustomize", "build", self.folder).out
        for host, mirror in MIRRORED.items():
            text = text.replace(host, mirror)
        return text

    def generate(self, mirrors: Path | None = EXAMPLES / "argocd" / "mirrors.yaml") -> Done:
        """What Argo CD runs: command and args in one, in the application's folder, with the sidecar's environment."""
        generate = load(EXAMPLES / "argocd" / "plugin.yaml")["spec"]["generate"]
        env = {"KUBECTL_TCR_CONFIG": str(mirrors)} if mirrors else {}
        return self.shell.run(*generate["command"], *generate["args"], cwd=self.folder, env=env)

    def render(self, mirrors: Path | None = EXAMPLES / "flux" / "mirrors.yaml") -> Done:
        """What the CI job for Flux runs."""
        (step,) = (
            step["run"]
            for step in load(EXAMPLES / "flux" / "github.yml")["jobs"]["publish"]["steps"]
            if "render.sh" in step.get("run", "")
        )
        program, _, out = step.split()
        env = {"KUBECTL_TCR_CONFIG": str(mirrors)} if mirrors else {}
        return self.shell.run(EXAMPLES / "flux" / program, self.folder, out, cwd=self.folder, env=env)

    def break_build(self) -> None:
        (self.folder / "kustomization.yaml").write_text("resources: [missing.yaml]\n", encoding="utf-8")


@pytest.fixture
def application(tool: Tool, tmp_path: Path) -> Application:
    shutil.copytree(EXAMPLES / "kustomize-base", tmp_path / "app")
    return Application(tmp_path / "app", Shell(tmp_path, tool("kustomize")))


# Argo CD.


def test_the_plugin_generates_mirrored_manifests_and_nothing_else(application: Application) -> None:
    assert application.generate() == (0, application.expected(), "")


def test_a_build_that_fails_fails_the_plugin_and_leaves_no_manifests(application: Application) -> None:
    application.break_build()
    done = application.generate()
    assert (done.status != 0, done.out) == (True, "")
    assert "missing.yaml" in done.err


def test_a_foreign_host_fails_the_plugin_and_leaves_no_manifests(application: Application) -> None:
    app = application.folder / "app.yaml"
    app.write_text(app.read_text(encoding="utf-8").replace("ghcr.io", "gcr.io"), encoding="utf-8")
    done = application.generate()
    assert (done.status, done.out) == (1, "")
    assert "gcr.io/acme/cache:7: no mirror for gcr.io" in done.err


def test_a_filter_that_cannot_start_fails_the_plugin_and_leaves_no_manifests(
    application: Application, tmp_path: Path
) -> None:
    done = application.generate(tmp_path / "missing.yaml")
    assert (done.status, done.out) == (2, "")
    assert "named by KUBECTL_TCR_CONFIG" in done.err


def test_without_pipefail_a_failed_build_would_be_an_application_without_resources(application: Application) -> None:
    application.break_build()
    (script,) = load(EXAMPLES / "argocd" / "plugin.yaml")["spec"]["generate"]["args"]
    done = application.shell.run("bash", "-c", script, cwd=application.folder)
    assert (done.status, done.out) == (0, "")


REPO_SERVER = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: argocd-repo-server
spec:
  template:
    spec:
      containers:
        - name: argocd-repo-server
          image: quay.io/argoproj/argocd:v3.1.0
      volumes:
        - {name: var-files, emptyDir: {}}
        - {name: plugins, emptyDir: {}}
"""


# Argo CD and Flux with a chart that has hooks, a sub-chart and definitions.

REST = """\
apiVersion: kubectl-tcr/v1alpha1
kind: MirrorConfig
spec:
  mirrors: [{source: "*", mirror: "acme.example/{host}"}]
"""


class Chart(NamedTuple):
    """A chart in a folder of its own, rules for all of its images, and a shell with Helm."""

    folder: Path
    shell: Shell
    env: dict[str, str]

    def rendered(self, name: str, *flags: str) -> str:
        return self.shell.run("helm", "template", name, self.folder, "--include-crds", *flags).out


@pytest.fixture
def chart(tool: Tool, tmp_path: Path) -> Chart:
    shutil.copytree(CHARTS / "harbour", tmp_path / "harbour")
    (tmp_path / "rest.yaml").write_text(REST, encoding="utf-8")
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "helm").symlink_to(tool("helm3"))
    shell = Shell(tmp_path, tool("kustomize"), str(tmp_path / "programs" / "helm"))
    return Chart(tmp_path / "harbour", shell, {"KUBECTL_TCR_CONFIG": str(tmp_path / "rest.yaml")})


def test_the_plugin_for_charts_generates_what_the_chart_has_on_mirrors(chart: Chart) -> None:
    generate = load(EXAMPLES / "argocd" / "plugin-helm.yaml")["spec"]["generate"]
    env = {**chart.env, "ARGOCD_APP_NAME": "pier", "ARGOCD_APP_NAMESPACE": "north"}
    done = chart.shell.run(*generate["command"], *generate["args"], cwd=chart.folder, env=env)
    assert (done.status, done.err) == (0, "")
    assert moved_back(done.out, "acme.example") == chart.rendered("pier", "--namespace", "north")


def test_a_chart_without_its_sub_chart_fails_the_plugin_and_leaves_no_manifests(chart: Chart) -> None:
    shutil.rmtree(chart.folder / "charts")
    generate = load(EXAMPLES / "argocd" / "plugin-helm.yaml")["spec"]["generate"]
    env = {**chart.env, "ARGOCD_APP_NAME": "pier", "ARGOCD_APP_NAMESPACE": "north"}
    done = chart.shell.run(*generate["command"], *generate["args"], cwd=chart.folder, env=env)
    assert (done.status != 0, done.out) == (True, "")
    assert "missing in charts/ directory: buoys" in done.err


def test_the_job_renders_a_chart_with_all_it_has(chart: Chart, tmp_path: Path) -> None:
    done = chart.shell.run(EXAMPLES / "flux" / "render.sh", chart.folder, tmp_path / "out", env=chart.env)
    assert done.status == 0, done.err
    text = (tmp_path / "out" / "manifests.yaml").read_text(encoding="utf-8")
    assert moved_back(text, "acme.example") == chart.rendered("harbour")


def test_the_image_of_the_sidecar_has_the_programs_that_tests_run() -> None:
    made = (EXAMPLES / "argocd" / "Dockerfile").read_text(encoding="utf-8")
    for name in ("kustomize", "helm3"):
        (module,) = re.findall(
            r"go install (\S+)", (ROOT / "scripts" / "tools" / f"{name}.sh").read_text(encoding="utf-8")
        )
        assert f"go install {module}\n" in made


def test_the_sidecar_stands_beside_the_repo_server_with_its_files(application: Application, tmp_path: Path) -> None:
    argocd = tmp_path / "argocd"
    shutil.copytree(EXAMPLES / "argocd", argocd)
    (argocd / "install.yaml").write_text(REPO_SERVER, encoding="utf-8")
    done = application.shell.run("kustomize", "build", argocd)
    assert done.status == 0, done.err
    files, server = YAML(typ="safe", pure=True).load_all(done.out)
    assert files["data"] == {
        name: (EXAMPLES / "argocd" / name).read_text(encoding="utf-8") for name in ("plugin.yaml", "mirrors.yaml")
    }
    pod = server["spec"]["template"]["spec"]
    assert {container["name"] for container in pod["containers"]} == {"argocd-repo-server", "kustomize-tcr"}
    (sidecar,) = (container for container in pod["containers"] if container["name"] == "kustomize-tcr")
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert {mount["name"] for mount in sidecar["volumeMounts"]} <= volumes.keys()
    assert volumes["tcr-plugin"]["configMap"]["name"] == files["metadata"]["name"]
    paths = {mount["mountPath"] for mount in sidecar["volumeMounts"] if "subPath" in mount}
    assert paths == {"/home/argocd/cmp-server/config/plugin.yaml", sidecar["env"][0]["value"]}


# Flux.


def test_the_job_renders_mirrored_manifests(application: Application) -> None:
    done = application.render()
    assert (done.status, done.out) == (0, ""), done.err
    files = [path.relative_to(application.folder).as_posix() for path in (application.folder / "out").iterdir()]
    assert files == ["out/manifests.yaml"]
    assert (application.folder / "out" / "manifests.yaml").read_text(encoding="utf-8") == application.expected()


def test_rendering_again_replaces_what_is_there(application: Application) -> None:
    out = application.folder / "out" / "manifests.yaml"
    out.parent.mkdir()
    out.write_text("old", encoding="utf-8")
    assert application.render().status == 0
    assert out.read_text(encoding="utf-8") == application.expected()


@pytest.mark.parametrize("failure", ["a failed build", "a foreign host", "a missing configuration"])
def test_a_job_that_fails_renders_nothing_and_keeps_what_is_there(
    application: Application, tmp_path: Path, failure: str
) -> None:
    out = application.folder / "out" / "manifests.yaml"
    out.parent.mkdir()
    out.write_text("old", encoding="utf-8")
    if failure == "a failed build":
        application.break_build()
    mirrors = {"a foreign host": None, "a missing configuration": tmp_path / "missing.yaml"}
    done = application.render(mirrors.get(failure, EXAMPLES / "flux" / "mirrors.yaml"))
    assert done.status != 0
    assert done.err
    assert out.read_text(encoding="utf-8") == "old"
    assert [path.name for path in out.parent.iterdir()] == ["manifests.yaml"]


def test_the_job_renders_before_it_publishes_what_was_rendered() -> None:
    steps = [step.get("run", "") for step in load(EXAMPLES / "flux" / "github.yml")["jobs"]["publish"]["steps"]]
    render, publish = steps[-2:]
    assert render.split()[0] == "./render.sh"
    assert f"--path={render.split()[-1]} " in publish


def test_flux_reads_the_artifact_that_the_job_pushes() -> None:
    artifact = load(EXAMPLES / "flux" / "github.yml")["jobs"]["publish"]["env"]["ARTIFACT"]
    source, _ = YAML(typ="safe", pure=True).load_all(EXAMPLES / "flux" / "sync.yaml")
    assert f"{source['spec']['url']}:{source['spec']['ref']['tag']}" == artifact
