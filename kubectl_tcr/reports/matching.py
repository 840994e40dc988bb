"""Which policies and other matchers name images that were rewritten, and so no longer match them."""

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from kubectl_tcr.images.reference import GrammarError, bare, parse_template
from kubectl_tcr.settings import literal


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
        globs = _globs(pattern)
        found = next((name for name, full in forms if _matches(globs, name) or _matches(globs, full)), "")
        if found:
            yield Broken(resource, pattern, found)


def _canonical(name: str) -> str:
    try:
        return parse_template(name).repository
    except GrammarError:  # a placeholder was cut
        return name


def _globs(pattern: str) -> list[str]:
    """A pattern of references as globs of repositories: a wildcard is any text, what ends early is a prefix.

    Alternatives stand between bars (Kyverno); `.*` and `.+` are wildcards of regular expressions (sigstore).
    """
    ones = (one.strip().rstrip("$").replace(".*", "*").replace(".+", "*") for one in pattern.split("|"))
    names = [literal(bare(one).rstrip("/")) for one in ones if one]
    return [glob for name in names for glob in (name, f"{name}/*")]


def _matches(globs: Iterable[str], name: str) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)
