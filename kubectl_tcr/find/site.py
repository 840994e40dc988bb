"""What a finder found: a site is a place that holds, or seemed to hold, a reference."""

from enum import StrEnum
from typing import NamedTuple

from kubectl_tcr.images.mirrors import Rule
from kubectl_tcr.kubernetes.resources import Resource
from kubectl_tcr.kubernetes.roles import PULLED, SETTLED, Role, Stays
from kubectl_tcr.text.document import Path
from kubectl_tcr.text.splice import Edit


class Status(StrEnum):
    """What became of a site."""

    REWRITTEN = "rewritten"
    MIRRORED = "mirrored"  # stands on a mirror already
    TRUSTED = "trusted"  # fine as it is; the reason says what trusts it
    UNMAPPED = "unmapped"  # foreign, and no rule maps it
    SUSPECTED = "suspected"  # may be pulled, and cannot be known
    LEFT = "left"  # looked like an image; the reason says why it stays


# How a site is found that an API or the user declares.
DECLARED = frozenset({"container", "declared"})


class Site(NamedTuple):
    """A reference as written, its half-open span, and what becomes of it.

    `how` names what made it a site: `container`, `declared`, `value`, `text` or `split`.
    `after` is the reference once the edits are made. `paths` holds every field path that
    shows this text (aliases repeat nodes), the place where it is written first. `pull_secret`
    is the first of the pod's `imagePullSecrets`: credentials are per host. `document`, `line`
    and `column` count from 1 in the whole stream; readers of one document leave them 0. `role`
    is what a cluster does with the string, `when` the condition on which a row of the configuration
    would declare what is suspected. `version` is the tag or digest that keys beside the reference add to it.
    """

    reference: str
    start: int
    stop: int
    how: str
    status: Status
    reason: str = ""
    host: str = ""
    after: str = ""
    rule: Rule | None = None
    edits: tuple[Edit, ...] = ()
    paths: tuple[Path, ...] = ()
    resource: Resource = Resource()
    pull_secret: str = ""
    document: int = 0
    line: int = 0
    column: int = 0
    role: Role = Role.IMAGE
    when: str = ""
    version: str = ""

    @property
    def is_declared(self) -> bool:
        """Whether an API or the user declares the field an image or a registry."""
        return self.how in DECLARED

    @property
    def is_open(self) -> bool:
        """Whether it is pulled, as far as that can be known, and neither from a mirror nor left alone by the user."""
        if self.status is Status.UNMAPPED:
            return True
        return self.status is Status.LEFT and self.role in PULLED and self.reason not in SETTLED

    @property
    def trouble(self) -> str:
        """What is wrong with a site that is open."""
        return self.reason or f"no mirror for {self.host}"

    def left(self, stays: Stays | str) -> "Site":
        """The site, left alone for a reason; one in words alone says nothing of its role."""
        role, reason = (self.role, stays) if isinstance(stays, str) else (stays.role, stays.why)
        return self._replace(status=Status.LEFT, reason=reason, after="", rule=None, edits=(), role=role)

    def moved(self, offset: int, paths: tuple[Path, ...], resource: Resource) -> "Site":
        """The site at another offset, and where it stands; what it knows already of the resource is kept."""
        (
            reference,
            start,
            stop,
            how,
            status,
            reason,
            host,
            after,
            rule,
            edits,
            _,
            inner,
            secret,
            _,
            _,
            _,
            role,
            when,
            version,
        ) = self
        if offset:
            edits = _moved(edits, offset)
        resource = inner if inner.kind else resource
        return Site(
            reference, start + offset, stop + offset, how, status, reason, host, after, rule, edits, paths,
            resource, secret, 0, 0, 0, role, when, version,
        )  # fmt: skip

    def again(self, offset: int, path: Path, resource: Resource, pull_secret: str) -> "Site":
        """The same site further on by an offset, at a path of another resource."""
        (reference, start, stop, how, status, reason, host, after, rule, edits, *_, role, when, version) = self
        return Site(
            reference, start + offset, stop + offset, how, status, reason, host, after, rule, _moved(edits, offset),
            (path,), resource, pull_secret, 0, 0, 0, role, when, version,
        )  # fmt: skip


def _moved(edits: tuple[Edit, ...], offset: int) -> tuple[Edit, ...]:
    """Edits further on by an offset."""
    if len(edits) == 1:  # as nearly all are
        start, stop, new = edits[0]
        return (Edit(start + offset, stop + offset, new),)
    return tuple(Edit(start + offset, stop + offset, new) for start, stop, new in edits)
