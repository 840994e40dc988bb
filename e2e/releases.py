"""The releases of Kubernetes whose API servers tests start; scripts/tools installs them under these names."""

import os
from typing import NamedTuple


class Release(NamedTuple):
    """An API server, the group and version of its mutating admission policies, and the flags that they need."""

    program: str
    policies: str
    flags: tuple[str, ...] = ()


NEWEST = Release("kube-apiserver", "admissionregistration.k8s.io/v1")
BETA = Release(
    "kube-apiserver-1.34",
    "admissionregistration.k8s.io/v1beta1",
    (
        "--feature-gates=MutatingAdmissionPolicy=true,ImageVolume=true",
        "--runtime-config=admissionregistration.k8s.io/v1beta1=true",
    ),
)

TRIED = (NEWEST, BETA) if os.environ.get("KUBECTL_TCR_RELEASES") == "all" else (NEWEST,)
