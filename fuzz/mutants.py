"""Mutants: fixtures and generated documents, spelled in another way once or several times.

A mutant follows from its number and a seed alone. Each way is a function in `WAYS`, from a text and
a source of chance to another text; bytes that are no UTF-8 pass through as surrogate escapes.
"""

import codecs
import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import islice
from random import Random
from typing import NamedTuple

import yaml

from tests import spellings
from tests.conftest import ROOT

Way = Callable[[str, Random], str]

# What a document to begin with may hold, in bytes: a long one takes long and finds no more than a short one.
_LARGEST = 6_000
# How many ways a mutant goes: most go one, since what both refuse tells little.
_COUNTS = (1, 1, 1, 1, 2, 2, 3, 4)

_VALUE = re.compile(r"(?m)^(?P<front>[ \t]*(?:- )*(?:[\w./\"'-]+:|-)[ \t]+)(?P<value>[^\s#&*!|>{\[][^\n]*?)(?=[ \t]*$)")
_BLOCK = re.compile(r"(?m)^(?P<front>[ \t]*(?:- )*[\w./\"'-]+:)[ \t]*$")


class Mutant(NamedTuple):
    """A stream, and the ways that led to it, from the name of a document to begin with."""

    source: bytes
    ways: tuple[str, ...]


def mutant(seed: int, number: int) -> Mutant:
    """The mutant with a number."""
    chance = Random(f"{seed}:{number}")  # noqa: S311 chance, not a secret
    name, text = _beginning(chance)
    ways = []
    for _ in range(chance.choice(_COUNTS)):
        if len(text) > 3 * _LARGEST:
            break
        way = chance.choice(list(WAYS))
        ways.append(way)
        text = WAYS[way](text, chance)
    source = text.encode("utf-8", "surrogateescape")
    if chance.random() < 0.02:
        ways.append("UTF-16")
        source = text.encode(chance.choice(("utf-16", "utf-16-be", "utf-16-le")), "replace")
    return Mutant(source, (name, *ways))


def _beginning(chance: Random) -> tuple[str, str]:
    """A document to begin with: a fixture, or one that is written anew, sometimes several."""
    texts = []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        if chance.random() < 0.5:
            name, text = chance.choice(_fixtures("broken" if chance.random() < 0.05 else "[!b]*"))
        else:
            name, text = "written", spellings.document(chance.randrange(2**32))
        texts.append(text)
    return name, "---\n".join(texts)


@cache
def _fixtures(folder: str) -> list[tuple[str, str]]:
    paths = sorted((ROOT / "fixtures").glob(f"{folder}/*"))
    held = [(path.name, _text(path.read_bytes())) for path in paths if path.is_file()]
    return [(name, text) for name, text in held if len(text) <= _LARGEST]


def _text(raw: bytes) -> str:
    codec = "utf-16" if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
    return raw.decode(codec, "surrogateescape" if codec == "utf-8" else "replace")


# Lines.


def _lines(text: str, chance: Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    count = chance.choice((1, 1, 1, 2, 4))
    some = lines[at : at + count]
    match chance.randrange(7):
        case 0:
            del lines[at : at + count]
        case 1:
            lines[at:at] = some
        case 2:
            del lines[at : at + count]
            to = chance.randrange(len(lines) + 1)
            lines[to:to] = some
        case 3:
            width = chance.randint(1, 4)
            lines[at : at + count] = [" " * width + line for line in some]
        case 4:
            width = chance.randint(1, 4)
            lines[at : at + count] = [line[width:] if line.startswith(" " * width) else line for line in some]
        case 5:
            lines[at : at + 2] = ["".join(lines[at : at + 2])]
        case _:
            lines.insert(at, chance.choice(("", "  ", "\t", " # note", "# note", "      # note", "#", " \t ")))
    return "\n".join(lines)


def _crossing(text: str, chance: Random) -> str:
    lines, others = text.split("\n"), _beginning(chance)[1].split("\n")
    at, start = chance.randrange(len(lines) + 1), chance.randrange(len(others))
    lines[at : at + chance.randrange(3)] = others[start : start + chance.randint(1, 6)]
    return "\n".join(lines)


# Values: quoted, over lines, tagged, anchored.


def _at_value(text: str, chance: Random, change: Callable[[str], str]) -> str:
    """The text with one value changed, if it holds one."""
    found = list(_VALUE.finditer(text))
    if not found:
        return text
    one = chance.choice(found)
    return text[: one.start("value")] + change(one["value"]) + text[one.end("value") :]


def _spelled_out(value: str) -> str:
    """What a value in quotes says, about."""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1].replace("''", "'") if value[0] == "'" else value[1:-1].replace('\\"', '"')
    return value


