"""Every example of every help is typed at a terminal, by somebody who says yes: it must do what it says."""

import inspect
import os
import shutil
import subprocess
import sys
from pathlib import Path
from shlex import quote

import pytest

from crmcli.cli.entries import walk
from crmcli.cli.lazy import load
from crmcli.cli.registry import ROOT
from tests.command import PROGRAM, environment
from tests.e2e.consoles import ROOT as ROOT_FOLDER
from tests.e2e.consoles import words_of
from tests.e2e.forking import FIXED, Ran, at_terminal

# These wait for a person: tests/tui, test_secret.
STAYING = ("crm tui", "crm tui today", "crm tui tickets", "crm tui --serve", "crm secret set work")
SERVED = ("crm sync --dry-run", "crm sync work", "crm sync work --prefer remote")  # need a server: tests/cli/test_sync
EXAMPLES = [
    line.strip()
    for _, entry in walk(ROOT)
    for line in inspect.cleandoc(load(entry).help or "").splitlines()
    if line.startswith("    crm ") and line.strip() not in (*STAYING, *SERVED)
]
NAMES = {"events": "Title", "tasks": "Subject", "tickets": "Subject", "logs": "Subject"}  # else Name
FILES = {  # "Kunde" stands for the column of names, which an example without --map has under a known header
    "leads": "Kunde,E-mail\nAnna Rossi,anna@example.com\n",
    "orgs": "Kunde,Country\nAcme,IT\n",
    "contacts": "Kunde,E-mail\nAnna Rossi,anna@example.com\n",
    "deals": "Kunde,Organization,Amount\nSpring order,Zenithal Lifts,1200\n",
    "tasks": "Kunde,Due\nCall Anna,2026-04-01\n",
    "events": "Kunde,Start,End\nDemo,2026-04-01 10:00,2026-04-01 11:00\n",
    "logs": "Kunde,Kind,When\nSpoke,call,2026-03-01 10:00\n",
    "tickets": "Kunde,Created\nCannot log in,2026-03-01\n",
    "kunden": "Kunde,Mail\nAnna Rossi,anna@example.com\n",
}
COPIES = {
    "hubspot": "hubspot-export",
    "hubspot/companies.csv": "accounts.csv",
    "salesforce/opportunities.csv": "opportunities.csv",
}
THREE_IMPORTS = "; ".join(f"crm import {noun} {noun}s.csv" for noun in ("lead", "org", "contact"))
HOT_LEAD = (
    'mkdir -p config/rules; printf \'schema = 1\\n[[rule]]\\nid = "hot-lead"\\non = ["lead.created"]\\n'
    'do = [{ action = "tag", add = ["hot"] }]\\n\' > config/rules/leads.toml'
)
ACCOUNT = (
    'mkdir -p config; printf \'[accounts.work]\\nfrom = "anna@example.com"\\nhost = "mail.example.com"\\n'
    'user = "anna"\\n\' >> config/config.toml; echo secret > password.txt'
)
UNTRUSTED_RULE = (
    'mkdir -p config/rules; printf \'schema = 1\\n[[rule]]\\nid = "tell"\\non = ["lead.created"]\\n'
    'do = [{ action = "run", argv = ["tell"] }]\\n\' > config/rules/leads.toml'
)
RECURRING = 'crm event edit E4 --start "2026-11-24 10:00" --every week'
BEFORE = {  # what is to be typed before examples that begin so: they speak of what the sample workspace has not
    "crm show anna@": 'crm contact add "Anna Rossi" --email anna@example.com',
    "crm contact show anna@": 'crm contact add "Anna Rossi" --email anna@example.com',
    "crm lead qualify L12": "crm lead edit L12 --set status=contacted",
    "crm lead convert L12": "crm lead edit L12 --set status=contacted",
    "crm lead unconvert L12": "crm lead edit L12 --set status=contacted; crm lead convert L12",
    "crm lead merge L12 L15": "crm lead edit L12 L15 --set status=contacted --unset expected_amount",
    "crm org show acme": "crm org add Acme --domain acme.example.com",
    "crm org rm O3": 'crm deal rm --where "organization = O3 and outcome = open"',
    "crm deal edit D5": "crm deal reopen D5",
    "crm deal win D5 D6": "crm deal reopen D5; crm deal reopen D6",
    "crm deal move D5": "crm deal reopen D5",
    "crm deal lose D5": "crm deal reopen D5",
    "crm task snooze T9": "crm task edit T9 T10 --set status=todo",
    "crm snooze T9": "crm task edit T9 --set status=todo",
    'crm task edit --where "assignee = anna': "crm user add bruno",
    "crm event edit E4 --on": RECURRING,
    "crm event rm E4 --on": RECURRING,
    "crm event cancel E4 --on": RECURRING,
    "crm user edit bruno": "crm user add bruno",
    "crm ticket assign": "crm user add bruno",
    "crm ticket reopen K10": "crm ticket resolve K10 --code fixed",
    "crm pipeline edit sales --rm-stage demo": "crm pipeline edit sales --add-stage Demo --probability 30",
    "crm pipeline rm partners": "crm pipeline add Partners --preset sales",
    "crm field edit deal.region": "crm field add deal region --type enum --option north --option south",
    "crm field edit lead.budget": "crm field add lead budget --type money",
    "crm field rm lead.budget": "crm field add lead budget --type money",
    "crm lead list --view hot-it": 'crm view save hot-it --on lead --where "rating = hot"',
    "crm view show hot-it": 'crm view save hot-it --on lead --where "rating = hot"',
    "crm view rm hot-it": 'crm view save hot-it --on lead --where "rating = hot"',
    "crm import show 3": THREE_IMPORTS,
    "crm import undo 3": THREE_IMPORTS,
    "crm import resume 3": THREE_IMPORTS,
    "crm import all everything.json": "crm export all --to everything.json; crm --db copy.db init",
    "crm export all --db a.db": "cp data/crm.db a.db; crm --db b.db init",
    "crm target show": "crm target add won_amount --period 2026-Q2 --value 250k",
    "crm target edit": "crm target add won_amount --period 2026-Q2 --value 250k",
    "crm target rm": "crm target add won_amount --period 2026-Q2 --value 250k",
    "crm rate edit": "crm rate add USD --rate 0.92 --on 2026-01-01",
    "crm rate rm": "crm rate add USD --rate 0.92 --on 2026-01-01",
    "crm tag rm L12 vip": "crm tag add L12 vip",
    "crm dedupe unignore C7 C9": "crm dedupe ignore C7 C9",
    "crm rule run": HOT_LEAD,
    "crm rule enable": HOT_LEAD,
    "crm rule disable": HOT_LEAD,
    "crm rule trust": UNTRUSTED_RULE,
    "crm secret set": ACCOUNT,
    "crm secret status work": ACCOUNT,
    "crm secret rm": f"{ACCOUNT}; crm secret set work --insecure-storage < password.txt",
    "crm rule retry": f"{UNTRUSTED_RULE}; crm lead add Anna; crm lead add Bruno",
    "crm backup verify": "crm backup create",
    "crm restore": "crm backup create",
    "crm rule test hot-lead": "crm rule new hot-lead",
    "crm undo 3": "crm tag add L1 a; crm tag add L1 b",
    "crm redo": "crm tag add L1 a; crm tag add L1 b; crm undo; crm undo",
}

