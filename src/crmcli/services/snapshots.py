"""Snapshots of the forecast: what a day knew of the deals to come, kept so that it can be held against what came.

They lie outside the journal, as the log of states does: nothing takes them back, and no other day writes them.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any

from crmcli import clock
from crmcli.domain.money import from_minor
from crmcli.domain.periods import step
from crmcli.domain.zones import local_date, to_utc
from crmcli.queries.amounts import parts_of, whole
from crmcli.queries.rates import DEAL_RATE
from crmcli.services.results import Context, manner_of
from crmcli.store.reader import open_reader
from crmcli.store.unit_of_work import UnitOfWork

_MONTHS = 12  # of closed deals before the present month: what any period of a year that goes on can hold
_ALIKE = (
    "substr(CASE r.outcome WHEN 'open' THEN r.expected_close ELSE crm_date(r.closed_at) END, 1, 7)",
    "CASE r.outcome WHEN 'open' THEN COALESCE(r.forecast_category, 'pipeline') ELSE 'closed' END",
    "r.outcome = 'open' AND COALESCE(r.expected_close < :today, 0)",
    "r.pipeline_id",
    "r.owner_id",
    "r.currency",
    DEAL_RATE,
)
_SUMS = ("r.probability_bp", "COUNT(*)", "COUNT(r.amount_minor)", *parts_of("r.amount_minor"))
_DEALS = (
    f"SELECT {', '.join((*_ALIKE, *_SUMS))} FROM deal r WHERE r.deleted_at IS NULL"
    " AND (r.outcome = 'open' OR (r.outcome = 'won' AND r.closed_at >= :since))"
    f" GROUP BY {', '.join(str(place) for place in range(1, len(_ALIKE) + 2))}"
)
_COLUMNS = (
    "month", "category", "is_overdue", "pipeline_id", "owner_id", "currency", "rate", "deals", "valued", "amount",
    "weighted",
)  # fmt: skip
_PUT = f"INSERT INTO forecast_snapshot (day, {', '.join(_COLUMNS)}) VALUES (?{', ?' * len(_COLUMNS)})"
_THERE = "SELECT 1 FROM forecast_snapshot WHERE day = ? LIMIT 1"
_LATER = "SELECT 1 FROM operation WHERE at >= ? LIMIT 1"


def is_kept(context: Context) -> bool:
    """Return whether the forecast of the present day is kept already."""
    with closing(open_reader(context.store, context.settings.timezone)) as con:
        return con.execute(_THERE, (_today(context),)).fetchone() is not None


def is_past(context: Context) -> bool:
    """Return whether the store was written on a later day than the present one, so that it knows what came."""
    with closing(open_reader(context.store, context.settings.timezone)) as con:
        return con.execute(_LATER, (_end(context),)).fetchone() is not None


def keep(context: Context) -> int:
    """Keep the forecast of the present day, and return in how many rows.

    None are kept when there are some already, when the store knows of later days, or nothing of deals.
    """
    day = _today(context)
    with UnitOfWork(context.store, manner_of(context.settings), context.command.text) as unit:
        if unit.raw.execute(_THERE, (day,)).fetchone() or unit.raw.execute(_LATER, (_end(context),)).fetchone():
            return 0
        rows = list(_rows(unit.raw.execute(_DEALS, _parameters(context, day)).fetchall()))
        if rows and not context.command.dry_run:
            unit.execute(_PUT, [(day, *row) for row in rows])
            unit.commit()
    return len(rows)


def _today(context: Context) -> str:
    return local_date(clock.now_text(), context.settings.timezone)


def _end(context: Context) -> str:
    """Return the instant at which the present day ends."""
    following = date.fromisoformat(_today(context)) + timedelta(days=1)
    return to_utc(following.isoformat(), context.settings.timezone)


def _parameters(context: Context, day: str) -> dict[str, str]:
    first = step("m", date.fromisoformat(day).replace(day=1), -_MONTHS).isoformat()
    since = to_utc(first, context.settings.timezone)
    return {"today": day, "base": context.settings.currency, "since": since}


def _rows(found: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Yield what is stored of deals that are alike in all but their probability, exactly added up."""
    sums: dict[tuple[Any, ...], list[int]] = {}
    for *alike, points, deals, valued, high, low in found:
        known = sums.setdefault(tuple(alike), [0, 0, 0, 0])
        amount = whole(high, low)
        for place, number in enumerate((deals, valued, amount, amount * points)):
            known[place] += number
    for alike_all, (deals, valued, amount, weighted) in sums.items():
        currency = alike_all[5]
        exact = (from_minor(amount, currency), from_minor(weighted, currency).scaleb(-4))
        yield (*alike_all, deals, valued, *(format(number, "f") for number in exact))
