"""What commands push: the rows of the grammar, the words of a shell, and the targets of every command."""

import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_tcr.find.commands import ANY, OPERANDS, Word, commands, grammar, parse_rows, targets
from kubectl_tcr.find.decide import Around, Verdict, decided
from kubectl_tcr.find.tokens import Token, host_pattern, tokens
from kubectl_tcr.kubernetes.roles import Role

HOSTS = host_pattern(["quay.io", "docker.io"])
# What is pulled is called P below, and what is pushed T.
PULLED, TARGET = "quay.io/acme/pulled:1", "quay.io/acme/target:1"

# Scripts that push nothing.
STAYS_A_PULL = {
    "a pull": "docker pull P",
    "a run": "docker run --rm -t P build",
    "the base of a build": "docker build --build-arg BASE=P --build-arg=OTHER=P .",
    "a cache that is read": "docker build --cache-from P --cache-from type=registry,ref=P .",
    "a builder": "pack build app --builder P --run-image=P",
    "the source of a copy": "skopeo copy docker://P dir:/tmp",
    "the base that is appended to": "crane append -b P -f layer.tar",
    "a signature that is verified": "cosign verify --key k.pub P",
    "a scan": "trivy image P",
    "a detached run": "docker run -d P",
    "behind the end of a command": "docker push; echo P && helm push | cat P",
    "in the next line": "docker push\ncat P",
    "a flag whose value it is": "skopeo copy --src-creds a:b docker://P dir:/tmp",
    "a word like a command": "docker pushed P",
    "a digest that is asked": "crane digest P",
    "a base and a cache of a bake": "docker buildx bake --set '*.args.BASE=P' --set=app.cache-from=P",
    "an image that make deploys": "make deploy IMG=P",
    "an image that a deployment is given": "kubectl set image deployment/web web=P",
    "an import into an image stream": "oc import-image web --from=P --confirm",
    "a tag of an image stream": "oc tag --source=docker P ns/web:1",
    "an import into a registry of Azure": "az acr import --name x --source P --image web:1",
    "a builder of s2i": "s2i build --ref main https://x.example/src P web",
    "a cache of Earthly": "SAVE IMAGE --cache-from=P web:1",
}
# Scripts that push T and pull P.
PUSHES = {
    "a push": "docker push T",
    "a push with flags": "docker push --quiet -a T",
    "a push by any program": "$BUILDER push T",
    "a program with a path": "/usr/bin/podman push T",
    "flags in front of the subcommand": "docker --context far -H tcp://x push T",
    "a build": "docker build --build-arg BASE=P -t T --cache-from P .",
    "a build with an equals sign": "podman build --tag=T .",
    "letters of flags together": "docker build -qt T .",
    "a build by buildx": "docker buildx build --push --platform=linux/arm64 -t T .",
    "a cache that is written": "docker build --cache-to type=registry,ref=T,mode=max --cache-from type=registry,ref=P",
    "a build by buildah": "buildah bud --format=oci -t T .",
    "a build by buildctl": "buildctl build --output type=image,name=T,push=true",
    "a tag": "docker tag P T",
    "a tag by podman, several": "podman tag P T T",
    "a commit": 'docker commit -m "a message" -a me container T',
    "a manifest": "docker manifest create T T && docker manifest push T",
    "a manifest by imagetools": "docker buildx imagetools create -t T P",
    "kaniko": "/kaniko/executor --dockerfile=Dockerfile -d T --cache-repo=T",
    "kaniko's flag alone": "--destination T",
    "kaniko as an image": "docker run P /x/executor:v1 --destination=T",
    "a copy": "skopeo copy -a --src-creds a:b docker://P docker://T",
    "a copy with one more tag": "skopeo copy --additional-tag T docker://P docker://T",
    "a copy by crane": "crane cp P T",
    "a file that crane pushes": "crane push image.tar T",
    "a layer that crane appends": "crane append -b P -f layer.tar -t T",
    "a copy by regctl": "regctl image copy P T",
    "a copy by oras": "oras cp -r P T",
    "a push by oras": "oras push --artifact-type a/b T file.txt",
    "a build by pack": "pack build T --builder P",
    "a build by pack, flags first": "pack build --builder P T",
    "ko": "KO_DOCKER_REPO=T ko build ./cmd",
    "skaffold": "skaffold run --default-repo T",
    "jib by maven": "./mvnw compile jib:build -Djib.from.image=P -Djib.to.image=T",
    "a copy by regctl with its digest tags": "regctl image copy --digest-tags --referrers P T",
    "an index by regctl": "regctl index add T --ref P",
    "a synchronisation": "skopeo sync --src docker --dest docker --append-suffix x P T",
    "a mirror of oc": "oc image mirror -a auth.json P T T",
    "a mirror of oc in one": "oc image mirror P=T 'P=T'",
    "a catalog of oc": "oc adm catalog mirror P T --to-manifests=x",
    "a release of oc": "oc adm release mirror --from=P --to=T --to-release-image T",
    "an image that oc appends to": "oc image append --from P --to T layer.tar.gz",
    "a tag by gcloud": "gcloud container images add-tag --quiet P T",
    "a tag by gcloud in Artifact Registry": "gcloud artifacts docker tags add --project x P T",
    "a build by gcloud": "gcloud beta builds submit --tag T .",
    "a bake": "docker buildx bake app --set *.tags=T --set=app.output=type=registry,name=T --set app.args.BASE=P",
    "a build by s2i": "s2i build -e A=b --ref main https://x.example/src P T",
    "a build by make": "make docker-build docker-push IMG=T",
    "a bundle by make": "make -C operator bundle-push BUNDLE_IMG=T",
    "a build by werf": "werf converge --repo T",
    "an image of Earthly": "SAVE IMAGE --push --cache-from=P T",
    "a relocation": "kbld relocate -f images.lock --repository T",
    "an import of a file": "docker import --change 'CMD x' root.tar T",
    "a push by ctr": "ctr -n k8s.io images push --hosts-dir /etc/hosts.d T",
    "a signature by Docker": "docker trust sign T",
    "a blob by cosign": "cosign upload blob -f file T",
    "an attestation by syft": "syft attest --output spdx-json T",
    "an index by oras": "oras manifest index create T amd64 arm64",
    "a rebase": "crane rebase T --old_base x --new_base P",
    "a rebase to another name": "crane rebase P --rebased T",
    "a flat image": "crane flatten T",
    "a flat image of another name": "crane flatten P -t T",
    "a change": "crane mutate --label a=b T && crane mutate P --tag=T",
    "a change by regctl": "regctl image mod T --label a=b --create x",
    "a copy by regctl with a flag in front": "regctl --host reg=x,tls=disabled image copy P T",
    "what cosign loads": "cosign load --dir d T",
    "a builder by pack": "pack builder create T --config b.toml",
    "a package by pack": "pack buildpack package T --config p.toml --publish",
    "a build by buildx, shorter": "docker buildx b -t T .",
    "a bake by buildx alone": 'buildx bake --set "*.tags=T" --set a.args.B=P',
    "a build of the lifecycle": "/cnb/lifecycle/creator -app=x -run-image=P -cache-image=T T",
    "a mirror by a plugin of oc": "oc mirror --config x docker://T && oc-mirror -c x docker://T",
    "a build by nixpacks": "nixpacks build . --name T",
    "a conversion": "nydusify convert --source P --target T",
    "a run of bazel": "bazel run //x:push -- --repository T",
    "a deletion": "skopeo delete docker://T && crane delete T",
    "a signature": "cosign sign --yes --key k T",
    "an attestation": "cosign attest --predicate p.json --type a T",
    "an attachment": "cosign attach sbom --sbom s.json T",
    "continued lines": "docker build \\\n  --build-arg B=P \\\n  -t T \\\n  .",
    "a continued line without a blank": "docker push\\\n  T",
    "continued lines that end as in Windows": "docker build \\\r\n  -t T \\\r\n  .",
    "behind other commands": "cd x && docker pull P; docker push T | tee log",
    "behind a condition": "if docker push T; then docker pull P; fi",
    "in a shell": "sh -c 'docker pull P && docker push T'",
    "in a shell in a shell": "sh -c \"sh -c 'docker tag P T'\"",
    "in a shell over lines": 'sh -c "docker pull P\ndocker push T"',
    "in a substitution": "ID=$(docker build -q -t T .) docker run P",
    "in quotes": 'docker push "T"',
    "a list in text": 'run(["docker", "push", "T"])',
    "a redirection": "docker build 2>&1 -t T .",
    "escaped line ends": r"docker pull P\ndocker push T\ndocker pull P",
    "an apostrophe in a line in front": "# don't\ndocker pull P\ndocker push T",
    "another use of the name": "docker run T\ndocker tag P T\ndocker run T",
    "the option push": "type=image,name=T,push=true",
}
# Scripts that push T by the name of a variable and pull P.
PUSHES_BY_NAME = {
    "an assignment": "IMG=T\ndocker push $IMG",
    "in braces and quotes": 'export IMG="T"\ndocker pull P\ndocker push "${IMG}"',
    "in the same line": "IMG=T; docker build -t $IMG . && docker push $IMG",
    "behind its use": "push() { docker push $IMG; }\nIMG=T push",
    "with a tag": "REPO=T\nBASE=P\ndocker pull $BASE\ndocker push ${REPO}:2",
    "with a repository": "REGISTRY=T\ndocker push $REGISTRY/app:2",
    "without its tag": "IMG=T\ndocker push ${IMG%:*}:latest",
    "the target of a build": 'IMG=T\nBASE=P\ndocker build --build-arg BASE=$BASE -t "$IMG" .',
    "the target of a copy": "SRC=P DST=T\nskopeo copy docker://$SRC docker://$DST",
    "a destination": "IMG='T'\n/kaniko/executor --destination=$IMG",
    "make": "IMAGE_NAME ?= T\nBASE := P\n\npush: build\n\t@docker push $(IMAGE_NAME)\n\t@docker pull $(BASE)",
    "make, quietly": "IMG := T\nx:\n\t@docker tag P $(IMG)",
    "make, escaped": "IMG := T\nx:\n\tsh -c 'docker push $${IMG}'",
    "a default": "IMG=${IMG:-T}\ndocker push $IMG",
    "a default in quotes": 'IMG="${1:-T}"\ndocker push $IMG',
    "a default that is assigned": ": ${IMG:=T}\ndocker push $IMG",
    "two values": "if x; then IMG=T; else IMG=T; fi\ndocker push $IMG",
    "by another name": "IMG=T\nTAG=$IMG-debug\ndocker push $TAG",
    "by a third name": 'A=T\nB="$A"\nC=${B}\ndocker push $C',
    "in circles": "A=$B\nB=$A\nA=T\ndocker push $B",
    "a loop": "for i in T T; do docker push $i; done\nfor i2 in P; do docker pull $i2; done",
    "a loop over lines": "for i in \\\n  T \\\n  T\ndo\n  docker push $i\ndone",
    "a list": 'IMAGES="T T"\nfor i in $IMAGES; do docker push $i; done\nOTHERS="P P"',
    "an array": 'IMAGES=(\n  T\n  T\n)\nfor i in "${IMAGES[@]}"; do docker push $i; done',
    "another use of the name": "IMG=T\ndocker push $IMG\ndocker run T",
    "in a shell": "IMG=T\nsh -c 'docker pull P && docker push $IMG'",
}
# Scripts that pull P by the name of a variable.
PULLS_BY_NAME = {
    "a pull": "IMG=P\ndocker pull $IMG",
    "a pull beside a push": "IMG=P\ndocker pull $IMG\ndocker push $OTHER",
    "a name that begins like it": "IMG=P\ndocker push $IMG2 $IMGS",
    "a comment": "IMG=P\ndocker pull $IMG\n# docker push $IMG\ndocker pull x # docker push $IMG",
    "a base": "IMG=P\ndocker build --build-arg IMG=$IMG -t app .",
    "the source of a tag": "IMG=P\ndocker tag $IMG app:1",
    "a flag": "app --img=P\ndocker push $img",
    "a property": "app -Da.img=P\ndocker push $img",
    "a comparison": "if [[ x ]]; then run P; fi; [ $IMG == x ] && docker push $IMG",
    "behind a list": "for i in a b; do docker push $i; run P; done",
    "behind a quoted value": 'IMG="a" run P\ndocker push $IMG',
}
# Lists of arguments; the last is asked about.
PULLS_IN_A_LIST = {
    "an image": ["--image", "P"],
    "a source": ["skopeo", "copy", "docker://P"],
    "the first of two": ["docker", "tag", "P"],
    "a base": ["docker", "build", "--build-arg", "P"],
    "behind a script": ["sh", "-c", "docker push", "echo P"],
    "a subcommand of another program": ["run", "tag", "P"],
    "another argument of a script": ["sh", "-c", "docker push $2; docker pull $1", "x", "P"],
    "the name of a script": ["sh", "-c", 'docker push "$@"', "P"],
    "behind a script without arguments": ["sh", "-ec", "docker push $IMG", "--", "P"],
    "an image that is mutated elsewhere": ["crane", "mutate", "-t", "x", "P"],
}
PUSHES_IN_A_LIST = {
    "a push": ["docker", "push", "T"],
    "a push whose program stands elsewhere": ["push", "T"],
    "a file that is pushed": ["push", "file", "T"],
    "a destination": ["--context=dir", "--destination", "T"],
    "a destination in one": ["--context=dir", "--destination=T"],
    "a build": ["docker", "build", "--quiet", "-t", "T"],
    "a copy": ["skopeo", "copy", "docker://P", "docker://T"],
    "a copy whose program stands elsewhere": ["copy", "--all", "docker://P", "docker://T"],
    "a tag": ["docker", "tag", "P", "T"],
    "a script": ["sh", "-c", "docker push T && docker pull P"],
    "a mirror in one": ["oc", "image", "mirror", "P=T"],
    "an argument of a script": ["sh", "-c", "docker push $0", "T"],
    "the first argument of a script": ["/bin/bash", "-ec", "docker push ${1}", "--", "T"],
    "the second argument of a script": ["sh", "-c", "docker pull $1; docker push $2", "x", "P", "T"],
    "any argument of a script": ["sh", "-c", 'docker push "$@"', "x", "P", "T"],
}


