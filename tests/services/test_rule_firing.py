"""When rules fire, and how often: once for what, after what events, until which bound."""

import pytest

from crmcli.errors import ConfigError, RefusedError
from crmcli.queries.rule_states import DISABLED, ENABLED, EVERY
from crmcli.services import merging, tickets
from crmcli.services.automation.states import switch
from crmcli.services.results import Wanted
from crmcli.services.undo import take_back
from crmcli.services.writer import Writer
from tests.services.ruled import Ruled, rule, sets

TASK = '{ action = "task", subject = "Call" }'


def hot(once: str, **keys: str) -> str:
    events = '["lead.created", "lead.updated"]'
    return rule("hot", events, TASK, when='"score >= 70"', watch='["score", "rating"]', once=f'"{once}"', **keys)


def scores(ruled: Ruled, *values: int) -> int:
    lead = ruled.add("lead", full_name="Anna Rossi", score=values[0])
    for value in values[1:]:
        ruled.edit("lead", lead, score=value)
    return lead


@pytest.mark.parametrize(
    ("once", "values", "runs"),
    [
        ("per_write", (60, 75, 80, 50, 90), 3),
        ("per_match", (60, 75), 1),  # golden a
        ("per_match", (60, 75, 80), 1),  # golden b
        ("per_match", (60, 75, 50, 90), 2),  # golden c
        ("per_match", (60, 75, 80, 50, 90, 95, 10, 71), 3),
        ("per_record", (60, 75, 50, 90), 1),
        ("per_day", (60, 75, 50, 90), 1),
    ],
)
def test_once(ruled: Ruled, once: str, values: tuple[int, ...], runs: int) -> None:
    """Complaint 11: a record that meets the condition already is not a surprise at each edit."""
    ruled.given(hot(once))
    scores(ruled, *values)
    assert (len(ruled.runs("hot")), len(ruled.tasks())) == (runs, runs)


def test_per_match_sees_the_condition_end_by_a_write_it_is_not_asked_about(ruled: Ruled) -> None:
    ruled.given(rule("won", '["lead.tagged"]', TASK, when='"score >= 70"', once='"per_match"'))
    lead = scores(ruled, 75)
    ruled.edit("lead", lead, **{"+tags": ["a"]})
    ruled.edit("lead", lead, **{"+tags": ["b"]})
    assert len(ruled.runs("won")) == 1
    ruled.edit("lead", lead, score=5)
    assert len(ruled.decisions("won", "ended")) == 1
    ruled.edit("lead", lead, score=80)
    ruled.edit("lead", lead, **{"+tags": ["c"]})
    assert [run["trigger_key"] for run in ruled.runs("won")] == ["lead 1 #1", "lead 1 #2"]


@pytest.mark.parametrize("once", ["per_match", "per_record", "per_day"])
def test_taking_the_write_back_arms_the_rule_again_and_doing_it_again_does_not(ruled: Ruled, once: str) -> None:
    ruled.given(hot(once))
    lead = scores(ruled, 60)
    first = ruled.edit("lead", lead, score=75)
    undone = take_back(ruled.context(kind="undo"), first.operation_id or 0)
    again = take_back(ruled.context(kind="redo"), undone.operation_id or 0)
    ruled.edit("lead", lead, score=76)
    assert len(ruled.runs("hot")) == 1, "done again, it counts"
    last = ruled.store.rows("SELECT MAX(id) AS id FROM operation")[0]["id"]
    for operation in (last, again.operation_id or 0):
        take_back(ruled.context(kind="undo"), operation)
    ruled.edit("lead", lead, score=77)
    assert len(ruled.runs("hot")) == 2, "taken back, it does not"


def test_taking_back_the_write_that_ended_a_match_opens_it_again(ruled: Ruled) -> None:
    ruled.given(hot("per_match"))
    lead = scores(ruled, 75)
    ended = ruled.edit("lead", lead, score=50)
    take_back(ruled.context(kind="undo"), ended.operation_id or 0)
    ruled.edit("lead", lead, score=80)
    assert len(ruled.runs("hot")) == 1


def test_per_day_runs_again_on_the_next_local_day(ruled: Ruled, monkeypatch: pytest.MonkeyPatch) -> None:
    ruled.given(hot("per_day"))
    lead = scores(ruled, 75)
    monkeypatch.setenv("CRMCLI_NOW", "2026-03-18T22:30:00Z")  # half past eleven in Rome
    ruled.edit("lead", lead, score=76)
    monkeypatch.setenv("CRMCLI_NOW", "2026-03-18T23:30:00Z")
    ruled.edit("lead", lead, score=77)
    assert len(ruled.runs("hot")) == 2


