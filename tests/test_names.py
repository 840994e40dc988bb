"""Names of images: which are the same."""

import pytest

from kubectl_tcr.find.names import Names, short


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("docker.io/library/mine:1", "docker.io/library/mine:2"),
        ("docker.io/acme/x:1", "quay.io/acme/x:1"),
        ("quay.io/library/x:1", "quay.io/x:1"),
        ("quay.io/a/b:1", "quay.io/a/b/c:1"),
        ("quay.io/a/b:1", "quay.io/a/b@sha256:0"),
        ("quay.io/a/b:$TAG", "quay.io/a/b:$TAGS"),
        ("quay.io/a/b:$(cat TAG)", "quay.io/a/b:$(cat OTHER)"),
    ],
)
def test_other_names(one: str, other: str) -> None:
    assert other not in Names([one])
    assert one not in Names([other])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("quay.io/a/b:1", "quay.io/a/b:1"),
        ("quay.io/a/b:1", "quay.io/a/b"),
        ("docker.io/library/mine:1", "docker.io/mine:1"),
        ("index.docker.io/acme/x:1", "docker.io/acme/x:1"),
        ("acme/x:1", "docker.io/acme/x:1"),
        ("mine", "registry-1.docker.io/library/mine:1"),
        ("quay.io/a/b:$TAG", "quay.io/a/b:${TAG}"),
        ("quay.io/a/b:$(TAG)", "quay.io/a/b:$${TAG}"),
        ("quay.io/a/b:${TAG:-1}", "quay.io/a/b:$TAG"),
        ("quay.io/$ORG/b:1", "quay.io/${ORG}/b:1"),
        ("quay.io/${ORG:-a/b}/c:1", "quay.io/$ORG/c"),
    ],
)
def test_the_same_name(one: str, other: str) -> None:
    assert other in Names([one])
    assert one in Names([other])


def test_among_no_names_there_is_none() -> None:
    assert not Names([])
    assert "quay.io/a" not in Names([])
    assert Names(["a"])


def test_where_a_text_names_an_image_without_its_domain() -> None:
    text = "push acme/x:1 acme/x docker.io/acme/x:1 my/acme/x acme/xy $R/acme/x x -acme/x"
    assert short(text, ["docker.io/acme/x:1", "quay.io/x:1"]) == {5: "acme/x:1", 14: "acme/x"}
    assert short(text, ["quay.io/acme/x:1"]) == {}
