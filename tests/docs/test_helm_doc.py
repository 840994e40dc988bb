"""The recipes for Helm are files that end-to-end tests run, and the page shows all of them as they are."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SHOWN = re.compile(r"^<!-- file: (?P<path>\S+) -->\n+```\w*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_recipe_is_shown_as_it_is() -> None:
    page = (ROOT / "docs" / "helm.md").read_text(encoding="utf-8")
    files = sorted((ROOT / "examples" / "helm").iterdir())
    recipes = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in files}
    assert {block["path"]: block["text"] for block in SHOWN.finditer(page)} == recipes


def test_every_recipe_is_run() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "e2e").glob("*.py"))
    assert [path.name for path in (ROOT / "examples" / "helm").iterdir() if f'"{path.name}"' not in tests] == []
