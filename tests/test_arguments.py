"""One command line in several lists: what is pushed there stays, and what is pulled moves."""

import json

import pytest

from kubectl_tcr import Settings, build, parse_rule, rewrite

SETTINGS = Settings(rules=build([[parse_rule("quay.io=m.example"), parse_rule("ghcr.io=n.example")]]))
PULLED, PUSHED = "quay.io/acme/pulled:1", "ghcr.io/acme/pushed:1"
KANIKO = "gcr.io/kaniko-project/executor"


def moved(container: dict[str, object]) -> set[str]:
    """The references of a container that move, however the document is spelled."""
    items = "\n".join(f"{key}: {json.dumps(value)}" for key, value in container.items())
    blocks = "\n".join(f"{key}:{_block(value)}" for key, value in container.items())
    found = [
        {site.reference for site in rewrite(text.encode(), SETTINGS).sites if site.edits}
        for text in (
            json.dumps(container),
            items + "\n",
            blocks + "\n",
            f"x: &a\n  {items.replace(chr(10), chr(10) + '  ')}\n",
        )
    ]
    assert all(one == found[0] for one in found)
    return found[0]


def _block(value: object) -> str:
    return "".join(f"\n- {json.dumps(one)}" for one in value) if isinstance(value, list) else f" {json.dumps(value)}"


@pytest.mark.parametrize(
    "container",
    [
        {"command": ["docker", "push"], "args": [PUSHED]},
        {"args": [PUSHED], "command": ["docker", "push"]},
        {"command": ["docker"], "args": ["push", PUSHED]},
        {"command": ["docker", "build"], "args": ["-t", PUSHED, "."]},
        {"command": ["/usr/bin/skopeo", "copy"], "args": ["dir:/x", f"docker://{PUSHED}"]},
        {"command": ["crane"], "args": ["append", "-t", PUSHED, "-f", "x"]},
        {"command": ["cosign", "sign"], "args": ["--yes", PUSHED]},
        {"command": ["/kaniko/executor"], "args": ["--context", "dir:///w", "-d", PUSHED]},
        {"command": ["skaffold", "run"], "args": ["-d", PUSHED]},
        {"command": ["sh", "-c", "docker push $0"], "args": [PUSHED]},
        {"command": ["sh", "-ec"], "args": ['docker push "$1"', "--", PUSHED]},
        {"entrypoint": ["docker"], "command": ["push", PUSHED]},
        {"image": f"{KANIKO}:v1.23.2", "args": ["-d", PUSHED]},
        {"image": f"{KANIKO}:v1.23.2-debug@sha256:{'0' * 64}", "args": ["-d", PUSHED]},
        {"image": f"{KANIKO}@sha256:{'0' * 64}", "args": [f"-d={PUSHED}"]},
        {"name": f"{KANIKO}:latest", "args": ["-d", PUSHED]},
        {"image": KANIKO, "args": ["--context", "dir:///w", "-d", PUSHED]},
    ],
    ids=str,
)
def test_what_a_container_pushes_stays(container: dict[str, object]) -> None:
    assert moved(container) == set()


@pytest.mark.parametrize(
    "container",
    [
        {"command": ["docker", "pull"], "args": [PULLED]},
        {"command": ["skopeo", "copy"], "args": [f"docker://{PULLED}", f"docker://{PUSHED}"]},
        {"command": ["crane", "cp"], "args": [PULLED, PUSHED]},
        {"command": ["docker", "build"], "args": ["--build-arg", f"BASE={PULLED}", "-t", PUSHED, "."]},
        {"command": ["app", "--sidecar-image"], "args": [PULLED.partition(":1")[0]]},
        {"command": ["app"], "args": ["-d", PULLED]},
        {"name": "executor", "args": ["-d", PULLED]},
        {"command": ["sh", "-c", "docker push"], "args": [PULLED]},
        {"command": [], "args": ["-d", PULLED], "image": "acme/web:1"},
        {"command": ["app"], "args": ["-d", PULLED], "image": f"{KANIKO}:v1"},
    ],
    ids=str,
)
def test_what_a_container_pulls_moves(container: dict[str, object]) -> None:
    assert {one.partition(":")[0] for one in moved(container)} == {PULLED.partition(":")[0]}


def test_a_command_of_another_container_says_nothing() -> None:
    containers = [{"command": ["docker", "push"]}, {"args": [PULLED]}]
    assert moved({"containers": containers}) == {PULLED}


CACHE = f"type=registry,ref={PUSHED}"


@pytest.mark.parametrize(
    "items",
    [
        ["docker", "build", "-t", PUSHED, "--cache-from", PUSHED, "."],
        ["docker", "build", "--cache-from", PUSHED, "-t", PUSHED, "."],
        ["docker", "build", "-t", PUSHED, "--cache-from", PUSHED.partition(":")[0], "."],
        ["docker", "buildx", "build", "--cache-to", CACHE, "--cache-from", CACHE, "."],
        ["buildctl", "build", "--import-cache", CACHE, "--export-cache", CACHE],
        ["kaniko", f"--destination={PUSHED}", f"--build-arg=PREVIOUS={PUSHED}"],
        [f"docker build -t {PUSHED} .", f"docker run --rm {PUSHED} test", f"docker push {PUSHED}"],
        [f"docker run --rm {PUSHED} test", f"echo; docker push {PUSHED}"],
    ],
    ids=str,
)
@pytest.mark.parametrize("key", ["args", "script"])
def test_what_one_item_pushes_stays_in_all_of_them(key: str, items: list[str]) -> None:
    assert moved({key: items}) == set()
    assert moved({key: [*items, f"docker pull {PULLED}"]}) == {PULLED}


def test_what_the_command_pushes_stays_in_the_arguments() -> None:
    container = {"command": ["docker", "build", "-t", PUSHED], "args": ["--cache-from", PUSHED, "."]}
    assert moved(container) == set()


def test_another_list_pulls_what_one_pushes() -> None:
    assert moved({"push": ["docker", "push", PUSHED], "run": ["docker", "run", PUSHED]}) == {PUSHED}
