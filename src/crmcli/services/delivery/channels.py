"""Who sends what: one sender for each kind of row, and what may be done with a row of the kind.

A sender gets the values of the row, its key and the moment at which it has to be back. It knows nothing of the outbox.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from crmcli.config.rule_settings import RuleSettings
from crmcli.errors import ExternalError
from crmcli.integrations.sent import DONE, Sender, Sent
from crmcli.services.delivery.messaging import message_sender
from crmcli.services.results import Context


class Channel(NamedTuple):
    """How rows of a kind are sent. One that is repeatable does no harm when it is sent twice, its key being the same.

    One that can be cut off is left in the middle when the command can wait no longer.
    """

    send: Sender
    is_repeatable: bool = False
    can_be_cut: bool = False


def channels(context: Context, notices: list[str], digest: list[str]) -> dict[str, Channel]:
    """Return the channels of a workspace by kind; what users are to be told is added to ``notices``.

    What is to be told of it in one go is added to ``digest`` too, see ``show_digest``.
    """
    rules = context.settings.rules or RuleSettings()

    def notify(values: Mapping[str, Any], _key: str, deadline: float) -> Sent:
        notices.append(f"{values['ref']}: {values['text']}")
        if not rules.notify:
            return DONE
        from crmcli.services.delivery.desktop import show

        return show(rules, context.store.parent, notices[-1], deadline)

    def gather(values: Mapping[str, Any], _key: str, _deadline: float) -> Sent:
        notices.append(f"{values['ref']}: {values['text']}")
        digest.append(notices[-1])
        return DONE

    has_gateway = bool(context.settings.sms and context.settings.sms.url)
    return {
        "email": Channel(message_sender(context, "email"), is_repeatable=True, can_be_cut=True),  # by its Message-ID
        "sms": Channel(message_sender(context, "sms"), is_repeatable=has_gateway, can_be_cut=has_gateway),
        "webhook": Channel(_webhook(context, rules), is_repeatable=True, can_be_cut=True),
        "run": Channel(_run(context)),
        "call": Channel(_call),
        "notify": Channel(notify, is_repeatable=True),
        "digest": Channel(gather, is_repeatable=True),
    }


def show_digest(context: Context, digest: list[str], deadline: float) -> None:
    """Show all notices of a digest on the desktop as one, where that is wanted; they were told already."""
    rules = context.settings.rules
    if digest and rules and rules.notify:
        from crmcli.services.delivery.desktop import show

        show(rules, context.store.parent, "\n".join(digest), deadline)


def _webhook(context: Context, rules: RuleSettings) -> Sender:
    from crmcli.integrations.secrets import WEBHOOK, find_secret
    from crmcli.integrations.webhook import Hosts, post

    hosts = Hosts(rules.hosts, rules.http_hosts, rules.private_hosts)

    def send(values: Mapping[str, Any], key: str, deadline: float) -> Sent:
        try:
            secret = find_secret(WEBHOOK, context.paths) if context.paths else None
        except ExternalError as error:
            return Sent("temporary", error.message)
        return post(values["url"], _json(values["body"]), key, deadline, hosts, secret)

    return send


def _run(context: Context) -> Sender:
    from crmcli.config.paths import ensure
    from crmcli.integrations.programs import run_hook

    def send(values: Mapping[str, Any], key: str, deadline: float) -> Sent:
        if context.paths is None:
            return Sent("blocked", "there is no hooks folder")
        data = _json({"key": key, "data": values["stdin"]})
        return run_hook(context.paths.hooks, ensure(context.paths.state), values["argv"], data, deadline)

    return send


def _call(values: Mapping[str, Any], key: str, deadline: float) -> Sent:
    from crmcli.integrations.functions import call_function

    return call_function(values["function"], {"key": key, "data": values["argument"]}, deadline)


def _json(value: Any) -> bytes:
    from json import dumps

    return dumps(value, ensure_ascii=False).encode(errors="backslashreplace")
