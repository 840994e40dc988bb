"""--trusted: registries that are fine as they are, by flag, configuration and function."""

import json

import pytest

from .conftest import Folder, pod

HEAD = b"apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\nspec:\n"
IMAGES = pod("ghcr.io/acme/a:1", "registry.cn-hangzhou.aliyuncs.com/acme/a:1", "10.0.0.1:5000/a:1")


def unmapped(folder: Folder, *args: str) -> list[str]:
    """The foreign references that the gate names."""
    done = folder.run("--unmapped", "fail", *args, input=IMAGES)
    assert done.status == int("tcr-rewrite: error: " in done.err)
    return [line.rpartition(": no mirror for ")[0].rpartition("image: ")[2] for line in done.err.splitlines()[:-2]]


def test_what_nobody_trusts_stops_at_the_gate(folder: Folder) -> None:
    assert unmapped(folder) == ["ghcr.io/acme/a:1", "registry.cn-hangzhou.aliyuncs.com/acme/a:1"]


@pytest.mark.parametrize("glob", ["aliyuncs", "mainland", "*.aliyuncs.com", "registry.cn-*.aliyuncs.com/acme"])
def test_what_is_trusted_passes_the_gate(folder: Folder, glob: str) -> None:
    assert unmapped(folder, "--trusted", glob) == ["ghcr.io/acme/a:1"]


def test_flags_and_configuration_add_up(folder: Folder) -> None:
    folder.write("mine.yaml", HEAD + b"  trusted: [aliyuncs]\n")
    done = folder.run("--unmapped", "fail", "--config", "mine.yaml", "--trusted", "ghcr.io/acme", input=IMAGES)
    assert (done.status, done.out) == (0, IMAGES)


def test_the_report_tells_what_trusts(folder: Folder) -> None:
    done = folder.run("--check", "--report", "-", "--trusted", "aliyuncs", input=IMAGES)
    report = json.loads(done.out)
    assert report["summary"]["unmapped"] == {"ghcr.io": 1}
    rows = [(row["status"], row.get("reason")) for row in report["references"]]
    assert rows == [("unmapped", None), ("trusted", "aliyuncs: *.aliyuncs.com"), ("trusted", "no public name")]


def test_verbose_names_what_is_trusted(folder: Folder) -> None:
    err = folder.run("--check", "-v", "--trusted", "aliyuncs", input=IMAGES).err
    assert "tcr-rewrite: trusted aliyuncs: *.aliyuncs.com (--trusted)\n" in err
    assert "    trusted   10.0.0.1:5000/a:1 (no public name)\n" in err


def test_an_exclusion_goes_first(folder: Folder) -> None:
    done = folder.run("--check", "-v", "--trusted", "ghcr.io", "--exclude", "ghcr.io/*", input=IMAGES)
    assert "    left      ghcr.io/acme/a:1 (excluded by the user)\n" in done.err


def test_the_rules_are_shown_with_what_is_trusted(folder: Folder) -> None:
    out = folder.run("--show-rules", "--trusted", "ucloud", "--trusted", "ghcr.io").out.decode()
    assert (
        "uhub.service.ucloud.cn is trusted\n    from      --trusted\n    name      ucloud (UCloud)\n"
        "    evidence  https://github.com/UCloudDoc-Team/uk8s/" in out
    )
    assert "ghcr.io is trusted\n    from      --trusted\n" in out
    assert "ghcr.io -> no mirror on record" not in out
    assert out.endswith(
        "IP addresses, names without a dot (registry:5000), "
        "names below .svc, .local, .localhost, .internal are trusted\n"
        "    from      default\n"
    )


@pytest.mark.parametrize(
    ("glob", "message"),
    [
        ("https://ghcr.io", 'the trusted registry "https://ghcr.io" has a scheme; write the host without it'),
        ("ghcr.io/a:1", 'the trusted registry "ghcr.io/a:1" has a tag or digest; write a host or host/path'),
        ("", "--trusted GLOB is empty; is a variable not set?; see kubectl tcr-rewrite -h"),
    ],
)
def test_a_glob_that_cannot_be_used_is_one_line(folder: Folder, glob: str, message: str) -> None:
    assert folder.run("--trusted", glob, input=IMAGES).error == f"tcr-rewrite: error: {message}"


@pytest.mark.parametrize(
    ("glob", "words"), [("aliyun", "did you mean aliyuncs?"), ("''", "is empty"), ("a.io/", "path")]
)
def test_a_configuration_names_the_line(folder: Folder, glob: str, words: str) -> None:
    folder.write("mine.yaml", HEAD + f"  trusted:\n    - ghcr.io\n    - {glob}\n".encode())
    error = folder.run("--config", "mine.yaml", input=IMAGES).error
    assert error.startswith("tcr-rewrite: error: mine.yaml:6: spec.trusted[1]: ")
    assert words in error


CONFIGS = {
    "a MirrorConfig": {
        "apiVersion": "kubectl-tcr/v1alpha1",
        "kind": "MirrorConfig",
        "spec": {"trusted": ["ghcr.io"], "unmapped": "warn"},
    },
    "a ConfigMap": {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "data": {"trusted": "# ours\nghcr.io\n", "unmapped": "warn"},
    },
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_function_is_told_by_its_configuration(folder: Folder, name: str) -> None:
    pods = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": host},
            "spec": {"containers": [{"image": f"{host}/a:1"}]},
        }
        for host in ("ghcr.io", "gcr.io")
    ]
    listed = {
        "apiVersion": "config.kubernetes.io/v1",
        "kind": "ResourceList",
        "functionConfig": CONFIGS[name],
        "items": pods,
    }
    done = folder.run(input=json.dumps(listed).encode())
    assert [row["message"] for row in json.loads(done.out)["results"]] == ["gcr.io/a:1: no mirror for gcr.io"]


def test_a_function_refuses_what_a_flag_would(folder: Folder) -> None:
    listed = {
        "apiVersion": "config.kubernetes.io/v1",
        "kind": "ResourceList",
        "functionConfig": {"apiVersion": "v1", "kind": "ConfigMap", "data": {"trusted": "https://ghcr.io"}},
        "items": [],
    }
    done = folder.run(input=json.dumps(listed).encode())
    assert done.status == 1
    assert 'functionConfig: data.trusted: the trusted registry "https://ghcr.io" has a scheme' in done.err
