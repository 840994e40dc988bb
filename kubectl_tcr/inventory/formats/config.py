"""A MirrorConfig that maps every host that was found."""

from collections.abc import Iterator

from kubectl_tcr.images import rest
from kubectl_tcr.images.mirrors import Rule
from kubectl_tcr.inventory.listing import Listing
from kubectl_tcr.inventory.quoting import scalar


def render(listing: Listing) -> str:
    """The rules that moved something, and one for each host that none maps."""
    rows = "".join(
        f"    - source: {scalar(one.source)}\n      mirror: {scalar(one.mirror)}\n" for one in _rules(listing)
    )
    mirrors = f"\n{rows}" if rows else " []\n"
    return f"apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\nspec:\n  preset: none\n  mirrors:{mirrors}"


def _rules(listing: Listing) -> Iterator[Rule]:
    yield from (rule for rule in listing.rules.rules if rule.source in listing.used)
    yield from (Rule(host, rest.filled(listing.to, host)) for host in sorted(listing.hosts))
