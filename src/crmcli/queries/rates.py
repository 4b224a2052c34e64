"""What a currency was worth on a day: the rate to the base currency that was given last, at that day or before it."""

import sqlite3

# Of a deal, alias r, with :base and :today: none in the base currency; of a closed deal the frozen one, or where there
# is none that of the day of closing; of an open deal that of today.
DEAL_RATE = (
    "CASE WHEN r.currency = :base THEN NULL ELSE COALESCE(CASE WHEN r.outcome <> 'open' THEN r.exchange_rate END,"
    " (SELECT q.rate FROM currency_rate q WHERE q.currency = r.currency AND q.deleted_at IS NULL AND q.on_date <="
    " CASE r.outcome WHEN 'open' THEN :today ELSE crm_date(r.closed_at) END ORDER BY q.on_date DESC LIMIT 1)) END"
)
RECORD_RATE = (  # of any other record that has a currency
    "CASE WHEN r.currency = :base THEN NULL ELSE (SELECT q.rate FROM currency_rate q WHERE q.currency = r.currency"
    " AND q.deleted_at IS NULL AND q.on_date <= :today ORDER BY q.on_date DESC LIMIT 1) END"
)
_KNOWN = (
    "SELECT currency, rate, MAX(on_date) FROM currency_rate WHERE deleted_at IS NULL AND on_date <= ? GROUP BY currency"
)


def rates_on(con: sqlite3.Connection, day: str) -> dict[str, tuple[str, str]]:
    """Return the rates in force on a day by currency, each with the day since when it is."""
    return {currency: (rate, since) for currency, rate, since in con.execute(_KNOWN, (day,))}
