"""A store and a real CalDAV server kept in step: changes on either side, conflicts, deaths in the middle."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crmcli.conditions.expression import Clause
from crmcli.config.calendars import Synced
from crmcli.config.paths import Paths
from crmcli.errors import ConfigError, ExternalError, UsageError
from crmcli.integrations.dav import Collection
from crmcli.services.calendars.report import Report
from crmcli.services.calendars.sync import synchronise
from crmcli.services.undo import take_back
from tests.services.dav_server import PASSWORD, USER, DavServer, serving_dav
from tests.services.world import Store

ALL = Clause("TRUE", {})
SERIES = """BEGIN:VEVENT\r
UID:{uid}\r
DTSTAMP:20260101T000000Z\r
SUMMARY:{title}\r
DTSTART;TZID=Europe/Rome:20260323T100000\r
DTEND;TZID=Europe/Rome:20260323T110000\r
RRULE:FREQ=WEEKLY;COUNT=5\r
X-COLOUR:red\r
ATTENDEE;CN=Zoe;PARTSTAT=ACCEPTED:mailto:zoe@example.org\r
BEGIN:VALARM\r
ACTION:AUDIO\r
TRIGGER:-PT15M\r
END:VALARM\r
END:VEVENT\r
"""
MOVED = """BEGIN:VEVENT\r
UID:{uid}\r
DTSTAMP:20260101T000000Z\r
RECURRENCE-ID;TZID=Europe/Rome:20260330T100000\r
SUMMARY:{title}\r
DTSTART;TZID=Europe/Rome:20260331T150000\r
DTEND;TZID=Europe/Rome:20260331T160000\r
END:VEVENT\r
"""
PATH = "/anna/work/"


class Pair:
    """Both sides, with an account between them."""

    def __init__(self, store: Store, server: DavServer, folder: Path) -> None:
        self.store, self.server, self.folder = store, server, folder
        self.account = Synced("calendar", "work", server.make(PATH), USER)
        self.wanted = {"event": ALL, "task": ALL}

    def sync(self, prefer: str | None = None, **command: Any) -> list[tuple[str, str]]:
        """Bring both in step; return what was done and to which titles."""
        return sorted((one.action, one.title) for one in self.report(prefer, **command).told)

    def report(self, prefer: str | None = None, **command: Any) -> Report:
        config, data, state, cache = (self.folder / name for name in ("config", "data", "state", "cache"))
        paths = Paths(config, data, state, cache, self.store.path)
        context = replace(self.store.context(**command), paths=paths)
        return synchronise(context, self.account, self.wanted, prefer)

    def settled(self) -> None:
        """Check that there is nothing more to do, neither here nor there."""
        before, asked = self.store.export(), len(self.server.asked)
        assert self.sync() == []
        assert self.store.export() == before
        assert {method for method, _ in self.server.asked[asked:]} <= {"PROPFIND", "REPORT"}

    def texts(self) -> list[str]:
        return [self.server.text(f"{PATH}{name}") for name in self.server.names(PATH)]

    def the_text(self) -> str:
        (text,) = self.texts()
        return text

    def event(self, title: str, **more: Any) -> int:
        return self.store.add("event", {"title": title, "start_at": "2026-03-23T09:00:00Z", **more})


@pytest.fixture
def pair(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    for name in ("WORK", "BOOK"):
        monkeypatch.setenv(f"CRMCLI_{name}_PASSWORD", PASSWORD)
    with serving_dav(tmp_path) as server:
        yield Pair(store, server, tmp_path)


def test_what_is_new_on_each_side_comes_to_the_other(pair: Pair) -> None:
    pair.event("Ours", location="Rome")
    pair.store.add("task", subject="Call", due_at="2026-03-20T09:00:00Z", priority="high")
    pair.server.put(f"{PATH}x.ics", SERIES.format(uid="x-1", title="Theirs"))
    assert pair.sync() == [("new here", "Theirs"), ("new there", "Call"), ("new there", "Ours")]
    row = pair.store.row("event", 2)
    assert [row[key] for key in ("ical_uid", "start_wall", "zone", "rrule")] == [
        "x-1", "2026-03-23T10:00", "Europe/Rome", "FREQ=WEEKLY;COUNT=5",
    ]  # fmt: skip
    assert row["description"] is None, "who is invited stays with the invitation"
    texts = "".join(pair.texts())
    assert "LOCATION:Rome" in texts and "PRIORITY:2" in texts
    pair.settled()


def test_nobody_is_invited_by_the_server(pair: Pair) -> None:
    contact = pair.store.add("contact", full_name="Zoe", emails=["zoe@example.org"])
    guest = {"entity": "contact", "record_id": contact}
    pair.event("Ours", attendees=[guest], links=[{**guest, "is_main": 1}])
    pair.sync()
    assert not any(word in pair.the_text() for word in ("ATTENDEE", "ORGANIZER", "zoe", "Zoe"))
    pair.server.edit(f"{PATH}{pair.server.names(PATH)[0]}", "SUMMARY:Ours", "SUMMARY:Hers")
    assert pair.sync() == [("changed here", "Hers")]
    shown = pair.store.shown("event", 1)
    assert (shown["contact_ref"], len(shown["attendees"])) == ("C1", 1)
    pair.settled()


def test_a_change_on_each_side_keeps_what_the_other_side_does_not_know(pair: Pair) -> None:
    pair.server.put(f"{PATH}x.ics", SERIES.format(uid="x-1", title="Demo"))
    pair.sync()
    pair.store.edit("event", 1, title="Demo, with lunch", location="Bar")
    assert pair.sync() == [("changed there", "Demo, with lunch")]
    text = pair.the_text()
    for line in ("X-COLOUR:red", "ATTENDEE;CN=Zoe;PARTSTAT=ACCEPTED:mailto:zoe@example.org", "ACTION:AUDIO",
                 "LOCATION:Bar", "SUMMARY:Demo\\, with lunch", "RRULE:FREQ=WEEKLY;COUNT=5"):  # fmt: skip
        assert line in text, text
    pair.settled()
    contact = pair.store.add("contact", full_name="Zoe")
    pair.store.edit("event", 1, links=[{"entity": "contact", "record_id": contact, "is_main": 1}])
    pair.settled()
    pair.server.edit(f"{PATH}x.ics", "LOCATION:Bar\n", "")
    assert pair.sync() == [("changed here", "Demo, with lunch")]
    assert (pair.store.row("event", 1)["location"], pair.store.shown("event", 1)["contact_ref"]) == (None, "C1")
    pair.settled()


def test_a_task_that_is_done_is_done_on_both_sides(pair: Pair) -> None:
    pair.store.add("task", subject="Call", due_at="2026-03-20T09:00:00Z")
    pair.sync()
    (name,) = pair.server.names(PATH)
    pair.server.edit(f"{PATH}{name}", "STATUS:NEEDS-ACTION", "STATUS:COMPLETED\nCOMPLETED:20260318T080000Z")
    assert pair.sync() == [("changed here", "Call")]
    row = pair.store.row("task", 1)
    assert (row["status"], row["completed_at"]) == ("done", "2026-03-18T08:00:00Z")
    pair.settled()
    pair.store.edit("task", 1, status="todo")
    assert pair.sync() == [("changed there", "Call")]
    assert "COMPLETED" not in pair.the_text()
    pair.settled()


def test_one_occurrence_moved_here_is_moved_there_and_back(pair: Pair) -> None:
    series = pair.event("Weekly", rrule="FREQ=WEEKLY;COUNT=5")
    uid = pair.store.row("event", series)["ical_uid"]
    pair.sync()
    moved = pair.event("Weekly", start_at="2026-03-31T13:00:00Z", ical_uid=uid, recurrence_id="2026-03-30T11:00")
    assert pair.sync() == [("changed there", "Weekly")]
    text = pair.the_text()
    assert text.count("BEGIN:VEVENT") == 2 and "RECURRENCE-ID;TZID=Europe/Rome:20260330T110000" in text
    pair.settled()
    (name,) = pair.server.names(PATH)
    pair.server.edit(
        f"{PATH}{name}", "DTSTART;TZID=Europe/Rome:20260331T150000", "DTSTART;TZID=Europe/Rome:20260401T080000"
    )
    pair.server.edit(
        f"{PATH}{name}", "DTEND;TZID=Europe/Rome:20260331T160000", "DTEND;TZID=Europe/Rome:20260401T090000"
    )
    assert pair.sync() == [("changed here", "Weekly")]
    assert pair.store.row("event", moved)["start_wall"] == "2026-04-01T08:00"
    pair.settled()
    from crmcli.services.records import remove

    remove(pair.store.context(), "event", [moved])
    pair.store.edit("event", series, exdates=["2026-03-30T11:00"])
    assert pair.sync() == [("changed there", "Weekly")]
    text = pair.the_text()
    assert text.count("BEGIN:VEVENT") == 1 and "EXDATE;TZID=Europe/Rome:20260330T110000" in text
    pair.settled()


def test_one_occurrence_moved_there_is_moved_here_and_back(pair: Pair) -> None:
    pair.server.put(f"{PATH}x.ics", SERIES.format(uid="x-1", title="Weekly"))
    pair.sync()
    pair.server.put(f"{PATH}x.ics", SERIES.format(uid="x-1", title="Weekly"), MOVED.format(uid="x-1", title="Later"))
    assert pair.sync() == [("changed here", "Weekly")]
    row = pair.store.row("event", 2)
    assert [row[key] for key in ("ical_uid", "recurrence_id", "start_wall", "title")] == [
        "x-1", "2026-03-30T10:00", "2026-03-31T15:00", "Later",
    ]  # fmt: skip
    pair.settled()
    pair.store.edit("event", 2, title="Later still")
    assert pair.sync() == [("changed there", "Weekly")]
    assert "SUMMARY:Later still" in pair.the_text() and "SUMMARY:Weekly" in pair.the_text()
    pair.server.put(f"{PATH}x.ics", SERIES.format(uid="x-1", title="Weekly"))
    assert pair.sync() == [("changed here", "Weekly")]
    assert pair.store.count("event") == 1
    pair.settled()


def test_what_is_removed_on_one_side_goes_on_the_other(pair: Pair) -> None:
    from crmcli.services.records import remove

    for number in range(3):
        pair.event(f"Event {number}")
    pair.sync()
    first, *_ = [item for item in pair.server.names(PATH) if "Event 0" in pair.server.text(f"{PATH}{item}")]
    pair.server.ask("DELETE", f"{PATH}{first}")
    remove(pair.store.context(), "event", [2])
    assert pair.sync() == [("removed here", "Event 0"), ("removed there", "Event 1")]
    assert pair.store.count("event") == 1 and len(pair.server.names(PATH)) == 1
    pair.settled()


def test_changes_of_different_fields_are_both_kept(pair: Pair) -> None:
    pair.event("Demo", location="Rome")
    pair.sync()
    (name,) = pair.server.names(PATH)
    pair.server.edit(f"{PATH}{name}", "LOCATION:Rome", "LOCATION:Milan")
    pair.store.edit("event", 1, title="Demo two")
    assert pair.sync() == [("changed here", "Demo"), ("changed there", "Demo two")]
    assert (pair.store.row("event", 1)["title"], pair.store.row("event", 1)["location"]) == ("Demo two", "Milan")
    assert "LOCATION:Milan" in pair.the_text() and "SUMMARY:Demo two" in pair.the_text()
    pair.settled()


def contradict(pair: Pair) -> None:
    pair.event("Demo", location="Rome")
    pair.sync()
    (name,) = pair.server.names(PATH)
    pair.server.edit(f"{PATH}{name}", "LOCATION:Rome", "LOCATION:Milan\nX-KEPT:yes")
    pair.store.edit("event", 1, location="Turin")


def test_a_conflict_is_shown_and_touches_nothing(pair: Pair) -> None:
    contradict(pair)
    here, there = pair.store.export(), pair.texts()
    for _ in range(2):
        (told,) = pair.report().told
        assert (told.action, told.ref, told.detail) == ("conflict", "E1", "location: here 'Turin', there 'Milan'")
        assert (pair.store.export(), pair.texts()) == (here, there)


def test_a_conflict_decided_for_the_other_side(pair: Pair) -> None:
    contradict(pair)
    pair.sync("remote")
    assert pair.store.row("event", 1)["location"] == "Milan"
    assert "LOCATION:Milan" in pair.the_text() and "X-KEPT:yes" in pair.the_text()
    pair.settled()


def test_a_conflict_decided_for_this_side_keeps_the_other_version_in_a_file(pair: Pair) -> None:
    contradict(pair)
    pair.sync("local")
    assert pair.store.row("event", 1)["location"] == "Turin"
    assert "LOCATION:Turin" in pair.the_text() and "X-KEPT:yes" in pair.the_text()
    (kept,) = (pair.folder / "state" / "conflicts").iterdir()
    assert "LOCATION:Milan" in kept.read_text() and kept.stat().st_mode & 0o77 == 0
    pair.settled()


@pytest.mark.parametrize("prefer", [None, "local", "remote"])
@pytest.mark.parametrize("gone", ["here", "there"])
def test_removed_on_one_side_and_changed_on_the_other(pair: Pair, gone: str, prefer: str | None) -> None:
    from crmcli.services.records import remove

    pair.event("Demo", location="Rome")
    pair.sync()
    (name,) = pair.server.names(PATH)
    if gone == "here":
        remove(pair.store.context(), "event", [1])
        pair.server.edit(f"{PATH}{name}", "LOCATION:Rome", "LOCATION:Milan")
    else:
        pair.server.ask("DELETE", f"{PATH}{name}")
        pair.store.edit("event", 1, location="Milan")
    done = pair.sync(prefer)
    if prefer is None:
        assert [action for action, _ in done] == ["conflict"]
        assert pair.sync() == done
        return
    lives = (prefer == "local") == (gone == "there")
    assert pair.store.count("event") == lives and len(pair.server.names(PATH)) == lives
    if lives:
        assert pair.store.row("event", 1)["location"] == "Milan" and "LOCATION:Milan" in pair.the_text()
    pair.settled()


class Killed(BaseException):
    """As if the process had died."""


@pytest.mark.parametrize("step", range(8))
def test_a_run_that_died_goes_on_without_doubling(pair: Pair, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from crmcli.services.records import remove

    for title in ("Changed", "Removed", "Kept"):
        pair.event(title)
    pair.server.put(f"{PATH}x.ics", SERIES.format(uid="x-1", title="Theirs"))
    pair.sync()
    pair.event("New")
    pair.store.edit("event", 1, title="Changed here")
    remove(pair.store.context(), "event", [2])
    pair.server.edit(f"{PATH}x.ics", "SUMMARY:Theirs", "SUMMARY:Theirs too")
    asked = Collection._ask
    left = [step]

    def dies(self: Collection, *words: Any) -> Any:
        answer = asked(self, *words)  # the server has done it, and nobody hears of it
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return answer

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Collection, "_ask", dies)
        pair.sync()
        raise Killed  # it had come to its end before
    pair.sync()
    titles = {row["title"] for row in pair.store.rows("SELECT title FROM event WHERE deleted_at IS NULL")}
    assert titles == {"Changed here", "Kept", "New", "Theirs too"} and pair.store.count("event") == 4
    told = sorted(line for text in pair.texts() for line in text.splitlines() if line.startswith("SUMMARY"))
    assert told == ["SUMMARY:Changed here", "SUMMARY:Kept", "SUMMARY:New", "SUMMARY:Theirs too"]
    pair.settled()


def test_somebody_who_is_faster_is_not_overwritten(pair: Pair) -> None:
    pair.event("Demo", location="Rome")
    pair.sync()
    (name,) = pair.server.names(PATH)
    pair.store.edit("event", 1, title="Ours")

    def faster(method: str, path: str) -> None:
        if method == "PUT":
            pair.server.before = lambda *_: None
            pair.server.edit(f"{PATH}{name}", "LOCATION:Rome", "LOCATION:Milan")

    pair.server.before = faster
    assert pair.sync() == [("not taken", "Ours")]
    assert pair.sync() == [("changed here", "Demo"), ("changed there", "Ours")]
    assert "LOCATION:Milan" in pair.the_text() and "SUMMARY:Ours" in pair.the_text()
    pair.settled()


def test_only_changes_are_asked_for_and_a_forgotten_mark_is_no_loss(pair: Pair) -> None:
    for number in range(5):
        pair.event(f"Event {number}")
    pair.sync()
    pair.settled()
    asked = len(pair.server.asked)
    pair.sync()
    assert [method for method, _ in pair.server.asked[asked:]] == ["PROPFIND", "REPORT"]
    name = pair.server.names(PATH)[0]
    title = pair.server.text(f"{PATH}{name}").partition("SUMMARY:")[2].partition("\n")[0]
    pair.server.edit(f"{PATH}{name}", f"SUMMARY:{title}", "SUMMARY:New title")
    for cache in pair.folder.rglob("sync-token"):
        shutil.rmtree(cache)
    assert pair.sync() == [("changed here", "New title")]
    pair.settled()


def test_a_server_that_lost_everything_takes_nothing_along(pair: Pair) -> None:
    for number in range(5):
        pair.event(f"Event {number}")
    pair.sync()
    for name in pair.server.names(PATH):
        pair.server.ask("DELETE", f"{PATH}{name}")
    with pytest.raises(UsageError, match="5 items would be removed here"):
        pair.sync()
    assert pair.store.count("event") == 5
    assert len(pair.sync(most=5)) == 5 and pair.store.count("event") == 0


def test_undo_takes_back_what_came_and_the_next_run_brings_it_again(pair: Pair) -> None:
    before = pair.store.export()
    pair.server.put(f"{PATH}x.ics", SERIES.format(uid="x-1", title="Theirs"))
    pair.sync()
    operation = pair.store.rows("SELECT MAX(id) AS id FROM operation")[0]["id"]
    take_back(pair.store.context(kind="undo"), operation)
    assert pair.store.export() == before
    assert pair.sync() == [("new here", "Theirs")]
    assert pair.server.names(PATH) == ["x.ics"]
    pair.settled()


def test_undo_of_a_change_is_a_change_that_is_sent(pair: Pair) -> None:
    pair.event("Demo", location="Rome")
    pair.sync()
    (name,) = pair.server.names(PATH)
    pair.server.edit(f"{PATH}{name}", "LOCATION:Rome", "LOCATION:Milan")
    pair.sync()
    operation = pair.store.rows("SELECT MAX(id) AS id FROM operation")[0]["id"]
    take_back(pair.store.context(kind="undo"), operation)
    assert pair.sync() == [("changed there", "Demo")]
    assert "LOCATION:Rome" in pair.the_text()


def test_a_dry_run_tells_everything_and_touches_nothing(pair: Pair) -> None:
    pair.event("Ours")
    pair.event("Changed")
    pair.sync()
    pair.event("New")
    pair.store.edit("event", 1, title="Ours two")
    pair.server.put(f"{PATH}x.ics", SERIES.format(uid="x-1", title="Theirs"))
    here, there, asked = pair.store.export(), pair.texts(), len(pair.server.asked)
    told = [("changed there", "Ours two"), ("new here", "Theirs"), ("new there", "New")]
    assert pair.sync(dry_run=True) == told
    assert (pair.store.export(), pair.texts()) == (here, there)
    assert not {"PUT", "DELETE"} & {method for method, _ in pair.server.asked[asked:]}
    assert pair.sync() == told


def test_what_came_by_a_file_before_is_not_doubled(pair: Pair) -> None:
    pair.event("Theirs", start_at="2026-03-23T09:00:00Z", end_at="2026-03-23T10:00:00Z", ical_uid="x-1",
               rrule="FREQ=WEEKLY;COUNT=5", location="Bar")  # fmt: skip
    pair.server.put(f"{PATH}x.ics", SERIES.format(uid="x-1", title="Theirs"))
    pair.sync()
    assert pair.store.count("event") == 1 and pair.server.names(PATH) == ["x.ics"]
    assert "LOCATION:Bar" in pair.the_text() and "X-COLOUR:red" in pair.the_text()
    pair.settled()


def test_a_bad_item_harms_no_other(pair: Pair) -> None:
    pair.server.put(
        f"{PATH}bad.ics",
        MOVED.format(uid="bad", title="Bad").replace("RECURRENCE-ID;", "RECURRENCE-ID;RANGE=THISANDFUTURE;"),
    )
    pair.server.put(f"{PATH}x.ics", SERIES.format(uid="x-1", title="Good"))
    done = pair.report()
    assert sorted((one.action, one.title) for one in done.told)[0] == ("new here", "Good")
    (failed,) = (one for one in done.told if one.action == "not taken")
    assert "RANGE" in failed.detail
    assert pair.store.count("event") == 1 and pair.server.names(PATH) == ["bad.ics", "x.ics"]


def test_conditions_say_what_is_sent_and_other_accounts_keep_theirs(pair: Pair) -> None:
    pair.event("Public")
    pair.event("Private", visibility="private")
    pair.wanted = {"event": Clause("r.visibility = 'public'", {})}
    assert pair.sync() == [("new there", "Public")]
    pair.store.edit("event", 1, visibility="private")
    assert pair.sync() == [("changed there", "Public")], "what is there stays in step"
    other = pair.server.make("/anna/other/")
    pair.account, pair.wanted = pair.account._replace(name="book", url=other), {"event": ALL}
    assert pair.sync() == [("new there", "Private")]
    assert len(pair.server.names("/anna/other/")) == 1


def test_what_the_server_refuses_is_told_without_secrets(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.event("Demo")
    right = pair.account
    pair.account = right._replace(url=right.url.replace("/work/", "/"))
    with pytest.raises(ConfigError) as wrong:
        pair.sync()
    assert right.url in (wrong.value.hint or "")
    pair.account = right
    monkeypatch.setenv("CRMCLI_WORK_PASSWORD", "wr0ng-word")
    with pytest.raises(ExternalError) as refused:
        pair.sync()
    assert "wr0ng-word" not in str(refused.value) and "refuses user or password" in str(refused.value)
    assert pair.store.rows("SELECT * FROM sync_item") == []


def test_two_runs_at_once_are_one(pair: Pair) -> None:
    from crmcli.store.job_lock import job_lock

    pair.event("Demo")
    with job_lock(pair.store.path, "sync-work"):
        assert pair.report().is_running
    assert pair.server.names(PATH) == []
