"""Docker's daemon.json: one more mirror, and every other byte as it was."""

import json

import pytest

from kubectl_tcr.errors import NodeError
from kubectl_tcr.nodes import docker

from .conftest import Machine

URL = "https://mirror.ccs.tencentyun.com"
FILE = docker.CONFIG

MERGED = {
    "no file": ("", f'{{\n  "registry-mirrors": [\n    "{URL}"\n  ]\n}}\n'),
    "an empty object": ("{}\n", f'{{\n  "registry-mirrors": ["{URL}"]\n}}\n'),
    "other keys, in their order": (
        '{\n    "log-level": "warn",\n    "a": {"b": [1, 2.50]}\n}\n',
        f'{{\n    "log-level": "warn",\n    "a": {{"b": [1, 2.50]}},\n    "registry-mirrors": ["{URL}"]\n}}\n',
    ),
    "one line": ('{"a":1}', f'{{"a":1, "registry-mirrors": ["{URL}"]}}'),
    "another mirror": (
        '{"registry-mirrors": ["https://m.io"], "a": 1}\n',
        f'{{"registry-mirrors": ["{URL}", "https://m.io"], "a": 1}}\n',
    ),
    "other mirrors on lines of their own": (
        '{\n  "registry-mirrors": [\n    "https://m.io"\n  ]\n}\n',
        f'{{\n  "registry-mirrors": [\n    "{URL}",\n    "https://m.io"\n  ]\n}}\n',
    ),
    "ours behind another": (
        f'{{"registry-mirrors": ["https://m.io", "{URL}"], "a": 1}}\n',
        f'{{"registry-mirrors": ["{URL}", "https://m.io"], "a": 1}}\n',
    ),
    "ours behind others, on lines of their own": (
        f'{{\n  "registry-mirrors": [\n    "https://a.io",\n    "https://m.io",\n    "{URL}"\n  ]\n}}\n',
        f'{{\n  "registry-mirrors": [\n    "{URL}",\n    "https://a.io",\n    "https://m.io"\n  ]\n}}\n',
    ),
    "an empty list": ('{"registry-mirrors": [ ]}', f'{{"registry-mirrors": ["{URL}"]}}'),
}

REFUSED = {
    "broken JSON": ('{"a": 1,}', "daemon.json:1:"),
    "a comment": ('{\n  // ours\n  "a": 1\n}', "daemon.json:2:3: invalid JSON"),
    "a list": ("[]", "holds no JSON object"),
    "a string for the list": ('{"registry-mirrors": "https://m.io"}', "no list of strings"),
    "a key twice": ('{"a": 1, "a": 2}', 'the key "a" stands twice'),
    "the key again in a string": (
        '{"a": "\\"registry-mirrors\\": [", "registry\\u002dmirrors": []}',
        f'put "{URL}" first in registry-mirrors by hand',
    ),
    "brackets without end": ('{"a": ' + "[" * 100_000, "daemon.json"),
}


@pytest.mark.parametrize("text", [f'{{"registry-mirrors":["{URL}"]}}', f'{{"registry-mirrors": ["{URL}/", "b"]}}'])
def test_a_mirror_that_is_first_stays_where_it_is(text: str) -> None:
    assert docker.merge(text, URL) == text


@pytest.mark.parametrize("name", MERGED)
def test_the_mirror_is_put_in_front(name: str) -> None:
    text, expected = MERGED[name]
    assert docker.merge(text, URL) == expected
    assert json.loads(expected)["registry-mirrors"][0] == URL
    assert docker.merge(expected, URL) == expected


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_merged_is_told(name: str) -> None:
    text, words = REFUSED[name]
    with pytest.raises(NodeError) as error:
        docker.merge(text, URL)
    assert words in str(error.value)


def test_only_docker_hub_has_a_mirror_and_the_others_are_named(node: Machine) -> None:
    node.put(FILE, '{"a": 1}\n')
    done = node.nodes("docker", "--preset", "tke", "--root", "ROOT", "--write")
    assert done.status == 0
    assert node.get(FILE) == f'{{"a": 1, "registry-mirrors": ["{URL}"]}}\n'
    assert "quay.io: Docker asks no mirror for it; rewrite its references in manifests" in done.err
    assert "then: reload docker" in done.err


def test_without_a_root_the_file_is_printed_alone(node: Machine) -> None:
    assert json.loads(node.nodes("docker", "--preset", "tke").out) == {"registry-mirrors": [URL]}


def test_rules_that_docker_cannot_take_are_refused(node: Machine) -> None:
    assert "no rule is for docker.io" in node.refused("docker")
    assert "no mirror with a path" in node.refused("docker", "--mirror", "docker.io=m.io/hub")
