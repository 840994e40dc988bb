"""Aliases: one text at several places is edited once, at the aliases, or not at all."""

import time

import pytest

from kubectl_tcr import Site, Status, rewrite
from kubectl_tcr.readers.aliases import MOST_PATHS
from tests.conftest import MIRRORS, NINE

QUAY = MIRRORS["quay.io"]
POD = "apiVersion: v1\nkind: Pod\n"


def rewritten(text: str) -> tuple[str, tuple[Site, ...]]:
    done = rewrite(text.encode(), NINE)
    return done.output.decode(), done.sites


SCALAR = "spec:\n  initContainers:\n  - image: &i quay.io/a/b:1\n  containers:\n  - image: *i\n"
CONTAINER = "spec:\n  initContainers:\n  - &c\n    image: quay.io/a/b:1\n  containers:\n  - *c\n"
LISTED = "spec:\n  initContainers: &c [{image: quay.io/a/b:1}]\n  containers: *c\n"
MERGED = "spec:\n  initContainers:\n  - &c {name: a, image: quay.io/a/b:1}\n  containers:\n  - <<: *c\n    name: b\n"
MERGED_LIST = MERGED.replace("<<: *c", "<<: [*c]")
TWICE = "spec:\n  initContainers: &l\n  - &c {image: quay.io/a/b:1}\n  ephemeralContainers: *l\n  containers: [*c]\n"


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        (SCALAR, {("spec", "initContainers", 0, "image"), ("spec", "containers", 0, "image")}),
        (CONTAINER, {("spec", "initContainers", 0, "image"), ("spec", "containers", 0, "image")}),
        (LISTED, {("spec", "initContainers", 0, "image"), ("spec", "containers", 0, "image")}),
        (MERGED, {("spec", "initContainers", 0, "image"), ("spec", "containers", 0, "image")}),
        (MERGED_LIST, {("spec", "initContainers", 0, "image"), ("spec", "containers", 0, "image")}),
        (
            TWICE,
            {
                ("spec", "initContainers", 0, "image"),
                ("spec", "ephemeralContainers", 0, "image"),
                ("spec", "containers", 0, "image"),
            },
        ),
    ],
    ids=["scalar", "container", "list", "merge", "merge of a list", "inside and around"],
)
def test_where_all_places_are_images_the_anchor_is_edited_once(text: str, paths: set[tuple[str | int, ...]]) -> None:
    output, [site] = rewritten(POD + text)
    assert output == POD + text.replace("quay.io", QUAY)
    assert set(site.paths) == paths
    assert site.status is Status.REWRITTEN


def test_an_alias_that_is_an_image_gives_way_where_the_anchor_is_a_label() -> None:
    text = POD + "metadata:\n  labels: {app: &name nginx}\nspec:\n  containers:\n  - {name: *name, image: *name }\n"
    output, sites = rewritten(text)
    mirrored = f"{MIRRORS['docker.io']}/library/nginx"
    assert output == text.replace("image: *name", f"image: {mirrored}")
    assert [site.after for site in sites if site.edits] == [mirrored]


def test_an_anchor_on_an_image_that_is_also_a_label_stays() -> None:
    text = POD + "spec:\n  containers:\n  - image: &name nginx\n    name: *name\n"
    output, [site] = rewritten(text)
    assert output == text
    assert (site.status, site.reason) == (Status.LEFT, "an anchor that is also used where no image stands")


def test_an_image_that_is_a_key_elsewhere_stays() -> None:
    text = POD + "spec:\n  containers:\n  - image: &i quay.io/a/b:1\nmetadata:\n  annotations: {*i : x}\n"
    output, [site] = rewritten(text)
    assert output == text
    assert site.status is Status.LEFT


# A key that is anchored, and an image by its alias.

KEYS = {
    "the key of the image itself": POD + "spec:\n  containers:\n  - &a image: «*a»\n",
    "in braces": "{&a quay.io/b/c:1 : d, image: «*a»}\n",
    "of one pair in brackets": POD + "spec:\n  containers: [&a image: «*a»]\n",
    "of a set": "? &a quay.io/b/c:1\nimage: «*a»\n",
    "in quotes, with a tag": "!!str &a 'quay.io/b/c:1': d\nimage: «*a»\n",
    "of the same name as its value": "&a quay.io/b/c:1: «*a»\n",
    "of a collection that shows it": "&a quay.io/b/c:1: {d: «*a»}\n",
    "of a collection that is repeated": "&a quay.io/b/c:1: &d {e: f}\nimage: «*a»\ng: *d\n",
    "in a mapping that is merged": POD + "m: &m\n  containers:\n  - &a image: «*a»\nspec:\n  <<: *m\n",
    "in a container that is repeated": POD + "spec:\n  initContainers: [&c {&a image: «*a»}]\n  containers: [*c]\n",
    "in a document in a string": "held: |\n  apiVersion: v1\n  kind: Pod\n  spec: {containers: [{&a image: «*a»}]}\n",
    "by two aliases": "&a quay.io/b/c:1: d\nimage: «*a»\ne: {image: «*a»}\n",
}


@pytest.mark.parametrize("text", KEYS.values(), ids=KEYS)
def test_a_key_stays_and_the_alias_to_it_that_is_an_image_gives_way(text: str) -> None:
    source = text.replace("«", "").replace("»", "")
    image = f"{QUAY}/b/c:1" if "quay.io" in text else f"{MIRRORS['docker.io']}/library/image"
    output, sites = rewritten(source)
    assert output == text.replace("«*a»", image)
    assert all(site.after == image for site in sites if site.edits)
    assert all(site.reason == "a mapping key" for site in sites if not site.edits)


