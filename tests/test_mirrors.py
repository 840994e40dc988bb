"""Which references a rule moves, and where to; which rules may stand beside each other."""

import pytest

from kubectl_tcr import RuleError, Rules, Settings, build, parse_rule, rewrite
from kubectl_tcr.images.mirrors import make_rule
from kubectl_tcr.images.reference import parse

SHA = "sha256:" + "0" * 64


def rules(*texts: str) -> Rules:
    return build([[parse_rule(text) for text in texts]])


def moved(found: Rules, text: str) -> str | None:
    """The reference that a rule makes of another, None where none does."""
    located = found.locate(parse(text))
    return located.new + text[located.cut :] if located else None


# Rules: what stays where it is.
UNMOVED = [
    ("quay.io=m.example", "nginx"),
    ("quay.io=m.example", "gcr.io/a/b"),
    ("quay.io=m.example", "quay.io:443/a/b"),
    ("quay.io=m.example", "my.quay.io/a/b"),
    ("quay.io=m.example", "quay.io.example/a/b"),
    ("quay.io=m.example", "m.example/a/b"),
    ("quay.io/foo=m.example", "quay.io/foobar"),
    ("quay.io/foo=m.example", "quay.io/foobar/a"),
    ("quay.io/foo=m.example", "quay.io/bar/foo"),
    ("quay.io/foo/a=m.example", "quay.io/foo"),
    ("docker.io/library=m.example", "bitnami/redis"),
    ("localhost:5000=m.example", "localhost/a"),
]


@pytest.mark.parametrize(("rule", "text"), UNMOVED)
def test_a_reference_that_no_rule_moves(rule: str, text: str) -> None:
    assert moved(rules(rule), text) is None


MOVED = [
    # A whole host, with all that may stand behind the name.
    ("quay.io=m.example", "quay.io/a/b", "m.example/a/b"),
    ("quay.io=m.example", "quay.io/a", "m.example/a"),
    ("quay.io=m.example", "quay.io/a/b:1", "m.example/a/b:1"),
    ("quay.io=m.example", f"quay.io/a/b:1@{SHA}", f"m.example/a/b:1@{SHA}"),
    ("quay.io=m.example:5000/quay", "quay.io/a/b:1", "m.example:5000/quay/a/b:1"),
    ("localhost:5000=m.example", "localhost:5000/a", "m.example/a"),
    ("[::1]:5000=m.example", "[::1]:5000/a:1", "m.example/a:1"),
    # A path prefix gives way as a whole.
    ("quay.io/foo=m.example", "quay.io/foo/bar:1", "m.example/bar:1"),
    ("quay.io/foo=m.example/x/y", "quay.io/foo/bar/baz", "m.example/x/y/bar/baz"),
    ("quay.io/foo/bar=m.example/one", "quay.io/foo/bar:1", "m.example/one:1"),
    # Docker Hub: library/ stays written or implied, as it was.
    ("docker.io=m.example", "nginx:1", "m.example/library/nginx:1"),
    ("docker.io=m.example", "docker.io/nginx:1", "m.example/library/nginx:1"),
    ("docker.io=m.example", "docker.io/library/nginx:1", "m.example/library/nginx:1"),
    ("docker.io=m.example", "library/nginx:1", "m.example/library/nginx:1"),
    ("docker.io=m.example", "bitnami/redis", "m.example/bitnami/redis"),
    ("docker.io=m.example", f"nginx@{SHA}", f"m.example/library/nginx@{SHA}"),
    ("docker.io=m.example/hub", "nginx", "m.example/hub/library/nginx"),
    ("docker.io=m.example", "index.docker.io/nginx", "m.example/library/nginx"),
    ("docker.io=m.example", "registry-1.docker.io/a/b", "m.example/a/b"),
    ("docker.io=m.example", "registry.hub.docker.com/library/nginx", "m.example/library/nginx"),
    ("index.docker.io=m.example", "nginx", "m.example/library/nginx"),
    # A prefix eats library/, written or not.
    ("docker.io/library=m.example/std", "nginx:1", "m.example/std/nginx:1"),
    ("docker.io/library=m.example/std", "docker.io/nginx:1", "m.example/std/nginx:1"),
    ("docker.io/library=m.example/std", "docker.io/library/nginx:1", "m.example/std/nginx:1"),
    ("docker.io/library=m.example/std", "library/nginx:1", "m.example/std/nginx:1"),
    ("docker.io/library/nginx=m.example/web", "nginx:1", "m.example/web:1"),
    ("docker.io/library/nginx=m.example/web", f"docker.io/nginx:1@{SHA}", f"m.example/web:1@{SHA}"),
    ("docker.io/bitnami=m.example/b", "bitnami/redis:7", "m.example/b/redis:7"),
    ("docker.io/bitnami/redis=m.example/cache", "bitnami/redis:7", "m.example/cache:7"),
]


