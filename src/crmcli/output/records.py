"""One record on one screen, the line after a write, and changes as a diff, all for people.

What machines get of a record is its JSON object, written in ``json``. Lists of records are in ``tables``.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from crmcli.domain.plurals import counted
from crmcli.output.cells import pad, people, width, wrap
from crmcli.output.pager import show
from crmcli.output.safe import safe
from crmcli.output.streams import Streams
from crmcli.output.tables import DEFAULTS, Options, Table, table_lines

_TWO_COLUMNS = 100  # cells a screen must have to show fields side by side
_SHORT = 32  # cells of a value that may have a neighbour; two fit the narrowest such screen with their labels
_READABLE = 100  # cells of the longest line of text
_SIGNS = {"created": ("+", "green"), "restored": ("+", "green"), "deleted": ("-", "red"), "removed": ("-", "red")}


class Fact(NamedTuple):
    """A field of a card: label, presented value, field type, and the currency of a money value."""

    label: str
    value: object
    type: str = "text"
    currency: str = ""


class Section(NamedTuple):
    """A part of a card, under a title of its own unless that is empty: other records that belong to this one.

    ``draw`` returns the lines of a picture of it for a width in cells, in Unicode or ASCII.
    """

    title: str
    table: Table
    draw: Callable[[int, bool], list[str]] | None = None


class Card(NamedTuple):
    """One record for people: what it is, its fields (empty ones are left out) and what belongs to it."""

    title: str
    subtitle: str = ""
    fields: tuple[Fact, ...] = ()
    sections: tuple[Section, ...] = ()


class FieldChange(NamedTuple):
    """A field before and after, presented values; None is empty."""

    label: str
    old: object
    new: object
    type: str = "text"
    currency: str = ""


class Change(NamedTuple):
    """What happens to one record. ``action``: created, updated, deleted, removed, restored, or another."""

    ref: str
    title: str
    action: str
    fields: tuple[FieldChange, ...] = ()


def write_card(card: Card, streams: Streams, options: Options = DEFAULTS) -> None:
    """Write one record for people: title, fields, sections; through the pager when it is longer than the screen."""
    drawn = _heading(safe(card.title), safe(card.subtitle), streams)
    facts = [(safe(fact.label), fact) for fact in card.fields if fact.value not in (None, "", [], ())]
    drawn += _fact_lines(facts, streams, options)
    for section in card.sections:
        body, hidden = table_lines(section.table, streams, options, room=streams.width - 2)
        head = [streams.paint(safe(section.title), "bold")] if section.title else []
        drawn += ["", *head, *(f"  {line}" for line in body or ["none"])]
        picture = section.draw(streams.width - 2, streams.unicode) if section.draw else []
        drawn += ["", *(f"  {line}" for line in picture)] if picture else []
        if hidden:
            drawn.append(f"  ({counted(hidden, 'more column')} {options.elsewhere})")
    show(drawn, streams, wanted=options.pager)


def _heading(title: str, subtitle: str, streams: Streams) -> list[str]:
    """Return title and subtitle on one line, or below each other where they do not fit."""
    bold = streams.paint(title, "bold")
    if width(title) + len("  ") + width(subtitle) <= streams.width:
        return [f"{bold}  {streams.paint(subtitle, 'dim')}" if subtitle else bold]
    return [bold, *(streams.paint(line, "dim") for line in wrap(subtitle, streams.width) if line)]


def wrote(streams: Streams, verb: str, ref: str, title: str) -> None:
    """Acknowledge a write: ``Created lead L12  Anna Rossi · Acme`` on a terminal, elsewhere the bare ref."""
    if not streams.is_terminal:
        streams.data(ref)
    elif not streams.quiet:
        streams.write(f"{safe(verb)} {streams.paint(safe(ref), 'bold')}  {safe(title)}".rstrip() + "\n")


def write_changes(changes: Iterable[Change], streams: Streams, options: Options = DEFAULTS) -> int:
    """Write changes as a diff to standard output, record by record; return how many records change."""
    count = 0
    for change in changes:
        count += 1
        sign, color = _SIGNS.get(change.action, ("~", "yellow"))
        head = f"{sign} {safe(change.ref)}  {safe(change.title)}".rstrip()
        streams.write(f"{streams.paint(head, color)}  {safe(change.action)}\n")
        wide = max((width(safe(field.label)) for field in change.fields), default=0)
        for field in change.fields:
            streams.write(f"    {pad(safe(field.label), wide)}  {_difference(field, streams, options)}\n")
    return count


def _difference(field: FieldChange, streams: Streams, options: Options) -> str:
    old, new = (
        people(value, field.type, currency=field.currency, locale=options.locale, zone=options.zone) or "(empty)"
        for value in (field.old, field.new)
    )
    return f"{old} {'→' if streams.unicode else '->'} {new}"


def _fact_lines(facts: Sequence[tuple[str, Fact]], streams: Streams, options: Options) -> list[str]:
    """Lay out short fields side by side where the screen is wide, and long ones over lines of their own."""
    labels = max((width(label) for label, _ in facts), default=0)
    room = min(streams.width, _READABLE) - labels - 2
    shown = [(streams.paint(pad(label, labels), "dim"), _value_lines(fact, room, options)) for label, fact in facts]
    side_by_side = streams.width >= _TWO_COLUMNS and not streams.plain
    short = max((width(lines[0]) for _, lines in shown if _is_short(lines)), default=0)
    drawn: list[str] = []
    waiting = False  # whether the last line has room for a neighbour
    for name, values in shown:
        first = f"{name}  {values[0]}"
        if side_by_side and waiting and _is_short(values):
            drawn[-1] += "   " + first
            waiting = False
            continue
        waiting = side_by_side and _is_short(values)
        drawn.append(f"{name}  {pad(values[0], short)}" if waiting else first)
        drawn += [" " * (labels + 2) + line for line in values[1:]]
    return [line.rstrip() for line in drawn]


def _is_short(lines: Sequence[str]) -> bool:
    return len(lines) == 1 and width(lines[0]) <= _SHORT


def _value_lines(fact: Fact, room: int, options: Options) -> list[str]:
    if fact.type == "text" and isinstance(fact.value, str):
        return wrap(fact.value, room)
    shown = people(fact.value, fact.type, currency=fact.currency, locale=options.locale, zone=options.zone)
    return wrap(shown, room)
