r"""The grammar of image references, as in `distribution/reference` (reference.go, regexp.go).

    reference        := name [ ":" tag ] [ "@" digest ]
    name             := [ domain "/" ] path-component [ "/" path-component ]*
    domain           := host [ ":" port-number ]
    host             := domain-name | "[" IPv6 address "]"
    domain-name      := domain-component [ "." domain-component ]*
    domain-component := ( [a-zA-Z0-9] | [a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9] )
    path-component   := alpha-numeric [ separator alpha-numeric ]*
    alpha-numeric    := [a-z0-9]+
    separator        := [_.] | "__" | "-"+
    tag              := [\w][\w.-]{0,127}
    digest           := "sha256:" hex{64} | "sha384:" hex{96} | "sha512:" hex{128}, in lower case

A first component is a domain only if it holds "." or ":", is "localhost" or has an
upper-case letter; everything else is a path on Docker Hub (splitDockerDomain, normalize.go). Digests of
other algorithms and lengths match the grammar, but are refused behind it (go-digest, Digest.Validate).
"""

import re
from typing import NamedTuple

from kubectl_tcr.text.patterns import lazy

HUB = "docker.io"
HUB_LIBRARY = "library"
# What Docker Hub answers to. `index.docker.io` is distribution's legacyDefaultDomain; the
# two others are hosts of the same service that people write into manifests.
HUB_ALIASES = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})

_DOMAIN_COMPONENT = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)"
_HOST = rf"(?:{_DOMAIN_COMPONENT}(?:\.{_DOMAIN_COMPONENT})*|\[[a-fA-F0-9:]+\])"
_PATH_COMPONENT = r"[a-z0-9]++(?:(?:\.|__|_|-++)[a-z0-9]++)*+"

DOMAIN = lazy(rf"{_HOST}(?::[0-9]+)?")
PATH = lazy(rf"{_PATH_COMPONENT}(?:/{_PATH_COMPONENT})*+")
TAG = lazy(r"\w[\w.-]{0,127}", re.ASCII)
_HEX_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}
DIGEST = lazy("|".join(f"{name}:[0-9a-f]{{{digits}}}" for name, digits in _HEX_DIGITS.items()))
# What is left of one where a placeholder is filled in.
_PART_OF_DIGEST = lazy(r"(?:[a-z0-9]+:)?[\w.+-]+")
# Sixty-four hexadecimal digits name an image by its ID, not by a repository.
_IDENTIFIER = lazy(r"[0-9a-f]{64}")

# A command whose output is taken, with others in it, or a sum: $(cat X), $(cat $(y)/x), $((N + 1)). It stands in one
# line, and is hardly longer than a tag.
_COMMAND = r"\$\([^()\n]{0,100}+(?:\([^()\n]{0,100}+\)[^()\n]{0,100}+){0,4}+\)"
# Text that another program fills in before the reference is used: $(X), ${X}, ${X:-$(y)}, $${X}, ${{ x }}, {{ x }},
# {x}, #{x}#, $[[ x ]], $X, $1, @X@, %X%, %s, %(x)s, {}, and <x> as a tag.
PLACEHOLDER = lazy(
    r"(?=[$@#%{<])(?:"
    rf"\$?{_COMMAND}|\$?\$\{{\w++:?[-=+]{_COMMAND}\}}|\$\[\[[^\[\]\n]{{0,100}}+\]\]|\$?\$(?:[A-Za-z_]\w*+|[1-9])"
    r"|\$?\$\{[^{}\s]*+\}|\$?\{\{[^{}]*+\}\}|\#\{[^{}\s]*+\}\#?|\{[A-Za-z_][\w.-]*+\}"
    r"|@[A-Z][A-Z0-9_]*+@|%[A-Z][A-Z0-9_]*+%|%\(\w++\)[sd]|%[sdvq]\b|\{\d?\}|(?<=:)<[A-Za-z][\w.-]*+>)"
)

# A tag may begin like this where a controller looks for tags: `quay.io/org/app:~1.2` (Argo CD Image Updater).
_CONSTRAINT = lazy(r":[~^](?=\d)")

# Longest path behind a domain that distribution accepts (RepositoryNameTotalLengthMax).
LONGEST_PATH = 255


class GrammarError(ValueError):
    """Text that is no reference; `str()` says which part is wrong."""


class Reference(NamedTuple):
    """A parsed reference; `domain` and `path` are canonical, `text` is what was written.

    `name` is the written text in front of tag and digest. Tag and digest are empty where
    there is none; both may stand. `open_at` counts the characters of the text in front of the first
    placeholder in the name, -1 where there is none.
    """

    text: str
    name: str
    domain: str
    path: str
    tag: str
    digest: str
    open_at: int = -1

    @property
    def repository(self) -> str:
        """Domain and path, as in `docker.io/library/nginx`."""
        return f"{self.domain}/{self.path}"

    @property
    def implies_library(self) -> bool:
        """Whether `library/` belongs to the path but was not written."""
        return self.domain == HUB and self.path.count("/") > self.name.count("/") - has_domain(self.name)

    @property
    def may_be_a_user(self) -> bool:
        """Whether it is a host and one component on Docker Hub, and nothing else.

        `docker.io/istio` may be an official image, or a user below which names are appended; a tag or
        digest makes it an image.
        """
        return self.implies_library and has_domain(self.name) and not self.tag and not self.digest

    @property
    def is_short(self) -> bool:
        """Whether no domain was written."""
        return not has_domain(self.name)


