"""The table of what rules may do outside."""

from pathlib import Path

import pytest

from crmcli.config.rule_settings import RuleSettings
from crmcli.config.settings import parse
from crmcli.errors import ConfigError
from tests.unit.config.test_settings import loaded


def test_hosts_are_read_as_they_are_compared(tmp_path: Path) -> None:
    assert loaded(tmp_path).rules is None
    text = "[rules]\nsend = true\nhosts = ['Hooks.Example.com.']\nnotify = ['notify-send', 'crm']\n"
    found = RuleSettings(True, frozenset({"hooks.example.com"}), notify=("notify-send", "crm"))
    assert loaded(tmp_path, text).rules == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules = 3", "must be a table"),
        ("[rules]\nhost = ['a']", "has no 'host'"),
        ("[rules]\nsend = 'yes'", "send must be true or false"),
        ("[rules]\nhosts = 'a'", "must be a list of hosts"),
        ("[rules]\nhosts = ['https://a/']", "without https"),
        ("[rules]\nhosts = ['*']", "is no host"),
        ("[rules]\nnotify = 'notify-send crm'", "must be a list of words"),
        ("[rules]\nnotify = ['./here']", "neither a name nor an absolute path"),
    ],
)
def test_mistakes_are_told(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse(text, "config.toml")
