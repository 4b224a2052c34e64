"""A store and a real CalDAV server kept in step: changes on either side, and conflicts."""

import pytest

from tests.services.dav_pair import MOVED, PATH, SERIES, Pair


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


def test_further_dates_go_both_ways(pair: Pair) -> None:
    there = SERIES.format(uid="x-1", title="Weekly")
    dated = there.replace("RRULE:", "RDATE;TZID=Europe/Rome:20260402T100000\r\nRRULE:")
    pair.server.put(f"{PATH}x.ics", dated)
    pair.sync()
    assert pair.store.shown("event", 1)["rdates"] == ["2026-04-02T10:00"]
    pair.settled()
    pair.store.edit("event", 1, rdates=["2026-04-02T10:00", "2026-04-03T10:00"])
    assert pair.sync() == [("changed there", "Weekly")]
    assert pair.the_text().count("RDATE;TZID=Europe/Rome:2026040") == 2
    pair.settled()
    pair.server.put(f"{PATH}x.ics", there)
    assert pair.sync() == [("changed here", "Weekly")]
    assert pair.store.shown("event", 1)["rdates"] is None
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
