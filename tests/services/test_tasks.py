import pytest

from crmcli.domain.dates import Moment, parse_moment
from crmcli.errors import RefusedError, UsageError
from crmcli.services import tasks
from crmcli.services.results import Result
from tests.services.world import NOW_STORED, Store

ROME = "Europe/Rome"


def moment(wall: str) -> Moment:
    from crmcli.clock import now

    return parse_moment(wall, now(), ROME)


def due(store: Store, task: int) -> tuple[str, str, int]:
    row = store.row("task", task)
    return row["due_wall"], row["due_at"], row["due_is_date"]


def made(result: Result) -> int:
    return result.saved[0].id


def test_a_task_is_for_whom_it_is_made_by(store: Store) -> None:
    contact = store.add("contact", last_name="Rossi")
    task = made(tasks.add(store.context(), {"subject": "Call"}, [("contact", contact)]))
    row = store.row("task", task)
    assert (row["assignee_id"], row["status"], row["completed_at"]) == (store.user(), "todo", None)
    assert store.shown("task", task)["contact"] == "Rossi"
    assert store.row("task", store.add("task", subject="Anybody's", assignee=None))["assignee_id"] is None


def test_a_task_needs_a_subject(store: Store) -> None:
    with pytest.raises(RefusedError, match="subject: is required"):
        tasks.add(store.context(), {"subject": " "})


def test_done_and_done_again(store: Store) -> None:
    first, second = store.add("task", subject="A"), store.add("task", subject="B")
    tasks.done(store.context(), [first], "Reached her")
    row = store.row("task", first)
    assert (row["status"], row["completed_at"], row["result"]) == ("done", NOW_STORED, "Reached her")
    result = tasks.done(store.context(), [first, second, second], "Later")
    assert (result.counts, result.warnings) == ({"unchanged": 1, "update": 1}, (f"T{first} is done already",))
    assert store.row("task", first)["result"] == "Reached her"


def test_cancelling_and_reopening(store: Store) -> None:
    task = store.add("task", subject="A")
    tasks.done(store.context(), [task])
    tasks.cancel(store.context(), [task], "Not needed")
    assert store.row("task", task)["completed_at"] is None
    tasks.reopen(store.context(), [task])
    assert store.row("task", task)["status"] == "todo"
    assert tasks.reopen(store.context(), [task]).warnings == (f"T{task} is todo already",)
    assert [row["to_value"] for row in store.states("task", task, "status")] == ["todo", "done", "cancelled", "todo"]


def test_completion_goes_with_the_status(store: Store) -> None:
    when = "2026-03-10T09:00:00Z"
    task = store.add("task", {"subject": "A", "completed_at": when}, intent="import")
    assert (store.row("task", task)["status"], store.row("task", task)["completed_at"]) == ("done", when)
    store.edit("task", task, subject="B")
    assert store.row("task", task)["completed_at"] == when
    store.edit("task", task, status="doing")
    assert store.row("task", task)["completed_at"] is None
    with pytest.raises(RefusedError, match="only a task that is done"):
        store.add("task", {"subject": "A", "status": "todo", "completed_at": when}, intent="import")
    with pytest.raises(RefusedError, match="in the future"):
        tasks.done(store.context(), [task], at="2026-03-18T12:00:00Z")


@pytest.mark.parametrize(
    ("wall", "offset", "expected"),
    [
        (None, "+3d", "2026-03-21"),
        (None, "+2h", "2026-03-18T14:00"),
        ("2026-03-20", "+3d", "2026-03-23"),
        ("2026-03-10", "+3d", "2026-03-21"),  # long past: three days from today
        ("2026-03-20T09:00", "+1w", "2026-03-27T09:00"),
        ("2026-03-28T09:00", "+1d", "2026-03-29T09:00"),  # the clock changes that night
        ("2026-03-18T09:00", "+1d", "2026-03-19T12:00"),
    ],
)
def test_putting_off(store: Store, wall: str | None, offset: str, expected: str) -> None:
    task = store.add("task", subject="A", due_at=moment(wall) if wall else None)
    tasks.snooze(store.context(), [task], offset)
    assert due(store, task) == (expected, moment(expected).utc, int(len(expected) == 10))


def test_putting_off_until(store: Store) -> None:
    task = store.add("task", subject="A", due_at=moment("2026-03-20T09:00"))
    tasks.snooze(store.context(), [task], moment("next friday"))
    assert due(store, task)[0] == "2026-03-20"
    with pytest.raises(UsageError, match="is not an offset"):
        tasks.snooze(store.context(), [task], "sometime")
    tasks.done(store.context(), [task])
    with pytest.raises(RefusedError, match="cannot wait: status: it is done"):
        tasks.snooze(store.context(), [task], "+1d")


@pytest.mark.parametrize(
    ("wall", "warning"),
    [
        ("2026-03-17", "due 2026-03-17 is in the past"),
        ("2026-03-18T11:00", "due 2026-03-18 11:00 is in the past"),
        ("2026-03-18", None),
        ("2028-03-18", None),
        ("2028-03-19", "due 2028-03-19 is more than two years ahead"),
    ],
)
def test_a_due_day_that_is_likely_a_slip_is_told(store: Store, wall: str, warning: str | None) -> None:
    result = tasks.add(store.context(), {"subject": "A", "due_at": moment(wall)})
    assert result.warnings == ((warning,) if warning else ())
    again = store.edit("task", made(result), subject="B")
    assert again.warnings == ()


def test_the_start_is_not_after_the_due_day(store: Store) -> None:
    values = {"subject": "A", "due_at": moment("2026-03-20T09:00")}
    store.add("task", values, start_on="2026-03-20")
    with pytest.raises(RefusedError, match="2026-03-21 is after the due day 2026-03-20"):
        store.add("task", values, start_on="2026-03-21")


def test_undo_restores_everything(store: Store) -> None:
    contact = store.add("contact", last_name="Rossi")
    task = made(tasks.add(store.context(), {"subject": "A", "due_at": moment("2026-03-20")}, [("contact", contact)]))
    before = store.export()
    results = [
        tasks.snooze(store.context(), [task], "+3d"),
        tasks.done(store.context(), [task], "Yes"),
        tasks.reopen(store.context(), [task]),
    ]
    for result in reversed(results):
        store.undo(result)
    assert store.export() == before
