"""The real programs that end-to-end tests run.

`make e2e` installs them and sets KUBECTL_TCR_E2E=required: a test whose tool is missing fails
there. Run by hand (`pytest e2e`), it is skipped and says which tool it lacks.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .cluster import Cluster, Server
from .registries import Quay
from .releases import NEWEST, Release
from .shop import Shop

Tool = Callable[[str], str]
MakeShop = Callable[[str], Shop]
Servers = Callable[[Release], Server]


def _cache() -> Path:
    """Where scripts/install-tools leaves what it installs."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("KUBECTL_TCR_TOOLS") or Path(home) / "kubectl-tcr-tools")


def _path() -> str:
    """The PATH with our executables first, then the installed tools, then the user's."""
    ours = Path(sys.executable).parent
    return os.pathsep.join([str(ours), str(_cache() / "bin"), os.environ.get("PATH", os.defpath)])


@pytest.fixture(scope="session")
def path(tool: "Tool") -> str:
    """The PATH of a user who has installed kubectl and this plugin."""
    tool("kubectl")
    return _path()


@pytest.fixture(scope="session")
def tool() -> Tool:
    """The path of a program: `tool("helm3")`."""

    def find(name: str) -> str:
        found = shutil.which(name, path=_path())
        if found:
            return found
        message = f"{name} is not installed; run scripts/install-tools {name}"
        if os.environ.get("KUBECTL_TCR_E2E") == "required":
            pytest.fail(message)
        pytest.skip(message)

    return find


@pytest.fixture(scope="session")
def servers(tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """The API server of a release on loopback, without nodes or controllers; it is started when first asked for."""
    running: dict[Release, Server] = {}

    def start(release: Release) -> Server:
        if release not in running:
            programs = {name: tool(name) for name in ("etcd", "openssl")} | {"kube-apiserver": tool(release.program)}
            running[release] = Server(tmp_path_factory.mktemp("server"), programs, release.flags)
            running[release].start()
        return running[release]

    yield start
    for each in running.values():
        each.stop()


@pytest.fixture(scope="session")
def server(servers: Servers) -> Server:
    """A Kubernetes API server of the newest release."""
    return servers(NEWEST)


@pytest.fixture
def cluster(server: Server, path: str, tmp_path: Path) -> Iterator[Cluster]:
    """The server as a user sees it: kubectl, a folder, and as many new namespaces as needed."""
    found = Cluster(server, path, tmp_path)
    yield found
    found.wipe()


@pytest.fixture
def quay(tool: Tool, path: str, tmp_path: Path) -> Iterator[Quay]:
    """A folder with registries on loopback, and the tools that copy between them."""
    for name in ("crane", "docker-registry"):
        tool(name)
    found = Quay(tmp_path, tool, path)
    try:
        yield found
    finally:
        found.stop()


@pytest.fixture
def shop(cluster: Cluster, tool: Tool) -> MakeShop:
    """A folder with a chart and a version of Helm: `shop("helm3")`; Helm 4 has its plugin."""

    def make(helm: str) -> Shop:
        made = Shop(cluster, helm, tool(helm))
        if helm == "helm4":
            made.succeed("helm4-plugin.sh")
        return made

    return make
