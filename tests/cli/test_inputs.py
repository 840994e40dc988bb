"""What can be read: standard input, files, directories, kustomizations, and several of them in one stream."""

import gzip
import os
import sys
from pathlib import Path

import pytest

from .conftest import (
    ERROR,
    JSON_MIRRORED,
    JSON_POD,
    MIRRORED,
    PLAIN,
    POD,
    PROGRAM,
    WARNING,
    Folder,
    needs_kubectl,
    needs_posix,
    pod,
)

OTHER = pod("quay.io/c/d:2", name="other")
OTHER_MIRRORED = pod("quay.tencentcloudcr.com/c/d:2", name="other")


# One input.


@pytest.mark.parametrize("source", [b"", b"\n", b"# nothing\n", b"---\n", b"---\n---\n", PLAIN, PLAIN[:-1], MIRRORED])
def test_what_holds_nothing_to_rewrite_passes_as_it_came(folder: Folder, source: bytes) -> None:
    done = folder.run(input=source)
    assert (done.status, done.out) == (0, source)


@pytest.mark.parametrize(
    "args",
    [[], ["-"], ["-f", "-"], ["pod.yaml"], ["-f", "pod.yaml"], ["-fpod.yaml"], ["--filename=pod.yaml"]],
    ids=["nothing named", "-", "-f -", "FILE", "-f FILE", "-fFILE", "--filename=FILE"],
)
def test_one_input(folder: Folder, args: list[str]) -> None:
    folder.write("pod.yaml", POD)
    done = folder.run(*args, input=POD)
    assert (done.status, done.out) == (0, MIRRORED)
    assert done.err == "tcr-rewrite: 1 reference rewritten in 1 of 1 document\n"


def test_a_file_of_any_name(folder: Folder) -> None:
    folder.write("with blank, ümlaut.txt", POD)
    assert folder.run("with blank, ümlaut.txt").out == MIRRORED


@needs_posix
def test_a_pipe_with_a_name(folder: Folder) -> None:
    done = folder.command("bash", "-c", '"$0" <(printf "%s\n" "$1")', str(PROGRAM), POD[:-1].decode())
    assert (done.status, done.out) == (0, MIRRORED)


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")],
)
def test_a_byte_order_mark_stays(folder: Folder, encoding: str, mark: bytes) -> None:
    def encoded(text: bytes) -> bytes:
        return mark + text.decode().encode(encoding)

    assert folder.run(input=encoded(POD)).out == encoded(MIRRORED)


# Several inputs in one stream.


@pytest.mark.parametrize(
    "args",
    [["a.yaml", "b.yaml"], ["-f", "a.yaml", "-f", "b.yaml"], ["-f", "a.yaml,b.yaml"], ["-f", "a.yaml", "b.yaml"]],
    ids=["two FILEs", "-f twice", "a comma", "-f and FILE"],
)
def test_two_inputs_in_the_order_they_are_named(folder: Folder, args: list[str]) -> None:
    folder.write("a.yaml", POD)
    folder.write("b.yaml", OTHER)
    done = folder.run(*args)
    assert (done.status, done.out) == (0, MIRRORED + b"---\n" + OTHER_MIRRORED)
    assert done.err == "tcr-rewrite: 2 references rewritten in 2 of 2 documents\n"


def test_standard_input_between_files(folder: Folder) -> None:
    folder.write("a.yaml", POD)
    folder.write("b.yaml", OTHER)
    assert folder.run("a.yaml", "-", "b.yaml", input=PLAIN).out == b"---\n".join([MIRRORED, PLAIN, OTHER_MIRRORED])


@pytest.mark.parametrize(
    ("first", "between", "second"),
    [
        (b"a: 1\n", b"", b"---\nb: 2\n"),
        (b"a: 1\n", b"", b"--- # b\nb: 2\n"),
        (b"a: 1\n", b"---\n", b"b: 2\n"),
        (b"a: 1\n", b"---\n", b"# b\nb: 2\n"),
        (b"a: 1", b"\n---\n", b"b: 2"),
        (b"a: 1", b"\n", b"---\nb: 2\n"),
        (b"a: 1\r\n", b"---\n", b"b: 2\r\n"),
        (b"", b"", b"b: 2\n"),
        (b"a: 1\n", b"", b""),
        (b"", b"", b""),
    ],
    ids=[
        "begins with a separator",
        "begins with a separator and a comment",
        "no separator",
        "begins with a comment",
        "no final newline, no separator",
        "no final newline",
        "CRLF",
        "the first is empty",
        "the second is empty",
        "both are empty",
    ],
)
def test_only_what_is_missing_is_put_between_two_inputs(
    folder: Folder, first: bytes, between: bytes, second: bytes
) -> None:
    folder.write("a.yaml", first)
    folder.write("b.yaml", second)
    assert folder.run("a.yaml", "b.yaml").out == first + between + second


