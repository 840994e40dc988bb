"""Values and documents in all the ways YAML and JSON can spell them, for tests that draw them at random."""

import json
import random
from typing import NamedTuple

from hypothesis import strategies as st

# Words without white space; some look like syntax, some hold what must be escaped.
PLAIN_WORDS = st.from_regex(r"[a-z][a-zA-Z0-9._/@é🐳-]{0,8}(:[0-9]{1,3})?", fullmatch=True)
ODD_WORDS = st.text(st.sampled_from("ab/.:-'\"\\#{}[],&*!|>%@`=é🐳\x85\u2028"), min_size=1, max_size=6)
REFERENCE = "quay.io/acme/app:1.2"


class Spelling(NamedTuple):
    """Text that spells a value as the value of a key at column 0, and where the reference stands in the value."""

    style: str
    text: str
    value: str
    at: int


def _around(words: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[list[str], list[str]]]:
    return st.tuples(st.lists(words, max_size=3), st.lists(words, max_size=3))


@st.composite
def plain(draw: st.DrawFn) -> Spelling:
    front, back = draw(_around(PLAIN_WORDS))
    words = [*front, REFERENCE, *back]
    gaps = [draw(st.sampled_from([" ", "\n  ", "\n     ", "  \n \t"])) for _ in words[1:]]
    text = "".join(word + gap for word, gap in zip(words, [*gaps, ""], strict=True))
    return Spelling("plain", text, " ".join(words), len("".join(f"{word} " for word in front)))


@st.composite
def single(draw: st.DrawFn) -> Spelling:
    front, back = draw(_around(ODD_WORDS.filter(_is_one_line)))
    words = [*front, REFERENCE, *back]
    gaps = [draw(st.sampled_from([" ", "\n  ", " \n      "])) for _ in words[1:]]
    text = "".join(word.replace("'", "''") + gap for word, gap in zip(words, [*gaps, ""], strict=True))
    return Spelling("single", f"'{text}'", " ".join(words), len("".join(f"{word} " for word in front)))


@st.composite
def double(draw: st.DrawFn) -> Spelling:
    value, at = draw(_values())
    escape = draw(st.randoms(use_true_random=False))
    text = ""
    for character in value:
        if escape.random() < 0.1:
            text += "\\\n  " if character not in " \t" else ""
        must = not character.isprintable() or character in '"\\' or (character in " \t" and text.endswith("\n  "))
        text += _escaped(character, escape.randrange(3)) if must or escape.random() < 0.2 else character
    return Spelling("double", f'"{text}"', value, at)


@st.composite
def as_json(draw: st.DrawFn) -> Spelling:
    value, at = draw(_values())
    escape = draw(st.randoms(use_true_random=False))
    text = ""
    for character in value:
        choice = escape.randrange(5)
        plain = json.dumps(character, ensure_ascii=choice == 0)[1:-1]
        if choice == 1:
            units = character.encode("utf-16-be")
            plain = "".join(f"\\u{units[index]:02x}{units[index + 1]:02X}" for index in range(0, len(units), 2))
        text += "\\/" if character == "/" and choice == 2 else plain
    return Spelling("json", f'"{text}"', value, at)


@st.composite
def literal(draw: st.DrawFn) -> Spelling:
    front, back = draw(_around(ODD_WORDS.filter(_is_one_line)))
    gap = st.sampled_from([" ", "\n", "\n\n", "  ", "\n ", "\t"])
    lead = "".join(word + draw(gap) for word in front)
    value = lead + REFERENCE + "".join(draw(gap) + word for word in back)
    end, chomp = draw(st.sampled_from([("", "-"), ("\n", ""), ("\n\n", "+")]))
    width = draw(st.sampled_from([1, 2, 5]))
    lines = "\n".join(" " * width + line if line else "" for line in (value + end.removesuffix("\n")).split("\n"))
    return Spelling("literal", f"|{width}{chomp}\n{lines}", value + end, len(lead))


@st.composite
def folded(draw: st.DrawFn) -> Spelling:
    front, back = draw(_around(ODD_WORDS.filter(_is_one_line)))
    words = [*front, REFERENCE, *back]
    gaps = [draw(st.sampled_from([" ", "\n  ", "\n\n  "])) for _ in words[1:]]
    text = "".join(word + gap for word, gap in zip(words, [*gaps, ""], strict=True))
    means = ["\n" if gap == "\n\n  " else " " for gap in gaps]
    value = "".join(word + gap for word, gap in zip(words, [*means, ""], strict=True))
    at = sum(len(word) + 1 for word in front)
    return Spelling("folded", f">-\n  {text}", value, at)


def _is_one_line(word: str) -> bool:
    return not set(word) & set("\x85\u2028")


