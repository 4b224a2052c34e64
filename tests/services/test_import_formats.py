"""Cards, calendars and mail in the store: matched by what they bear, linked to whom they name, never doubled."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest

from crmcli.services.undo import take_back
from tests.published import PUBLISHED, needs_published
from tests.services.files import Desk, figures
from tests.services.world import Store

CARD = "BEGIN:VCARD\nVERSION:3.0\nUID:{uid}\nN:Rossi;Anna\nEMAIL:anna@example.com\nTITLE:{title}\nEND:VCARD\n"
SERIES = """BEGIN:VEVENT
UID:{uid}
SUMMARY:{title}
DTSTART;TZID=America/New_York:20260302T100000
DTEND;TZID=America/New_York:20260302T110000
RRULE:FREQ=WEEKLY
ATTENDEE:mailto:anna@example.com
ATTENDEE:mailto:nobody@example.com
END:VEVENT
BEGIN:VEVENT
UID:{uid}
RECURRENCE-ID;TZID=America/New_York:20260309T100000
SUMMARY:Moved
DTSTART;TZID=America/New_York:20260310T100000
END:VEVENT
"""
MESSAGE = "Message-ID: {id}\nDate: Mon, 2 Mar 2026 10:00:00 +0100\nFrom: {sender}\nTo: {to}\nSubject: Offer\n\nHere\n"
ANNA, ME = "Anna <anna@example.com>", "me@example.com"


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return Desk(store, tmp_path)


def take(desk: Desk, name: str, text: str, entity: str, **more: Any) -> tuple[int, int, int, int]:
    path = desk.folder / name
    path.write_text(text, encoding="utf-8")
    return figures(desk.take(entity, path, **more))


def test_a_card_is_known_again_by_its_uid(desk: Desk) -> None:
    assert take(desk, "a.vcf", CARD.format(uid="7", title="CTO"), "contact") == (1, 0, 0, 0)
    assert take(desk, "a.vcf", CARD.format(uid="7", title="CTO"), "contact") == (0, 0, 1, 0)
    assert take(desk, "a.vcf", CARD.format(uid="7", title="CEO"), "contact") == (0, 1, 0, 0)
    assert desk.store.shown("contact", 1)["job_title"] == "CEO"


def test_a_card_that_bears_our_own_uid_is_that_record(desk: Desk) -> None:
    desk.store.add("contact", full_name="Anna Rossi")
    own = desk.store.row("contact", 1)["uid"]
    assert take(desk, "a.vcf", CARD.format(uid=own.upper(), title="CTO"), "contact") == (0, 1, 0, 0)
    assert desk.store.count("contact") == 1


def test_a_calendar_goes_in_once_and_back_whole(desk: Desk) -> None:
    desk.store.add("contact", full_name="Anna", emails=["anna@example.com"])
    before = desk.store.export()
    path = desk.folder / "a.ics"
    path.write_text(SERIES.format(uid="1", title="Demo"), encoding="utf-8")
    receipt = desk.take("event", path)
    assert figures(receipt) == (2, 0, 0, 0)
    assert figures(desk.take("event", path)) == (0, 0, 2, 0)
    row = desk.store.row("event", 1)
    assert [row[key] for key in ("start_wall", "end_wall", "zone", "rrule")] == [
        "2026-03-02T10:00", "2026-03-02T11:00", "America/New_York", "FREQ=WEEKLY",
    ]  # fmt: skip
    assert desk.store.shown("event", 1)["contact_ref"] == "C1"
    assert desk.store.row("event", 2)["recurrence_id"] == "2026-03-09T10:00"
    take_back(desk.store.context(kind="undo"), desk.operation(receipt.job or 0))
    assert desk.store.export() == before


MEETING = """BEGIN:VEVENT
UID:{uid}
SUMMARY:Review
DTSTART;TZID=Europe/Rome:20260302T100000
ORGANIZER;CN=Me:mailto:me@example.com
ATTENDEE;PARTSTAT=ACCEPTED:mailto:ME@example.com
ATTENDEE;CN=Anna;PARTSTAT={answer}:mailto:anna@example.com
ATTENDEE;PARTSTAT=DECLINED:mailto:bruno@example.com
ATTENDEE:mailto:nobody@example.com
ATTENDEE:urn:uuid:1
END:VEVENT
"""


def test_who_is_invited_takes_part_with_the_answer_and_nobody_is_made(desk: Desk) -> None:
    desk.store.edit("user", 1, email="me@example.com")
    desk.store.add("contact", full_name="Anna", emails=["anna@example.com"])
    desk.store.add("lead", full_name="Bruno", emails=["bruno@example.com"])
    options = {"own": {"me@example.com": "anna"}}
    assert take(desk, "a.ics", MEETING.format(uid="1", answer="TENTATIVE"), "event", options=options) == (1, 0, 0, 0)
    event = desk.store.shown("event", 1)
    assert {one["ref"]: one["response"] for one in event["attendees"]} == {
        "anna": "accepted", "C1": "tentative", "L1": "declined",
    }  # fmt: skip
    assert (event["organiser"], event["contact_ref"], event["lead_ref"]) == ("anna", "C1", "L1")
    assert "nobody@example.com" in event["description"]
    assert (desk.store.count("contact"), desk.store.count("lead"), desk.store.count("user")) == (1, 1, 1)
    assert take(desk, "a.ics", MEETING.format(uid="1", answer="ACCEPTED"), "event", options=options) == (0, 1, 0, 0)
    assert [one["response"] for one in desk.store.shown("event", 1)["attendees"]] == [
        "accepted",
        "accepted",
        "declined",
    ]


def test_a_changed_instance_is_known_in_whatever_way_it_came(desk: Desk) -> None:
    take(desk, "a.ics", SERIES.format(uid="1", title="Demo"), "event")
    own = desk.store.row("event", 2)["uid"]
    moved = SERIES[SERIES.index("END:VEVENT\n") + 11 :].replace("Moved", "Moved again").format(uid="1")
    ours = moved.replace("SUMMARY", f"X-CRMCLI-UID:{own}\nSUMMARY")
    assert take(desk, "b.ics", ours, "event") == (0, 1, 0, 0)
    assert desk.store.shown("event", 2)["title"] == "Moved again"
    other = moved.replace("20260309T100000", "20260309T140000Z").replace(";TZID=America/New_York:20260309", ":20260309")
    assert take(desk, "c.ics", other.replace("again", "once more"), "event") == (0, 1, 0, 0)
    assert (desk.store.shown("event", 2)["title"], desk.store.count("event")) == ("Moved once more", 2)


def test_an_event_of_ours_comes_back_as_the_same_one(desk: Desk) -> None:
    desk.store.add("event", title="Demo", start_at="2026-03-02T15:00:00Z")
    uid = desk.store.row("event", 1)["ical_uid"]
    assert take(desk, "a.ics", SERIES.format(uid=uid, title="Demo, changed"), "event") == (1, 1, 0, 0)
    assert desk.store.shown("event", 1)["title"] == "Demo, changed"
    assert take(desk, "a.ics", SERIES.format(uid=uid, title="Demo"), "event") == (0, 1, 1, 0)


def test_a_bad_item_can_be_imported_from_the_rejects_file(desk: Desk) -> None:
    bad = SERIES.replace("SUMMARY:Moved", "Moved").format(uid="1", title="Demo")
    assert take(desk, "a.ics", bad, "event") == (1, 0, 0, 1)
    (row,) = desk.rejected()
    assert (row["_line"], row["_error"]) == ("10", "line 13: 'Moved' is no property")
    again = desk.folder / "again.csv"
    again.write_text(desk.rejects.read_text(encoding="utf-8"), encoding="utf-8")
    assert figures(desk.take("event", again)) == (1, 0, 0, 0)
    assert desk.store.row("event", 2)["recurrence_id"] == "2026-03-09T10:00"


def test_a_rule_without_end_does_not_come_in_by_the_rejects_file_either(desk: Desk) -> None:
    bomb = SERIES.replace("WEEKLY", "SECONDLY").format(uid="1", title="Demo")
    assert take(desk, "a.ics", bomb, "event") == (1, 0, 0, 1)
    again = desk.folder / "again.csv"
    again.write_text(desk.rejects.read_text(encoding="utf-8"), encoding="utf-8")
    assert figures(desk.take("event", again)) == (0, 0, 0, 1)


def test_mail_finds_its_people_and_is_never_doubled(desk: Desk) -> None:
    desk.store.add("contact", full_name="Anna", emails=["anna@example.com"])
    desk.store.add("lead", full_name="Bruno", emails=["bruno@example.com"])
    letters = [(ANNA, f"{ME}, Bruno <bruno@example.com>"), (ME, ANNA), ("nobody@example.com", ME)]
    text = "".join(
        f"From x Mon Mar  2 10:00:00 2026\n{MESSAGE.format(id=f'<{number}@example.com>', sender=sender, to=to)}\n"
        for number, (sender, to) in enumerate(letters)
    )
    options = {"own": {ME: "anna"}}
    assert take(desk, "a.mbox", text, "interaction", options=options) == (3, 0, 0, 0)
    shown = [desk.store.shown("interaction", number) for number in (1, 2, 3)]
    assert [one["direction"] for one in shown] == ["in", "out", "in"]
    assert [(one["contact_ref"], one["lead_ref"]) for one in shown] == [("C1", "L1"), ("C1", None), (None, None)]
    assert "nobody@example.com" in shown[2]["body"]
    assert take(desk, "b.mbox", text.replace("Here", "There"), "interaction", options=options)[0] == 0
    single = MESSAGE.format(id="<1@example.com>", sender=ME, to=ANNA)
    assert take(desk, "c.eml", single, "interaction", options=options)[0] == 0
    assert (desk.store.count("interaction"), desk.store.count("contact")) == (3, 1)


REPLY = """Message-ID: <9@example.com>
Date: Mon, 2 Mar 2026 10:00:00 +0100
From: nobody@example.com
Subject: Offer

