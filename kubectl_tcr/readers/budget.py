"""How long the paths of a document may be, all in all.

Every scalar that matters has its path. Where documents nest a thousand levels deep, with an image on each, the
paths grow with the square of the text; manifests have a fraction of a part of a path for each character.
"""

from kubectl_tcr.errors import ReadError
from kubectl_tcr.text.document import Path

_FREE = 100_000
FOR_A_CHARACTER = 8


class Budget:
    """What is left of the parts that all paths of a text may have."""

    __slots__ = ("_left",)

    def __init__(self, text: str) -> None:
        self._left = _FREE + FOR_A_CHARACTER * len(text)

    def spend(self, path: Path, offset: int) -> None:
        """Take a path in; raises ReadError where all together are too long."""
        self._left -= len(path)
        if self._left < 0:
            what = f"too much stands too deep ({len(path)} levels here); nest it less deep, or leave this document out"
            raise ReadError(what, offset)
