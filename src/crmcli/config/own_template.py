"""The example with which a report of one's own begins: it works as it stands, and explains all that may stand in it."""

_TEXT = """\
-- # A report of your own. This comment at the top is TOML behind its dashes; below it stands one SELECT.
-- # Words to people stand behind -- # here, and behind -- in the SQL. crm report check tells mistakes.
-- name = "{name}"
-- summary = "Deals won in a period, by source."
--
-- # With a usual period the report takes --period and --compare, and the SQL knows its edges, the end excluded:
-- # :from_day and :to_day are dates, :from_utc and :to_utc instants; each is NULL where the period has no limit.
-- period = "this-quarter"
--
-- # Parameters become options: this one --least. type: text, int, number, date or bool; without a default one must be
-- # given. choices = ["a", "b"] allows only these. A date may be typed as today, -30d or 2026-03-01.
-- [parameters.least]
-- type = "number"
-- default = 0
-- help = "Only deals of at least this amount"
--
-- # Columns of the SQL by name. kind: text, int, number, money (in whole units), minor (in cents), percent (of 100),
-- # ratio (of 1), days, hours, date, instant or bool. A column currency says what amounts are in, else they are in the
-- # base currency.
-- [columns.source]
-- label = "Source"
-- [columns.deals]
-- kind = "int"
-- label = "Deals"
-- [columns.amount]
-- kind = "money"
-- label = "Won"
--
-- # How it is drawn: bars, line, funnel or heat; label and values are columns.
-- [chart]
-- kind = "bars"
-- label = "source"
-- values = ["amount"]

-- The tables are told by crm schema sql; the views dim_... and fact_... hold amounts in whole units and local dates.
SELECT source_key AS source, COUNT(*) AS deals, ROUND(SUM(base_amount), 2) AS amount
FROM fact_purchase
WHERE (:from_day IS NULL OR purchase_date >= :from_day)
  AND (:to_day IS NULL OR purchase_date < :to_day)
  AND COALESCE(base_amount, 0) >= :least
GROUP BY source_key
ORDER BY amount DESC
"""


def template(name: str) -> str:
    """Return the text of an example with a name."""
    return _TEXT.replace("{name}", name)
