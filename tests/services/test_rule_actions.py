"""How rules change the fields of a record, and what becomes of the write when an action fails."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from crmcli.errors import ConfigError, RefusedError
from tests.services.ruled import Ruled, rule, sets


def test_fields_are_emptied(ruled: Ruled) -> None:
    do = '{ action = "unset", fields = ["rating", "tags", "expected_amount", "next_step_due"] }'
    ruled.given(rule("empty", '["lead.updated"]', do, watch='["score"]'))
    lead = ruled.add(
        "lead",
        full_name="Anna Rossi",
        rating="hot",
        tags=["vip"],
        expected_amount=Decimal(5),
        next_step_due="2026-04-01",
    )
    result = ruled.edit("lead", lead, score=1)
    shown = ruled.store.shown("lead", lead)
    assert (shown["rating"], shown["tags"], shown["expected_amount"], shown["next_step_due"]) == (None, [], None, None)
    assert result.effects == ("rule empty on L1: emptied rating, tags, expected_amount, next_step_due",)


def test_what_is_required_cannot_be_emptied(ruled: Ruled) -> None:
    ruled.given(rule("empty", '["deal.updated"]', '{ action = "unset", fields = ["name"] }'))
    with pytest.raises(ConfigError, match="name is required"):
        ruled.add("lead", full_name="Anna Rossi")


def test_numbers_are_counted_up_and_down(ruled: Ruled) -> None:
    ruled.store.add("custom_field", entity="lead", key="budget", label="Budget", type="money")
    ruled.given(
        rule(
            "count",
            '["lead.updated"]',
            '{ action = "increment", field = "score", by = -5 },'
            '{ action = "increment", field = "employees", by = 1.0 },'
            '{ action = "increment", field = "expected_amount", by = 0.25 },'
            '{ action = "increment", field = "budget", by = 10 }',
            watch='["rating"]',
        )
    )
    lead = ruled.add("lead", full_name="Anna Rossi", score=20, expected_amount=Decimal("9.50"))
    result = ruled.edit("lead", lead, rating="hot")
    shown = ruled.store.shown("lead", lead)
    assert (shown["score"], shown["employees"]) == (15, 1)
    assert (shown["expected_amount"], shown["custom"]["budget"]) == (Decimal("9.75"), Decimal("10.00"))
    assert result.effects[0] == "rule count on L1: set score = 15"


@pytest.mark.parametrize(
    ("field", "by", "told"),
    [
        ("score", "0.5", "must be a whole number"),
        ("score", "nan", "NaN is no number to count with"),
        ("rating", "1", "rating is no number"),
        ("open_tasks", "1", "open_tasks cannot be set"),
        ("scroe", "1", "did you mean score"),
    ],
)
def test_what_cannot_be_counted_is_a_mistake(ruled: Ruled, field: str, by: str, told: str) -> None:
    do = f'{{ action = "increment", field = "{field}", by = {by} }}'
    ruled.given(rule("count", '["lead.updated"]', do))
    with pytest.raises(ConfigError, match=told):
        ruled.add("lead", full_name="Anna Rossi")


def test_an_action_may_fail_where_the_rule_says_so(ruled: Ruled) -> None:
    ruled.given(
        rule(
            "try",
            '["lead.created"]',
            '{ action = "set", on_error = "continue", values = { industry = "{{ record.company_name }}" } },'
            '{ action = "create", on_error = "continue", entity = "deal", values = { name = "X", tags = ["fresh"] } },'
            '{ action = "tag", add = ["fresh"] },'
            '{ action = "warn", on_error = "continue", message = "{{ record.website }}" }',
        ),
        rule("see", '["deal.created"]', '{ action = "refuse", message = "never reached" }'),
    )
    result = ruled.do(lambda writer: writer.create("lead", {"full_name": "Anna Rossi"}))
    assert ruled.store.shown("lead", 1)["tags"] == ["fresh"]
    assert (ruled.store.count("deal"), ruled.store.count("tag")) == (0, 1)
    assert [text.partition(":")[0] for text in result.warnings] == [
        "rule try, action 1 (set) failed",
        "rule try, action 2 (create) failed",
        "rule try, action 4 (warn) failed",
    ]
    (run,) = ruled.runs("try")
    assert run["status"] == "failed"
    assert [one["status"] for one in json.loads(run["actions"])] == ["failed", "failed", "done", "failed"]
    ruled.store.undo(result)
    assert (ruled.store.count("lead"), ruled.store.count("tag")) == (0, 0)


def test_a_failing_action_refuses_the_write_otherwise(ruled: Ruled) -> None:
    do = '{ action = "set", on_error = "fail", values = { industry = "{{ record.company_name }}" } }'
    ruled.given(rule("must", '["lead.created"]', '{ action = "tag", add = ["x"] }, ' + do))
    with pytest.raises(RefusedError, match=r"rule must, action 2 \(set\) failed: .* is empty; give it a default"):
        ruled.add("lead", full_name="Anna Rossi")
    assert (ruled.store.count("lead"), ruled.store.count("tag")) == (0, 0)


def test_a_number_that_is_copied_stays_exact_in_every_language(ruled: Ruled) -> None:
    ruled.store = replace(ruled.store, settings=ruled.store.settings._replace(locale="it"))
    ruled.given(
        rule("copy", '["lead.updated"]', sets(expected_amount='"{{ record.annual_revenue }}"'), watch='["score"]')
    )
    lead = ruled.add("lead", full_name="Anna Rossi", annual_revenue=Decimal("1234.50"))
    ruled.edit("lead", lead, score=1)
    assert ruled.store.shown("lead", lead)["expected_amount"] == Decimal("1234.50")
