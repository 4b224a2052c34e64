"""Samples: the numbers of several groups in order, without being sorted as one."""

from hypothesis import given
from hypothesis import strategies as st

from crmcli.reports.samples import Ranks, Sample, merged

_NUMBERS = st.lists(st.integers(-3, 3) | st.integers(-(10**12), 10**12), max_size=9)


@given(st.lists(_NUMBERS, max_size=5))
def test_ranks_are_the_numbers_of_all_lists_in_order(lists: list[list[int]]) -> None:
    ordered = sorted(number for each in lists for number in each)
    ranks = Ranks([sorted(each) for each in lists])
    assert len(ranks) == len(ordered)
    assert [ranks[place] for place in range(len(ordered))] == ordered
    assert [ranks[-place - 1] for place in range(len(ordered))] == ordered[::-1]
    assert ranks[1:3] == ordered[1:3]


@given(st.lists(_NUMBERS, max_size=60))
def test_samples_together_have_the_numbers_of_each(lists: list[list[int]]) -> None:
    ordered = sorted(number for each in lists for number in each)
    found = merged([Sample(list(each)) for each in lists])
    assert (found.size, found.total, [*found.ordered]) == (len(ordered), sum(ordered), ordered)
