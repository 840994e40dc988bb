"""Which rules hold: flags, configuration, environment, presets; what they leave alone; the gate for foreign hosts."""

import pytest

from .conftest import MIRRORED, POD, WARNING, Folder, pod

SHORT = pod("nginx:1")
ENVIRONMENT = "KUBECTL_TCR_MIRRORS"
CONFIG = (
    b"apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\nspec:\n  mirrors: [{source: quay.io, mirror: config.io}]\n"
)


def one_image(folder: Folder, *args: str, image: str = "quay.io/a/b:1", env: dict[str, str] | None = None) -> str:
    """What becomes of one image."""
    done = folder.run(*args, input=pod(image), env=env)
    assert done.status == 0, done.err
    return done.out.decode().rpartition("image: ")[2].rstrip("\n")


# --mirror.


@pytest.mark.parametrize(
    "image",
    [
        "ghcr.io/a/b:1",
        "ghcr.io.evil.com/a/b:1",
        "my.ghcr.io/a/b:1",
        "ghcr.io:5000/a/b:1",
        "mine.io/ghcr.io/a:1",
        "quay.io/ghcr.io",
    ],
)
def test_hosts_that_no_rule_names_stay(folder: Folder, image: str) -> None:
    image_of_a_rule = "ghcr.io/a/b" if image != "ghcr.io/a/b:1" else "ghcr.io/c"
    assert one_image(folder, "--preset", "none", "--mirror", f"{image_of_a_rule}=m.io/g", image=image) == image


@pytest.mark.parametrize(
    ("rules", "before", "after"),
    [
        (["ghcr.io=m.io"], "ghcr.io/a/b:1", "m.io/a/b:1"),
        (["ghcr.io=m.io/ghcr"], "ghcr.io/a/b:1", "m.io/ghcr/a/b:1"),
        (["ghcr.io/a=m.io/x"], "ghcr.io/a/b:1", "m.io/x/b:1"),
        (["ghcr.io/a=m.io/x"], "ghcr.io/ab/c:1", "ghcr.io/ab/c:1"),
        (["ghcr.io/a/b=m.io/x"], "ghcr.io/a/b:1", "m.io/x:1"),
        (["ghcr.io=m.io", "ghcr.io/a=n.io"], "ghcr.io/a/b:1", "n.io/b:1"),
        (["ghcr.io/a=n.io", "ghcr.io=m.io"], "ghcr.io/a/b:1", "n.io/b:1"),
        (["ghcr.io/a=n.io", "ghcr.io=m.io"], "ghcr.io/c/b:1", "m.io/c/b:1"),
        (["r.corp:5000=m.io"], "r.corp:5000/a/b:1", "m.io/a/b:1"),
        (["r.corp:5000=m.io"], "r.corp/a/b:1", "r.corp/a/b:1"),
        (["ghcr.io=m.io:8443"], "ghcr.io/a/b:1", "m.io:8443/a/b:1"),
        (["localhost=m.io"], "localhost/a/b:1", "m.io/a/b:1"),
        (["docker.io=m.io"], "nginx", "m.io/library/nginx"),
        (["docker.io=m.io"], "docker.io/nginx:1", "m.io/library/nginx:1"),
        (["docker.io=m.io"], "grafana/grafana:1", "m.io/grafana/grafana:1"),
        (["index.docker.io=m.io"], "nginx:1", "m.io/library/nginx:1"),
        (["docker.io/library=m.io/x"], "nginx:1", "m.io/x/nginx:1"),
        (["r.corp/old=r.corp/new"], "r.corp/old/a:1", "r.corp/new/a:1"),
    ],
)
def test_a_rule_moves_what_its_source_matches(folder: Folder, rules: list[str], before: str, after: str) -> None:
    flags = [word for rule in rules for word in ("--mirror", rule)]
    assert one_image(folder, *flags, image=before) == after


DIGEST = "@sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize("rest", ["", ":1", DIGEST, ":1" + DIGEST], ids=["neither", "tag", "digest", "both"])
def test_tag_and_digest_stay_as_written(folder: Folder, rest: str) -> None:
    assert one_image(folder, image=f"quay.io/a/b{rest}") == f"quay.tencentcloudcr.com/a/b{rest}"


def test_a_rule_of_ones_own_replaces_the_presets(folder: Folder) -> None:
    assert one_image(folder, "--mirror", "quay.io=mine.io/q") == "mine.io/q/a/b:1"


