"""What a container runtime offers: its module has a value of the type `Runtime`, runtimes.py a row for it."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.nodes.hosts import PLAIN, Ways
from kubectl_tcr.nodes.plan import Change, Node
from kubectl_tcr.nodes.report import Proof, Report

if TYPE_CHECKING:  # it brings along what asks the network
    from kubectl_tcr.nodes.online import Image


class Flag(NamedTuple):
    """A flag that a runtime's command has beside those of all: a switch, one of `choices`, or a text.

    The first choice is the default. A copy is a file: its path on the node, or, where no node is
    named, one that is read here and stands for it.
    """

    name: str
    help: str
    metavar: str = ""
    choices: tuple[str, ...] = ()
    is_switch: bool = False
    is_copy: bool = False

    @property
    def key(self) -> str:
        """Its name among the flags of a Wanted.

        >>> Flag("--config-toml", "").key
        'config_toml'
        """
        return self.name.lstrip("-").replace("-", "_")


class Wanted(NamedTuple):
    """What a runtime must be told: on which node, by which rules, and by which values of its own flags.

    A node without a root is none in particular. `ways` says how mirrors are asked.
    `said` is the command line behind the program's name, for messages that name the next one.
    """

    node: Node
    rules: Rules
    ways: Ways = PLAIN
    flags: Mapping[str, Any] = {}
    said: str = ""


class Plan(NamedTuple):
    """What must change on a node, in the order to write it, and the line that says what is left to do there then.

    `is_for_any` for files that are the same on every node: they are shown whole, by their paths. `losses` are lines on
    what others wrote and is in force no more.
    """

    changes: tuple[Change, ...]
    left: str = ""
    is_for_any: bool = False
    losses: tuple[str, ...] = ()


class Section(NamedTuple):
    """A runtime's part of the script for nodes: shell functions, with `@NAME@` where a value goes.

    For the runtime `cri-o` these are called: `crio_is_there`, which succeeds on a node that has it,
    and `crio_node`, which sets the mirrors. What node.sh has is theirs to use.
    """

    template: str
    values: Mapping[str, str] = {}


def _no_notes(_: Wanted) -> Iterable[str]:
    return ()


def _none(_: Node) -> str:
    return ""


class Runtime(NamedTuple):
    """A container runtime.

    `places`: files and folders on a node; where one is, the runtime is.
    `plan`: what must change. Raises RuleError for rules that it cannot take, NodeError for files.
    `report`: what a node asks; the version of its containerd, where the user names it. Raises NodeError.
    `section`: its part of the script, by rules and how mirrors are asked. Raises RuleError.
    `flags`: those of its own.
    `notes`: lines to read before the plan. Raises what `plan` does.
    `serves`: the runtime that it is only a part of on a node, empty for none.
    `prove`: whether that of this machine pulls an image from its first mirror alone; None where that cannot be seen.
    """

    places: tuple[str, ...]
    plan: Callable[[Wanted], Plan]
    report: Callable[[Node, Rules, str], Report]
    section: Callable[[Rules, Ways], Section]
    flags: tuple[Flag, ...] = ()
    notes: Callable[[Wanted], Iterable[str]] = _no_notes
    serves: Callable[[Node], str] = _none
    prove: Callable[[Node, "Image", str], Proof] | None = None
