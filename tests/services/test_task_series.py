"""Recurring tasks: closing one opens the next in the same step, and undo takes both back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.clock import now
from crmcli.domain.dates import Moment, parse_moment
from crmcli.errors import RefusedError
from crmcli.services import records, tasks
from crmcli.services.ticking import tick
from crmcli.services.writer import write
from tests.services.ruled import Ruled
from tests.services.world import Store

ROME = "Europe/Rome"
MONDAYS = "FREQ=WEEKLY;BYDAY=MO"


def moment(wall: str, zone: str = ROME) -> Moment:
    return parse_moment(wall, now(), zone)


def open_ones(store: Store) -> list[tuple[int, str, int]]:
    """Return number, due time and missed dates of the open tasks."""
    rows = store.rows("SELECT * FROM task WHERE status IN ('todo', 'doing', 'waiting') AND deleted_at IS NULL")
    return [(row["id"], row["due_wall"], row["missed_count"]) for row in rows]


def weekly(store: Store, due: str = "2026-03-02", rule: str = MONDAYS, **more: object) -> int:
    return store.add("task", {"subject": "Report", "due_at": moment(due), "rrule": rule, **more})


def test_golden_5_e(store: Store) -> None:
    task = weekly(store)
    tasks.done(store.context(), [task])
    assert open_ones(store) == [(task + 1, "2026-03-16", 1)]
    tasks.done(store.context(), [task + 1])
    assert open_ones(store) == [(task + 2, "2026-03-23", 0)]


def test_golden_5_f(store: Store) -> None:
    task = weekly(store, rule="FREQ=DAILY;INTERVAL=7", recur_mode="after_done")
    tasks.done(store.context(), [task])
    assert open_ones(store) == [(task + 1, "2026-03-25", 0)]


def test_golden_5_g(store: Store) -> None:
    task = weekly(store)
    tasks.done(store.context(), [task])
    result = tasks.done(store.context(), [task])
    assert result.warnings == (f"T{task} is done already",)
    assert len(open_ones(store)) == 1


def test_the_next_one_is_like_the_last(store: Store) -> None:
    contact, gone = store.add("contact", last_name="Rossi"), store.add("contact", last_name="Neri")
    links = [{"entity": "contact", "record_id": each} for each in (contact, gone)]
    task = weekly(
        store, "2026-03-16 09:00", tags=["vip"], links=links, priority="high", start_on="2026-03-14", assignee=None,
        description="By mail", estimate_minutes=20, spent_minutes=35, reminders=["-P1D"],
    )  # fmt: skip
    records.remove(store.context(), "contact", [gone])
    tasks.done(store.context(), [task], "Sent")
    before, after = store.shown("task", task), store.shown("task", task + 1)
    same = ("subject", "priority", "tags", "description", "estimate_minutes", "assignee", "reminders", "series_uid")
    assert [after[key] for key in same] == [before[key] for key in same]
    assert [link["name"] for link in after["links"]] == ["Rossi"]
    assert (after["start_on"], after["due_wall"]) == ("2026-03-21", "2026-03-23T09:00")
    assert (after["result"], after["spent_minutes"], after["completed_at"]) == (None, None, None)
    assert (before["rrule"], after["rrule"]) == (None, MONDAYS)


def test_every_way_of_closing_opens_the_next(store: Store) -> None:
    task = weekly(store, "2026-03-16")
    store.edit("task", task, status="done")
    store.edit("task", task + 1, status="doing")
    tasks.cancel(store.context(), [task + 1], "Holiday")
    assert open_ones(store) == [(task + 2, "2026-03-30", 0)]
    assert store.shown("task", task + 1)["status"] == "cancelled"


def test_stop_ends_the_series(store: Store) -> None:
    first, second = weekly(store), weekly(store)
    tasks.done(store.context(), [first], stop=True)
    tasks.cancel(store.context(), [second], stop=True)
    assert open_ones(store) == []


def test_the_last_one_says_so(store: Store) -> None:
    task = weekly(store, "2026-03-16", "FREQ=WEEKLY;COUNT=2")
    assert tasks.done(store.context(), [task]).warnings == ()
    assert tasks.done(store.context(), [task + 1]).warnings == (f"the series ends with T{task + 1}",)
    assert open_ones(store) == []


def test_what_was_closed_is_a_plain_task_when_it_is_opened_again(store: Store) -> None:
    task = weekly(store, "2026-03-16")
    tasks.done(store.context(), [task])
    tasks.reopen(store.context(), [task])
    tasks.done(store.context(), [task])
    assert open_ones(store) == [(task + 1, "2026-03-23", 0)]


def test_putting_off_does_not_move_the_series(store: Store) -> None:
    task = weekly(store, "2026-03-16")
    tasks.snooze(store.context(), [task], "+5d")
    tasks.done(store.context(), [task])
    assert open_ones(store) == [(task + 1, "2026-03-23", 0)]


def test_a_new_rule_counts_from_when_the_task_is_due(store: Store) -> None:
    task = weekly(store, "2026-03-16")
    tasks.done(store.context(), [task])
    store.edit("task", task + 1, due_at=moment("2026-03-16"), rrule="FREQ=DAILY;INTERVAL=10")
    tasks.done(store.context(), [task + 1])
    assert open_ones(store) == [(task + 2, "2026-03-26", 0)]


def test_without_a_due_time_the_first_day_of_the_rule(store: Store) -> None:
    task = store.add("task", subject="Figures", rrule="FREQ=MONTHLY;BYDAY=-1FR")
    assert open_ones(store) == [(task, "2026-03-27", 0)]
    with pytest.raises(RefusedError, match="what recurs is due at some time"):
        store.edit("task", task, due_at=None)
    with pytest.raises(RefusedError, match="ends before the task is due"):
        store.edit("task", task, rrule="FREQ=DAILY;UNTIL=20260301")


def test_an_end_is_kept_as_the_standard_has_it(store: Store) -> None:
    by_day, by_hour = (
        weekly(store, rule="FREQ=DAILY;UNTIL=20261231"),
        weekly(store, "2026-03-02 09:00", "FREQ=DAILY;UNTIL=20261231"),
    )
    assert store.row("task", by_day)["rrule"] == "FREQ=DAILY;UNTIL=20261231"
    assert store.row("task", by_hour)["rrule"] == "FREQ=DAILY;UNTIL=20261231T225959Z"


def test_the_hour_stays_over_a_change_of_the_clock(store: Store) -> None:
    task = weekly(store, "2026-03-28 02:30", "FREQ=DAILY")
    for expected in ("2026-03-29T03:30", "2026-03-30T02:30"):
        tasks.done(store.context(), [task])
        task += 1
        assert open_ones(store) == [(task, expected, 0)]
    assert store.row("task", task)["due_at"] == "2026-03-30T00:30:00Z"


def test_a_rule_that_closes_what_recurs_stops_somewhere(ruled: Ruled) -> None:
    ruled.given(
        """
        [[rule]]
        id = "close"
        on = ["task.created"]
        [[rule.do]]
        action = "set"
        values = { status = "done" }
        """
    )
    ruled.add("task", subject="A", rrule="FREQ=DAILY")
    assert open_ones(ruled.store) == [(2, "2026-03-19", 0)]  # a rule does not act again on what it made itself


def test_a_rule_makes_what_recurs(ruled: Ruled) -> None:
    ruled.given(
        """
        [[rule]]
        id = "care"
        on = ["contact.created"]
        [[rule.do]]
        action = "task"
        subject = "Ask {{ record.full_name }} how it goes"
        due = "+14d"
        every = "2 weeks"
        [[rule.do]]
        action = "event"
        title = "Weekly call"
        start = "+7d"
        every = "weekday until 2026-12-31"
        """
    )
    ruled.add("contact", full_name="Anna Rossi")
    (task,), (event,) = (ruled.store.rows(f"SELECT * FROM {table}") for table in ("task", "event"))
    assert (task["rrule"], bool(task["occurrence_key"])) == ("FREQ=WEEKLY;INTERVAL=2", True)
    assert event["rrule"].startswith("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20261231")


def test_undo_is_exact(store: Store) -> None:
    contact = store.add("contact", last_name="Rossi")
    links = [{"entity": "contact", "record_id": contact}]
    task = weekly(store, "2026-03-16", tags=["vip"], links=links)
    before = store.export()
    first = tasks.done(store.context(), [task], "Yes")
    between = store.export()
    second = tasks.cancel(store.context(), [task + 1])
    store.undo(second)
    assert store.export() == between
    redone = store.undo(first)
    assert store.export() == before
    store.undo(redone)
    assert store.export() == between


def test_what_an_import_closed_goes_on_with_the_next_tick(store: Store) -> None:
    task = weekly(store, "2026-03-16")
    write(store.context(kind="import"), lambda writer: writer.update("task", task, {"status": "done"}, intent="import"))
    assert open_ones(store) == []
    tick(store.context())
    assert open_ones(store) == [(task + 1, "2026-03-23", 0)]
    tick(store.context())
    assert open_ones(store) == [(task + 1, "2026-03-23", 0)]


@settings(max_examples=15)
@given(
    st.sampled_from([MONDAYS, "FREQ=DAILY;INTERVAL=2", "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=WEEKLY;COUNT=3"]),
    st.sampled_from(["schedule", "after_done"]),
    st.lists(st.sampled_from(["done", "cancel", "stop"]), min_size=1, max_size=4),
)
def test_one_is_open_and_undo_takes_all_back(store: Store, rule: str, mode: str, deeds: list[str]) -> None:
    task = weekly(store, "2026-03-16", rule, recur_mode=mode)
    others = len(open_ones(store)) - 1
    states, results = [store.export()], []
    for deed in deeds:
        mine = [number for number, _, _ in open_ones(store) if number >= task]
        if not mine:
            break
        close = tasks.cancel if deed == "cancel" else tasks.done
        results.append(close(store.context(), mine, stop=deed == "stop"))
        states.append(store.export())
        assert len(open_ones(store)) - others <= 1
    for result, state in zip(reversed(results), reversed(states[:-1]), strict=True):
        store.undo(result)
        assert store.export() == state
    tasks.cancel(store.context(), [task], stop=True)
