"""``crm cron``: lines that work where cron starts them, and what would keep them from it."""

import os
import subprocess
from pathlib import Path

import pytest

from crmcli.integrations import hidden
from tests.cli.workspace import Workspace
from tests.command import SOURCE

ACCOUNT = '[accounts.work]\nfrom = "info@example.com"\nhost = "mail.example.com"\nuser = "anna"\n'
CLEAN = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "SSL_CERT_FILE", "CRMCLI_DB")


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CLEAN:
        monkeypatch.delenv(name, raising=False)
    hidden.forget()


def configure(workspace: Workspace, text: str) -> None:
    (workspace.home / "config" / "config.toml").write_text(text, encoding="utf-8")


def findings(workspace: Workspace, code: int = 0) -> dict[str, tuple[str, str]]:
    done = workspace.crm("cron", "check", "-o", "tsv")
    assert done.code == code, done
    rows = [line.split("\t") for line in done.out.splitlines()]
    return {subject: (verdict, text) for subject, verdict, text in rows}


def test_a_line_works_in_an_empty_environment(workspace: Workspace) -> None:
    workspace.ok("contact", "add", "Anna Rossi")
    lines = workspace.ok("cron", "show", "--every", "10").splitlines()
    (line,) = (line for line in lines if line.endswith(" tick"))
    assert line.startswith("*/10 * * * * ")
    command = line.split(" ", 5)[5]
    home = str(workspace.home)
    assert f"CRMCLI_HOME={home}" in command
    for words in (command, command.removesuffix("tick") + "contact list -o ids"):
        env = {"HOME": home, "LOGNAME": "anna", "PATH": "/usr/bin:/bin", "PYTHONPATH": str(SOURCE)}
        done = subprocess.run(["/bin/sh", "-c", words], env=env, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), words
    assert done.stdout == "C1\n"


