"""Telling somebody what needs attention, once: what was told is kept when it was delivered, and not before.

What there is to tell is found by ``queries.reminders``, how it reads belongs to ``output``. One run at a time: who
tells holds ``remind_lock``. The write side is imported by who keeps something, since most runs have nothing to tell.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from crmcli import clock
from crmcli.domain.deliveries import DOUBTFUL
from crmcli.domain.zones import local_date
from crmcli.errors import ExternalError, UsageError
from crmcli.queries.watch import Thing
from crmcli.store.job_lock import job_lock

if TYPE_CHECKING:
    from sqlite3 import Connection

    from crmcli.config.settings import Settings
    from crmcli.integrations.messages import Letter
    from crmcli.services.delivery.deliver import Delivered
    from crmcli.services.messages.recipients import Recipient
    from crmcli.services.results import Context
    from crmcli.services.writer import Writer
    from crmcli.store.unit_of_work import UnitOfWork

TERMINAL = "terminal"  # an audience; that of a mail is its address
DAILY = "daily"  # the name of a mail that is given none
_PATIENCE_S = 10.0  # with a program that shows a notice
_KEEP = (
    "INSERT INTO reminder (audience, entity, record_id, occasion, at, outbox_id) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (audience, entity, record_id, occasion)"
    " DO UPDATE SET at = excluded.at, outbox_id = excluded.outbox_id"
)
_UNDER_WAY = (
    "SELECT DISTINCT o.id FROM reminder t JOIN outbox o ON o.id = t.outbox_id"
    " WHERE t.audience = ? AND o.status IN ('pending', 'sending') ORDER BY o.id"
)
_AGAIN = (  # what may have arrived already is sent again as it is, so that a mailbox shows it once
    "UPDATE outbox SET status = 'pending', attempts = 0, not_before = NULL WHERE status IN ('failed', 'blocked')"
    f" AND last_error {DOUBTFUL} AND id IN (SELECT outbox_id FROM reminder WHERE audience = ?)"
)
_POSTED = "SELECT id FROM outbox WHERE key = ? AND status IN ('pending', 'sending', 'done')"


class Told(NamedTuple):
    """What somebody is told: a letter, and the things that it tells of."""

    letter: "Letter"
    things: tuple[Thing, ...]


def addressee(con: "Connection", settings: "Settings", to: str | None) -> "Recipient":
    """Return who gets the mail: whom the words name, else the user at the keyboard, else the account's own address."""
    from crmcli.config.sending import Mail, chosen
    from crmcli.rules.action_keys import SERVICE
    from crmcli.services.messages.recipients import find_recipient

    account = chosen(settings.mail or Mail(), settings.accounts)
    try:
        found = find_recipient(con, settings.user if to is None else to, SERVICE)
    except ValueError as error:
        if to is not None:
            raise UsageError(str(error), hint="crm remind --mail anna@example.com") from None
        found = find_recipient(con, "", SERVICE)
    if not found.to and to is None and account:
        found = find_recipient(con, account.sender, SERVICE)
    if not found.to:
        raise UsageError("nobody is named to mail to", hint="crm remind --mail anna@example.com")
    return found


def is_mailed(con: "Connection", zone: str, to: str, key: str = DAILY) -> bool:
    """Say whether the mail of this local day to an address is under way or gone."""
    return con.execute(_POSTED, (_mail_key(to, key, zone),)).fetchone() is not None


def remind_lock(store: Path) -> AbstractContextManager[bool]:
    """Hold the lock of reminders of a store; False when another run holds it."""
    return job_lock(store, "remind")


def keep_told(context: "Context", audience: str, things: Iterable[Thing]) -> None:
    """Keep that an audience was told of things, so that it is not told again."""
    from crmcli.services.results import manner_of
    from crmcli.store.unit_of_work import UnitOfWork

    with UnitOfWork(context.store, manner_of(context.settings), context.command.text) as unit:
        _keep(unit, audience, things, None)
        unit.commit()


def send_digest(context: "Context", recipient: "Recipient", key: str, told: Told | None) -> "Delivered":
    """Mail somebody what is new, once for each key and local day, and what an earlier run left behind.

    ``told`` is None when nothing is new. Mail and things are stored together before anything is sent, so that whenever
    the process dies the same mail goes out later, under the same ``Message-ID``.
    """
    from dataclasses import replace

    from crmcli.services.delivery.deliver import Delivered, deliver_due
    from crmcli.services.delivery.own import post
    from crmcli.services.writer import write

    mail_key = _mail_key(recipient.to, key, context.settings.timezone)
    waiting: list[int] = []

    def work(writer: "Writer") -> None:
        writer.unit.execute(_AGAIN, [(recipient.to,)])
        if told and writer.one(_POSTED, mail_key) is None:
            row = post(writer, mail_key, recipient, told.letter, f"the reminders to {recipient.to}")
            _keep(writer.unit, recipient.to, told.things, row)
        waiting.extend(row["id"] for row in writer.all(_UNDER_WAY, recipient.to))

    write(replace(context, command=replace(context.command, kind="remind")), work, rules=False)
    return deliver_due(context, waiting) if waiting else Delivered({})


def show_on_desktop(context: "Context", text: str) -> None:
    """Show a text by the notifier of the settings; UsageError when there is none, ExternalError when it fails."""
    from time import monotonic

    from crmcli.config.rule_settings import RuleSettings
    from crmcli.services.delivery.desktop import show

    rules = context.settings.rules or RuleSettings()
    if not rules.notify:
        raise UsageError("there is no program that shows notices", hint='[rules] notify = ["notify-send", "crm"]')
    sent = show(rules, context.store.parent, text, monotonic() + _PATIENCE_S)
    if sent.status != "done":
        raise ExternalError(f"{rules.notify[0]} {sent.reason}", hint="crm config edit", code="notify.failed")


def _mail_key(to: str, key: str, zone: str) -> str:
    """Return what a mail is sent once for: an address, a name, and the local day."""
    from crmcli.services.delivery.own import key_of

    return key_of("remind", to, key, local_date(clock.now_text(), zone))


def _keep(unit: "UnitOfWork", audience: str, things: Iterable[Thing], outbox_id: int | None) -> None:
    now = clock.now_text()
    rows = [
        (audience, thing.entity, thing.id, occasion, now, outbox_id) for thing in things for occasion in thing.occasions
    ]
    unit.execute(_KEEP, rows)
