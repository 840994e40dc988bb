"""What is trusted: which globs hold for which registries, and what is wrong with those that cannot be used."""

import re

import pytest

from kubectl_tcr import RuleError, Settings, Status, build, parse_rule, rewrite
from kubectl_tcr.images.reference import DOMAIN, parse
from kubectl_tcr.images.trusted import MAINLAND, Trusted, mainland, parse_trusted

DIGEST = "sha256:" + "0" * 64


def why(text: str, *globs: str) -> str:
    parsed = parse(text)
    trusted = Trusted(tuple(one for glob in globs for one in parse_trusted(glob)))
    return trusted.why(parsed.domain, parsed.path)


# By default: what no public name can be.


@pytest.mark.parametrize(
    "text",
    [
        "nginx",
        "quay.io/a/b",
        "registry.example.com/a",
        "registry.example.com:5000/a",
        "10.0.0.1.example.com/a",
        "1.2.3/a",
        "local.example.com/a",
        "mysvc.example/a",
        "internal.io/a",
        "notlocal/a.local/b",
    ],
)
def test_what_is_foreign_by_default(text: str) -> None:
    assert why(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.1/a",
        "10.0.0.1:5000/a/b:1",
        "[::1]/a",
        "[fd00::1]:5000/a/b:1",
        "registry:5000/a",
        "Registry/a",
        "localhost/a",
        "localhost:5000/a",
        "k3d-registry.localhost:5000/a",
        "registry.kube-system.svc/a",
        "registry.kube-system.svc:5000/a",
        "registry.kube-system.svc.cluster.local:5000/a",
        "nas.local/a",
        "ip-10-0-0-1.ec2.internal:5000/a",
        "Registry.Corp.Internal/a",
    ],
)
def test_what_is_trusted_by_default(text: str) -> None:
    assert why(text) == "no public name"


# Globs.


@pytest.mark.parametrize(
    ("glob", "text"),
    [
        ("example.com", "registry.example.com/a"),
        ("*.example.com", "example.com/a"),
        ("*.example.com", "registry.example.com.evil.io/a"),
        ("*.example.com", "evil.io/x.example.com/a"),  # a path says nothing of a host
        ("registry.example.com:5000", "registry.example.com/a"),
        ("registry.example.com:5000", "registry.example.com:5001/a"),
        ("quay.io/acme", "quay.io/acmes/a"),
        ("quay.io/acme", "quay.io/a/acme"),
        ("quay.io/acme", "ghcr.io/acme/a"),
        ("quay.io/acme/*", "quay.io/acme"),
        ("docker.io/acme", "acmes/a"),
        ("docker.io/nginx", "acme/nginx"),
        ("*.acme.com/team", "evil.io/x.acme.com/team/a"),
    ],
)
def test_a_glob_that_does_not_hold(glob: str, text: str) -> None:
    assert why(text, glob) == ""


@pytest.mark.parametrize(
    ("glob", "text"),
    [
        ("registry.example.com", "registry.example.com/a"),
        ("registry.example.com", "registry.example.com:5000/a/b:1"),  # any port
        ("registry.example.com:5000", "registry.example.com:5000/a"),
        ("registry.example.com:*", "registry.example.com:5000/a"),
        ("Registry.Example.com", "REGISTRY.example.com/a"),  # hosts have no case
        ("*.example.com", "registry.example.com/a"),
        ("*.example.com", "a.b.example.com:5000/a"),
        ("registry-?.example.com", "registry-1.example.com/a"),
        ("quay.io/acme", "quay.io/acme"),
        ("quay.io/acme", "quay.io/acme/a/b:1"),
        ("quay.io/acme/*", "quay.io/acme/a/b:1"),
        ("quay.io/*/base", "quay.io/acme/x/base"),
        ("*.example.com/team", "r.example.com:5000/team/a"),
        ("docker.io", "nginx"),
        ("docker.io/library", "nginx:1"),
        ("docker.io/nginx", "nginx:1"),
        ("index.docker.io/acme", "acme/a"),
        ("*", "anything.example.com/a"),
    ],
)
def test_a_glob_that_holds(glob: str, text: str) -> None:
    assert why(text, glob) in (glob, glob.lower(), "docker.io/acme")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("https://registry.example.com", "has a scheme"),
        ("registry.example.com/a:1", "has a tag or digest"),
        (f"registry.example.com/a@{DIGEST}", "has a tag or digest"),
        ("[a-z].example.com", "does not start with a host"),
        ("[::1]:5000", "does not start with a host"),
        ("exa mple.com", "does not start with a host"),
        ("registry.example.com:port", "does not start with a host"),
        ("/team", "does not start with a host"),
        ("registry.example.com/", "has a path that no repository can have"),
        ("registry.example.com//a", "has a path that no repository can have"),
        ("registry.example.com/Team", "has a path that no repository can have"),
    ],
)
def test_a_glob_that_cannot_be_used(text: str, reason: str) -> None:
    with pytest.raises(RuleError, match=f'the trusted registry "{re.escape(text.strip())}" {reason}'):
        parse_trusted(text)


