"""An operator that no table knows: its chart is rewritten completely by its own definition.

The server fills in the defaults of the definition, so what it holds in the end is asked.
"""

import json
from typing import Any

from .cluster import Cluster
from .conftest import Tool
from .shop import CHARTS

HUB = "mirror.ccs.tencentyun.com"
QUAY = "quay.tencentcloudcr.com"
# What the server holds once the rewritten chart is applied, defaults filled in.
SPEC = {
    "image": f"{HUB}/lampworks/lamp",
    "keeper": {"image": {"repository": f"{HUB}/lampworks/keeper", "tag": "3"}},
    "horns": [
        {"name": "north", "image": f"{HUB}/lampworks/horn:2", "sidecarImage": f"{HUB}/library/fog"},
        {"name": "south", "image": f"{QUAY}/lampworks/horn:2", "sidecarImage": f"{HUB}/lampworks/fog:4"},
    ],
    "lenses": {"first": {"image": f"{HUB}/lampworks/lens:5"}},
    "template": {"spec": {"containers": [{"name": "watch", "image": f"{HUB}/lampworks/watch:6"}]}},
    "sidecars": [{"name": "radio", "image": f"{HUB}/lampworks/radio:7"}],
    "machine": {"image": "debian-12", "instanceType": "small"},
    "output": {"image": "lampworks/chart:8"},
}


def applied(cluster: Cluster, rendered: str, *flags: str) -> dict[str, Any]:
    """What the server holds of the lighthouse once its rewritten chart is applied."""
    done = cluster.run("kubectl-tcr_rewrite", "--preset", "tke", *flags, source=rendered)
    assert done.status == 0, done.err
    assert "suspected" not in done.err
    definition, resource = done.out.split("\n---\n", 1)
    cluster.kubectl("apply", "-f", "-", source=definition)
    cluster.kubectl("wait", "--for=condition=Established", "customresourcedefinition/lighthouses.lamp.example.com")
    cluster.kubectl("apply", "-f", "-", source=resource)
    held: dict[str, Any] = json.loads(cluster.kubectl("get", "lighthouse", "east", "-o", "json"))["spec"]
    return held


def test_a_chart_is_rewritten_completely_by_its_own_definition(cluster: Cluster, tool: Tool) -> None:
    chart = CHARTS / "lighthouse"
    done = cluster.run(tool("helm3"), "template", "east", str(chart), "--include-crds")
    assert done.status == 0, done.err
    assert applied(cluster, done.out, "--crds", str(chart / "crds")) == SPEC


def test_the_definitions_of_a_cluster_teach_as_much(cluster: Cluster, tool: Tool) -> None:
    chart = CHARTS / "lighthouse"
    cluster.kubectl("apply", "-f", str(chart / "crds"))
    (cluster.folder / "crds.yaml").write_text(cluster.kubectl("get", "crd", "-o", "yaml"))
    done = cluster.run(tool("helm3"), "template", "east", str(chart), "--include-crds")
    assert applied(cluster, done.out, "--crds", "crds.yaml") == SPEC