def _escaped(character: str, choice: int) -> str:
    code = ord(character)
    if choice == 0 and code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04X}" if choice == 1 and code < 0x10000 else f"\\U{code:08x}"


@st.composite
def _values(draw: st.DrawFn) -> tuple[str, int]:
    """A value of several words and lines, and where the reference stands in it."""
    front, back = draw(_around(ODD_WORDS))
    gap = st.sampled_from([" ", "\n", "\t", "  ", "\xa0"])
    lead = "".join(word + draw(gap) for word in front)
    return lead + REFERENCE + "".join(draw(gap) + word for word in back), len(lead)


YAML_SPELLINGS = st.one_of(plain(), single(), double(), literal(), folded())
JSON_SPELLINGS = as_json()


# Documents in which anchors, merge keys, split references and documents in strings meet.

KEYS = (
    "image image image containers initContainers volumes reference spec name other registry repository tag "
    "metadata labels status default data <<"
).split()
VALUES = (
    "quay.io/acme/app:1",
    "nginx",
    "nginx:1",
    "'ghcr.io/acme/app'",
    '"quay.io\\x2facme/app:1"',
    "docker.io",
    "quay.io",
    "redis",
    "acme/app",
    '"nginx:{{ .Tag }}"',
    "quay.io/acme/app:${TAG}",
    "~",
    "1.25",
    "true",
    "auto",
    "''",
    "--image=quay.io/acme/app",
    "https://quay.io/acme/app:1",
    """'{"image": "quay.io/acme/app:1"}'""",
    '"{\\"image\\": \\"quay.io\\\\/acme/app:1\\"}"',
)
REMARKS = ("", "", "", " # tcr-rewrite: ignore", " # was quay.io/acme/old:1")
SCRIPTS = (["docker run quay.io/acme/app:1", "  more ghcr.io/acme/app:1"], ["quay.io/acme/app:1"])
DEEPEST = 4


def documents() -> st.SearchStrategy[str]:
    """Documents most of which kubectl's parser accepts."""
    return st.integers(0, 2**32).map(document)


def document(seed: int) -> str:
    """The document that follows from a seed."""
    return _Writer(seed).document()


class _Writer:
    """Writes one document; `anchors` are those an alias may name."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.anchors: list[str] = []

    def document(self) -> str:
        kind = self.random.choice(("", "Pod", "List", "Secret", "ConfigMap"))
        head = ["apiVersion: v1", f"kind: {kind}"] if kind else []
        return "\n".join([*head, *self.block("", 0)]) + "\n"

    def block(self, indent: str, depth: int) -> list[str]:
        lines = []
        for _ in range(self.random.randrange(1, 5)):
            write = self.random.choice((self.inline, self.inline, self.mapping, self.sequence, self.text))
            key = indent + self.random.choice(KEYS) + ":"
            lines += (self.inline if depth == DEEPEST else write)(key, indent, depth)
        return lines

    def inline(self, key: str, _: str, __: int) -> list[str]:
        return [f"{key} {self.flow(2)}{self.random.choice(REMARKS)}"]

    def mapping(self, key: str, indent: str, depth: int) -> list[str]:
        anchor = self.anchor()
        lines = [key + anchor, *self.block(indent + "  ", depth + 1)]
        self.anchors += [anchor.strip(" &")] if anchor else []
        return lines

    def sequence(self, key: str, indent: str, depth: int) -> list[str]:
        lines = []
        for _ in range(self.random.randrange(1, 3)):
            first, *rest = self.block(indent + "  ", depth + 1)
            lines += [f"{indent}- {first.strip()}", *rest]
        return [key, *lines]

    def text(self, key: str, indent: str, depth: int) -> list[str]:
        inner = _Writer(self.random.randrange(2**32)).block("", depth + 2) if depth + 2 <= DEEPEST else SCRIPTS[0]
        lines = self.random.choice((inner, *SCRIPTS))
        return [f"{key} {self.random.choice(('|', '|-', '>', '>-'))}", *(f"{indent}    {line}" for line in lines)]

    def flow(self, depth: int) -> str:
        choice = self.random.randrange(8)
        if choice < 2 and self.anchors:
            return f"*{self.random.choice(self.anchors)}"
        if choice < 6 or depth == DEEPEST:
            anchor = self.anchor()
            self.anchors += [anchor.strip(" &")] if anchor else []
            return f"{anchor} {self.random.choice(VALUES)}".strip()
        items = [self.flow(depth + 1) for _ in range(self.random.randrange(4))]
        if choice == 6:
            return f"[{', '.join(items)}]"
        return "{" + ", ".join(f"{self.random.choice(KEYS)}: {item}" for item in items) + "}"

    def anchor(self) -> str:
        return f" &{self.random.choice('abcde')}" if self.random.random() < 0.3 else ""
