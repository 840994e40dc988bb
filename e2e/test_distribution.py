"""What `make dist` builds, installed and run as a user would."""

import hashlib
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from ruamel.yaml import YAML

from .checkout import ROOT, clean_environment, copy_checkout
from .conftest import Tool
from .registries import Quay

# What README.md opens with: the command, what it writes, what it says.
MAIN_EXAMPLE = ["kubectl", "tcr-rewrite", "--diff", "fixtures/readme/operator.yaml"]
BLOCK = re.compile(
    r"^<!-- (output|messages): kubectl tcr-rewrite --diff .*? -->\n+```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
NEWEST = 20
SCRIPTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
PLUGINS = sorted(name for name in SCRIPTS if name.startswith("kubectl-"))
COMPLETIONS = sorted(set(SCRIPTS) - set(PLUGINS))
INSTALLED = Path(sys.executable).parent
RELEASE = ROOT / ".github" / "workflows" / "release.yml"


def run(*words: object, env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        list(map(str, words)),
        cwd=cwd,
        env=clean_environment() | dict(env or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def must(*words: object, env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> str:
    done = run(*words, env=env, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def shows_the_main_example(*words: object, env: Mapping[str, str] | None = None) -> None:
    """The README's command prints what the README shows."""
    shown = dict(BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    done = run(*words, env=env)
    assert (done.returncode, done.stdout, done.stderr) == (1, shown["output"], shown["messages"])


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_checkout(tmp_path_factory.mktemp("dist") / "kubectl-tcr")


@pytest.fixture(scope="module")
def no_cache(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A user whose pip has never downloaded anything."""
    return {"PIP_CACHE_DIR": str(tmp_path_factory.mktemp("cache"))}


@pytest.fixture(scope="module")
def release(checkout: Path, no_cache: dict[str, str]) -> Path:
    """The folder with the files of a release."""
    env = no_cache | {"DIST_COMPILED": "no"}  # it takes minutes: tests/test_release.py, make compiled
    must(checkout / "scripts" / "build-dist", sys.executable, cwd=checkout, env=env)
    return checkout / "dist" / "release"


@pytest.fixture(scope="module")
def zipapp(release: Path) -> Path:
    return release / "kubectl-tcr_rewrite"


def only(folder: Path, pattern: str) -> Path:
    (path,) = folder.glob(pattern)
    return path


# Wheel and sdist.


def test_the_wheel_holds_the_package_and_nothing_else(release: Path) -> None:
    with zipfile.ZipFile(only(release, "*.whl")) as wheel:
        names = set(wheel.namelist())
    package = {path.relative_to(ROOT).as_posix() for path in (ROOT / "kubectl_tcr").rglob("*") if path.is_file()}
    assert {name for name in names if ".dist-info/" not in name} == {name for name in package if ".pyc" not in name}
    assert [name for name in names if name.endswith("licenses/LICENSE")]


@pytest.mark.parametrize("pattern", ["*.whl", "kubectl_tcr-*.tar.gz"], ids=["wheel", "sdist"])
def test_it_installs_from_an_empty_cache(
    release: Path, tmp_path: Path, no_cache: dict[str, str], tool: Tool, pattern: str
) -> None:
    must(sys.executable, "-m", "venv", tmp_path / "venv")
    folder = tmp_path / "venv" / "bin"
    must(folder / "python", "-m", "pip", "install", only(release, pattern), env=no_cache, cwd=tmp_path)
    search = {"PATH": os.pathsep.join([str(folder), str(Path(tool("kubectl")).parent), os.defpath])}
    shows_the_main_example(*MAIN_EXAMPLE, env=search)
    assert must(folder / "python", "-m", "pip", "check") == "No broken requirements found.\n"


# The zipapp.


def pythons() -> list[Path]:
    """Every interpreter of this machine that starts, one for each version."""
    folders = [*map(Path, os.environ.get("PATH", "").split(os.pathsep))]
    folders += [path / "bin" for path in (Path.home() / ".pyenv" / "versions").glob("*")]
    found: dict[str, Path] = {}
    for minor in range(8, NEWEST):
        for folder in folders:
            path = folder / f"python3.{minor}"
            if f"3.{minor}" not in found and path.is_file() and run(path, "--version").returncode == 0:
                found[f"3.{minor}"] = path
    return list(found.values())


PYTHONS = pythons()


def is_new(python: Path) -> bool:
    return int(python.name.rpartition(".")[2]) >= 11


@pytest.mark.parametrize("python", list(filter(is_new, PYTHONS)), ids=lambda path: path.name)
def test_the_zipapp_runs_on_every_python_from_3_11_on(zipapp: Path, tmp_path: Path, python: Path) -> None:
    (tmp_path / "python3").symlink_to(python)
    search = {"PATH": f"{tmp_path}{os.pathsep}{os.defpath}"}
    shows_the_main_example(zipapp, *MAIN_EXAMPLE[2:], env=search)


def test_an_older_python_is_told_in_one_line(zipapp: Path) -> None:
    old = [python for python in PYTHONS if not is_new(python)]
    if not old:
        pytest.skip("there is no Python before 3.11 here")
    for python in old:
        done = run(python, zipapp, "--version")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("kubectl-tcr: error: Python 3.11 or newer is needed; python3 is 3.")
        assert done.stderr.count("\n") == 1


def test_the_zipapp_finds_its_schemas(zipapp: Path, tmp_path: Path) -> None:
    must(zipapp, "--config", ROOT / "fixtures" / "readme" / "mirrors.yaml", ROOT / "fixtures" / "readme" / "shop.yaml")
    (tmp_path / "wrong.yaml").write_text("apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\nspec: {mirrors: 1}\n")
    done = run(zipapp, "--config", "wrong.yaml", "--show-rules", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("tcr-rewrite: error: wrong.yaml:3: ")


@pytest.mark.parametrize("form", ["json", "github", "gitlab", "sarif"])
def test_the_zipapp_makes_every_report(zipapp: Path, form: str) -> None:
    words = ["--check", "--report-format", form, "fixtures/readme/shop.yaml"]
    assert run(zipapp, *words).stdout == run(INSTALLED / "kubectl-tcr_rewrite", *words).stdout != ""


def test_the_zipapp_reads_by_the_pure_parser_also_where_the_other_is_installed(zipapp: Path) -> None:
    assert "parser PyYAML (libyaml)" in run(INSTALLED / "kubectl-tcr_rewrite", "-v").stderr
    assert "parser ruamel.yaml (pure Python)" in run(sys.executable, zipapp, "-v").stderr


def test_the_zipapp_does_what_the_package_does_on_all_fixtures_but_those_in_the_docs(
    zipapp: Path, tmp_path: Path
) -> None:
    installed = rewritten(INSTALLED / "kubectl-tcr_rewrite", tmp_path / "installed")
    alone = rewritten(zipapp, tmp_path / "alone")
    assert len(installed) > 200
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `fixtures/(\S+)` \|", page, re.MULTILINE)
    assert [name for name, outcome in installed.items() if alone[name] != outcome] == sorted(listed)


def rewritten(program: Path, folder: Path) -> dict[str, bytes]:
    """What a program makes of a copy of each fixture, or `refused`."""
    shutil.copytree(ROOT / "fixtures", folder)
    done = run(program, "-q", "--in-place", "--validate", "--preset", "tke", "-R", "-f", folder)
    assert done.returncode == 2
    refused = set(re.findall(r"^tcr-rewrite: error: (\S+?):\d", done.stderr, re.MULTILINE))
    return {
        path.relative_to(folder).as_posix(): b"refused" if str(path) in refused else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# The commands in the zipapp.


def named(zipapp: Path, folder: Path, name: str) -> Path:
    """The zipapp under another name."""
    (folder / name).symlink_to(zipapp)
    return folder / name


@pytest.fixture(scope="module")
def home(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a user who has done what the page says about the one file."""
    home = tmp_path_factory.mktemp("home")
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```sh\n(sha256sum .*?)^```$", page, re.MULTILINE | re.DOTALL)
    (home / ".local" / "bin").mkdir(parents=True)
    must("sh", "-euxc", block, env={"HOME": str(home)}, cwd=release)
    return home / ".local" / "bin"


def test_the_page_names_every_command(home: Path) -> None:
    assert sorted(path.name for path in home.iterdir()) == sorted(SCRIPTS)


@pytest.mark.parametrize("flag", ["--help", "--version"])
@pytest.mark.parametrize("name", PLUGINS)
def test_the_zipapp_is_the_command_that_it_is_called_after(home: Path, name: str, flag: str) -> None:
    said = must(home / name, flag)
    assert f"kubectl {name.removeprefix('kubectl-').replace('_', '-')} " in said
    assert said == must(INSTALLED / name, flag)


@pytest.mark.parametrize("name", COMPLETIONS)
def test_the_zipapp_completes_the_command_that_it_is_called_after(home: Path, name: str) -> None:
    said = must(home / name, "-")
    assert "--help\t" in said
    assert said == must(INSTALLED / name, "-")


@pytest.mark.parametrize("name", ["tcr", "kubectl-tcr", "kubectl-mirrors", "kubectl-tcr_nodes.txt"])
def test_by_any_other_name_the_zipapp_is_tcr_rewrite(zipapp: Path, tmp_path: Path, name: str) -> None:
    assert must(named(zipapp, tmp_path, name), "--version").startswith("kubectl tcr-rewrite ")


@pytest.mark.parametrize("ending", [".exe", ".pyz"])
def test_an_ending_that_a_system_asks_for_is_no_part_of_the_name(zipapp: Path, tmp_path: Path, ending: str) -> None:
    assert must(named(zipapp, tmp_path, f"kubectl-tcr_nodes{ending}"), "--version").startswith("kubectl tcr-nodes ")


def test_kubectl_runs_and_completes_every_command(home: Path, tool: Tool) -> None:
    env = {"PATH": os.pathsep.join([str(home), str(Path(tool("kubectl")).parent), os.defpath])}
    for name in PLUGINS:
        command = name.removeprefix("kubectl-").replace("_", "-")
        assert must("kubectl", command, "--version", env=env).startswith(f"kubectl {command} ")
        assert "--help" in must("kubectl", "__complete", command, "--he", env=env)


CONFIG_TOML = """\
version = 2

# The owner's own line.
[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = ""
"""
# Flags of a Python that sees nothing of what is installed for it.
ALONE = ("-I", "-S")
# A real job of each command, and what its output holds.
JOBS = {
    "kubectl-tcr_images": (["-o", "json", "fixtures/readme/shop.yaml"], '"images"'),
    "kubectl-tcr_nodes": (
        ["containerd", "--config-toml", "{config}", "--containerd", "1.7.0"],
        '\n+  config_path = "/etc/containerd/certs.d"\n',
    ),
    "kubectl-tcr_policy": (["--audit"], "kind: ValidatingAdmissionPolicy\n"),
    "kubectl-tcr_rewrite": (["fixtures/readme/shop.yaml"], "quay.tencentcloudcr.com"),
}


@pytest.mark.parametrize("name", PLUGINS)
def test_a_command_does_its_job_with_what_the_zipapp_carries(home: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "config.toml").write_text(CONFIG_TOML)
    words, part = JOBS[name]
    words = [word.format(config=tmp_path / "config.toml") for word in words]
    expected = must(INSTALLED / name, *words)
    assert part in expected
    assert must(sys.executable, *ALONE, home / name, *words) == expected


def pod(*images: str) -> str:
    containers = [{"name": f"c{index}", "image": image} for index, image in enumerate(images)]
    return json.dumps(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pier"}, "spec": {"containers": containers}}
    )


@pytest.mark.parametrize("python", list(filter(is_new, PYTHONS)), ids=lambda path: path.name)
def test_tcr_images_asks_registries_and_shows_its_bar_with_what_the_zipapp_carries(
    home: Path, quay: Quay, python: Path
) -> None:
    registry = quay.registry()
    quay.push(f"{registry.address}/marina/crane:1", platforms=("linux/amd64",))
    images = ["quay.io/marina/crane:1", *(f"quay.io/marina/buoy:{index}" for index in range(30))]
    (quay.folder / "pod.json").write_text(pod(*images))
    flags = ["--mirror", f"quay.io={registry.address}", "--ca-file", quay.ca_file, "--check", "-o", "csv"]
    words = [python, *ALONE, home / "kubectl-tcr_images", *flags, quay.folder / "pod.json"]
    status, out, err = on_a_terminal(list(map(str, words)))
    answers = {row.split(",")[0]: row.split(",")[6] for row in out.splitlines()[1:]}
    assert (status, answers) == (1, dict.fromkeys(images, "missing") | {images[0]: "there"}), err
    assert b"asking registries" in err


def on_a_terminal(words: list[str]) -> tuple[int, str, bytes]:
    """The status of a command, what it prints, and what it says where standard error is a terminal."""
    ours, theirs = pty.openpty()
    environment = {"TERM": "xterm"}
    running = subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs, env=environment, text=True
    )
    os.close(theirs)
    said = b"".join(iter(lambda: said_so_far(ours), b""))
    os.close(ours)
    out, _ = running.communicate(timeout=600)
    return running.returncode, out, said


def said_so_far(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # what Linux has for the end
        return b""


WITHOUT_A_STORE = """
import os, sys
sys.path.insert(0, sys.argv[1])
from kubectl_tcr.registry import authorities
authorities._has_store = lambda: False
print(len(authorities.context("").get_ca_certs()), os.listdir(os.environ["TMPDIR"]))
"""


def test_the_authorities_in_the_zipapp_are_read_without_a_temporary_file(zipapp: Path, tmp_path: Path) -> None:
    env = {"TMPDIR": str(tmp_path), "SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": str(tmp_path)}
    number, _, files = must(sys.executable, *ALONE, "-c", WITHOUT_A_STORE, zipapp, env=env).partition(" ")
    assert (int(number) > 50, files) == (True, "[]\n")


# What the zipapp carries.


def pinned() -> dict[str, str]:
    """The version of each package that the zipapp carries."""
    text = (ROOT / "scripts" / "zipapp-requirements.txt").read_text(encoding="utf-8")
    found = re.findall(r"^([\w.]+)==(\S+) --hash=sha256:[0-9a-f]{64}$", text, re.MULTILINE)
    return {name.replace(".", "_"): version for name, version in found}


def test_the_zipapp_carries_pure_python_and_its_licences(zipapp: Path) -> None:
    with zipfile.ZipFile(zipapp) as file:
        names = file.namelist()
    assert [name for name in names if name.endswith((".so", ".pyd", ".pyc"))] == []
    licences = {name.partition("-")[0] for name in names if re.search(r"\.dist-info/(licenses/)?LICENSE", name)}
    assert licences == set(pinned())
    assert "LICENSE" in names


def test_the_zipapp_carries_all_that_the_package_depends_on_but_the_c_parser(release: Path) -> None:
    with zipfile.ZipFile(only(release, "*.whl")) as wheel:
        (about,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        asked = set(re.findall(r"^Requires-Dist: ([\w.-]+)", wheel.read(about).decode(), re.MULTILINE))
    assert {name.replace("-", "_") for name in asked} - set(pinned()) == {"pyyaml"}


def test_the_versions_in_the_zipapp_are_those_that_the_package_asks_for(release: Path, zipapp: Path) -> None:
    with zipfile.ZipFile(zipapp) as file:
        carried = {name.partition(".dist-info/")[0] for name in file.namelist() if ".dist-info/" in name}
    assert carried == {f"{name}-{version}" for name, version in pinned().items()}
    asked = [f"{name}=={version}" for name, version in pinned().items()]
    must(sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", only(release, "*.whl"), *asked)


def test_the_same_sources_make_the_same_zipapp(checkout: Path, zipapp: Path, tmp_path: Path) -> None:
    before = zipapp.read_bytes()
    for path in (checkout / "kubectl_tcr").rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o700)
    must(sys.executable, checkout / "scripts" / "build-zipapp.py", tmp_path / "again", env={"TZ": "Asia/Shanghai"})
    assert (tmp_path / "again").read_bytes() == before


# The SBOM.


def test_the_sbom_is_valid_and_names_what_the_zipapp_carries(release: Path, zipapp: Path) -> None:
    text = (release / "kubectl-tcr-sbom.cdx.json").read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    sbom = json.loads(text)
    named = {component["name"].replace(".", "_").replace("-", "_"): component for component in sbom["components"]}
    versions = {name.replace("-", "_"): version for name, version in pinned().items()}
    assert {name: component["version"] for name, component in named.items()} == versions
    assert named["httpx"]["licenses"] == [{"expression": "BSD-3-Clause"}]
    own = sbom["metadata"]["component"]
    assert own["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(zipapp.read_bytes()).hexdigest()}]
    refs = {own["bom-ref"], *(component["bom-ref"] for component in named.values())}
    assert {row["ref"] for row in sbom["dependencies"]} == refs


def test_the_same_zipapp_makes_the_same_sbom(release: Path, checkout: Path, zipapp: Path, tmp_path: Path) -> None:
    must(sys.executable, checkout / "scripts" / "build-sbom.py", zipapp, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (release / "kubectl-tcr-sbom.cdx.json").read_bytes()


# Krew.


def test_krew_installs_every_command_and_kubectl_runs_it(release: Path, tmp_path: Path, tool: Tool) -> None:
    folders = [
        str(tmp_path / "krew" / "bin"),
        str(Path(tool("kubectl-krew")).parent),
        str(Path(tool("kubectl")).parent),
    ]
    env = {"KREW_ROOT": str(tmp_path / "krew"), "PATH": os.pathsep.join([*folders, os.environ["PATH"]])}
    archive = only(release, "kubectl-tcr-krew-*.tar.gz")
    for name in PLUGINS:
        command = name.removeprefix("kubectl-").replace("_", "-")
        must("kubectl", "krew", "install", f"--manifest={command}.yaml", f"--archive={archive}", env=env, cwd=release)
        assert (tmp_path / "krew" / "bin" / name).resolve().name == name
        assert must("kubectl", command, "--version", env=env).startswith(f"kubectl {command} ")
    shows_the_main_example(*MAIN_EXAMPLE, env=env)
    completed = run_the_page_on_completion(tmp_path, env)
    assert completed == set(COMPLETIONS)


def run_the_page_on_completion(home: Path, env: Mapping[str, str]) -> set[str]:
    """The executables for completion that a user has who has done what the page says about Krew."""
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```sh\n(cd \"\$\{KREW_ROOT.*?)^```$", page, re.MULTILINE | re.DOTALL)
    must("sh", "-euxc", block, env=env)
    made = {path.name: path for path in (home / "krew" / "bin").glob("kubectl_complete-*")}
    for path in made.values():
        assert "--help\t" in must(path, "--he")
    return set(made)


# The release.


def test_the_checksums_are_those_of_the_files(release: Path) -> None:
    said = must("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=release)
    assert said.count(": OK\n") == len(list(release.iterdir())) - 1 == 5 + len(PLUGINS)


def test_what_goes_to_pypi_is_wheel_and_sdist(release: Path) -> None:
    names = sorted(path.name for path in (release.parent / "python").iterdir())
    assert [re.sub(r"\d+\.\d+\.\d+", "V", name) for name in names] == [
        "kubectl_tcr-V-py3-none-any.whl",
        "kubectl_tcr-V.tar.gz",
    ]


def test_the_release_workflow_pins_its_actions_and_asks_for_little() -> None:
    workflow: Any = YAML(typ="safe", pure=True).load(RELEASE)
    uses = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert [action for action in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action)] == []
    assert workflow["permissions"] == {}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == {
        "build": {"contents": "read"},
        "wheels": {"contents": "read"},
        "pypi": {"id-token": "write"},
        "github": {"contents": "write", "id-token": "write", "attestations": "write"},
    }
    scripts = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    assert [script for script in scripts if "${{" in script] == []


def test_a_tag_that_is_not_the_version_stops_the_release(release: Path) -> None:
    workflow: Any = YAML(typ="safe", pure=True).load(RELEASE)
    (script,) = (step["run"] for step in workflow["jobs"]["build"]["steps"] if "TAG" in step.get("env", {}))
    script = script.replace(".venv/bin/python", sys.executable)
    version = only(release, "*.whl").name.split("-")[1]
    assert run("bash", "-ec", script, env={"TAG": f"v{version}"}).returncode == 0
    assert run("bash", "-ec", script, env={"TAG": "v99.0.0"}).returncode == 1
