import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.workspace import Workspace
from tests.command import crm

NOON = {"CRMCLI_NOW": "2026-03-18T12:00:00+01:00", "CRMCLI_TIMEZONE": "Europe/Rome"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "home"
    done = crm(folder.parent, "demo", str(folder), env=NOON)
    assert (done.returncode, done.stdout) == (0, f"{folder}\n"), done.stderr
    return folder


def read(home: Path, *words: str) -> Any:
    return json.loads(crm(home, *words, "-o", "json", env=NOON).stdout)


def test_it_is_a_whole_workspace(home: Path) -> None:
    counts = {noun: len(read(home, noun, "list")) for noun in ("org", "contact", "lead", "deal", "task", "ticket")}
    assert counts["org"] >= 24
    assert counts["contact"] >= 60
    assert (counts["lead"], counts["ticket"]) == (21, 14)
    assert counts["deal"] >= 64
    assert {deal["outcome"] for deal in read(home, "deal", "list")} == {"open", "won", "lost"}
    assert {lead["status"] for lead in read(home, "lead", "list")} >= {"new", "contacted", "converted", "unqualified"}


def test_it_reaches_back_far_enough_to_compare(home: Path) -> None:
    """Deals, leads and tickets of the year before, customers who came back, and some who did not."""
    kpis = read(home, "report", "kpi", "--period", "2025", "--compare", "previous")
    for document in (kpis, kpis["compared_with"]):
        found = {entry["key"]: entry["value"] for entry in document["kpis"]}
        for key in ("deals_won", "deals_lost", "win_rate", "cycle_days_mean", "sales_velocity", "tickets_closed"):
            assert found[key], (key, found[key])
    assert {entry["key"]: entry["value"] for entry in kpis["kpis"]}["lead_conversion_rate"]
    cohorts = read(home, "report", "cohort")["cohorts"]
    assert len({row["cohort"] for row in cohorts}) > 12
    assert sum(row["active"] for row in cohorts if row["month"] > 0) > 12
    for report, key in (("retention", "retention"), ("churn", "churn")):
        (entry, *_) = read(home, "report", report, "--period", "last-year")["totals"]
        assert entry["key"] == key
        assert 0 < entry["value"] < 1


def test_it_keeps_every_promise_of_the_store(home: Path) -> None:
    assert crm(home, "check", env=NOON).returncode == 0


def test_its_tasks_lie_around_today(home: Path) -> None:
    due = read(home, "task", "due", "--within", "7d")
    assert {row["is_overdue"] for row in due} == {True, False}
    assert read(home, "status")["events"]


def test_its_people_are_invented(home: Path) -> None:
    text = crm(home, "export", "all", env=NOON).stdout
    domains = set(re.findall(r"@([a-z0-9.-]+)", text))
    assert domains
    assert all(re.search(r"(^|\.)example\.(com|org)$", domain) for domain in domains)


def test_it_is_the_same_every_time(home: Path, tmp_path: Path) -> None:
    crm(tmp_path, "demo", str(tmp_path / "twin"), env=NOON)
    columns = ["--columns", "ref,name,stage,amount,closed_at", "-o", "tsv"]
    twin = crm(tmp_path / "twin", "deal", "list", *columns, env=NOON).stdout
    assert twin == crm(home, "deal", "list", *columns, env=NOON).stdout


def test_a_folder_with_a_store_is_refused(home: Path) -> None:
    before = (home / "data/crm.db").read_bytes()
    done = crm(home, "demo", str(home), env=NOON)
    assert (done.returncode, done.stdout) == (5, "")
    assert (home / "data/crm.db").read_bytes() == before


def test_it_is_one_step_that_can_be_taken_back(tmp_path: Path) -> None:
    home = tmp_path / "home"
    crm(tmp_path, "demo", str(home), env=NOON)
    assert crm(home, "undo", "--yes", env=NOON).returncode == 0
    assert read(home, "deal", "list") == []
    assert crm(home, "check", env=NOON).returncode == 0


def test_a_person_is_shown_around(workspace: Workspace, tmp_path: Path) -> None:
    code, screen = workspace.at_terminal("demo", str(tmp_path / "demo"))
    assert code == 0, screen
    for words in ("A sample workspace", "Due today and overdue", "Potential", "Win rate", "crm task due"):
        assert words in screen
    assert workspace.json("deal", "list") == [], "one's own store is left alone"
