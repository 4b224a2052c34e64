"""What the documentation shows is what happens: every console block is typed, every link leads somewhere."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import PROGRAM, SOURCE
from tests.e2e.consoles import ROOT, Screen, Step, agrees, parse, run

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


def test_reminders_work_in_the_empty_environment_of_cron(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "how-to" / "reminders.md").read_text(encoding="utf-8")
    lines = re.findall(r"^ *[0-9*/]\S* \S+ \S+ \S+ \S+ +(crm .*)$", page, re.MULTILINE)
    units = re.findall(r"^ *ExecStart=%h/.local/bin/(crm .*)$", page, re.MULTILINE)
    assert len(lines) >= 3
    assert units
    tools = tmp_path / "bin"
    tools.mkdir()
    program = tools / "crm"
    program.write_text(
        f"#!/bin/sh\nexport PYTHONPATH={shlex.quote(str(SOURCE))}\n"
        f'exec {shlex.quote(sys.executable)} -c {shlex.quote(PROGRAM)} "$@"\n'
    )
    program.chmod(0o755)
    env = {"HOME": str(tmp_path), "PATH": f"{tools}:/usr/bin:/bin"}

    def typed(line: str) -> tuple[int, str]:
        done = subprocess.run(
            ["/bin/sh", "-c", line],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            cwd="/",
        )
        return done.returncode, done.stdout.decode()

    assert typed("crm init -q") == (0, "")
    (tmp_path / ".config" / "crmcli" / "config.toml").write_text('[rules]\nnotify = ["/bin/true"]\n')
    assert [typed(line) for line in (*lines, *units)] == [(0, "")] * len((*lines, *units))
    typed("crm task add Call --due today")
    assert typed("crm remind")[1].startswith("Today\n  T1  today  Call")
    assert typed("crm remind") == (0, "")
