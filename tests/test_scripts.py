"""What a script compares with stays; what it pulls, or puts in its place, moves."""

import pytest

from kubectl_tcr import Settings, build, parse_rule, rewrite
from kubectl_tcr.find.decide import ESCAPED, decided
from kubectl_tcr.find.tokens import INNER, URL, host_pattern, tokens
from kubectl_tcr.kubernetes.exclusions import PATTERN

QUAY = Settings(rules=build([[parse_rule("quay.io=m.example")]]))

LEFT = [
    "sed -i 's|quay.io/a/b:1|x|' f",
    "sed -i -e 's,^ *image: quay.io/a/b:1,x,' f",
    "sed -i 's|a|b|; s|quay.io/a/b:1|x|g' f",
    'cat f | sed -E "s|quay.io/a/b:1|$IMG|"',
    "sed \\\n  -e 's|a|b|' \\\n  -e 's|quay.io/a/b:1|x|' f",
    "sed -i 's#quay.io/a/b:.*#x#' f",
    "sed -i 's#image: quay.io/a/b:1#x#g' f",
    "sed -i 's#https://quay.io/a/b:1#x#' f",
    "sed -i 's!quay.io/a/b:1!quay.io/a/b:2!' f",
    "sed -i 's@quay.io/a/b:1@quay.io/a/b:2@' f",
    "sed -i 's|a|b|;s|c|d|;/x/s|quay.io/a/b:1|x|g' f",
    "sed -i '/x/!s|quay.io/a/b:1|x|g' f",
    "sed -i -e 's/a/b/' -e 's|quay.io/a/b:1|x|' f",
    "sed -i 's/a\\/b/c/; s,quay.io/a/b:1,x,' f",
    r"sed -i 's/quay\.io\/a\/b/$NEW/' f",
    r"sed -i 's/quay.io\/a\/b:1/$NEW/' f",
    r"sed -i 's/image: quay.io\/a\/b:.*/quay.io\/a\/b:2/' f",
    r"sed -i 's/https:\/\/quay.io\/a/x/' f",
    "echo quay.io/a/b:1#x",
    "grep -q quay.io/a/b:1 f",
    "docker images | grep -c -m 1 'quay.io/a/b:1'",
    'grep -qF "image: quay.io/a/b:1" f',
    "grep -q \\\n  quay.io/a/b:1 f",
    "egrep -e quay.io/a/b:1",
    'case "$IMG" in quay.io/a/b:1) echo;; esac',
    'case "$IMG" in\n  quay.io/a/*|"quay.io/a/b:1" | quay.io/a/c:1)\n    echo\nesac',
    "case $IMG in\n  x) echo ;;\n  # ours\n  (quay.io/a/b:1)\n    echo;;\nesac",
    '[ "$IMG" = "quay.io/a/b:1" ] && echo',
    "if [[ $IMG != quay.io/a/b:1 ]]; then exit; fi",
    'test "$IMG" = quay.io/a/b:1',
    "perl -pi -e 's|quay.io/a/b:1|x|' f",
    "perl -i -pe 's|quay.io/a/b:1|x|' f",
    "echo $x | rg -q 'quay.io/a/b:1'",
    "awk '$2 == \"quay.io/a/b:1\"' f",
    "if [[ $IMG == quay.io/a/b:1 ]]; then exit; fi",
    "curl https://x.example/y?image=quay.io/a/b:1",
    "curl 'https://x.example/y?a=1&image=quay.io/a/b:1&b=2'",
    "wget -O - /v1/scan?image=quay.io/a/b:1",
    "curl scan.svc/api?image=quay.io/a/b:1",
    'curl "$URL/api?tag=x&image=quay.io/a/b:1&y=z"',
    "see pkg:oci/b@sha256:12?repository_url=quay.io/a/b&tag=v1 here",
    "jq 'select(.image==\"quay.io/a/b:1\")' f",
    'jq "select(.image==\\"quay.io/a/b:1\\")" f',
    "if (image!='quay.io/a/b:1') exit",
    "jq 'select(.image | startswith(\"quay.io/a/b:1\"))' f",
    'sed -i "\\|quay.io/a/b:1|d" f',
    "sed -i -e '\\,image: quay.io/a/b:1,d' f",
    "perl -pe 's{quay.io/a/b:1}{x}' f",
    'x = x.replace("quay.io/a/b:1", y)',
    "x.replace('quay.io/a/b:1', y)",
    'x.startswith("quay.io/a/b:1")',
    'object.image.startsWith("quay.io/a/b:1")',
    'strings.Replace(x, "quay.io/a/b:1", y, 1)',
    'if strings.HasPrefix(c.Image, "quay.io/a/b:1") {',
    'if "quay.io/a/b:1" in images: pass',
    "found = x and 'quay.io/a/b:1' not in images",
    "kustomize edit set image quay.io/a/b:1",
    "kustomize edit set image web=x:1 quay.io/a/b:1",
    "argocd app set web --kustomize-image quay.io/a/b:1",
    "argocd app set web --kustomize-image=quay.io/a/b:1",
    "flux create image repository web --interval 1m --image=quay.io/a/b:1",
]


