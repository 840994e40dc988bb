"""From a document's scalars to its sites: what is an image reference, and what becomes of it.

Rule 1: a field that Kubernetes or a known custom resource declares holds an image, short names
included. Rule 2: a reference that spells out a mapped host is an image wherever it stands.
"""

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from kubectl_tcr.errors import ReadError
from kubectl_tcr.find import (
    arguments,
    candidates,
    defaults,
    embedded,
    patches,
    signs,
    splits,
    suspects,
    values,
    versions,
)
from kubectl_tcr.find.decide import Around, decided
from kubectl_tcr.find.signs import Gathered, Signs
from kubectl_tcr.find.site import Site, Status
from kubectl_tcr.find.tokens import Token, host_pattern, may_be_pulled, undecided
from kubectl_tcr.images.reference import GrammarError, parse_template
from kubectl_tcr.kubernetes import exclusions, fields, keys, prefixes
from kubectl_tcr.kubernetes.exclusions import MATCH_KEY, NO_KIND
from kubectl_tcr.kubernetes.fields import Fields, is_container_image, is_flag
from kubectl_tcr.kubernetes.resources import IGNORE_ANNOTATION, Place, Resource, places
from kubectl_tcr.kubernetes.roles import EXCLUDED, IGNORED_BY_COMMENT, PULLED, Role, Stays
from kubectl_tcr.readers import Interest, is_hinting
from kubectl_tcr.readers.aliases import Sharing, Use, merged
from kubectl_tcr.settings import Scope, Settings
from kubectl_tcr.text import spelling
from kubectl_tcr.text.document import STRING_TAGS, Alias, Path, Reading, Scalar
from kubectl_tcr.text.patterns import lazy
from kubectl_tcr.text.splice import Edit

IGNORE_COMMENT = "tcr-rewrite: ignore"

_IDENTITY = frozenset({"apiVersion", "kind", "namespace", "generateName", IGNORE_ANNOTATION})
_DECLARED = frozenset({"image", "reference"})
# What holds the name of an image where a tag stands beside it; `repo` may be an organisation.
_PARTS = frozenset({"repository", "imageName"})
_NAMES_OF_IMAGES = _PARTS | {"name"}
# Below these keys an API takes whatever it is given.
_FREE = frozenset({"annotations", "values", "valuesObject", "parameters"})
_NAMED = frozenset({"metadata", "imagePullSecrets", "env", "params", "parameters"})
# What reads the same as a plain scalar anywhere, inside flow collections too.
_PLAIN = lazy(r"[\w./@-]+(?::[\w./@-]+)*")
_MARK = lazy(rf"#(?<!\S#)[^#]*{re.escape(IGNORE_COMMENT)}")
# No comment is looked for further away than this, in characters: some documents are one line.
_LONGEST_LINE = 10_000
# Decisions that are remembered from document to document.
_REMEMBERED = 4096
_LOGIN = Stays(Role.ADDRESS, "a login to a registry")
_MAPPING_KEY = Stays(Role.NAME, "a mapping key")
_COMMENT = Stays(Role.PROSE, "a comment")
_BEHIND = Stays(Role.PROSE, "behind the end of the document")
_TOO_DEEP = Stays(Role.IMAGE, f"embedded deeper than {embedded.DEEPEST} levels")
_COMPARED = Stays(Role.MATCH, MATCH_KEY)
_SHARED = "an anchor that is also used where no image stands"


