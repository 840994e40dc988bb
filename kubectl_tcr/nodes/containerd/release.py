"""Releases of containerd, and what each of them does with its registry settings.

From containerd's sources (`internal/cri/config`, `plugins/cri/images`, `core/transfer/registry`,
RELEASES.md) and from pulls on real ones: docs/nodes.md has the table.
"""

import re
from typing import NamedTuple

from kubectl_tcr.errors import NodeError

# The first release that reads a version of config.toml (RELEASES.md, Daemon Configuration).
FIRST_TO_READ = {1: (1, 0), 2: (1, 3), 3: (2, 0), 4: (2, 3)}

_NUMBERS = re.compile(r"(?<![\d.])v?(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?(?!\d)")
_UNKNOWN = -1


class Release(NamedTuple):
    """The three numbers of a release; the last is below 0 where it is not known, so that it sorts first."""

    major: int
    minor: int
    patch: int = _UNKNOWN

    def __str__(self) -> str:
        """As people write it.

        >>> str(Release(2, 2, 1)), str(Release(1, 6))
        ('2.2.1', '1.6')
        """
        return ".".join(str(number) for number in self if number != _UNKNOWN)

    @property
    def reads_hosts_files(self) -> bool:
        """Whether its CRI plugin knows `config_path`."""
        return self >= (1, 5)

    @property
    def reads_mirrors(self) -> bool:
        """Whether its CRI plugin loads with a table of mirrors: not where a default `config_path` is set beside it."""
        return not (2, 2) <= self < (2, 2, 2)

    @property
    def reads_version_1(self) -> bool:
        """Whether it reads the CRI plugin's settings in a config.toml of version 1."""
        return self < (2,) or self >= (2, 3)

    @property
    def defaults_to_list(self) -> bool:
        """Whether two folders are the default of `config_path`."""
        return self >= (2, 2)

    @property
    def takes_list_as_folder(self) -> bool:
        """Whether a list in `config_path` is one folder to its transfer service, which pulls unless told otherwise."""
        return self >= (2, 1)

    @property
    def reads_relative_globs(self) -> bool:
        """Whether a relative pattern in `imports` is looked for beside the file, not where containerd started."""
        return self >= (1, 7)

    @property
    def counts_last_version(self) -> bool:
        """Whether the version of the last file holds for what all of them say, once it is put together."""
        return (2,) <= self < (2, 3)

    @property
    def replaces_by_imports(self) -> bool:
        """Whether an imported file takes the place of a plugin's settings as a whole, and is not merged into them."""
        return self < (2,)


def release(text: str) -> Release:
    """The numbers in a version such as `1.6.20~ds1` or a line of `containerd --version`; raises NodeError.

    >>> release("containerd github.com/containerd/containerd v1.6.9-tke.8 1c90a44")
    Release(major=1, minor=6, patch=9)
    """
    found = _NUMBERS.search(text)
    if not found:
        raise NodeError(f'"{text}" is no version of containerd, such as 1.6 or 2.2.1')
    patch = _UNKNOWN if found[3] is None else int(found[3])
    return Release(int(found[1]), int(found[2]), patch)
