"""Crontab lines and systemd units: what a shell and systemd make of them is what was meant."""

import subprocess
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.formats.crontab import Job, Moments, crontab, elsewhere, units

PLAIN = st.text(st.characters(min_codepoint=32, exclude_characters="\x7f", exclude_categories=["Cs"]), max_size=20)


OFTEN = Moments(5)


def job(moments: Moments = OFTEN, words: tuple[str, ...] = ("/usr/bin/crm", "tick"), **variables: str) -> Job:
    return Job("tick", "What is due", words, moments, variables)


def test_lines_name_everything() -> None:
    morning = Moments(0, 8, 30, frozenset({1, 2, 3, 4, 5}))
    text = crontab([job(CRMCLI_HOME="/home/anna/my crm"), job(morning), job(Moments(0, 18, 0))], ["Hours are local"])
    assert text.splitlines() == [
        "# Hours are local",
        "# What is due",
        "*/5 * * * * CRMCLI_HOME='/home/anna/my crm' /usr/bin/crm tick",
        "# What is due",
        "30 8 * * 1,2,3,4,5 /usr/bin/crm tick",
        "# What is due",
        "0 18 * * * /usr/bin/crm tick",
    ]


@pytest.mark.parametrize(
    ("hour", "other", "day", "moved"),
    [
        (8, "UTC", "2026-03-18", Moments(0, 7, 30, frozenset({1, 5}))),
        (8, "UTC", "2026-07-01", Moments(0, 6, 30, frozenset({1, 5}))),
        (0, "America/New_York", "2026-01-15", Moments(0, 18, 30, frozenset({0, 4}))),
        (20, "Asia/Kolkata", "2026-01-15", Moments(0, 1, 0, frozenset({2, 6}))),
        (8, "Europe/Rome", "2026-01-15", Moments(0, 8, 30, frozenset({1, 5}))),
    ],
)
def test_hours_by_another_clock(hour: int, other: str, day: str, moved: Moments) -> None:
    given_moments = Moments(0, hour, 30, frozenset({1, 5}))
    assert elsewhere(given_moments, "Europe/Rome", other, date.fromisoformat(day)) == moved
    assert elsewhere(OFTEN, "Europe/Rome", other, date.fromisoformat(day)) == OFTEN


def test_units_catch_up_in_the_zone_of_the_user() -> None:
    found = units([job(Moments(0, 8, 5, frozenset({0, 1})), CRMCLI_HOME="/home/anna/my crm")], "Europe/Rome")
    assert found["crm-tick.service"].splitlines()[3:] == [
        "[Service]",
        "Type=oneshot",
        'Environment="CRMCLI_HOME=/home/anna/my crm"',
        "ExecStart=/usr/bin/crm tick",
    ]
    timer = found["crm-tick.timer"].splitlines()
    assert {"OnCalendar=Mon,Sun *-*-* 08:05:00 Europe/Rome", "Persistent=true", "WantedBy=timers.target"} <= {*timer}
    assert "OnCalendar=*:0/15" in units([job(Moments(15))], "UTC")["crm-tick.timer"]


def test_what_a_unit_would_read_otherwise_is_escaped() -> None:
    text = units([job(words=("/opt/100%/crm", 'say "hi"', "$HOME", "a\\b"))], "UTC")["crm-tick.service"]
    assert r'ExecStart=/opt/100%%/crm "say \"hi\"" "$$HOME" "a\\b"' in text


@given(value=PLAIN, word=PLAIN)
def test_a_shell_reads_what_was_written(value: str, word: str) -> None:
    line = crontab([job(words=("printf", "%s|%s", word, "$VALUE"), VALUE=value)]).split("\n")[-2]
    command = line.split(" ", 5)[5].replace(r"\%", "%")  # as cron hands it to the shell
    assert "%" not in line.replace(r"\%", "")
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=True, env={})
    assert done.stdout.decode() == f"{word}|$VALUE"


@pytest.mark.parametrize("word", ["a\nb", "a\x1b[2J", "\x7f"])
def test_what_no_line_can_hold_is_refused(word: str) -> None:
    for write in (lambda found: crontab([found]), lambda found: units([found], "UTC")):
        with pytest.raises(ValueError, match="control character"):
            write(job(words=("crm", word)))
