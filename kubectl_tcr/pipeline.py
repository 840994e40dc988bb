"""The pipeline: bytes to documents, to scalars, to sites, to edits, and back to bytes."""

import re
from _thread import _local  # what threading.local is; that module takes time to load
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from kubectl_tcr.errors import InputError, Location, ReadError, RefusedError
from kubectl_tcr.find.agreement import verify
from kubectl_tcr.find.search import Finder
from kubectl_tcr.find.site import Site, Status
from kubectl_tcr.find.trigger import Trigger
from kubectl_tcr.readers import Interest, read_json, read_yaml, strict
from kubectl_tcr.settings import Settings
from kubectl_tcr.text import stream
from kubectl_tcr.text.document import Reading, behind, position
from kubectl_tcr.text.patterns import lazy, lazy_bytes
from kubectl_tcr.text.splice import splice

if TYPE_CHECKING:  # loaded by the first document that is long
    from kubectl_tcr.find.pieces import Found, Pieces

_BOM = "\ufeff"

_BRACE = lazy(r"\s*+\{")
_LIKE_JSON = lazy(r"\s*+\{\s*+[\"}]")
# What kubectl passes over behind a value of JSON that begins a stream.
_FOLLOWS = lazy(r"(?<=[ \t\r\n])[#\ufeff]")
_DIRECTIVE = lazy_bytes(rb"(?:[ \t\r]*+(?:#[^\n]*+)?+\n)*+%")
# Patterns that only an error needs are compiled then.
_KIND = r"(?m)^[ \t]*\"?kind\"?:[ \t]*[\"']?([A-Za-z]\w*)"
_METADATA = r"(?m)^[ \t]*\"?metadata\"?:"
_NAME = r"\bname\"?:[ \t]*[\"']?([\w.-]+)"
_LINES_ABOVE = 4
_CHART = r"\{\{-?\s*+(?:\.(?:Values|Release|Chart|Capabilities|Files|Template)\b|include\b|toYaml\b|tpl\b)"
_TEMPLATE = r"\{\{-?\s*(?:[.$(]|if|with|range|include|template|define|end|else|toYaml|tpl|printf|default|quote|/\*)"


class Part(NamedTuple):
    """A document as it came in and as it goes out, both in UTF-8, and its sites in the order of the text.

    A long one may come as several, of which all but the first say that they continue it.
    """

    document: stream.Document
    output: bytes
    sites: tuple[Site, ...] = ()
    warnings: tuple[str, ...] = ()
    is_continued: bool = False

    @property
    def source(self) -> bytes:
        """The bytes that came in, separator line included."""
        return self.document.head + self.document.body

    @property
    def is_changed(self) -> bool:
        """Whether anything was rewritten."""
        return any(site.edits for site in self.sites)

    def numbered(self) -> Iterator[Site]:
        """The sites with their document, line and column in the stream."""
        return _numbered(self.sites, self.document, self.document.body.decode().removeprefix(_BOM))


class Rewrite(NamedTuple):
    """A rewritten stream: the new bytes, and every site in the order of the text."""

    output: bytes
    sites: tuple[Site, ...]

    @property
    def is_changed(self) -> bool:
        """Whether anything was rewritten."""
        return any(site.status is Status.REWRITTEN for site in self.sites)


def rewrite(source: bytes, settings: Settings | None = None, *, file: str = "<bytes>") -> Rewrite:
    r"""Move the image references of a manifest stream to their mirrors.

    `source` is YAML or JSON in UTF-8 or UTF-16, as kubectl reads it. Raises InputError, whose
    text is one line with file, line and column, where a document cannot be read.

    >>> done = rewrite(b"kind: Pod\napiVersion: v1\nspec: {containers: [{image: quay.io/a/b}]}\n")
    >>> done.sites[0].after
    'quay.tencentcloudcr.com/a/b'
    """
    rewriter = _default() if settings is None else Rewriter(settings)
    return rewriter.rewrite(source, file=file)


# What each thread remembers: what a rewriter has learned must not change while another thread reads by it.
_kept = _local()


def _default() -> "Rewriter":
    """What rewrites by the default settings in this thread, kept: it remembers the lines it has read."""
    found: Rewriter | None = getattr(_kept, "rewriter", None)
    if found is None:
        found = _kept.rewriter = Rewriter(Settings())
    return found


