"""Charts of characters and as drawings: true to their numbers, no wider than they may be, safe, ASCII if need be."""

import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.output.cells import width
from crmcli.output.charts import Look, chart_lines
from crmcli.output.drawings import drawing
from crmcli.queries.columns import Shown
from crmcli.reports.result import Chart, Sheet

COLUMNS = (Shown("month", "Month", "text"), Shown("amount", "Amount", "money"), Shown("count", "Count", "int"))
KINDS = ("bars", "line", "funnel", "heat")


def sheet(kind: str, values: list[object], *keys: str, label: str = "m") -> Sheet:
    """Return a sheet with a row for each value."""
    rows = [{"month": f"{label}{place}", "amount": value, "count": value} for place, value in enumerate(values)]
    return Sheet("Months", COLUMNS, rows, "months", chart=Chart(kind, "month", keys or ("count",)))


def lines(drawn: Sheet, *, wide: int = 60, unicode: bool = True) -> list[str]:
    """Return the chart of a sheet in English and euros."""
    return chart_lines(drawn, Look(wide, "EUR", "en", unicode))


def test_bars_are_in_proportion_and_tell_their_value() -> None:
    """Half the value has half the bar; nothing has none."""
    first, second, third = lines(sheet("bars", [100, 50, 0]))
    assert abs(first.count("█") - 2 * second.count("█")) <= 1
    assert "█" not in third
    assert [line.split()[-1] for line in (first, second, third)] == ["100", "50", "0"]


def test_bars_below_zero_stand_left_of_a_zero_line() -> None:
    """What is lost is never drawn as if it were won."""
    plus, minus = lines(sheet("bars", [100, -50]))
    assert plus.index("│") == minus.index("│")
    assert minus.rindex("█") < minus.index("│")
    assert plus.index("█") > plus.index("│")


def test_a_sparkline_has_a_mark_for_each_row_and_a_gap_for_what_is_not_known() -> None:
    """Least and greatest are told, and the ends of the axis."""
    line, axis = lines(sheet("line", [0, None, 7]))
    assert "▁ █" in line
    assert line.endswith("0 to 7")
    assert axis.strip() == "m0 to m2"


def test_the_golden_funnel() -> None:
    """495 leads, 148 deals and 52 won: 29.9 % and 35.1 %."""
    drawn = lines(sheet("funnel", [495, 148, 52]))
    assert [line.split()[-1] for line in drawn[1:]] == ["29.9%", "35.1%"]


def test_a_heat_map_is_darkest_where_there_is_most() -> None:
    """What is missing is neither dark nor light."""
    top, middle, last, axis = lines(sheet("heat", [8, 0, None]))
    assert "██" in top
    assert middle.split() == ["m1"]
    assert "·" in last
    assert "Count to Count" in axis


@given(
    st.sampled_from(KINDS),
    st.lists(st.one_of(st.none(), st.just("n/a"), st.integers(-(10**12), 10**12)), min_size=1, max_size=12),
    st.integers(60, 200),
    st.text(max_size=40),
)
def test_charts_keep_to_their_width_and_to_ascii(kind: str, values: list[object], wide: int, label: str) -> None:
    """Whatever the numbers and the names are."""
    drawn = sheet(kind, values, label=label)
    assert all(width(line) <= wide for line in lines(drawn, wide=wide))
    plain = lines(sheet(kind, values), wide=wide, unicode=False)
    assert all(line.isascii() for line in plain)


@given(st.sampled_from(KINDS), st.lists(st.one_of(st.none(), st.integers(-(10**9), 10**9)), max_size=80), st.text())
def test_drawings_are_well_formed_whatever_is_in_them(kind: str, values: list[object], label: str) -> None:
    """Text from data is text, never a part of the drawing."""
    made = drawing(sheet(kind, values, "count", "amount", label=label + "<script>&\"'"), "EUR", "en")
    root = ElementTree.fromstring(f"<page>{made}</page>")
    assert not [found for found in root.iter() if found.tag.endswith("script")]
    assert bool(made) == any(value is not None for value in values[:60])


@pytest.mark.parametrize("kind", KINDS)
def test_each_mark_of_a_drawing_tells_its_value(kind: str) -> None:
    """The title of a mark is what a browser shows where the pointer is."""
    made = drawing(sheet(kind, [Decimal("10.00"), Decimal("30.00")], "amount"), "EUR", "en")
    assert len(re.findall(r"<title>[^<]*(?:10|30)[^<]*</title>", made)) == 2


def test_a_table_that_has_bars_needs_no_second_ones() -> None:
    """The drawing of a page has them still."""
    drawn = sheet("bars", [1, 2])
    with_bars = drawn._replace(columns=(*drawn.columns, Shown("share", "Share", "bar")))
    assert lines(with_bars) == []
    assert "<rect" in drawing(with_bars, "EUR", "en")
