"""What kubectl refuses, or reads otherwise, in YAML that the parsers here read.

kubectl's parser makes values of scalars and JSON of the document (go.yaml.in/yaml/v2: resolve.go, decode.go,
scannerc.go; sigs.k8s.io/yaml: yaml.go). Only documents that are edited are asked: what passes as it came is
for kubectl to judge. Few of them have a sign of any of this, so that most are not read again.
"""

from collections.abc import Callable
from typing import Any

from kubectl_tcr.errors import RefusedError
from kubectl_tcr.readers.tags import NULL_KEY, YAML, is_merge
from kubectl_tcr.text.document import NULLS
from kubectl_tcr.text.patterns import lazy
from kubectl_tcr.text.spelling import behind_properties

_NO_NUMBERS = frozenset(f"{sign}.{word}" for sign in ("", "+", "-") for word in ("inf", "Inf", "INF")) | {
    *(".nan", ".NaN", ".NAN")
}
_NO_NUMBER = lazy(r"\.(?:inf|Inf|INF|nan|NaN|NAN)")
_ESCAPES = ("\\/", "\\u", "\\U")
_TAGS = ("!!", "!<")
# An anchor of characters that kubectl's parser does not take, where a value begins: & is one of scripts and URLs too.
_ODD_ANCHOR = lazy(r"(?:[-?:,\[{\n]|\A)[ \t]*+(?:!\S*+[ \t]++)?&(?![0-9A-Za-z_-]++(?:[ \t\r\n,\]}]|\Z))")
_ANCHOR = lazy(r"[0-9A-Za-z_-]++")
# What may stand behind one for kubectl's parser: a brace, a quote or another blank of Unicode may not.
_ANCHORED = lazy(r"(?:!\S*+(?:\s++|#[^\r\n]*+)*+)?&[0-9A-Za-z_-]++(?=[ \t\r\n\x85\u2028\u2029?:,\]}%@`]|\Z)")
# A tag runs up to a blank, commas and brackets included; `!!` alone is none.
_COMMAS = frozenset(",[]")
_URI = r"0-9A-Za-z_;/?:@&=+$.!~*'()%-"
_ODD_TAG = lazy(rf"(?<![^\s\[{{,])!(?!(?!!(?:\s|\Z))[{_URI}]*+(?:\s|\Z))")
_TAG = lazy(rf"(?!!!(?:\s|\Z))!(?:<[{_URI},\[\]]++>|[{_URI},\[\]]*+)(?=\s|\Z)")
_BEHIND_ANCHOR = lazy(r"&\S++(?:\s++|#[^\r\n]*+)*+")
# A colon that a word in a flow collection may begin with.
_COLON = lazy(r":(?<=[\[{,\s]:)(?=[^\s\"'])")
# A tab in front of all text of a block scalar, where its indentation is still looked for.
_TABBED = lazy(r"\n[ \r\n]*+\t")
_HEADER = lazy(r"[|>][-+]?+(?![-+0-9])[^\r\n]*+\r?(?=\n)")

