"""The table of places that stay: every row is sound, and says what it should."""

import re

import pytest

from kubectl_tcr import Settings, Site, Status, build, parse_rule, rewrite
from kubectl_tcr.kubernetes.exclusions import MATCH_KEY, POLICY, ROWS, Row, of_resource, parse_rows
from kubectl_tcr.kubernetes.fields import Field, lies_at, lies_below, split_path
from kubectl_tcr.kubernetes.keys import of_parameter
from kubectl_tcr.kubernetes.roles import Role, Stays
from kubectl_tcr.text.document import Path

from .conftest import NINE

QUAY = Settings(rules=build([[parse_rule("quay.io=m.example"), parse_rule("docker.io=h.example")]]))
STANDS_FOR = {"**": "deep", "[]": 0, "{}": "any", "()": "(image)"}


def field(row: Row) -> Path:
    """A field at the path of a row."""
    parts = split_path(row.path.rstrip("=!"))
    return tuple(STANDS_FOR.get(part, part.replace("*", "end")) for part in parts)


def stays(row: Row, field: Path) -> Stays | None:
    group, kind = ("" if name == "-" else name for name in (row.group, row.kind))
    return of_resource(field, "any.example" if group == "*" else group, "Any" if kind == "*" else kind)


def test_every_row_is_sound() -> None:
    for row in ROWS:
        assert re.fullmatch(r"|-|\*|apps|skaffold|[a-z0-9-]+(?:\.[a-z0-9-]+)+", row.group), row
        assert re.fullmatch(r"-|\*|[A-Z][A-Za-z]+", row.kind), row
        assert (row.group == "-") == (row.kind == "-"), row
        assert row.path or row.group != "*", row
        assert row.why, row


def test_no_row_stands_twice() -> None:
    assert len({(row.group, row.kind, row.path) for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.group} {row.kind} {row.path}".strip())
def test_a_row_keeps_what_lies_at_and_below_its_path(row: Row) -> None:
    at = field(row)
    assert stays(row, at) == row.stays
    assert stays(row, (*at, "image")) == (None if row.path.endswith("=") else row.stays)
    for key in row.but:
        assert stays(row, (*at, key, "image")) is None


@pytest.mark.parametrize("row", [row for row in ROWS if row.path and row.group != "kyverno.io"], ids=str)
def test_a_row_says_nothing_of_what_stands_beside_its_path(row: Row) -> None:
    assert stays(row, ("beside", "image")) is None


def test_reasons_of_one_kind_have_one_role() -> None:
    assert len({row.why for row in ROWS}) == len({(row.why, row.role) for row in ROWS})
    assert {row.role for row in ROWS if row.why in (MATCH_KEY, POLICY)} == {Role.MATCH}


@pytest.mark.parametrize(
    ("path", "at", "below"),
    [
        ("a.b", [("a", "b")], [("a", "b", 0, "c")]),
        ("a[].b", [("a", 3, "b")], []),
        ("a.{}", [("a", "b"), ("a", 0)], [("a", "b", "c")]),
        ("**.a", [("a",), ("b", 0, "a"), ("a", "a")], [("b", "a", "c")]),
        ("a.**.b", [("a", "b"), ("a", "c", 0, "b")], [("a", "c", "b", "d")]),
        ("a.()", [("a", "(b)"), ("a", "<(b)"), ("a", "=(b)")], [("a", "(b)", 0, "c")]),
        ("a['b.c/*']", [("a", "b.c/d"), ("a", "b.c/")], []),
    ],
)
def test_paths_that_a_pattern_stands_for(path: str, at: list[Path], below: list[Path]) -> None:
    parts = split_path(path)
    assert all(lies_at(parts, field) and lies_below(parts, field) for field in at)
    assert all(lies_below(parts, field) and not lies_at(parts, field) for field in below)


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("a.b", ("a",)),
        ("a.b", ("b", "a", "b")),
        ("a[].b", ("a", "x", "b")),
        ("a.b", ("a", 0)),
        ("**.a", ("b", 0)),
        ("a.**.b", ("b",)),
        ("a.()", ("a", "+(b)")),
        ("a.()", ("a", "()")),
        ("a['b.c/*']", ("a", "b.d/e")),
    ],
)
def test_paths_that_a_pattern_does_not_stand_for(path: str, other: Path) -> None:
    assert not lies_below(split_path(path), other)


