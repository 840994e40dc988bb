"""Where kubectl and the rewriter are known to read differently, and why that stays.

A disagreement that is of no class fails `make fuzz`. Each class has an example, which is tried end to end: a class on
whose example both come to agree is to be taken out of the table.
"""

import codecs
import re
from collections.abc import Callable
from typing import NamedTuple

import yaml

from fuzz.judge import Verdict
from kubectl_tcr import InputError
from kubectl_tcr.text import stream

Test = Callable[[bytes, Verdict], bool]


class Class(NamedTuple):
    """A known disagreement: what it is called, why it is as it is, a test, and the smallest example."""

    name: str
    reason: str
    holds: Test
    example: bytes


def of(source: bytes, verdict: Verdict) -> Class | None:
    """The class of what is wrong or read by one alone, None for what is not known."""
    return next((one for one in CLASSES if one.holds(source, verdict)), None)


def _we_say(pattern: str) -> Test:
    return lambda _, verdict: bool(
        verdict.ours and not verdict.theirs and not verdict.is_wrong and re.search(pattern, verdict.ours)
    )


def _they_say(pattern: str) -> Test:
    return lambda _, verdict: bool(
        verdict.theirs and not verdict.ours and not verdict.is_wrong and re.search(pattern, verdict.theirs)
    )


def _and(test: Test, pattern: str) -> Test:
    return lambda source, verdict: test(source, verdict) and re.search(pattern, _text(source)) is not None


def _text(source: bytes) -> str:
    """A stream as text, whatever it holds."""
    is_wide = source.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return source.decode("utf-16" if is_wide else "utf-8", "replace")


def _is_behind_the_end(source: bytes, verdict: Verdict) -> bool:
    """Whether what we refuse stands behind what kubectl's parser takes for the end of the document."""
    number = re.match(r"x:\d+:\d+: document (\d+)", verdict.ours)
    if verdict.theirs or not number:
        return False
    found = _row(source, int(number[1]))
    text = "".join(document.body.decode() for document in found)
    # A parser that reads ahead refuses these before it is there, or not at all.
    readable = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]", "_", text)
    return any(map(_ends, (text, readable, f"---\n{text}")))


def _row(source: bytes, number: int) -> list[stream.Document]:
    """The documents between the same two separators as the one with a number: kubectl may take them for one."""
    rows: list[list[stream.Document]] = [[]]
    try:
        _, text = stream.decode([source], "x")
        for document in stream.split(text, "x"):
            if document.head:
                rows.append([])
            rows[-1].append(document)
    except InputError:
        pass  # a separator that is refused ends the last row
    return next((row for row in rows if any(one.number == number for one in row)), [])


def _ends(text: str) -> bool:
    """Whether the first document of a text is whole, and something follows it."""
    depth, is_whole = 0, False
    try:
        for event in yaml.parse(text.removeprefix("\ufeff"), yaml.CLoader):
            if is_whole and isinstance(event, yaml.DocumentStartEvent):
                return True
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            is_whole = is_whole or (depth == 0 and isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent))
    except yaml.YAMLError:
        return is_whole
    return False


# A thousand times a thousand nodes, by aliases.
_BOMB = b"image: quay.io/a/b\na: &a [%s]\nb: &b [%s]\nc: [%s]\n" % (b"x, " * 99, b"*a, " * 99, b"*b, " * 99)
_LATER_MARK = r"[\n\r\x85\u2028\u2029][ \t]*\ufeff"

CLASSES = (
    Class(
        "text behind a value of JSON",
        "kubectl reads it as YAML behind the first value, and refuses it behind others: a slip",
        _we_say("invalid JSON: text after the value"),
        b'{"":"\\ude00","":""}--\nkind:p',
    ),
    Class(
        "an escape of JSON in front of a comment",
        "kubectl reads the value as JSON before it looks further; nobody writes comments behind JSON",
        lambda _, verdict: verdict.kind == "refused by us alone" and "\\/ is one of JSON" in verdict.ours,
        b'{"image": "quay.io\\/a/b"} # c\n',
    ),
    Class(
        "bytes that are no UTF-8",
        "kubectl reads U+FFFD in their place and says nothing; a value that has lost bytes is not handed on",
        _we_say(r"invalid UTF-(?:8|16)(?:-[LB]E)? \(byte"),
        b"a: \xff",
    ),
    Class(
        "a directive alone",
        "kubectl reads no document from it; in front of a document it refuses it",
        _we_say("directives such as %YAML are refused"),
        b"---\n%TAG ! t",
    ),
    Class(
        "text behind the end of a document",
        "kubectl drops what stands behind a finished flow document, behind ... or a % at the start of a line; "
        "nobody means it to vanish",
        _is_behind_the_end,
        b"{image: a}\nkind: Pod\n",
    ),
    Class(
        "more aliases than kubectl follows",
        "aliases are followed and never expanded, so a bomb costs nothing; kubectl refuses it",
        _they_say("excessive aliasing"),
        _BOMB,
    ),
    Class(
        "white space of Unicode behind the --- that begins a stream",
        "kubectl trims it where it looks for separators, and reads the line as text of a string: no resource",
        lambda source, verdict: (
            verdict.kind.startswith("changed where no site is: (): '---")
            or (
                verdict.kind == "refused by us alone"
                and re.match(r"\s*---[\x85\xa0\u2000-\u3000]", _text(source)) is not None
            )
        ),
        "---\u3000\n- quay.io/a/b\n".encode(),
    ),
    Class(
        "a key with the tag !!binary",
        "kubectl decodes it; the report names it as it is written, and nobody writes it",
        lambda source, verdict: (
            verdict.kind.startswith("changed where no site is")
            and re.search(r"!!binary [^\n:]+:", _text(source)) is not None
        ),
        b"!!binary YWJj: quay.io/a/b\n",
    ),
    Class(
        "a tag with a comma or a bracket",
        "in brackets kubectl takes it for a part of the tag, and what follows for its value; nobody means that",
        _we_say("right behind a tag is a part of it"),
        b"a: [!b, quay.io/a/b]\n",
    ),
    Class(
        "a tab in front of the first brace",
        "kubectl passes over it as it looks for JSON, and reads YAML behind it; nobody writes it",
        _and(_we_say("invalid (?:JSON|YAML)"), r"\A\s*\t\s*{"),
        b"\t{image: a}",
    ),
    Class(
        "a byte order mark at a later line",
        "kubectl takes it for a part of the text, the parsers for nothing",
        lambda source, verdict: (
            bool(re.search(_LATER_MARK, _text(source)))
            and (verdict.is_disagreement or verdict.kind.startswith("changed where no site is"))
        ),
        b"a:\n\xef\xbb\xbf  image: quay.io/a/b\n",
    ),
)
