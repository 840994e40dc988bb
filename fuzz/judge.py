"""What must hold for a mutant, and what does not: the rewriter beside what kubectl's own modules read."""

import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, NamedTuple

from fuzz.oracle import Answer, Oracle
from kubectl_tcr import InputError, Rewriter, Site
from kubectl_tcr.pipeline import Part
from kubectl_tcr.text import stream
from kubectl_tcr.text.document import Path
from tests.conftest import NINE
from tests.laws import agree, undone

AGREED, REFUSED, PASSED = "both read it", "both refuse it", "read by neither, passed as it came"
# How much of a message tells one disagreement from another; places and quotes from the text are taken out.
_VARIES = re.compile(r"\d+|'[^']*'|\"[^\"]*\"|`[^`]*`|<[^>]*>|Kind/\S+|\([\w./-]*\)")
_PLACE = re.compile(r"x(?::\d+:\d+: (?:document \d+(?: \([\w/.-]+\))?: )?\S|:.*)", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|\r?\n[ \t]*|(.))", re.DOTALL)
# Strings in strings in strings: how often escapes are taken out.
_DEEPEST = 3
# Keys that JSON spells as their value and a path as their text: numbers, booleans, null, dates.
_NO_STRING = re.compile(r"[-+.\d].*|~|=||null|true|false|yes|no|on|off|y|n", re.IGNORECASE | re.DOTALL)


class Verdict(NamedTuple):
    """What became of a mutant; `is_wrong` breaks a law.

    `ours` and `theirs` say why it is refused, empty for one that reads it.
    """

    kind: str
    is_wrong: bool = False
    ours: str = ""
    theirs: str = ""

    @property
    def is_disagreement(self) -> bool:
        """Whether one reads what the other refuses."""
        return bool(self.ours) != bool(self.theirs)

    @property
    def is_open(self) -> bool:
        """Whether it is neither what both read nor what both refuse."""
        return self.is_wrong or self.is_disagreement

    @property
    def signature(self) -> tuple[str, str]:
        """What verdicts of the same cause have in common."""
        return self.kind.partition(": ")[0], _VARIES.sub("_", self.ours or self.theirs).partition("\n")[0]


class Rewritten(NamedTuple):
    """A stream that was rewritten: what came out, and each document."""

    output: bytes
    parts: tuple[Part, ...]

    @property
    def sites(self) -> list[Site]:
        """The sites that were edited."""
        return [site for part in self.parts for site in part.sites if site.edits]


class Judge:
    """Judges mutants; kept for many, as rewriter and oracles are."""

    def __init__(self, oracles: Sequence[Oracle]) -> None:
        self._oracles = oracles
        self._rewriter = Rewriter(NINE)

    def judge(self, source: bytes) -> Verdict:
        """Hold a stream to every law; the first that is broken, otherwise what both make of it."""
        try:
            ours = self._rewrite([source])
        except Exception as error:  # noqa: BLE001 no mutant may raise what a user is not told
            return Verdict(f"exception: {type(error).__name__}: {error}", is_wrong=True)
        if isinstance(ours, Rewritten):
            trouble = self._trouble(source, ours)
            if trouble:
                return Verdict(trouble, is_wrong=True)
        elif not _PLACE.fullmatch(ours) or "\n" in ours:
            return Verdict(f"a message without a place: {ours}", is_wrong=True)
        pieces = self._told(self._cut(source))
        if pieces != (ours if isinstance(ours, str) else ours.output):
            are_errors = isinstance(pieces, str) and isinstance(ours, str)
            what = "another error in pieces" if are_errors else "read otherwise in pieces"
            return Verdict(f"{what}: {pieces!r}", is_wrong=True)
        verdicts = [self._beside(oracle, source, ours) for oracle in self._oracles]
        return next((one for one in verdicts if one.is_open), verdicts[0])

    # The rewriter alone.

    def _rewrite(self, chunks: list[bytes]) -> Rewritten | str:
        """A stream rewritten, or why it is refused."""
        try:
            encoding, found = self._rewriter.parts(chunks, "x")
            parts = tuple(found)
        except InputError as error:
            return str(error)
        return Rewritten(encoding.mark + encoding.encode(b"".join(part.output for part in parts)), parts)

    def _cut(self, source: bytes) -> list[bytes]:
        chance = Random(len(source))  # noqa: S311 chance, not a secret
        sizes = [chance.choice((1, 2, 7, 60)) for _ in range(4)]
        pieces: list[bytes] = []
        at = 0
        while at < len(source):
            size = sizes[len(pieces) % 4]
            pieces.append(source[at : at + size])
            at += size
        return pieces

    def _told(self, chunks: list[bytes]) -> bytes | str:
        done = self._rewrite(chunks)
        return done if isinstance(done, str) else done.output

    def _trouble(self, source: bytes, done: Rewritten) -> str:
        """What is wrong with the bytes that came out, empty for nothing."""
        encoding, _ = stream.decode([source], "x")
        if encoding.mark + encoding.encode(b"".join(part.source for part in done.parts)) != source:
            return "a byte lost or gained"
        if any(undone(part) != part.source for part in done.parts):
            return "a byte changed outside an edit"
        again = self._told([done.output])
        if again != done.output:
            return f"changed by a second run: {again!r}"
        return ""

    # Beside an oracle.

    def _beside(self, oracle: Oracle, source: bytes, ours: Rewritten | str) -> Verdict:
        theirs = oracle.ask(source)
        if isinstance(ours, str):
            return Verdict(REFUSED if theirs.error else "refused by us alone", ours=ours, theirs=theirs.error)
        if theirs.error:
            return self._unread(oracle, ours)
        if ours.output == source:
            return Verdict(AGREED)
        after = oracle.ask(ours.output)
        if after.error:
            return Verdict("refused once it is rewritten", is_wrong=True, theirs=after.error)
        trouble = differs(theirs, after, ours.sites)
        return Verdict(trouble, is_wrong=True) if trouble else Verdict(AGREED)

    def _unread(self, oracle: Oracle, ours: Rewritten) -> Verdict:
        """A stream that kubectl refuses and that was rewritten: each document that was edited must be one it reads."""
        for part in ours.parts:
            error = oracle.ask(part.document.body).error if part.is_changed else ""
            if error:
                # Behind a separator it is no JSON, and the parser of YAML says what it has against it.
                return Verdict("read by us alone", theirs=oracle.ask(b"---\n" + part.document.body).error or error)
        return Verdict(PASSED)


