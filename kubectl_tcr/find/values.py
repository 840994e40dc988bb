"""Values of Helm charts: free in form, but for the image of which repository and tag stand side by side.

`image: {repository: acme/app, tag: "1"}` is what charts are begun with (helm create). The chart joins the two, and puts
a registry in front only where its values have one; so where no key says registry, the repository is the image's name.
What a resource holds for a release of a chart (HelmRelease, HelmChartConfig, Argo CD) are overrides, and those of the
chart itself are not to be seen: organisations whose charts are known to have a registry are left in both.
"""

from kubectl_tcr.kubernetes import keys
from kubectl_tcr.kubernetes.fields import lies_below, split_path
from kubectl_tcr.kubernetes.resources import Resource
from kubectl_tcr.text.document import Path
from kubectl_tcr.text.patterns import lazy

# Where resources hold values, as mappings and as strings: https://fluxcd.io/flux/components/helm/helmreleases/#values ,
# https://docs.k3s.io/helm , https://argo-cd.readthedocs.io/en/stable/user-guide/helm/
_PLACES = {
    ("helm.toolkit.fluxcd.io", "HelmRelease"): ("spec.values",),
    ("helm.cattle.io", "HelmChart"): ("spec.valuesContent",),
    ("helm.cattle.io", "HelmChartConfig"): ("spec.valuesContent",),
    ("argoproj.io", "Application"): ("**.helm.valuesObject", "**.helm.values"),
    ("argoproj.io", "ApplicationSet"): ("**.helm.valuesObject", "**.helm.values"),
}
# What stands beside a repository that is an organisation, or has a registry put in front.
JOINED = ("registry", "image", "imageName", "name")
# Organisations whose charts have a registry among their own values, as files that override these do not show:
# https://github.com/bitnami/charts , https://github.com/grafana/helm-charts ,
# https://github.com/jenkinsci/helm-charts , https://github.com/traefik/traefik-helm-chart ,
# https://github.com/falcosecurity/charts , https://github.com/aquasecurity/trivy-operator/tree/main/deploy/helm
_WITH_REGISTRY = (
    "bitnami", "bitnamilegacy", "bitnamisecure", "bitnamicharts",
    "grafana", "jenkins", "traefik", "falcosecurity", "aquasec",
)  # fmt: skip
# A key that names a registry: `systemDefaultRegistry:`, `"imageRegistry": `; and what begins a comment in front of it.
_REGISTRY = lazy(r"""egistry\w{0,40}["']?[ \t]{0,10}:""")
_COMMENT = lazy(r"(?m)(?:^|[ \t])#")


def are_at(path: Path, resource: Resource) -> bool:
    """Whether a path of a resource leads to values of a chart, or into them."""
    field = path[len(resource.root) :]
    places = _PLACES.get((resource.group, resource.kind), ())
    return any(lies_below(split_path(place), field) for place in places)


def name_a_registry(text: str) -> bool:
    """Whether a key of some values says registry, set or not.

    >>> name_a_registry("global: {imageRegistry: ''}"), name_a_registry("# registry: quay.io")
    (True, False)
    """
    passed = 0  # the end of the comment that was seen last
    for found in _REGISTRY.finditer(text):
        if found.start() >= passed:
            line = text.rfind("\n", 0, found.start()) + 1
            if not _COMMENT.search(text, line, found.start()):
                return True
            passed = text.find("\n", found.start()) % (len(text) + 1)
    return False


def may_be_name(path: Path, value: str) -> bool:
    """Whether a value is called the name of an image that no chart is known to put a registry in front of."""
    if path[-1:] != ("repository",) or len(path) < 2 or not keys.is_image(path[-2]):
        return False
    return value.partition("/")[0] not in _WITH_REGISTRY