def has_domain(name: str) -> bool:
    """Whether the first component of a written name is a domain (splitDockerDomain)."""
    first, slash, _ = name.partition("/")
    return bool(slash) and ("." in first or ":" in first or first == "localhost" or first.lower() != first)


def parse(text: str) -> Reference:
    """Read a reference.

    Raises GrammarError, naming the part that is wrong.
    """
    return _parse(text, DIGEST)


def _parse(text: str, digests: re.Pattern[str]) -> Reference:
    name, tag, digest = _cut(text)
    if _IDENTIFIER.fullmatch(text):
        raise GrammarError("64 hexadecimal digits are the ID of an image")
    written_domain, path = name.split("/", 1) if has_domain(name) else ("", name)
    domain = HUB if not written_domain or written_domain in HUB_ALIASES else written_domain
    _check_name(written_domain, path)
    if tag and not TAG.fullmatch(tag):
        raise GrammarError(f"tag {shorten(tag)} is not 1 to 128 characters of [A-Za-z0-9_.-]")
    if digest and not digests.fullmatch(digest):
        raise GrammarError(f"digest {shorten(digest)} {_flaw_of_digest(digest)}")
    if domain == HUB and "/" not in path:
        path = f"{HUB_LIBRARY}/{path}"
    return Reference(text, name, domain, path, tag, digest)


def parse_template(text: str) -> Reference:
    """Read a reference in which placeholders may stand behind the domain, or in tag and digest.

    The tag may be a version constraint (`~1.2`). Raises GrammarError, also where a placeholder
    stands in the domain, or in the repository of a short name.
    """
    filled = _CONSTRAINT.sub(":x", PLACEHOLDER.sub(_fill, text))
    if filled == text:
        return parse(text)
    is_open = PLACEHOLDER.search(text, text.find("@") + 1) is not None
    parsed = _parse(filled, _PART_OF_DIGEST if is_open else DIGEST)
    first = PLACEHOLDER.search(text)
    if first and first.start() < (parsed.name.find("/") if has_domain(parsed.name) else len(parsed.name)):
        raise GrammarError("its domain or name is filled in later")
    open_at = first.start() if first and first.start() < len(parsed.name) else -1
    return parsed._replace(text=text, name=text[: len(parsed.name)], open_at=open_at)


def _fill(match: re.Match[str]) -> str:
    """A lower-case stand-in of the same length, valid in path and tag."""
    return "x" * len(match.group())


def _cut(text: str) -> tuple[str, str, str]:
    """Name, tag and digest as written, unchecked."""
    if not text:
        raise GrammarError("it is empty")
    rest, at, digest = text.partition("@")
    if at and not digest:
        raise GrammarError("its digest is empty")
    name = bare(rest)
    if rest == f"{name}:":
        raise GrammarError("its tag is empty")
    return name, rest[len(name) + 1 :], digest


def bare(text: str) -> str:
    """A written reference without tag and digest, unchecked.

    >>> bare("localhost:5000/acme/app:1.2@sha256:0")
    'localhost:5000/acme/app'
    """
    rest = text.partition("@")[0]
    colon = rest.find(":", rest.rfind("/") + 1)
    return rest if colon < 0 else rest[:colon]


def _flaw_of_digest(digest: str) -> str:
    """What the parsers of container runtimes refuse about a digest."""
    algorithm, colon, digits = digest.partition(":")
    if not colon or not digits or not set(digits.lower()) <= set("0123456789abcdef"):
        return "is not algorithm:hex"
    if algorithm not in _HEX_DIGITS:
        return f"has an algorithm other than {', '.join(_HEX_DIGITS)}"
    if digits.lower() != digits:
        return "is not in lower case"
    return f"has {len(digits)} digits, not {_HEX_DIGITS[algorithm]}"


def _check_name(domain: str, path: str) -> None:
    if domain and not DOMAIN.fullmatch(domain):
        raise GrammarError(f"{shorten(domain)} is not a domain")
    if not path:
        raise GrammarError("its repository is empty")
    if len(path) > LONGEST_PATH:
        raise GrammarError(f"its path is longer than {LONGEST_PATH} characters")
    if not PATH.fullmatch(path):
        if path.lower() != path and PATH.fullmatch(path.lower()):
            raise GrammarError("repository must be lowercase")
        raise GrammarError(f"{shorten(path)} is not a repository")


def shorten(text: str, limit: int = 60) -> str:
    """Text in quotes for a message, cut to `limit` characters, in one line."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return '"' + cut.replace("\n", "\\n").replace("\r", "\\r") + '"'
