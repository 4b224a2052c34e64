"""The star schema: which dimensions and facts there are, and the SQL of each of their columns.

Everything about the warehouse comes from here: the views that SQL of users reads, the exported files, the reference and
its diagram. Keys are the numbers of the records, which never change; 0 stands for none, so that a join loses no fact.
Dates are local; amounts are told in the currency of the record and in the base currency, at the rate that figures use.
"""

from typing import NamedTuple

from crmcli.queries.rates import DEAL_RATE

TYPES = {  # of columns, as files declare them
    "int": "BIGINT",
    "text": "VARCHAR",
    "bool": "BOOLEAN",
    "date": "DATE",
    "instant": "TIMESTAMP",  # of UTC
    "decimal": "DECIMAL(24, 4)",
    "exact": "DECIMAL(38, 14)",  # a decimal that was multiplied by a rate and a probability, unrounded
}


class Column(NamedTuple):
    """A column: ``type`` is one of ``TYPES``, ``sql`` yields it over the table's source.

    A key of a dimension names that in ``of``; ``about`` says what is not plain from the name.
    """

    key: str
    type: str
    sql: str
    about: str = ""
    of: str = ""


class Table(NamedTuple):
    """A dimension or a fact: its first column is its key. ``none`` is the row that stands for no record at all."""

    name: str
    about: str
    source: str
    columns: tuple[Column, ...]
    none: tuple[str, ...] = ()


_NONE = "'(none)'"
_RATE = DEAL_RATE.replace(":base", "crm_currency()").replace(":today", "crm_today()")  # a view takes no parameters
_DEAL_IN_BASE = f"crm_base(r.amount_minor, r.currency, {_RATE}, {{points}})"


def _key(name: str, sql: str, of: str, about: str = "") -> Column:
    return Column(name, "int", f"COALESCE({sql}, 0)", about, of)


def _day(name: str, sql: str, about: str = "") -> Column:
    """Return the local date of a stored instant or date."""
    return Column(name, "date", f"crm_bucket({sql}, 'day')", about, "dim_date")


def _text(name: str, sql: str = "", about: str = "") -> Column:
    return Column(name, "text", sql or f"r.{name}", about)


def _source(sql: str = "r.source") -> Column:
    return Column("source_key", "text", f"COALESCE({sql}, {_NONE})", of="dim_source")


def _linked(entity: str, activity: str = "interaction") -> str:
    """Return the record of a kind that an activity is about, the main one first, of those that are not removed."""
    return (
        f"(SELECT l.record_id FROM activity_link l JOIN {entity} o ON o.id = l.record_id AND o.deleted_at IS NULL"
        f" WHERE l.activity_entity = '{activity}' AND l.activity_id = r.id AND l.entity = '{entity}'"
        " ORDER BY l.is_main DESC, l.position LIMIT 1)"
    )


_REF = "'{letter}' || r.id"
_DAYS = """(
  WITH RECURSIVE
    known(day) AS (
      SELECT crm_bucket(created_at, 'day') FROM deal UNION SELECT crm_bucket(closed_at, 'day') FROM deal
      UNION SELECT expected_close FROM deal UNION SELECT crm_bucket(created_at, 'day') FROM lead
      UNION SELECT crm_bucket(converted_at, 'day') FROM lead UNION SELECT crm_bucket(lost_at, 'day') FROM lead
      UNION SELECT crm_bucket(occurred_at, 'day') FROM interaction
      UNION SELECT crm_bucket(created_at, 'day') FROM organization
      UNION SELECT crm_bucket(created_at, 'day') FROM contact
      UNION SELECT crm_bucket(opened_at, 'day') FROM ticket UNION SELECT crm_bucket(resolved_at, 'day') FROM ticket
      UNION SELECT crm_bucket(closed_at, 'day') FROM ticket
      UNION SELECT crm_bucket(entered_at, 'day') FROM state_log WHERE entity = 'deal' AND field = 'stage'
    ),
    span(day) AS (
      SELECT MIN(day) FROM known WHERE day BETWEEN '1990-01-01' AND '2100-01-01'
      UNION ALL
      SELECT date(day, '+1 day') FROM span
      WHERE day < (SELECT MAX(day) FROM known WHERE day BETWEEN '1990-01-01' AND '2100-01-01')
    )
  SELECT day FROM known WHERE day IS NOT NULL UNION SELECT day FROM span WHERE day IS NOT NULL
)"""

