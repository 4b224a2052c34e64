"""Samples: the numbers of several groups in order, without being sorted as one."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from crmcli.reports.samples import Sample, merged

_WHOLE = st.integers(-3, 3) | st.integers(-200_000, 200_000) | st.integers(-(10**12), 10**12)
_NUMBERS = st.lists(_WHOLE | st.fractions(-100_000, 100_000), max_size=9)


def _sample(numbers: "list[int | Fraction]") -> Sample:
    found = Sample()
    for number in numbers:
        found.add(number, 1)
    return found


@given(_NUMBERS)
def test_a_sample_knows_its_numbers_by_their_places(numbers: "list[int | Fraction]") -> None:
    ordered, found = sorted(numbers), _sample(numbers).ordered
    assert len(found) == len(ordered)
    assert [found[place] for place in range(len(ordered))] == ordered
    assert [found[-place - 1] for place in range(len(ordered))] == ordered[::-1]
    assert found[1:3] == ordered[1:3]


@given(st.lists(_NUMBERS, max_size=60))
def test_samples_together_have_the_numbers_of_each(lists: "list[list[int | Fraction]]") -> None:
    ordered = sorted(number for each in lists for number in each)
    found = merged([_sample(each) for each in lists])
    assert (found.size, found.total, [*found.ordered]) == (len(ordered), sum(ordered), ordered)
    assert found.squares == sum(number * number for number in ordered)
