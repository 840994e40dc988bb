"""What Kyverno makes of the policies, by its own command line: offline, and of new pods alone.

`kyverno apply` cannot be told of a pod that changes. It writes what it has looked at into a folder, and nothing
of what the policy does not match.
"""

import json
import os
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from . import pods
from .conftest import Tool
from .pods import CONFIGS, Pod, pod
from .shell import Done, Shell

pytestmark = pytest.mark.skipif(
    os.environ.get("KUBECTL_TCR_RELEASES") != "all", reason="takes minutes; make releases runs it"
)
NAMESPACE = "e2e-0001"
QUAY, MIRROR = "quay.io/harbour/api:4", "quay.tencentcloudcr.com/harbour/api:4"


class Kyverno:
    """A folder with a policy, and Kyverno's command line."""

    def __init__(self, folder: Path, program: str) -> None:
        self.folder = folder
        self._shell = Shell(folder, program)

    def policy(self, *flags: str) -> None:
        done = self._shell.run("kubectl-tcr_policy", "--engine", "kyverno", *flags)
        assert done.status == 0, done.err
        (self.folder / "policy.yaml").write_text(done.out)

    def apply(self, made: list[Pod]) -> Done:
        (self.folder / "pods.yaml").write_text("\n---\n".join(map(json.dumps, pods.placed(made, NAMESPACE)["items"])))
        (self.folder / "out").mkdir(exist_ok=True)
        return self._shell.run("kyverno", "apply", "policy.yaml", "--resource", "pods.yaml", "-o", "out")

    def changed(self, made: list[Pod]) -> list[dict[str, str]]:
        done = self.apply(made)
        assert done.status == 0, done.out[-2000:] + done.err
        return [pods.images(self._read(one["metadata"]["name"]) or one) for one in made]

    def rewritten(self, made: list[Pod], *flags: str) -> list[dict[str, str]]:
        source = json.dumps(pods.placed(made, NAMESPACE))
        done = self._shell.run("kubectl-tcr_rewrite", "--scope", "pods", "-q", *flags, input=source)
        return [pods.images(one) for one in json.loads(done.out)["items"]]

    def _read(self, name: str) -> Pod | None:
        file = self.folder / "out" / f"{name}-mutated.yaml"
        found = YAML(typ="safe").load_all(file.read_text()) if file.exists() else ()
        return next((one for one in found if one), None)


@pytest.fixture
def kyverno(tool: Tool, tmp_path: Path) -> Kyverno:
    return Kyverno(tmp_path, tool("kyverno"))


def test_templates_and_mirror_pods_stay(kyverno: Kyverno) -> None:
    static = pod("static", QUAY, annotations={"kubernetes.io/config.mirror": "0123"})
    template = {"metadata": {"labels": {"app": "api"}}, "spec": pod("api", QUAY)["spec"]}
    spec = {"selector": {"matchLabels": {"app": "api"}}, "template": template}
    workload = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}
    kyverno.policy()
    assert kyverno.changed([static, pod("api", QUAY)]) == [{"containers/c0": QUAY}, {"containers/c0": MIRROR}]
    kyverno.apply([workload])
    assert "quay.tencentcloudcr.com" not in (kyverno.folder / "out" / "web-mutated.yaml").read_text()


@pytest.mark.parametrize("name", CONFIGS)
def test_it_makes_of_a_pod_what_the_filter_makes(kyverno: Kyverno, name: str) -> None:
    (kyverno.folder / "mirrors.yaml").write_text(CONFIGS[name])
    made = [*pods.of_table(), *pods.generated(150, seed=len(name))]
    kyverno.policy("--config", "mirrors.yaml")
    found = kyverno.changed(made)
    assert found == kyverno.rewritten(made, "--config", "mirrors.yaml")
    assert found != [pods.images(one) for one in made]


def test_a_gate_refuses_what_is_pulled_from_abroad(kyverno: Kyverno) -> None:
    kyverno.policy("--deny", "--trusted", "docker.io/nginx")
    done = kyverno.apply([pod("abroad", QUAY), pod("home", MIRROR, "nginx:1", "registry:5000/a:1")])
    assert re.findall(r"resource \S+/(\S+) failed", done.out) == ["abroad"]
    assert f"pulled from abroad: {QUAY} (mirror: {MIRROR})" in done.out