def spelled(text: str) -> str:
    return "".join({"P": PULLED, "T": TARGET}.get(part, part) for part in _split(text))


def _split(text: str) -> list[str]:
    """A text with its lone P and T apart."""
    parts = [""]
    for index, letter in enumerate(text):
        around = text[max(index - 1, 0) : index] + text[index + 1 : index + 2]
        is_escape = text[max(index - 2, 0) : index] in (r"\n", r"\t")
        if letter in "PT" and (is_escape or not any(one.isalnum() or one == "_" for one in around)):
            parts += [letter, ""]
        else:
            parts[-1] += letter
    return parts


def verdicts(script: str, before: Sequence[str] = ()) -> list[tuple[Token, Verdict]]:
    around = Around(before=before)
    return list(decided(script, tokens(script, HOSTS, around.flag), around))


def pushed(script: str, before: Sequence[str] = ()) -> dict[str, set[bool]]:
    """Whether each name of a script is pushed."""
    found: dict[str, set[bool]] = {}
    for token, verdict in verdicts(spelled(script), [spelled(text) for text in before]):
        found.setdefault(token.text, set()).add(verdict.role is Role.TARGET)
    return found


@pytest.mark.parametrize("name", STAYS_A_PULL)
def test_a_script_that_pushes_nothing(name: str) -> None:
    assert pushed(STAYS_A_PULL[name]) == {PULLED: {False}}


