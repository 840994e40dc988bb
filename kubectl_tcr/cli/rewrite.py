"""`kubectl tcr-rewrite`."""

import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

import click

import kubectl_tcr
from kubectl_tcr import config, presets, sources
from kubectl_tcr.errors import ConfigError, OutputError, TcrError
from kubectl_tcr.mirrors import parse_rule
from kubectl_tcr.reports.formats import FORMATS, error_line
from kubectl_tcr.run import BROKEN_PIPE, FAILED, INTERRUPTED, Console, Mode, Request, run, show_rules
from kubectl_tcr.settings import Exclude, Scope

PROGRAM = "kubectl tcr-rewrite"

_EPILOG = """\b
Examples:
  helm template shop ./shop | kubectl tcr-rewrite | kubectl apply -f -
  kubectl tcr-rewrite --diff -R -f deploy/
  kubectl tcr-rewrite --in-place --mirror ghcr.io=my-team.tencentcloudcr.com/ghcr app.yaml
  kubectl tcr-rewrite --check --unmapped fail -k overlays/prod

\b
Exit status:
  0    done
  1    --check or --diff found a change, or --unmapped fail a foreign host
  2    could not: usage, input or output; nothing was written
  130  interrupted
"""


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EPILOG,
    help="""Move the image references of Kubernetes manifests to their mirrors.

    Reads YAML or JSON from each FILE, or from standard input, finds every image reference, puts
    mirrors in place of foreign hosts, and writes everything else back byte for byte.""",
)
@click.argument("names", metavar="[FILE]...", nargs=-1)
@click.option(
    "-f",
    "--filename",
    "filenames",
    multiple=True,
    metavar="FILE",
    help="Read a file or directory; - is standard input. May be repeated.",
)
@click.option(
    "-k",
    "--kustomize",
    "kustomizations",
    multiple=True,
    metavar="DIR",
    help="Read what kubectl kustomize builds from a directory.",
)
@click.option("-R", "--recursive", is_flag=True, help="Read the manifests below directories.")
@click.option(
    "--mirror",
    "mirrors",
    multiple=True,
    metavar="SOURCE=MIRROR",
    help="Map a host or host/path-prefix to a mirror. May be repeated; the longest source wins.",
)
@click.option(
    "--preset",
    type=click.Choice(list(presets.PRESETS)),
    help="The rules to start from: none, default (quay.io), or tke (and docker.io, nvcr.io).",
)
@click.option(
    "--config",
    "config_file",
    metavar="FILE",
    help="Read rules and exclusions from a MirrorConfig.",
)
@click.option(
    "--exclude", "excludes", multiple=True, metavar="GLOB", help="Leave references alone that match. May be repeated."
)
@click.option(
    "--scope",
    type=click.Choice([scope.name.lower() for scope in Scope]),
    help="How far to look: pods, declared fields, whole values, or text (all, the default).",
)
@click.option("-i", "--in-place", is_flag=True, help="Rewrite the files themselves, each whole or not at all.")
@click.option("--check", is_flag=True, help="Write no manifests; status 1 if something would change.")
@click.option("--diff", is_flag=True, help="Write the difference instead of the manifests; status 1 if there is one.")
@click.option("--validate", is_flag=True, help="Parse every document, also those that hold no reference.")
@click.option(
    "--unmapped", type=click.Choice(["ignore", "warn", "fail"]), help="What to do about foreign hosts without a mirror."
)
@click.option("--report", metavar="FILE", default="", help="Write every reference and what became of it to a file.")
@click.option(
    "--report-format",
    type=click.Choice(list(FORMATS)),
    help="json (the default), or what GitHub, GitLab or code scanning show; to standard output without --report.",
)
@click.option("--show-rules", is_flag=True, help="List the rules in force with what they rest on, and exit.")
@click.option("-q", "--quiet", is_flag=True, help="No summary and no warnings on standard error.")
@click.option("-v", "--verbose", is_flag=True, help="Tell about every reference on standard error.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colour the diff.")
@click.version_option(kubectl_tcr.__version__, message="%(prog)s %(version)s")
def command(**flags: object) -> int:
    """Turn flags into a request and carry it out."""
    options = _Options(flags)
    chosen = config.choose(options.layers())
    if options.flag("show_rules"):
        click.echo("\n".join(show_rules(chosen.settings)))
        return 0
    request = Request(
        sources=options.sources(),
        settings=chosen.settings,
        mode=options.mode(),
        unmapped=chosen.unmapped,
        validate=options.flag("validate"),
        report=options.report(),
        report_format=options.text("report_format") or "json",
        quiet=options.flag("quiet"),
        verbose=options.flag("verbose"),
        color=options.color(),
    )
    _refuse_shared_stdout(request)
    return run(request, _console())


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


