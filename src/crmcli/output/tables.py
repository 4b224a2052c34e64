"""Tables of records in every format: fitted to a screen for people, full and stable for machines.

A reader of the product hands a ``Table`` to ``write_table`` and is done. How a single value looks belongs to ``cells``,
the fitting of columns to ``layout``; one record by itself is in ``records``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from crmcli.domain.columns import told
from crmcli.domain.plurals import counted
from crmcli.domain.rows import in_blocks
from crmcli.domain.schema import NUMBERS
from crmcli.errors import UsageError
from crmcli.output.bars import BAR_WIDTH, LEAST_BAR, bar
from crmcli.output.cells import RIGID, beginning, currency_of, machine_column, pad, people
from crmcli.output.formats import FORMATS
from crmcli.output.json import dump_lines, dump_rows
from crmcli.output.layout import GAP, Grid, fit, lines, total_width
from crmcli.output.safe import harmless, inert, markdown_text, safe
from crmcli.output.streams import Streams


class Column(NamedTuple):
    """A column: its key in the rows, its label for people and its type.

    ``type`` is one of ``domain.schema.Field``, or ``ratio`` (a fraction of 1), ``days``, ``hours``, ``number``, or
    ``bar`` (a fraction of 1 drawn for people and left out elsewhere).
    """

    key: str
    label: str
    type: str = "text"


class Table(NamedTuple):
    """Rows of presented values by key, with what is to be told about them.

    ``total`` counts all records there are when ``rows`` are only some of them, from index ``shown_from`` on. A row may
    hold more keys than there are columns, such as the ``currency`` of its money; JSON shows all of them. ``choosable``
    says that the command takes ``--columns``.
    """

    columns: tuple[Column, ...]
    rows: Iterable[Mapping[str, object]]
    total: int | None = None
    shown_from: int = 0
    noun: str = "records"  # plural
    title: str = ""
    notes: tuple[str, ...] = ()
    choosable: bool = False


class Options(NamedTuple):
    """How people want values shown (language, IANA zone, pager), and how exact files are.

    ``raw``: texts without the guard against formulas. ``verbatim``: CSV for a file, where nothing acts on a terminal.
    """

    locale: str = "en"
    zone: str = "UTC"
    raw: bool = False
    verbatim: bool = False
    pager: bool = True
    elsewhere: str = "on a wider screen"  # where columns are to be seen that find no room


DEFAULTS = Options()
_AT_A_TIME = 1_000  # rows turned into text together
_CUSTOM = "custom."  # begins the columns of custom fields


def choose_format(asked: str | None, streams: Streams, formats: Sequence[str] = FORMATS) -> str:
    """Return the format asked for, else a table on a terminal and TSV elsewhere; UsageError when there is none such."""
    if asked is None:
        return "table" if streams.is_terminal else "tsv"
    if asked not in formats:
        from difflib import get_close_matches

        near = get_close_matches(asked.lower(), formats, n=1)
        meant = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"no format {asked!r}", hint=f"{meant}the formats are {', '.join(formats)}")
    return asked


def write_table(table: Table, streams: Streams, format: str | None = None, options: Options = DEFAULTS) -> int:
    """Write the table to standard output and its counts and notes to standard error; return the rows written."""
    name = choose_format(format, streams)
    count = _write_people(table, streams, options) if name == "table" else _write_machine(name, table, streams, options)
    _tell_count(table, count, name, streams)
    for note in table.notes:
        streams.note(note)
    return count


def table_lines(table: Table, streams: Streams, options: Options, room: int | None = None) -> tuple[list[str], int]:
    """Return the lines of a table for people, header first, and how many columns found no room; no lines without rows.

    ``room`` is the width to fit, in terminal cells; the screen's when it is not given.
    """
    available = streams.width if room is None else room
    table = table._replace(rows=list(table.rows))
    grid = _grid(table, streams, options, LEAST_BAR, available)
    if not grid.rows:
        return [], 0
    widths = fit(grid, available)
    free = available - total_width(widths)
    if free > 0 and any(column.type == "bar" for column in table.columns[: len(widths)]):
        grid = _grid(table, streams, options, min(LEAST_BAR + free, BAR_WIDTH), available)
        widths = fit(grid, available)
    header, *body = lines(grid, widths)
    return [*_headline(header, widths, streams), *body], len(grid.labels) - len(widths)


def _grid(table: Table, streams: Streams, options: Options, bar_width: int, available: int) -> Grid:
    """Return the cells of a table; of texts no more than the width available can show, since width is dear to tell."""

    def cell(row: Mapping[str, object], column: Column) -> str:
        value = row.get(column.key)
        if column.type == "bar":
            return bar(value, width=bar_width, unicode=streams.unicode) if isinstance(value, int | float) else ""
        value = beginning(value, available) if isinstance(value, str) else value
        shown = people(value, column.type, currency=currency_of(row), locale=options.locale, zone=options.zone)
        return beginning(shown, available)

    return Grid(
        [safe(column.label) for column in table.columns],
        [[cell(row, column) for column in table.columns] for row in table.rows],
        [column.type in RIGID or column.key == "ref" for column in table.columns],
        [column.type in NUMBERS for column in table.columns],
    )


def _headline(header: str, widths: Sequence[int], streams: Streams) -> list[str]:
    """Return the header as lines: underlined where the terminal can, by a rule where it cannot, bare in plain text."""
    if streams.color and not streams.plain and streams.is_terminal:
        return [streams.paint(pad(header, total_width(widths)), "underline")]
    if streams.plain or not streams.is_terminal:
        return [header]
    return [header, GAP.join(("─" if streams.unicode else "-") * wide for wide in widths)]


def _write_people(table: Table, streams: Streams, options: Options) -> int:
    from crmcli.output.pager import show

    rows = list(table.rows)
    drawn, hidden = table_lines(table._replace(rows=rows), streams, options)
    if table.title and drawn:
        drawn = [streams.paint(safe(table.title), "bold"), *drawn]
    show(drawn, streams, wanted=options.pager)
    if hidden:
        way = "widen or use --columns" if table.choosable else "widen to see all"
        streams.note(f"{counted(hidden, 'column')} hidden, {way}")
    return len(rows)


def _tell_count(table: Table, count: int, format: str, streams: Streams) -> None:
    if format == "table" and not count:
        streams.note(f"no {table.noun}")
    elif table.total is not None and table.total > count:
        shown = f"{table.shown_from + 1}-{table.shown_from + count}" if table.shown_from else str(count)
        streams.note(f"{shown} of {table.total} {table.noun}")


def _write_machine(name: str, table: Table, streams: Streams, options: Options) -> int:
    table = table._replace(columns=tuple(column for column in table.columns if column.type != "bar"))
    if name in ("json", "jsonl"):
        customs = [column for column in table.columns if column.key.startswith(_CUSTOM)]
        rows = (_with_customs_together(row, customs) for row in table.rows) if customs else table.rows
        return (dump_rows if name == "json" else dump_lines)(rows, streams.write)
    if name == "csv":
        return _write_csv(table, streams, options)
    if name == "ids":
        return _write_lines(_ref_lines(table), streams)
    if name == "md":
        streams.write(_markdown_heading(table))
    line = {"tsv": "\t".join, "md": _markdown_line}[name]
    return _write_lines((map(line, zip(*cells, strict=True)) for cells in _columns(table, _safe_cells)), streams)


def _with_customs_together(row: Mapping[str, object], customs: Sequence[Column]) -> dict[str, object]:
    """Return a row whose custom columns are one object, as in a whole record, where a reference is its ref."""
    rest = {key: value for key, value in row.items() if not key.startswith(_CUSTOM)}
    whole = rest.get("custom")
    values = {
        column.key.removeprefix(_CUSTOM): row.get(f"{column.key}_ref" if column.type == "ref" else column.key)
        for column in customs
    }
    return rest | {"custom": {**(whole if isinstance(whole, dict) else {}), **values}}


def _columns(table: Table, tell: Callable[[Sequence[Any]], Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    """Yield the cells of some rows at a time, as ``tell`` makes them of the values of a column.

    What fits a whole column is not asked of each cell.
    """
    keys = [column.key for column in table.columns]
    for some in in_blocks(table.rows, keys, _AT_A_TIME):
        yield [told(tell, some.column(key)) for key in keys]


def _safe_cells(values: Sequence[Any]) -> Sequence[str]:
    try:
        return harmless(values)
    except TypeError:  # not all of them are texts, as those of most columns are
        return harmless(machine_column(values))


def _inert_cells(values: Sequence[Any]) -> Sequence[str]:
    return harmless(machine_column(values), inert)


def _write_lines(chunks: Iterable[Iterable[str]], streams: Streams) -> int:
    """Write lines, some at a time, and return how many there were."""
    count = 0
    for some in chunks:
        written = [*some, ""]
        streams.write("\n".join(written))
        count += len(written) - 1
    return count


def _ref_lines(table: Table) -> Iterator[list[str]]:
    for some in in_blocks(table.rows, ("ref", "key"), _AT_A_TIME):
        refs = [ref or key for ref, key in zip(some.column("ref"), some.column("key"), strict=True)]
        if None in refs:
            raise UsageError(f"{table.noun} have no refs to print", hint="use another format, such as tsv")
        yield [safe(str(ref)) for ref in refs]


def _markdown_heading(table: Table) -> str:
    rules = " | ".join("---:" if column.type in NUMBERS else "---" for column in table.columns)
    return f"{_markdown_line([safe(column.label) for column in table.columns])}\n| {rules} |\n"


def _markdown_line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(markdown_text, cells))} |"


def _write_csv(table: Table, streams: Streams, options: Options) -> int:
    from crmcli.formats.delimited import write_rows

    is_exact = options.raw or options.verbatim
    columns = _columns(table, machine_column if is_exact else _inert_cells)
    return write_rows(
        [column.key if is_exact else inert(column.key) for column in table.columns],
        chain.from_iterable(zip(*cells, strict=True) for cells in columns),
        streams.write,
        guards=None if options.raw else guards_of(table),
    )


def guards_of(table: Table) -> "list[Callable[[str], str] | None]":
    """Return what keeps the texts of each column from being run as formulas."""
    from crmcli.formats.formulas import guard_for

    return [guard_for(column.type, column.key) for column in table.columns]