REFUSED = {  # what is answered where an example cannot do its work here: an import must be stopped half-way first
    "crm import resume 3": "import 3 came to its end",
    "crm import resume 3 /mnt/stick/contacts.csv": "no file '/mnt/stick/contacts.csv'",
}


def run(home: Path, line: str) -> Ran:
    """Type a line into a shell in the home; what needs no shell is run without one."""
    words = words_of(line)
    if words is not None and "~" not in line:
        return at_terminal(home, *words, typed="y\n", TMPDIR=str(home))
    env = environment(home, **FIXED, TMPDIR=str(home), PATH=f"{home}/bin:{os.environ['PATH']}")
    argv = ["bash", "-o", "pipefail", "-c", line]
    done = subprocess.run(
        argv, cwd=home, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the sample workspace, the files that examples name, and what else they speak of."""
    home = tmp_path_factory.mktemp("setting")
    program = home / "bin" / "crm"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {quote(sys.executable)} -c {quote(PROGRAM)} "$@"\n', encoding="utf-8")
    program.chmod(0o700)
    for source, name in COPIES.items():
        place = ROOT_FOLDER / "examples" / source
        (shutil.copytree if place.is_dir() else shutil.copy)(place, home / name)
    ran = run(home, f"crm demo {home}")
    assert ran.code == 0, ran
    return home


@pytest.mark.parametrize("line", EXAMPLES)
def test_an_example_works(setting: Path, tmp_path: Path, line: str) -> None:
    home = tmp_path / "home"
    shutil.copytree(setting, home)
    for name, text in FILES.items():
        header = "Kunde" if "--map" in line else NAMES.get(name, "Name")
        (home / f"{name}.csv").write_text(text.replace("Kunde", header), encoding="utf-8")
    before = next((commands for start, commands in BEFORE.items() if line.startswith(start)), "")
    for command in (*filter(None, before.split("; ")), line):
        ran = run(home, command)
        said = REFUSED.get(command, "")
        assert bool(ran.code) == bool(said), f"{command}\n{ran.out}{ran.err}"
        assert said in ran.out + ran.err


def test_all_preparations_are_for_an_example() -> None:
    assert [start for start in BEFORE if not any(line.startswith(start) for line in EXAMPLES)] == []
