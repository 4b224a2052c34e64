"""Who somebody is: the one identity that the leads and contacts about a person share, made when consent is spoken of.

Two records are about the same person when one became the other by conversion, and when they have an e-mail address in
common that is nobody's office (``info@``), unless somebody said that they are not the same. Names and phone numbers
prove nothing. Deleted records count: who comes back is who they were.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from crmcli.domain.emails import is_role_address
from crmcli.services.results import Wanted

if TYPE_CHECKING:
    from crmcli.services.drafts import Draft
    from crmcli.services.writer import Writer

BEARERS = ("lead", "contact")  # kinds of records that are about a person
Record = tuple[str, int]
_DISTINCT = (
    "NOT EXISTS (SELECT 1 FROM distinction d WHERE"
    " (d.owner_entity = :entity AND d.owner_id = :id AND d.entity = '{table}' AND d.record_id = r.id)"
    " OR (d.entity = :entity AND d.record_id = :id AND d.owner_entity = '{table}' AND d.owner_id = r.id))"
)
_REACHED = " UNION ".join(
    f"SELECT '{table}' AS entity, r.id, r.subject_id FROM contact_point p JOIN {table} r ON r.id = p.record_id"
    " WHERE p.value_norm IN (SELECT value FROM json_each(:addresses)) AND p.kind = 'email'"
    f" AND +p.entity = '{table}' AND {_DISTINCT.format(table=table)}"
    for table in BEARERS
)
_CONVERTED = (
    "SELECT 'contact' AS entity, c.id, c.subject_id FROM lead l JOIN contact c ON c.id = l.converted_contact_id"
    " WHERE :entity = 'lead' AND l.id = :id UNION ALL SELECT 'lead', l.id, l.subject_id FROM lead l"
    " WHERE :entity = 'contact' AND l.converted_contact_id = :id"
)
_ADDRESSES = "SELECT value_norm FROM contact_point WHERE entity = ? AND record_id = ? AND kind = 'email'"


class Subjects:
    """The identities of one transaction."""

    def __init__(self, writer: "Writer") -> None:
        self._writer = writer
        self._any: bool | None = None  # whether there is any, looked up when first asked

    def recognise(self, draft: "Draft") -> None:
        """Let a record that comes to have an address be about the person who is known by it, if there is just one."""
        record = draft.record
        if record["subject_id"] is not None or not draft.changed("emails") or not self.are_there():
            return
        found = self._reached((draft.entity.name, record["id"] or 0), {row["value_norm"] for row in record["emails"]})
        known = _known(found)
        if len(known) == 1:
            (record["subject_id"],) = known

    def of(self, record: Record) -> int:
        """Return the identity of a record, made or united with that of others about the same person where need be."""
        kin = self._kin(record)
        if _known(kin):
            return self._settle(kin)
        subject, self._any = self._writer.create("subject", {}).id, True
        self._repoint(kin, subject)
        return subject

    def unite(self, subjects: Collection[int]) -> int:
        """Make one of several identities, with one ledger, and return it; the oldest stays."""
        keep, *others = sorted(subjects)
        for entity in (*BEARERS, "consent") if others else ():
            sql = f"SELECT id FROM {entity} WHERE subject_id IN (SELECT value FROM json_each(?)) ORDER BY id"
            rows = self._writer.all(sql, json.dumps(others))
            self._repoint(((entity, row["id"]) for row in rows), keep)
        for other in others:
            self._writer.delete("subject", other)
        return keep

    def join(self, records: Iterable[Record]) -> None:
        """Let records be about one person from now on, as far as consent was spoken of for any of them."""
        kin = {one: was for record in records for one, was in self._kin(record).items()} if self.are_there() else {}
        if _known(kin):
            self._settle(kin)

    def _settle(self, kin: Mapping[Record, int | None]) -> int:
        """Give records about one person, some of which have an identity, the same one."""
        subject = self.unite(_known(kin))
        self._repoint((one for one, was in kin.items() if was is None), subject)
        return subject

    def _kin(self, record: Record) -> dict[Record, int | None]:
        """Return all records about the same person as one, itself included, each with the identity that it has."""
        entity, record_id = record
        kin: dict[Record, int | None] = {record: self._writer.image(entity, record_id)["subject_id"]}
        waiting = [record]
        while waiting:
            one = waiting.pop()
            addresses = {row["value_norm"] for row in self._writer.all(_ADDRESSES, *one)}
            further = self._reached(one, addresses) | self._rows(_CONVERTED, one)
            waiting += [other for other in further if other not in kin]
            kin = further | kin
        return kin

    def _reached(self, record: Record, addresses: Iterable[str]) -> dict[Record, int | None]:
        """Return the records that have one of some addresses, where it proves that they are about the same person."""
        own = [address for address in addresses if not is_role_address(address)]
        return self._rows(_REACHED, record, addresses=json.dumps(own)) if own else {}

    def _rows(self, sql: str, record: Record, **more: str) -> dict[Record, int | None]:
        named = {"entity": record[0], "id": record[1], **more}
        rows = self._writer.unit.raw.execute(sql, named).fetchall()
        return {(entity, record_id): subject for entity, record_id, subject in rows}

    def _repoint(self, records: Iterable[Record], subject: int) -> None:
        by_entity: dict[str, list[Wanted]] = {}
        for entity, record_id in records:
            by_entity.setdefault(entity, []).append(Wanted({"subject": subject}, record_id, intent="repoint"))
        for entity, wanted in by_entity.items():
            self._writer.save_many(entity, wanted)

    def are_there(self) -> bool:
        """Say whether there is any identity at all, so that a load of records without one pays nothing."""
        if self._any is None:
            self._any = self._writer.one("SELECT 1 FROM subject LIMIT 1") is not None
        return self._any


def _known(kin: Mapping[Record, int | None]) -> set[int]:
    return {subject for subject in kin.values() if subject is not None}