class _Options:
    """The flags as click hands them over, read as what they mean."""

    def __init__(self, flags: dict[str, object]) -> None:
        self._flags = flags

    def flag(self, name: str) -> bool:
        return bool(self._flags[name])

    def text(self, name: str) -> str:
        return str(self._flags[name] or "")

    def many(self, name: str) -> tuple[str, ...]:
        values = self._flags[name]
        return tuple(map(str, values)) if isinstance(values, tuple) else ()

    def layers(self) -> list[config.Config]:
        """The layers of the configuration, the strongest first."""
        flags = config.Config(
            rules=tuple(parse_rule(text, "--mirror") for text in self.many("mirrors")),
            preset=self.text("preset"),
            excludes=tuple(Exclude(reference=glob) for glob in self.many("excludes")),
            scope=self.text("scope"),
            unmapped=self.text("unmapped"),
        )
        return [flags, self.config_file(), config.from_environment(os.environ)]

    def config_file(self) -> config.Config:
        """The layer of the file that a flag names, or else the environment."""
        name = self.text("config_file")
        if name:
            return config.from_file(name)
        name = os.environ.get(config.CONFIG_VARIABLE, "")
        try:
            return config.from_file(name) if name else config.Config()
        except ConfigError as error:
            raise ConfigError(f"{error} (named by {config.CONFIG_VARIABLE})") from None

    def sources(self) -> tuple[sources.Source, ...]:
        """What to read: files, directories, kustomizations; standard input if nothing is named."""
        names = [name for group in self.many("filenames") for name in group.split(",")]
        names += self.many("names")
        found = [*sources.files(names, recursive=self.flag("recursive"))]
        found += [sources.kustomization(directory) for directory in self.many("kustomizations")]
        if found or names:
            return tuple(found)
        if sys.stdin is None or sys.stdin.isatty():
            raise click.UsageError("nothing to read: name a FILE, or pipe manifests in")
        return (sources.stdin(),)

    def mode(self) -> Mode:
        """What becomes of the manifests."""
        if self.flag("in_place"):
            if self.flag("check") or self.flag("diff"):
                raise click.UsageError("--in-place writes files; --check and --diff only look: choose one")
            return Mode.IN_PLACE
        if self.flag("diff"):
            return Mode.DIFF
        return Mode.CHECK if self.flag("check") else Mode.STDOUT

    def report(self) -> str:
        """Where the report goes: to standard output if only its format is named."""
        return self.text("report") or ("-" if self.text("report_format") else "")

    def color(self) -> bool:
        """Whether to colour the diff (NO_COLOR: no-color.org)."""
        choice = self.text("color")
        return choice == "always" or (choice == "auto" and not os.environ.get("NO_COLOR") and _is_terminal())


def _console() -> Console:
    """The standard streams; either may be closed from the start."""
    if sys.stdout is None:
        raise OutputError("cannot write the output: standard output is closed")
    return Console(sys.stdout.buffer, sys.stderr or Path(os.devnull).open("w", encoding="utf-8"))


def _refuse_shared_stdout(request: Request) -> None:
    if request.report == "-" and request.mode in (Mode.STDOUT, Mode.DIFF):
        raise click.UsageError(
            "the report and the manifests or the diff cannot share standard output; name a file with --report"
        )


def main() -> NoReturn:
    """The entry point of `kubectl-tcr_rewrite`."""
    report_format = ""
    try:
        with command.make_context(PROGRAM, sys.argv[1:]) as context:
            report_format = context.params["report_format"] or ""
            status = command.invoke(context)
    except click.exceptions.Exit as done:  # --help and --version
        status = done.exit_code
    except click.ClickException as error:
        click.echo(f"error: {error.format_message().rstrip('.')}; see {PROGRAM} -h", err=True)
        status = FAILED
    except TcrError as error:
        if isinstance(error, OutputError):
            _abandon_stdout()
        click.echo(error_line(report_format, error), err=True)
        status = FAILED
    except (KeyboardInterrupt, click.Abort):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not break into the exit
        status = INTERRUPTED
    except BrokenPipeError:
        _abandon_stdout()
        status = BROKEN_PIPE
    except OSError as error:  # --help to a full disk
        _abandon_stdout()
        click.echo(f"error: cannot write the output: {error.strerror}", err=True)
        status = FAILED
    sys.exit(status)


def _abandon_stdout() -> None:
    """Keep the interpreter from flushing what cannot be written once more."""
    if sys.stdout is None:
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
