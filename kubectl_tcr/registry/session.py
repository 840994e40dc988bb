"""The work of the event loop: all questions at once, as far as the pace of each server lets them."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

from kubectl_tcr.registry.access import Access
from kubectl_tcr.registry.inquiry import Inquirer
from kubectl_tcr.registry.question import Answer, Question, Settings
from kubectl_tcr.registry.transport import Transport

# A question and its answer, or a warning.
Item: TypeAlias = tuple[Question, Answer] | str
Emit: TypeAlias = Callable[[Item], None]


def of(questions: tuple[Question, ...], settings: Settings) -> Callable[[Emit], Coroutine[Any, Any, None]]:
    """The work that emits the answers to questions, and warnings."""

    async def work(emit: Emit) -> None:
        async with Transport(settings) as transport:
            inquirer = Inquirer(Access(transport, settings, emit), settings)

            async def one(question: Question) -> None:
                emit((question, await inquirer.answer(question)))

            async with asyncio.TaskGroup() as group:
                for question in questions:
                    group.create_task(one(question))

    return work
