"""References without a tag: names of the API, users of Docker Hub, images."""

import json

import pytest

from kubectl_tcr import Settings, Status, build, parse_rule, rewrite

from .conftest import MIRRORS, NINE

USER = "an image or a user of Docker Hub: without a tag nothing tells; at a declared field it is an image"
DIGEST = "sha256:" + "0" * 64
NAME = "a name of the API, not an image"


def one(text: str, settings: Settings = NINE) -> tuple[str, str]:
    """What the one reference of a document became, and why it stays if it does."""
    [site] = rewrite(text.encode(), settings).sites
    return site.after or site.reference, site.reason


@pytest.mark.parametrize(
    "text",
    [
        "metadata: {finalizers: [quay.io/cleanup]}",
        "metadata:\n  finalizers:\n  - 'docker.io/cleanup'",
        "provisioner: docker.io/hostpath",
        "spec: {controller: docker.io/ingress}",
        "spec: {controllerName: quay.io/gateway}",
        "spec: {csi: {driver: docker.io/csi}}",
        "spec: {signerName: quay.io/signer}",
        "spec: {attacher: docker.io/csi}",
        "tolerations: [{key: quay.io/gpu, operator: Exists}]",
        "taints: [{effect: NoSchedule, key: docker.io/dedicated}]",
        "nodeSelectorTerms: [{matchExpressions: [{key: quay.io/zone, operator: Exists}]}]",
        "topologyKey: quay.io/rack",
        "matchLabelKeys: [quay.io/hash]",
        "allowedTopologies: [{matchLabelExpressions: [{key: quay.io/zone, values: [a]}]}]",
        "requirements: [{key: quay.io/zone, operator: Exists}]",
        "taint: {key: quay.io/bad, effect: NoExecute}",
        "spec: {loadBalancerClass: quay.io/lb}",
        "reportingComponent: quay.io/controller",
        "args: [--provisioner=quay.io/csi]",
        "args: [--csi-driver-name=docker.io/csi]",
        "args: [--finalizer, quay.io/cleanup]",
        "schedulingGates: [{name: quay.io/gate}]",
        "metadata: {annotations: {volume.kubernetes.io/storage-provisioner: docker.io/hostpath}}",
        '{"metadata": {"finalizers": ["quay.io/cleanup"]}}',
    ],
)
def test_names_of_the_api_stay(text: str) -> None:
    assert one(text)[1] == NAME


HUB_OPEN = "a placeholder decides whether it is below library/"
PARTED = build([[parse_rule("quay.io=m.example/q"), parse_rule("quay.io/acme=m.example/acme")]])


@pytest.mark.parametrize("path", ["$(ORG)/app:1", "a$(ORG)/app:1", "${REPO}", "acme$X/app:1", "{{ .Org }}/app@$(D)"])
def test_a_placeholder_that_may_be_what_a_longer_rule_names_stays(path: str) -> None:
    found = one(json.dumps({"image": f"quay.io/{path}"}), Settings(PARTED))
    assert found == (f"quay.io/{path}", "a placeholder decides whether the rule for quay.io/acme holds")


@pytest.mark.parametrize("text", ["docker.io/${IMG}:1", "docker.io/app-$(FLAVOUR):1", "index.docker.io/{{ .Image }}"])
def test_one_component_of_docker_hub_that_may_hold_a_slash_stays(text: str) -> None:
    assert one(json.dumps({"kind": "Pod", "spec": {"containers": [{"image": text}]}})) == (text, HUB_OPEN)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("quay.io/b$(ORG)/app:1", "m.example/q/b$(ORG)/app:1"),
        ("quay.io/acme/$(APP):1", "m.example/acme/$(APP):1"),
        ("quay.io/acme/app@$(DIGEST)", "m.example/acme/app@$(DIGEST)"),
        ("quay.io/other/$(APP):1", "m.example/q/other/$(APP):1"),
        ("quay.io/acme:$(TAG)", "m.example/acme:$(TAG)"),
    ],
)
def test_a_placeholder_that_changes_no_rule_moves(text: str, after: str) -> None:
    assert one(json.dumps({"image": text}), Settings(PARTED)) == (after, "")