def test_the_choices_of_the_user_stand_in_the_lines(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crmcli.config.checks.system_timezone", lambda environ: "Europe/Rome")
    text = workspace.ok("cron", "show", "--at", "7:30", "--days", "mon-fri")
    remind = text.splitlines()[-1]
    assert remind.startswith("30 7 * * 1,2,3,4,5 ")
    assert remind.endswith(" remind"), "without an account it prints"
    assert "CRMCLI_NOW" not in text and "CRON_TZ" not in text
    configure(workspace, ACCOUNT)
    assert workspace.ok("cron", "show").splitlines()[-1].endswith(" remind --mail")
    units = workspace.ok("cron", "show", "--systemd", "--at", "18:05")
    assert "OnCalendar=*-*-* 18:05:00 Europe/Rome" in units
    assert units.count("Persistent=true") == 2


def test_hours_are_those_of_the_machine_which_is_said(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crmcli.config.checks.system_timezone", lambda environ: "America/New_York")
    lines = workspace.ok("cron", "show", "--at", "02:30", "--days", "mon-fri").splitlines()
    assert lines[-1].startswith("30 21 * * 0,1,2,3,4 "), "the evening before, New York being five hours behind Rome"
    assert "America/New_York" in lines[0] and "CRON_TZ" in lines[0]
    assert lines[1] == "# 02:30 in Europe/Rome is 21:30 here until clocks change; print these lines again then,"
    assert not any(line.startswith("CRON_TZ") for line in lines)
    units = workspace.ok("cron", "show", "--systemd", "--at", "02:30")
    assert "02:30:00 Europe/Rome" in units and "CRON_TZ" not in units


@pytest.mark.parametrize(("zone", "is_said"), [("Etc/UTC", False), ("Europe/Rome", True), ("Europe/London", True)])
def test_a_zone_with_the_same_hours_all_year_is_no_other_one(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, zone: str, is_said: bool
) -> None:
    monkeypatch.setattr("crmcli.config.checks.system_timezone", lambda environ: "UTC")
    monkeypatch.setenv("CRMCLI_TIMEZONE", zone)
    assert ("CRON_TZ" in workspace.ok("cron", "show")) is is_said


@pytest.mark.parametrize("words", [["--at", "25:00"], ["--at", "8"], ["--days", "someday"], ["--every", "7"]])
def test_what_is_no_choice_is_refused(workspace: Workspace, words: list[str]) -> None:
    workspace.refused(2, "cron", "show", *words)


def test_a_sound_workspace_passes(workspace: Workspace) -> None:
    found = findings(workspace)
    assert found["crm tick"] == ("ok", "nothing is due")
    assert (found["program"][0], found["store"][0], found["account"][0]) == ("ok", "ok", "warning")


def test_a_password_of_this_shell_is_none_for_cron(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(workspace, ACCOUNT)
    assert "no password is known" in findings(workspace, 8)["account work"][1]
    monkeypatch.setenv("CRMCLI_WORK_PASSWORD", "s3cret")
    found = findings(workspace, 8)["account work"]
    assert found[0] == "failure"
    assert "a variable of this shell, which cron does not have" in found[1]
    assert "s3cret" not in workspace.ok("cron", "show")


def test_a_password_program_must_be_where_cron_looks(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = workspace.home / "bin"
    folder.mkdir()
    program = folder / "tell-password"
    program.write_text("#!/bin/sh\necho s3cret\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    configure(workspace, f'{ACCOUNT}password_command = ["tell-password"]\n')
    assert "cannot be found" in findings(workspace, 8)["account work"][1]
    configure(workspace, f'{ACCOUNT}password_command = ["{program}"]\n')
    assert findings(workspace)["account work"] == ("ok", "mail.example.com:465 (tls), password from command")


def test_rules_folders_and_store_are_looked_at(workspace: Workspace) -> None:
    rules = workspace.home / "config" / "rules"
    rules.mkdir(exist_ok=True)
    (rules / "bad.toml").write_text('schema = 1\n[[rule]]\nid = "x"\n')
    assert findings(workspace, 2)["rules"][0] == "failure"
    (rules / "bad.toml").unlink()
    (workspace.home / "data" / "crm.db").chmod(0o644)
    assert findings(workspace, 7)["store"][0] == "failure"
    (workspace.home / "data" / "crm.db").unlink()
    assert "crm init" in findings(workspace, 7)["store"][1]


def test_rules_that_are_due_are_counted(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = workspace.home / "config" / "rules"
    rules.mkdir(exist_ok=True)
    (rules / "daily.toml").write_text(
        'schema = 1\n[[rule]]\nid = "daily"\non = ["contact.time"]\ntime = { cron = "0 7 * * *" }\n'
        'do = [{ action = "tag", add = ["seen"] }]\n'
    )
    workspace.ok("contact", "add", "Anna Rossi")
    workspace.ok("tick")
    monkeypatch.setenv("CRMCLI_NOW", "2026-03-19T12:00:00+01:00")
    before = workspace.state()
    assert findings(workspace)["crm tick"] == ("ok", "1 rule due")
    assert workspace.state() == before, "nothing is done"


def test_a_store_named_on_the_command_line_is_named_to_cron(workspace: Workspace, tmp_path: Path) -> None:
    other = tmp_path / "other place" / "a.db"
    other.parent.mkdir()
    workspace.ok("--db", str(other), "init", "-q")
    text = workspace.ok("--db", str(other), "cron", "show")
    assert f"CRMCLI_DB='{other}'" in text


OPEN = '[accounts.work]\nfrom = "info@example.com"\nhost = "127.0.0.1"\nport = 9\nsecurity = "none"\n'


def test_reminders_that_are_due_are_counted(workspace: Workspace) -> None:
    assert findings(workspace)["crm remind"] == ("ok", "nothing is new")
    workspace.ok("task", "add", "Call", "--due", "today")
    workspace.ok("task", "add", "Write", "--due", "today")
    workspace.ok("event", "add", "Fair", "--start", "today")
    before = workspace.state()
    assert findings(workspace)["crm remind"] == ("ok", "1 event and 2 tasks to be printed")
    assert workspace.state() == before, "nothing counts as told"
    configure(workspace, OPEN)
    assert findings(workspace)["crm remind"] == ("ok", "1 event and 2 tasks to be mailed to info@example.com")
    workspace.ok("remind")
    assert findings(workspace)["crm remind"][1].endswith("to be mailed to info@example.com"), "another audience"


def test_a_mail_that_did_not_go_out_is_told(workspace: Workspace) -> None:
    workspace.ok("task", "add", "Call", "--due", "today")
    configure(workspace, OPEN)
    assert workspace.crm("remind", "--mail").code == 8
    found = findings(workspace)
    assert found["crm remind"] == ("ok", "nothing is new")
    verdict, text = found["outbox"]
    assert verdict == "warning"
    assert "1 message waits for another try after 2026-" in text
    assert "Connection refused" in text
    workspace.ok("task", "add", "Write", "--due", "today")
    told = "1 task new since the mail of this day to info@example.com; the next day's mail tells of it"
    assert findings(workspace)["crm remind"] == ("ok", told)


def test_a_report_that_cannot_be_made_is_told(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    schedule = '[[report.schedule]]\nname = "bad"\nreport = "pipeline"\nto = "anna@example.com"\ncron = "0 8 * * *"\n'
    configure(workspace, f'{OPEN}{schedule}options = {{ where = "nosuch = 3" }}\n')
    verdict, text = findings(workspace, 1)["report bad"]
    assert verdict == "failure"
    assert "no field 'nosuch'" in text
    configure(workspace, OPEN + schedule.replace('"anna@example.com"', '"nobody"'))
    assert "nobody" in findings(workspace, 1)["report bad"][1]
