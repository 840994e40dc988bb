"""A KRM function: a ResourceList on standard input, the same list with results on standard output.

The protocol is Kustomize's functions-spec.md (cmd/config/docs/api-conventions). Items are
rewritten as in any stream, byte for byte; `functionConfig` is a layer of the configuration.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from kubectl_tcr import config
from kubectl_tcr.errors import ConfigError, InputError, Location, ReadError, RuleError, TcrError
from kubectl_tcr.find.site import Site
from kubectl_tcr.images.mirrors import parse_rule
from kubectl_tcr.images.trusted import parse_trusted
from kubectl_tcr.pipeline import Rewriter
from kubectl_tcr.readers import values
from kubectl_tcr.reports.gates import Gates
from kubectl_tcr.reports.tally import Tally
from kubectl_tcr.run import resource_list
from kubectl_tcr.run.console import Console
from kubectl_tcr.run.request import Mode, Request
from kubectl_tcr.run.resource_list import ResourceList
from kubectl_tcr.run.run import run as run_stream
from kubectl_tcr.run.run import say_rules, tell, write_report
from kubectl_tcr.settings import Exclude, Settings
from kubectl_tcr.statuses import DONE, FOUND
from kubectl_tcr.text import stream
from kubectl_tcr.text.document import Path, RootEntry, format_path
from kubectl_tcr.text.printable import printable

Parsed = TypeVar("Parsed")

_NAME = "functionConfig"
# How much of a wrong value a message shows, in characters.
_SHOWN = 60
_CONFIG_MAP_KEYS = ("preset", "scope", "unmapped", "suspected", "mirrors", "exclude", "trusted", "crds")


class Input(NamedTuple):
    """What came in: the documents of the stream, of which one is the list; the others are blank."""

    encoding: stream.Encoding
    documents: tuple[stream.Document, ...]
    found: ResourceList

    def output(self, text: str) -> bytes:
        """The stream with a new text of the list."""
        pieces = []
        for document in self.documents:
            body = document.body
            if body.strip():
                body = text.encode() if not body.startswith(codecs.BOM_UTF8) else codecs.BOM_UTF8 + text.encode()
            pieces += [document.head, body]
        return self.encoding.mark + self.encoding.encode(b"".join(pieces))


def run(request: Request, layers: config.Layers, console: Console) -> int:
    """Carry out a request whose one source may be a ResourceList; the exit status.

    Anything else is run as any stream. Raises TcrError where not even the list that came in can
    be handed back; standard output is then empty.
    """
    given, request = _recognized(request)
    if given is None:  # something of the group is no stream to let pass unread
        return run_stream(request._replace(validate=True), console)
    if request.mode is Mode.STDOUT:
        return _function(given, request, layers, console)
    return run_stream(_configured(given.found, request, layers), console)


def _recognized(request: Request) -> tuple[Input | None, Request]:
    """The list, if the source is one, and the request with its source still to be read."""
    source = request.sources[0]
    chunks = source.chunks()
    held: list[bytes] = []

    def remembered() -> Iterator[bytes]:
        for chunk in chunks:
            held.append(chunk)
            yield chunk

    request = request._replace(sources=(source._replace(chunks=lambda: chain(held, chunks)),))
    encoding, text = stream.decode(remembered(), source.name)
    documents, listed = [], None
    for document in stream.split(text, source.name):
        documents.append(document)
        if document.body.strip():
            if listed or resource_list.KIND.encode() not in document.body:
                return None, request
            listed = document
    if listed is None:
        return None, request
    try:
        found = resource_list.parse(listed.body.decode().removeprefix("\ufeff"), source.name, listed.line)
    except ReadError as error:
        _refuse(b"".join(held), source.name)
        raise InputError(error.what, Location(source.name, listed.line)) from None
    return (Input(encoding, tuple(documents), found) if found else None), request


def _refuse(raw: bytes, name: str) -> None:
    """Read a stream as any other: where it is broken, that says better what is wrong and where."""
    for _ in Rewriter(Settings(), validate=True).parts([raw], name)[1]:
        pass


def _configured(found: ResourceList, request: Request, layers: config.Layers) -> Request:
    """The request with the functionConfig as one more layer.

    Raises ConfigError or RuleError.
    """
    chosen = config.choose(layers.around(_function_config(found)))
    gates = Gates(chosen.unmapped, chosen.suspected)
    return request._replace(settings=chosen.settings, gates=gates, unasked=chosen.unasked, warnings=chosen.warnings)


def _function(given: Input, request: Request, layers: config.Layers, console: Console) -> int:
    found = given.found
    try:
        request = _configured(found, request, layers)
        if problem := found.problem():
            raise InputError(problem, Location(found.file))
        keep = bool(request.report) or request.verbose
        rewriter = Rewriter(request.settings, detail=keep, validate=True)
        parts = tuple(rewriter.parts(request.sources[0].chunks(), found.file)[1])
    except TcrError as error:
        text = found.with_results([], [{"message": printable(str(error)), "severity": "error"}])
        console.grade("error", str(error))
        _write(given.output(text), console)
        return FOUND
    tally = Tally(keep=keep, gates=request.gates)
    for part in parts:
        tally.add(found.file, part)
    return _hand_back(given, request, tally, [site for part in parts for site in part.sites], console)


def _hand_back(given: Input, request: Request, tally: Tally, sites: Sequence[Site], console: Console) -> int:
    is_gated = tally.is_gated
    edits = [] if is_gated else [edit for site in sites for edit in site.edits]
    text = given.found.with_results(edits, list(_results(given.found, sites, request.gates, is_gated=is_gated)))
    if request.verbose:
        say_rules(request, console)
    if request.report:
        write_report(request, tally, console)
    tell(request, tally, console, is_gated=is_gated)
    _write(given.output(text), console)
    return FOUND if is_gated else DONE


def _write(output: bytes, console: Console) -> None:
    console.deliver(lambda out: out.write(output))


def _results(
    found: ResourceList, sites: Iterable[Site], gates: Gates, *, is_gated: bool
) -> Iterator[Mapping[str, Any]]:
    """A result for every site that was rewritten, and for the foreign ones where they are asked about."""
    names = found.names()
    for site in sites:
        if site.edits and not is_gated:
            yield _result(site, names, "info", f"{site.reference} is now {site.after}")
        elif gates.word(site):
            yield _result(site, names, gates.word(site), f"{site.reference}: {site.trouble}")


def _result(site: Site, names: Mapping[int, Mapping[str, str]], severity: str, message: str) -> Mapping[str, Any]:
    """A result as functions-spec.md has it; the field's path begins at the item."""
    path = site.paths[0]
    index = path[1] if path[:1] == ("items",) and len(path) > 1 else None
    item = names.get(index, {}) if isinstance(index, int) else {}
    field = {"path": format_path(path[2:] if item else path), "currentValue": site.reference}
    if site.after:
        field["proposedValue"] = site.after
    result: dict[str, Any] = {"message": message, "severity": severity}
    if item:
        keys = ("apiVersion", "kind", "name", "namespace")
        result["resourceRef"] = {key: item[key] for key in keys if key in item}
    result["field"] = field
    file = next((item[name] for name in resource_list.PATHS if name in item), "")
    if file:
        place = next((item[name] for name in resource_list.INDEXES if name in item), "")
        result["file"] = {"path": file, **({"index": int(place)} if re.fullmatch(r"[0-9]{1,9}", place) else {})}
    return result


