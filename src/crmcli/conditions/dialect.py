"""The SQL fragments that differ between database systems, here for SQLite; arguments and results are expressions.

Used by the SQL back end of conditions and by queries that group by period. What is the same everywhere belongs there.
"""

PERIODS = ("day", "week", "month", "quarter", "year")


def contains(text: str, part: str) -> str:
    """Return whether a text contains a part, literally: no character of the part is a wildcard."""
    return f"instr({text}, {part}) > 0"


def list_items(expression: str) -> str:
    """Return a table with the items of a JSON list as ``value`` and their ``type``, empty when it is no list."""
    return f"json_each(CASE json_type({expression}) WHEN 'array' THEN {expression} END)"


def period(date: str, unit: str) -> str:
    """Return the period a date lies in: ``2026-03-01``, ``2026-W09`` (ISO 8601), ``2026-03``, ``2026-Q1``, ``2026``."""
    thursday = f"date({date}, '-3 days', 'weekday 4')"  # the day whose year and number decide the ISO week
    return {
        "day": f"substr({date}, 1, 10)",
        "week": f"strftime('%Y', {thursday}) || printf('-W%02d', (strftime('%j', {thursday}) - 1) / 7 + 1)",
        "month": f"substr({date}, 1, 7)",
        "quarter": f"substr({date}, 1, 4) || '-Q' || ((substr({date}, 6, 2) + 2) / 3)",
        "year": f"substr({date}, 1, 4)",
    }[unit]


def days_between(start: str, end: str) -> str:
    """Return the days, with fractions, from one date or instant to another."""
    return f"(julianday({end}) - julianday({start}))"


def joined(text: str, separator: str) -> str:
    """Return the texts of a group as one, with a separator between them."""
    return f"group_concat({text}, {separator})"
