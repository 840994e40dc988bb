"""The playbook and the DaemonSet: the script, whole, in YAML that reads back."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from ruamel.yaml import YAML

from kubectl_tcr import build
from kubectl_tcr.images.presets import preset
from kubectl_tcr.nodes import ansible, daemonset
from kubectl_tcr.nodes.script import script

from .conftest import Machine

TKE = build([preset("tke")])


def test_the_playbook_holds_the_script_as_it_is() -> None:
    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))
    play, table = yaml.load(ansible.playbook(TKE))
    assert play["vars"]["tcr_script"] == script(TKE)
    assert play["gather_facts"] is False
    assert [task["name"] for task in play["tasks"]] == [
        "Look at the node",
        "Show what would change",
        "Set the mirrors",
        "Show what was done",
    ]
    assert [task["name"] for task in table["tasks"]] == ["Show the table", "Fail if a node did"]
    assert (table["hosts"], table["gather_facts"]) == (play["hosts"], False)


def test_the_daemonset_holds_the_script_as_it_is() -> None:
    configmap, workload = YAML(typ="safe", pure=True).load_all(daemonset.manifest(TKE))
    assert configmap["data"]["tcr-nodes.sh"] == script(TKE)
    assert {configmap["metadata"]["namespace"], workload["metadata"]["namespace"]} == {"kube-system"}
    (setter,) = workload["spec"]["template"]["spec"]["initContainers"]
    assert setter["command"][-1].endswith("-- sh -s -- --result </tcr/tcr-nodes.sh")
    assert setter["env"] == [{"name": "TCR_NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}]
    assert workload["spec"]["template"]["spec"]["nodeSelector"] == {"kubectl-tcr/mirrors": "true"}


def test_a_changed_script_rolls_the_daemonset() -> None:
    def digest(rules: str) -> object:
        text = daemonset.manifest(build([preset(rules)]))
        _, workload = YAML(typ="safe", pure=True).load_all(text)
        return workload["spec"]["template"]["metadata"]["annotations"]["kubectl-tcr/script"]

    assert digest("tke") == digest("tke") != digest("default")


def test_image_and_namespace_can_be_chosen_and_are_checked(node: Machine) -> None:
    made = node.nodes("daemonset", "--image", "r.corp/tools/busybox:1", "-n", "nodes").out.decode()
    assert made.count("image: r.corp/tools/busybox:1\n") == 2
    assert made.count("namespace: nodes\n") == 2
    assert "is no image" in node.refused("daemonset", "--image", "a: b")
    assert "no name of a namespace" in node.refused("daemonset", "-n", "a: b")


def test_the_commands_print_them(node: Machine) -> None:
    assert node.nodes("ansible", "--preset", "tke").out.decode() == ansible.playbook(TKE)
    assert node.nodes("daemonset", "--preset", "tke").out.decode() == daemonset.manifest(TKE)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on the PATH")
def test_kubernetes_knows_every_field_of_the_daemonset() -> None:
    manifest = daemonset.manifest(TKE).rpartition("\n---\n")[2]
    # `set env` decodes into the type of the API, where a field that it does not know is lost.
    words = ["kubectl", "set", "env", "--local", "-o", "json", "-f", "-", "NEW=x"]
    done = subprocess.run(words, input=manifest, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    ours = YAML(typ="safe", pure=True).load(manifest)
    assert sorted(lost(ours, json.loads(done.stdout))) == []


def lost(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """The paths of what is in ours and not in theirs."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key, value in ours.items():
            yield from lost(value, theirs.get(key), f"{path}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list):
        for index, value in enumerate(ours):
            yield from lost(value, theirs[index] if index < len(theirs) else None, f"{path}[{index}]")
    elif ours != theirs:
        yield path
