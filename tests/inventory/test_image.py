"""What is one image of a list, and how it is spelled."""

import pytest

from kubectl_tcr.images.mirrors import build, parse_rule
from kubectl_tcr.inventory.collect import ImageTally
from kubectl_tcr.inventory.image import Image, canonical
from kubectl_tcr.pipeline import Rewriter
from kubectl_tcr.run.cluster import MADE
from kubectl_tcr.settings import Settings

RULES = build([[parse_rule("quay.io=m.example.com/quay")], [parse_rule("docker.io=m.example.com/hub")]])
DIGEST = "sha256:" + "a" * 64


def images(text: str, *, is_canonical: bool = False, keep: bool = False, file: str = "a.yaml") -> tuple[Image, ...]:
    tally = ImageTally(keep=keep, is_canonical=is_canonical)
    for part in Rewriter(Settings(RULES)).parts([text.encode()], file)[1]:
        tally.add(file, part)
    return tally.images()


def pod(*references: str) -> str:
    containers = "".join(f'\n  - name: c{index}\n    image: "{one}"' for index, one in enumerate(references))
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:{containers}\n"


NO_IMAGES = [
    pytest.param("apiVersion: v1\nkind: Secret\nstringData: {image: quay.io/acme/app}\n", id="what a Secret holds"),
    pytest.param("kind: ConfigMap\napiVersion: v1\ndata: {docs: 'https://quay.io/acme/app'}\n", id="a URL"),
    pytest.param("hub: quay.io/acme\n", id="a registry, to which names are appended"),
    pytest.param(pod("") + "status: {containerStatuses: [{image: quay.io/acme/app}]}\n", id="a record"),
    pytest.param("kind: ConfigMap\napiVersion: v1\ndata: {run: docker push quay.io/acme/app}\n", id="what is pushed"),
]


@pytest.mark.parametrize("text", NO_IMAGES)
def test_what_is_not_pulled_is_no_image(text: str) -> None:
    assert images(text) == ()


STANDINGS = [
    pytest.param("quay.io/acme/app:1", "mapped", "m.example.com/quay/acme/app:1", id="moved by a rule"),
    pytest.param("nginx", "mapped", "m.example.com/hub/library/nginx", id="a short name"),
    pytest.param("m.example.com/quay/acme/app:1", "mirrored", "", id="on a mirror"),
    pytest.param("ghcr.io/acme/app:1", "unmapped", "", id="of no rule"),
    pytest.param("registry:5000/acme/app:1", "trusted", "", id="of a name that is no public one"),
    pytest.param("quay.io/Acme/App", "left", "", id="no reference"),
]


@pytest.mark.parametrize(("reference", "standing", "mirrored"), STANDINGS)
def test_an_image_has_a_status(reference: str, standing: str, mirrored: str) -> None:
    (found,) = images(pod(reference))
    assert (found.reference, found.standing, found.mirrored) == (reference, standing, mirrored)


def test_what_the_user_leaves_alone_is_listed_with_the_reason() -> None:
    (found,) = images(pod("quay.io/acme/app").rstrip("\n") + "  # tcr-rewrite: ignore\n")
    assert (found.standing, found.reason) == ("left", "ignored by a comment")


def test_each_image_is_there_once_and_sorted() -> None:
    found = images(pod("quay.io/b/b:1", "quay.io/a/a:1", "quay.io/b/b:1"))
    assert [(one.reference, one.times) for one in found] == [("quay.io/a/a:1", 1), ("quay.io/b/b:1", 2)]


def test_parts_that_stand_apart_are_one_image() -> None:
    (found,) = images("image:\n  registry: quay.io\n  repository: acme/app\n  tag: '1'\n")
    assert (found.reference, found.mirrored) == ("quay.io/acme/app:1", "m.example.com/quay/acme/app:1")


NEW_NAME = "kind: Kustomization\nimages: [{name: a, newName: %s}]\n"
ELSEWHERE = "its tag is that of the manifests that are built"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(pod("quay.io/a/b"), "", id="a container's"),
        pytest.param(NEW_NAME % "quay.io/a/b, newTag: '1'", "", id="a new name with a tag"),
        pytest.param(NEW_NAME % f"quay.io/a/b, digest: '{DIGEST}'", "", id="a new name with a digest"),
        pytest.param(NEW_NAME % "'quay.io/a/b:1'", "", id="a new name that holds a tag"),
        pytest.param("newName: quay.io/a/b:1\n", "", id="another new name"),
        pytest.param(NEW_NAME % "quay.io/a/b", ELSEWHERE, id="a new name"),
        pytest.param(NEW_NAME % "ghcr.io/a/b", ELSEWHERE, id="a new name of no rule"),
    ],
)
def test_a_new_name_alone_has_the_tag_of_the_manifests(text: str, expected: str) -> None:
    assert [one.reason for one in images(text)] == [expected]


