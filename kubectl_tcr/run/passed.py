"""What was passed over in directories, and what is told of it."""

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # see run/sources.py
    from pathlib import Path

# How many paths a line names.
_MOST_NAMED = 5
# Folders of a chart that hold neither templates nor what is deployed with each release.
_BESIDE = ("ci", "crds")
# Where the sub-charts of a chart are.
_SUBCHARTS = "charts"


class Passed(NamedTuple):
    """What was passed over in a directory: what the user ignores, or the templates of a chart."""

    name: str
    chart: str = ""


def lines(passed: Iterable[Passed]) -> Iterator[str]:
    """A line for the templates of each chart, and one for what the user ignores."""
    passed = tuple(passed)
    for one in _charts(passed):
        yield f"passed over {one.name}, the templates of a chart; pipe in what helm template {one.chart} prints"
    ignored = [one.name for one in passed if not one.chart]
    if ignored:
        yield f"ignored {_named(ignored)}"


def unchecked(passed: Iterable[Passed]) -> str:
    """What a gate says of the charts that it cannot look into, empty for none."""
    charts = [one.chart for one in _charts(passed)]
    if not charts:
        return ""
    chart = charts[0] if len(charts) == 1 else "CHART"
    return (
        f"the templates of {_named(charts)} were not looked at; "
        f"pipe in what helm template {chart} prints, or leave them out by --ignore templates"
    )


def is_of_a_chart(path: "Path", passed: Iterable[Passed]) -> bool:
    """Whether a file only goes with the templates of a chart that were passed over: its description, its values."""
    folders = {str(path.parent), *([str(path.parent.parent)] if path.parent.name in _BESIDE else ())}
    return any(one.chart in folders for one in passed)


def _charts(passed: Iterable[Passed]) -> list[Passed]:
    """The templates of charts, but for sub-charts, which are rendered with the chart around them."""
    found = {one.chart: one for one in passed if one.chart}
    return [one for one in found.values() if _around(one.chart) not in found]


def _around(chart: str) -> str:
    """The chart of which a folder would be a sub-chart, empty where it cannot be one."""
    above, name = os.path.split(os.path.dirname(chart))  # noqa: PTH120 see run/sources.py
    return (above or ".") if name == _SUBCHARTS else ""


def _named(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{', '.join(names[:_MOST_NAMED])}{more}"