def test_the_same_rule_twice_is_one_rule(folder: Folder) -> None:
    assert one_image(folder, "--mirror", "quay.io=mine.io", "--mirror", "quay.io=mine.io") == "mine.io/a/b:1"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("quay.io", ["quay.io", "SOURCE=MIRROR"]),
        ("", ["SOURCE=MIRROR"]),
        ("=mine.io", ["source", "empty"]),
        ("quay.io=", ["mirror", "empty"]),
        ("https://quay.io=mine.io", ["source", "https://quay.io", "scheme"]),
        ("quay.io=https://mine.io", ["mirror", "https://mine.io", "scheme"]),
        ("quay.io/a:1=mine.io", ["source", "quay.io/a:1", "tag"]),
        ("quay.io=mine.io/a:1", ["mirror", "mine.io/a:1", "tag"]),
        (f"quay.io/a{DIGEST}=mine.io", ["source", "digest"]),
        ("quay=mine.io", ["source", '"quay"', "domain"]),
        ("quay.io=mine", ["mirror", '"mine"', "domain"]),
        ("quay.io=mine.io/", ['--mirror quay.io=mine.io/: the mirror "mine.io/"', "ends in a slash; write mine.io"]),
        ("quay.io/=mine.io", ["source", "quay.io/", "slash"]),
        ("quay.io=mine.io/Upper", ["mirror", "mine.io/Upper", "path"]),
        ("quay.io=mine.io/a//b", ["mirror", "mine.io/a//b", "path"]),
        ("quay.io/*=mine.io", ["source", "quay.io/*", "path"]),
        ("quay.io=mine.io=other.io", ["mirror", "mine.io=other.io"]),
        ("quay.io=mi ne.io", ["mirror", "mi ne.io"]),
    ],
)
def test_a_malformed_rule_is_told_with_what_is_wrong(folder: Folder, rule: str, words: list[str]) -> None:
    error = folder.run("--mirror", rule, input=POD).error
    assert [word for word in words if word not in error] == [], error


def test_two_mirrors_for_one_source_are_refused(folder: Folder) -> None:
    error = folder.run("--mirror", "a.io=b.io", "--mirror", "a.io=c.io", input=POD).error
    assert error == "tcr-rewrite: error: a.io has two mirrors: b.io and c.io; keep one"


@pytest.mark.parametrize(
    "rules",
    [
        ["a.io=b.io", "b.io=c.io"],
        ["b.io=c.io", "a.io=b.io/x"],
        ["a.io=b.io", "b.io=a.io"],
        ["a.io=a.io/cache"],
        ["a.io/x=b.io/y", "b.io/y/z=c.io"],
        ["a.io=quay.io/mirror"],
    ],
    ids=["a chain", "a chain, backwards", "a swap", "itself", "by a longer path", "into a preset's source"],
)
def test_rules_that_feed_each_other_are_refused(folder: Folder, rules: list[str]) -> None:
    error = folder.run(*(word for rule in rules for word in ("--mirror", rule)), input=POD).error
    assert "a second run would change" in error
    assert any(rule in error for rule in rules)


# --preset.


@pytest.mark.parametrize(
    ("preset", "quay", "hub", "nvidia"),
    [
        ("none", "quay.io/a/b", "nginx", "nvcr.io/a/b"),
        ("default", "quay.tencentcloudcr.com/a/b", "nginx", "nvcr.io/a/b"),
        (
            "tke",
            "quay.tencentcloudcr.com/a/b",
            "mirror.ccs.tencentyun.com/library/nginx",
            "nvcr.tencentcloudcr.com/a/b",
        ),
    ],
)
def test_presets(folder: Folder, preset: str, quay: str, hub: str, nvidia: str) -> None:
    done = folder.run("--preset", preset, input=pod("quay.io/a/b", "nginx", "nvcr.io/a/b", "gcr.io/a/b"))
    assert done.out == pod(quay, hub, nvidia, "gcr.io/a/b")


def test_an_unknown_preset_is_told_with_the_known_ones(folder: Folder) -> None:
    done = folder.run("--preset", "aliyun", input=POD)
    assert (done.status, done.out) == (2, b"")
    assert all(word in done.err for word in ("--preset", "aliyun", "none", "default", "tke"))


def test_an_unknown_preset_is_told_in_one_line(folder: Folder) -> None:
    assert "aliyun" in folder.run("--preset", "aliyun", input=POD).error


# The environment.


@pytest.mark.parametrize("between", [",", " ", "\n", ", "], ids=["comma", "blank", "newline", "comma and blank"])
def test_rules_of_the_environment(folder: Folder, between: str) -> None:
    done = folder.run(input=pod("ghcr.io/a", "gcr.io/b"), env={ENVIRONMENT: f"ghcr.io=g.io{between}gcr.io=h.io"})
    assert done.out == pod("g.io/a", "h.io/b")


def test_the_preset_of_the_environment(folder: Folder) -> None:
    assert one_image(folder, env={"KUBECTL_TCR_PRESET": "none"}) == "quay.io/a/b:1"


