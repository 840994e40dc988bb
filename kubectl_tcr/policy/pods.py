"""The images of a pod that a request sets, and the pods that are looked at at all."""

from kubectl_tcr.kubernetes.resources import IGNORE_ANNOTATION
from kubectl_tcr.policy import cel, grammar
from kubectl_tcr.policy.cel import Named, string

# The kubelet's mark on what it shows of a static pod: https://kubernetes.io/docs/reference/labels-annotations-taints/
_MIRROR_POD = "kubernetes.io/config.mirror"

_LISTS = {
    "containers": "containers",
    "initContainers": "?initContainers.orValue([])",
    "ephemeralContainers": "?ephemeralContainers.orValue([])",
}


def images() -> Named:
    """What a request sets, as maps of `list`, `index`, `key` and `image`, all texts.

    An image that a container of the same name had before is not set: it runs, whatever else changes.
    """
    lists = [cel.template("containers", FIELD=field, LIST=name) for name, field in _LISTS.items()]
    every = "\n+ ".join([*lists, cel.template("volumes")])
    return Named("images", cel.template("images", LISTS=every, NO_IMAGE=grammar.NO_IMAGE))


def not_static() -> Named:
    """That a pod is no mirror pod, which shows what a file on its node says and cannot differ from it."""
    return Named("not-static", f"!({string(_MIRROR_POD)} in object.metadata.?annotations.orValue({{}}))")


def not_ignored() -> Named:
    """That no annotation says to leave a pod alone."""
    annotation = f"object.metadata.?annotations[?{string(IGNORE_ANNOTATION)}].orValue('')"
    return Named("not-ignored", f"{annotation}.lowerAscii() != 'true'")
