"""`kubectl tcr-images`: from the command line to an exit status."""

import sys

import click

import kubectl_tcr
from kubectl_tcr import config
from kubectl_tcr.cli import manifest_flags, rule_flags, streams
from kubectl_tcr.cli.image_options import ImageOptions
from kubectl_tcr.inventory import formats
from kubectl_tcr.inventory.image import Standing
from kubectl_tcr.inventory.run import run
from kubectl_tcr.run.sources import refuse_output

PROGRAM = "kubectl tcr-images"

_EPILOG = """\b
Examples:
  helm template shop ./shop | kubectl tcr-images
  kubectl tcr-images --cluster --all-namespaces
  kubectl tcr-images --check -R -f deploy/
  kubectl tcr-images --missing -o crane -R -f deploy/ | sh -x

\b
Exit status:
  0    done
  1    an image is missing where it is pulled from, or is not the one asked for
  2    could not: usage, input or output, or a registry did not say; what of
       several inputs could be read is listed
  130  interrupted; 129 and 143 likewise for SIGHUP and SIGTERM
"""


@click.command(
    cls=rule_flags.Checked,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EPILOG,
    help="""List the images of Kubernetes manifests or of a cluster, and where they would be pulled from.

    Reads what kubectl tcr-rewrite reads, by the same rules, and changes nothing. Registries are asked
    with --check, --check-source and --missing only.""",
)
@manifest_flags.manifests
@click.option("--cluster", is_flag=True, help="Read what a cluster holds: pods, and what has templates of pods.")
@click.option("--context", metavar="NAME", help="With --cluster: the context of the kubeconfig.")
@click.option("-n", "--namespace", metavar="NAME", help="With --cluster: the namespace.")
@click.option("-A", "--all-namespaces", is_flag=True, help="With --cluster: all namespaces.")
@click.option(
    "--kinds", multiple=True, metavar="KIND", help="With --cluster: custom resources too, as kubectl get names them."
)
@click.option(
    "-o",
    "--output",
    type=click.Choice(formats.FORMATS),
    default="table",
    show_default=True,
    help="A list; what another program copies the images by; or a MirrorConfig.",
)
@click.option(
    "--to", metavar="REGISTRY", help="With -o config: the registry below which hosts without a rule are mapped."
)
@click.option(
    "--only",
    multiple=True,
    type=click.Choice([one.value for one in Standing]),
    help="List only images with this status. May be repeated.",
)
@click.option("--canonical", is_flag=True, help="Show references with host, path and tag spelled out.")
@click.option("--check", is_flag=True, help="Ask each mirror whether it has the image.")
@click.option("--check-source", is_flag=True, help="Ask the source too, and compare the digests.")
@click.option("--missing", is_flag=True, help="Ask, and list only what mirrors lack.")
@click.option(
    "--platform",
    "platforms",
    multiple=True,
    metavar="OS/ARCH",
    help="An image must be for this platform, as linux/amd64. May be repeated.",
)
@click.option(
    "--authfile", metavar="FILE", type=rule_flags.FILE, help="Read credentials from this config.json or auth.json."
)
@click.option("--ca-file", metavar="FILE", type=rule_flags.FILE, help="Trust the authorities of this file too.")
@click.option("--plain-http", multiple=True, metavar="HOST", help="Ask this registry without TLS. May be repeated.")
@click.option(
    "--timeout", type=click.IntRange(min=1), metavar="SECONDS", help="For all answers; 600 if it is not given."
)
@click.option("-q", "--quiet", is_flag=True, help="No summary on standard error, only warnings and errors.")
@click.option("-v", "--verbose", is_flag=True, help="Show every place of an image.")
@click.version_option(kubectl_tcr.__version__, message="%(prog)s %(version)s")
def command(**_: object) -> None:
    """Only read: `main` hands the flags over."""


command.environment = (
    ("REGISTRY_AUTH_FILE", "as --authfile"),
    ("DOCKER_CONFIG", "the folder of Docker's config.json"),
    *rule_flags.OF_REGISTRIES,
)


def main() -> int:
    """Carry out the command line; the exit status. Raises what `cli/outcome.py` tells of."""
    streams.collect_rarely()
    options = ImageOptions(rule_flags.parsed(command, PROGRAM, sys.argv[1:]))
    request = options.request(config.choose(options.layers().around()))
    console = streams.console("tcr-images")
    refuse_output(request.sources, console.out.fileno())
    return run(request, console)
