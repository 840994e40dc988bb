"""Which patterns of policies matched what was rewritten, by the name it had."""

import pytest

from kubectl_tcr.reports.matching import broken


@pytest.mark.parametrize(
    "pattern",
    [
        "ghcr.io/acme/*",
        "ghcr.io/acme/**",
        "ghcr.io/*",
        "ghcr.io/acme/",
        "ghcr.io/acme",
        "ghcr.io/acme/we?",
        "ghcr.io/acme/web",
        "ghcr.io/acme/web:*",
        "ghcr.io/acme/web:1@sha256:*",
        "ghcr.io/acme/w*",
        "ghcr.io/acme/.*",
        "ghcr.io/acme/.+$",
        "ghcr.io/other/* | ghcr.io/acme/*",
    ],
)
def test_a_pattern_that_matched(pattern: str) -> None:
    assert [one.repository for one in broken({pattern: "Policy/p"}, {"ghcr.io/acme/web", "quay.io/a/b"})] == [
        "ghcr.io/acme/web"
    ]


@pytest.mark.parametrize(
    "pattern", ["ghcr.io/acm", "ghcr.io/acme/web/*", "ghcr.io/acme/we", "ghcr.io/acme/w[e]b", "a | b", "| "]
)
def test_a_pattern_that_did_not(pattern: str) -> None:
    assert not list(broken({pattern: "Policy/p"}, {"ghcr.io/acme/web"}))


def test_a_pattern_of_many_wildcards_takes_no_longer_than_any() -> None:
    """Each wildcard is tried once: this took minutes when every one was tried with every other."""
    assert not list(broken({"*a" * 12 + "*b": "Policy/p"}, {"quay.io/" + "a" * 240}))


def test_a_short_name_and_its_whole_one() -> None:
    assert list(broken({"docker.io/library/*": "Policy/p"}, {"nginx"}))


def test_a_name_that_a_placeholder_cuts() -> None:
    assert list(broken({"quay.io/*": "Policy/p"}, {"quay.io/a/b:{{ c"}))
