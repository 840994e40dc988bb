"""`kubectl tcr-rewrite`: from the command line to an exit status."""

import sys

from kubectl_tcr import config
from kubectl_tcr.cli import streams
from kubectl_tcr.cli.options import Options
from kubectl_tcr.cli.outcome import choose_color, is_colored, told
from kubectl_tcr.errors import MessageError, TcrError, UsageError
from kubectl_tcr.files import writing
from kubectl_tcr.readers import parser_name
from kubectl_tcr.reports.formats import error_line, report_failure
from kubectl_tcr.reports.summary import evidence
from kubectl_tcr.run.request import Mode, Request
from kubectl_tcr.run.run import run
from kubectl_tcr.run.sources import STDIN_NAME, peeked, refuse_output
from kubectl_tcr.statuses import DONE
from kubectl_tcr.text.printable import printable

# What the API version of a KRM function's input begins with.
_KRM_GROUP = b"config.kubernetes.io/v"


def main() -> int:
    """Carry out the command line; the exit status. Raises what `cli/outcome.py` tells of."""
    streams.collect_rarely()
    options = _options(sys.argv[1:])
    choose_color(options.text("color") or "auto")
    try:
        return _carry_out(options)
    except (UsageError, MessageError):
        raise
    except TcrError as error:
        report_failure(options.text("report"), options.text("report_format") or "json", error)
        return told(error, error_line(options.text("report_format"), error, is_colored=is_colored()))


def _options(words: list[str]) -> Options:
    """The options of a command line; click is loaded only for one that is not plain."""
    if not words:
        return Options({})
    from kubectl_tcr.cli.words import plain

    flags = plain(words)
    if flags is None:
        from kubectl_tcr.cli.command import parse

        flags = parse(words)
    return Options(flags)


def _carry_out(options: Options) -> int:
    options.refuse_overwriting()
    layers = options.layers()
    options.refuse_overwriting(*(name for layer in layers.around() for name in layer.crds))
    if options.flag("show_rules"):
        print("\n".join(map(printable, evidence(config.rules(layers.around())))), flush=True)  # noqa: T201 what was asked for
        return DONE
    if options.flag("show_fields"):
        return _show_fields(config.choose(layers.around()))
    return _run(options.request(layers), layers)


def _show_fields(chosen: config.Chosen) -> int:
    """Print the declared fields in force; what could not be learned is told beside them."""
    from kubectl_tcr.reports import fields

    console = streams.console("tcr-rewrite")
    with writing("the output"):
        console.out.write("".join(f"{printable(line)}\n" for line in fields.lines(chosen.settings.fields)).encode())
        console.out.flush()
    for warning in chosen.warnings:
        console.warn(warning)
    return DONE


def _run(request: Request, layers: config.Layers) -> int:
    """Run a request; a KRM function's ResourceList on standard input is known by its beginning."""
    console = streams.console("tcr-rewrite")
    refuse_output(request.sources, console.out.fileno())
    if request.verbose:  # before anything is waited for
        console.say(f"parser {parser_name()}")
    if request.mode is not Mode.IN_PLACE and [source.name for source in request.sources] == [STDIN_NAME]:
        first, source = peeked(request.sources[0])
        request = request._replace(sources=(source,))
        if _KRM_GROUP in first:
            from kubectl_tcr.run import krm

            return krm.run(request, layers, console)
    return run(request, console)