@needs_kubectl
@pytest.mark.parametrize("first", [POD, POD[:-1], POD + b"---\n", POD + b"...\n"])
@pytest.mark.parametrize("second", [OTHER, b"---\n" + OTHER, b"# other\n" + OTHER])
def test_kubectl_sees_every_resource_of_joined_inputs(folder: Folder, first: bytes, second: bytes) -> None:
    folder.write("a.yaml", first)
    folder.write("b.yaml", second)
    assert folder.objects(folder.run("a.yaml", "b.yaml").out) == ["pod/web", "pod/other"]


@pytest.mark.parametrize("first", [JSON_POD, JSON_POD + b"\n", b"  " + JSON_POD], ids=["minified", "newline", "blank"])
def test_json_inputs_are_only_concatenated(folder: Folder, first: bytes) -> None:
    folder.write("a.json", first)
    folder.write("b.json", JSON_POD)
    done = folder.run("a.json", "b.json")
    assert done.out == first.replace(JSON_POD, JSON_MIRRORED) + JSON_MIRRORED


@needs_kubectl
def test_kubectl_sees_every_resource_of_concatenated_json(folder: Folder) -> None:
    folder.write("a.json", JSON_POD)
    folder.write("b.json", JSON_POD)
    assert folder.objects(folder.run("a.json", "b.json").out) == ["pod/json", "pod/json"]


@pytest.mark.parametrize("names", [["a.json", "b.yaml"], ["b.yaml", "a.json"]], ids=["JSON first", "YAML first"])
def test_json_and_yaml_do_not_share_a_stream(folder: Folder, names: list[str]) -> None:
    folder.write("a.json", JSON_POD)
    folder.write("b.yaml", POD)
    error = folder.run(*names).error
    assert "JSON and YAML" in error
    assert "--in-place" in error


UTF16 = POD.decode().encode("utf-16")
UTF16_MIRRORED = MIRRORED.decode().encode("utf-16")


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ([b"\n", JSON_POD], b"\n" + JSON_MIRRORED),
        ([b"", JSON_POD], JSON_MIRRORED),
        ([b"  ", b"\n", JSON_POD], b"  \n\n" + JSON_MIRRORED),
        ([JSON_POD, b"\n", JSON_POD], JSON_MIRRORED + b"\n" + JSON_MIRRORED),
        ([JSON_POD, b""], JSON_MIRRORED),
        ([b"", UTF16], UTF16_MIRRORED),
        ([UTF16, b""], UTF16_MIRRORED),
        ([b"\n", UTF16], UTF16_MIRRORED[:2] + ("\n---\n" + MIRRORED.decode()).encode("utf-16-le")),
        ([b"\xef\xbb\xbf", UTF16], UTF16_MIRRORED),
        ([b"\n", POD], b"\n---\n" + MIRRORED),
        ([b"\n", b"\n"], b"\n\n"),
        ([b"\xef\xbb\xbf"], b"\xef\xbb\xbf"),
    ],
    ids=[
        "a line feed in front of JSON",
        "nothing in front of JSON",
        "two in front of JSON",
        "a line feed between JSON",
        "nothing behind JSON",
        "nothing in front of UTF-16",
        "nothing behind UTF-16",
        "a line feed in front of UTF-16",
        "a byte order mark alone in front of UTF-16",
        "a line feed in front of YAML",
        "nothing but line feeds",
        "nothing but a byte order mark",
    ],
)
def test_blank_inputs_say_nothing_of_the_stream(folder: Folder, inputs: list[bytes], expected: bytes) -> None:
    names = [f"{number}.yaml" for number in range(len(inputs))]
    for name, content in zip(names, inputs, strict=True):
        folder.write(name, content)
    assert folder.run("-q", *names) == (0, expected, "")


def test_json_and_yaml_are_both_edited_in_place(folder: Folder) -> None:
    folder.write("a.json", JSON_POD)
    folder.write("b.yaml", POD)
    assert folder.run("--in-place", "a.json", "b.yaml").status == 0
    assert (folder.read("a.json"), folder.read("b.yaml")) == (JSON_MIRRORED, MIRRORED)


def test_different_encodings_do_not_share_a_stream(folder: Folder) -> None:
    folder.write("a.yaml", POD)
    folder.write("b.yaml", POD.decode().encode("utf-16"))
    error = folder.run("a.yaml", "b.yaml").error
    assert "UTF-16" in error
    assert "UTF-8" in error


def test_one_byte_order_mark_for_joined_inputs(folder: Folder) -> None:
    for name in ("a.yaml", "b.yaml"):
        folder.write(name, b"\xef\xbb\xbf" + POD)
    assert folder.run("a.yaml", "b.yaml").out == b"\xef\xbb\xbf" + MIRRORED + b"---\n" + MIRRORED