def test_1_a_rule_reacts_to_itself_only_when_it_says_so(ruled: Ruled) -> None:
    """Complaint 1: a rule's own write does not fire it again."""
    grows = {"when": '"score < 3"', "watch": '["score"]'}
    step = ", ".join(f'{{ action = "set", values = {{ score = {n + 1} }}, if = "score = {n}" }}' for n in (1, 0))
    ruled.given(rule("grow", '["lead.updated"]', step, **grows))
    lead = ruled.add("lead", full_name="Anna Rossi", score=9)
    ruled.edit("lead", lead, score=0)
    assert ruled.store.row("lead", lead)["score"] == 1
    ruled.given(rule("grow", '["lead.updated"]', step, react_to_self="true", **grows))
    ruled.edit("lead", lead, score=9)
    ruled.edit("lead", lead, score=0)
    assert ruled.store.row("lead", lead)["score"] == 2
    endless = sets(score='"{{ record.score }}1"')
    ruled.given(rule("grow", '["lead.updated"]', endless, react_to_self="true", watch='["score"]'))
    with pytest.raises(RefusedError, match="grow → grow → grow"):
        ruled.edit("lead", lead, score=1)


def test_9_a_guard_holds_back_its_own_rule_alone(ruled: Ruled, monkeypatch: pytest.MonkeyPatch) -> None:
    """Complaint 9: limits are per rule."""
    ruled.given(
        rule("two", '["lead.updated"]', TASK, guard="{ max_runs_per_record_per_day = 2, max_runs_per_hour = 3 }"),
        rule("free", '["lead.updated"]', sets(rating='"hot"')),
    )
    anna, bea = (ruled.store.add("lead", full_name=name) for name in ("Anna", "Bea"))
    for score in (1, 2, 3):
        ruled.edit("lead", anna, score=score)
    for score in (1, 2):
        ruled.edit("lead", bea, score=score)
    assert [(run["record_id"]) for run in ruled.runs("two")] == [anna, anna, bea]
    assert len(ruled.runs("free")) == 5
    reasons = [row["reason"] for row in ruled.decisions("two", "skipped")]
    assert reasons == ["its guard allows 2 runs on a record in a day", "its guard allows 3 runs in an hour"]
    monkeypatch.setenv("CRMCLI_NOW", "2026-03-19T12:00:00+01:00")
    ruled.edit("lead", anna, score=9)
    assert len(ruled.runs("two")) == 4


def test_the_actions_of_a_rule_in_a_chain_are_guarded(ruled: Ruled) -> None:
    ruled.given(rule("two", '["lead.created"]', f"{TASK}, {TASK}", guard="{ max_actions = 1 }"))
    with pytest.raises(RefusedError, match="more than 1 actions of rule two"):
        ruled.add("lead", full_name="Anna Rossi")
    assert ruled.store.count("lead") == 0


def test_9_a_rule_that_runs_like_mad_is_tripped_alone(ruled: Ruled) -> None:
    """Complaint 9, and 6.6: the fifty-first command in a minute finds it tripped; others go on."""
    ruled.given(rule("mad", '["lead.updated"]', sets(rating='"hot"')), rule("calm", '["lead.created"]', TASK))
    lead = ruled.add("lead", full_name="Anna Rossi")
    for score in range(1, 51):
        assert ruled.edit("lead", lead, score=score).warnings == ()
    (warning,) = ruled.edit("lead", lead, score=51).warnings
    assert warning.startswith("rule mad tripped, more than 50 runs within a minute")
    assert ruled.edit("lead", lead, score=52).warnings == ()
    assert len(ruled.runs("mad")) == 50
    assert ruled.decisions("mad", "skipped")[-1]["reason"] == "it is tripped: more than 50 runs within a minute"
    ruled.add("lead", full_name="Bea Verdi")
    assert len(ruled.runs("calm")) == 2
    switch(ruled.context(), ["mad"], ENABLED)
    ruled.edit("lead", lead, score=53)
    assert len(ruled.runs("mad")) == 51


def test_a_bulk_command_trips_nothing(ruled: Ruled) -> None:
    ruled.given(rule("rate", '["lead.updated"]', sets(rating='"hot"')))
    leads = [ruled.store.add("lead", full_name=f"Anna {number}") for number in range(60)]

    def work(writer: Writer) -> None:
        for lead in leads:
            writer.update("lead", lead, {"score": 1})

    assert ruled.do(work).warnings == ()
    assert len(ruled.runs("rate")) == 60
    assert ruled.edit("lead", leads[0], score=2).warnings == ()


