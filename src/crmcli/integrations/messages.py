"""Builds mail: from parts that are checked, so that no value can add a recipient or a header.

Only the standard library's ``EmailMessage`` writes headers. Whether somebody may be written to is asked elsewhere.
"""

from typing import TYPE_CHECKING, NamedTuple

from crmcli.config.sending import Account
from crmcli.domain.emails import deliverable, domain_of
from crmcli.domain.naming import has_control

if TYPE_CHECKING:
    from datetime import datetime
    from email.message import EmailMessage

_LONGEST_SUBJECT = 500  # characters


class Letter(NamedTuple):
    """What somebody is written: one address, a subject, a text, and perhaps the same as HTML."""

    to: str
    subject: str
    text: str
    html: str = ""


def check(letter: Letter) -> Letter:
    """Return a letter with its address in normal form; ValueError says what cannot stand in a mail."""
    return letter._replace(to=deliverable(letter.to), subject=check_subject(letter.subject))


def build(letter: Letter, account: Account, key: str, at: "datetime") -> "EmailMessage":
    """Return the mail, to be sent at an aware instant; ValueError as ``check``.

    ``Message-ID`` (RFC 5322, 3.6.4) is made of the key, so that a repetition is known by it; ``Auto-Submitted``
    (RFC 3834) keeps answering machines silent.
    """
    from email.headerregistry import Address
    from email.message import EmailMessage
    from email.policy import SMTP

    letter = check(letter)
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))  # whatever a server can do, it can do this
    mail["From"] = Address(account.sender_name, addr_spec=account.sender)
    mail["To"] = Address(addr_spec=letter.to)
    mail["Subject"] = letter.subject
    mail["Date"] = at
    mail["Message-ID"] = f"<{key}@{domain_of(account.sender)}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text)
    if letter.html:
        mail.add_alternative(letter.html, subtype="html")
    return mail


def check_subject(text: str) -> str:
    """Return a subject without blanks around it; ValueError says why it is none."""
    subject = text.strip()
    if not subject:
        raise ValueError("the subject is empty")
    if has_control(subject):
        raise ValueError(f"the subject {subject!r} holds a line break or another control character")
    if len(subject) > _LONGEST_SUBJECT:
        raise ValueError(f"the subject has more than {_LONGEST_SUBJECT} characters")
    return subject
