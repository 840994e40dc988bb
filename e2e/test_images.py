"""`kubectl tcr-images` between real registries, with the programs that copy, and before a real API server."""

import json
import stat

import pytest

from .cluster import Cluster
from .conftest import Tool
from .registries import PASSWORD, USER, Port, Quay
from .shop import CHARTS

NAMES = ("crane:1", "buoy:2", "hook:3")


def references(registry: Port, *names: str) -> list[str]:
    return [f"{registry.address}/marina/{name}" for name in names]


def manifest(*images: str) -> str:
    containers = "".join(f"\n  - {{name: c{index}, image: '{image}'}}" for index, image in enumerate(images))
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: pier}}\nspec:\n  containers:{containers}\n"


def listed(quay: Quay, source: str, *flags: str) -> tuple[int, dict[str, str]]:
    """The status, and the answer for each image."""
    done = quay.run("kubectl-tcr_images", "-o", "csv", *flags, source=source)
    rows = [line.split(",") for line in done.out.splitlines()[1:]]
    return done.status, {row[0].rpartition("/")[2]: row[6] for row in rows}


# From a chart to a cluster that could pull.


@pytest.fixture
def rendered(quay: Quay, tool: Tool) -> tuple[str, Port, Port]:
    """A chart whose images are in one registry, and another that has one of them."""
    source, mirror = quay.registry(), quay.registry(is_locked=True)
    quay.log_in({mirror.address: (USER, PASSWORD)})
    quay.push(*references(source, *NAMES))
    quay.succeed("crane", "copy", *references(source, NAMES[0]), *references(mirror, NAMES[0]))
    chart = str(CHARTS / "pier")
    return quay.succeed(tool("helm3"), "template", "pier", chart, "--set", f"registry={source.address}"), source, mirror


def test_a_chart_becomes_what_a_cluster_could_pull_in_four_commands(
    quay: Quay, cluster: Cluster, rendered: tuple[str, Port, Port]
) -> None:
    text, source, mirror = rendered
    rules = ("--mirror", f"{source.address}={mirror.address}")
    # List.
    assert quay.succeed("kubectl-tcr_images", *rules, "-o", "plain", source=text).split() == references(
        source, "buoy:2", "crane:1", "hook:3"
    )
    # Copy what is missing: two of the three.
    missing = quay.run("kubectl-tcr_images", *rules, "--missing", "-o", "crane", source=text)
    assert (missing.status, len(missing.out.splitlines())) == (1, 2)
    quay.succeed("sh", "-ex", source=missing.out)
    # Check.
    assert listed(quay, text, *rules, "--check-source") == (0, {"buoy:2": "same", "crane:1": "same", "hook:3": "same"})
    # Rewrite and apply.
    moved = cluster.run("kubectl-tcr_rewrite", *rules, source=text)
    cluster.kubectl("apply", "-f", "-", source=moved.out)
    pod = json.loads(cluster.kubectl("get", "deployment", "pier", "-o", "json"))["spec"]["template"]["spec"]
    found = [pod["initContainers"][0]["image"], pod["containers"][0]["image"], pod["containers"][0]["args"][0]]
    assert [one.rpartition("=")[2] for one in found] == references(mirror, "buoy:2", "crane:1", "hook:3")


# Lists of copies, read by the programs they are for.

COPIERS = {
    "crane": ["sh", "-ex", "{file}"],
    "skopeo": ["sh", "-ex", "{file}"],
    "regsync": ["regsync", "once", "-c", "{file}"],
}


@pytest.mark.parametrize("name", COPIERS)
def test_a_copy_list_is_carried_out_by_its_program(quay: Quay, tool: Tool, name: str) -> None:
    tool(name)
    source, mirror = quay.registry(), quay.registry(is_locked=True)
    quay.log_in({mirror.address: (USER, PASSWORD)})
    quay.push(*references(source, "crane:1", "buoy:2", "hook:3"))
    digest = quay.digest(references(source, "hook:3")[0])
    repository = references(source, "hook")[0]
    text = manifest(*references(source, "crane:1", "buoy:2"), f"{repository}@{digest}", f"{repository}:3@{digest}")
    rules = ("--mirror", f"{source.address}={mirror.address}")
    (quay.folder / "list").write_text(quay.succeed("kubectl-tcr_images", *rules, "-o", name, source=text))
    quay.succeed(*(word.format(file=quay.folder / "list") for word in COPIERS[name]))
    status, answers = listed(
        quay, text, *rules, "--check-source", "--platform", "linux/amd64", "--platform", "linux/arm64"
    )
    assert (status, set(answers.values()), len(answers)) == (0, {"same"}, 4)


# What mirrors answer.


def test_what_is_not_there_or_another_is_told(quay: Quay) -> None:
    source, mirror = quay.registry(), quay.registry()
    quay.push(*references(source, "gone:1", "moved:1", "narrow:1", "same:1"))
    quay.push(*references(mirror, "moved:1"))
    quay.push(*references(mirror, "narrow:1"), platforms=("linux/amd64",))
    quay.succeed("crane", "copy", *references(source, "same:1"), *references(mirror, "same:1"))
    text = manifest(*references(source, "gone:1", "moved:1", "narrow:1", "same:1"))
    rules = ("--mirror", f"{source.address}={mirror.address}")
    assert listed(quay, text, *rules, "--check") == (
        1,
        {"gone:1": "missing", "moved:1": "there", "narrow:1": "there", "same:1": "there"},
    )
    assert listed(quay, text, *rules, "--check-source", "--platform", "linux/arm64") == (
        1,
        {"gone:1": "missing", "moved:1": "differs", "narrow:1": "other platform", "same:1": "same"},
    )