_RESOLVED = frozenset({"bool", "int", "float", "null", "timestamp"})
_BOOLEANS = frozenset(
    spelled
    for word in ("y", "yes", "true", "on", "n", "no", "false", "off")
    for spelled in (word, word.capitalize(), word.upper())
)
_INTEGER = lazy(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9][0-9]*)")
_FLOAT = lazy(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_TIMESTAMP = lazy(
    r"[0-9]{4}-(?:0?[1-9]|1[0-2])-(?:0?[1-9]|[12][0-9]|3[01])"
    r"(?:(?:[Tt][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2}))"
    r"|(?: +[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?))?"
)
# Escapes between double quotes that kubectl's parser has not: one of JSON, and half of a character.
_ESCAPE = lazy(r"\\(?:\\|(/)|(u[dD][89a-fA-F]|U0000[dD][89a-fA-F])|)")


def check(text: str) -> None:
    """Raise RefusedError where kubectl would refuse a YAML document that a reader has read."""
    if _may_be_refused(text):
        from kubectl_tcr.readers import parsers

        parsers.ask(text, lambda parser: _Check(text, parser.kinds).run(parser.events(text)))


def _may_be_refused(text: str) -> bool:
    """Whether a document has a sign of what kubectl refuses: cheap, and true too often."""
    if "<<" in text or _NO_NUMBER.search(text):
        return True
    if "\\" in text and any(map(text.__contains__, _ESCAPES)):
        return True
    if "!" in text and (any(map(text.__contains__, _TAGS)) or _ODD_TAG.search(text)):
        return True
    if "&" in text and _ODD_ANCHOR.search(text):
        return True
    if "\t" in text and _TABBED.search(text):
        return True
    return ("[" in text or "{" in text) and ("?" in text or _COLON.search(text) is not None)


class _Open:
    """A collection that is being read: whether it is in brackets, and what its next node is."""

    __slots__ = ("is_flow", "is_key", "is_mapping", "is_merged")

    def __init__(self, *, is_flow: bool, is_mapping: bool, is_merged: bool = False) -> None:
        self.is_flow = is_flow
        self.is_mapping = is_mapping
        # Of a mapping: the next node is a key. Of any: the next value is merged.
        self.is_key = is_mapping
        self.is_merged = is_merged


class _Check:
    """One pass over the events of a document."""

    def __init__(self, text: str, kinds: Any) -> None:
        self.text = text
        self.open: list[_Open] = []
        self.mappings: dict[str, bool] = {}
        self.handlers: dict[type, Callable[[Any], None]] = {
            kinds.ScalarEvent: self.scalar,
            kinds.AliasEvent: self.alias,
            kinds.MappingStartEvent: self.mapping,
            kinds.SequenceStartEvent: self.sequence,
            kinds.MappingEndEvent: self.end,
            kinds.SequenceEndEvent: self.end,
        }
        self.last = kinds.DocumentEndEvent

    def run(self, events: Any) -> None:
        for event in events:
            handle = self.handlers.get(type(event))
            if handle:
                handle(event)
            elif type(event) is self.last and event.explicit:
                return

    def scalar(self, event: Any) -> None:
        around = self.open[-1] if self.open else None
        self.properties(event)
        is_key = around is not None and around.is_key
        is_plain = event.style in (None, "")
        tag = "" if event.tag is None else str(event.tag)
        if is_key and is_merge(event):
            self.next(event, is_mapping=False, is_merge=True)
            return
        if is_plain and around and around.is_flow:
            self.check_flow(event)
        if event.style == '"':
            self.check_escapes(event)
        if event.style in ("|", ">"):
            self.check_indentation(event)
        if tag.startswith(YAML) or (is_plain and not tag):
            self.check_value(event, tag.removeprefix(YAML), is_key=is_key)
        self.next(event, is_mapping=False)

    def alias(self, event: Any) -> None:
        self.next(event, is_mapping=self.mappings.get(event.anchor, False))

    def mapping(self, event: Any) -> None:
        self.properties(event, is_mapping=True)
        self.next(event, is_mapping=True)
        self.open.append(_Open(is_flow=bool(event.flow_style), is_mapping=True))

    def sequence(self, event: Any) -> None:
        self.properties(event)
        around = self.open[-1] if self.open else None
        is_merged = around is not None and around.is_mapping and not around.is_key and around.is_merged
        self.next(event, is_mapping=False, is_list=True)
        self.open.append(_Open(is_flow=bool(event.flow_style), is_mapping=False, is_merged=is_merged))

    def end(self, _: Any) -> None:
        self.open.pop()

    def properties(self, event: Any, *, is_mapping: bool = False) -> None:
        """Take in the anchor of a node; raises RefusedError for one that kubectl's parser does not take, or a tag."""
        start = _at(event)
        if event.anchor is not None:
            if not _ANCHOR.fullmatch(event.anchor):
                what = f"the anchor &{event.anchor} has other characters than A-Z, a-z, 0-9, -, _; kubectl refuses it"
                raise RefusedError(what, start)
            if not _ANCHORED.match(self.text, start):
                what = f"text right behind the anchor &{event.anchor}; kubectl refuses it, put a blank between"
                raise RefusedError(what, start)
            self.mappings[event.anchor] = is_mapping
        if event.tag is not None:
            self.check_tag(start)

    def check_tag(self, start: int) -> None:
        """Refuse the tag of a node that begins somewhere, where kubectl's parser refuses it or takes more for it."""
        anchor = _BEHIND_ANCHOR.match(self.text, start)
        start = anchor.end() if anchor else start
        if not self.text.startswith("!", start):
            return
        found = _TAG.match(self.text, start)
        if not found:
            what = "a tag has the characters of a URI only, and a blank behind it; kubectl refuses it"
            raise RefusedError(what, start)
        if self.open and self.open[-1].is_flow and not _COMMAS.isdisjoint(found[0]):
            what = "a comma or a bracket right behind a tag is a part of it for kubectl; put a blank between"
            raise RefusedError(what, start)

    def next(self, event: Any, *, is_mapping: bool, is_list: bool = False, is_merge: bool = False) -> None:
        """Take in a node; raises RefusedError for what cannot be merged."""
        around = self.open[-1] if self.open else None
        if around is None:
            return
        if around.is_key:
            around.is_key, around.is_merged = False, is_merge
            return
        if around.is_merged and not is_mapping and not (is_list and around.is_mapping):
            raise RefusedError(
                "a merge key << takes a mapping or a list of them; kubectl refuses anything else", _at(event)
            )
        around.is_key = around.is_mapping

    def check_flow(self, event: Any) -> None:
        spelled = self.text[_spelling(self.text, event) : event.end_mark.index]
        if spelled.startswith(":"):
            raise RefusedError("in brackets a value begins with a colon; kubectl refuses it, quote it", _at(event))
        if "?" in spelled:
            raise RefusedError(
                "in brackets a question mark stands in a value; kubectl parts it there, quote it", _at(event)
            )

    def check_escapes(self, event: Any) -> None:
        for found in _ESCAPE.finditer(self.text, _spelling(self.text, event), event.end_mark.index):
            if found[1]:
                raise RefusedError("the escape \\/ is one of JSON; kubectl refuses it in YAML, write /", found.start())
            if found[2]:
                what = "an escape of half a character (\\ud83d); kubectl refuses it in YAML"
                raise RefusedError(what, found.start())

    def check_indentation(self, event: Any) -> None:
        stop = event.end_mark.index
        header = _HEADER.match(self.text, _spelling(self.text, event), stop)
        tabbed = header and _TABBED.match(self.text, header.end(), stop)
        if tabbed:
            what = "a tab where the indentation of a block scalar is looked for; kubectl refuses it, use blanks"
            raise RefusedError(what, tabbed.end() - 1)

    def check_value(self, event: Any, tag: str, *, is_key: bool) -> None:
        """Refuse a plain or tagged scalar of which kubectl makes no value."""
        value = event.value
        if tag == "binary":
            if not _is_base64(value):
                raise RefusedError("a value with the tag !!binary that is no base64; kubectl refuses it", _at(event))
            return
        if tag and tag not in _RESOLVED:
            return
        if tag and not _is_of(value, tag):
            raise RefusedError(f"a value with the tag !!{tag} that is none; kubectl refuses it", _at(event))
        if value in _NO_NUMBERS and not is_key:
            raise RefusedError(f"{value} has no form in JSON; kubectl refuses it, quote it", _at(event))
        if is_key and tag == "null":
            raise RefusedError(NULL_KEY, _at(event))


def _is_of(value: str, tag: str) -> bool:
    """Whether kubectl's parser makes a value of a type of a text."""
    if tag == "null":
        return not value or value in NULLS
    if tag == "bool":
        return value in _BOOLEANS
    if tag == "timestamp":
        return _TIMESTAMP.fullmatch(value) is not None
    plain = value.replace("_", "")
    number = _whole(plain)
    if tag == "int":
        return number is not None and -(1 << 63) <= number < 1 << 64
    return number is not None or value in _NO_NUMBERS or _is_float(plain)


def _whole(plain: str) -> int | None:
    """The whole number that a text is, as Go reads it: `017` is octal."""
    if not _INTEGER.fullmatch(plain):
        return None
    digits = plain.lstrip("+-")
    is_octal = len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()
    number = int(digits, 8 if is_octal else 0) if len(digits) < 100 else 1 << 64  # longer ones are none of 64 bits
    return -number if plain[0] == "-" else number


def _is_float(plain: str) -> bool:
    return _FLOAT.fullmatch(plain) is not None and float(plain) not in (float("inf"), float("-inf"))


def _is_base64(value: str) -> bool:
    import base64

    try:
        base64.b64decode(value.replace("\r", "").replace("\n", ""), validate=True)
    except ValueError:
        return False
    return True


def _spelling(text: str, event: Any) -> int:
    """Where a scalar is spelled, behind its anchor and its tag."""
    return behind_properties(text, event.start_mark.index, event.end_mark.index)


def _at(event: Any) -> int:
    index: int = event.start_mark.index
    return index
