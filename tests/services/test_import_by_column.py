"""Imports by column: plain rows of a file come in as they do one by one, under rules as well."""

import json
import shutil
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from crmcli.domain.columns import OneEach
from crmcli.services.image_texts import texts_of, texts_of_columns
from crmcli.services.images import full_images
from crmcli.services.undo import take_back
from tests.services.files import Desk, figures
from tests.services.ruled import Ruled, rule, sets
from tests.services.world import Store

NEW, CHANGED = '"contact.created"', '"contact.updated"'
HOT = rule("hot", f"[{NEW}, {CHANGED}]", sets(rating='"hot"'), when='"job_title = CEO"', imports="true")
WARM = rule("warm", f"[{NEW}]", sets(rating='"warm"', city='"Roma"'), when='"source = website"', imports="true")
VIP = rule("vip", f"[{NEW}]", '{ action = "tag", add = ["big"] }', when='"tags has vip"', imports="true")
CHAIN = rule("chain", f"[{CHANGED}]", sets(language='"it"'), when='"rating = hot"', imports="true")
ALWAYS = rule("always", f"[{NEW}]", sets(language='"en"'), when='"organization is not empty"', imports="true")
_APART = ("uid", "created_at", "updated_at")  # what no two stores have in common


def row(number: int) -> dict[str, str]:
    return {
        "First Name": ("Anna", "Bob", "")[number % 3],
        "Last Name": f"Rossi {number}",
        "Email": f"p{number}@example.com" if number % 4 else "",
        "Phone": f"+39 02 {1000000 + number}",
        "Company": f"Acme {number % 5}",
        "Job Title": ("CEO", "CTO", "")[number % 3],
        "Lead Source": ("Website", "")[number % 2],
        "Tags": ("", "vip", "vip, news")[number % 3],
        "Country": "Italia",
        "Tier": ("gold", "", 'a "b"\n')[number % 3],
    }


ROWS = [row(number) for number in range(30)]
PLAIN = [row(number) | {"Phone": f"+39021{number:06}" if number % 5 else ""} for number in range(100)]
FULL = [one | {"First Name": "Ada", "Email": f"P{number}@example.com"} for number, one in enumerate(PLAIN)]


def taken(store: Store, folder: Path, rows: list[dict[str, str]], rules: Path | None = None, **terms: Any) -> Desk:
    """Import rows, for which a custom field is there, and return the desk."""
    folder.mkdir(exist_ok=True)
    desk = Desk(store, folder)
    store.add("custom_field", entity="contact", key="tier", label="Tier", type="text")
    receipt = desk.take(
        "contact", rows, options={"maps": {"Tier": "tier"}}, terms={"create": True, **terms}, rules=rules
    )
    assert figures(receipt) == (len(rows), 0, 0, 0)
    return desk


def told(store: Store) -> list[dict[str, Any]]:
    """Return all contacts as they are shown."""
    found = [store.shown("contact", row["id"]) for row in store.rows("SELECT id FROM contact ORDER BY id")]
    return [{key: value for key, value in one.items() if key not in _APART} for one in found]


def history(store: Store) -> list[tuple[Any, ...]]:
    """Return of each contact what was done to it and why, in order, with the fields."""
    sql = "SELECT record_id, action, cause, before, after FROM change WHERE entity = 'contact' ORDER BY record_id, id"
    rows = store.rows(sql)
    return [
        (row["record_id"], row["action"], row["cause"], _plain(row["before"]), _plain(row["after"])) for row in rows
    ]


