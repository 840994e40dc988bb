"""Kustomize: the exec function and the exec plugin of the examples, and the pipe, with the real programs."""

import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ruamel.yaml import YAML

from .conftest import Tool
from .shell import EXAMPLES, Done, Shell
from .shop import CHARTS, moved_back

WITH_FUNCTIONS = ("--enable-alpha-plugins", "--enable-exec")
WITH_PLUGINS = ("--enable-alpha-plugins",)

BASE = ["quay.io/acme/sidecar:1.2", "quay.io/acme/shop:3.0", "ghcr.io/acme/cache:7"]
MIRRORED = [
    "quay.tencentcloudcr.com/acme/sidecar:1.2",
    "quay.tencentcloudcr.com/acme/shop:3.1",
    "acme.tencentcloudcr.com/acme/cache:7",
]
SUMMARY = (
    "tcr-rewrite: 3 references rewritten in 1 of 1 document (1 resource changed in lists)\n"
    "tcr-rewrite: quay.io moves too, by the default preset; --preset none leaves it\n"
)
MIRRORS = {"quay.io/acme": "quay.tencentcloudcr.com/acme", "ghcr.io/acme": "acme.tencentcloudcr.com/acme"}


def images(stream: str) -> list[str]:
    """The references in the example's Deployment, in the order of Kustomize's output."""
    pod = YAML(typ="safe", pure=True).load(stream)["spec"]["template"]["spec"]
    shop, cache = pod["containers"]
    return [shop["args"][0].partition("=")[2], shop["image"], cache["image"]]


