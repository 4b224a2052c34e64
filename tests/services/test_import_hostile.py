"""Whatever stands in a file, an import of it into a store ends with a receipt or one of our own errors, and sound."""

import csv
import io
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmcli.errors import CrmError
from crmcli.importing.presets import GENERIC, ORDER, load_presets
from tests.services.files import Desk, figures
from tests.services.world import Store
from tests.stress.invariants import findings
from tests.unit.formats.test_hostile_records import LINES
from tests.unit.importing.test_hostile import WORDS

HEADERS = {
    kind.entity: sorted({name for shape in kind.shapes.values() for of in shape.columns.values() for name in of})
    for kind in load_presets()[GENERIC].kinds.values()
}
ENDS = {  # of a card, an event and a message that could be good, if it were not for what stands in them
    "contact": ("BEGIN:VCARD", "FN:Anna Rossi", "END:VCARD"),
    "event": ("BEGIN:VEVENT", "DTSTART:20260302T100000", "END:VEVENT"),
    "interaction": ("From a Mon Mar  2 10:00:00 2026", "Date: Mon, 2 Mar 2026 10:00:00 +0100", ""),
}
TRIED = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


def take(store: Store, folder: Path, entity: str, content: bytes) -> None:
    """Import a file twice: every row is accounted for, and the second time none is new."""
    path = folder / "hostile"
    path.write_bytes(content)
    desk = Desk(store, folder)
    with suppress(CrmError):
        first = desk.take(entity, path, terms={"create": True})
        assert first.rows == sum(figures(first)) + first.skipped
        again = desk.take(entity, path, terms={"create": True})
        assert (again.rows, again.created) == (first.rows, 0)


@pytest.mark.parametrize("entity", ORDER)
def test_tables(store: Store, tmp_path: Path, entity: str) -> None:
    headers = st.lists(st.sampled_from(HEADERS[entity]), min_size=1, max_size=8, unique=True)

    @TRIED
    @given(header=headers, rows=st.lists(st.lists(WORDS, min_size=1, max_size=9), max_size=6))
    def any_rows(header: list[str], rows: list[list[str]]) -> None:
        text = io.StringIO()
        csv.writer(text).writerows([header, *rows])
        take(store, tmp_path, entity, text.getvalue().replace("\0", "").encode(errors="replace"))

    any_rows()
    assert findings(str(store.path)) == []


@pytest.mark.parametrize("entity", ENDS)
def test_cards_calendars_and_mail(store: Store, tmp_path: Path, entity: str) -> None:
    first, second, last = ENDS[entity]

    @TRIED
    @given(items=st.lists(st.lists(LINES, max_size=12), max_size=4), newline=st.sampled_from(["\n", "\r\n"]))
    def any_lines(items: list[list[str]], newline: str) -> None:
        lines = [line for item in items for line in (first, second, *item, last)]
        take(store, tmp_path, entity, newline.join([*lines, ""]).encode(errors="replace"))

    any_lines()
    assert store.count(entity) > 0
    assert findings(str(store.path)) == []
