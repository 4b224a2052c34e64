"""What keeps rules safe and told: mistakes, bounds, dry runs, explanations, calendars, custom fields."""

from dataclasses import replace
from decimal import Decimal

import pytest

from crmcli.config.service_levels import read_calendar
from crmcli.errors import ConfigError, CrmError, RefusedError
from crmcli.services.writer import Writer
from tests.services.ruled import HOT_LEAD, Ruled, deal, rule, sets
from tests.services.world import Store


def test_no_rules_is_journalled(ruled: Ruled) -> None:
    ruled.given("[[rule]]\nid = 1\n")
    with pytest.raises(ConfigError):
        ruled.add("lead", full_name="Anna Rossi")
    result = ruled.do(lambda writer: writer.create("lead", {"full_name": "Anna Rossi"}), rules=False)
    (operation,) = ruled.store.rows("SELECT rules FROM operation WHERE id = ?", result.operation_id)
    assert operation["rules"] == "off"


def test_every_mistake_is_told_at_once(ruled: Ruled) -> None:
    ruled.given(
        rule("a", '["lead.updatd"]', '{ action = "stop" }'),
        rule(
            "b", '["deal.updated"]', '{ action = "enrol", sequence = "x" }, { action = "set", values = { amont = 1 } }'
        ),
        rule("c", '["deal.updated"]', '{ action = "set", values = { stage = "won", currency = "{{ record.nme }}" } }'),
    )
    with pytest.raises(ConfigError) as caught:
        ruled.add("lead", full_name="Anna Rossi")
    assert caught.value.message.startswith("5 mistakes in the rule files: ")
    assert caught.value.message.endswith("; and 2 more"), "in one line, of which crm rule check tells all"
    problems = " ".join(f"{one['reason']} {one['hint']}" for one in caught.value.details["problems"])
    for told in ("did you mean updated?", "'enrol' is not supported in this version", "did you mean name?", "move"):
        assert told in problems


def test_a_change_is_seen_as_it_was(ruled: Ruled) -> None:
    ruled.given(
        rule(
            "left-potential",
            '["deal.stage_changed"]',
            '{ action = "warn", message = "{{ old.stage }} to {{ record.stage }}, {{ old.amount | money }}" }',
            when='"left(stage, potential) and stage.kind = open and amount > old.amount"',
        ),
        rule(
            "won",
            '["deal.updated"]',
            '{ action = "warn", message = "{{ record.name }} is won" }',
            when='"stage.kind = won"',
            crossed="true",
        ),
    )
    number = deal(ruled, amount=Decimal("1234.5"), stage=ruled.store.stage("potential"))
    result = ruled.edit("deal", number, amount=Decimal(2000), stage=ruled.store.stage("quote_sent"))
    assert result.warnings == ("Potential to Quote sent, €1,234.50",)
    assert ruled.edit("deal", number, stage=ruled.store.stage("won")).warnings == ("Site is won",)
    assert ruled.edit("deal", number, description="Signed").warnings == ()


def test_the_record_before_is_read_with_its_tags(ruled: Ruled) -> None:
    ruled.given(rule("vip", '["lead.tagged"]', '{ action = "warn", message = "now vip" }', when='"entered(tags, vip)"'))
    lead = ruled.add("lead", full_name="Anna Rossi", tags=["vip"])
    assert ruled.edit("lead", lead, **{"+tags": ["it"]}).warnings == ()
    assert ruled.edit("lead", lead, **{"-tags": ["vip"]}).warnings == ()
    assert ruled.edit("lead", lead, **{"+tags": ["vip"]}).warnings == ("now vip",)
    assert ruled.store.shown("lead", lead)["tags"] == ["it", "vip"]


def test_a_failing_action_refuses_the_write(ruled: Ruled) -> None:
    ruled.given(rule("name-it", '["lead.created"]', sets(industry='"{{ record.company_name }}"')))
    with pytest.raises(
        RefusedError, match=r"rule name-it, action 1 \(set\) failed: \{\{ record.company_name \}\} is empty"
    ):
        ruled.add("lead", full_name="Anna Rossi")
    assert ruled.store.count("lead") == 0
    ruled.add("lead", full_name="Anna Rossi", company_name="Acme")
    assert ruled.store.row("lead", 1)["industry"] == "Acme"


def test_actions_keep_their_conditions(ruled: Ruled) -> None:
    ruled.given(
        rule(
            "steps",
            '["lead.created"]',
            '{ action = "set", only_if_empty = true, values = { industry = "Trade", rating = "cold" } },'
            '{ action = "tag", add = ["trade"], if = "industry = Trade" },'
            '{ action = "untag", remove = ["NEW"] },'
            '{ action = "stop", all = true, if = "score > 5" },'
            '{ action = "task", subject = "Look", assign = "me" }',
            order="1",
        ),
        rule("later", '["lead.created"]', '{ action = "tag", add = ["later"] }', order="2"),
    )
    low = ruled.add("lead", full_name="Anna Rossi", rating="warm", tags=["new"])
    high = ruled.add("lead", full_name="Bea Verdi", industry="Retail", score=9)
    first, second = ruled.store.shown("lead", low), ruled.store.shown("lead", high)
    assert (first["industry"], first["rating"], first["tags"]) == ("Trade", "warm", ["trade", "later"])
    assert (second["industry"], second["rating"], second["tags"]) == ("Retail", "cold", [])
    (task,) = ruled.tasks()
    assert task["assignee_id"] == ruled.store.user()


