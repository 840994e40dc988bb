"""A bar that moves while registries are asked, on terminals only."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

# Fewer questions than this are answered before a bar is read.
_FEW = 20


@contextmanager
def shown(total: int, err: IO[str]) -> Iterator[Callable[[object, object], None]]:
    """Show how many of some questions are answered; what is yielded is told of each answer."""
    if total < _FEW or not err.isatty():
        yield lambda _question, _answer: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("asking registries"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(file=err), transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda _question, _answer: progress.advance(task)