class Examples(NamedTuple):
    """A copy of the examples to build in."""

    folder: Path
    shell: Shell

    def kustomize(self, name: str, *flags: str) -> Done:
        return self.shell.run("kustomize", "build", *flags, self.folder / name)

    def kubectl(self, name: str, *flags: str) -> Done:
        return self.shell.run("kubectl", "kustomize", *flags, self.folder / name)

    def change(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def add(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def install_plugin(self) -> None:
        assert self.shell.run("sh", self.folder / "kustomize-plugin" / "install.sh") == (0, "", "")


@pytest.fixture
def examples(tool: Tool, tmp_path: Path) -> Examples:
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    return Examples(tmp_path / "examples", Shell(tmp_path, tool("kustomize"), tool("kubectl")))


# The exec function.


def test_a_function_rewrites_what_kustomize_builds(examples: Examples) -> None:
    done = examples.kustomize("kustomize-function", *WITH_FUNCTIONS)
    assert (done.status, done.err) == (0, SUMMARY)
    assert images(done.out) == MIRRORED


def test_a_function_changes_nothing_but_the_images(examples: Examples) -> None:
    done = examples.kustomize("kustomize-function", *WITH_FUNCTIONS)
    examples.change("kustomize-function/kustomization.yaml", "transformers:\n  - mirrors.yaml\n", "")
    expected = examples.kustomize("kustomize-function").out
    for host, mirror in MIRRORS.items():
        expected = expected.replace(host, mirror)
    assert done.out == expected


def test_a_config_map_configures_the_function(examples: Examples) -> None:
    done = examples.kustomize("kustomize-function-configmap", *WITH_FUNCTIONS)
    assert (done.status, done.err) == (0, "")
    assert images(done.out) == [BASE[0], "quay.tencentcloudcr.com/acme/shop:3.0", MIRRORED[2]]


def test_flags_of_the_function_win(examples: Examples) -> None:
    examples.change(
        "kustomize-function-configmap/mirrors.yaml",
        "args: [--quiet]",
        "args: [--quiet, --mirror, ghcr.io/acme=flag.example.com/acme]",
    )
    done = examples.kustomize("kustomize-function-configmap", *WITH_FUNCTIONS)
    assert images(done.out)[2] == "flag.example.com/acme/cache:7"


FAILURES = {
    "a foreign host": ("  unmapped: fail\n", "  preset: none\n  unmapped: fail\n", "no mirror for quay.io"),
    "an unknown kind": (
        "kind: MirrorConfig",
        "kind: Mirror",
        "functionConfig: is of kind Mirror (kubectl-tcr/v1alpha1)",
    ),
    "another version": ("v1alpha1", "v2", "functionConfig: apiVersion must be kubectl-tcr/v1alpha1"),
    "a wrong rule": ("source: ghcr.io/acme", "source: https://ghcr.io", "of a rule has a scheme"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_function_that_fails_fails_the_build_and_says_why(examples: Examples, name: str) -> None:
    old, new, message = FAILURES[name]
    examples.change("kustomize-function/mirrors.yaml", old, new)
    done = examples.kustomize("kustomize-function", *WITH_FUNCTIONS)
    assert (done.status, done.out) == (1, "")
    assert message in done.err


def test_an_empty_kustomization_stays_empty(examples: Examples) -> None:
    examples.change("kustomize-function/kustomization.yaml", "resources:\n  - ../kustomize-base\n", "")
    done = examples.kustomize("kustomize-function", *WITH_FUNCTIONS)
    assert (done.status, done.out) == (0, "")


def test_results_come_with_field_and_file(examples: Examples, tmp_path: Path) -> None:
    """`kustomize fn run` edits files through a function and keeps its results."""
    app, functions, results = tmp_path / "app", tmp_path / "functions", tmp_path / "results"
    for folder in (app, functions, results):
        folder.mkdir()
    shutil.copy(EXAMPLES / "kustomize-base" / "app.yaml", app)
    shutil.copy(EXAMPLES / "kustomize-function" / "mirrors.yaml", functions)
    flags = ["--enable-exec", "--fn-path", functions, "--results-dir", results]
    done = examples.shell.run("kustomize", "fn", "run", app, *flags)
    assert done.status == 0, done.err
    (file,) = results.iterdir()
    rows: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(file)
    assert [(row["severity"], row["field"]["currentValue"], row["file"]) for row in rows] == [
        ("info", BASE[1], {"path": "app.yaml", "index": 0}),
        ("info", BASE[0], {"path": "app.yaml", "index": 0}),
        ("info", BASE[2], {"path": "app.yaml", "index": 0}),
    ]
    assert rows[1]["field"]["path"] == "spec.template.spec.containers[0].args[0]"
    assert [row["field"]["proposedValue"] for row in rows[1:]] == [MIRRORED[0], MIRRORED[2]]
    assert images((app / "app.yaml").read_text(encoding="utf-8"))[2] == MIRRORED[2]


# With images: in a Kustomization.

OVERLAY = "resources: [../kustomize-function]\nimages: [{name: %s, newTag: '4.0'}]\n"


def test_images_of_the_same_kustomization_come_first(examples: Examples) -> None:
    done = examples.kustomize("kustomize-function", *WITH_FUNCTIONS)
    assert images(done.out)[1] == "quay.tencentcloudcr.com/acme/shop:3.1"


def test_images_of_an_outer_kustomization_match_the_old_name_no_more(examples: Examples) -> None:
    examples.add("overlay/kustomization.yaml", OVERLAY % "quay.io/acme/shop")
    done = examples.kustomize("overlay", *WITH_FUNCTIONS)
    assert done.status == 0
    assert images(done.out)[1] == "quay.tencentcloudcr.com/acme/shop:3.1"


def test_images_of_an_outer_kustomization_match_the_mirror(examples: Examples) -> None:
    examples.add("overlay/kustomization.yaml", OVERLAY % "quay.tencentcloudcr.com/acme/shop")
    done = examples.kustomize("overlay", *WITH_FUNCTIONS)
    assert images(done.out)[1] == "quay.tencentcloudcr.com/acme/shop:4.0"


def test_a_name_under_images_of_a_file_stays_and_the_run_says_so(examples: Examples) -> None:
    folder = examples.folder / "kustomize-function"
    done = examples.shell.run("kubectl-tcr_rewrite", folder / "kustomization.yaml", "-v")
    assert done.out == (folder / "kustomization.yaml").read_text(encoding="utf-8")
    assert "must equal the resources it patches" in done.err


# With charts: hooks, sub-charts and definitions.

CHART = "kustomize-helm"


@pytest.fixture
def chart(examples: Examples, tool: Tool) -> Examples:
    """The examples with a chart in place, and Helm on the PATH."""
    programs = examples.folder.parent / "programs"
    programs.mkdir()
    (programs / "helm").symlink_to(tool("helm3"))
    shutil.copytree(CHARTS / "harbour", examples.folder / CHART / "charts" / "shop")
    return examples._replace(
        shell=Shell(examples.folder.parent, tool("kustomize"), tool("kubectl"), str(programs / "helm"))
    )


@pytest.mark.parametrize("way", ["function", "plugin", "pipe"])
def test_a_chart_is_moved_with_its_hooks_sub_charts_and_definitions(chart: Examples, way: str) -> None:
    kustomization, mirrors = f"{CHART}/kustomization.yaml", f"{CHART}/mirrors.yaml"
    if way == "plugin":
        chart.install_plugin()
        text = (chart.folder / mirrors).read_text(encoding="utf-8")
        annotations = text[text.index("  annotations:") : text.index("spec:")]
        chart.change(mirrors, annotations, "")
        done = chart.kubectl(CHART, "--enable-helm", *WITH_PLUGINS)
    elif way == "function":
        done = chart.kustomize(CHART, "--enable-helm", *WITH_FUNCTIONS)
    chart.change(kustomization, "transformers:\n  - mirrors.yaml\n", "")
    if way == "pipe":
        rules = ("--config", chart.folder / mirrors)
        done = chart.shell.run("kubectl", "tcr-rewrite", *rules, "--enable-helm", "-k", chart.folder / CHART)
    assert done.status == 0, done.err
    plain = chart.kustomize(CHART, "--enable-helm") if way == "function" else chart.kubectl(CHART, "--enable-helm")
    assert moved_back(done.out, "acme.tencentcloudcr.com/mirror") == plain.out


# kubectl, which runs exec plugins but no exec functions.


def test_kubectl_skips_the_function_without_a_word(examples: Examples) -> None:
    done = examples.kubectl("kustomize-function", *WITH_PLUGINS)
    assert (done.status, done.err) == (0, "")
    assert images(done.out) == [BASE[0], "quay.io/acme/shop:3.1", BASE[2]]


def test_kubectl_knows_no_flag_for_functions(examples: Examples) -> None:
    done = examples.kubectl("kustomize-function", *WITH_FUNCTIONS)
    assert (done.status, done.out) == (1, "")
    assert "unknown flag: --enable-exec" in done.err


@pytest.mark.parametrize("build", ["kubectl", "kustomize"])
def test_the_plugin_rewrites_what_kubectl_and_kustomize_build(examples: Examples, build: str) -> None:
    examples.install_plugin()
    done = getattr(examples, build)("kustomize-plugin", *WITH_PLUGINS)
    assert (done.status, done.err) == (0, "")
    assert images(done.out) == MIRRORED


def test_without_plugins_enabled_kubectl_refuses(examples: Examples) -> None:
    examples.install_plugin()
    done = examples.kubectl("kustomize-plugin")
    assert (done.status, done.out) == (1, "")
    assert "external plugins disabled" in done.err


def test_a_plugin_that_is_not_installed_fails_the_build(examples: Examples) -> None:
    done = examples.kubectl("kustomize-plugin", *WITH_PLUGINS)
    assert (done.status, done.out) == (1, "")
    assert "unable to find plugin root" in done.err


PLUGIN_FAILURES = {
    "a foreign host": ("  unmapped: fail\n", "  preset: none\n  unmapped: fail\n", "no mirror for quay.io"),
    "a wrong rule": ("source: ghcr.io/acme", "source: https://ghcr.io", "of a rule has a scheme"),
    "an argument": ("spec:\n", "argsOneLiner: --quiet\nspec:\n", "argsOneLiner is no known key"),
}


@pytest.mark.parametrize("name", PLUGIN_FAILURES)
def test_a_plugin_that_fails_fails_the_build_and_says_why(examples: Examples, name: str) -> None:
    old, new, message = PLUGIN_FAILURES[name]
    examples.install_plugin()
    examples.change("kustomize-plugin/mirrors.yaml", old, new)
    done = examples.kubectl("kustomize-plugin", *WITH_PLUGINS)
    assert (done.status, done.out) == (1, "")
    assert message in done.err


# The pipe. Applying needs a server; here the shown commands run up to it.


@pytest.mark.parametrize("script", ["apply.sh", "apply-k.sh"])
def test_the_pipe_hands_mirrored_manifests_to_apply(examples: Examples, script: str) -> None:
    text = (EXAMPLES / "kustomize-pipe" / script).read_text(encoding="utf-8")
    assert text.endswith(" | kubectl apply -f -\n")
    shown = text.removesuffix(" | kubectl apply -f -\n") + "\n"
    done = examples.shell.run("bash", "-c", shown, "apply.sh", examples.folder / "kustomize-base")
    assert done.status == 0, done.err
    assert images(done.out) == [
        "quay.tencentcloudcr.com/acme/sidecar:1.2",
        "quay.tencentcloudcr.com/acme/shop:3.0",
        BASE[2],
    ]
    assert "no mirror for ghcr.io" in done.err


@pytest.mark.parametrize("script", ["apply.sh", "apply-k.sh"])
def test_a_build_that_fails_fails_the_pipe_and_applies_nothing(examples: Examples, script: str) -> None:
    examples.change("kustomize-base/kustomization.yaml", "app.yaml", "missing.yaml")
    pipe = examples.folder / "kustomize-pipe" / script
    done = examples.shell.run("bash", pipe, examples.folder / "kustomize-base")
    assert (done.status != 0, done.out) == (True, "")
    assert "no objects passed to apply" in done.err
