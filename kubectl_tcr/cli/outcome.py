"""How every command ends: its exit status, and one line on standard error where it could not be done."""

import os
import sys
from collections.abc import Callable
from typing import IO

from kubectl_tcr.errors import MessageError, OutputError, TcrError, UsageError
from kubectl_tcr.signals import Ended
from kubectl_tcr.statuses import BROKEN_PIPE, FAILED, INTERRUPTED
from kubectl_tcr.text.printable import printable

# Set to anything, it shows where an error of the program itself comes from.
DEBUG_VARIABLE = "KUBECTL_TCR_DEBUG"


def status_of(command: Callable[[], int], program: str) -> int:
    """Run a command of a program; its exit status, whatever it raises."""
    try:
        status = command()
        if sys.stdout is not None:
            sys.stdout.flush()
    except Ended as ended:
        status = ended.status
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BrokenPipeError:
        abandon(sys.stdout)
        status = BROKEN_PIPE
    except MessageError:
        status = FAILED
    except TcrError as error:
        hint = f"; see {program} -h" if isinstance(error, UsageError) else ""
        status = told(error, printable(f"error: {error}{hint}"))
    except OSError as error:  # --help to a full disk
        abandon(sys.stdout)
        status = failed(f"error: {error.filename or 'cannot write the output'}: {error.strerror}")
    except MemoryError:
        status = failed("error: there is not enough memory; pass less at a time")
    except Exception as error:  # noqa: BLE001 a user is told what to do, not shown a traceback
        status = _broken(error)
    return _settled(status)


def told(error: TcrError, line: str) -> int:
    """Tell of an error by a line that is safe to show; the status that says so."""
    if isinstance(error, OutputError):
        abandon(sys.stdout)
    say(line)
    return FAILED


def failed(text: str) -> int:
    """Tell why it could not be done; the status that says so."""
    say(printable(text))
    return FAILED


def say(line: str) -> None:
    """Write a line that is safe to show to standard error; where that is closed or full, nobody is told."""
    if sys.stderr is not None:
        try:
            sys.stderr.write(f"{line}\n")
        except OSError:
            abandon(sys.stderr)


def abandon(stream: IO[str] | None) -> None:
    """Keep the interpreter from flushing what cannot be written once more."""
    if stream is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _broken(error: Exception) -> int:
    """Tell of an error of the program itself."""
    if os.environ.get(DEBUG_VARIABLE):
        import traceback

        traceback.print_exception(error)
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    return failed(f"error: {what}; this is a bug of kubectl-tcr, {DEBUG_VARIABLE}=1 shows where, please report it")


def _settled(status: int) -> int:
    """The status, once standard error has taken all that was said."""
    try:
        if sys.stderr is not None:
            sys.stderr.flush()
    except OSError:
        abandon(sys.stderr)
        return status or FAILED
    return status
