"""What a user meets of rules that reach outside: trust, what became of it, another chance, and what doctor says."""

import json
import re
import sys
from pathlib import Path

import pytest

from crmcli.rules.files import load_files
from tests.cli.workspace import Workspace
from tests.unit.integrations.servers import Server, serving

PROGRAM = """
schema = 1
[[rule]]
id = "log-lead"
on = ["lead.created"]
do = [{ action = "tag", add = ["seen"] }, { action = "run", argv = ["log.py", "--", "{{ record.full_name }}"] }]
"""


def put(workspace: Workspace, text: str, *, trusted: bool = True, config: str = "") -> None:
    folder = workspace.home / "config" / "rules"
    folder.mkdir(exist_ok=True)
    (folder / "own.toml").write_text(text, encoding="utf-8")
    (workspace.home / "config" / "config.toml").write_text(config, encoding="utf-8")
    load_files.cache_clear()
    if trusted:
        workspace.ok("rule", "trust", "own.toml")


def hook(workspace: Workspace, text: str) -> None:
    folder = workspace.home / "config" / "hooks"
    folder.mkdir(exist_ok=True)
    (folder / "log.py").write_text(f"#!{sys.executable}\n{text}", encoding="utf-8")
    (folder / "log.py").chmod(0o700)


def posting_to(workspace: Workspace, server: Server) -> None:
    url = f"http://localhost:{server.port}/"
    rule = f'schema = 1\n[[rule]]\nid = "tell"\non = ["lead.created"]\ndo = [{{ action = "webhook", url = "{url}" }}]\n'
    put(workspace, rule, config="[rules]\nhttp_hosts = ['localhost']\nprivate_hosts = ['localhost']\n")


def logged(home: Path) -> str:
    file = home / "state" / "log.txt"
    return file.read_text() if file.exists() else ""


def test_a_file_acts_outside_only_when_it_is_trusted(workspace: Workspace) -> None:
    hook(workspace, "import sys; open('log.txt', 'a').write(sys.argv[2])")
    put(workspace, PROGRAM, trusted=False)
    done = workspace.crm("lead", "add", "Anna Rossi")
    assert (done.code, done.out) == (0, "L1\n")
    assert "warning: the rule file own.toml is not trusted, so nothing that it sends goes out" in done.err
    assert logged(workspace.home) == ""
    (run,) = workspace.json("rule", "runs", "--failed")
    assert (run["status"], run["reason"], run["actions"]) == ("blocked", "untrusted", "tag done, run blocked")
    told = workspace.crm("rule", "trust", "own.toml", "--dry-run")
    program = workspace.home / "config" / "hooks" / "log.py"
    assert told.err == f"rule log-lead: run log.py -- {{{{ record.full_name }}}}, {program}\n"
    assert "is not trusted" in workspace.crm("lead", "add", "Bruno").err
    assert "is trusted as it is now: 1 action may act outside" in workspace.crm("rule", "trust", "own.toml").err
    assert workspace.crm("lead", "add", "Carla Verdi").code == 0
    assert logged(workspace.home) == "Carla Verdi"
    workspace.ok("rule", "retry", run["ref"])
    assert logged(workspace.home) == "Carla VerdiAnna Rossi"


@pytest.mark.parametrize("name", ["../rules/own.toml", "/etc/passwd", "absent.toml", "own"])
def test_only_files_of_the_folder_can_be_trusted(workspace: Workspace, name: str) -> None:
    put(workspace, PROGRAM, trusted=False)
    assert workspace.crm("rule", "trust", name).code in (2, 3)
    assert not (workspace.home / "state" / "trusted-rules.json").exists()


def test_a_file_that_others_can_write_cannot_be_trusted(workspace: Workspace) -> None:
    put(workspace, PROGRAM, trusted=False)
    (workspace.home / "config" / "rules" / "own.toml").chmod(0o666)
    done = workspace.crm("rule", "trust", "own.toml")
    assert done.code == 4
    assert "can be changed by others" in done.err


def test_a_failure_to_deliver_is_a_warning(workspace: Workspace) -> None:
    with serving(500, 500, 200) as server:
        posting_to(workspace, server)
        done = workspace.crm("lead", "add", "Anna Rossi")
        assert (done.code, done.out) == (0, "L1\n")
        assert re.search(
            "warning: webhook of rule tell on L1 not delivered: localhost answered 500; "
            "crm tick tries again after 2026-03-18 12:01\n",
            done.err,
        )
        (run,) = workspace.json("rule", "runs")
        assert (run["status"], run["record"], run["reason"]) == ("pending", "L1", "localhost answered 500")
        assert workspace.json("rule", "runs", "--failed") == []
        assert workspace.json("rule", "runs", "--rule", "other") == []


