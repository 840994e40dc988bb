"""The hooks of `.pre-commit-hooks.yaml`, run by pre-commit in a scratch repository."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from .checkout import ROOT, copy_checkout
from .conftest import Tool

EXAMPLE = ROOT / "examples" / "pre-commit-config.yaml"
POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers:\n"
    "    - {{name: a, image: {quay}/a/b:1}}\n    - {{name: c, image: {ghcr}/c/d:2}} # kept\n"
)
FOREIGN = POD.format(quay="quay.io", ghcr="ghcr.io")
MIRRORED = POD.format(quay="quay.tencentcloudcr.com", ghcr="my-team.tencentcloudcr.com/ghcr")
TEMPLATE = "image: {{ .Values.registry }}/a/b:1\n"
FILES = {
    "deploy/pod.yaml": FOREIGN,
    "deploy/plain.yaml": "kind: ConfigMap\n",
    "charts/shop/templates/pod.yaml": TEMPLATE,
    "docs/pod.yaml": FOREIGN,
    "deploy/notes.md": "quay.io/a/b:1\n",
}


class Repository(NamedTuple):
    """A scratch repository, and the environment that its commands run in."""

    path: Path
    environment: Mapping[str, str]
    pre_commit: str

    def git(self, *args: str) -> None:
        subprocess.run(["git", *args], cwd=self.path, env=self.environment, check=True, capture_output=True)

    def hook(self, hook: str) -> tuple[int, str]:
        """Status and output of a hook over all files."""
        done = subprocess.run(
            [self.pre_commit, "run", "--color=never", "--all-files", hook],
            cwd=self.path,
            env=self.environment,
            text=True,
            capture_output=True,
            timeout=600,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def files(self) -> dict[str, str]:
        return {name: (self.path / name).read_text(encoding="utf-8") for name in FILES}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A user who has set nothing but a name; pre-commit builds its environments below, once."""
    from .checkout import clean_environment

    home = tmp_path_factory.mktemp("home")
    config = home / "gitconfig"
    config.write_text('[user]\nname = test\nemail = test@example.com\n[protocol "file"]\nallow = always\n')
    return clean_environment() | {
        "HOME": str(home),
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "GIT_CONFIG_GLOBAL": str(config),
        "GIT_CONFIG_NOSYSTEM": "1",
    }


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """The working tree as a repository with the tag that the example names."""
    path = copy_checkout(tmp_path_factory.mktemp("released") / "kubectl-tcr")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "release"], ["tag", "v0.1.0"]):
        subprocess.run(["git", *words], cwd=path, env=environment, check=True)
    return path


@pytest.fixture
def repository(tmp_path: Path, tool: Tool, released: Path, environment: dict[str, str]) -> Repository:
    found = Repository(tmp_path, environment, tool("pre-commit"))
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    config = EXAMPLE.read_text(encoding="utf-8")
    config = config.replace("https://github.com/OWNER/kubectl-tcr", str(released))
    _, _, settings = config.partition("      - id: tcr-rewrite\n")
    config += "      - id: tcr-rewrite-check\n" + settings
    (tmp_path / ".pre-commit-config.yaml").write_text(config, encoding="utf-8")
    found.git("init", "-q")
    found.git("add", "-A")
    found.git("commit", "-q", "-m", "start")
    return found


def test_the_checking_hook_fails_and_leaves_the_files_alone(repository: Repository) -> None:
    status, said = repository.hook("tcr-rewrite-check")
    assert status == 1, said
    assert "+    - {name: a, image: quay.tencentcloudcr.com/a/b:1}" in said
    assert repository.files() == FILES


def test_the_fixing_hook_fails_once(repository: Repository) -> None:
    status, said = repository.hook("tcr-rewrite")
    assert status == 1, said
    assert "files were modified by this hook" in said
    assert repository.files() == FILES | {"deploy/pod.yaml": MIRRORED}
    for hook in ("tcr-rewrite", "tcr-rewrite-check"):
        assert repository.hook(hook)[0] == 0


def test_a_helm_template_that_is_not_excluded_is_named(repository: Repository) -> None:
    path = repository.path / ".pre-commit-config.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("exclude:", "# exclude:"), encoding="utf-8")
    status, said = repository.hook("tcr-rewrite-check")
    assert status == 1
    assert "charts/shop/templates/pod.yaml:1:" in said
    assert "Traceback" not in said


def test_the_hooks_and_the_example_are_valid(tool: Tool) -> None:
    for command, path in (("validate-manifest", ROOT / ".pre-commit-hooks.yaml"), ("validate-config", EXAMPLE)):
        done = subprocess.run([tool("pre-commit"), command, path], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "")
