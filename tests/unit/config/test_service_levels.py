from datetime import UTC, datetime
from pathlib import Path

import pytest

from crmcli.config.edit import with_value
from crmcli.config.paths import locate
from crmcli.config.service_levels import budgets_of, choose
from crmcli.config.settings import load, parse
from crmcli.domain.sla import Budgets
from crmcli.errors import ConfigError

CALENDAR = '[calendar]\nzone = "Europe/Rome"\nmonday = ["09:00-13:00"]\n'
LEVEL = '[[sla]]\nname = "standard"\n'


def test_what_the_tables_say() -> None:
    text = CALENDAR + LEVEL + 'first_response = "1h30"\nat_risk = 10\nlow = { resolution = "40h" }\n'
    (level,) = parse(text, "config.toml")["sla"]
    assert budgets_of([level], "standard", "normal") == Budgets(5400, None, 1000)
    assert budgets_of([level], "standard", "low") == Budgets(5400, 144_000, 1000)
    assert budgets_of([level], "gone", "low") == Budgets()
    assert level.is_default


def test_organization_then_tag_then_category_then_default() -> None:
    text = (
        CALENDAR
        + LEVEL
        + "".join(
            f'[[sla]]\nname = "{name}"\n{fits}\n'
            for name, fits in (
                ("c", 'categories = ["Outage"]'),
                ("t", 'tags = ["VIP"]'),
                ("o", 'organizations = ["O3"]'),
            )
        )
    )
    levels = parse(text, "config.toml")["sla"]
    assert choose(levels, ["acme", "o3"], ["vip"], "outage") == "o"
    assert choose(levels, ["acme", "o4"], ["vip"], "outage") == "t"
    assert choose(levels, [], [], "outage") == "c"
    assert choose(levels, [], [], "") == "standard"
    assert choose(levels[1:], [], [], "") is None


def test_days_off_and_other_hours() -> None:
    text = CALENDAR + 'holidays = [2026-03-16, "2026-03-23"]\nexceptions = { "2026-03-17" = ["10:00-12:00"] }\n'
    calendar = parse(text, "config.toml")["calendar"]
    days = (datetime(2026, 3, 16, tzinfo=UTC), datetime(2026, 3, 24, tzinfo=UTC))
    assert calendar.seconds_between(*days) == 2 * 3600


@pytest.mark.parametrize(("environ", "hours"), [({}, 3), ({"CRMCLI_TIMEZONE": "America/New_York"}, 0)])
def test_a_calendar_without_a_zone_is_in_that_of_the_settings(
    tmp_path: Path, environ: dict[str, str], hours: int
) -> None:
    paths = locate({"CRMCLI_HOME": str(tmp_path), "HOME": str(tmp_path)})
    paths.config_file.parent.mkdir(parents=True)
    paths.config_file.write_text('timezone = "Europe/Rome"\n[calendar]\nmonday = ["09:00-13:00"]\n')
    calendar = load(paths, environ).calendar
    assert calendar is not None
    morning = (datetime(2026, 3, 16, 8, tzinfo=UTC), datetime(2026, 3, 16, 11, tzinfo=UTC))
    assert calendar.seconds_between(*morning) == hours * 3600


def test_a_calendar_keeps_the_zone_of_its_own() -> None:
    calendar = parse(CALENDAR, "config.toml")["calendar"]
    assert calendar.within("America/New_York") is calendar


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n[calendar]\nmonday = []", "line 2: calendar: a business calendar needs working time"),
        ('[calendar]\nzone = ""\nmonday = ["09:00-10:00"]', "calendar: no time zone ''"),
        ('[calendar]\nzone = "Rome"\nmonday = ["09:00-10:00"]', "calendar: no time zone 'Rome'"),
        ('[calendar]\nzone = "UTC"', "calendar: a business calendar needs working time"),
        ('[calendar]\nzone = "UTC"\nmonday = ["9-13"]', "calendar: '9' is not a time of day"),
        ('[calendar]\nzone = "UTC"\nmonday = ["09:00"]', "calendar: '09:00' is not a range of hours"),
        ('[calendar]\nzone = "UTC"\nmonday = "09:00-13:00"', "calendar: '09:00-13:00' is not a list of hours"),
        ('[calendar]\nzone = "UTC"\nmonday = ["13:00-09:00"]', "calendar: business hours end before they start"),
        (CALENDAR + 'holidays = ["Christmas"]', "calendar: 'Christmas' is not a day such as 2026-12-25"),
        (CALENDAR + "mondays = []", "calendar has no 'mondays'"),
        ("calendar = 3", "calendar must be a table, not 3"),
        (LEVEL, r"config.toml: \[\[sla\]\] needs the business hours of a \[calendar\]"),
        (CALENDAR + '[sla]\nname = "x"', "sla must be a list of tables"),
        (CALENDAR + "[[sla]]\nat_risk = 10", "line 4: sla: name is missing"),
        (CALENDAR + LEVEL + "respond = 1", "sla has no 'respond'"),
        (CALENDAR + LEVEL + "high = { respond = 1 }", "sla standard: high has no 'respond'"),
        (CALENDAR + LEVEL + "at_risk = 101", "sla standard: at_risk is a percentage from 0 to 100, not 101"),
        (CALENDAR + LEVEL + 'resolution = "soon"', "sla standard: resolution: 'soon' is not a duration"),
        (CALENDAR + LEVEL + 'resolution = "2d"', "sla standard: resolution is in hours of work, so '2d' has no fixed"),
        (CALENDAR + LEVEL + 'tags = "vip"', "sla standard: tags must be a list of texts, not 'vip'"),
        (CALENDAR + LEVEL + LEVEL, "sla: there are two service levels 'standard'"),
        (CALENDAR + LEVEL + '[[sla]]\nname = "b"', "sla: standard and b both fit every ticket"),
    ],
)
def test_mistakes_are_told(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse(text, "config.toml")


def test_a_setting_never_lands_in_a_table() -> None:
    for text in (CALENDAR, CALENDAR + "# rows = 50\n"):
        changed = parse(with_value(text, "rows", 20), "config.toml")
        assert (changed["rows"], "calendar" in changed) == (20, True)
