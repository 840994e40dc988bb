"""Long strings read some lines or words at a time: every byte and site is what reading the whole gives."""

import json
import random

import pytest

from kubectl_tcr.find import commands
from kubectl_tcr.pipeline import Part, Rewriter
from kubectl_tcr.readers import cuts
from tests.conftest import NINE
from tests.test_pieces import told

SIZE = 20_000
WHOLE, CUT = Rewriter(NINE), Rewriter(NINE, longest=SIZE)
HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {annotations: {a: quay.io/h/h:1}}\ndata:\n  img: quay.io/first/x:1\n"
TAIL = "  zz: quay.io/t/t:1\n  # quay.io/c/c:1\n"
# What a decision looks at: commands, sections, comments, flags, patterns, placeholders, characters of any plane.
WORDS = (
    "quay.io/a/b:1|nginx|docker run|pull|--image=acme/x:1|FROM|$IMG|gcr.io/x/y|registry.x.com/foo|a.cn/b/c:1"
    "|# c|[section]|key|=|https://quay.io/x|sed|s,quay.io/a,b,|(quay.io/q/r:2)|\u00e9|\U0001f680"
    "|${X:-quay.io/d/e}|{{ x }}|$(cat V)|grep|TAG=foo/bar:2|case|the|`docker.io/library/nginx`|/|; quay.io/a/b"
).split("|")


def lines(seed: int, count: int = 1_500) -> list[str]:
    """Lines of words, the same for a seed."""
    chosen = random.Random(seed)
    return ["notes", *(" ".join(chosen.choices(WORDS, k=chosen.randint(1, 9))) for _ in range(count))]


def block(text: list[str], header: str = "|") -> str:
    return f"{HEAD}  x: {header}\n" + "".join(f"    {line}\n" for line in text) + TAIL


def quoted(text: list[str]) -> str:
    return f'{HEAD}  x: "{" ".join(text)}"\n{TAIL}'


def as_json(text: list[str], between: str = " ", *, is_ascii: bool = False) -> str:
    data = {"img": "quay.io/first/x:1", "x": between.join(text), "zz": "quay.io/t/t:1"}
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "data": data}, ensure_ascii=is_ascii)


def parts(rewriter: Rewriter, source: str) -> list[Part]:
    return list(rewriter.parts([source.encode()], "stream")[1])


SPELLINGS = {
    "a block scalar": block,
    "a block scalar without its last line feed": lambda text: block(text, "|-"),
    "a block scalar with deeper and blank lines": lambda text: block([*text, "", "  deeper", *text]),
    "a string in double quotes": quoted,
    "JSON": as_json,
    "JSON with escaped characters": lambda text: as_json(text, is_ascii=True),
    "JSON with escaped line feeds": lambda text: as_json(text, "\n"),
    "a Secret": lambda text: block(text).replace("ConfigMap", "Secret"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_long_string_becomes_what_it_becomes_as_a_whole(spelling: str) -> None:
    source = SPELLINGS[spelling](lines(len(spelling)))
    found = parts(CUT, source)
    assert len(found) > 2
    assert b"".join(part.source for part in found) == source.encode()
    assert told(found) == told(parts(WHOLE, source))


SCRIPT = ["docker run quay.io/acme/web:1"] * 1_000
UNCUT = {
    "a script that pushes": block([*SCRIPT, "docker push quay.io/acme/web:1"]),
    "a mark to ignore": block(["quay.io/acme/web:1 # tcr-rewrite: ignore", *SCRIPT]),
    "a document": block(["kind: Pod", *(f"a{number}: quay.io/acme/web:1" for number in range(1_000))]),
    "what begins as JSON": block(["[quay.io/acme/web:1", *SCRIPT]),
    "one word": quoted(["quay.io/" + "a" * 80_000]),
    "a placeholder that goes on": block(["quay.io/acme/web:{{ x", *SCRIPT, "}}"]),
    "a field that is an image": "kind: Pod\napiVersion: v1\nspec:\n  containers:\n  - image: "
    + json.dumps(" ".join(SCRIPT)),
    "escapes of YAML": quoted([*SCRIPT, "\\t"]),
    "an anchor": block(SCRIPT).replace("img: ", "img: &a "),
    "a definition with a default": block(SCRIPT).replace("ConfigMap", "CustomResourceDefinition # default"),
}


@pytest.mark.parametrize("case", UNCUT)
def test_a_string_of_which_a_part_may_decide_for_another_is_read_as_a_whole(case: str) -> None:
    found = parts(CUT, UNCUT[case])
    assert len(found) == 1
    assert told(found) == told(parts(WHOLE, UNCUT[case]))


@pytest.mark.parametrize(
    ("script", "is_one"),
    [
        ("docker push quay.io/a/b", True),
        ("x\nif y; then docker \\\n  push quay.io/a/b\nfi", True),
        ("sh -c 'docker tag a b'", True),
        ("docker pull quay.io/a/b", False),
        ("add this, delete that, update all of it", False),
    ],
)
def test_a_script_is_known_to_push(script: str, is_one: bool) -> None:
    assert commands.pushes(script) is is_one


@pytest.mark.parametrize("placeholder", ["{{ a b }}", "$(a b)", "$(a $(b) c)", "$[[ a b ]]"])
def test_a_string_is_cut_at_a_blank_outside_of_placeholders(placeholder: str) -> None:
    text = f"x y {placeholder} z"
    body = f'{{"a":"{text}"}}'.encode()
    long = cuts.Long(5, 6, len(body) - 2)
    places = {long.cut(body, position) for position in range(7, len(body) - 3)}
    assert sorted(body[6:place].decode() for place in places) == ["x ", "x y ", f"x y {placeholder} "]
