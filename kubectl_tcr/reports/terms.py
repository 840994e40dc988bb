"""What a run was asked for, as far as its report shows it."""

from typing import NamedTuple

from kubectl_tcr.images.mirrors import Rules


class Terms(NamedTuple):
    """What a run was asked for, as far as it decides what is wrong.

    `is_check` tells that a reference to rewrite fails the run, as under `--check` and `--diff`;
    `unmapped` is what foreign hosts without a mirror do: `ignore`, `warn` or `fail`. `error` is
    why a run failed of which nothing else is to be told.
    """

    rules: Rules
    is_check: bool = False
    unmapped: str = "ignore"
    error: str = ""
