"""How every command ends: its exit status, and one line on standard error where it could not be done."""

import os
import sys
from collections.abc import Callable
from typing import IO

from kubectl_tcr.errors import MessageError, OutputError, TcrError, UsageError
from kubectl_tcr.signals import Ended
from kubectl_tcr.statuses import BROKEN_PIPE, FAILED, INTERRUPTED
from kubectl_tcr.text.printable import graded

# Set to anything, it shows where an error of the program itself comes from.
DEBUG_VARIABLE = "KUBECTL_TCR_DEBUG"
_choice = "auto"


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
        status = told(error, error_line(f"{error}{hint}", program))
    except OSError as error:  # --help to a full disk
        abandon(sys.stdout)
        status = failed(f"{error.filename or 'cannot write the output'}: {error.strerror}", program)
    except MemoryError:
        status = failed("there is not enough memory; pass less at a time", program)
    except Exception as error:  # noqa: BLE001 a user is told what to do, not shown a traceback
        status = _broken(error, program)
    return _settled(status)


def told(error: TcrError, line: str) -> int:
    """Tell of an error by a line that is safe to show; the status that says so."""
    if isinstance(error, OutputError):
        abandon(sys.stdout)
    say(line)
    return FAILED


def failed(text: str, program: str) -> int:
    """Tell why a program could not do it; the status that says so."""
    say(error_line(text, program))
    return FAILED


def error_line(text: str, program: str) -> str:
    """The line by which a program tells an error, safe to show."""
    return graded(program.removeprefix("kubectl "), "error", text, is_colored=is_colored())


def is_colored() -> bool:
    """Whether what is told on standard error is coloured, as a diff is on standard output."""
    return wants_color(_choice, sys.stderr)


def wants_color(choice: str, stream: IO[str] | None) -> bool:
    """Whether to colour a stream by the choice of `--color` (NO_COLOR: no-color.org)."""
    is_terminal = stream is not None and stream.isatty()
    return choice == "always" or (choice == "auto" and not os.environ.get("NO_COLOR") and is_terminal)


def choose_color(choice: str) -> None:
    """Tell errors and warnings as `--color` says from here on."""
    global _choice  # noqa: PLW0603 whatever ends the run is told by it
    _choice = choice


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


def _broken(error: Exception, program: str) -> int:
    """Tell of an error of the program itself."""
    if os.environ.get(DEBUG_VARIABLE):
        import traceback

        traceback.print_exception(error)
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    return failed(f"{what}; this is a bug of kubectl-tcr, {DEBUG_VARIABLE}=1 shows where, please report it", program)


def _settled(status: int) -> int:
    """The status, once standard error has taken all that was said."""
    try:
        if sys.stderr is not None:
            sys.stderr.flush()
    except OSError:
        abandon(sys.stderr)
        return status or FAILED
    return status