@pytest.mark.parametrize("name", PUSHES)
def test_a_script_that_pushes(name: str) -> None:
    script = PUSHES[name]
    wanted = {TARGET: {True}} | ({PULLED: {False}} if "P" in _split(script) else {})
    assert pushed(script) == wanted


@pytest.mark.parametrize("name", PUSHES_BY_NAME)
def test_a_script_that_pushes_by_the_name_of_a_variable(name: str) -> None:
    script = PUSHES_BY_NAME[name]
    wanted = {TARGET: {True}} | ({PULLED: {False}} if "P" in _split(script) else {})
    assert pushed(script) == wanted


@pytest.mark.parametrize("name", PULLS_BY_NAME)
def test_a_script_that_pulls_by_the_name_of_a_variable(name: str) -> None:
    assert pushed(PULLS_BY_NAME[name]) == {PULLED: {False}}


@pytest.mark.parametrize("name", PULLS_IN_A_LIST)
def test_a_list_of_arguments_that_pushes_nothing(name: str) -> None:
    *before, last = PULLS_IN_A_LIST[name]
    assert pushed(last, before) == {PULLED: {False}}


@pytest.mark.parametrize("name", PUSHES_IN_A_LIST)
def test_a_list_of_arguments_that_pushes(name: str) -> None:
    *before, last = PUSHES_IN_A_LIST[name]
    assert pushed(last, before)[TARGET] == {True}


