"""Why a condition holds: the tree agrees with ``match``, and the leaves that decided are enough to know the answer."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmcli.conditions.trace import Finding, deciding, trace
from tests.unit.conditions.test_agreement import companies, conditions, things
from tests.unit.conditions.world import Store, compiled


def traced(text: str, record: dict[str, Any], old: dict[str, Any] | None = None) -> Finding:
    condition = compiled(text, changes=True)
    empty = dict.fromkeys(condition.paths)
    return trace(condition, {**empty, **record}, None if old is None else {**empty, **old})


def known(finding: Finding, leaves: list[Finding]) -> bool | None:
    """Return what follows for the whole when only these leaves are known; None when nothing does."""
    if finding.leaf is not None:
        return finding.holds if any(finding is leaf for leaf in leaves) else None
    parts = [known(part, leaves) for part in finding.parts]
    if finding.text == "not":
        return None if parts[0] is None else not parts[0]
    strong = finding.text == "or"
    if strong in parts:
        return strong
    return None if None in parts else not strong


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    st.lists(companies, min_size=3, max_size=3),
    st.lists(things, min_size=1, max_size=4),
    st.lists(conditions, min_size=1, max_size=6),
)
def test_the_trace_agrees_with_match(
    owners: list[dict[str, Any]], records: list[dict[str, Any]], asked: list[str]
) -> None:
    store = Store()
    for number, owner in enumerate(owners):
        store.add_company({**owner, "parent": number or None})
    for record in records:
        store.add(record)
    for text in asked:
        condition = compiled(text)
        for record in store.records.values():
            found = trace(condition, record)
            assert found.holds == condition.match(record), text
            assert known(found, deciding(found)) == found.holds, text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("source!=website", "source != website"),
        ("not source != website", "source = website"),
        ("name ~ 'Anna Rossi'", 'name ~ "Anna Rossi"'),
        ("amount >= 10k EUR", "amount >= 10k EUR"),
        ("tags not has [vip, it]", "tags not has [vip, it]"),
        ("tags has vip", "tags has vip"),
        ("source not in [ads,event]", "source not in [ads, event]"),
        ("name is not empty", "name is not empty"),
        ("not active", "not active"),
        ("not score between 1 and 5", "not score between 1 and 5"),
        ("entered(stage, proposal)", "entered(stage, proposal)"),
        ("not changed(stage)", "not changed(stage)"),
        ("score > old.score", "score > old.score"),
    ],
)
def test_a_leaf_is_written_as_a_condition(text: str, written: str) -> None:
    found = traced(text, {"tags": []}, {"tags": []})
    assert (found.text, found.parts) == (written, ())
    assert traced(written, {"tags": []}, {"tags": []}).text == written


@pytest.mark.parametrize(
    ("text", "decided"),
    [
        ("score >= 70 and rating = hot and active", ["rating = hot"]),
        ("rating = hot or active", ["rating = hot", "active"]),
        ("score >= 70 or rating = hot", ["score >= 70"]),
        ("score >= 70 and not (rating = hot or active)", ["score >= 70", "rating = hot", "active"]),
        ("not (score >= 70 and source = ads)", ["source = ads"]),
    ],
)
def test_the_leaves_that_decided(text: str, decided: list[str]) -> None:
    found = traced(text, {"score": 75, "rating": "cold", "active": 0})
    assert [leaf.text for leaf in deciding(found)] == decided


def test_a_leaf_tells_what_it_found() -> None:
    (value,) = traced("amount >= 10k", {"amount": 500_000, "currency": "EUR"}).found
    assert (value.path, value.stored, value.currency, value.is_old) == ("amount", 500_000, "EUR", False)
    found = traced("created = today", {"created_at": "2026-03-18T10:00:00Z"})
    assert [(value.path, value.stored) for value in found.found] == [("created_at", "2026-03-18T10:00:00Z")]


def test_a_leaf_about_a_change_tells_both_values() -> None:
    for text in ("changed(score)", "score > old.score", "entered(score, 5)"):
        found = traced(text, {"score": 5}, {"score": 3})
        assert found.holds
        assert [(value.path, value.stored) for value in found.found] == [("score", 5), ("old.score", 3)]
