"""Which documents must be read at all: told by a search of bytes, as most hold no reference."""

import re

from kubectl_tcr.find.tokens import KNOWN
from kubectl_tcr.kubernetes.exclusions import DEFINITION
from kubectl_tcr.settings import Settings
from kubectl_tcr.text.patterns import lazy_bytes

# What a value may begin with that says nothing of itself: a block scalar, an anchor, an alias, a YAML tag, a comment.
_ODD = b"|>&*!#"
_DEFINITION = DEFINITION.encode()


class Trigger:
    """Tells by a search of bytes whether a document can hold a reference at all; true too often.

    It can if a mapped domain is spelled out, if an escape could hide one, if something is shaped
    like a tagged path, if a key that is an image wherever it stands has a value, or if it is of a
    group that declares images.
    """

    # Characters by number, and line ends that are left out: those of YAML 1.1 too (U+0085, U+2028, U+2029).
    _ESCAPES = (rb"\x", rb"\u", rb"\U", b"\\\n", b"\\\r", b"\\\xc2\x85", b"\\\xe2\x80")
    _TAGGED = lazy_bytes(rb"/[\w.-]++[:@]\w")
    # What may stand around the colon of a key, which may be kept in a string: quotes, blanks and their escapes.
    _AROUND = rb"(?:\\[nrt]?|[\s\"'])*+"
    # A key with a scalar: no mapping or sequence begins on the next line.
    _VALUE = _AROUND + rb":(?![ \t]*+\r?\n *+(?:[\w.$/-]++:(?=[ \r\n]|\Z)|-[ \r\n]|\Z))"
    _IMAGE = lazy_bytes(rb"mage\w{0,40}+" + _VALUE)
    _REFERENCE = lazy_bytes(rb"reference" + _VALUE)
    # What else must be looked at, each behind a text that is cheap to look for: registries, what JSON patches put, what
    # commands pull, and variables and flags that are named after an image.
    _NAME_ENDS = rb"(?:-\w+)?[\"'\\]*+(?:[\s,=:\]}]|\Z)"
    _SIGNS = (
        (b"egistry", lazy_bytes(b"egistry" + _VALUE)),
        (b"hub", lazy_bytes(b"hub" + _VALUE)),
        (b"Hub", lazy_bytes(b"Hub" + _VALUE)),
        (b"/image", lazy_bytes(rb"(?:ontainers|volumes)/[\w~-]++/image")),
        (b"pull", lazy_bytes(rb"pull\s[^\n]*/")),
        (b"FROM", lazy_bytes(rb"FROM\s[^\n]*/")),
        (b"IMAGE", lazy_bytes(rb"_IMAGE|IMAGE_\w")),
        (b"_IMG", lazy_bytes(rb"_IMG\b")),
        (b"-im", lazy_bytes(rb"-ima?ge?" + _NAME_ENDS)),
        (b"_im", lazy_bytes(rb"_ima?ge?" + _NAME_ENDS)),
        (b"mage", lazy_bytes(rb"mage ?=")),
    )
    # What stands beside the name of an image.
    _TAGS = ((b"tag", lazy_bytes(b"tag" + _VALUE)), (b"digest", lazy_bytes(b"digest" + _VALUE)))
    _SIGNS_WITH_TAGS = (*_SIGNS, *_TAGS)
    _KNOWN = tuple(end.encode() for end in KNOWN)
    # A key that may stand far from its colon: an explicit one, or an anchored one.
    _EXPLICIT_KEY = lazy_bytes(rb"\?[ \t\r\n](?:(?<=[\s\[{,-]..)|(?<=\A..))", re.DOTALL)
    _ANCHOR = lazy_bytes(rb"&[^\s&](?:(?<=[\s\[{,]..)|(?<=\A..))", re.DOTALL)
    # A default not far behind a key of a schema that is named after an image, with a value that may be one.
    _DEFAULT = lazy_bytes(
        rb"(?:mage|epo(?:sitory)?)\w{0,40}+[\"']?:(?:(?!properties).){0,400}?"
        rb"\bdefault[\"']?:[\s\"']*+(?!true\b|false\b|null\b)[a-z]",
        re.DOTALL,
    )
    _GROUP = lazy_bytes(rb"apiVersion" + _AROUND + rb":" + _AROUND + rb"([^\s\"'\\/]*+)")

    def __init__(self, settings: Settings) -> None:
        rules = settings.rules
        self._domains = tuple(domain.encode() for domain in (*sorted(rules.domains), *rules.suffixes))
        self._fields = settings.fields
        # A document of a group with rows is read if one of the keys is spelled in it in which their paths end. Those of
        # groups that occur are kept.
        self._ends: dict[bytes, tuple[bytes, ...]] = {}
        # The core group is not spelled out, and a row for all groups has none to look for.
        self._keys = tuple(key.encode() for group in ("", "*") for key in settings.fields.keys_of_group(group))

    def fires(self, body: bytes) -> bool:
        """Whether a document must be read."""
        for domain in self._domains:
            if domain in body:
                return True
        if b"\\" in body and any(escape in body for escape in self._ESCAPES):
            return True
        return self._TAGGED.search(body) is not None or self._declares(body)

    def _declares(self, body: bytes) -> bool:
        """Whether a document can hold a field that is declared an image."""
        if self._EXPLICIT_KEY.search(body) or self._ANCHOR.search(body):
            return True
        if any(end in body for end in self._KNOWN):
            return True
        for sign, pattern in self._SIGNS_WITH_TAGS if b"mage" in body else self._SIGNS:
            if sign in body and pattern.search(body):
                return True
        if self._IMAGE.search(body) or self._REFERENCE.search(body) or any(key in body for key in self._keys):
            return True
        if _DEFINITION in body and self._DEFAULT.search(body):
            return True
        return any(name[:1] in _ODD or self._has_key(name, body) for name in self._GROUP.findall(body))

    def _has_key(self, group: bytes, body: bytes) -> bool:
        """Whether a key is spelled in a document that a row of its group ends in."""
        ends = self._ends.get(group)
        if ends is None:
            keys = self._fields.keys_of_group(group.decode()) if group else frozenset()
            ends = tuple(key.encode() for key in sorted(keys, key=len))
            if ends:  # what a stream names is bounded by nothing
                self._ends[group] = ends
        return any(key in body for key in ends)
