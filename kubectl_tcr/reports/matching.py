"""Which policies and other matchers name images that were rewritten, and so no longer match them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from kubectl_tcr.images.reference import GrammarError, bare, parse_template

_WILD = {"*": ".*", "?": "."}


class Broken(NamedTuple):
    """A pattern, the resource that holds it, and a repository which it matched by its old name."""

    resource: str
    pattern: str
    repository: str


def broken(patterns: Mapping[str, str], repositories: Iterable[str]) -> Iterator[Broken]:
    """The patterns, given with their resources, that match some repository by the name it had.

    >>> list(broken({"ghcr.io/acme/*": "ClusterPolicy/signed"}, ["ghcr.io/acme/web"]))[0].repository
    'ghcr.io/acme/web'
    """
    forms = [(name, _canonical(name)) for name in sorted(repositories)]
    for pattern, resource in patterns.items():
        matches = _compiled(pattern).match
        found = next((name for name, full in forms if matches(name) or matches(full)), "")
        if found:
            yield Broken(resource, pattern, found)


def _canonical(name: str) -> str:
    try:
        return parse_template(name).repository
    except GrammarError:  # a placeholder was cut
        return name


def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of references as one of repositories: a wildcard is any text, what ends early is a prefix."""
    name = bare(pattern).rstrip("/")
    parts = (_WILD.get(part[:1]) or re.escape(part) for part in re.split(r"(\*+|\?)", name))
    return re.compile(rf"{''.join(parts)}(?:/|$)")
