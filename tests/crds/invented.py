"""Invented CustomResourceDefinitions, written as their projects write them: schemas by path."""

import json
from typing import Any

from kubectl_tcr.crds import learn
from kubectl_tcr.crds.learn import Learned

Schema = dict[str, Any]

STRING: Schema = {"type": "string"}


def string(description: str = "", **more: Any) -> Schema:
    """The schema of a string."""
    return {"type": "string", **({"description": description} if description else {}), **more}


def mapping(**properties: Schema) -> Schema:
    """The schema of a mapping with these keys."""
    return {"type": "object", "properties": properties}


def items(schema: Schema) -> Schema:
    """The schema of a list."""
    return {"type": "array", "items": schema}


def keys(*names: str) -> dict[str, Schema]:
    """Strings of these names, to stand beside another."""
    return dict.fromkeys(names, STRING)


def definition(spec: Schema, kind: str = "Harbour", group: str = "acme.example.com") -> dict[str, Any]:
    """A definition in v1 with one version, whose schema of `spec` is given."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.lower()}s.{group}"},
        "spec": {
            "group": group,
            "names": {"kind": kind, "plural": f"{kind.lower()}s"},
            "scope": "Namespaced",
            "versions": [version(mapping(spec=spec))],
        },
    }


def version(schema: Any, name: str = "v1") -> dict[str, Any]:
    """A version of a definition."""
    return {"name": name, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}


def learned(given: Any) -> Learned:
    """What is learned from a document."""
    return learn.of_text(given if isinstance(given, str) else json.dumps(given), "crds.yaml")


def told(found: Learned) -> dict[str, str]:
    """What is learned of each path: `image`, `suspected`, or the role of what stays."""
    return {row.path: _word(row.role.value, is_certain=row.is_certain) for row in found.rows}


def _word(role: str, *, is_certain: bool) -> str:
    return role if is_certain or role != "image" else "suspected"
