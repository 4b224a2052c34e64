"""Strong keys: e-mail, phone, domain, VAT number. A second record with one of them is a duplicate.

Two empty values never match; role addresses (info@) and free-mail domains identify nobody.
"""

from typing import TYPE_CHECKING, NamedTuple

from crmcli.domain.emails import is_free_mail, is_role_address
from crmcli.errors import DuplicateError
from crmcli.queries.references import title_of
from crmcli.services.drafts import Draft

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


class Twin(NamedTuple):
    """A record that has a strong key already."""

    ref: str
    title: str
    key: str
    value: str


_POINT = (  # the plus keeps the planner on the index by value
    "SELECT p.record_id AS id FROM contact_point p CROSS JOIN {table} r ON r.id = p.record_id"
    " WHERE p.value_norm = ? AND p.kind = ? AND +p.entity = ? AND r.deleted_at IS NULL LIMIT 1"
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
            sql = _POINT.format(table=kind.table)
            found = writer.one(sql, value, key, kind.name)
        else:
            sql = f"SELECT id FROM {kind.table} WHERE {key} = ? AND deleted_at IS NULL LIMIT 1"
            found = writer.one(sql, value)
        if found:
            title = title_of(writer.unit.raw, kind.name, found["id"])
            return Twin(kind.ref(found["id"]), title, name, value)
    return None


def _strong_keys(draft: Draft) -> list[tuple[str, str, str]]:
    record = draft.record
    keys = []
    if draft.entity.name in ("lead", "contact"):
        for point in record["emails"]:
            if not is_role_address(point["value_norm"]):
                keys.append(("email", "e-mail", point["value_norm"]))
        for point in record["phones"]:
            if point["value_norm"].startswith("+"):
                keys.append(("phone", "phone", point["value_norm"]))
    elif draft.entity.name == "organization":
        if record["domain"] and not is_free_mail(record["domain"]):
            keys.append(("domain", "domain", record["domain"]))
        if record["vat_id"]:
            keys.append(("vat_id", "VAT number", record["vat_id"]))
    return keys
