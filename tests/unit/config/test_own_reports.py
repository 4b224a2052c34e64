"""Files of reports of one's own: what they say, and every mistake told with its line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.config.own_reports import BadReport, OwnReport, parse_report, read_reports
from crmcli.config.own_template import template

FILE = Path("/home/anna/reports/mine.sql")


def parse(text: str) -> OwnReport | BadReport:
    return parse_report(text, FILE)


def test_a_file_needs_nothing_but_a_query() -> None:
    assert parse("SELECT 1 AS one") == OwnReport("mine", "A report of your own.", FILE, "SELECT 1 AS one", 1)


def test_the_head_says_everything() -> None:
    report = parse(
        '-- name = "best"\n-- summary = "The best."\n-- period = "this-year"\n--\n-- [parameters.since_day]\n'
        '-- type = "date"\n-- default = "-30d"\n-- help = "From then on"\n-- [parameters.kind]\n'
        '-- choices = ["a", "b"]\n-- [columns.amount]\n-- kind = "money"\n-- [chart]\n-- label = "name"\n'
        '-- values = ["amount"]\n\n-- a word to people\nSELECT :since_day, :kind, :from_day AS amount -- :no\n'
    )
    assert isinstance(report, OwnReport)
    assert (report.name, report.summary, report.period, report.line) == ("best", "The best.", "this-year", 16)
    since, kind = report.parameters
    assert (since.type, since.default, since.required, since.help) == ("date", "-30d", False, "From then on")
    assert (kind.choices, kind.required) == (("a", "b"), True)
    assert report.columns == {"amount": ("Amount", "money")}
    assert report.chart is not None
    assert report.chart.kind == "bars"
    assert report.sql.startswith("\n-- a word")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("-- nam = 'x'\nSELECT 1", 1, "there is no 'nam' here"),
        ("-- Deals by owner\nSELECT 1", 1, "expected '='"),
        ("-- # x\n-- name = 'No Name'\nSELECT 1", 2, "is no name of a report"),
        ("-- name = '../x'\nSELECT 1", 1, "is no name of a report"),
        ("-- # x\nDELETE FROM deal", 2, "below the head stands no SELECT"),
        ("", 1, "below the head stands no SELECT"),
        ("-- # x\n\nSELECT :since", 2, "asks for :since, which is no parameter"),
        ("SELECT :from_day", 1, "the report has no period"),
        ("-- [parameters.since]\nSELECT 1", 1, "does not ask for :since"),
        ("-- [parameters.since]\n-- type = 'day'\nSELECT :since", 2, "there is no type 'day'"),
        (
            "-- [parameters.n]\n-- type = 'int'\n-- default = 'x'\nSELECT :n",
            3,
            "the default of a parameter of type int",
        ),
        ("-- [parameters.n]\n-- type = 'int'\n-- default = true\nSELECT :n", 3, "is not True"),
        ("-- [parameters.n]\n-- choices = ['a']\n-- default = 'b'\nSELECT :n", 3, "is not 'b'"),
        ("-- [parameters.output]\nSELECT :output", 1, "'output' is no name of a parameter"),
        ("-- [parameters.Since]\nSELECT :Since", 1, "'Since' is no name of a parameter"),
        ("-- [columns.a]\n-- kind = 'monye'\nSELECT 1 AS a", 2, "there is no kind 'monye'"),
        ("-- columns = 1\nSELECT 1", 1, "columns must be tables"),
        ("-- [chart]\n-- kind = 'pie'\nSELECT 1", 2, "there is no chart 'pie'"),
        ("-- [chart]\n-- label = 'a'\nSELECT 1", 1, "values must be a list"),
        ("-- [chart]\n-- values = ['a']\nSELECT 1", 1, "label must be a column"),
        ('-- summary = "a\\u001b[31m"\nSELECT 1', 1, "a text of one line"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, line: int, reason: str) -> None:
    bad = parse(text)
    assert isinstance(bad, BadReport)
    assert (bad.line, reason in bad.reason) == (line, True), bad
    assert str(bad).startswith(f"{FILE}, line {line}: ")


def test_a_broken_file_hides_no_other(tmp_path: Path) -> None:
    files = {"a.sql": "-- name = 'same'\nSELECT 1", "b.sql": "nothing", "c.sql": "-- name = 'same'\nSELECT 2",
             "kpi.sql": "SELECT 1", ".hidden.sql": "nothing", "d.SQL": "SELECT 4", "e.txt": "nothing"}  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "f.sql").write_bytes(b"\xff\xfe")
    (tmp_path / "g.sql").mkdir()
    (tmp_path / "h.sql").symlink_to(tmp_path / "nowhere")
    found = read_reports(tmp_path, ("kpi",))
    assert sorted(found.reports) == ["d", "same"]
    assert [(bad.path.name, bad.reason) for bad in found.bad][:2] == [
        ("b.sql", "below the head stands no SELECT"), ("c.sql", "the name 'same' is taken by a.sql"),
    ]  # fmt: skip
    assert [bad.path.name for bad in found.bad] == ["b.sql", "c.sql", "f.sql", "g.sql", "h.sql", "kpi.sql"]


def test_no_folder_holds_no_report(tmp_path: Path) -> None:
    assert read_reports(tmp_path / "none") == ({}, ())


def test_the_example_is_a_report() -> None:
    report = parse(template("won-by-source"))
    assert isinstance(report, OwnReport)
    assert report.name == "won-by-source"


@given(st.text(alphabet="-=[]{}'\"#.\n :abnmeSELCT1\\", max_size=120))
def test_no_text_breaks_the_reading(text: str) -> None:
    assert parse(text).name