def reasons(script: str) -> list[bool]:
    return [verdict.role is Role.TARGET for _, verdict in verdicts(script)]


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        ("quay.io/a/b:1", True),
        ("quay.io/a/b", True),
        ("quay.io/a/b:2", False),
        ("quay.io/a/b@sha256:0", False),
        ("quay.io/a/b/c:1", False),
        ("quay.io/a/bc:1", False),
    ],
)
def test_a_name_is_the_same_by_repository_and_tag(other: str, is_same: bool) -> None:
    assert reasons(f"docker push quay.io/a/b:1\ndocker run --image {other}") == [True, is_same]


def test_a_name_that_is_pushed_without_a_tag_is_that_of_all_tags() -> None:
    assert reasons("docker push quay.io/a/b\ndocker run quay.io/a/b:1 quay.io/a/c:1") == [True, True, False]


@pytest.mark.parametrize(
    ("pushed_name", "other", "is_same"),
    [
        ("quay.io/a:$TAG", "quay.io/a:${TAG}", True),
        ("docker.io/library/mine:1", "docker.io/mine:1", True),
        ("index.docker.io/acme/x:1", "docker.io/acme/x:1", True),
        ("acme/x:1", "docker.io/acme/x:1", True),
        ("acme/x:1", "docker.io/acme/x:2", False),
        ("acme/x:1", "docker.io/acme/xy:1", False),
        ("x/acme/x:1", "docker.io/acme/x:1", False),
    ],
)
def test_a_name_is_the_same_however_it_is_spelled(pushed_name: str, other: str, *, is_same: bool) -> None:
    script = f"docker push {pushed_name}\ndocker run {other}"
    found = list(decided(script, tokens(script, host_pattern(["docker.io", "index.docker.io", "quay.io"]))))
    assert (found[-1][1].role is Role.TARGET) == is_same


