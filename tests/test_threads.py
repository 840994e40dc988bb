"""`rewrite` may be called by several threads at once: what one has learned disturbs no other."""

import random
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from kubectl_tcr import InputError, Rewrite, Rewriter, Settings, rewrite

THREADS = 8


@pytest.fixture
def impatient() -> Iterator[None]:
    """Threads that give way after a few instructions."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def done(source: bytes) -> Rewrite | str:
    try:
        return rewrite(source)
    except InputError as error:
        return str(error)


def unread() -> Iterator[bytes]:
    """Thousands of documents indented like no other, so that every thread learns new shapes of lines all the time."""
    random_ = random.Random(1)
    for number in range(3_000):
        lines, indent = ["kind: Pod", "apiVersion: v1"], 0
        for key in ("spec:", "a:", "b:", "- c:", "containers:"):
            lines += [" " * indent + key, f"{' ' * indent}# {number}"]
            indent += random_.randrange(3, 40)
        lines += [f"{' ' * indent}- image: quay.io/a/b:{number}", f"{' ' * indent}  name: n{number}"]
        yield "\n".join(lines).encode()


@pytest.mark.usefixtures("impatient")
def test_eight_threads_find_what_one_finds() -> None:
    sources = list(unread())
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(done, sources))
    alone = [done(source) for source in sources]
    assert [number for number, pair in enumerate(zip(together, alone, strict=True)) if pair[0] != pair[1]] == []


def test_each_thread_may_have_a_rewriter_of_its_own() -> None:
    sources = list(unread())[:500]
    alone = [done(source) for source in sources]

    def all_by_one(_: int) -> list[Rewrite]:
        rewriter = Rewriter(Settings())
        return [rewriter.rewrite(source) for source in sources]

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(found == alone for found in pool.map(all_by_one, range(THREADS)))