@pytest.mark.parametrize("text", ["docker.io/$(ORG)/app:1", "docker.io/library/$(APP):1"])
def test_two_components_of_docker_hub_are_never_below_library(text: str) -> None:
    assert one(json.dumps({"image": text})) == (text.replace("docker.io", MIRRORS["docker.io"]), "")


@pytest.mark.parametrize("form", ["${IMG:-%s}", "${IMG:=%s}", "${IMG-%s}"])
def test_the_default_of_a_shell_is_what_a_field_pulls(form: str) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": form % "nginx:1"}]}}
    [site] = rewrite(json.dumps(pod).encode(), NINE).sites
    assert (site.reference, site.after) == ("nginx:1", f"{MIRRORS['docker.io']}/library/nginx:1")


@pytest.mark.parametrize("form", ["${REPO:-%s}/app:1", '"${REPO:=%s}"/app:1'])
def test_a_default_that_a_path_follows_is_a_prefix(form: str) -> None:
    assert one(json.dumps({"x": "run " + form % "docker.io/istio"})) == (f"{MIRRORS['docker.io']}/istio", "")
    rules = build([[parse_rule("quay.io=m.example"), parse_rule("quay.io/acme/app=n.example/app")]])
    assert one(json.dumps({"x": "run " + form % "quay.io/acme"}), Settings(rules))[1].startswith(
        "a prefix whose images"
    )


@pytest.mark.parametrize(
    "text", ["driver: quay.io/acme/driver:1", "finalizers: [docker.io/acme@sha256:" + "0" * 64 + "]"]
)
def test_no_name_of_the_api_has_a_tag(text: str) -> None:
    assert one(text)[1] == ""


@pytest.mark.parametrize("text", ["-l quay.io/team=web", "kubectl label node a docker.io/disk=ssd --label quay.io/a=b"])
def test_the_key_of_a_label_in_a_command_stays(text: str) -> None:
    sites = rewrite(json.dumps({"args": text}).encode(), NINE).sites
    assert {site.status for site in sites} == {Status.LEFT}
    assert len(sites) == text.count(".io")


@pytest.mark.parametrize(
    "text",
    [
        "prefix: docker.io/istio",
        "repository: index.docker.io/istio",
        "images: docker.io/istio",
        "imageRepository: docker.io/istio",
        "args: [--from, docker.io/istio]",
        "args: [--from=docker.io/istio]",
        "env: [{name: SOURCE, value: docker.io/istio}]",
        'data: {x: \'{"source": "docker.io/istio"}\'}',
        "data: {x: SOURCE=docker.io/istio}",
    ],
)
def test_one_component_on_docker_hub_may_be_a_user(text: str) -> None:
    assert one(text)[1] == USER


@pytest.mark.parametrize(
    "text",
    [
        "kind: Pod\napiVersion: v1\nspec: {containers: [{image: docker.io/istio}]}",
        "image: docker.io/istio",
        "sidecarImage: docker.io/istio",
        "PROXY_IMAGE: docker.io/istio",
        "args: [--proxy-image, docker.io/istio]",
        "args: [--proxy-image=docker.io/istio]",
        "args: [docker, pull, docker.io/istio]",
        "data: {x: FROM docker.io/istio}",
        "data: {x: docker pull docker.io/istio}",
        "data: {x: PROXY_IMAGE=docker.io/istio}",
        "data: {x: skopeo inspect docker://docker.io/istio}",
    ],
)
def test_it_is_an_image_where_something_says_so(text: str) -> None:
    assert one(text) == ("docker-io.mirror.example/library/istio", "")


@pytest.mark.parametrize(
    "text", ["x: docker.io/istio:1", "x: docker.io/istio@sha256:" + "0" * 64, "x: docker.io/istio/a"]
)
def test_it_is_no_user_with_a_tag_or_another_component(text: str) -> None:
    assert one(text)[1] == ""


def test_a_rule_for_just_that_moves_it_either_way() -> None:
    settings = Settings(rules=build([[parse_rule("docker.io/istio=m.example/istio")]]))
    assert one("x: docker.io/istio", settings) == ("m.example/istio", "")
