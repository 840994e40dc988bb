"""The rules that ship with the tool, each with what it rests on."""

from typing import NamedTuple

from kubectl_tcr.errors import RuleError
from kubectl_tcr.images.mirrors import Rule

_PAGE = "https://www.tencentcloud.com/document/product/457/39139"
_GUIDE = "https://github.com/imroc/tke-guide/blob/main/docs/images/use-foreign-container-image.md"

QUAY = Rule(
    "quay.io",
    "quay.tencentcloudcr.com",
    standing="documented by Tencent; inside a Tencent Cloud VPC, granted by a ticket",
    evidence=_PAGE,
)
HUB = Rule(
    "docker.io",
    "mirror.ccs.tencentyun.com",
    standing="documented as a node mirror; TKE nodes have it set, so references need no rewrite there",
    evidence=_PAGE,
)
NVCR = Rule(
    "nvcr.io",
    "nvcr.tencentcloudcr.com",
    standing="in use by TKE's community guide, not in Tencent's documentation",
    evidence=_GUIDE,
)

PRESETS = {
    "none": (),
    "default": (QUAY,),
    "tke": (QUAY, HUB, NVCR),
}


class Unmirrored(NamedTuple):
    """A well-known source for which no mirror is on record."""

    source: str
    why: str


UNMIRRORED = (
    Unmirrored("gcr.io", "once listed, withdrawn since"),
    Unmirrored("k8s.gcr.io", "once listed, withdrawn since"),
    Unmirrored("ghcr.io", "reports contradict each other"),
    Unmirrored("registry.k8s.io", "never listed"),
    Unmirrored("mcr.microsoft.com", "never listed"),
)


def preset(name: str) -> tuple[Rule, ...]:
    """The rules of a preset.

    Raises RuleError for an unknown name.
    """
    if name not in PRESETS:
        raise RuleError(f'there is no preset "{name}"; choose one of {", ".join(PRESETS)}')
    return tuple(rule._replace(layer=f"preset {name}") for rule in PRESETS[name])
