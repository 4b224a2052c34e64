"""What waits for the end of a file: in order, whatever it says, and no more of it in memory than a little."""

import tracemalloc
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crmcli.importing.building import Key
from crmcli.importing.finish import Link
from crmcli.services.imports.waiting import Late, Merged, waiting_links, waiting_rows

WORDS = st.text(max_size=5)
KEYS = st.lists(st.builds(Key, WORDS, WORDS), min_size=1, max_size=2).map(tuple)
LATE = st.builds(Late, WORDS, st.integers(1), WORDS, st.builds(Link, WORDS, KEYS, st.booleans()))
MERGED = st.builds(Merged, WORDS, st.integers(1), st.lists(WORDS, max_size=3), *([WORDS] * 4))


def items(waiting: Any) -> list[Any]:
    return [item for batch in waiting.batches() for item in batch]


@given(st.lists(LATE), st.lists(MERGED), st.lists(LATE))
def test_what_waits_comes_back_as_it_was(late: list[Late], merged: list[Merged], dropped: list[Late]) -> None:
    links, rows = waiting_links(), waiting_rows()
    links.extend(late)
    rows.extend(merged)
    mark = links.mark()
    links.extend(dropped)
    links.cut(mark)
    assert (items(links), items(rows)) == (late, merged)


def test_much_that_waits_takes_no_memory() -> None:
    waiting, link = waiting_links(), Link("contact", (Key("external_id", "x" * 100),))
    tracemalloc.start()
    waiting.extend(Late("contact", number, "reports_to", link) for number in range(50_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000
    assert sum(map(len, waiting.batches())) == 50_000
