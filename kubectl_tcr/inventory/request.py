"""What a run of `kubectl tcr-images` is asked for, as one value."""

from typing import TYPE_CHECKING, NamedTuple

from kubectl_tcr.inventory.image import Standing
from kubectl_tcr.run.sources import Source
from kubectl_tcr.settings import Settings

if TYPE_CHECKING:  # see inventory/image.py
    from kubectl_tcr.registry.question import Settings as Asking


class Request(NamedTuple):
    """What the user asked for.

    `asking` says how registries are asked, None if they are not; with `source` those of the references as written are
    asked too. `missing` keeps only what mirrors lack. `only` are the standings to list, all if it is empty.
    `goes_on` looks at all sources, also behind one that cannot be read. `passed` tells what of directories is not read,
    `configuration` is the file that the settings come from, if any.
    """

    sources: tuple[Source, ...]
    settings: Settings
    output: str = "table"
    to: str = ""
    only: frozenset[Standing] = frozenset()
    asking: "Asking | None" = None
    source: bool = False
    missing: bool = False
    canonical: bool = False
    quiet: bool = False
    verbose: bool = False
    warnings: tuple[str, ...] = ()
    goes_on: bool = False
    passed: tuple[str, ...] = ()
    configuration: str = ""
