"""A short name that the same resource declares an image moves with it, but where a script pushes or compares it."""

import json

import pytest

from kubectl_tcr import Settings, Status, build, parse_rule, rewrite
from kubectl_tcr.reports.declaration import row

SETTINGS = Settings(rules=build([[parse_rule("docker.io=m.example")]]))


def statuses(script: str, image: str = "acme/app:1") -> list[Status]:
    """What becomes of the names in a script beside a container's image."""
    spec = {"containers": [{"name": "a", "image": image, "args": ["-c", script]}]}
    source = json.dumps({"apiVersion": "v1", "kind": "Pod", "spec": spec})
    _, *found = rewrite(source.encode(), SETTINGS).sites
    return [site.status for site in found]


@pytest.mark.parametrize(
    "script", ["APP_IMAGE=acme/app:1 run it", "run --app-image=acme/app:1 it", "run --app-image acme/app:1"]
)
def test_a_known_short_name_moves(script: str) -> None:
    assert statuses(script) == [Status.REWRITTEN]
    assert statuses(script, "acme/other:1") == [Status.SUSPECTED]


@pytest.mark.parametrize(
    "script",
    [
        "APP_IMAGE=acme/app:1\ndocker push $APP_IMAGE",
        "if [ $APP_IMAGE = acme/app:1 ]; then exit; fi",
    ],
)
@pytest.mark.parametrize("image", ["acme/app:1", "acme/other:1"])
def test_what_a_script_pushes_or_compares_is_no_suspect(script: str, image: str) -> None:
    assert statuses(script, image) == []


@pytest.mark.parametrize(
    ("value", "is_declarable"),
    [("--app-image=acme/app:1", True), ("run --app-image=acme/app:1", False), ("--app-image acme/app:1", False)],
)
def test_a_row_is_proposed_where_it_would_declare_the_suspect(value: str, *, is_declarable: bool) -> None:
    [site] = rewrite(f"args: ['{value}']\n".encode(), SETTINGS).sites
    assert site.status is Status.SUSPECTED
    assert bool(row(site)) == is_declarable
