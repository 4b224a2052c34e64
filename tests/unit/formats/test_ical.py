import json
import tracemalloc
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from crmcli.domain.recurrence import ONCE, occurrences, with_dates
from crmcli.domain.series import key_at
from crmcli.domain.zones import to_utc
from crmcli.formats.ical import HEADER
from tests.published import PUBLISHED, needs_published
from tests.unit.formats.readers import calendar, filled

SAMPLES = PUBLISHED / "ical-samples"
VECTORS = PUBLISHED / "rrule-vectors" / "dateutil_vectors.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8")) if VECTORS.exists() else []
CUSTOM = """BEGIN:VTIMEZONE
TZID:Our hours
BEGIN:STANDARD
DTSTART:20200101T000000
TZOFFSETFROM:+0247
TZOFFSETTO:+0247
END:STANDARD
END:VTIMEZONE
"""


def item(*lines: str, name: str = "VEVENT") -> str:
    return "\n".join([f"BEGIN:{name}", *lines, f"END:{name}", ""])


def read(*lines: str, name: str = "VEVENT", around: str = "") -> dict[str, str]:
    (found,) = filled(calendar(f"BEGIN:VCALENDAR\n{item(*lines, name=name)}{around}END:VCALENDAR\n"))
    return found


def test_an_event() -> None:
    found = read(
        "UID:1@example.com", "SUMMARY:Demo\\, first", "DTSTART;TZID=Europe/Rome:20260302T100000", "DURATION:PT90M",
        "LOCATION:Milano", "STATUS:CONFIRMED", "CLASS:PRIVATE", "SEQUENCE:2", "CATEGORIES:sales,demo",
        "ORGANIZER;CN=Anna Rossi:mailto:anna@example.com", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bruno@example.com",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION;EMAIL=carla@example.com:urn:uuid:1", "DTSTAMP:20260101T000000Z", "X-A:b",
        "BEGIN:VALARM", "TRIGGER;RELATED=START:-PT15M", "DESCRIPTION:not of the event", "END:VALARM", "BEGIN:VALARM",
        "END:VALARM",
    )  # fmt: skip
    assert found == {
        "Type": "Event", "Id": "1@example.com", "UID": "1@example.com", "Sequence": "2", "Summary": "Demo, first",
        "Start": "2026-03-02T10:00[Europe/Rome]", "End": "2026-03-02T11:30[Europe/Rome]", "Status": "CONFIRMED",
        "Class": "PRIVATE", "Location": "Milano", "Categories": "sales\ndemo",
        "Organizer": "Anna Rossi <anna@example.com>",
        "People": "Organizer: Anna Rossi <anna@example.com>\nAttendee: bruno@example.com (accepted)\n"
        "Attendee: carla@example.com",
        "Attendees": '[{"email": "bruno@example.com", "response": "accepted"}, '
        '{"email": "carla@example.com", "response": "needs-action"}]',
        "Reminders": "-PT15M\nPT0S", "Other properties": "X-A:b", "line": "2",
    }  # fmt: skip


def test_a_to_do() -> None:
    found = read(
        "DUE;VALUE=DATE:20260305", "COMPLETED:20260304T101112Z", "PRIORITY:0", "STATUS:COMPLETED", name="VTODO"
    )
    assert found == {
        "Type": "To-do", "Summary": "Untitled to-do", "Due": "2026-03-05", "Completed": "2026-03-04T10:11:12Z",
        "Status": "COMPLETED", "line": "2",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "start", "end"),
    [
        (["DTSTART:20260302T100000Z", "DTEND:20260302T110000Z"], "2026-03-02T10:00Z", "2026-03-02T11:00Z"),
        (["DTSTART:20260302T100000"], "2026-03-02T10:00", "2026-03-02T10:00"),
        (["DTSTART;VALUE=DATE:20260401", "DTEND;VALUE=DATE:20260404"], "2026-04-01", "2026-04-03"),
        (["DTSTART;VALUE=DATE:20260401", "DTEND;VALUE=DATE:20260401"], "2026-04-01", "2026-04-01"),
        (["DTSTART;VALUE=DATE:20260401"], "2026-04-01", None),
        (["DTSTART:20260401", "DURATION:P2D"], "2026-04-01", "2026-04-02"),
        (
            ["DTSTART;TZID=Europe/Rome:20260328T120000", "DURATION:P1D"],
            "2026-03-28T12:00[Europe/Rome]",
            "2026-03-29T12:00[Europe/Rome]",
        ),
        (
            ["DTSTART;TZID=Europe/Rome:20260328T120000", "DURATION:PT24H"],
            "2026-03-28T12:00[Europe/Rome]",
            "2026-03-29T13:00[Europe/Rome]",
        ),
        (
            ["DTSTART;TZID=Europe/Rome:20260302T100000", "DTEND:20260302T100000Z"],
            "2026-03-02T10:00[Europe/Rome]",
            "2026-03-02T11:00[Europe/Rome]",
        ),
        (
            ["DTSTART;TZID=W. Europe Standard Time:20260302T100000"],
            "2026-03-02T10:00[Europe/Berlin]",
            "2026-03-02T10:00[Europe/Berlin]",
        ),
        (
            ["DTSTART;TZID=/vendor.example/2026_1/Europe/Rome:20260302T100000"],
            "2026-03-02T10:00[Europe/Rome]",
            "2026-03-02T10:00[Europe/Rome]",
        ),
        (["DTSTART;TZID=Our hours:20260302T100000"], "2026-03-02T07:13Z", "2026-03-02T07:13Z"),
        (["DTSTART:20260302T100000Z", "RRULE:FREQ=DAILY"], "2026-03-02T10:00[UTC]", "2026-03-02T10:00[UTC]"),
    ],
)
def test_times(lines: list[str], start: str, end: str | None) -> None:
    found = read(*lines, around=CUSTOM)
    assert (found["Start"], found.get("End")) == (start, end)


