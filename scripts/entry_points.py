"""The executables of pyproject.toml's [project.scripts], for what is built of them."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Where all functions are: what it loads is ready for an interrupt from its first line on.
MODULE = "kubectl_tcr.cli.main"


def executables() -> dict[str, str]:
    """The function of MODULE for each executable."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        scripts: dict[str, str] = tomllib.load(file)["project"]["scripts"]
    return {name: place.removeprefix(f"{MODULE}:") for name, place in sorted(scripts.items())}
