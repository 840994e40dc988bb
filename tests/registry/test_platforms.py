"""Platforms, as people write them and as images say them."""

import pytest

from kubectl_tcr.errors import RegistryError
from kubectl_tcr.registry.platforms import parse, platform

SPELLINGS = {
    "linux/amd64": "linux/amd64",
    "linux/x86_64": "linux/amd64",
    "linux/amd64/v1": "linux/amd64",
    "linux/amd64/v3": "linux/amd64/v3",
    "LINUX/AMD64": "linux/amd64",
    "linux/arm64": "linux/arm64",
    "linux/arm64/v8": "linux/arm64",
    "linux/aarch64": "linux/arm64",
    "linux/arm64/8": "linux/arm64",
    "linux/arm64/v8.2": "linux/arm64/v8.2",
    "linux/arm": "linux/arm/v7",
    "linux/arm/v6": "linux/arm/v6",
    "linux/armhf": "linux/arm/v7",
    "linux/armel": "linux/arm/v6",
    "macos/arm64": "darwin/arm64",
    "windows/amd64": "windows/amd64",
}


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_platform_has_one_spelling(text: str) -> None:
    assert str(parse(text)) == SPELLINGS[text]
    assert parse(str(parse(text))) == parse(text)


@pytest.mark.parametrize("text", ["", "linux", "amd64", "linux/", "/amd64", "linux/amd46", "linx/amd64", "linux/arm/v9",
                                  "linux/amd64/v2/x", "linux/s390x/v1", "linux /amd64", "unknown/unknown"])  # fmt: skip
def test_what_is_no_platform_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(RegistryError) as refused:
        parse(text)
    assert str(refused.value) == f'"{text}" is no platform that is known; write one as linux/amd64 or linux/arm/v7'


# A machine, and images that it does not run.
NOT_RUN = [
    ("linux/amd64", "linux/arm64"),
    ("linux/amd64", "windows/amd64"),
    ("linux/amd64", "linux/amd64/v3"),
    ("linux/arm/v6", "linux/arm/v7"),
    ("linux/arm64", "linux/arm/v7"),
    ("linux/arm64", "linux/arm64/v9"),
]
RUN = [
    ("linux/amd64", "linux/amd64"),
    ("linux/amd64/v3", "linux/amd64"),
    ("linux/arm/v7", "linux/arm/v6"),
    ("linux/arm64/v9", "linux/arm64"),
    ("linux/s390x", "linux/s390x"),
]


@pytest.mark.parametrize(("machine", "image"), NOT_RUN, ids=" ".join)
def test_a_machine_does_not_run_what_is_for_another(machine: str, image: str) -> None:
    assert not parse(machine).runs(parse(image))


@pytest.mark.parametrize(("machine", "image"), RUN, ids=" ".join)
def test_a_machine_runs_its_own_and_what_asks_less(machine: str, image: str) -> None:
    assert parse(machine).runs(parse(image))


def test_a_variant_that_nobody_knows_asks_for_more_than_any() -> None:
    assert not parse("linux/arm/v8").runs(platform("linux", "arm", "new"))
