"""Rules inside a write: the golden cases, each by its letter."""

from decimal import Decimal

import pytest

from crmcli.errors import ConfigError, RefusedError
from crmcli.services import deals
from crmcli.services.undo import take_back
from crmcli.services.writer import Writer
from tests.services.ruled import HOT_LEAD, QUOTE_GUARD, Ruled, deal, rule, sets


def test_a_a_lead_becomes_hot_once(ruled: Ruled) -> None:
    ruled.given(HOT_LEAD)
    lead = ruled.add("lead", full_name="Anna Rossi", score=60)
    assert ruled.runs("hot-lead") == []
    result = ruled.edit("lead", lead, score=75)
    shown = ruled.store.shown("lead", lead)
    assert (shown["rating"], shown["lifecycle_stage"], shown["tags"]) == ("hot", "mql", ["chase"])
    (task,) = ruled.tasks()
    assert (task["subject"], task["priority"], task["created_by_rule"]) == (
        "Call Anna Rossi (private)",
        "high",
        "hot-lead",
    )
    assert (task["due_wall"], task["due_is_date"]) == ("2026-03-20", 1)
    assert ruled.store.shown("task", task["id"])["lead_ref"] == "L1"
    (run,) = ruled.runs("hot-lead")
    assert (run["status"], run["event"], run["record_id"], run["depth"]) == ("done", "lead.updated", lead, 0)
    assert run["operation_id"] == result.operation_id
    assert run["actions"].count('"done"') == 3
    assert result.effects == (
        "rule hot-lead on L1: set rating = hot, lifecycle_stage = mql",
        "rule hot-lead on L1: tagged chase",
        'rule hot-lead on L1: task T1 "Call Anna Rossi (private)"',
    )
    assert result.counts == {"update": 1}
    causes = ruled.store.rows(
        "SELECT DISTINCT cause FROM change WHERE operation_id = ? ORDER BY cause", result.operation_id
    )
    assert [row["cause"] for row in causes] == ["rule:hot-lead", "user"]


def test_b_a_lead_that_is_hot_already_does_not_run_again(ruled: Ruled) -> None:
    ruled.given(HOT_LEAD)
    lead = ruled.add("lead", full_name="Anna Rossi", score=75)
    result = ruled.edit("lead", lead, score=80)
    assert (len(ruled.runs("hot-lead")), result.effects) == (1, ())


def test_c_it_runs_again_after_the_condition_was_false(ruled: Ruled) -> None:
    ruled.given(HOT_LEAD.replace('unless_open = "same_rule"', ""))
    lead = ruled.add("lead", full_name="Anna Rossi", score=75)
    ruled.edit("lead", lead, score=50)
    ruled.edit("lead", lead, score=90)
    assert (len(ruled.runs("hot-lead")), len(ruled.tasks())) == (2, 2)


def test_d_a_new_lead_is_one_event(ruled: Ruled) -> None:
    ruled.given(HOT_LEAD)
    ruled.add("lead", full_name="Anna Rossi", score=90, rating="warm")
    assert (len(ruled.runs("hot-lead")), len(ruled.tasks())) == (1, 1)


def test_d_a_record_saved_twice_in_one_write_is_one_change(ruled: Ruled) -> None:
    ruled.given(rule("note", '["lead.saved"]', '{ action = "warn", message = "saved" }'))

    def work(writer: Writer) -> None:
        lead = writer.create("lead", {"full_name": "Anna Rossi"})
        writer.update("lead", lead.id, {"score": 5})

    ruled.do(work)
    (run,) = ruled.runs("note")
    assert run["event"] == "lead.saved"


def test_e_watching_a_derived_field_is_a_mistake(ruled: Ruled) -> None:
    ruled.given(rule("idle", '["deal.updated"]', '{ action = "stop" }', watch='["last_activity"]'))
    with pytest.raises(ConfigError, match="last_activity is derived") as caught:
        ruled.add("organization", name="Acme")
    assert caught.value.exit_code == 2
    assert ruled.store.count("organization") == 0


PING = rule("ping", '["lead.updated"]', sets(score='"{{ record.employees }}1"'), watch='["employees"]')
PONG = rule("pong", '["lead.updated"]', sets(employees='"{{ record.score }}0"'), watch='["score"]')


def test_f_rules_that_set_each_other_off_are_stopped(ruled: Ruled) -> None:
    ruled.given(PING, PONG)
    lead = ruled.store.add("lead", full_name="Anna Rossi")
    with pytest.raises(RefusedError, match="ping → pong → ping → pong → ping → pong") as caught:
        ruled.edit("lead", lead, employees=1)
    assert caught.value.exit_code == 4
    assert ruled.store.row("lead", lead)["employees"] is None
    (run,) = ruled.store.rows("SELECT * FROM rule_run")
    assert (run["rule_id"], run["status"], run["record_id"], run["operation_id"]) == ("pong", "blocked", lead, None)
    with pytest.raises(RefusedError):
        ruled.do(lambda writer: writer.update("lead", lead, {"employees": 1}), dry_run=True)
    assert len(ruled.store.rows("SELECT * FROM rule_run")) == 1


