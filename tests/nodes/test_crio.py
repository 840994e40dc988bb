"""CRI-O's and podman's registries.conf.d."""

import tomllib

import pytest

from kubectl_tcr import build, parse_rule
from kubectl_tcr.nodes import crio
from kubectl_tcr.nodes.crio import DROP_IN, MAIN

from .conftest import Machine


def test_rules_for_parts_of_hosts_hold_with_prefixes_on_both_sides(node: Machine) -> None:
    done = node.nodes("cri-o", "--mirror", "quay.io/a/b=m.io:5000/c", "--plain-http", "m.io:5000")
    assert tomllib.loads(done.out.decode()) == {
        "registry": [
            {
                "prefix": "quay.io/a/b",
                "location": "quay.io/a/b",
                "mirror": [{"location": "m.io:5000/c", "insecure": True}],
            },
            {"prefix": "quay.io", "location": "quay.io", "mirror": [{"location": "quay.tencentcloudcr.com"}]},
        ]
    }


def test_the_drop_in_is_written_once(node: Machine) -> None:
    node.put(MAIN, 'unqualified-search-registries = ["docker.io"]\n')
    assert "then: reload crio" in node.nodes("cri-o", "--root", "ROOT", "--write").err
    assert sorted(node.files()) == [MAIN, DROP_IN]
    assert "nothing to do" in node.nodes("cri-o", "--root", "ROOT", "--write").err


REFUSED = {
    "the source in the main file": (MAIN, "[[registry]]\nlocation = 'quay.io'\n", "for quay.io already"),
    "the source in a drop-in": (
        "/etc/containers/registries.conf.d/90-ours.conf",
        "[[registry]]\nprefix = 'quay.io'\nlocation = 'a.io'\n",
        "90-ours.conf: has a [[registry]] for quay.io already",
    ),
    "version 1 of the format": (MAIN, "[registries.search]\nregistries = ['docker.io']\n", "version 1 of the format"),
    "a broken file": (MAIN, "[[registry]\n", "registries.conf:1:"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_not_hold_is_refused(node: Machine, name: str) -> None:
    path, text, words = REFUSED[name]
    node.put(path, text)
    assert words in node.refused("cri-o", "--root", "ROOT", "--write")


def test_no_rule_is_told(node: Machine) -> None:
    assert "no rule is in force" in node.refused("cri-o", "--preset", "none")


def test_an_official_image_is_named_as_it_is_pulled() -> None:
    rules = build([map(parse_rule, ["docker.io/busybox=m.example/busybox", "docker.io/library/nginx=m.example/nginx"])])
    found = [row["prefix"] for row in tomllib.loads(crio.drop_in(rules))["registry"]]
    assert found == ["docker.io/busybox", "docker.io/library/busybox", "docker.io/library/nginx"]


def test_of_two_rules_for_an_official_image_the_longer_source_counts() -> None:
    rules = build(
        [map(parse_rule, ["docker.io/busybox=m.example/user", "docker.io/library/busybox=m.example/official"])]
    )
    rows = {row["prefix"]: row["mirror"][0]["location"] for row in tomllib.loads(crio.drop_in(rules))["registry"]}
    assert rows == {"docker.io/busybox": "m.example/user", "docker.io/library/busybox": "m.example/official"}