@pytest.mark.parametrize(("rule", "text", "expected"), MOVED)
def test_a_reference_moves(rule: str, text: str, expected: str) -> None:
    assert moved(rules(rule), text) == expected


def test_the_longest_prefix_wins_in_any_order() -> None:
    texts = ["quay.io=m.example", "quay.io/foo/bar=long.example", "quay.io/foo=short.example"]
    for ordered in (texts, texts[::-1]):
        found = rules(*ordered)
        assert moved(found, "quay.io/foo/bar/x") == "long.example/x"
        assert moved(found, "quay.io/foo/barbar") == "short.example/barbar"
        assert moved(found, "quay.io/foobar") == "m.example/foobar"


def test_the_stronger_layer_wins_for_the_same_source_only() -> None:
    strong = [parse_rule("quay.io=strong.example", "flag")]
    weak = [parse_rule("quay.io=weak.example", "preset"), parse_rule("gcr.io=weak.example", "preset")]
    found = build([strong, weak])
    assert moved(found, "quay.io/a") == "strong.example/a"
    assert moved(found, "gcr.io/a") == "weak.example/a"
    assert [rule.layer for rule in found.rules] == ["flag", "preset"]


def test_a_mirror_that_a_stronger_layer_overrides_feeds_nothing() -> None:
    found = build([[parse_rule("a.io=c.io")], [parse_rule("a.io=b.io"), parse_rule("b.io=d.io")]])
    assert moved(found, "a.io/x") == "c.io/x"


def test_docker_hub_is_mapped_under_all_its_names() -> None:
    assert "index.docker.io" in rules("docker.io=m.example").domains
    assert rules("quay.io=m.example").domains == {"quay.io"}
    assert build([]).domains == frozenset()


def test_no_rules_move_nothing() -> None:
    assert moved(build([]), "quay.io/a") is None


@pytest.mark.parametrize(
    "texts",
    [
        ["a.io=b.io", "a.io=c.io"],
        ["docker.io=b.io", "index.docker.io=c.io"],  # one source with two names
        ["a.io/x=b.io", "a.io/x=c.io"],
    ],
)
def test_two_mirrors_for_one_source_are_refused(texts: list[str]) -> None:
    with pytest.raises(RuleError, match=r"has two mirrors: b\.io and c\.io"):
        rules(*texts)


def test_the_same_rule_twice_is_one_rule() -> None:
    assert len(rules("a.io=b.io", "a.io=b.io").rules) == 1


@pytest.mark.parametrize(
    "texts",
    [
        ["a.io=b.io", "b.io=c.io"],  # a chain
        ["b.io=c.io", "a.io=b.io"],
        ["a.io=b.io", "b.io=a.io"],  # a circle
        ["a.io=a.io"],
        ["r.corp=r.corp/mirror"],  # writes what it reads
        ["r.corp/old=r.corp"],  # may write r.corp/old/... of r.corp/old/old/...
        ["a.io=b.io/x", "b.io=c.io"],
        ["a.io=b.io", "b.io/x=c.io"],  # the mirror of a.io/x/y is read as b.io/x
    ],
)
def test_rules_that_feed_each_other_are_refused(texts: list[str]) -> None:
    with pytest.raises(RuleError, match="a second run would change"):
        rules(*texts)


@pytest.mark.parametrize(
    "texts",
    [
        ["r.corp/old=r.corp/new"],
        ["r.corp/old=r.corp/older"],  # no whole component in common
        ["a.io=m.io", "b.io=m.io"],
        ["a.io=m.io/a", "m.io/b=n.io"],
        ["quay.io=quay.io.example"],
    ],
)
def test_rules_that_only_look_like_feeding_stand(texts: list[str]) -> None:
    assert len(rules(*texts).rules) == len(texts)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("quay.io", "is not SOURCE=MIRROR"),
        ("=m.io", 'the source "" of a rule is empty'),
        ("quay.io=", 'the mirror "" of a rule is empty'),
        ("quay.io=m.io/", r'the mirror "m.io/" of a rule ends in a slash; write m.io$'),
        ("quay.io=m.io/a//", r'the mirror "m.io/a//" of a rule ends in a slash; write m.io/a$'),
        ("quay.io/=m.io", r'the source "quay.io/" of a rule ends in a slash; write quay.io$'),
        ("*=m.io/{host}/", r'the mirror "m.io/{host}/" of a rule ends in a slash; write m.io/{host}$'),
        ("quay.io=/", "does not start with a domain"),
        ("quay.io= ", "is empty"),
        ("https://quay.io=m.io", "source .* has a scheme"),
        ("quay.io=https://m.io", "mirror .* has a scheme"),
        ("quay.io/a:1=m.io", "source .* has a tag or digest"),
        (f"quay.io/a=m.io/a@{SHA}", "mirror .* has a tag or digest"),
        ("quay=m.io", "does not start with a domain"),
        ("library/nginx=m.io", "does not start with a domain"),
        ("quay.io=mirror", "does not start with a domain"),
        ("q_y.io=m.io", "does not start with a domain"),
        ("/a=m.io", "does not start with a domain"),
        ("*.quay.io=m.io", "does not start with a domain"),
        ("quay.io/A=m.io", "has a path that no repository can have"),
        ("quay.io=m.io=n.io", "does not start with a domain"),
    ],
)
def test_a_rule_that_cannot_be_used(text: str, reason: str) -> None:
    with pytest.raises(RuleError, match=reason):
        parse_rule(text)


