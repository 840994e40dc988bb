"""References as distribution/reference reads them (reference_test.go, normalize_test.go), and where a table is ours."""

import pytest

from kubectl_tcr.images.reference import GrammarError, Reference, has_domain, parse, parse_template, shorten

SHA = "sha256:" + "0123456789abcdef" * 4
TAG = "t" * 128
# A path of 255 characters is allowed, of 256 is not.
LONGEST, TOO_LONG = "a.b/" + "c" * 255, "a.b/" + "c" * 256

# What is written: domain, path, tag, digest.
ACCEPTED = {
    # Short names live on Docker Hub, those of one component below library/.
    "nginx": ("docker.io", "library/nginx", "", ""),
    "nginx:1.27": ("docker.io", "library/nginx", "1.27", ""),
    "test_com": ("docker.io", "library/test_com", "", ""),
    "test.com:tag": ("docker.io", "library/test.com", "tag", ""),
    "test.com:5000": ("docker.io", "library/test.com", "5000", ""),  # no slash: the number is a tag
    "bitnami/redis": ("docker.io", "bitnami/redis", "", ""),
    "foo/foo_bar.com:8080": ("docker.io", "foo/foo_bar.com", "8080", ""),
    "library/nginx": ("docker.io", "library/nginx", "", ""),
    # Docker Hub's names are one.
    "docker.io/nginx": ("docker.io", "library/nginx", "", ""),
    "index.docker.io/nginx": ("docker.io", "library/nginx", "", ""),
    "registry-1.docker.io/a/b": ("docker.io", "a/b", "", ""),
    "registry.hub.docker.com/library/nginx": ("docker.io", "library/nginx", "", ""),
    # What makes a first component a domain: a dot, a colon, localhost, an upper-case letter.
    "test.com/repo:tag": ("test.com", "repo", "tag", ""),
    "test:5000/repo": ("test:5000", "repo", "", ""),
    "localhost/repo": ("localhost", "repo", "", ""),
    "localhost:5000/a/b:1": ("localhost:5000", "a/b", "1", ""),
    "Registry/repo": ("Registry", "repo", "", ""),
    "HOST.example/a": ("HOST.example", "a", "", ""),
    "xn--n3h.com/myimage": ("xn--n3h.com", "myimage", "", ""),
    "192.168.1.1/repo": ("192.168.1.1", "repo", "", ""),
    "192.168.1.1:5000/repo:5050": ("192.168.1.1:5000", "repo", "5050", ""),
    "[2001:db8::1]/repo": ("[2001:db8::1]", "repo", "", ""),
    "[2001:db8::1]:5000/repo:tag": ("[2001:db8::1]:5000", "repo", "tag", ""),
    "[2001:db8::1]:5000/repo@" + SHA: ("[2001:db8::1]:5000", "repo", "", SHA),
    # Separators inside a component: one dot, one or two underscores, any number of dashes.
    "a.b/foo__bar/x-----y/z_1.2": ("a.b", "foo__bar/x-----y/z_1.2", "", ""),
    # Tag and digest, alone and together.
    "Uppercase.com/x:Upper_Case-1.0": ("Uppercase.com", "x", "Upper_Case-1.0", ""),
    "a.b/c:_under": ("a.b", "c", "_under", ""),
    "a.b/c:" + TAG: ("a.b", "c", TAG, ""),
    "a.b/c@" + SHA: ("a.b", "c", "", SHA),
    "a.b/c:1@" + SHA: ("a.b", "c", "1", SHA),
    "a.b/c@sha384:" + "f" * 96: ("a.b", "c", "", "sha384:" + "f" * 96),
    "a.b/c@sha512:" + "0" * 128: ("a.b", "c", "", "sha512:" + "0" * 128),
    LONGEST: ("a.b", "c" * 255, "", ""),
}  # fmt: skip