def test_business_hours_of_the_configuration(ruled: Ruled, store: Store) -> None:
    text = rule("call", '["lead.created"]', '{ action = "task", subject = "Call", due = "+4bh" }')
    with pytest.raises(ConfigError, match=r"\+4bh needs business hours"):
        ruled.given(text).add("lead", full_name="Anna Rossi")
    week = {key: ["09:00-13:00", "14:00-18:00"] for key in ("monday", "tuesday", "wednesday", "thursday", "friday")}
    calendar = read_calendar({"zone": "Europe/Rome", **week})
    ruled.store = replace(store, settings=store.settings._replace(calendar=calendar))
    ruled.add("lead", full_name="Anna Rossi")  # Wednesday noon: one hour before lunch, three after
    assert ruled.tasks()[0]["due_wall"] == "2026-03-18T17:00"


def test_a_dry_run_tells_the_effects_and_keeps_nothing(ruled: Ruled) -> None:
    ruled.given(HOT_LEAD)
    before = ruled.store.export()
    result = ruled.do(lambda writer: writer.create("lead", {"full_name": "Anna Rossi", "score": 90}), dry_run=True)
    assert len(result.effects) == 3
    assert ruled.store.export() == before
    assert ruled.runs("hot-lead") == []


def test_explain_tells_also_what_did_not_run(ruled: Ruled) -> None:
    ruled.given(HOT_LEAD, rule("on-tag", '["lead.tagged"]', '{ action = "warn", message = "tagged" }'))
    result = ruled.do(lambda writer: writer.create("lead", {"full_name": "Anna Rossi", "score": 9}), explain=True)
    assert result.effects == ("rule hot-lead on L1 (created, saved): rests: `score >= 70` does not hold (score is 9)",)
    result = ruled.do(lambda writer: writer.update("lead", 1, {"score": 90}), explain=True)
    assert result.effects[-2:] == (
        "  rule hot-lead on L1 (saved, tagged, updated): rests: it made this change itself",
        "  rule on-tag on L1 (saved, tagged, updated): warned: tagged",
    )


def test_rules_react_to_the_tasks_of_others(ruled: Ruled) -> None:
    ruled.given(
        rule("make", '["lead.created"]', '{ action = "task", subject = "Call" }'),
        rule("mark", '["task.created"]', sets(priority='"urgent"'), when='"created_by_rule = make"'),
    )
    ruled.add("lead", full_name="Anna Rossi")
    assert ruled.tasks()[0]["priority"] == "urgent"
    assert [run["depth"] for run in ruled.runs("mark")] == [1]


def test_a_bulk_change_is_a_chain_for_each_record(ruled: Ruled) -> None:
    ruled.given(rule("rate", '["lead.updated"]', sets(rating='"hot"'), when='"score > 5"', watch='["score"]'))
    numbers = [ruled.store.add("lead", full_name=f"Anna {n}") for n in range(120)]

    def work(writer: Writer) -> None:
        for number in numbers:
            writer.update("lead", number, {"score": 10})

    result = ruled.do(work)
    assert result.counts == {"update": 120}
    assert {row["rating"] for row in ruled.store.rows("SELECT rating FROM lead")} == {"hot"}


def test_custom_fields_can_be_asked_and_set(ruled: Ruled) -> None:
    for key, kind in (("budget", "money"), ("kind", "text")):
        ruled.store.add("custom_field", entity="lead", key=key, label=key, type=kind)
    ruled.given(rule("big", '["lead.updated"]', sets(kind='"big"'), when='"budget >= 10k"'))
    lead = ruled.add("lead", full_name="Anna Rossi")
    ruled.edit("lead", lead, score=3)
    assert ruled.runs("big") == [], "a change of another field does not ask the rule"
    ruled.edit("lead", lead, budget=Decimal(20_000))
    assert ruled.store.shown("lead", lead)["custom"]["kind"] == "big"


def test_a_write_without_rules_reads_no_rule(ruled: Ruled) -> None:
    assert ruled.context().rules_folder is not None
    assert ruled.edit("lead", ruled.add("lead", full_name="Anna Rossi"), score=1).effects == ()


def test_a_name_that_is_gone_stops_writes(ruled: Ruled) -> None:
    ruled.given(rule("own", '["lead.created"]', sets(owner='"nobody"')))
    with pytest.raises(CrmError, match=r"rule own, do.1..values.owner: no user 'nobody'") as caught:
        ruled.add("lead", full_name="Anna Rossi")
    assert caught.value.exit_code == 2
