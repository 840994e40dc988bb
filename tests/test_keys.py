"""What names say: the rows of keys.txt."""

import pytest

from kubectl_tcr import Status, rewrite
from kubectl_tcr.kubernetes import keys
from kubectl_tcr.kubernetes.roles import Role
from kubectl_tcr.text.document import Path
from tests.conftest import NINE

DIGEST = "@sha256:" + "0" * 64


@pytest.mark.parametrize("name", ["github", "imagery", "hubble", "outlet", "sidecar", ""])
def test_a_name_that_says_nothing(name: str) -> None:
    assert keys.of_name(name) is keys.of_setting(name) is keys.of_parameter(name) is None


@pytest.mark.parametrize(
    "path", [(), (0,), ("key",), ("output", "other"), ("image", "repo"), ("proxyImages", 0, "repo")]
)
def test_a_path_that_says_nothing(path: Path) -> None:
    assert keys.of_path(path) is None


@pytest.mark.parametrize("row", keys.ROWS, ids=lambda row: f"{row.role} {row.how} {row.names[0]}")
def test_every_row_says_its_role(row: keys.Row) -> None:
    for name in row.names:
        if row.how in ("key", "always"):
            paths: list[Path] = [("spec", owner, 0, name) for owner in row.owners] or [
                ("spec", name),
                ("spec", name, 0),
            ]
            assert {keys.of_path(path) for path in paths} == {row.role}
        elif row.how == "line":
            assert {keys.of_line(name, section) for section in row.owners or ("", "any")} == {row.role}
        elif row.how == "parameter":
            assert keys.of_parameter(f"the-{name}-image") is row.role
        elif row.how == "setting":
            assert keys.of_setting("--my-" + name.replace(" ", "-")) is row.role
        elif row.how == "begin":
            assert keys.of_name(f"{name}_x".replace(" ", "_").upper()) is row.role
        else:
            assert keys.of_name(f"my_{name}".replace(" ", "_").upper()) is row.role


@pytest.mark.parametrize(
    "line",
    [
        "match | line above a | b",
        "image | end",
        "image | ends | image",
        "no role | end | image",
        "name | key above a | b",
    ],
)
def test_a_row_of_another_form_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"values to unpack|no way to compare|is not a valid Role"):
        list(keys.parse_rows([line]))


def test_no_name_has_two_roles() -> None:
    said = [(row.how, row.owners, name) for row in keys.ROWS for name in row.names]
    assert len(said) == len(set(said))
    assert {row.role for row in keys.ROWS} >= {
        Role.IMAGE,
        Role.PREFIX,
        Role.TARGET,
        Role.ADDRESS,
        Role.NAME,
        Role.PROSE,
    }


# Values with a tag: X is where it stands. A name says the same of a key, a variable, a flag and a line of settings.
STAY = {
    "outputImage: X": Role.TARGET,
    "data: {OUTPUT_IMAGE: 'X'}": Role.TARGET,
    "image-output: X": Role.TARGET,
    "push-to: X": Role.TARGET,
    "env: [{name: DESTINATION_IMAGE, value: 'X'}]": Role.TARGET,
    "env: [{name: DEST_IMAGE, value: 'X'}]": Role.TARGET,
    "args: [--output-image, 'X']": Role.TARGET,
    "args: [--output-image=X]": Role.TARGET,
    "data: {x: OUTPUT_IMAGE=X}": Role.TARGET,
    "data:\n  x: |\n    output_image = X\n": Role.TARGET,
    "data:\n  x: |\n    Output = X\n": Role.TARGET,
    "params: [{name: target-image, value: 'X'}]": Role.TARGET,
    "output: {image: 'X'}": Role.TARGET,
    "data: {storage.oci.repository: 'X'}": Role.TARGET,
    "rules: [{expr: 'count(x{image=\"X\"})'}]": Role.MATCH,
    "policy: [{pattern: 'X'}]": Role.MATCH,
    'data: {p.json: \'{"signedIdentity": {"dockerReference": "X"}}\'}': Role.MATCH,
    'data: {p.json: \'{"signedIdentity": {"signedPrefix": "X"}}\'}': Role.MATCH,
    'data:\n  x: |\n    [[registry]]\n    prefix = "X"\n': Role.MATCH,
    'data:\n  x: |\n    [a]\n    [[registry]]\n    insecure = true\n    location = "X"\n': Role.MATCH,
    "data: {x: 'pkg:oci/web?repository_url=X'}": Role.ADDRESS,
}
MOVE = [
    "env: [{name: FLUENT_OUTPUT_PLUGIN_IMAGE, value: 'X'}]",
    "data:\n  x: |\n    fluent_output_plugin_image = X\n",
    "env: [{name: TARGET_IMAGE, value: 'X'}]",
    "params: [{name: base-image, value: 'X'}]",
    'data:\n  x: |\n    [[registry]]\n    [[registry.mirror]]\n    location = "X"\n',
    'data:\n  x: |\n    [other]\n    location = "X"\n',
    "data: {x: 'pkg:oci/web run --image=X'}",
]


@pytest.mark.parametrize("text", STAY)
def test_what_a_name_says_holds_with_a_tag_too(text: str) -> None:
    [site] = rewrite(text.replace("X", "quay.io/a/b:1").encode(), NINE).sites
    assert (site.status, site.role) == (Status.LEFT, STAY[text])


@pytest.mark.parametrize("text", MOVE)
def test_a_name_that_only_resembles_them_moves(text: str) -> None:
    [site] = rewrite(text.replace("X", "quay.io/a/b:1").encode(), NINE).sites
    assert site.status is Status.REWRITTEN


@pytest.mark.parametrize("text", [text for text, role in STAY.items() if role is Role.TARGET])
def test_nobody_pushes_to_a_digest(text: str) -> None:
    [site] = rewrite(text.replace("X", f"quay.io/a/b{DIGEST}").encode(), NINE).sites
    assert site.status is Status.REWRITTEN