_ESCAPES = (
    "\\'", "\\/", "\\\\", '\\"', "\\t", "\\n", "\\ ", "\\\t", "\\e", "\\0", "\\a", "\\v", "\\N", "\\_", "\\L", "\\P",
    "\\q", "\\x2f", "\\u002f", "\\U0000002f", "\\ud83d\\ude00", "\\ud830", "\\x", "\\u12", "\\U00110000", "\\\n    ",
)  # fmt: skip


def _double(value: str, chance: Random) -> str:
    text = ""
    for character in _spelled_out(value):
        choice = chance.random()
        if choice < 0.03:
            text += chance.choice(_ESCAPES)
        if choice < 0.08 and ord(character) < 0x10000:
            text += f"\\u{ord(character):04x}"
        elif choice < 0.12 and ord(character) < 0x100:
            text += f"\\x{ord(character):02X}"
        else:
            text += "\\" + character if character in '"\\' else character
    return f'"{text}"'


def _quoting(text: str, chance: Random) -> str:
    def change(value: str) -> str:
        said = _spelled_out(value)
        match chance.randrange(5):
            case 0:
                return "'" + said.replace("'", "''") + "'"
            case 1:
                return said
            case 2:
                return json.dumps(said, ensure_ascii=False)
            case 3:
                return f"'{said}" + chance.choice(("' # note", "'#note", "' x", "''", ""))
            case _:
                return _double(value, chance)

    return _at_value(text, chance, change)


_GAPS = ("\n      ", "\n          ", "\n\n      ", " \n  \t  ", "\n", "\n  ", "\n      # note\n      ", "\n\t")
_HEADERS = ("|", ">", "|-", ">-", "|+", ">+", "|1", ">2-", "|-2", "| # note", ">\t", "|#note", "|0", "|10", "|9")


def _over_lines(text: str, chance: Random) -> str:
    def change(value: str) -> str:
        if chance.random() < 0.4:
            width = chance.randint(0, 14)
            lead = chance.choice(("", "", "", "\n", "   \n", "\t\n", " " * (width + 1) + "\n", " " * width + "\t\n"))
            lines = [" " * width + line for line in re.split("(?<=[ ,/])", _spelled_out(value))]
            tail = chance.choice(("", "", "\n", "\n# note", "\n" + " " * width + "# note", "\n\n", "\n\t"))
            return f"{chance.choice(_HEADERS)}\n{lead}" + "\n".join(lines) + tail
        at = chance.randrange(len(value) + 1)
        gap = chance.choice(("\\\n      ", *_GAPS)) if value.startswith('"') else chance.choice(_GAPS)
        return value[:at] + gap + value[at:]

    return _at_value(text, chance, change)


