"""The settings of the user: what there is to set, its default, and the value in force with its origin.

A value comes from ``CRMCLI_<KEY>`` in the environment, else from ``config.toml``, else from the default. Reading
costs nothing while the file holds only comments. Writing the file is the business of ``config.edit``.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.config import checks
from crmcli.config.files import read_text
from crmcli.config.paths import Paths
from crmcli.domain import naming
from crmcli.errors import ConfigError

if TYPE_CHECKING:
    from crmcli.config.calendars import Foreign, Synced
    from crmcli.config.customers import CustomerRules
    from crmcli.config.dashboard import Panel
    from crmcli.config.key_fields import KeyFields
    from crmcli.config.life_cycle import LifeCycle
    from crmcli.config.remind_settings import RemindSettings
    from crmcli.config.report_schedules import ReportSchedule
    from crmcli.config.rule_settings import RuleSettings
    from crmcli.config.screen import Tui
    from crmcli.config.sending import Account, Mail, Sms
    from crmcli.config.service_levels import Level
    from crmcli.domain.cadences import Cadences
    from crmcli.domain.calendar import BusinessCalendar

Value = str | int | bool


class Setting(NamedTuple):
    """One thing that can be set. An empty default means that the machine answers (see ``origin``)."""

    key: str
    default: Value
    help: str
    origin: str = "default"  # where the value comes from when nobody sets it
    choices: tuple[str, ...] = ()
    check: checks.Check | None = None  # raises ValueError with the reason


SETTINGS: dict[str, Setting] = {
    setting.key: setting
    for setting in (
        Setting("currency", "EUR", "Currency of amounts that name none (ISO 4217).", check=checks.currency),
        Setting("country", "IT", "Country of phone numbers and addresses that name none.", check=checks.country),
        Setting("timezone", "", "Zone that dates are read and shown in.", "system", check=checks.timezone),
        Setting("locale", "en", "How dates and amounts are read and written.", choices=("en", "it")),
        Setting(
            "user",
            "",
            "Handle of the person at this keyboard, the `me` of conditions.",
            "login",
            check=naming.check_handle,
        ),
        Setting("pipeline", "sales", "Pipeline of a deal that names none.", check=naming.check_word),
        Setting("rows", 50, "Rows that a list shows on a terminal.", check=checks.positive),
        Setting("durability", "full", "`extra` also syncs the folder at each commit.", choices=("full", "extra")),
        Setting("allow_network_fs", False, "Accept a store on a network file system, where locks may fail."),
        Setting("sql_seconds", 10, "Seconds that SQL of yours may take.", check=checks.positive),
        Setting("sql_rows", 100_000, "Rows that SQL of yours may give.", check=checks.positive),
        Setting("snapshots", False, "Keep the forecast of each day when crm tick runs."),
    )
}


class Settings(NamedTuple):
    """The values in force. ``origins`` says for each key whence: default, system, login, environment, or the file.

    ``calendar``, ``service_levels`` and ``key_fields`` are what the tables of the file say; without a calendar no time
    is measured, without key fields the usual ones count, without accounts no mail goes out, without rules nothing may
    be sent anywhere, without cadences only those are followed of whom a record says so.
    """

    currency: str
    country: str
    timezone: str
    locale: str
    user: str
    pipeline: str
    rows: int
    durability: str
    allow_network_fs: bool
    sql_seconds: int
    sql_rows: int
    snapshots: bool
    origins: Mapping[str, str]
    calendar: "BusinessCalendar | None" = None
    service_levels: "tuple[Level, ...]" = ()
    key_fields: "KeyFields | None" = None
    rules: "RuleSettings | None" = None
    accounts: "Mapping[str, Account]" = MappingProxyType({})
    mail: "Mail | None" = None
    sms: "Sms | None" = None
    remind: "RemindSettings | None" = None
    tui: "Tui | None" = None
    follow: "Cadences | None" = None
    lifecycle: "LifeCycle | None" = None
    reports: "tuple[ReportSchedule, ...]" = ()
    foreign: "tuple[Foreign, ...]" = ()
    synced: "tuple[Synced, ...]" = ()
    dashboard: "tuple[Panel, ...]" = ()
    customers: "CustomerRules | None" = None


def load(paths: Paths, environ: Mapping[str, str]) -> Settings:
    """Return the settings in force; ConfigError names file, line and the nearest key."""
    from_file = read_file(paths.config_file)
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for key, setting in SETTINGS.items():
        variable = f"CRMCLI_{key.upper()}"
        if environ.get(variable):
            values[key], origins[key] = _from_environment(setting, variable, environ[variable]), variable
        elif key in from_file:
            values[key], origins[key] = from_file[key], str(paths.config_file)
        else:
            values[key], origins[key] = _default(setting, environ), setting.origin
    calendar = from_file.get("calendar")
    tables = {"calendar": calendar and calendar.within(values["timezone"]), "service_levels": from_file.get("sla", ())}
    tables |= {"key_fields": from_file.get("completeness"), "rules": from_file.get("rules")}
    tables |= {"accounts": from_file.get("accounts", {}), "mail": from_file.get("mail")}
    tables |= {key: from_file.get(key) for key in ("sms", "remind", "tui", "follow", "customers", "lifecycle")}
    tables |= {"reports": from_file.get("report", ()), "foreign": from_file.get("foreign", ())}
    tables["dashboard"] = from_file.get("dashboard", ())
    tables["synced"] = (*from_file.get("calendars", ()), *from_file.get("contacts", ()))
    return Settings(**values, origins=origins, **tables)


def read_file(path: Path) -> dict[str, Any]:
    """Return what the file sets, checked, and what its tables say (see ``Settings``); nothing without a file."""
    text = text_of(path)
    return {} if text is None else parse(text, str(path))


def text_of(path: Path, errors: str = "strict") -> str | None:
    """Return the text of the file, None where there is none; ``errors`` as ``open`` takes it."""
    try:
        return read_text(path, errors)
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text ({error.reason})", hint=_MEND) from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None


def parse(text: str, name: str) -> dict[str, Any]:
    """Return what a text of the file's form sets and says, as ``read_file``; ``name`` begins every message."""
    if all(not line or line.isspace() or line.lstrip().startswith("#") for line in text.splitlines()):
        return {}  # before TOML is read at all: most files set nothing
    from crmcli.domain.toml import loads

    try:
        found = loads(text)
    except ValueError as error:
        raise ConfigError(f"{name}, {error}", hint=_MEND) from None
    values: dict[str, Any] = {}
    for key, value in found.items():
        try:
            values |= _table(key, value) if key in _TABLES else {key: checked(key, value)}
        except ConfigError as error:
            where = f"{name}, line {_line_of(key, text)}"
            raise ConfigError(f"{where}: {error.message}", hint=error.hint or _MEND) from None
    if values.get("sla") and "calendar" not in values:
        raise ConfigError(f"{name}: [[sla]] needs the business hours of a [calendar]", hint=_MEND)
    if values.get("report") and not values.get("accounts"):
        raise ConfigError(f"{name}: [[report.schedule]] needs an account to send from", hint="[accounts.work]")
    if "accounts" in values or "mail" in values:
        _check_account(values, name)
    if "calendars" in values or "contacts" in values:
        _check_names(values, name)
    return values


