import tracemalloc
from base64 import encodebytes
from email.message import EmailMessage

import pytest

from crmcli.errors import UsageError
from crmcli.formats.mail import HEADER
from crmcli.formats.mail_text import people, text_of_html
from tests.unit.formats.readers import filled, mailbox

DATE = "Date: Mon, 02 Mar 2026 10:00:00 +0100\n"
FROM = "From anna@example.com Mon Mar  2 10:00:00 2026\n"


def read(text: str | bytes) -> dict[str, str]:
    (found,) = filled(mailbox(text))
    return found


def letter(**headers: str) -> EmailMessage:
    message = EmailMessage()
    message["Date"] = "Mon, 02 Mar 2026 10:00:00 +0100"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return message


def test_a_message() -> None:
    message = letter(
        Message_ID="<3@example.com>", References="<1@example.com> <2@example.com>", In_Reply_To="<2@example.com>",
        From="Anna Rossì <anna@example.com>", To='"Neri, Bruno" <bruno@example.com>, carla@example.com',
        Cc="dario@example.com", Subject="Perché no",
    )  # fmt: skip
    message.set_content("Va bene.\n\n-- \nAnna\n\nOn 1 March 2026 Bruno wrote:\n> E ora?\n")
    message.add_alternative("<p>something else</p>", subtype="html")
    message.add_attachment(b"x" * 2048, maintype="application", subtype="pdf", filename="../../offerta però.pdf")
    assert read(message.as_bytes()) == {
        "Message-ID": "<3@example.com>", "Thread": "<1@example.com>", "Date": "2026-03-02T09:00:00Z",
        "From": "Anna Rossì <anna@example.com>", "Subject": "Perché no", "Text": "Va bene.", "Signature": "-- \nAnna",
        "People": "From: Anna Rossì <anna@example.com>\nTo: Neri, Bruno <bruno@example.com>\nTo: carla@example.com\n"
        "Cc: dario@example.com",
        "History": "On 1 March 2026 Bruno wrote:\n> E ora?", "Attachments": "Attachment: offerta però.pdf (2.0 KB)",
        "line": "1",
    }  # fmt: skip


def test_a_thread_begins_with_the_message_that_is_answered_or_itself() -> None:
    ids = "Message-ID: <2@example.com>\n"
    assert read(DATE + ids + "In-Reply-To: <1@example.com>\n\nx")["Thread"] == "<1@example.com>"
    assert read(DATE + ids + "\nx")["Thread"] == "<2@example.com>"


def test_an_mbox_file() -> None:
    first = f"{FROM}{DATE}Subject: one\n\nFrom here on\n>From me\n>>From you\n\nFrom the start\n\n"
    rows = filled(mailbox(first + f"{FROM}{DATE}Subject: two\n\nx\n"))
    assert [(row["Subject"], row["line"]) for row in rows] == [("one", "1"), ("two", "11")]
    assert rows[0]["Text"] == "From here on\nFrom me\nFrom the start"
    assert rows[0]["History"] == ">From you"


def test_a_message_without_a_date_takes_that_of_its_receipt_or_is_refused() -> None:
    received = "Received: from a by b; Tue, 3 Mar 2026 10:00:00 +0000\n\nx"
    assert read("Subject: a\n" + received)["Date"] == "2026-03-03T10:00:00Z"
    assert read("Subject: a\n\nx")["error"] == "the message has no date"


@pytest.mark.parametrize(
    ("headers", "automatic"),
    [
        ("Auto-Submitted: auto-replied\n", True),
        ("Auto-Submitted: no\n", False),
        ("Precedence: bulk\n", True),
        ("Content-Type: multipart/report; boundary=x\n", True),
        ("", False),
    ],
)
def test_what_no_person_wrote(headers: str, automatic: bool) -> None:
    assert ("Automatic" in read(DATE + headers + "\nx")) == automatic


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Content-Type: text/plain; charset=iso-8859-1\n\nCaff\xe8", "Caffè"),
        (b"Content-Type: text/plain; charset=no-such\n\nCaff\xc3\xa8", "Caffè"),
        (b"\nCaff\xe8", "Caffè"),
        (
            b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nCaff=C3=A8=\n!",
            "Caffè!",
        ),
        (
            b"Content-Type: text/html\n\n<p>Caff&egrave;</p><script>x</script><!-- y --><blockquote>old</blockquote>",
            "Caffè",
        ),
        (b"Content-Type: multipart/mixed; boundary=a\n\n--a\n\none\n--a\n\ntwo", "one\ntwo"),
        (b"Content-Transfer-Encoding: base64\n\nQ2lh", "Cia"),
        (b"\n> only\n> a quotation", "> only\n> a quotation"),
        (b"\na\0b", "ab"),
    ],
)
def test_texts(raw: bytes, text: str) -> None:
    assert read(DATE.encode() + raw)["Text"] == text


