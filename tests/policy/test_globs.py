"""Globs and trust as patterns: what Python's fnmatch and `images/trusted` say, the patterns say too."""

import re
from fnmatch import fnmatchcase

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kubectl_tcr.images.reference import HUB
from kubectl_tcr.images.trusted import Trusted, parse_trusted
from kubectl_tcr.policy import globs, trust

SIGNS = "ab-.]/[!'\\^&5~|$é—\x7f\x85\t"
GLOBS = st.text(alphabet=SIGNS + "*?", max_size=12)
HOSTS = st.sampled_from(
    "quay.io quay.io:443 docker.io a.example.com b.a.example.com:5000 Example.com example.com.cn 10.0.0.1 10.0.0.1:80 "
    "[fd00::1]:5000 registry registry:5000 x.local x.svc:80 xlocal.io m.daocloud.io swr.cn.myhuaweicloud.com".split()
)
PATHS = st.sampled_from("acme acme/web acme2 acme/deep/web library/nginx library/acme nginx/nginx a/b".split())
TRUSTS = st.sampled_from(
    "*.example.com example.com *.example.com:5000 quay.io quay.io:* quay.io/acme quay.io/ac* */acme docker.io/acme "
    "docker.io/nginx *.io/n?inx docker.io/library/nginx q*:443 ?uay.io/*/web mainland aliyuncs".split()
)


def searched(pattern: str, text: str) -> bool:
    """What RE2 would say; Python spells one thing otherwise."""
    return re.search(re.sub(r"\\x\{(\w+)\}", lambda found: f"\\U{int(found[1], 16):08x}", pattern), text) is not None


@given(glob=GLOBS, text=st.text(alphabet=SIGNS, max_size=12))
@example(glob="[]", text="[]")
@example(glob="[!]", text="[!]")
@example(glob="[b-a]", text="b")
@example(glob="[]x]", text="]")
def test_a_pattern_matches_what_the_glob_does(glob: str, text: str) -> None:
    assert searched(globs.pattern(glob), text) is fnmatchcase(text, glob)


@given(glob=GLOBS)
def test_no_pattern_ends_the_literal_that_it_stands_in(glob: str) -> None:
    assert "'" not in globs.pattern(glob)


@given(glob=GLOBS)
@example(glob="quay.io/a—b")
@example(glob="quay.io/\x85    - name: evil")  # a line break to YAML
def test_re2_and_yaml_take_every_pattern_as_it_is(glob: str) -> None:
    pattern = globs.pattern(glob)
    assert pattern.isprintable()
    assert not re.search(r"\\[^\x20-\x7e]", pattern.replace(r"\\", ""))


@pytest.mark.parametrize(
    ("glob", "pattern"),
    [("quay.io/acme/*", r"^quay\.io/acme/.*$"), ("v?", "^v.$"), ("[!a-y]", r"^[\ -\`z-\~]$")],
)
def test_patterns_are_as_short_as_a_reader_would_write_them(glob: str, pattern: str) -> None:
    assert globs.pattern(glob) == pattern


@given(glob=TRUSTS, host=HOSTS, path=PATHS)
def test_a_place_is_trusted_by_the_same_globs(glob: str, host: str, path: str) -> None:
    asked = parse_trusted(glob)
    place = f"{host}/{path}".lower()
    found = any(searched(pattern, place) for one in asked for pattern in trust.patterns(one))
    assert found is any(one.holds(host.lower(), path) for one in asked)


@given(host=HOSTS, path=PATHS)
def test_a_place_without_a_public_name_is_trusted(host: str, path: str) -> None:
    found = any(searched(pattern, f"{host}/{path}".lower()) for pattern in trust.BY_DEFAULT)
    assert found is bool(Trusted().why(host, path))


def test_one_component_of_docker_hub_is_an_official_image_too() -> None:
    (one,) = parse_trusted("docker.io/nginx")
    assert [searched(pattern, f"{HUB}/library/nginx") for pattern in trust.patterns(one)] == [False, True]
