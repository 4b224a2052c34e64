import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from crmcli.config.paths import locate
from crmcli.config.settings import SETTINGS, Settings, load, parse, read_value
from crmcli.config.template import template
from crmcli.errors import ConfigError


def loaded(home: Path, text: str | None = None, **environ: str) -> Settings:
    known: Mapping[str, str] = {"HOME": str(home), "CRMCLI_HOME": str(home), "LOGNAME": "anna", "TZ": "UTC", **environ}
    paths = locate(known)
    if text is not None:
        paths.config.mkdir(exist_ok=True)
        paths.config_file.write_text(text, encoding="utf-8")
    return load(paths, known)


def test_defaults(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    usual = ("EUR", "IT", "UTC", "en", "anna", "sales", 50, "full", False, 10, 100_000, False)
    assert settings[: len(SETTINGS)] == usual
    assert settings.origins["currency"] == "default"
    assert settings.origins["user"] == "login"
    assert settings.origins["timezone"] == "system"


def test_the_file_wins_over_the_default_and_the_environment_over_the_file(tmp_path: Path) -> None:
    text = 'currency = "USD"\nrows = 20\nlocale = "it"\n'
    settings = loaded(tmp_path, text, CRMCLI_ROWS="10", CRMCLI_ALLOW_NETWORK_FS="true")
    assert (settings.currency, settings.rows, settings.locale) == ("USD", 10, "it")
    assert settings.allow_network_fs is True
    assert settings.origins["currency"] == str(tmp_path / "config" / "config.toml")
    assert settings.origins["rows"] == "CRMCLI_ROWS"


def test_each_setting_is_a_field_in_force() -> None:
    tables = (
        "calendar",
        "service_levels",
        "key_fields",
        "rules",
        "accounts",
        "mail",
        "sms",
        "remind",
        "tui",
        "follow",
        "lifecycle",
        "reports",
        "foreign",
        "synced",
        "dashboard",
        "customers",
    )
    assert sorted((*SETTINGS, "origins", *tables)) == sorted(Settings._fields)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('\n\ncurency = "EUR"', "config.toml, line 3: there is no setting 'curency'", "did you mean currency?"),
        ("currency = 3", "line 1: currency must be text, not 3", None),
        ('rows = "many"', "rows must be a whole number, not 'many'", None),
        ("rows = true", "rows must be a whole number, not True", None),
        ("rows = 0", "rows: 0 is less than 1", None),
        ("allow_network_fs = 1", "allow_network_fs must be true or false, not 1", None),
        ('currency = "XYZ"', "currency: unknown currency 'XYZ'", None),
        ('country = "Italy"', "country: no country 'Italy'", None),
        ('timezone = "Europe/Roma"', "timezone: no time zone 'Europe/Roma'", None),
        ('locale = "fr"', "locale must be one of en, it, not 'fr'", None),
        ('user = "anna rossi"', "user: 'anna rossi' is not one word", None),
        ("[sales]\nx = 1", "there is no setting 'sales'", None),
        ("currency = EUR", "config.toml, line 1, column 12: invalid value", None),
        ('currency = "EUR"\ncurrency = "USD"\n', "config.toml, line 2, column 17: ", None),
    ],
)
def test_mistakes_name_the_line_and_the_nearest_key(tmp_path: Path, text: str, message: str, hint: str | None) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        loaded(tmp_path, text)
    assert caught.value.exit_code == 2
    if hint:
        assert caught.value.hint == hint


def test_a_mistake_in_the_environment_names_the_variable(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="CRMCLI_ROWS in the environment: rows must be a whole number"):
        loaded(tmp_path, CRMCLI_ROWS="ten")


def test_a_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    loaded(tmp_path, "")
    (tmp_path / "config" / "config.toml").write_bytes(b'user = "\xff"')
    with pytest.raises(ConfigError, match="not UTF-8"):
        loaded(tmp_path)


@pytest.mark.parametrize("target", ["/dev/zero", None])
def test_a_device_or_a_pipe_is_no_file(tmp_path: Path, target: str | None) -> None:
    path = tmp_path / "config" / "config.toml"
    path.parent.mkdir()
    path.symlink_to(target) if target else os.mkfifo(path)
    with pytest.raises(ConfigError, match=f"{path}: not a regular file"):
        loaded(tmp_path)


def test_the_zone_of_the_machine(tmp_path: Path) -> None:
    assert loaded(tmp_path, TZ="Europe/Rome").timezone == "Europe/Rome"
    assert loaded(tmp_path, TZ=":Europe/Rome").timezone == "Europe/Rome"
    assert loaded(tmp_path, TZ="CET-1CEST").timezone == "UTC"
    assert loaded(tmp_path, 'timezone = "America/New_York"', TZ="Europe/Rome").timezone == "America/New_York"


def test_words_become_values() -> None:
    assert read_value("rows", "7") == 7
    assert read_value("allow_network_fs", "True") is True
    assert read_value("currency", "JPY") == "JPY"


def test_the_template_sets_nothing_and_names_everything() -> None:
    text = template()
    assert parse(text, "config.toml") == {}
    uncommented = re.sub(r"(?m)^# (?=\w+ = |\[)", "", text)
    tables = [
        "calendar",
        "foreign",
        "calendars",
        "contacts",
        "sla",
        "completeness",
        "customers",
        "follow",
        "lifecycle",
        "accounts",
        "mail",
        "report",
        "dashboard",
        "tui",
        "sms",
        "rules",
        "remind",
    ]
    assert list(parse(uncommented, "config.toml")) == [*SETTINGS, *tables]
