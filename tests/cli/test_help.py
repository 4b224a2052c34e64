from datetime import UTC, datetime
from pathlib import Path

import pytest

from crmcli.cli.exits import MEANINGS
from crmcli.cli.help_topics import TOPICS
from crmcli.config.settings import SETTINGS
from crmcli.domain.dates import parse_moment
from tests.cli.workspace import Workspace
from tests.command import crm


def test_without_a_topic_the_topics(tmp_path: Path) -> None:
    done = crm(tmp_path, "help")
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(TOPICS)
    assert not list(tmp_path.iterdir()), "help leaves no trace"


@pytest.mark.parametrize("topic", TOPICS)
def test_topics_fit_the_screen(tmp_path: Path, topic: str) -> None:
    done = crm(tmp_path, "help", topic)
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_every_exit_code_and_variable_is_explained(tmp_path: Path) -> None:
    codes = crm(tmp_path, "help", "exit-codes").stdout
    assert [int(line.split()[0]) for line in codes.splitlines()] == [code for code, _ in MEANINGS]
    variables = crm(tmp_path, "help", "environment").stdout
    assert all(f"CRMCLI_{key.upper()}" in variables for key in SETTINGS)


def test_an_unknown_topic(tmp_path: Path) -> None:
    done = crm(tmp_path, "help", "condtions")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean conditions?" in done.stderr


EXAMPLES = [
    ("deal", "stage = quote_sent and amount >= 10k and expected_close <= +30d"),
    ("lead", "rating = hot and not (source in [ads, event]) and tags has vip"),
    ("contact", "email is empty or phone is empty"),
    ("org", "country = IT and name ~ rossi"),
    ("deal", "created between 2026-01-01 and 2026-03-31"),
    ("deal", "amount >= 10k EUR"),
    ("deal", "organization.country = IT"),
    ("task", "overdue"),
    ("lead", "source != web or tags has [vip, it]"),
]


@pytest.mark.parametrize(("noun", "condition"), EXAMPLES)
def test_the_examples_of_conditions_are_understood(workspace: Workspace, noun: str, condition: str) -> None:
    workspace.ok("lead", "add", "Anna", "--tag", "vip", "--tag", "it")
    assert workspace.crm(noun, "list", "--where", condition).code == 0


DATES = [
    *("2026-03-20", "2026-03-20T09:00", "2026-03-20 9:00", "20/3/2026", "+3d", "-2w", "+1m", "+4h", "+20min"),
    *("today", "tomorrow", "now", "noon", "next friday", "last month", "in 3 days", "2 weeks ago", "sow", "eoq"),
    *("oggi", "dopodomani", "venerdì prossimo", "tra 3 giorni", "alle 15", "domani alle 9"),
    *("tomorrow 9am", "next friday 15:30"),
]


@pytest.mark.parametrize("text", DATES)
def test_the_examples_of_dates_are_understood(text: str) -> None:
    assert parse_moment(text, datetime(2026, 3, 18, 11, tzinfo=UTC), "Europe/Rome").utc
