"""Sends one mail of the outbox: asks again whether it may go out, builds it, hands it over to the server.

Whether the rule that wants it is trusted, and what becomes of the row, is the business of who delivers.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Any

from crmcli import clock
from crmcli.config.paths import Paths
from crmcli.config.sending import Mail, chosen
from crmcli.config.settings import Settings
from crmcli.integrations.sent import Sent
from crmcli.services.delivery.limits import next_day, over_limit
from crmcli.services.delivery.recipients import Recipient, objection
from crmcli.store.reader import open_reader

NO_ACCOUNT = "no_account"
_LEAST_S = 0.1  # for a program to tell the password


def mail_sender(store: Path, settings: Settings, paths: Paths) -> Callable[[Mapping[str, Any], str, float], Sent]:
    """Return what sends a mail: given its values (to, purpose, subject, text, html), its key and its deadline.

    The password is asked for once in the life of the sender.
    """
    mail = settings.mail or Mail()
    account = chosen(mail, settings.accounts)

    known: list[str] = []

    def password(deadline: float) -> str:
        from crmcli.integrations.secrets import get_secret, of_account

        if account and not known:
            known.append(get_secret(of_account(account), paths, max(deadline - monotonic(), _LEAST_S)))
        return known[0]

    def send(values: Mapping[str, Any], key: str, deadline: float) -> Sent:
        from crmcli.integrations import smtp
        from crmcli.integrations.messages import Letter, build

        if account is None:
            return Sent("blocked", NO_ACCOUNT)
        recipient = Recipient(values["to"], values["purpose"])
        with closing(open_reader(store, settings.timezone)) as con:
            if reason := objection(con, recipient):
                return Sent("blocked", reason)
            if limit := over_limit(con, recipient, key, mail, settings.timezone):
                return Sent("temporary", limit, next_day(settings.timezone))
        letter = Letter(recipient.address, values["subject"], values["text"], values["html"])
        try:
            built = build(letter, account, key, clock.now())
        except ValueError as error:
            return Sent("permanent", str(error))
        return smtp.send(built, account, lambda: password(deadline), deadline)

    return send