class Rewriter:
    """Rewrites streams with the same settings; one for each thread, as it remembers what it has read.

    `detail` adds to the sites what stands in comments; `validate` parses every document, also
    those that hold no reference. Documents of more than `longest` bytes come in several parts where they can; 0 for
    none.

    >>> rewriter = Rewriter(Settings())
    >>> rewriter.rewrite(b"image: quay.io/a/b").output
    b'image: quay.tencentcloudcr.com/a/b'
    """

    def __init__(self, settings: Settings, *, detail: bool = True, validate: bool = False, longest: int = 0) -> None:
        self._finder = Finder(settings)
        self._trigger = Trigger(settings)
        self._detail = detail
        self._validate = validate
        self._longest = longest

    def rewrite(self, source: bytes, *, file: str = "<bytes>") -> Rewrite:
        """Rewrite a stream, as the function `rewrite` does; raises InputError."""
        encoding, parts = self.parts([source], file)
        done = list(parts)
        output = encoding.mark + encoding.encode(b"".join(part.output for part in done))
        return Rewrite(output, tuple(site for part in done for site in part.numbered()))

    def parts(self, chunks: Iterable[bytes], file: str) -> tuple[stream.Encoding, Iterator[Part]]:
        """The encoding of a stream and its documents, rewritten one by one.

        Raises InputError, at once or from the iterator.
        """
        encoding, text = stream.decode(chunks, file)
        return encoding, self.documents(text, file)

    def documents(
        self,
        text: Iterable[bytes],
        file: str,
        start: stream.Start = stream.Start(),  # noqa: B008 a value
    ) -> Iterator[Part]:
        """The documents of checked UTF-8, or of a piece of a stream that begins at `start`, rewritten one by one.

        Raises InputError from the iterator.
        """
        for document in stream.split(text, file, start):
            yield from self.parts_of(document, file, self.pieces(document))

    def pieces(self, document: stream.Document) -> "Pieces | None":
        """The pieces in which a long document can perhaps be read, None where it is read as a whole."""
        body = document.body
        if not self._longest or len(body) <= self._longest or _DIRECTIVE.match(body) or not self._is_read(body):
            return None
        from kubectl_tcr.find import long

        return long.cut(body, self._finder, detail=self._detail, size=min(self._longest, long.SIZE))

    def parts_of(self, document: stream.Document, file: str, pieces: "Pieces | None") -> Iterable[Part]:
        """A document rewritten: one that can be cut in several parts, if its pieces turn out to be fit.

        Raises InputError.
        """
        if pieces is None:
            return (self._part(document, file),)
        from kubectl_tcr.find import long

        found = long.read(pieces, validate=self._validate)
        return (self._part(document, file),) if found is None else _continued(document, found)

    def _is_read(self, body: bytes) -> bool:
        return self._validate or self._trigger.fires(body)

    def _part(self, document: stream.Document, file: str) -> Part:
        directive = _DIRECTIVE.match(document.body)
        if directive:
            what = "directives such as %YAML are refused by kubectl; delete the line"
            offset = len(document.body[: directive.end() - 1].decode())
            raise InputError(what, _location(document, document.body.decode(), offset, file))
        if not self._is_read(document.body):
            return Part(document, document.head + document.body)
        text = document.body.decode()
        mark = _BOM if text.startswith(_BOM) else ""
        text = text[len(mark) :]
        try:
            reading, is_yaml = _read(document, text, self._finder)
            sites = self._finder.find(text, reading, detail=self._detail)
            edits = [edit for site in sites for edit in site.edits]
            if is_yaml and (edits or self._validate):
                strict.check(text)
        except ReadError as error:
            raise InputError(_explain(error, text), _location(document, text, error.offset, file)) from None
        if edits:
            verify(text, sites)
        body = (mark + splice(text, edits)).encode() if edits else document.body
        warnings = _warnings(document, text, reading, file)
        return Part(document, document.head + body, tuple(sites), warnings)


def _continued(document: stream.Document, found: "Iterable[Found]") -> Iterator[Part]:
    """The parts of a document that was read in pieces, each as a document that begins where the one in front ends."""
    rest = document
    for one in found:
        part = part_of(rest, one)
        yield part
        line, column = behind(one.text, rest.line, rest.column)
        rest = rest._replace(head=b"", line=line, column=column)


