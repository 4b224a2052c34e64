"""Reports of the user's own: the files ``reports/*.sql`` of the configuration folder, each a head and one query.

The head is the comment at the top of the file; behind its dashes stands TOML, which names the report, its parameters
and its columns. A file that is wrong keeps none of the others from being read. How reports are asked of the store is
no business of this module.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from crmcli.config.files import read_text
from crmcli.domain.schema import did_you_mean
from crmcli.errors import ConfigError

PERIOD_PARAMETERS = ("from_day", "to_day", "from_utc", "to_utc")  # edges of the period, the end excluded
TYPES = ("text", "int", "number", "date", "bool")
KINDS = ("text", "int", "number", "money", "minor", "percent", "ratio", "days", "hours", "date", "instant", "bool")
CHARTS = ("bars", "line", "funnel", "heat")
MEASURED = ("int", "number", "money", "minor", "percent", "ratio", "days", "hours")  # kinds that can be compared
_MOST_BYTES = 1 << 20
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_QUERY = re.compile(r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*(?:select|with|values)\b", re.IGNORECASE | re.DOTALL)
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_HEAD_KEYS = ("name", "summary", "period", "parameters", "columns", "chart")
_PARAMETER_KEYS = ("type", "default", "help", "choices")
_COLUMN_KEYS = ("kind", "label")
_CHART_KEYS = ("kind", "label", "values")


class Parameter(NamedTuple):
    """What a report is asked: its name in the SQL, its type, what it is without an answer, and what it may be."""

    name: str
    type: str
    default: str | int | float | bool | None = None
    help: str = ""
    choices: tuple[str, ...] = ()
    required: bool = True


class Drawn(NamedTuple):
    """How a report is drawn: the kind of chart, and the columns of its labels and its values."""

    kind: str
    label: str
    values: tuple[str, ...]


class OwnReport(NamedTuple):
    """A report of the user's own. ``columns`` hold label and kind by the name in the SQL; ``line`` is that of the SQL.

    ``period`` is the usual one; without it the report has no period at all.
    """

    name: str
    summary: str
    path: Path
    sql: str
    line: int
    parameters: tuple[Parameter, ...] = ()
    columns: Mapping[str, tuple[str, str]] = {}
    chart: Drawn | None = None
    period: str = ""


class BadReport(NamedTuple):
    """A file that is no report: the name it would have had, where it is wrong, and why."""

    name: str
    path: Path
    line: int
    reason: str
    hint: str | None = None

    def __str__(self) -> str:
        return f"{self.path}, line {self.line}: {self.reason}"


class Found(NamedTuple):
    """What the folder holds: reports by name, and the files that are none."""

    reports: Mapping[str, OwnReport]
    bad: tuple[BadReport, ...] = ()


class _Wrong(Exception):
    """What is wrong with a file, at a path of its head."""

    def __init__(self, reason: str, *path: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.path = path
        self.hint = hint


def read_reports(folder: Path, taken: tuple[str, ...] = ()) -> Found:
    """Return the reports of a folder, by name order of the files; ``taken`` are names that mean something else."""
    files = sorted(file for file in folder.glob("*.[sS][qQ][lL]") if not file.name.startswith("."))
    reports: dict[str, OwnReport] = {}
    bad: list[BadReport] = []
    for file in files:
        read = _read(file)
        if isinstance(read, OwnReport) and (read.name in taken or read.name in reports):
            by = f"by {reports[read.name].path.name}" if read.name in reports else "by a command of crm report"
            read = BadReport(read.name, file, 1, f"the name {read.name!r} is taken {by}", "give it another name")
        if isinstance(read, OwnReport):
            reports[read.name] = read
        else:
            bad.append(read)
    return Found(reports, tuple(bad))


def find_own(folder: Path, name: str, taken: tuple[str, ...] = ()) -> OwnReport | None:
    """Return the report of a name, None when there is none; ConfigError when its file is wrong."""
    found = read_reports(folder, taken)
    if name not in found.reports and (bad := next((one for one in found.bad if one.name == name), None)):
        raise ConfigError(str(bad), hint=bad.hint or "crm report check")
    return found.reports.get(name)


def _read(file: Path) -> OwnReport | BadReport:
    try:
        if file.stat().st_size > _MOST_BYTES:
            return BadReport(file.stem, file, 1, "it is larger than 1 MiB")
        text = read_text(file).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        return BadReport(file.stem, file, 1, f"not UTF-8 text: {error.reason}")
    except OSError as error:
        return BadReport(file.stem, file, 1, f"it cannot be read: {error.strerror}")
    return parse_report(text, file)


def parse_report(text: str, file: Path) -> OwnReport | BadReport:
    """Return what the text of a file says, its path being for messages."""
    from crmcli.domain.toml import TomlError, loads

    head, line, sql = _parts(text)
    try:
        table = loads(head)
    except TomlError as error:
        hint = "the comment at the top is TOML: words to people stand behind -- #"
        return BadReport(file.stem, file, error.line, f"{error.reason}, at column {error.column}", hint)
    name = table.get("name", file.stem)
    try:
        return _report(table, str(name), file, sql, line)
    except _Wrong as error:
        from crmcli.domain.toml_lines import lines_of

        known, path = lines_of(head), error.path
        at = next((known[path[:end]] for end in range(len(path), 0, -1) if path[:end] in known), 1)
        return BadReport(str(name), file, at if path != ("sql",) else line, str(error), error.hint)


def _parts(text: str) -> tuple[str, int, str]:
    """Return the TOML of the head, on the lines of the file, the line at which the SQL begins, and the SQL."""
    head: list[str] = []
    lines = text.splitlines(keepends=True)
    for line in lines:
        if not line.startswith("--") and (line.strip() or any(head)):
            break
        head.append(line.removeprefix("--").removeprefix(" ").rstrip())
    return "\n".join(head), len(head) + 1, "".join(lines[len(head) :])


def _report(table: Mapping[str, Any], name: str, file: Path, sql: str, line: int) -> OwnReport:
    _check_keys(table, _HEAD_KEYS)
    if not _NAME.fullmatch(name):
        raise _Wrong(f"{name!r} is no name of a report", "name", hint="small letters, digits and -")
    if not _QUERY.match(sql):
        raise _Wrong("below the head stands no SELECT", "sql")
    period = _text(table, "period")
    parameters = tuple(_parameter(key, of) for key, of in _tables(table, "parameters").items())
    _check_parameters(parameters, sql, with_period=bool(period))
    columns = {key: _column(key, of) for key, of in _tables(table, "columns").items()}
    return OwnReport(
        name, _text(table, "summary") or "A report of your own.", file, sql, line, parameters, columns,
        _chart(table["chart"]) if "chart" in table else None, period,
    )  # fmt: skip


def _parameter(key: str, table: Mapping[str, Any]) -> Parameter:
    path = ("parameters", key)
    _check_keys(table, _PARAMETER_KEYS, *path)
    if not _WORD.fullmatch(key) or key in RESERVED:
        raise _Wrong(f"{key!r} is no name of a parameter", *path, hint="small letters, digits and _, such as since")
    kind = table.get("type", "text")
    if kind not in TYPES:
        raise _Wrong(f"there is no type {kind!r}", *path, "type", hint=f"one of {', '.join(TYPES)}")
    choices = table.get("choices", [])
    if not isinstance(choices, list) or not all(isinstance(choice, str) for choice in choices):
        raise _Wrong("choices must be a list of texts", *path, "choices")
    default = table.get("default")
    if default is not None and (type(default) not in _DEFAULTS[kind] or (choices and default not in choices)):
        raise _Wrong(f"the default of a parameter of type {kind} is not {default!r}", *path, "default")
    required = "default" not in table
    return Parameter(key, kind, default, _text(table, "help", *path), tuple(choices), required)


_DEFAULTS: dict[str, tuple[type, ...]] = {
    "text": (str,), "int": (int,), "number": (int, float), "date": (str,), "bool": (bool,),
}  # fmt: skip
RESERVED = frozenset({  # options that reports have anyway
    *PERIOD_PARAMETERS, "period", "compare", "mail", "output", "exit_code", "db", "as_of", "color", "quiet", "verbose",
    "debug", "no_pager", "plain", "version", "help",
})  # fmt: skip


def _check_parameters(parameters: tuple[Parameter, ...], sql: str, *, with_period: bool) -> None:
    from crmcli.domain.sql_words import named_parameters

    used, declared = named_parameters(sql), [parameter.name for parameter in parameters]
    for name in used:
        if name in PERIOD_PARAMETERS and not with_period:
            raise _Wrong(
                f"the SQL asks for :{name}, but the report has no period", "sql", hint='period = "this-quarter"'
            )
        if name not in (*declared, *PERIOD_PARAMETERS):
            raise _Wrong(f"the SQL asks for :{name}, which is no parameter", "sql", hint=f"[parameters.{name}]")
    if unused := next((name for name in declared if name not in used), None):
        raise _Wrong(f"the SQL does not ask for :{unused}", "parameters", unused, hint="take the parameter away")


def _column(key: str, table: Mapping[str, Any]) -> tuple[str, str]:
    """Return the label and the kind of a column."""
    _check_keys(table, _COLUMN_KEYS, "columns", key)
    kind = table.get("kind", "text")
    if kind not in KINDS:
        hint = did_you_mean(str(kind), [*KINDS]) or f"one of {', '.join(KINDS)}"
        raise _Wrong(f"there is no kind {kind!r}", "columns", key, "kind", hint=hint)
    return _text(table, "label", "columns", key) or key.replace("_", " ").capitalize(), kind


def _chart(table: Any) -> Drawn:
    if not isinstance(table, dict):
        raise _Wrong("chart must be a table", "chart", hint="head it with [chart]")
    _check_keys(table, _CHART_KEYS, "chart")
    kind, values = table.get("kind", "bars"), table.get("values")
    if kind not in CHARTS:
        raise _Wrong(f"there is no chart {kind!r}", "chart", "kind", hint=f"one of {', '.join(CHARTS)}")
    if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
        raise _Wrong("values must be a list of columns", "chart", hint='values = ["deals"]')
    label = _text(table, "label", "chart")
    if not label:
        raise _Wrong("label must be a column", "chart", hint='label = "owner"')
    return Drawn(kind, label, tuple(values))


def _tables(table: Mapping[str, Any], key: str) -> Mapping[str, Mapping[str, Any]]:
    found = table.get(key, {})
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
        raise _Wrong(f"{key} must be tables", key, hint=f"head each one with [{key}.NAME]")
    return found


def _text(table: Mapping[str, Any], key: str, *path: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str) or not value.isprintable():
        raise _Wrong(f"{key} must be a text of one line", *path, key)
    return value


def _check_keys(table: Mapping[str, Any], known: tuple[str, ...], *path: str) -> None:
    for key in table:
        if key not in known:
            hint = did_you_mean(key, [*known]) or f"one of {', '.join(known)}"
            raise _Wrong(f"there is no {key!r} here", *path, key, hint=hint)
