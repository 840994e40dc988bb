"""The test bed: nodes with real containerds at the real paths, and the registries they know.

A node is a process in mount, network and process namespaces of its own. /etc, /run, /var/lib and /opt are folders of
the test there, so every program has its default paths and sockets; the rest of the machine is there as it is. Its
network is a loopback on which the registries listen under their real names, so nothing is asked beyond.
"""

from .authority import Authority
from .node import BUSYBOX, RESIZER, Node
from .registries import ADDRESSES
from .releases import TRIED

__all__ = ["ADDRESSES", "BUSYBOX", "RESIZER", "TRIED", "Authority", "Node"]
