"""Kubernetes' own admission policies: https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/."""

import re

from kubectl_tcr.errors import UsageError
from kubectl_tcr.policy.spec import Object, actions, made, spec
from kubectl_tcr.policy.wanted import Purpose, Wanted

GROUP = "admissionregistration.k8s.io"

# As 1.36, v1.36.2 and v1.36.1-tke.3.
_RELEASE = re.compile(r"v?1\.(\d{1,3})(?:[.+-].*)?", re.ASCII)
# From which minor release on policies that mutate are stable, or a beta that must be switched on.
_STABLE, _BETA = 36, 34
# Comprehensions with two variables came with 1.32, and new objects may have them from the next release on.
_VALIDATING = 33


def objects(wanted: Wanted, release: str) -> list[Object]:
    """A policy and its binding; raises RuleError for rules it cannot hold, UsageError for a release without them."""
    minor = _minor(release) if release else _STABLE
    is_move = wanted.purpose is Purpose.MOVE
    oldest, kind = (_BETA, "MutatingAdmissionPolicy") if is_move else (_VALIDATING, "ValidatingAdmissionPolicy")
    if minor < oldest:
        raise UsageError(
            f"--kubernetes {release} has no {kind} that can do it, 1.{oldest} and newer have; "
            "update the cluster, or choose --engine kyverno"
        )
    version = f"{GROUP}/{'v1beta1' if is_move and minor < _STABLE else 'v1'}"
    binding = {"policyName": wanted.name, **({} if is_move else actions(wanted))}
    return [made(version, kind, wanted, spec(wanted)), made(version, f"{kind}Binding", wanted, binding)]


def _minor(release: str) -> int:
    """The minor release of Kubernetes 1 that a text names; raises UsageError."""
    found = _RELEASE.fullmatch(release)
    if not found:
        raise UsageError(f"--kubernetes {release} is no release; name one as 1.{_STABLE}")
    return int(found[1])
