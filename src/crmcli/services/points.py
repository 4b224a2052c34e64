"""E-mails, phones and profiles of a record: normalised, without doubles, exactly one primary."""

from typing import Any

from crmcli.domain.columns import OneEach
from crmcli.domain.emails import normalise as normalise_email
from crmcli.domain.phones import comparable
from crmcli.domain.text import check_text, fold

Point = dict[str, Any]
POINTS = frozenset({"emails", "phones", "socials"})


def point_rows(kind: str, values: list[str | dict[str, Any]], country: str) -> list[Point]:
    """Return stored rows for values as typed (text, or dicts with ``value`` and ``label``), or raise ValueError."""
    made = [_row(kind, {"value": value} if isinstance(value, str) else value, country) for value in values]
    if len(made) == 1:
        made[0]["is_primary"] = 1
        return made
    rows: dict[str, Point] = {}
    for row in made:
        rows.setdefault(row["value_norm"], row)
    return _one_primary(list(rows.values()))


def plain_point_rows(told: OneEach) -> OneEach:
    """Return what ``point_rows`` does for points of many records, one or none each, that are told with normal forms."""
    nothing = [None] * len(told)
    rows = {name: told.rows[name] for name in ("value", "value_norm", "label")}
    return OneEach({**rows, "extension": nothing, "is_primary": [1] * len(told), "status": nothing})


def merge_points(present: list[Point], wanted: list[Point], sign: str) -> list[Point]:
    """Return the rows after replacing (no sign), adding (+) or taking away (-)."""
    if sign == "-":
        norms = {row["value_norm"] for row in wanted}
        return _one_primary([row for row in present if row["value_norm"] not in norms])
    if sign == "+":
        kept = {row["value_norm"] for row in present}
        return _one_primary(present + [row | {"is_primary": 0} for row in wanted if row["value_norm"] not in kept])
    return wanted


def absent(key: str, present: list[list[Point]], values: list[str], country: str) -> list[str]:
    """Return the values that none of several records has, of those that are to be taken away."""
    there = {row["value_norm"] for rows in present for row in rows}
    return [row["value"] for row in point_rows(key, list(values), country) if row["value_norm"] not in there]


def make_primary(present: list[Point], wanted: list[Point]) -> list[Point]:
    """Return the rows with the wanted one as primary instead of the present primary one."""
    norms = {row["value_norm"] for row in wanted}
    others = [row for row in present if not row["is_primary"] and row["value_norm"] not in norms]
    return _one_primary(wanted + others)


def _one_primary(rows: list[Point]) -> list[Point]:
    if sum([row["is_primary"] for row in rows]) == 1:
        return rows
    chosen = next((number for number, row in enumerate(rows) if row["is_primary"]), 0)
    return [row | {"is_primary": int(number == chosen)} for number, row in enumerate(rows)]


def _row(kind: str, given: dict[str, Any], country: str) -> Point:
    value = check_text(given["value"].strip())
    if not value:
        raise ValueError("is empty")
    extension = None
    if kind == "emails":
        norm = normalise_email(value)
    elif kind == "phones":
        norm, extension = comparable(value, country)
    else:
        norm = fold(value)
    get = given.get
    return {
        "value": value,
        "value_norm": norm,
        "label": get("label"),
        "extension": get("extension") or extension,
        "is_primary": 1 if get("is_primary") else 0,
        "status": get("status"),
    }
