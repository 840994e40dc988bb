"""What makes a run fail, beside input that cannot be read: images off their mirrors, and what may be one."""

from typing import NamedTuple

from kubectl_tcr.find.site import Site, Status

IGNORE, WARN, FAIL = WORDS = "ignore", "warn", "fail"


class Gates(NamedTuple):
    """What is done (`ignore`, `warn`, `fail`) about images and registries on no mirror, and about what may be one.

    Of suspects the summary tells, unless they fail the run: then each is named.
    """

    unmapped: str = IGNORE
    suspected: str = WARN

    @property
    def are_asked(self) -> bool:
        """Whether single sites must be told of."""
        return self.unmapped != IGNORE or self.suspected == FAIL

    @property
    def can_fail(self) -> bool:
        """Whether anything of that fails the run."""
        return FAIL in self

    def word(self, site: Site) -> str:
        """How a site is told of: `error`, which fails the run, `warning`, or not at all."""
        if site.status is Status.SUSPECTED:
            return "error" if self.suspected == FAIL else ""
        if not site.is_open or self.unmapped == IGNORE:
            return ""
        return "error" if self.unmapped == FAIL else "warning"
