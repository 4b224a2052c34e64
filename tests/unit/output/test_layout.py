from hypothesis import given
from hypothesis import strategies as st

from crmcli.output.cells import width
from crmcli.output.layout import Grid, fit, lines

cell = st.text("ab 東é👍", max_size=30)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    columns = draw(st.integers(1, 6))
    rows = draw(st.lists(st.lists(cell, min_size=columns, max_size=columns), max_size=5))
    flags = st.lists(st.booleans(), min_size=columns, max_size=columns)
    return Grid([f"Label {number}" for number in range(columns)], rows, draw(flags), draw(flags))


@given(grids(), st.sampled_from([20, 80, 200]))
def test_tables_fit_and_rigid_cells_stay_whole(grid: Grid, available: int) -> None:
    widths = fit(grid, available)
    drawn = list(lines(grid, widths))
    assert len(drawn) == len(grid.rows) + 1
    if len(widths) > 1 or not grid.rigid[0]:
        assert all(width(line) <= available for line in drawn)
    for row, line in zip(grid.rows, drawn[1:], strict=True):
        for column in range(len(widths)):
            if grid.rigid[column]:
                assert row[column].rstrip() in line


@given(grids())
def test_a_wide_screen_shows_everything(grid: Grid) -> None:
    assert len(fit(grid, 1000)) == len(grid.labels)
    assert "…" not in "".join(lines(grid, fit(grid, 1000)))


def test_the_last_text_column_shrinks_first() -> None:
    grid = Grid(["A", "B", "C"], [["a" * 40, "b" * 40, "1234567"]], [False, False, True], [False, False, True])
    assert fit(grid, 91) == [40, 40, 7]
    assert fit(grid, 81) == [40, 30, 7]
    assert fit(grid, 71) == [32, 28, 7]
    assert fit(grid, 60) == [28, 21, 7]
    assert fit(grid, 31) == [10, 10, 7]
    assert fit(grid, 30) == [14, 14]
    assert fit(grid, 8) == [8]


def test_what_rows_are_called_stays_readable_and_columns_go_from_the_end() -> None:
    """Two figures may begin alike: the sales cycle, its mean and its median."""
    grid = Grid(
        ["A", "B", "C"], [["Sales cycle, median", "1" * 30, "left out"]], [False, True, False], [False, True, False]
    )
    assert fit(grid, 62) == [19, 30, 8]
    grid = Grid(
        ["A", "B", "C"], [["Sales cycle, median", "1" * 40, "left out"]], [False, True, False], [False, True, False]
    )
    assert fit(grid, 62) == [19, 40]
