"""What a run was asked for, as far as its report shows it."""

from typing import NamedTuple

from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.reports.gates import Gates


class Terms(NamedTuple):
    """What a run was asked for, as far as it decides what is wrong.

    `is_check` tells that a reference to rewrite fails the run, as under `--check` and `--diff`;
    `gates` are what else fails it. `error` is why a run failed, a line for each input that did.
    """

    rules: Rules
    is_check: bool = False
    gates: Gates = Gates()
    error: str = ""
