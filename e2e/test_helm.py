"""What Helm 3 and 4 show to a post-renderer, and what they do when it fails or writes nothing."""

import json

import pytest

import kubectl_tcr

from .conftest import MakeShop, Tool
from .shop import Shop

CRD = "CustomResourceDefinition/dredgers.harbour.example.com"
SUB_CRD = "CustomResourceDefinition/bells.harbour.example.com"


def seen(harbour: Shop, command: str) -> list[str]:
    """The documents that Helm shows to a post-renderer."""
    spy = harbour.folder / "spy" / "kubectl-tcr_rewrite"
    spy.parent.mkdir()
    spy.write_text("#!/bin/sh\nexec tee seen.yaml\n")
    spy.chmod(0o755)
    harbour.succeed(f'PATH="$PWD/spy:$PATH" {command}')
    text = (harbour.folder / "seen.yaml").read_text()
    return [part for part in text.removeprefix("---\n").split("\n---\n") if part.strip()]


# What a post-renderer is shown.


def test_helm_3_shows_no_hooks(shop: MakeShop) -> None:
    found = seen(shop("helm3"), "helm template harbour harbour --post-renderer kubectl-tcr_rewrite")
    assert len(found) == 8
    assert all(part.startswith(("# Source: harbour/templates/", "# Source: harbour/charts/buoys/")) for part in found)
    assert not any("helm.sh/hook" in part for part in found)


def test_helm_4_shows_hooks_too_and_marks_each_document(shop: MakeShop) -> None:
    found = seen(shop("helm4"), "helm template harbour harbour --post-renderer tcr-rewrite")
    assert len(found) == 11
    assert sum("helm.sh/hook:" in part for part in found) == 3
    assert all("    postrenderer.helm.sh/postrender-filename: 'harbour/" in part for part in found)


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_custom_resource_definitions_are_not_shown(shop: MakeShop, helm: str) -> None:
    harbour = shop(helm)
    found = seen(harbour, f"helm template harbour harbour --post-renderer {harbour.renderer}")
    assert not any("CustomResourceDefinition" in part for part in found)


def test_helm_3_shows_definitions_without_anything_between_them(shop: MakeShop) -> None:
    harbour = shop("helm3")
    shown = harbour.succeed("helm show crds harbour")
    assert ("---" in shown, shown.count("kind: CustomResourceDefinition\n")) == (False, 2)
    harbour.succeed("helm show crds harbour | kubectl apply -f -")
    assert set(harbour.cluster.objects()) == {SUB_CRD}


def test_helm_3_leaves_definitions_that_exist_as_they_are(shop: MakeShop) -> None:
    harbour = shop("helm3")
    harbour.succeed("crds.sh")
    before = harbour.cluster.objects()[CRD]
    harbour.succeed("helm install harbour harbour")
    assert harbour.cluster.objects()[CRD] == before


def test_helm_4_quarrels_about_definitions_that_were_rewritten(shop: MakeShop) -> None:
    harbour = shop("helm4")
    harbour.succeed("crds.sh")
    status, messages = harbour.run("helm install harbour harbour")
    assert status == 1
    assert "failed to install CRD" in messages
    assert 'conflict with "kubectl-client-side-apply"' in messages


def test_the_mark_of_helm_4_survives(shop: MakeShop) -> None:
    harbour = shop("helm4")
    harbour.succeed("crds.sh")
    harbour.succeed("helm4.sh")
    sources = {line for line in harbour.succeed("helm get all harbour").splitlines() if line.startswith("# Source: ")}
    names = [f"templates/{name}" for name in ("api", "dredger", "hooks", "scripts", "tide")]
    names += [f"charts/buoys/templates/{name}" for name in ("buoys", "lights")]
    assert sources == {f"# Source: harbour/{name}.yaml" for name in names}


# Hooks.


def test_helm_3_leaves_the_images_of_hooks_where_they_were(shop: MakeShop) -> None:
    harbour = shop("helm3")
    harbour.succeed("crds.sh")
    harbour.succeed("helm3.sh")
    status, messages = harbour.run("helm3-hooks.sh")
    assert status == 1
    for image in ("harbour/moor:1.0", "harbour/hail:1.0", "harbour/lights:1.0"):
        assert f"image: quay.io/{image}\n" in messages
        assert f"image: quay.tencentcloudcr.com/{image}\n" in messages
    assert "3 references to rewrite in 3 of 3 documents" in messages


