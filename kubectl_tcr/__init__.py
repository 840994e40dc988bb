"""kubectl-tcr: image references of Kubernetes manifests, moved to their mirrors."""

from kubectl_tcr.errors import ConfigError, InputError, Location, RuleError, TcrError
from kubectl_tcr.mirrors import Rule, Rules, build, parse_rule
from kubectl_tcr.presets import preset
from kubectl_tcr.rewrite import Rewrite, rewrite
from kubectl_tcr.settings import Exclude, Scope, Settings
from kubectl_tcr.site import Resource, Site, Status

__version__ = "0.1.0"

__all__ = [
    "ConfigError", "Exclude", "InputError", "Location", "Resource", "Rewrite", "Rule", "RuleError", "Rules",
    "Scope", "Settings", "Site", "Status", "TcrError", "build", "parse_rule", "preset", "rewrite",
]  # fmt: skip
