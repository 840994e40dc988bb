"""The playbook that runs the script on nodes, a few at a time."""

import textwrap

import kubectl_tcr
from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.nodes.hosts import PLAIN, Ways
from kubectl_tcr.nodes.script import Defaults, script
from kubectl_tcr.nodes.template import filled, template


def playbook(rules: Rules, ways: Ways = PLAIN, defaults: Defaults = Defaults()) -> str:  # noqa: B008
    """A playbook with the script in it; raises RuleError."""
    text = filled(template("playbook.yaml"), {"VERSION": kubectl_tcr.__version__})
    return text.replace("@SCRIPT@\n", textwrap.indent(script(rules, ways, defaults), " " * 6))
