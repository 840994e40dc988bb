"""The signals that end a run: a terminal's interrupt and hang-up, and what `kill` and supervisors send.

A run that gets one takes its temporary files away and ends with the status that a shell reports for it. What must not
be broken off (the copy of whole output to standard output) is done first. Loads next to nothing.
"""

import _signal  # the builtin half of the module signal, which takes time to load
import os
import sys

TYPE_CHECKING = False  # see kubectl_tcr/__init__.py
if TYPE_CHECKING:
    from types import FrameType

# Windows has no SIGHUP.
NUMBERS = tuple(getattr(_signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(_signal, name))
# Longer than a callback of the interpreter's own takes, in seconds.
_MOMENT = 0.001


class Ended(KeyboardInterrupt):
    """A signal that ends the run, as an interrupt does; `status` is the exit status that says so."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
        self.status = 128 + number


def heeded() -> tuple[int, ...]:
    """The signals that end this process: `nohup` has one ignored, and shells what they run in the background others."""
    return tuple(number for number in NUMBERS if _signal.getsignal(number) is not _signal.SIG_IGN)


def end_at_once(numbers: tuple[int, ...]) -> None:
    """Let signals end the process where it stands: there is nothing to take away."""
    for number in numbers:
        _signal.signal(number, _exit)


def end_in_order(numbers: tuple[int, ...]) -> None:
    """Let signals raise `Ended` in the main thread, so that what is begun is taken back."""
    sys.unraisablehook = _once_more
    for number in numbers:
        _signal.signal(number, _raise)


def settle() -> None:
    """Raise `Ended` if a signal has come: what it met may have made another error of it, or nothing at all."""
    if _State.came:
        raise Ended(_State.came) from None


def _exit(number: int, _frame: "FrameType | None") -> None:
    os._exit(128 + number)


def _raise(number: int, _frame: "FrameType | None") -> None:
    # Somebody who interrupts twice does not want to wait for whoever reads the output.
    is_asked_again = number == _State.waiting == _signal.SIGINT
    if _State.depth and not is_asked_again:
        _State.waiting = _State.waiting or number
        return
    _State.came = number
    raise Ended(number)


def _once_more(lost: "sys.UnraisableHookArgs") -> None:
    """Have a signal its effect a moment later where it fell into a callback, out of which Python lets nothing."""
    if not isinstance(lost.exc_value, Ended) or sys.platform == "win32":
        sys.__unraisablehook__(lost)
        return
    number = lost.exc_value.number
    _signal.signal(_signal.SIGALRM, lambda _, frame: _signal.getsignal(number)(number, frame))
    _signal.setitimer(_signal.ITIMER_REAL, _MOMENT)


class _State:
    """Signals wait while `depth` is not 0, `waiting` is the first of them; `came` is the one that was raised."""

    depth = 0
    waiting = 0
    came = 0


class Held:
    """What stands below `with Held():` is not broken off by a signal: it has its effect behind it."""

    def __enter__(self) -> None:
        _State.depth += 1

    def __exit__(self, kind: object, *_: object) -> None:
        _State.depth -= 1
        number = 0 if _State.depth else _State.waiting
        if number:
            _State.waiting = 0
            if kind is None:  # otherwise that ends the run
                raise Ended(number)
