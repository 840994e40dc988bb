"""The images of a pod that a request sets, and the pods that are looked at at all."""

from collections.abc import Iterator

from kubectl_tcr.images.mirrors import Rules, written
from kubectl_tcr.kubernetes.resources import IGNORE_ANNOTATION
from kubectl_tcr.policy import cel, globs, grammar
from kubectl_tcr.policy.cel import Named, string

# The kubelet's mark on what it shows of a static pod: https://kubernetes.io/docs/reference/labels-annotations-taints/
_MIRROR_POD = "kubernetes.io/config.mirror"

_LONGEST_PATTERN = 1_000

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


def not_mirrored(rules: Rules) -> Iterator[Named]:
    """That some image may have to move: a policy that changes a pod is asked again about what it has made of it.

    No rule moves what stands below a mirror of any. A long pattern would cost more than it saves.
    """
    places = dict.fromkeys(place for rule in rules.rules for place in written(rule))
    mirrors = f"^(?:{'|'.join(map(globs.escaped, places))})/"
    if len(mirrors) <= _LONGEST_PATTERN:
        yield Named("not-mirrored", cel.template("not-mirrored", MIRRORS=mirrors))


def not_static() -> Named:
    """That a pod is no mirror pod, which shows what a file on its node says and cannot differ from it."""
    return Named("not-static", f"!({string(_MIRROR_POD)} in object.metadata.?annotations.orValue({{}}))")


def not_ignored() -> Named:
    """That no annotation says to leave a pod alone."""
    annotation = f"object.metadata.?annotations[?{string(IGNORE_ANNOTATION)}].orValue('')"
    return Named("not-ignored", f"{annotation}.lowerAscii() != 'true'")
