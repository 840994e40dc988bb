"""What may be an image or a registry and cannot be known: short names and hosts alone, where a name says so."""

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from kubectl_tcr.find import tokens
from kubectl_tcr.images.reference import GrammarError, parse_template
from kubectl_tcr.kubernetes import keys
from kubectl_tcr.kubernetes.roles import Role, Stays
from kubectl_tcr.text.patterns import lazy

# What must be read in a document where variables or flags are named after images.
KEYS = frozenset({"value", "args", "command"})
IMAGE = Stays(Role.IMAGE, "may be an image: no API declares its field")
REGISTRY = Stays(Role.PREFIX, "may be a registry: no API declares its field")

# The name of a variable, and a flag in front of its value or of the next item. In front of each what is looked for
# first: a character, which takes a tenth of the time of a word, and a word.
_NAMED = (
    ("G", "IMAGE", lazy(r"(?:_IMAGE|IMAGE_\w)")),
    ("G", "_IMG", lazy(r"_IMG\b")),
    ("-", "-im", lazy(r"-ima?ge?(?:-\w+)?[\"']?(?:[\s,=:\]}]|$)")),
    ("_", "_image", lazy(r"_image[\"']?(?:[\s,=:\]}]|$)")),
    ("=", "mage=", lazy(r"mage=")),
    ("=", "mage =", lazy(r"mage =")),
)
# A flag with its value in a longer text, a variable or a setting with its own, a line of its own as in templates of
# YAML, and what a command pulls.
_SHORT = r"""["']?([a-z0-9][\w./:@-]*+)(?=["'\s;,)}\]]|$)"""
_ASSIGNED = (
    lazy(rf"""(?<![\w./:-])(--?(?:[A-Za-z][\w.-]*)?[iI]mage)(?:=|[ ]++){_SHORT}"""),
    lazy(rf"""(?<![\w./:-])((?:[A-Za-z_][\w.-]*)?(?:[iI]mage|IMAGE|_IMG))[ ]?=[ ]?{_SHORT}"""),
    lazy(rf"""^[ \t]*(?:- )?["']?((?:[A-Za-z_][\w.-]*)?[iI]mage)["']?:[ ]{_SHORT}[ \t\r]*$""", re.MULTILINE),
    lazy(rf"""\b(?:docker|podman|nerdctl|crictl)[ ]+(image )?pull[ ]+{_SHORT}"""),
    lazy(r"""\A(--[A-Za-z][\w.-]*+)=([a-z][\w.-]*+(?:/[\w.-]++)++:v?[0-9][\w.-]*+)\Z"""),
)
# Without one of these, none of the patterns matches.
SIGNS = ("mage", "MAGE", "_IMG", " pull ", "--")
_HOST = lazy(r"[a-zA-Z0-9][\w-]*+(?:\.[\w-]++)++(?::\d++)?/?")
# A registry alone, or a short name, in a document that is kept in a string.
_REGISTRY = lazy(r"(?:[rR]egistry|[hH]ub|mageRepository)\\*+[\"']?\s*+:\s*+\\*+[\"']?[\w-]++\.[\w-]")
_KEYS_OF_REGISTRIES = ("egistry", "hub", "Hub", "mageRepository")
# A short name with a version, which in a resource that nobody knows says enough.
_TAGGED = lazy(r"[a-z][a-z0-9._-]*+(?:/[a-z0-9][a-z0-9._-]*+)++:v?[0-9][\w.-]*+")
# Pictures and disks.
_OTHER_FILES = (
    ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".ico", ".bmp",
    ".img", ".iso", ".qcow2", ".raw", ".vmdk", ".vhd", ".ova", ".bin", ".tar", ".gz", ".xz", ".zip", ".yaml", ".json",
)  # fmt: skip
# What stands for an image that somebody else chooses.
_WORDS = frozenset({"auto", "none", "default", "custom", "latest", "image", "build", "local"})


class Suspect(NamedTuple):
    """A text with its half-open span, what it may be, and the flag in front of it, empty for none."""

    text: str
    start: int
    stays: Stays
    flag: str = ""


def may_hold(text: str) -> bool:
    """Whether a variable or a flag in a text is named after an image: cheap, and true too often."""
    for mark, end, pattern in _NAMED:  # noqa: SIM110 every document is asked, and a generator takes twice the time
        if mark in text and end in text and pattern.search(text):
            return True
    return False


def may_embed(value: str) -> bool:
    """Whether a document that is kept in a string can hold a registry alone."""
    for key in _KEYS_OF_REGISTRIES:
        if key in value:
            return _REGISTRY.search(value) is not None
    return False


def of_value(value: str, name: str) -> Suspect | None:
    """A value that is nothing but a suspect, by what it is called."""
    text = value.strip()
    role = keys.of_name(name)
    if role is Role.IMAGE and is_short(text):
        return Suspect(text, value.find(text), IMAGE)
    if role is Role.PREFIX and _HOST.fullmatch(text):
        return Suspect(text, value.find(text), REGISTRY)
    return None


def by_shape(value: str) -> Suspect | None:
    """A value that looks like a short name with a version, whatever it is called."""
    text = value.strip()
    is_one = _TAGGED.fullmatch(text) is not None and is_short(text)
    return Suspect(text, value.find(text), IMAGE) if is_one else None


def by_field(value: str) -> Suspect | None:
    """A value at a field of which nobody knows for certain that it is no image."""
    text = value.strip()
    return Suspect(text, value.find(text), IMAGE) if is_short(text) else None


def in_text(value: str) -> Iterator[Suspect]:
    """The suspects in a longer string: `--helper-image=acme/tool:1`, `HELPER_IMAGE=acme/tool:1`."""
    for found in itertools.chain.from_iterable(pattern.finditer(value) for pattern in _ASSIGNED):
        text = found[2].rstrip(".:")
        if is_short(text) and not tokens.is_comment(value, found.start(2)):
            flag = found[1] or ""
            # A row of the configuration reads a flag that an item begins with, and what follows as a whole.
            is_item = flag.startswith("--") and value.strip() == f"{flag}={text}"
            yield Suspect(text, found.start(2), IMAGE, flag if is_item else "")


def is_short(text: str) -> bool:
    """Whether a text can be an image without a host.

    >>> [is_short(text) for text in ("acme/tool:1", "nginx", "logo.png", "8080", "true", "quay.io/a/b", "Always")]
    [True, True, False, False, False, False, False]
    """
    if not text or text in _WORDS or text.endswith(_OTHER_FILES) or not text[:1].isalnum() or _is_setting(text):
        return False
    try:
        parsed = parse_template(text)
    except GrammarError:
        return False
    return parsed.is_short and parsed.open_at < 0


def _is_setting(text: str) -> bool:
    """Whether a text is a number, a version, a truth value."""
    return text in ("true", "false", "null", "yes", "no", "on", "off") or not text.lstrip("v").strip("0123456789.")