def test_the_configuration_of_the_environment(folder: Folder) -> None:
    folder.write("mine.yaml", CONFIG)
    assert one_image(folder, env={"KUBECTL_TCR_CONFIG": "mine.yaml"}) == "config.io/a/b:1"


@pytest.mark.parametrize("variable", [ENVIRONMENT, "KUBECTL_TCR_PRESET", "KUBECTL_TCR_CONFIG"])
def test_an_empty_variable_is_none(folder: Folder, variable: str) -> None:
    assert one_image(folder, env={variable: ""}) == "quay.tencentcloudcr.com/a/b:1"


@pytest.mark.parametrize(
    ("variable", "value"),
    [(ENVIRONMENT, "quay.io"), ("KUBECTL_TCR_PRESET", "aliyun"), ("KUBECTL_TCR_CONFIG", "nope.yaml")],
)
def test_an_error_in_the_environment_names_the_variable(folder: Folder, variable: str, value: str) -> None:
    error = folder.run(input=POD, env={variable: value}).error
    assert value in error
    assert variable in error


# Which layer wins.


@pytest.mark.parametrize(
    ("layers", "winner"),
    [
        ([], "quay.tencentcloudcr.com"),
        (["environment"], "environment.io"),
        (["config"], "config.io"),
        (["config", "environment"], "config.io"),
        (["flag", "environment"], "flag.io"),
        (["flag", "config"], "flag.io"),
        (["flag", "config", "environment"], "flag.io"),
    ],
    ids=lambda value: " over ".join([*value, "preset"]) if isinstance(value, list) else None,
)
def test_the_stronger_layer_wins(folder: Folder, layers: list[str], winner: str) -> None:
    folder.write("mine.yaml", CONFIG)
    args = ["--mirror", "quay.io=flag.io"] if "flag" in layers else []
    args += ["--config", "mine.yaml"] if "config" in layers else []
    env = {ENVIRONMENT: "quay.io=environment.io"} if "environment" in layers else {}
    assert one_image(folder, *args, env=env) == f"{winner}/a/b:1"


def test_layers_add_up_where_they_do_not_meet(folder: Folder) -> None:
    folder.write("mine.yaml", CONFIG.replace(b"quay.io", b"gcr.io"))
    args = ["--config", "mine.yaml", "--mirror", "ghcr.io=flag.io"]
    done = folder.run(
        *args, input=pod("quay.io/a", "gcr.io/a", "ghcr.io/a", "nvcr.io/a"), env={ENVIRONMENT: "nvcr.io=e.io"}
    )
    assert done.out == pod("quay.tencentcloudcr.com/a", "config.io/a", "flag.io/a", "e.io/a")


def test_a_preset_by_flag_is_stronger_than_one_of_the_environment(folder: Folder) -> None:
    assert (
        one_image(folder, "--preset", "default", env={"KUBECTL_TCR_PRESET": "none"}) == "quay.tencentcloudcr.com/a/b:1"
    )


def test_no_preset_leaves_the_other_layers(folder: Folder) -> None:
    assert one_image(folder, "--preset", "none", "--mirror", "quay.io=mine.io") == "mine.io/a/b:1"


# --exclude and --scope.


@pytest.mark.parametrize(
    ("globs", "image", "stays"),
    [
        (["ghcr.io/*"], "quay.io/a/b:1", False),
        (["quay.io/b/*"], "quay.io/a/b:1", False),
        (["quay.io"], "quay.io/a/b:1", False),
        (["quay.io/*"], "quay.io/a/b:1", True),
        (["*/b:*"], "quay.io/a/b:1", True),
        (["quay.io/a/b"], "quay.io/a/b:1", True),
        (["quay.io/a/b:?"], "quay.io/a/b:1", True),
        (["ghcr.io/*", "quay.io/a/*"], "quay.io/a/b:1", True),
    ],
)
def test_exclude(folder: Folder, globs: list[str], image: str, stays: bool) -> None:
    flags = [word for glob in globs for word in ("--exclude", glob)]
    assert (one_image(folder, *flags, image=image) == image) is stays


@pytest.mark.parametrize("glob", ["nginx*", "docker.io/*", "docker.io/library/nginx:1", "*/nginx"])
def test_a_short_name_is_excluded_as_written_or_in_full(folder: Folder, glob: str) -> None:
    assert one_image(folder, "--preset", "tke", "--exclude", glob, image="nginx:1") == "nginx:1"


