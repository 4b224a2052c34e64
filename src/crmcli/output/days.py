"""The days of the agenda as tables: for people each day named once, for programs every cell."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from crmcli.domain.money import format_amount
from crmcli.output.months import Mark
from crmcli.output.tables import Column, Table
from crmcli.queries.occurrences import Row

_COLUMNS = (("day", "Day"), ("when", "When"), ("kind", "What"), ("ref", "Ref"), ("title", "Title"), ("about", "About"),
           ("detail", "Detail"))  # fmt: skip
_MACHINE = (("day", "Day", "date"), ("time", "Time", "text"), ("until", "Until", "text"), ("kind", "What", "text"),
            ("ref", "Ref", "text"), ("title", "Title", "text"), ("about", "About", "text"),
            ("detail", "Detail", "text"), ("overdue", "Overdue", "bool"))  # fmt: skip
_TOLD = ("next_step", "close", "birthday")
_KIND_WORDS = {"next_step": "next step", "follow_up": "follow up", "foreign": "event"}


def day_table(rows: Sequence[Row], locale: str) -> Table:
    """Return the rows of the agenda as people read them."""
    return Table(tuple(Column(*column) for column in _COLUMNS), [*_by_day(rows, locale)], noun="entries")


def due_table(rows: Sequence[Row], locale: str, today: str) -> Table:
    """Return rows such as those of the agenda for a list under headings: each tells its own day, if that is another.

    What neither ref nor heading tells of a row stands before its title.
    """
    shown = [_for_people(row, locale) | {"when": _moment(row, today), "title": _titled(row)} for row in rows]
    columns = tuple(Column(*column) for column in _COLUMNS[1:] if column[0] != "kind")
    return Table(columns, shown, noun="entries")


def marks_of(rows: Iterable[Row]) -> dict[str, list[Mark]]:
    """Return what a sheet of a month shows of the rows of the agenda, by day."""
    marks: dict[str, list[Mark]] = {}
    for row in rows:
        if not row["earlier"]:
            marks.setdefault(str(row["day"]), []).append(Mark(str(row["time"] or ""), str(row["title"])))
    return marks


def row_table(rows: Sequence[Row]) -> Table:
    """Return the rows of the agenda as programs read them."""
    return Table(tuple(Column(*column) for column in _MACHINE), rows, noun="entries")


def _by_day(rows: Sequence[Row], locale: str) -> Iterator[dict[str, object]]:
    """Yield the rows for people: each day is named once, before all others what is late from before them."""
    named = ""
    for row in rows:
        day = "Overdue" if row["earlier"] else f"{date.fromisoformat(str(row['day'])):%a %d %b}"
        yield {"day": day if day != named else "", **_for_people(row, locale)}
        named = day


def _for_people(row: Row, locale: str) -> dict[str, object]:
    """Return the cells of a row beside the day: the time in one word, amounts and ages in the detail."""
    kind = str(row["kind"])
    return {
        "when": _when(row), "kind": _KIND_WORDS.get(kind, kind), "ref": row["ref"], "title": row["title"],
        "about": row["about"], "detail": _detail(kind, row, locale),
    }  # fmt: skip


def _when(row: Row) -> object:
    time, until = row["time"], row["until"]
    if row["earlier"]:
        return row["day"]
    if time and until:
        return f"{time}-{until}"
    return f"until {until}" if until else time


def _titled(row: Row) -> str:
    kind = str(row["kind"])
    return f"{_KIND_WORDS.get(kind, kind)}: {row['title']}" if kind in _TOLD else str(row["title"])


def _moment(row: Row, today: str) -> str:
    """Return when something is or begins: of today the time alone, of another year the day with its year."""
    day = str(row["day"])
    if day == today:
        return str(_when({**row, "earlier": False}) or "")
    told = f"{date.fromisoformat(day):%a %d %b}" if day[:4] == today[:4] else day
    return f"{told} {row['time'] or ''}".rstrip()


def _detail(kind: str, row: Row, locale: str) -> object:
    if kind == "birthday" and row["detail"]:
        return f"turns {row['detail']}"
    if kind != "close" or row.get("amount") is None:
        return row["detail"]
    amount = format_amount(Decimal(str(row["amount"])), str(row["currency"]), locale)
    return f"{amount}, {row['detail']}"