@pytest.mark.parametrize("which", ["rate", EVERY])
def test_a_rule_that_is_disabled_rests(ruled: Ruled, which: str) -> None:
    ruled.given(rule("rate", '["lead.updated"]', sets(rating='"hot"')))
    lead = ruled.add("lead", full_name="Anna Rossi")
    switch(ruled.context(reason="too loud"), [which], DISABLED)
    ruled.edit("lead", lead, score=1)
    assert ruled.store.row("lead", lead)["rating"] is None
    assert ruled.decisions("rate", "skipped")[0]["reason"] == "it is disabled: too loud"
    switch(ruled.context(), [which], ENABLED)
    ruled.edit("lead", lead, score=2)
    assert ruled.store.row("lead", lead)["rating"] == "hot"


def test_5_what_rested_is_told_for_the_last_writes_of_a_record(ruled: Ruled) -> None:
    """Complaint 5: nothing stays silent; only the latest decisions are kept, and none of a mass change."""
    ruled.given(hot("per_write"), rule("tag", '["lead.updated"]', TASK, when='"rating = hot"'))
    lead = scores(ruled, *range(1, 30))
    rows = ruled.store.rows("SELECT * FROM rule_run WHERE status = 'skipped'")
    assert len(rows) == 20
    assert {row["reason"] for row in rows} == {"`score >= 70` does not hold", "none of rating changed"}
    others = [ruled.store.add("lead", full_name=f"Bea {number}") for number in range(21)]
    ruled.do(lambda writer: [writer.update("lead", other, {"score": 1}) for other in others])
    assert len(ruled.store.rows("SELECT * FROM rule_run WHERE record_id <> ?", lead)) == 0


def test_a_rule_acts_as_another_user(ruled: Ruled) -> None:
    bea = ruled.store.add("user", handle="bea")
    ruled.given(
        rule(
            "own",
            '["lead.created"]',
            '{ action = "task", subject = "Call", assign = "me" }',
            when='"not (owner = me)"',
            **{"as": '"bea"'},
        )
    )
    ruled.add("lead", full_name="Anna Rossi", owner=bea)
    ruled.add("lead", full_name="Carla Neri")
    (task,) = ruled.tasks()
    assert (task["assignee_id"], task["created_by_id"]) == (bea, bea)


ONCE_EACH = rule(
    "once",
    '["contact.saved"]',
    '{ action = "log", kind = "note", body = "hello" }',
    when='"job_title is not empty"',
    watch='["job_title"]',
    once='"per_record"',
)


def test_a_survivor_inherits_that_a_rule_acted_once_on_what_was_merged_into_it(ruled: Ruled) -> None:
    ruled.given(ONCE_EACH, ONCE_EACH.replace('"once"', '"match"').replace("per_record", "per_match"))
    lose, keep = ruled.add("contact", last_name="Rossi", job_title="CTO"), ruled.add("contact", last_name="Rossi")
    merged = merging.merge(ruled.context(), "contact", keep, [lose])
    ruled.edit("contact", keep, job_title="CEO")
    assert [run["record_id"] for run in (*ruled.runs("once"), *ruled.runs("match"))] == [lose, lose]
    ruled.edit("contact", keep, job_title=None)
    ruled.edit("contact", keep, job_title="CFO")
    assert [run["record_id"] for run in ruled.runs("match")] == [lose, keep], "the match that was inherited has ended"
    assert ruled.runs("once")[-1]["record_id"] == lose
    assert merged.operation_id


def test_taking_back_a_merge_takes_back_what_was_inherited(ruled: Ruled) -> None:
    ruled.given(ONCE_EACH)
    lose, keep = ruled.add("contact", last_name="Rossi", job_title="CTO"), ruled.add("contact", last_name="Rossi")
    merged = merging.merge(ruled.context(), "contact", keep, [lose])
    take_back(ruled.context(kind="undo"), merged.operation_id or 0)
    ruled.edit("contact", keep, job_title="CEO")
    ruled.edit("contact", lose, job_title="CFO")
    assert [run["record_id"] for run in ruled.runs("once")] == [lose, keep]


