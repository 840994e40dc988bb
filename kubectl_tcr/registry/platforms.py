"""Platforms of images, as `linux/amd64` and `linux/arm/v7`, in the spelling that containerd normalizes them to."""

from typing import NamedTuple

from kubectl_tcr.errors import RegistryError

# What images are built for: systems and architectures of Go that container runtimes run on.
_SYSTEMS = frozenset({"linux", "windows", "freebsd", "darwin"})
_ARCHITECTURES = frozenset(
    {"386", "amd64", "arm", "arm64", "loong64", "mips64", "mips64le", "ppc64", "ppc64le", "riscv64", "s390x", "wasm"}
)
# Other names of an architecture (containerd/platforms, normalizeArch).
_NAMES = {
    "x86_64": ("amd64", ""),
    "x86-64": ("amd64", ""),
    "i386": ("386", ""),
    "aarch64": ("arm64", ""),
    "armhf": ("arm", "v7"),
    "armel": ("arm", "v6"),
}
# The variants of an architecture, the least first: a machine runs its own and those before it.
_VARIANTS = {"arm": ("v5", "v6", "v7", "v8"), "arm64": ("v8", "v9"), "amd64": ("v1", "v2", "v3", "v4")}
# The variant that goes without saying, and is left out, but for arm, which may be built for many.
_DEFAULTS = {"arm": "v7", "arm64": "v8", "amd64": "v1"}


class Platform(NamedTuple):
    """An operating system, an architecture and its variant, empty for the one that goes without saying."""

    system: str
    architecture: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in self if part)

    def runs(self, image: "Platform") -> bool:
        """Whether a machine of this platform runs an image of another.

        >>> parse("linux/arm/v7").runs(parse("linux/arm/v6")), parse("linux/arm/v6").runs(parse("linux/arm/v7"))
        (True, False)
        """
        return self[:2] == image[:2] and _rank(self) >= _rank(image)


def parse(text: str) -> Platform:
    """A platform that somebody asks for; raises RegistryError where it is none that is known.

    >>> str(parse("linux/arm64/v8")), str(parse("Linux/x86_64")), str(parse("linux/arm"))
    ('linux/arm64', 'linux/amd64', 'linux/arm/v7')
    """
    parts = text.split("/")
    found = platform(*parts) if len(parts) in (2, 3) else None
    if found is None or not _is_known(found):
        raise RegistryError(f'"{text}" is no platform that is known; write one as linux/amd64 or linux/arm/v7')
    return found


def platform(system: str, architecture: str, variant: str = "") -> Platform:
    """A platform as an image says it, which may be anything, in the one spelling."""
    system, architecture, variant = system.lower(), architecture.lower(), variant.lower()
    architecture, own = _NAMES.get(architecture, (architecture, ""))
    variant = variant or own
    variant = f"v{variant}" if variant.isdecimal() else variant
    is_default = variant == _DEFAULTS.get(architecture) and architecture != "arm"
    variant = "v7" if architecture == "arm" and not variant else variant
    return Platform("darwin" if system == "macos" else system, architecture, "" if is_default else variant)


def _is_known(found: Platform) -> bool:
    variants = _VARIANTS.get(found.architecture, ())
    is_variant = not found.variant or found.variant.partition(".")[0] in variants
    return found.system in _SYSTEMS and found.architecture in _ARCHITECTURES and is_variant


def _rank(found: Platform) -> int:
    """How much a variant asks of a machine; an unknown one is beyond all that are known."""
    variants = _VARIANTS.get(found.architecture, ())
    wanted = found.variant or _DEFAULTS.get(found.architecture, "")
    # arm64 has minor versions (v8.2).
    major = wanted.partition(".")[0]
    return variants.index(major) if major in variants else len(variants) * bool(wanted)
