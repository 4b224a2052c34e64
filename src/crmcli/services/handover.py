"""What a lead hands over to the contact, organization and deal that it becomes, and what a known record takes of it.

A record that was there keeps what it says: only its blanks are filled, and where it says something else, that is told.
"""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.money import Amount, from_minor
from crmcli.domain.names import company_key
from crmcli.domain.schema import Field
from crmcli.domain.text import fold
from crmcli.domain.webs import domain_of_url
from crmcli.queries.present import present
from crmcli.services.images import Image
from crmcli.services.invariants.shared import further_life_cycle
from crmcli.services.tags import names_of

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

Values = dict[str, Any]
_ADDRESS = ("street", "city", "region", "postal_code", "country", "po_box")
_PERSON = ("salutation", "first_name", "last_name", "job_title", "rating", "referred_by", "description")
_CADENCE = ("follow_every",)
_ORIGIN = ("source", "source_detail")
_POINTS = ("emails", "phones", "socials")
_NORMAL: dict[str, Callable[[str], str | None]] = {"name": company_key, "website": domain_of_url}
_BANS = ("do_not_call", "do_not_email")  # one that forbids wins


class Difference(NamedTuple):
    """A field in which a known record and the lead disagree; the record keeps what it has."""

    label: str
    kept: str
    offered: str

    def __str__(self) -> str:
        return f"{self.label} {self.kept!r}; the lead says {self.offered!r}"


def contact_values(writer: "Writer", lead: Image, *, alone: bool) -> Values:
    """Return what the contact takes of the lead; website and address too when there is no organization (``alone``)."""
    values = _plain(lead, _PERSON + _ORIGIN + _CADENCE + (("website", *_ADDRESS) if alone else ()))
    values |= {key: True for key in _BANS if lead[key]}
    values |= {key: [{k: row[k] for k in ("value", "label", "extension")} for row in lead[key]] for key in _POINTS}
    values["tags"] = names_of(writer, lead["tags"])
    return values | _custom_values(writer, lead, "contact", lead["currency"])


def organization_values(writer: "Writer", lead: Image, currency: str) -> Values:
    """Return what the organization, which counts in ``currency``, takes of the lead."""
    values = _plain(lead, ("website", "industry", "employees", *_ORIGIN))
    values["name"] = lead["company_name"]
    values |= {f"billing_{part}": lead[part] for part in _ADDRESS}
    if lead["annual_revenue_minor"] is not None:
        values["annual_revenue"] = _amount(lead, "annual_revenue_minor")
    return values | _custom_values(writer, lead, "organization", currency)


def deal_values(writer: "Writer", lead: Image) -> Values:
    """Return what the deal takes of the lead."""
    responded = ENTITIES["lead"].fields["first_responded_at"].sql
    found = writer.one(f"SELECT {responded} AS at FROM lead r WHERE r.id = ?", lead["id"])
    values = _plain(lead, ("next_step", "next_step_due", *_ORIGIN))
    values |= {"lead": lead["id"], "first_responded_at": found["at"] if found else None, "currency": lead["currency"]}
    if lead["expected_amount_minor"] is not None:
        values["amount"] = _amount(lead, "expected_amount_minor")
    return values | _custom_values(writer, lead, "deal", lead["currency"])


def fill(writer: "Writer", entity: str, record_id: int, values: Values) -> list[Difference]:
    """Fill the blanks of a known record and return where it disagrees. Multi-valued fields are united."""
    image = writer.image(entity, record_id)
    kind, custom = ENTITIES[entity], writer.custom_fields(entity)
    news: Values = {}
    differences: list[Difference] = []
    for key, value in values.items():
        field = kind.find(key) or custom[key]
        old = _old(image, field)
        if value is None:
            continue
        if field.multi:
            news[f"+{key}"] = value
        elif key == "lifecycle_stage":
            news[key] = further_life_cycle(old, value)
        elif old is None or key in _BANS:
            news[key] = value
        elif not _agree(key, old, value):
            differences.append(Difference(field.label, str(old), _shown(value)))
    if any(difference.label in _address_labels(entity) for difference in differences):
        news = {key: value for key, value in news.items() if key not in _address_keys(entity)}
    writer.update(entity, record_id, news, intent="convert")
    return differences


def _plain(lead: Image, keys: tuple[str, ...]) -> Values:
    """Return values whose stored form is their typed form."""
    fields = ENTITIES["lead"].fields
    return {key: lead[fields[key].column] for key in keys}


def _amount(lead: Image, column: str) -> Amount:
    return Amount(from_minor(lead[column], lead["currency"]), lead["currency"], False)


def _custom_values(writer: "Writer", lead: Image, entity: str, currency: str) -> Values:
    """Return the lead's custom values for which the entity has a field of the same key and type."""
    stored = json.loads(lead["custom"] or "{}")
    types = {row["key"]: row["type"] for row in writer.custom_definitions(entity)}
    fields = writer.custom_fields("lead")
    return {
        row["key"]: present(fields[row["key"]], stored[row["key"]], lead["currency"])
        for row in writer.custom_definitions("lead")
        if row["key"] in stored
        and types.get(row["key"]) == row["type"]
        and (row["type"] != "money" or currency == lead["currency"])
    }


def _old(image: Image, field: Field) -> Any:
    """Return what a record says in a field, presented; None when it says nothing."""
    if field.multi:
        return image[field.key]
    stored = image[field.column] if field.column else json.loads(image["custom"] or "{}").get(field.key)
    return None if stored is None else present(field, stored, image.get("currency"))


def _agree(key: str, old: Any, value: Any) -> bool:
    normal = _NORMAL.get(key, fold)
    return normal(str(old)) == normal(_shown(value))


def _shown(value: Any) -> str:
    return str(value.value if isinstance(value, Amount) else value)


def _address_keys(entity: str) -> list[str]:
    prefix = "billing_" if entity == "organization" else ""
    return [f"{prefix}{part}" for part in _ADDRESS]


def _address_labels(entity: str) -> list[str]:
    return [ENTITIES[entity].fields[key].label for key in _address_keys(entity)]
