"""Cards as letters: plain text of a fixed width, and a page of HTML that needs nothing from elsewhere."""

from html import escape
from io import StringIO

from crmcli.domain.schema import NUMBERS
from crmcli.output.cells import currency_of, people
from crmcli.output.records import Card, Fact, write_card
from crmcli.output.safe import safe
from crmcli.output.streams import Streams
from crmcli.output.tables import Column, Options, Table

_COLUMNS = "100"  # cells of a line


def card_text(card: Card, options: Options) -> str:
    """Return a card as plain text, ended by a line end; what does not fit stands in the HTML beside it."""
    out = StringIO()
    options = options._replace(elsewhere="in the HTML of this mail")
    card = card._replace(sections=tuple(part._replace(table=_undrawn(part.table)) for part in card.sections))
    write_card(card, Streams(out, StringIO(), color="never", plain=True, environ={"COLUMNS": _COLUMNS}), options)
    return out.getvalue()


def card_html(card: Card, options: Options) -> str:
    """Return a card as a whole HTML page; every value is escaped."""
    title = _text(card.title)
    facts = "".join(f"<dt>{_text(fact.label)}</dt><dd>{_text(_shown(fact, options))}</dd>\n" for fact in card.fields)
    sections = "".join(
        f"<h2>{_text(section.title)}</h2>\n{table_html(section.table, options)}" for section in card.sections
    )
    head = f'<meta charset="utf-8"><title>{title}</title>'
    body = f"<h1>{title}</h1>\n<p>{_text(card.subtitle)}</p>\n<dl>\n{facts}</dl>\n{sections}"
    return f"<!doctype html>\n<html><head>{head}</head><body>\n{body}</body></html>\n"


def _undrawn(table: Table) -> Table:
    """Return a table without the columns that are drawn, whose figures stand in others."""
    return table._replace(columns=tuple(column for column in table.columns if column.type != "bar"))


def table_html(table: Table, options: Options) -> str:
    """Return a table as HTML; every value is escaped, and what is only drawn is left out."""
    columns = _undrawn(table).columns
    head = "".join(f"<th{_side(column)}>{_text(column.label)}</th>" for column in columns)
    rows = [
        "".join(
            f"<td{_side(column)}>"
            + _text(people(row.get(column.key), column.type, currency=currency_of(row), locale=options.locale,
                           zone=options.zone))
            + "</td>"
            for column in columns
        )
        for row in table.rows
    ]  # fmt: skip
    if not rows:
        return "<p>none</p>\n"
    body = "".join(f"<tr>{row}</tr>\n" for row in rows)
    return f'<table border="1" cellpadding="4" cellspacing="0">\n<tr>{head}</tr>\n{body}</table>\n'


def _side(column: Column) -> str:
    return ' align="right"' if column.type in NUMBERS else ' align="left"'


def _shown(fact: Fact, options: Options) -> str:
    return people(fact.value, fact.type, currency=fact.currency, locale=options.locale, zone=options.zone)


def _text(text: str) -> str:
    return escape(safe(text))
