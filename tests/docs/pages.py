"""What pages show."""

import re
from pathlib import Path

_SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def shell_blocks(page: Path) -> list[str]:
    """What a page shows as commands, a text for each block."""
    return _SHELL.findall(page.read_text(encoding="utf-8"))
