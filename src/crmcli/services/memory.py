"""The answer to a write, and the memory of answers given under an idempotency key."""

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmcli.catalogue import ENTITIES
from crmcli.errors import ConflictError
from crmcli.queries.records import get_record
from crmcli.queries.references import title_of
from crmcli.services.drafts import canonical
from crmcli.services.results import Context, Result, Saved
from crmcli.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_SHOWN = 20  # records that an answer holds whole


def result(writer: "Writer", effects: Sequence[str]) -> Result:
    """Return the answer to a write, its records read back inside the transaction."""
    saved = writer.saves.named
    named = list(dict.fromkeys((item.entity, item.id) for item in saved))[:_SHOWN]
    live = [(entity, record_id) for entity, record_id in named if ENTITIES[entity].letter]
    con = writer.unit.raw
    records = [get_record(con, ENTITIES[entity], record_id) for entity, record_id in live]
    return Result(
        saved=tuple(saved),
        counts=dict(writer.saves.counts),
        records=tuple(record for record in records if record is not None),
        titles={ENTITIES[entity].ref(record_id): title_of(con, entity, record_id) for entity, record_id in live},
        warnings=tuple(writer.warnings),
        effects=tuple(effects),
        told=tuple(writer.told),
        operation_id=writer.journal.operation_id,
        dry_run=writer.context.command.dry_run,
    )


def recall(unit: UnitOfWork, context: Context) -> Result | None:
    """Return the first answer given under this key, or None; ConflictError when it was another command."""
    key = context.command.idempotency_key
    if key is None:
        return None
    row = unit.raw.execute(
        "SELECT arguments_sha256, result, operation_id FROM idempotency_key WHERE key = ?", (key,)
    ).fetchone()
    if row is None:
        return None
    if row[0] != _hash(context):
        raise ConflictError(
            f"the key {key!r} was used for another command",
            hint="take a key of its own for each command",
            code="idempotency.conflict",
        )
    kept = json.loads(row[1])
    named = [(item["entity"], item["id"]) for item in kept["saved"]]
    records = [
        get_record(unit.raw, ENTITIES[entity], record_id) for entity, record_id in named if ENTITIES[entity].letter
    ]
    return Result(
        saved=tuple(Saved(item["entity"], item["id"], item["action"], {}, {}) for item in kept["saved"]),
        counts=kept["counts"],
        records=tuple(record for record in records if record is not None),
        titles=kept["titles"],
        told=tuple(kept.get("told", ())),
        operation_id=row[2],
        replayed=True,
    )


def remember(unit: UnitOfWork, context: Context, done: Result, now: str) -> None:
    """Keep the answer under the command's idempotency key, in the same commit as what it did."""
    key = context.command.idempotency_key
    if key is None:
        return
    kept = canonical(
        {
            "saved": [{"entity": s.entity, "id": s.id, "action": s.action} for s in done.saved[:_SHOWN]],
            "counts": done.counts,
            "titles": done.titles,
            "told": list(done.told),
        }
    )
    unit.execute(
        "INSERT INTO idempotency_key (key, arguments_sha256, result, at, operation_id) VALUES (?, ?, ?, ?, ?)",
        [(key, _hash(context), kept, now, done.operation_id)],
    )


def _hash(context: Context) -> str:
    return hashlib.sha256(context.command.arguments.encode(errors="backslashreplace")).hexdigest()
