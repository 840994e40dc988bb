"""References spread over the keys of a mapping: what stays, what is edited, and that the report says the same."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_tcr import InternalError, Settings, Status, build, parse_rule, rewrite
from kubectl_tcr.find import splits
from kubectl_tcr.find.agreement import verify
from kubectl_tcr.text.splice import Edit

from . import laws
from .conftest import NINE

DIGEST = "sha256:" + "0123456789abcdef" * 4
LONGER = Settings(
    rules=build(
        [
            [
                parse_rule(rule)
                for rule in (
                    "docker.io=h.example/hub",
                    "quay.io=q.example",
                    "quay.io/acme=m.example/x/acme",
                    "quay.io/acme/app=n.example/renamed",
                )
            ]
        ]
    )
)


def rewritten(line: str, rules: Settings = NINE) -> str:
    done = rewrite(f"a: {line}\n".encode(), rules)
    return done.output.decode().removeprefix("a: ").rstrip("\n")


@pytest.mark.parametrize(
    "line",
    [
        "{registry: quay.io, repo: acme/charts}",
        "{repo: quay.io/acme/charts, version: '1'}",
        "{x: {repo: quay.io/acme/a}}",
    ],
)
def test_a_repo_is_one_of_charts_or_code_where_no_key_says_image(line: str) -> None:
    assert rewritten(line) == line


@pytest.mark.parametrize(
    "line",
    [
        "{registry: quay.io, name: acme/app}",
        "{images: [{registry: quay.io, name: acme/app}]}",
        "{proxyImages: {registry: quay.io, name: acme/app}}",
        "{images: {name: {registry: quay.io}}}",
    ],
)
def test_a_name_is_one_of_anything_where_no_key_says_that_it_is_about_one_image(line: str) -> None:
    assert rewritten(line) == line


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("{image: {registry: docker.io, name: acme/app, tag: '1'}}", "acme/app:1"),
        ("{proxyImage: {registry: docker.io, name: acme/app}}", "acme/app"),
        ("{PROXY_IMAGE: {name: app, registry: docker.io/acme}}", "acme/app"),
        ("{image: {registry: docker.io, repo: acme/app, tag: '1'}}", "acme/app:1"),
        ("{image: {registry: docker.io, imageName: acme/app}}", "acme/app"),
        ("{registry: docker.io, imageName: acme/app, version: '1'}", "acme/app:1"),
        ("{repository: docker.io/acme, imageName: app}", "acme/app"),
        ("{proxyImage: {repo: docker.io/acme/app, tag: '1'}}", "acme/app"),
        ("{images: {a: {registry: docker.io, repository: acme, imageName: app}}}", "acme/app"),
        ("{sidecarImage: {registry: docker.io, repository: acme, repo: app, tag: '1'}}", "acme/app:1"),
    ],
)
def test_other_words_for_the_parts_of_an_image(line: str, name: str) -> None:
    assert rewritten(line) == line.replace("docker.io", "docker-io.mirror.example")
    [site] = rewrite(f"a: {line}\n".encode(), NINE).sites
    assert site.after == f"docker-io.mirror.example/{name}"


@pytest.mark.parametrize(
    "key", ["org", "organization", "namespace", "project", "account", "prefix", "repositoryPrefix"]
)
def test_an_organisation_stands_between_the_registry_and_the_name(key: str) -> None:
    line = f"{{image: {{registry: docker.io, {key}: acme, name: app, tag: '1'}}}}"
    assert rewritten(line) == line.replace("docker.io", "docker-io.mirror.example")
    [site] = rewrite(f"a: {line}\n".encode(), NINE).sites
    assert site.after == "docker-io.mirror.example/acme/app:1"


def test_a_namespace_beside_what_is_no_image_is_one_of_the_cluster() -> None:
    line = "{registry: docker.io, namespace: acme, repository: redis, tag: '1'}"
    assert "library/redis" in rewritten(line)


def test_a_repo_of_one_component_on_docker_hub_may_be_an_organisation() -> None:
    line = "{image: {registry: docker.io, repo: openebs, tag: v2}}"
    [site] = rewrite(f"a: {line}\n".encode(), NINE).sites
    assert (site.status, site.reason) == (Status.LEFT, "a repository or an organisation on Docker Hub: nothing tells")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{registry: quay.io, repository: Acme/app}", "no reference: repository must be lowercase"),
        (
            "{registry: quay.io, repository: a/b, digest: 'sha256:a'}",
            'no reference: digest "sha256:a" has 1 digits, not 64',
        ),
    ],
)
def test_parts_that_spell_no_reference_are_reported(line: str, reason: str) -> None:
    [site] = rewrite(f"a: {line}\n".encode(), NINE).sites
    assert (site.status, site.reason) == (Status.LEFT, reason)


@pytest.mark.parametrize("value", ["true", "no", "12", "1.5", "0x1f", "0o17", "!!int 12"])
def test_a_part_that_is_no_string_does_not_become_one(value: str) -> None:
    line = f"{{registry: docker.io, image: {value}, tag: '1'}}"
    assert rewritten(line) == line
    [site] = rewrite(f"a: {line}\n".encode(), NINE).sites
    assert (site.status, site.reason.partition(",")[0]) == (Status.LEFT, "a part of it that would change is no string")


@pytest.mark.parametrize("value", ["'true'", "!!str true", "! 12", "0o12x", "2001-12-14"])
def test_a_part_that_only_looks_like_something_else_is_edited(value: str) -> None:
    assert "library/" in rewritten(f"{{registry: docker.io, image: {value}}}")


def test_a_part_that_is_no_string_may_stand_beside_the_one_that_changes() -> None:
    line = "{registry: quay.io, organization: acme, repository: 12}"
    assert rewritten(line) == line.replace("quay.io", "quay-io.mirror.example")


@pytest.mark.parametrize(
    "text",
    [
        "x: &r quay.io\nimage: {registry: *r, repository: acme/a}\n",
        "a: {registry: &r quay.io, repository: acme/a}\nb: {registry: *r, repository: acme/b}\n",
        "x: &x {registry: quay.io}\na: {<<: *x, repository: acme/a}\nb: {<<: *x, repository: acme/b}\n",
    ],
)
def test_a_part_that_aliases_repeat_is_left_and_reported_for_every_image(text: str) -> None:
    done = rewrite(text.encode(), NINE)
    assert done.output.decode() == text
    assert {site.reference for site in done.sites} == {
        f"quay.io/acme/{name}" for name in "ab" if f"acme/{name}" in text
    }
    assert {site.reason for site in done.sites} == {"a part of it is used elsewhere too"}


def test_a_version_may_be_a_digest() -> None:
    line = f"{{repository: quay.io/acme, image: app, version: '{DIGEST}'}}"
    assert rewritten(line) == line.replace("quay.io", "quay-io.mirror.example")
    [site] = rewrite(f"a: {line}\n".encode(), NINE).sites
    assert site.after == f"quay-io.mirror.example/acme/app@{DIGEST}"


@pytest.mark.parametrize("key", ["repository", "name", "imageName"])
def test_a_tag_beside_it_makes_one_component_of_docker_hub_an_image(key: str) -> None:
    line = f"{{image: {{{key}: docker.io/redis, tag: '7'}}}}"
    assert rewritten(line) == line.replace("docker.io", "docker-io.mirror.example/library")


@pytest.mark.parametrize("path", ["${APP}", "{{ .name }}"])
def test_a_placeholder_that_may_be_below_library_or_not_stays(path: str) -> None:
    line = json.dumps({"registry": "docker.io", "repository": path})
    [site] = rewrite(line.encode(), NINE).sites
    assert (site.status, site.reason) == (Status.LEFT, "a placeholder decides whether it is below library/")


@pytest.mark.parametrize(
    "line",
    [
        "{registry: example.org, repository: acme/app, tag: '1'}",
        "{repository: acme, image: app}",
        "{registry: '', repository: acme, image: app}",
        "{registry: ~, repository: acme, image: app}",
        "{registry: quay.io}",
        "{registry: quay.io, username: a}",
        "{registry: quay.io, name: acme/app}",
        "{registry: quay.io, repository: Acme/App}",
        "{registry: quay-io.mirror.example, repository: acme/app}",
    ],
    ids=[
        "a host that no rule maps",
        "no host",
        "an empty registry",
        "a null registry",
        "a registry alone",
        "a login",
        "a name that is not an image's",
        "a repository with capitals",
        "a mirror already",
    ],
)
def test_what_is_no_split_reference_stays(line: str) -> None:
    assert rewritten(line) == line


@pytest.mark.parametrize(
    ("line", "expected", "after"),
    [
        (
            '{registry: quay.io, image: "acme/app:1.2"}',
            '{registry: quay-io.mirror.example, image: "acme/app:1.2"}',
            "quay-io.mirror.example/acme/app:1.2",
        ),
        (
            f'{{registry: quay.io, repository: "acme/app@{DIGEST}"}}',
            f'{{registry: quay-io.mirror.example, repository: "acme/app@{DIGEST}"}}',
            f"quay-io.mirror.example/acme/app@{DIGEST}",
        ),
        (
            '{repository: quay.io/acme, image: "app:1", version: "2.0.3"}',
            '{repository: quay-io.mirror.example/acme, image: "app:1", version: "2.0.3"}',
            "quay-io.mirror.example/acme/app:1",
        ),
        (
            '{registry: docker.io, image: "redis:7"}',
            '{registry: docker-io.mirror.example, image: "library/redis:7"}',
            "docker-io.mirror.example/library/redis:7",
        ),
        (
            "{registry: docker.io, repository: acme, image: app, tag: '1'}",
            "{registry: docker-io.mirror.example, repository: acme, image: app, tag: '1'}",
            "docker-io.mirror.example/acme/app:1",
        ),
        (
            "{image: {registry: docker.io, repository: acme, name: app, tag: '1'}}",
            "{image: {registry: docker-io.mirror.example, repository: acme, name: app, tag: '1'}}",
            "docker-io.mirror.example/acme/app:1",
        ),
        (
            "{name: redis, registry: docker.io, repository: redis, tag: '7'}",
            "{name: redis, registry: docker-io.mirror.example, repository: library/redis, tag: '7'}",
            "docker-io.mirror.example/library/redis:7",
        ),
        (
            "{image: {registry: docker.io, repository: redis, name: Main Cache, tag: '7'}}",
            "{image: {registry: docker-io.mirror.example, repository: library/redis, name: Main Cache, tag: '7'}}",
            "docker-io.mirror.example/library/redis:7",
        ),
        (
            "{registry: quay.io, repository: acme/app, tag: '1', digest: null}",
            "{registry: quay-io.mirror.example, repository: acme/app, tag: '1', digest: null}",
            "quay-io.mirror.example/acme/app:1",
        ),
        (
            f"{{registry: quay.io/, repository: acme/app, tag: ~, digest: '{DIGEST}'}}",
            f"{{registry: quay-io.mirror.example/, repository: acme/app, tag: ~, digest: '{DIGEST}'}}",
            f"quay-io.mirror.example/acme/app@{DIGEST}",
        ),
    ],
    ids=[
        "a tag inside the image",
        "a digest inside the repository",
        "a tag inside, and a version of something else",
        "a tag inside, and library/",
        "an organisation, with the image as third key",
        "an organisation, with the image's name as third key",
        "the name of a container, beside an official image",
        "a name for people, beside an official image",
        "a digest that is null",
        "a tag that is null, a slash behind the registry",
    ],
)
def test_the_parts_are_edited_and_spell_what_the_report_says(line: str, expected: str, after: str) -> None:
    assert rewritten(line) == expected
    assert [site.after for site in rewrite(f"a: {line}\n".encode(), NINE).sites] == [after]
    assert rewritten(expected) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{registry: quay.io, image: "acme/app:1"}', '{registry: n.example, image: "renamed:1"}'),
        ('{registry: quay.io, image: "acme/b:1"}', '{registry: m.example/x, image: "acme/b:1"}'),
        ("{repository: quay.io/acme, image: b}", "{repository: m.example/x/acme, image: b}"),
        (
            "{registry: quay.io, repository: acme, image: b}",
            "{registry: m.example/x, repository: acme, image: b}",
        ),
        ("{registry: quay.io, repository: acme, image: app}", "{registry: quay.io, repository: acme, image: app}"),
    ],
    ids=[
        "another name",
        "a longer mirror",
        "a longer mirror for two",
        "and for three",
        "what three cannot spell stays",
    ],
)
def test_a_rule_for_a_part_of_a_host(line: str, expected: str) -> None:
    assert rewritten(line, LONGER) == expected


VALUES = {
    "registry": ["docker.io", "quay.io", "quay.io/", "quay.io/acme", "example.org", "", "null"],
    "repository": [
        "acme",
        "acme/app",
        "redis",
        "library/redis",
        "acme/app:1",
        f"acme/app@{DIGEST}",
        "quay.io/acme",
        "~",
    ],
    "image": ["app", "app:1", "acme/app", f"app:1@{DIGEST}", "quay.io/acme/app:1", "", "App"],
    "name": ["app", "redis", "acme/app:2"],
    "tag": ["1", "null", "", "1.2-rc"],
    "version": ["3"],
    "digest": [DIGEST, "null", ""],
}
MAPPING = st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in VALUES.items()})


def written(mapping: dict[str, str], style: str) -> str:
    if style == "json":
        return json.dumps({"image": mapping})
    if style == "flow":
        return "image: {" + ", ".join(f"{key}: {json.dumps(value)}" for key, value in mapping.items()) + "}\n"
    quote = {"plain": str, "single": lambda value: f"'{value}'"}[style]
    return "image:\n" + "".join(
        f"  {key}: {quote(value)}\n" for key, value in mapping.items() if value or style == "single"
    )


@settings(max_examples=400)
@given(MAPPING, st.sampled_from(["plain", "single", "flow", "json"]), st.sampled_from([NINE, LONGER]))
def test_what_the_report_says_is_what_the_parts_spell(mapping: dict[str, str], style: str, rules: Settings) -> None:
    laws.hold(written(mapping, style).encode(), rules)


@pytest.mark.skipif(not splits.__file__.endswith(".py"), reason="what is compiled calls its neighbours directly")
def test_edits_that_would_spell_something_else_are_an_internal_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splits, "_distributed", lambda _split, name: tuple(name.split("/", 1)))
    with pytest.raises(InternalError, match=r"would not spell .* this is a bug of kubectl-tcr, nothing was written"):
        rewrite(b'a: {registry: quay.io, image: "acme/app:1.2"}\n', NINE)


def test_an_edit_at_the_wrong_place_is_an_internal_error() -> None:
    source = "image: quay.io/a/b:1"
    [site] = rewrite(source.encode(), NINE).sites
    assert site.status is Status.REWRITTEN
    verify(source, [site])
    start, stop, new = site.edits[0]
    with pytest.raises(InternalError):
        verify(source, [site._replace(edits=(Edit(start, stop + 1, new),))])
    with pytest.raises(InternalError):
        verify(source, [site._replace(stop=site.stop - 1)])
