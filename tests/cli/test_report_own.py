"""Reports of one's own as commands: options, formats, help, completion, errors, letters and laziness."""

import json
from pathlib import Path
from typing import Any

import pytest

from crmcli.config import own_reports
from crmcli.config.own_template import template
from crmcli.services import deals
from tests.cli.test_completing import Completed, completed
from tests.cli.test_report import add_deal, store
from tests.cli.test_report_mail import FRIDAY, configure, server
from tests.cli.workspace import Workspace
from tests.services.world import Store

__all__ = ["completed", "server", "store"]

LARGE = """\
-- name = "large"
-- summary = "Deals of at least an amount."
-- [parameters.least]
-- type = "number"
-- [parameters.outcome]
-- choices = ["open", "won"]
-- default = "won"
-- [columns.amount]
-- kind = "minor"
-- label = "Worth"
-- [columns.rate]
-- kind = "ratio"
SELECT 'D' || id AS ref, name, amount_minor AS amount, currency, 0.5 AS rate
FROM deal
WHERE amount_minor >= :least * 100 AND outcome = :outcome ORDER BY id
"""


def write(workspace: Workspace, text: str, name: str = "large.sql") -> Path:
    folder = workspace.home / "config" / "reports"
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def sold(workspace: Workspace, store: Store) -> Workspace:
    """Two deals won and an open one, and a report on them."""
    for name, amount in (("Fair", "300.25"), ("Boat", "100.50")):
        deals.win(store.context(), [add_deal(store, name, amount, source="website")])
    add_deal(store, "Shop", "1000.00")
    write(workspace, LARGE)
    return workspace


def test_parameters_are_options(sold: Workspace) -> None:
    assert sold.ok("report", "large", "--least", "100") == "D1\tFair\t300.25\tEUR\t0.5\nD2\tBoat\t100.50\tEUR\t0.5"
    assert sold.ok("report", "large", "--least", "200", "-o", "ids") == "D1"
    assert sold.ok("report", "large", "--least", "100", "--outcome", "open", "-o", "ids") == "D3"
    assert "--least" in sold.refused(2, "report", "large")
    assert "'x' is no number" in sold.refused(2, "report", "large", "--least", "x")
    assert "one of open, won" in sold.refused(2, "report", "large", "--least", "1", "--outcome", "lost")
    assert sold.crm("report", "large", "--least", "9999", "--exit-code").code == 1


def test_it_comes_in_every_form(sold: Workspace) -> None:
    document = json.loads(sold.ok("report", "large", "--least", "200", "-o", "json"))
    assert document["report"] == "large"
    assert document["parameters"] == {"least": 200, "outcome": "won"}
    assert document["rows"] == [{"ref": "D1", "name": "Fair", "amount": 300.25, "currency": "EUR", "rate": 0.5}]
    table = sold.ok("report", "large", "--least", "200", "-o", "table")
    assert "Worth" in table
    assert "€300.25" in table
    assert "50.0%" in table
    page = sold.home / "page.html"
    sold.ok("report", "large", "--least", "200", "--html", str(page))
    assert "Fair" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["int", "money", "date", "bool", "text"])
def test_text_in_a_column_of_another_kind_is_no_formula_in_csv(sold: Workspace, kind: str) -> None:
    head = f'-- name = "odd"\n-- summary = "Names as another kind."\n-- [columns.name]\n-- kind = "{kind}"\n'
    write(sold, f"{head}SELECT '=1+1' AS name", "odd.sql")
    assert sold.ok("report", "odd", "-o", "csv") == "name\n'=1+1"


def test_hostile_parameters_stay_values(sold: Workspace) -> None:
    write(sold, "-- [parameters.name]\nSELECT name FROM deal WHERE name = :name OR :name = ''", "named.sql")
    assert sold.ok("report", "named", "--name", "x' OR '1'='1") == ""
    assert sold.ok("report", "named", "--name", "Fair") == "Fair"


def test_list_help_and_show_tell_of_it(sold: Workspace) -> None:
    assert sold.json("report", "list")[-1] == {"key": "large", "summary": "Deals of at least an amount.", "period": ""}
    assert "large" in sold.ok("report", "--help")
    assert "--least NUMBER" in sold.ok("report", "large", "--help")
    assert "amount_minor" in sold.ok("report", "show", "large", "-o", "table")
    assert sold.json("report", "show", "large")[0]["parameters"] == ["least", "outcome"]
    assert "did you mean large" in sold.refused(2, "report", "larg")


def test_it_is_completed(sold: Workspace, completed: Completed) -> None:
    assert completed("report", "lar") == ["large"]
    assert completed("report", "show", "lar") == ["large"]
    assert completed("report", "large", "--le") == ["--least"]
    assert completed("report", "large", "--outcome", "") == ["open", "won"]


