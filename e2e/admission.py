"""Policies and webhooks of a real API server, which heeds them, and their end, only after a while."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .cluster import TIMEOUT, Cluster


@contextmanager
def in_force(cluster: Cluster, policy: str, image: str) -> Iterator[None]:
    """Have a policy that moves `image`, from when the server heeds it to when it no longer does.

    Policies are the whole server's: one that outlived its test would change the pods of the next.
    """
    with heeded(cluster, policy, lambda: image_of_a_pod(cluster, image) != image):
        yield


@contextmanager
def heeded(cluster: Cluster, objects: str, is_so: Callable[[], bool]) -> Iterator[None]:
    """Have objects on the server, from when something is so by them to when it no longer is."""
    cluster.kubectl("apply", "-f", "-", source=objects)
    try:
        wait(is_so)
        yield
    finally:
        cluster.kubectl("delete", "-f", "-", source=objects)
        wait(lambda: not is_so())


def image_of_a_pod(cluster: Cluster, image: str) -> str:
    """What a pod of an image would run were it created now in the current namespace."""
    return pod(cluster, image)["probe"]


def pod(cluster: Cluster, image: str) -> dict[str, str]:
    """The images, by container, of a pod were it created now in the current namespace; its own is called probe."""
    container = {"name": "probe", "image": image}
    asked = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "probe"}, "spec": {"containers": [container]}}
    made = json.loads(cluster.kubectl("create", "--dry-run=server", "-f", "-", "-o", "json", source=json.dumps(asked)))
    return {one["name"]: one["image"] for one in made["spec"]["containers"]}


def wait(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not is_so():
        assert time.monotonic() < deadline, "the server does not heed what was applied, or still what was deleted"
        time.sleep(0.1)
