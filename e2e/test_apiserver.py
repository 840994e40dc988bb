"""A real chart goes through the filter into a real API server; what the server then holds is asked.

The same script runs twice: once with a filter that does nothing, once with the real one. What
differs between the two states of the server is compared with a table, line by line.
"""

import shutil
from collections.abc import Sequence

import pytest

from .cluster import Objects, images
from .conftest import MakeShop, Tool
from .shop import DEFINITIONS, EXAMPLES, Shop

QUAY = "quay.io", "quay.tencentcloudcr.com"
HUB = "", "mirror.ccs.tencentyun.com"
NVIDIA = "nvcr.io", "nvcr.tencentcloudcr.com"
GITHUB = "ghcr.io", "harbour.tencentcloudcr.com/ghcr"
KUBERNETES = "registry.k8s.io", "harbour.tencentcloudcr.com/k8s"

TIDE = "harbour/tide:1.8@sha256:4f1c2f6f4c1f8d0f5a3f3c6d1b8f0c9e2d7a6b5c4e3f2a1b0c9d8e7f6a5b4c3d"
API = "Deployment/harbour-api spec.template.spec"
ANNOTATIONS = "Deployment/harbour-api metadata.annotations"
CRON = "CronJob/harbour-tide spec.jobTemplate.spec.template.spec"

# Field, text around the reference, source and mirror, repository with tag and digest.
RESOURCES = [
    ("ConfigMap/harbour-scripts data.warm-up.sh[2]", "crictl pull {}", QUAY, "harbour/worker:5.0"),
    ("ConfigMap/harbour-scripts data.worker.yaml[8]", "      image: {}", QUAY, "harbour/worker:5.0"),
    ("ConfigMap/harbour-scripts data.worker.yaml[10]", "      image: {}", HUB, "busybox:1.37"),
    (f"{CRON}.containers[0].image", "{}", GITHUB, TIDE),
    (f"{CRON}.containers[0].command[2]", "{}", QUAY, "harbour/tables:2026"),
    (f"{ANNOTATIONS}.harbour.example.com/restore-image", "{}", QUAY, "harbour/restore:0.9"),
    (f"{API}.initContainers[0].image", "{}", QUAY, "harbour/api:4.2.0"),
    (f"{API}.initContainers[1].image", "{}", KUBERNETES, "harbour/log-shipper:v0.30.1"),
    (f"{API}.containers[0].image", "{}", QUAY, "harbour/api:4.2.0"),
    (f"{API}.containers[0].args[1]", "--report-image={}", QUAY, "harbour/report:3.1"),
    (f"{API}.containers[0].env[0].value", "{}", QUAY, "harbour/chart-viewer:2.2"),
    (f"{API}.containers[1].image", "{}", HUB, "redis:7.4-alpine"),
    ("Dredger/harbour-anna spec.crew[0].image", "{}", QUAY, "harbour/mate:2"),
    ("Dredger/harbour-anna spec.pump", "{}", HUB, "harbourworks/pump:2.0"),
    ("Dredger/harbour-anna spec.sonar.image", "{}", QUAY, "harbour/sonar:1.1"),
    ("Job/harbour-survey spec.template.spec.containers[0].image", "{}", NVIDIA, "harbour/survey:24.10-py3"),
    # Of the sub-chart.
    ("DaemonSet/harbour-buoys spec.template.spec.containers[0].image", "{}", QUAY, "harbour/buoy:1.2"),
    ("Bell/harbour-north spec.image", "{}", GITHUB, "harbour/bell:0.3"),
]
HOOKS = [
    ("Job/harbour-moor spec.template.spec.containers[0].image", "{}", QUAY, "harbour/moor:1.0"),
    ("Job/harbour-lights spec.template.spec.containers[0].image", "{}", QUAY, "harbour/lights:1.0"),
]
# A default in a definition, and what the server makes of it.
DEFINITION = "CustomResourceDefinition/dredgers.harbour.example.com"
SCHEMA = f"{DEFINITION} spec.versions[0].schema.openAPIV3Schema.properties.spec.properties"
DEFAULTS = [
    (f"{SCHEMA}.anchor.properties.image.default", "{}", QUAY, "harbour/anchor:1.4"),
    ("Dredger/harbour-anna spec.anchor.image", "{}", QUAY, "harbour/anchor:1.4"),
]
TEST = ("Pod/harbour-hail spec.containers[0].image", "{}", QUAY, "harbour/hail:1.0")

Row = tuple[str, str, tuple[str, str], str]
Rows = Sequence[Row]


