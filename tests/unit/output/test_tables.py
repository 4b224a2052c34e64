import csv
import io
import json
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import UsageError
from crmcli.output import layout
from crmcli.output.cells import width
from crmcli.output.formats import FORMATS
from crmcli.output.tables import Column, Options, Table, choose_format, write_table
from tests.unit.output.capture import CapturedStreams
from tests.unit.output.hostile import FORBIDDEN, HOSTILE

COLUMNS = (
    Column("ref", "Ref"),
    Column("name", "Name"),
    Column("amount", "Amount", "money"),
    Column("phones", "Phones", "phones"),
    Column("active", "Active", "bool"),
    Column("created_at", "Created", "instant"),
)
ROW: dict[str, object] = {
    "ref": "D1",
    "name": "Acme | relaunch",
    "amount": Decimal("-1234.50"),
    "currency": "EUR",
    "phones": ["+39 02 1234567", "+39 06 7654321"],
    "active": True,
    "created_at": "2026-11-21T18:00:00Z",
}
EMPTY: dict[str, object] = {
    "ref": "D2",
    "name": None,
    "amount": None,
    "phones": [],
    "active": False,
    "created_at": None,
}
TABLE = Table(COLUMNS, [ROW, EMPTY], noun="deals")
ROME = Options(locale="it", zone="Europe/Rome")


def written(table: Table, format: str | None, options: Options = ROME) -> str:
    streams = CapturedStreams()
    write_table(table, streams, format, options)
    return streams.stdout


def test_tsv_has_no_header_and_full_values() -> None:
    assert written(TABLE, None) == (
        "D1\tAcme | relaunch\t-1234.50\t+39 02 1234567, +39 06 7654321\ttrue\t2026-11-21T18:00:00Z\nD2\t\t\t\tfalse\t\n"
    )


def test_csv_has_keys_as_header_and_real_numbers_unquoted() -> None:
    assert written(TABLE, "csv") == (
        "ref,name,amount,phones,active,created_at\n"
        'D1,Acme | relaunch,-1234.50,"+39 02 1234567, +39 06 7654321",true,2026-11-21T18:00:00Z\n'
        "D2,,,,false,\n"
    )


def test_json_has_all_keys_of_the_rows() -> None:
    assert json.loads(written(TABLE, "json"), parse_float=Decimal) == [ROW, EMPTY]
    assert [json.loads(line, parse_float=Decimal) for line in written(TABLE, "jsonl").splitlines()] == [ROW, EMPTY]


def test_markdown_escapes_its_own_bars() -> None:
    assert written(TABLE._replace(columns=COLUMNS[:3]), "md") == (
        "| Ref | Name | Amount |\n| --- | --- | ---: |\n| D1 | Acme \\| relaunch | -1234.50 |\n| D2 |  |  |\n"
    )


def test_markdown_of_records_holds_no_html_of_theirs() -> None:
    assert "| \\<script\\>alert(1)\\</script\\> |" in written(
        TABLE._replace(columns=COLUMNS[1:2], rows=[{"name": "<script>alert(1)</script>"}]), "md"
    )


def test_ids_are_refs_or_keys() -> None:
    assert written(TABLE, "ids") == "D1\nD2\n"
    assert written(Table(COLUMNS, [{"key": "sales"}]), "ids") == "sales\n"
    with pytest.raises(UsageError, match="deals have no refs"):
        written(TABLE._replace(rows=[{"name": "x"}]), "ids")


def test_the_default_depends_on_the_terminal() -> None:
    assert choose_format(None, CapturedStreams()) == "tsv"
    assert choose_format(None, CapturedStreams(terminal=True)) == "table"


def test_an_unknown_format_names_the_valid_ones() -> None:
    with pytest.raises(UsageError, match="no format 'jsn'") as refused:
        written(TABLE, "jsn")
    assert refused.value.hint == "did you mean json? the formats are " + ", ".join(FORMATS)


def test_a_terminal_table() -> None:
    streams = CapturedStreams(terminal=True, columns=100)
    assert write_table(TABLE, streams, None, ROME) == 2
    assert streams.lines == [
        "Ref  Name                  Amount  Phones                          Active  Created",
        "───  ───────────────  ───────────  ──────────────────────────────  ──────  ────────────────",
        "D1   Acme | relaunch  -1.234,50 €  +39 02 1234567, +39 06 7654321  yes     2026-11-21 19:00",
        "D2                                                                 no",
    ]


def test_a_narrow_terminal_cuts_text_and_hides_columns_but_never_a_number() -> None:
    streams = CapturedStreams(terminal=True, columns=30)
    write_table(TABLE._replace(choosable=True), streams, None, ROME)
    assert all(width(line) <= 30 for line in streams.lines)
    assert "-1.234,50 €" in streams.stdout
    assert "Acme | rela…" in streams.stdout
    assert streams.stderr == "3 columns hidden, widen or use --columns\n"


def test_only_a_command_with_columns_to_choose_says_so() -> None:
    streams = CapturedStreams(terminal=True, columns=30)
    write_table(TABLE, streams, None, ROME)
    assert streams.stderr == "3 columns hidden, widen to see all\n"


@pytest.mark.parametrize(
    ("columns", "bar", "hidden"), [(60, 20, False), (34, 20, False), (30, 16, False), (20, 6, False), (19, 12, True)]
)
def test_bars_give_way_before_text_is_cut_or_columns_are_hidden(columns: int, bar: int, hidden: bool) -> None:
    table = Table(
        (Column("stage", "Stage"), Column("share", "Share", "bar"), Column("deals", "Deals", "int")),
        [{"stage": "Quote", "share": 1.0, "deals": 12}],
    )
    streams = CapturedStreams(terminal=True, columns=columns)
    write_table(table, streams)
    assert streams.lines[2].count("█") == bar
    assert "Quote" in streams.stdout and "…" not in streams.stdout
    assert ("12" not in streams.stdout) == hidden


