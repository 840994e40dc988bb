"""What a script pushes by the name of a variable: `IMG=quay.io/acme/web:1` and, wherever, `docker push $IMG`.

The order of lines says nothing, since functions and targets of make stand where they like: what a name is
ever given counts as pushed where the name is.
"""

from collections.abc import Iterable, Sequence

from kubectl_tcr.find import commands
from kubectl_tcr.text.document import MOST_BEFORE
from kubectl_tcr.text.patterns import lazy

# How far in front of a value its variable is looked for, in characters: the value may be one of a list.
_FURTHEST = 1_000
_LONGEST_NAME = 100

# A use, as shells, make and Kubernetes spell it.
_USE = lazy(r"\$[({]?([A-Za-z_]\w*)")
# What stands between an equals sign and a value: nothing, a quote or a bracket with values in front, a variable that it
# is the default of.
_BETWEEN = lazy(r"""[ \t]*+(?:["'(][^"'()]*+|\$\{\w++:?-["']?+)?+""")
# A name in front of an equals sign; make writes `:=` and `?=`, and a shell `${NAME:=VALUE}`. That of a flag is none.
_NAME = lazy(r"(?<![\w.-])([A-Za-z_]\w*)[ \t]*[:?+]*$")
_SHELLS = frozenset({"sh", "bash", "ash", "dash", "ksh", "zsh"})
_SCRIPT_FLAG = lazy(r"-[a-z]*c")
_PARAMETER = lazy(r"\$\{?([0-9]|[@*])")
_FOR = lazy(r"for\s+([A-Za-z_]\w*)\s+in\s(?:\\\r?\n|[^;\n])*+")


def targets(script: str, offsets: Iterable[int], before: Sequence[str] = ()) -> set[int]:
    """Those of the offsets that stand in what a script pushes, or in the value of a variable that it pushes.

    As with `commands.targets`, the offsets are in their order, `before` are the arguments in front, and the
    time is linear.
    """
    marks = list(offsets)
    if before and _is_parameter(before):
        return set(marks)
    values = _values(script, marks) if "$" in script else {}
    if not values or not commands.grammar().is_hinting(script):
        return commands.targets(script, marks, before)
    uses = {found.start(): found[1] for found in _USE.finditer(script)}
    for name, places in _values(script, uses).items():
        values.setdefault(name, []).extend(places)
    found = commands.targets(script, sorted((*marks, *uses)), before)
    return _traced(found, uses, values).intersection(marks)


def _is_parameter(before: Sequence[str]) -> bool:
    """Whether the argument behind some is pushed by its number, as in `sh -c 'docker push $1' -- quay.io/a`."""
    at = next((index for index, word in enumerate(before) if word.rpartition("/")[2] in _SHELLS), len(before))
    script = next((index + 1 for index in range(at + 1, len(before)) if _SCRIPT_FLAG.fullmatch(before[index])), 0)
    number = len(before) - script - 1
    # Of a long list only the last items are known, and a script is read for each of them.
    if not script or not 0 <= number < MOST_BEFORE:
        return False
    names = {str(number), *("@*" if number else "")}
    uses = (found.start() for found in _PARAMETER.finditer(before[script]) if found[1] in names)
    return bool(commands.targets(before[script], uses))


def _traced(found: set[int], uses: dict[int, str], values: dict[str, list[int]]) -> set[int]:
    """What was found, and the values of all variables in it, through others too."""
    traced, pending = set(found), list(found)
    while pending:
        # Each name but once, so that the time stays linear.
        places = values.pop(uses.get(pending.pop(), ""), [])
        pending += places
        traced.update(places)
    return traced


def _values(script: str, places: Iterable[int]) -> dict[str, list[int]]:
    """The variables that are given what stands at some places, each with these."""
    values: dict[str, list[int]] = {}
    for place in places:
        name = _variable(script, place)
        if name:
            values.setdefault(name, []).append(place)
    return values


def _variable(script: str, place: int) -> str:
    """The variable that is given what stands at a place, empty for none."""
    back = max(place - _FURTHEST, 0)
    equals = script.rfind("=", back, place)
    if equals >= 0 and _BETWEEN.fullmatch(script, equals + 1, place):
        name = _NAME.search(script[max(equals - _LONGEST_NAME, 0) : equals])
        return name[1] if name else ""
    loop = script.rfind("for ", back, place)
    name = _FOR.fullmatch(script, loop, place) if loop >= 0 else None
    return name[1] if name else ""
