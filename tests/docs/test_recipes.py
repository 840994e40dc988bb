"""Every recipe for Kustomize, Argo CD and Flux is shown on its page, letter by letter."""

from pathlib import Path

import pytest

from kubectl_tcr import config

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = {"kustomize": "kustomize.md", "argocd": "gitops.md", "flux": "gitops.md"}
# Said in other words, or the same as a file beside it.
NOT_SHOWN = {"kustomize-base/kustomization.yaml", "kustomize-function-configmap/kustomization.yaml"}
FILES = sorted(
    path for path in (ROOT / "examples").rglob("*") if path.is_file() and PAGES.get(path.parent.name.partition("-")[0])
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT / "examples").as_posix())
def test_a_recipe_is_shown_as_it_is(path: Path) -> None:
    name = path.relative_to(ROOT / "examples").as_posix()
    text = path.read_text(encoding="utf-8")
    pages = [ROOT / "docs" / page for prefix, page in PAGES.items() if name.startswith(prefix)]
    shown = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    same = [other for other in FILES if other.read_text(encoding="utf-8") == text]
    assert name in NOT_SHOWN or any(
        f"<!-- file: {other.relative_to(ROOT)} -->\n```{language}\n{text}```\n" in shown
        for other in same
        for language in ("yaml", "sh", "dockerfile")
    )


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if "kind: MirrorConfig\n" in path.read_text(encoding="utf-8") and path.suffix == ".yaml"],
    ids=lambda path: path.relative_to(ROOT / "examples").as_posix(),
)
def test_a_shown_configuration_is_valid(path: Path) -> None:
    config.parse(path.read_text(encoding="utf-8"), path.name)
