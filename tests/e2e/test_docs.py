"""What the documentation shows is what happens: every console block is typed, every link leads somewhere."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import PROGRAM, SOURCE
from tests.e2e.consoles import ROOT, Screen, Step, agrees, parse, run
from tests.unit.integrations.smtp_servers import mail_server

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWING = [page for page in PAGES if "```console" in page.read_text(encoding="utf-8")]


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", SHOWING, ids=_name)
def test_a_page_shows_what_happens(page: Path, tmp_path: Path) -> None:
    steps = list(parse(page.read_text(encoding="utf-8")))
    for step, screen in zip(steps, run(steps, tmp_path), strict=True):
        assert screen.code == 0, f"{step.command}\n{screen.text}"
        assert agrees(step.shown, screen.text), f"{step.command}\n{screen.text}"


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_a_page_links_to_what_exists(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_index_of_each_part_names_its_pages() -> None:
    for index in (ROOT / "docs").glob("*/README.md"):
        text = index.read_text(encoding="utf-8")
        missing = [page.name for page in index.parent.glob("*.md") if page != index and f"({page.name})" not in text]
        assert missing == [], index


def test_cron_sends_no_mail_when_there_is_nothing_to_tell(tmp_path: Path) -> None:
    crontab = (ROOT / "examples" / "crontab").read_text(encoding="utf-8")
    lines = [line.split(maxsplit=5)[5] for line in crontab.splitlines() if line[:1].isdigit()]
    steps = [Step("crm init -q"), *(Step(f"{{ {line}; }} < /dev/null 2>&1 | cat") for line in lines)]
    assert list(run(steps, tmp_path)) == [Screen(0, "")] * len(steps)


class Bare:
    """A program and a home, and nothing else: what cron and systemd start a line with."""

    def __init__(self, folder: Path) -> None:
        tools = folder / "bin"
        tools.mkdir()
        program = tools / "crm"
        program.write_text(
            f"#!/bin/sh\nexport PYTHONPATH={shlex.quote(str(SOURCE))}\n"
            f'exec {shlex.quote(sys.executable)} -c {shlex.quote(PROGRAM)} "$@"\n'
        )
        program.chmod(0o755)
        self.config = folder / ".config" / "crmcli" / "config.toml"
        self._env = {"HOME": str(folder), "PATH": f"{tools}:/usr/bin:/bin"}
        assert self.types("crm init -q") == (0, "")

    def types(self, line: str) -> tuple[int, str]:
        """Run a line with no terminal and return its exit code and all that it prints."""
        argv, quiet = ["/bin/sh", "-c", line], subprocess.DEVNULL
        done = subprocess.run(argv, env=self._env, cwd="/", stdin=quiet, stdout=-1, stderr=-2, check=False)
        return done.returncode, done.stdout.decode()


@pytest.fixture
def bare(tmp_path: Path) -> Bare:
    return Bare(tmp_path)


REMINDERS = (ROOT / "docs" / "how-to" / "reminders.md").read_text(encoding="utf-8")
CRON_LINES = re.findall(r"^ *[0-9*/]\S* \S+ \S+ \S+ \S+ +(crm .*)$", REMINDERS, re.MULTILINE)
UNITS = re.findall(r"^ *ExecStart=%h/.local/bin/(crm .*)$", REMINDERS, re.MULTILINE)


def test_reminders_work_in_the_empty_environment_of_cron(bare: Bare) -> None:
    assert len(CRON_LINES) >= 3
    assert UNITS
    bare.config.write_text('[rules]\nnotify = ["/bin/true"]\n')
    assert [bare.types(line) for line in (*CRON_LINES, *UNITS)] == [(0, "")] * len((*CRON_LINES, *UNITS))
    bare.types("crm task add Call --due today")
    assert bare.types("crm remind")[1].startswith("Today\n  T1  today  Call")
    assert bare.types("crm remind") == (0, "")


def test_reminders_are_mailed_in_the_empty_environment_of_cron(bare: Bare) -> None:
    lines = [line for line in CRON_LINES if "--mail" in line]
    assert lines
    bare.types("crm task add Call --due today")
    with mail_server() as server:
        account = (
            f'[accounts.work]\nfrom = "info@example.com"\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\n'
        )
        bare.config.write_text(account)
        for _ in range(2):
            assert [bare.types(line) for line in lines] == [(0, "")] * len(lines)
    assert [taken.recipients for taken in server.taken] == [["anna@example.com"]]
    mail = server.taken[0].mail
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]


def test_what_the_page_tells_of_the_desktop_happens(bare: Bare, tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    notifier = tmp_path / "bin" / "notify"
    notifier.write_text(f'#!/bin/sh\nprintf "%s|%s" "$1" "$2" > {shlex.quote(str(shown))}\n')
    notifier.chmod(0o755)
    bare.config.write_text(f'[rules]\nnotify = ["{notifier}", "crm"]\n')
    bare.types("crm task add Call --due today")
    assert [bare.types(line) for line in UNITS] == [(0, "")] * len(UNITS)
    assert shown.read_text().startswith("crm|1 today\nToday\n  T1  today  Call")