def test_a_later_byte_order_mark_is_not_written_into_the_stream(folder: Folder) -> None:
    folder.write("a.yaml", POD)
    folder.write("b.yaml", b"\xef\xbb\xbf" + POD)
    assert folder.run("a.yaml", "b.yaml").out == MIRRORED + b"---\n" + MIRRORED


# Directories.


def write_a_tree(folder: Folder) -> None:
    for name in ("b.yml", "a.yaml", "sub/deep/c.yaml", "Z.yaml"):
        folder.write(f"deploy/{name}", pod("quay.io/a/b:1", name=name.replace("/", "-").lower()))
    for name in ("notes.txt", "values.yaml.bak", "yaml", "sub/script.sh", "UPPER.YAML"):
        folder.write(f"deploy/{name}", b"image: [broken\n")
    (folder.path / "deploy" / "folder.yaml").mkdir()


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["-f"], ["z.yaml", "a.yaml", "b.yml"]),
        ([], ["z.yaml", "a.yaml", "b.yml"]),
        (["-R", "-f"], ["z.yaml", "a.yaml", "b.yml", "sub-deep-c.yaml"]),
    ],
    ids=["-f", "DIR", "-R -f"],
)
def test_a_directory_is_read_in_order_and_only_its_manifests(
    folder: Folder, flags: list[str], expected: list[str]
) -> None:
    write_a_tree(folder)
    done = folder.run(*flags, "deploy")
    assert done.status == 0, done.err
    names = [line.split()[-1] for line in done.out.decode().splitlines() if line.startswith("metadata")]
    assert names == [f"{name}}}" for name in expected]


@needs_kubectl
@pytest.mark.parametrize("flags", [["-f"], ["-R", "-f"]], ids=" ".join)
def test_of_a_directory_kubectl_reads_the_same(folder: Folder, flags: list[str]) -> None:
    write_a_tree(folder)
    words = ["kubectl", "annotate", "--local", "-o", "name", "seen=yes", *flags, "deploy"]
    theirs = folder.command(*words)
    assert theirs.status == 0, theirs.err
    assert folder.objects(folder.run(*flags, "deploy").out) == theirs.out.decode().split()


@pytest.mark.parametrize("flags", [["-f"], ["--check", "-f"], ["--in-place"]], ids=" ".join)
def test_a_directory_without_a_manifest_of_its_own_is_refused(folder: Folder, flags: list[str]) -> None:
    folder.write("deploy/prod/pod.yaml", POD)
    folder.write("deploy/notes.txt", POD)
    said = "tcr-rewrite: error: deploy: holds no .json, .yaml or .yml file itself; add -R to read those below it"
    assert folder.run(*flags, "deploy").error == said


def test_what_lies_below_is_not_edited_without_being_asked_for(folder: Folder) -> None:
    folder.write("deploy/a.yaml", POD)
    folder.write("deploy/sub/b.yaml", POD)
    assert folder.run("--in-place", "-f", "deploy").status == 0
    assert (folder.read("deploy/a.yaml"), folder.read("deploy/sub/b.yaml")) == (MIRRORED, POD)


NOTHING = "holds no .json, .yaml or .yml file; name a directory that does, or pipe manifests in"
PACKED = "holds no manifest but packed charts; pipe in what helm template tree/{} prints"


@pytest.mark.parametrize(
    ("flags", "files", "said"),
    [
        (["-f"], [], NOTHING),
        (["-R", "-f"], [], NOTHING),
        (["-f"], ["notes.txt", "sub/notes.txt"], NOTHING),
        (["-R", "-f"], ["sub/notes.txt"], NOTHING),
        (["--ignore", "sub", "-f"], ["sub/pod.yaml"], NOTHING),
        (["-f"], ["b.tgz", "a.tgz"], PACKED.format("a.tgz")),
        (["-R", "-f"], ["a/b.tgz"], PACKED.format("a/b.tgz")),
        (["-f"], ["a/b.tgz"], NOTHING),
    ],
    ids=[
        "empty", "empty, -R", "other files", "other files, -R", "what is below is ignored", "packed charts",
        "packed charts below, -R", "packed charts below",
    ],
)  # fmt: skip
@pytest.mark.parametrize("mode", [[], ["--check"]], ids=["", "--check"])
def test_a_directory_without_a_manifest_is_refused_with_what_helps(
    folder: Folder, mode: list[str], flags: list[str], files: list[str], said: str
) -> None:
    (folder.path / "tree").mkdir()
    for name in files:
        folder.write(f"tree/{name}", POD)
    assert folder.run(*mode, *flags, "tree").error == f"{ERROR}tree: {said}"