def _plain(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    image: dict[str, Any] = json.loads(text)
    assert list(image) == sorted(image)
    return {key: value for key, value in image.items() if key not in _APART}


@pytest.fixture
def other(fresh_store: Path, tmp_path: Path) -> Store:
    """Another store, to compare with."""
    path = tmp_path / "other.db"
    shutil.copy(fresh_store, path)
    return Store(path)


@pytest.mark.parametrize("rows", [ROWS, PLAIN, FULL, FULL[:1]])
def test_rows_by_column_are_stored_as_rows_one_by_one(
    store: Store, other: Store, tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    taken(store, tmp_path / "a", rows)
    taken(other, tmp_path / "b", rows, key="last_name")  # which asks for each row
    assert told(store) == told(other)
    assert history(store) == history(other)
    assert store.rows("SELECT * FROM search_index ORDER BY rowid") == other.rows(
        "SELECT * FROM search_index ORDER BY rowid"
    )


def test_rows_by_column_go_back_whole(store: Store, tmp_path: Path) -> None:
    store.add("custom_field", entity="contact", key="other", label="Other", type="text")
    desk = taken(store, tmp_path / "a", ROWS)
    before_again = store.export()
    take_back(store.context(kind="undo"), desk.operation(1))
    assert store.rows("SELECT id FROM contact WHERE deleted_at IS NULL") == []
    assert before_again["contact"]


@pytest.mark.parametrize("rules", [(HOT, WARM), (HOT, VIP), (HOT, CHAIN), (WARM, HOT, VIP, CHAIN), (HOT, ALWAYS)])
def test_rules_act_on_many_rows_as_on_each(store: Store, other: Store, tmp_path: Path, rules: tuple[str, ...]) -> None:
    ruled = Ruled(store, tmp_path / "rules").given(*rules)
    for place, name in product((store, other), ("vip", "news", "big")):  # tags get their ids as they come
        place.add("tag", name=name)
    taken(store, tmp_path / "a", ROWS, ruled.folder)
    at_once = {one: [run["record_id"] for run in ruled.runs(one)] for one in ("hot", "warm", "vip", "chain", "always")}
    desk = Desk(other, tmp_path / "b")
    desk.folder.mkdir()
    other.add("custom_field", entity="contact", key="tier", label="Tier", type="text")
    for number, one in enumerate(ROWS):
        path = desk.write([one], f"{number}.csv")
        desk.take("contact", path, options={"maps": {"Tier": "tier"}}, terms={"create": True}, rules=ruled.folder)
    assert told(store) == told(other)
    assert history(store) == history(other)
    each = {one: [run["record_id"] for run in Ruled.runs(_over(other), one)] for one in at_once}
    assert {one: sorted(ids) for one, ids in at_once.items()} == {one: sorted(ids) for one, ids in each.items()}


def _over(store: Store) -> Ruled:
    ruled = object.__new__(Ruled)
    ruled.store = store
    return ruled


def test_what_rules_cannot_set_is_told_of_the_rows_it_means(store: Store, tmp_path: Path) -> None:
    ruled = Ruled(store, tmp_path / "rules").given(
        rule("long", f"[{NEW}]", sets(city=f'"{"x" * 20_000}"'), when='"job_title = CEO"', imports="true")
    )
    desk = Desk(store, tmp_path)
    receipt = desk.take("contact", ROWS, options={"maps": {"Tier": ""}}, terms={"create": True}, rules=ruled.folder)
    refused = [one["Email"] for one in ROWS if one["Job Title"] == "CEO"]
    assert figures(receipt) == (len(ROWS) - len(refused), 0, 0, len(refused))
    assert [one["Email"] for one in desk.rejected()] == refused
    assert {one["_error"] for one in desk.rejected()} == {"city: is longer than 10,000 characters"}


def test_images_by_column_are_written_as_images() -> None:
    columns: dict[str, Sequence[Any]] = {
        "id": [1, 2, 3],
        "first_name": ['An\n"na\\é\x01', None, ""],
        "do_not_call": [0, 0, 0],
        "version": [1, 1, 2],
        "emails": [[], [{"value": "a@example.com", "label": None}], [{"value": "€", "label": "work"}]],
        "phones": OneEach({"value": ["+391", "", '"2"'], "label": [None, None, "é"], "is_primary": [1, 1, 1]}),
        "socials": OneEach({"value": ["x", "y", "z"], "label": [None, None, None], "position": [3, 4, 5]}),
        "uid": ["u1", "u2", "u3"],
    }
    expected = texts_of([dict(sorted(image.items())) for image in full_images(columns)])
    assert texts_of_columns(columns) == expected
