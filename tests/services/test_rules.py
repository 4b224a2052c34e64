"""Rules inside a write: the golden cases of the rules reference, each by its letter, and what keeps them safe."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crmcli.config.service_levels import read_calendar
from crmcli.errors import ConfigError, CrmError, RefusedError
from crmcli.rules.files import load_files
from crmcli.services import deals
from crmcli.services.results import Command, Context, Result
from crmcli.services.undo import take_back
from crmcli.services.writer import Writer, write
from tests.services.world import Store

HOT_LEAD = """
[[rule]]
id = "hot-lead"
on = ["lead.created", "lead.updated"]
when = "score >= 70 and status in [new, contacting, contacted] and not (tags has do-not-chase)"
crossed = true
watch = ["score", "status"]
order = 20

[[rule.do]]
action = "set"
values = { rating = "hot", lifecycle_stage = "mql" }

[[rule.do]]
action = "tag"
add = ["chase"]

[[rule.do]]
action = "task"
subject = "Call {{ record.full_name }} ({{ record.company_name | default('private') }})"
due = "+2bd"
priority = "high"
unless_open = "same_rule"
"""
QUOTE_GUARD = """
[[rule]]
id = "quote-needs-amount"
on = ["deal.created", "deal.stage_changed"]
when = "stage = quote_sent and (amount is empty or organization is empty)"
order = 5

[[rule.do]]
action = "refuse"
field = "amount"
message = "A deal needs an amount and an organization before the quote is sent"
"""


class Ruled:
    """A store under the rules of a folder of its own."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.folder = folder
        folder.mkdir()

    def given(self, *rules: str) -> "Ruled":
        """Put these ``[[rule]]`` tables in force."""
        (self.folder / "rules.toml").write_text("schema = 1\n" + "\n".join(rules), encoding="utf-8")
        load_files.cache_clear()
        return self

    def context(self, **command: Any) -> Context:
        return Context(self.store.path, self.store.settings, Command(**{"text": "crm test", **command}), self.folder)

    def do(self, work: Callable[[Writer], object], **command: Any) -> Result:
        return write(self.context(**command), work)

    def add(self, entity: str, **values: Any) -> int:
        made: list[int] = []
        self.do(lambda writer: made.append(writer.create(entity, values).id))
        return made[0]

    def edit(self, entity: str, record_id: int, /, **values: Any) -> Result:
        return self.do(lambda writer: writer.update(entity, record_id, values))

    def runs(self, rule_id: str) -> list[dict[str, Any]]:
        return self.store.rows("SELECT * FROM rule_run WHERE rule_id = ? ORDER BY id", rule_id)

    def tasks(self) -> list[dict[str, Any]]:
        return self.store.rows("SELECT * FROM task ORDER BY id")


@pytest.fixture
def ruled(store: Store, tmp_path: Path) -> Ruled:
    return Ruled(store, tmp_path / "rules")


def rule(rule_id: str, on: str, do: str, **keys: str) -> str:
    """Return a ``[[rule]]`` table; values of keys as they stand in TOML, actions as inline tables."""
    lines = [f'id = "{rule_id}"', f"on = {on}", *(f"{key} = {value}" for key, value in keys.items()), f"do = [{do}]"]
    return "\n".join(["[[rule]]", *lines])


def sets(**values: str) -> str:
    return f'{{ action = "set", values = {{ {", ".join(f"{k} = {v}" for k, v in values.items())} }} }}'


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


def deal(ruled: Ruled, **values: Any) -> int:
    organization = ruled.store.add("organization", name="Acme")
    return ruled.store.add("deal", name="Site", organization=organization, **values)


def test_k_a_guard_refuses_the_move(ruled: Ruled) -> None:
    ruled.given(QUOTE_GUARD)
    number = deal(ruled)
    before = ruled.store.row("deal", number)
    with pytest.raises(
        RefusedError, match="D1 refused by rule quote-needs-amount: amount: A deal needs an amount"
    ) as caught:
        deals.move(ruled.context(), number, "quote_sent")
    assert caught.value.exit_code == 4
    assert ruled.store.row("deal", number) == before
    ruled.edit("deal", number, amount=Decimal(100))
    deals.move(ruled.context(), number, "quote_sent")
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
    with pytest.raises(ConfigError, match=r"rules.toml, rule odd, when: .*'abc' is not a number, at character 9"):
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
        rule("b", '["deal.updated"]', '{ action = "webhook", url = "x" }, { action = "set", values = { amont = 1 } }'),
        rule("c", '["deal.updated"]', '{ action = "set", values = { stage = "won", currency = "{{ record.nme }}" } }'),
    )
    with pytest.raises(ConfigError) as caught:
        ruled.add("lead", full_name="Anna Rossi")
    assert len(caught.value.message.splitlines()) == 6
    for told in (
        "did you mean updated?",
        "'webhook' is not supported in this version",
        "did you mean name?",
        "action 'move'",
    ):
        assert told in caught.value.message


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
    assert result.effects == ("rule hot-lead on L1 (created, saved): rests: its condition does not hold",)
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
