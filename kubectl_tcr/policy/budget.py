"""What CEL may cost, and what lists of conditions would: a policy that spends more fails where nobody looks.

Sources: cel-go, interpreter/runtimecost.go; k8s.io/apiserver, pkg/apis/cel/config.go and pkg/cel/library/cost.go.
"""

from collections.abc import Iterable
from math import ceil

from kubectl_tcr.errors import RuleError
from kubectl_tcr.policy.cel import Line

# The longest text that the parser takes, in characters.
LONGEST = 100_000
# What one expression may cost.
_MOST = 1_000_000
# A pod that must pass: so many images, of so many characters each.
_IMAGES = 60
_LENGTH = 80

RULES, EXCLUSIONS, TRUSTED = "rules", "exclusions", "trusted registries"
_FEWER = "name fewer, by globs that hold for more"
_REMEDIES = {RULES: "map whole hosts, or by *=MIRROR/{host} the rest", EXCLUSIONS: _FEWER, TRUSTED: _FEWER}
_CHEAPER = {EXCLUSIONS: "name fewer, or end them in their only *, which costs a tenth", TRUSTED: _FEWER}

# The call, and the loop around it.
_CALL = 5
_PER_CHARACTER = 0.1
_PER_CHARACTER_OF_A_PATTERN = 0.25


def of_pattern(pattern: str) -> int:
    """What it costs to hold an image to a pattern."""
    return ceil((1 + _LENGTH) * _PER_CHARACTER) * ceil(len(pattern) * _PER_CHARACTER_OF_A_PATTERN) + _CALL


def of_text(text: str) -> int:
    """What it costs to compare the beginning of an image with a text."""
    return ceil(len(text) * _PER_CHARACTER) + _CALL


def check(lines: Iterable[Line], what: str) -> None:
    """Raise RuleError for conditions that cost too much if each image of a pod is held to all of them."""
    lines = tuple(lines)
    if sum(line.cost for line in lines) * _IMAGES > _MOST:
        raise RuleError(
            f"a policy cannot hold these {len(lines)} {what}: a pod with {_IMAGES} images would spend CEL's budget; "
            f"{_CHEAPER[what]}"
        )


def refuse_long(expression: str, count: int, what: str) -> None:
    """Raise RuleError for an expression that is longer than the parser takes: so many things make it so."""
    # As a block of YAML it ends in a line break.
    if len(expression) >= LONGEST:
        raise RuleError(
            f"a policy cannot hold these {count} {what}: they would make {len(expression):,} characters, and CEL takes "
            f"{LONGEST:,}; {_REMEDIES[what]}"
        )
