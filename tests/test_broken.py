"""What must be refused: one line that says where, what, and what to do; nothing but InputError."""

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from kubectl_tcr import InputError, rewrite
from tests.conftest import NINE, broken


@pytest.mark.parametrize("path", broken(), ids=lambda path: path.name)
def test_a_broken_fixture_is_refused_in_one_line(path: Path, bytes_snapshot: SnapshotAssertion) -> None:
    with pytest.raises(InputError) as caught:
        rewrite(path.read_bytes(), NINE, file=path.name)
    message = str(caught.value)
    assert message.startswith(f"{path.name}:")
    assert "\n" not in message
    assert f"{message}\n".encode() == bytes_snapshot
