"""What the recipes fetch for themselves can be fetched in mainland China; their rules and subjects name any host."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = ROOT / "examples"
ABROAD = ("registry.k8s.io", "gcr.io", "ghcr.io", "quay.io", "docker.io")
# Build files, jobs and objects that are ours; the rest are manifests to be rewritten.
OURS = [path for folder in ("argocd", "flux", "github-actions") for path in sorted((EXAMPLES / folder).iterdir())]
OURS += sorted(EXAMPLES.glob("*.y*ml"))
FETCHED = ("FROM ", "image: ", "url: ", "oci://", "go install ", "curl ")


def fetched(text: str) -> list[str]:
    return [line for line in text.splitlines() if any(word in line for word in FETCHED)]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.relative_to(EXAMPLES).as_posix())
def test_a_recipe_fetches_nothing_from_registries_abroad(path: Path) -> None:
    lines = fetched(path.read_text(encoding="utf-8"))
    assert [line for line in lines if any(host in line for host in ABROAD)] == []


def test_there_is_something_that_is_fetched() -> None:
    assert len([line for path in OURS for line in fetched(path.read_text(encoding="utf-8"))]) > 6


def test_base_images_come_from_docker_hub_by_a_mirror() -> None:
    made = (EXAMPLES / "argocd" / "Dockerfile").read_text(encoding="utf-8")
    assert "ARG HUB=mirror.ccs.tencentyun.com\n" in made
    bases = [line.split()[1] for line in made.splitlines() if line.startswith("FROM ")]
    assert [base for base in bases if not base.startswith("${HUB}/library/")] == []
    assert "image: mirror.ccs.tencentyun.com/library/python:" in (EXAMPLES / "gitlab-ci.yml").read_text(
        encoding="utf-8"
    )
