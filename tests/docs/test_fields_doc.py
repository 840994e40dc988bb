"""docs/fields.md: what it shows of `--show-fields` is what that prints."""

from pathlib import Path

from tests.cli.conftest import Folder
from tests.conftest import ROOT


def test_the_shown_fields_are_those_of_the_shipped_definition(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write("crds.yaml", (ROOT / "fixtures" / "readme" / "crds.yaml").read_bytes())
    printed = folder.run("--show-fields", "--crds", "crds.yaml").out.decode().splitlines()
    page = (ROOT / "docs" / "fields.md").read_text(encoding="utf-8")
    shown = page.partition("--show-fields\n```\n\n```yaml\n")[2].partition("```")[0].splitlines()
    assert len(shown) == 12
    assert shown == printed[1 : len(shown) + 1]
