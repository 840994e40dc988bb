"""The two standard streams of a run."""

from typing import IO, NamedTuple

from kubectl_tcr.errors import MessageError
from kubectl_tcr.text.printable import printable


class Console(NamedTuple):
    """The two standard streams of a program: bytes for manifests, lines for everything else."""

    out: IO[bytes]
    err: IO[str]
    program: str = "tcr-rewrite"

    def say(self, text: str) -> None:
        """Tell something in the program's name."""
        self.tell(f"{self.program}: {text}")

    def tell(self, text: str) -> None:
        """Write a text as one line to standard error, whatever it holds."""
        self.put(printable(text))

    def put(self, line: str) -> None:
        """Write a line that is safe to show already, such as a command to a CI runner.

        Raises MessageError.
        """
        try:
            self.err.write(f"{line}\n")
        except BrokenPipeError:
            raise
        except OSError as error:
            raise MessageError(f"cannot write to standard error: {error.strerror}") from None
