"""Texts that ship with the package, and the values that are put into them."""

from collections.abc import Mapping

from kubectl_tcr.text.tables import shipped


def template(name: str) -> str:
    """The text of a template in templates/."""
    return shipped(f"templates/{name}", __file__)


def filled(text: str, values: Mapping[str, str]) -> str:
    """A template with the value of each name in place of `@NAME@`; the line that it stands on ends as it did."""
    for name, value in values.items():
        text = text.replace(f"@{name}@", value.rstrip("\n"))
    return text
