"""Lays out records that were read whole as cards: the same for a terminal and for the whole screen."""

from collections.abc import Iterable

from crmcli.output.records import Card, Fact, Section
from crmcli.output.tables import Column, Table
from crmcli.queries.card_parts import Part
from crmcli.queries.cards import Sheet


def card_of(sheet: Sheet) -> Card:
    """Return a sheet as a card that can be drawn."""
    currency = str(sheet.record.get("currency") or "")
    facts = tuple(Fact(fact.label, fact.value, fact.type, currency) for fact in sheet.fields)
    return Card(sheet.title, sheet.subtitle, facts, sections_of(sheet.sections))


def sections_of(parts: Iterable[Part]) -> tuple[Section, ...]:
    """Return the parts that hold records as sections of a card."""
    return tuple(
        Section(part.title, Table(tuple(Column(*column) for column in part.columns), part.rows, part.total))
        for part in parts
        if part.rows
    )
