"""What is asked before a message goes out: whether there is a way, its reader may get it, and the day is not full.

How a mail or a text message is sent stands in ``mail`` and ``sms``.
"""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from crmcli.config.rule_settings import RuleSettings
from crmcli.config.sending import Mail, Sms, chosen
from crmcli.integrations.sent import Sender, Sent
from crmcli.services.messages.limits import next_day, over_limit
from crmcli.services.messages.recipients import Recipient, objection
from crmcli.services.messages.ways import hindrance
from crmcli.services.results import Context
from crmcli.store.reader import open_reader


def message_sender(context: Context, kind: str) -> Sender:
    """Return what sends a message of a kind (email, sms) if it may go out."""
    settings, sender = context.settings, _sender(context, kind)
    limits: Mail | Sms = (settings.mail or Mail()) if kind == "email" else (settings.sms or Sms())

    def send(values: Mapping[str, Any], key: str, deadline: float) -> Sent:
        if sender is None:
            return Sent("blocked", hindrance(settings, kind))
        recipient = Recipient(values["to"], values["purpose"])
        with closing(open_reader(context.store, settings.timezone)) as con:
            if reason := objection(con, recipient):
                return Sent("blocked", reason)
            if limit := over_limit(con, recipient, key, limits, settings.timezone):
                return Sent("temporary", limit, next_day(settings.timezone))
        return sender(values, key, deadline)

    return send


def _sender(context: Context, kind: str) -> Sender | None:
    settings, paths = context.settings, context.paths
    if kind == "email":
        from crmcli.services.delivery.mail import mail_sender

        account = chosen(settings.mail or Mail(), settings.accounts)
        return mail_sender(account, paths) if account and paths else None
    from crmcli.services.delivery.sms import sms_sender

    return sms_sender(settings.sms, settings.rules or RuleSettings(), paths) if settings.sms and paths else None
