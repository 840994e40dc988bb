"""Settings of a shape that no runtime writes: refused in one line or passed over, never a traceback."""

from contextlib import suppress

import pytest

from kubectl_tcr import build
from kubectl_tcr.errors import NodeError
from kubectl_tcr.nodes import check, containerd, crio
from kubectl_tcr.nodes.hosts import hosts
from kubectl_tcr.nodes.plan import Node
from kubectl_tcr.presets import preset

from .conftest import CONFIG, QUAY, Machine

TKE = build([preset("tke")])
CRI = 'plugins."io.containerd.grpc.v1.cri"'
VALUES = ("1", "'x'", "[]", "[1]", "[[1]]", "{}", "{a = 1}", "true", "1979-05-27", "[{location = 1, mirror = 5}]")
KEYS = {
    CONFIG: (
        *("version", "imports", "disabled_plugins", "plugins", CRI, f"{CRI}.registry", f"{CRI}.registry.config_path"),
        *(f"{CRI}.registry.mirrors", f'{CRI}.registry.mirrors."quay.io"', f'{CRI}.registry.mirrors."quay.io".endpoint'),
        *(f"{CRI}.registry.configs", f"{CRI}.registry.configs.a"),
    ),
    QUAY: ("server", "host", "host.'https://a'", "host.'https://a'.capabilities"),
    crio.DROP_IN: ("registry", "registries"),
}


@pytest.mark.parametrize("key", [key for keys in KEYS.values() for key in keys])
def test_odd_values_are_refused_or_passed_over(node: Machine, key: str) -> None:
    file = next(file for file, keys in KEYS.items() if key in keys)
    node.put(CONFIG, "version = 2\n")
    for value in VALUES:
        head = "version = 2\n" if file == CONFIG and key != "version" else ""
        node.put(file, f"{head}{key} = {value}\n")
        place = Node(str(node.root))
        for style in ("hosts", "mirrors"):
            with suppress(NodeError):
                config = containerd.read(place)
                containerd.plan(place, config, hosts(TKE), containerd.Ask(style, (1, 6)))
        for runtime in ("containerd", "cri-o"):
            report = check.check(place, runtime, TKE, (1, 6))
            assert all("\n" not in str(problem) for problem in report.problems)
