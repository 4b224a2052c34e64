"""Feeds and folders of calendar files: stable, private, and taken in again without doubling."""

import stat
from pathlib import Path

import pytest

from tests.cli.workspace import Workspace

FOREIGN = """BEGIN:VCALENDAR\r
PRODID:-//another//EN\r
BEGIN:VEVENT\r
UID:{uid}\r
SUMMARY:{title}\r
DTSTART;TZID=Europe/Rome:20260320T100000\r
DTEND;TZID=Europe/Rome:20260320T110000\r
END:VEVENT\r
END:VCALENDAR\r
"""


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    def make() -> None:
        workspace.ok("org", "add", "Acme")
        workspace.ok("event", "add", "Demo", "--start", "2026-03-20 09:00", "--set", "rrule=FREQ=WEEKLY", "--for", "O1")
        workspace.ok("task", "add", "Call", "--due", "2026-03-19 10:00")
        workspace.ok("deal", "add", "Big one", "--org", "O1", "--amount", "1000", "--expected-close", "2026-04-30")
        workspace.ok("deal", "add", "Undated", "--org", "O1")

    return workspace.once(make)


def test_a_feed_has_events_tasks_and_closes_and_stays_the_same(filled: Workspace, tmp_path: Path) -> None:
    feed = tmp_path / "feed.ics"
    filled.ok("export", "ics", "--to", str(feed))
    text = feed.read_bytes().decode()
    assert [text.count(f"BEGIN:{name}\r\n") for name in ("VEVENT", "VTODO", "VTIMEZONE")] == [2, 1, 1]
    assert "SUMMARY:Expected to close: Big one\r\n" in text and "DTSTART;VALUE=DATE:20260430\r\n" in text
    assert stat.S_IMODE(feed.stat().st_mode) == 0o600
    filled.ok("export", "ics", "--to", str(feed))
    assert feed.read_bytes().decode() == text
    assert "Big one" not in filled.ok("export", "ics", "--only", "events,tasks")
    filled.refused(2, "export", "ics", "--only", "event")


def test_a_failed_feed_leaves_the_old_one(filled: Workspace, tmp_path: Path) -> None:
    feed = tmp_path / "feed.ics"
    feed.write_text("old")
    filled.refused(2, "export", "ics", "--to", str(feed), "--only", "nothing")
    assert feed.read_text() == "old"
    filled.refused(1, "export", "ics", "--to", str(tmp_path / "no" / "feed.ics"))


def test_a_folder_has_a_file_for_each_item_and_only_changes_are_written(filled: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "calendar"
    assert "3 items in" in _folder(filled, folder)
    files = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert len(files) == 3
    assert "0 files written" in _folder(filled, folder)
    filled.ok("task", "edit", "T1", "--set", "subject=Ring")
    filled.ok("event", "rm", "E1", "--yes")
    told = _folder(filled, folder)
    assert "1 file written" in told and "no longer in the store, and not removed: " in told
    changed = [path for path in folder.iterdir() if path.stat().st_mtime_ns != files[path.name]]
    assert [path.read_text().count("SUMMARY:Ring") for path in changed] == [1]


def test_files_of_other_programs_are_left_alone(workspace: Workspace, tmp_path: Path) -> None:
    folder = _foreign(tmp_path, "one-1", "two-2")
    workspace.ok("import", "event", str(folder))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    done = workspace.crm("export", "ics", "--to", str(folder))
    assert "2 files of other programs, left as they are: one-1.ics, two-2.ics" in done.err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_comes_in_once_and_what_left_it_is_told(workspace: Workspace, tmp_path: Path) -> None:
    folder = _foreign(tmp_path, "one-1", "two-2", "three-3")
    (folder / "three-3.ics").write_bytes(FOREIGN.format(uid="three-3", title="Caffè").encode("cp1252"))
    (folder / ".hidden.ics").write_text("no calendar")
    assert "3 created" in workspace.crm("import", "event", str(folder)).err
    before = workspace.state()
    again = workspace.crm("import", "event", str(folder)).err
    assert "0 created, 0 updated, 3 unchanged" in again and "no longer" not in again
    assert workspace.state() == before
    assert {row["title"] for row in workspace.json("event", "list")} == {"one-1", "two-2", "Caffè"}
    (folder / "two-2.ics").unlink()
    told = workspace.crm("import", "event", str(folder)).err
    (gone,) = (row["ref"] for row in workspace.json("event", "list") if row["title"] == "two-2")
    assert f"no longer in it, and not removed here: {gone}\n" in told
    workspace.ok("event", "rm", gone, "--yes")
    assert "no longer" not in workspace.crm("import", "event", str(folder)).err


def test_our_own_folder_comes_back_without_closes(filled: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "calendar"
    _folder(filled, folder)
    before = filled.state()
    assert "0 created, 0 updated, 2 unchanged" in filled.crm("import", "event", str(folder)).err
    assert filled.state() == before


def test_a_folder_of_something_else_is_told(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    assert "holds neither cards" in workspace.refused(2, "import", "event", str(folder))
    for name in ("a.ics", "a.vcf"):
        (folder / name).write_text("x")
    assert "holds both" in workspace.refused(2, "import", "event", str(folder))


@pytest.mark.parametrize("uid", ["../../evil", "a/b", ".hidden", "x" * 300, "naïve ☃", "", "-rf", "a\\b", "con:1"])
def test_names_of_files_are_safe_whatever_the_uid(uid: str) -> None:
    from crmcli.services.calendars.items import file_name

    name = file_name(uid, ".ics")
    assert "/" not in name and "\\" not in name and ":" not in name and name[0] not in ".-"
    assert len(name) < 140 and name.isascii() and name.endswith(".ics")
    assert file_name("2b1f@example.com", ".ics") == "2b1f@example.com.ics"


def _folder(workspace: Workspace, folder: Path) -> str:
    done = workspace.crm("export", "ics", "--to", f"{folder}/")
    assert done.code == 0, done.err
    return done.err


def _foreign(tmp_path: Path, *uids: str) -> Path:
    folder = tmp_path / "foreign"
    folder.mkdir()
    for uid in uids:
        (folder / f"{uid}.ics").write_text(FOREIGN.format(uid=uid, title=uid))
    return folder


def test_a_dash_is_standard_output(filled: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert filled.ok("export", "ics", "--to", "-") == filled.ok("export", "ics")
    assert not list(tmp_path.glob("-"))