def test_the_survivor_of_a_merge(ruled: Ruled) -> None:
    ruled.given(
        rule("merged", '["contact.merged"]', '{ action = "tag", add = ["merged"] }'),
        rule("gone", '["contact.deleted"]', TASK),
    )
    keep, lose = (ruled.store.add("contact", full_name="Anna Rossi") for _ in range(2))
    merging.merge(ruled.context(), "contact", keep, [lose])
    assert ruled.store.shown("contact", keep)["tags"] == ["merged"]
    assert [run["record_id"] for run in ruled.runs("merged")] == [keep]
    assert ruled.tasks() == []


def test_comments_are_events_of_their_ticket(ruled: Ruled) -> None:
    events = ("commented", "replied", "reopened", "resolved", "closed")
    ruled.given(*(rule(event, f'["ticket.{event}"]', '{ action = "stop" }') for event in events))
    contact = ruled.store.add("contact", full_name="Anna Rossi")
    ticket = ruled.add("ticket", subject="Broken", contact=contact)
    tickets.reply(ruled.context(), ticket, "We look at it")
    tickets.note(ruled.context(), ticket, "A cable")
    assert (len(ruled.runs("commented")), len(ruled.runs("replied"))) == (2, 0)
    tickets.reply(ruled.context(), ticket, "Thank you", by_contact=True)
    assert (len(ruled.runs("commented")), len(ruled.runs("replied"))) == (3, 1)
    assert {run["record_id"] for run in ruled.runs("commented")} == {ticket}


def test_incoming_mail(ruled: Ruled) -> None:
    ruled.given(rule("mail", '["log.email_in"]', '{ action = "warn", message = "{{ record.subject }}" }'))
    for kind, direction in (("email", "out"), ("call", "in"), ("email", "in")):
        ruled.add("interaction", kind=kind, direction=direction, subject=f"{kind} {direction}")
    (run,) = ruled.runs("mail")
    assert run["event"] == "log.email_in" or run["event"] == "interaction.email_in"


@pytest.mark.parametrize("when", ["changed(score)", "score > old.score"])
@pytest.mark.parametrize("event", ["lead.time", "lead.manual"])
def test_p_6_without_a_change_none_can_be_asked_about(ruled: Ruled, when: str, event: str) -> None:
    """Golden p, complaint 6: what means nothing there is refused at load, and selects nothing by surprise."""
    keys = {"time": '{ cron = "0 8 * * *" }'} if event == "lead.time" else {}
    ruled.given(rule("odd", f'["{event}"]', '{ action = "stop" }', when=f'"{when}"', **keys))
    with pytest.raises(ConfigError, match="rule odd, when"):
        ruled.add("lead", full_name="Anna Rossi")
    text = '{ action = "warn", message = "{{ old.score }}" }'
    ruled.given(rule("odd", f'["{event}"]', text, **keys))
    with pytest.raises(ConfigError, match=r"do\[1\].message: old. needs a change"):
        ruled.add("lead", full_name="Anna Rossi")


def test_what_was_called_off_waits_again_under_its_key(ruled: Ruled) -> None:
    notice = '{ action = "notify", to = "anna", text = "Hot: {{ record.full_name }}" }'
    ruled.given(rule("hot", '["lead.updated"]', notice, when='"score >= 70"', once='"per_record"'))
    lead = scores(ruled, 60)
    first = ruled.edit("lead", lead, score=75)
    (sent,) = ruled.outbox()
    take_back(ruled.context(kind="undo"), first.operation_id or 0)
    assert ruled.outbox()[0]["status"] == "cancelled"
    again = ruled.edit("lead", lead, score=80)
    (waiting,) = ruled.outbox()
    assert (waiting["key"], waiting["status"], waiting["operation_id"]) == (sent["key"], "pending", again.operation_id)


def test_of_many_records_each_rule_sees_what_the_ones_before_it_left(ruled: Ruled) -> None:
    """What is read of many records at once is read anew where a rule changed it, or what it did was taken back."""
    tag, hot = '{ action = "tag", add = ["seen"] }', sets(rating='"hot"')
    fails = '{ action = "warn", message = "{{ record.next_step }}", on_error = "continue" }'
    ruled.given(
        rule("a", '["lead.created"]', tag, order="1", when='"city = Roma"'),
        rule("b", '["lead.created"]', f"{hot}, {fails}", order="2", when='"tags has seen"'),
        rule("c", '["lead.created"]', sets(city='"Milano"'), order="3", when='"rating = hot"'),
    )
    wanted = [Wanted({"full_name": f"Anna {n}", "city": "Roma" if n % 2 else "Bari"}) for n in range(6)]
    ruled.do(lambda writer: writer.save_many("lead", wanted))
    rows = ruled.store.rows("SELECT city, rating FROM lead ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [("Bari", None), ("Milano", "hot")] * 3
