from pathlib import Path

import pytest

from crmcli.config.calendars import Synced, is_near
from crmcli.config.settings import parse
from crmcli.errors import ConfigError

BOTH = """
[calendar]
zone = "Europe/Rome"
monday = ["09:00-13:00"]

[[calendar.foreign]]
name = "Holidays"
path = "/tmp/holidays.ics"

[[calendar.foreign]]
name = "Team"
url = "https://example.com/team.ics"
every = "15min"

[[calendar.account]]
name = "work"
url = "https://dav.example.com/anna/office/"
user = "anna"
tasks = false
events = "visibility = public"

[[contacts.account]]
name = "book"
url = "http://localhost:5232/anna/book/"
private = true
"""


def test_calendars_stand_beside_business_hours() -> None:
    found = parse(BOTH, "config.toml")
    assert found["calendar"] is not None
    holidays, team = found["foreign"]
    assert (holidays.path, team.every, team.private) == (Path("/tmp/holidays.ics"), 900, False)
    assert found["calendars"] == (
        Synced(
            "calendar", "work", "https://dav.example.com/anna/office/", "anna", wanted={"event": "visibility = public"}
        ),
    )
    assert found["contacts"][0].wanted == {"contact": ""}


def test_without_business_hours_there_are_none() -> None:
    assert "calendar" not in parse('[[calendar.foreign]]\nname = "x"\npath = "/x"\n', "config.toml")


@pytest.mark.parametrize(
    "text",
    [
        "[contacts]\ncolour = 1\n",
        "[calendar]\nforeign = 3\n",
        '[[calendar.account]]\nname = "Work"\nurl = "https://x/"\n',
        '[[calendar.account]]\nname = "webhook"\nurl = "https://x/"\n',
        '[[calendar.account]]\nname = "a"\nurl = "https://x/"\n[[contacts.account]]\nname = "a"\nurl = "https://y/"\n',
        '[[contacts.account]]\nname = "a"\nurl = "https://x/"\ncontacts = ""\n',
        '[[contacts.account]]\nname = "a"\nurl = "https://x/"\nprivate = "yes"\n',
    ],
)
def test_mistakes_are_told(text: str) -> None:
    with pytest.raises(ConfigError):
        parse(text, "config.toml")


@pytest.mark.parametrize(
    ("url", "near"), [("http://localhost:1/", True), ("http://[::1]:1/", True), ("https://10.0.0.1/", False)]
)
def test_this_machine_is_near(url: str, near: bool) -> None:
    assert is_near(url) == near
