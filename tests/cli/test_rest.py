"""The rule for the rest on the command line."""

import pytest

from .conftest import Folder, pod

REST = ("--preset", "none", "--mirror", "*=my-team.tencentcloudcr.com/{host}")
MINE = "my-team.tencentcloudcr.com"


def test_the_gate_passes_where_everything_has_a_place(folder: Folder) -> None:
    source = pod("quay.io/a:1", "nginx", "registry:5000/a", "reg.example.com:8443/a")
    done = folder.run(*REST, "--unmapped", "fail", input=source)
    moved = (
        f"{MINE}/quay.io/a:1",
        f"{MINE}/docker.io/library/nginx",
        "registry:5000/a",
        f"{MINE}/reg.example.com-8443/a",
    )
    assert (done.status, done.out) == (0, pod(*moved))
    assert folder.run(*REST, input=done.out).out == done.out


def test_an_exclusion_holds(folder: Folder) -> None:
    source = pod("quay.io/a:1", "ghcr.io/a:1")
    done = folder.run(*REST, "--exclude", "ghcr.io/*", input=source)
    assert done.out == pod(f"{MINE}/quay.io/a:1", "ghcr.io/a:1")


def test_trust_holds_and_a_rule_says_more(folder: Folder) -> None:
    source = pod("quay.io/a:1", "ghcr.io/a:1")
    done = folder.run(
        *REST, "--trusted", "quay.io", "--trusted", "ghcr.io", "--mirror", "ghcr.io=g.example", input=source
    )
    assert done.out == pod("quay.io/a:1", "g.example/a:1")


def test_the_default_preset_goes_first(folder: Folder) -> None:
    done = folder.run("--mirror", f"*={MINE}/{{host}}", input=pod("quay.io/a:1"))
    assert done.out == pod("quay.tencentcloudcr.com/a:1")
    assert "quay.io moves too, by the default preset; --preset none leaves it" in done.err


def test_a_configuration_has_it_too(folder: Folder) -> None:
    config = "apiVersion: kubectl-tcr/v1alpha1\nkind: MirrorConfig\nspec:\n  preset: none\n  mirrors:\n"
    folder.write("mine.yaml", f'{config}    - {{source: "*", mirror: "{MINE}/{{host}}"}}\n'.encode())
    assert folder.run("--config", "mine.yaml", input=pod("nginx")).out == pod(f"{MINE}/docker.io/library/nginx")


def test_it_is_shown_with_what_it_is_for(folder: Folder) -> None:
    out = folder.run(*REST, "--show-rules").out.decode()
    assert out.startswith(
        f"* -> {MINE}/{{host}}\n    from      --mirror\n"
        "    for       any host of declared images; elsewhere those of images/public.txt\n"
    )
    assert "no mirror on record" not in out


@pytest.mark.parametrize("rule", [f"*={MINE}", f"quay.io={MINE}/{{host}}"])
def test_a_wrong_one_is_one_line(folder: Folder, rule: str) -> None:
    assert "{host}" in folder.run("--mirror", rule, input=pod("nginx")).error
