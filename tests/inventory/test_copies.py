"""What copy lists hold: a source, where it goes, each once."""

import pytest

from kubectl_tcr.inventory.copies import Copy, clashes, copies
from kubectl_tcr.inventory.image import Image, Standing

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def image(reference: str, mirrored: str = "", standing: Standing = Standing.MAPPED) -> Image:
    return Image(reference, mirrored, standing, "", 1)


STAY = [
    pytest.param(image("ghcr.io/a/b:1", "", Standing.UNMAPPED), id="of no rule"),
    pytest.param(image("m.example.com/a/b:1", "", Standing.MIRRORED), id="on a mirror"),
    pytest.param(image("quay.io/a/b:$(TAG)", "m.example.com/a/b:$(TAG)"), id="with a placeholder"),
    pytest.param(image("acme/b", "", Standing.SUSPECTED), id="suspected"),
]


@pytest.mark.parametrize("one", STAY)
def test_what_no_rule_moves_is_not_copied(one: Image) -> None:
    assert list(copies([one])) == []


COPIED = [
    pytest.param("quay.io/a/b:1", "m.x/a/b:1", "quay.io/a/b:1", "m.x/a/b:1", id="by its tag"),
    pytest.param(
        "nginx", "m.x/library/nginx", "docker.io/library/nginx:latest", "m.x/library/nginx:latest", id="spelled out"
    ),
    pytest.param(f"quay.io/a/b@{A}", f"m.x/a/b@{A}", f"quay.io/a/b@{A}", f"m.x/a/b@{A}", id="by its digest"),
    pytest.param(
        f"quay.io/a/b:1@{A}", f"m.x/a/b:1@{A}", f"quay.io/a/b@{A}", "m.x/a/b:1", id="by its digest, under its tag"
    ),
]


@pytest.mark.parametrize(("reference", "mirrored", "source", "target"), COPIED)
def test_what_a_rule_moves_is_copied(reference: str, mirrored: str, source: str, target: str) -> None:
    assert list(copies([image(reference, mirrored)])) == [Copy(source, target)]


def test_one_image_in_two_spellings_is_copied_once() -> None:
    spellings = [image("nginx", "m.x/library/nginx"), image("docker.io/nginx:latest", "m.x/library/nginx:latest")]
    assert list(copies(spellings)) == [Copy("docker.io/library/nginx:latest", "m.x/library/nginx:latest")]


def test_two_images_under_one_tag_do_not_overwrite_each_other() -> None:
    both = [image(f"quay.io/a/b:1@{one}", f"m.x/a/b:1@{one}") for one in (A, B)]
    assert list(copies(both)) == [Copy(f"quay.io/a/b@{one}", f"m.x/a/b@{one}") for one in (A, B)]


def test_a_tag_that_is_asked_for_by_itself_is_not_overwritten_by_a_digest() -> None:
    both = [image("quay.io/a/b:1", "m.x/a/b:1"), image(f"quay.io/a/b:1@{A}", f"m.x/a/b:1@{A}")]
    assert list(copies(both)) == [Copy("quay.io/a/b:1", "m.x/a/b:1"), Copy(f"quay.io/a/b@{A}", f"m.x/a/b@{A}")]


def test_what_several_sources_would_overwrite_is_not_copied_but_told() -> None:
    both = [image("quay.io/a/b:1", "m.x/a/b:1"), image("ghcr.io/a/b:1", "m.x/a/b:1"), image("quay.io/c:1", "m.x/c:1")]
    assert list(copies(both)) == [Copy("quay.io/c:1", "m.x/c:1")]
    assert list(clashes(both)) == [("m.x/a/b:1", ["quay.io/a/b:1", "ghcr.io/a/b:1"])]
