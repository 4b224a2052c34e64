"""``crm remind`` as cron and a person meet it: silent or once, by every format, mail and notice."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crmcli.cli.main import run
from crmcli.services.delivery.rows import Rows
from crmcli.store.job_lock import job_lock
from tests.architecture.test_commands import PROGRAM as LOADED
from tests.cli.workspace import ENVIRONMENT, Workspace
from tests.command import PROGRAM, SOURCE, environment
from tests.unit.integrations.smtp_servers import MailServer, Script, mail_server, scripted

ANNA = ("remind", "--mail", "anna@example.org")
TOMORROW = "2026-03-19T08:00:00+01:00"
Later = Callable[[str], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    return lambda moment: monkeypatch.setenv("CRMCLI_NOW", moment)


@pytest.fixture
def lived_in(workspace: Workspace) -> Workspace:
    """A workspace with a task that is late and one for today, on a person that was called last week."""

    def make() -> None:
        workspace.ok("contact", "add", "Luca Bianchi", "--email", "luca@example.net")
        workspace.ok("log", "call", "Wants oak", "--with", "C1", "--when", "2026-03-10 10:00")
        workspace.ok("task", "add", "Measure", "--for", "C1", "--due", "2026-03-16")
        workspace.ok("task", "add", "Call <Luca> [*]", "--for", "C1", "--due", "2026-03-18 15:00", "--priority", "high")

    return workspace.once(make)


def account(workspace: Workspace, port: int, more: str = "") -> None:
    text = f'[accounts.work]\nfrom = "Acme <info@example.com>"\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
    (workspace.home / "config" / "config.toml").write_text(text + more, encoding="utf-8")


def plain(server: MailServer, number: int = -1) -> str:
    part = server.taken[number].mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


TEXT = """\
Overdue
  T1  due Mon 16 Mar 2026  Measure · C1 Luca Bianchi
      last call Tue 10 Mar 2026: Wants oak

Today
  T2  15:00  Call <Luca> [*] · C1 Luca Bianchi · high
      last call Tue 10 Mar 2026: Wants oak
