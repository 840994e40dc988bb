"""What all tests share: fixtures on disk, rules for nine hosts, snapshots as bytes, children that heed signals."""

import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension

from kubectl_tcr import Settings, build, parse_rule

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
HOSTS = "quay.io docker.io gcr.io k8s.gcr.io registry.k8s.io ghcr.io nvcr.io mcr.microsoft.com public.ecr.aws".split()
MIRRORS = {host: f"{host.replace('.', '-')}.mirror.example" for host in HOSTS}
NINE = Settings(rules=build([[parse_rule(f"{host}={mirror}", "tests") for host, mirror in MIRRORS.items()]]))

# The same examples on every machine: a failure anywhere is a failure everywhere.
hypothesis.settings.register_profile("fixed", max_examples=60, deadline=None, derandomize=True, database=None)
# pytest --hypothesis-profile deep: many more, and new ones every time.
hypothesis.settings.register_profile("deep", max_examples=3000, deadline=None)
hypothesis.settings.load_profile("fixed")


def manifests() -> list[Path]:
    """Every fixture that can be read."""
    folders = (FIXTURES / "manifests", FIXTURES / "streams")
    return sorted(path for folder in folders for path in folder.iterdir())


def broken() -> list[Path]:
    """Every fixture that must be refused."""
    return sorted((FIXTURES / "broken").iterdir())


class BytesExtension(SingleFileSnapshotExtension):
    """A snapshot is a file of bytes that carries the name of the test's case."""

    file_extension = "snap"


@pytest.fixture
def bytes_snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(BytesExtension)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Children that heed SIGINT, also where the tests run in the background and do not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