DIMENSIONS = (
    Table(
        "dim_date", "A day; every one between the first and the last of the facts.", _DAYS,
        (
            Column("date_key", "date", "r.day"),
            Column("year", "int", "CAST(substr(r.day, 1, 4) AS INTEGER)"),
            Column("quarter", "text", "crm_bucket(r.day, 'quarter')", "such as 2026-Q1"),
            Column("month", "text", "crm_bucket(r.day, 'month')", "such as 2026-03"),
            Column("week", "text", "crm_bucket(r.day, 'week')", "of ISO 8601, such as 2026-W12"),
            Column("weekday", "int", "CAST(crm_bucket(r.day, 'weekday') AS INTEGER)", "1 is Monday"),
        ),
    ),
    Table(
        "dim_owner", "A person who owns records.", "app_user",
        (
            Column("owner_key", "int", "r.id"), _text("handle"), _text("name"), _text("team"),
            Column("is_active", "bool", "r.is_active"),
        ),
        ("0", _NONE, _NONE, "NULL", "NULL"),
    ),
    Table(
        "dim_organization", "A company, removed ones too, since facts may still name them.", "organization",
        (
            Column("organization_key", "int", "r.id"), _text("ref", _REF.format(letter="O")), _text("name"),
            _text("type"), _text("industry"), _text("country", "r.billing_country"), _text("city", "r.billing_city"),
            Column("employees", "int", "r.employees"), _key("owner_key", "r.owner_id", "dim_owner"), _source(),
            _day("created_date", "r.created_at"), Column("is_removed", "bool", "r.deleted_at IS NOT NULL"),
        ),
        ("0", "NULL", _NONE, "NULL", "NULL", "NULL", "NULL", "NULL", "0", _NONE, "NULL", "0"),
    ),
    Table(
        "dim_contact", "A person, removed ones too.", "contact",
        (
            Column("contact_key", "int", "r.id"), _text("ref", _REF.format(letter="C")),
            _text("name", "TRIM(COALESCE(r.first_name, '') || ' ' || COALESCE(r.last_name, ''))"),
            _text("job_title"), _text("type"), _text("country"), _text("city"),
            _key("owner_key", "r.owner_id", "dim_owner"), _source(), _day("created_date", "r.created_at"),
            Column("is_removed", "bool", "r.deleted_at IS NOT NULL"),
        ),
        ("0", "NULL", _NONE, "NULL", "NULL", "NULL", "NULL", "0", _NONE, "NULL", "0"),
    ),
    Table(
        "dim_pipeline", "A pipeline.", "pipeline",
        (Column("pipeline_key", "int", "r.id"), _text("key"), _text("name")),
        ("0", _NONE, _NONE),
    ),
    Table(
        "dim_stage", "A stage of a pipeline.", "stage",
        (
            Column("stage_key", "int", "r.id"), _key("pipeline_key", "r.pipeline_id", "dim_pipeline"), _text("key"),
            _text("name"), Column("position", "int", "r.position"), _text("kind", about="open, won or lost"),
            Column("probability", "decimal", "crm_scaled(r.probability_bp, 4)", "of 1"), _text("forecast_category"),
        ),
        ("0", "0", _NONE, _NONE, "NULL", "NULL", "NULL", "NULL"),
    ),
    Table(
        "dim_source", "Where records came from.",
        "(SELECT source FROM deal UNION SELECT source FROM lead UNION SELECT source FROM organization"
        " UNION SELECT source FROM contact UNION SELECT NULL)",
        (Column("source_key", "text", f"COALESCE(r.source, {_NONE})"),),
    ),
)  # fmt: skip

_DEAL_OF_LEAD = "(SELECT d.id FROM deal d WHERE d.id = r.converted_deal_id AND d.deleted_at IS NULL)"
_WHO = (
    _key("owner_key", "r.owner_id", "dim_owner"),
    _key("organization_key", "r.organization_id", "dim_organization"),
    _key("contact_key", "r.contact_id", "dim_contact"),
)
_MONEY = (
    _text("currency", about="of ISO 4217"),
    Column("amount", "decimal", "crm_scaled(r.amount_minor, crm_digits(r.currency))", "in that currency"),
    Column("base_amount", "exact", _DEAL_IN_BASE.format(points=10_000),
           "in the base currency, unrounded; empty without a rate"),
)  # fmt: skip

