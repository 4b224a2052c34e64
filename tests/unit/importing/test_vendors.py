"""Invented exports of every vendor in every header form: whose they are, and what their rows become.

``tests/vendors/expected.json`` holds the rows in full: kind of file, then one line for each row.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.domain.text import fold_header
from crmcli.importing.mapping import map_columns
from crmcli.importing.plan import kinds_of
from crmcli.importing.presets import Kind, load_presets, recognise
from crmcli.importing.rows import Draft, prepare, read_rows
from crmcli.importing.saved import preset_text
from crmcli.importing.sources import Source, read_header

from .conftest import PRESETS, ROME, Outcome

VENDORS = Path(__file__).parents[2] / "vendors"
FILES = sorted(path.stem for path in VENDORS.glob("*.csv"))
EXPECTED: dict[str, dict[str, list[Any]]] = json.loads((VENDORS / "expected.json").read_text(encoding="utf-8"))
BUILT_IN = PRESETS.values()


def source(name: str) -> Source:
    return Source(VENDORS / f"{name}.csv", f"{name}.csv")


def kinds(name: str) -> list[Kind]:
    """Return as what a file is read."""
    header = read_header(source(name))
    kind = recognise(header, BUILT_IN)
    assert kind is not None
    return kinds_of(kind, header, PRESETS[kind.preset])


def told(row: Outcome) -> Any:
    """Return a row as plain data: a draft by field, with its links after an arrow, or the reason it is none."""
    if not isinstance(row, Draft):
        return f"{type(row).__name__.lower()}: {row.reason}"
    values = json.loads(json.dumps(row.values, default=str))
    links = {
        f"-> {name}": [" ".join(f"{key.by}={key.value}" for key in link.keys) for link in found]
        for name, found in row.links.items()
    }
    beside = {
        "external": ":".join(row.external or ()),
        "created_at": row.created_at,
        "notes": list(row.notes),
        "warnings": list(row.warnings),
    }
    return {"entity": row.entity, **values, **links, **{key: value for key, value in beside.items() if value}}


def test_every_fixture_is_expected() -> None:
    assert sorted(EXPECTED) == FILES


@pytest.mark.parametrize("name", FILES)
def test_a_fixture_is_recognised_and_read(name: str) -> None:
    found = {kind.title: [told(row) for row in read_rows(prepare(source(name), kind, ROME))] for kind in kinds(name)}
    assert found == EXPECTED[name]
    assert all(title.split()[0] == name.split("-")[0] for title in found)


@given(st.sampled_from(FILES), st.randoms(use_true_random=False), st.sampled_from([str.upper, str.lower, str.title]))
def test_headers_are_known_in_any_case_order_and_dress(name: str, chance: Any, case: Any) -> None:
    header = [f" {case(column)}{chance.choice(['', ' *', '*', ' '])}" for column in read_header(source(name))]
    chance.shuffle(header)
    header[0] = f"\ufeff{header[0]}"
    found = recognise(header, BUILT_IN)
    assert found is not None
    assert found.title in EXPECTED[name]


@given(st.sampled_from(FILES), st.data())
def test_no_fixture_fits_another_vendor_even_with_columns_missing(name: str, data: st.DataObject) -> None:
    header = read_header(source(name))
    gone = data.draw(st.lists(st.sampled_from(header), unique=True, max_size=5))
    found = recognise([column for column in header if column not in gone], BUILT_IN)
    assert found is None or found.preset == name.split("-")[0]


def test_every_kind_with_a_signature_has_a_fixture() -> None:
    own = {kind.title for name in FILES for kind in kinds(name)}
    vendors = {name.split("-")[0] for name in FILES}
    missing = [
        kind.title
        for preset in BUILT_IN
        if preset.name in vendors
        for kind in preset.kinds.values()
        if not kind.by_noun and kind.title not in own
    ]
    assert missing == []


@pytest.mark.parametrize("name", FILES)
def test_a_column_more_or_less_changes_nothing(name: str) -> None:
    """Every column of a fixture is known to the preset, or left out on purpose and told."""
    for kind in kinds(name):
        mapping = prepare(source(name), kind, ROME).mapping
        known = {fold_header(header) for header in mapping.told()} | {fold_header(header) for header in mapping.ignored}
        route = [] if mapping.route is None else [fold_header(mapping.header[mapping.route])]
        assert {fold_header(header) for header in mapping.header} == known | set(route)


@pytest.mark.parametrize("name", FILES)
def test_a_mapping_that_is_saved_reads_the_same(name: str, tmp_path: Path) -> None:
    header = read_header(source(name))
    kind = kinds(name)[-1]
    (tmp_path / "presets").mkdir()
    text = preset_text("kept", map_columns(header, kind, ROME))
    (tmp_path / "presets" / "kept.toml").write_text(text, encoding="utf-8")
    kept = recognise(header, load_presets(tmp_path).values())
    assert kept is not None
    assert kept.preset == "kept"
    assert [told(row) for row in read_rows(prepare(source(name), kept, ROME))] == EXPECTED[name][kind.title]
