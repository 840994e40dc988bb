"""The manifest that runs the script on nodes by way of Kubernetes."""

import hashlib
import textwrap
from typing import NamedTuple

import kubectl_tcr
from kubectl_tcr.errors import RuleError
from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.images.reference import GrammarError, parse
from kubectl_tcr.kubernetes.objects import may_name_a_namespace
from kubectl_tcr.nodes.hosts import PLAIN, Ways
from kubectl_tcr.nodes.script import Defaults, script
from kubectl_tcr.nodes.template import filled, template

# It holds sh and nsenter; TKE nodes pull it through Docker Hub's mirror.
IMAGE = "docker.io/library/busybox:1.36"
NAMESPACE = "kube-system"


class Pod(NamedTuple):
    """Where the script runs: an image with sh and nsenter, and a namespace that allows privileged pods."""

    image: str = IMAGE
    namespace: str = NAMESPACE


def manifest(
    rules: Rules,
    ways: Ways = PLAIN,
    pod: Pod = Pod(),  # noqa: B008 an immutable value
    defaults: Defaults = Defaults(),  # noqa: B008
) -> str:
    """A ConfigMap and a DaemonSet; raises RuleError."""
    try:
        parse(pod.image)
    except GrammarError as error:
        raise RuleError(f'"{pod.image}" is no image: {error}') from None
    if not may_name_a_namespace(pod.namespace):
        raise RuleError(f'"{pod.namespace}" is no name of a namespace')
    text = script(rules, ways, defaults)
    values = {
        "VERSION": kubectl_tcr.__version__,
        "NAMESPACE": pod.namespace,
        "IMAGE": pod.image,
        "DIGEST": hashlib.sha256(text.encode()).hexdigest()[:16],
    }
    made = filled(template("daemonset.yaml"), values)
    return made.replace("@SCRIPT@\n", textwrap.indent(text, " " * 4))
