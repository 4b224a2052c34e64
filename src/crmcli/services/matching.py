"""Whom a lead is about: contacts and organizations that are known already, found by strong keys or only by weak ones.

A strong key is an e-mail, a phone or a domain of one's own; names and role addresses are weak. Parts of words never
count, and two empty values never match.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.emails import domain_of, is_free_mail, is_role_address
from crmcli.domain.names import company_key, full_name, person_key
from crmcli.domain.webs import domain_of_url
from crmcli.errors import ConflictError, DuplicateError
from crmcli.queries.references import title_of
from crmcli.services.duplicates import holders_of, personal_keys
from crmcli.services.images import Image

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

Choice = int | Literal["new"] | None  # a record, a new one, or whatever the keys say


class Hits(NamedTuple):
    """Records that may be meant, by id, each with the key that speaks for it."""

    strong: dict[int, str]
    weak: dict[int, str]


def match_organization(writer: "Writer", lead: Image) -> Hits:
    """Return the organizations with a domain of the lead, and those of the same name, legal form aside."""
    by_domain = _found(
        (f"domain {domain}", writer.all("SELECT id FROM organization WHERE domain = ? AND deleted_at IS NULL", domain))
        for domain in _domains(lead)
    )
    key = company_key(lead["company_name"] or "")
    sql = "SELECT id FROM organization WHERE name_key = ? AND deleted_at IS NULL"
    by_name = _found([("name", writer.all(sql, key))] if key else [])
    return Hits(by_domain, by_name)


def match_contact(writer: "Writer", lead: Image, organization_id: int | None) -> Hits:
    """Return the contacts with an e-mail or phone of the lead, and those of the same name in its organization."""
    strong = {
        contact_id: f"{name} {norm}"
        for key, name, norm in personal_keys(lead)
        for contact_id in holders_of(writer, "contact", key, norm)
    }
    weak = {
        contact_id: f"e-mail {norm}, which is no one's own"
        for norm in (row["value_norm"] for row in lead["emails"])
        if is_role_address(norm)
        for contact_id in holders_of(writer, "contact", "email", norm)
    }
    weak |= dict.fromkeys(_namesakes(writer, lead, organization_id), "name and organization")
    return Hits(strong, weak)


def choose(writer: "Writer", lead: Image, entity: str, hits: Hits, choice: Choice) -> int | None:
    """Return the record to take, None to create one.

    ``new`` overrides weak hits; against a strong one it needs the leave for duplicates (DuplicateError). Without a
    choice one strong hit is taken, and several ones, or only weak ones, are a ConflictError that lists them.
    """
    if isinstance(choice, int):
        return choice
    if choice == "new":
        if hits.strong and not writer.context.command.allow_duplicate:
            raise _conflict(writer, lead, entity, hits.strong, DuplicateError, _hint_to_take)
        return None
    if len(hits.strong) == 1:
        return next(iter(hits.strong))
    if hits.strong:
        raise _conflict(writer, lead, entity, hits.strong, ConflictError, _hint_among_strong)
    if hits.weak:
        raise _conflict(writer, lead, entity, hits.weak, ConflictError, _hint_to_choose)
    return None


def _domains(lead: Image) -> list[str]:
    site = domain_of_url(lead["website"]) if lead["website"] else None
    found = [site, *(domain_of(row["value_norm"]) for row in lead["emails"])]
    return [domain for domain in dict.fromkeys(found) if domain and not is_free_mail(domain)]


def _namesakes(writer: "Writer", lead: Image, organization_id: int | None) -> list[int]:
    name = person_key(full_name(lead["first_name"], lead["last_name"]))
    if not name or organization_id is None:
        return []
    rows = writer.all(
        "SELECT c.id, c.first_name, c.last_name FROM organization_contact o JOIN contact c ON c.id = o.contact_id"
        " WHERE o.organization_id = ? AND c.deleted_at IS NULL ORDER BY c.id",
        organization_id,
    )
    return [row["id"] for row in rows if person_key(full_name(row["first_name"], row["last_name"])) == name]


def _found(rows_by_key: Iterable[tuple[str, list[dict[str, Any]]]]) -> dict[int, str]:
    return {row["id"]: key for key, rows in rows_by_key for row in rows}


def _conflict(
    writer: "Writer",
    lead: Image,
    entity: str,
    hits: dict[int, str],
    error: type[ConflictError],
    hint: Callable[[str, list[str]], str],
) -> ConflictError:
    kind = ENTITIES[entity]
    refs = [kind.ref(record_id) for record_id in hits]
    listed = [
        f"{kind.ref(record_id)} {title_of(writer.unit.raw, entity, record_id)} (same {key})"
        for record_id, key in hits.items()
    ]
    return error(
        f"lead {ENTITIES['lead'].ref(lead['id'])} may be about {' or '.join(listed)}",
        hint=hint(kind.noun, refs),
        code=f"{kind.noun}.match",
        details={"entity": entity, "candidates": refs},
    )


def _hint_to_take(noun: str, refs: list[str]) -> str:
    return f"--{noun} {refs[0]} takes it, --allow-duplicate makes another one"


def _hint_among_strong(noun: str, refs: list[str]) -> str:
    return f"--{noun} {refs[0]} takes that one; the others stay"


def _hint_to_choose(noun: str, refs: list[str]) -> str:
    return f"--{noun} {refs[0]} takes it, --{noun} new makes another one"
