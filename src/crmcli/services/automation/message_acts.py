"""Writes the messages of rules: to whom, whether they may be written to, and every text with the values of the record.

It is asked again when a message is sent; what is told here is what the user can be told at once.
"""

from html import escape
from typing import TYPE_CHECKING, Any

from crmcli.rules.outside_deeds import Message
from crmcli.services.automation.trust import REHEARSED, is_rehearsed
from crmcli.services.messages.ways import NO_ACCOUNT, NO_GATEWAY, hindrance

if TYPE_CHECKING:
    from crmcli.rules.templates import Template
    from crmcli.services.automation.actor import Actor
    from crmcli.services.messages.recipients import Recipient

_TOLD = {
    REHEARSED: "rules send no messages until [rules] send = true in the configuration; they are kept as blocked",
    NO_ACCOUNT: "there is no account to send mail from: crm config edit adds [accounts.work]",
    NO_GATEWAY: "there is nothing to send text messages with: crm config edit adds [sms]",
}


def write_message(actor: "Actor", deed: Message) -> tuple[str, dict[str, Any], str]:
    """Return what is told of a message, what is stored of it, and why its reader may not get it, empty when they may.

    ValueError when a value is missing, or could add a recipient or a header.
    """
    from crmcli.integrations.messages import check_subject
    from crmcli.services.messages.recipients import objection

    con, letter = actor.writer.unit.raw, deed.letter
    recipient, problem = _recipient(actor, deed)
    subject = check_subject(actor.rendered(letter.subject)) if letter.subject else ""
    html = actor.rendered_early(letter.html, lambda value: escape(value, quote=True)) if letter.html else ()
    text = actor.rendered(letter.text) if deed.kind == "email" else actor.rendered(letter.text).strip()
    values = {
        **recipient._asdict(), "subject": subject, "text": text, "html": "".join(map(str, html)),
    }  # fmt: skip
    told = f"{deed.kind} to {recipient.to or 'nobody'}" + (f": {subject}" if subject else "")
    return told, values, problem or objection(con, recipient)


def _recipient(actor: "Actor", deed: Message) -> "tuple[Recipient, str]":
    """Return who gets a message, and why what the record says of them cannot be written to, empty when it can."""
    from crmcli.domain.emails import UndeliverableError
    from crmcli.services.messages.recipients import UNDELIVERABLE, Recipient, find_phone, find_recipient

    to = _address(actor, deed.to)
    try:
        if deed.kind == "email":
            return find_recipient(actor.writer.unit.raw, to, deed.purpose), ""
        return find_phone(to, actor.writer.country, deed.purpose), ""
    except UndeliverableError:
        if not deed.to.variables:  # the rule itself says so
            raise
        return Recipient(to.strip(), deed.purpose), UNDELIVERABLE


def warned_hindrance(actor: "Actor", kind: str) -> str:
    """Return why no message of a kind goes out at all, empty when they do; the user is told once."""
    settings = actor.writer.settings
    reason = REHEARSED if is_rehearsed(kind, settings) else hindrance(settings, kind)
    if reason:
        actor.writer.warn(_TOLD[reason])
    return reason


def _address(actor: "Actor", to: "Template") -> str:
    """Return whom a message goes to as written; empty when the record does not say."""
    values = actor.values.presented(to)
    if any(values[one.root, one.path] in (None, "") and not one.filters for one in to.variables):
        return ""
    return actor.rendered(to)
