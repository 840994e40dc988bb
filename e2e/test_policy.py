"""`kubectl tcr-policy` on real API servers: what the policies do to pods, and what they leave alone."""

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from . import pods
from .admission import heeded, image_of_a_pod, in_force, wait
from .cluster import Cluster, Done
from .conftest import Servers
from .pods import CONFIGS, pod
from .releases import BETA, TRIED, Release
from .webhook import injecting

QUAY, MIRROR = "quay.io/harbour/api:4", "quay.tencentcloudcr.com/harbour/api:4"
HUB = "nginx:1.27"


@pytest.fixture(params=TRIED, ids=lambda release: release.program)
def release(request: pytest.FixtureRequest) -> Release:
    found: Release = request.param
    return found


@pytest.fixture
def harbour(release: Release, servers: Servers, path: str, tmp_path: Path) -> Cluster:
    return Cluster(servers(release), path, tmp_path)


def policy(cluster: Cluster, release: Release, *flags: str) -> str:
    """What the command writes for a release, by way of kubectl."""
    is_move = not {"--audit", "--deny"} & set(flags)
    return cluster.kubectl("tcr-policy", *flags, *(("--kubernetes", "1.34") if release is BETA and is_move else ()))


@contextmanager
def moving(cluster: Cluster, release: Release, *flags: str, probe: str = QUAY) -> Iterator[None]:
    with in_force(cluster, policy(cluster, release, *flags), probe):
        yield


def create(cluster: Cluster, *made: pods.Pod) -> list[dict[str, str]]:
    """Create pods, and read what the server has stored."""
    cluster.kubectl("create", "--validate=false", "-f", "-", source=json.dumps(pods.as_list(made)))
    return stored(cluster, (one["metadata"]["name"] for one in made))


def stored(cluster: Cluster, names: Iterable[str]) -> list[dict[str, str]]:
    found = {one["metadata"]["name"]: one for one in json.loads(cluster.kubectl("get", "pods", "-o", "json"))["items"]}
    return [pods.images(found[name]) for name in names]


def apply(cluster: Cluster, made: pods.Pod, *flags: str) -> dict[str, str]:
    cluster.kubectl("apply", *flags, "-f", "-", source=json.dumps(made))
    return stored(cluster, [made["metadata"]["name"]])[0]


def rewritten(cluster: Cluster, made: list[pods.Pod], *flags: str) -> list[dict[str, str]]:
    """What `kubectl tcr-rewrite --scope pods` makes of pods in the current namespace."""
    placed = json.dumps(pods.placed(made, cluster.namespace))
    done = cluster.kubectl("tcr-rewrite", "--scope", "pods", "-q", *flags, source=placed)
    return [pods.images(one) for one in json.loads(done)["items"]]


# What stays.


def test_the_templates_of_workloads_stay(harbour: Cluster, release: Release) -> None:
    template = {"metadata": {"labels": {"app": "api"}}, "spec": pod("api", QUAY)["spec"]}
    spec = {"selector": {"matchLabels": {"app": "api"}}, "template": template}
    del template["spec"]["terminationGracePeriodSeconds"]
    workload = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api"}, "spec": spec}
    with moving(harbour, release):
        harbour.kubectl("create", "-f", "-", source=json.dumps(workload))
        found = harbour.kubectl("get", "deployment", "api", "-o", "jsonpath={.spec.template.spec.containers[*].image}")
    assert found == QUAY


def test_a_pod_that_runs_already_keeps_its_image_when_a_label_changes(harbour: Cluster, release: Release) -> None:
    create(harbour, pod("old", QUAY, HUB))
    with moving(harbour, release):
        harbour.kubectl("label", "pod", "old", "seen=yes")
        harbour.kubectl("set", "image", "pod/old", "c1=nginx:1.28")
        assert stored(harbour, ["old"]) == [{"containers/c0": QUAY, "containers/c1": "nginx:1.28"}]
        harbour.kubectl("set", "image", "pod/old", "c1=quay.io/harbour/web:1")
        (found,) = stored(harbour, ["old"])
    assert found == {"containers/c0": QUAY, "containers/c1": "quay.tencentcloudcr.com/harbour/web:1"}


