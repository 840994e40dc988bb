"""What the page on stability names is what there is."""

import re
from pathlib import Path

import kubectl_tcr
from kubectl_tcr import config
from kubectl_tcr.reports import json as report
from tests.conftest import ROOT

PAGE = (Path(ROOT) / "docs" / "stability.md").read_text(encoding="utf-8")


def version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def test_no_promise_begins_after_this_version() -> None:
    begins = re.findall(r"^\|[^|]+\| (\d+\.\d+\.\d+) \|", PAGE, re.MULTILINE)
    assert len(begins) == 8
    assert max(map(version, begins)) <= version(kubectl_tcr.__version__)


def test_the_versions_of_report_and_configuration_are_those_in_force() -> None:
    assert re.findall(r"the report, version (\d+)", PAGE) == [str(report.VERSION)]
    assert re.findall(r"the configuration, `([^`]+)`", PAGE) == [config.schema()["properties"]["apiVersion"]["const"]]
