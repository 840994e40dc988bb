"""Kyverno's policies in CEL: https://kyverno.io/docs/policy-types/mutating-policy/."""

from kubectl_tcr.errors import UsageError
from kubectl_tcr.policy.spec import Object, actions, made, spec
from kubectl_tcr.policy.wanted import Purpose, Wanted

API_VERSION = "policies.kyverno.io/v1"

# Without it Kyverno would make rules for the templates of workloads too.
_NO_TEMPLATES: Object = {"autogen": {"podControllers": {"controllers": []}}}


def objects(wanted: Wanted, release: str) -> list[Object]:
    """A policy; raises RuleError for rules that it cannot hold, UsageError for a release of Kubernetes."""
    if release:
        raise UsageError("--kubernetes is for --engine kubernetes, Kyverno's policies are the same everywhere; drop it")
    is_move = wanted.purpose is Purpose.MOVE
    own = {**({} if is_move else actions(wanted)), **_NO_TEMPLATES}
    return [made(API_VERSION, "MutatingPolicy" if is_move else "ValidatingPolicy", wanted, {**own, **spec(wanted)})]
