"""The examples of docs/api.md, run as doctests."""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SESSION = re.compile(r"^```pycon\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_sessions_print_what_they_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    name = "docs/api.md"
    sessions = SESSION.findall((ROOT / name).read_text(encoding="utf-8"))
    assert sessions
    test = doctest.DocTestParser().get_doctest("\n".join(sessions), {}, name, name, 0)
    said: list[str] = []
    failed, tried = doctest.DocTestRunner().run(test, out=said.append)
    assert tried
    assert not failed, "".join(said)
