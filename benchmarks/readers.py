"""Which reader takes how much of a stream: documents with a trigger, and their bytes.

python benchmarks/readers.py FILE
"""

import sys
from pathlib import Path
from typing import NamedTuple

from kubectl_tcr import Settings
from kubectl_tcr.find.search import Finder
from kubectl_tcr.find.trigger import Trigger
from kubectl_tcr.readers import block
from kubectl_tcr.text import stream


class Share(NamedTuple):
    """A part of a stream: documents and their bytes."""

    documents: int = 0
    size: int = 0

    def plus(self, body: bytes) -> "Share":
        """This share with one more document."""
        return Share(self.documents + 1, self.size + len(body))

    def of(self, whole: "Share") -> str:
        """How much of a whole it is, in percent."""
        if not whole.documents:
            return "none of 0 documents"
        return (
            f"{self.documents / whole.documents:.1%} of {whole.documents:,} documents, "
            f"{self.size / whole.size:.1%} of {whole.size / 1e6:,.1f} MB"
        )


def shares(source: bytes, settings: Settings) -> tuple[Share, Share, Share]:
    """All documents of a stream that are not blank, those that are read at all, and those the block reader takes.

    JSON has a reader of its own and is left out.
    """
    trigger, finder = Trigger(settings), Finder(settings)
    every = read = taken = Share()
    for document in stream.split(stream.decode([source], "stream")[1], "stream"):
        body = document.body
        if document.is_json or body.lstrip()[:1] in (b"", b"{"):
            continue
        every = every.plus(body)
        if trigger.fires(body):
            read = read.plus(body)
            text = body.decode().removeprefix("\ufeff")
            if block.read(text, finder.interest(text)) is not None:
                taken = taken.plus(body)
    return every, read, taken


def main(words: list[str]) -> int:
    """Print the shares in a line."""
    if len(words) != 1:
        print("error: usage: readers.py FILE", file=sys.stderr)
        return 2
    every, read, taken = shares(Path(words[0]).read_bytes(), Settings())
    print(f"block reader: {taken.of(read)} of YAML with a trigger ({read.of(every)})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