def _function_config(found: ResourceList) -> config.Config:
    """The layer of the functionConfig: a MirrorConfig, or a ConfigMap with the same in its data.

    Raises ConfigError.
    """
    entry = found.entry("functionConfig")
    if entry is None:
        return config.Config()
    if entry.node != "mapping":
        raise _wrong("must be a mapping")
    try:
        data, lines = _loaded(found, entry)
    except ReadError as error:
        raise _wrong(error.what) from None
    version, kind = data.get("apiVersion"), data.get("kind")
    if kind == "ConfigMap" and version == "v1":
        return _config_map(data.get("data"))
    if kind != "MirrorConfig":
        known = "use a MirrorConfig (kubectl-tcr/v1alpha1) or a ConfigMap (v1)"
        raise _wrong(f"is of kind {str(kind)[:_SHOWN]} ({str(version)[:_SHOWN]}); {known}")
    try:
        return config.checked(data, lines, _NAME)
    except ConfigError as error:  # a line of the list says little to who wrote the config
        raise _wrong(error.what) from None


def _loaded(found: ResourceList, entry: RootEntry) -> tuple[Any, Mapping[Path, int]]:
    """What a value holds, and its lines as of a document of its own; raises ReadError."""
    text = found.value(entry)
    if found.is_json:  # YAML refuses some of JSON: tabs, long keys, control characters, halves of characters
        from kubectl_tcr.readers import json

        return json.load(text, values.DEEPEST), {}
    line_start = found.text.rfind("\n", 0, entry.start) + 1
    return values.load(" " * (entry.start - line_start) + text)


def _config_map(data: Any) -> config.Config:
    """The layer of a ConfigMap's data: choices as they are, rules and globs line by line.

    Raises ConfigError.
    """
    if data is None:
        return config.Config()
    if not isinstance(data, dict):
        raise _wrong("data must be a mapping")
    for key, value in data.items():
        if key not in _CONFIG_MAP_KEYS:
            raise _wrong(f"data.{key} is no known key; choose one of {', '.join(_CONFIG_MAP_KEYS)}")
        if not isinstance(value, str):
            raise _wrong(f"data.{key} must be a string")
    return config.Config(
        rules=tuple(_each(data, "mirrors", parse_rule)),
        excludes=tuple(Exclude(reference=glob) for glob in _lines(data.get("exclude", ""))),
        preset=_choice(data, "preset"),
        scope=_choice(data, "scope"),
        unmapped=_choice(data, "unmapped"),
        suspected=_choice(data, "suspected"),
        crds=tuple(_lines(data.get("crds", ""))),
        trusted=tuple(chain.from_iterable(_each(data, "trusted", parse_trusted))),
    )


def _lines(text: str) -> list[str]:
    """The lines that say something; those that begin with # are comments."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _each(data: Mapping[str, str], key: str, parse: Callable[[str, str], Parsed]) -> Iterator[Parsed]:
    """What the lines of a key say; raises ConfigError for one that says nothing."""
    for line in _lines(data.get(key, "")):
        try:
            yield parse(line, _NAME)
        except RuleError as error:
            raise _wrong(f"data.{key}: {error.what}") from None


def _choice(data: Mapping[str, str], key: str) -> str:
    choice = data.get(key, "").strip()
    allowed = config.schema()["properties"]["spec"]["properties"][key]["enum"]
    if choice and choice not in allowed:
        raise _wrong(f"data.{key} must be one of {', '.join(allowed)}")
    return choice


def _wrong(what: str) -> ConfigError:
    return ConfigError(what, Location(_NAME))
