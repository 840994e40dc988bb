"""What the table of mirrors in a config.toml means to containerd (`registryEndpoints` in image_pull.go)."""

from collections.abc import Iterator

from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.nodes import toml
from kubectl_tcr.nodes.containerd.addresses import root_in_table
from kubectl_tcr.nodes.containerd.effective import Registry
from kubectl_tcr.nodes.report import Asked, Problem, mirror

# The row for all sources that have none.
_REST = "*"


def mirrors_table(found: Registry, file: str, rules: Rules) -> tuple[list[Asked], list[Problem]]:
    """The endpoints of every source that has a row, or that a rule names and the row for the rest serves."""
    table = dict(found.mirrors)
    if _REST in table:
        table |= {rule.source: table[_REST] for rule in rules.rules if "/" not in rule.source} | table
    asked = [Asked(source, tuple(_mirrors(row)), file) for source, row in table.items()]
    return asked, [Problem(file, what) for row in found.mirrors.values() for what in _wrong(row)]


def endpoints(row: object) -> list[str]:
    """The endpoints of a row as they are written, none for what is no row."""
    return toml.strings(row.get("endpoint")) if isinstance(row, dict) else []


def _mirrors(row: object) -> Iterator[str]:
    for endpoint in endpoints(row):
        root = root_in_table(endpoint)
        if root:
            yield mirror(root)


def _wrong(row: object) -> Iterator[str]:
    for endpoint in endpoints(row):
        root = root_in_table(endpoint)
        if root is None:
            yield f'endpoint "{endpoint}" is no address of a mirror; write https://HOST'
        elif not f"{root}/".partition("://")[2].partition("/")[2].startswith("v2/"):
            yield f"endpoint {endpoint} is asked at {root}/NAME, without /v2; {_way_out(endpoint)}"


def _way_out(endpoint: str) -> str:
    """What to write: a slash alone is a path too, and a path is taken as it stands."""
    return f"write {endpoint.rstrip('/')}" if endpoint.endswith("/") else "a path here is the root of the API, /v2/PATH"
