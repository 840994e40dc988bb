"""What a policy is to do, as one value."""

from enum import StrEnum
from typing import NamedTuple

import kubectl_tcr
from kubectl_tcr.settings import Settings


class Purpose(StrEnum):
    """What becomes of an image that is pulled from abroad."""

    MOVE = "move"
    AUDIT = "audit"
    DENY = "deny"


class Failure(StrEnum):
    """What becomes of a pod for which a policy cannot be evaluated."""

    IGNORE = "Ignore"
    FAIL = "Fail"


# A pod that comes from abroad slowly is better than none; a gate that opens where it fails is none.
_FAILURES = {Purpose.MOVE: Failure.IGNORE, Purpose.AUDIT: Failure.IGNORE, Purpose.DENY: Failure.FAIL}
_NAMES = {Purpose.MOVE: "kubectl-tcr", Purpose.AUDIT: "kubectl-tcr-audit", Purpose.DENY: "kubectl-tcr-deny"}
_ENDS = {
    Purpose.MOVE: "Moves the images of pods to mirrors when they are set",
    Purpose.AUDIT: "Warns of images that pods would pull from abroad, and audits them",
    Purpose.DENY: "Refuses images that pods would pull from abroad",
}


class Wanted(NamedTuple):
    """A policy: by which settings, to what end, in which namespaces (`only` these, if any) and under which name."""

    settings: Settings
    purpose: Purpose = Purpose.MOVE
    only: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    own_name: str = ""
    own_failure: Failure | None = None

    @property
    def name(self) -> str:
        """The name of the objects."""
        return self.own_name or _NAMES[self.purpose]

    @property
    def head(self) -> tuple[str, ...]:
        """What it is, in lines for whoever finds it in a cluster."""
        where = f"the namespaces {', '.join(self.only)}" if self.only else "all namespaces"
        but = f" but {', '.join(self.but)}" if self.but else ""
        return (
            f"Made by kubectl tcr-policy {kubectl_tcr.__version__}: do not edit it, make it again.",
            f"{_ENDS[self.purpose]}, in {where}{but}.",
        )

    @property
    def failure(self) -> Failure:
        """What becomes of a pod for which it cannot be evaluated."""
        return self.own_failure or _FAILURES[self.purpose]
