"""That the file for the report takes the place of nothing that is read."""

import os
import stat
from collections.abc import Iterable

from kubectl_tcr.errors import UsageError
from kubectl_tcr.files import EXTENSIONS

# What kustomize may read of a directory; a report of JSON that an earlier run left there is more likely.
_BUILT_FROM = (".yaml", ".yml", "Kustomization")


def refuse_inputs(report: str, names: Iterable[str], directories: Iterable[str]) -> None:
    """Raise UsageError where a report would overwrite an input: a file by name, a manifest below one, standard input.

    `directories` hold kustomizations. A report that is not there yet overwrites nothing.
    """
    found = None if report == "-" else _file(report)
    if found is None:
        return
    for name in names:
        status = _status(name)
        if status and (os.path.samestat(status, found) or _is_below(report, name, EXTENSIONS)):
            raise _refused(report)
    if any(_is_below(report, name, _BUILT_FROM) for name in directories) or _is_standard_input(found):
        raise _refused(report)


def _refused(report: str) -> UsageError:
    return UsageError(f"--report {report} would overwrite an input; name another file")


def _file(name: str) -> os.stat_result | None:
    """The status of a regular file, None for anything else: a device takes what it is given."""
    status = _status(name)
    return status if status and stat.S_ISREG(status.st_mode) else None


def _status(name: str) -> os.stat_result | None:
    try:
        return os.stat(name)  # noqa: PTH116 pathlib takes time to load
    except (OSError, ValueError):  # a name with a NUL character
        return None


def _is_below(report: str, directory: str, endings: tuple[str, ...]) -> bool:
    """Whether a file with one of some endings lies below a directory, links followed."""
    inside = os.path.join(os.path.realpath(directory), "")  # noqa: PTH118 see above
    return report.endswith(endings) and os.path.realpath(report).startswith(inside)


def _is_standard_input(status: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.fstat(0), status)
    except OSError:  # it is closed
        return False