@pytest.mark.parametrize(
    ("source", "mirror", "expected"),
    [
        (" quay.io ", "\tm.io\n", "quay.io=m.io"),
        ("localhost", "m.io", "localhost=m.io"),
        ("registry.hub.docker.com/library", "m.io/x", "docker.io/library=m.io/x"),
        ("[::1]:5000", "localhost:5000", "[::1]:5000=localhost:5000"),
        ("Registry", "m.io", "Registry=m.io"),
    ],
)
def test_a_rule_from_its_sides(source: str, mirror: str, expected: str) -> None:
    assert str(make_rule(source, mirror)) == expected


@pytest.mark.parametrize(
    ("text", "is_mirrored"),
    [
        ("nginx", False),
        ("m.example/a", False),
        ("m.example/quayx/a", False),
        ("tencentcloudcr.com/a", False),
        ("evil-tencentyun.com/a", False),
        ("m.example/quay/a:1", True),
        ("ccr.ccs.tencentyun.com/a/b", True),
        ("mirror.ccs.tencentyun.com/library/nginx", True),
        ("quay.tencentcloudcr.com/a", True),
        ("shop.tencentcloudcr.com/a:1", True),  # a customer's registry, served inside the network too
    ],
)
def test_what_stands_on_a_mirror(text: str, is_mirrored: bool) -> None:
    assert rules("quay.io=m.example/quay").mirrors(parse(text)) is is_mirrored


# An official image of Docker Hub has many names; a rule for one of them is a rule for all.

NAMES = [
    f"{host}{library}busybox"
    for host in ("", "docker.io/", "index.docker.io/", "registry-1.docker.io/", "registry.hub.docker.com/")
    for library in ("", "library/")
]


@pytest.mark.parametrize("source", [name for name in NAMES if name.startswith(("docker.io", "index"))])
@pytest.mark.parametrize("name", NAMES)
def test_a_rule_for_an_official_image_holds_for_all_its_names(source: str, name: str) -> None:
    assert moved(rules(f"{source}=m.example/busybox"), f"{name}:1") == "m.example/busybox:1"


@pytest.mark.parametrize("name", ["busybox/a", "docker.io/busybox/a", "index.docker.io/busybox/a/b"])
def test_a_rule_for_one_component_is_for_a_user_too(name: str) -> None:
    assert str(moved(rules("docker.io/busybox=m.example/x"), name)).startswith("m.example/x/a")
    assert moved(rules("docker.io/library/busybox=m.example/x"), name) is None


def test_a_rule_for_other_images_is_none_for_this_one() -> None:
    assert moved(rules("docker.io/busybox=m.example/x"), "busyboxes:1") is None
    assert moved(rules("docker.io/busybox=m.example/x"), "acme/busybox:1") is None


@pytest.mark.parametrize("name", NAMES)
def test_the_rule_that_says_library_is_the_longer_one(name: str) -> None:
    texts = ["docker.io/busybox=m.example/user", "docker.io/library/busybox=m.example/official", "docker.io=h.example"]
    for found in (rules(*texts), rules(*reversed(texts))):
        assert moved(found, name) == "m.example/official"
        assert moved(found, "busybox/a") == "m.example/user/a"


@pytest.mark.parametrize(
    "texts",
    [
        ["quay.io/x=docker.io/library/busybox", "docker.io/busybox=m.example/b"],
        ["quay.io/x=docker.io/busybox", "docker.io/library/busybox=m.example/b"],
        ["docker.io/busybox=docker.io/library/busybox"],
    ],
)
def test_rules_that_feed_each_other_by_another_name_of_an_official_image(texts: list[str]) -> None:
    with pytest.raises(RuleError, match="a second run would change"):
        rules(*texts)


def test_an_official_image_in_a_pod() -> None:
    mine = Settings(rules=rules("docker.io/busybox=m.example/busybox"))
    pod = b"apiVersion: v1\nkind: Pod\nspec: {containers: [{image: 'busybox:1'}, {image: docker.io/busybox}]}\n"
    once = rewrite(pod, mine).output
    assert once == pod.replace(b"docker.io/busybox", b"m.example/busybox").replace(b"'busybox", b"'m.example/busybox")
    assert rewrite(once, mine).output == once