class Finder:
    """What all documents of a run have in common: the settings and the patterns made from them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.hosts = host_pattern(settings.rules.domains, settings.rules.suffixes)
        self._domains = (*settings.rules.domains, *settings.rules.suffixes)
        self.parents = settings.fields.maps | settings.fields.named
        self.declared_keys = _DECLARED | settings.fields.keys
        self.tells = keys.Telling(self.declared_keys | prefixes.KEYS | _PARTS)
        # Keys that name the resource and nothing else.
        self.context = frozenset(key for key in _IDENTITY if key not in self.tells)
        wanted = (
            splits.KEYS
            | versions.KEYS
            | self.declared_keys
            | _IDENTITY
            | settings.fields.conditions
            | prefixes.KEYS
            | prefixes.LOGIN
        )
        named = keys.Telling(_NAMED | settings.fields.named)
        maps = settings.fields.maps
        wide = keys.Telling(wanted | patches.KEYS | suspects.KEYS)
        self._interest = Interest(keys.Telling(wanted), named, maps, self.finds, arguments.COMMANDS)
        self._wide_interest = Interest(wide, named, maps, self.finds, arguments.COMMANDS)
        self._definitions = Interest(
            keys.Telling(wanted | patches.KEYS | suspects.KEYS | defaults.KEYS),
            named,
            maps,
            self.finds,
            arguments.COMMANDS,
        )
        # Keys of conditions that are too common to be read everywhere.
        self._of_groups = {
            group: Interest(
                keys.Telling(wanted | patches.KEYS | suspects.KEYS | rare), named, maps, self.finds, arguments.COMMANDS
            )
            for group, rare in settings.fields.conditions_of_groups.items()
        }
        self._asked = "", signs.of_text("", ())
        # What was decided before, about fields and about values: manifests repeat both.
        self.how = lru_cache(maxsize=_REMEMBERED)(self._how)
        self.doubts = lru_cache(maxsize=_REMEMBERED)(self._doubts)
        self.declared = lru_cache(maxsize=_REMEMBERED)(self._declared)
        self.trusted = lru_cache(maxsize=_REMEMBERED)(self._trusted)
        # The images of containers by value, path, API version and kind, and where each began.
        self.containers: dict[tuple[str, Path, str, str], tuple[Site, int]] = {}

    def interest(self, text: str) -> Interest:
        """What readers are asked for in a text."""
        return self.interest_by(self.signs(text))

    def interest_by(self, told: Signs) -> Interest:
        """What readers are asked for in a text of which no more is known than its signs."""
        if told.has_defaults:
            return self._definitions
        if told.group:
            return self._of_groups[told.group]
        return self._wide_interest if told.is_wide else self._interest

    def signs(self, text: str) -> Signs:
        """What a text says of the whole of it; asked twice of each."""
        if text is not self._asked[0]:
            self._asked = text, signs.of_text(text, self._of_groups)
        return self._asked[1]

    def signs_of_piece(self, text: str) -> Gathered:
        """What a piece of a text tells of the whole."""
        return signs.of_piece(text, self._of_groups)

    def signs_of_pieces(self, told: Gathered) -> Signs:
        """What pieces tell of the whole, together."""
        return told.signs(self._of_groups)

    def find(self, source: str, reading: Reading, *, detail: bool = False, told: Signs | None = None) -> list[Site]:
        """Every site of a document, in the order of the text, with edits against `source`.

        `detail` adds what stands where no reader looks: in comments, or behind the document. `told` are the
        signs of the whole, where the source is a piece of a document.
        """
        sites = list(_Search(self, source, reading, told or self.signs(source)).sites())
        if detail:
            sites += self._unread(source, reading)
        return sorted(sites, key=lambda site: (site.start, site.stop)) if len(sites) > 1 else sites

    def may_embed(self, value: str) -> bool:
        """Whether a value can hold a document with a reference."""
        if "mage" in value and (embedded.IMAGE_KEY.search(value) or patches.may_hold(value)):
            return True
        if any(domain in value for domain in self._domains) and self.hosts.search(value):
            return True
        return suspects.may_embed(value) or suspects.may_hold(value)

    def finds(self, value: str) -> bool:
        """Whether a value is a reference, or can hold one or a document with one."""
        return self.may_embed(value) or may_be_pulled(value)

    def _how(self, field: Path, group: str, kind: str) -> tuple[str, tuple[str, ...]]:
        """Which rule declares a field of a resource an image, and on which of what conditions; both may be empty."""
        if not kind:  # rows for all kinds hold where none is given
            group = kind = NO_KIND
        elif is_container_image(field):
            return "container", ()
        if self.settings.scope < Scope.FIELDS:
            return "", ()
        conditions = [row.when for row in self.settings.fields.declaring(group, kind, field)]
        if not conditions:
            return "", ()
        return "declared", () if "" in conditions else tuple(conditions)

    def _doubts(self, field: Path, group: str, kind: str) -> bool:
        """Whether a field of a resource may be an image, as was learned of it."""
        return next(self.settings.fields.doubting(group, kind, field), None) is not None

    def _declared(self, value: str, how: str, style: str, tag: str) -> Site | None:
        """The site of a value that is declared an image, None where it is none."""
        site = candidates.declared(self.settings.rules, value, how)
        return site if site and candidates.is_string(value, is_plain=style == "plain" and not tag) else None

    def _trusted(self, host: str, reference: str) -> str:
        """Why a reference is trusted that no rule moves, empty if it is not."""
        try:
            path = parse_template(reference).path
        except GrammarError:  # a host alone
            path = ""
        return self.settings.rules.trusted.why(host, path)

    def remember(self, key: tuple[str, Path, str, str], site: Site, start: int) -> None:
        """Keep the site of a container's image that begins at an offset."""
        if len(self.containers) >= _REMEMBERED:
            self.containers.clear()
        self.containers[key] = site, start

    def _unread(self, source: str, reading: Reading) -> Iterator[Site]:
        spans = sorted((scalar.start, scalar.stop) for scalar in reading.scalars)
        starts = [start for start, _ in spans]
        for token in undecided(source, self.hosts):
            index = bisect_right(starts, token.start) - 1
            if index < 0 or token.start >= spans[index][1]:
                yield candidates.left(token, _BEHIND if 0 <= reading.end <= token.start else _COMMENT)


