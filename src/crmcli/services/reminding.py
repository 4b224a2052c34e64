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
    from crmcli.integrations.messages import Letter
    from crmcli.services.delivery.deliver import Delivered
    from crmcli.services.messages.recipients import Recipient
    from crmcli.services.results import Context
    from crmcli.services.writer import Writer
    from crmcli.store.unit_of_work import UnitOfWork

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
    from crmcli.services.delivery.own import key_of, post
    from crmcli.services.writer import write

    day = local_date(clock.now_text(), context.settings.timezone)
    mail_key = key_of("remind", recipient.to, key, day)
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


def _keep(unit: "UnitOfWork", audience: str, things: Iterable[Thing], outbox_id: int | None) -> None:
    now = clock.now_text()
    rows = [
        (audience, thing.entity, thing.id, occasion, now, outbox_id) for thing in things for occasion in thing.occasions
    ]
    unit.execute(_KEEP, rows)
