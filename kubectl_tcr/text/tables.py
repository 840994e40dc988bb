"""Declared data: tables of rows and other texts, as files beside the modules that read them."""

import os.path


def shipped(name: str, module: str) -> str:
    """A text beside a module; a folder below it stands in front of the name, with a slash between."""
    # The loader reads from a zip as well; importlib.resources takes longer to load than all tables together.
    path = os.path.join(os.path.dirname(module), *name.split("/"))  # noqa: PTH118, PTH120 see run/sources.py
    text: bytes = __loader__.get_data(path)  # type: ignore[name-defined]
    return text.decode()


def rows(name: str, module: str) -> list[str]:
    """The lines of a table beside a module, without comments and blank ones."""
    return [line for line in shipped(name, module).splitlines() if line.strip() and not line.startswith("#")]
