"""Many questions to many registries at once."""

from collections.abc import Callable, Iterable

from kubectl_tcr.registry import platforms
from kubectl_tcr.registry.question import Answer, Outcome, Question, Settings

OnAnswer = Callable[[Question, Answer], None]


def ask(
    questions: Iterable[Question],
    settings: Settings,
    on_answer: OnAnswer = lambda _question, _answer: None,
    warn: Callable[[str], None] = lambda _problem: None,
) -> dict[Question, Answer]:
    """The answer to each distinct question, in their order.

    `on_answer` hears each as it comes, `warn` what keeps a credential from being used; both are called in the thread
    that asks, which a signal interrupts at any moment. Raises RegistryError where the settings cannot be used.
    """
    for text in settings.platforms:
        platforms.parse(text)
    open_questions = dict.fromkeys(questions)
    answers: dict[Question, Answer] = {}
    if not open_questions:
        return answers

    def answered(question: Question, answer: Answer) -> None:
        answers[question] = answer
        on_answer(question, answer)

    from contextlib import closing

    from kubectl_tcr.registry import running, session

    work = session.of(tuple(open_questions), settings)
    try:
        with closing(running.emitted(work, settings.patience_for_all)) as items:
            for item in items:
                if isinstance(item, str):
                    warn(item)
                else:
                    answered(*item)
    except TimeoutError:
        words = f"was not asked in time: all questions together have {settings.patience_for_all:g} seconds"
        for question in open_questions:
            if question not in answers:
                answered(question, Answer(Outcome.UNREACHABLE, words))
    return {question: answers[question] for question in open_questions}