Yes
{mark}
On Monday, 1 March 2026 Anna wrote:
> {word}?

-- \nBruno
"""


def test_what_a_mail_carries_along_is_kept_apart(desk: Desk) -> None:
    text = REPLY.format(mark="", word="Elderberry")
    assert take(desk, "a.eml", text, "interaction") == (1, 0, 0, 0)
    row = desk.store.shown("interaction", 1)
    assert row["body"].splitlines()[0] == "Yes"
    assert not {"Elderberry", "Bruno"} & set(re.findall(r"\w+", row["body"]))
    assert row["quoted"] == "On Monday, 1 March 2026 Anna wrote:\n> Elderberry?"
    assert row["signature"] == "-- \nBruno"
    assert take(desk, "a.eml", text, "interaction") == (0, 0, 1, 0)


def test_mail_of_an_older_import_gets_what_was_not_kept_then(desk: Desk) -> None:
    text = REPLY.format(mark="", word="Elderberry")
    before = {"History": "ignore", "Signature": "ignore"}
    assert take(desk, "a.eml", text, "interaction", options={"maps": before}) == (1, 0, 0, 0)
    assert desk.store.row("interaction", 1)["quoted"] is None
    assert take(desk, "a.eml", text, "interaction") == (0, 1, 0, 0)
    assert desk.store.row("interaction", 1)["signature"] == "-- \nBruno"


def test_nobody_is_made_of_an_address(desk: Desk) -> None:
    text = MESSAGE.format(id="<1@example.com>", sender="nobody@example.com", to=ME)
    assert take(desk, "a.eml", text, "interaction", terms={"create": True}) == (1, 0, 0, 0)
    assert desk.store.count("contact") == 0


@needs_published
def test_the_sample_cards_go_in_and_change_nothing_the_second_time(desk: Desk) -> None:
    paths = sorted((PUBLISHED / "vcard-samples" / "ez-vcard").glob("*.vcf"))
    first = [figures(desk.take("contact", path, terms={"create": True})) for path in paths]
    assert [sum(column) for column in zip(*first, strict=True)] == [6, 0, 1, 1]
    (row,) = csv.DictReader(io.StringIO(desk.rejects.read_text(encoding="utf-8")))
    assert row["_error"] == "email 'john.doe@ibm.com' belongs to several records: C1, C2"
    again = [figures(desk.take("contact", path, terms={"create": True})) for path in paths]
    assert [sum(column) for column in zip(*again, strict=True)][:2] == [0, 0]


@needs_published
def test_every_sample_calendar_goes_in_or_says_why_not(desk: Desk) -> None:
    for path in sorted((PUBLISHED / "ical-samples" / "collective-icalendar").rglob("*.ics")):
        receipt = desk.take("event", path)
        assert receipt.rows == sum(figures(receipt)) + receipt.skipped
        again = desk.take("event", path)
        assert (again.created, again.updated) == (0, 0)
