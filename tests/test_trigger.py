"""The trigger's law: a document in which it does not fire has no site when it is read all the same.

Held against every fixture and their one-line mutants, a corpus where one is at hand, every declared
field in many spellings, and documents made of what its search looks for.
"""

import json
import os
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_tcr import InputError, Settings
from kubectl_tcr.find.site import Site
from kubectl_tcr.find.trigger import Trigger
from kubectl_tcr.kubernetes.fields import Field, split_path
from kubectl_tcr.pipeline import Rewriter
from kubectl_tcr.text import stream
from tests.conftest import FIXTURES, NINE, ROOT
from tests.test_block_reader import mutants

CORPUS = Path(os.environ.get("KUBECTL_TCR_CORPUS", ROOT.parent / "shared" / "corpus")) / "manifests"
SHARDS, MUTANTS = 8, 2

TRIGGER = Trigger(NINE)
READER = Rewriter(NINE, validate=True)


def documents(source: bytes) -> Iterator[bytes]:
    """The documents of a stream, as far as it is one."""
    try:
        _, text = stream.decode([source], "x")
        for document in stream.split(text, "x"):
            yield document.body
    except InputError:
        return


def sites(body: bytes) -> list[Site]:
    """Every site of a document; one that cannot be read has none."""
    try:
        return [site for part in READER.parts([body], "x")[1] for site in part.sites]
    except InputError:
        return []


def holds(body: bytes) -> bool:
    """Whether a document is one in which the trigger does not fire; fails where it has a site then."""
    if TRIGGER.fires(body):
        return False
    assert sites(body) == [], body.decode()
    return True


# What is never read.


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"apiVersion: v1\nkind: ConfigMap\ndata: {key: value}\n",
        b"apiVersion: v1\nkind: Service\nspec:\n  ports:\n  - port: 80\n    targetPort: 8080/tcp\n",
        b"image:\n  pullPolicy: Always\n",
        b"images:\n- nginx\n",
        b"path: /var/lib/kubelet\n",
        b"script: 'a \\ b'\n",
    ],
    ids=["empty", "config map", "service", "mapping below image", "list below images", "path", "backslash"],
)
def test_a_document_that_can_hold_no_reference_is_not_read(body: bytes) -> None:
    assert holds(body)


# What is.


@pytest.mark.parametrize(
    "body",
    [
        b"note: see quay.io\n",
        b"- ghcr.example/a/b:1\n",
        b"- ghcr.example/a/b@sha256:0\n",
        b"image: nginx\n",
        b"image : nginx\n",
        b"'image': nginx\n",
        b'{"image":"nginx"}\n',
        b'data: "{\\"image\\": \\"nginx\\"}"\n',
        b'"im\\x61ge": nginx\n',
        b'"im\\\n  age": nginx\n',
        b'"im\\\r\n  age": nginx\r\n',
        b"image:\n  nginx\n",
        b"image:\n  nginx:1\n",
        b"image: # the server\n  nginx\n",
        b"image: &a\n  nginx\n",
        b"? image\n: nginx\n",
        b"{? image : nginx}\n",
        b"a: &k image\nb: {*k : nginx}\n",
        b"reference: nginx\n",
        b"apiVersion: tekton.dev/v1\nimage:\n- nginx\n",
        b'{"apiVersion":"tekton.dev/v1","image":[]}\n',
        b"kind: CustomResourceDefinition\nimage:\n  type: string\n  default: nginx\n",
        b'{"kind": "CustomResourceDefinition", "repository": {"type": "string", "default": "a/b"}}',
        b"apiVersion: !!str tekton.dev/v1\n",
        b"apiVersion: >-\n  tekton.dev/v1\n",
        b"x: &k apiVersion\n*k : tekton.dev/v1\n",
    ],
    ids=repr,
)
def test_a_document_that_may_hold_a_reference_is_read(body: bytes) -> None:
    assert TRIGGER.fires(body)


# Declared fields in every spelling: the trigger must fire wherever a reader finds something.


def resource(row: Field) -> dict[str, Any]:
    """A resource with a short name at a field."""
    kind = "Some" if row.kind == "*" else row.kind
    found: dict[str, Any] = {"apiVersion": f"{row.group}/v1" if row.group else "v1", "kind": kind}
    keys = [key for key in split_path(row.path) if key != "**"]
    last = next(index for index in reversed(range(len(keys))) if keys[index] != "[]")
    name, _, value = row.when.partition("=")

    def below(at: int) -> Any:
        if at == len(keys):
            return "nginx"
        if keys[at] == "[]":
            return [below(at + 1)]
        made = {"any" if keys[at] == "{}" else keys[at]: below(at + 1)}
        return {name: value, **made} if name and at == last else made

    return {**found, **below(0)}


