"""Mutants: the same on every machine, of every kind, and made small."""

from collections import Counter

from fuzz.mutants import WAYS, mutant, names
from fuzz.shrink import shrunk


def test_a_mutant_follows_from_its_seed_and_number() -> None:
    assert mutant(3, 14) == mutant(3, 14)
    assert len({mutant(seed, number).source for seed in (0, 1) for number in range(40)}) > 75


def test_every_way_is_gone() -> None:
    ways = Counter(way for number in range(3_000) for way in mutant(0, number).ways[1:])
    assert set(ways) == set(names())
    assert all(ways[way] > 100 for way in WAYS)


def test_lines_and_then_characters_are_left_out() -> None:
    source = b"".join(b"line %d\n" % number for number in range(200)) + b"a trouble b\n" + b"more\n" * 200
    assert shrunk(source, lambda tried: b"trouble" in tried) == b"trouble"


def test_bytes_that_are_no_text_are_left_out_one_by_one() -> None:
    assert shrunk(b"a\xff\xfe\nb\xe9", lambda tried: b"\xe9" in tried) == b"\xe9"


def test_what_cannot_be_smaller_stays() -> None:
    assert shrunk(b"ab\ncd", lambda tried: tried == b"ab\ncd") == b"ab\ncd"
