"""The declared fields in force, as a configuration that can be kept, reviewed and edited."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from kubectl_tcr.kubernetes.fields import Field, Fields
from kubectl_tcr.reports.declaration import flow

_HEAD = """\
# Fields that hold an image, short names included. Everything here can be kept in a configuration, under spec.fields.
apiVersion: kubectl-tcr/v1alpha1
kind: MirrorConfig
spec:"""
_SUSPECTED = """\
    # What may hold an image and is not certain, so that it is reported and never edited. Without the # in front of the
    # dash a row declares it."""
_BUILT_IN = """\
    # What the tool brings along, so that no configuration needs it."""


def lines(fields: Fields) -> Iterator[str]:
    """The lines of a configuration: what the user declares and what was learned as rows, all else as comments."""
    brought = [row for row in fields.rows if not row.is_users and not row.why]
    own = [row for row in fields.rows if row.is_users or row.why]
    yield from _HEAD.splitlines()
    yield "  fields:" if own else "  fields: []"
    yield from _listed(own, "- ")
    if fields.suspected:
        yield from _SUSPECTED.splitlines()
        yield from _listed(fields.suspected, "# - ")
    yield _BUILT_IN
    yield from _listed(brought, "# - ", is_short=True)


def _listed(rows: Iterable[Field], mark: str, *, is_short: bool = False) -> Iterator[str]:
    """Rows below what says so, which the short ones do not repeat, each with its reason as a comment."""
    for source, several in groupby(rows, key=lambda row: row.source):
        if source:
            yield f"    # {source}"
        for row in several:
            why = f"  # {row.why}" if row.why else ""
            yield f"    {mark}{flow(row._replace(source='') if is_short else row)}{why}"
