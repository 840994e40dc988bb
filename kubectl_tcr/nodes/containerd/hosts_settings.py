"""The settings that a hosts.toml of containerd has, and what each may hold.

One value of another kind, and containerd passes the whole file over (`parseHostsFile` in hosts.go); the
certificates that lie beside it count again, and the source is asked as if there were no file. A setting
that it does not know it ignores, but for that, without a word.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from kubectl_tcr.nodes import toml
from kubectl_tcr.nodes.containerd.release import Release

# A duration as Go's time.ParseDuration takes it.
_DURATION = re.compile(r"[-+]?+(?:0|(?:(?:\d++(?:\.\d*+)?|\.\d++)(?:ns|us|µs|μs|ms|s|m|h))++)")
CAPABILITIES = ("pull", "resolve", "push")
# Known from this containerd on; before, it is no capability, and the file is passed over.
_REFERRERS = "referrers"
_REFERRERS_FROM = (2, 2)


class _Setting(NamedTuple):
    """What a setting must hold, in words and as a test, and the first containerd that reads it."""

    must_be: str
    holds: Callable[[Any], bool]
    since: Release = Release(1, 5)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_text_or_texts(value: Any) -> bool:
    return _is_text(value) or _are_texts(value)


def _are_keypairs(value: Any) -> bool:
    """A file, or a list of files and of pairs of them."""
    rows = value if isinstance(value, list) else [value]
    return all(_is_text(row) or (_are_texts(row) and len(row) == 2) for row in rows)


def _is_header(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text_or_texts, value.values()))


def _is_duration(value: Any) -> bool:
    return _is_text(value) and (not value or _DURATION.fullmatch(value) is not None)


SETTINGS = {
    "capabilities": _Setting("a list of texts", _are_texts),
    "ca": _Setting("a text or a list of texts", _is_text_or_texts),
    "client": _Setting("a text, or a list of texts and of pairs of them", _are_keypairs),
    "skip_verify": _Setting("true or false, without quotes", _is_bool),
    "header": _Setting("a table of texts or lists of texts", _is_header),
    "override_path": _Setting("true or false, without quotes", _is_bool, Release(1, 6)),
    "dial_timeout": _Setting('a duration such as "1s"', _is_duration, Release(2, 0)),
}


def unreadable(settings: dict[str, Any], release: Release | None) -> Iterator[str]:
    """Why containerd passes a file over that has these settings, at its top or for a host."""
    for name, value in settings.items():
        known = SETTINGS.get(name)
        # What a containerd does not read it does not refuse either.
        if known and not known.holds(value) and (release is None or release >= known.since):
            yield f"{name} must be {known.must_be}"
    listed = settings.get("capabilities")
    for name in toml.strings(listed) if _are_texts(listed) else ():
        if name.lower() not in _capabilities(release):
            yield f'"{name}" is no capability of {_said(release)}; there are: {", ".join(_capabilities(release))}'


def ignored(settings: dict[str, Any], release: Release | None) -> Iterator[str]:
    """The settings that containerd does not read, each with the reason."""
    for name in settings:
        known = SETTINGS.get(name)
        if known is None and name.lower() in SETTINGS:
            yield f"{name} is not read by containerd 1.x; write {name.lower()}"
        elif known is None:
            yield f"{name} is no setting there, so containerd ignores it; there are: {', '.join(SETTINGS)}"
        elif release is not None and release < known.since:
            first = str(known.since)
            yield f"{name} is read from containerd {first} on, so {_said(release)} ignores it"


def able(settings: dict[str, Any], name: str) -> bool:
    """Whether a host has a capability; one that lists none has all."""
    listed = settings.get("capabilities")
    return not listed or name in (one.lower() for one in listed)


def _capabilities(release: Release | None) -> tuple[str, ...]:
    return CAPABILITIES if release is not None and release < _REFERRERS_FROM else (*CAPABILITIES, _REFERRERS)


def _said(release: Release | None) -> str:
    return "containerd" + (f" {release}" if release else "")
