"""Registries asked for the images of a list."""

from collections.abc import Callable, Iterable

from kubectl_tcr.images.reference import GrammarError, parse
from kubectl_tcr.inventory.image import Image, Standing, canonical
from kubectl_tcr.registry.asking import ask
from kubectl_tcr.registry.question import Answer, Outcome, Question, Settings

# What is pulled from a mirror; whether a registry that the user trusts serves is not ours to ask.
_ON_MIRRORS = (Standing.MAPPED, Standing.MIRRORED)
_UNASKABLE = Answer(Outcome.BROKEN, "was not asked: a placeholder in the reference is filled in later")


class Asker:
    """Asks the mirrors of images, and with `is_source_asked` the registries of the references as written."""

    def __init__(self, images: Iterable[Image], *, is_source_asked: bool) -> None:
        self._images = tuple(images)
        self._is_source_asked = is_source_asked
        texts = (text for image in self._images for text in (self._mirror(image), self._source(image)) if text)
        self._by_text = {text: question(text) for text in texts}

    def questions(self) -> tuple[Question, ...]:
        """Each question once, in the order of the images."""
        return tuple(dict.fromkeys(filter(None, self._by_text.values())))

    def answered(
        self, settings: Settings, told: Callable[[Question, Answer], None], warn: Callable[[str], None]
    ) -> tuple[Image, ...]:
        """The images with their answers; each answer is told as it comes, and what is wrong with credentials."""
        answers = ask(self.questions(), settings, told, warn)
        return tuple(self._with(image, answers) for image in self._images)

    def _with(self, image: Image, answers: dict[Question, Answer]) -> Image:
        mirror, source = (self._answer(text, answers) for text in (self._mirror(image), self._source(image)))
        return image._replace(mirror=mirror, source=source)

    def _mirror(self, image: Image) -> str:
        return image.pulled if image.standing in _ON_MIRRORS and not image.is_tag_elsewhere else ""

    def _source(self, image: Image) -> str:
        """The reference whose registry is the source; what stands on a mirror has none that is known."""
        is_asked = self._is_source_asked and image.standing in (Standing.MAPPED, Standing.UNMAPPED)
        return image.reference if is_asked and not image.is_tag_elsewhere else ""

    def _answer(self, text: str, answers: dict[Question, Answer]) -> Answer | None:
        """The answer for a reference, None where there was nothing to ask."""
        if not text:
            return None
        found = self._by_text[text]
        return answers[found] if found else _UNASKABLE


def question(text: str) -> Question | None:
    """What to ask for a reference; None where a placeholder is filled in later."""
    try:
        found = parse(canonical(text))
    except GrammarError:
        return None
    return Question(found.domain, found.path, found.tag, found.digest)