@needs_kubectl
def test_kubectl_refuses_a_directory_without_a_manifest_too(folder: Folder) -> None:
    folder.write("tree/sub/notes.txt", POD)
    done = folder.command("kubectl", "annotate", "--local", "-o", "name", "seen=yes", "-R", "-f", "tree")
    assert (done.status, done.out) == (1, b"")


def test_a_directory_of_which_all_is_ignored_is_an_empty_stream(folder: Folder) -> None:
    folder.write("tree/sub/pod.yaml", POD)
    done = folder.run("-R", "--ignore", "sub", "tree")
    assert (done.status, done.out) == (0, b"")


@needs_posix
def test_links_to_directories_are_not_followed(folder: Folder) -> None:
    folder.write("elsewhere/pod.yaml", POD)
    folder.write("deploy/plain.yaml", PLAIN)
    (folder.path / "deploy/link").symlink_to(folder.path / "elsewhere")
    (folder.path / "deploy/loop").symlink_to(folder.path / "deploy")
    assert folder.run("-R", "deploy").out == PLAIN


@needs_posix
def test_a_link_to_a_file_outside_is_read_but_never_written(folder: Folder) -> None:
    folder.write("outside.yaml", POD)
    folder.write("deploy/a.yaml", POD)
    (folder.path / "deploy/link.yaml").symlink_to("../outside.yaml")
    assert folder.run("-R", "deploy").out == MIRRORED + b"---\n" + MIRRORED
    done = folder.run("-R", "--in-place", "deploy")
    assert done.status == 2
    assert "tcr-rewrite: error: deploy/link.yaml: a symbolic link that leads out of the directory" in done.err
    assert folder.read("outside.yaml") == POD
    assert folder.read("deploy/a.yaml") == MIRRORED


# Charts.

TEMPLATE = b"image: {{ .Values.image }}\n"


def write_a_chart(folder: Folder, name: str) -> None:
    folder.write(f"{name}/Chart.yaml", b"apiVersion: v2\nname: shop\nversion: 1.0.0\n")
    folder.write(f"{name}/values.yaml", b"a: 1\n")
    folder.write(f"{name}/templates/pod.yaml", TEMPLATE)


def passed(chart: str) -> str:
    what = f"passed over {chart}/templates, the templates of a chart"
    return f"tcr-rewrite: {what}; pipe in what helm template {chart} prints\n"


@pytest.mark.parametrize("flags", [["-f", "shop"], ["-R", "-f", "shop"], ["-R", "-f", "."]], ids=" ".join)
def test_the_templates_of_a_chart_are_passed_over_with_a_line(folder: Folder, flags: list[str]) -> None:
    write_a_chart(folder, "shop")
    done = folder.run(*flags)
    assert (done.status, done.err.count("passed over")) == (0, 1)
    assert done.err.startswith(passed("shop"))
    assert folder.run("-q", *flags).err == ""


def test_the_templates_of_charts_in_charts_are_passed_over_with_the_line_of_the_chart_around(folder: Folder) -> None:
    write_a_chart(folder, "shop")
    write_a_chart(folder, "shop/charts/cache")
    write_a_chart(folder, "shop/charts/cache/charts/log")
    folder.write("shop/crds/crd.yaml", PLAIN)
    done = folder.run("-R", "-f", "shop")
    assert (done.status, done.out.count(b"name: plain"), done.out.count(b"name: shop")) == (0, 1, 3)
    assert done.err.startswith(passed("shop"))
    assert done.err.count("passed over") == 1
    assert folder.run("--check", "-R", "-f", "shop").error == NOTHING_ELSE + unchecked("shop")
    inside = Folder(folder.path / "shop").run("-R", "-f", ".")
    assert inside.err.startswith(
        "tcr-rewrite: passed over templates, the templates of a chart; pipe in what helm template . "
    )
    assert inside.err.count("passed over") == 1


def test_charts_beside_each_other_have_a_line_each(folder: Folder) -> None:
    write_a_chart(folder, "charts/a")
    write_a_chart(folder, "charts/b")
    assert folder.run("-R", "-f", "charts").err.startswith(passed("charts/a") + passed("charts/b"))


def unchecked(chart: str, *, of: str = "") -> str:
    """What a gate says of charts."""
    way = f"pipe in what helm template {chart} prints, or leave them out by --ignore templates"
    return f"the templates of {of or chart} were not looked at; {way}"


NOTHING_ELSE = f"{ERROR}nothing is there to look at but charts: "
GATES = (["--check"], ["--diff"], ["--unmapped", "fail"], ["--suspected", "fail"], ["--in-place", "--unmapped", "fail"])