def test_mirror_pods_and_what_an_annotation_marks_stay(harbour: Cluster, release: Release) -> None:
    static = pod("static", QUAY, annotations={"kubernetes.io/config.mirror": "0123"})
    static["spec"]["nodeName"] = "node-1"
    marked = pod("marked", QUAY, annotations={"kubectl-tcr/ignore": "true"})
    with moving(harbour, release):
        assert create(harbour, static, marked) == [{"containers/c0": QUAY}, {"containers/c0": QUAY}]


def test_namespaces_are_left_out_by_their_name(harbour: Cluster, release: Release) -> None:
    first = harbour.namespace
    with moving(harbour, release, "-n", first):
        second = harbour.enter_namespace()
        assert image_of_a_pod(harbour, QUAY) == QUAY
        harbour.enter(first)
    harbour.enter(second)
    with moving(harbour, release):
        probe = json.dumps(pod("probe", QUAY))
        made = ("create", "--dry-run=server", "-f", "-", "-o", "jsonpath={.spec.containers[*].image}")
        assert harbour.kubectl("-n", "kube-system", *made, source=probe) == QUAY
        assert harbour.kubectl(*made, source=probe) == MIRROR


# What moves: a pod is stored as the filter would have written it.


@pytest.mark.parametrize("name", CONFIGS)
def test_the_server_stores_what_the_filter_writes(harbour: Cluster, release: Release, name: str) -> None:
    (harbour.folder / "mirrors.yaml").write_text(CONFIGS[name])
    flags = ("--config", "mirrors.yaml")
    made = [*pods.of_table(), *pods.generated(1000, seed=len(name))]
    wanted = rewritten(harbour, made, *flags)
    with moving(harbour, release, *flags):
        found = create(harbour, *made)
    before = [pods.images(one) for one in made]
    wrong = [pair for pair in zip(before, wanted, found, strict=True) if pair[1] != pair[2]]
    assert wrong == []
    moved = sum(
        old != new
        for one, other in zip(before, found, strict=True)
        for old, new in zip(one.values(), other.values(), strict=True)
    )
    assert moved > sum(map(len, before)) // 10


@pytest.mark.parametrize("seed", range(24 if len(TRIED) > 1 else 4))
def test_it_does_so_by_any_rules(harbour: Cluster, release: Release, seed: int) -> None:
    made = pods.of_table()
    done = harbour.run("kubectl", "tcr-policy", *pods.flags(seed))
    if done.status:  # rules that feed each other, or that only Python can tell apart
        assert done.err.startswith("tcr-policy: error: ")
        return
    wanted = rewritten(harbour, made, *pods.flags(seed))
    before = [pods.images(one) for one in made]
    changed = next((old["containers/c0"] for old, new in zip(before, wanted, strict=True) if old != new), "")
    if changed:
        with moving(harbour, release, *pods.flags(seed), probe=changed):
            assert create(harbour, *made) == wanted


def test_a_second_apply_puts_no_foreign_name_back(harbour: Cluster, release: Release) -> None:
    with moving(harbour, release):
        for flags in ((), ("--server-side", "--force-conflicts")):
            assert apply(harbour, pod("api", QUAY), *flags) == {"containers/c0": MIRROR}
            version = harbour.kubectl("get", "pod", "api", "-o", "jsonpath={.metadata.resourceVersion}")
            assert apply(harbour, pod("api", QUAY, labels={"a": "b"}), *flags) == {"containers/c0": MIRROR}
            assert harbour.kubectl("get", "pod", "api", "-o", "jsonpath={.metadata.resourceVersion}") != version


