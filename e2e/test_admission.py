"""The test bed of policies: each release of the API server heeds one, and calls the webhook of a sidecar."""

import json
from pathlib import Path

import pytest

from .admission import image_of_a_pod, in_force
from .cluster import Cluster
from .conftest import Servers
from .releases import TRIED, Release
from .webhook import injecting

SOURCE, MIRROR = "quay.io/harbour/api:4", "quay.tencentcloudcr.com/harbour/api:4"
SIDECAR = {"name": "proxy", "image": "quay.io/harbour/proxy:1"}


@pytest.fixture(params=TRIED, ids=lambda release: release.program)
def release(request: pytest.FixtureRequest) -> Release:
    found: Release = request.param
    return found


@pytest.fixture
def harbour(release: Release, servers: Servers, path: str, tmp_path: Path) -> Cluster:
    return Cluster(servers(release), path, tmp_path)


def policy(release: Release) -> str:
    """A policy that moves the containers of new pods from quay.io, once more when something else has changed them."""
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    expression = """
        object.spec.containers.transformList(i, c, c.image.startsWith("quay.io/"), JSONPatch{
          op: "replace",
          path: "/spec/containers/" + string(i) + "/image",
          value: c.image.replace("quay.io/", "quay.tencentcloudcr.com/")
        })
    """
    spec = {
        "matchConstraints": {"resourceRules": [rule]},
        "reinvocationPolicy": "IfNeeded",
        "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": expression}}],
    }
    common = {"apiVersion": release.policies, "metadata": {"name": "harbour"}}
    made = {**common, "kind": "MutatingAdmissionPolicy", "spec": spec}
    binding = {**common, "kind": "MutatingAdmissionPolicyBinding", "spec": {"policyName": "harbour"}}
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": [made, binding]})


def images(cluster: Cluster) -> list[str]:
    """The images of a new pod as it was created."""
    container = {"name": "api", "image": SOURCE}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "api"}, "spec": {"containers": [container]}}
    path = "jsonpath={.spec.containers[*].image}"
    return cluster.kubectl("create", "-f", "-", "-o", path, source=json.dumps(pod)).split()


def test_a_policy_is_in_force_until_it_is_deleted(harbour: Cluster, release: Release) -> None:
    with in_force(harbour, policy(release), SOURCE):
        assert images(harbour) == [MIRROR]
    assert image_of_a_pod(harbour, SOURCE) == SOURCE


def test_a_webhook_adds_its_container_in_its_namespace_alone(harbour: Cluster) -> None:
    with injecting(harbour, SIDECAR):
        assert images(harbour) == [SOURCE, SIDECAR["image"]]
        harbour.enter_namespace()
        assert images(harbour) == [SOURCE]


def test_a_policy_is_asked_again_about_what_a_webhook_has_added(harbour: Cluster, release: Release) -> None:
    with in_force(harbour, policy(release), SOURCE), injecting(harbour, SIDECAR):
        assert images(harbour) == [MIRROR, "quay.tencentcloudcr.com/harbour/proxy:1"]