# What stays and what moves, in words: «» around what moves, the rest stays.

INPUTS = {
    "the key of a Flux Kustomization": (
        "{apiVersion: kustomize.toolkit.fluxcd.io/v1beta2, kind: Kustomization, "
        "spec: {images: [{name: quay.io/a/b, newName: «quay.io»/a/c}]}}"
    ),
    "the key of a post renderer": (
        "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, "
        "spec: {postRenderers: [{kustomize: {images: [{name: quay.io/a/b, newName: «quay.io»/a/c}]}}]}}"
    ),
    "the key of a Component": (
        "{apiVersion: kustomize.config.k8s.io/v1alpha1, kind: Component, images: [{name: quay.io/a/b}]}"
    ),
    "the key of a kustomization without kind": "images: [{newName: «quay.io»/a/c, name: quay.io/a/b}]",
    "the key of a transformer": (
        "{apiVersion: builtin, kind: ImageTagTransformer, imageTag: {name: quay.io/a/b, newName: «quay.io»/a/c}}"
    ),
    "a transformer in a string": (
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\ntransformers:\n- |-\n  apiVersion: builtin\n"
        "  kind: ImageTagTransformer\n  imageTag:\n    name: quay.io/a/b\n    newName: «quay.io»/a/c"
    ),
    "what an Application matches": (
        "{apiVersion: argoproj.io/v1alpha1, kind: Application, spec: {sources: [{kustomize: {images: ["
        "'quay.io/a/b:1', quay.io/a/b=«quay.io»/a/c, 'quay.io/a/b:1=«quay.io»/a/c:2', 'x=«quay.io»/a/c:2']}}]}}"
    ),
    "what an Application matches, in JSON": (
        '{"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "spec": {"source": {"kustomize": '
        '{"images": ["quay.io\\/a\\/b=«quay.io»\\/a\\/c:1"]}}}}'
    ),
    "what an ApplicationSet matches, in a patch": (
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec:\n  templatePatch: |\n    spec:\n      source:\n"
        "        kustomize:\n          images:\n          - quay.io/a/b:1\n          - quay.io/a/b=«quay.io»/a/c:1"
    ),
    "what an updater looks for": (
        "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {annotations: {"
        "argocd-image-updater.argoproj.io/image-list: 'x=quay.io/a/b:~1', "
        "argocd-image-updater.argoproj.io/x.kustomize.image-name: quay.io/a/b}}}"
    ),
    "what an updater's resource looks for": (
        "{apiVersion: argocd-image-updater.argoproj.io/v1alpha1, kind: ImageUpdater, "
        "spec: {applicationRefs: [{images: [{imageName: 'quay.io/a/b:1.x'}]}]}}"
    ),
    "conditions of a mutation": (
        "{apiVersion: kyverno.io/v2beta1, kind: Policy, spec: {rules: [{mutate: {foreach: [{preconditions: {all: ["
        "{value: 'quay.io/a/b:1'}]}, patchStrategicMerge: {spec: {containers: [{(image): 'quay.io/a/b:*', "
        "image: '«quay.io»/a/c:1'}, {<(image): 'quay.io/a/b:1', +(image): '«quay.io»/a/c:1'}], "
        "(initContainers): [{image: 'quay.io/a/b:1'}]}}}]}}]}}"
    ),
    "an exception": (
        "{apiVersion: kyverno.io/v2, kind: PolicyException, spec: {podSecurity: [{images: ['quay.io/a/b:1']}]}}"
    ),
    "a test's context": "{apiVersion: cli.kyverno.io/v1alpha1, kind: Values, spec: {x: 'quay.io/a/b:1'}}",
    "an assignment's condition": (
        "{apiVersion: mutations.gatekeeper.sh/v1, kind: Assign, spec: {parameters: {assignIf: {in: ['quay.io/a/b:1']}, "
        "assign: {value: '«quay.io»/a/c:1'}}}}"
    ),
    "conditions of a webhook": (
        "{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, webhooks: "
        "[{matchConditions: "
        "[{expression: object.image == 'quay.io/a/b:1'}]}]}"
    ),
    "conditions of a mutating policy": (
        "{apiVersion: admissionregistration.k8s.io/v1alpha1, kind: MutatingAdmissionPolicy, spec: {matchConditions: "
        "[{expression: object.image == 'quay.io/a/b:1'}], mutations: [{jsonPatch: {expression: "
        "\"'«quay.io»/a/c:1'\"}}]}}"
    ),
    "settings of a policy": (
        "{apiVersion: policies.kubewarden.io/v1, kind: ClusterAdmissionPolicy, spec: {settings: {a: "
        "['quay.io/a/b:1']}}}"
    ),
    "an image that is scanned": (
        "{apiVersion: image.toolkit.fluxcd.io/v1beta2, kind: ImageRepository, spec: {image: quay.io/a/b}}"
    ),
    "the name in a bundle": (
        "{apiVersion: operators.coreos.com/v1alpha1, kind: ClusterServiceVersion, "
        "spec: {relatedImages: [{name: quay.io/a/b, image: '«quay.io»/a/b:1'}]}}"
    ),
    "the record of kbld": (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    kbld.k14s.io/images: |\n"
        "      - URL: quay.io/a/b:1\n        Image: quay.io/a/b@sha256:" + "0" * 64
    ),
    "what skaffold builds": (
        "{apiVersion: skaffold/v2beta29, kind: Config, build: {artifacts: [{image: quay.io/a/b, docker: "
        "{cacheFrom: ['«quay.io»/a/c:1']}}]}, profiles: [{build: {artifacts: [{image: quay.io/a/b}]}}]}"
    ),
    "items of a typed list of policies": (
        "{apiVersion: kyverno.io/v1, kind: ClusterPolicyList, items: [{spec: {rules: [{validate: {x: 'quay.io/a/b:1'}, "
        "mutate: {y: '«quay.io»/a/c:1'}}]}}]}"
    ),
    "what skaffold builds, requires and tests": (
        "{apiVersion: skaffold/v4beta11, kind: Config, build: {artifacts: [{image: quay.io/a/b, requires: [{image: "
        "quay.io/a/c}], kaniko: {image: '«quay.io»/k/executor:1', destination: ['quay.io/a/b:1'], cache: {repo: "
        "quay.io/a/cache}}}, {image: quay.io/a/c, docker: {cliFlags: ['--tag=quay.io/a/c:1']}, buildpacks: {builder: "
        "«quay.io»/a/builder}}]}, test: [{image: quay.io/a/b}], deploy: {docker: {images: [quay.io/a/b]}, helm: "
        "{releases: [{artifactOverrides: {web: {image: quay.io/a/b}}, setValues: {x: '«quay.io»/a/d:1'}}]}}}"
    ),
    "what skaffold verifies, without a tag the name of an artifact": (
        "{apiVersion: skaffold/v4beta11, kind: Config, verify: [{container: {image: quay.io/a/b}}, {container: {image: "
        "'«quay.io»/a/b:1'}}], customActions: [{containers: [{image: quay.io/a/b}, {image: '«quay.io»/a/c:1'}]}]}"
    ),
    "what a profile of skaffold patches and tests": (
        "{apiVersion: skaffold/v4beta11, kind: Config, profiles: [{test: [{image: quay.io/a/b}], patches: [{path: "
        "/build/artifacts/0/image, value: quay.io/a/b}], build: {artifacts: [{jib: {fromImage: «quay.io»/a/c}}]}}]}"
    ),
    "what a replacement looks for": (
        "{apiVersion: kustomize.config.k8s.io/v1beta1, kind: Kustomization, replacements: [{targets: [{fieldPaths: ["
        "'spec.containers.[image=quay.io/a/b:1].image']}]}], images: [{newName: «quay.io»/a/c}]}"
    ),
    "what a file of replacements looks for": "- targets: [{fieldPaths: ['containers.[image=quay.io/a/b:1].image']}]",
    "the key of a function in a Kptfile": (
        "{apiVersion: kpt.dev/v1, kind: Kptfile, pipeline: {mutators: [{image: '«quay.io»/kpt/set-image:1', configMap: "
        "{name: quay.io/a/b, newName: «quay.io»/a/c}}]}}"
    ),
    "the key of a function in a ConfigMap": (
        "{apiVersion: v1, kind: ConfigMap, data: {name: quay.io/a/b, newName: «quay.io»/a/c}}"
    ),
    "the key of a step of a promotion": (
        "{apiVersion: kargo.akuity.io/v1alpha1, kind: Stage, spec: {vars: [{name: repo, value: quay.io/a/b}], "
        "promotionTemplate: {spec: {steps: [{config: {images: [{image: quay.io/a/b, newName: «quay.io»/a/c}]}}]}}}}"
    ),
    "what a Warehouse subscribes to": (
        "{apiVersion: kargo.akuity.io/v1alpha1, kind: Warehouse, "
        "spec: {subscriptions: [{image: {repoURL: quay.io/a/b}}]}}"
    ),
    "what Keel looks for": (
        "{apiVersion: apps/v1, kind: Deployment, metadata: {annotations: {keel.sh/x: 'quay.io/a/b:1'}}, "
        "spec: {template: {spec: {containers: [{image: '«quay.io»/a/b:1'}]}}}}"
    ),
    "the criteria of NeuVector": (
        "{apiVersion: neuvector.com/v1, kind: NvAdmissionControlSecurityRule, spec: {rules: [{criteria: [{name: image, "
        "value: 'quay.io/a/b:1'}]}]}}"
    ),
    "a tracing policy": (
        "{apiVersion: cilium.io/v1alpha1, kind: TracingPolicy, spec: {containerSelector: {matchExpressions: [{key: "
        "repo, values: [quay.io/a/b]}]}}}"
    ),
    "rules of Falco in a string": (
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  rules.yaml: |\n    - list: allowed\n      items: [quay.io/a/b]\n"
        "    - rule: other\n      condition: container.image = quay.io/a/b:1\n  image: «quay.io»/a/c:1"
    ),
    "values of a selector": (
        "{apiVersion: example.com/v1, kind: Any, spec: {selector: {matchExpressions: [{key: repo, operator: In, "
        "values: ['quay.io/a/b:1']}], matchLabels: {repo: 'quay.io/a/b:1'}}, image: '«quay.io»/a/b:1'}}"
    ),
    "the address of a module": (
        "{apiVersion: policies.kubewarden.io/v1, kind: ClusterAdmissionPolicy, spec: {module: 'quay.io/a/b:1'}}"
    ),
    "the cause of a change": (
        "{apiVersion: apps/v1, kind: Deployment, metadata: {annotations: {kubernetes.io/change-cause: kubectl set "
        "image web=quay.io/a/b:1}}, spec: {template: {spec: {containers: [{image: '«quay.io»/a/b:1'}]}}}}"
    ),
    "a revision of a controller": (
        "{apiVersion: apps/v1, kind: ControllerRevision, data: {spec: {template: {spec: {containers: [{image: "
        "'quay.io/a/b:1'}]}}}}}"
    ),
    "the name in a catalog": ("{schema: olm.bundle, relatedImages: [{name: quay.io/a/b, image: '«quay.io»/a/b:1'}]}"),
    "where a workflow pushes": (
        "{jobs: {build: {container: '«quay.io»/a/base:1', steps: [{uses: docker/build-push-action@v6, with: {tags: "
        "'quay.io/a/b:1', cache-from: 'type=registry,ref=«quay.io»/a/cache:1', cache-to: "
        "'type=registry,ref=quay.io/a/cache:1'}}]}}}"
    ),
    "where compose and bake push": (
        "{services: {web: {build: {tags: ['quay.io/a/b:1'], cache_from: ['«quay.io»/a/c:1']}}}, target: {web: {tags: "
        "['quay.io/a/b:1']}}}"
    ),
    "where images are copied to": "sync: [{source: '«quay.io»/a/b:1', target: 'quay.io/c/b:1', type: image}]",
}


