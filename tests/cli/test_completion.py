"""Shell completion: what `kubectl_complete-tcr_rewrite` answers to the words in front of the cursor."""

import pytest

from kubectl_tcr.cli.command import command

from .conftest import PROGRAM, Folder

COMPLETION = PROGRAM.with_name("kubectl_complete-tcr_rewrite")
FILES = ["json", "yaml", "yml", ":8"]
FLAGS = {flag for parameter in command.params for flag in parameter.opts if flag.startswith("-")} | {"-h", "--help"}


def complete(folder: Folder, *words: str) -> list[str]:
    done = folder.command(str(COMPLETION), *words)
    assert (done.status, done.err) == (0, "")
    return done.out.decode().splitlines()


def test_every_flag_is_offered_with_its_meaning(folder: Folder) -> None:
    *flags, directive = complete(folder, "-")
    assert directive == ":4"
    assert {flag.partition("\t")[0] for flag in flags} == FLAGS
    assert "--check\tWrite no manifests; status 1 if something would change." in flags
    assert all(flag.partition("\t")[2] for flag in flags)


@pytest.mark.parametrize(
    ("words", "candidates"),
    [
        (["--che"], ["--check\tWrite no manifests; status 1 if something would change.", ":4"]),
        (["--check", "--che"], [":4"]),
        (["--nope"], [":4"]),
        (["--preset", ""], ["none", "default", "tke", ":4"]),
        (["--preset", "t"], ["tke", ":4"]),
        (["--preset=d"], ["default", ":4"]),
        (["--scope", ""], ["pods", "fields", "values", "text", ":4"]),
        (["--unmapped", "f"], ["fail", ":4"]),
        (["--color", ""], ["auto", "always", "never", ":4"]),
        (["--preset", "aliyun"], [":4"]),
        (["--mirror", ""], [":4"]),
        (["--exclude", "quay"], [":4"]),
        (["--trusted", "m"], ["mainland", "myhuaweicloud", ":4"]),
        (["--trusted", "registry.example.com"], [":4"]),
        ([], FILES),
        ([""], FILES),
        (["dep"], FILES),
        (["one.yaml", ""], FILES),
        (["--", "-"], FILES),
        (["-f", ""], FILES),
        (["--filename", "dep"], FILES),
        (["-R", "-f", ""], FILES),
        (["--config", ""], FILES),
        (["--config="], FILES),
        (["--report", ""], FILES),
        (["-k", ""], [":16"]),
        (["--kustomize", "over"], [":16"]),
        (["--nope", "--preset", "t"], ["tke", ":4"]),
        (["--preset", "aliyun", "--scope", "p"], ["pods", ":4"]),
        (["--mirror", "nope", "--color", "al"], ["always", ":4"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_words_are_completed(folder: Folder, words: list[str], candidates: list[str]) -> None:
    assert complete(folder, *words) == candidates


def test_a_file_is_no_kustomization(folder: Folder) -> None:
    folder.write("kustomization.yaml", b"")
    assert "is a file" in folder.run("-k", "kustomization.yaml").error


def test_the_commands_of_tcr_nodes_are_offered(folder: Folder) -> None:
    done = folder.command(str(PROGRAM.with_name("kubectl_complete-tcr_nodes")), "c")
    *commands, directive = done.out.decode().splitlines()
    assert directive == ":4"
    assert [command.partition("\t")[0] for command in commands] == ["check", "containerd", "cri-o"]


def test_the_values_of_tcr_nodes_flags_are_offered(folder: Folder) -> None:
    done = folder.command(str(PROGRAM.with_name("kubectl_complete-tcr_nodes")), "containerd", "--style", "")
    assert done.out.decode().splitlines() == ["auto", "hosts", "mirrors", ":4"]


def test_the_values_of_tcr_images_flags_are_offered(folder: Folder) -> None:
    done = folder.command(str(PROGRAM.with_name("kubectl_complete-tcr_images")), "-o", "image-")
    assert done.out.decode().splitlines() == ["image-syncer", "image-transfer", ":4"]


def test_the_values_of_tcr_policy_flags_are_offered(folder: Folder) -> None:
    done = folder.command(str(PROGRAM.with_name("kubectl_complete-tcr_policy")), "--engine", "")
    assert done.out.decode().splitlines() == ["kubernetes", "kyverno", ":4"]
