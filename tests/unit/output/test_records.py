import json
from decimal import Decimal

import pytest

from crmcli.output.cells import width
from crmcli.output.json import write_object
from crmcli.output.records import (
    Card,
    Change,
    Fact,
    FieldChange,
    Section,
    write_card,
    write_changes,
    wrote,
)
from crmcli.output.tables import Column, Options, Table
from tests.unit.output.capture import CapturedStreams
from tests.unit.output.hostile import FORBIDDEN, HOSTILE

TASKS = Table((Column("ref", "Ref"), Column("title", "Title")), [{"ref": "T1", "title": "Call Anna"}])
CARD = Card(
    "D1  Website relaunch",
    "Acme · negotiation",
    (
        Fact("Amount", Decimal("1234.50"), "money", "EUR"),
        Fact("Probability", Decimal(40), "percent"),
        Fact("Owner", None),
        Fact("Tags", [], "tags"),
        Fact("Description", "first line\nsecond line"),
        Fact("Active", False, "bool"),
        Fact("Score", 0, "int"),
    ),
    (Section("Open tasks", TASKS), Section("Tickets", TASKS._replace(rows=[]))),
)


def test_a_card_on_a_narrow_screen() -> None:
    streams = CapturedStreams(terminal=True, columns=60)
    write_card(CARD, streams)
    assert streams.lines == [
        "D1  Website relaunch  Acme · negotiation",
        "Amount       €1,234.50",
        "Probability  40.0%",
        "Description  first line",
        "             second line",
        "Active       no",
        "Score        0",
        "",
        "Open tasks",
        "  Ref  Title",
        "  ───  ─────────",
        "  T1   Call Anna",
        "",
        "Tickets",
        "  none",
    ]


def test_what_does_not_fit_beside_the_title_stands_below_it() -> None:
    streams = CapturedStreams(terminal=True, columns=30)
    write_card(Card("Sales velocity", "period 90 days before 2026-11-23, in EUR"), streams)
    assert streams.lines == ["Sales velocity", "period 90 days before", "2026-11-23, in EUR"]


def test_short_fields_stand_side_by_side_on_a_wide_screen() -> None:
    streams = CapturedStreams(terminal=True, columns=120)
    write_card(CARD, streams, Options(locale="it"))
    assert streams.lines[1:5] == [
        "Amount       1.234,50 €   Probability  40,0%",
        "Description  first line",
        "             second line",
        "Active       no           Score        0",
    ]


@pytest.mark.parametrize("columns", [20, 80, 200])
def test_long_and_wide_text_fits(columns: int) -> None:
    fields = tuple(Fact(f"Field {n}", "株式会社サンプル " * n) for n in range(1, 8))
    streams = CapturedStreams(terminal=True, columns=columns)
    write_card(Card("O1", fields=fields), streams)
    assert all(width(line) <= columns for line in streams.lines)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_inert(text: str) -> None:
    streams = CapturedStreams(terminal=True)
    table = Table((Column("ref", text),), [{"ref": text}])
    write_card(Card(text, text, (Fact(text[:20], text), Fact("x", [text], "tags")), (Section(text, table),)), streams)
    write_changes([Change(text, text, text, (FieldChange(text, text, None),))], streams)
    wrote(streams, text, text, text)
    assert not FORBIDDEN.search(streams.stdout + streams.stderr)


def test_the_line_after_a_write() -> None:
    people, machines, quiet = (
        CapturedStreams(terminal=True),
        CapturedStreams(),
        CapturedStreams(terminal=True, quiet=True),
    )
    for streams in (people, machines, quiet):
        wrote(streams, "Created lead", "L12", "Anna Rossi · Acme")
    assert people.stdout == "Created lead L12  Anna Rossi · Acme\n"
    assert machines.stdout == "L12\n"
    assert quiet.stdout == ""


def test_changes_read_as_a_diff() -> None:
    streams = CapturedStreams(terminal=True)
    changes = (
        Change(
            "L12",
            "Anna Rossi",
            "updated",
            (FieldChange("Status", "new", "qualified"), FieldChange("Amount", None, Decimal(5), "money", "EUR")),
        ),
        Change("T9", "Call Anna", "created"),
        Change("D5", "Old deal", "deleted"),
    )
    assert write_changes(changes, streams) == 3
    assert streams.lines == [
        "~ L12  Anna Rossi  updated",
        "    Status  new → qualified",
        "    Amount  (empty) → €5.00",
        "+ T9  Call Anna  created",
        "- D5  Old deal  deleted",
    ]


def test_machines_get_one_object() -> None:
    streams = CapturedStreams()
    write_object({"ref": "D1", "amount": Decimal("0.10")}, streams)
    assert json.loads(streams.stdout, parse_float=Decimal) == {"ref": "D1", "amount": Decimal("0.10")}