def test_the_header_is_underlined_where_colours_are_on() -> None:
    streams = CapturedStreams(terminal=True, color="always")
    write_table(TABLE._replace(columns=COLUMNS[:2]), streams)
    assert streams.lines[0] == "\x1b[4mRef  Name           \x1b[0m"


@pytest.mark.parametrize(
    ("terminal", "plain", "term"), [(True, True, "xterm"), (True, False, "dumb"), (False, False, "")]
)
def test_plain_tables_have_no_rules_and_no_escapes(terminal: bool, plain: bool, term: str) -> None:
    streams = CapturedStreams(terminal=terminal, plain=plain, color="always", environ={"TERM": term})
    write_table(TABLE._replace(columns=COLUMNS[:2]), streams, "table")
    assert streams.lines == ["Ref  Name", "D1   Acme | relaunch", "D2"]


@pytest.mark.parametrize(
    ("total", "shown_from", "told"),
    [(312, 0, "2 of 312 deals\n"), (312, 50, "51-52 of 312 deals\n"), (2, 0, ""), (None, 0, "")],
)
def test_how_many_there_are(total: int | None, shown_from: int, told: str) -> None:
    for terminal in (True, False):
        streams = CapturedStreams(terminal=terminal, columns=200)
        write_table(TABLE._replace(total=total, shown_from=shown_from), streams)
        assert streams.stderr == told


def test_an_empty_table_says_so_to_people_only() -> None:
    terminal, pipe = CapturedStreams(terminal=True), CapturedStreams()
    for streams in (terminal, pipe):
        assert write_table(TABLE._replace(rows=[]), streams) == 0
        assert streams.stdout == ""
    assert (terminal.stderr, pipe.stderr) == ("no deals\n", "")
    assert written(TABLE._replace(rows=[]), "json") == "[]\n"


def test_titles_and_notes() -> None:
    streams = CapturedStreams(terminal=True, columns=200)
    write_table(TABLE._replace(title="Open deals", notes=("period: 2026",)), streams)
    assert streams.lines[0] == "Open deals"
    assert streams.stderr == "period: 2026\n"


def test_bars_are_for_people() -> None:
    table = Table((Column("ref", "Ref"), Column("share", "Share", "bar")), [{"ref": "D1", "share": 0.5}])
    assert written(table, "tsv") == "D1\n"
    assert written(table, "csv") == "ref\nD1\n"
    streams = CapturedStreams(terminal=True)
    write_table(table, streams)
    assert streams.lines[-1] == "D1   ██████████"


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("format", FORMATS)
def test_hostile_text_is_inert_in_every_format(format: str, terminal: bool) -> None:
    columns = (Column("ref", "Ref"), *(Column(f"c{n}", text[:20], "text") for n, text in enumerate(HOSTILE[:-1])))
    row = {"ref": "L1\x1b[2J", **{f"c{n}": text for n, text in enumerate(HOSTILE[:-1])}}
    streams = CapturedStreams(terminal=terminal, columns=5000)
    write_table(Table(columns, [row, row], notes=HOSTILE, title=HOSTILE[1], noun=HOSTILE[1]), streams, format)
    seen = streams.stdout + streams.stderr
    assert not FORBIDDEN.search(seen.replace("\t", "") if format in ("csv", "tsv") else seen)
    if format in ("tsv", "jsonl", "ids"):
        assert len(streams.lines) == 2
    if format == "table" and not terminal:
        assert "[red]x[/] [/] [link=https://example.com] [@click=app.quit]x[/]" in seen
        assert ":skull: :smile:" in seen


def test_no_text_cell_of_a_csv_is_a_formula() -> None:
    rows: list[dict[str, object]] = [{"name": text} for text in HOSTILE]
    cells = csv.reader(io.StringIO(written(Table((Column("name", "Name"),), rows), "csv")))
    assert not [cell for (cell,) in cells if re.match("[=+@\t\r\n＝-]", cell)]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1), max_size=5))
def test_raw_csv_is_exactly_what_is_stored(texts: list[str]) -> None:
    table = Table((Column("name", "Name"), Column("n", "N")), [{"name": text, "n": 1} for text in texts])
    told = written(table, "csv", Options(raw=True))
    assert [cells[0] for cells in csv.reader(io.StringIO(told, newline=""), strict=True)][1:] == texts


@pytest.mark.parametrize("columns", [20, 80, 200])
def test_wide_letters_count_double(columns: int) -> None:
    rows = [
        {"ref": f"O{n}", "name": "株式会社サンプル" * n, "amount": Decimal(n), "currency": "JPY"} for n in range(1, 6)
    ]
    streams = CapturedStreams(terminal=True, columns=columns)
    write_table(Table((COLUMNS[0], COLUMNS[2], COLUMNS[1]), rows), streams)
    assert all(width(line) <= columns for line in streams.lines)
    assert all(f"¥{n}" in line for n, line in enumerate(streams.lines[2:], start=1))


def test_what_no_screen_can_show_of_a_text_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[int] = []

    def measure(text: str) -> int:
        measured.append(len(text))
        return width(text)

    monkeypatch.setattr(layout, "width", measure)
    for value in ("è 漢" * 25_000, ["è 漢" * 25_000]):
        screen = CapturedStreams(terminal=True, columns=80)
        write_table(Table((Column("ref", "Ref"), Column("text", "Text")), [{"ref": "L1", "text": value}]), screen)
        assert screen.lines[-1].endswith("…")
        assert width(screen.lines[-1]) <= 80
    assert max(measured) < 1000