@pytest.mark.parametrize(("helm", "script"), [("helm3", "helm3-with-hooks.sh"), ("helm4", "helm4.sh")])
def test_hooks_are_on_their_mirrors_and_still_hooks(shop: MakeShop, helm: str, script: str) -> None:
    harbour = shop(helm)
    harbour.succeed("crds.sh")
    harbour.succeed(script)
    hooks = harbour.succeed("helm get hooks harbour")
    for image in ("harbour/moor:1.0", "harbour/hail:1.0", "harbour/lights:1.0"):
        assert f"image: quay.tencentcloudcr.com/{image}" in hooks
    assert "Pod/harbour-hail" not in harbour.cluster.objects()  # the test, which runs when asked for
    assert "0 references to rewrite in 0 of 3 documents" in harbour.succeed("helm3-hooks.sh")


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_a_preview_shows_hooks_and_tests(shop: MakeShop, helm: str) -> None:
    harbour = shop(helm)
    status, messages = harbour.run("preview.sh")
    assert (status, messages.count("\n+ ")) == (1, 21)
    assert "21 references to rewrite in 10 of 11 documents" in messages
    assert harbour.cluster.objects() == {}


# A filter that does its work.


@pytest.mark.parametrize(("helm", "script"), [("helm3", "helm3.sh"), ("helm4", "helm4.sh")], ids=["Helm 3", "Helm 4"])
def test_helm_hides_the_summary(shop: MakeShop, helm: str, script: str) -> None:
    harbour = shop(helm)
    harbour.succeed("crds.sh")
    messages = harbour.succeed(script)
    assert "STATUS: deployed" in messages
    assert "tcr-rewrite:" not in messages


# A filter that fails.

