"""What a run has seen so far: counts for the summary, and every site where a report wants it."""

from collections import Counter
from typing import NamedTuple

from kubectl_tcr.find.site import Site, Status
from kubectl_tcr.kubernetes.exclusions import MATCH_KEY, POLICY, RUNNING
from kubectl_tcr.kubernetes.roles import Role
from kubectl_tcr.pipeline import Part
from kubectl_tcr.reports.gates import Gates
from kubectl_tcr.text.document import Path, format_path


class Mention(NamedTuple):
    """A site and the file it stands in."""

    file: str
    site: Site

    def __str__(self) -> str:
        site = self.site
        field = format_path(site.paths[0]) if site.paths else ""
        return f"{self.file}:{site.line}:{site.column}: {site.resource} {field}".rstrip()


# How many resources with pull secrets the summary names; their number is not bounded otherwise.
_MOST_SECRETS = 20
# How many patterns of policies are compared with what was rewritten.
_MOST_PATTERNS = 200
# Reasons of strings that are patterns of references.
_PATTERNS = frozenset({POLICY, RUNNING})


class Tally:
    """Adds up documents; `keep` says that all sites are kept, `gates` which are told of by themselves."""

    def __init__(self, *, keep: bool = False, gates: Gates = Gates()) -> None:  # noqa: B008 a value
        self.keep = keep
        self.gates = gates
        self.entries: list[Mention] = []
        self.told: list[Mention] = []  # those that the gates ask for
        self.warnings: list[str] = []
        self.rewritten = 0
        self.mirrored = 0
        self.documents = 0
        self.changed_documents = 0
        self._is_changed = False  # the document that parts may still continue
        self.changed_items = 0  # of lists
        self._item: Path = ()  # the last of them
        self.changed_files: list[str] = []
        self.hosts: Counter[str] = Counter()  # foreign ones, by how often
        self.left_declared: Counter[str] = Counter()  # pulled and left, by the reason
        self.left_elsewhere: Counter[str] = Counter()
        self.suspected: Counter[Role] = Counter()  # what may be pulled, by what it may be
        self.used: set[str] = set()
        self.match_keys: dict[str, str] = {}  # with the kinds that match by them
        self.patterns: dict[str, str] = {}  # with the resources that hold them
        self.repositories: set[str] = set()
        self.secrets: dict[tuple[str, str], set[str]] = {}

    def add(self, file: str, part: Part) -> None:
        """Take in a document, or a part of one."""
        if not part.is_continued:
            body = part.document.body
            self.documents += bool(body) and not body.isspace()
            self._is_changed = False
            self._item = ()
        self.warnings += part.warnings
        if part.is_changed:
            self.changed_documents += not self._is_changed
            self._is_changed = True
            if self.changed_files[-1:] != [file]:
                self.changed_files.append(file)
        for site in part.sites:
            self._count(site)
        if self.keep:
            self.entries += (Mention(file, site) for site in part.numbered())
        if self.gates.are_asked and any(map(self.gates.word, part.sites)):
            self.told += (Mention(file, site) for site in part.numbered() if self.gates.word(site))

    @property
    def is_gated(self) -> bool:
        """Whether anything was seen that fails the run."""
        return any(self.gates.word(entry.site) == "error" for entry in self.told)

    def merge(self, other: "Tally", *, is_written: bool) -> None:
        """Take in what another tally has seen of a file, which may have been held back."""
        self.documents += other.documents
        self.entries += other.entries
        self.told += other.told
        self.warnings += other.warnings
        self.match_keys = other.match_keys | self.match_keys
        for pattern, resource in other.patterns.items():
            self._add_pattern(pattern, resource)
        self.repositories |= other.repositories
        if is_written:
            self.changed_documents += other.changed_documents
            self.changed_items += other.changed_items
            self.rewritten += other.rewritten
            self.changed_files += (name for name in other.changed_files if name not in self.changed_files[-1:])
        self.mirrored += other.mirrored
        self.hosts.update(other.hosts)
        self.left_declared.update(other.left_declared)
        self.left_elsewhere.update(other.left_elsewhere)
        self.suspected.update(other.suspected)
        self.used |= other.used
        for key, mirrors in other.secrets.items():
            self._add_secret(key, mirrors)

    def _count(self, site: Site) -> None:
        if site.status is Status.MIRRORED:
            self.mirrored += 1
        elif site.status is Status.SUSPECTED:
            self.suspected[site.role] += 1
        elif site.status is Status.UNMAPPED:
            self.hosts[site.host] += 1
        elif site.reason == MATCH_KEY:
            self.match_keys.setdefault(_repository(site.reference), site.resource.kind or "Kustomization")
        elif site.reason in _PATTERNS:
            self._add_pattern(site.reference, str(site.resource))
        elif site.is_open:
            (self.left_declared if site.is_declared else self.left_elsewhere)[site.reason] += 1
        elif site.rule:
            self.rewritten += 1
            self._count_item(site)
            self.repositories.add(_repository(site.reference))
            self.used.add(site.rule.source)
            if site.pull_secret:
                self._add_secret((str(site.resource), site.pull_secret), {site.after.partition("/")[0]})

    def _count_item(self, site: Site) -> None:
        """Count the item of a list that a site is in, once: sites come in the order of the text."""
        path = site.paths[0] if site.paths else site.resource.root
        if path[:1] == ("items",) and path[:2] != self._item:
            self._item = path[:2]
            self.changed_items += 1

    def _add_pattern(self, pattern: str, resource: str) -> None:
        """Note a pattern and who holds it; their number is not bounded otherwise."""
        if len(self.patterns) < _MOST_PATTERNS:
            self.patterns.setdefault(pattern, resource)

    def _add_secret(self, key: tuple[str, str], mirrors: set[str]) -> None:
        """Note the mirrors that a secret is needed for, of no more resources than the summary names."""
        if key in self.secrets or len(self.secrets) < _MOST_SECRETS:
            self.secrets.setdefault(key, set()).update(mirrors)


def _repository(reference: str) -> str:
    """A reference without tag and digest."""
    name = reference.partition("@")[0]
    return name[: name.rindex(":")] if ":" in name.rpartition("/")[2] else name
