"""The rule for the rest, `*=mirror/{host}`: what stays, what moves and where to; a second run changes nothing."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_tcr import RuleError, Rules, Scope, Settings, Site, Status, build, parse_rule, parse_trusted, rewrite
from kubectl_tcr.images import rest
from kubectl_tcr.images.public import public
from kubectl_tcr.images.reference import DOMAIN, PATH, parse
from kubectl_tcr.text.tables import rows

REST = "*=m.example/{host}"


def settings(*texts: str, trusted: str = "", scope: Scope = Scope.TEXT) -> Settings:
    trusts = [one for glob in trusted.split() for one in parse_trusted(glob)]
    return Settings(rules=build([[parse_rule(text) for text in (REST, *texts)]], trusts), scope=scope)


def pod(image: str) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": image}]}})


def sites(text: str, found: Settings) -> list[Site]:
    """The sites of a document, held to what a second run makes of it."""
    done = rewrite(text.encode(), found)
    assert rewrite(done.output, found).output == done.output
    return list(done.sites)


def moved(image: str, *texts: str, trusted: str = "") -> str:
    """What becomes of a declared image."""
    [site] = sites(pod(image), settings(*texts, trusted=trusted))
    return site.after or site.reference


# Declared images: what stays.


@pytest.mark.parametrize(
    "image",
    [
        "m.example/app:1",
        "m.example/quay.io/a/b:1",
        "M.example/app:1",  # the same host
        "mine.tencentcloudcr.com/app:1",
        "ccr.ccs.tencentyun.com/app:1",
        "10.0.0.1:5000/app:1",
        "[::1]:5000/app:1",
        "registry:5000/app:1",
        "localhost/app:1",
        "registry.kube-system.svc/app:1",
        "nas.local/app:1",
        "$(REGISTRY)/app:1",
        "auto",
        "quay.io/A:1",
    ],
)
def test_a_declared_image_that_stays(image: str) -> None:
    assert [site.after for site in sites(pod(image), settings())] in ([""], [])


@pytest.mark.parametrize("image", ["quay.io/a/b:1", "quay.io:443/a/b:1", "nginx", "registry.example.com/acme/a"])
@pytest.mark.parametrize("trusted", ["*", "quay.io docker.io registry.example.com"])
def test_what_is_trusted_stays(image: str, trusted: str) -> None:
    [site] = sites(pod(image), settings(trusted=trusted))
    assert (site.status, site.edits) == (Status.TRUSTED, ())


def test_a_path_that_is_trusted_stays_and_the_others_move() -> None:
    assert moved("quay.io/acme/a", trusted="quay.io/acme") == "quay.io/acme/a"
    assert moved("quay.io/other/a", trusted="quay.io/acme") == "m.example/quay.io/other/a"


def test_the_host_of_any_mirror_stays() -> None:
    assert moved("n.example/app:1", "quay.io=n.example/quay") == "n.example/app:1"
    assert moved("nginx", "quay.io=docker.io/acme") == "nginx"
    assert moved("index.docker.io/acme/a", "quay.io=docker.io/acme") == "index.docker.io/acme/a"


def test_a_path_that_would_be_too_long_stays_and_is_told() -> None:
    why = "its path would be longer on the mirror than any may be"
    fits = "a" * (255 - len("quay.io/"))
    assert moved(f"quay.io/{fits}") == f"m.example/quay.io/{fits}"
    for text in (pod(f"quay.io/{fits}a:1"), json.dumps({"image": {"registry": "quay.io", "repository": f"{fits}a"}})):
        [site] = sites(text, settings())
        assert (site.status, site.reason) == (Status.LEFT, why)


# What moves.


@pytest.mark.parametrize(
    ("image", "after"),
    [
        ("quay.io/a/b:1", "m.example/quay.io/a/b:1"),
        ("ghcr.io/a/b:1", "m.example/ghcr.io/a/b:1"),
        ("nginx", "m.example/docker.io/library/nginx"),
        ("nginx:1@sha256:" + "0" * 64, "m.example/docker.io/library/nginx:1@sha256:" + "0" * 64),
        ("acme/app:1", "m.example/docker.io/acme/app:1"),
        ("index.docker.io/nginx", "m.example/docker.io/library/nginx"),
        ("registry.example.com/app", "m.example/registry.example.com/app"),
        ("registry.example.com:8443/app:1", "m.example/registry.example.com-8443/app:1"),
        ("Registry.Example.com/app:1", "m.example/registry.example.com/app:1"),
        ("registry.example.com/a--b/c__d/$(APP):$(TAG)", "m.example/registry.example.com/a--b/c__d/$(APP):$(TAG)"),
        ("${IMG:-quay.io/a/b:1}", "m.example/quay.io/a/b:1"),
    ],
)
def test_a_declared_image_moves_whatever_its_host(image: str, after: str) -> None:
    assert moved(image) == after


@pytest.mark.parametrize(
    ("image", "after"),
    [
        ("quay.io/acme/a", "n.example/a"),
        ("quay.io/acmes/a", "m.example/quay.io/acmes/a"),
        ("quay.io/b/a", "m.example/quay.io/b/a"),
        ("gcr.io/a", "g.example/a"),
        ("k8s.gcr.io/a", "m.example/k8s.gcr.io/a"),
    ],
)
def test_every_other_rule_goes_first(image: str, after: str) -> None:
    assert moved(image, "quay.io/acme=n.example", "gcr.io=g.example") == after


def test_a_mirror_in_a_known_registry_stays() -> None:
    found = Settings(rules=build([[parse_rule("*=us-docker.pkg.dev/acme/{host}")]]))
    for text in (pod("quay.io/a:1"), 'x: "quay.io/a:1"', 'run: "docker pull quay.io/a:1"'):
        assert [site.after for site in sites(text, found)] == ["us-docker.pkg.dev/acme/quay.io/a:1"]


def test_the_host_may_stand_anywhere_in_the_path() -> None:
    for mirror, after in (
        ("m.example:5000/a/{host}", "m.example:5000/a/quay.io/x"),
        ("m.example/{host}/b", "m.example/quay.io/b/x"),
    ):
        found = Settings(rules=build([[parse_rule(f"*={mirror}")]]))
        assert sites(pod("quay.io/x"), found)[0].after == after


# Elsewhere: known public registries only.


@pytest.mark.parametrize(
    "text",
    [
        'x: "registry.example.com/a/b:1"',
        'args: ["--image=registry.example.com/a/b:1"]',
        'script: "docker pull registry.example.com/a/b:1"',
        "image: {registry: registry.example.com, repository: a/b, tag: '1'}",
        'x: "a.quay.io/a/b:1"',
        'x: "pkg.dev/a/b:1"',
        'x: "gcr.io.example.com/a/b:1"',
        'x: "https://us-docker.pkg.dev/a/b/c"',
        'script: "curl https://eu.gcr.io/a/b:1"',
        "apiVersion: quay.io/v1",
        "global: {imageRegistry: registry.example.com}",
    ],
)
def test_what_is_no_declared_image_stays_where_its_host_is_not_known(text: str) -> None:
    assert not any(site.edits for site in sites(text, settings()))


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ('x: "quay.io/a/b:1"', "m.example/quay.io/a/b:1"),
        ('x: "docker.io/a/b:1"', "m.example/docker.io/a/b:1"),
        ('x: "eu.gcr.io/a/b:1"', "m.example/eu.gcr.io/a/b:1"),
        (
            'x: "us-docker.pkg.dev/a/b/c@sha256:' + "0" * 64 + '"',
            "m.example/us-docker.pkg.dev/a/b/c@sha256:" + "0" * 64,
        ),
        ('x: "EU.gcr.io/a/b:1"', "m.example/eu.gcr.io/a/b:1"),
        ('args: ["--image=ghcr.io/a/b:1"]', "m.example/ghcr.io/a/b:1"),
        ('args: ["--image=us-docker.pkg.dev/a/b/c"]', "m.example/us-docker.pkg.dev/a/b/c"),
        ('script: "docker pull nvcr.io/a/b:1"', "m.example/nvcr.io/a/b:1"),
        ('script: "docker pull eu.gcr.io/a/b:1"', "m.example/eu.gcr.io/a/b:1"),
        ('x: \'{"image": "eu.gcr.io/a/b:1"}\'', "m.example/eu.gcr.io/a/b:1"),
        ("image: {registry: quay.io, repository: a/b, tag: '1'}", "m.example/quay.io/a/b:1"),
        ("image: {registry: eu.gcr.io, repository: a/b, tag: '1'}", "m.example/eu.gcr.io/a/b:1"),
        ("image: {registry: docker.io, repository: nginx, tag: '1'}", "m.example/docker.io/library/nginx:1"),
    ],
)
def test_a_known_public_registry_moves_wherever_it_stands(text: str, after: str) -> None:
    [site] = sites(text, settings())
    assert site.after == after


def test_an_escape_in_front_of_a_host_is_no_part_of_it() -> None:
    [site] = sites(json.dumps({"script": "\\nus-docker.pkg.dev/a/b/c:1"}), settings())
    assert site.after == "m.example/us-docker.pkg.dev/a/b/c:1"


ISTIO = "{apiVersion: install.istio.io/v1alpha1, kind: IstioOperator, spec: {hub: %s}}"


@pytest.mark.parametrize(
    ("hub", "after"),
    [("gcr.io", "m.example/gcr.io"), ("eu.gcr.io", "m.example/eu.gcr.io"), ("gcr.io/istio", "m.example/gcr.io/istio")],
)
def test_a_registry_alone_moves(hub: str, after: str) -> None:
    [site] = sites(ISTIO % hub, settings())
    assert site.after == after


@pytest.mark.parametrize("texts", [("gcr.io/acme=n.example",), ()])
def test_a_registry_below_which_images_would_part_stays(texts: tuple[str, ...]) -> None:
    [site] = sites(ISTIO % "gcr.io", settings(*texts, trusted="" if texts else "gcr.io/acme"))
    assert site.status is Status.LEFT
    assert "would part" in site.reason


@pytest.mark.parametrize(("scope", "count"), [(Scope.PODS, 1), (Scope.FIELDS, 1), (Scope.VALUES, 2), (Scope.TEXT, 3)])
def test_the_scope_holds(scope: Scope, count: int) -> None:
    container = {"image": "registry.example.com/a", "args": ["quay.io/a/b:1", "run quay.io/a/b:1 now"]}
    text = json.dumps({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [container]}})
    assert sum(bool(site.edits) for site in sites(text, settings(scope=scope))) == count


# The rule itself.


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "*=m.example",
            r"lacks {host}: without it quay.io/a/b and ghcr.io/a/b would become one; write m.example/{host}",
        ),
        ("*=m.example/x{host}", "has {host} where no whole component of its path is"),
        ("*={host}.example/a", "has {host} where no whole component of its path is"),
        ("*=m.example/{host}/{host}", "has {host} more than once"),
        ("quay.io=m.example/{host}", "has {host}, which only a rule for * fills in"),
        ("*.io=m.example/{host}", "has {host}, which only a rule for * fills in"),
        ("*=", "is empty"),
        ("*={host}", "does not start with a domain"),
        ("*=https://m.example/{host}", "has a scheme"),
        ("*=m.example/{host}:1", "has a tag or digest"),
        ("*=m.example/{HOST}", "has a path that no repository can have"),
    ],
)
def test_a_rule_that_cannot_be_used(text: str, reason: str) -> None:
    with pytest.raises(RuleError, match=re.escape(reason)):
        parse_rule(text)


@pytest.mark.parametrize(
    "text",
    [
        "m.example=n.example",
        "m.example/quay.io=n.example",
        "m.example/team=n.example",
    ],
)
def test_a_rule_that_reads_what_the_rest_writes_is_refused(text: str) -> None:
    with pytest.raises(RuleError, match=r"rule \*=m.example/{host} writes what rule m.example\S* rewrites"):
        settings(text)


@pytest.mark.parametrize("text", ["quay.io=m.example/q", "m.examples=n.example", "a.example=quay.io/mirror"])
def test_a_rule_that_goes_with_it(text: str) -> None:
    assert len(settings(text).rules.rules) == 2


def test_known_registries_are_looked_for_only_where_the_rule_stands() -> None:
    assert build([]).domains == frozenset()
    assert {"quay.io", "docker.io", "index.docker.io"} < settings().rules.domains
    assert "m.example" not in settings().rules.domains
    assert ".pkg.dev" in settings().rules.suffixes
    assert settings().rules.without_rest() == build([])


def test_every_row_of_the_table_has_its_evidence() -> None:
    for line in rows("public.txt", str(rest.__file__)):
        name, who, evidence = (word.strip() for word in line.split("|"))
        assert DOMAIN.fullmatch(name.removeprefix("*."))
        assert who
        assert re.fullmatch(r"https://\S+", evidence)
    assert public().has("eu.gcr.io")
    assert not public().has("gcr.io.example")


# Laws.

HOSTS = st.sampled_from(
    [
        "", "quay.io/", "docker.io/", "index.docker.io/", "eu.gcr.io/", "gcr.io/", "us-docker.pkg.dev/", "m.example/",
        "m.example/quay.io/", "r.example:8443/", "R.Example/", "registry:5000/", "10.0.0.1/", "a.tencentcloudcr.com/",
    ]
)  # fmt: skip
PATHS = st.lists(st.sampled_from(["a", "acme", "library", "x__y", "a-b", "$(X)"]), min_size=1, max_size=3).map("/".join)
TAGS = st.sampled_from(["", ":1", "@sha256:" + "0" * 64, ":$(TAG)"])
IMAGES = st.builds(lambda host, path, tag: host + path + tag, HOSTS, PATHS, TAGS)
TEMPLATES = st.sampled_from(
    [
        "{apiVersion: v1, kind: Pod, spec: {containers: [{image: '%s'}]}}",
        "x: '%s'",
        "args: ['--image=%s', 'run %s now']",
        'x: \'{"image": "%s"}\'',
    ]
)
OTHERS = st.lists(
    st.sampled_from(
        ["quay.io=q.example", "quay.io/acme=n.example/x", "docker.io/acme=m.example/acme", "gcr.io=docker.io/g"]
    ),
    max_size=2,
    unique=True,
)
TRUSTED = st.sampled_from(["", "quay.io", "quay.io/acme", "*.gcr.io docker.io/library", "r.example", "*"])


def rules_of(texts: list[str], trusted: str) -> Rules:
    return settings(*texts, trusted=trusted).rules


@given(TEMPLATES, IMAGES, OTHERS, TRUSTED)
def test_a_second_run_changes_nothing(template: str, image: str, texts: list[str], trusted: str) -> None:
    text = template.replace("%s", image).encode()
    found = Settings(rules=rules_of(texts, trusted))
    once = rewrite(text, found).output
    again = rewrite(once, found)
    assert again.output == once
    assert not again.is_changed


@given(TEMPLATES, IMAGES, TRUSTED)
def test_what_is_trusted_is_never_edited(template: str, image: str, trusted: str) -> None:
    rules = rules_of([], trusted)
    for site in rewrite(template.replace("%s", image).encode(), Settings(rules=rules)).sites:
        if site.edits:
            parsed = parse(re.sub(r"\$\(\w+\)", "x", site.reference))
            assert not rules.trusted.why(parsed.domain, parsed.path)
            assert not parsed.domain.endswith((".tencentcloudcr.com", "m.example"))


@given(st.from_regex(DOMAIN.pattern, fullmatch=True))
def test_a_host_is_a_component_of_a_path(domain: str) -> None:
    if "[" not in domain:
        assert PATH.fullmatch(rest.component(domain))


@given(IMAGES, IMAGES)
def test_two_images_never_become_one(one: str, other: str) -> None:
    found = settings().rules
    places = []
    for image in (one, other):
        parsed = parse(re.sub(r"\$\(\w+\)", "x", image))
        located = found.locate(parsed, is_declared=True)
        places.append((parsed, (located.new + parsed.text[located.cut :]).lower() if located else ""))
    (first, here), (second, there) = places
    if here and here == there:
        assert (first.repository.lower(), first.tag) == (second.repository.lower(), second.tag)