@pytest.mark.parametrize("flags", GATES, ids=" ".join)
def test_a_gate_lets_no_chart_pass_that_it_cannot_look_into(folder: Folder, flags: list[str]) -> None:
    write_a_chart(folder, "shop")
    folder.write("shop/values.yaml", POD)
    folder.write("shop/crds/crd.yaml", PLAIN)
    folder.write("shop/ci/test-values.yaml", PLAIN)
    said = NOTHING_ELSE + unchecked("shop")
    assert folder.run("-q", *flags, "-R", "-f", "shop").error == said
    assert folder.run(*flags, "-f", "shop").error == said
    assert folder.read("shop/values.yaml") == POD


@pytest.mark.parametrize("flags", GATES, ids=" ".join)
def test_a_gate_warns_of_charts_beside_what_it_looks_at(folder: Folder, flags: list[str]) -> None:
    write_a_chart(folder, "tree/shop")
    folder.write("tree/pod.yaml", MIRRORED)
    done = folder.run("-q", *flags, "-R", "-f", "tree")
    assert (done.status, done.err) == (0, WARNING + unchecked("tree/shop") + "\n")
    assert "passed over" not in folder.run(*flags, "-R", "-f", "tree").err


def test_a_gate_looks_at_the_rest_of_a_chart_where_the_user_wants_just_that(folder: Folder) -> None:
    write_a_chart(folder, "shop")
    done = folder.run("--check", "--ignore", "templates", "-R", "-f", "shop")
    assert done.status == 0
    assert done.err.startswith("tcr-rewrite: ignored shop/templates\n")


def test_no_more_charts_are_named_than_a_line_takes(folder: Folder) -> None:
    for index in range(7):
        write_a_chart(folder, f"charts/{index}")
    named = ", ".join(f"charts/{index}" for index in range(5)) + " and 2 more"
    assert folder.run("--check", "-R", "charts").error == NOTHING_ELSE + unchecked("CHART", of=named)


@pytest.mark.parametrize("name", ["ci", "crds"])
def test_a_chart_is_a_chart_whatever_its_folder_is_called(folder: Folder, name: str) -> None:
    write_a_chart(folder, name)
    assert folder.run("--check", "-R", "-f", name).error == NOTHING_ELSE + unchecked(name)
    write_a_chart(folder, "shop")
    folder.write("shop/deploy/pod.yaml", MIRRORED)
    assert folder.run("--check", "-R", "-f", "shop").status == 0


def test_a_folder_that_is_only_called_templates_is_read(folder: Folder) -> None:
    folder.write("deploy/templates/pod.yaml", POD)
    done = folder.run("-R", "-f", "deploy")
    assert (done.status, done.out) == (0, MIRRORED)
    assert "passed over" not in done.err


def test_a_template_that_is_named_is_read(folder: Folder) -> None:
    write_a_chart(folder, "shop")
    folder.write("shop/templates/pod.yaml", POD)
    assert folder.run("shop/templates/pod.yaml").out == MIRRORED


@pytest.mark.parametrize("flags", [["-f"], ["-R", "-f"], ["--check", "-f"], ["--in-place"]], ids=" ".join)
@pytest.mark.parametrize(
    ("name", "chart"),
    [
        ("shop/templates", "shop"), ("./shop/templates/", "shop"), ("shop/templates/tests", "shop"),
        ("shop/../shop/templates", "shop"),
    ],
)  # fmt: skip
def test_a_folder_of_templates_that_is_named_is_refused(
    folder: Folder, flags: list[str], name: str, chart: str
) -> None:
    write_a_chart(folder, "shop")
    folder.write("shop/templates/pod.yaml", POD)
    folder.write("shop/templates/tests/pod.yaml", POD)
    said = f"holds the templates of a chart, which Helm renders; pipe in what helm template {chart} prints"
    assert folder.run(*flags, name).error == f"{ERROR}{name}: {said}"
    absolute = folder.path / "shop/templates"
    assert folder.run(*flags, str(absolute)).error.endswith(f" helm template {absolute.parent} prints")
    assert folder.read("shop/templates/pod.yaml") == POD


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["shop-1.0.0.tgz"], "shop-1.0.0.tgz: is a packed chart; pipe in what helm template shop-1.0.0.tgz prints"),
        (["-f", "shop.gz"], "shop.gz: is packed by gzip, as charts are; pipe in what helm template shop.gz prints"),
        ([], "<stdin>: is packed by gzip, as charts are; pipe in what helm template CHART.tgz prints"),
        (["--in-place", "shop-1.0.0.tgz"], "shop-1.0.0.tgz: is a packed chart; "),
        (["--check", "shop-1.0.0.tgz"], "shop-1.0.0.tgz: is a packed chart; "),
    ],
    ids=["a chart", "another name", "standard input", "in place", "a check"],
)
def test_a_packed_chart_is_named_as_such(folder: Folder, args: list[str], said: str) -> None:
    packed = gzip.compress(b"shop/Chart.yaml")
    folder.write("shop-1.0.0.tgz", packed)
    folder.write("shop.gz", packed)
    done = folder.run(*args, input=packed)
    assert (done.status, done.out) == (2, b"")
    assert done.err.startswith(f"tcr-rewrite: error: {said}")
    assert folder.read("shop-1.0.0.tgz") == packed


