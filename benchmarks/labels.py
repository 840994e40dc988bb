"""The labels of a corpus, and what each asks of a rewriter that maps nine hosts.

The columns of `mentions.tsv` are named in README.md beside this file.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

HOSTS = (
    "docker.io",
    "gcr.io",
    "ghcr.io",
    "k8s.gcr.io",
    "mcr.microsoft.com",
    "nvcr.io",
    "public.ecr.aws",
    "quay.io",
    "registry.k8s.io",
)  # fmt: skip

# Docker Hub answers to more than one name.
HUB_ALIASES = ("docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com")

# Text in which a reference ends, as a class of characters.
_BREAKS = r"\s\"'`,;|<>()\[\]\\="
_SPELLED = re.compile(rf"(?<![\w.-])(?<!\w/)(?:{'|'.join(map(re.escape, HOSTS))})/[^{_BREAKS}]*")
WORD = re.compile(rf"[^{_BREAKS}]*".encode())


class Duty(IntEnum):
    """What a label asks for; an edit is held against the first that has room for it."""

    MUST = 1  # to be rewritten
    SHORT = 2  # to be rewritten: a short name, which stands for Docker Hub
    MAY = 3  # either way is fine


class Label(NamedTuple):
    """A row of the table, in the columns that matter here."""

    file: str
    line: int
    kind: str
    field: str
    category: str
    verdict: str
    host_class: str
    reference: str


class Mention(NamedTuple):
    """A repository that a label names, and what is asked for it."""

    name: str
    duty: Duty
    label: Label


_RECORDS = re.compile("last-applied-configuration")
_POD_FIELDS = {"a-podspec", "b-podspec-in-CR", "i-csv-deployment", "j-volume-image"}


def _is_never(label: Label) -> bool:
    """Whether an edit is wrong: no reference, or one that must match something else."""
    return (
        label.verdict in {"not-ref", "policy", "placeholder"}
        or label.category == "c-status"  # a record of the past, not a wish
        or _RECORDS.search(label.field) is not None
        or (label.category == "c-kustomize-name" and label.kind == "Kustomization")  # equals what it patches
        or (label.reference == "auto" and label.host_class == "implicit")  # Istio's placeholder
    )


def _is_pushed(label: Label) -> bool:
    """Whether the place names where an image goes, not where it comes from."""
    return (
        "push=true" in label.reference
        or label.field.endswith("newImage")
        or (label.kind == "CloudBuildTrigger" and label.field.endswith("images[]"))
        or re.search(r"spec\.output\b", label.field) is not None
    )


def _is_short(label: Label) -> bool:
    return label.verdict == "ref" and label.host_class == "implicit" and label.category in _POD_FIELDS


def _is_spelled(label: Label) -> bool:
    return label.verdict == "ref" and label.host_class == "host9" and not _is_pushed(label)


# The first that fits decides; None forbids.
_DUTIES: tuple[tuple[Callable[[Label], bool], Duty | None], ...] = (
    (_is_never, None),
    (_is_short, Duty.SHORT),
    (_is_spelled, Duty.MUST),
    (lambda _: True, Duty.MAY),
)


def duty(label: Label) -> Duty | None:
    """What is asked of a rewriter at a place, None where it must leave it alone."""
    return next(duty for fits, duty in _DUTIES if fits(label))


def plain_name(reference: str) -> str:
    """A reference without tag, digest, Docker Hub's names and `library/`, to compare with others."""
    name = re.split("[@:$]", reference.removeprefix("docker.io:"), maxsplit=1)[0].rstrip("/.")
    for alias in HUB_ALIASES:
        name = name.removeprefix(f"{alias}/")
    return name.removeprefix("library/")


def _named(label: Label) -> list[str]:
    """The repositories that the text of a label names: those with a host, else the text as a whole."""
    text = label.reference.replace(r"\n", "\n").replace(r"\t", "\t")
    return [plain_name(found) for found in _SPELLED.findall(text)] or [plain_name(text)]


def mentions(labels: Iterable[Label]) -> Iterator[Mention]:
    """What is asked for, in the order of the labels.

    A text with several references has a label for each of them, all alike: the first counts for all.
    """
    seen = set()
    for label in labels:
        asked = duty(label)
        names = _named(label)
        scalar = label.file, label.line, label.field, label.reference
        if asked is None or (len(names) > 1 and scalar in seen):
            continue
        seen.add(scalar)
        yield from (Mention(name, asked, label) for name in names)


def read(table: Path) -> list[Label]:
    """The labels of a table.

    Raises KeyError for a missing column and ValueError for a line that is no number.
    """
    with table.open(encoding="utf-8", newline="") as handle:
        rows = csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [_label(row) for row in rows]


def _label(row: dict[str, str]) -> Label:
    words = {column: row[column] for column in Label._fields if column != "line"}
    return Label(line=int(row["line"]), **words)