@pytest.mark.parametrize("script", LEFT)
def test_what_a_script_looks_for_stays(script: str) -> None:
    text = "x: |\n  " + script.replace("\n", "\n  ") + "\n"
    assert rewrite(text.encode(), QUAY).output.decode() == text


MOVED = [
    "sed -i 's|x|«quay.io»/a/b:1|' f",
    "sed -i 's|quay.io/a/b:1|«quay.io»/a/c:1|' f",
    "sed -i s/a/b/ f && docker pull «quay.io»/a/b:1",
    "sed -i 's#quay.io/a/b:1#«quay.io»/a/c:1#g' f",
    "sed -i 's#image: .*#image: «quay.io»/a/c:1#' f",
    "sed -i 's,quay.io/a/b:1,«quay.io»/a/c:1,' f",
    "sed -i 's|a|b|;s|quay.io/a/b:1|«quay.io»/a/c:1|' f",
    "sed -E -e 's|a|b|' -e 's|c|«quay.io»/a/b:1|' f",
    "perl -pi -e 's|quay.io/a/b:1|«quay.io»/a/c:1|' f",
    "perl -pi -e 's#quay.io/a/b:1#«quay.io»/a/c:1#' f",
    "sed 's|a|b|' f | xargs -I{} docker run «quay.io»/a/b:1 {}",
    "grep -q a f && docker run «quay.io»/a/b:1",
    "grep -q 'a' f || docker run «quay.io»/a/b:1",
    "grep a b; IMG=«quay.io»/a/b:1",
    'case "$A" in\n  x)\n    IMG="«quay.io»/a/b:1" ;;\n  *) docker run «quay.io»/a/b:2;;\nesac',
    'case "$A" in x) echo;; esac\nA=(\n  «quay.io»/a/b:1)',
    "A=$(docker run \\\n  «quay.io»/a/b:1)",
    'if [ -z "$IMG" ]; then IMG="«quay.io»/a/b:1"; fi',
    '[ -n "$IMG" ] || IMG="«quay.io»/a/b:1"',
    "curl https://x.example/y?z && docker run --image=«quay.io»/a/b:1",
    "org run «quay.io»/a/b:1",
    "A == B && docker run «quay.io»/a/b:1",
    "A=${IMG:-«quay.io»/a/b:1}",
    "IMG?=«quay.io»/a/b:1",
    "run a?b=c «quay.io»/a/b:1",
    'x = x.replace(y, "«quay.io»/a/b:1")',
    'we run "«quay.io»/a/b:1" in production',
    'for i in "«quay.io»/a/b:1" in x; do',
    "perl -pe 's{x}{«quay.io»/a/b:1}' f",
    "sed '\\|x|d' f; docker run «quay.io»/a/b:1",
    'docker_image("«quay.io»/a/b:1", y)',
    "kustomize edit set image quay.io/a/b=«quay.io»/a/b:1",
    "kustomize edit set image web=«quay.io»/a/b:1",
    "kustomize edit set image x:1 && docker run «quay.io»/a/b:1",
    "argocd app set web --kustomize-image web=«quay.io»/a/b:1",
    "kubectl set image deployment/web web=«quay.io»/a/b:1",
]