def test_a_manifest_with_the_name_of_a_packed_chart_is_read(folder: Folder) -> None:
    folder.write("shop.tgz", POD)
    assert folder.run("shop.tgz").out == MIRRORED


# What is ignored.

IGNORING = b"apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\nspec:\n  ignore: [%s]\n"
TREE = ("a.yaml", "vendor/b.yaml", "sub/vendor/c.yaml", "sub/vendors/d.yaml", "sub/e.json.yaml")


@pytest.mark.parametrize(
    ("glob", "left"),
    [
        ("nothing", TREE),
        ("vendor", ("a.yaml", "sub/vendors/d.yaml", "sub/e.json.yaml")),
        ("vendor/", ("a.yaml", "sub/vendors/d.yaml", "sub/e.json.yaml")),
        ("./**/vendor/**", ("a.yaml", "sub/vendors/d.yaml", "sub/e.json.yaml")),
        ("tree/vendor", ("a.yaml", "sub/vendor/c.yaml", "sub/vendors/d.yaml", "sub/e.json.yaml")),
        ("tree/**/vendor", ("a.yaml", "sub/vendors/d.yaml", "sub/e.json.yaml")),
        ("sub/*.yaml", ("a.yaml", "vendor/b.yaml")),
        ("endor", TREE),
        ("*.json.yaml", TREE[:4]),
        ("tree", TREE),
        ("Vendor", TREE),
        ("[ab].yaml", ("sub/vendor/c.yaml", "sub/vendors/d.yaml", "sub/e.json.yaml")),
    ],
)
@pytest.mark.parametrize("is_file", [False, True], ids=["--ignore", "ignore:"])
def test_paths_in_directories_are_ignored_by_globs(
    folder: Folder, glob: str, left: tuple[str, ...], *, is_file: bool
) -> None:
    for name in TREE:
        folder.write(f"tree/{name}", POD)
    folder.write("mirrors.yaml", IGNORING % f'"{glob}"'.encode())
    flags = ["--config", "mirrors.yaml"] if is_file else ["--ignore", glob]
    done = folder.run("--in-place", *flags, "-R", "-f", "tree")
    assert done.status == 0, done.err
    assert {name for name in TREE if folder.read(f"tree/{name}") == MIRRORED} == set(left)
    assert ("tcr-rewrite: ignored tree/" in done.err) == (left != TREE)


def test_what_is_ignored_is_told_in_one_line(folder: Folder) -> None:
    for number in range(7):
        folder.write(f"tree/{number}.yaml", POD)
    done = folder.run("--ignore", "*", "-f", "tree")
    names = ", ".join(f"tree/{number}.yaml" for number in range(5))
    assert (done.status, done.err.splitlines()[0]) == (0, f"tcr-rewrite: ignored {names} and 2 more")


def test_what_is_named_is_read_whatever_is_ignored(folder: Folder) -> None:
    folder.write("vendor/a.yaml", POD)
    for args in (["vendor/a.yaml"], ["-f", "vendor"], ["-R", "-f", "vendor"]):
        assert folder.run("--ignore", "vendor", *args).out == MIRRORED


def test_a_glob_of_nothing_is_refused(folder: Folder) -> None:
    assert "--ignore GLOB is empty; is a variable not set?" in folder.run("--ignore", "", input=POD).error
    folder.write("mirrors.yaml", IGNORING % b'""')
    assert "mirrors.yaml:4: spec.ignore[0] is empty" in folder.run("--config", "mirrors.yaml", input=POD).error


# What cannot be read.


@needs_posix
def test_a_pipe_below_a_directory_is_not_waited_for(folder: Folder) -> None:
    folder.write("tree/a.yaml", POD)
    os.mkfifo(folder.path / "tree/b.yaml")
    (folder.path / "tree/c.yaml").symlink_to("/dev/zero")
    error = folder.run("-R", "-f", "tree").error
    assert error.startswith("tcr-rewrite: error: tree/b.yaml: is no regular file")
    done = folder.run("-R", "--in-place", "-f", "tree")
    assert (done.status, done.out) == (2, b"")
    assert folder.read("tree/a.yaml") == MIRRORED
    assert [line.split(":")[2] for line in done.err.splitlines()[:2]] == [" tree/b.yaml", " tree/c.yaml"]