def test_headers_that_should_not_be_as_they_are() -> None:
    raw = b"Subject: r\xe9sum\xe9 =?utf-8?q?=C3=A0?= =?x?b?!!?=\nFrom: =?iso-8859-1?q?J=F6rg?= <j@example.com>\n\nx"
    found = read(DATE.encode() + raw)
    assert found["Subject"].startswith("résumé à")
    assert found["From"] == "Jörg <j@example.com>"


def test_people() -> None:
    header = '"Rossi, \\"A\\" Anna" <a@example.com>, b@example.com (Bruno), nobody:;, Friends: c@example.com, <d@x>;'
    assert list(people(header, "utf-8")) == [
        'Rossi, "A" Anna <a@example.com>', "Bruno <b@example.com>", "c@example.com", "d@x",
    ]  # fmt: skip


def test_text_of_html() -> None:
    assert text_of_html("a<br>b<div>c <b>d</b></div><blockquote>e<blockquote>f</blockquote></blockquote>1 < 2 - 1") == (
        "a\nb\nc d\n\n> e\n>> f\n1 < 2 - 1"
    )


def test_big_attachments_are_measured_and_not_held() -> None:
    part = "--x\nContent-Disposition: attachment; filename=%s\nContent-Transfer-Encoding: base64\n\n%s"
    parts = [part % (name, encodebytes(b"x" * size).decode()) for name, size in (("a.zip", 12_000_000), ("b.zip", 10))]
    raw = f"{DATE}Content-Type: multipart/mixed; boundary=x\n\n--x\n\nhere\n{''.join(parts)}--x--\n".encode()
    tracemalloc.start()
    found = read(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found["Attachments"] == "Attachment: a.zip (11.4 MB)\nAttachment: b.zip (10 B)"
    assert (found["Text"], peak < 12_000_000) == ("here", True)


def test_a_message_that_is_attached_is_an_attachment() -> None:
    inner = letter(Subject="inner")
    inner.set_content("old")
    message = letter(Subject="outer")
    message.set_content("new")
    message.add_attachment(inner)
    found = read(message.as_bytes())
    assert (found["Text"], found["Attachments"][:35]) == ("new", "Attachment: unnamed message/rfc822 ")


HOSTILE = {
    "endless header": "To: " + "a" * 3_000_000 + "\n\nx",
    "many recipients": "To: " + "a@example.com, " * 200_000 + "\n\nx",
    "marks": "To: " + "a@" * 100_000 + "<" * 100_000 + '"' * 100_000 + "\\" * 100_000 + "\n\nx",
    "encoded words": "Subject: " + "=?utf-8?q?a?= " * 200_000 + "\n\nx",
    "many headers": "X: y\n" * 200_000 + "\nx",
    "markup": "Content-Type: text/html\n\n" + "<" * 500_000 + "<a " * 200_000 + "<!--" * 200_000 + "&#" * 200_000,
    "quotations": "\n" + "On 1 x wrote:\n> x\n" * 50_000 + ">" * 500_000,
    "parts": "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(5000)),
    "messages": "Content-Type: message/rfc822\n\n" * 2000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_messages_are_read_or_refused(name: str) -> None:
    (row,) = filled(mailbox(DATE + HOSTILE[name]))
    assert "error" in row if name in ("parts", "messages") else "Date" in row


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(UsageError):
        mailbox("x", encoding="no-such")


def test_every_column_has_its_own_name() -> None:
    assert len(set(HEADER)) == len(HEADER)
