"""What the user leaves alone, as conditions: exclusions of pods, and of images."""

from collections.abc import Iterable, Iterator
from textwrap import indent

from kubectl_tcr.errors import RuleError
from kubectl_tcr.kubernetes.resources import Resource
from kubectl_tcr.policy import budget, cel, globs
from kubectl_tcr.policy.cel import Line, Named, matches, string
from kubectl_tcr.settings import Exclude, literal

_POD = Resource("v1", "Pod")
# As `kubernetes/resources` has it: what makes pods names them by a beginning, and the server fills in the rest.
_NAME = "(object.metadata.?name.orValue('') == '' ? object.metadata.?generateName.orValue('') : object.metadata.name)"
# In how many ways a glob may name an image: templates/forms.cel.
_FORMS = 4
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
    """Whether each image is excluded; raises RuleError where that would cost too much."""
    excludes = tuple(excludes)
    lines = tuple(map(_line, excludes))
    budget.check(lines, budget.EXCLUSIONS)
    if any(one.reference for one in excludes):
        yield Named("forms", cel.template("forms"))
    yield Named("excluded", cel.template("excluded", CONDITIONS=cel.either(lines)))


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
    code = " && ".join(part.code for part in parts)
    return Line(f"({code})" if len(parts) > 1 else code, told(exclude), sum(part.cost for part in parts))


def _parts(exclude: Exclude) -> Iterator[Line]:
    if exclude.name:
        yield _fits(_NAME, exclude.name)
    if exclude.namespace:
        yield _fits("object.metadata.?namespace.orValue('')", exclude.namespace)
    if exclude.field:
        yield _fits(_FIELD, literal(exclude.field))
    if exclude.reference:
        code, _, cost = _fits("f", exclude.reference)
        yield Line(f"variables.forms[i].exists(f, {code})", cost=_FORMS * cost)


def _fits(value: str, glob: str) -> Line:
    """Whether a value matches a glob: by a pattern, which costs many times as much, only where it takes one."""
    head = glob.rstrip("*")
    if not (head.isascii() and head.isprintable()) or _SIGNS.intersection(head):
        pattern = globs.pattern(glob)
        return Line(matches(value, pattern), cost=budget.of_pattern(pattern))
    code = f"{value} == {string(head)}" if head == glob else f"{value}.startsWith({string(head)})"
    return Line(code, cost=budget.of_text(head))
