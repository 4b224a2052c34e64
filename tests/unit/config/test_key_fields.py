"""The table of key fields: what it may say, and that what is documented is what counts by default."""

from pathlib import Path

import pytest

from crmcli.config.key_fields import DEFAULTS
from crmcli.config.settings import parse
from crmcli.config.template import template
from crmcli.errors import ConfigError
from tests.unit.config.test_settings import loaded


def test_what_the_file_names_counts_and_the_rest_stays(tmp_path: Path) -> None:
    assert loaded(tmp_path).key_fields is None
    settings = loaded(tmp_path, '[completeness]\norg = ["domain", "custom.vat_office", "domain"]\n')
    assert settings.key_fields == {"organization": ("domain", "custom.vat_office")}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("completeness = 3", "must be a table"),
        ("[completeness]\ntask = ['subject']", "has no 'task'"),
        ("[completeness]\nlead = 'email'", "must be a list of fields"),
        ("[completeness]\nlead = []", "must be a list of fields"),
        ("[completeness]\nlead = ['emial']", "lead has no field 'emial'"),
        ("[completeness]\nlead = ['emails']", "emails holds several values"),
    ],
)
def test_mistakes_are_told(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse(text, "config.toml")


def test_the_template_tells_the_defaults() -> None:
    (_, table) = template().split("# [completeness]\n")
    text = "[completeness]\n" + "\n".join(line.removeprefix("# ") for line in table.partition("\n\n")[0].splitlines())
    assert parse(text, "config.toml")["completeness"] == DEFAULTS
