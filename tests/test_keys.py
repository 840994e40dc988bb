"""What names say: the rows of keys.txt."""

import pytest

from kubectl_tcr.kubernetes import keys
from kubectl_tcr.kubernetes.roles import Role
from kubectl_tcr.text.document import Path


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
        if row.how == "key":
            paths: list[Path] = [("spec", owner, 0, name) for owner in row.owners] or [
                ("spec", name),
                ("spec", name, 0),
            ]
            assert {keys.of_path(path) for path in paths} == {row.role}
        elif row.how == "parameter":
            assert keys.of_parameter(f"the-{name}-image") is row.role
        elif row.how == "setting":
            assert keys.of_setting("--my-" + name.replace(" ", "-")) is row.role
        else:
            assert keys.of_name(f"my_{name}".replace(" ", "_").upper()) is row.role


@pytest.mark.parametrize(
    "line", ["image | end", "image | ends | image", "no role | end | image", "name | key above a | b"]
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