def test_no_tag_is_spelled_out_that_may_be_another() -> None:
    (found,) = images(NEW_NAME % "index.docker.io/acme/b", is_canonical=True)
    assert (found.reference, found.mirrored) == ("docker.io/acme/b", "m.example.com/hub/acme/b")


SHOP = "quay.io/acme/shop"
BESIDE = [
    pytest.param("image: {repository: NAME, tag: ~}", "", id="no tag"),
    pytest.param("image: {repository: NAME, tag: ''}", "", id="an empty tag"),
    pytest.param("image: NAME\nversion: 2", "", id="the version of something else"),
    pytest.param("image: {repository: 'NAME:1', tag: 2}", ":1", id="a tag of its own goes before one beside it"),
    pytest.param("image: {repository: NAME, tag: 1.10}", ":1.10", id="a tag as it is written"),
    pytest.param("image: {repository: NAME, version: v2}", ":v2", id="a version of the repository"),
    pytest.param("image: NAME\nimageTag: v2", ":v2", id="the tag of an image"),
    pytest.param("image: NAME\ntag: '{{ .Values.tag }}'", ":{{ .Values.tag }}", id="a placeholder"),
    pytest.param(f"image: {{repository: NAME, digest: '{DIGEST}'}}", f"@{DIGEST}", id="a digest"),
    pytest.param(f"image: {{repository: NAME, tag: v2, digest: '{DIGEST}'}}", f":v2@{DIGEST}", id="both"),
    pytest.param(f"image: {{repository: NAME, tag: '{DIGEST}'}}", f"@{DIGEST}", id="a digest for a tag"),
    pytest.param("image: {repository: NAME, digest: abc}", "", id="no digest"),
    pytest.param("kind: Kustomization\nimages: [{name: a, newName: NAME, newTag: v2}]", ":v2", id="of kustomize"),
]


@pytest.mark.parametrize(("text", "version"), BESIDE)
def test_what_stands_beside_a_name_is_its_version(text: str, version: str) -> None:
    (found,) = images(text.replace("NAME", SHOP) + "\n")
    assert (found.reference, found.mirrored) == (SHOP + version, f"m.example.com/quay/acme/shop{version}")


def test_a_version_is_found_in_a_string_that_holds_values() -> None:
    values = f"    image:\n      repository: {SHOP}\n      tag: v2\n"
    text = f"kind: ConfigMap\napiVersion: v1\ndata:\n  values.yaml: |\n{values}"
    assert [one.reference for one in images(text)] == [f"{SHOP}:v2"]


def test_one_image_in_several_spellings_is_one_in_canonical_form() -> None:
    text = pod("nginx", "docker.io/library/nginx", "index.docker.io/nginx:latest")
    assert len(images(text)) == 3
    (found,) = images(text, is_canonical=True)
    assert (found.reference, found.times) == ("docker.io/library/nginx:latest", 3)
    assert found.mirrored == "m.example.com/hub/library/nginx:latest"


def test_places_are_kept_only_where_they_are_asked_for() -> None:
    assert images(pod("nginx"))[0].places == ()
    (place,) = images(pod("nginx"), keep=True)[0].places
    assert str(place) == "a.yaml:7:13: Pod/p spec.containers[0].image"


def test_what_only_controllers_made_is_named_by_no_manifest() -> None:
    both = ImageTally()
    for file, text in (("a.yaml", pod("nginx")), (MADE, pod("nginx", "quay.io/acme/sidecar"))):
        for part in Rewriter(Settings(RULES)).parts([text.encode()], file)[1]:
            both.add(file, part)
    assert {one.reference: one.is_made for one in both.images()} == {"nginx": False, "quay.io/acme/sidecar": True}


def test_tallies_of_several_processes_add_up() -> None:
    first, second = ImageTally(), ImageTally()
    for tally, file in ((first, MADE), (second, "a.yaml")):
        for part in Rewriter(Settings(RULES)).parts([pod("nginx").encode()], file)[1]:
            tally.add(file, part)
    first.merge(second, is_written=True)
    (found,) = first.images()
    assert (found.times, found.is_made) == (2, False)


CANONICAL = [
    pytest.param("Not A Reference", "Not A Reference", id="no reference"),
    pytest.param("quay.io/a/b:$(TAG)", "quay.io/a/b:$(TAG)", id="with a placeholder"),
    pytest.param(f"quay.io/a/b@{DIGEST}", f"quay.io/a/b@{DIGEST}", id="a digest needs no tag"),
    pytest.param("nginx", "docker.io/library/nginx:latest", id="an official image"),
    pytest.param("acme/app:1", "docker.io/acme/app:1", id="a user's image"),
    pytest.param(f"a:1@{DIGEST}", f"docker.io/library/a:1@{DIGEST}", id="tag and digest"),
]


@pytest.mark.parametrize(("text", "expected"), CANONICAL)
def test_a_canonical_reference_spells_everything_out(text: str, expected: str) -> None:
    assert canonical(text) == expected
