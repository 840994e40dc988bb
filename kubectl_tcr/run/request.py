"""What a run of `kubectl tcr-rewrite` is asked for, as one value."""

from enum import StrEnum
from typing import NamedTuple

from kubectl_tcr.reports.gates import Gates
from kubectl_tcr.run.sources import Source
from kubectl_tcr.settings import Settings


class Mode(StrEnum):
    """What becomes of the rewritten manifests."""

    STDOUT = "stdout"
    IN_PLACE = "in-place"
    CHECK = "check"
    DIFF = "diff"

    @property
    def is_look(self) -> bool:
        """Whether nothing is rewritten, and what would be fails the run."""
        return self in (Mode.CHECK, Mode.DIFF)


class Request(NamedTuple):
    """What the user asked for.

    `unasked` is the layer of rules that nobody asked for, empty for none. `escape` shows control
    characters of a diff, as on a terminal. `warnings` are of the settings. `goes_on` looks at all sources,
    also behind one that cannot be read. `passed` tells what of directories is not read,
    `configuration` is the file that the settings come from, if any.
    """

    sources: tuple[Source, ...]
    settings: Settings
    mode: Mode = Mode.STDOUT
    gates: Gates = Gates()
    unasked: str = ""
    validate: bool = False
    report: str = ""
    report_format: str = "json"
    quiet: bool = False
    verbose: bool = False
    color: bool = False
    escape: bool = False
    warnings: tuple[str, ...] = ()
    goes_on: bool = False
    passed: tuple[str, ...] = ()
    configuration: str = ""

    @property
    def is_gate(self) -> bool:
        """Whether the run is to find something, so that one that looks at nothing must not look like success."""
        return self.mode.is_look or self.gates.can_fail