def test_an_unknown_zone_is_told_and_its_times_are_local() -> None:
    table = calendar(item("DTSTART;TZID=Nowhere:20260302T100000"))
    assert filled(table)[0]["Start"] == "2026-03-02T10:00"
    assert table.notices == ["a.ics: there is no time zone 'Nowhere': its times are read as local ones"]


def test_a_zone_whose_clocks_agree_with_a_known_one_is_called_so() -> None:
    same = CUSTOM.replace("+0247", "+0900")
    assert read("DTSTART;TZID=Our hours:20260302T100000", around=same)["Start"] == "2026-03-02T10:00[Asia/Seoul]"


def test_zones_of_one_file_do_not_reach_the_next() -> None:
    assert read("DTSTART;TZID=Our hours:20260302T100000", around=CUSTOM)["Start"] == "2026-03-02T07:13Z"
    assert read("DTSTART;TZID=Our hours:20260302T100000")["Start"] == "2026-03-02T10:00"


def test_a_zone_that_never_ends_is_not_reckoned_with() -> None:
    bomb = CUSTOM.replace("TZOFFSETFROM", "RRULE:FREQ=SECONDLY\nTZOFFSETFROM")
    assert read("DTSTART;TZID=Our hours:20260302T100000", around=bomb)["Start"] == "2026-03-02T10:00"


def test_a_series_and_its_changed_instance() -> None:
    series = item("UID:1", "DTSTART;TZID=Europe/Rome:20260302T100000", "RRULE:FREQ=WEEKLY\\;COUNT=5",
                  "EXDATE;TZID=Europe/Rome:20260309T100000,20260316T100000", "RDATE:20260401T080000Z")  # fmt: skip
    changed = item("UID:1", "RECURRENCE-ID:20260323T090000Z", "DTSTART;TZID=Europe/Rome:20260324T100000")
    first, second = filled(calendar(series + changed))
    assert (first["Rule"], first["Excepted dates"]) == ("FREQ=WEEKLY;COUNT=5", "2026-03-09T10:00\n2026-03-16T10:00")
    assert first["Further dates"] == "2026-04-01T10:00"
    assert (second["Id"], second["UID"], second["Recurrence-ID"]) == ("1/20260323T090000Z", "1", "2026-03-23T10:00")


def test_an_event_of_ours_is_known_by_our_identity_whatever_its_uid() -> None:
    found = read("UID:1@example.com", "X-CRMCLI-UID:8f1c", "RECURRENCE-ID:20260302T090000Z", "DTSTART:20260302T100000Z")
    assert (found["Id"], found["UID"]) == ("8f1c", "1@example.com")


def test_a_rule_of_exceptions_becomes_the_dates_it_gives() -> None:
    found = read("DTSTART;TZID=Europe/Rome:20260302T100000", "RRULE:FREQ=DAILY",
                 "EXDATE;TZID=Europe/Rome:20260303T100000", "EXRULE:FREQ=WEEKLY;COUNT=2")  # fmt: skip
    assert found["Excepted dates"] == "2026-03-03T10:00\n2026-03-02T10:00\n2026-03-09T10:00"
    assert "Other properties" not in found