_MEND = "crm config edit"


def find(key: str) -> Setting:
    """Return the setting called so, or raise ConfigError naming the nearest ones."""
    if key not in SETTINGS:
        from crmcli.domain.schema import did_you_mean

        raise ConfigError(f"there is no setting {key!r}", hint=did_you_mean(key, list(SETTINGS)) or "crm config get")
    return SETTINGS[key]


def checked(key: str, value: object) -> Value:
    """Return a value if the setting may have it; ConfigError says why not."""
    setting = find(key)
    if not isinstance(value, str | int) or type(value) is not type(setting.default):
        raise ConfigError(f"{key} must be {_TYPES[type(setting.default)]}, not {value!r}")
    if setting.choices and value not in setting.choices:
        raise ConfigError(f"{key} must be one of {', '.join(setting.choices)}, not {value!r}")
    if setting.check:
        try:
            setting.check(value)
        except ValueError as error:
            raise ConfigError(f"{key}: {error}") from None
    return value


def read_value(key: str, text: str) -> Value:
    """Return the checked value that a word of the command line or the environment means."""
    kind = type(find(key).default)
    if kind is bool:
        return checked(key, {"true": True, "false": False}.get(text.casefold(), text))
    if kind is int and text.isdecimal():
        return checked(key, int(text))
    return checked(key, text)