"""


def test_it_tells_what_is_new_once(lived_in: Workspace) -> None:
    assert lived_in.crm("remind") == (0, TEXT, "")
    assert lived_in.crm("remind") == (0, "", "")
    lived_in.ok("task", "add", "Write", "--due", "2026-03-18")
    assert lived_in.ok("remind") == "Today\n  T3  today  Write"
    assert lived_in.crm("remind", "--exit-code").code == 1
    assert lived_in.crm("remind", "--all", "--exit-code").code == 0


def test_it_is_silent_in_an_empty_store(workspace: Workspace) -> None:
    assert workspace.crm("remind") == (0, "", "")
    assert json.loads(workspace.ok("remind", "-o", "json")) == []


def test_it_looks_without_keeping_anything(lived_in: Workspace) -> None:
    before = lived_in.state()
    for option in ("--no-mark", "--dry-run"):
        assert lived_in.crm("remind", option).out == TEXT
    assert lived_in.crm(*ANNA, "--dry-run").out == TEXT
    assert lived_in.state() == before


def test_it_tells_again_and_since(lived_in: Workspace) -> None:
    lived_in.ok("remind")
    assert lived_in.crm("remind", "--all").out == TEXT
    assert lived_in.ok("remind", "--since", "2026-03-18").splitlines()[:2] == [
        "Today", "  T2  15:00  Call <Luca> [*] · C1 Luca Bianchi · high"
    ]  # fmt: skip
    assert "since: " in lived_in.refused(2, "remind", "--since", "rubbish")


def test_of_one_user(lived_in: Workspace) -> None:
    lived_in.ok("user", "add", "bruno")
    lived_in.ok("task", "add", "Write", "--due", "2026-03-18", "--assignee", "bruno")
    assert lived_in.ok("remind", "--owner", "bruno") == "Today\n  T3  today  Write"
    assert lived_in.crm("remind", "--owner", "me").out == TEXT


def test_the_formats(lived_in: Workspace) -> None:
    rows = json.loads(lived_in.ok("remind", "--no-mark", "-o", "json"))
    assert [(row["urgency"], row["ref"], row["last_contact"]) for row in rows] == [
        ("overdue", "T1", "Wants oak"), ("today", "T2", "Wants oak")
    ]  # fmt: skip
    assert "- **T2** 15:00  Call \\<Luca\\> \\[\\*\\] · C1" in lived_in.ok("remind", "--no-mark", "-o", "md")
    page = lived_in.ok("remind", "--no-mark", "-o", "html")
    assert "<li><b>T2</b> 15:00  Call &lt;Luca&gt; [*]" in page
    assert page.startswith("<!doctype html>")
    assert "yaml" in lived_in.refused(2, "remind", "-o", "yaml")


def test_a_calendar_can_be_read(lived_in: Workspace) -> None:
    from icalendar import Calendar

    lived_in.ok("event", "add", "Demo", "--start", "2026-03-18 17:00")
    lived_in.ok("event", "add", "Fair", "--start", "2026-03-18")
    found = Calendar.from_ical(lived_in.ok("remind", "--no-mark", "-o", "ics"))
    shown = [(part.name, str(part["SUMMARY"])) for part in found.subcomponents]
    assert shown == [
        ("VTODO", "T1 Measure"), ("VEVENT", "E2 Fair"), ("VTODO", "T2 Call <Luca> [*]"), ("VEVENT", "E1 Demo")
    ]  # fmt: skip
    assert found.subcomponents[3]["DTSTART"].to_ical() == b"20260318T160000Z"


def test_hostile_words_stay_words(workspace: Workspace) -> None:
    workspace.ok("task", "add", "\x1b[31mred\u202e</title><script>", "--due", "2026-03-18")
    for form in ("text", "md", "ics", "html"):
        shown = workspace.ok("remind", "--no-mark", "-o", form)
        assert "\x1b" not in shown
        assert "\u202e" not in shown
    assert "<script>" not in shown


def test_what_is_not_delivered_was_not_told(lived_in: Workspace) -> None:
    env = environment(lived_in.home, **ENVIRONMENT, CRMCLI_HOME=str(lived_in.home))
    program = [sys.executable, "-c", PROGRAM, "remind"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(program, env=env, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert lived_in.crm("remind").out == TEXT


def test_one_run_at_a_time(lived_in: Workspace) -> None:
    with job_lock(lived_in.home / "data" / "crm.db", "remind") as is_ours:
        assert is_ours
        assert lived_in.crm("remind") == (0, "", "")
        assert lived_in.crm("remind", "--no-mark").out == TEXT
    assert lived_in.crm("remind").out == TEXT


@pytest.mark.parametrize("locale", [{}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"LC_ALL": "en_US.ISO-8859-1"}])
def test_it_works_in_an_empty_environment(lived_in: Workspace, tmp_path: Path, locale: dict[str, str]) -> None:
    home = tmp_path / "bare"
    home.mkdir()
    for kind, folder in (("config", ".config"), ("data", ".local/share")):
        shutil.copytree(lived_in.home / kind, home / folder / "crmcli")
    (home / ".config" / "crmcli" / "config.toml").write_text('timezone = "Europe/Rome"\n', encoding="utf-8")
    env = {"HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(SOURCE), **locale}
    words = ("remind", "--as-of", "2026-03-18T12:00:00+01:00")
    program = [sys.executable, "-c", PROGRAM, *words]
    for expected in (TEXT, ""):
        done = subprocess.run(program, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False, cwd="/")
        shown = done.stdout.decode("utf-8", errors="replace").replace("\\xb7", "·").replace("\ufffd", "·")
        assert (done.returncode, shown, done.stderr) == (0, expected, b"")


def test_telling_nothing_new_loads_nothing_heavy(lived_in: Workspace) -> None:
    env = environment(lived_in.home, **ENVIRONMENT, CRMCLI_HOME=str(lived_in.home))
    for words in (["--no-mark"], [*ANNA[1:], "--dry-run"], []):
        if not words:
            lived_in.ok("remind")
        program = [sys.executable, "-c", LOADED, "remind", *words]
        done = subprocess.run(program, env=env, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "loaded:\n"), words


def test_a_mail_goes_out_once_a_day(lived_in: Workspace, later: Later) -> None:
    with mail_server() as server:
        account(lived_in, server.port)
        assert lived_in.crm(*ANNA) == (0, "", "")
        lived_in.ok("task", "add", "Write", "--due", "2026-03-18")
        assert lived_in.crm(*ANNA) == (0, "", "")
        assert len(server.taken) == 1
        assert lived_in.crm(*ANNA, "--key", "noon") == (0, "", "")
        later(TOMORROW)
        assert lived_in.crm(*ANNA) == (0, "", "")
        assert lived_in.crm(*ANNA, "--exit-code") == (1, "", "")
    first, noon, next_day = (taken.mail for taken in server.taken)
    assert plain(server, 0).replace("\r\n", "\n") == TEXT
    assert (first["To"], first["From"], first["Auto-Submitted"]) == (
        "anna@example.org", "Acme <info@example.com>", "auto-generated"
    )  # fmt: skip
    assert first["Subject"] == "Reminders of Wednesday 18 March 2026"
    assert [part.get_content_type() for part in first.walk()][1:] == ["text/plain", "text/html"]
    assert plain(server, 1).split() == ["Today", "T3", "today", "Write"]
    assert [line.split()[0] for line in plain(server, 2).splitlines() if line.startswith("  T")] == ["T3", "T2"]
    assert len({first["Message-ID"], noon["Message-ID"], next_day["Message-ID"]}) == 3


def test_ten_at_once_send_one_mail(lived_in: Workspace) -> None:
    with mail_server() as server:
        account(lived_in, server.port)
        env = environment(lived_in.home, **ENVIRONMENT, CRMCLI_HOME=str(lived_in.home))
        program = [sys.executable, "-c", PROGRAM, *ANNA]
        running = [subprocess.Popen(program, env=env, stdout=-1, stderr=subprocess.STDOUT) for _ in range(10)]
        ended = [(process.communicate()[0], process.returncode) for process in running]
        assert ended == [(b"", 0)] * 10
        assert len(server.taken) == 1


def test_who_gets_it_unless_told(lived_in: Workspace) -> None:
    with mail_server() as server:
        account(lived_in, server.port)
        lived_in.ok("remind", "--mail")
        lived_in.ok("user", "edit", "anna", "--set", "email=anna@example.org")
        lived_in.ok("remind", "--mail")
        lived_in.ok("remind", "anna", "--mail")  # the same reader, by name
    assert [taken.recipients for taken in server.taken] == [["info@example.com"], ["anna@example.org"]]
    lived_in.ok("contact", "edit", "C1", "--set", "do_not_email=true")
    done = lived_in.crm("remind", "--mail", "luca@example.net")
    assert (done.code, "the reminders to luca@example.net blocked: do_not_email" in done.err) == (8, True)
    assert "neither an e-mail address nor a user" in lived_in.refused(2, "remind", "--mail", "nobody")
    assert "--mail" in lived_in.refused(2, "remind", "anna")


def test_without_an_account_it_is_printed(lived_in: Workspace) -> None:
    done = lived_in.crm(*ANNA)
    assert (done.code, done.out) == (0, TEXT)
    assert "no account" in done.err


def test_a_server_that_is_down_costs_nothing(lived_in: Workspace, later: Later) -> None:
    account(lived_in, 1)
    done = lived_in.crm(*ANNA)
    assert done.code == 8
    assert "the reminders to anna@example.org not delivered: 127.0.0.1: Connection refused" in done.err
    with mail_server() as server:
        account(lived_in, server.port)
        assert lived_in.crm(*ANNA) == (0, "", "")  # a minute has not passed
        assert server.taken == []
        later(TOMORROW)
        lived_in.ok(*ANNA)
        assert len(server.taken) == 2  # yesterday's, and what is new since
        later("2026-03-20T08:00:00+01:00")
        lived_in.ok(*ANNA)
    assert sorted(re.findall(r"T\d", plain(server, 0))) == ["T1", "T2"]
    assert re.findall(r"T\d", plain(server, 1)) == ["T2"]


def test_a_mail_that_is_refused_is_written_anew(lived_in: Workspace, later: Later) -> None:
    with scripted(Script(RCPT="550 no such user")) as port:
        account(lived_in, port)
        done = lived_in.crm(*ANNA)
        assert (done.code, "failed: 127.0.0.1 answered 550" in done.err) == (8, True)
    lived_in.ok("task", "add", "Write", "--due", "2026-03-18")
    with mail_server() as server:
        account(lived_in, server.port)
        lived_in.ok(*ANNA)
    assert sorted(re.findall(r"T\d", plain(server))) == ["T1", "T2", "T3"]
    assert len(server.taken) == 1


def test_one_that_may_have_arrived_comes_again_as_it_was(lived_in: Workspace, later: Later) -> None:
    lost = Script(body=None)
    with scripted(lost) as port:
        account(lived_in, port)
        assert lived_in.crm(*ANNA).code == 8
        for hour in (13, 14):
            later(f"2026-03-18T{hour}:00:00+01:00")
            assert lived_in.crm(*ANNA).code == 8
    lived_in.ok("task", "add", "Write", "--due", "2026-03-18")
    with mail_server() as server:
        account(lived_in, server.port)
        later(TOMORROW)
        lived_in.ok(*ANNA)
    sent = {line for line in lost.lines if line.startswith(b"Message-ID")}
    assert len(sent) == 1
    assert [server.keys[0].encode() in line for line in sent] == [True]
    assert sorted(re.findall(r"T\d", plain(server, 0))) == ["T1", "T2"]
    assert sorted(re.findall(r"T\d", plain(server, 1))) == ["T2", "T3"]


def test_dying_after_the_mail_repeats_it_under_its_id(
    lived_in: Workspace, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_given: object, **_named: object) -> None:
        raise SystemExit(9)

    with mail_server() as server:
        account(lived_in, server.port)
        with monkeypatch.context() as patch:
            patch.setattr(Rows, "mark", die)
            with pytest.raises(SystemExit):
                run(list(ANNA))
        assert lived_in.crm(*ANNA) == (0, "", "")  # somebody may still be at it
        later("2026-03-18T12:02:00+01:00")
        assert lived_in.crm(*ANNA) == (0, "", "")
        assert lived_in.crm(*ANNA) == (0, "", "")
    assert len(server.taken) == 2
    assert len(set(server.keys)) == 1


def test_a_strange_store_cannot_have_anything_sent(lived_in: Workspace) -> None:
    with mail_server() as server:
        account(lived_in, server.port)
        lived_in.ok(*ANNA)
        with closing(sqlite3.connect(lived_in.home / "data" / "crm.db")) as con:
            con.execute("UPDATE outbox SET status = 'pending', payload = replace(payload, 'anna@', 'eve@')")
            con.commit()
        done = lived_in.crm("tick")
        assert (done.code, "the reminders to eve@example.org blocked: untrusted" in done.err) == (8, True)
        shutil.rmtree(lived_in.home / "state")
        lived_in.crm("tick")
    assert len(server.taken) == 1


def test_a_notice_is_shown_by_the_program_of_the_settings(lived_in: Workspace, tmp_path: Path) -> None:
    assert "notify = [" in lived_in.refused(2, "remind", "--notify")
    shown, program = tmp_path / "shown", tmp_path / "notifier"
    program.write_text(f'#!/bin/sh\nprintf "%s|" "$@" > {shown}\n')
    program.chmod(0o700)
    settings = lived_in.home / "config" / "config.toml"
    settings.write_text(f'[rules]\nnotify = ["{program}", "crm; rm"]\n', encoding="utf-8")
    assert lived_in.crm("remind", "--notify") == (0, "", "")
    assert shown.read_text().startswith("crm; rm|1 overdue, 1 today\nOverdue\n  T1  due Mon")
    shown.unlink()
    assert lived_in.crm("remind", "--notify") == (0, "", "")
    assert not shown.exists()
    lived_in.ok("task", "add", "Write", "--due", "2026-03-18")
    program.write_text("#!/bin/sh\nexit 3\n")
    assert lived_in.crm("remind", "--notify").code == 8
    assert "Write" in lived_in.ok("remind", "--notify", "--dry-run")


def test_kinds_come_from_the_settings(lived_in: Workspace) -> None:
    settings = lived_in.home / "config" / "config.toml"
    settings.write_text('[remind]\nkinds = ["event"]\n', encoding="utf-8")
    assert lived_in.ok("remind") == ""
    settings.write_text('[remind]\nkinds = ["evnt"]\n', encoding="utf-8")
    assert "evnt" in lived_in.refused(2, "remind")


def test_what_was_told_survives_a_backup(lived_in: Workspace) -> None:
    lived_in.ok("remind")
    lived_in.ok("backup", "create")
    lived_in.ok("restore", "latest", "--yes")
    assert lived_in.ok("remind") == ""
    steps: list[dict[str, Any]] = lived_in.json("undo", "--list")
    assert all("remind" not in step["command"] for step in steps)
    assert lived_in.ok("check", "-q") == ""


def test_what_recurs_is_told_each_time(workspace: Workspace, later: Later) -> None:
    workspace.ok("event", "add", "Stand-up", "--start", "2026-03-18 15:00", "--every", "day")
    workspace.ok("event", "edit", "E1", "--on", "2026-03-19", "--this", "--start", "2026-03-19 18:00")
    workspace.ok("task", "add", "Water", "--due", "2026-03-18", "--every", "day")
    assert workspace.ok("remind").splitlines() == ["Today", "  T1  today  Water", "  E1  15:00-16:00  Stand-up"]
    workspace.ok("task", "done", "T1")
    assert workspace.ok("remind") == ""
    later(TOMORROW)
    assert workspace.ok("remind").splitlines() == ["Today", "  T2  today  Water", "  E2  18:00-19:00  Stand-up"]
    later("2026-03-20T08:00:00+01:00")
    assert workspace.ok("remind").splitlines()[-1] == "  E1  15:00-16:00  Stand-up"
