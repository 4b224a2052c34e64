"""Calendars that go out and come in again: what recurs, what was changed in it, and the samples of other programs."""

import shutil
from pathlib import Path

import pytest

from tests.cli.workspace import Workspace
from tests.published import PUBLISHED, needs_published

SAMPLES = PUBLISHED / "ical-samples" / "collective-icalendar"
STAMPS = ("DTSTAMP", "LAST-MODIFIED")  # tell when it was written here


class Homes:
    """Two homes, of which the commands of a workspace use one or the other."""

    def __init__(self, workspace: Workspace, fresh: Path, patch: pytest.MonkeyPatch) -> None:
        self.workspace = workspace
        self._other = workspace.home.parent / "other"
        self._patch = patch
        shutil.copytree(fresh, self._other)

    def export(self, entity: str) -> list[str]:
        """Return the lines of a calendar of events or tasks."""
        text = self.workspace.ok("export", entity, "--format", "ics")
        (self.workspace.home.parent / f"{entity}.ics").write_text(text, encoding="utf-8", newline="")
        return [line for line in text.splitlines() if not line.startswith(STAMPS)]

    def take_over(self, *entities: str) -> None:
        """Change to the other home and import there what was exported."""
        self._patch.setenv("CRMCLI_HOME", str(self._other))
        for entity in entities:
            self.workspace.ok("import", entity, str(self.workspace.home.parent / f"{entity}.ics"), "--create")


