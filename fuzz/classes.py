"""Where kubectl and the rewriter are known to read differently, and why that stays.

A disagreement that is of no class fails `make fuzz`. Each class has an example, which is tried end to end: a class on
whose example both come to agree is to be taken out of the table.
"""

import codecs
import re
from collections.abc import Callable, Iterator
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


def _on_the_line(test: Test, pattern: str) -> Test:
    """A test that wants a pattern on the line that our message names as well."""

    def holds(source: bytes, verdict: Verdict) -> bool:
        place = re.match(r"x:(\d+):", verdict.ours)
        line = _text(source).split("\n")[int(place[1]) - 1] if place else ""
        return test(source, verdict) and re.search(pattern, line) is not None

    return holds


def _text(source: bytes) -> str:
    """A stream as text, whatever it holds."""
    is_wide = source.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return source.decode("utf-16" if is_wide else "utf-8", "replace")


def _is_behind_the_end(source: bytes, verdict: Verdict) -> bool:
    """Whether what we refuse stands behind what kubectl's parser takes for the end of the document."""
    found = re.match(r"x:\d+:\d+: (?:document (\d+)|a NUL byte)", verdict.ours)
    if verdict.theirs or not found:
        return False
    text = _text(source)
    row = _row(text, int(found[1])) if found[1] else _rows(text.partition("\0")[0] + "_")[-1]
    text = "".join(document.body.decode() for document in row)
    # A parser that reads ahead refuses these before it is there, or not at all.
    readable = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]", "_", text)
    # A colon at the end of a value in brackets, an escape that kubectl has more, and one that it reads the same.
    readable = re.sub(r"(?<=\w):(?=[,\]}])", "_", readable)
    # Half of a character, which kubectl reads in JSON.
    readable = re.sub(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}", "_", readable)
    readable = re.sub(r"\\([\\'])", lambda escape: "_'" if escape[1] == "'" else escape[0], readable)
    return any(map(_ends, (text, readable, f"---\n{text}")))


def _row(text: str, number: int) -> list[stream.Document]:
    """The documents between the same two separators as the one with a number: kubectl may take them for one."""
    return next((row for row in _rows(text) if any(one.number == number for one in row)), [])


def _rows(text: str) -> list[list[stream.Document]]:
    """The documents of a stream, those between the same two separators together."""
    rows: list[list[stream.Document]] = [[]]
    try:
        for document in stream.split([text.removeprefix("\ufeff").encode()], "x"):
            if document.head:
                rows.append([])
            rows[-1].append(document)
    except InputError:
        pass  # a separator that is refused ends the last row
    return rows


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


def _is_replaced(source: bytes, verdict: Verdict) -> bool:
    """Whether JSON has no form for what we refuse, and it stands under a key that is there again, or that is merged."""
    found = re.match(
        r"x:(\d+):(\d+): document (\d+).*?: (?:\S+ has no form in JSON|a mapping key is null)", verdict.ours
    )
    row = _row(_text(source), int(found[3])) if found and not verdict.theirs else []
    if not found or not row:
        return False
    text = "".join(document.body.decode() for document in row)
    try:
        root = next(yaml.compose_all(text, _Loader), None)
    except yaml.YAMLError:
        return False
    place = int(found[1]) - row[0].line, int(found[2]) - 1
    return any((node.start_mark.line, node.start_mark.column) == place for node in _replaced(root))


class _Loader(yaml.Loader):  # type: ignore[misc]
    """One for which an anchor may stand twice, as it may for kubectl."""

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        event = self.peek_event()
        if not isinstance(event, yaml.AliasEvent):
            self.anchors.pop(getattr(event, "anchor", None), None)
        found: yaml.Node | None = super().compose_node(parent, index)
        return found


def _replaced(root: yaml.Node | None) -> Iterator[yaml.Node]:
    """What stands below keys of mappings that have them again, or that have a merge key, and in what is merged."""
    seen: set[tuple[int, bool]] = set()
    waiting = [(root, False)] if root else []
    while waiting:
        node, is_replaced = waiting.pop()
        if (id(node), is_replaced) not in seen:
            seen.add((id(node), is_replaced))
            waiting += [(below, is_replaced or is_again) for below, is_again in _below(node)]
            if is_replaced:
                yield node