# What was found in documents that are kept in strings, by their texts and what is known around them.
_Memory = dict[tuple[str, frozenset[str], int, bool], list[Site]]


class _Search:
    """The search through one document; `depth` counts the strings around it.

    Where aliases show a string at several places, what is embedded in it is searched once: `memory` keeps it.
    """

    def __init__(
        self,
        finder: Finder,
        source: str,
        reading: Reading,
        told: Signs,
        depth: int = 0,
        known: frozenset[str] = frozenset(),
        memory: _Memory | None = None,
        *,
        holds_values: bool = False,
    ) -> None:
        self.finder = finder
        self.rules = finder.settings.rules
        self.scope = finder.settings.scope
        self.source = source
        self.reading = reading
        self.depth = depth
        self.told = told
        self.places = places(reading, may_merge=told.may_merge)
        self.sharing = Sharing(reading.aliases)
        self.has_comments = IGNORE_COMMENT in source
        self.is_wide = told.is_wide
        # Whether a key says nothing on its own.
        self.is_odd = bool(reading.aliases) or told.has_defaults or told.is_wide
        # Whether a resource and a field of it say all of a place.
        self.is_simple = not (self.is_odd or told.may_merge or finder.settings.excludes)
        self.known = known
        self.memory = {} if memory is None and reading.aliases else memory
        # Whether all that is no resource are values of a chart: in a file without kind, and in a string of values.
        self.holds_values = holds_values or depth == 0
        # What the first question works out.
        self.images_by_root: dict[Path, frozenset[str]] | None = None
        self.names_a_registry: bool | None = None
        self.learned: Fields | None = None

    def sites(self) -> Iterator[Site]:
        taken: set[int] = set()
        lists: dict[Path, list[Site]] = {}
        for site, starts in self.find_splits():
            taken |= starts
            yield self.heed_comment(site, site.start)
        for scalar in self.reading.scalars:
            if self.may_hold(scalar.value, scalar.path) and scalar.start not in taken:
                found = [self.heed_comment(site, scalar.start) for site in self.search(scalar)]
                if found and scalar.path and isinstance(scalar.path[-1], int):
                    lists.setdefault(arguments.line(scalar.path), []).extend(found)
                else:
                    yield from found
        for found in lists.values():
            yield from arguments.spared(found)

    def may_hold(self, value: str, path: Path) -> bool:
        """Whether a scalar is more than context: most scalars a reader yields only name the resource."""
        field = path[-1] if path else ""
        if field in self.finder.context and not self.is_odd:
            return not self.finder.parents.isdisjoint(path[-3:-1])
        if self.reading.aliases:
            return True
        above = path[-2] if len(path) > 1 else ""
        if self.told.has_defaults and "default" in path:
            return True
        if self.is_wide and not suspects.KEYS.isdisjoint(path):
            return True
        if isinstance(field, int) and above in arguments.COMMANDS:  # yielded for what stands behind it
            return self.finder.finds(value)
        if (above if isinstance(field, int) else field) in self.finder.tells:
            return True
        if field not in _IDENTITY and is_hinting(value):
            return True
        if field == "name" and keys.is_image(above):
            return True
        return not self.finder.parents.isdisjoint(path[-3:-1])

    def heed_comment(self, site: Site, scalar_start: int) -> Site:
        """Leave alone what the ignore comment marks, on the line of the reference or where its scalar begins.

        What would stay anyway is told of as ignored too where gates would ask for it.
        """
        if not self.has_comments or not (site.edits or site.is_open or site.status is Status.SUSPECTED):
            return site
        is_marked = _is_marked(self.source, site.start) or _is_marked(self.source, scalar_start)
        return site.left(IGNORED_BY_COMMENT.why) if is_marked else site

    def find_splits(self) -> Iterator[tuple[Site, set[int]]]:
        """Split references, each with the offsets of the scalars it is made of."""
        if self.scope < Scope.VALUES or not self.told.may_split:
            return
        shown = [(scalar, self.uses_of(scalar)) for scalar in self.reading.scalars] if self.reading.aliases else []
        shared = {scalar.start for scalar, uses in shown if len(uses) != 1}
        every = [scalar._replace(path=use.path, is_key=use.is_key) for scalar, uses in shown for use in uses]
        for split in splits.splits(every or self.reading.scalars):
            place = self.places.at(split.path)
            if any(self.how_declared(part.path, place.resource, part) for part in split.parts[1:]):
                continue
            site = splits.site(split, self.rules, self.source)
            if site:
                site = site._replace(paths=(split.path,), resource=place.resource)
                if any(part.start in shared for part in split.parts):
                    site = site.left("a part of it is used elsewhere too")
                elif self.is_login(split.path):
                    site = site.left(_LOGIN)
                yield self.judge(site, place), {part.start for part in split.parts}

    # One scalar, at one place or at several.

    def uses_of(self, scalar: Scalar) -> tuple[Use, ...]:
        """Every place that shows a scalar, none where they are too many."""
        return self.sharing.uses(scalar)

    def search(self, scalar: Scalar) -> list[Site]:
        own = Use(merged(scalar.path) if self.told.may_merge else scalar.path, None, scalar.is_key)
        resource = self.places.alone(scalar.path) if self.is_simple else None
        if resource:
            return self.search_remembered(scalar, own, resource)
        if not self.reading.aliases:
            return self.search_at(scalar, own)
        where = self.uses_of(scalar)
        if not where:
            return [site.left("repeated by too many aliases") for site in self.search_at(scalar, own)]
        if len(where) == 1:
            return self.search_at(scalar, where[0])
        return self.search_shared(scalar, where)

    def search_remembered(self, scalar: Scalar, own: Use, resource: Resource) -> list[Site]:
        """What `search_at` finds; the image of a container that was seen before is found again at once."""
        value, style, start, stop, path, is_key, _, tag = scalar
        depth = len(resource.root)  # what stands in a list may have been seen outside of one, where no list has a say
        key = value, (depth, *path[depth:]), resource.api_version, resource.kind
        is_as_written = style == "plain" and stop - start == len(value) and not (is_key or tag)
        seen = self.finder.containers.get(key) if is_as_written else None
        if seen:
            site, origin = seen
            secret = self.places.pull_secret(path) if site.status is Status.REWRITTEN else ""
            return [site.again(start - origin, path, resource, secret)]
        found = self.search_at(scalar, own)
        if is_as_written and len(found) == 1 and found[0].how == "container" and found[0].status is not Status.LEFT:
            self.finder.remember(key, found[0], start)
        return found

    def search_shared(self, scalar: Scalar, where: Sequence[Use]) -> list[Site]:
        """Edit an anchored scalar if every place that shows it agrees, else the aliases to it."""
        views = [self.search_at(scalar, use) for use in where]
        wants = [any(site.edits for site in view) for view in views]
        if not any(wants):
            return views[0]
        best = wants.index(True)
        field = self.field_at(where[best].path)[-1:]
        if all(want or self.may_follow(use, field) for want, use in zip(wants, where, strict=True)):
            return [_shown_at(site, where[best], where) for site in views[best]]
        if wants[0]:
            return [_shown_at(site.left(_SHARED), where[0], where) for site in views[0]]
        by_alias: dict[Alias | None, list[tuple[Use, list[Site]]]] = {}
        for use, view in zip(where, views, strict=True):
            by_alias.setdefault(use.alias, []).append((use, view))
        return [*views[0], *(site for shown in by_alias.values() for site in self.search_aliased(scalar, shown))]

    def search_aliased(self, scalar: Scalar, shown: Sequence[tuple[Use, list[Site]]]) -> Iterator[Site]:
        """The sites at an alias, whose text gives way to the mirrored reference if every place that it shows agrees."""
        wanting = [(use, view) for use, view in shown if any(site.edits for site in view)]
        if not wanting:
            return
        use, view = wanting[0]
        others = [one for one, view in shown if not any(site.edits for site in view)]
        agree = use.alias is not None and all(self.may_follow(one, use.path[-1:]) for one in others)
        where = [one for one, _ in (shown if agree else wanting)]
        for site in (_shown_at(site, use, where) for site in view if site.edits):
            yield _aliased(scalar, use, site) if agree else site.left(_SHARED)

    def may_follow(self, use: Use, field: Path) -> bool:
        """Whether a place that is no image itself may change with one: of the same field, and not told to stay."""
        return self.field_at(use.path)[-1:] == field and not use.is_key and not self.places.at(use.path).reason

    def field_at(self, path: Path) -> Path:
        """The field that a path leads to; for a default of a definition the one that it fills in."""
        resource = self.places.at(path).resource
        field = path[len(resource.root) :]
        return (defaults.field_of(field) if defaults.is_definition(resource) else None) or field

    def search_at(self, scalar: Scalar, use: Use) -> list[Site]:
        """The sites of a scalar as one path shows it, with spans of the text."""
        place = self.place_of(use.path)
        if place.reason and place.reason.until and place.reason.until in scalar.value:
            found: Sequence[Site] = list(self.search_pair(scalar, use, place.resource, place.reason))
            place = Place(place.resource, None)
        else:
            found = self.search_value(scalar, use, place)
        if not found:
            return []
        offset = spelling.verbatim(self.source, scalar)
        placed = [
            site.moved(offset or 0, tuple((*use.path, *path) for path in site.paths) or (use.path,), place.resource)
            for site in found
        ]
        if offset is None:
            placed = _lifted(self.source, scalar, placed)
        if len(placed) == 1 and placed[0].how != "container":  # a container has no tag beside its image
            placed = [versions.with_version(placed[0], scalar.value, use.path, self.places.value)]
        return [self.judge(site, place) for site in placed]

    def place_of(self, path: Path) -> Place:
        """Where a path leads; a field that the user declares does not stay by what is known of its kind."""
        place = self.places.at(path)
        if not place.reason or not place.reason.yields:
            return place
        resource = place.resource
        insists = self.finder.settings.fields.is_insisted
        return Place(resource, None) if insists(resource.group, resource.kind, path[len(resource.root) :]) else place

    def judge(self, site: Site, place: Place) -> Site:
        """Leave alone what the place or the user excludes; note the pull secrets of a pod."""
        if place.reason:
            return site.left(place.reason)
        if site.status is Status.MIRRORED:
            return site
        if self.finder.settings.excludes and self.is_excluded(site, place.resource):
            return site.left(EXCLUDED.why)
        if site.status is Status.LEFT:
            return site
        if site.status is Status.UNMAPPED:
            why = self.finder.trusted(site.host, site.reference)
            return site._replace(status=Status.TRUSTED, reason=why) if why else site
        secret = self.places.pull_secret(site.paths[0]) if site.how == "container" else ""
        return site._replace(pull_secret=secret) if secret else site

    def is_excluded(self, site: Site, resource: Resource) -> bool:
        """Whether the user excludes a reference, by what it says or by where it stands."""
        forms = _forms(site)
        excludes = self.finder.settings.excludes
        return any(exclude.matches(forms, resource, path) for exclude in excludes for path in site.paths)

    # What one value holds; spans and edits are those of the value.

    def search_value(self, scalar: Scalar, use: Use, place: Place) -> Sequence[Site]:
        value, hosts = scalar.value, self.finder.hosts
        stays = self.unused(scalar, use)
        if stays:
            return list(candidates.untouched(hosts, value, stays))
        declared = self.declared(scalar, use.path, place.resource)
        if declared is not None:
            return declared
        if self.scope < Scope.VALUES:
            return ()
        before = (*arguments.in_front(use.path, self.places.value), *scalar.before)
        around = Around(use.path, before, self.name_beside(use.path), self.is_tagged(use.path))
        whole = candidates.whole(self.rules, hosts, value, around) if is_hinting(value) else None
        if whole:
            is_login = whole.edits and whole.role is Role.PREFIX and self.is_login(use.path[:-1])
            return (whole.left(_LOGIN) if is_login else whole,)
        suspect = None if place.reason else self.suspect(scalar, use.path, around, place.resource)
        if suspect:
            return (suspect,)
        if self.scope < Scope.TEXT or not is_hinting(value):
            return ()
        if place.reason:
            return list(candidates.untouched(hosts, value, place.reason))
        return list(self.search_inside(scalar._replace(before=before), place.resource))

    def unused(self, scalar: Scalar, use: Use) -> Stays | None:
        """Why a scalar is no value that a resource takes, None where it is one."""
        if scalar.tag not in STRING_TAGS:
            return Stays(Role.IMAGE, f"no string, by its tag {scalar.tag}")
        return _MAPPING_KEY if use.is_key else None

    def declared(self, scalar: Scalar, path: Path, resource: Resource) -> Sequence[Site] | None:
        """What a scalar holds at a field that is declared an image or a registry, None where it is not declared."""
        patch = patches.operation(path, self.places.value) if self.told.has_patches else None
        if patch and patch.is_test:
            return list(candidates.untouched(self.finder.hosts, scalar.value, _COMPARED))
        is_put = patch is not None and is_container_image(patch.field)
        how = "container" if is_put else self.how_declared(path, resource, scalar)
        if how:
            site = self.finder.declared(scalar.value, how, scalar.style, scalar.tag)
            return (site,) if site else ()
        flag = self.flag_in(scalar, path, resource)
        if flag:
            site = candidates.declared(self.rules, scalar.value[len(flag) :], "declared")
            return (site.moved(len(flag), (), resource),) if site else ()
        registry = self.registry(scalar.value, path, resource)
        return (registry,) if registry else None

    def registry(self, value: str, path: Path, resource: Resource) -> Site | None:
        """The site of a field that is declared to hold a registry."""
        if not value or self.scope < Scope.FIELDS or not path or path[-1] not in prefixes.KEYS:
            return None
        row = prefixes.declared(resource.group, resource.kind, path[len(resource.root) :])
        if row is None:
            return None
        return candidates.registry(self.rules, value, row, is_complete=self.is_complete(row, resource))

    def is_complete(self, row: prefixes.Row, resource: Resource) -> bool:
        """Whether what must be set beside a registry is, and not to what stands there anyway."""
        other = self.places.value((*resource.root, *row.beside)) if row.beside else ""
        theirs = prefixes.declared(resource.group, resource.kind, row.beside)
        return bool(other) and (theirs is None or (other or "").rstrip("/") != theirs.host)

    def name_beside(self, path: Path) -> str:
        """The name of the variable that a `value` is of, empty for other keys."""
        return (self.places.value((*path[:-1], "name")) or "") if path[-1:] == ("value",) else ""

    def suspect(self, scalar: Scalar, path: Path, around: Around, resource: Resource) -> Site | None:
        """The site of a value that may be an image or a registry, by what it is called; None where nothing says so."""
        if self.is_doubted(path, resource, scalar):
            short = suspects.by_field(scalar.value)
            return self.suspected(short, "value", "", resource) if short else None
        name, when = around.name, ""
        if around.is_behind_a_flag:
            when = around.flag
        elif around.beside:
            when = f"name={around.beside}"
        elif path and path[-1] in _NAMES_OF_IMAGES and keys.is_below_image(path) and self.may_be_whole(scalar, path):
            name = str(path[-2])
        is_own = name == around.key
        if keys.of_name(name) in PULLED and not (is_own and (self.is_known(resource, path) or path[-1:] != (name,))):
            found = suspects.of_value(scalar.value, name)
        elif "/" in scalar.value and not (is_own and self.is_known(resource, path)):
            found = suspects.by_shape(scalar.value)
        else:
            return None
        if found is None or not candidates.is_string(scalar.value, is_plain=scalar.style == "plain" and not scalar.tag):
            return None
        if found.stays.role is Role.PREFIX and self.is_login(path[:-1]):
            return None
        return self.suspected(found, "value", when, resource)

    def is_doubted(self, path: Path, resource: Resource, scalar: Scalar) -> bool:
        """Whether the schema of a resource leaves open whether a field is an image."""
        field = path[len(resource.root) :]
        if defaults.is_definition(resource):
            group, kind, inner = self.defined(field, resource)
            return inner is not None and self.is_learned(scalar, inner, group, kind, is_certain=False)
        return self.finder.doubts(field, resource.group, resource.kind)

    def may_be_whole(self, scalar: Scalar, path: Path) -> bool:
        """Whether a part of an image is one without a registry: a tag stands beside it, or a namespace in it."""
        return self.is_tagged(path) or (path[-1] == "repository" and "/" in scalar.value)

    def suspected(self, found: suspects.Suspect, how: str, when: str, resource: Resource) -> Site:
        """The site of a suspect; what a field of the same resource declares an image is one."""
        if found.text in self.known_in(resource):
            return candidates.reference(self.rules, found.text, found.start, how, parse_template)
        stop = found.start + len(found.text)
        role, reason = found.stays.role, found.stays.why
        return Site(found.text, found.start, stop, how, Status.SUSPECTED, reason, role=role, when=when)

    def known_in(self, resource: Resource) -> frozenset[str]:
        """The short names that fields of a resource, or of one around its document, declare to be images."""
        if self.images_by_root is None:
            self.images_by_root = self.declared_by_root()
        return self.known | self.images_by_root.get(resource.root, frozenset())

    def declared_by_root(self) -> dict[Path, frozenset[str]]:
        """What fields declare to be images, by the root of their resource."""
        found: dict[Path, set[str]] = {}
        for scalar in self.reading.scalars:
            resource = self.places.at(scalar.path).resource
            if scalar.value and self.how_declared(scalar.path, resource, scalar):
                found.setdefault(resource.root, set()).add(scalar.value.strip())
        return {root: frozenset(names) for root, names in found.items()}

    def is_known(self, resource: Resource, path: Path) -> bool:
        """Whether the API of a resource is known, so that an image at one of its fields would be declared."""
        is_free = resource.kind == "ConfigMap" or not _FREE.isdisjoint(path)
        if not resource.kind or is_free:
            return False
        group = resource.group
        return "." not in group or group.endswith(".k8s.io") or self.finder.settings.fields.knows(group, resource.kind)

    def is_tagged(self, path: Path) -> bool:
        """Whether a tag or a digest stands beside the name of an image."""
        return (
            bool(path)
            and path[-1] in _NAMES_OF_IMAGES
            and any(self.places.value((*path[:-1], key)) for key in splits.TAGGED_BY)
        )

    def is_login(self, mapping: Path) -> bool:
        """Whether a mapping holds what a registry is logged in to by."""
        return any(self.places.value((*mapping, key)) is not None for key in prefixes.LOGIN)

    def search_pair(self, scalar: Scalar, use: Use, resource: Resource, stays: Stays) -> Iterator[Site]:
        """The sites of a `name=image`, whose left side stays."""
        name, _, image = scalar.value.partition(stays.until)
        yield from candidates.untouched(self.finder.hosts, name, stays)
        rest = scalar._replace(value=image)
        for site in self.search_value(rest, use, Place(resource, None)):
            yield site.moved(len(name) + len(stays.until), site.paths, site.resource)

    def how_declared(self, path: Path, resource: Resource, scalar: Scalar) -> str:
        """Which rule declares a path an image, empty if none does."""
        field, group, kind = path[len(resource.root) :], resource.group, resource.kind
        if defaults.is_definition(resource):
            group, kind, inner = self.defined(field, resource)
            if inner is None or exclusions.of_resource(inner, group, kind):
                return ""
            if self.is_learned(scalar, inner, group, kind, is_certain=True):
                return "declared"
            field = inner
        how, conditions = self.finder.how(field, group, kind)
        if how and (not conditions or any(self.holds(one, path, scalar) for one in conditions)):
            return how
        return "declared" if self.is_name_in_values(path, resource, scalar) else ""

    def is_name_in_values(self, path: Path, resource: Resource, scalar: Scalar) -> bool:
        """Whether a scalar is the name of an image in values of a chart, with its tag beside it."""
        if self.scope < Scope.FIELDS or not values.may_be_name(path, scalar.value) or self.has_registry():
            return False
        if not (values.are_at(path, resource) if resource.kind else self.holds_values):
            return False
        beside = (*((*path[:-1], key) for key in values.JOINED),)
        return self.is_tagged(path) and not any(map(self.places.value, beside))

    def has_registry(self) -> bool:
        """Whether a key of the document says registry."""
        if self.names_a_registry is None:
            told = self.told.names_registry
            self.names_a_registry = values.name_a_registry(self.source) if told is None else told
        return self.names_a_registry

    def defined(self, field: Path, resource: Resource) -> tuple[str, str, Path | None]:
        """The group and kind of what a definition defines, and the field of it that a default fills in."""
        group, kind = (self.places.value(path) or "" for path in defaults.names(resource))
        return group, kind, defaults.field_of(field) if kind else None

    def is_learned(self, scalar: Scalar, field: Path, group: str, kind: str, *, is_certain: bool) -> bool:
        """Whether the definitions in a document themselves say that a default is an image, or may be one."""
        if not defaults.may_be_image(scalar.value, field):
            return False
        if self.learned is None:
            self.learned = self.learn()
        rows = self.learned.declaring if is_certain else self.learned.doubting
        return next(rows(group, kind, field), None) is not None

    def learn(self) -> Fields:
        """What the definitions in the document say of images; read once more, for a default that may be one."""
        from kubectl_tcr.crds import learn

        try:
            found = learn.of_text(self.source)
        except ReadError:  # a reader that asks for more may refuse what another one passes over
            return Fields(())
        return Fields(found.declared, found.suspected)

    def flag_in(self, scalar: Scalar, path: Path, resource: Resource) -> str:
        """The flag and its `=` that a value begins with, if some row declares what follows; else empty."""
        if not scalar.value.startswith("--"):
            return ""
        _, conditions = self.finder.how(path[len(resource.root) :], resource.group, resource.kind)
        return next((f"{one}=" for one in conditions if is_flag(one) and scalar.value.startswith(f"{one}=")), "")

    def holds(self, condition: str, path: Path, scalar: Scalar) -> bool:
        """Whether a flag stands in front of a scalar, or a `key=value` in the mapping that its path leads into."""
        if is_flag(condition):
            return scalar.before[-1:] == (condition,)
        ups, key, value, is_negated = fields.condition(condition)
        return (self.places.value((*path[: -1 - ups], key)) == value) is not is_negated

    def search_inside(self, scalar: Scalar, resource: Resource) -> Iterable[Site]:
        """What stands inside a longer string: documents, or tokens of text."""
        value, hosts = scalar.value, self.finder.hosts
        is_text = scalar.start == self.told.text_at
        found = self.search_documents(scalar, resource) if not is_text and self.finder.may_embed(value) else None
        if found is not None:
            return found
        tokens = itertools.chain(
            candidates.in_text(self.rules, hosts, value, scalar.before),
            self.suspects_in(value, scalar.before, resource),
        )
        if IGNORE_COMMENT not in value:
            return tokens
        return (site.left(IGNORED_BY_COMMENT.why) if _is_marked(value, site.start) else site for site in tokens)

    def search_documents(self, scalar: Scalar, resource: Resource) -> Sequence[Site] | None:
        """The sites of the documents that a string consists of, None where it is mere text."""
        value = scalar.value
        key = value, self.known_in(resource), self.depth, values.are_at(scalar.path, resource)
        if self.memory is not None and key in self.memory:
            return self.memory[key]
        parts = list(embedded.parts(value, self.finder.interest(value)))
        if not parts:
            return None
        if self.depth >= embedded.DEEPEST:
            found = list(candidates.untouched(self.finder.hosts, value, _TOO_DEEP))
        else:
            found = [site for part in parts for site in self.search_embedded(part, key[1], holds_values=key[3])]
        if self.memory is not None:
            self.memory[key] = found
        return found

    def suspects_in(self, value: str, before: Sequence[str], resource: Resource) -> Iterator[Site]:
        """The suspects inside a longer string, but for what a command there pushes or compares."""
        if any(sign in value for sign in suspects.SIGNS):
            found = {one.start: one for one in suspects.in_text(value)}
            tokens = [Token(one.text, start, start + len(one.text)) for start, one in sorted(found.items())]
            for token, verdict in decided(value, tokens, Around(before=before)):
                if verdict.role in PULLED:
                    one = found[token.start]
                    yield self.suspected(one, "text", one.flag, resource)

    def search_embedded(self, part: embedded.Inner, known: frozenset[str], *, holds_values: bool) -> Iterator[Site]:
        told = self.finder.signs(part.text)
        inner = _Search(
            self.finder, part.text, part.reading, told, self.depth + 1, known, self.memory, holds_values=holds_values
        )
        for site in inner.sites():
            paths = tuple((f"<{part.format}>", *path) for path in site.paths)
            yield site.moved(part.offset, paths, site.resource)