_READERS = {  # what reads a table: a module here, imported for a file that has the table, and its function
    "sla": ("service_levels", "read_levels"),
    "completeness": ("key_fields", "read_key_fields"),
    "customers": ("customers", "read_customers"),
    "rules": ("rule_settings", "read_rule_settings"),
    "accounts": ("sending", "read_accounts"),
    "mail": ("sending", "read_mail"),
    "sms": ("sending", "read_sms"),
    "remind": ("remind_settings", "read_remind_settings"),
    "follow": ("follow", "read_follow"),
    "lifecycle": ("life_cycle", "read_life_cycle"),
    "report": ("report_schedules", "read_report"),
    "dashboard": ("dashboard", "read_dashboard"),
    "contacts": ("calendars", "read_books"),
    "tui": ("screen", "read_tui"),
}
_TABLES = ("calendar", *_READERS)


def _table(key: str, value: object) -> dict[str, Any]:
    """Return what a table says, by name: mostly its own, but a calendar is more than business hours."""
    from importlib import import_module

    if key != "calendar":
        module, reader = _READERS[key]
        return {key: getattr(import_module(f"crmcli.config.{module}"), reader)(value)}
    from crmcli.config.service_levels import read_calendar

    found: dict[str, Any] = {}
    if isinstance(value, dict) and not {"foreign", "account"}.isdisjoint(value):
        from crmcli.config.calendars import read_calendars, read_foreign

        found = {
            "foreign": read_foreign(value.get("foreign", [])),
            "calendars": read_calendars(value.get("account", [])),
        }
        value = {name: of for name, of in value.items() if name not in ("foreign", "account")}
    return ({key: read_calendar(value)} if value or not found else {}) | found


def _check_names(values: Mapping[str, Any], name: str) -> None:
    """Refuse accounts that would share a secret."""
    synced = [one.name for key in ("calendars", "contacts") for one in values.get(key, ())]
    names = [*values.get("accounts", {}), *synced]
    if twice := next((one for one in synced if names.count(one) > 1), None):
        raise ConfigError(f"{name}: there are two accounts {twice!r}", hint=_MEND)


def _check_account(values: Mapping[str, Any], name: str) -> None:
    from crmcli.config.sending import Mail, chosen

    try:
        chosen(values.get("mail", Mail()), values.get("accounts", {}))
    except ConfigError as error:
        raise ConfigError(f"{name}: {error.message}", hint=error.hint) from None


_TYPES: dict[type, str] = {str: "text", int: "a whole number", bool: "true or false"}


def _from_environment(setting: Setting, variable: str, text: str) -> Value:
    try:
        return read_value(setting.key, text)
    except ConfigError as error:
        raise ConfigError(
            f"{variable} in the environment: {error.message}", hint=error.hint or f"unset {variable}"
        ) from None


def _default(setting: Setting, environ: Mapping[str, str]) -> Value:
    if setting.origin == "system":
        return checks.system_timezone(environ)
    if setting.origin == "login":
        name = environ.get("LOGNAME") or environ.get("USER") or _login_name()
        return name if naming.is_handle(name) else f"user{os.getuid()}"
    return setting.default


def _login_name() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may run under a number that has no name
        return f"user{os.getuid()}"


def _line_of(key: str, text: str) -> int:
    lines = enumerate(text.splitlines(), start=1)
    return next((number for number, line in lines if line.lstrip(" \t[\"'").startswith(key)), 1)
