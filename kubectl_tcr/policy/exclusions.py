"""What the user leaves alone, as conditions: exclusions of pods, and of images."""

from collections.abc import Iterable, Iterator
from textwrap import indent

from kubectl_tcr.errors import RuleError
from kubectl_tcr.kubernetes.resources import Resource
from kubectl_tcr.policy import cel, globs
from kubectl_tcr.policy.cel import Line, Named, matches, string
from kubectl_tcr.settings import Exclude, literal

_POD = Resource("v1", "Pod")
# As `kubernetes/resources` has it: what makes pods names them by a beginning, and the server fills in the rest.
_NAME = "(object.metadata.?name.orValue('') == '' ? object.metadata.?generateName.orValue('') : object.metadata.name)"
_SIGNS = frozenset("*?[")
_FIELD = "('spec.' + e.list + '[' + e.index + '].' + e.key.replace('/', '.'))"


def of_pods(excludes: Iterable[Exclude]) -> tuple[Exclude, ...]:
    """Those that hold for a pod as a whole."""
    return tuple(one for one in excludes if _may_hold(one) and not _names_an_image(one))


def of_images(excludes: Iterable[Exclude]) -> tuple[Exclude, ...]:
    """Those that hold for images of a pod."""
    return tuple(one for one in excludes if _may_hold(one) and _names_an_image(one))


def idle(excludes: Iterable[Exclude]) -> tuple[str, ...]:
    """Those that hold for no pod, as a configuration has them."""
    return tuple(told(one) for one in excludes if not _may_hold(one))


def not_excluded(excludes: Iterable[Exclude]) -> Named:
    """That no exclusion holds for a pod as a whole; raises RuleError for one that holds for all."""
    return Named("not-excluded", f"!(\n{indent(cel.either(map(_line, excludes)), '  ')}\n)")


def excluded(excludes: Iterable[Exclude]) -> Iterator[Named]:
    """Whether each image is excluded."""
    excludes = tuple(excludes)
    if any(one.reference for one in excludes):
        yield Named("forms", cel.template("forms"))
    yield Named("excluded", cel.template("excluded", CONDITIONS=cel.either(map(_line, excludes))))


def told(exclude: Exclude) -> str:
    """An exclusion as a configuration has it."""
    return "exclude {" + ", ".join(f"{key}: {value}" for key, value in exclude._asdict().items() if value) + "}"


def _may_hold(exclude: Exclude) -> bool:
    """Whether an exclusion can hold for a pod: it names no kind, or one that is a pod's."""
    return Exclude(kind=exclude.kind).matches((), _POD, ())


def _names_an_image(exclude: Exclude) -> bool:
    return bool(exclude.reference or exclude.field)


def _line(exclude: Exclude) -> Line:
    """An exclusion as one condition: all that it names must hold."""
    parts = list(_parts(exclude))
    if not parts:
        raise RuleError(f"{told(exclude)} holds for every pod, so that a policy would do nothing; drop one of the two")
    return Line(f"({' && '.join(parts)})" if len(parts) > 1 else parts[0], told(exclude))


def _parts(exclude: Exclude) -> Iterator[str]:
    if exclude.name:
        yield _fits(_NAME, exclude.name)
    if exclude.namespace:
        yield _fits("object.metadata.?namespace.orValue('')", exclude.namespace)
    if exclude.field:
        yield _fits(_FIELD, literal(exclude.field))
    if exclude.reference:
        yield f"variables.forms[i].exists(f, {_fits('f', exclude.reference)})"


def _fits(value: str, glob: str) -> str:
    """Whether a value matches a glob: by a pattern, which costs many times as much, only where it takes one."""
    head = glob.rstrip("*")
    if not (head.isascii() and head.isprintable()) or _SIGNS.intersection(head):
        return matches(value, globs.pattern(glob))
    return f"{value} == {string(head)}" if head == glob else f"{value}.startsWith({string(head)})"
