"""The grammar of references as patterns of RE2: what they say, `images/reference` says too."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kubectl_tcr.images.reference import HUB_ALIASES, GrammarError, has_domain, parse
from kubectl_tcr.policy import grammar

PARTS = st.sampled_from(
    "nginx docker.io index.docker.io quay.io:443 localhost [fd00::1] [1] Foo a.b a_b.c a__b a--b -a 1.2 v1 "
    "library".split()
)
ENDS = st.sampled_from(
    ["", ":1", ":", ":V1.2-x", ":.x", "@", "@sha256:" + "a" * 64, "@sha256:A", "@md5:a", "/", "//x", " "]
)
TEXTS = st.builds(lambda parts, end: "/".join(parts) + end, st.lists(PARTS, max_size=4), ENDS)


def matched(pattern: str, text: str) -> bool:
    return re.search(pattern, text) is not None


def is_reference(text: str) -> bool:
    """What templates/names.cel says, but for the length of paths."""
    is_id = len(text) == 64 and matched("^[0-9a-f]*$", text)
    has_digest = "@" not in text or matched(grammar.DIGEST_AT_END, text)
    shape = grammar.IN_FULL if matched(grammar.HAS_HOST, text) else grammar.SHORT
    return matched(shape, text) and not is_id and not matched(grammar.LONG_TAG, text) and has_digest


@given(text=TEXTS)
@example(text="a" * 64)
@example(text="harbour_1.example.com/api:1")  # a path may have an underscore, a host may not
@example(text="[1]/nginx")  # without a colon nothing says that it is a host
@example(text="x:" + "1" * 128)
@example(text="x:" + "1" * 129)
@example(text=f"x:{'1' * 129}@sha256:{'a' * 64}")
@example(text=f"x.io:{'1' * 129}/x:{'1' * 128}@sha512:{'a' * 128}")
@example(text=f"x@sha512:{'a' * 64}")
@example(text=f"x@sha256:{'a' * 64}@sha256:{'a' * 64}")
def test_a_reference_is_one_for_both(text: str) -> None:
    try:
        parsed = parse(text)
    except GrammarError:
        parsed = None
    assert is_reference(text) is (parsed is not None)
    if parsed:
        assert re.findall(grammar.NAME, text) == [parsed.name]
        assert matched(grammar.HAS_HOST, parsed.name) is has_domain(parsed.name)


def test_nothing_is_spelled_that_re2_does_not_know() -> None:
    for pattern in (grammar.IN_FULL, grammar.SHORT, grammar.LONG_TAG, grammar.DIGEST_AT_END, grammar.NAME):
        assert not re.search(r"[+*?}]\+|\(\?[=!<>]", pattern)


@pytest.mark.parametrize("text", ["auto", "docker.io/v2", "index.docker.io/library/v1:x", "docker.io/v1@sha256:0"])
def test_some_names_are_no_images(text: str) -> None:
    assert matched(grammar.NO_IMAGE, text)


@pytest.mark.parametrize("text", ["auto:1", "v2", "docker.io/v2/x", "docker.io/v22", "quay.io/v2"])
def test_others_only_look_like_them(text: str) -> None:
    assert not matched(grammar.NO_IMAGE, text)


def test_all_names_of_docker_hub_are_known() -> None:
    assert all(matched(grammar.HUB_HOSTS, f"{host}/x") for host in HUB_ALIASES)
    assert not matched(grammar.HUB_HOSTS, "dockerxio/x")


def test_beginnings_are_asked_for_from_the_longest_on() -> None:
    assert (
        grammar.prefixes(["quay.io", "ghcr.io/a/b", "gcr.io"]) == "p.find(r'^[^/]+(?:/[^/]+){2}'),\np.find(r'^[^/]+')"
    )
