"""Strong keys: e-mail, phone, domain, VAT number, the names of configuration. A second record with one is a duplicate.

Two empty values never match; role addresses (info@) and free-mail domains identify nobody.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.emails import is_free_mail, is_role_address
from crmcli.domain.plurals import with_article
from crmcli.errors import DuplicateError
from crmcli.queries.references import refs_with_titles, title_of
from crmcli.services.drafts import Draft

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


class Twin(NamedTuple):
    """A record that has a strong key already."""

    ref: str
    title: str
    key: str
    value: str


_LISTED = {"stage": "pipeline"}  # nouns whose list shows those of another
_POINT = (  # the plus keeps the planner on the index by value
    "SELECT p.record_id AS id FROM contact_point p CROSS JOIN {table} r ON r.id = p.record_id"
    " WHERE p.value_norm = ? AND p.kind = ? AND +p.entity = ? AND r.deleted_at IS NULL"
)


def refuse_duplicate(draft: Draft, writer: "Writer") -> None:
    """Raise DuplicateError when a new record has the strong key of a live one."""
    twin = find_duplicate(draft, writer)
    if twin:
        raise DuplicateError(
            f"{twin.ref} {twin.title} has {twin.key} {twin.value} already",
            hint=f"crm show {twin.ref}, or --allow-duplicate",
            code=f"{draft.entity.noun}.duplicate",
            details={"ref": twin.ref, "key": twin.key, "value": twin.value},
        )


def find_duplicate(draft: Draft, writer: "Writer") -> Twin | None:
    """Return a live record of the same kind with a strong key of the draft, or None."""
    kind = draft.entity
    for key, name, value in _strong_keys(draft):
        if key in ("email", "phone"):
            found = writer.one(f"{_POINT.format(table=kind.table)} LIMIT 1", value, key, kind.name)
        else:
            sql = f"SELECT id FROM {kind.table} WHERE {key} = ? AND deleted_at IS NULL LIMIT 1"
            found = writer.one(sql, value)
        if found:
            title = title_of(writer.unit.raw, kind.name, found["id"])
            return Twin(kind.ref(found["id"]), title, name, value)
    return None


def refuse_taken(draft: Draft, writer: "Writer", *columns: str) -> None:
    """Raise DuplicateError when another live record of the kind has the same in all of some columns."""
    kind = draft.entity
    same = " AND ".join(f"{column} IS ?" for column in columns)
    found = writer.one(
        f"SELECT id FROM {kind.table} WHERE {same} AND id IS NOT ? AND deleted_at IS NULL",
        *(draft.record[column] for column in columns), draft.record["id"],
    )  # fmt: skip
    if found:
        name, _ = refs_with_titles(writer.unit.raw, kind.name, [found["id"]])[0]
        raise DuplicateError(
            f"there is {with_article(kind.label.lower())} {name} already",
            hint=f"crm {_LISTED.get(kind.noun, kind.noun)} list",
            code=f"{kind.noun}.duplicate",
            details={"ref": name},
        )


def holders_of(writer: "Writer", entity: str, key: str, norm: str) -> list[int]:
    """Return the live records of a kind that have an e-mail or phone (``key``) of this normal form."""
    sql = _POINT.format(table=ENTITIES[entity].table)
    return [row["id"] for row in writer.all(sql, norm, key, entity)]


def personal_keys(record: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return the e-mails and phones that identify a person: key, what it is called, normal form."""
    emails = [row["value_norm"] for row in record["emails"]]
    phones = [row["value_norm"] for row in record["phones"]]
    personal = [("email", "e-mail", norm) for norm in emails if not is_role_address(norm)]
    return personal + [("phone", "phone", norm) for norm in phones if norm.startswith("+")]


def _strong_keys(draft: Draft) -> list[tuple[str, str, str]]:
    record = draft.record
    keys = []
    if draft.entity.name in ("lead", "contact"):
        keys += personal_keys(record)
    elif draft.entity.name == "organization":
        if record["domain"] and not is_free_mail(record["domain"]):
            keys.append(("domain", "domain", record["domain"]))
        if record["vat_id"]:
            keys.append(("vat_id", "VAT number", record["vat_id"]))
    return keys
