"""What the name of a host says of what it serves."""

import pytest

from kubectl_tcr.images import hosts
from kubectl_tcr.images.hosts import is_registry, serves_else
from kubectl_tcr.text.tables import rows


@pytest.mark.parametrize("host", ["example.com", "charts.example.com", "github.com", "nvidia.com", "docs.acme.example"])
def test_a_host_that_says_nothing_of_images(host: str) -> None:
    assert not is_registry(host)


@pytest.mark.parametrize("host", ["registry.gitlab.com", "registry.k8s.io", "ghcr.io", "acme.example", "githubx.com"])
def test_a_host_that_may_serve_images(host: str) -> None:
    assert not serves_else(host)


@pytest.mark.parametrize(
    "host",
    ["ghcr.io", "registry.acme.example", "harbor.acme.example", "us-docker.pkg.dev", "acme.example:5000", "nvcr.io"],
)
def test_a_host_that_serves_images(host: str) -> None:
    assert is_registry(host)


@pytest.mark.parametrize("row", rows("hosts.txt", hosts.__file__))
def test_every_row_holds_for_its_domain_and_below(row: str) -> None:
    domain, what = (part.strip() for part in row.split("|"))
    assert what
    assert serves_else(domain)
    assert serves_else(f"www.{domain}")
    assert not serves_else(f"my{domain}")
