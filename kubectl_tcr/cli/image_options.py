"""The flags of `kubectl tcr-images` as values."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kubectl_tcr.cli.options import Options
from kubectl_tcr.config import Chosen
from kubectl_tcr.errors import RuleError, UsageError
from kubectl_tcr.images import rest
from kubectl_tcr.images.mirrors import parse_rule
from kubectl_tcr.images.reference import DOMAIN
from kubectl_tcr.inventory import formats
from kubectl_tcr.inventory.image import Standing
from kubectl_tcr.inventory.request import Request
from kubectl_tcr.run import cluster, passed
from kubectl_tcr.run.sources import Inputs

if TYPE_CHECKING:  # see inventory/image.py
    from kubectl_tcr.registry.question import Settings as Asking

# What has registries asked.
_ASKING = ("check", "check_source", "missing")
# Flags that say something only beside another, and that other.
_BESIDE = (
    (("context", "namespace", "all_namespaces", "kinds"), ("cluster",), "is for --cluster"),
    (("platforms", "authfile", "ca_file", "plain_http", "timeout"), _ASKING, "is for --check"),
)

# Seconds for all answers.
_PATIENCE = 600


class ImageOptions(Options):
    """The flags of a command line by name, read as what they mean."""

    def request(self, chosen: Chosen) -> Request:  # type: ignore[override]
        """All of it; raises UsageError for flags that contradict each other."""
        self._refuse_idle()
        inputs, asking, warnings = self._inputs(chosen.ignore), self._asking(), chosen.warnings
        if asking or self.text("output") not in formats.LISTS:  # what others go by must not lack a chart in silence
            inputs, unchecked = inputs.gated()
            warnings = (*warnings, *unchecked)
        return Request(
            sources=inputs.sources,
            passed=tuple(passed.lines(inputs.passed)),
            settings=chosen.settings,
            output=self.text("output"),
            to=self._to(),
            only=frozenset(map(Standing, self.many("only"))),
            asking=asking,
            source=self.flag("check_source"),
            missing=self.flag("missing"),
            canonical=self.flag("canonical"),
            quiet=self.flag("quiet"),
            verbose=self.flag("verbose"),
            warnings=warnings,
            configuration=chosen.file,
            goes_on=len(inputs.sources) > 1 and not self.flag("cluster"),
        )

    def _refuse_idle(self) -> None:
        """Raise UsageError for a flag that would do nothing."""
        for flags, needed, why in _BESIDE:
            for name in () if any(map(self.flag, needed)) else filter(self.flag, flags):
                raise UsageError(f"{_spelled(name)} {why}; add it")
        output = self.text("output")
        if self.flag("verbose") and output not in formats.WITH_PLACES:
            raise UsageError(f"--verbose shows places, which -o {output} has none of")
        if self.flag("only") and output not in formats.LISTS:
            raise UsageError(f"--only is for lists; -o {output} takes what rules map")

    def _inputs(self, ignore: Iterable[str]) -> Inputs:
        if not self.flag("cluster"):
            return self.inputs(ignore)
        kinds = tuple(kind for group in self.many("kinds") for kind in map(str.strip, group.split(",")) if kind)
        view = cluster.View(self.text("context"), self.text("namespace"), self.flag("all_namespaces"), kinds)
        named = self.named_inputs(ignore) or Inputs(())
        return named._replace(sources=(*named.sources, *cluster.sources(view)))

    def _to(self) -> str:
        """The mirror of hosts that no rule maps, by `--to`; raises UsageError where it is none or has no use."""
        to, is_config = self.text("to"), self.text("output") == formats.CONFIG
        if is_config and not to:
            raise UsageError("-o config needs --to, a registry of yours: --to my-team.tencentcloudcr.com")
        if to and not is_config:
            raise UsageError("--to is for -o config; add it")
        if not to:
            return ""
        if to.endswith("/"):
            raise UsageError(f"--to {to} ends in a slash; write {to.rstrip('/')}")
        mirror = to if rest.HOST in to else f"{to}/{rest.HOST}"
        try:
            parse_rule(f"{rest.SOURCE}={mirror}", "--to")
        except RuleError as error:
            raise UsageError(f"--to {to}: {error.what}") from None
        return mirror

    def _asking(self) -> "Asking | None":
        """How to ask registries, None where they are not to be asked."""
        if not any(map(self.flag, _ASKING)):
            return None
        from kubectl_tcr.registry import authfiles, platforms
        from kubectl_tcr.registry.question import Settings

        return Settings(
            credentials=authfiles.load(self.text("authfile")),
            ca_file=self.text("ca_file"),
            plain_http=self._plain_http(),
            platforms=tuple(str(platforms.parse(text)) for text in self.many("platforms")),
            patience_for_all=self.number("timeout") or _PATIENCE,
        )

    def _plain_http(self) -> frozenset[str]:
        """The registries without TLS; raises UsageError for what is no host: it would never be asked."""
        for host in self.many("plain_http"):
            if not DOMAIN.fullmatch(host):
                raise UsageError(f"--plain-http {host} is no host; write it as references do: localhost:5000")
        return frozenset(self.many("plain_http"))


def _spelled(name: str) -> str:
    """A flag as it is typed."""
    return "--platform" if name == "platforms" else f"--{name.replace('_', '-')}"
