"""Sends one text message of the outbox: by the gateway, or the program of the hooks folder, that the settings name.

Whether it may go out is asked by ``messaging``, whether the rule that wants it is trusted by who delivers.
"""

from collections.abc import Mapping
from json import dumps
from typing import Any
from urllib.parse import urlsplit

from crmcli.config.paths import Paths, ensure
from crmcli.config.rule_settings import RuleSettings
from crmcli.config.sending import Sms
from crmcli.errors import ExternalError
from crmcli.integrations.sent import Sender, Sent


def sms_sender(sms: Sms, rules: RuleSettings, paths: Paths) -> Sender:
    """Return what sends a text message, given its values (to, text), its key and its deadline.

    Gateway and program get JSON: ``to`` (E.164) and ``text``; a program gets them under ``data``, beside ``key``. The
    secret ``sms``, if there is one, goes along as a bearer token.
    """
    return _by_gateway(sms.url, rules, paths) if sms.url else _by_program(sms.command, paths)


def _by_gateway(url: str, rules: RuleSettings, paths: Paths) -> Sender:
    from crmcli.integrations.secrets import SMS, find_secret
    from crmcli.integrations.webhook import Hosts, post

    hosts = Hosts({*rules.hosts, urlsplit(url).hostname or ""}, rules.http_hosts, rules.private_hosts)

    def send(values: Mapping[str, Any], key: str, deadline: float) -> Sent:
        try:
            token = find_secret(SMS, paths)
        except ExternalError as error:
            return Sent("temporary", error.message)
        return post(url, _json({"to": values["to"], "text": values["text"]}), key, deadline, hosts, token=token)

    return send


def _by_program(argv: tuple[str, ...], paths: Paths) -> Sender:
    from crmcli.integrations.programs import run_hook

    def send(values: Mapping[str, Any], key: str, deadline: float) -> Sent:
        data = _json({"key": key, "data": {"to": values["to"], "text": values["text"]}})
        return run_hook(paths.hooks, ensure(paths.state), argv, data, deadline)

    return send


def _json(value: Any) -> bytes:
    return dumps(value, ensure_ascii=False).encode(errors="backslashreplace")
