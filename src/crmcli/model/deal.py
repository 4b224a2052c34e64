"""Deal: a negotiation with an organization or a contact, on its way through a pipeline."""

from typing import ClassVar

from sqlalchemy import CheckConstraint

from crmcli.model.columns import date, enum, instant, integer, money, percent, ref, text
from crmcli.model.fragments import REFERENCES, TAGS, days_since, last_activity, open_tasks
from crmcli.model.record import COUNTED, Collection, Derived, Described, Input, Owned, stored

_WEIGHTED = (  # in two parts, since the product of a large amount is no integer of the store; half away from zero
    "CASE r.outcome WHEN 'lost' THEN 0 ELSE r.amount_minor / 10000 * r.probability_bp"
    " + (r.amount_minor % 10000 * r.probability_bp + CASE WHEN r.amount_minor < 0 THEN -5000 ELSE 5000 END) / 10000 END"
)
_IDLE_SINCE = "COALESCE(r.closed_at, crm_now())"


class DealBase(Input):
    """What a deal is made of."""

    about: ClassVar[Described] = Described(
        "deal", "deal", "D", "Deal", "deals", "r.name",
        ("ref", "name", "organization", "stage", "amount", "probability", "expected_close", "owner", "next_step"),
        (
            Derived("weighted_amount", "money", "Weighted amount", _WEIGHTED),
            Derived("days_in_stage", "int", "Days in stage", days_since("r.stage_entered_at", _IDLE_SINCE)),
            Derived("age_days", "int", "Age in days", days_since("r.created_at", _IDLE_SINCE)),
            open_tasks("deal"),
            last_activity("deal"),
        ),
        (TAGS, REFERENCES, Collection("contacts", "rows", "Contacts")),
    )  # fmt: skip

    name: str = text("Name", required=True)
    organization_id: int | None = ref("Organization", "organization", option=True)
    contact_id: int | None = ref("Contact", "contact", option=True)
    pipeline_id: int = ref("Pipeline", "pipeline", required=True, option=True)
    stage_id: int = ref("Stage", "stage", required=True, option=True, tracked=True)
    amount_minor: int | None = money("Amount", option=True)
    currency: str = text("Currency", required=True, option=True)
    recurring_amount_minor: int | None = money("Recurring amount")
    recurring_period: str | None = enum("Recurring period", "period")
    exchange_rate: str | None = text("Exchange rate", writable=False)
    probability_bp: int = percent("Probability", default=0, option=True)
    probability_source: str = enum("Probability source", "probability_source", default="stage")
    forecast_category: str | None = enum("Forecast category", "forecast_category")
    expected_close: str | None = date("Expected close", index=True, option=True)
    closed_at: str | None = instant("Closed", index=True, writable=False)
    outcome: str = enum("Outcome", "deal_outcome", default="open", index=True, writable=False)
    lost_reason: str | None = enum("Lost reason", "lost_reason", writable=False)
    lost_note: str | None = text("Lost note", long=True, writable=False)
    competitor_id: int | None = ref("Competitor", "organization")
    type: str | None = enum("Type", "deal_type", option=True)
    source: str | None = enum("Source", "source", option=True)
    source_detail: str | None = text("Source detail")
    next_step: str | None = text("Next step", option=True)
    next_step_due: str | None = date("Next step due")
    stage_entered_at: str | None = instant("Stage entered", writable=False)
    last_open_stage_id: int | None = ref("Last open stage", "stage", writable=False)
    push_count: int = integer("Times pushed", default=0, writable=False)
    first_responded_at: str | None = instant("First response", writable=False)
    lead_id: int | None = ref("Lead", "lead", writable=False)
    description: str | None = text("Description", long=True, option=True)


@stored
class Deal(DealBase, Owned, table=True):
    """The stored deal."""

    __tablename__ = "deal"
    __table_args__ = (
        CheckConstraint("(outcome = 'open') = (closed_at IS NULL)", name="closing"),
        CheckConstraint("outcome <> 'won' OR probability_bp = 10000", name="won_probability"),
        CheckConstraint("outcome <> 'lost' OR (probability_bp = 0 AND lost_reason IS NOT NULL)", name="lost_reason"),
        COUNTED,
    )