@pytest.mark.parametrize(
    ("lines", "rule", "further"),
    [
        (["DTSTART:20260302T100000", "RDATE:20260401T080000,20260402T080000"], ONCE,
         "2026-04-01T08:00\n2026-04-02T08:00"),
        (["DTSTART;TZID=Europe/Rome:20260302T100000", "RDATE:20260401T080000Z"], ONCE, "2026-04-01T10:00"),
        (["DTSTART;VALUE=DATE:20260302", "RDATE;VALUE=DATE:20260401,20260402"], ONCE, "2026-04-01\n2026-04-02"),
        (["DTSTART:20260302T100000", "RDATE;VALUE=DATE:20260401", "RRULE:FREQ=WEEKLY"], "FREQ=WEEKLY",
         "2026-04-01T10:00"),
        (["DTSTART;VALUE=DATE:20260302", "RDATE:20260401T080000"], ONCE, "2026-04-01"),
        (["DTSTART:20260302T100000", "RDATE:", "RDATE: , "], "", ""),
    ],
)  # fmt: skip
def test_dates_beside_a_rule_are_of_the_kind_and_in_the_zone_of_the_start(
    lines: list[str], rule: str, further: str
) -> None:
    table = calendar(item(*lines))
    (found,) = filled(table)
    assert (found.get("Rule", ""), found.get("Further dates", "")) == (rule, further)
    assert not table.notices


def test_more_dates_than_anybody_has_reject_their_event() -> None:
    dates = ",".join((datetime(2026, 1, 1) + timedelta(hours=hour)).strftime("%Y%m%dT%H%M%S") for hour in range(1001))
    (row,) = calendar(item("DTSTART:20260101T000000", f"RDATE:{dates}")).rows
    assert "more than 1,000 further dates" in str(row.error)


def test_periods_begin_when_they_say_and_are_told() -> None:
    table = calendar(item("DTSTART:20260302T100000Z", "RDATE;VALUE=PERIOD:20260401T080000Z/PT2H"))
    assert filled(table)[0]["Further dates"] == "2026-04-01T08:00"
    assert table.notices == ["a.ics: further dates (RDATE) that are periods are as long as the event itself (1)"]


def test_further_dates_of_a_to_do_stay_as_they_stand() -> None:
    text = item("DTSTART:20260302T100000", "RDATE:20260401T080000Z").replace("VEVENT", "VTODO")
    (found,) = filled(calendar(text))
    assert (found.get("Rule"), found["Further dates"]) == (None, "RDATE:20260401T080000Z")


@needs_published
@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_vectors_mean_the_same_when_they_come_as_events(case: dict[str, Any]) -> None:
    """All but those by the minute and second, and the one that never happens, which reject their event."""
    lines = [line if ":" in line else f"RRULE:{line}" for line in case["text"].split()]
    start = [] if any(line.startswith("DTSTART") for line in lines) else ["DTSTART:19970902T090000"]
    (row,) = calendar(item("UID:1", *start, *lines)).rows
    if row.error is not None:
        assert "does not recur" in row.error or "never happens" in row.error
        return
    said = dict(zip(HEADER, row.cells, strict=True))
    recurrence = with_dates(said["Rule"], said["Further dates"].split())
    most = len(case["expected"]) + 5
    found = [key_at(one, is_day=False) for one in occurrences(datetime.fromisoformat(said["Start"]), recurrence, most)]
    kept = [key for key in found if key not in said["Excepted dates"].split("\n")]
    assert kept[: len(case["expected"])] == [moment[:16] for moment in case["expected"]]


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        (["DTSTART:20261301T000000"], "DTSTART: there is no such date or time as '20261301T000000'"),
        (["DTSTART:soon"], "DTSTART: 'soon' is no date or time"),
        (["DTSTART:20260101T000000", "DURATION:P99999999999W"], "DURATION: 'P99999999999W' is no duration"),
        (["DTSTART:20260101T000000", "DURATION:P900000W"], "DURATION: date value out of range"),
        (
            ["DTSTART:20260101T000000", "EXRULE:FREQ=DAILY"],
            "EXRULE: more than 1,000 excepted dates; a rule with an end, or EXDATE, says them",
        ),
        (
            ["DTSTART:20260101T000000", "EXRULE:FREQ=SECONDLY"],
            "'FREQ=SECONDLY' does not recur yearly, monthly, weekly, daily, hourly",
        ),
        (
            ["DTSTART:20260101T000000", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260102T000000"],
            "RECURRENCE-ID: the series whose later dates (RANGE) it changes is not in the file",
        ),
        (["RRULE:FREQ=SECONDLY"], "'FREQ=SECONDLY' does not recur yearly, monthly, weekly, daily, hourly"),
        (["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"], "'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' never happens"),
        (["no property"], "line 3: 'no property' is no property"),
    ],
)
def test_what_is_wrong_with_an_item_is_told_with_what_was_read(lines: list[str], error: str) -> None:
    found = read("UID:1", *lines)
    assert found["error"].replace("line 4", "line 3") == error
    assert found["UID"] == "1"


def test_a_bad_item_harms_no_other() -> None:
    rows = filled(
        calendar("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n" + item("UID:2") + "X\nEND:VCALENDAR\n" + item("UID:3"))
    )
    assert [(row.get("UID"), row["line"], row.get("error")) for row in rows] == [
        ("1", "2", "no END:VEVENT before line 4"),
        ("2", "4", None),
        (None, "7", "stands outside of any record; line 7: 'X' is no property"),
        ("3", "9", None),
    ]