_VALUES = (
    ".inf", "-.INF", ".nan", "0x1F", "1_000", "0o7", "017", "0b1", "1e3", "1e400", "2001-01-01",
    "2001-12-14t21:59:43.10-05:00", "~", "null", "", "=", "<<", "yes", "N", "true", "1:30", "'", '"', "[]", "{}",
    "[a, b]", "[:a]", "[a:, b]", "[a: b]", "{a}", "{a, b: }", "{? a : b}", "{a:b}", '{"a":b}', '{"a":\tb}',
    "[a\t, b]", "[a]\t", "{a: b}\t# c", "[a,\t]", "{\ta: b}", "[quay.io/acme/app:1]", "{image: quay.io/acme/app:1}",
    "[quay.io/a:1,quay.io/b:2]", "quay.io/acme/app:1", "nginx", "[quay.io/a/b:,c]", "{image:quay.io/a/b:1}",
    "quay.io/a/b:", "quay.io/a/b: c", "quay.io/a/b #c", "quay.io/a/b#c", '"quay.io\\/a\\/b:1"', "'quay.io/a/b:1",
    "!quay.io/a", "%quay.io/a", "@quay.io/a", "`quay.io/a", "- quay.io/a", "-quay.io/a", "? quay.io/a", "?quay.io/a",
    ": quay.io/a", ":quay.io/a", "*quay.io/a", "&quay.io/a b", "|quay.io/a", ">quay.io/a", "]", "}", ",",
    "[[[[[[]]]]]]", "[{}, {}: x]", "[? x]", "{[a]: b}", "{*a : b}", "[a, , b]", "[,]", "{,}", "{: x}", "{a: b,}",
    "[a,]", "[a #c\n]",
)  # fmt: skip


def _other_value(text: str, chance: Random) -> str:
    return _at_value(text, chance, lambda value: chance.choice(_VALUES) or value)


_ANCHORED = (
    "&a {v}", "&a  {v}", "&a\n      {v}", "*a", "*b", "*a # note", "&b *a", "&a [*a]", "&a [&a {v}, *a]",
    "[&a {v}, *a]", "&a {{x: &a {v}, y: *a}}", "[&a {v}, &a x, *a]", "{{*a : x}}", "{{&a x: *a}}", "&a", "&a &b {v}",
    "&é {v}", "&a.b {v}", "& {v}", "*", "&a:b {v}", "&a, {v}", "[*a, b]", "[*a,b]", "[*a]", "{{x: *a}}",
    "{{x: *a, y: b}}", "&a !!str {v}", "!!str &a {v}",
)  # fmt: skip


_BLOCK_ANCHORS = (" &a", " &b", " &a # note", " &a !!map", "\t&a", " &a\t")


def _anchors(text: str, chance: Random) -> str:
    if chance.random() < 0.3:
        return _at_block(
            text, chance, lambda: chance.choice((" &a", " &b", " &a # note", " &a !!map", "\t&a", " &a\t"))
        )
    for _ in range(chance.randint(1, 2)):
        text = _at_value(text, chance, lambda value: chance.choice(_ANCHORED).format(v=value))
    return text


def _at_block(text: str, chance: Random, behind: Callable[[], str]) -> str:
    """The text with something behind a key whose value begins on the next line."""
    found = list(_BLOCK.finditer(text))
    if not found:
        return text
    one = chance.choice(found)
    return text[: one.end("front")] + behind() + text[one.end() :]


_MERGES = (
    "<<: *a", "<<: *b", "<<: [*a, *b]", "<<: [*a]", "<<: {image: quay.io/acme/merged:1}", "<<: 1", "<<:", "<<: null",
    "<<: []", '"<<": *a', "'<<': {image: quay.io/acme/merged:1}", "!!merge <<: *a",
    "<<: [{image: quay.io/acme/m:1}, {image: quay.io/acme/n:1}]", "<<: &a {image: quay.io/acme/m:1}", "<<: [1]",
    "<<: x", "? <<\n: *a", "<< : *a", "<<:\n  image: quay.io/acme/m:1", "!!str <<: *a",
)  # fmt: skip


