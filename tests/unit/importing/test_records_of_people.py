"""Cards, calendars and mail through the one way of an import: the presets that read them, and what rows become."""

from pathlib import Path

import pytest

from crmcli.formats.ical import HEADER as ITEM
from crmcli.formats.mail import HEADER as MESSAGE
from crmcli.formats.vcard import HEADER as CARD
from crmcli.importing.options import Options
from crmcli.importing.presets import Preset, recognise
from crmcli.importing.rows import Draft

from .conftest import drafts, prepare_path, rejected

OWN = Options(zone="Europe/Rome", own={"me@example.com": "me"})
CARDS = """BEGIN:VCARD
VERSION:3.0
UID:7
N:Rossi;Anna;Maria;Dott.;Jr
EMAIL;TYPE=work:anna@example.com
EMAIL;TYPE=home:a.rossi@example.org
TEL;TYPE=CELL:+39 333 1234567
ORG:Acme;Sales
BDAY:--0203
X-SKYPE:anna
NOTE:Met in Rome
X-EYES:brown
CATEGORIES:vip,old
END:VCARD
BEGIN:VCARD
VERSION:4.0
KIND:org
FN:Acme
END:VCARD
"""
ITEMS = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:1
SUMMARY:Demo
DTSTART;TZID=America/New_York:20260302T100000
DTEND;TZID=America/New_York:20260302T110000
RRULE:FREQ=WEEKLY
EXDATE;TZID=America/New_York:20260309T100000
ORGANIZER:mailto:me@example.com
ATTENDEE:mailto:Anna@example.com
STATUS:TENTATIVE
CLASS:CONFIDENTIAL
SEQUENCE:3
BEGIN:VALARM
TRIGGER:-PT15M
END:VALARM
END:VEVENT
BEGIN:VTODO
UID:2
SUMMARY:Call
DUE;VALUE=DATE:20260305
PRIORITY:2
STATUS:IN-PROCESS
END:VTODO
END:VCALENDAR
"""
MAIL = """From a Mon Mar  2 10:00:00 2026
Message-ID: <1@example.com>
Date: Mon, 2 Mar 2026 10:00:00 +0100
From: {sender}
To: {to}
Subject: Offer

Here

-- {sender}
"""


def taken(folder: Path, name: str, text: str, entity: str, options: Options = OWN) -> list[Draft]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return drafts(prepare_path(path, entity, options))


@pytest.mark.parametrize(
    ("header", "title"), [(CARD, "vcard cards"), (ITEM, "icalendar items"), (MESSAGE, "mail messages")]
)
def test_the_columns_are_known_again_in_a_rejects_file(
    presets: dict[str, Preset], header: tuple[str, ...], title: str
) -> None:
    kind = recognise([*header, "_line", "_error"], presets.values())
    assert kind is not None
    assert kind.title == title


def test_cards(tmp_path: Path) -> None:
    person, company = taken(tmp_path, "a.vcf", CARDS, "contact")
    assert (person.entity, person.external) == ("contact", ("vcard", "7"))
    assert person.values == {
        "salutation": "Dott.", "first_name": "Anna Maria", "last_name": "Rossi Jr", "department": "Sales",
        "birthdate": "--02-03", "description": "Met in Rome\nX-EYES:brown", "tags": ["vip", "old"],
        "emails": [{"value": "anna@example.com", "label": "work"}, {"value": "a.rossi@example.org", "label": "home"}],
        "phones": [{"value": "+39 333 1234567", "label": "mobile"}], "socials": [{"value": "anna", "label": "skype"}],
    }  # fmt: skip
    assert [key.value for key in person.links["organization"][0].keys] == ["Acme"]
    assert (company.entity, company.values["name"]) == ("organization", "Acme")


def test_a_calendar(tmp_path: Path) -> None:
    event, task = taken(tmp_path, "a.ics", ITEMS, "event")
    assert (event.entity, event.external) == ("event", ("icalendar", "1"))
    assert event.values == {
        "title": "Demo",
        "start_at": "2026-03-02T10:00[America/New_York]",
        "end_at": "2026-03-02T11:00[America/New_York]",
        "rrule": "FREQ=WEEKLY",
        "exdates": ["2026-03-09T10:00"],
        "reminders": ["-PT15M"],
        "status": "planned",
        "visibility": "private",
        "ical_uid": "1",
        "sequence_no": 3,
        "description": "Organizer: me@example.com\nAttendee: Anna@example.com",
        "attendees": [{"response": "none"}] * 3,
    }
    assert [(link.entity, link.keys[0].value, link.optional) for link in event.links["attendees"]] == [
        (kind, "anna@example.com", True) for kind in ("user", "contact", "lead")
    ]
    assert [(link.entity, link.keys[0].value, link.optional) for link in event.links["contact"]] == [
        ("contact", "anna@example.com", True)
    ]
    assert event.links["organiser"][0].keys[0].value == "me"
    assert (task.entity, task.values) == (
        "task", {"subject": "Call", "due_at": "2026-03-05", "status": "doing", "priority": "high"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sender", "to", "direction"),
    [("Anna <anna@example.com>", "ME@example.com", "in"), ("me@example.com", "Anna <anna@example.com>", "out")],
)
def test_mail(tmp_path: Path, sender: str, to: str, direction: str) -> None:
    (message,) = taken(tmp_path, "a.mbox", MAIL.format(sender=sender, to=to), "interaction")
    assert message.external == ("mail", "<1@example.com>")
    assert {key: value for key, value in message.values.items() if key != "body"} == {
        "kind": "email", "direction": direction, "occurred_at": "2026-03-02T09:00:00Z", "subject": "Offer",
        "message_id": "<1@example.com>", "thread_key": "<1@example.com>",
    }  # fmt: skip
    assert message.values["body"] == f"Here\n\n-- {sender}\nFrom: {sender}\nTo: {to}"
    assert [link.keys[0].value for link in message.links["contact"]] == ["anna@example.com"]
    assert message.links["user"][0].keys[0].value == "me"


@pytest.mark.parametrize("cell", ["FREQ=SECONDLY", "nonsense"])
def test_a_rule_is_checked_in_any_file(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"Title,Start,rrule\nDemo,2026-03-02T10:00,{cell}\n", encoding="utf-8")
    assert rejected(prepare_path(path, "event"))[0].startswith("rrule: ")
