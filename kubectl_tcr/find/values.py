"""Values of Helm charts: free in form, but for the image of which repository and tag stand side by side.

`image: {repository: acme/app, tag: "1"}` is what charts are begun with (helm create). The chart joins the two, and puts
a registry in front only where its values have one; so where none is named anywhere, the repository is the image's name.
"""

from kubectl_tcr.kubernetes import keys
from kubectl_tcr.kubernetes.fields import lies_below, split_path
from kubectl_tcr.kubernetes.resources import Resource
from kubectl_tcr.text.document import Path

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
# Charts of these organisations have a registry among their own values: https://github.com/bitnami/charts
_WITH_REGISTRY = ("bitnami", "bitnamilegacy", "bitnamisecure", "bitnamicharts")
_REGISTRY = "egistry"


def are_at(path: Path, resource: Resource) -> bool:
    """Whether a path of a resource leads to values of a chart, or into them."""
    field = path[len(resource.root) :]
    places = _PLACES.get((resource.group, resource.kind), ())
    return any(lies_below(split_path(place), field) for place in places)


def is_name(path: Path, value: str, text: str) -> bool:
    """Whether a value is called the name of an image, in a document that names no registry of its own."""
    if path[-1:] != ("repository",) or len(path) < 2 or not keys.is_image(path[-2]):
        return False
    return _REGISTRY not in text and value.partition("/")[0] not in _WITH_REGISTRY
