"""Texts that are shown on a page of their own: a record whole, the days ahead, the keys."""

from rich.text import Text

from crmcli.catalogue import ENTITIES
from crmcli.output.cells import people
from crmcli.output.safe import safe
from crmcli.tui.actions import TARGETS
from crmcli.tui.desk import Desk

_TITLES = {"app": "Everywhere", "board": "On a board", "lane": "In a lane"}


def record_page(desk: Desk, entity: str, record_id: int, width: int) -> Text:
    """Return a record as ``crm show`` has it: fields, what belongs to it, timeline."""
    from crmcli.queries.cards import sheet

    found = desk.read(lambda con: sheet(con, ENTITIES[entity], record_id))
    settings = desk.settings
    page = Text(no_wrap=False)
    page.append(f"{ENTITIES[entity].ref(record_id)}  {safe(found.title)}", style="bold").append(
        f"  {safe(found.subtitle)}\n\n", style="dim"
    )
    currency = str(found.record.get("currency") or "")
    for fact in found.fields:
        shown = people(fact.value, fact.type, currency=currency, locale=settings.locale, zone=settings.timezone)
        page.append(f"{safe(fact.label):<18}", style="dim").append(f"{shown}\n")
    for part in found.sections:
        page.append(f"\n{safe(part.title)} ({part.total})\n", style="bold")
        for row in part.rows:
            cells = [people(row.get(column.key), column.type, currency=str(row.get("currency") or ""),
                            locale=settings.locale, zone=settings.timezone) for column in part.columns]  # fmt: skip
            page.append("  " + "  ".join(cell for cell in cells if cell)[: max(width, 20)] + "\n")
    return page


def agenda_page(desk: Desk) -> Text:
    """Return the next seven days as ``crm agenda week`` has them."""
    from datetime import date, timedelta

    from crmcli import clock
    from crmcli.domain.zones import local_date
    from crmcli.queries.agenda import agenda
    from crmcli.queries.occurrences import Span

    zone = desk.settings.timezone
    today = local_date(clock.now_text(), zone)
    last = (date.fromisoformat(today) + timedelta(6)).isoformat()
    rows = desk.read(lambda con: agenda(con, Span(today, last, zone)))
    page, named = Text(), ""
    for row in rows:
        day = "Overdue" if row["overdue"] else f"{date.fromisoformat(str(row['day'])):%A %d %B}"
        if day != named:
            page.append(f"\n{day}\n" if named else f"{day}\n", style="bold red" if row["overdue"] else "bold")
            named = day
        parts = (row["ref"], row["title"], row["about"], row["detail"])
        page.append(f"  {row['time'] or '':<6}{safe('  '.join(str(part) for part in parts if part))}\n")
    return page if rows else Text("nothing is planned for seven days")


def help_page() -> Text:
    """Return every key with what it does and the command that does the same."""
    page = Text()
    for target, actions in TARGETS.items():
        page.append(f"{_TITLES[target]}\n", style="bold")
        for one in actions:
            page.append(f"  {one.keys:<18}", style="cyan").append(f"{one.label:<24}").append(
                f"{one.twin}\n", style="dim"
            )
        page.append("\n")
    return page