def sites(text: str, settings: Settings = QUAY) -> tuple[str, tuple[Site, ...]]:
    done = rewrite(text.encode(), settings)
    assert rewrite(done.output, settings).output == done.output
    return done.output.decode(), done.sites


@pytest.mark.parametrize("name", INPUTS)
def test_what_is_matched_stays_and_what_is_pulled_moves(name: str) -> None:
    text = INPUTS[name]
    output, found = sites(text.replace("«", "").replace("»", ""))
    assert output == text.replace("«quay.io»", "m.example")
    assert any(site.status is Status.LEFT for site in found)
    assert all((site.role is Role.IMAGE) == (site.status is Status.REWRITTEN) for site in found)


def test_the_right_side_of_a_pair_is_declared_an_image() -> None:
    text = "{apiVersion: argoproj.io/v1alpha1, kind: Application, spec: {source: {kustomize: {images: [app=nginx]}}}}"
    assert sites(text)[0] == text.replace("nginx", "h.example/library/nginx")


def test_the_left_side_of_a_pair_is_in_the_report() -> None:
    text = "{apiVersion: argoproj.io/v1, kind: Application, spec: {source: {kustomize: {images: ['quay.io/a/b=c']}}}}"
    [left, right] = sites(text)[1]
    assert (left.reference, left.reason, left.role) == ("quay.io/a/b", MATCH_KEY, Role.MATCH)
    assert (right.reference, right.after) == ("c", "h.example/library/c")


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("{apiVersion: v1, kind: Pod, status: {image: 'quay.io/a/b:1'}}", Role.RECORD),
        ("{apiVersion: v1, kind: Pod, x: {output: {image: 'quay.io/a/b:1'}}}", Role.TARGET),
        ("{apiVersion: v1, kind: Pod, description: 'quay.io/a/b:1'}", Role.PROSE),
        ("{apiVersion: v1, kind: Secret, x: 'quay.io/a/b:1'}", Role.IMAGE),
        ("{apiVersion: v1, kind: Pod, x: 'quay.io/a/b:1'}", Role.IMAGE),
    ],
)
def test_the_role_of_a_string(text: str, role: Role) -> None:
    [site] = sites(text, NINE)[1]
    assert site.role is role


