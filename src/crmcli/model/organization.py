"""Organization: a company, partner, competitor or customer being tracked."""

from typing import ClassVar

from crmcli.model.columns import date, enum, instant, integer, money, ref, text
from crmcli.model.fragments import (
    DISTINCT,
    EMAILS,
    PHONES,
    REFERENCES,
    SOCIALS,
    TAGS,
    last_activity,
    last_contacted,
    next_contact,
    open_business,
    open_tasks,
    points,
)
from crmcli.model.record import COUNTED, Derived, Described, Input, Owned, stored

_PEOPLE = (
    "(SELECT COUNT(*) FROM organization_contact x JOIN contact c ON c.id = x.contact_id"
    " WHERE x.organization_id = r.id AND x.is_active = 1 AND c.deleted_at IS NULL)"
)


class OrganizationBase(Input):
    """What an organization is made of."""

    about: ClassVar[Described] = Described(
        "organization", "org", "O", "Organization", "organizations", "r.name",
        ("ref", "name", "type", "industry", "city", "country", "domain", "open_deals", "owner"),
        (
            *points("organization"),
            Derived("country", "text", "Country", "r.billing_country", writable=True, option=True),
            Derived("city", "text", "City", "r.billing_city", writable=True, option=True),
            Derived("contacts_count", "int", "Contacts", _PEOPLE),
            *open_business("organization"),
            open_tasks("organization"),
            last_contacted("organization"),
            last_activity("organization"),
        ),
        (EMAILS, PHONES, SOCIALS, TAGS, REFERENCES, DISTINCT),
    )  # fmt: skip

    name: str = text("Name", required=True)
    name_key: str | None = text("Name for comparison", index=True, writable=False)
    legal_name: str | None = text("Legal name")
    vat_id: str | None = text("VAT number", index=True, option=True, aliases=("vat",))
    tax_code: str | None = text("Tax code")
    website: str | None = text("Website", option=True)
    domain: str | None = text("Domain", index=True, option=True)
    type: str = enum("Type", "organization_type", default="prospect", option=True)
    industry: str | None = text("Industry", option=True)
    employees: int | None = integer("Employees", option=True)
    employees_band: str | None = text("Employees band")
    annual_revenue_minor: int | None = money("Annual revenue")
    currency: str = text("Currency", required=True)
    rating: str | None = enum("Rating", "rating", option=True)
    payment_terms: str | None = text("Payment terms")
    billing_street: str | None = text("Billing street")
    billing_city: str | None = text("Billing city")
    billing_region: str | None = text("Billing region")
    billing_postal_code: str | None = text("Billing postal code")
    billing_country: str | None = text("Billing country")
    billing_po_box: str | None = text("Billing P.O. box")
    shipping_street: str | None = text("Shipping street")
    shipping_city: str | None = text("Shipping city")
    shipping_region: str | None = text("Shipping region")
    shipping_postal_code: str | None = text("Shipping postal code")
    shipping_country: str | None = text("Shipping country")
    shipping_po_box: str | None = text("Shipping P.O. box")
    parent_id: int | None = ref("Parent", "organization")
    source: str | None = enum("Source", "source", option=True)
    source_detail: str | None = text("Source detail")
    lifecycle_stage: str | None = enum("Lifecycle stage", "lifecycle_stage", tracked=True)
    lifecycle_phase: str | None = enum("Lifecycle phase", "lifecycle_phase", tracked=True)
    follow_every: str | None = text("Contact every", index=True)
    next_contact_on: str | None = date("Next contact", index=True, sql=next_contact("organization"))
    next_contact_set_at: str | None = instant("Next contact chosen", writable=False)
    trial_purchase_at: str | None = instant("First purchase", writable=False)
    description: str | None = text("Description", long=True, option=True)


@stored
class Organization(OrganizationBase, Owned, table=True):
    """The stored organization."""

    __tablename__ = "organization"
    __table_args__ = COUNTED