FACTS = (
    Table(
        "fact_deal", "A deal as it stands.", "deal",
        (
            Column("deal_key", "int", "r.id"), _text("ref", _REF.format(letter="D")), _text("name"), *_WHO,
            _key("pipeline_key", "r.pipeline_id", "dim_pipeline"), _key("stage_key", "r.stage_id", "dim_stage"),
            _source(), _day("created_date", "r.created_at"), _day("expected_close_date", "r.expected_close"),
            _day("closed_date", "r.closed_at"), _text("outcome", about="open, won or lost"), _text("lost_reason"),
            *_MONEY, Column("probability", "decimal", "crm_scaled(r.probability_bp, 4)", "of 1"),
            Column("weighted_amount", "exact", _DEAL_IN_BASE.format(points="r.probability_bp"),
                   "base_amount x probability"),
            Column("cycle_days", "int", "crm_day(r.closed_at) - crm_day(r.created_at)", "local days until it closed"),
            Column("push_count", "int", "r.push_count", "how often its expected close went into a later month"),
        ),
    ),
    Table(
        "fact_purchase", "A purchase: a deal that was won.",
        "(SELECT * FROM deal WHERE outcome = 'won')",
        (
            Column("purchase_key", "int", "r.id"), Column("deal_key", "int", "r.id", of="fact_deal"), *_WHO, _source(),
            _day("purchase_date", "r.closed_at"), *_MONEY,
        ),
    ),
    Table(
        "fact_stage_move", "A move of a deal into a stage.",
        "(SELECT s.*, NULL AS deleted_at FROM state_log s JOIN deal d ON d.id = s.record_id AND d.deleted_at IS NULL"
        " WHERE s.entity = 'deal' AND s.field = 'stage')",
        (
            Column("move_key", "int", "r.id"), Column("deal_key", "int", "r.record_id", of="fact_deal"),
            _key("from_stage_key", "CAST(r.from_value AS INTEGER)", "dim_stage", "0 where it began"),
            _key("stage_key", "CAST(r.to_value AS INTEGER)", "dim_stage"),
            _key("owner_key", "(SELECT d.owner_id FROM deal d WHERE d.id = r.record_id)", "dim_owner", "of the deal"),
            _text("kind", "r.to_kind", "open, won or lost"), _day("entered_date", "r.entered_at"),
            Column("entered_at", "instant", "r.entered_at"),
            Column("left_at", "instant", "r.left_at", "empty while it stands there"),
            Column("seconds", "int", "r.seconds", "spent there"),
        ),
    ),
    Table(
        "fact_lead", "A lead as it stands.", "lead",
        (
            Column("lead_key", "int", "r.id"), _text("ref", _REF.format(letter="L")),
            _key("owner_key", "r.owner_id", "dim_owner"), _source(), _text("status"), _text("rating"),
            _text("industry"), _text("country"), Column("score", "int", "r.score"),
            _day("created_date", "r.created_at"), _day("converted_date", "r.converted_at"),
            _day("lost_date", "r.lost_at"), _text("lost_reason"),
            _key("organization_key", "r.converted_organization_id", "dim_organization", "that it became"),
            _key("contact_key", "r.converted_contact_id", "dim_contact", "that it became"),
            Column("deal_key", "int", _DEAL_OF_LEAD, "that it became; empty without one", "fact_deal"),
            _text("currency", about="of ISO 4217"),
            Column("expected_amount", "decimal", "crm_scaled(r.expected_amount_minor, crm_digits(r.currency))",
                   "in that currency"),
        ),
    ),
    Table(
        "fact_interaction", "A call, a mail, a meeting or another contact.", "interaction",
        (
            Column("interaction_key", "int", "r.id"), _text("ref", _REF.format(letter="A")),
            _key("owner_key", "COALESCE(r.owner_id, r.user_id)", "dim_owner", "its owner, else who had the contact"),
            _key("organization_key", _linked("organization"), "dim_organization"),
            _key("contact_key", _linked("contact"), "dim_contact"),
            Column("deal_key", "int", _linked("deal"), "empty where it was about none", "fact_deal"),
            _text("kind"), _text("direction"), _text("outcome"), _day("date", "r.occurred_at"),
            Column("occurred_at", "instant", "r.occurred_at"),
            Column("duration_seconds", "int", "r.duration_seconds"), Column("is_automatic", "bool", "r.is_automatic"),
        ),
    ),
    Table(
        "fact_ticket", "A request for help as it stands.", "ticket",
        (
            Column("ticket_key", "int", "r.id"), _text("ref", _REF.format(letter="K")),
            _key("owner_key", "COALESCE(r.owner_id, r.assignee_id)", "dim_owner", "its owner, else who works on it"),
            *_WHO[1:], _text("status"), _text("priority"), _text("severity"), _text("type"), _text("category"),
            _text("channel"), _day("opened_date", "r.opened_at"), _day("resolved_date", "r.resolved_at"),
            _day("closed_date", "r.closed_at"), Column("opened_at", "instant", "r.opened_at"),
            Column("first_response_at", "instant", "r.first_response_at"),
            Column("resolved_at", "instant", "r.resolved_at"),
            Column("reopened_count", "int", "r.reopened_count"), Column("csat_score", "int", "r.csat_score"),
        ),
    ),
)  # fmt: skip
TABLES = {table.name: table for table in (*DIMENSIONS, *FACTS)}
_KEPT = frozenset(table.name for table in DIMENSIONS)


def select(table: Table, *, exact: bool = True) -> str:
    """Return the SELECT of a table; ``exact`` decimals are text, as files get them, others numbers to reckon with."""
    cells = [
        f"CAST({column.sql} AS NUMERIC)" if column.type in ("decimal", "exact") and not exact else column.sql
        for column in table.columns
    ]
    listed = ", ".join(f"{cell} AS {column.key}" for cell, column in zip(cells, table.columns, strict=True))
    living = "" if table.name in _KEPT else " WHERE r.deleted_at IS NULL"
    sql = f"SELECT {listed} FROM {table.source} r{living}"
    return f"SELECT {', '.join(table.none)} UNION ALL {sql}" if table.none else sql
