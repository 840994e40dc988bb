"""What the tag of a scalar, or that it has none, makes of it."""

from typing import Any

YAML = "tag:yaml.org,2002:"
# What YAML 1.1 takes for a truth, in any case of letters.
BOOLEANS = {
    **dict.fromkeys(("true", "yes", "on", "y"), True),
    **dict.fromkeys(("false", "no", "off", "n"), False),
}
NULL_KEY = "a mapping key is null; kubectl refuses it, quote the key or give it a name"


def is_merge(event: Any) -> bool:
    """Whether a parser's event of a mapping key is a merge key: a plain `<<`, or one whose tag says so."""
    if event.value != "<<":
        return False
    tag = "" if event.tag is None else str(event.tag)
    return tag == f"{YAML}merge" or (tag in ("", "!") and event.style in (None, ""))