@pytest.mark.parametrize("script", MOVED)
def test_what_a_script_pulls_moves(script: str) -> None:
    text = "x: |\n  " + script.replace("\n", "\n  ") + "\n"
    source = text.replace("«", "").replace("»", "")
    assert rewrite(source.encode(), QUAY).output.decode() == text.replace("«quay.io»", "m.example")


@pytest.mark.parametrize(
    ("args", "moves"),
    [
        ('["grep", "quay.io/a/b:1"]', False),
        ('["grep", "-q", "quay.io/a/b:1", "f"]', False),
        ('["/bin/grep", "-e", "quay.io/a/b:1"]', False),
        ('["grep", "-q", "x", "f", "quay.io/a/b:1"]', True),
        ('["test", "$(IMG)", "=", "quay.io/a/b:1"]', False),
        ('["[", "$(IMG)", "!=", "quay.io/a/b:1", "]"]', False),
        ('["test", "--image", "quay.io/a/b:1"]', True),
        ('["x", "-rg", "quay.io/a/b:1"]', True),
        ('["x", "--test", "a", "=", "quay.io/a/b:1"]', True),
        ('["kustomize", "edit", "set", "image", "quay.io/a/b:1"]', False),
        ('["kustomize", "edit", "set", "image", "web=quay.io/a/b:1"]', True),
        ('["sh", "-c", "grep x", "quay.io/a/b:1"]', True),
        ('["sed", "s|quay.io/a/b:1|x|"]', False),
        ('["sed", "-i", "s|quay.io/a/b:1|x|"]', False),
        ('["sed", "-i", "s|x|quay.io/a/b:1|"]', True),
        ('["sed", "-i", "s#x#quay.io/a/b:1#"]', True),
        ('["sed", "-i", "s#quay.io/a/b:1#x#"]', False),
        ('["sed", "-e", "s|a|b|;s|quay.io/a/b:1|x|"]', False),
        ('["run", "-i", "quay.io/a/b:1"]', True),
        ('["sh", "-c", "grep -q \\"quay.io/a/b:1\\" f"]', False),
        ('["sh", "-c", "grep -q a f && docker run quay.io/a/b:1"]', True),
    ],
)
def test_arguments(args: str, *, moves: bool) -> None:
    assert (b"m.example" in rewrite(f"args: {args}\n".encode(), QUAY).output) == moves


@pytest.mark.parametrize(
    ("script", "reasons"),
    [
        (r"sed 's/quay.io\/a\/b:1/x/' f", [PATTERN]),
        (r"sed 's/x/quay.io\/a\/b:1/g' f", [ESCAPED]),
        (r"sed 's/image: quay.io\/a\/b:.*/image: quay.io\/a\/c:1/' f", [PATTERN, ESCAPED]),
        (r"sed 's|x|quay.io\/a\/b:1|g' f", [ESCAPED]),
        (r"perl -pi -e 's/x/quay.io\/a\/b:1/' f", [ESCAPED]),
        (r"echo quay.io\/a\/b:1", [ESCAPED]),
        (r"echo https:\/\/quay.io\/a", [URL]),
        (r"echo x\/quay.io\/a", [INNER]),
        (r"# s/x/quay.io\/a/", [INNER]),
        ("sed 's#quay.io/a/b:1#x#' f", [PATTERN]),
        ("run /s/quay.io/a:1 && sed -n /s/quay.io/b:1", [INNER, INNER]),
    ],
)
def test_why_it_stays(script: str, reasons: list[str]) -> None:
    found = tokens(script, host_pattern(["quay.io"]))
    assert [verdict.why for _, verdict in decided(script, found)] == reasons
    assert all(script[token.start : token.stop] == token.text for token in found)


def test_what_is_escaped_ends_where_a_slash_is_not() -> None:
    [token] = tokens(r"s/x/quay.io\/a\/b:1/g", host_pattern(["quay.io"]))
    assert token.text == r"quay.io\/a\/b:1"


def test_json_may_escape_slashes() -> None:
    text = r"""x: '{"y": "quay.io\/a\/b:1"}'"""
    assert rewrite(text.encode(), QUAY).output.decode() == text.replace("quay.io", "m.example")
