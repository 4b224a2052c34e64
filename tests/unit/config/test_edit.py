import pytest

from crmcli.config.edit import with_value, without_value
from crmcli.config.settings import SETTINGS, parse
from crmcli.config.template import template
from crmcli.errors import ConfigError


def test_comments_and_order_stay() -> None:
    text = '# mine\nrows = 20  # few\n\n# money\ncurrency = "EUR"\n'
    assert with_value(text, "currency", "USD") == text.replace("EUR", "USD")
    assert with_value(text, "rows", 30) == text.replace("20", "30")


def test_the_commented_line_of_a_template_becomes_the_setting() -> None:
    changed = with_value(template(), "currency", "USD")
    assert '\ncurrency = "USD"\n' in changed
    assert "# currency" not in changed
    assert changed.count("\n") == template().count("\n")


def test_setting_and_unsetting_leaves_the_rest_alone() -> None:
    text = '# mine\nuser = "anna"\n'
    assert without_value(with_value(text, "rows", 10), "rows") == text
    assert without_value(text, "rows") == text


@pytest.mark.parametrize("key", SETTINGS)
def test_every_setting_can_be_written_and_read_back(key: str) -> None:
    value = {"timezone": "Europe/Rome", "user": "anna"}.get(key, SETTINGS[key].default)
    for text in ("", template()):
        assert parse(with_value(text, key, value), "config.toml") == {key: value}


def test_wrong_keys_and_values_are_refused() -> None:
    with pytest.raises(ConfigError, match="no setting"):
        with_value("", "curency", "EUR")
    with pytest.raises(ConfigError, match="no setting"):
        without_value("", "curency")
    with pytest.raises(ConfigError, match="unknown currency"):
        with_value("", "currency", "euro")