def test_a_container_for_debugging_moves_and_nothing_else_with_it(harbour: Cluster, release: Release) -> None:
    create(harbour, pod("old", QUAY))
    with moving(harbour, release):
        harbour.kubectl("debug", "old", "--image=quay.io/harbour/tools:1", "--container=first", "--", "true")
        harbour.kubectl("debug", "old", "--image=quay.io/harbour/tools:2", "--container=second", "--", "true")
        (found,) = stored(harbour, ["old"])
    assert found == {
        "containers/c0": QUAY,
        "ephemeralContainers/first": "quay.tencentcloudcr.com/harbour/tools:1",
        "ephemeralContainers/second": "quay.tencentcloudcr.com/harbour/tools:2",
    }


def test_a_container_for_debugging_from_before_stays(harbour: Cluster, release: Release) -> None:
    create(harbour, pod("old", QUAY))
    harbour.kubectl("debug", "old", "--image=quay.io/harbour/tools:1", "--container=first", "--", "true")
    with moving(harbour, release):
        harbour.kubectl("debug", "old", "--image=quay.io/harbour/tools:2", "--container=second", "--", "true")
        (found,) = stored(harbour, ["old"])
    assert found["ephemeralContainers/first"] == "quay.io/harbour/tools:1"
    assert found["ephemeralContainers/second"] == "quay.tencentcloudcr.com/harbour/tools:2"


def test_a_sidecar_that_a_webhook_injects_moves_too(harbour: Cluster, release: Release) -> None:
    sidecar = {"name": "proxy", "image": "quay.io/harbour/proxy:1"}
    moved = {"containers/c0": MIRROR, "containers/proxy": "quay.tencentcloudcr.com/harbour/proxy:1"}
    with moving(harbour, release), injecting(harbour, sidecar):
        assert create(harbour, pod("api", QUAY)) == [moved]
    # The world shows the failure: asked once only, the policy does not see what a webhook behind it adds.
    once = policy(harbour, release).replace("reinvocationPolicy: IfNeeded", "reinvocationPolicy: Never")
    with in_force(harbour, once, QUAY), injecting(harbour, sidecar):
        assert create(harbour, pod("again", QUAY)) == [{**moved, "containers/proxy": "quay.io/harbour/proxy:1"}]


def test_a_dry_run_shows_what_would_be(harbour: Cluster, release: Release) -> None:
    with moving(harbour, release):
        assert image_of_a_pod(harbour, QUAY) == MIRROR
    assert json.loads(harbour.kubectl("get", "pods", "-o", "json"))["items"] == []


def test_a_policy_is_replaced_by_another_of_its_name(harbour: Cluster, release: Release) -> None:
    other = policy(harbour, release, "--mirror", "quay.io=other.example.com")
    with moving(harbour, release):
        harbour.kubectl("apply", "-f", "-", source=other)
        wait(lambda: "other" in image_of_a_pod(harbour, QUAY))
        assert create(harbour, pod("api", QUAY)) == [{"containers/c0": "other.example.com/harbour/api:4"}]


def test_two_policies_hold_together(harbour: Cluster, release: Release) -> None:
    hub = policy(harbour, release, "--preset", "none", "--mirror", "docker.io=m.example.com/hub", "--name", "hub")
    with moving(harbour, release), in_force(harbour, hub, HUB):
        (found,) = create(harbour, pod("api", QUAY, HUB))
    assert found == {"containers/c0": MIRROR, "containers/c1": "m.example.com/hub/library/nginx:1.27"}


# Gates.


def tried(cluster: Cluster, made: pods.Pod) -> Done:
    return cluster.run("kubectl", "create", "--dry-run=server", "-f", "-", source=json.dumps(made))


@contextmanager
def gate(cluster: Cluster, release: Release, *flags: str) -> Iterator[None]:
    """A gate in force, that heeds images from abroad."""
    objects = policy(cluster, release, *flags)
    with heeded(cluster, objects, lambda: "pulled from abroad" in tried(cluster, pod("probe", QUAY)).err):
        yield


