"""Names of images that are the same however spelled: `x` and `index.docker.io/library/x`, `$TAG` and `${TAG}`."""

import re
from collections.abc import Iterable

from kubectl_tcr.images.reference import HUB, HUB_ALIASES, HUB_LIBRARY, PLACEHOLDER, bare, has_domain
from kubectl_tcr.text.patterns import lazy

# A variable of a shell, of make or of Kubernetes, with what is taken where it is not set.
_VARIABLE = lazy(r"\$++[({]?([A-Za-z_]\w*+)(?::?[-=][^(){}]*+)?[)}]?")
# What may be a name without a domain, as a word of its own.
_SHORT = lazy(r"(?<![\w./:@$(){}-])[a-z0-9][\w/-]*+(?:[.][\w/-]++)*+(?::\w[\w.-]*+)?+(?![/@:])")
# What parts a reference, where it stands inside a placeholder.
_PARTING = lazy(r"[/:@\s]")


class Names:
    """A set of references: another one is among them by repository and tag, or where one of the two has no tag."""

    def __init__(self, written: Iterable[str]) -> None:
        self._names = set(map(canonical, written))
        self._repositories = set(map(bare, self._names))

    def __bool__(self) -> bool:
        return bool(self._names)

    def __contains__(self, written: str) -> bool:
        if not self._names:
            return False
        text = canonical(written)
        name = bare(text)
        return text in self._names or name in self._names or (name == text and name in self._repositories)


def short(text: str, written: Iterable[str]) -> dict[int, str]:
    """Where a text names some images of Docker Hub without a domain, each with the name."""
    ours = {name for name in map(canonical, written) if name.startswith(f"{HUB}/")}
    if not ours:
        return {}
    repositories = set(map(bare, ours))
    found = {one.start(): one[0] for one in _SHORT.finditer(text)}
    return {
        start: name
        for start, name in found.items()
        if not has_domain(bare(name)) and bare(canonical(name)) in repositories
    }


def canonical(written: str) -> str:
    """One spelling for all of a reference.

    >>> canonical("index.docker.io/library/a:${TAG}"), canonical("a:$(TAG)")
    ('docker.io/a:$TAG', 'docker.io/a:$TAG')
    """
    text = PLACEHOLDER.sub(_plain, written) if "$" in written else written
    if not has_domain(bare(text)):
        return f"{HUB}/{text.removeprefix(f'{HUB_LIBRARY}/')}"
    domain, _, path = text.partition("/")
    return f"{HUB}/{path.removeprefix(f'{HUB_LIBRARY}/')}" if domain in HUB_ALIASES else text


def _plain(found: re.Match[str]) -> str:
    """A placeholder as `$NAME`, or with nothing that could be taken for a part of a reference."""
    variable = _VARIABLE.fullmatch(found[0])
    return f"${variable[1]}" if variable else _PARTING.sub("_", found[0])
