"""Reports as one page of HTML that needs nothing from elsewhere: tables, charts, light and dark, fit to be printed.

Letters have their own, plainer page in ``pages``, since mail programs draw neither styles nor SVG.
"""

from html import escape
from importlib.resources import files

from crmcli.output.drawings import drawing
from crmcli.output.pages import table_html
from crmcli.output.reports import headed, sheet_table, told_of
from crmcli.output.safe import safe
from crmcli.output.tables import Options
from crmcli.reports.result import ReportResult, Sheet


def report_page(result: ReportResult, options: Options, made: str) -> str:
    """Return a report as a whole page; ``made`` says when. Every value is escaped."""
    style = (files("crmcli.output") / "page.css").read_text(encoding="utf-8")
    facts = "".join(f"<dt>{_text(label)}</dt><dd>{_text(text)}</dd>" for label, text in result.facts)
    notes = "".join(f'<p class="told">{_text(text)}</p>\n' for text in (*result.notes, *result.warnings))
    sections = "".join(_section(sheet, result.currency, options) for sheet in result.sheets)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(result.title)}</title><style>\n{style}</style></head>\n<body>\n<h1>{_text(result.title)}</h1>\n"
        f'<p class="told">{_text(told_of(result))}</p>\n<dl>{facts}</dl>\n{sections}{notes}'
        f"<footer>{_text(made)}</footer>\n</body></html>\n"
    )


def _section(sheet: Sheet, currency: str, options: Options) -> str:
    head = f"<h2>{_text(headed(sheet))}</h2>\n" if sheet.title else ""
    table = table_html(sheet_table(sheet, currency, options.locale), options)
    return f'<section>{head}{drawing(sheet, currency, options.locale)}<div class="scroll">{table}</div></section>\n'


def _text(text: str) -> str:
    return escape(safe(text))