def test_f_rules_that_come_to_rest_are_not_stopped(ruled: Ruled) -> None:
    ruled.given(
        rule("one", '["lead.updated"]', sets(rating='"hot"'), watch='["industry"]'),
        rule("two", '["lead.updated"]', sets(industry='"Trade"'), watch='["rating"]'),
    )
    lead = ruled.add("lead", full_name="Anna Rossi")
    ruled.edit("lead", lead, industry="Retail")
    row = ruled.store.row("lead", lead)
    assert (row["rating"], row["industry"]) == ("hot", "Trade")


def test_at_most_a_hundred_actions_follow_from_one_change(ruled: Ruled) -> None:
    many = [rule(f"task-{n}", '["lead.created"]', '{ action = "task", subject = "Do it" }') for n in range(101)]
    ruled.given(*many)
    with pytest.raises(RefusedError, match="more than 100 actions"):
        ruled.add("lead", full_name="Anna Rossi")
    assert (ruled.store.count("lead"), ruled.store.count("task")) == (0, 0)
    (run,) = ruled.store.rows("SELECT * FROM rule_run")
    assert run["record_id"] == 0


def test_g_a_later_change_in_the_chain_is_not_hidden(ruled: Ruled) -> None:
    ruled.given(
        rule("a", '["lead.updated"]', sets(status='"contacting"'), watch='["score"]', order="1"),
        rule("b", '["lead.status_changed"]', '{ action = "task", subject = "Now {{ record.status }}" }', order="2"),
        rule("c", '["lead.updated"]', sets(status='"contacted"'), watch='["score"]', order="3"),
    )
    lead = ruled.add("lead", full_name="Anna Rossi")
    ruled.edit("lead", lead, score=10)
    assert [task["subject"] for task in ruled.tasks()] == ["Now contacting", "Now contacted"]


def test_k_a_guard_refuses_the_move(ruled: Ruled) -> None:
    ruled.given(QUOTE_GUARD)
    number = deal(ruled)
    before = ruled.store.row("deal", number)
    with pytest.raises(
        RefusedError, match="D1 refused by rule quote-needs-amount: amount: A deal needs an amount"
    ) as caught:
        deals.move(ruled.context(), [number], "quote_sent")
    assert caught.value.exit_code == 4
    assert ruled.store.row("deal", number) == before
    ruled.edit("deal", number, amount=Decimal(100))
    deals.move(ruled.context(), [number], "quote_sent")
    assert ruled.store.shown("deal", number)["stage_ref"] == "quote_sent"


@pytest.mark.parametrize(("with_rules", "kept"), [(False, 2), (True, 1)])
def test_l_an_import_is_judged_only_with_rules(ruled: Ruled, with_rules: bool, kept: int) -> None:
    ruled.given(QUOTE_GUARD)
    organization = ruled.store.add("organization", name="Acme")
    stage = ruled.store.stage("quote_sent")
    rejected: dict[int, str] = {}

    def work(writer: Writer) -> None:
        assert ("deal" in writer.rules_act_on) is with_rules
        for row, amount in enumerate((None, Decimal(5))):
            values = {
                "name": f"Deal {row}",
                "organization": organization,
                "stage": stage,
                "amount": amount,
                "tags": ["new"],
            }
            problems = writer.attempt(lambda values=values: writer.create("deal", values, intent="import"))  # type: ignore[misc]  # a bound default
            if problems:
                rejected[row] = str(problems[0])

    result = ruled.do(work, kind="import", with_rules=with_rules)
    assert (ruled.store.count("deal"), result.counts["create"]) == (kept, kept + 1)  # and the tag
    assert rejected == (
        {0: "amount: A deal needs an amount and an organization before the quote is sent"} if with_rules else {}
    )
    tagged = ruled.store.rows("SELECT t.name FROM tagging g JOIN tag t ON t.id = g.tag_id")
    assert len(tagged) == kept
    assert take_back(ruled.context(kind="undo"), result.operation_id or 0)
    assert ruled.store.count("deal") == 0


def test_l_a_rule_for_imports_needs_no_asking(ruled: Ruled) -> None:
    ruled.given(rule("mark", '["lead.created"]', '{ action = "tag", add = ["imported"] }', imports="true"), HOT_LEAD)
    made: list[int] = []
    ruled.do(
        lambda writer: made.append(writer.create("lead", {"full_name": "Anna Rossi", "score": 90}, intent="import").id),
        kind="import",
    )
    assert ruled.store.shown("lead", made[0])["tags"] == ["imported"]


def test_o_a_condition_without_meaning_has_a_position(ruled: Ruled) -> None:
    ruled.given(rule("odd", '["lead.updated"]', '{ action = "stop" }', when='"score > abc"'))
    with pytest.raises(ConfigError, match=r"rules.toml:5, rule odd, when: .*'abc' is not a number, at character 9"):
        ruled.add("lead", full_name="Anna Rossi")


def test_s_one_undo_takes_back_what_rules_did(ruled: Ruled) -> None:
    ruled.given(HOT_LEAD)
    lead = ruled.add("lead", full_name="Anna Rossi", score=60)
    before = ruled.store.export()
    result = ruled.edit("lead", lead, score=75)
    undone = take_back(ruled.context(kind="undo"), result.operation_id or 0)
    assert ruled.store.export() == before
    assert len(ruled.runs("hot-lead")) == 1
    take_back(ruled.context(kind="redo"), undone.operation_id or 0)
    assert ruled.store.shown("lead", lead)["rating"] == "hot"
    assert len(ruled.runs("hot-lead")) == 1, "nothing reacts to what is taken back or done again"