def test_a_digest_that_the_mirror_lacks_is_missing_whatever_its_tag(quay: Quay) -> None:
    source, mirror = quay.registry(), quay.registry()
    quay.push(*references(source, "crane:1"))
    quay.push(*references(mirror, "crane:1"))
    text = manifest(f"{references(source, 'crane:1')[0]}@{quay.digest(references(source, 'crane:1')[0])}")
    status, answers = listed(quay, text, "--mirror", f"{source.address}={mirror.address}", "--check")
    assert (status, list(answers.values())) == (1, ["missing"])


# Credentials.


def owned(registry: Port) -> str:
    """An image that the user owns: the token server allows no other."""
    return f"{registry.address}/{USER}/crane:1"


def allowed(quay: Quay, registry: Port) -> tuple[int, dict[str, str]]:
    text = manifest(owned(registry))
    return listed(quay, text, "--mirror", f"quay.io={registry.address}", "--check")


@pytest.mark.parametrize("kind", ["passwords", "tokens"])
def test_a_registry_is_asked_with_the_credentials_of_the_user(quay: Quay, tool: Tool, kind: str) -> None:
    if kind == "tokens":
        tool("token-server")
        registry = quay.registry(token_server=quay.token_server())
    else:
        registry = quay.registry(is_locked=True)
    assert allowed(quay, registry) == (2, {"crane:1": "not allowed"})
    quay.log_in({registry.address: (USER, "wrong")})
    assert allowed(quay, registry) == (2, {"crane:1": "not allowed"})
    quay.log_in({registry.address: (USER, PASSWORD)})
    quay.push(owned(registry))
    assert allowed(quay, registry) == (0, {"crane:1": "there"})


def test_a_helper_that_keeps_credentials_is_asked(quay: Quay) -> None:
    registry = quay.registry(is_locked=True)
    quay.log_in({registry.address: (USER, PASSWORD)})
    quay.push(*references(registry, "crane:1"))
    programs = quay.folder / "programs"
    programs.mkdir()
    helper = programs / "docker-credential-locker"
    helper.write_text(
        f'#!/bin/sh\nread host\n[ "$host" = {registry.address} ] && [ "$1" = get ] || exit 1\n'
        f'printf \'{{"ServerURL":"%s","Username":"{USER}","Secret":"{PASSWORD}"}}\' "$host"\n'
    )
    helper.chmod(helper.stat().st_mode | stat.S_IXUSR)
    authfile = quay.folder / "auth.json"
    authfile.write_text(json.dumps({"credHelpers": {registry.address: "locker"}}))
    text = manifest(*references(registry, "crane:1"))
    done = quay.run(
        "env", f"PATH={programs}:{quay.path}", "kubectl-tcr_images", "--mirror", f"quay.io={registry.address}",
        "--check", "-o", "csv", "--authfile", str(authfile), source=text,
    )  # fmt: skip
    assert (done.status, done.out.splitlines()[1].split(",")[6]) == (0, "there"), done
    assert PASSWORD not in done.out + done.err


# A cluster.


def test_a_cluster_tells_its_images_and_marks_what_no_manifest_names(cluster: Cluster) -> None:
    cluster.kubectl("apply", "-f", "-", source=manifest("quay.io/marina/bare:1"))
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "pier"},
        "spec": {
            "selector": {"matchLabels": {"app": "pier"}},
            "template": {
                "metadata": {"labels": {"app": "pier"}},
                "spec": {"containers": [{"name": "a", "image": "quay.io/marina/crane:1"}]},
            },
        },
    }
    cluster.kubectl("apply", "-f", "-", source=json.dumps(deployment))
    uid = cluster.kubectl("get", "deployment", "pier", "-o", "jsonpath={.metadata.uid}")
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "pier", "uid": uid, "controller": True}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "pier-x", "ownerReferences": [owner]},
        "spec": {
            "initContainers": [{"name": "i", "image": "quay.io/marina/injected:1"}],
            "containers": [{"name": "a", "image": "quay.io/marina/crane:1"}],
        },
    }
    cluster.kubectl("apply", "-f", "-", source=json.dumps(pod))
    done = cluster.run("kubectl", "tcr-images", "--cluster", "-o", "csv")
    assert done.status == 0, done.err
    named = {row[0]: row[4] for row in (line.split(",") for line in done.out.splitlines()[1:])}
    assert named == {"quay.io/marina/bare:1": "yes", "quay.io/marina/crane:1": "yes", "quay.io/marina/injected:1": "no"}
    elsewhere = cluster.enter_namespace()
    assert cluster.run("kubectl-tcr_images", "--cluster", "-n", elsewhere, "-o", "plain").out == ""
    assert "quay.io/marina/injected:1" in cluster.run("kubectl-tcr_images", "--cluster", "-A", "-o", "plain").out


def test_a_kind_that_the_cluster_does_not_have_is_told(cluster: Cluster) -> None:
    done = cluster.run("kubectl-tcr_images", "--cluster", "--kinds", "ships.acme.example")
    assert (done.status, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert done.err.startswith("tcr-images: error: kubectl get ships.acme.example failed: ")
