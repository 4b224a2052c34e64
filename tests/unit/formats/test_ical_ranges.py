"""Changes of all later dates in a calendar split the series, the same way at every reading."""

from typing import Any

import pytest

from tests.unit.formats.readers import calendar, filled

ROME = "TZID=Europe/Rome"


def component(*lines: str) -> str:
    return "\n".join(["BEGIN:VEVENT", "UID:1", *lines, "END:VEVENT", ""])


def read(*components: str) -> list[dict[str, Any]]:
    shown = ("Id", "UID", "Recurrence-ID", "Summary", "Start", "Rule", "Excepted dates", "error")
    rows = filled(calendar(f"BEGIN:VCALENDAR\n{''.join(components)}END:VCALENDAR\n"))
    return [{key: value for key, value in row.items() if key in shown} for row in rows]


def series(rule: str, *more: str) -> str:
    return component("SUMMARY:Demo", f"DTSTART;{ROME}:20260324T100000", f"RRULE:{rule}", *more)


def later(key: str, start: str, *more: str) -> str:
    named = f"RECURRENCE-ID;RANGE=THISANDFUTURE;{ROME}:{key}"
    return component("SUMMARY:Later", named, f"DTSTART;{ROME}:{start}", *more)


def single(key: str, start: str) -> str:
    return component("SUMMARY:Moved", f"RECURRENCE-ID;{ROME}:{key}", f"DTSTART;{ROME}:{start}")


def test_a_series_is_split_and_takes_along_what_was_changed_later() -> None:
    found = read(
        single("20260414T100000", "20260416T100000"),
        series("FREQ=WEEKLY;BYDAY=TU;COUNT=5", f"EXDATE;{ROME}:20260331T100000,20260421T100000"),
        later("20260407T100000", "20260408T113000"),
    )
    assert found == [
        {"Id": "1/20260414T100000", "UID": "1/2026-04-07T10:00", "Recurrence-ID": "2026-04-15T11:30",
         "Summary": "Moved", "Start": "2026-04-16T10:00[Europe/Rome]"},
        {"Id": "1", "UID": "1", "Summary": "Demo", "Start": "2026-03-24T10:00[Europe/Rome]",
         "Rule": "FREQ=WEEKLY;BYDAY=TU;UNTIL=20260407T075959Z", "Excepted dates": "2026-03-31T10:00"},
        {"Id": "1/2026-04-07T10:00", "UID": "1/2026-04-07T10:00", "Summary": "Later",
         "Start": "2026-04-08T11:30[Europe/Rome]", "Rule": "FREQ=WEEKLY;BYDAY=WE;COUNT=3",
         "Excepted dates": "2026-04-22T11:30"},
    ]  # fmt: skip


def test_two_changes_split_it_twice() -> None:
    found = read(
        series("FREQ=WEEKLY"), later("20260421T100000", "20260421T140000"), later("20260407T100000", "20260407T120000")
    )
    assert [(row["Start"][:16], row["Rule"]) for row in found] == [
        ("2026-03-24T10:00", "FREQ=WEEKLY;UNTIL=20260407T075959Z"),
        ("2026-04-21T14:00", "FREQ=WEEKLY"),
        ("2026-04-07T12:00", "FREQ=WEEKLY;UNTIL=20260421T095959Z"),
    ]
    assert len({row["UID"] for row in found}) == 3


def test_a_change_from_the_first_date_on_replaces_the_series() -> None:
    (found,) = read(series("FREQ=WEEKLY;COUNT=3"), later("20260324T100000", "20260324T110000"))
    assert (found["UID"], found["Id"], found["Rule"]) == ("1", "1", "FREQ=WEEKLY;COUNT=3")


def test_days_and_times_that_are_local_everywhere() -> None:
    whole = component("DTSTART;VALUE=DATE:20260324", "RRULE:FREQ=WEEKLY")
    moved = component("RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20260407", "DTSTART;VALUE=DATE:20260408")
    assert [(row["Start"], row["Rule"]) for row in read(whole, moved)] == [
        ("2026-03-24", "FREQ=WEEKLY;UNTIL=20260406"), ("2026-04-08", "FREQ=WEEKLY"),
    ]  # fmt: skip
    floating = [
        text.replace(f";{ROME}", "") for text in (series("FREQ=DAILY"), later("20260407T100000", "20260407T120000"))
    ]
    assert [(row["Start"], row["Rule"]) for row in read(*floating)] == [
        ("2026-03-24T10:00", "FREQ=DAILY;UNTIL=20260407T095959"), ("2026-04-07T12:00", "FREQ=DAILY"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("components", "error"),
    [
        (later("20260407T100000", "20260408T100000"), "whose later dates (RANGE) it changes is not in the file"),
        (
            series("FREQ=DAILY") + later("20260407T100000", "20260408T100000").replace("FUTURE", "PRIOR"),
            "a range THISANDPRIOR is not read",
        ),
    ],
)
def test_what_cannot_be_split_is_told(components: str, error: str) -> None:
    (told,) = [row["error"] for row in read(components) if "error" in row]
    assert error in told