def _merges(text: str, chance: Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    indent = re.match(r"[ ]*(?:- )*", lines[at])
    front = re.sub("-", " ", indent.group()) if indent else ""
    lines[at:at] = [front + line for line in chance.choice(_MERGES).split("\n")]
    return "\n".join(lines)


_TAGS = (
    "!!str", "!!int", "!!float", "!!bool", "!!null", "!!binary", "!!timestamp", "!!map", "!!seq", "!!set", "!!omap",
    "!!pairs", "!!merge", "!!x", "!local", "!", "!<tag:yaml.org,2002:str>", "!<tag:yaml.org,2002:int>", "!a!b", "!<>",
    "!!", "!%41", "!!s%74r", "!<!local>", "!!str,", "!local{",
)  # fmt: skip


def _tags(text: str, chance: Random) -> str:
    tag = chance.choice(_TAGS)
    match chance.randrange(4):
        case 0:
            return _at_block(text, chance, lambda: " " + tag)
        case 1:
            return _at_value(text, chance, lambda value: f"[{tag} {value}, {tag}]")
        case 2:
            return re.sub(r"(?m)^([ ]*(?:- )*)(?=\w)", lambda found: found.group() + tag + " ", text, count=1)
        case _:
            return _at_value(text, chance, lambda value: f"{tag} {value}")


# Characters.


def _insert(text: str, chance: Random, piece: str) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + piece + text[at:]


def _tabs(text: str, chance: Random) -> str:
    places = [found.end() for found in re.finditer(r"(?m)^[ ]*|[:,\-?\[\]{}'\"][ ]?|[ ]+(?=#)|[ ]*$", text)]
    at = chance.choice(places) if places else 0
    if chance.random() < 0.2:
        return text[:at] + text[at:].replace(" ", "\t", 1)
    return text[:at] + chance.choice(("\t", "\t ", " \t", "\t\t")) + text[at:]


_LINE_ENDS = ("\r\n", "\r", "\x85", "\u2028", "\u2029", "\n\r", "\x0b", "\x0c", "")


def _line_ends(text: str, chance: Random) -> str:
    end = chance.choice(_LINE_ENDS)
    match chance.randrange(4):
        case 0:
            return text.replace("\n", "\r\n")
        case 1:
            return re.sub("\n", lambda _: end if chance.random() < 0.2 else "\n", text)
        case 2:
            return text.rstrip("\n") + end
        case _:
            found = [one.start() for one in re.finditer("\n", text)]
            at = chance.choice(found) if found else len(text)
            return text[:at] + end + text[at + 1 :]


def _marks(text: str, chance: Random) -> str:
    starts = [found.start() for found in re.finditer(r"(?m)^", text)]
    match chance.randrange(3):
        case 0:
            return "\ufeff" + text
        case 1:
            at = chance.choice(starts)
            return text[:at] + "\ufeff" + text[at:]
        case _:
            return _insert(text, chance, "\ufeff")


_SEPARATORS = (
    "---", "--- ", "---\t", "--- # note", "---#note", "--- text", "--- {a: b}", "---a", "----", "---\u00a0",
    "---\u2028", "---\r", "...", "... # note", "...x", "...\ntext: quay.io/acme/app:1", "%YAML 1.1\n---",
    "%TAG ! tag:x,2000:\n---", "# note\n%YAML 1.2", " ---", "---\n---", "--- |\n  quay.io/acme/app:1",
    "--- quay.io/acme/app:1", "...\n---", "---\n\ufeff", "---\n{}", "---\n[]", "---\nnull", "{}",
    '{"image": "quay.io/acme/app:1"}', "---\n# note", "--- !!map", "--- &a", "---\n...", "---\x85", "---\u3000",
    "---\x0b", "---\x00",
)  # fmt: skip


def _separators(text: str, chance: Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines) + 1)
    lines[at:at] = [chance.choice(_SEPARATORS)]
    return "\n".join(lines)


