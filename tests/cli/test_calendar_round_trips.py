"""Calendars that go out and come in again: what recurs, what was changed in it, and the samples of other programs."""

import shutil
from pathlib import Path

import pytest

from tests.cli.workspace import Workspace

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "data" / "ical-samples" / "collective-icalendar"
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


@pytest.mark.skipif(not SAMPLES.exists(), reason="the shared sample data is not beside the checkout")
def test_samples_survive_import_export_import(homes: Homes) -> None:
    for path in sorted(SAMPLES.rglob("*.ics")):
        assert homes.workspace.crm("import", "event", str(path), "--create").code in (0, 2, 6)
    events, tasks = homes.export("event"), homes.export("task")
    assert (events.count("BEGIN:VEVENT"), tasks.count("BEGIN:VTODO")) == (44, 5)
    homes.take_over("event", "task")
    assert (homes.export("event"), homes.export("task")) == (events, tasks)
