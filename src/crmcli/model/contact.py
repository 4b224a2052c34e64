"""Contact: a person, alone or in one or several organizations."""

from typing import ClassVar

from crmcli.model.columns import boolean, date, enum, instant, ref, text
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
    open_business,
    open_tasks,
    points,
    primary,
)
from crmcli.model.record import COUNTED, Collection, Derived, Described, Input, Owned, stored

_TITLE = f"COALESCE({PERSON_NAME}, {primary('contact', 'email')}, {primary('contact', 'phone')}, 'contact ' || r.id)"
_EMPLOYER = "(SELECT x.organization_id FROM organization_contact x WHERE x.contact_id = r.id AND x.is_primary = 1)"

# +0 days makes of 29 February in a common year the day after
_DAY = "date((substr(crm_today(), 1, 4) + {later}) || substr(r.birthdate, -6), '+0 days')"
_NEXT_BIRTHDAY = (
    f"CASE WHEN {_DAY.format(later=0)} >= crm_today() THEN {_DAY.format(later=0)} ELSE {_DAY.format(later=1)} END"
)


class ContactBase(Input):
    """What a contact is made of."""

    about: ClassVar[Described] = Described(
        "contact", "contact", "C", "Contact", "contacts", _TITLE,
        ("ref", "name", "job_title", "organization", "email", "phone", "owner", "last_contacted_at"),
        (
            Derived("name", "text", "Name", _TITLE),
            Derived("full_name", "text", "Full name", PERSON_NAME, writable=True, option=True),
            *points("contact"),
            Derived("organization", "ref", "Organization", _EMPLOYER, ref="organization", writable=True, option=True),
            Derived("next_birthday", "date", "Next birthday", _NEXT_BIRTHDAY),
            *open_business("contact"),
            open_tasks("contact"),
            last_contacted("contact"),
            last_activity("contact"),
            *consents(),
        ),
        (EMAILS, PHONES, SOCIALS, TAGS, REFERENCES, DISTINCT, Collection("organizations", "rows", "Organizations"),
         Collection("dates", "rows", "Dates")),
    )  # fmt: skip

    salutation: str | None = text("Salutation")
    first_name: str | None = text("First name", option=True, personal=True)
    last_name: str | None = text("Last name", option=True, personal=True)
    job_title: str | None = text("Job title", option=True, aliases=("title",))
    department: str | None = text("Department")
    birthdate: str | None = text("Birth date", personal=True)
    website: str | None = text("Website")
    street: str | None = text("Street", personal=True)
    city: str | None = text("City", option=True)
    region: str | None = text("Region")
    postal_code: str | None = text("Postal code")
    country: str | None = text("Country", option=True)
    po_box: str | None = text("P.O. box")
    reports_to_id: int | None = ref("Reports to", "contact")
    type: str | None = enum("Type", "contact_type", option=True)
    rating: str | None = enum("Rating", "rating", option=True)
    payment_terms: str | None = text("Payment terms")
    source: str | None = enum("Source", "source", option=True)
    source_detail: str | None = text("Source detail")
    referred_by_id: int | None = ref("Referred by", "contact")
    do_not_call: int = boolean("Do not call")
    do_not_email: int = boolean("Do not e-mail")
    subject_id: int | None = ref("Subject", "subject", writable=False, constrained=False)
    email_status: str | None = enum("E-mail status", "email_status")
    lifecycle_stage: str | None = enum("Lifecycle stage", "lifecycle_stage", tracked=True)
    lifecycle_phase: str | None = enum("Lifecycle phase", "lifecycle_phase", tracked=True)
    loyalty_card: str | None = text("Loyalty card")
    language: str | None = text("Language")
    timezone: str | None = text("Time zone")
    follow_every: str | None = text("Contact every", index=True)
    next_contact_on: str | None = date("Next contact", index=True, sql=next_contact("contact"))
    next_contact_set_at: str | None = instant("Next contact chosen", writable=False)
    description: str | None = text("Description", long=True, option=True)


@stored
class Contact(ContactBase, Owned, table=True):
    """The stored contact."""

    __tablename__ = "contact"
    __table_args__ = COUNTED