# Names.


def test_an_unknown_name_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(RuleError, match=r'no trusted registry is called "acme"; there are mainland, aliyuncs, '):
        parse_trusted("acme")


@pytest.mark.parametrize(
    ("text", "meant"), [("aliyun", "aliyuncs"), ("Mainland", "mainland"), ("huaweicloud", "myhuaweicloud")]
)
def test_a_near_miss_is_told(text: str, meant: str) -> None:
    with pytest.raises(RuleError, match=rf'"{text}" \(did you mean {meant}\?\); there are '):
        parse_trusted(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("aliyuncs", "registry.cn-hangzhou.aliyuncs.com/acme/a:1"),
        ("aliyuncs", "acme-registry-vpc.cn-beijing.cr.aliyuncs.com/acme/a:1"),
        ("baidubce", "registry.baidubce.com/paddlepaddle/paddle:3.0.0"),
        ("daocloud", "m.daocloud.io/docker.io/library/nginx"),
        ("daocloud", "ghcr.m.daocloud.io/acme/a"),
        ("jdcloud", "tenant0202.hub-ark-hn.jdcloud.com/library/centos:7.3"),
        ("myhuaweicloud", "swr.cn-north-4.myhuaweicloud.com/acme/a"),
        ("nju", "ghcr.nju.edu.cn/acme/a"),
        ("qingcloud", "dockerhub.qingcloud.com/acme/a"),
        ("ucloud", "uhub.service.ucloud.cn/ucloud/nginx:1.9.2"),
        ("volces", "enterprise-cn-beijing.cr.volces.com/acme/a"),
    ],
)
def test_a_shipped_registry_is_foreign_until_it_is_named(name: str, text: str) -> None:
    assert why(text) == ""
    assert why(text, name).startswith(f"{name}: ")
    assert why(text, MAINLAND).startswith(f"{name}: ")


def test_every_row_has_its_evidence() -> None:
    for name, rows in mainland().items():
        assert re.fullmatch(r"[a-z0-9]+", name)
        for row in rows:
            assert row.who
            assert re.fullmatch(r"https://\S+", row.evidence)
            assert DOMAIN.fullmatch(row.glob.replace("*", "x"))
            assert parse_trusted(row.glob)[0].glob == row.glob


# What becomes of a reference.

POD = b"apiVersion: v1\nkind: Pod\nspec: {containers: [{image: %s}]}\n"


def status(image: str, *globs: str, rule: str = "quay.io=m.example") -> Status:
    rules = build([[parse_rule(rule)]], [one for glob in globs for one in parse_trusted(glob)])
    [site] = rewrite(POD % image.encode(), Settings(rules=rules)).sites
    return site.status


def test_trust_changes_no_bytes_and_is_told() -> None:
    rules = build([], parse_trusted("r.example.com"))
    done = rewrite(POD % b"r.example.com/a:1", Settings(rules=rules))
    assert done.output == POD % b"r.example.com/a:1"
    assert [(site.status, site.reason) for site in done.sites] == [(Status.TRUSTED, "r.example.com")]


def test_a_rule_says_more_than_trust() -> None:
    assert status("quay.io/a:1", "quay.io") is Status.REWRITTEN
    assert status("localhost:5000/a:1", rule="localhost:5000=m.example") is Status.REWRITTEN


def test_a_mirror_is_mirrored_though_it_is_trusted() -> None:
    assert status("m.example/a:1", "m.example") is Status.MIRRORED
    assert status("mine.tencentcloudcr.com/a:1", "*.tencentcloudcr.com") is Status.MIRRORED


def test_what_is_not_trusted_is_unmapped() -> None:
    assert status("ghcr.io/a:1", "quay.io") is Status.UNMAPPED
    assert status("ghcr.io/b/a:1", "ghcr.io/a") is Status.UNMAPPED
    assert status("ghcr.io/a/$(APP):1", "ghcr.io/a") is Status.TRUSTED
