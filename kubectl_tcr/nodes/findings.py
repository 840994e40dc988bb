"""What `check` found of a runtime: its files, what its mirrors answered, and what it pulled; as lines and as JSON.

The shape of the JSON is `schemas/check.schema.json`.
"""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

import kubectl_tcr
from kubectl_tcr.nodes.report import DISPROVED, PROVED, UNKNOWN, Asked, Problem, Proof, Report

VERSION = 1
# What stands between a problem and the command that mends it.
_NEXT = "; next: "


class Answer(NamedTuple):
    """What a mirror answered: the name of the outcome, whether nothing speaks against it, and in words."""

    mirror: str
    outcome: str
    is_good: bool
    words: str


class Trial(NamedTuple):
    """An image that a runtime was to pull from a mirror alone, and whether it did."""

    image: str
    mirror: str
    proof: Proof


class Findings(NamedTuple):
    """All that was found of a runtime by its name; `unasked` where no mirror of it is for the image that was named."""

    name: str
    report: Report
    answers: tuple[Answer, ...] = ()
    trial: Trial | None = None
    unasked: Problem | None = None

    @property
    def seen(self) -> list[str]:
        """What speaks for it, a line each."""
        lines = [f"{answer.mirror}: {answer.words}" for answer in self.answers if answer.is_good]
        if self.trial and self.trial.proof.answer == PROVED:
            lines.append(f"proved: {self.trial.image} came from {self.trial.mirror} alone")
        if self.trial and self.trial.proof.answer == UNKNOWN:
            lines.append(f"not proved: {self.trial.proof.why}")
        return lines

    @property
    def problems(self) -> list[Problem]:
        """All that is wrong."""
        found = [*self.report.problems, *([self.unasked] if self.unasked else [])]
        found += [Problem(answer.mirror, answer.words) for answer in self.answers if not answer.is_good]
        if self.trial and self.trial.proof.answer == DISPROVED:
            what = f"does not pull {self.trial.image} from {self.trial.mirror}: {self.trial.proof.why}"
            found.append(Problem(self.name, what))
        return found


def as_json(root: str, found: Iterable[Findings]) -> str:
    """What was found of each runtime of a node, with a line feed at its end."""
    shown = {
        "version": VERSION,
        "tool": kubectl_tcr.__version__,
        "root": root,
        "runtimes": [_runtime(one) for one in found],
    }
    return json.dumps(shown, indent=2, ensure_ascii=True) + "\n"


def _runtime(found: Findings) -> dict[str, Any]:
    report = found.report
    shown: dict[str, Any] = {"name": found.name}
    shown |= {key: text for key, text in (("release", report.release), ("style", report.style)) if text}
    if report.is_restart_pending is not None:
        shown["restartPending"] = report.is_restart_pending
    shown["hosts"] = [_host(row) for row in report.asked]
    shown["problems"] = [_problem(one) for one in found.problems]
    if found.answers:
        shown["answers"] = [_answer(one) for one in found.answers]
    if found.trial:
        proof = found.trial.proof
        why = {"details": proof.why} if proof.why else {}
        shown["proof"] = {"image": found.trial.image, "mirror": found.trial.mirror, "outcome": proof.answer} | why
    return shown


def _host(row: Asked) -> dict[str, Any]:
    return {"host": row.source, "mirrors": list(row.mirrors), "fallback": row.asks_source, "file": row.file}


def _problem(problem: Problem) -> dict[str, str]:
    text, _, command = problem.what.partition(_NEXT)
    return {"where": problem.file, "text": text} | ({"next": command} if command else {})


def _answer(answer: Answer) -> dict[str, str]:
    return {"mirror": answer.mirror, "outcome": answer.outcome, "details": answer.words}
