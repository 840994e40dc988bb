"""How much may stand how deep: far more than manifests have, and not so much that paths outgrow the document."""

import pytest

from kubectl_tcr import InputError, rewrite
from tests.conftest import NINE

IMAGE = "quay.io/a/b:1"


def nested(levels: int, opening: str, closing: str, inside: str = "1") -> bytes:
    return (opening * levels + inside + closing * levels).encode()


# What opens and closes a level; with a tag, so that the exact reader reads it.
FORMS = {"JSON": (f'{{"image":"{IMAGE}","a":', "}"), "YAML": (f"{{image: {IMAGE}, a: !!map ", "}")}


@pytest.mark.parametrize("form", FORMS)
def test_an_image_may_stand_at_each_of_hundreds_of_levels(form: str) -> None:
    done = rewrite(nested(400, *FORMS[form], "{}"), NINE)
    assert len(done.sites) == 400
    assert all(site.edits for site in done.sites)


def test_many_images_may_stand_a_few_levels_down() -> None:
    containers = f'{{"image":"{IMAGE}"}},' * 20_000
    source = nested(12, '{"a":', "}", f'[{containers}{{"image":"{IMAGE}"}}]')
    assert len(rewrite(source, NINE).sites) == 20_001


@pytest.mark.parametrize("form", FORMS)
def test_what_would_take_more_than_the_document_is_refused_where_it_begins_to(form: str) -> None:
    with pytest.raises(InputError) as caught:
        rewrite(nested(990, *FORMS[form], "{}"), NINE)
    assert "too much stands too deep" in str(caught.value)
    assert "nest it less deep" in str(caught.value)


def test_aliases_count_as_well() -> None:
    aliases = ", ".join(["*x"] * 1_000)
    with pytest.raises(InputError) as caught:
        rewrite(f"image: &x {IMAGE}\n".encode() + b"a: " + nested(900, "{a: ", "}", f"[{aliases}]"), NINE)
    assert "too much stands too deep" in str(caught.value)