def test_an_audit_warns_and_lets_pass(harbour: Cluster, release: Release) -> None:
    with gate(harbour, release, "--audit"):
        done = tried(harbour, pod("api", QUAY, HUB, "registry:5000/web:1", MIRROR))
        assert done.status == 0
        assert "Warning: Validation failed for ValidatingAdmissionPolicy 'kubectl-tcr-audit'" in done.err
        assert f"pulled from abroad: {QUAY} (mirror: {MIRROR}), {HUB} (no mirror)\n" in done.err
        assert tried(harbour, pod("api", MIRROR)).err == ""


def test_a_gate_refuses_whatever_the_pod_says_of_itself(harbour: Cluster, release: Release) -> None:
    create(harbour, pod("old", QUAY))
    with gate(harbour, release, "--deny", "--trusted", "docker.io/nginx"):
        done = tried(harbour, pod("api", QUAY, annotations={"kubectl-tcr/ignore": "true"}))
        assert done.status != 0
        assert f"pulled from abroad: {QUAY} (mirror: {MIRROR})" in done.err
        assert tried(harbour, pod("api", MIRROR, HUB)).status == 0
        # What runs already may go on.
        harbour.kubectl("label", "pod", "old", "seen=yes")
        assert harbour.run("kubectl", "debug", "old", "--image=quay.io/harbour/tools:1", "--", "true").status != 0
        assert harbour.run("kubectl", "set", "image", "pod/old", "c0=quay.io/harbour/api:5").status != 0


def test_what_is_moved_passes_the_gate(harbour: Cluster, release: Release) -> None:
    with ExitStack() as stack:
        stack.enter_context(gate(harbour, release, "--deny"))
        stack.enter_context(moving_behind_a_gate(harbour, release))
        assert create(harbour, pod("api", QUAY)) == [{"containers/c0": MIRROR}]
        assert tried(harbour, pod("web", HUB)).status != 0


@contextmanager
def moving_behind_a_gate(cluster: Cluster, release: Release) -> Iterator[None]:
    with heeded(cluster, policy(cluster, release), lambda: tried(cluster, pod("probe", QUAY)).status == 0):
        yield


@pytest.mark.parametrize("name", CONFIGS)
def test_a_gate_refuses_what_the_filter_calls_open(harbour: Cluster, release: Release, name: str) -> None:
    config = CONFIGS[name]
    (harbour.folder / "mirrors.yaml").write_text(config)
    made = [*pods.of_table(), *pods.generated(100, seed=7)]
    for one in made:
        one["metadata"].pop("annotations", None)
    wanted = open_pods(harbour, config, made)
    with gate(harbour, release, "--deny", "--config", "mirrors.yaml"):
        done = tried(harbour, pods.as_list(made))
    passed = {line.removeprefix("pod/").partition(" ")[0] for line in done.out.splitlines()}
    assert {one["metadata"]["name"] for one in made} - passed == wanted
    assert 0 < len(wanted) < len(made)


def open_pods(cluster: Cluster, config: str, made: list[pods.Pod]) -> set[str]:
    """The pods with an image that is open by the report of the filter, if all mirrors are known and nothing moves."""
    sources = itertools.count()
    idle = re.sub(r"source: [^,]+", lambda _: f"source: nowhere-{next(sources)}.example.com", config)
    (cluster.folder / "idle.yaml").write_text(idle.replace("/{host}/x", ""))
    flags = ("--scope", "pods", "--check", "-q", "--config", "idle.yaml", "--report", "-")
    placed = json.dumps(pods.placed(made, cluster.namespace))
    report = json.loads(cluster.kubectl("tcr-rewrite", *flags, source=placed))
    return {one["resource"]["name"] for one in report["references"] if _is_open(one)}


def _is_open(reference: Mapping[str, str]) -> bool:
    if reference["status"] == "left":
        return reference["reason"] != "excluded by the user" and reference["role"] == "image"
    return reference["status"] == "unmapped"
