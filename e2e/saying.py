"""Prints what the installed build makes of every fixture and of some mutants, a line each: saying.py MUTANTS.

The first line is the file of the pipeline. Each stream is read twice: as it is, and with every document parsed and long
ones in pieces.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Behind what is installed: beside the tests lie the sources of the package too.
sys.path.append(str(ROOT))

from fuzz.mutants import mutant  # noqa: E402
from kubectl_tcr import InputError, Rewriter, pipeline  # noqa: E402
from tests.conftest import NINE  # noqa: E402

SEED = 20
LONG = 300


def sources(mutants: int) -> Iterator[bytes]:
    yield from (path.read_bytes() for path in sorted((ROOT / "fixtures").rglob("*")) if path.is_file())
    yield from (mutant(SEED, number).source for number in range(mutants))


def said(rewriter: Rewriter, source: bytes) -> bytes:
    """What a rewriter makes of a stream, or why it makes nothing of it."""
    try:
        done = repr(rewriter.rewrite(source))
    except InputError as error:
        done = str(error)
    return done.encode("unicode_escape")


def main() -> None:
    rewriters = (Rewriter(NINE), Rewriter(NINE, validate=True, longest=LONG))
    sys.stdout.write(f"{pipeline.__file__}\n")
    for source in sources(int(sys.argv[1])):
        for rewriter in rewriters:
            sys.stdout.write(said(rewriter, source).decode() + "\n")


if __name__ == "__main__":
    main()