# What is written: a part of what the user is told.
REFUSED = {
    "": "it is empty",
    ":justtag": "its repository is empty",
    "@" + SHA: "its repository is empty",
    "a.b/": "its repository is empty",
    "a.b/c:": "its tag is empty",
    "a.b/c@": "its digest is empty",
    "Uppercase:tag": "repository must be lowercase",
    "a.b/Nginx": "repository must be lowercase",
    "test:5000/Uppercase/lowercase:tag": "repository must be lowercase",
    "a//b": '"a//b" is not a repository',
    "a.b//c": '"/c" is not a repository',
    "a/b/": '"a/b/" is not a repository',
    "/a": '"/a" is not a repository',
    "-x": '"-x" is not a repository',
    "x-": '"x-" is not a repository',
    "foo___bar": '"foo___bar" is not a repository',
    "foo..bar": '"foo..bar" is not a repository',
    "aa/asdf$$^/aa": "is not a repository",
    "a b": '"a b" is not a repository',
    "caf\xe9": "is not a repository",
    "-bad.com/x": '"-bad.com" is not a domain',
    "a_b.com/x": '"a_b.com" is not a domain',
    "a.b:x/y": '"a.b:x" is not a domain',
    "[fe80::1%eth0]:5000/repo": "is not a domain",
    "2001:db8::1/repo": '"2001:db8::1" is not a domain',
    "https://a.b/c": '"https:" is not a domain',
    "a.b/c:" + TAG + "t": "is not 1 to 128 characters",
    "a.b/c:-1": 'tag "-1"',
    "a.b/c:1 ": 'tag "1 "',
    "a.b/c:caf\xe9": "tag",
    "a.b/c:1:2": 'tag "1:2"',
    "a.b/c@sha256:" + "f" * 31: "has 31 digits, not 64",
    "a.b/c@sha256:" + "f" * 128: "has 128 digits, not 64",
    "a.b/c@sha256:" + "F" * 64: "is not in lower case",
    "a.b/c@SHA256:" + "f" * 64: "has an algorithm other than sha256, sha384, sha512",
    "a.b/c@md5:" + "f" * 32: "has an algorithm other than sha256, sha384, sha512",
    "a.b/c@sha256+b64u.x:" + "f" * 64: "has an algorithm other than sha256, sha384, sha512",
    "f" * 64: "the ID of an image",
    "a.b/c@sha256:" + "g" * 64: "is not algorithm:hex",
    "a.b/c@" + SHA + "@" + SHA: "is not algorithm:hex",
    "a.b/c@latest": 'digest "latest" is not algorithm:hex',
    TOO_LONG: "longer than 255 characters",
}


def name(text: str) -> str:
    return shorten(text, 40)


@pytest.mark.parametrize("text", ACCEPTED, ids=name)
def test_an_accepted_reference(text: str) -> None:
    parsed = parse(text)
    assert (parsed.domain, parsed.path, parsed.tag, parsed.digest) == ACCEPTED[text]
    assert parsed.text == text
    assert parsed.repository == f"{parsed.domain}/{parsed.path}"


@pytest.mark.parametrize("text", REFUSED, ids=name)
def test_a_refused_reference_and_what_the_user_is_told(text: str) -> None:
    for parser in (parse, parse_template):
        with pytest.raises(GrammarError) as caught:
            parser(text)
        assert REFUSED[text] in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "implies_library", "is_short"),
    [
        ("nginx", True, True),
        ("docker.io/nginx", True, False),
        ("index.docker.io/nginx:1", True, False),
        ("library/nginx", False, True),
        ("docker.io/library/nginx", False, False),
        ("bitnami/redis", False, True),
        ("quay.io/nginx", False, False),
        ("localhost/nginx", False, False),
    ],
)
def test_what_was_left_out(text: str, implies_library: bool, is_short: bool) -> None:
    parsed = parse(text)
    assert (parsed.implies_library, parsed.is_short) == (implies_library, is_short)


def test_a_domain_needs_a_slash_behind_it() -> None:
    assert not has_domain("quay.io")
    assert has_domain("quay.io/")


