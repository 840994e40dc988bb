"""What a runtime of a node asks for each source host and what is wrong with it, in the words that all share."""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from kubectl_tcr.images.mirrors import Rule, Rules
from kubectl_tcr.nodes.hosts import Ways, host


class Problem(NamedTuple):
    """Something wrong with a node's configuration: in which file, what, what to do."""

    file: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what}"


class Asked(NamedTuple):
    """A source host, the mirrors that are asked for it, the first first, and the file that says so.

    `asks_source`: whether the source itself is asked when no mirror serves. `by_location`: the source may have a
    path, and a mirror's URL is where the images below it are, not the root of an API.
    """

    source: str
    mirrors: tuple[str, ...]
    file: str
    asks_source: bool = True
    by_location: bool = False


class Report(NamedTuple):
    """What one runtime of a node does, and what is wrong with it.

    `runtime` is its name, `release` and `style` are known of containerd alone. `is_restart_pending`: whether it runs
    with older files than those that are there, None where that cannot be seen.
    """

    runtime: str
    asked: tuple[Asked, ...]
    problems: tuple[Problem, ...]
    release: str = ""
    style: str = ""
    is_restart_pending: bool | None = None

    def __str__(self) -> str:
        return f"{self.runtime} {self.release}".rstrip()


PROVED, DISPROVED, UNKNOWN = "proved", "disproved", "unknown"


class Proof(NamedTuple):
    """Whether a runtime pulls from a mirror: PROVED, DISPROVED or UNKNOWN, and why, but for the first."""

    answer: str
    why: str = ""


def url(endpoint: object) -> str:
    """An endpoint as a URL: without a scheme it is https, and `/v2` is where a registry is anyway."""
    text = str(endpoint)
    text = text if "://" in text else f"https://{text}"
    return text.removesuffix("/").removesuffix("/v2")


def mirror(root: str) -> str:
    """A mirror by the root of its API, with what goes without saying left out; `api_root` undoes it.

    A root that does not end in `/v2` and has none before its end is shown with a slash behind it.

    >>> mirror("https://m.io/v2"), mirror("https://m.io/v2/team"), mirror("https://m.io/team")
    ('https://m.io', 'https://m.io/v2/team', 'https://m.io/team/')
    """
    path = split(root)[1]
    if "/v2/" in path:
        return root
    return root.removesuffix("/v2") if path.endswith("/v2") else f"{root}/"


def api_root(mirror: str) -> str:
    """The root of a mirror's API, below which `/REPOSITORY/manifests/TAG` is asked.

    >>> api_root("https://m.io"), api_root("https://m.io/v2/team"), api_root("https://m.io/team/")
    ('https://m.io/v2', 'https://m.io/v2/team', 'https://m.io/team')
    """
    if mirror.endswith("/"):
        return mirror[:-1]
    return mirror if "/v2/" in split(mirror)[1] else f"{mirror}/v2"


def split(address: str) -> tuple[str, str]:
    """Scheme with host, and path, of a URL that may be none: it comes from a file of a node.

    >>> split("https://m.io/v2/team"), split("https://[")
    (('https://m.io', '/v2/team'), ('https://[', ''))
    """
    scheme, separator, rest = address.rpartition("://")
    name, slash, path = rest.partition("/")
    return f"{scheme}{separator}{name}", f"{slash}{path}"


def wrong_schemes(rules: Rules, asked: Iterable[Asked], plain_http: Collection[str]) -> Iterator[Problem]:
    """The rules whose mirror is asked by the wrong one of http and https; those in `plain_http` have no TLS."""
    first = {row.source: (row.mirrors[0], row.file) for row in asked if row.mirrors}
    for rule in rules.rules:
        address, file = first.get(rule.source, ("", ""))
        scheme, _, rest = address.partition("://")
        wanted = host(rule, Ways(plain_http))
        if rest.partition("/")[0] != wanted.mirror or scheme == wanted.scheme:
            continue
        what = f"{wanted.mirror} is asked by {scheme}, and --plain-http says that it has no TLS"
        if wanted.scheme == "https":
            what = (
                f"{wanted.mirror} is asked by {scheme}, without TLS; write https, or add --plain-http {wanted.mirror}"
            )
        yield Problem(file, what)


def falls_back(rules: Rules, asked: Iterable[Asked]) -> Iterator[Problem]:
    """The rules whose source is asked if no mirror serves."""
    rows = {row.source: row for row in asked if row.mirrors and row.asks_source}
    for row in (rows[rule.source] for rule in rules.rules if rule.source in rows):
        yield Problem(row.file, f"{row.source} is asked itself where its mirror does not serve, against --no-fallback")


def missing(rules: Rules, asked: Iterable[Asked], file: str, *, by_path: bool = False) -> Iterator[Problem]:
    """The rules whose mirror is not the first to be asked; `file` is where it would be said.

    `by_path` where the runtime names a mirror with a path by the root of its API.
    """
    first = {row.source: row for row in asked}
    for rule in rules.rules:
        row = first.get(rule.source)
        wanted = _wanted(rule, by_path=by_path)
        if row is None or not row.mirrors:
            yield Problem(row.file if row else file, f"{rule.source} is asked itself, not its mirror {rule.mirror}")
        elif row.mirrors[0] not in wanted:
            yield Problem(row.file, f"{rule.source} is asked through {row.mirrors[0]} first, not through {rule.mirror}")


def _wanted(rule: Rule, *, by_path: bool) -> tuple[str, ...]:
    """How a runtime's file spells a rule's mirror, with and without TLS."""
    rows = [host(rule), host(rule, Ways((rule.mirror.partition("/")[0],)))]
    if by_path:
        return tuple(row.endpoint for row in rows)
    return tuple(spelling for row in rows for spelling in (row.root, f"{row.scheme}://{rule.mirror}"))