def _below(node: yaml.Node) -> Iterator[tuple[yaml.Node, bool]]:
    """What a collection holds, and whether that is the value of a key which is there again or may be by a merge."""
    if isinstance(node, yaml.SequenceNode):
        yield from ((item, False) for item in node.value)
    elif isinstance(node, yaml.MappingNode):
        names = [key.value if isinstance(key, yaml.ScalarNode) else None for key, _ in node.value]
        for (key, value), name in zip(node.value, names, strict=True):
            yield from ((key, False), (value, "<<" in names or (name is not None and names.count(name) > 1)))


# A thousand times a thousand nodes, by aliases.
_BOMB = b"image: quay.io/a/b\na: &a [%s]\nb: &b [%s]\nc: [%s]\n" % (b"x, " * 99, b"*a, " * 99, b"*b, " * 99)
# Up to three bytes from the first line break on, or from the comment where none stands in front.
_SHORT_COMMENT = r"}[^\S\n]*+(?:\n#[^\n]?|\n#\n|#[^\n]{0,2}|#[^\n]?\n)(?:\Z|---)"
_LATER_MARK = r"[\n\r\x85\u2028\u2029][ \t]*\ufeff"

CLASSES = (
    Class(
        "text behind a value of JSON",
        "kubectl reads it as YAML behind the first value, and refuses it behind others: a slip",
        _we_say("invalid JSON: text after the value"),
        b'{"":"\\ude00","":""}--\nkind:p',
    ),
    Class(
        "... behind a value of JSON",
        "kubectl refuses it there, and we read what stands in braces as YAML, which ends so; nobody writes it",
        lambda source, verdict: (
            verdict.kind == "read by us alone"
            and "invalid character '.' looking for beginning of value" in verdict.theirs
            and re.search(r"}\s*\n\.\.\.(?:\s|\Z)", _text(source)) is not None
        ),
        b':\n---\n{"a": "quay.io/a/b"}\n...\n',
    ),
    Class(
        "an escape of JSON in front of a comment",
        "kubectl reads the value as JSON before it looks further; nobody writes comments behind JSON",
        lambda _, verdict: verdict.kind == "refused by us alone" and "\\/ is one of JSON" in verdict.ours,
        b'{"image": "quay.io\\/a/b"} # c\n',
    ),
    Class(
        "less than four bytes behind a value of JSON",
        "kubectl asks for four at a time, so that a shorter comment at the end of the stream is none: a slip; whether "
        "the stream ends is not known where a document is read, and nobody writes a comment of two characters",
        lambda source, verdict: (
            verdict.kind == "read by us alone"
            and "invalid character '#' looking for beginning of value" in verdict.theirs
            and re.search(_SHORT_COMMENT, _text(source)) is not None
        ),
        b'{"image": "quay.io/a/b"}\n#\n',
    ),
    Class(
        "no value of JSON under a key that is there again",
        "kubectl forgets .inf and null keys with the value that another one replaces, by its key or by a merge; "
        "somebody who wrote a key twice does not know which one counts",
        _is_replaced,
        b"image: .inf\nimage: quay.io/a/b\n",
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
        "an empty document that ends by ...",
        "kubectl reads no document from it, the parsers want one in front; nobody writes it",
        _on_the_line(_we_say("did not find expected node content"), r"\A\.\.\.(?:\s|\Z)"),
        b"---\n...\n# quay.io/a/b\n",
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
        "white space of Unicode behind a ---",
        "kubectl trims it where it looks for separators, and reads the line as text of a string, in braces as nothing",
        lambda source, verdict: (
            verdict.kind.startswith("changed where no site is: (): '---")
            or (
                verdict.kind == "refused by us alone"
                and re.match(r"\s*---[\x85\xa0\u2000-\u3000]", _text(source)) is not None
            )
            or (
                verdict.kind == "read by us alone"
                and "did not find expected node content" in verdict.theirs
                and re.search(r"\n---[\x85\xa0\u2000-\u3000]", _text(source)) is not None
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
        "kubectl takes it for a part of the tag, in brackets too, and what follows for its value; nobody means that",
        _on_the_line(
            _we_say("right behind a tag is a part of it|while scanning a tag, did not find expected whitespace"),
            r"(?<![^\s\[{,])!\S*[,\[\]]",
        ),
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