Spell = Callable[[str], str]

KEYS: dict[str, Spell] = {
    "plain": lambda key: f"{key}:",
    "blank in front of the colon": lambda key: f"{key} :",
    "single-quoted": lambda key: f"'{key}':",
    "double-quoted": lambda key: f'"{key}" :',
    "escaped": lambda key: f'"\\x{ord(key[0]):02x}{key[1:]}":',
    "tagged": lambda key: f"!!str {key}:",
    "anchored": lambda key: f"&k {key} :",
    "explicit": lambda key: f"? {key}\n:",
    "explicit, with a comment": lambda key: f"? {key} # a comment\n:",
}
VALUES: dict[str, Spell] = {
    "plain": lambda value: f" {value}",
    "quoted": lambda value: f' "{value}"',
    "next line": lambda value: f"\n{' ' * 40}{value}",
    "comment, then next line": lambda value: f" # a comment\n{' ' * 40}{value}",
    "blank line, then next line": lambda value: f"\n\n{' ' * 40}{value}",
    "anchored": lambda value: f" &a {value}",
    "tagged": lambda value: f" !!str {value}",
    "literal": lambda value: f" |-\n{' ' * 40}{value}",
    "folded": lambda value: f" >-\n{' ' * 40}{value}",
}


def block(value: Any, key: Spell, scalar: Spell, indent: int = 0) -> str:
    """A value in block YAML."""
    space = " " * indent
    if isinstance(value, Mapping):
        return "".join(
            space
            + key(name).replace(LINE_END, LINE_END + space)
            + (scalar(below) + "\n" if isinstance(below, str) else "\n" + block(below, key, scalar, indent + 2))
            for name, below in value.items()
        )
    if isinstance(value, list):
        return "".join(
            f"{space}-"
            + (scalar(below) + "\n" if isinstance(below, str) else "\n" + block(below, key, scalar, indent + 2))
            for below in value
        )
    return f"{space}{value}\n"


