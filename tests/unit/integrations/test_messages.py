"""Mail as it is built: what it says, and that no value can add a recipient or a header."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.config.sending import Account
from crmcli.integrations.messages import Letter, build, check

ACCOUNT = Account("work", "Rossi, Anna <3", "info@example.com", "smtp.example.com", 465, "tls")
AT = datetime(2026, 3, 18, 11, tzinfo=UTC)
LETTER = Letter("Luca@Example.org", "Città Blu: 20 % 🎉", "Dear Luca,\n\n.hidden\nBye\n")


def sent(letter: Letter) -> EmailMessage:
    """Return a mail as its reader gets it."""
    return message_from_bytes(build(letter, ACCOUNT, "a1b2", AT).as_bytes(), policy=default)


def said(mail: MIMEPart) -> str:
    """Return the text of a mail, with line ends as a program writes them."""
    return str(mail.get_content()).replace("\r\n", "\n")


def test_a_mail_says_who_to_whom_what_and_when() -> None:
    mail = sent(LETTER)
    assert [(one.display_name, one.addr_spec) for one in mail["From"].addresses] == [
        ("Rossi, Anna <3", "info@example.com")
    ]
    assert [one.addr_spec for one in mail["To"].addresses] == ["luca@example.org"]
    assert (mail["Subject"], mail["Date"].datetime) == ("Città Blu: 20 % 🎉", AT)
    assert (mail["Message-ID"], mail["Auto-Submitted"]) == ("<a1b2@example.com>", "auto-generated")
    assert set(mail.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding",
        "MIME-Version",
    }  # fmt: skip
    assert said(mail) == LETTER.text
    assert (
        build(LETTER, ACCOUNT, "a1b2", AT)["Message-ID"]
        == build(LETTER, ACCOUNT, "a1b2", AT.replace(day=19))["Message-ID"]
    )


def test_html_stands_beside_the_text() -> None:
    mail = sent(LETTER._replace(html="<p>Ciao ✓</p>\n"))
    text, html = (mail.get_body([kind]) for kind in ("plain", "html"))
    assert mail.get_content_type() == "multipart/alternative"
    assert text is not None and html is not None
    assert (said(text), said(html)) == (LETTER.text, "<p>Ciao ✓</p>\n")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"to": "a@b.example, e@e.example"}, "not an e-mail address"),
        ({"to": "a@b.example\r\nBcc: e@e.example"}, "control character"),
        ({"to": "a@b.example\n"}, "control character"),
        ({"to": "<a@b.example>"}, "not an e-mail address"),
        ({"to": "Luca <a@b.example>"}, "not an e-mail address"),
        ({"to": "a@b.example;e@e.example"}, "not an e-mail address"),
        ({"to": '"a b"@b.example'}, "not an e-mail address"),
        ({"to": "lùca@b.example"}, "not every server"),
        ({"to": ""}, "not an e-mail address"),
        ({"to": "anna"}, "not an e-mail address"),
        ({"subject": "x\r\nBcc: e@e.example"}, "line break"),
        ({"subject": "x\nBcc: e@e.example"}, "line break"),
        ({"subject": "x\rBcc: e@e.example"}, "line break"),
        ({"subject": "x\u2028Bcc: e@e.example"}, "line break"),
        ({"subject": "x\x85y"}, "line break"),
        ({"subject": "x\0y"}, "line break"),
        ({"subject": "  "}, "the subject is empty"),
        ({"subject": "x" * 501}, "more than 500"),
    ],
)
def test_what_could_add_a_recipient_or_a_header_is_refused(change: dict[str, str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check(LETTER._replace(**change))


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=60))
def test_whatever_it_says_a_mail_has_one_recipient_and_our_headers(subject: str, text: str, name: str) -> None:
    account = ACCOUNT._replace(sender_name="".join(letter for letter in name if letter.isprintable()))
    try:
        raw = build(Letter("luca@example.org", subject, text, "<p>x</p>"), account, "k", AT).as_bytes()
    except ValueError:
        return
    mail = message_from_bytes(raw, policy=default)
    assert [one.addr_spec for one in mail["To"].addresses] == ["luca@example.org"]
    assert [one.addr_spec for one in mail["From"].addresses] == ["info@example.com"]
    assert len(mail.keys()) == 8
    assert raw.isascii()
    assert b"\r" not in raw.replace(b"\r\n", b"") and b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
