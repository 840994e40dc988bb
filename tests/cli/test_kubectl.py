"""The plugin as people run it: `kubectl tcr-rewrite`, between other commands."""

import os

import pytest

from .conftest import JSON_POD, MIRRORED, POD, PROGRAM, Done, Folder, needs_kubectl, needs_posix, pod

pytestmark = [needs_kubectl, needs_posix]


def kubectl(folder: Folder, *args: str, source: bytes = b"", env: dict[str, str] | None = None) -> Done:
    """Run `kubectl` with the plugin's folder on the PATH."""
    path = os.pathsep.join([str(PROGRAM.parent), os.environ["PATH"]])
    return folder.command("kubectl", *args, input=source, env={"PATH": path, **(env or {})})


def shell(folder: Folder, script: str) -> Done:
    path = os.pathsep.join([str(PROGRAM.parent), os.environ["PATH"]])
    return folder.command("bash", "-c", f"set -o pipefail; {script}", env={"PATH": path})


def test_kubectl_lists_the_plugin_without_a_warning(folder: Folder) -> None:
    done = kubectl(folder, "plugin", "list")
    assert done.status == 0, done.err
    assert f"{PROGRAM}" in done.out.decode().splitlines()
    assert "warning" not in done.out.decode() + done.err


def test_kubectl_shows_the_plugins_help(folder: Folder) -> None:
    done = kubectl(folder, "tcr-rewrite", "-h")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(b"Usage: kubectl tcr-rewrite [OPTIONS] [FILE]...")


def test_kubectl_passes_the_stream_through(folder: Folder) -> None:
    done = kubectl(folder, "tcr-rewrite", source=POD)
    assert (done.status, done.out) == (0, MIRRORED)
    assert done.err == "tcr-rewrite: 1 reference rewritten in 1 of 1 document\n"


def test_kubectl_passes_flags_and_files(folder: Folder) -> None:
    folder.write("pod.yaml", POD)
    done = kubectl(folder, "tcr-rewrite", "--mirror", "quay.io=mine.io", "-q", "-f", "pod.yaml")
    assert done == (0, pod("mine.io/a/b:1"), "")


@pytest.mark.parametrize(
    ("args", "source", "status"),
    [
        ([], MIRRORED, 0),
        (["--check"], MIRRORED, 0),
        (["--check"], POD, 1),
        (["--diff"], POD, 1),
        (["--unmapped", "fail"], pod("ghcr.io/a/b:1"), 1),
        ([], b"image: [\n", 2),
        (["--nope"], b"", 2),
        (["--mirror", "nope"], b"", 2),
    ],
    ids=["done", "no change", "check", "diff", "gate", "broken", "usage", "rule"],
)
def test_kubectl_passes_the_status_on(folder: Folder, args: list[str], source: bytes, status: int) -> None:
    assert kubectl(folder, "tcr-rewrite", *args, source=source).status == status


STREAMS = {
    "two pods": (POD + b"---\n" + pod("nginx", name="two"), ["pod/web", "pod/two"]),
    "comments between": (b"# one\n---\n# two\n---\n" + POD + b"---\n", ["pod/web"]),
    "JSON": (JSON_POD, ["pod/json"]),
    "JSON values": (JSON_POD + b"\n" + JSON_POD, ["pod/json", "pod/json"]),
    "CRLF": ((POD + b"---\n" + POD).replace(b"\n", b"\r\n"), ["pod/web", "pod/web"]),
    "byte order mark": (b"\xef\xbb\xbf" + POD, ["pod/web"]),
    "a list": (
        b'{"apiVersion": "v1", "kind": "List", "items": [' + JSON_POD + b"," + JSON_POD + b"]}",
        ["pod/json", "pod/json"],
    ),
}


@pytest.mark.parametrize("name", STREAMS)
def test_the_next_kubectl_sees_the_same_resources(folder: Folder, name: str) -> None:
    source, names = STREAMS[name]
    folder.write("stream", source)
    done = shell(folder, "cat stream | kubectl tcr-rewrite | kubectl annotate --local -o name -f - seen=yes")
    assert done.status == 0, done.err
    assert done.out.decode().split() == names == folder.objects(source)


def test_the_next_kubectl_sees_the_mirrored_images(folder: Folder) -> None:
    folder.write("pod.yaml", pod("quay.io/a/b:1", "nginx"))
    template = '{range .spec.containers[*]}{.image}{"\\n"}{end}'
    done = shell(
        folder, f"kubectl tcr-rewrite pod.yaml | kubectl annotate --local -o jsonpath='{template}' -f - seen=yes"
    )
    assert done.out.decode().split() == ["quay.tencentcloudcr.com/a/b:1", "nginx"]


def test_the_next_kubectl_gets_nothing_of_a_broken_stream(folder: Folder) -> None:
    folder.write("broken.yaml", POD + b"---\nimage: [\n")
    done = shell(folder, "kubectl tcr-rewrite broken.yaml | tee seen | kubectl annotate --local -o name -f - seen=yes")
    assert done.status != 0
    assert folder.read("seen") == b""


def test_a_kustomization_through_the_plugin(folder: Folder) -> None:
    folder.write("overlay/pod.yaml", POD)
    folder.write("overlay/kustomization.yaml", b"resources: [pod.yaml]\n")
    done = kubectl(folder, "tcr-rewrite", "-q", "-k", "overlay")
    assert done.status == 0, done.err
    assert done.out == kubectl(folder, "kustomize", "overlay").out.replace(b"quay.io", b"quay.tencentcloudcr.com")


def test_the_output_is_a_resource_of_a_kustomization(folder: Folder) -> None:
    folder.write("pod.yaml", POD)
    folder.write("kustomization.yaml", b"resources: [out.yaml]\n")
    assert shell(folder, "kubectl tcr-rewrite -q pod.yaml > out.yaml").status == 0
    assert b"image: quay.tencentcloudcr.com/a/b:1\n" in kubectl(folder, "kustomize", ".").out