@pytest.mark.parametrize(
    ("sql", "line", "reason"),
    [
        ("SELECT 1\nFROM dael", 2, "no such table: dael"),
        ("SELECT name,\n  amuont\nFROM deal", 2, "no such column: amuont"),
        ("SELECT 1 FORM deal", 1, "syntax error"),
    ],
)
def test_sql_that_does_not_fit_is_told_with_file_and_line(sold: Workspace, sql: str, line: int, reason: str) -> None:
    path = write(sold, f"-- summary = 'x'\n{sql}", "bad.sql")
    for command in (("report", "bad"), ("report", "check")):
        told = sold.refused(2, *command)
        assert f"{path}, line {line + 1}: " in told
        assert reason in told


def test_a_report_may_only_read(sold: Workspace) -> None:
    write(sold, "WITH x AS (SELECT 1) DELETE FROM deal", "bad.sql")
    assert "may only read" in sold.refused(4, "report", "bad")
    assert len(sold.json("deal", "list")) == 3


def test_check_and_list_tell_what_is_broken_and_hide_no_other(sold: Workspace) -> None:
    path = write(sold, "-- nmae = 'x'\nSELECT 1", "broken.sql")
    done = sold.crm("report", "list")
    assert done.code == 0
    assert "large" in done.out
    assert f"{path}, line 1: there is no 'nmae' here" in done.err
    assert f"{path}, line 1" in sold.refused(2, "report", "check")
    assert f"{path}, line 1" in sold.refused(2, "report", "broken")
    assert sold.ok("report", "large", "--least", "200", "-o", "ids") == "D1"
    path.unlink()
    assert sold.crm("report", "check").code == 0


def test_check_tells_columns_that_the_sql_does_not_give(sold: Workspace) -> None:
    write(sold, "-- [chart]\n-- label = 'a'\n-- values = ['b']\nSELECT 1 AS a", "bad.sql")
    assert "gives no column 'b'" in sold.refused(2, "report", "check")
    assert [row["line"] for row in json.loads(sold.crm("report", "check", "-o", "json").out)] == [4]


def test_a_new_report_works_as_it_stands(sold: Workspace) -> None:
    sold.ok("report", "new", "won-by-source")
    assert sold.ok("report", "won-by-source") == "website\t2\t400.75"
    assert sold.ok("report", "won-by-source", "--period", "2025") == ""
    compared = sold.json("report", "won-by-source", "--period", "2026", "--compare", "last-year")
    assert compared["compared_with"]["rows"] == []
    assert "there is a report" in sold.refused(5, "report", "new", "won-by-source")
    assert "there is a report" in sold.refused(5, "report", "new", "kpi")
    assert "no name of a report" in sold.refused(2, "report", "new", "../x")
    assert sold.ok("report", "new") == template("won-by-source").rstrip("\n")
    assert sold.crm("report", "check").code == 0


def test_a_file_cannot_take_the_name_of_a_command(sold: Workspace) -> None:
    write(sold, "SELECT 'mine'", "kpi.sql")
    assert "Win rate" in sold.ok("report", "kpi", "-o", "table")
    assert "is taken by a command" in sold.refused(2, "report", "check")


def test_time_is_bounded(sold: Workspace) -> None:
    write(sold, "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT MAX(x) FROM n", "slow.sql")
    sold.ok("config", "set", "sql_seconds", "1")
    assert "took more than 1 second" in sold.refused(1, "report", "slow")


def test_the_folder_is_read_only_where_a_report_of_ones_own_may_be_meant(
    sold: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("the folder was read")

    monkeypatch.setattr(own_reports, "read_reports", refuse)
    monkeypatch.setattr(own_reports, "find_own", refuse)
    for command in (("report", "kpi"), ("report", "pipeline", "--help"), ("--help",), ("status",), ("deal", "list")):
        assert sold.crm(*command).code == 0
    assert sold.crm("report", "large").code == 1


def test_it_is_mailed_and_scheduled(sold: Workspace, server: Any) -> None:
    schedule = (
        '\n[[report.schedule]]\nname = "large-deals"\nreport = "large"\nparameters = { least = "200" }\n'
        'to = "anna@example.com"\ncron = "0 16 * * fri"\n'
    )
    configure(sold, server, schedule)
    sold.ok("report", "large", "--least", "100", "--mail", "bruno@example.com")
    assert "Boat" in server.taken[0].mail.as_string()
    sold.ok("--as-of", "2026-03-19T12:00:00+01:00", "tick", "-q")
    sold.ok("--as-of", FRIDAY, "tick", "-q")
    mail = server.taken[-1].mail
    assert mail["To"] == "anna@example.com"
    assert "Fair" in mail.as_string()
    assert "Boat" not in mail.as_string()


def test_it_is_a_panel_of_the_dashboard(sold: Workspace) -> None:
    write(sold, "-- summary = 'Mine.'\nSELECT name FROM deal", "mine.sql")
    config = sold.home / "config" / "config.toml"
    panels = "".join(f'[[dashboard]]\nreport = "{name}"\n' for name in ("mine", "won", "large", "none"))
    config.write_text(f"{config.read_text(encoding='utf-8')}\n{panels}", encoding="utf-8")
    done = sold.crm("report", "dashboard", "-o", "json")
    assert [panel["report"] for panel in json.loads(done.out)["panels"]] == ["mine", "won"]
    assert "large: the report needs --least" in done.err
    assert "none: there is no report 'none'" in done.err