FAILURES = {
    "no rules": ("--config=missing.yaml", "missing.yaml: cannot be read: No such file or directory"),
    "a rule that is none": ("--mirror=quay.io", "quay.io"),
    "no input": ("nothing.yaml", "nothing.yaml: cannot be read: No such file or directory"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_helm_3_shows_the_message_and_installs_nothing(shop: MakeShop, failure: str) -> None:
    flag, message = FAILURES[failure]
    harbour = shop("helm3")
    status, messages = harbour.run(
        f"helm install harbour harbour --skip-crds --post-renderer kubectl-tcr_rewrite --post-renderer-args {flag}"
    )
    assert status == 1
    assert "\ntcr-rewrite: error: " in messages
    assert message in messages
    refused(harbour)


@pytest.mark.parametrize("failure", FAILURES)
def test_helm_4_hides_the_message_but_the_report_has_it(shop: MakeShop, failure: str) -> None:
    flag, message = FAILURES[failure]
    harbour = shop("helm4")
    status, messages = harbour.run(
        "helm install harbour harbour --skip-crds --post-renderer tcr-rewrite"
        f" --post-renderer-args --report=report.json --post-renderer-args {flag}"
    )
    assert status == 1
    assert 'plugin "tcr-rewrite" exited with error' in messages
    assert message not in messages
    assert message in json.loads((harbour.folder / "report.json").read_text())["error"]
    refused(harbour)


def test_the_recipe_for_helm_4_shows_the_message(shop: MakeShop) -> None:
    harbour = shop("helm4")
    (harbour.folder / "mirrors.yaml").unlink()
    status, messages = harbour.run("helm4.sh")
    assert status == 1
    assert '"error": "mirrors.yaml: cannot be read: No such file or directory"' in messages
    refused(harbour)


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_the_gate_for_foreign_hosts(shop: MakeShop, helm: str) -> None:
    harbour = shop(helm)
    status, _ = harbour.run(
        f"helm install harbour harbour --skip-crds --post-renderer {harbour.renderer}"
        " --post-renderer-args --unmapped=fail --post-renderer-args --report=report.json"
    )
    assert status == 1
    unmapped = json.loads((harbour.folder / "report.json").read_text())["summary"]["unmapped"]
    assert unmapped == {"docker.io": 2, "registry.k8s.io": 1, "nvcr.io": 1, "ghcr.io": 2}
    refused(harbour)


def refused(harbour: Shop) -> None:
    """There is no release, and the server is empty."""
    assert harbour.cluster.kubectl("get", "secrets", "-o", "name") == ""  # where Helm keeps releases
    assert harbour.cluster.objects() == {}


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_definitions_stay_that_helm_installed_before_the_filter_failed(shop: MakeShop, helm: str) -> None:
    harbour = shop(helm)
    command = f"helm install harbour harbour --post-renderer {harbour.renderer} --post-renderer-args --config=missing"
    assert harbour.run(command)[0] == 1
    assert set(harbour.cluster.objects()) == {CRD, SUB_CRD}


@pytest.mark.parametrize(("helm", "script"), [("helm3", "helm3.sh"), ("helm4", "helm4.sh")], ids=["Helm 3", "Helm 4"])
def test_a_failing_upgrade_leaves_the_release_as_it_was(shop: MakeShop, helm: str, script: str) -> None:
    harbour = shop(helm)
    harbour.succeed("crds.sh")
    harbour.succeed(script)
    before = harbour.cluster.versions()
    command = (
        f"helm upgrade harbour harbour --post-renderer {harbour.renderer} --post-renderer-args --config=missing.yaml"
    )
    assert harbour.run(command)[0] == 1
    assert harbour.cluster.versions() == before
    assert json.loads(harbour.succeed("helm list -o json"))[0]["status"] == "deployed"


# A release without resources.


def test_helm_3_installs_an_empty_release(shop: MakeShop) -> None:
    harbour = shop("helm3")
    assert "STATUS: deployed" in harbour.succeed("helm install silent silent --post-renderer kubectl-tcr_rewrite")


def test_helm_3_takes_a_check_that_finds_nothing_for_an_empty_release(shop: MakeShop) -> None:
    harbour = shop("helm3")
    command = "helm template harbour harbour --no-hooks --post-renderer kubectl-tcr_rewrite"
    assert harbour.succeed(f"{command} --post-renderer-args --check --post-renderer-args --preset=none").strip() == ""


def test_helm_4_refuses_an_empty_release_from_a_post_renderer(shop: MakeShop) -> None:
    harbour = shop("helm4")
    status, messages = harbour.run("helm install silent silent --post-renderer tcr-rewrite")
    assert status == 1
    assert 'post-renderer "tcr-rewrite" produced empty output' in messages
    assert "STATUS: deployed" in harbour.succeed("helm install silent silent")


def test_an_empty_release_in_a_pipe_is_an_error_of_kubectl(shop: MakeShop) -> None:
    harbour = shop("helm3")
    status, messages = harbour.run("helm template silent silent | kubectl tcr-rewrite | kubectl apply -f -")
    assert status == 1
    assert "there was no document to read" in messages
    assert "error: no objects passed to apply" in messages


# The plugin of Helm 4.


def test_the_plugin_is_listed(shop: MakeShop) -> None:
    harbour = shop("helm4")
    listed = harbour.succeed("helm plugin list").splitlines()[1].split()
    assert listed[:4] == ["tcr-rewrite", kubectl_tcr.__version__, "postrenderer/v1", "v1"]


def test_helm_4_installs_a_folder_below_its_data_whatever_helm_plugins_says(shop: MakeShop) -> None:
    harbour = shop("helm4")
    plugins = harbour.folder / "plugins"
    other = harbour.folder / "other"
    harbour.succeed(
        "helm plugin install kubectl-tcr/helm/tcr-rewrite", HELM_PLUGINS=str(plugins), HELM_DATA_HOME=str(other)
    )
    assert not plugins.exists()
    assert (other / "plugins" / "tcr-rewrite").is_symlink()


def test_helm_3_loads_no_plugin_at_all_beside_it(shop: MakeShop, tool: Tool) -> None:
    harbour = shop("helm4")
    helm_3 = tool("helm3")
    status, messages = harbour.run(f"{helm_3} plugin list")
    assert status == 1
    assert 'failed to load plugins: failed to load plugin at "' in messages
    assert 'unknown field "apiVersion"' in messages
    assert harbour.run(f"env --unset=HELM_DATA_HOME {helm_3} plugin list")[0] == 0