@pytest.mark.parametrize("line", ["a | b | c", "a | b | c | d | e | f | g", ""])
def test_a_line_of_another_form_is_no_row(line: str) -> None:
    with pytest.raises(ValueError, match="values to unpack"):
        list(parse_rows([line]))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("base-image", False),
        ("push-image", False),
        ("outlet", False),
        ("KO_DOCKER_REPO", False),
        ("output-image", True),
        ("target-image", True),
        ("outputImage", True),
        ("IMAGE_OUT", True),
        ("imageDestination", True),
    ],
)
def test_a_name_says_whether_its_value_is_pushed(name: str, expected: bool) -> None:
    assert (of_parameter(name) is Role.TARGET) == expected


def declares(group: str, kind: str, path: str) -> Settings:
    """Rules for nine hosts, and a row of the user's configuration."""
    return NINE._replace(fields=NINE.fields.extended([Field(group, kind, path, is_users=True)]))


REPOSITORY = """apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata: {name: web}
spec: {image: ghcr.io/acme/web}
"""
STATUS = "apiVersion: example.com/v1\nkind: Web\nstatus: {image: ghcr.io/acme/web}\n"


def test_a_field_of_the_users_for_all_groups_gives_way_to_the_table() -> None:
    [site] = rewrite(REPOSITORY.encode(), declares("*", "*", "**.image")).sites
    assert site.status is Status.LEFT


def test_a_status_stays_whatever_the_user_declares() -> None:
    [site] = rewrite(STATUS.encode(), declares("example.com", "Web", "status.image")).sites
    assert site.status is Status.LEFT


def test_a_field_of_the_users_for_a_group_wins_over_the_table() -> None:
    [site] = rewrite(REPOSITORY.encode(), declares("image.toolkit.fluxcd.io", "ImageRepository", "spec.image")).sites
    assert (site.status, site.how) == (Status.REWRITTEN, "declared")
