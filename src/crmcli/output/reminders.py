"""Reminders as text, Markdown and HTML, for a terminal, a mail and a notice: by urgency, with the last contact.

Each returned text is safe on a terminal. JSON and iCalendar are written by ``json`` and ``formats.ical_reminders``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from crmcli.domain.zones import local_date
from crmcli.output.safe import markdown_text, safe

HEADINGS = {
    "overdue": "Overdue",
    "today": "Today",
    "ahead": "Ahead",
    "idle": "Standing still",
    "missed": "Over before it could be told",
}
_COUNTED = {**dict(zip(HEADINGS, HEADINGS, strict=True)), "idle": "standing still", "missed": "over"}
_KIND_WORDS = {"next_step": "next step: ", "follow_up": "follow up: "}  # where ref and heading do not tell the kind
_SHORT_NOTE = 160  # characters of what was noted
Row = Mapping[str, object]


class Line(NamedTuple):
    """What is said of one thing. ``last`` is the last contact with whom it is about, empty for none."""

    when: str
    ref: str
    title: str
    more: tuple[str, ...]
    last: str


def lines(rows: Iterable[Row], zone: str) -> Iterator[tuple[str, list[Line]]]:
    """Yield each heading with what is said below it; all texts are safe."""
    groups: dict[str, list[Line]] = {}
    for row in rows:
        groups.setdefault(HEADINGS[str(row["urgency"])], []).append(_line(row, zone))
    yield from groups.items()


def summary(rows: Sequence[Row]) -> str:
    """Return how many things there are, by urgency: ``2 overdue, 1 today``."""
    found = [str(row["urgency"]) for row in rows]
    return ", ".join(f"{found.count(urgency)} {_COUNTED[urgency]}" for urgency in HEADINGS if urgency in found)


def text(rows: Iterable[Row], zone: str) -> str:
    """Return reminders as plain text, ended by a line end."""
    parts = []
    for heading, found in lines(rows, zone):
        shown = [f"  {line.ref}  {_joined(line)}" + (f"\n      {line.last}" if line.last else "") for line in found]
        parts.append("\n".join([heading, *shown]))
    return "\n\n".join(parts) + "\n"


def markdown(rows: Iterable[Row], zone: str) -> str:
    """Return reminders as Markdown, ended by a line end."""
    parts = []
    for heading, found in lines(rows, zone):
        shown = [
            f"- **{markdown_text(line.ref)}** {markdown_text(_joined(line))}"
            + (f"  \n  {markdown_text(line.last)}" if line.last else "")
            for line in found
        ]
        parts.append("\n".join([f"## {heading}", "", *shown]))
    return "\n\n".join(parts) + "\n"


def html(rows: Iterable[Row], zone: str, title: str) -> str:
    """Return reminders as a whole HTML page, which needs nothing from elsewhere."""
    from html import escape

    parts = []
    for heading, found in lines(rows, zone):
        items = "".join(
            f"<li><b>{escape(line.ref)}</b> {escape(_joined(line))}"
            + (f"<br><small>{escape(line.last)}</small>" if line.last else "")
            + "</li>\n"
            for line in found
        )
        parts.append(f"<h2>{escape(heading)}</h2>\n<ul>\n{items}</ul>\n")
    head = f'<meta charset="utf-8"><title>{escape(safe(title))}</title>'
    return f"<!doctype html>\n<html><head>{head}</head><body>\n{''.join(parts)}</body></html>\n"


def _line(row: Row, zone: str) -> Line:
    title = _KIND_WORDS.get(str(row["kind"]), "") + str(row["title"])
    more = [row[key] for key in ("about", "detail") if row[key]]
    return Line(
        _when(row), safe(str(row["ref"])), safe(title), tuple(safe(str(one)) for one in more), _last(row, zone),
    )  # fmt: skip


def _when(row: Row) -> str:
    """Return when something is: the hour of an event or task of today, else the day too."""
    day, time, until, urgency = _day(str(row["day"])), row["time"], row["until"], row["urgency"]
    hours = f"{time}-{until}" if time and until else str(time or "")
    if urgency == "idle":
        return f"since {day}"
    if urgency == "today":
        return hours or "today"
    return " ".join(filter(None, ["due" if urgency == "overdue" and row["kind"] != "ticket" else "", day, hours]))


def _last(row: Row, zone: str) -> str:
    if not row["last_contact_at"]:
        return ""
    day = _day(local_date(str(row["last_contact_at"]), zone))
    note = safe(str(row["last_contact"] or ""))
    note = note if len(note) <= _SHORT_NOTE else f"{note[:_SHORT_NOTE]}…"
    return f"last {row['last_contact_kind']} {day}" + (f": {note}" if note else "")


def _day(day: str) -> str:
    return f"{date.fromisoformat(day):%a %d %b %Y}"


def _joined(line: Line) -> str:
    return " · ".join((f"{line.when}  {line.title}", *line.more))
