"""kubectl-tcr: image references of Kubernetes manifests, moved to their mirrors."""

TYPE_CHECKING = False  # the typing module takes as long to load as a tenth of a run
if TYPE_CHECKING:
    from kubectl_tcr.errors import ConfigError, InputError, InternalError, Location, RuleError, TcrError
    from kubectl_tcr.find.site import Site, Status
    from kubectl_tcr.images.mirrors import Rule, Rules, build, parse_rule
    from kubectl_tcr.images.presets import preset
    from kubectl_tcr.images.trusted import parse_trusted
    from kubectl_tcr.kubernetes.resources import Resource
    from kubectl_tcr.pipeline import Rewrite, Rewriter, rewrite
    from kubectl_tcr.settings import Exclude, Scope, Settings
    from kubectl_tcr.text.document import format_path

__version__ = "0.1.0"
# The account that hosts the repository, filled in before the first release; until then no address is shown.
OWNER = ""
# Where the repository is, and with it the documentation.
HOME = OWNER and f"https://github.com/{OWNER}/kubectl-tcr"

__all__ = [
    "ConfigError", "Exclude", "InputError", "InternalError", "Location", "Resource", "Rewrite", "Rewriter", "Rule",
    "RuleError", "Rules", "Scope", "Settings", "Site", "Status", "TcrError", "build", "format_path", "parse_rule",
    "parse_trusted", "preset", "rewrite",
]  # fmt: skip

# Each public name is loaded by its first use: an entry point must be ready for an interrupt before anything else.
_HOMES = {
    "errors": ("ConfigError", "InputError", "InternalError", "Location", "RuleError", "TcrError"),
    "images.mirrors": ("Rule", "Rules", "build", "parse_rule"),
    "pipeline": ("Rewrite", "Rewriter", "rewrite"),
    "images.presets": ("preset",),
    "images.trusted": ("parse_trusted",),
    "settings": ("Exclude", "Scope", "Settings"),
    "kubernetes.resources": ("Resource",),
    "text.document": ("format_path",),
    "find.site": ("Site", "Status"),
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            value = globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