def differs(before: Answer, after: Answer, sites: Sequence[Site]) -> str:
    """What is wrong with the values that came out, empty for nothing: they differ where and as a site says."""
    if before.documents is None or after.documents is None:
        return ""
    if len(before.documents) != len(after.documents):
        return f"documents lost or gained: {len(before.documents)} became {len(after.documents)}"
    for old, new in zip(before.documents, after.documents, strict=True):
        for path, left, right in _differences(old, new, ()):
            found = [site for site in sites if _is_at(site, path)]
            if not found:
                return f"changed where no site is: {path}: {left!r} became {right!r}"
            if not (isinstance(left, str) and isinstance(right, str) and _agree(left, right)):
                return f"changed to something else: {path}: {left!r} became {right!r}"
            if any(_is_told(site, path) and site.reference == left and site.after != right for site in found):
                return f"not what the site says: {path}: {left!r} became {right!r}"
    return ""


def _agree(old: str, new: str) -> bool:
    """Whether nothing but hosts moved, also where the document that a string holds has escapes of its own."""
    pairs = [(old, new)]
    for _ in range(_DEEPEST):
        pairs.append((unescaped(pairs[-1][0]), unescaped(pairs[-1][1])))
    return any(agree(*pair) for pair in pairs)


def unescaped(text: str) -> str:
    """A text with escapes as what they mean: a character by its number, a line that goes on, others by their letter."""
    return _ESCAPE.sub(_meant, text)


def _meant(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2]
    return chr(int(code, 16)) if code else escape[3] or ""


def _differences(old: Any, new: Any, path: Path) -> Iterator[tuple[Path, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        for key in old:
            yield from _differences(old[key], new[key], (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (left, right) in enumerate(zip(old, new, strict=True)):
            yield from _differences(left, right, (*path, index))
    elif old != new:
        yield path, old, new


def _is_at(site: Site, path: Path) -> bool:
    """Whether a site stands at a path; a split one stands at the mapping of its parts."""
    places = (path, path[:-1]) if site.how == "split" else (path,)
    return any(_covers(shown, place) for shown in site.paths for place in places)


def _is_told(site: Site, path: Path) -> bool:
    """Whether a value itself says what became of a site: it holds it, and not a document that does, nor half of it."""
    return site.how != "split" and any(len(shown) == len(path) for shown in site.paths)


def _covers(shown: Path, path: Path) -> bool:
    """Whether a path of a site leads to a value, or into a document that the value holds."""
    if len(shown) > len(path):
        if not str(shown[len(path)]).startswith("<"):
            return False
    elif len(shown) < len(path):
        return False
    return all(mine == its or _is_other_key(mine) for mine, its in zip(shown, path, strict=False))


def _is_other_key(part: str | int) -> bool:
    return isinstance(part, str) and _NO_STRING.fullmatch(part) is not None
