"""What the report says becomes of a string: every role, by a small input of its own."""

import pytest

from kubectl_tcr import Status, rewrite
from kubectl_tcr.kubernetes.roles import Role
from tests.conftest import NINE

POD = "apiVersion: v1\nkind: Pod\n"
# Documents with one reference: its role. Those in front stay, those behind move.
STAY = {
    "data: {x: docker push quay.io/a/b:1}": Role.TARGET,
    "args: [docker, tag, app, 'quay.io/a/b:1']": Role.TARGET,
    "apiVersion: skaffold/v4beta11\nkind: Config\nbuild: {artifacts: [{image: quay.io/a/b}]}": Role.TARGET,
    "images: [{name: quay.io/a/b, newTag: '1'}]": Role.MATCH,
    "data: {x: grep -q quay.io/a/b:1 list}": Role.MATCH,
    POD + "status: {containerStatuses: [{image: 'quay.io/a/b:1'}]}": Role.RECORD,
    "data: {x: see https://quay.io/a/b}": Role.ADDRESS,
    "repo: quay.io/a/charts": Role.ADDRESS,
    "{registry: quay.io/a, username: x}": Role.ADDRESS,
    "driver: quay.io/a": Role.NAME,
    "quay.io/a/b: x": Role.NAME,
    "description: pulls quay.io/a/b:1": Role.PROSE,
    "data: {x: 'run # quay.io/a/b:1'}": Role.PROSE,
    POD + "spec: {containers: [{image: 'quay.io/A/b:1'}]}": Role.IMAGE,
    "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nimageRepository: registry.k8s.io": Role.PREFIX,
}
MOVE = {
    POD + "spec: {containers: [{image: nginx}]}": Role.IMAGE,
    "x: quay.io/a/b:1": Role.IMAGE,
    "{registry: quay.io, repository: a/b}": Role.IMAGE,
    "hub: docker.io/a": Role.PREFIX,
    "args: [--registry=docker.io/a]": Role.PREFIX,
    "global: {imageRegistry: quay.io}": Role.PREFIX,
}


@pytest.mark.parametrize("text", STAY)
def test_what_stays_and_why(text: str) -> None:
    [site] = rewrite(text.encode(), NINE).sites
    assert (site.status, site.role) == (Status.LEFT, STAY[text]), site.reason


@pytest.mark.parametrize("text", MOVE)
def test_only_images_and_prefixes_move(text: str) -> None:
    [site] = rewrite(text.encode(), NINE).sites
    assert (site.status, site.role) == (Status.REWRITTEN, MOVE[text])


def test_every_role_is_shown_here() -> None:
    assert {*STAY.values(), *MOVE.values()} == set(Role)
