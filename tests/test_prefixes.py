"""Registries and namespaces, to which names of images are appended: what becomes of them, and where they stay."""

import json

import pytest

from kubectl_tcr import Settings, Status, build, parse_rule, rewrite
from kubectl_tcr.kubernetes import prefixes
from kubectl_tcr.kubernetes.fields import flaw
from tests.conftest import MIRRORS, NINE

PARTED = "a prefix whose images would part: rules map some of them elsewhere"
LIBRARY = "docker.io alone: official images below it would lack library/"
LOGIN = "a login to a registry"
TIGERA = "apiVersion: operator.tigera.io/v1\nkind: Installation\nspec: {registry: X}\n"
KUBEADM = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"
DNS = "dns: {imageRepository: registry.k8s.io/coredns}\n"
VALUES = "global:\n  imageRegistry: X\n"


def outcomes(text: str, settings: Settings = NINE) -> dict[str, str]:
    """What became of each reference: where it went, or why it stays."""
    return {site.reference: site.after or site.reason for site in rewrite(text.encode(), settings).sites}


def rules(*texts: str) -> Settings:
    return Settings(rules=build([map(parse_rule, texts)]))


@pytest.mark.parametrize(
    "text",
    [
        "registry: quay.io",
        "hub: quay.io",
        "args: [--registry, quay.io]",
        "args: [--registry=quay.io]",
        "spec: {registry: quay.io}",
        "apiVersion: example.com/v1\nkind: Installation\nspec: {registry: quay.io}",
        "imageRegistry: quay.io",
    ],
)
def test_a_bare_host_stays_where_no_registry_is_declared(text: str) -> None:
    assert set(outcomes(text).values()) <= {"may be a registry: no API declares its field"}


def test_docker_hub_alone_stays_where_official_images_may_be_below() -> None:
    assert outcomes(VALUES.replace("X", "docker.io")) == {"docker.io": LIBRARY}
    assert outcomes(VALUES.replace("X", "index.docker.io/")) == {"index.docker.io/": LIBRARY}


@pytest.mark.parametrize("host", ["quay.io", "quay.io/"])
def test_a_registry_stays_where_rules_lie_below_it(host: str) -> None:
    parted = rules("quay.io=m.example", "quay.io/tigera=n.example/tigera")
    assert outcomes(TIGERA.replace("X", host), parted) == {host: PARTED}


@pytest.mark.parametrize("text", ["hub: quay.io/acme", "registry: quay.io/acme", "args: [--hub=quay.io/acme/a]"])
def test_a_namespace_stays_where_rules_lie_below_it(text: str) -> None:
    parted = rules("quay.io=m.example", "quay.io/acme/a/b=n.example/b")
    assert list(outcomes(text, parted).values()) == [PARTED]


def test_a_registry_that_only_a_part_of_is_mapped_stays() -> None:
    assert outcomes(TIGERA.replace("X", "quay.io"), rules("quay.io/tigera=n.example/tigera")) == {"quay.io": PARTED}


def test_kubeadm_needs_the_place_of_coredns_too() -> None:
    why = "images below it are looked for elsewhere too: set dns.imageRepository as well"
    assert outcomes(KUBEADM + "imageRepository: registry.k8s.io\n") == {"registry.k8s.io": why}
    assert outcomes(KUBEADM + "imageRepository: registry.k8s.io\ndns: {}\n") == {"registry.k8s.io": why}


@pytest.mark.parametrize("key", ["username", "password", "auth"])
def test_a_registry_that_is_logged_in_to_stays(key: str) -> None:
    assert outcomes(f"registry: quay.io/acme\n{key}: x\n") == {"quay.io/acme": LOGIN}
    assert outcomes(f"login:\n  {key}: x\n  registry: quay.io\n  repository: acme/app\n") == {"quay.io/acme/app": LOGIN}


@pytest.mark.parametrize("value", ["", '""', "~", "8000", "{a: b}", "quay"])
def test_what_is_no_host_is_not_even_reported(value: str) -> None:
    assert outcomes(TIGERA.replace("X", value)) == {}


def test_a_registry_without_a_rule_counts_as_unmapped() -> None:
    [site] = rewrite(TIGERA.replace("X", "mine.example").encode(), NINE).sites
    assert (site.status, site.role.value, site.host) == (Status.UNMAPPED, "prefix", "mine.example")


def test_a_registry_that_is_filled_in_later_is_left_and_reported() -> None:
    [site] = rewrite(TIGERA.replace("X", "'${REGISTRY}'").encode(), NINE).sites
    assert (site.status, site.reason) == (Status.LEFT, "no reference: its domain or name is filled in later")


# What moves.


def test_a_declared_registry_moves_alone() -> None:
    for host in ("quay.io", "quay.io/", "docker.io", "docker.io/"):
        bare = host.rstrip("/")
        assert outcomes(TIGERA.replace("X", host)) == {host: host.replace(bare, MIRRORS[bare])}
    assert outcomes(VALUES.replace("X", "ghcr.io")) == {"ghcr.io": MIRRORS["ghcr.io"]}
    assert outcomes('{"global": {"imageRegistry": "ghcr.io"}}') == {"ghcr.io": MIRRORS["ghcr.io"]}


@pytest.mark.parametrize(
    "text",
    [
        KUBEADM + "imageRepository: registry.k8s.io\n" + DNS,
        (
            f"apiVersion: v1\nkind: List\nitems:\n- {{apiVersion: kubeadm.k8s.io/v1beta3, kind: ClusterConfiguration, "
            f"imageRepository: registry.k8s.io, {DNS.strip()}}}\n"
        ),
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    "
        + (KUBEADM + DNS + "imageRepository: 'registry.k8s.io'\n").replace("\n", "\n    "),
    ],
)
def test_kubeadm_moves_with_the_place_of_coredns(text: str) -> None:
    mirror = MIRRORS["registry.k8s.io"]
    assert outcomes(text) == {"registry.k8s.io": mirror, "registry.k8s.io/coredns": f"{mirror}/coredns"}