def test_a_key_in_a_repeated_container_is_none_of_the_places_that_are_told() -> None:
    _, [site] = rewritten(POD + "spec:\n  initContainers: [&c {&a image: *a}]\n  containers: [*c]\n")
    assert site.paths == (("spec", "initContainers", 0, "image"), ("spec", "containers", 0, "image"))


@pytest.mark.parametrize(
    "text",
    [
        "&a quay.io: d\nimage: {registry: *a, repository: b/c}\n",
        "&a b/c: d\nimage: {registry: quay.io, repository: *a}\n",
        "image: {registry: quay.io, &a repository: *a}\n",
    ],
    ids=["its registry", "its repository", "the key of its repository"],
)
def test_a_split_image_with_a_part_that_is_an_anchored_key_stays_and_is_told(text: str) -> None:
    output, [site] = rewritten(text)
    assert output == text
    assert (site.status, site.how) == (Status.LEFT, "split")
    assert site.reason == "a part of it is used elsewhere too"


def test_the_text_around_a_merge_key_decides_nothing_for_what_overrides_it() -> None:
    text = (
        POD + "spec:\n  initContainers:\n  - &c {name: a, image: quay.io/a/b:1}\n"
        "  containers:\n  - <<: *c\n    image: gcr.io/c/d:2\n"
    )
    output, sites = rewritten(text)
    assert output == text.replace("quay.io", QUAY).replace("gcr.io", MIRRORS["gcr.io"])
    assert len(sites) == 2


def test_an_anchor_defined_twice_means_the_last_one_in_front() -> None:
    text = (
        POD + "metadata:\n  labels: {a: &i nginx}\nspec:\n  containers:\n  - image: &i quay.io/a/b:1\n  - image: *i\n"
    )
    output, [site] = rewritten(text)
    assert output == text.replace("quay.io", QUAY)
    assert len(site.paths) == 2


def places(number: int) -> str:
    return POD + "spec:\n  containers:\n  - image: &i quay.io/a/b:1\n" + "  - image: *i\n" * (number - 1)


def test_a_scalar_is_followed_to_so_many_places_and_no_further() -> None:
    output, [site] = rewritten(places(MOST_PATHS))
    assert QUAY in output
    assert len(site.paths) == MOST_PATHS
    output, [site] = rewritten(places(MOST_PATHS + 1))
    assert output == places(MOST_PATHS + 1)
    assert site.reason == "repeated by too many aliases"


def test_a_bomb_is_left_alone_in_no_time_and_what_stands_beside_it_is_not() -> None:
    lines = ["a0: &a0 {image: quay.io/a/b:1}"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 12)]
    text = POD + "spec:\n  containers:\n  - image: gcr.io/c/d:2\n" + "\n".join(lines) + "\n"
    started = time.perf_counter()
    output, sites = rewritten(text)
    assert time.perf_counter() - started < 5
    assert output == text.replace("gcr.io", MIRRORS["gcr.io"])
    assert [site.reason for site in sites] == ["", "repeated by too many aliases"]


@pytest.mark.parametrize(
    "merged", ["a: &x {b: c}\n<<: *x\n", "a: &x {}\n<<: [*x]\n", "a: &x {b: &y {c: d}}\n<<: [*y, *x]\n"]
)
def test_what_is_merged_may_hold_nothing_that_matters(merged: str) -> None:
    source = f"{merged}kind: Pod\napiVersion: v1\nspec: {{containers: [{{image: quay.io/a/b}}]}}\n".encode()
    assert rewrite(source, NINE).output == source.replace(b"quay.io", MIRRORS["quay.io"].encode())


def test_a_repeated_key_in_which_an_alias_seems_to_stand_inside_what_it_repeats() -> None:
    text = "  name:\n   c: &e\n    s: quay.io/p/q\n  name: *e\n"
    assert rewritten(text)[0] == text.replace("quay.io", QUAY)


def test_a_long_row_of_merges_is_followed_to_its_end() -> None:
    row = "".join(f"b{number}: &b{number} {{<<: *b{number - 1}}}\n" for number in range(1, 2_000))
    text = f"b0: &b0 {{apiVersion: v1, kind: Secret}}\n{row}items:\n- {{<<: *b1999, data: {{a: 'quay.io/a/b:1'}}}}\n"
    output, [site] = rewritten(text)
    assert (output, site.reason) == (text, "a Secret is left whole")


# An alias inside a collection that is repeated itself: x is no image where it stands, and one is by its alias.

INSIDE = "x: &c acme/app\ny: &s\n  containers:\n  - image: *c\nspec: *s\n"


def test_an_alias_that_gives_way_is_told_at_every_place_that_shows_it() -> None:
    output, sites = rewritten(POD + INSIDE)
    assert output == (POD + INSIDE).replace("image: *c", f"image: {MIRRORS['docker.io']}/acme/app")
    [site] = [site for site in sites if site.edits]
    assert set(site.paths) == {("y", "containers", 0, "image"), ("spec", "containers", 0, "image")}


def test_an_alias_that_shows_an_image_in_a_secret_too_stays() -> None:
    text = (
        "apiVersion: v1\nkind: List\nitems:\n"
        "- {apiVersion: v1, kind: Pod, y: &c acme/app, spec: &s {containers: [{image: *c}]}}\n"
        "- {apiVersion: v1, kind: Secret, stringData: *s}\n"
    )
    output, sites = rewritten(text)
    assert output == text
    assert [site.reason for site in sites if site.paths[0][-1] == "image"] == [
        "an anchor that is also used where no image stands"
    ]