def test_what_is_neither_event_nor_to_do_is_counted() -> None:
    table = calendar("BEGIN:VCALENDAR\nPRODID:x\n" + item("UID:1", name="VJOURNAL") + item("A:b", name="X-OTHER"))
    assert filled(table) == []
    assert table.notices == ["a.ics: neither events nor to-dos, and left out: VJOURNAL (1), X-OTHER (1)"]


def test_components_in_each_other_have_a_limit() -> None:
    (found,) = filled(calendar(item(*["BEGIN:X"] * 5_000, *["END:X"] * 5_000)))
    assert "more than 50 components in each other" in found["error"]


def test_reading_streams() -> None:
    data = item("UID:1", "DESCRIPTION:" + "x" * 4000, "ATTACH;ENCODING=BASE64;VALUE=BINARY:" + "QUJD" * 5000) * 500
    with calendar(data) as table:
        tracemalloc.start()
        assert sum(1 for _ in table.rows) == 500
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
        tracemalloc.stop()


def test_every_column_has_its_own_name() -> None:
    assert len(set(HEADER)) == len(HEADER)


# What the reference reads in another way, by file and uid or place; see docs/explanation/import.md.
DIFFERENCES: dict[tuple[str, str], Any] = {
    ("america_new_york_forward_reference", "dtstart"): "the first of two",
    ("issue_722_missing_timezones", "dtend"): "in the zone of the start",
    ("big_bad_calendar", "count"): "its events, though the calendar has no end",
    ("pr_480_summary_with_colon", "count"): "its events, though the calendar has no end",
}
BROKEN = {"invalid_duration", "issue_104_broken_calendar", "issue_104_mark_events_broken", "issue_168_input"}


def _expected() -> dict[str, Any]:
    path = SAMPLES / "expected.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["files"] if path.exists() else {}
    return found


@needs_published
@pytest.mark.parametrize("name", _expected())
def test_every_value_of_the_samples(name: str) -> None:
    stem, wanted = name.rpartition("/")[2].removesuffix(".ics"), _expected()[name]
    table = calendar((SAMPLES / name).read_bytes())
    rows = filled(table)
    assert any("error" in row for row in rows) == (stem in BROKEN)
    items = [row for row in rows if "Type" in row]
    told = ", ".join(table.notices)
    for component, count in wanted.get("components", {}).items():
        if component in ("VJOURNAL", "VFREEBUSY", "VAVAILABILITY"):
            assert f"{component} ({count})" in told
    if (stem, "count") in DIFFERENCES or wanted["reference"] != "parsed":
        return
    kinds = {"Event": "VEVENT", "To-do": "VTODO"}
    assert Counter(kinds[row["Type"]] for row in items) == Counter(one["type"] for one in wanted["items"])
    for row, one in zip(_sorted(items), sorted(wanted["items"], key=lambda one: one["type"]), strict=True):
        _compare(stem, row, one)


def _sorted(items: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(items, key=lambda row: row["Type"])


def _compare(stem: str, row: dict[str, str], one: dict[str, Any]) -> None:
    assert row.get("UID") == one["uid"]
    assert row["Summary"] == one["summary"].strip() if one["summary"] else row["Summary"]
    assert len(row.get("Reminders", "").splitlines()) == one["alarms"]
    rule = (one["rrule"] or "").replace("\\", "").replace(" ", "")
    expected = rule or (ONCE if row.get("Further dates") else "")
    assert set(row.get("Rule", "").split(";")) == set(expected.split(";"))
    if (stem, "dtstart") not in DIFFERENCES:
        assert _same(row.get("Start"), one["dtstart"])
    assert _same(row.get("Due"), one["due"])
    if (stem, "dtend") in DIFFERENCES:
        return
    if one["dtend"] and len(one["dtend"]) > 8:
        assert _same(row["End"], one["dtend"])
    elif one["dtend"]:  # the day after the last one
        assert row["End"].replace("-", "") == one["dtstart"] or row["End"].replace("-", "") < one["dtend"]


def _same(cell: str | None, stamp: str | None) -> bool:
    """Say whether a cell is the time of the reference: wall time where that is one, else the same instant."""
    if not cell or not stamp:
        return not cell and not stamp
    wall, _, zone = cell.rstrip("]").partition("[")
    if stamp.endswith("Z") and zone:
        return to_utc(wall, zone) == to_utc(datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").isoformat(), "UTC")
    if cell.endswith("Z") and not stamp.endswith("Z"):
        return True  # of a zone that the file defines: checked by its offset elsewhere
    figures = "".join(char for char in wall if char.isdigit())
    return "".join(char for char in stamp if char.isdigit()).startswith(figures)
