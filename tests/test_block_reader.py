"""What the block reader accepts, the exact reader accepts, with the same scalars, spans and paths.

Held against every fixture, every document of a corpus where one is at hand, and one-line mutants
of them all; a mutant is a document in which one line was deleted, doubled, indented, joined, cut,
swapped or given one more character.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_tcr import InputError, Settings, build, parse_rule, rewrite
from kubectl_tcr.errors import ReadError
from kubectl_tcr.find.search import Finder
from kubectl_tcr.readers import block, exact
from kubectl_tcr.text import stream

ROOT = Path(__file__).parent.parent
CORPUS = Path(os.environ.get("KUBECTL_TCR_CORPUS", ROOT.parent / "shared" / "corpus")) / "manifests"
HOSTS = "quay.io docker.io gcr.io k8s.gcr.io registry.k8s.io ghcr.io nvcr.io mcr.microsoft.com".split()
INTEREST = Finder(Settings(rules=build([[parse_rule(f"{host}=mirror.example") for host in HOSTS]]))).interest("")
# Every so many documents of a corpus is tried, with so many mutants each.
SHARDS, MUTANTS = 8, 3


def documents(path: Path) -> Iterator[str]:
    """The YAML documents of a file as text; files that are no text have none."""
    try:
        _, chunks = stream.decode([path.read_bytes()], path.name)
        for document in stream.split(chunks, path.name):
            text = document.body.decode().removeprefix("\ufeff")
            if not text.lstrip().startswith("{"):
                yield text
    except InputError:
        return


def mutants(text: str, random_: random.Random, number: int) -> Iterator[str]:
    lines = text.split("\n")
    for _ in range(number):
        mutant = list(lines)
        _MUTATIONS[random_.randrange(len(_MUTATIONS))](mutant, random_.randrange(len(mutant)), random_)
        yield "\n".join(mutant)


def _delete(lines: list[str], at: int, _: random.Random) -> None:
    del lines[at]


def _double(lines: list[str], at: int, _: random.Random) -> None:
    lines.insert(at, lines[at])


def _indent(lines: list[str], at: int, random_: random.Random) -> None:
    lines[at] = " " * random_.randrange(1, 4) + lines[at]


def _outdent(lines: list[str], at: int, random_: random.Random) -> None:
    lines[at] = lines[at][random_.randrange(1, 4) :]


def _join(lines: list[str], at: int, _: random.Random) -> None:
    lines[at : at + 2] = ["".join(lines[at : at + 2])]


def _cut(lines: list[str], at: int, random_: random.Random) -> None:
    lines[at] = lines[at][: random_.randrange(len(lines[at]) + 1)]


def _swap(lines: list[str], at: int, random_: random.Random) -> None:
    other = random_.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


def _insert(lines: list[str], at: int, random_: random.Random) -> None:
    column = random_.randrange(len(lines[at]) + 1)
    character = random_.choice(" -:#|>\"'[]{},\t&*!%@?\\/\r\x85\u2028\xa0~")
    lines[at] = lines[at][:column] + character + lines[at][column:]


_MUTATIONS = (_delete, _double, _indent, _outdent, _join, _cut, _swap, _insert)


def agrees(text: str) -> bool:
    """Whether the block reader accepts; fails where the exact reader then says otherwise."""
    found = block.read(text, INTEREST)
    if found is None:
        return False
    try:
        expected = exact.read(text, INTEREST)
    except ReadError as error:
        pytest.fail(f"accepted, but {error}: {text!r}")
    assert found == expected, text
    return True


@pytest.mark.parametrize("path", sorted((ROOT / "fixtures").rglob("*.y*ml")), ids=lambda path: path.name)
def test_a_fixture_and_its_mutants_are_read_alike_or_declined(path: Path) -> None:
    random_ = random.Random(path.name)
    for text in documents(path):
        agrees(text)
        for mutant in mutants(text, random_, 30):
            agrees(mutant)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus of manifests beside the checkout (KUBECTL_TCR_CORPUS)")
@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_corpus_and_its_mutants_are_read_alike_or_declined(shard: int) -> None:
    accepted = total = 0
    random_ = random.Random(shard)
    files = sorted(path for path in CORPUS.rglob("*") if path.is_file() and path.stat().st_size < 60_000)
    for path in files[shard :: SHARDS * 2]:
        for text in documents(path):
            total += 1
            accepted += agrees(text)
            for mutant in mutants(text, random_, MUTANTS):
                agrees(mutant)
    assert accepted > 0.9 * total, f"took {accepted} of {total} documents"


@pytest.mark.parametrize(
    "text",
    [
        "a: &x b\n",
        "a: *x\n",
        "a: !!str b\n",
        "a:\tb\n",
        "a: 1\n\t\nb: 2\n",
        "a: x\u2028image: y\n",
        "a: x\x85image: y\n",
        "a: x\rimage: y\n",
        "a: {b: [c\n]}\n",
        "? a\n: b\n",
        "a: |2\n   x\n",
        "a: b\n---\n",
        "...\n",
        "image: quay.io/a/b:1\n  - sh\n",
        "image: >-\n  quay.io/a\n   b\n",
        "~: 1\n",
        "- name: x\n   image: y\n",
        "-   name: x\n  image: y\n",
        "a: 1\n- b\n",
        "a: b: c\n",
        "plain text\n",
        "image: -\n",
    ],
    ids=repr,
)
def test_what_is_not_surely_plain_block_yaml_is_declined(text: str) -> None:
    assert block.read(text, INTEREST) is None


@pytest.mark.parametrize(
    "text",
    [
        "image: quay.io/a/b:1\n",
        "image: 'quay.io/a/b:1'  # a comment\n",
        'image: "quay.io\\x2fa/b:1"\r\nb: 2\r\n',
        "args: [--image=quay.io/a/b:1, 'x']\n",
        "a:\n- - image: quay.io/a/b:1\n    b: c\n",
        "script: |\n  docker run quay.io/a/b:1\n\n   deeper\nb: c\n",
        "note: >\n  pulls quay.io/a/b:1\n  and more\n",
        "description: a scalar\n  over two lines - with a dash\nimage: quay.io/a/b:1\n",
        "description: 'quoted\n  over two lines'\nimage: quay.io/a/b:1\n",
        "value:\n  quay.io/a/b:1\n",
        "a:\nb:\n- image: quay.io/a/b:1\n-\n  image: gcr.io/c/d\n",
    ],
    ids=repr,
)
def test_plain_block_yaml_is_read_as_the_exact_reader_does(text: str) -> None:
    assert agrees(text)


# Sequences: what stands in front of an item decides whether it is pushed.

IMAGE = "quay.io/a/b:1"
FRONT_ITEMS = {
    "a word": "- push\n",
    "a quoted word": "- 'push'  # a comment\n",
    "an escaped word": '- "pu\\x73h"\n',
    "a word, then a comment and a blank line": "- push\n# - no\n\n",
    "nothing": "-\n",
    "an empty string": "- ''\n",
    "a mapping": "- a: push\n  b: push\n",
    "a mapping on the next line": "-\n  a: push\n",
    "a flow sequence": "- [push, push]\n",
    "a sequence": "- - push\n  - push\n",
    "a literal": "- |\n  push\n",
    "a literal without its line feed": "- |-\n  push\n",
    "a literal with a comment, which is none": "- |-\n  # push\n",
    "a folded one": "- >-\n  push\n",
    "an empty literal": "- |\n",
    "a word on the next line": "-\n  push\n",
    "a plain one over two lines": "- push\n  more\n",
    "a quoted one over two lines": "- 'push\n  more'\n",
    "an escaped line end": '- "pu\\\n  sh"\n',
}
ITEMS = {
    "plain": f"- {IMAGE}\n",
    "quoted": f"- '{IMAGE}'\n",
    "a literal": f"- |-\n  {IMAGE}\n",
    "a folded one": f"- >-\n  {IMAGE}\n",
    "on the next line": f"-\n  {IMAGE}\n",
    "quoted over two lines": f"- '{IMAGE}\n  '\n",
}


@pytest.mark.parametrize("item", ITEMS)
@pytest.mark.parametrize("front", FRONT_ITEMS)
@pytest.mark.parametrize("indent", ["", "  "], ids=["in the column of its key", "indented"])
def test_what_stands_in_front_of_an_item(front: str, item: str, indent: str) -> None:
    lines = (FRONT_ITEMS[front] + ITEMS[item]).splitlines()
    agrees("args:\n" + "".join(f"{indent}{line}\n" for line in lines))
    agrees("- - x\n" + "".join(f"  {line}\n" for line in lines))


@settings(max_examples=400)
@given(st.lists(st.sampled_from([*FRONT_ITEMS.values(), *ITEMS.values(), "# quay.io/a/b:1\n", "\n"]), max_size=6))
def test_sequences_of_anything(items: list[str]) -> None:
    agrees("args:\n" + "".join(items))
    agrees("a:\n- b\n-\n" + "".join(f"  {line}\n" for line in "".join(items).splitlines()))


@pytest.mark.parametrize("front", ["a word", "a mapping", "a flow sequence", "nothing", "an empty string"])
def test_an_item_behind_one_on_one_line_is_not_declined(front: str) -> None:
    assert agrees(f"args:\n{FRONT_ITEMS[front]}- {IMAGE}\n")


@pytest.mark.parametrize("front", ["a folded one", "a literal", "a word on the next line", "an escaped line end"])
def test_what_is_pushed_stays_however_the_push_is_spelled(front: str) -> None:
    text = (
        f"kind: Pod\napiVersion: v1\nspec:\n  args:\n  {FRONT_ITEMS[front].replace(chr(10) + '  ', chr(10) + '    ')}"
    )
    [site] = rewrite(f"{text}  - {IMAGE}\n".encode()).sites
    assert site.after == ("" if front != "a literal" else "quay.tencentcloudcr.com/a/b:1")


# Quoted scalars over several lines: their values matter, not their text.

HIDDEN = {
    "a reference in double quotes": f'"\n  {IMAGE}\n  "',
    "a reference in single quotes": f"'\n  {IMAGE}\n  '",
    "a foreign one": "'\n  ghcr.io/acme/app:1\n  '",
    "a foreign one in double quotes": '"\n  ghcr.io/acme/app:1"',
    "an escaped line end inside": '"quay.io/a/\\\n  b:1"',
    "an escaped line end in its host": '"quay.\\\n  io/a/b:1"',
    "an escaped line end in the word image": '"{im\\\n  age: x}"',
    "an escaped slash": '"quay.io\\/a/b:1\n  "',
    "a key in doubled quotes": "'{''image'': x,\n  y: z}'",
    "a key in escaped quotes": '"{\\"image\\": x,\n  y: z}"',
    "a key in front of a line end": "'image\n  : x'",
    "a letter by number": '"\\x71uay.io/a/b:1\n  "',
    "nothing": "'x\n  y'",
}


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize("front", ["a: ", "image: ", "- ", "args:\n- "])
def test_a_quoted_scalar_over_lines_is_judged_by_its_value(name: str, front: str) -> None:
    agrees(f"{front}{HIDDEN[name]}\n")


ON_ONE_LINE = {
    "a host with a letter by number": f'"\\x71{IMAGE[1:]}"',
    "a slash by number": '"quay.io\\x2fa/b:1"',
    "a key in doubled quotes": "'{''image'': nginx}'",
    "a key with a letter by number": f'"{{im\\x61ge: {IMAGE}}}"',
}


@pytest.mark.parametrize("name", ON_ONE_LINE)
@pytest.mark.parametrize("front", ["a: ", "- a: ", "name: ", "- "])
def test_a_quoted_scalar_on_one_line_is_judged_by_its_value(name: str, front: str) -> None:
    assert agrees(f"{front}{ON_ONE_LINE[name]}\n")


@st.composite
def quoted(draw: st.DrawFn) -> str:
    """A reference, a document with one or a word in quotes: spelled in some way, over any number of lines."""
    value = draw(st.sampled_from([IMAGE, "ghcr.io/acme/app:1", "{image: nginx}", "{'image': nginx}", "x y"]))
    if draw(st.booleans()):
        texts, line_end, quote = [character.replace("'", "''") for character in value], "\n  ", "'"
    else:
        texts, line_end, quote = list(value), "\\\n  ", '"'
        for at in draw(st.sets(st.sampled_from(range(len(value))), max_size=3)):
            texts[at] = draw(st.sampled_from([f"\\x{ord(value[at]):02x}", f"{line_end}{value[at]}"]))
    texts = [draw(st.sampled_from([" ", "\n  "])) if text == " " else text for text in texts]
    ends = st.sampled_from(["", "\n  ", line_end])
    return f"{quote}{draw(ends)}{''.join(texts)}{draw(ends)}{quote}"


@settings(max_examples=400)
@given(st.sampled_from(["a: ", "image: ", "name: ", "- ", "args:\n- push\n- ", "- a: "]), quoted())
def test_quoted_scalars_spelled_in_any_way(front: str, text: str) -> None:
    agrees(f"{front}{text}\n")


@pytest.mark.parametrize("text", ["a: some image\n  :x\n", "a: x\n  ghcr.io/a/b:1\n", "- image\n  :x\n"], ids=repr)
def test_further_lines_of_a_plain_scalar(text: str) -> None:
    agrees(text)


def test_a_line_is_read_by_where_it_stands_not_by_what_it_was_before() -> None:
    assert agrees("args:\n  - |\n    sleep 1  # a comment\n")
    assert not agrees("mounts: false\n  - |\n    sleep 1  # a comment\n  - x\n")


def test_a_document_in_which_every_line_is_indented_otherwise_is_read() -> None:
    lines = [f"{' ' * (index % 90)}k{index}:" for index in range(90)]
    assert agrees("\n".join(lines) + " quay.io/a/b:1\n")
    for start in range(0, 6_000, 100):
        shapes = "".join(
            f"-{' ' * (1 + (start + index) % 97)}-{' ' * (1 + (start + index) // 97)}x\n" for index in range(100)
        )
        assert agrees(f"image: quay.io/a/b:1\na:\n{shapes}")


# What was read of a key helps to read its next line: values that say nothing, and others that only look like them.
VALUES = [
    *("word", "1.5", "null", "true", "a.b-c_d", '"quoted text"', '""', '"a: b"', '"a # b"', '"[x], {y}"'),
    *("quay.io/a/b:1", '"quay.io/a/b:1"', "some-image", '"the image"', '"a\\x2fb"', '"it\'s"', "'a'", "a: b", "a # b"),
    *("two words", "a:", "-a", '"open', "word ", '"a" ', "{a: x, b: 1}", "{a: quay.io/a/b, b: 1}", "{image: nginx}"),
    *("{a: x, b: {c: y}}", "{name: x, a: [y]}", "[a, b]", "{a: some-image}", "{a: x, b: }", "word\r", "ä"),
]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("key", ["a", "name", "kind", "image", "- a", "x:\n  a", "image:\n  name", "args:\n- a"])
def test_a_line_with_a_key_that_was_read_before(key: str, value: str) -> None:
    for before in ("x", '"x"', "{a: z, b: 2}", "{image: z}"):
        agrees(f"{key}: {before}\n")
    agrees(f"{key}: {value}\n")
    agrees(f"b: two\n words\n{key}: {value}\n   further: x\n")


# The same whatever was read before.
BEFORE_AND_BEHIND = [
    (f'{{"k: {"a" * 1100},": d}}', '{"k: x,": d}'),
    ("{a: }", "{a: x}"),
    ("{a: , b: c}", "{a: x, b: c}"),
    ("{a: , b: 'c: d,'}", "{a: x, b: 'c: x,'}"),
]


@pytest.mark.parametrize(("text", "before"), BEFORE_AND_BEHIND, ids=["a key that is too long", *"abc"])
def test_a_collection_in_braces_is_read_by_itself(text: str, before: str) -> None:
    alone = block.read(f"a: {text}\n", Finder(Settings()).interest(""))
    interest = Finder(Settings()).interest("")
    assert block.read(f"a: {before}\n", interest)
    assert (block.read(f"a: {text}\n", interest) is None) is (alone is None)
