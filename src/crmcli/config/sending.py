"""How messages go out: what the tables ``[accounts.NAME]``, ``[mail]`` and ``[sms]`` of the settings file say.

Imported only when the file has such a table. No secret stands here: where one comes from is told by
``integrations.secrets``. Each reader raises ConfigError with a reason that reads well after the name of the file and
the line, and never repeats the value of a key that may hold a secret.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from crmcli.domain.emails import normalise
from crmcli.domain.naming import has_control
from crmcli.domain.schema import did_you_mean
from crmcli.errors import ConfigError

PORTS = {"tls": 465, "starttls": 587, "none": 25}  # RFC 8314; the last for a relay on this machine
RESERVED = ("webhook", "sms")  # secrets that belong to no account
_ACCOUNT = ("from", "host", "port", "security", "user", "password_command")
_MAIL = ("account", "per_day", "per_domain")
_SMS = ("url", "command", "per_day")
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|[0-9A-Fa-f:.]{2,45}")
_FROM = re.compile(r"(?:(?P<name>[^<>]*)<(?P<inside>[^<>]*)>|(?P<bare>[^<>]*))")
_URL = re.compile(r"https?://[^\s/?#@]+(?:[/?][^\s#]*)?")
LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|::1")


class Account(NamedTuple):
    """A mail account to send from. ``security`` is ``tls``, ``starttls``, or ``none`` for this machine alone.

    Without a ``user`` nothing is logged in to and no password is needed.
    """

    name: str
    sender_name: str
    sender: str  # the normal form of the address
    host: str
    port: int
    security: str
    user: str = ""
    password_command: tuple[str, ...] = ()


class Mail(NamedTuple):
    """Which account mail goes from, and how much of it may go to people outside in one day; empty for the only one."""

    account: str = ""
    per_day: int = 200
    per_domain: int = 50


class Sms(NamedTuple):
    """What sends text messages, the address of a gateway or a program of the hooks folder, and how many in one day."""

    url: str = ""
    command: tuple[str, ...] = ()
    per_day: int = 50


def read_accounts(tables: Any) -> dict[str, Account]:
    """Return the accounts of the tables ``[accounts.NAME]`` by name."""
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise ConfigError("accounts must be tables", hint="head each one with [accounts.NAME]")
    for name in tables:
        if name in RESERVED:
            raise ConfigError(f"accounts: {name!r} is the name of another secret", hint="[accounts.work]")
        if not NAME.fullmatch(name):
            raise ConfigError(f"accounts: {name!r} is no name: small letters, digits and -", hint="[accounts.work]")
    return {name: _account(name, table) for name, table in tables.items()}


def read_mail(table: Any) -> Mail:
    """Return what the table ``[mail]`` says."""
    check_keys("mail", table, _MAIL)
    _check_counts("mail", table, ("per_day", "per_domain"))
    return Mail(**{**table, "account": text_of("mail", table, "account")})


def read_sms(table: Any) -> Sms:
    """Return what the table ``[sms]`` says."""
    check_keys("sms", table, _SMS)
    if ("url" in table) == ("command" in table):
        told = "sms: either the url of a gateway or the command of a program"
        raise ConfigError(told, hint='url = "https://sms.example.com/send"')
    _check_counts("sms", table, ("per_day",))
    url, command = text_of("sms", table, "url"), words_of("sms", "command", table.get("command", []))
    if "command" in table and not command:
        raise ConfigError("sms: command is empty", hint='command = ["sms.py"]')
    if "url" in table and not _URL.fullmatch(url):
        raise ConfigError("sms: url is not of the form https://HOST/PATH", hint='url = "https://sms.example.com/send"')
    return Sms(**{**table, "url": url, "command": command})


def chosen(mail: Mail, accounts: Mapping[str, Account]) -> Account | None:
    """Return the account that mail goes from: the one that is named, else the only one; None without accounts.

    ConfigError when the one that is named does not exist, or one of several must be named.
    """
    if mail.account:
        if mail.account not in accounts:
            hint = did_you_mean(mail.account, [*accounts]) or "crm config edit"
            raise ConfigError(f"mail: there is no account {mail.account!r}", hint=hint)
        return accounts[mail.account]
    if len(accounts) > 1:
        raise ConfigError(
            f"mail: account must name one of {', '.join(accounts)}", hint=f'[mail] account = "{next(iter(accounts))}"'
        )
    return next(iter(accounts.values()), None)


def _account(name: str, table: Mapping[str, Any]) -> Account:
    where = f"accounts.{name}"
    if "password" in table:
        raise ConfigError(f"{where}: a password does not belong in this file", hint=f"crm secret set {name} keeps it")
    check_keys(where, table, _ACCOUNT)
    for key in ("from", "host"):
        if key not in table:
            example = 'from = "Acme <info@example.com>"' if key == "from" else 'host = "smtp.example.com"'
            raise ConfigError(f"{where}: {key} is missing", hint=example)
    sender_name, sender = _sender(where, text_of(where, table, "from"))
    security = text_of(where, table, "security") or "tls"
    if security not in PORTS:
        raise ConfigError(f"{where}: security must be one of {', '.join(PORTS)}, not {security!r}")
    host, user = text_of(where, table, "host"), text_of(where, table, "user")
    if not _HOST.fullmatch(host):
        raise ConfigError(f"{where}: host {host!r} is not the name of a server", hint='host = "smtp.example.com"')
    if security == "none" and not LOOPBACK.fullmatch(host):
        raise ConfigError(f'{where}: security = "none" is for a server on this machine only', hint='security = "tls"')
    if security == "none" and user:
        raise ConfigError(f'{where}: a password is never sent without encryption, so user needs security = "tls"')
    command = words_of(where, "password_command", table.get("password_command", []))
    return Account(name, sender_name, sender, host, _port(where, table, security), security, user, command)


def _sender(where: str, text: str) -> tuple[str, str]:
    found = _FROM.fullmatch(text.strip())
    if found is None or has_control(text):
        raise ConfigError(f"{where}: from {text!r} is not an address", hint='from = "Acme <info@example.com>"')
    try:
        address = normalise(found["bare"] if found["bare"] is not None else found["inside"])
    except ValueError as error:
        raise ConfigError(f"{where}: from: {error}", hint='from = "Acme <info@example.com>"') from None
    return (found["name"] or "").strip().strip('"'), address


def _port(where: str, table: Mapping[str, Any], security: str) -> int:
    port = table.get("port", PORTS[security])
    if type(port) is not int or not 1 <= port <= 65535:
        raise ConfigError(f"{where}: port must be a number from 1 to 65535, not {port!r}")
    return port


def words_of(where: str, key: str, words: Any) -> tuple[str, ...]:
    """Return the words of a command; ConfigError for anything else."""
    if not isinstance(words, list) or not all(isinstance(word, str) and word and "\0" not in word for word in words):
        raise ConfigError(f"{where}: {key} must be a list of words", hint=f'{key} = ["pass", "show", "mail/work"]')
    return tuple(words)


def _check_counts(where: str, table: Mapping[str, Any], keys: Sequence[str]) -> None:
    for key in keys:
        if key in table and (type(table[key]) is not int or table[key] < 1):
            raise ConfigError(f"{where}: {key} must be a whole number of at least 1, not {table[key]!r}")


def text_of(where: str, table: Mapping[str, Any], key: str) -> str:
    """Return the text of a key, empty when it is not there; ConfigError unless it is one line."""
    text = table.get(key, "")
    if not isinstance(text, str) or has_control(text):
        raise ConfigError(f"{where}: {key} must be text on one line, not {text!r}")
    return text


def check_keys(where: str, table: Any, known: Sequence[str]) -> None:
    """Raise ConfigError unless this is a table with none but known keys."""
    if not isinstance(table, dict):
        raise ConfigError(f"{where} must be a table")
    for key in table:
        if key not in known:
            raise ConfigError(f"{where} has no {key!r}", hint=did_you_mean(key, list(known)) or ", ".join(known))
