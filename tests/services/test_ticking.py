"""Rules by time: late once, never twice, whatever the scheduler and the clock do."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from crmcli.clock import stored
from crmcli.config.service_levels import read_calendar, read_levels
from crmcli.errors import ConfigError, StoreError
from crmcli.queries.rule_states import DISABLED, ENABLED
from crmcli.services import deals, due_rules, records, tickets, ticking
from crmcli.services.automation.states import switch
from crmcli.services.ticking import Tick, tick
from crmcli.services.undo import take_back
from crmcli.store.job_lock import job_lock
from tests.services.ruled import Ruled, deal, rule, sets
from tests.services.world import NOW_STORED

TASK = '{ action = "task", subject = "Idle: {{ record.name }}", assign = "{{ record.owner | default(\'anna\') }}" }'
TAG = '{ action = "tag", add = ["rotting"] }'
IDLE = rule(
    "idle",
    '["deal.time"]',
    f"{TASK}, {TAG}",
    when='"outcome = open and stage = quote_sent"',
    time='{ anchor = "stage_entered_at", offset = "+14d", calendar = "business", at = "08:00" }',
)
Travel = Callable[..., str]


@pytest.fixture
def to(monkeypatch: pytest.MonkeyPatch) -> Travel:
    """Let so much time have passed since the beginning of the test."""

    def travel(**later: int) -> str:
        now = stored(datetime.fromisoformat(NOW_STORED) + timedelta(**later))
        monkeypatch.setenv("CRMCLI_NOW", now)
        return now

    return travel


def ticked(ruled: Ruled) -> list[tuple[str, str]]:
    return [(one.ref, one.outcome) for one in tick(ruled.context()).done]


def idle_deal(ruled: Ruled) -> int:
    number = deal(ruled, amount=None)
    deals.move(ruled.context(), [number], "quote_sent")
    return number


@pytest.mark.parametrize(("hours", "days"), [(1, range(13, 18)), (7, range(40)), (72, range(40)), (720, range(60))])
def test_h_4_the_frequency_of_ticks_does_not_matter(ruled: Ruled, to: Travel, hours: int, days: range) -> None:
    """Golden h and complaint 4: one run for each stage entry, on its fifteenth day, and not one at every tick."""
    ruled.given(IDLE)
    idle_deal(ruled)
    tick(ruled.context())
    for passed in range(days.start * 24 + hours, days.stop * 24 + 1, hours):
        to(hours=passed)
        tick(ruled.context())
    assert (len(ruled.runs("idle")), len(ruled.tasks())) == (1, 1)


def test_it_is_due_at_the_next_allowed_moment(ruled: Ruled, to: Travel) -> None:
    ruled.given(IDLE)
    idle_deal(ruled)  # a Wednesday noon in Rome
    tick(ruled.context())
    to(days=14, hours=18, minutes=59)  # 08:00 on Thursday, two weeks later, by summer time
    assert ticked(ruled) == []
    to(days=14, hours=19)
    assert ticked(ruled) == [("D1", "ran")]
    assert ruled.store.shown("deal", 1)["tags"] == ["rotting"]


def test_i_a_machine_that_was_off_runs_late_and_once(ruled: Ruled, to: Travel) -> None:
    ruled.given(IDLE)
    idle_deal(ruled)
    to(days=13)
    assert ticked(ruled) == []
    to(days=20)
    assert ticked(ruled) == [("D1", "ran")]
    assert ticked(ruled) == []


def test_j_a_deal_that_comes_back_has_a_new_anchor(ruled: Ruled, to: Travel) -> None:
    ruled.given(IDLE)
    number = idle_deal(ruled)
    tick(ruled.context())
    to(days=15)
    tick(ruled.context())
    deals.move(ruled.context(), [number], "potential")
    deals.move(ruled.context(), [number], "quote_sent")
    to(days=40)
    tick(ruled.context())
    assert len({run["trigger_key"] for run in ruled.runs("idle")}) == 2


def test_moving_the_anchor_arms_the_rule_again(ruled: Ruled, to: Travel) -> None:
    ruled.given(
        rule("passed", '["deal.time"]', TASK, time='{ anchor = "expected_close", offset = "+1d", at = "08:00" }')
    )
    number = deal(ruled, expected_close="2026-03-20")
    tick(ruled.context())
    to(days=4)
    assert ticked(ruled) == [("D1", "ran")]
    ruled.edit("deal", number, expected_close="2026-03-25")
    to(days=9)
    assert ticked(ruled) == [("D1", "ran")]
    ruled.edit("deal", number, expected_close="2026-03-20")
    to(days=12)
    assert ticked(ruled) == []


def test_a_clock_that_is_set_back_repeats_nothing_and_is_told(ruled: Ruled, to: Travel) -> None:
    ruled.given(IDLE)
    idle_deal(ruled)
    tick(ruled.context())
    to(days=15)
    tick(ruled.context())
    to(days=14)
    assert tick(ruled.context()) == Tick()
    to(days=10)
    assert "the clock was set back" in tick(ruled.context()).warnings[0]
    to(days=16)
    assert ticked(ruled) == []
    assert len(ruled.runs("idle")) == 1


def test_t_a_new_or_edited_rule_is_not_for_what_is_past(ruled: Ruled, to: Travel) -> None:
    ruled.given(IDLE)
    idle_deal(ruled)
    tick(ruled.context())
    to(days=15)
    tick(ruled.context())
    ruled.given(
        IDLE.replace("+14d", "+3d"),
        rule("new", '["deal.time"]', TASK, time='{ anchor = "created_at", offset = "+1d" }'),
    )
    to(days=16)
    assert ticked(ruled) == []


def test_cron_runs_once_for_what_was_missed(ruled: Ruled, to: Travel) -> None:
    ruled.given(
        rule(
            "morning",
            '["lead.time"]',
            '{ action = "task", subject = "Call" }',
            when='"score > 5"',
            time='{ cron = "0 8 * * *" }',
        )
    )
    for score in (1, 9):
        ruled.store.add("lead", full_name=f"Lead {score}", score=score)
    tick(ruled.context())
    to(hours=1)
    assert ticked(ruled) == []
    to(days=5)
    assert ticked(ruled) == [("L2", "ran")]
    to(days=6)
    assert ticked(ruled) == [("L2", "ran")]


@pytest.mark.parametrize(("once", "runs"), [("per_match", 2), ("per_record", 1), ("per_day", 4), ("per_anchor", 4)])
def test_cron_and_once(ruled: Ruled, to: Travel, once: str, runs: int) -> None:
    ruled.given(
        rule("often", '["lead.time"]', '{ action = "task", subject = "Call" }', when='"score > 5"',
             time='{ cron = "0 8 * * *" }', once=f'"{once}"')
    )  # fmt: skip
    lead = ruled.store.add("lead", full_name="Anna Rossi", score=9)
    tick(ruled.context())
    for day, score in enumerate((9, 9, 1, 9, 9), start=1):
        with_rules = day != 3  # the match ends by a write that no rule sees
        records.edit(ruled.context(rules=with_rules), "lead", [lead], {"score": score})
        to(days=day)
        tick(ruled.context())
    assert len(ruled.runs("often")) == runs


def test_each_run_is_a_step_of_its_own(ruled: Ruled, to: Travel) -> None:
    ruled.given(IDLE)
    idle_deal(ruled)
    before = ruled.store.export()
    tick(ruled.context())
    to(days=15)
    tick(ruled.context())
    (run,) = ruled.runs("idle")
    (operation,) = ruled.store.rows("SELECT * FROM operation WHERE id = ?", run["operation_id"])
    assert (operation["kind"], operation["actor_kind"], operation["actor_id"]) == ("rule", "rule-bot", None)
    assert operation["command"] == "crm test (rule idle on deal D1)"
    take_back(ruled.context(kind="undo"), operation["id"])
    assert ruled.store.export() == before
    assert ticked(ruled) == []


def test_a_rule_bot_that_is_a_user_is_named(ruled: Ruled, to: Travel) -> None:
    bot = ruled.store.add("user", handle="rule-bot")
    ruled.given(IDLE)
    idle_deal(ruled)
    tick(ruled.context())
    to(days=15)
    tick(ruled.context())
    assert ruled.tasks()[0]["created_by_id"] == bot


def test_5_one_that_fails_stops_no_other_and_is_kept(ruled: Ruled, to: Travel) -> None:
    """Complaint 5: nothing fails in silence."""
    fragile = sets(next_step='"{{ record.description }}"')
    ruled.given(rule("fragile", '["deal.time"]', fragile, time='{ anchor = "created_at", offset = "+1d" }'))
    for description in (None, "Call back"):
        deal(ruled, description=description)
    tick(ruled.context())
    to(days=2)
    found = tick(ruled.context())
    assert [(one.ref, one.outcome) for one in found.done] == [("D1", "failed"), ("D2", "ran")]
    assert "is empty" in found.failed[0].text
    assert [row["status"] for row in ruled.store.rows("SELECT status FROM rule_run ORDER BY id")] == ["failed", "done"]
    assert ticked(ruled) == []


def test_a_crash_in_the_middle_repeats_nothing(ruled: Ruled, to: Travel, monkeypatch: pytest.MonkeyPatch) -> None:
    ruled.given(rule("once", '["deal.time"]', TASK, time='{ anchor = "created_at", offset = "+1d" }'))
    for _ in range(3):
        deal(ruled)
    tick(ruled.context())
    to(days=2)
    done = 0

    def run_one(*given: object) -> due_rules.Done:
        nonlocal done
        done += 1
        if done == 2:
            raise StoreError("the power went")
        return due_rules.run_due(*given)  # type: ignore[arg-type]  # passed on as they came

    with monkeypatch.context() as patch:
        patch.setattr(ticking, "run_due", run_one)
        with pytest.raises(StoreError):
            tick(ruled.context())
    assert len(ruled.tasks()) == 1
    assert ticked(ruled) == [("D2", "ran"), ("D3", "ran")]
    assert len(ruled.tasks()) == 3


def test_a_dry_run_tells_and_keeps_nothing(ruled: Ruled, to: Travel) -> None:
    ruled.given(IDLE)
    idle_deal(ruled)
    tick(ruled.context())
    to(days=15)
    before = ruled.store.export()
    (one,) = tick(ruled.context(dry_run=True)).done
    assert (one.outcome, one.text.count("rule idle on D1")) == ("ran", 2)
    assert ruled.store.export() == before
    assert ticked(ruled) == [("D1", "ran")]


def test_a_disabled_rule_misses_what_falls_due_meanwhile(ruled: Ruled, to: Travel) -> None:
    ruled.given(IDLE)
    idle_deal(ruled)
    tick(ruled.context())
    switch(ruled.context(), ["idle"], DISABLED)
    to(days=15)
    assert ticked(ruled) == []
    switch(ruled.context(), ["idle"], ENABLED)
    to(days=16)
    assert ticked(ruled) == []


def test_one_tick_at_a_time(ruled: Ruled) -> None:
    with job_lock(ruled.store.path, "tick") as is_ours:
        assert is_ours
        assert tick(ruled.context()).is_running
    assert not tick(ruled.context()).is_running


def test_without_rules_nothing_is_written(ruled: Ruled) -> None:
    before = ruled.store.path.read_bytes()
    assert tick(ruled.context()) == Tick()
    assert ruled.store.path.read_bytes() == before


def test_a_broken_file_is_told(ruled: Ruled) -> None:
    ruled.given('[[rule]]\nid = "x"\n')
    with pytest.raises(ConfigError):
        tick(ruled.context())


LEVELS = read_levels([{"name": "standard", "first_response": "4h", "resolution": "16h", "at_risk": 25}])
WEEK = {day: ["09:00-13:00", "14:00-18:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}


@pytest.fixture
def served(ruled: Ruled) -> Ruled:
    calendar = read_calendar({"zone": "Europe/Rome", **WEEK})
    settings = ruled.store.settings._replace(calendar=calendar, service_levels=LEVELS)
    ruled.store = replace(ruled.store, settings=settings)
    note = '{ action = "task", subject = "{{ record.subject }}" }'
    return ruled.given(
        *(rule(name, f'["ticket.sla_{name.replace("-", "_")}"]', note) for name in ("at-risk", "breached"))
    )


def test_service_levels_at_risk_and_breached(served: Ruled, to: Travel) -> None:
    ticket = served.add("ticket", subject="Broken")  # Wednesday noon: 3 of 4 hours are used at 16:00
    tick(served.context())
    to(hours=3, minutes=59)
    assert ticked(served) == []
    to(hours=4)
    assert ticked(served) == [("K1", "ran")]
    to(hours=5)
    assert ticked(served) == []
    to(hours=5, minutes=1)
    assert ticked(served) == [("K1", "ran")]
    assert [len(served.runs(name)) for name in ("at-risk", "breached")] == [1, 1]
    tickets.reply(served.context(), ticket, "We look at it")
    to(days=9)
    assert ticked(served) == [("K1", "ran"), ("K1", "ran")]  # now the resolution
    to(days=10)
    assert ticked(served) == []


def test_an_answer_in_time_keeps_the_peace(served: Ruled, to: Travel) -> None:
    ticket = served.add("ticket", subject="Broken")
    tick(served.context())
    to(hours=1)
    tickets.reply(served.context(), ticket, "We look at it")
    tickets.set_status(served.context(), [ticket], "waiting_customer")
    to(days=9)
    assert ticked(served) == []


def test_the_runs_of_a_store_are_unique(ruled: Ruled, to: Travel) -> None:
    """The last resort of never twice: the store itself refuses the second row."""
    ruled.given(IDLE)
    idle_deal(ruled)
    tick(ruled.context())
    to(days=15)
    tick(ruled.context())
    con = sqlite3.connect(ruled.store.path)
    copied = (
        "INSERT INTO rule_run (rule_id, rule_hash, event, entity, record_id, depth, at, status, trigger_key)"
        " SELECT rule_id, rule_hash, event, entity, record_id, depth, at, status, trigger_key FROM rule_run"
    )
    with pytest.raises(sqlite3.IntegrityError):
        con.execute(copied)
    con.close()


def test_a_tick_sends_what_rules_by_time_leave(ruled: Ruled, to: Travel) -> None:
    notice = '{ action = "notify", to = "anna", text = "Idle: {{ record.name }}", digest = false }'
    ruled.given(rule("note", '["deal.time"]', notice, time='{ anchor = "created_at", offset = "+1d" }'))
    deal(ruled)
    tick(ruled.context())
    to(days=2)
    found = tick(ruled.context())
    assert (len(found.done), len(ruled.outbox())) == (1, 1)
    assert sum(found.delivered.counts.values()) == 1
    (run,) = ruled.runs("note")
    assert run["operation_id"] is not None, "so that it can be taken back"
