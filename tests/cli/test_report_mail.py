"""Reports by mail to a real server: asked for by hand, and by schedules that crm tick works through, each time once."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from crmcli.cli import report_scheduled
from tests.cli.workspace import Workspace
from tests.unit.integrations.smtp_servers import mail_server

ACCOUNT = """
[accounts.work]
from = "Acme <info@example.com>"
host = "127.0.0.1"
port = PORT
security = "none"
"""
WEEKLY = """
[[report.schedule]]
name = "friday-figures"
report = "won"
options = { period = "this-week", where = "amount > 1k" }
to = ["anna@example.com", "bruno"]
cron = "0 16 * * fri"
"""
FRIDAY = "2026-03-20T16:00:00+01:00"


@pytest.fixture
def server() -> Iterator[Any]:
    with mail_server() as found:
        yield found


@pytest.fixture
def mailing(workspace: Workspace, server: Any) -> Workspace:  # today is Wednesday, 18 March 2026, 12:00 in Rome
    configure(workspace, server)
    workspace.ok("user", "add", "bruno", "--email", "bruno@example.com")
    workspace.ok("org", "add", "Acme <b>")
    for amount in ("500", "12k"):
        workspace.ok("deal", "add", f"Deal of {amount}", "--org", "O1", "--amount", amount)
    workspace.ok("deal", "win", "D1", "D2")
    return workspace


def configure(workspace: Workspace, server: Any, more: str = "", port: int | None = None) -> None:
    text = ACCOUNT.replace("PORT", str(port or server.port)) + more
    (workspace.home / "config" / "config.toml").write_text(text, encoding="utf-8")


def parts(mail: Any) -> tuple[str, str]:
    text, html = (part.get_content() for part in mail.iter_parts())
    return text, html


def test_a_report_is_mailed_with_its_period_and_filter(mailing: Workspace, server: Any) -> None:
    done = mailing.crm("report", "won", "--period", "2026-03", "--where", "amount > 1k", "--mail", "anna@example.com")
    assert (done.code, done.out) == (0, ""), done.err
    (taken,) = server.taken
    mail = taken.mail
    assert (mail["To"], mail["Subject"]) == (
        "anna@example.com",
        "Deals won, period 2026-03 (2026-03-01..2026-04-01, end excluded)",
    )
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = parts(mail)
    for shown in (text, html):
        assert "period 2026-03" in shown
        assert "Deal of 12k" in shown
        assert "Deal of 500" not in shown
    assert "amount > 1k" in text
    assert "amount &gt; 1k" in html
    assert "Acme &lt;b&gt;" in html


def test_several_readers_users_among_them(mailing: Workspace, server: Any) -> None:
    mailing.ok("report", "kpi", "--mail", "bruno", "--mail", "anna@example.com")
    assert {taken.mail["To"] for taken in server.taken} == {"bruno@example.com", "anna@example.com"}
    mailing.refused(2, "report", "kpi", "--mail", "nobody")


def test_without_an_account_it_is_printed(workspace: Workspace) -> None:
    done = workspace.crm("report", "kpi", "--mail", "anna@example.com", "-o", "json")
    assert (done.code, json.loads(done.out)["currency"]) == (0, "EUR")
    assert "no account" in done.err


def test_a_server_that_is_down_is_told_and_tried_again(
    mailing: Workspace, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(mailing, server, port=1)
    assert mailing.crm("report", "kpi", "--mail", "anna@example.com").code == 8
    configure(mailing, server)
    monkeypatch.setenv("CRMCLI_NOW", "2026-03-18T12:30:00+01:00")
    assert mailing.crm("tick").code == 0
    assert len(server.taken) == 1


def test_a_schedule_mails_once_for_each_of_its_times(
    mailing: Workspace, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(mailing, server, WEEKLY)
    assert mailing.crm("tick")[:2] == (0, ""), "the first time starts the clock"
    assert server.taken == []
    for now in ("2026-03-20T15:59:00+01:00", FRIDAY, FRIDAY, "2026-03-20T16:05:00+01:00"):
        monkeypatch.setenv("CRMCLI_NOW", now)
        assert mailing.crm("tick")[:2] == (0, "")
    assert sorted(taken.mail["To"] for taken in server.taken) == ["anna@example.com", "bruno@example.com"]
    text, _ = parts(server.taken[0].mail)
    assert "period 2026-03-16..2026-03-22" in text
    assert "Deal of 12k" in text
    assert "Deal of 500" not in text
    assert server.taken[0].mail["Subject"].startswith("friday-figures: Deals won, period 2026-03-16")


def test_what_was_missed_is_caught_up_with_once(
    mailing: Workspace, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(mailing, server, WEEKLY.replace('["anna@example.com", "bruno"]', '"anna@example.com"'))
    mailing.ok("tick")
    monkeypatch.setenv("CRMCLI_NOW", "2026-04-08T09:00:00+02:00")  # after three Fridays
    mailing.ok("tick")
    mailing.ok("tick")
    (taken,) = server.taken
    assert "2026-03-30..2026-04-05" in parts(taken.mail)[0], "the week of the time that was missed"


def test_a_repetition_has_the_same_message_id(mailing: Workspace, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(mailing, server, WEEKLY.replace('["anna@example.com", "bruno"]', '"anna@example.com"'))
    mailing.ok("tick")
    monkeypatch.setenv("CRMCLI_NOW", FRIDAY)
    mailing.ok("tick")
    again(mailing, "UPDATE outbox SET status = 'pending'")
    mailing.ok("tick")
    assert len(server.taken) == 2
    assert len({taken.mail["Message-ID"] for taken in server.taken}) == 1
    again(mailing, "DELETE FROM job_run WHERE name LIKE 'report %'")
    mailing.ok("tick")
    monkeypatch.setenv("CRMCLI_NOW", "2026-03-17T12:00:00+01:00")  # the clock is set back
    mailing.ok("tick")
    assert len(server.taken) == 2


def again(workspace: Workspace, sql: str) -> None:
    import sqlite3

    con = sqlite3.connect(workspace.home / "data" / "crm.db")
    con.execute(sql)
    con.commit()
    con.close()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('report = "won"', 'report = "wonn"'), "there is no report 'wonn'"),
        (('where = "amount > 1k"', 'where = "amunt > 1k"'), "amunt"),
        (('period = "this-week"', 'period = "someday"'), "someday"),
        (('period = "this-week"', 'noun = "deal"'), "the report won takes no 'noun'"),
        (('period = "this-week"', 'perod = "this-week"'), "did you mean period?"),
        (('period = "this-week"', "top = 0"), "top"),
    ],
)
def test_a_failing_report_says_so_in_one_mail(
    mailing: Workspace, server: Any, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str], told: str
) -> None:
    configure(mailing, server, WEEKLY.replace(*change).replace('["anna@example.com", "bruno"]', '"bruno"'))
    mailing.ok("tick")
    monkeypatch.setenv("CRMCLI_NOW", FRIDAY)
    mailing.ok("tick")
    monkeypatch.setenv("CRMCLI_NOW", "2026-03-20T16:10:00+01:00")
    mailing.ok("tick")
    (taken,) = server.taken
    assert taken.mail["Subject"] == "friday-figures: the report failed"
    assert told in taken.mail.get_content()


@pytest.mark.parametrize(
    ("report", "options", "said"),
    [
        ("next-steps", '{ noun = "deal" }', "without a next step"),
        ("won", '{ period = "this-week", compare = "previous", by = "owner", top = 1 }', "owner"),
        ("win-rate", '{ cohort = "created", exclude-reason = ["price", "timing"] }', "created"),
        ("funnel", "{ cohort = true }", ""),
        ("funnel", "{ cohort = false }", ""),
    ],
)
def test_a_schedule_asks_for_whatever_its_report_takes(
    mailing: Workspace, server: Any, monkeypatch: pytest.MonkeyPatch, report: str, options: str, said: str
) -> None:
    text = WEEKLY.replace('"won"', f'"{report}"').replace('{ period = "this-week", where = "amount > 1k" }', options)
    configure(mailing, server, text.replace('["anna@example.com", "bruno"]', '"bruno"'))
    mailing.ok("config", "check")
    mailing.ok("tick")
    monkeypatch.setenv("CRMCLI_NOW", FRIDAY)
    mailing.ok("tick")
    (taken,) = server.taken
    assert "failed" not in taken.mail["Subject"], taken.mail.get_content()
    text, html = parts(taken.mail)
    assert said in text
    assert "screen" not in text + html, "a letter is on none"


def test_an_unexpected_failure_is_told_too(mailing: Workspace, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("surprise")

    configure(mailing, server, WEEKLY.replace('["anna@example.com", "bruno"]', '"bruno"'))
    mailing.ok("tick")
    monkeypatch.setattr(report_scheduled, "run", broken)
    monkeypatch.setenv("CRMCLI_NOW", FRIDAY)
    mailing.ok("tick")
    assert "surprise" in server.taken[0].mail.get_content()


def test_a_reader_that_is_none_is_warned_about_once(
    mailing: Workspace, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(mailing, server, WEEKLY.replace('"bruno"', '"nobody"'))
    mailing.ok("tick")
    monkeypatch.setenv("CRMCLI_NOW", FRIDAY)
    assert "report friday-figures: 'nobody' is neither" in mailing.crm("tick").err
    assert [taken.mail["To"] for taken in server.taken] == ["anna@example.com"]
    assert mailing.crm("tick").err == ""


def test_a_dry_run_and_cron_check_tell_what_is_due(
    mailing: Workspace, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(mailing, server, WEEKLY)
    mailing.ok("tick")
    monkeypatch.setenv("CRMCLI_NOW", FRIDAY)
    before = mailing.state()
    assert "friday-figures" in mailing.crm("tick", "--dry-run").err
    assert "to be mailed: friday-figures" in mailing.ok("cron", "check")
    assert mailing.state() == before
    assert server.taken == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (WEEKLY, "needs an account"),
        (ACCOUNT + WEEKLY.replace("fri", "someday"), "cron"),
        (ACCOUNT + WEEKLY + WEEKLY, "already"),
        (ACCOUNT + WEEKLY.replace("friday-figures", "Friday Figures"), "is no name"),
        (ACCOUNT + WEEKLY.replace("options", "option"), "did you mean options"),
        (ACCOUNT + WEEKLY.replace("period", "perod"), "did you mean period"),
        (ACCOUNT + WEEKLY.replace('where = "amount > 1k"', "html = 'x'"), "takes no 'html'"),
        (ACCOUNT + WEEKLY.replace('"this-week"', "{ a = 1 }"), "must be a text"),
        (ACCOUNT + WEEKLY.replace('"won"', '"wn"'), "there is no report 'wn'"),
        (ACCOUNT + WEEKLY.replace('"anna@example.com"', '"anna@"'), "to:"),
        (ACCOUNT + "\n[report]\nschedule = 3\n", "[[report.schedule]]"),
    ],
)
def test_mistakes_in_the_configuration_are_told(workspace: Workspace, text: str, told: str) -> None:
    (workspace.home / "config" / "config.toml").write_text(text.replace("PORT", "25"), encoding="utf-8")
    done = workspace.crm("config", "check")
    assert done.code == 2
    assert told in done.err + done.out
