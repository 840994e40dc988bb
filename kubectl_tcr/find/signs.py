"""What a document is asked by a search of its text, before and beside what its readers see.

What is looked for in a document that is read piece by piece depends on words that may stand in any other piece. So the
words of all pieces are gathered first; each is within one piece, as pieces are cut between lines or items.
"""

from collections.abc import Iterable
from typing import NamedTuple

from kubectl_tcr.find import defaults, patches, splits, suspects, values
from kubectl_tcr.kubernetes.exclusions import DEFINITION

_DEFAULT = "default"
_OPERATION = "op"
_POINTER = "/image"
_MERGE = "<<"
_SPLIT = ("registry", "repo", "\\")
_WORDS = (DEFINITION, _DEFAULT, _OPERATION, _POINTER, _MERGE, *_SPLIT)


class Signs(NamedTuple):
    """What the text of a whole document says.

    Whether it may hold JSON patches, defaults of definitions, names of variables and flags that say image, split
    references and merge keys; the first of the groups it names whose conditions are read everywhere, empty for none.
    `names_registry` is what `values.name_a_registry` says, None where nobody asked; `text_at` where a piece of a longer
    string stands that is known to hold no document, -1 for nowhere.
    """

    has_patches: bool
    has_defaults: bool
    has_names: bool
    may_split: bool
    may_merge: bool
    group: str = ""
    names_registry: bool | None = None
    text_at: int = -1

    @property
    def is_wide(self) -> bool:
        """Whether values and arguments matter of which nothing else is known."""
        return self.has_patches or self.has_names


def of_text(text: str, groups: Iterable[str]) -> Signs:
    """The signs of a document; `groups` are those to look for."""
    group = ""
    for one in groups:
        if one in text:
            group = one
            break
    return Signs(
        patches.may_hold(text),
        defaults.may_hold(text),
        suspects.may_hold(text),
        splits.may_hold(text),
        "<" in text and _MERGE in text,  # a single character is looked for in a tenth of the time
        group,
    )


class Gathered(NamedTuple):
    """What pieces say of the whole: the words they hold, and answers of which one that is yes is enough."""

    words: frozenset[str] = frozenset()
    has_pointer: bool = False
    has_names: bool = False
    names_registry: bool = False

    def joined(self, other: "Gathered") -> "Gathered":
        """What both say."""
        return Gathered(
            self.words | other.words,
            self.has_pointer or other.has_pointer,
            self.has_names or other.has_names,
            self.names_registry or other.names_registry,
        )

    def signs(self, groups: Iterable[str]) -> Signs:
        """What `of_text` says of the whole."""
        words = self.words
        return Signs(
            _POINTER in words and _OPERATION in words and self.has_pointer,
            DEFINITION in words and _DEFAULT in words,
            self.has_names,
            not words.isdisjoint(_SPLIT),
            _MERGE in words,
            next((group for group in groups if group in words), ""),
            self.names_registry,
        )


def of_piece(text: str, groups: Iterable[str]) -> Gathered:
    """What a piece says; `groups` are further words that count."""
    words = frozenset(word for word in (*_WORDS, *groups) if word in text)
    has_pointer = _POINTER in words and patches.points_at_image(text)
    return Gathered(words, has_pointer, suspects.may_hold(text), values.name_a_registry(text))
