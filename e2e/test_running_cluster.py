"""What docs/running-cluster.md and docs/image-pull-backoff.md say of a cluster that runs, on a real API server."""

import json
import os

import pytest

from tests.docs.pages import shell_blocks

from .cluster import Cluster, images
from .conftest import MakeShop
from .pages import follow
from .shell import ROOT

PAGE = ROOT / "docs" / "running-cluster.md"
OLD, NEW = "quay.io/acme/api:1", "quay.tencentcloudcr.com/acme/api:1"
APP = f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: api}}
spec:
  selector: {{matchLabels: {{app: api}}}}
  template:
    metadata: {{labels: {{app: api}}}}
    spec: {{containers: [{{name: api, image: {OLD}}}]}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {{name: nightly}}
spec:
  schedule: "@daily"
  jobTemplate:
    spec:
      template:
        spec: {{restartPolicy: Never, containers: [{{name: nightly, image: {OLD}}}]}}
---
apiVersion: batch/v1
kind: Job
metadata: {{name: once}}
spec:
  template:
    spec: {{restartPolicy: Never, containers: [{{name: once, image: {OLD}}}]}}
---
apiVersion: v1
kind: Pod
metadata: {{name: bare}}
spec: {{containers: [{{name: bare, image: {OLD}}}]}}
"""
MIRRORS = "apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\nspec:\n  preset: default\n"
EDIT = 'KUBE_EDITOR="kubectl-tcr_rewrite -i" kubectl edit'


@pytest.fixture
def running(cluster: Cluster) -> Cluster:
    """A namespace in which things run that were applied before there were mirrors."""
    (cluster.folder / "app.yaml").write_text(APP)
    (cluster.folder / "mirrors.yaml").write_text(MIRRORS)
    cluster.kubectl("apply", "-f", "app.yaml")
    return cluster


def typed(running: Cluster, line: str) -> tuple[int, str]:
    done = running.run("bash", "-o", "pipefail", "-c", line)
    return done.status, done.out + done.err


def image(running: Cluster, kind: str, name: str) -> str:
    (found,) = images({name: json.loads(running.kubectl("get", kind, name, "-o", "json"))})
    return found


def test_the_commands_of_the_page_move_what_runs(running: Cluster) -> None:
    commands = shell_blocks(PAGE)
    (drift,) = (block for block in commands if "kubectl diff" in block)
    commands.remove(drift)
    done = follow(commands, running.folder, os.environ | running.environment())
    assert done.failed == "", done.said
    assert "deployment.apps/api edited" in done.said
    assert set(images(running.objects())) == {NEW}
    # Nothing has come back, and then something has.
    assert follow([drift], running.folder, os.environ | running.environment()).failed == ""
    running.kubectl("set", "image", "deployment/api", f"api={OLD}")
    done = follow([drift], running.folder, os.environ | running.environment())
    assert done.failed.count("\n") == 2, done
    assert f"-      - image: {OLD}\n" in done.said


# Editing and replacing.


def test_an_edit_that_changes_nothing_ends_well(running: Cluster) -> None:
    assert typed(running, f"{EDIT} deployment api")[0] == 0
    version = running.kubectl("get", "deployment", "api", "-o", "jsonpath={.metadata.resourceVersion}")
    status, said = typed(running, f"{EDIT} deployment api")
    assert (status, "Edit cancelled, no changes made." in said) == (0, True)
    assert running.kubectl("get", "deployment", "api", "-o", "jsonpath={.metadata.resourceVersion}") == version


def test_what_was_applied_last_stays_on_record(running: Cluster) -> None:
    typed(running, f"{EDIT} deployment api")
    annotations = json.loads(running.kubectl("get", "deployment", "api", "-o", "json"))["metadata"]["annotations"]
    assert OLD in annotations["kubectl.kubernetes.io/last-applied-configuration"]
    assert image(running, "deployment", "api") == NEW


def test_an_object_that_was_changed_in_between_is_not_replaced(running: Cluster) -> None:
    typed(running, "kubectl get deployments -o yaml | kubectl tcr-rewrite > moved.yaml")
    running.kubectl("label", "deployment", "api", "seen=yes")
    status, said = typed(running, "kubectl replace -f moved.yaml")
    assert (status, "the object has been modified" in said) == (1, True)


def test_the_image_of_a_pod_can_be_replaced(running: Cluster) -> None:
    assert typed(running, "kubectl get pod bare -o yaml | kubectl tcr-rewrite | kubectl replace -f -")[0] == 0
    assert image(running, "pod", "bare") == NEW


# Jobs.


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (f"{EDIT} job once", 'jobs.batch "once" is invalid'),
        ("kubectl get job once -o yaml | kubectl tcr-rewrite | kubectl replace -f -", "field is immutable"),
        ("kubectl tcr-rewrite app.yaml | kubectl apply -f -", "field is immutable"),
    ],
    ids=["edit", "replace", "apply"],
)
def test_the_template_of_a_job_cannot_be_changed(running: Cluster, command: str, message: str) -> None:
    status, said = typed(running, command)
    assert (status, message in said, message in PAGE.read_text(encoding="utf-8")) == (1, True, True)
    assert image(running, "job", "once") == OLD


def test_a_job_that_is_replaced_by_what_the_server_returned_is_lost(running: Cluster) -> None:
    status, said = typed(running, "kubectl get job once -o yaml | kubectl tcr-rewrite | kubectl replace --force -f -")
    assert (status, "`selector` not auto-generated" in said) == (1, True)
    assert running.run("kubectl", "get", "job", "once").status == 1


# Owners.


def test_the_next_apply_of_the_old_manifest_puts_the_image_back(running: Cluster) -> None:
    typed(running, f"{EDIT} deployment api")
    running.kubectl("apply", "-f", "app.yaml")
    assert image(running, "deployment", "api") == OLD


MONITOR = "monitor kubectl-tcr/examples/monitor --no-hooks"
PROMETHEUS = "quay.io/prometheus/prometheus:v2.53.1"


@pytest.mark.parametrize("command", [f"upgrade {MONITOR}", "rollback monitor --no-hooks"], ids=["upgrade", "rollback"])
def test_helm_3_puts_the_image_back_and_says_nothing(shop: MakeShop, command: str) -> None:
    found = shop("helm3")
    found.succeed(f"helm install {MONITOR}\nhelm upgrade {MONITOR}\n{EDIT} deployment monitor-prometheus")
    assert PROMETHEUS not in images(found.cluster.objects())
    said = found.succeed(f"helm {command}")
    assert "conflict" not in said
    assert PROMETHEUS in images(found.cluster.objects())


def test_helm_4_fails_by_a_conflict_until_it_takes_the_fields_back(shop: MakeShop) -> None:
    found = shop("helm4")
    found.succeed(f"helm install {MONITOR}\n{EDIT} deployment monitor-prometheus")
    status, said = found.run(f"helm upgrade {MONITOR}")
    assert (status, 'conflicts with "kubectl-edit"' in said) == (1, True)
    assert PROMETHEUS not in images(found.cluster.objects())
    found.succeed(f"helm upgrade {MONITOR} --force-conflicts --post-renderer tcr-rewrite")
    assert PROMETHEUS not in images(found.cluster.objects())
    found.succeed(f"helm upgrade {MONITOR} --post-renderer tcr-rewrite")


# Server-side apply.


def test_managed_fields_cannot_be_applied(running: Cluster) -> None:
    line = (
        "kubectl get deployments {} -o yaml | kubectl tcr-rewrite | kubectl apply --server-side --force-conflicts -f -"
    )
    status, said = typed(running, line.format("--show-managed-fields"))
    assert (status, "metadata.managedFields must be nil" in said) == (1, True)
    assert typed(running, line.format(""))[0] == 0


def test_a_field_of_another_manager_is_a_conflict(running: Cluster) -> None:
    running.kubectl("delete", "-f", "app.yaml")
    running.kubectl("apply", "--server-side", "--field-manager=helm", "-f", "app.yaml")
    line = "kubectl tcr-rewrite app.yaml | kubectl apply --server-side -l '!none' -f - {}"
    status, said = typed(running, line.format(""))
    assert status == 1
    assert 'conflict with "helm"' in said
    typed(running, line.format("--force-conflicts"))
    assert image(running, "deployment", "api") == NEW


def test_who_replaces_owns_what_changed_and_who_applies_owns_everything(running: Cluster) -> None:
    def owned(manager: str) -> str:
        fields = json.loads(running.kubectl("get", "deployment", "api", "--show-managed-fields", "-o", "json"))
        return json.dumps([one for one in fields["metadata"]["managedFields"] if one["manager"] == manager])

    typed(running, "kubectl get deployment api -o yaml | kubectl tcr-rewrite | kubectl replace -f -")
    assert ("f:image" in owned("kubectl-replace"), "f:strategy" in owned("kubectl-replace")) == (True, False)
    typed(running, "kubectl get deployment api -o yaml | kubectl apply --server-side --force-conflicts -f -")
    assert "f:strategy" in owned("kubectl")


# From an event: docs/image-pull-backoff.md.

EVENT = """\
apiVersion: v1
kind: Event
metadata: {name: api.1}
involvedObject: {apiVersion: v1, kind: Pod, name: api-x, namespace: %s}
type: Warning
reason: Failed
message: 'Failed to pull image "quay.io/acme/api:1": i/o timeout'
"""


def test_the_commands_from_the_event_show_why_and_what_is_not_moved(running: Cluster) -> None:
    running.kubectl("run", "api-x", f"--image={OLD}", "--labels=app=api")
    running.kubectl("create", "-f", "-", source=EVENT % running.namespace)
    commands = shell_blocks(ROOT / "docs" / "image-pull-backoff.md")
    done = follow(commands, running.folder, os.environ | running.environment())
    assert done.failed == "", done.said
    assert 'api-x   Failed to pull image "quay.io/acme/api:1": i/o timeout' in done.said
    assert f"image: {NEW}\n" in done.said