def line(row: Row) -> str:
    """A row of the table as `differences` tells it."""
    field, around, (source, mirror), repository = row
    before = f"{source}/{repository}" if source else repository
    # Docker Hub's own images have a folder that short names leave out.
    path = f"library/{repository}" if not source and "/" not in repository else repository
    return f"{field}: {around.format(before)} -> {around.format(f'{mirror}/{path}')}"


EVERYTHING = [*RESOURCES, *DEFAULTS, *HOOKS]
ROUTES = {
    "pipe from Helm 3": ("helm3", "pipe.sh", EVERYTHING),
    "pipe from Helm 4": ("helm4", "pipe.sh", EVERYTHING),
    "Helm 3 post-renderer": ("helm3", "helm3.sh", [*RESOURCES, *DEFAULTS]),
    "Helm 3 with hooks": ("helm3", "helm3-with-hooks.sh", EVERYTHING),
    "Helm 4 post-renderer": ("helm4", "helm4.sh", EVERYTHING),
}


@pytest.mark.parametrize("route", ROUTES)
def test_every_image_on_the_server_is_on_its_mirror_and_nothing_else_differs(shop: MakeShop, route: str) -> None:
    helm, script, rows = ROUTES[route]
    harbour = shop(helm)
    assert harbour.moved("crds.sh", script) == sorted(map(line, rows))
    found = harbour.cluster.objects()
    assert {row[0].split()[0] for row in EVERYTHING} < found.keys()
    are_hooks_shown = HOOKS[0] in rows
    assert sorted(foreign(found)) == ([] if are_hooks_shown else [f"quay.io/{hook[3]}" for hook in reversed(HOOKS)])


def foreign(found: Objects) -> list[str]:
    return [image for image in images(found) if "tencent" not in image]


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_the_rules_of_the_command_line(shop: MakeShop, helm: str) -> None:
    harbour = shop(helm)
    rows = [row for row in of(helm) if row[0] != "Dredger/harbour-anna spec.pump"]
    assert harbour.moved("crds.sh", recipe("flags.sh", harbour)) == sorted(map(line, rows))
    # The filter saw no definitions, but Helm 4 showed it the test.
    seen = len(rows) - len(DEFAULTS) + (helm == "helm4")
    assert f'"rewritten": {seen},' in (harbour.folder / "report.json").read_text()


@pytest.mark.parametrize("helm", ["helm3", "helm4"])
def test_the_rules_of_the_environment(shop: MakeShop, helm: str) -> None:
    harbour = shop(helm)
    assert harbour.moved("crds.sh", recipe("environment.sh", harbour)) == sorted(map(line, of(helm)))


def of(helm: str) -> Rows:
    """What the post-renderer of a version moves: Helm 4 shows it the hooks."""
    return EVERYTHING if helm == "helm4" else [*RESOURCES, *DEFAULTS]


def recipe(name: str, harbour: Shop) -> str:
    """A recipe for Helm 3, with the post-renderer of this version."""
    return (EXAMPLES / name).read_text().replace("kubectl-tcr_rewrite", harbour.renderer)


def test_the_default_rules_move_quay_alone(shop: MakeShop) -> None:
    script = f"""
        {DEFINITIONS} | kubectl tcr-rewrite | kubectl apply -f -
        {DEFINITIONS} | kubectl wait --for=condition=Established -f -
        helm template harbour harbour | kubectl tcr-rewrite | kubectl apply -f -
    """
    rows = [row for row in [*EVERYTHING, TEST] if row[2] is QUAY]
    assert shop("helm3").moved(script) == sorted(map(line, rows))


def test_a_kustomization(shop: MakeShop, tool: Tool) -> None:
    tool("kustomize")
    harbour = shop("helm3")
    harbour.succeed(f"helm template harbour harbour > all.yaml && {DEFINITIONS} > crds.yaml")
    (harbour.folder / "crds").mkdir()
    (harbour.folder / "crds" / "kustomization.yaml").write_text("resources: [dredgers.yaml]\n")
    shutil.move(harbour.folder / "crds.yaml", harbour.folder / "crds" / "dredgers.yaml")
    (harbour.folder / "kustomization.yaml").write_text("resources: [all.yaml]\nlabels: [{pairs: {pier: north}}]\n")
    script = """
        kustomize build crds | kubectl tcr-rewrite --config mirrors.yaml | kubectl apply -f -
        kubectl wait --for=condition=Established -f crds/dredgers.yaml
        kustomize build . | kubectl tcr-rewrite --config mirrors.yaml | kubectl apply -f -
    """
    assert harbour.moved(script) == sorted(map(line, [*EVERYTHING, TEST]))


