"""The plainest command lines of `kubectl tcr-rewrite`, read without click, which takes longer to load than a chart.

Whatever is not surely plain is left to click: a flag that is not listed, a value that is empty, not allowed or begins
like a flag. What is read here click reads the same; `tests/cli/test_words.py` holds it to that.
"""

from collections.abc import Sequence

from kubectl_tcr.images.presets import PRESETS
from kubectl_tcr.reports import gates

SWITCHES = {
    "-i": "in_place", "--in-place": "in_place", "-q": "quiet", "--quiet": "quiet", "-v": "verbose",
    "--verbose": "verbose", "--check": "check", "--diff": "diff", "--validate": "validate",
    "-R": "recursive", "--recursive": "recursive",
}  # fmt: skip
REPEATED = {
    "--mirror": "mirrors", "--exclude": "excludes", "--trusted": "trusted", "--crds": "crds",
    "-f": "filenames", "--filename": "filenames",
}  # fmt: skip
# With the values that are allowed, None for any.
ONCE: dict[str, tuple[str, Sequence[str] | None]] = {
    "--config": ("config_file", None),
    "--preset": ("preset", tuple(PRESETS)),
    "--unmapped": ("unmapped", gates.WORDS),
    "--suspected": ("suspected", gates.WORDS),
}


def plain(words: Sequence[str]) -> dict[str, object] | None:
    """The flags of a command line by name, those that are not given left out; None for what click is to read."""
    found: dict[str, object] = {}
    many: dict[str, list[str]] = {}
    rest = iter(words)
    for word in rest:
        if word in SWITCHES:
            found[SWITCHES[word]] = True
            continue
        if not word.startswith("-"):
            many.setdefault("names", []).append(word)
            continue
        flag, is_joined, value = word.partition("=")
        if is_joined and not flag.startswith("--"):  # to click the sign is a part of the value
            return None
        value = value if is_joined else next(rest, "")
        name, allowed = (REPEATED[flag], None) if flag in REPEATED else ONCE.get(flag, ("", None))
        if not name or not value.strip() or value.startswith("-") or (allowed is not None and value not in allowed):
            return None
        if flag in REPEATED:
            many.setdefault(name, []).append(value)
        else:
            found[name] = value
    if not all(map(str.strip, many.get("names", ()))):
        return None
    return found | {name: tuple(values) for name, values in many.items()}