SCOPES = b"""\
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: scopes}
spec:
  containers: [{image: "quay.io/a/pods:1"}]
  steps: [{image: "quay.io/a/fields:1"}]
  params: {some: "quay.io/a/values:1"}
  script: run quay.io/a/text:1 now
"""


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        ("pods", ["pods"]),
        ("fields", ["pods", "fields"]),
        ("values", ["pods", "fields", "values"]),
        ("text", ["pods", "fields", "values", "text"]),
    ],
)
def test_each_scope_contains_the_one_before(folder: Folder, scope: str, found: list[str]) -> None:
    expected = SCOPES
    for name in found:
        expected = expected.replace(b"quay.io/a/" + name.encode(), b"quay.tencentcloudcr.com/a/" + name.encode())
    folder.write(
        "mine.yaml",
        CONFIG.partition(b"spec:")[0]
        + b"spec:\n  fields: [{group: tekton.dev, kind: Task, path: 'spec.steps[].image'}]\n",
    )
    assert folder.run("--config", "mine.yaml", "--scope", scope, input=SCOPES).out == expected


def test_the_widest_scope_is_the_default(folder: Folder) -> None:
    assert folder.run(input=SCOPES).out == folder.run("--scope", "text", input=SCOPES).out


# --unmapped.

FOREIGN = pod("quay.io/a/b:1", "ghcr.io/c/d:2", "nginx:1")


@pytest.mark.parametrize(
    "args", [[], ["--unmapped", "ignore"], ["--unmapped", "warn"]], ids=["default", "ignore", "warn"]
)
def test_foreign_hosts_pass(folder: Folder, args: list[str]) -> None:
    done = folder.run(*args, input=FOREIGN)
    assert (done.status, done.out) == (0, FOREIGN.replace(b"quay.io", b"quay.tencentcloudcr.com"))
    assert ("tcr-rewrite: warning: " in done.err) is ("warn" in args)


def test_a_warning_says_where_a_foreign_host_stands(folder: Folder) -> None:
    folder.write("pod.yaml", FOREIGN)
    lines = folder.run("--unmapped", "warn", "pod.yaml").err.splitlines()
    place = "pod.yaml:9:14: Pod/web spec.containers[1].image"
    assert f"tcr-rewrite: warning: {place}: ghcr.io/c/d:2: no mirror for ghcr.io" in lines
    assert WARNING + "pod.yaml:11:14: Pod/web spec.containers[2].image: nginx:1: no mirror for docker.io" in lines


@pytest.mark.parametrize("image", ["quay.io/a/b:1", "quay.tencentcloudcr.com/a/b", "mine.tencentcloudcr.com/a"])
def test_the_gate_lets_mirrored_images_through(folder: Folder, image: str) -> None:
    assert folder.run("--unmapped", "fail", input=pod(image)).status == 0


@pytest.mark.parametrize("quiet", [[], ["-q"]], ids=["", "-q"])
@pytest.mark.parametrize("mode", [[], ["--check"], ["--diff"]], ids=["stdout", "--check", "--diff"])
def test_the_gate_names_every_foreign_host_and_writes_nothing(
    folder: Folder, mode: list[str], quiet: list[str]
) -> None:
    folder.write("pod.yaml", FOREIGN)
    done = folder.run("--unmapped", "fail", *mode, *quiet, "pod.yaml")
    assert (done.status, done.out) == (1, b"")
    errors = [line for line in done.err.splitlines() if line.startswith("tcr-rewrite: error: ")]
    assert [error.split(": ")[2] for error in errors] == ["pod.yaml:9:14", "pod.yaml:11:14"]
    assert ["no mirror for ghcr.io" in errors[0], "no mirror for docker.io" in errors[1]] == [True, True]


def test_the_gate_leaves_the_file_but_edits_the_others(folder: Folder) -> None:
    folder.write("a.yaml", FOREIGN)
    folder.write("b.yaml", POD)
    done = folder.run("--in-place", "--unmapped", "fail", "a.yaml", "b.yaml")
    assert (done.status, done.out) == (1, b"")
    assert folder.read("a.yaml") == FOREIGN
    assert folder.read("b.yaml") == MIRRORED


def test_a_file_the_gate_held_back_is_not_counted_as_rewritten(folder: Folder) -> None:
    folder.write("a.yaml", FOREIGN)
    done = folder.run("--in-place", "--unmapped", "fail", "a.yaml")
    assert "1 reference rewritten" not in done.err


def test_a_broken_file_is_worse_than_the_gate(folder: Folder) -> None:
    folder.write("a.yaml", FOREIGN)
    folder.write("b.yaml", b"image: [\n")
    assert folder.run("--in-place", "--unmapped", "fail", "a.yaml", "b.yaml").status == 2


def test_an_excluded_image_passes_the_gate(folder: Folder) -> None:
    done = folder.run("--unmapped", "fail", "--exclude", "ghcr.io/*", "--exclude", "nginx*", input=FOREIGN)
    assert done.status == 0


def test_an_exclusion_settles_what_is_no_reference_too(folder: Folder) -> None:
    source = pod("ghcr.io/Acme/web:1")
    assert folder.run("--unmapped", "fail", input=source).status == 1
    assert folder.run("--unmapped", "fail", "--exclude", "ghcr.io/*", input=source).status == 0
