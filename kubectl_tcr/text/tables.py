"""Declared data: tables of rows, as text files beside the modules that read them."""

import os.path


def rows(name: str, module: str) -> list[str]:
    """The lines of a table beside a module, without comments and blank ones."""
    # The loader reads from a zip as well; importlib.resources takes longer to load than all tables together.
    path = os.path.join(os.path.dirname(module), name)  # noqa: PTH118, PTH120 see run/sources.py
    text: bytes = __loader__.get_data(path)  # type: ignore[name-defined]
    return [line for line in text.decode().splitlines() if line.strip() and not line.startswith("#")]
