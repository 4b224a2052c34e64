"""Reports of the user's own run: their parameters read, their SQL asked, their rows presented.

What such a file says belongs to ``config.own_reports``; what its SQL may do, to ``asking``.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from crmcli.config.own_reports import MEASURED, OwnReport, Parameter
from crmcli.domain.periods import Period, utc_edges
from crmcli.errors import ConfigError, UsageError
from crmcli.queries.columns import Shown
from crmcli.reports.asking import Answer, Bounds, SqlError, Store, ask, kind_of, told
from crmcli.reports.index import find_report
from crmcli.reports.presenting import head
from crmcli.reports.result import Chart, Options, ReportResult, Sheet

_SHOWN = {"minor": "money", "number": "decimal"}  # kinds of columns that are drawn as another type
_MOST_DIGITS = 30  # before the decimal point: more is no amount
_TRUTHS = {"yes": 1, "true": 1, "1": 1, "no": 0, "false": 0, "0": 0}


class Asked(NamedTuple):
    """Where a report of one's own is asked, and within which bounds."""

    store: Store
    bounds: Bounds


def run_own(report: OwnReport, asked: Asked, options: Options) -> ReportResult:
    """Return a report; ``options.own`` holds its parameters, as typed or as values. UsageError for those it lacks."""
    result = _run(report, asked, options)
    if options.compare is None:
        return result
    from crmcli.reports.comparing import compared

    return compared(result, _run(report, asked, options._replace(period=options.compare)))


def run_panel(report: OwnReport | None, name: str, asked: Asked, options: Options) -> ReportResult:
    """Return a report as a part of the dashboard; UsageError for one that is not there, or that is asked too much."""
    if report is None:
        find_report(name)  # which names the nearest ones
        raise UsageError(f"{name} is no report of your own", hint="crm report list")
    given = {"by": options.by, "where": options.where, "top": options.top}
    if refused := next((key for key, value in given.items() if value is not None), None):
        raise UsageError(f"the report {name} takes no {refused}", hint=f"crm report show {name}")
    return run_own(report, asked, options if report.period else options._replace(compare=None))


def check_own(report: OwnReport, asked: Asked) -> None:
    """Raise ConfigError, with file and line, when the SQL of a report does not fit the store; it is not run."""
    values = dict.fromkeys((*(parameter.name for parameter in report.parameters), *_edges(None, "UTC")))
    columns = _ask(report, asked, f"SELECT * FROM ({report.sql.rstrip().rstrip(';')}\n) LIMIT 0", values).columns
    named = [*report.columns, *([report.chart.label, *report.chart.values] if report.chart else [])]
    if unknown := next((name for name in named if name not in columns), None):
        told_of = f"{report.path}, line {report.line}: the SQL gives no column {unknown!r}"
        raise ConfigError(told_of, hint=f"it gives {', '.join(columns)}")


def _run(report: OwnReport, asked: Asked, options: Options) -> ReportResult:
    values = _values(report.parameters, options)
    edges = _edges(options.period, options.scope.zone) if report.period else {}
    answer = _ask(report, asked, report.sql, {**values, **edges})
    kinds = {name: _kind(report, answer, place) for place, name in enumerate(answer.columns)}
    rows = [_row(answer.columns, kinds, row, options.currency) for row in answer.rows]
    sheet = _sheet(report, kinds, rows, options)
    return ReportResult(
        report.summary.rstrip("."),
        options.period,
        options.currency,
        (sheet,),
        sheet._replace(rows=rows, total=None),
        {**head(options.period, options), "report": report.name, "parameters": values, "rows": rows},
        len(rows),
        facts=tuple((name.replace("_", " ").capitalize(), str(value)) for name, value in values.items()),
    )


def _ask(report: OwnReport, asked: Asked, sql: str, values: Mapping[str, object]) -> Answer:
    from crmcli.domain.sql_words import named_parameters

    used = named_parameters(sql)
    try:
        return ask(asked.store, sql, {name: value for name, value in values.items() if name in used}, asked.bounds)
    except SqlError as error:
        where = f"{report.path}, line {report.line + error.line - 1}"
        raise ConfigError(f"{where}: {error.message}", hint=error.hint, code=error.code) from None


def _edges(period: Period | None, zone: str) -> dict[str, str | None]:
    """Return the edges of a period as SQL gets them, the end excluded; None is without limit."""
    if period is None:
        return dict.fromkeys(("from_day", "to_day", "from_utc", "to_utc"))
    first, last = utc_edges(period, zone)
    return {"from_day": period.start, "to_day": period.end, "from_utc": first, "to_utc": last}


