"""Values held to the part of JSON Schema that the project's own schemas use: to load a library takes longer than that.

Only what is right is told. What is wrong, and what a schema says that is not known here, is for a library to say.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

_Schema = Mapping[str, Any]

_TYPES = {"object": dict, "array": list, "string": str}
_NOTES = frozenset({"$id", "$schema", "title", "description", "type"})


def fits(value: Any, schema: _Schema) -> bool:
    """Whether a value is right by a schema; False says nothing.

    >>> fits({"a": "b"}, {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False})
    True
    """
    wanted = schema.get("type")
    if wanted is not None and not isinstance(value, _TYPES.get(wanted, ())):
        return False
    return all(rule in _RULES and _RULES[rule](value, schema) for rule in schema if rule not in _NOTES)


def _has_known_keys(value: Any, schema: _Schema) -> bool:
    return schema["additionalProperties"] is False and set(value) <= set(schema["properties"])


def _fit(value: Any, schema: _Schema) -> bool:
    properties = schema["properties"]
    return all(fits(one, properties[key]) for key, one in value.items() if key in properties)


def _matches(value: Any, schema: _Schema) -> bool:
    # At a line's end `$` is one thing for Python and another for JSON Schema.
    return not value.endswith("\n") and re.search(schema["pattern"], value) is not None


_RULES: Mapping[str, Callable[[Any, _Schema], bool]] = {
    "const": lambda value, schema: bool(value == schema["const"]),
    "enum": lambda value, schema: value in schema["enum"],
    "required": lambda value, schema: set(schema["required"]) <= set(value),
    "minProperties": lambda value, schema: len(value) >= schema["minProperties"],
    "additionalProperties": _has_known_keys,
    "properties": _fit,
    "items": lambda value, schema: all(fits(one, schema["items"]) for one in value),
    "pattern": _matches,
}
