"""The tables of accounts and mail: what they may say, what they default to, and that they never repeat a secret."""

import re
from pathlib import Path

import pytest

from crmcli.config.sending import Account, Mail, Sms, chosen
from crmcli.config.settings import parse
from crmcli.config.template import template
from crmcli.errors import ConfigError
from tests.unit.config.test_settings import loaded

WORK = '[accounts.work]\nfrom = "Acme <Info@Example.com>"\nhost = "smtp.example.com"\n'


def test_an_account_needs_little(tmp_path: Path) -> None:
    assert (loaded(tmp_path).accounts, loaded(tmp_path).mail) == ({}, None)
    settings = loaded(tmp_path, WORK)
    assert settings.accounts == {"work": Account("work", "Acme", "info@example.com", "smtp.example.com", 465, "tls")}
    assert chosen(Mail(), settings.accounts) == settings.accounts["work"]
    assert chosen(Mail(), {}) is None


def test_an_account_says_all(tmp_path: Path) -> None:
    text = """
        [accounts.desk-2]
        from = "desk@example.com"
        host = "::1"
        port = 2525
        security = "starttls"
        user = "desk"
        password_command = ["pass", "show", "mail/desk"]
        [accounts.relay]
        from = '"Rossi, Anna" <anna@example.com>'
        host = "localhost"
        security = "none"
        [mail]
        account = "relay"
        per_day = 10
        per_domain = 3
    """
    settings = loaded(tmp_path, text)
    desk, relay = settings.accounts.values()
    command = ("pass", "show", "mail/desk")
    assert desk == Account("desk-2", "", "desk@example.com", "::1", 2525, "starttls", "desk", command)
    assert (relay.port, relay.sender_name, relay.user) == (25, "Rossi, Anna", "")
    assert settings.mail == Mail("relay", 10, 3)


def test_the_template_shows_a_sound_account() -> None:
    head = template().partition("# [accounts.work]\n")[2]
    told = [line.removeprefix("# ") for line in head.splitlines()]
    lines = ["[accounts.work]", *(line for line in told if re.match(r"\w+ = |\[", line))]
    found = parse("\n".join(lines), "config.toml")
    assert found["accounts"]["work"].user == "info@example.com"
    assert found["mail"] == Mail("work", Mail().per_day, Mail().per_domain)
    assert found["sms"] == Sms("https://sms.example.com/send", (), Sms().per_day)


def test_text_messages_go_by_a_gateway_or_a_program(tmp_path: Path) -> None:
    assert loaded(tmp_path, '[sms]\ncommand = ["sms.py", "--from", "Acme"]').sms == Sms(
        "", ("sms.py", "--from", "Acme")
    )
    assert loaded(tmp_path, '[sms]\nurl = "https://sms.example.com"\nper_day = 3').sms == Sms(
        "https://sms.example.com", (), 3
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("accounts = 3", "accounts must be tables"),
        ('[accounts]\nfrom = "a@example.com"', "accounts must be tables"),
        ('[accounts."Work 1"]', "'Work 1' is no name"),
        ("[accounts.work_1]", "'work_1' is no name"),
        ("[accounts.work]", "accounts.work: from is missing"),
        ('[accounts.work]\nfrom = "a@example.com"', "accounts.work: host is missing"),
        (WORK + 'hots = "x"', "accounts.work has no 'hots'"),
        (WORK + 'port = "465"', "port must be a number from 1 to 65535, not '465'"),
        (WORK + "port = true", "port must be a number from 1 to 65535, not True"),
        (WORK + "port = 65536", "port must be a number from 1 to 65535, not 65536"),
        (WORK + 'security = "ssl"', "security must be one of tls, starttls, none, not 'ssl'"),
        (WORK + 'security = "none"', "is for a server on this machine only"),
        (
            WORK.replace("smtp.example.com", "localhost") + 'security = "none"\nuser = "x"',
            "never sent without encryption",
        ),
        (WORK.replace("smtp.example.com", "smtp example"), "host 'smtp example' is not the name of a server"),
        (WORK.replace("smtp.example.com", "a@b"), "host 'a@b' is not the name of a server"),
        (
            WORK.replace("Info@Example.com", "a@b.example, c@d.example"),
            "from: 'a@b.example, c@d.example' is not an e-mail",
        ),
        (WORK.replace("<Info@Example.com>", "<a@example.com> <b@example.com>"), "is not an address"),
        (WORK.replace("Acme", "Ac\\nme"), "from must be text on one line"),
        (WORK + 'user = "x\\r\\ny"', "user must be text on one line"),
        (WORK + "[mail]\naccount = 3", "mail: account must be text"),
        (WORK + '[mail]\naccount = "wrok"', "mail: there is no account 'wrok'"),
        (WORK + "[mail]\nper_day = 0", "mail: per_day must be a whole number of at least 1, not 0"),
        (WORK + "[mail]\nper_hour = 5", "mail has no 'per_hour'"),
        (WORK + WORK.replace("work", "home"), "mail: account must name one of work, home"),
        ("mail = 1", "mail must be a table"),
        ("[sms]", "sms: either the url of a gateway or the command of a program"),
        ('[sms]\nurl = "https://x.example"\ncommand = ["x"]', "sms: either the url"),
        ('[sms]\nurl = "ftp://x.example"', "sms: url is not of the form"),
        ('[sms]\nurl = "https://anna:pw@x.example/"', "sms: url is not of the form"),
        ('[sms]\ncommand = "x"', "sms: command must be a list of words"),
        ("[sms]\ncommand = []", "sms: command is empty"),
    ],
)
def test_mistakes_are_told(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse(text, "config.toml")


@pytest.mark.parametrize(
    "key", ['password = "canary"', 'password_command = "echo canary"', 'password_command = ["", "canary"]']
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(WORK + key, "config.toml")
    assert "canary" not in f"{caught.value.message} {caught.value.hint}"
