"""References spread over a mapping: `registry`, `repository` or `image`, `tag`, `digest`."""

from collections.abc import Iterator
from typing import NamedTuple

from kubectl_tcr import layout
from kubectl_tcr.document import Path, Reading, Scalar
from kubectl_tcr.mirrors import Rules
from kubectl_tcr.reference import GrammarError, has_domain, parse_template
from kubectl_tcr.site import Site, Status
from kubectl_tcr.splice import Edit

_FRONTS = ("registry", "repository")
_TAGS = ("tag", "version")
KEYS = frozenset({"registry", "repository", "image", "digest", *_TAGS})


class Split(NamedTuple):
    """The scalars of one mapping that spell a reference together.

    `front` holds the domain, with or without a part of the path, and `rest` the rest of the name.
    """

    front: Scalar
    rest: Scalar
    tag: str
    digest: str

    @property
    def path(self) -> Path:
        """The path of the mapping."""
        return self.front.path[:-1]

    @property
    def text(self) -> str:
        """The reference that the parts spell."""
        text = f"{self.front.value.rstrip('/')}/{self.rest.value}"
        if self.tag:
            text += f":{self.tag}"
        return f"{text}@{self.digest}" if self.digest else text


def may_hold(text: str) -> bool:
    """Whether a document can hold a split reference, told by a search: its keys may be escaped."""
    return "registry" in text or "repository" in text or "\\" in text


def splits(reading: Reading) -> Iterator[Split]:
    """Every mapping with a registry beside a repository, or a repository beside an image."""
    mappings: dict[Path, dict[str, Scalar]] = {}
    for scalar in reading.scalars:
        if scalar.path and scalar.path[-1] in KEYS and not scalar.is_key:
            mappings.setdefault(scalar.path[:-1], {})[str(scalar.path[-1])] = scalar
    for parts in mappings.values():
        front = parts.get("registry") or parts.get("repository")
        rest = parts.get("repository") if "registry" in parts else None
        rest = rest or parts.get("image")
        if front and rest and front.value and rest.value:
            tag = next((parts[name].value for name in _TAGS if name in parts), "")
            yield Split(front, rest, tag, parts["digest"].value if "digest" in parts else "")


def site(split: Split, rules: Rules, source: str) -> Site | None:
    """The site of a split reference with a mapped host, edits included; None where it is none."""
    try:
        parsed = parse_template(split.text)
    except GrammarError:
        return None
    if has_domain(split.rest.value) or not has_domain(parsed.name) or parsed.domain not in rules.domains:
        return None
    found = Site(split.text, split.front.start, split.front.stop, "split", Status.UNMAPPED, host=parsed.domain)
    located = rules.locate(parsed)
    if not located:
        return found
    name = located.new + parsed.name[located.cut :]
    parts = zip((split.front, split.rest), _distributed(split, name), strict=True)
    try:
        edits = tuple(_whole(source, part, new) for part, new in parts if part.value != new)
    except layout.LayoutError as error:
        return found._replace(status=Status.LEFT, reason=str(error))
    after = name + split.text[len(parsed.name) :]
    return found._replace(status=Status.REWRITTEN, after=after, rule=located.rule, edits=edits)


def _distributed(split: Split, name: str) -> tuple[str, str]:
    """Share a mirrored name out to the two parts, the second kept where it can be."""
    slash = "/" if split.front.value.endswith("/") else ""
    for kept in ("library/" + split.rest.value, split.rest.value):
        if name.endswith("/" + kept):
            return name[: -len(kept) - 1] + slash, kept
    domain, _, path = name.partition("/")
    return domain + slash, path


def _whole(source: str, scalar: Scalar, new: str) -> Edit:
    [(start, stop)] = layout.spans(source, scalar, [(0, len(scalar.value))])
    return Edit(start, stop, new)
