"""Whatever stands in a file, the importing layer answers with drafts, rejected rows or one of our own errors."""

import json
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.errors import CrmError
from crmcli.importing.options import Options
from crmcli.importing.presets import Kind, load_presets
from crmcli.importing.rows import prepare, read_rows
from crmcli.importing.sources import Source

PRESETS = load_presets()
KINDS = [kind for preset in PRESETS.values() for kind in preset.kinds.values()]
DATES = ["03/04/2026", "13/13/13", "2026-02-30", "9999-12-31T23:59:59-23:59", "--02-30", "0/0/00"]
NUMBERS = ["1,234", "12.50", "8E999999", "NaN", "1e5%", "0", "-", "+39 02 1"]
TEXTS = [
    "[]",
    '["a", 1]',
    "[[",
    "Accounts::::",
    "::::",
    " ::: ",
    "* ",
    "1:2:3:4",
    "a@b",
    "@",
    "http://[",
    "\ud800",
    "=1+1",
    "Closed Won",
    "Call",
    "won",
    "true",
    " ",
]
WORDS = st.one_of(st.text(max_size=12), st.sampled_from([*DATES, *NUMBERS, *TEXTS]))


@settings(max_examples=150)
@given(kind=st.sampled_from(KINDS), data=st.data())
def test_cells_never_break_the_reading(kind: Kind, data: st.DataObject) -> None:
    names = {name for shape in kind.shapes.values() for names in shape.columns.values() for name in names}
    headers = sorted(name.replace("#", "1") for name in names)
    header = data.draw(st.lists(st.sampled_from(headers), min_size=1, max_size=8))
    rows = data.draw(st.lists(st.lists(WORDS, max_size=9), max_size=6))
    _read("\n".join(map(_line, [header, *rows])).encode(errors="replace"), kind)


@settings(max_examples=150)
@given(kind=st.sampled_from(KINDS), content=st.binary(max_size=300))
def test_bytes_never_break_the_reading(kind: Kind, content: bytes) -> None:
    _read(b"Record ID,Name,Email,Amount,Stage\n" + content, kind)


@settings(max_examples=150)
@given(kind=st.sampled_from(KINDS), data=st.data())
def test_objects_never_break_the_reading(kind: Kind, data: st.DataObject) -> None:
    names = sorted({name for shape in kind.shapes.values() for names in shape.columns.values() for name in names})
    values = st.one_of(WORDS, st.lists(WORDS, max_size=3), st.booleans(), st.floats(), st.just({"value": "x"}))
    rows = data.draw(st.lists(st.dictionaries(st.sampled_from(names), values, max_size=6), min_size=1, max_size=4))
    _read(json.dumps(rows).encode(), kind)


def _line(cells: list[str]) -> str:
    return ",".join('"' + cell.replace('"', '""').replace("\0", "") + '"' for cell in cells)


def _read(content: bytes, kind: Kind) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "hostile.csv")
        path.write_bytes(content)
        with suppress(CrmError):
            for _ in read_rows(prepare(Source(path, "hostile.csv"), kind, Options(zone="Europe/Rome"))):
                pass
