"""Tokens inside longer strings: where they begin and end, and why some are no images."""

import pytest

from kubectl_tcr.find.decide import Around, decided
from kubectl_tcr.find.tokens import Token, host_pattern, tokens
from kubectl_tcr.kubernetes.exclusions import PATTERN, PUSHED

HOSTS = host_pattern(["quay.io", "docker.io", "localhost:5000"])

UNTAGGED = "neither tag nor digest inside a longer text"
URL = "a URL"
INNER = "the host is not the first component"
GLUED = "not a word of its own"
COMMENT = "a comment"

# Values without a token: look-alikes, and hosts with no path behind them.
NONE = [
    "",
    "no image here",
    "quay.io",
    "quay.io:443/a:1",
    "my.quay.io/a:1",
    "my-quay.io/a:1",
    "A-quay.io/a:1",
    "$A-quay.io/a:1",
    "quay.io.example/a:1",
    "quay_io/a:1",
    "\u00e9quay.io/a:1",
    "QUAY.IO/a:1",
    "gcr.io/a:1",
]

# Value: tokens, each with its reason, empty for an image.
TOKENS: dict[str, list[tuple[str, str]]] = {
    "quay.io/a:1": [("quay.io/a:1", "")],
    " quay.io/a:1 ": [("quay.io/a:1", "")],
    "localhost:5000/a:1": [("localhost:5000/a:1", "")],
    # Boundaries at both ends.
    'x="quay.io/a:1"': [("quay.io/a:1", "")],
    "('quay.io/a:1')": [("quay.io/a:1", "")],
    "[quay.io/a:1,quay.io/b:2];quay.io/c:3": [("quay.io/a:1", ""), ("quay.io/b:2", ""), ("quay.io/c:3", "")],
    "`quay.io/a:1`": [("quay.io/a:1", "")],
    "<quay.io/a:1>": [("quay.io/a:1", "")],
    "quay.io/a:1|quay.io/b:2&quay.io/c:3": [("quay.io/a:1", ""), ("quay.io/b:2", ""), ("quay.io/c:3", "")],
    "quay.io/a:1\nquay.io/b:2\tquay.io/c:3": [("quay.io/a:1", ""), ("quay.io/b:2", ""), ("quay.io/c:3", "")],
    "quay.io/a:1\u2028x\xa0quay.io/b:2": [("quay.io/a:1", ""), ("quay.io/b:2", "")],
    "a/quay.io/b:1": [("quay.io/b:1", INNER)],
    "a@quay.io/b:1": [("quay.io/b:1", GLUED)],
    "a:quay.io/b:1": [("quay.io/b:1", GLUED)],
    # An escaped line end is a boundary, another backslash is none.
    r"x\nquay.io/a:1\ty": [("quay.io/a:1", "")],
    r"\tquay.io/a:1\"": [("quay.io/a:1", "")],
    r"x\quay.io/a:1": [("quay.io/a:1", GLUED)],
    # What ends a sentence belongs to no reference.
    "pulls quay.io/a:1.": [("quay.io/a:1", "")],
    "pulls quay.io/a:1...": [("quay.io/a:1", "")],
    "quay.io/a:1: it is slow": [("quay.io/a:1", "")],
    # Transports are no URLs.
    "docker://quay.io/a:1": [("quay.io/a:1", "")],
    "docker://quay.io/a": [("quay.io/a", "")],
    "docker-pullable://quay.io/a": [("quay.io/a", "")],
    "https://quay.io/a:1": [("quay.io/a:1", URL)],
    "see https://quay.io/repository/a": [("quay.io/repository/a", URL)],
    "oci://quay.io/charts/a": [("quay.io/charts/a", URL)],
    # Comments begin with # at the start of a word and end with the line.
    "# quay.io/a:1": [("quay.io/a:1", COMMENT)],
    "run #quay.io/a:1": [("quay.io/a:1", GLUED)],
    "run # with quay.io/a:1": [("quay.io/a:1", COMMENT)],
    "# a comment\nrun quay.io/a:1": [("quay.io/a:1", "")],
    "run a#b quay.io/a:1": [("quay.io/a:1", "")],
    # Without tag or digest, only a flag, a key= or a word that takes an image makes it one.
    "we mirror quay.io/a now": [("quay.io/a", UNTAGGED)],
    "quay.io/a quay.io/b@sha256:0": [("quay.io/a", UNTAGGED), ("quay.io/b@sha256:0", "")],
    "run --image quay.io/a": [("quay.io/a", "")],
    "--image=quay.io/a": [("quay.io/a", "")],
    '--image="quay.io/a" x': [("quay.io/a", "")],
    "-i quay.io/a": [("quay.io/a", "")],
    "IMAGE=quay.io/a": [("quay.io/a", "")],
    "images[0]=quay.io/a": [("quay.io/a", "")],
    "FROM quay.io/a AS build": [("quay.io/a", "")],
    "image: quay.io/a,": [("quay.io/a", "")],
    '{"image":"quay.io/a"}': [("quay.io/a", "")],
    "docker pull quay.io/a": [("quay.io/a", "")],
    "from quay.io/a": [("quay.io/a", UNTAGGED)],
    "from quay.io/a\nwe run it": [("quay.io/a", UNTAGGED)],
    "taken from quay.io/a as is": [("quay.io/a", UNTAGGED)],
    "from quay.io/a as b": [("quay.io/a", "")],
    "from --platform=linux/amd64 quay.io/a": [("quay.io/a", "")],
    "FROM --platform=$BUILDPLATFORM quay.io/a AS b": [("quay.io/a", "")],
    "from quay.io/a\n\n  run make": [("quay.io/a", "")],
    # `key = value` between blanks, at the start of a line.
    "if image == quay.io/a": [("quay.io/a", PATTERN)],
    "so x = quay.io/a": [("quay.io/a", UNTAGGED)],
    "[a]\nurl = quay.io/a\n": [("quay.io/a", "the address of a repository, not an image")],
    "driver = quay.io/a": [("quay.io/a", "a name of the API, not an image")],
    "csi_driver_name = quay.io/a": [("quay.io/a", "a name of the API, not an image")],
    "output_image = quay.io/a": [("quay.io/a", PUSHED)],
    "IMAGE_OUT='quay.io/a:1'": [("quay.io/a:1", PUSHED)],
    "destination = quay.io/a@sha256:1": [("quay.io/a@sha256:1", "")],
    "[a]\nworker_repository = quay.io/a\n": [("quay.io/a", "")],
    "  image = 'quay.io/a'": [("quay.io/a", "")],
    "a.b-c =quay.io/a": [("quay.io/a", "")],
    # What a shell takes where a variable is not set.
    "x-quay.io/a:1": [],
    "a:-quay.io/a:1": [("quay.io/a:1", GLUED)],
    "${A:-quay.io/a:1}": [("quay.io/a:1", "")],
    "A=${A:=quay.io/a:1}": [("quay.io/a:1", "")],
    "${A-quay.io/a:1}": [("quay.io/a:1", "")],
    "run ${A:-quay.io/a}": [("quay.io/a", "")],
    'A="${A:-quay.io/a}"': [("quay.io/a", "")],
    ": ${A:='quay.io/a'}": [("quay.io/a", "")],
    "run ${A-quay.io/a} x": [("quay.io/a", "")],
    "run ${A:-quay.io/a}:${TAG:-1}": [("quay.io/a", "")],
    "A=${1-quay.io/a:1}": [("quay.io/a:1", "")],
    ": ${DRIVER:=quay.io/a}": [("quay.io/a", "")],
    "x${A-my-quay.io/a:1}": [],
    # A tag behind a closing quote.
    "run 'quay.io/a': it is": [("quay.io/a", UNTAGGED)],
    'run "quay.io/a":$TAG': [("quay.io/a", "")],
    'run quay.io/a:"$TAG"': [("quay.io/a", "")],
    "run quay.io/a:`cat VERSION`": [("quay.io/a", "")],
    'run quay.io/a@"$DIGEST"': [("quay.io/a", "")],
    'run "quay.io/a"@"$DIGEST"': [("quay.io/a", "")],
    'run quay.io/a@sha256:"$SHA"': [("quay.io/a", "")],
    'run quay.io/a:1@sha256:"$SHA"': [("quay.io/a:1", "")],
    "run 'quay.io/a'@sha256:$SHA": [("quay.io/a", "")],
    "run 'quay.io/a': 'it' is": [("quay.io/a", UNTAGGED)],
    'x = y + "quay.io/a:" + tag': [("quay.io/a", "")],
    'x = "quay.io/a@" + digest': [("quay.io/a", "")],
    'we call it "quay.io/a:" here': [("quay.io/a", UNTAGGED)],
    "run 'quay.io/a':'1'": [("quay.io/a", "")],
    # Placeholders of other tools, and braces that are none.
    "run quay.io/a:{TAG} now": [("quay.io/a:{TAG}", "")],
    "run quay.io/a:${{ x.y }} now": [("quay.io/a:${{ x.y }}", "")],
    "run quay.io/a@$(x.y) now": [("quay.io/a@$(x.y)", "")],
    "run quay.io/{a,b}:1": [("quay.io/", UNTAGGED)],
    # Chinese punctuation.
    "镜像（quay.io/a:1）、quay.io/b:2。": [("quay.io/a:1", ""), ("quay.io/b:2", "")],  # noqa: RUF001
    "从quay.io/a:1，": [("quay.io/a:1", "")],  # noqa: RUF001
    "（quay.io/a:1〉": [("quay.io/a:1", "")],  # noqa: RUF001
    "quay.io/a:1～x": [("quay.io/a:1", "")],  # noqa: RUF001
    "・quay.io/a:1・": [("quay.io/a:1", "")],
    "＝quay.io/a:1＝": [("quay.io/a:1", "")],  # noqa: RUF001
    "\u3000quay.io/a:1\u3000": [("quay.io/a:1", "")],
    "用quay.io/a:1的": [("quay.io/a:1", "")],
    "ボクquay.io/aガ": [("quay.io/a", UNTAGGED)],
    # Keys of other languages.
    "IMG := quay.io/a": [("quay.io/a", "")],
    "export IMG = quay.io/a": [("quay.io/a", "")],
    '$env:IMG = "quay.io/a"': [("quay.io/a", "")],
    "app.image.name : quay.io/a": [("quay.io/a", "")],
    "note : quay.io/a": [("quay.io/a", UNTAGGED)],
    'x = ["quay.io/a", "quay.io/b"]': [("quay.io/a", ""), ("quay.io/b", "")],
    "x = quay.io/a, quay.io/b": [("quay.io/a", ""), ("quay.io/b", "")],
    'x = { y = 1, image = "quay.io/a" }': [("quay.io/a", "")],
    "x = { url = 'quay.io/a' }": [("quay.io/a", "the address of a repository, not an image")],
    "x = a(b, quay.io/a)": [("quay.io/a", UNTAGGED)],
    "; image = quay.io/a:1": [("quay.io/a:1", COMMENT)],
    "x)\n;; quay.io/a:1)": [("quay.io/a:1", "")],
    "cd x; run quay.io/a:1": [("quay.io/a:1", "")],
    'echo "${IMG:?set it to quay.io/a:1}" quay.io/b:1': [("quay.io/a:1", "a message"), ("quay.io/b:1", "")],
    # Commands that ask for an image.
    "crane ls quay.io/a": [("quay.io/a", "")],
    "regctl tag ls quay.io/a": [("quay.io/a", "")],
    "docker run --rm -v x:y quay.io/a": [("quay.io/a", "")],
    "docker run quay.io/a": [("quay.io/a", "")],
    "docker run x quay.io/a": [("quay.io/a", UNTAGGED)],
    "skopeo sync --src docker --dest docker quay.io/a x": [("quay.io/a", "")],
    "kubectl set image deployment/x *=quay.io/a": [("quay.io/a", "")],
    "docker run \\\n  --rm \\\n  quay.io/a": [("quay.io/a", "")],
    # Dockerfiles.
    "# syntax=docker.io/docker/dockerfile:1\nFROM x": [("docker.io/docker/dockerfile:1", "")],
    "# escape=`\n# syntax=quay.io/a\nFROM x": [("quay.io/a", "")],
    "FROM x\n# syntax=quay.io/a:1": [("quay.io/a:1", COMMENT)],
    "FROM \\\nquay.io/a\nRUN x": [("quay.io/a", "")],
    "docker build --build-context base=docker-image://quay.io/a:1 .": [("quay.io/a:1", "")],
    # A push to a pull mirror fails.
    "docker push quay.io/a:1": [("quay.io/a:1", PUSHED)],
    "docker push --quiet quay.io/a:1": [("quay.io/a:1", PUSHED)],
    "kaniko --destination=quay.io/a:1": [("quay.io/a:1", PUSHED)],
    "kaniko --destination quay.io/a:1": [("quay.io/a:1", PUSHED)],
    "docker build . -t quay.io/a:1": [("quay.io/a:1", PUSHED)],
    "docker build --tag=quay.io/a:1 .": [("quay.io/a:1", PUSHED)],
    "type=image,name=quay.io/a:1,push=true": [("quay.io/a:1", PUSHED)],
    "type=image,push=true,name=quay.io/a:1": [("quay.io/a:1", PUSHED)],
    "docker push quay.io/a:1\ndocker pull quay.io/a:1": [("quay.io/a:1", PUSHED), ("quay.io/a:1", PUSHED)],
    # Placeholders belong to the token, white space and braces inside included.
    "run quay.io/a:$(VERSION) x": [("quay.io/a:$(VERSION)", "")],
    "run quay.io/a:${VERSION:-1} x": [("quay.io/a:${VERSION:-1}", "")],
    "run quay.io/a:{{ .Version }} x": [("quay.io/a:{{ .Version }}", "")],
    "run quay.io/a:$(cat VERSION) x": [("quay.io/a:$(cat VERSION)", "")],
    "run 'quay.io/a:'$(cat VERSION) x": [("quay.io/a", "")],
    'run "quay.io/a:$(jq -r ".x" f)" x': [('quay.io/a:$(jq -r ".x" f)', "")],
    "run quay.io/a@$(cat $(pwd)/digest); x": [("quay.io/a@$(cat $(pwd)/digest)", "")],
    "run quay.io/a:${V:-$(cat VERSION)} x": [("quay.io/a:${V:-$(cat VERSION)}", "")],
    "run quay.io/a:$((N+1)) x": [("quay.io/a:$((N+1))", "")],
    "run quay.io/a:$1 x": [("quay.io/a:$1", "")],
    "run quay.io/a:$[[ inputs.tag ]] x": [("quay.io/a:$[[ inputs.tag ]]", "")],
    "A=$(docker run quay.io/a:1) x (y)": [("quay.io/a:1", "")],
    "docker push quay.io/a:$(cat VERSION)": [("quay.io/a:$(cat VERSION)", PUSHED)],
    "run quay.io/$ORG/a:1 x": [("quay.io/$ORG/a:1", "")],
    "run quay.io/{{ .x:y }} x": [("quay.io/{{ .x:y }}", UNTAGGED)],
}