_PIECES = (
    ": ", "- ", "? ", ", ", "[", "]", "{", "}", '"', "'", "&a ", "*a", "!", "|", ">", "%", "@", "`", "#", " #", ":",
    "-", "?", ",", "\\", "/", "~", "<<", "=", "\0", "\x01", "\x7f", "\x80", "\x9f", "\xa0", "\ufffe", "\uffff",
    "\ufffd", "\U0001f600", "é", "\udcff", "\udc80", "\udcc3", "quay.io/acme/app:1", " quay.io/acme/app:1 ",
    "image: quay.io/acme/app:1", "{{ .Values.x }}", "${X}", "\n", "\n  ", " ", "  ", "0", "1", "a", "$", "(", ")",
)  # fmt: skip


def _pieces(text: str, chance: Random) -> str:
    return _insert(text, chance, chance.choice(_PIECES))


def _raw(text: str, chance: Random) -> str:
    raw = bytearray(text.encode("utf-8", "surrogateescape"))
    if not raw:
        return text
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(len(raw))
        match chance.randrange(4):
            case 0:
                raw[at] = chance.randrange(256)
            case 1:
                del raw[at : at + chance.choice((1, 1, 2, 5, 20))]
            case 2:
                raw[at:at] = raw[at : at + chance.randint(1, 30)]
            case _:
                raw.insert(at, chance.choice(b" \t\r\n:-,[]{}#&*!|>'\"%@`\\"))
        if not raw:
            break
    return raw.decode("utf-8", "surrogateescape")


def _truncation(text: str, chance: Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[at:] if chance.random() < 0.2 else text[:at]


# The whole of it.


def _embedding(text: str, chance: Random) -> str:
    quoted = json.dumps(text, ensure_ascii=chance.random() < 0.5).replace(
        "\\ud", "\\uFFFD\\u0d" if chance.random() < 0.1 else "\\ud"
    )
    inside = "\n".join("    " + line if line else line for line in text.split("\n"))
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: held}\ndata:\n"
    match chance.randrange(7):
        case 0:
            return f"{head}  held.yaml: {chance.choice(_HEADERS)}\n{inside}\n"
        case 1:
            return f"{head}  held.yaml: {quoted}\n"
        case 2:
            return head + "  held.yaml: '" + text.replace("'", "''").replace("\n", "\n\n    ") + "'\n"
        case 3:
            return "apiVersion: v1\nkind: List\nitems:\n  -\n" + inside + "\n"
        case 4:
            return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  annotations:\n    held: |-\n  " + inside.replace(
                "\n", "\n  "
            )
        case 5:
            return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "data": {"held.yaml": text}})
        case _:
            return "- " + text.replace("\n", "\n  ")


def _as_json(text: str, chance: Random) -> str:
    """The first document as JSON, in one of its spellings; text that is no YAML stays."""
    try:
        loaded = next(iter(yaml.load_all(text, yaml.CBaseLoader)), None)
        indent = chance.choice((None, 1, 2, "\t"))
        pieces = json.JSONEncoder(indent=indent, ensure_ascii=chance.random() < 0.5).iterencode(loaded)
        spelled = "".join(islice(pieces, _LARGEST))  # aliases may say far more than they spell
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        return text
    if chance.random() < 0.3:
        spelled = spelled.replace("/", "\\/")
    if chance.random() < 0.1:
        spelled = re.sub(r'"(\w+)":', r"\1: ", spelled)
    return spelled * chance.choice((1, 1, 1, 2)) + chance.choice(("", "\n", " ", ",", "}", " # note", "\n---\n" + text))


WAYS: dict[str, Way] = {
    "lines": _lines,
    "crossing": _crossing,
    "quoting": _quoting,
    "over lines": _over_lines,
    "other value": _other_value,
    "anchors": _anchors,
    "merges": _merges,
    "tags": _tags,
    "tabs": _tabs,
    "line ends": _line_ends,
    "marks": _marks,
    "separators": _separators,
    "pieces": _pieces,
    "raw bytes": _raw,
    "truncation": _truncation,
    "embedding": _embedding,
    "JSON": _as_json,
}


def names() -> Sequence[str]:
    """The ways by name."""
    return (*WAYS, "UTF-16")
