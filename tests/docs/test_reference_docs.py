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


@pytest.mark.parametrize("page", ["README.md", "docs/config.md"])
def test_shown_configurations_are_valid(page: str) -> None:
    shown = CONFIGURATION.findall((ROOT / page).read_text(encoding="utf-8"))
    assert shown
    for text in shown:
        config.parse(text, page)


def test_the_shown_report_is_valid() -> None:
    page = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert shown
    for text in shown:
        jsonschema.validate(json.loads(text), schema("report"))


def test_links_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        prose = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", prose):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
