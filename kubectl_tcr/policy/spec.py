"""The specification of a policy, in which Kubernetes and Kyverno agree."""

from typing import Any

from kubectl_tcr.policy import cel
from kubectl_tcr.policy.cel import Named
from kubectl_tcr.policy.parts import parts
from kubectl_tcr.policy.wanted import Purpose, Wanted

Object = dict[str, Any]

_ACTIONS = {Purpose.AUDIT: ["Warn", "Audit"], Purpose.DENY: ["Deny", "Audit"]}
# `pods/ephemeralcontainers` is what `kubectl debug` writes.
_RESOURCES = ["pods", "pods/ephemeralcontainers"]


def spec(wanted: Wanted) -> Object:
    """What a policy matches, and what it does with that; raises RuleError for rules that it cannot hold."""
    return {**_matched(wanted), **(_mutation() if wanted.purpose is Purpose.MOVE else _validation())}


def actions(wanted: Wanted) -> Object:
    """What comes of an image that does not pass, as a binding or a policy has it."""
    return {"validationActions": _ACTIONS[wanted.purpose]}


def made(api_version: str, kind: str, wanted: Wanted, content: Object) -> Object:
    """An object with a specification."""
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": wanted.name}, "spec": content}


def _matched(wanted: Wanted) -> Object:
    found = parts(wanted)
    return {
        "failurePolicy": str(wanted.failure),
        "matchConstraints": _constraints(wanted),
        "matchConditions": list(map(_named, found.conditions)),
        "variables": list(map(_named, found.variables)),
    }


def _mutation() -> Object:
    return {
        # A webhook behind this policy may add a container.
        "reinvocationPolicy": "IfNeeded",
        "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": cel.template("patches")}}],
    }


def _validation() -> Object:
    row = {
        "expression": "variables.foreign.size() == 0",
        "message": "an image would be pulled from abroad",
        "messageExpression": cel.template("message"),
    }
    return {"validations": [row]}


def _constraints(wanted: Wanted) -> Object:
    """Which requests a policy is asked about: for pods, in the namespaces that are wanted."""
    rule = {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["CREATE", "UPDATE"],
        "resources": _RESOURCES,
        "scope": "*",  # or the server would add it, and every second apply change something
    }
    found = {"matchPolicy": "Equivalent", "resourceRules": [rule]}
    terms = [term for term in (_term("In", wanted.only), _term("NotIn", wanted.but)) if term["values"]]
    return {"namespaceSelector": {"matchExpressions": terms}, **found} if terms else found


def _term(operator: str, names: tuple[str, ...]) -> Object:
    return {"key": "kubernetes.io/metadata.name", "operator": operator, "values": list(names)}


def _named(named: Named) -> Object:
    return {"name": named.name, "expression": named.expression}