# What is written: the name, tag and digest that another program completes.
TEMPLATES = {
    "quay.io/org/app:1.2": ("quay.io/org/app", "1.2", ""),  # nothing to fill in
    "quay.io/org/app:$(VERSION)": ("quay.io/org/app", "xxxxxxxxxx", ""),
    "quay.io/org/app:v${VERSION}-alpine": ("quay.io/org/app", "vxxxxxxxxxx-alpine", ""),
    "quay.io/org/{{ .Name }}:1": ("quay.io/org/{{ .Name }}", "1", ""),
    "quay.io/$ORG/app:1": ("quay.io/$ORG/app", "1", ""),
    "quay.io/org/app:@VERSION@": ("quay.io/org/app", "xxxxxxxxx", ""),
    "quay.io/org/app:{{inputs.parameters.tag}}": ("quay.io/org/app", "x" * 25, ""),
    "nginx:$(VERSION)": ("nginx", "xxxxxxxxxx", ""),
    "quay.io/org/app:$${TAG}": ("quay.io/org/app", "x" * 7, ""),
    "quay.io/org/app:${{ github.sha }}": ("quay.io/org/app", "x" * 17, ""),
    "quay.io/org/app:{GENERATED_TAG}": ("quay.io/org/app", "x" * 15, ""),
    "quay.io/org/app:#{Build.BuildId}#": ("quay.io/org/app", "x" * 17, ""),
    "quay.io/org/app:v%s": ("quay.io/org/app", "vxx", ""),
    "quay.io/org/app:%(tag)s": ("quay.io/org/app", "xxxxxxx", ""),
    "quay.io/org/app:$(cat VERSION)": ("quay.io/org/app", "x" * 14, ""),
    "quay.io/org/app:$(git describe --tags | tr / -)": ("quay.io/org/app", "x" * 31, ""),
    "quay.io/org/app:$(cat $(pwd)/VERSION)-$(date +%s)": ("quay.io/org/app", "x" * 21 + "-" + "x" * 11, ""),
    'quay.io/org/app:$(jq -r ".v" f)': ("quay.io/org/app", "x" * 15, ""),
    "quay.io/org/app:$((N + 1))": ("quay.io/org/app", "x" * 10, ""),
    "quay.io/org/app:${V:-$(cat VERSION)}": ("quay.io/org/app", "x" * 20, ""),
    "quay.io/org/$(cat NAME)/app:1": ("quay.io/org/$(cat NAME)/app", "1", ""),
    "quay.io/org/app:$1": ("quay.io/org/app", "xx", ""),
    "quay.io/$1/app:1": ("quay.io/$1/app", "1", ""),
    "quay.io/org/app:%VERSION%": ("quay.io/org/app", "x" * 9, ""),
    "quay.io/org/app:$[[ inputs.tag ]]": ("quay.io/org/app", "x" * 17, ""),
    "quay.io/org/app:{}": ("quay.io/org/app", "xx", ""),
    "quay.io/org/app:<TAG>": ("quay.io/org/app", "xxxxx", ""),
    # Digests.
    "quay.io/org/app@$(cat digest)": ("quay.io/org/app", "", "x" * 13),
    "quay.io/org/app@$(params.digest)": ("quay.io/org/app", "", "x" * 16),
    "quay.io/org/app:1@sha256:${SHA}": ("quay.io/org/app", "1", "sha256:xxxxxx"),
    "quay.io/org/app:1@{{ .Digest }}": ("quay.io/org/app", "1", "x" * 13),
    # Version constraints of Argo CD Image Updater.
    "quay.io/org/app:~1.2": ("quay.io/org/app", "x1.2", ""),
    "quay.io/org/app:^2": ("quay.io/org/app", "x2", ""),
}


@pytest.mark.parametrize("text", TEMPLATES)
def test_a_reference_that_is_filled_in_later(text: str) -> None:
    parsed = parse_template(text)
    assert (parsed.name, parsed.tag, parsed.digest) == TEMPLATES[text]
    assert parsed.text == text


@pytest.mark.parametrize(
    "text",
    [
        "$(IMAGE)",
        "${REGISTRY}/app:1",
        "{{ .Values.registry }}/app:1",
        "$REGISTRY.example/app",
        "app-$(NAME):1",
        "@REG@/a",
        "$(cat REGISTRY)/app:1",
        "$1/app:1",
        "{}/app:1",
        "%REGISTRY%/app:1",
    ],
)
def test_a_placeholder_where_the_domain_or_a_short_name_stands_is_refused(text: str) -> None:
    with pytest.raises(GrammarError, match="filled in later"):
        parse_template(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "quay.io/org/app:~",
            "quay.io/org/app:>=1.2",
            "quay.io/org/{{ .Name",
            "quay.io/org/app:$(cat\nx)",
            "quay.io/$0/a",
        ),
        *("quay.io/org/app:{a,b}", "quay.io/org/app:%stable", "quay.io/org/{app}@sha256:12", "quay.io/org/app@sha256:"),
    ],
)
def test_what_is_no_placeholder_is_refused(text: str) -> None:
    with pytest.raises(GrammarError):
        parse_template(text)


def test_a_message_quotes_one_short_line() -> None:
    assert shorten("a\nb\r") == '"a\\nb\\r"'
    assert shorten("a" * 61) == '"' + "a" * 59 + '…"'
    assert isinstance(parse("a"), Reference)
