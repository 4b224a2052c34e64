"""Calendars and address books elsewhere: ``[[calendar.foreign]]``, ``[[calendar.account]]``, ``[[contacts.account]]``.

Imported only when the settings file has such a table. No secret stands here: where one comes from is told by
``integrations.secrets``. Each reader raises ConfigError with a reason that reads well after the name of the file and
the line, and never repeats an address, which may be a secret itself.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from crmcli.config.sending import LOOPBACK, NAME, RESERVED, check_keys, text_of, words_of
from crmcli.domain.durations import parse_duration
from crmcli.errors import ConfigError

_FOREIGN = ("name", "path", "url", "private", "every")
_ACCOUNT = ("name", "url", "user", "password_command", "private")
_URL = re.compile(r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(?::\d{1,5})?(?:[/?][^\s#]*)?")
_HOUR = 3600
_LEAST = 60  # seconds between two fetches


class Foreign(NamedTuple):
    """A calendar that is only shown: a file or folder, or an address that is fetched ``every`` so many seconds.

    ``private`` lets the address be one of one's own net; a server on this machine may always be asked.
    """

    name: str
    path: Path | None = None
    url: str = ""
    private: bool = False
    every: int = _HOUR


class Synced(NamedTuple):
    """A collection of a CalDAV or CardDAV server that is kept in step.

    ``wanted``: by entity, which new records are sent there, as a condition; empty for those that usually are. What of
    an entity is on the server comes here in any case. Without a ``user`` nothing is logged in to.
    """

    kind: str  # calendar or contacts
    name: str
    url: str
    user: str = ""
    password_command: tuple[str, ...] = ()
    private: bool = False
    wanted: Mapping[str, str] = MappingProxyType({})


def read_foreign(tables: Any) -> tuple[Foreign, ...]:
    """Return the calendars of the tables ``[[calendar.foreign]]``."""
    return tuple(_foreign(table) for table in _tables("calendar.foreign", tables))


def read_calendars(tables: Any) -> tuple[Synced, ...]:
    """Return the accounts of the tables ``[[calendar.account]]``."""
    return _accounts("calendar", tables, {"events": "event", "tasks": "task"})


def read_books(table: Any) -> tuple[Synced, ...]:
    """Return the accounts of the tables ``[[contacts.account]]``, all that a table ``[contacts]`` may hold."""
    check_keys("contacts", table, ("account",))
    return _accounts("contacts", table.get("account", []), {"contacts": "contact"})


def _foreign(table: Any) -> Foreign:
    where = "calendar.foreign"
    check_keys(where, table, _FOREIGN)
    name = text_of(where, table, "name")
    if not name.strip():
        raise ConfigError(f"{where}: name is missing", hint='name = "Holidays"')
    if ("path" in table) == ("url" in table):
        told = f"{where} {name}: either the path of a file or folder, or a url"
        raise ConfigError(told, hint='url = "https://example.com/holidays.ics"')
    if "path" in table:
        path = Path(text_of(where, table, "path")).expanduser()
        if not path.is_absolute():
            raise ConfigError(f"{where} {name}: path must be absolute or begin with ~/")
        return Foreign(name, path)
    private = _truth(f"{where} {name}", table, "private")
    return Foreign(name, None, _url(f"{where} {name}", table), private, _seconds(f"{where} {name}", table))


def _accounts(kind: str, tables: Any, entities: Mapping[str, str]) -> tuple[Synced, ...]:
    return tuple(_account(kind, table, entities) for table in _tables(f"{kind}.account", tables))


def _account(kind: str, table: Any, entities: Mapping[str, str]) -> Synced:
    where = f"{kind}.account"
    name = table.get("name") if isinstance(table, dict) else None
    if isinstance(table, dict) and "password" in table:
        raise ConfigError(f"{where}: a password does not belong in this file", hint=f"crm secret set {name} keeps it")
    check_keys(where, table, (*_ACCOUNT, *entities))
    if not isinstance(name, str) or not NAME.fullmatch(name) or name in RESERVED:
        raise ConfigError(f"{where}: name must be a word of small letters, digits and -", hint='name = "work"')
    where = f"{where} {name}"
    wanted = {entity: text for key, entity in entities.items() if (text := _wanted(where, table, key)) is not None}
    command = words_of(where, "password_command", table.get("password_command", []))
    private = _truth(where, table, "private")
    return Synced(kind, name, _url(where, table), text_of(where, table, "user"), command, private, wanted)


def _wanted(where: str, table: Mapping[str, Any], key: str) -> str | None:
    """Return a condition, empty for the usual one; None when nothing of that kind is to be sent."""
    given = table.get(key, True)
    if isinstance(given, bool):
        return "" if given else None
    if not isinstance(given, str) or not given.strip():
        raise ConfigError(f"{where}: {key} must be true, false or a condition, not {given!r}")
    return given


def _url(where: str, table: Mapping[str, Any]) -> str:
    url = text_of(where, table, "url")
    found = _URL.fullmatch(url)
    if found is None:
        raise ConfigError(f"{where}: url is not of the form https://HOST/PATH", hint="https://dav.example.com/anna/")
    if found["scheme"] == "http" and not LOOPBACK.fullmatch(found["host"].strip("[]")):
        raise ConfigError(f"{where}: without encryption only a server on this machine is asked", hint="https://...")
    return url


def is_near(url: str) -> bool:
    """Say whether a checked address names this very machine."""
    found = _URL.fullmatch(url)
    return found is not None and LOOPBACK.fullmatch(found["host"].strip("[]")) is not None


def _seconds(where: str, table: Mapping[str, Any]) -> int:
    if "every" not in table:
        return _HOUR
    try:
        seconds = parse_duration(text_of(where, table, "every"))
    except ValueError as error:
        raise ConfigError(f"{where}: every: {error}", hint='every = "1h"') from None
    if seconds < _LEAST:
        raise ConfigError(f"{where}: every must be a minute at least")
    return seconds


def _truth(where: str, table: Mapping[str, Any], key: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise ConfigError(f"{where}: {key} must be true or false, not {value!r}")
    return value


def _tables(where: str, tables: Any) -> list[Any]:
    if not isinstance(tables, list):
        raise ConfigError(f"{where} must be a list of tables", hint=f"head each one with [[{where}]]")
    return tables
