"""The pages on the configuration and the report name every key of their schemas."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from kubectl_tcr import config

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMAS = ROOT / "kubectl_tcr" / "schemas"

CONFIGURATION = re.compile(r"^```yaml\n(apiVersion: kubectl-tcr.*?)^```$", re.MULTILINE | re.DOTALL)


def schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return loaded


def keys(part: Any) -> set[str]:
    """Every key that a schema describes, at any depth."""
    below = (
        [*part.get("properties", {}).values(), part["items"]]
        if "items" in part
        else part.get("properties", {}).values()
    )
    return set(part.get("properties", {})).union(*map(keys, below))


@pytest.mark.parametrize("name", ["config", "report"])
def test_every_key_is_on_the_page(name: str) -> None:
    page = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    assert {key for key in keys(schema(name)) if not re.search(rf"`[\w.\[\]]*\b{key}\b", page)} == set()


def test_the_shipped_configuration_uses_every_key_and_is_valid() -> None:
    text = (ROOT / "fixtures" / "readme" / "mirrors.yaml").read_text(encoding="utf-8")
    assert config.parse(text, "mirrors.yaml").rules
    assert {key for key in keys(schema("config")) if not re.search(rf"\b{key}:", text)} == set()


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md", "docs/config.md", "docs/zh-CN/config.md"])
def test_shown_configurations_are_valid(page: str) -> None:
    shown = CONFIGURATION.findall((ROOT / page).read_text(encoding="utf-8"))
    assert shown
    for text in shown:
        config.parse(text, page)


def test_the_shown_state_of_a_node_is_valid() -> None:
    page = (ROOT / "docs" / "nodes.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    jsonschema.validate(json.loads(text), schema("check"))


def test_the_shown_report_is_valid() -> None:
    page = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert shown
    for text in shown:
        jsonschema.validate(json.loads(text), schema("report"))


def prose(page: Path) -> str:
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """What GitHub calls the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for link, heading in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", prose(page)):
            target = page.parent / link if link else page
            assert target.exists(), f"{page.name}: {link}"
            assert not heading or heading in anchors(target), f"{page.name}: {link}#{heading}"


def test_the_two_commands_of_the_readme_are_those_that_ci_runs_first() -> None:
    shown = re.findall(r"^make \w+", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    run = [line for line in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines() if line.startswith("make ")]
    assert shown[:2] == ["make demo", "make test"] == run[:2]
