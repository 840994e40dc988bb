"""`kubectl tcr-policy`."""

import sys

import click

import kubectl_tcr
from kubectl_tcr import config
from kubectl_tcr.cli import rule_flags, streams
from kubectl_tcr.cli.options import Options
from kubectl_tcr.errors import UsageError
from kubectl_tcr.kubernetes.objects import may_name_a_namespace, may_name_an_object
from kubectl_tcr.policy import engines
from kubectl_tcr.policy.exclusions import idle
from kubectl_tcr.policy.wanted import Failure, Purpose, Wanted
from kubectl_tcr.settings import Settings
from kubectl_tcr.statuses import DONE

PROGRAM = "kubectl tcr-policy"

# What runs there comes with the cluster, from registries of its own, and must come up before anything else does.
_SYSTEM = "kube-system"

_EPILOG = """\b
Examples:
  kubectl tcr-policy --audit | kubectl apply -f -       watch what is pulled from abroad
  kubectl tcr-policy -n staging | kubectl apply -f -    move it, in one namespace
  kubectl tcr-policy --config mirrors.yaml --engine kyverno > policy.yaml

\b
Exit status:
  0    done
  2    could not: usage, or rules that no policy can hold; nothing was written
  130  interrupted; 129 and 143 likewise for SIGHUP and SIGTERM
"""


@click.command(
    cls=rule_flags.Checked,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EPILOG,
    help="""Write the rules of kubectl tcr-rewrite as an admission policy.

    The API server then moves the images of all pods, whoever makes them, as kubectl tcr-rewrite --scope
    pods would. It touches an image only when it is set; templates of workloads stay as they are.""",
)
@rule_flags.rules
@rule_flags.stays
@click.option(
    "--engine",
    type=click.Choice(engines.NAMES, case_sensitive=False),
    default=engines.NAMES[0],
    show_default=True,
    help="What evaluates the policy: the API server itself, or Kyverno.",
)
@click.option(
    "--kubernetes", metavar="VERSION", help="The release of the API server; 1.36 or newer if it is not given."
)
@click.option(
    "--audit", is_flag=True, help="Move nothing: warn about images that are pulled from abroad, and audit them."
)
@click.option("--deny", is_flag=True, help="Move nothing: refuse pods with images that are pulled from abroad.")
@click.option(
    "-n",
    "--namespace",
    "only",
    multiple=True,
    metavar="NAME",
    help="For pods in this namespace alone. May be repeated.",
)
@click.option(
    "--exclude-namespace",
    "but",
    multiple=True,
    metavar="NAME",
    help=f"For pods in all namespaces but this one; {_SYSTEM} if none is given. May be repeated.",
)
@click.option("-A", "--all-namespaces", is_flag=True, help=f"For pods in all namespaces, {_SYSTEM} too.")
@click.option("--name", metavar="NAME", help="The name of policy and binding; kubectl-tcr if it is not given.")
@click.option(
    "--failure-policy",
    type=click.Choice(list(Failure), case_sensitive=False),
    help="What becomes of a pod for which the policy cannot be evaluated: Ignore lets it pass (the default), "
    "Fail refuses it (the default of --deny).",
)
@click.version_option(kubectl_tcr.__version__, message="%(prog)s %(version)s")
def command(**_: object) -> None:
    """Only read: `main` hands the flags over."""


class PolicyOptions(Options):
    """The flags of a command line by name, read as what they mean."""

    def wanted(self) -> Wanted:
        """The policy that is asked for; raises UsageError for flags that contradict each other."""
        layers = self.layers().around()
        only, but = self._namespaces()
        failure = self.text("failure_policy")
        return Wanted(
            settings=Settings(rules=config.rules(layers), excludes=config.excludes(layers)),
            purpose=self._purpose(),
            only=only,
            but=but,
            own_name=self._name(),
            own_failure=Failure(failure) if failure else None,
        )

    def _purpose(self) -> Purpose:
        if self.flag("audit") and self.flag("deny"):
            raise UsageError(
                "--audit lets pods pass and --deny refuses them: choose one, or apply both under two names"
            )
        if self.flag("audit"):
            return Purpose.AUDIT
        return Purpose.DENY if self.flag("deny") else Purpose.MOVE

    def _namespaces(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The namespaces that alone are meant, and those that are not."""
        only, but = (tuple(dict.fromkeys(self.many(name))) for name in ("only", "but"))
        if self.flag("all_namespaces") and (only or but):
            raise UsageError("--all-namespaces leaves no namespace out; drop it, or -n and --exclude-namespace")
        for name in (*only, *but):
            if not may_name_a_namespace(name):
                raise UsageError(f'"{name}" is no name of a namespace; globs are for exclude in a MirrorConfig')
        if set(only) & set(but):
            raise UsageError(f"{min(set(only) & set(but))} is both named by -n and left out; drop one of the two")
        return only, but if but or only or self.flag("all_namespaces") else (_SYSTEM,)

    def _name(self) -> str:
        """The name of the objects, empty for the default; raises UsageError for what the API refuses."""
        name = self.text("name")
        if name and not may_name_an_object(name):
            raise UsageError(f"--name {name} is no name of an object: up to 253 of a-z, 0-9 and, between them, - and .")
        return name


def main() -> int:
    """Carry out the command line; the exit status. Raises what `cli/outcome.py` tells of."""
    options = PolicyOptions(rule_flags.parsed(command, PROGRAM, sys.argv[1:]))
    wanted = options.wanted()
    made = engines.render(options.text("engine"), wanted, options.text("kubernetes")).encode()
    console = streams.console("tcr-policy")
    for line in options.found():
        console.say(line)
    for exclude in idle(wanted.settings.excludes):
        console.say(f"{exclude} holds for no pod and is left out; name the pods, their namespace or the images")
    console.deliver(lambda out: out.write(made))
    return DONE
