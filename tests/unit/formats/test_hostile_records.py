"""Whatever stands in a file of cards, calendar items or messages: rows come out, or one of our own errors."""

import io
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.errors import CrmError
from crmcli.formats.content_lines import MAX_VALUE
from tests.unit.formats.readers import Open, calendar, mailbox, vcards

READERS: dict[str, Open] = {"cards": vcards, "items": calendar, "messages": mailbox}
NAMES = ["BEGIN", "END", "VERSION", "N", "FN", "TEL", "ADR", "BDAY", "NOTE", "PHOTO", "AGENT", "X-ABLABEL", "DTSTART",
         "DTEND", "DURATION", "RRULE", "EXDATE", "RECURRENCE-ID", "TZID", "TRIGGER", "ATTENDEE", "Date", "From", "To",
         "Subject", "Content-Type", "Content-Transfer-Encoding", "References"]  # fmt: skip
PARAMETERS = [
    "",
    ";TYPE=pref",
    ";QUOTED-PRINTABLE",
    ";ENCODING=b",
    ";CHARSET=utf-7",
    ";CHARSET=x",
    ";TZID=../etc/passwd",
    ";TZID=A",
    ";VALUE=DATE",
    ';X="',
    ";;=",
    ";PREF=99999999999999999999",
    ";CN=^^^n",
]
VALUES = [
    "VCARD",
    "VEVENT",
    "VTODO",
    "VALARM",
    "VTIMEZONE",
    "VCALENDAR",
    "4.0",
    "20260302",
    "20260302T100000Z",
    "99999999T999999",
    "00010101T000000",
    "P1D",
    "-PT9999999H",
    "FREQ=DAILY;COUNT=2",
    "FREQ=SECONDLY",
    "FREQ=YEARLY;BYDAY=99MO",
    ";;;;;;;;",
    ",,,,",
    "\\",
    "\\n\\",
    "=",
    "=E9=",
    "=0D=0A=",
    "a@example.com",
    "<a@b>",
    "\0",
    "\ud800",
    "١٢",
    "multipart/mixed; boundary=x",
    "text/html; charset=idna",
    "message/rfc822",
    "base64",
    "Mon, 99 Feb 99999 99:99",
]
LINES = st.one_of(
    st.builds(
        lambda name, parameter, value: f"{name}{parameter}:{value}",
        st.sampled_from(NAMES),
        st.sampled_from(PARAMETERS),
        st.one_of(st.sampled_from(VALUES), st.text(max_size=20)),
    ),
    st.sampled_from(
        [
            "",
            " fold",
            "\tfold",
            "--x",
            "--x--",
            "From a 10:00 2026",
            ">From",
            "BEGIN:VCARD",
            "END:VCARD",
            "BEGIN:VEVENT",
            "END:VEVENT",
            "=",
            "QUJD",
        ]
    ),
    st.text(max_size=30),
)


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=200)
@given(
    lines=st.lists(LINES, max_size=25),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-16"]),
)
def test_lines_never_break_the_reading(name: str, lines: list[str], newline: str, encoding: str) -> None:
    _read(name, newline.join(lines).encode(encoding, errors="replace"))


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=150)
@given(
    content=st.binary(max_size=400),
    beginning=st.sampled_from([b"", b"BEGIN:VCARD\n", b"BEGIN:VEVENT\n", b"From a 10:00 2026\n"]),
)
def test_bytes_never_break_the_reading(name: str, content: bytes, beginning: bytes) -> None:
    _read(name, beginning + content)


BOMBS = {
    "one long property": b"BEGIN:VCARD\nNOTE:" + b"x" * 3 * MAX_VALUE + b"\nEND:VCARD\n",
    "one long fold": b"BEGIN:VCARD\nNOTE:\n" + b" x\n" * 300_000 + b"END:VCARD\n",
    "many attendees": b"BEGIN:VEVENT\n" + b"ATTENDEE;CN=A:mailto:a@example.com\n" * 100_000 + b"END:VEVENT\n",
    "many parameters": b"BEGIN:VEVENT\nX" + b";A=b" * 200_000 + b":c\nEND:VEVENT\n",
    "an open quotation": b'BEGIN:VEVENT\nX;A="' + b'"a;' * 300_000 + b"\nEND:VEVENT\n",
    "many escapes": b"BEGIN:VCARD\nN:" + b"\\" * MAX_VALUE + b";\\;" * 1000 + b"\nEND:VCARD\n",
    "soft breaks": b"BEGIN:VCARD\nNOTE;QUOTED-PRINTABLE:=\n" + b"=\n" * 300_000 + b"END:VCARD\n",
    "components": b"BEGIN:VEVENT\n" + b"BEGIN:X\nEND:X\n" * 100_000 + b"END:VEVENT\n",
    "openings": b"BEGIN:VCARD\n" * 100_000,
    "zones": b"BEGIN:VTIMEZONE\nTZID:a\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0100\n"
    b"RRULE:FREQ=YEARLY\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nDTSTART;TZID=a:20260101T000000\nEND:VEVENT\n" * 300,
    "rules": b"".join(b"BEGIN:VEVENT\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\nEND:VEVENT\n" for _ in range(500)),
}  # fmt: skip


@pytest.mark.parametrize("name", ["cards", "items"])
@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_cost_little(name: str, bomb: str) -> None:
    rows = _read(name, BOMBS[bomb])
    assert all(len(cell) <= 4 * MAX_VALUE for row in rows for cell in row)


def _read(name: str, content: bytes) -> list[list[str]]:
    try:
        table = READERS[name](content)
    except CrmError:
        return []
    rows: list[list[str]] = []
    with suppress(CrmError), table:
        for row in table.rows:
            assert row.error or len(row.cells) == len(table.header)
            rows.append(row.cells)
    return rows


def test_a_closed_stream_is_closed() -> None:
    stream = io.BytesIO(b"BEGIN:VCARD\nEND:VCARD\n")
    with vcards(stream.getvalue()) as table:
        list(table.rows)
    with pytest.raises(ValueError, match="closed"):
        table._text.read()
