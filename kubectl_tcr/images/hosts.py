"""What the name of a host says of what it serves, where nothing else tells."""

from functools import lru_cache

from kubectl_tcr.images.public import public
from kubectl_tcr.text.patterns import words
from kubectl_tcr.text.tables import rows

# Words in the name of a host that serves images.
_WORDS = frozenset({
    "registry", "registries", "reg", "docker", "hub", "harbor", "quay", "cr", "gcr", "ghcr", "ecr", "acr", "swr", "oci",
    "image", "images", "container", "containers", "mirror",
})  # fmt: skip
_PORT = ":"
# What serves images below a domain that serves something else.
_IMAGES = frozenset({"registry.k8s.io", "registry.gitlab.com", "docker.pkg.github.com"})
# What stands in front of a domain that serves charts.
_CHARTS = "charts."


@lru_cache(maxsize=1)
def _elsewhere() -> frozenset[str]:
    return frozenset(line.partition("|")[0].strip() for line in rows("hosts.txt", __file__))


@lru_cache(maxsize=1024)
def is_registry(host: str) -> bool:
    """Whether the name of a host says that it serves images.

    >>> [is_registry(host) for host in ("registry.example.com", "example.com:5000", "github.com", "charts.example.com")]
    [True, True, False, False]
    """
    return _PORT in host or public().has(host) or (not host.startswith(_CHARTS) and not _WORDS.isdisjoint(words(host)))


@lru_cache(maxsize=1024)
def serves_else(host: str) -> bool:
    """Whether a host is known to serve something else than images.

    >>> [serves_else(host) for host in ("github.com", "app.terraform.io", "registry.k8s.io", "example.com")]
    [True, True, False, False]
    """
    labels = host.split(".")
    return host not in _IMAGES and any(".".join(labels[at:]) in _elsewhere() for at in range(len(labels)))