def test_a_comment_pushes_nothing() -> None:
    assert reasons("# docker push quay.io/a:1\ndocker run quay.io/a:1") == [False, False]


def test_every_row_is_sound() -> None:
    for row in grammar().rows:
        assert row.programs, row
        assert row.operands in OPERANDS, row
        assert row.operands != "none" or row.targets, row
        assert not row.targets & row.values, row
        assert ANY not in row.programs or row.programs == (ANY,), row
        assert row.programs != (ANY,) or row.subcommands != ((),) or row.operands == "none", row
        flags = row.targets | row.values
        assert all(flag.startswith(("-", ".")) or flag.isupper() for flag in flags), row
        assert not any("=" in flag for flag in flags), row


def test_no_command_stands_twice() -> None:
    named = [(program, name) for row in grammar().rows for program in row.programs for name in row.subcommands]
    assert len(named) == len(set(named))


@pytest.mark.parametrize("line", ["a | b | none", "a | b | none | -t | -a | x", ""])
def test_a_line_of_another_form_is_no_row(line: str) -> None:
    with pytest.raises(ValueError, match="values to unpack"):
        list(parse_rows([line]))


def test_the_words_of_a_script_keep_their_places() -> None:
    script = "a \"b c\" \\\n d'e f'; $(g h)|${i j}"
    found = [[script[word.start : word.stop] for word in words] for words in commands(script, 0, len(script))]
    assert found == [["a", '"b c"', "d'e f'"], ["$(g h)"], ["${i j}"]]
    assert next(commands('x "y"', 0, 5))[1] == Word("y", 2, 5)


