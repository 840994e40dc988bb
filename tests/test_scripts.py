"""What a script compares with stays; what it pulls, or puts in its place, moves."""

import pytest

from kubectl_tcr import Settings, build, parse_rule, rewrite

QUAY = Settings(rules=build([[parse_rule("quay.io=m.example")]]))

LEFT = [
    "sed -i 's|quay.io/a/b:1|x|' f",
    "sed -i -e 's,^ *image: quay.io/a/b:1,x,' f",
    "sed -i 's|a|b|; s|quay.io/a/b:1|x|g' f",
    'cat f | sed -E "s|quay.io/a/b:1|$IMG|"',
    "sed \\\n  -e 's|a|b|' \\\n  -e 's|quay.io/a/b:1|x|' f",
    "sed -i 's#quay.io/a/b:.*#x#' f",
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
    "echo $x | rg -q 'quay.io/a/b:1'",
    "awk '$2 == \"quay.io/a/b:1\"' f",
    "if [[ $IMG == quay.io/a/b:1 ]]; then exit; fi",
    "curl https://x.example/y?image=quay.io/a/b:1",
    "curl 'https://x.example/y?a=1&image=quay.io/a/b:1&b=2'",
    "wget -O - /v1/scan?image=quay.io/a/b:1",
]


@pytest.mark.parametrize("script", LEFT)
def test_what_a_script_looks_for_stays(script: str) -> None:
    text = "x: |\n  " + script.replace("\n", "\n  ") + "\n"
    assert rewrite(text.encode(), QUAY).output.decode() == text


MOVED = [
    "sed -i 's|x|«quay.io»/a/b:1|' f",
    "sed -i 's|quay.io/a/b:1|«quay.io»/a/c:1|' f",
    "sed -i s/a/b/ f && docker pull «quay.io»/a/b:1",
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
        ('["sed", "s|quay.io/a/b:1|x|"]', False),
        ('["sed", "-i", "s|quay.io/a/b:1|x|"]', False),
        ('["sed", "-i", "s|x|quay.io/a/b:1|"]', True),
        ('["run", "-i", "quay.io/a/b:1"]', True),
        ('["sh", "-c", "grep -q \\"quay.io/a/b:1\\" f"]', False),
        ('["sh", "-c", "grep -q a f && docker run quay.io/a/b:1"]', True),
    ],
)
def test_arguments(args: str, *, moves: bool) -> None:
    assert (b"m.example" in rewrite(f"args: {args}\n".encode(), QUAY).output) == moves
