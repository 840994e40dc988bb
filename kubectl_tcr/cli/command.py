"""The command line of `kubectl tcr-rewrite`, as click reads it: nothing but flags."""

import click

import kubectl_tcr
from kubectl_tcr.cli import manifest_flags, rule_flags
from kubectl_tcr.reports import gates
from kubectl_tcr.reports.formats import FORMATS

PROGRAM = "kubectl tcr-rewrite"

_FILE = rule_flags.FILE

_EPILOG = """\b
Examples:
  helm template shop ./shop | kubectl tcr-rewrite | kubectl apply -f -
  kubectl tcr-rewrite --diff -R -f deploy/
  kubectl tcr-rewrite --in-place --mirror ghcr.io=my-team.tencentcloudcr.com/ghcr app.yaml
  kubectl tcr-rewrite --check --unmapped fail -k overlays/prod

\b
Exit status:
  0    done
  1    --check or --diff found a change, or --unmapped or --suspected fail
       what is on no mirror
  2    could not: usage, input or output; no manifest was written, but with
       --in-place the files that could be
  130  interrupted; 129 and 143 likewise for SIGHUP and SIGTERM
"""


@click.command(
    cls=rule_flags.Checked,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EPILOG,
    help="""Move the image references of Kubernetes manifests to their mirrors.

    Reads YAML or JSON from each FILE, or from standard input, finds every image reference, puts
    mirrors in place of foreign hosts, and writes everything else back byte for byte.""",
)
@manifest_flags.manifests
@click.option("-i", "--in-place", is_flag=True, help="Rewrite the files themselves, each whole or not at all.")
@click.option("--check", is_flag=True, help="Write no manifests; status 1 if something would change.")
@click.option("--diff", is_flag=True, help="Write the difference instead of the manifests; status 1 if there is one.")
@click.option("--validate", is_flag=True, help="Parse every document, also those that hold no reference.")
@click.option("--unmapped", type=click.Choice(gates.WORDS), help="What to do about images that are on no mirror.")
@click.option(
    "--suspected",
    type=click.Choice(gates.WORDS),
    help="What to do about what may be an image and is not declared one.",
)
@click.option(
    "--report",
    metavar="FILE",
    type=_FILE,
    default="",
    help="Write every reference and what became of it to a file.",
)
@click.option(
    "--report-format",
    type=click.Choice(list(FORMATS)),
    help="json (the default), or what GitHub, GitLab or code scanning show; to standard output without --report.",
)
@click.option("--show-rules", is_flag=True, help="List the rules in force, each with origin and evidence, and exit.")
@click.option(
    "--show-fields", is_flag=True, help="List the declared image fields in force, as a configuration, and exit."
)
@click.option("-q", "--quiet", is_flag=True, help="No summary on standard error, only warnings and errors.")
@click.option("-v", "--verbose", is_flag=True, help="Tell about every reference on standard error.")
@click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colour the diff and messages."
)
@click.version_option(kubectl_tcr.__version__, message="%(prog)s %(version)s")
def command(**_: object) -> None:
    """Only read: `parse` hands the flags over."""


def parse(words: list[str]) -> dict[str, object]:
    """The flags of a command line by name; raises as `rule_flags.parsed` does."""
    return rule_flags.parsed(command, PROGRAM, words)