COREDNS = "alone, it has images at another place than any other registry: write registry.k8s.io/coredns"
DNS_ALONE = DNS.removesuffix("/coredns}\n") + "}\n"


def test_kubeadm_appends_a_path_to_its_default_even_where_that_is_written_out() -> None:
    assert outcomes(KUBEADM + DNS_ALONE) == {"registry.k8s.io": COREDNS}
    both = rewrite((KUBEADM + DNS_ALONE + "imageRepository: registry.k8s.io\n").encode(), NINE)
    assert {site.status for site in both.sites} == {Status.LEFT}


def test_kubeadm_appends_nothing_to_another_registry() -> None:
    assert outcomes(KUBEADM + "dns: {imageRepository: quay.io}") == {"quay.io": MIRRORS["quay.io"]}


@pytest.mark.parametrize(
    "text", ["hub: quay.io/acme/", "registry: 'quay.io/acme/'", "data: {x: HUB=quay.io/acme/ run}"]
)
def test_a_prefix_may_end_in_a_slash(text: str) -> None:
    assert rewrite(text.encode(), NINE).output.decode() == text.replace("quay.io", MIRRORS["quay.io"])


@pytest.mark.parametrize(
    ("group", "kind", "path"),
    [
        ("controlplane", "KubeadmControlPlane", "spec.kubeadmConfigSpec"),
        ("controlplane", "KubeadmControlPlaneTemplate", "spec.template.spec.kubeadmConfigSpec"),
        ("bootstrap", "KubeadmConfig", "spec"),
        ("bootstrap", "KubeadmConfigTemplate", "spec.template.spec"),
    ],
)
def test_a_cluster_of_the_cluster_api_is_one_of_kubeadm(group: str, kind: str, path: str) -> None:
    keys = path.split(".")
    head = f"{{apiVersion: {group}.cluster.x-k8s.io/v1beta1, kind: {kind}, " + ": {".join(keys) + ": {"
    tail = "}" * (len(keys) + 2)
    text = f"{head}clusterConfiguration: {{imageRepository: registry.k8s.io{tail}"
    assert outcomes(text)["registry.k8s.io"].startswith("images below it are looked for elsewhere")
    both = text.replace("registry.k8s.io}", f"registry.k8s.io, {DNS.strip()}}}")
    mirror = MIRRORS["registry.k8s.io"]
    assert outcomes(both) == {"registry.k8s.io": mirror, "registry.k8s.io/coredns": f"{mirror}/coredns"}


@pytest.mark.parametrize(
    "text",
    [
        TIGERA.replace("X", "quay.io"),
        VALUES.replace("X", "quay.io"),
        VALUES.replace("X", '"quay.io"'),
        '{"global": {"imageRegistry": "quay.io"}}',
    ],
)
def test_a_host_alone_is_found_in_a_document_that_is_kept_in_a_string(text: str) -> None:
    manifest = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "data": {"x": text}})
    assert outcomes(manifest) == {"quay.io": MIRRORS["quay.io"]}


@pytest.mark.parametrize(
    "text",
    [
        "parameters: [{name: global.hub, value: docker.io/istio}]",
        "hub: docker.io/istio",
        "hub: index.docker.io/istio",
        "registry: docker.io/istio",
        "imageRegistry: docker.io/istio",
        "image_prefix: docker.io/istio",
        "args: [--hub, docker.io/istio]",
        "args: [--image-registry=docker.io/istio]",
        "env: [{name: ISTIO_HUB, value: docker.io/istio}]",
        "env:\n- value: docker.io/istio\n  name: IMAGE_PREFIX\n",
        'data: {x: \'{"global": {"hub": "docker.io/istio"}}\'}',
        "data: {x: HUB=docker.io/istio}",
        "data:\n  x: |\n    export IMAGE_REGISTRY=docker.io/istio\n    run\n",
    ],
)
def test_a_namespace_of_docker_hub_is_never_below_library(text: str) -> None:
    assert list(outcomes(text).values()) == [f"{MIRRORS['docker.io']}/istio"]


def test_a_namespace_of_another_host_moves_as_it_is() -> None:
    assert outcomes("hub: gcr.io/istio-release") == {"gcr.io/istio-release": f"{MIRRORS['gcr.io']}/istio-release"}


def test_a_tag_makes_it_an_image() -> None:
    assert outcomes("registry: docker.io/istio:1") == {"docker.io/istio:1": f"{MIRRORS['docker.io']}/library/istio:1"}


def test_a_second_run_changes_nothing() -> None:
    once = rewrite((KUBEADM + "imageRepository: registry.k8s.io\n" + DNS).encode(), NINE).output
    again = rewrite(once, NINE)
    assert again.output == once
    assert {site.status for site in again.sites} <= {Status.MIRRORED}


# The table.


def test_every_row_is_sound() -> None:
    assert len(prefixes.ROWS) > 5
    for field, row in prefixes.ROWS.items():
        assert flaw(field) is None, row
        assert field.source.startswith("https://"), row


def test_a_row_of_another_form_is_refused() -> None:
    for line in ("a | b | c", "a | b | c | some | | d"):
        with pytest.raises(ValueError, match=r"children|unpack"):
            list(prefixes.parse_rows([line]))
