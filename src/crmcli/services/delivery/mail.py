"""Sends one mail of the outbox: builds it and hands it over to the server.

Whether it may go out is asked by ``messaging``, whether the rule that wants it is trusted by who delivers.
"""

from collections.abc import Mapping
from time import monotonic
from typing import Any

from crmcli import clock
from crmcli.config.paths import Paths
from crmcli.config.sending import Account
from crmcli.integrations.sent import Sender, Sent

_LEAST_S = 0.1  # for a program to tell the password


def mail_sender(account: Account, paths: Paths) -> Sender:
    """Return what sends a mail: given its values (to, subject, text, html), its key and its deadline.

    The password is asked for once in the life of the sender.
    """
    known: list[str] = []

    def password(deadline: float) -> str:
        from crmcli.integrations.secrets import get_secret, of_account

        if not known:
            known.append(get_secret(of_account(account), paths, max(deadline - monotonic(), _LEAST_S)))
        return known[0]

    def send(values: Mapping[str, Any], key: str, deadline: float) -> Sent:
        from crmcli.integrations import smtp
        from crmcli.integrations.messages import Letter, build

        letter = Letter(values["to"], values["subject"], values["text"], values["html"])
        try:
            mail = build(letter, account, key, clock.now())
        except ValueError as error:
            return Sent("permanent", str(error))
        return smtp.send(mail, account, lambda: password(deadline), deadline)

    return send