@pytest.fixture
def homes(workspace: Workspace, fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> Homes:
    return Homes(workspace, fresh_home, monkeypatch)


def test_occurrences_keep_their_place(homes: Homes) -> None:
    crm = homes.workspace
    crm.ok("event", "add", "Stand-up", "--start", "monday 9:30", "--duration", "15m", "--every", "weekday")
    crm.ok("event", "edit", "E1", "--on", "2026-03-24", "--start", "2026-03-25 11:00")
    crm.ok("event", "cancel", "E1", "--on", "2026-03-26")
    crm.ok("event", "rm", "E1", "--on", "2026-03-27", "--yes")
    crm.ok("event", "edit", "E1", "--on", "2026-03-31", "--following", "--start", "10:00")
    crm.ok("task", "add", "Figures", "--every", "last friday of the month")
    crm.ok("task", "done", "T1")
    days = "2026-03-23..2026-04-30"
    before = [(row["day"], row["time"], row["title"]) for row in crm.json("agenda", days)]
    sent = {entity: homes.export(entity) for entity in ("event", "task")}
    assert "RECURRENCE-ID;TZID=Europe/Rome:20260324T093000" in sent["event"]
    homes.take_over("event", "task")
    assert [(row["day"], row["time"], row["title"]) for row in crm.json("agenda", days)] == before
    assert {entity: homes.export(entity) for entity in ("event", "task")} == sent
    crm.ok("task", "done", "T2")
    assert crm.json("task", "show", "T3")["due_at"] == "2026-05-29"


FURTHER = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:course@example.org
SUMMARY:Course
DTSTART;TZID=Europe/Rome:20260319T100000
DTEND;TZID=Europe/Rome:20260319T120000
RRULE:FREQ=WEEKLY;COUNT=3
RDATE;TZID=Europe/Rome:20260327T150000,20260420T100000
EXDATE;TZID=Europe/Rome:20260326T100000
END:VEVENT
BEGIN:VEVENT
UID:fair@example.org
SUMMARY:Fair
DTSTART;VALUE=DATE:20260321
RDATE;VALUE=DATE:20260323,20260324
END:VEVENT
END:VCALENDAR
"""


def test_further_dates_are_occurrences_and_stay_so(homes: Homes) -> None:
    crm = homes.workspace
    (crm.home.parent / "course.ics").write_text(FURTHER)
    crm.ok("import", "event", str(crm.home.parent / "course.ics"))
    days = "2026-03-01..2026-05-31"

    def told() -> list[tuple[str, str | None, str]]:
        return [(row["day"][5:], row["time"], row["title"]) for row in crm.json("agenda", days)]

    first = told()
    assert first == [
        ("03-19", "10:00", "Course"), ("03-21", None, "Fair"), ("03-23", None, "Fair"), ("03-24", None, "Fair"),
        ("03-27", "15:00", "Course"), ("04-02", "10:00", "Course"), ("04-20", "10:00", "Course"),
    ]  # fmt: skip
    sent = homes.export("event")
    assert "RDATE;TZID=Europe/Rome:20260327T150000" in sent and "RDATE;VALUE=DATE:20260324" in sent
    assert "and on 2 further dates" in crm.at_terminal("show", "E1")[1]
    homes.take_over("event")
    assert (told(), homes.export("event")) == (first, sent)
    crm.ok("event", "edit", "E1", "--on", "2026-03-27", "--start", "2026-03-27 16:00")
    crm.ok("event", "cancel", "E1", "--on", "2026-04-20")
    crm.ok("event", "rm", "E2", "--on", "2026-03-24", "--following", "--yes")
    assert told() == [
        ("03-19", "10:00", "Course"), ("03-21", None, "Fair"), ("03-23", None, "Fair"), ("03-27", "16:00", "Course"),
        ("04-02", "10:00", "Course"),
    ]  # fmt: skip


def test_a_split_series_takes_its_further_dates_along(workspace: Workspace) -> None:
    (workspace.home.parent / "course.ics").write_text(FURTHER)
    workspace.ok("import", "event", str(workspace.home.parent / "course.ics"))
    workspace.ok("event", "edit", "E1", "--on", "2026-04-02", "--following", "--start", "2026-04-03 10:00")
    workspace.ok("event", "edit", "E2", "--on", "2026-03-23", "--following", "--start", "2026-03-25")
    rows = workspace.json("agenda", "2026-03-01..2026-05-31")
    assert [(row["day"][5:], row["time"]) for row in rows if row["title"] == "Course"] == [
        ("03-19", "10:00"), ("03-27", "15:00"), ("04-03", "10:00"), ("04-21", "10:00"),
    ]  # fmt: skip
    assert [row["day"][5:] for row in rows if row["title"] == "Fair"] == ["03-21", "03-25", "03-26"]


def test_further_dates_are_said_on_the_command_line(workspace: Workspace) -> None:
    dates = 'rdates=["2026-03-23T09:00","2026-03-25T09:00"]'
    workspace.ok("event", "add", "Talks", "--start", "2026-03-20 09:00", "--set", dates)
    rows = workspace.json("agenda", "2026-03-19..2026-03-31")
    assert [row["day"][5:] for row in rows] == ["03-20", "03-23", "03-25"]
    for wrong in ('["soon"]', '["2026-03-23"]', '["2026-03-23T09:00\\nRRULE:FREQ=SECONDLY"]'):
        assert "rdates" in workspace.refused(4, "event", "edit", "E1", "--set", f"rdates={wrong}")
    workspace.ok("event", "edit", "E1", "--all", "--start", "2026-03-20 10:00")
    assert [row["time"] for row in workspace.json("agenda", "2026-03-19..2026-03-31")] == ["10:00"] * 3
    assert "still takes place on its further dates" in workspace.crm("event", "edit", "E1", "--unset", "rrule").err
    workspace.ok("event", "edit", "E1", "--unset", "rrule", "--unset", "rdates")
    assert len(workspace.json("agenda", "2026-03-19..2026-03-31")) == 1
    workspace.ok("undo", "--yes")
    assert len(workspace.json("agenda", "2026-03-19..2026-03-31")) == 3


@needs_published
def test_samples_survive_import_export_import(homes: Homes) -> None:
    for path in sorted(SAMPLES.rglob("*.ics")):
        assert homes.workspace.crm("import", "event", str(path), "--create").code in (0, 2, 6)
    events, tasks = homes.export("event"), homes.export("task")
    assert (events.count("BEGIN:VEVENT"), tasks.count("BEGIN:VTODO")) == (44, 5)
    homes.take_over("event", "task")
    assert (homes.export("event"), homes.export("task")) == (events, tasks)
