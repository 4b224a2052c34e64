"""Lead: a person or organization that showed interest and with which no negotiation has started."""

from typing import ClassVar

from sqlalchemy import CheckConstraint

from crmcli.domain.enums import kind, values
from crmcli.model.columns import boolean, date, enum, instant, integer, json, money, ref, text
from crmcli.model.fragments import (
    DISTINCT,
    EMAILS,
    PERSON_NAME,
    PHONES,
    REFERENCES,
    SOCIALS,
    TAGS,
    consents,
    last_activity,
    last_contacted,
    next_contact,
    open_tasks,
    points,
    primary,
    qualified,
)
from crmcli.model.record import COUNTED, Derived, Described, Input, Owned, stored

_TITLE = (
    f"COALESCE({PERSON_NAME}, r.company_name, {primary('lead', 'email')}, {primary('lead', 'phone')}, 'lead ' || r.id)"
)
_STATUSES = ", ".join(f"'{key}'" for key in values("lead_status") if kind("lead_status", key) == "open")
_OPEN = f"r.status IN ({_STATUSES})"
_RESPONDED = (
    "(SELECT MIN(i.occurred_at) FROM activity_link l JOIN interaction i ON i.id = l.activity_id"
    " WHERE l.activity_entity = 'interaction' AND l.entity = 'lead' AND l.record_id = r.id AND i.deleted_at IS NULL"
    " AND i.direction = 'out' AND i.is_automatic = 0 AND i.kind <> 'note')"
)


class LeadBase(Input):
    """What a lead is made of."""

    about: ClassVar[Described] = Described(
        "lead", "lead", "L", "Lead", "leads", _TITLE,
        ("ref", "name", "company_name", "status", "rating", "score", "email", "phone", "owner", "created_at"),
        (
            Derived("name", "text", "Name", _TITLE),
            Derived("full_name", "text", "Full name", PERSON_NAME, writable=True, option=True),
            *points("lead"),
            Derived("first_responded_at", "instant", "First response", _RESPONDED),
            open_tasks("lead"),
            last_contacted("lead"),
            last_activity("lead"),
            qualified(),
            *consents(),
        ),
        (EMAILS, PHONES, SOCIALS, TAGS, REFERENCES, DISTINCT),
    )  # fmt: skip

    salutation: str | None = text("Salutation")
    first_name: str | None = text("First name", option=True, personal=True)
    last_name: str | None = text("Last name", option=True, personal=True)
    company_name: str | None = text("Company", option=True, aliases=("company",))
    job_title: str | None = text("Job title", option=True, aliases=("title",))
    website: str | None = text("Website", option=True)
    street: str | None = text("Street", personal=True)
    city: str | None = text("City", option=True)
    region: str | None = text("Region")
    postal_code: str | None = text("Postal code")
    country: str | None = text("Country", option=True)
    po_box: str | None = text("P.O. box")
    industry: str | None = text("Industry", option=True)
    employees: int | None = integer("Employees")
    annual_revenue_minor: int | None = money("Annual revenue")
    currency: str = text("Currency", required=True, option=True)
    status: str = enum("Status", "lead_status", default="new", index=True, tracked=True, option=True)
    source: str | None = enum("Source", "source", option=True)
    source_detail: str | None = text("Source detail")
    referred_by_id: int | None = ref("Referred by", "contact")
    rating: str | None = enum("Rating", "rating", option=True)
    score: int | None = integer("Score", low=-1_000_000)
    score_updated_at: str | None = instant("Score updated", writable=False)
    score_lines: str | None = json("Score lines", writable=False)
    lifecycle_stage: str | None = enum("Lifecycle stage", "lifecycle_stage", tracked=True)
    fit: int = boolean("Fits the market")
    expected_amount_minor: int | None = money("Expected amount", option=True)
    do_not_call: int = boolean("Do not call")
    do_not_email: int = boolean("Do not e-mail")
    subject_id: int | None = ref("Subject", "subject", writable=False, constrained=False)
    converted_at: str | None = instant("Converted", writable=False, index=True)
    converted_by_id: int | None = ref("Converted by", "user", "app_user", writable=False, index=False)
    converted_organization_id: int | None = ref("Converted to organization", "organization", writable=False)
    converted_contact_id: int | None = ref("Converted to contact", "contact", writable=False)
    converted_deal_id: int | None = ref("Converted to deal", "deal", writable=False, constrained=False)
    lost_reason: str | None = enum("Lost reason", "lost_reason")
    lost_note: str | None = text("Lost note", long=True)
    lost_at: str | None = instant("Lost", writable=False)
    follow_every: str | None = text("Contact every", index=True)
    next_contact_on: str | None = date("Next contact", index=True, sql=next_contact("lead", _OPEN))
    next_contact_set_at: str | None = instant("Next contact chosen", writable=False)
    next_step: str | None = text("Next step")
    next_step_due: str | None = date("Next step due")
    description: str | None = text("Description", long=True, option=True)


@stored
class Lead(LeadBase, Owned, table=True):
    """The stored lead."""

    __tablename__ = "lead"
    __table_args__ = (
        CheckConstraint("(status = 'converted') = (converted_at IS NOT NULL)", name="conversion"),
        COUNTED,
    )
