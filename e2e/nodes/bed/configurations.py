"""What nodes have in /etc/containerd before anybody sets a mirror for quay.io.

Each is made for a node that is not started yet. Where they name a mirror, it is Tencent's for Docker Hub.
"""

from collections.abc import Callable

from .node import Node

CONFIG = "/etc/containerd/config.toml"
CERTS = "/etc/containerd/certs.d"
# Not the list that is containerd's own default from 2.2 on: that one nobody needs to have chosen.
LIST = f"{CERTS}:/opt/registries"

OLD_CRI = 'plugins."io.containerd.grpc.v1.cri"'
IMAGES = 'plugins."io.containerd.cri.v1.images"'
RUNTIME = 'plugins."io.containerd.cri.v1.runtime"'


def nothing(_: Node) -> None:
    """No file at all, as packages of containerd 2 have it."""


def default(node: Node) -> None:
    """`containerd config default >config.toml`, which many guides begin with."""
    node.write(CONFIG, node.run("containerd", "config", "default").stdout)


def tke_1_4(node: Node) -> None:
    """A TKE node with containerd 1.4: version 1, which is not said."""
    node.write(
        CONFIG,
        """root = "/var/lib/containerd"
state = "/run/containerd"
oom_score = -999

[grpc]
  address = "/run/containerd/containerd.sock"

[plugins]
  [plugins.cri]
    sandbox_image = "ccr.ccs.tencentyun.com/library/pause:latest"
    [plugins.cri.containerd]
      default_runtime_name = "runc"
    [plugins.cri.registry]
      [plugins.cri.registry.mirrors]
        [plugins.cri.registry.mirrors."docker.io"]
          endpoint = ["https://mirror.ccs.tencentyun.com"]
""",
    )


def tke_1_6(node: Node) -> None:
    """A TKE node with containerd 1.6: version 2, a table of mirrors, and an empty config_path."""
    node.write(
        CONFIG,
        f"""version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
oom_score = -999

[{OLD_CRI}]
  sandbox_image = "ccr.ccs.tencentyun.com/library/pause:latest"

  [{OLD_CRI}.containerd]
    default_runtime_name = "runc"

    [{OLD_CRI}.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [{OLD_CRI}.containerd.runtimes.runc.options]
        SystemdCgroup = true

  [{OLD_CRI}.registry]
    config_path = ""

    [{OLD_CRI}.registry.mirrors]
      [{OLD_CRI}.registry.mirrors."docker.io"]
        endpoint = ["https://mirror.ccs.tencentyun.com"]
""",
    )


def nvidia(node: Node) -> None:
    """A GPU node: nvidia-container-toolkit adds `imports` and a drop-in with a runtime."""
    version, runtime = (3, RUNTIME) if _is_2(node) else (2, OLD_CRI)
    sandbox = (
        f'[{IMAGES}.pinned_images]\n  sandbox = "registry.k8s.io/pause:3.10"\n'
        if _is_2(node)
        else f'[{OLD_CRI}]\n  sandbox_image = "registry.k8s.io/pause:3.8"\n'
    )
    node.write(CONFIG, f'imports = ["/etc/containerd/conf.d/*.toml"]\nversion = {version}\n\n{sandbox}')
    node.write(
        "/etc/containerd/conf.d/99-nvidia.toml",
        f"""version = {version}

[plugins]

  [{runtime}]

    [{runtime}.containerd]
      default_runtime_name = "nvidia"

      [{runtime}.containerd.runtimes]

        [{runtime}.containerd.runtimes.nvidia]
          runtime_type = "io.containerd.runc.v2"

          [{runtime}.containerd.runtimes.nvidia.options]
            BinaryName = "/usr/bin/nvidia-container-runtime"
            SystemdCgroup = true
""",
    )


def kubespray(node: Node) -> None:
    """Kubespray's: config_path is one folder, with a file for Docker Hub."""
    _with_config_path(node, CERTS)


def a_list(node: Node) -> None:
    """Somebody wrote a list into config_path."""
    _with_config_path(node, LIST)


def _with_config_path(node: Node, path: str) -> None:
    version, table = (3, IMAGES) if _is_2(node) else (2, OLD_CRI)
    node.write(CONFIG, f'version = {version}\n\n[{table}.registry]\n  config_path = "{path}"\n')
    node.write(
        f"{CERTS}/docker.io/hosts.toml",
        """server = "https://registry-1.docker.io"

[host."https://mirror.ccs.tencentyun.com"]
  capabilities = ["pull","resolve"]
  skip_verify = false
  override_path = false
""",
    )


def _is_2(node: Node) -> bool:
    return node.release.startswith("2.")


ALL: dict[str, Callable[[Node], None]] = {
    "no file": nothing,
    "`config default`": default,
    "TKE 1.4 file": tke_1_4,
    "TKE 1.6 file": tke_1_6,
    "nvidia drop-in": nvidia,
    "kubespray": kubespray,
    '`config_path` "a:b"': a_list,
}