def _values(parameters: Sequence[Parameter], options: Options) -> dict[str, object]:
    known = {parameter.name: parameter for parameter in parameters}
    if unknown := next((name for name in options.own if name not in known), None):
        hint = f"it has {', '.join(known) or 'none'}"
        raise UsageError(f"the report has no parameter {unknown!r}", hint=hint, code="report.parameter")
    return {name: _value(parameter, options.own.get(name), options) for name, parameter in known.items()}


def _value(parameter: Parameter, given: Any, options: Options) -> object:
    if given is None:
        given = parameter.default
    option = f"--{parameter.name.replace('_', '-')}"
    if given is None:
        if parameter.required:
            raise UsageError(f"the report needs {option}", hint=f"{option} {parameter.type.upper()}")
        return None
    if parameter.choices and given not in parameter.choices:
        raise UsageError(f"{option} takes no {given!r}", hint=f"one of {', '.join(parameter.choices)}")
    try:
        return _read(parameter.type, str(given).lower() if isinstance(given, bool) else str(given), options)
    except (ValueError, InvalidOperation) as error:
        told_why = str(error) if parameter.type == "date" else f"{given!r} is no {parameter.type}"
        raise UsageError(f"{option}: {told_why}", hint="crm help dates" if parameter.type == "date" else None) from None


def _read(kind: str, text: str, options: Options) -> object:
    """Return a parameter as it is bound: a date as its ISO text, a truth as 0 or 1; ValueError when it is none."""
    if kind == "date":
        from crmcli.domain.dates import parse_moment

        scope = options.scope
        return parse_moment(text, scope.now, scope.zone, scope.locale, prefer="past").wall[:10]
    if kind == "bool":
        if text not in _TRUTHS:
            raise ValueError(text)
        return _TRUTHS[text]
    if kind == "int":
        return int(text)
    if kind == "text":
        return text
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() and abs(number) < 1 << 62 else float(number)


def _kind(report: OwnReport, answer: Answer, place: int) -> str:
    declared = report.columns.get(answer.columns[place])
    return declared[1] if declared else kind_of(row[place] for row in answer.rows)


def _row(names: Sequence[str], kinds: Mapping[str, str], row: Sequence[Any], base: str) -> dict[str, object]:
    """Return a row of presented values; amounts are in the currency that a column ``currency`` names."""
    given = dict(zip(names, row, strict=True))
    currency = str(given.get("currency") or base)
    shown = {name: _cell(value, kinds[name], currency) for name, value in given.items()}
    return shown if "currency" in shown else {**shown, "currency": currency}


def _cell(value: Any, kind: str, currency: str) -> object:
    """Return what SQL gave as its kind presents it; a value that does not fit its kind stays as it is."""
    if value is None or kind in ("text", "int", "date", "instant"):
        return told(value)
    if kind == "bool":
        return bool(value) if value in (0, 1) else told(value)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return told(value)
    if not number.is_finite() or number.adjusted() > _MOST_DIGITS:
        return told(value)
    if kind not in ("money", "minor"):
        return number
    from crmcli.domain.money import EXPONENTS, half_up

    digits = EXPONENTS.get(currency, 2)
    return half_up(number.scaleb(-digits) if kind == "minor" else number, digits)


def _type(kind: str, cells: Sequence[object]) -> str:
    """Return the type of a column: text, against which files are guarded, where values do not fit the kind."""
    is_odd = any(isinstance(cell, str) and not cell[:1].isdigit() for cell in cells if cell)
    return "text" if is_odd else _SHOWN.get(kind, kind)


def _sheet(report: OwnReport, kinds: Mapping[str, str], rows: list[dict[str, object]], options: Options) -> Sheet:
    labels = {name: label for name, (label, _) in report.columns.items()}
    columns = tuple(
        Shown(name, labels.get(name, name.replace("_", " ").capitalize()), _type(kind, [row[name] for row in rows]))
        for name, kind in kinds.items()
    )
    identity = next((name for name, kind in kinds.items() if kind not in MEASURED), None)
    measures = tuple(name for name in report.columns if kinds.get(name) in MEASURED)
    chart = Chart(*report.chart) if report.chart else None
    listed = rows[: options.rows]
    return Sheet("Rows", columns, listed, "rows", len(rows), identity, measures, chart)
