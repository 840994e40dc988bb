"""Values of a configuration: made in time that grows with what is written, not with its square."""

import time
from types import SimpleNamespace

import pytest
import ruamel.yaml
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from kubectl_tcr.readers import values

YAML = "tag:yaml.org,2002:"
MARK = SimpleNamespace(line=0, index=0)
MANY = 20_000


def scalar(text: str, kind: str = "str") -> Node:
    return ScalarNode(YAML + kind, text, start_mark=MARK)


def mapping(key: Node, value: Node) -> Node:
    return MappingNode(YAML + "map", [(key, value)], start_mark=MARK)


def test_many_merged_mappings_are_joined_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser takes most of the time, so the nodes are made by hand; copies of all so far would take far longer."""
    parts = [mapping(scalar(f"k{number}"), scalar("x")) for number in range(MANY)]
    node = mapping(scalar("<<", "merge"), SequenceNode(YAML + "seq", parts, start_mark=MARK))
    monkeypatch.setattr(ruamel.yaml.YAML, "compose", lambda *_: node)
    started = time.process_time()
    assert len(values.load("")[0]) == MANY
    assert time.process_time() - started < 2