LINE_END = "\n"
ROWS = Settings().fields.rows


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("key", KEYS)
def test_declared_fields_in_block_yaml(key: str, value: str) -> None:
    found = [holds_found(block(resource(row), KEYS[key], VALUES[value]).encode()) for row in ROWS[:: len(ROWS) // 90]]
    assert sum(found) > len(found) / 2


FLOWS: dict[str, Callable[[str], str]] = {
    "JSON": lambda text: text,
    "JSON over lines": lambda text: json.dumps(json.loads(text), indent=2),
    "JSON with colons on lines of their own": lambda text: text.replace('": ', '"\n:\n'),
    "flow YAML": lambda text: "# a comment\n" + text.replace('"', ""),
    "flow YAML in single quotes": lambda text: "# a comment\n" + text.replace('"', "'"),
    "JSON in a double-quoted string": lambda text: f"data: {json.dumps(text)}",
    "JSON in a single-quoted string": lambda text: f"data: '{text}'",
    "JSON in a literal": lambda text: f"data: |\n  {text}",
    "flow YAML in a double-quoted string": lambda text: f"data: {json.dumps(text.replace(chr(34), chr(39)))}",
    "flow YAML in a single-quoted string": lambda text: "data: '" + text.replace('"', "''") + "'",
    "JSON with colons on lines of their own, in a string": lambda text: (
        f"data: {json.dumps(text.replace(chr(34) + ': ', chr(34) + chr(10) + ':' + chr(10)))}"
    ),
    "JSON in JSON in JSON": lambda text: json.dumps({"a": json.dumps({"b": text})}),
}


@pytest.mark.parametrize("flow", FLOWS)
def test_declared_fields_in_flow(flow: str) -> None:
    found = [holds_found(FLOWS[flow](json.dumps(resource(row))).encode()) for row in ROWS]
    assert any(found)


def holds_found(body: bytes) -> bool:
    """Whether a document has a site; fails where it has one and the trigger does not fire."""
    found = bool(sites(body))
    assert TRIGGER.fires(body) or not found, body.decode()
    return found


# Whatever comes.

PIECES = [
    *("image", "images", '"image"', "'image'", "someImage", "image-name", "reference", "newName", "apiVersion", "kind"),
    *("spec", "containers", "name", "repository", "tag", "registry", "from", "url", "override"),
    *(": ", ":", " : ", ":\n", ":\n  ", ":\n    ", ":\r\n  ", "? ", "?\n", "- ", "-\n", ",", ", ", "\n", "\n  "),
    *("\n    ", "{", "}", "[", "]", "&a ", "*a ", "*a", "!!str ", "! ", "|\n  ", ">-\n  ", "# x\n", " # x\n", "<<: *a"),
    *("nginx", "nginx:1", "a/b", "a/b:1", "x.example/a/b", "x.example/a/b:1", "x.example/a@sha256:", "quay", ".io"),
    *("tekton.dev/v1", "kafka.strimzi.io/v1", "kustomize.config.k8s.io/v1beta1", "v1", "apps/v1", "Pod", "Kafka"),
    *('"', "'", "\\", "\\x61", "\\u0061", "\\/", "\\n", '\\"', "\x85", "\u2028", "\ufeff", "\t", " "),
]

NODE = st.sampled_from(["nginx", "nginx:1", "a/b:1", "x.example/a/b:1", '"nginx"', "'a/b'", "*a", ""])
KEY = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "", "", "? ", "&a ", "!!str ", "&a !!str "]),
    st.sampled_from(
        ["image", '"image"', "'image'", "images", '"ima\\\n  ge"', '"ima\\\x85  ge"', '"ima\\\u2028ge"', "*a"]
    ),
    st.sampled_from(
        [":", ": ", " :", " : ", "\n:", "\n: ", ": # x", ":\n#\n", ":\n\n", ": &b", ": !!str", ": |\n", ": >-\n"]
    ),
)
ENTRY = st.builds("{}{}{}".format, KEY, st.sampled_from(["", " ", "\n", "\n  ", "\n   ", "\n     ", "\n\t"]), NODE)
POD = st.builds(
    "{}\nkind: {}\nspec:\n  containers:\n  - {}\n    {}\n".format,
    st.sampled_from(
        ["apiVersion: v1", "apiVersion: apps/v1", "apiVersion:\n  v1", "apiVersion: # x\n  v1", "x: &a image"]
    ),
    st.sampled_from(["Pod", "Deployment", "Some"]),
    ENTRY,
    ENTRY | st.just("name: x"),
)
FLOW = st.builds("x: &a image\nspec: {{containers: [{{{}, {}}}]}}\nkind: Pod\napiVersion: v1\n".format, ENTRY, ENTRY)
ANY = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
RESOURCE = st.builds(
    "apiVersion: {}\nkind: {}\nspec:\n  {}\n".format,
    st.sampled_from(["v1", "tekton.dev/v1", "# x\n  kafka.strimzi.io/v1", "'kafka.strimzi.io/v1'"]),
    st.sampled_from(["Pod", "Kafka", "KafkaConnect", "Task"]),
    ANY,
)


@settings(max_examples=1500)
@given(POD | FLOW | RESOURCE | ANY)
def test_what_does_not_fire_has_no_site(text: str) -> None:
    for body in documents(text.encode()):
        holds(body)


# Real documents.


def shown(path: Path, random_: random.Random, number: int) -> int:
    """How many documents of a file and of their mutants did not fire."""
    silent = 0
    for body in documents(path.read_bytes()):
        silent += holds(body)
        for mutant in mutants(body.decode(), random_, number):
            silent += sum(holds(part) for part in documents(mutant.encode()))
    return silent


FILES = sorted(path for path in FIXTURES.rglob("*") if path.is_file())


@pytest.mark.parametrize("shard", range(4))
def test_fixtures_and_their_mutants_keep_the_law(shard: int) -> None:
    random_ = random.Random(shard)
    assert sum(shown(path, random_, 20) for path in FILES[shard::4]) > 0


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus of manifests beside the checkout (KUBECTL_TCR_CORPUS)")
@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_corpus_and_its_mutants_keep_the_law(shard: int) -> None:
    random_ = random.Random(shard)
    files = sorted(path for path in CORPUS.rglob("*") if path.is_file() and path.stat().st_size < 60_000)
    assert sum(shown(path, random_, MUTANTS) for path in files[shard :: SHARDS * 2]) > 0
