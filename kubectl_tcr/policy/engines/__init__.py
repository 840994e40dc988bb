"""What evaluates policies, a module each with `objects(wanted, release)`: the objects that it is told by."""

from importlib import import_module

from kubectl_tcr.policy.text import text
from kubectl_tcr.policy.wanted import Wanted

NAMES = ("kubernetes", "kyverno")


def render(engine: str, wanted: Wanted, release: str) -> str:
    """A policy as YAML; `release` is that of the engine or its platform, empty for the newest that is known.

    Raises RuleError for rules that it cannot hold, UsageError for releases that have no such policies.
    """
    made = import_module(f"{__name__}.{engine}").objects(wanted, release)
    return text(made, wanted.head)
