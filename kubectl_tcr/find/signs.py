"""What a whole document is asked by a search of its text, told of one that is read piece by piece.

What is looked for in a piece depends on words that may stand in any other. So the words of all pieces are
gathered first; each is within one piece, as pieces are cut between lines or items.
"""

from collections.abc import Iterable
from typing import NamedTuple

from kubectl_tcr.find import patches, suspects, values
from kubectl_tcr.kubernetes.exclusions import DEFINITION

_DEFAULT = "default"
_OPERATION = "op"
_POINTER = "/image"
_MERGE = "<<"
_SPLIT = ("registry", "repo", "\\")
_WORDS = (DEFINITION, _DEFAULT, _OPERATION, _POINTER, _MERGE, *_SPLIT)


class Signs(NamedTuple):
    """The words that a text holds, whether one is a pointer to an image, and whether something is named after one.

    `names_registry` is what `values.name_a_registry` says. `text_at` is where a piece of a longer string stands that is
    known to hold no document, -1 for nowhere.
    """

    words: frozenset[str] = frozenset()
    has_pointer: bool = False
    has_names: bool = False
    names_registry: bool = False
    text_at: int = -1

    def joined(self, other: "Signs") -> "Signs":
        """The signs of two pieces."""
        has_pointer, has_names = self.has_pointer or other.has_pointer, self.has_names or other.has_names
        names_registry = self.names_registry or other.names_registry
        return Signs(self.words | other.words, has_pointer, has_names, names_registry, self.text_at)

    @property
    def has_defaults(self) -> bool:
        """What `defaults.may_hold` says of the whole."""
        return DEFINITION in self.words and _DEFAULT in self.words

    @property
    def has_patches(self) -> bool:
        """What `patches.may_hold` says of the whole."""
        return _POINTER in self.words and _OPERATION in self.words and self.has_pointer

    @property
    def is_wide(self) -> bool:
        """What `Finder.is_wide` says of the whole."""
        return self.has_patches or self.has_names

    @property
    def may_merge(self) -> bool:
        """Whether a merge key may be written."""
        return _MERGE in self.words

    @property
    def may_split(self) -> bool:
        """What `splits.may_hold` says of the whole."""
        return not self.words.isdisjoint(_SPLIT)


def of_piece(text: str, groups: Iterable[str]) -> Signs:
    """The signs of a piece; `groups` are further words that count."""
    words = frozenset(word for word in (*_WORDS, *groups) if word in text)
    has_pointer = _POINTER in words and patches.points_at_image(text)
    return Signs(words, has_pointer, suspects.may_hold(text), values.name_a_registry(text))
