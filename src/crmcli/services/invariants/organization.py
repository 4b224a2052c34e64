"""What an organization must satisfy, and what follows from its fields."""

from typing import TYPE_CHECKING

from crmcli.domain.emails import domain_of, is_free_mail
from crmcli.domain.names import company_key
from crmcli.domain.plurals import counted
from crmcli.domain.webs import domain_of_url
from crmcli.services.drafts import Draft
from crmcli.services.invariants.follow_ups import settle_next_contact
from crmcli.services.invariants.shared import check_cycle, settle_life_cycle, settle_source

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def settle(draft: Draft, writer: "Writer") -> None:
    """Derive the comparison name and the domain; refuse a group that contains itself, or deletion with open deals."""
    record = draft.record
    if draft.intent == "delete":
        _check_open_deals(draft, writer)
        return
    if draft.changed("name") and record["name"]:
        record["name_key"] = company_key(record["name"])
    if record["vat_id"] and draft.changed("vat_id"):
        record["vat_id"] = "".join(letter for letter in record["vat_id"].upper() if letter.isalnum())
    if not record["domain"]:
        record["domain"] = _known_domain(draft)
    check_cycle(draft, writer)
    settle_source(draft)
    settle_life_cycle(draft, writer)
    settle_next_contact(draft, writer)


def _known_domain(draft: Draft) -> str | None:
    record = draft.record
    site = domain_of_url(record["website"]) if record["website"] else None
    found = [site] if site else [domain_of(point["value_norm"]) for point in record["emails"]]
    return next((domain for domain in found if domain and not is_free_mail(domain)), None)


def _check_open_deals(draft: Draft, writer: "Writer") -> None:
    if "cascade" in draft.given:
        return
    found = writer.one(
        "SELECT COUNT(*) AS n FROM deal WHERE organization_id = ? AND outcome = 'open' AND deleted_at IS NULL", draft.id
    )
    if found and found["n"]:
        draft.refuse("", f"it has {counted(found['n'], 'open deal')}; close or move them first")