@pytest.mark.parametrize("flags", [[], ["--in-place"], ["-R", "-f"], ["--diff"], ["--config"]], ids=" ".join)
def test_a_name_that_is_too_long_for_the_system(folder: Folder, flags: list[str]) -> None:
    name = "a" * 300
    done = folder.run(*flags, name, input=POD)
    assert (done.status, done.out) == (2, b"")
    assert done.err.startswith(f"tcr-rewrite: error: {name}: cannot be read: ")


@needs_posix
def test_a_link_to_itself_keeps_no_other_file_from_being_edited(folder: Folder) -> None:
    (folder.path / "a.yaml").symlink_to("b.yaml")
    (folder.path / "b.yaml").symlink_to("a.yaml")
    folder.write("c.yaml", POD)
    done = folder.run("--in-place", "a.yaml", "c.yaml")
    assert (done.status, folder.read("c.yaml")) == (2, MIRRORED)
    assert done.err.startswith("tcr-rewrite: error: a.yaml: a symbolic link that leads to itself")
    assert folder.run("a.yaml").error == "tcr-rewrite: error: a.yaml: cannot be read: Too many levels of symbolic links"
    done = folder.run("--diff", "-R", "-f", ".")
    assert (done.status, done.err.count("cannot be read: Too many levels of symbolic links")) == (2, 2)


def test_a_missing_file_is_named(folder: Folder) -> None:
    assert folder.run("nope.yaml").error == "tcr-rewrite: error: nope.yaml: cannot be read: No such file or directory"


@needs_posix
def test_a_dangling_link_is_named(folder: Folder) -> None:
    (folder.path / "link.yaml").symlink_to("nowhere.yaml")
    assert folder.run("link.yaml").error == "tcr-rewrite: error: link.yaml: cannot be read: No such file or directory"


@needs_posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_named(folder: Folder) -> None:
    folder.write("pod.yaml", POD).chmod(0)
    assert folder.run("pod.yaml").error == "tcr-rewrite: error: pod.yaml: cannot be read: Permission denied"


@needs_posix
def test_a_path_through_a_file_is_named(folder: Folder) -> None:
    folder.write("pod.yaml", POD)
    assert folder.run("pod.yaml/below").error == "tcr-rewrite: error: pod.yaml/below: cannot be read: Not a directory"


def test_a_good_file_in_front_of_a_missing_one_is_not_written(folder: Folder) -> None:
    folder.write("pod.yaml", POD)
    assert "nope.yaml" in folder.run("pod.yaml", "nope.yaml").error


@pytest.mark.parametrize("url", ["https://example.com/pod.yaml", "http://example.com/pod.yaml"])
@pytest.mark.parametrize("flags", [[], ["-f"]], ids=["FILE", "-f"])
def test_urls_are_for_curl(folder: Folder, flags: list[str], url: str) -> None:
    error = folder.run(*flags, url).error
    assert url in error
    assert "curl" in error


@needs_posix
def test_a_terminal_is_not_waited_for(folder: Folder) -> None:
    done = folder.run_on_terminal("stdin")
    assert (done.status, done.out) == (2, b"")
    assert "nothing to read: name a FILE, or pipe manifests in" in done.err


# Kustomizations.


def kustomization(folder: Folder) -> Path:
    folder.write("overlay/pod.yaml", POD)
    return folder.write("overlay/kustomization.yaml", b"namePrefix: my-\nresources: [pod.yaml]\n").parent


@needs_kubectl
def test_a_kustomization_is_built_and_rewritten(folder: Folder) -> None:
    kustomization(folder)
    built = folder.command("kubectl", "kustomize", "overlay").out
    assert b"quay.io/a/b:1" in built
    done = folder.run("-k", "overlay")
    assert (done.status, done.out) == (0, built.replace(b"quay.io", b"quay.tencentcloudcr.com"))


@needs_kubectl
def test_a_kustomization_and_a_file(folder: Folder) -> None:
    kustomization(folder)
    folder.write("other.yaml", OTHER)
    assert folder.objects(folder.run("other.yaml", "-k", "overlay").out) == ["pod/other", "pod/my-web"]


@needs_kubectl
def test_a_directory_that_looks_like_flags(folder: Folder) -> None:
    folder.write("-o=stolen/kustomization.yaml", b"resources: [pod.yaml]\n")
    folder.write("-o=stolen/pod.yaml", POD)
    assert b"quay.tencentcloudcr.com/a/b:1" in folder.run("--kustomize=-o=stolen").out
    assert not (folder.path / "stolen").exists()


@needs_kubectl
def test_a_directory_that_looks_like_a_repository_elsewhere(folder: Folder) -> None:
    folder.write("github.com/acme/shop/kustomization.yaml", b"resources: [pod.yaml]\n")
    folder.write("github.com/acme/shop/pod.yaml", POD)
    assert b"quay.tencentcloudcr.com/a/b:1" in folder.run("-k", "github.com/acme/shop").out