def _is_marked(text: str, offset: int) -> bool:
    """Whether the line around an offset ends in the ignore comment.

    A quote behind the mark tells that it stands inside a string, whose own lines are looked at instead.
    """
    back, ahead = max(offset - _LONGEST_LINE, 0), offset + _LONGEST_LINE
    stop = text.find("\n", offset, ahead)
    if stop < 0 and ahead < len(text):
        return False
    stop = stop if stop >= 0 else len(text)
    start = max(text.rfind("\n", back, offset) + 1, back)
    # Only behind the last quote: a search from each sign in front of one would end there each time.
    start = max(start, text.rfind('"', start, stop) + 1, text.rfind("'", start, stop) + 1)
    return text.find(IGNORE_COMMENT, start, stop) >= 0 and _MARK.search(text, start, stop) is not None


def _shown_at(site: Site, use: Use, where: Iterable[Use]) -> Site:
    """A site that was found as one use shows it, with the paths of all uses."""
    inner = site.paths[0][len(use.path) :]
    return site._replace(paths=tuple((*use.path, *inner) for use in where))


def _aliased(scalar: Scalar, use: Use, site: Site) -> Site:
    """A site at an alias, left where its text cannot be the mirrored reference."""
    if use.alias is None or site.reference != scalar.value or not _PLAIN.fullmatch(site.after):
        return site.left(_SHARED)
    start, stop = use.alias.start, use.alias.stop
    return site._replace(start=start, stop=stop, edits=(Edit(start, stop, site.after),))


def _forms(site: Site) -> tuple[str, ...]:
    """What an exclusion by reference is compared with: as written, and canonical."""
    try:
        parsed = parse_template(site.reference)
    except GrammarError:
        return (site.reference,)
    return (site.reference, parsed.name, parsed.repository, parsed.repository + site.reference[len(parsed.name) :])


def _lifted(source: str, scalar: Scalar, sites: Sequence[Site]) -> list[Site]:
    """Sites of a value as sites of the text that spells it."""
    wanted = list({(site.start, site.stop) for site in sites} | {edit[:2] for site in sites for edit in site.edits})
    if not wanted:
        return []
    try:
        where = dict(zip(wanted, spelling.spans(source, scalar, wanted), strict=True))
    except spelling.LayoutError as error:
        lost = (site.left(str(error)) for site in sites)
        return [site._replace(start=scalar.start, stop=scalar.stop) for site in lost]
    return [
        site._replace(
            start=where[site.start, site.stop][0],
            stop=where[site.start, site.stop][1],
            edits=tuple(Edit(*where[edit.start, edit.stop], edit.new) for edit in site.edits),
        )
        for site in sites
    ]
