"""Exclusions as conditions: which of CEL's ways to compare texts a glob takes."""

import pytest

from kubectl_tcr.policy import exclusions
from kubectl_tcr.settings import Exclude


@pytest.mark.parametrize(
    ("glob", "condition"),
    [
        ("quay.io/acme/web", "f == 'quay.io/acme/web'"),
        ("quay.io/it's\\*", "f.startsWith('quay.io/it\\'s\\\\')"),
        ("**", "f.startsWith('')"),
        ("*/web", "f.matches(r'^.*/web$')"),
        ("quay.io/?*", "f.matches(r'^quay\\.io/..*$')"),
        ("quay.io/[ab]", "f.matches(r'^quay\\.io/[a-b]$')"),
        ("quay.io/a\nb*", "f.matches(r'^quay\\.io/a\\x{a}b.*$')"),
        ("quay.io/—", "f.matches(r'^quay\\.io/\\x{2014}$')"),
    ],
)
def test_a_pattern_is_asked_for_only_where_it_takes_one(glob: str, condition: str) -> None:
    forms, excluded = exclusions.excluded([Exclude(reference=glob)])
    assert f"variables.{forms.name}[i].exists(f, {condition})" in excluded.expression


def test_forms_are_made_only_where_a_reference_is_excluded() -> None:
    assert [one.name for one in exclusions.excluded([Exclude(field="spec.initContainers*")])] == ["excluded"]
