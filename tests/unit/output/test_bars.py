import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.output.bars import bar, bars


@pytest.mark.parametrize(
    ("fraction", "drawn"),
    [(0.0, ""), (1.0, "████"), (0.5, "██"), (0.53125, "██▏"), (0.0001, "▏"), (7.0, "████"), (-1.0, "")],
)
def test_bars_to_an_eighth(fraction: float, drawn: str) -> None:
    assert bar(fraction, width=4) == drawn


@pytest.mark.parametrize(("fraction", "drawn"), [(0.0, ""), (1.0, "####"), (0.5, "##"), (0.01, "#")])
def test_bars_in_ascii(fraction: float, drawn: str) -> None:
    assert bar(fraction, width=4, unicode=False) == drawn


@given(st.lists(st.floats(-1e9, 1e9), max_size=8), st.integers(1, 60), st.booleans())
def test_the_greatest_fills_the_width_and_none_exceeds_it(values: list[float], width: int, unicode: bool) -> None:
    drawn = bars(values, width=width, unicode=unicode)
    assert len(drawn) == len(values)
    assert all(len(text) <= width for text in drawn)
    if any(value > 0 for value in values):
        assert max(map(len, drawn)) == width
