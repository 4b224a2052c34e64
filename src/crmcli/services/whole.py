"""Everything that ``export all`` wrote, taken into a new store: ids, uids and child rows as they were.

The records were made by the one write path before they were exported, so they come in through its narrow door
(``exact``), as one step that undo takes back. What the document must be to get so far is checked here, and then the
whole store as ``crm check`` does.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby, islice
from sqlite3 import IntegrityError
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Entity
from crmcli.domain.text import check_text
from crmcli.errors import ConflictError, CrmError, RefusedError, StoreError
from crmcli.queries.checks import broken_invariants
from crmcli.queries.exports import ORDER
from crmcli.services import exact, images
from crmcli.services.results import Context
from crmcli.services.writer import Writer, write
from crmcli.store.collections import CHILDREN

_BATCH = 500
_FIRST = ("user", "pipeline", "stage")  # what a new store begins with
_CAUSE = "import"
_MOST_TOLD = 3

Section = tuple[str, int, Any]  # name of the entity, line in the document, record


class Taken(NamedTuple):
    """What came in: how many records of each entity, and what the user should hear about."""

    counts: dict[str, int]
    warnings: tuple[str, ...]
    replayed: bool = False  # it was done before, under the same idempotency key


def import_all(context: Context, sections: Iterable[Section], label: str) -> Taken:
    """Store the records of a document, and return how many there are.

    ConflictError when the store has records of its own, RefusedError naming the line when the document is not what
    ``export all`` writes. Rules do not act. What a command of the same idempotency key did before is not done again.
    """
    counts: Counter[str] = Counter()

    def work(writer: Writer) -> None:
        _make_room(writer)
        for name, records in groupby(sections, key=lambda section: section[0]):
            if name not in ORDER:
                raise _refusal(label, f"there are no records called {name!r}")
            kind = ENTITIES[name]
            found = (_image(kind, record, f"{label}: line {line}") for _, line, record in records)
            while batch := list(islice(found, _BATCH)):
                if name == "user" and writer.me is None:
                    writer.me = next((one["id"] for one in batch if _is_me(writer, one)), None)
                _insert(writer, kind, batch, label)
                counts[name] += len(batch)
        writer.told.append(dict(counts))
        _check(writer, label)
        if writer.me is None:
            writer.warn(f"there is no user {writer.settings.user!r} here: crm user add {writer.settings.user}")

    result = write(context, work, rules=False)
    taken = result.told[0]
    return Taken({name: taken[name] for name in ORDER if name in taken}, result.warnings, result.replayed)


def _make_room(writer: Writer) -> None:
    """Take out what a new store begins with; ConflictError when there is anything else."""
    filled = [name for name in ORDER if name not in _FIRST and _count(writer, name)]
    begun = [row for name in _FIRST for row in writer.all(f"SELECT version, created_at FROM {ENTITIES[name].table}")]
    is_new = all(_count(writer, name) <= 1 for name in ("user", "pipeline"))
    is_new = is_new and len({(row["version"], row["created_at"]) for row in begun}) <= 1
    if filled or not is_new:
        what = f"it has {ENTITIES[filled[0]].plural}" if filled else "its users or pipelines were changed"
        raise ConflictError(
            f"everything can only be taken into a new store: {what}",
            hint="crm --db NEW.db init, then crm --db NEW.db import all FILE",
            code="store.not_empty",
        )
    writer.me = None  # whoever is called so here is not who the numbers of the document mean
    for name in reversed(_FIRST):
        kind = ENTITIES[name]
        ids = [row["id"] for row in writer.all(f"SELECT id FROM {kind.table} ORDER BY id DESC")]
        exact.remove(writer, kind, exact.load(writer, kind, ids), _CAUSE)


def _count(writer: Writer, name: str) -> int:
    found = writer.one(f"SELECT COUNT(*) AS count FROM {ENTITIES[name].table}")
    return int(found["count"]) if found else 0


def _is_me(writer: Writer, user: images.Image) -> bool:
    return user["handle"] == writer.settings.user and user["deleted_at"] is None


def _image(kind: Entity, record: object, place: str) -> images.Image:
    """Return the image of an exported record; RefusedError where it is none."""
    if not isinstance(record, dict) or not isinstance(record.get("id"), int) or record["id"] < 1:
        raise _refusal(place, f"{kind.label.lower()} without an id")
    blank = images.blank(kind.name)
    problems = [*_misfits(record, set(blank))]
    for name in images.collections_of(kind):
        rows = record.get(name, [])
        known = {*CHILDREN[name].content}
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            problems.append(f"{name} is no list of objects")
            continue
        problems += [f"{name}: {problem}" for row in rows for problem in _misfits(row, known)]
    problems += [f"{column} is not JSON" for column in _json_columns(kind.name) if not _is_json(record.get(column))]
    if problems:
        raise _refusal(place, "; ".join(problems[:_MOST_TOLD]))
    return blank | record


def _misfits(found: Mapping[str, Any], known: set[str]) -> Iterator[str]:
    """Yield what is wrong with the names and values of an object; lists are collections, looked at on their own."""
    for name, value in found.items():
        if name not in known:
            yield f"there is no field {name!r}"
        elif isinstance(value, str):
            try:
                check_text(value)
            except ValueError as problem:
                yield f"{name} {problem}"
        elif not (value is None or isinstance(value, int | list)) or isinstance(value, bool):
            yield f"{name} cannot be {json.dumps(value)[:40]}"


@cache
def _json_columns(name: str) -> tuple[str, ...]:
    return tuple(field.column for field in ENTITIES[name].fields.values() if field.type == "json" and field.column)


def _is_json(text: str | None) -> bool:
    try:
        return text is None or json.loads(text) is not None
    except (ValueError, TypeError, RecursionError):
        return False


def _insert(writer: Writer, kind: Entity, records: list[images.Image], label: str) -> None:
    try:
        exact.insert(writer, kind, records, _CAUSE)
    except StoreError as problem:
        if not isinstance(problem.__cause__, IntegrityError):
            raise
        told = f"{kind.plural} {records[0]['id']} to {records[-1]['id']}: {problem.__cause__}"
        raise _refusal(label, told) from problem
    except (TypeError, OverflowError) as problem:
        raise _refusal(label, f"{kind.plural}: {problem}") from problem


def _check(writer: Writer, label: str) -> None:
    """Refuse what the file itself would not hold, and warn of anything else that ``crm check`` finds."""
    found = list(broken_invariants(writer.unit.raw))
    for finding in found:
        if finding.entity == "store":
            raise _refusal(label, f"{finding.ref} {finding.what}".strip())
    if found:
        first = f"{found[0].ref} {found[0].what}"
        writer.warn(f"crm check finds {len(found):,} things wrong with these records, such as: {first}")


def _refusal(place: str, problem: str) -> CrmError:
    return RefusedError(f"{place}: {problem}", hint="crm export all makes such a document", code="document.malformed")