_PIECES = st.sampled_from(
    [
        "docker",
        "push",
        "build",
        "-t",
        "tag",
        "quay.io/a:1",
        "'",
        '"',
        "\\",
        "\n",
        " ",
        "$(",
        ")",
        "${",
        "}",
        ";",
        "`",
        "x",
        "=",
        "&",
        "\\n",
    ]
)


@given(st.lists(_PIECES, max_size=40).map("".join), st.lists(_PIECES, max_size=5))
def test_targets_are_some_of_the_offsets(script: str, before: list[str]) -> None:
    offsets = range(len(script))
    assert targets(script, offsets, before) <= set(offsets)
    for words in commands(script, 0, len(script)):
        assert all(0 <= word.start < word.stop <= len(script) for word in words)


@pytest.mark.parametrize(
    "unit",
    [
        "docker push quay.io/a:1\n",
        "docker push quay.io/a:1 ",
        "docker -a ",
        "docker build ",
        "\\\n",
        "\"'push ",
        '"\\"',
        "$(push ",
        "${push ",
        "'\"$(push )\"' ",
        ";",
        "\\",
        "push -x ",
        "|quay.io/a:1",
        "case quay.io/a:1) ",
        "sed s,s,s,quay.io/a:1 ",
        "# quay.io/a:1",
        "rg -a quay.io/a:1 ",
        "quay.io\\/a ",
        "V=quay.io/a:1;docker push $V\n",
        "V=$V;V=quay.io/a:1;",
        "$V",
        "for x in quay.io/a:1 $x ",
        "V=(quay.io/a:1 $V ",
        "acme/x:1 push docker.io/acme/x:1 ",
        "a.a.a/",
        "quay.io/a:$(",
        "quay.io/a:$(x (y) ",
        "quay.io/$($(x)",
        "${X-quay.io/a",
        "x = quay.io/a, ",
        "x = {y = 1, ",
        "docker run -a b quay.io/a ",
        "# a=b\n",
        "# x quay.io/a;",
        "${x:?quay.io/a ",
        "quay.io/a:${X:-$(y",
    ],
    ids=ascii,
)
def test_the_time_is_linear(unit: str) -> None:
    def taken(size: int) -> float:
        script = unit * (size // len(unit)) + " docker push quay.io/a:1"
        start = time.process_time()
        verdicts(script)
        return time.process_time() - start

    assert taken(200_000) < 40 * taken(20_000) + 0.1