@pytest.mark.parametrize("value", NONE)
def test_a_value_without_a_token(value: str) -> None:
    assert list(tokens(value, HOSTS)) == []


@pytest.mark.parametrize("value", TOKENS)
def test_the_tokens_of_a_value(value: str) -> None:
    found = tokens(value, HOSTS)
    assert [(token.text, verdict.why) for token, verdict in decided(value, found)] == TOKENS[value]
    assert all(value[token.start : token.stop] == token.text for token in found)


def reasons(value: str, before: str) -> list[str]:
    """Why the tokens of a value stay behind an argument."""
    return [verdict.why for _, verdict in decided(value, tokens(value, HOSTS), Around(before=(before,)))]


@pytest.mark.parametrize("before", ["--destination", "push"])
def test_the_argument_in_front_says_that_an_image_is_pushed(before: str) -> None:
    assert reasons("quay.io/a:1", before) == [PUSHED]
    assert reasons("x quay.io/a:1", before) == [""]
    assert reasons("quay.io/a:1", "--image") == [""]


def test_without_hosts_nothing_is_found() -> None:
    assert list(tokens("quay.io/a:1", host_pattern([]))) == []


def test_the_longer_host_is_found_first() -> None:
    hosts = host_pattern(["r.io", "r.io:5000"])
    assert list(tokens("r.io:5000/a:1", hosts)) == [Token("r.io:5000/a:1", 0, 13)]