def test_retry_sends_a_dead_letter(workspace: Workspace) -> None:
    with serving(404, 404, 200) as server:
        posting_to(workspace, server)
        assert "failed: localhost answered 404; see crm rule runs --failed" in workspace.crm("lead", "add", "Anna").err
        (run,) = workspace.json("rule", "runs", "--failed")
        assert "1 message would be sent again" in workspace.crm("rule", "retry", run["ref"], "--dry-run").err
        assert "0 of 1 message sent" in workspace.crm("rule", "retry", run["ref"]).err
        done = workspace.crm("rule", "retry", run["ref"], "--wait")
        assert (done.code, done.err) == (0, "1 of 1 message sent\n")
        assert len(set(server.keys)) == 1
    assert workspace.crm("rule", "retry", run["ref"]).code == 4
    assert workspace.crm("rule", "retry", "99").code == 3
    assert workspace.crm("rule", "retry", "x").code == 2
    assert workspace.json("rule", "runs")[0]["status"] == "done"


def test_undo_tells_what_went_out(workspace: Workspace) -> None:
    with serving() as server:
        posting_to(workspace, server)
        workspace.ok("lead", "add", "Anna Rossi")
    done = workspace.crm("undo", "--yes")
    assert "webhook of rule tell on L1 went out at 2026-03-18 12:00 and cannot be taken back" in done.err


def test_nothing_goes_out_without_rules_or_on_a_dry_run(workspace: Workspace) -> None:
    with serving() as server:
        posting_to(workspace, server)
        workspace.ok("lead", "add", "Anna Rossi", "--no-rules")
        workspace.ok("lead", "add", "Bruno Bianchi", "--dry-run")
        assert server.keys == []


def test_an_import_sends_where_the_rule_is_for_imports(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("last_name\nRossi\nBianchi\n")
    with serving() as server:
        posting_to(workspace, server)
        workspace.ok("import", "lead", str(tmp_path / "people.csv"), "--yes")
        assert server.keys == []
        workspace.ok("undo", "--yes")
        workspace.ok("import", "lead", str(tmp_path / "people.csv"), "--yes", "--with-rules", "--wait")
        assert len(set(server.keys)) == 2


def test_doctor_tells_what_stands_in_the_way_of_rules(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def findings(*subjects: str) -> list[str]:
        done = workspace.crm("doctor", "-o", "json")
        return [f"{row['verdict']}: {row['text']}" for row in json.loads(done.out) if row["subject"] in subjects]

    assert findings("rules", "trust", "outbox") == []
    put(workspace, PROGRAM, trusted=False)
    workspace.ok("lead", "add", "Anna Rossi")
    assert findings("rules") == ["ok: 1 rule, no mistakes"]
    (trust,) = findings("trust")
    assert trust.endswith(
        "the rule file own.toml is not trusted, so nothing that it sends goes out: crm rule trust own.toml"
    )
    assert findings("outbox") == ["warning: 1 message of rules blocked: crm rule runs --failed"]
    workspace.ok("rule", "trust", "own.toml")
    assert findings("trust") == []
    monkeypatch.setenv("CRMCLI_NOW", "2026-06-18T12:00:00+01:00")
    assert findings("resting rules") == ["ok: never matched in 30 days: log-lead"]
    put(workspace, PROGRAM.replace("tag", "tagg"), trusted=False)
    assert findings("rules") == ["failure: every write is stopped by 1 mistake: crm rule check"]
    assert workspace.crm("doctor").code == 1


def test_the_table_fits_the_screen(workspace: Workspace) -> None:
    put(workspace, PROGRAM, trusted=False)
    workspace.ok("lead", "add", "Anna Rossi")
    for columns in (80, 200):
        code, screen = workspace.at_terminal("rule", "runs", columns=columns)
        assert code == 0
        assert max(map(len, screen.splitlines())) <= columns
        assert "log-lead" in screen


MAIL = """\
schema = 1
[[rule]]
id = "hello"
on = ["lead.created"]
do = [{ action = "email", template = "hello", to = "{{ record.email }}" }]
"""


def test_trust_tells_which_templates_a_file_takes(workspace: Workspace) -> None:
    folder = workspace.home / "config" / "templates"
    folder.mkdir()
    for form in ("txt", "html"):
        (folder / f"hello.{form}").write_text("Subject: Hello\n\nHello\n")
    put(workspace, MAIL, trusted=False)
    told = workspace.crm("rule", "trust", "own.toml", "--dry-run").err
    assert told == f"rule hello: email {{{{ record.email }}}}, {folder / 'hello.txt'}, {folder / 'hello.html'}\n"


def test_check_warns_of_what_cannot_reach_its_aim(workspace: Workspace) -> None:
    url = "https://hooks.example.com/{{ record.ref }}"
    post = f'[[rule]]\nid = "tell"\non = ["lead.created"]\ndo = [{{ action = "webhook", url = "{url}" }}]\n'
    put(workspace, PROGRAM + post, trusted=False)
    told = workspace.crm("rule", "check").err
    assert "warning: rule log-lead: run will be blocked: there is no program 'log.py' in the hooks folder" in told
    assert "warning: rule tell: webhook will be blocked: the host hooks.example.com is not among those" in told
    hook(workspace, "")
    put(workspace, PROGRAM + post, trusted=False, config="[rules]\nhosts = ['hooks.example.com']\n")
    assert workspace.crm("rule", "check").err == "2 rules, no mistakes\n"