@pytest.mark.parametrize(
    "name",
    [
        "https://github.com/acme/shop",
        "https://github.com/acme/shop//overlays/prod?ref=main",
        "github.com/acme/shop",
        "git@github.com:acme/shop",
        "ssh://git@example.com/acme/shop",
        "file:///srv/shop",
        "git::https://example.com/shop",
        "example.com:8443/acme/shop",
    ],
)
def test_a_kustomization_elsewhere_is_refused(folder: Folder, name: str) -> None:
    error = folder.run("-k", name).error
    assert "is a URL; this tool uses no network, pipe it in: kubectl kustomize URL | kubectl tcr-rewrite" in error


@pytest.mark.parametrize("name", ["nope", "./nope", "/nope/x", "-o=stolen", "..yaml/x"])
def test_a_kustomization_that_is_not_there(folder: Folder, name: str) -> None:
    assert folder.run(f"--kustomize={name}").error == f"tcr-rewrite: error: -k {name}: there is no such directory"
    assert folder.names() == []


def test_charts_in_kustomizations_are_rendered_if_asked_for(folder: Folder) -> None:
    kustomization(folder)
    kubectl = folder.write("kubectl", b'#!/bin/sh\nfor word; do echo "# $word"; done\n')
    kubectl.chmod(0o755)
    env = {"KUBECTL_PATH": str(kubectl)}
    there = f"# {folder.path / 'overlay'}"
    plain = folder.run("-q", "-k", "overlay", env=env)
    assert plain.out.decode().splitlines() == ["# kustomize", "# --", there]
    helm = folder.run("-q", "--enable-helm", "-k", "overlay", env=env)
    assert helm.out.decode().splitlines() == ["# kustomize", "# --enable-helm", "# --", there]
    assert "name their directory with -k" in folder.run("--enable-helm", input=POD).error


@needs_kubectl
def test_a_kustomization_that_does_not_build(folder: Folder) -> None:
    (folder.path / "empty").mkdir()
    error = folder.run("-k", "empty").error
    assert error.startswith("tcr-rewrite: error: empty: kubectl kustomize failed: ")
    assert "kustomization.yaml" in error


@needs_kubectl
def test_the_noise_of_kubectls_log_is_not_passed_on(folder: Folder) -> None:
    (folder.path / "empty").mkdir()
    assert "run.go" not in folder.run("-k", "empty").error


@needs_kubectl
def test_a_chart_is_no_kustomization_unless_it_is_one_too(folder: Folder) -> None:
    write_a_chart(folder, "shop")
    said = "-k shop is a chart, not a kustomization; pipe in what helm template shop prints"
    assert folder.run("-k", "shop").error == ERROR + said
    folder.write("shop/pod.yaml", POD)
    folder.write("shop/kustomization.yaml", b"resources: [pod.yaml]\n")
    assert b"quay.tencentcloudcr.com/a/b:1" in folder.run("-k", "shop").out


def test_a_kustomization_without_kubectl(folder: Folder) -> None:
    kustomization(folder)
    error = folder.run("-k", "overlay", env={"PATH": str(folder.path)}).error
    assert (
        error
        == "tcr-rewrite: error: -k needs kubectl, which is not on the PATH; install it, or name it by KUBECTL_PATH"
    )


@needs_posix
def test_a_kubectl_that_cannot_be_run_is_told(folder: Folder) -> None:
    folder.write("app/kustomization.yaml", b"resources: []\n")
    error = folder.run("-k", "app", env={"KUBECTL_PATH": "/nowhere/kubectl"}).error
    why = "/nowhere/kubectl: No such file or directory; mend it, or KUBECTL_PATH, which names it"
    assert error == f"{ERROR}kubectl cannot be run: {why}"
    folder.write("bin/kubectl", b"no program\n").chmod(0o755)
    error = folder.run("-k", "app", env={"PATH": str(folder.path / "bin")}).error
    assert error == f"{ERROR}kubectl cannot be run: {folder.path / 'bin/kubectl'}: Exec format error; mend it"


@pytest.mark.skipif(sys.platform == "win32", reason="no ulimit")
@pytest.mark.parametrize("flag", ["--check", "--in-place"])
def test_files_that_cannot_be_read_are_not_kept_open(folder: Folder, flag: str) -> None:
    broken = b"image: quay.io/a/b\n x: [\n---\n" + b"a: b\n---\n" * 200_000
    names = [folder.write(f"{index:02}.yaml", broken).name for index in range(40)]
    done = folder.run(flag, *names, within=("sh", "-c", 'ulimit -n 20; exec "$0" "$@"'))
    assert done.status == 2
    assert "Too many open files" not in done.err
    assert done.err.count("invalid YAML") == len(names)
