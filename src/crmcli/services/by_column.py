"""New records by column: where nothing about them needs a look of its own, a bulk load is settled and checked so.

The same ways, validators and definitions are asked as for a single record, once for what many have in common. Whatever
is not plain is left to ``Writer.save_many``, which looks at each record and tells what is wrong with it.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmcli.catalogue import ENTITIES
from crmcli.domain.columns import OneEach, mapped
from crmcli.domain.customs import misfit
from crmcli.domain.schema import Entity
from crmcli.errors import RefusedError
from crmcli.services import images, validation
from crmcli.services.drafts import Draft, custom_text
from crmcli.services.invariants.registry import consequence_of, plainness_of
from crmcli.services.ways import CUSTOM, column_of, employers_of, target_of
from crmcli.store.unit_of_work import table_of

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_EMPLOYER = ("contact", "organization")  # takes the job title over, so it comes last
Told = Mapping[str, Sequence[Any]]  # values by field key, one of each record, None where it is not told


def create_plain(writer: "Writer", entity: str, told: Told) -> Sequence[int] | None:
    """Create records that a file tells of and return their ids; None, and nothing is stored, where one is not plain."""
    kind = ENTITIES[entity]
    columns = _plain_columns(kind, told, writer)
    if columns is None:
        return None
    ids = writer.unit.new_ids(table_of(entity), len(columns["uid"]))
    filled = images.insert_columns(writer.unit, kind, {**columns, "id": ids})
    if any(field.tracked and field.column in filled for field in kind.fields.values()):
        writer.journal.states(kind, [(None, image, writer.cause) for image in images.full_images(filled)])
    writer.saves.note_created(entity, filled)
    return ids


def _plain_columns(kind: Entity, told: Told, writer: "Writer") -> images.Columns | None:
    is_plain = plainness_of(kind.name)
    if is_plain is None or consequence_of(kind.name):
        return None
    try:
        found = _settled(kind, told, writer)
    except (ValueError, RefusedError):
        return None
    if found is None or not is_plain(found, writer) or not validation.are_sound(kind.name, found):
        return None
    return found


def _settled(kind: Entity, told: Told, writer: "Writer") -> dict[str, Sequence[Any]] | None:
    count = len(next(iter(told.values())))
    blank = writer.blank(kind)
    scratch = Draft(kind, dict(blank), None, "import")
    found: dict[str, Sequence[Any]] = {}
    custom: dict[str, Sequence[Any]] = {}
    for key, values in told.items():
        place = target_of(kind.name, key)
        if not place and (kind.name, key) != _EMPLOYER:
            return None
        if place:
            into = custom if place.startswith(CUSTOM) else found
            into[place.removeprefix(CUSTOM)] = column_of(scratch, key, values, writer)
    if _EMPLOYER[1] in told:
        titles = found.get("job_title") or [None] * count
        found["organizations"] = employers_of(told[_EMPLOYER[1]], titles)
    if not _fit(kind, custom, writer):
        return None
    if custom:
        found["custom"] = _custom_texts(custom)
    for name, value in blank.items():
        if name not in found and (value or value == 0):
            found[name] = [value] * count
        elif value is not None and name in found and not isinstance(found[name], OneEach) and None in found[name]:
            found[name] = [value if one is None else one for one in found[name]]
    return {**found, "uid": writer.uids.take(count)}


def _fit(kind: Entity, custom: Mapping[str, Sequence[Any]], writer: "Writer") -> bool:
    """Say whether custom values are what their fields may hold, and none is missing."""
    for key, field in writer.custom_fields(kind.name).items():
        values = custom.get(key, (None,))
        if field.required and None in values:
            return False
        if any(mapped(lambda value: value is not None and misfit(field, value), values)):  # noqa: B023 - called now
            return False
    return True


def _custom_texts(custom: Mapping[str, Sequence[Any]]) -> list[str | None]:
    names = sorted(custom)

    def text(values: tuple[Any, ...]) -> str | None:
        return custom_text({name: value for name, value in zip(names, values, strict=True) if value is not None})

    return list(mapped(text, list(zip(*[custom[name] for name in names], strict=True))))