def part_of(document: stream.Document, found: "Found") -> Part:
    """A part of a document that was read in pieces; `document` says where it begins."""
    start, stop, text, sites = found
    here = document._replace(head=b"" if start else document.head, body=document.body[start:stop])
    edits = [edit for site in sites for edit in site.edits]
    body = splice(text, edits).encode() if edits else here.body
    return Part(here, here.head + body, tuple(sites), is_continued=start > 0)


def _read(document: stream.Document, text: str, finder: Finder) -> tuple[Reading, bool]:
    """What a reader saw of a document, and whether it was one of YAML."""
    interest = finder.interest(text)
    if not _BRACE.match(text):
        return read_yaml(text, interest), True
    try:
        return read_json(text, interest), False
    except ReadError as json_error:
        if document.is_in_row:
            raise _in_row(text, interest, json_error) from None
        try:
            reading = read_yaml(text, interest)
        except ReadError as error:
            # What no parser refuses was meant to be YAML, unless it begins as JSON does.
            is_json = _LIKE_JSON.match(text) or (document.is_json and type(error) is not ReadError)
            if is_json and not error.is_behind:
                raise json_error from None
            raise
        # kubectl reads the rest by itself, where ... ends no document
        is_odd = reading.end >= 0 or not _FOLLOWS.match(text, json_error.offset)
        if json_error.is_behind and not document.head and is_odd:
            raise
        return reading, True


def _in_row(text: str, interest: Interest, error: ReadError) -> ReadError:
    """What is wrong with a value that others follow or stand in front of, and that is no JSON."""
    try:
        read_yaml(text, interest)
    except ReadError:
        return error
    return ReadError(
        "no JSON, and of YAML in braces kubectl reads the first only; put --- on lines between", error.offset
    )


def _explain(error: ReadError, text: str) -> str:
    """The message for a document that cannot be read, with what to do about it."""
    if isinstance(error, RefusedError):
        return error.what
    # A parser notices an action of a template on its line or a little later.
    above = [] if error.is_behind else text[: error.offset].split("\n")[-_LINES_ABOVE:]
    below = text[error.offset :].split("\n", 2)[:2]
    if any(map(_is_action, ("\n".join(above) + "\n".join(below)).split("\n"))):
        return "this is a Helm template, not a manifest; render it first with helm template"
    return error.what


def _is_action(line: str) -> bool:
    """Whether a line holds an action of a template; inside quotes only those of a chart count."""
    if re.search(_CHART, line):
        return True
    found = re.search(_TEMPLATE, line)
    front = line[: found.start()] if found else ""
    return found is not None and front.count('"') % 2 == 0 and front.count("'") % 2 == 0


def _warnings(document: stream.Document, text: str, reading: Reading, file: str) -> tuple[str, ...]:
    rest = text[reading.end :].strip() if reading.end >= 0 else ""
    if not rest or all(line.lstrip().startswith("#") for line in rest.split("\n") if line.strip()):
        return ()
    where = _location(document, text, reading.end, file)
    return (f"{where}: kubectl ignores what stands behind ... here, and so does this run",)


def _numbered(sites: Iterable[Site], document: stream.Document, text: str) -> Iterator[Site]:
    """The sites with document, line and column; they come in the order of the text."""
    line, seen, line_start = document.line, 0, -document.column
    for site in sites:
        newline = text.rfind("\n", seen, site.start)
        if newline >= 0:
            line += text.count("\n", seen, site.start)
            line_start = newline + 1
        seen = max(seen, site.start)
        yield site._replace(document=document.number, line=line, column=site.start - line_start + 1)


def _location(document: stream.Document, text: str, offset: int, file: str) -> Location:
    line, column = position(text, offset)
    column += document.column if line == 1 else 0
    return Location(file, document.line + line - 1, column, document.number, _resource(text))


def _resource(text: str) -> str:
    """`Kind/name` of a document that could not be read, as far as it can be guessed."""
    kind, metadata = re.search(_KIND, text), re.search(_METADATA, text)
    name = re.search(_NAME, text[metadata.end() :]) if metadata else None
    return "/".join(found.group(1) for found in (kind, name) if found) if kind else ""
