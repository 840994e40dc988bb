"""References spread over a mapping: registry, organisation, repository or name of an image, tag, digest."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from kubectl_tcr.errors import internal
from kubectl_tcr.find.candidates import TOO_LONG, is_string
from kubectl_tcr.find.site import Site, Status
from kubectl_tcr.images.mirrors import Located, Rules, is_too_long
from kubectl_tcr.images.reference import PATH, PLACEHOLDER, GrammarError, Reference, bare, has_domain, parse_template
from kubectl_tcr.kubernetes import keys
from kubectl_tcr.text import spelling
from kubectl_tcr.text.document import NULLS, STRING_TAGS, Path, Scalar
from kubectl_tcr.text.splice import Edit

_TAGS = ("tag", "version")
TAGGED_BY = ("tag", "digest")
# What stands between a registry and a repository.
_ORGANISATIONS = (
    "organization", "organisation", "org", "namespace", "project", "account",
    "prefix", "imagePrefix", "repositoryPrefix",
)  # fmt: skip
KEYS = frozenset({"registry", "repository", "repo", "image", "imageName", "digest", *_TAGS, *_ORGANISATIONS})
_EITHER = "a repository or an organisation on Docker Hub: nothing tells"
_NO_STRING = "a part of it that would change is no string, but a boolean, a number or null; quote it"
_UNSPELLABLE = "its parts cannot be written so that they spell the mirrored reference"


class Split(NamedTuple):
    """The scalars of one mapping that spell a reference together.

    `parts` are those of the name: the first holds the domain, with or without some of the path, the
    last one may end in a tag or digest of its own. `tag` and `digest` are what other keys say.
    """

    parts: tuple[Scalar, ...]
    tag: str
    digest: str

    @property
    def path(self) -> Path:
        """The path of the mapping."""
        return self.parts[0].path[:-1]

    @property
    def text(self) -> str:
        """The reference that the parts spell; where the name has a tag or digest already, that one counts."""
        front, *rest = (part.value for part in self.parts)
        text = "/".join([front.rstrip("/"), *rest])
        if self.tag and not _suffix(rest[-1]):
            text += f"@{self.tag}" if ":" in self.tag else f":{self.tag}"  # a version may be a digest
        return f"{text}@{self.digest}" if self.digest and "@" not in rest[-1] else text

    def with_values(self, values: tuple[str, ...]) -> "Split":
        """The same with other values of its parts."""
        parts = (part._replace(value=value) for part, value in zip(self.parts, values, strict=True))
        return self._replace(parts=tuple(parts))


def _suffix(value: str) -> str:
    """The tag and digest at the end of a value."""
    return value[len(bare(value)) :]


def may_hold(text: str) -> bool:
    """Whether a document can hold a split reference, told by a search: its keys may be escaped."""
    return "registry" in text or "repo" in text or "\\" in text


def splits(scalars: Iterable[Scalar]) -> Iterator[Split]:
    """Every mapping with a registry beside a repository or image, or a repository beside an image.

    A scalar that aliases repeat comes once for each path that shows it.
    """
    mappings: dict[Path, dict[str, Scalar]] = {}
    for scalar in scalars:
        path = scalar.path
        if path and not scalar.is_key and _is_part(path) and not _is_null(scalar):
            mappings.setdefault(path[:-1], {})[str(path[-1])] = scalar
    for found in mappings.values():
        parts = _parts(found)
        if len(parts) > 1:
            tag = next((found[name].value for name in _TAGS if name in found), "")
            yield Split(parts, tag, found["digest"].value if "digest" in found else "")


def _is_part(path: Path) -> bool:
    if path[-1] == "repo" or path[-1] in _ORGANISATIONS:  # of charts, of code and of anything, elsewhere
        return keys.is_below_image(path)
    return path[-1] in KEYS or (path[-1] == "name" and len(path) > 1 and keys.is_image(path[-2]))


def _is_null(scalar: Scalar) -> bool:
    return not scalar.value or (scalar.style == "plain" and not scalar.tag and scalar.value in NULLS)


def _parts(found: Mapping[str, Scalar]) -> tuple[Scalar, ...]:
    """The scalars of the name, in order; where a third key goes on with it, `repository` is an organisation."""
    registry, repository, repo = (found.get(key) for key in ("registry", "repository", "repo"))
    organisation = next((found[key] for key in _ORGANISATIONS if key in found), None) if registry else None
    last = found.get("image") or found.get("imageName") or found.get("name")
    if repo:
        repository, last = (repository, last or repo) if repository else (repo, last)
    if last and registry and repository and not _goes_on(repository.value, last.value):
        last = None
    if not (repository or last):
        return ()
    return tuple(part for part in (registry, organisation, repository, last) if part)


def _goes_on(repository: str, last: str) -> bool:
    """Whether a third key adds to the repository: it is a name, and not the one that stands there already."""
    name = bare(last)
    if _suffix(repository) or has_domain(last) or name == repository.rpartition("/")[2]:
        return False
    return bool(PATH.fullmatch(PLACEHOLDER.sub("x", name)))


def site(split: Split, rules: Rules, source: str) -> Site | None:
    """The site of a split reference that spells out its host, edits included; None where it is none.

    Raises InternalError where the edited parts would not spell what the site says.
    """
    text = split.text
    front, *rest = split.parts
    try:
        parsed = parse_template(text)
    except GrammarError as error:
        if not rules.maps(front.value.partition("/")[0]):
            return None
        return Site(text, front.start, front.stop, "split", Status.LEFT, f"no reference: {error}")
    if any(has_domain(part.value) for part in rest) or not has_domain(parsed.name):
        return None
    found = Site(text, front.start, front.stop, "split", Status.UNMAPPED, host=parsed.domain)
    undecided = rules.undecided(parsed)
    if undecided:
        return found.left(undecided)
    if parsed.implies_library and rest[-1].path[-1] == "repo":
        return found.left(_EITHER)
    located = rules.locate(parsed)
    if not located:
        return found._replace(status=Status.MIRRORED) if rules.mirrors(parsed) else found
    return _moved(found, split, parsed, located, source)


def _moved(found: Site, split: Split, parsed: Reference, located: Located, source: str) -> Site:
    """The site of a split reference that a rule moves, edits included; left if its parts cannot spell it."""
    text = split.text
    if is_too_long(parsed, located):
        return found.left(TOO_LONG)
    name = located.new + parsed.name[located.cut :]
    try:
        values = _distributed(split, name)
        parts = zip(split.parts, values, strict=True)
        edits = tuple(_whole(source, part, new) for part, new in parts if part.value != new)
    except spelling.LayoutError as error:
        return found._replace(status=Status.LEFT, reason=str(error))
    after = name + text[len(parsed.name) :]
    if split.with_values(values).text != after:
        raise internal(f"the parts of {text} would not spell {after}")
    return found._replace(status=Status.REWRITTEN, after=after, rule=located.rule, edits=edits)


def _distributed(split: Split, name: str) -> tuple[str, ...]:
    """Share a mirrored name out to the parts, those behind the first kept where they can be.

    Raises LayoutError where they cannot spell it.
    """
    front, *rest = (part.value for part in split.parts)
    suffix = _suffix(rest[-1])
    slash = "/" if front.endswith("/") else ""
    kept = "/".join(rest).removesuffix(suffix)
    if len(rest) == 1 and name.endswith(f"/library/{kept}") and not front.rstrip("/").endswith("/library"):
        return name.removesuffix(f"/library/{kept}") + slash, f"library/{kept}{suffix}"
    if name.endswith("/" + kept):
        return (name.removesuffix("/" + kept) + slash, *rest)
    domain, _, path = name.partition("/")
    last = bare(rest[-1])
    if len(rest) == 1:
        return domain + slash, path + suffix
    if len(rest) > 2 or not path.endswith("/" + last):
        raise spelling.LayoutError(_UNSPELLABLE)
    return domain + slash, path.removesuffix("/" + last), rest[-1]


def _whole(source: str, scalar: Scalar, new: str) -> Edit:
    is_plain = scalar.style == "plain" and not scalar.tag
    if scalar.tag not in STRING_TAGS or not is_string(scalar.value, is_plain=is_plain):
        raise spelling.LayoutError(_NO_STRING)
    [(start, stop)] = spelling.spans(source, scalar, [(0, len(scalar.value))])
    return Edit(start, stop, new)