# A second run changes nothing and deletes nothing.


@pytest.mark.parametrize(
    ("helm", "script"),
    [("helm3", "helm3.sh"), ("helm4", "helm4.sh"), ("helm3", "helm3-with-hooks.sh")],
    ids=["Helm 3", "Helm 4", "Helm 3 with hooks"],
)
def test_an_upgrade_to_the_same_changes_nothing(shop: MakeShop, helm: str, script: str) -> None:
    harbour = shop(helm)
    harbour.succeed("crds.sh")
    harbour.succeed(script)
    before = harbour.cluster.versions()
    assert "has been upgraded" in harbour.succeed(script)
    after = harbour.cluster.versions()
    # The hooks run once more, as their delete policy says.
    for job in ("Job/harbour-moor", "Job/harbour-lights"):
        assert before.pop(job) != after.pop(job)
    assert before == after
    assert len(after) == 8


def test_a_second_pipe_changes_nothing(shop: MakeShop) -> None:
    harbour = shop("helm3")
    harbour.succeed("crds.sh")
    harbour.succeed("pipe.sh")
    before = harbour.cluster.versions()
    messages = harbour.succeed("pipe.sh")
    assert "job.batch/harbour-survey unchanged" in messages
    assert "configured" not in messages
    after = harbour.cluster.versions()
    assert after.keys() == before.keys()
    # The Jobs of hooks are here ordinary ones, which end meanwhile.
    assert {name for name in after if after[name] != before[name]} <= {"Job/harbour-moor", "Job/harbour-lights"}


def test_an_upgrade_of_a_release_that_was_not_filtered_moves_its_images(shop: MakeShop) -> None:
    harbour = shop("helm4")
    harbour.succeed("crds.sh")
    harbour.succeed("helm install harbour harbour --skip-crds")
    # The template of a Job cannot be changed.
    harbour.succeed("kubectl delete job harbour-survey")
    harbour.succeed("helm4.sh")
    assert foreign(harbour.cluster.objects()) == []


@pytest.mark.parametrize(("helm", "script"), [("helm3", "helm3.sh"), ("helm4", "helm4.sh")], ids=["Helm 3", "Helm 4"])
def test_an_upgrade_without_the_filter_puts_the_foreign_hosts_back(shop: MakeShop, helm: str, script: str) -> None:
    harbour = shop(helm)
    harbour.succeed("crds.sh")
    harbour.succeed(script)
    harbour.succeed("kubectl delete job harbour-survey")
    harbour.succeed("helm upgrade harbour harbour --skip-crds")
    assert "quay.io/harbour/api:4.2.0" in images(harbour.cluster.objects())


# A filter that fails: the server stays as it was.

FAILURES = {
    "no rules": ("--config=missing.yaml", "missing.yaml: cannot be read: No such file or directory"),
    "rules of the wrong version": ("--config=old.yaml", "old.yaml:1: apiVersion must be kubectl-tcr/v1alpha1"),
    "a foreign host at the end": ("--unmapped=fail", "no mirror for "),
    "a report that cannot be written": ("--report=missing/report.json", "cannot write the report missing/report.json"),
}


def test_a_stream_that_breaks_half_way_leaves_the_server_empty(shop: MakeShop) -> None:
    harbour = shop("helm3")
    harbour.succeed("helm template harbour harbour > one.yaml")
    stream = (harbour.folder / "one.yaml").read_text() * 400 + "---\nimage: [\n"
    (harbour.folder / "broken.yaml").write_text(stream)
    status, messages = harbour.run("cat broken.yaml | kubectl tcr-rewrite | kubectl apply -f -")
    assert status != 0
    assert "tcr-rewrite: error: <stdin>:" in messages
    assert "no objects passed to apply" in messages
    assert harbour.cluster.objects() == {}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failing_filter_in_a_pipe_leaves_the_server_empty(shop: MakeShop, failure: str) -> None:
    flag, message = FAILURES[failure]
    harbour = shop("helm3")
    (harbour.folder / "old.yaml").write_text("apiVersion: kubectl-tcr/v1\nkind: MirrorConfig\nspec: {}\n")
    status, messages = harbour.run(f"helm template harbour harbour | kubectl tcr-rewrite {flag} | kubectl apply -f -")
    assert status != 0
    assert message in messages
    assert harbour.cluster.objects() == {}
