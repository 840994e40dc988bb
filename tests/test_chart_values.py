"""Kinds without a schema: values of Helm charts, and the Open Application Model."""

import pytest

from kubectl_tcr import rewrite
from kubectl_tcr.kubernetes.fields import Field
from tests.conftest import NINE

SPLIT = "image:\n  repository: acme/app\n  tag: '1'\n"
HUB = "docker-io.mirror.example/acme/app"


def indented(text: str, by: int) -> str:
    return "".join(" " * by + line for line in text.splitlines(keepends=True))


ARGO_CD = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n"
PLACES = {
    "a HelmRelease": (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a}\nspec:\n  values:\n",
        4,
    ),
    "a HelmChartConfig": (
        "apiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nmetadata: {name: a}\nspec:\n  valuesContent: |-\n",
        4,
    ),
    "a HelmChart": (
        "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: a}\nspec:\n  valuesContent: |\n",
        4,
    ),
    "valuesObject of Argo CD": (
        f"{ARGO_CD}  source:\n    helm:\n      valuesObject:\n",
        8,
    ),
    "values of Argo CD, in a string": (
        f"{ARGO_CD}  sources:\n    - helm:\n        values: |\n",
        10,
    ),
    "a values file": ("", 0),
}


def moved(text: str) -> list[tuple[str, str]]:
    """Every site: its reference, and what becomes of it."""
    return [(site.reference, site.status.value) for site in rewrite(text.encode(), NINE).sites]


@pytest.mark.parametrize("name", PLACES)
def test_repository_and_tag_side_by_side_are_an_image(name: str) -> None:
    head, by = PLACES[name]
    text = head + indented(SPLIT, by)
    assert rewrite(text.encode(), NINE).output == text.replace("acme/app", HUB).encode()


@pytest.mark.parametrize("name", PLACES)
def test_a_repository_moves_where_its_host_is_named(name: str) -> None:
    head, by = PLACES[name]
    for named in (SPLIT.replace("acme", "docker.io/acme"), SPLIT + "  registry: docker.io\n"):
        [(_, status)] = moved(head + indented(named, by))
        assert status == "rewritten"


def test_a_row_declares_what_is_suspected() -> None:
    head, by = PLACES["a HelmRelease"]
    grafana = SPLIT.replace("acme", "grafana")
    assert moved(head + indented(grafana, by)) == [("grafana/app", "suspected")]
    row = Field("helm.toolkit.fluxcd.io", "HelmRelease", "spec.values.image.repository", is_users=True)
    settings = NINE._replace(fields=NINE.fields.extended([row]))
    text = head + indented(grafana, by)
    done = rewrite(text.encode(), settings)
    assert done.output == text.replace("grafana/app", HUB.replace("acme", "grafana")).encode()


NAMED_NOWHERE = {
    "alone": SPLIT,
    "below another key": "web:\n" + indented(SPLIT, 2),
    "a registry in comments": f"# registry: quay.io\n{SPLIT}secrets: []  # for a registry: see private-registry/\n",
    "a secret for one": f"{SPLIT}  pullSecrets: [my-registry]\n",
}


@pytest.mark.parametrize("name", NAMED_NOWHERE)
def test_what_only_mentions_a_registry_does_not_hold_an_image_back(name: str) -> None:
    text = NAMED_NOWHERE[name]
    assert rewrite(text.encode(), NINE).output == text.replace("acme/app", HUB).encode()


STAY = {
    "no tag": "image:\n  repository: acme/app\n",
    "a registry for all images that is not set": SPLIT + "global:\n  imageRegistry: ''\n",
    "a registry by another name": SPLIT + 'global: {cattle: {"systemDefaultRegistry": ""}}\n',
    "a registry behind a fragment": SPLIT + "page: {at: docs#top, dockerRegistry: ''}\n",
    "a registry beside it that is not set": SPLIT + "  registry:\n",
    "an organisation that puts a registry in front": SPLIT.replace("acme/app", "bitnami/app"),
    "an organisation with a name beside it": SPLIT + "  name: web\n",
    "another key": SPLIT.replace("image:", "sourceCode:"),
}


@pytest.mark.parametrize("name", STAY)
@pytest.mark.parametrize("place", ["a HelmRelease", "a values file"])
def test_what_is_not_certain_stays(place: str, name: str) -> None:
    head, by = PLACES[place]
    text = head + indented(STAY[name], by)
    assert rewrite(text.encode(), NINE).output == text.encode()


def test_the_same_in_another_kind_is_suspected() -> None:
    text = "apiVersion: acme.example.com/v1\nkind: Harbour\nspec:\n" + indented(SPLIT, 2)
    assert moved(text) == [("acme/app", "suspected")]


def test_the_same_in_a_config_map_is_suspected() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\ndata:\n  values.yaml: |\n" + indented(SPLIT, 4)
    assert moved(text) == [("acme/app", "suspected")]


# The Open Application Model.

APPLICATION = """\
apiVersion: core.oam.dev/v1beta1
kind: Application
metadata: {name: shop}
spec:
  components:
    - type: webservice
      properties: {image: "acme/web:1"}
      traits:
        - {type: sidecar, properties: {image: "acme/side:2"}}
  policies:
    - {type: override, properties: {components: [{properties: {image: "acme/web:3"}}]}}
  workflow:
    steps:
      - {type: script, properties: {image: "acme/tool:4"}}
      - {type: step-group, subSteps: [{type: script, properties: {image: "acme/tool:5"}}]}
      - {type: build-push-image, properties: {image: "quay.io/acme/built:6"}}
      - {type: build-push-image, properties: {image: "acme/built:7"}}
"""


def test_what_an_application_runs_moves_and_what_it_builds_stays() -> None:
    done = rewrite(APPLICATION.encode(), NINE)
    wanted = APPLICATION
    for name in ("acme/web:1", "acme/side:2", "acme/web:3", "acme/tool:4", "acme/tool:5"):
        wanted = wanted.replace(name, f"docker-io.mirror.example/{name}")
    assert done.output == wanted.encode()
    assert ("quay.io/acme/built:6", "left") in moved(APPLICATION)


def test_a_workflow_run_and_a_revision() -> None:
    step = 'steps: [{type: script, properties: {image: "acme/tool:4"}}]'
    run = f"apiVersion: core.oam.dev/v1alpha1\nkind: WorkflowRun\nspec: {{workflowSpec: {{{step}}}}}\n"
    revision = (
        "apiVersion: core.oam.dev/v1beta1\nkind: ApplicationRevision\n"
        f"spec: {{application: {{spec: {{workflow: {{{step}}}}}}}}}\n"
    )
    assert moved(run) == moved(revision) == [("acme/tool:4", "rewritten")]
