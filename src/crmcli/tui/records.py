"""What screens do to records of any kind: each call blocks, writes one undoable step, and is the same as a command's.

Texts come as they were typed; a wrong one is refused by the service, with the reason. What only boards do is in
``board.work``.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.errors import ConflictError, CrmError, NotFoundError, Problem, RefusedError
from crmcli.tui.desk import Desk, Record, Written, record_of

FORMS = {  # the fields of the short form of each kind
    "deal": ("name", "organization", "amount", "expected_close", "next_step", "next_step_due"),
    "ticket": ("subject", "priority", "contact", "assignee"),
    "lead": ("full_name", "company_name", "email", "phone", "rating", "next_step", "next_step_due"),
    "contact": ("full_name", "organization", "job_title", "email", "phone", "next_contact_on"),
    "organization": ("name", "website", "city", "country", "phone"),
    "task": ("subject", "due_at", "priority", "assignee"),
    "event": ("title", "start_at", "end_at", "location"),
    "interaction": ("kind", "subject", "occurred_at", "body"),
}
_ADDRESSES = ("email", "website", "join_url")  # fields that a program can open
_COPIED = ("email", "phone", "website", "join_url")


class Draft(NamedTuple):
    """A record as a form was filled from it: the version it had and the texts of its fields.

    ``save`` is what saves the texts that were changed, where that is not an edit of the record.
    """

    record: Record
    version: int
    texts: Mapping[str, str]
    save: Callable[[Mapping[str, str]], Written] | None = None


def add(desk: Desk, entity: str, values: Mapping[str, Any]) -> Written:
    """Create a record from typed values."""
    from crmcli.services import records

    return desk.write(f"crm {ENTITIES[entity].noun} add", lambda context: [records.add(context, entity, values)])


def edit(desk: Desk, chosen: Sequence[Record], texts: Mapping[str, str], version: int | None = None) -> Written:
    """Change fields of records of one kind by their texts; ``version`` is the one the form was filled from."""
    return edit_values(desk, chosen, typed(desk, chosen[0].entity, texts), version)


def edit_values(desk: Desk, chosen: Sequence[Record], values: Mapping[str, Any], version: int | None = None) -> Written:
    """Change fields of records of one kind to typed values."""
    from crmcli.services import records

    entity, ids = chosen[0].entity, [record.id for record in chosen]
    command = f"crm {ENTITIES[entity].noun} edit {refs_of(chosen)}"
    return desk.write(command, lambda context: [records.edit(context, entity, ids, values, version=version)])


def log(desk: Desk, chosen: Sequence[Record], texts: Mapping[str, str]) -> Written:
    """Keep what happened with records, ``title`` of a ``kind``; of an activity, with whom it was linked."""
    from crmcli.services import interactions

    values = typed(desk, "interaction", {"kind": texts["kind"], "subject": texts["title"]})
    kind = str(values.pop("kind") or "note")
    links = desk.read(lambda con: _links(con, chosen))
    command = f"crm log {kind} … --with {refs_of(chosen)}"
    return desk.write(command, lambda context: [interactions.log(context, kind, values, links)])


def take_back(desk: Desk, *, again: bool) -> Written:
    """Undo the last step, or do again the last one taken back; the command that it was is told first."""
    from crmcli.queries.history import newer_than, redo_stack, undo_stack
    from crmcli.services import undo

    steps = desk.read(lambda con: (redo_stack if again else undo_stack)(con, 1))
    if not steps:
        raise RefusedError(f"there is nothing to {'redo' if again else 'undo'}", code="undo.empty")
    if again and desk.read(lambda con: newer_than(con, steps)):
        raise ConflictError("something else was done since: it cannot be done again", code="redo.stale")
    kind = "redo" if again else "undo"
    done = desk.write(f"crm {kind}", lambda context: [undo.take_back_all(context, steps[0]["ids"])], kind)
    return done._replace(told=[f"{'did again' if again else 'took back'}: {steps[0]['command']}", *done.told])


def draft_of(desk: Desk, record: Record) -> Draft:
    """Return what the short form of a record begins with."""
    keys = FORMS[record.entity]
    row = row_of(desk, record, (*keys, "version"))
    return Draft(record, int(str(row["version"])), {key: _text(desk, record.entity, key, row[key]) for key in keys})


def _text(desk: Desk, entity: str, key: str, value: object) -> str:
    """Return the text of a field as it is typed: moments in the zone of the settings."""
    from crmcli.output.cells import machine, people

    is_moment = ENTITIES[entity].fields[key].type == "instant" and value is not None
    return people(value, "instant", zone=desk.settings.timezone) if is_moment else machine(value)


def open_address(desk: Desk, record: Record) -> str:
    """Open the first address that a record has with the configured program; return which it was."""
    from crmcli.config.screen import Tui
    from crmcli.integrations.opener import open_with

    kind = ENTITIES[record.entity]
    row = row_of(desk, record, tuple(key for key in _ADDRESSES if kind.find(key)))
    address = next((str(row[key]) for key in _ADDRESSES if row.get(key)), "")
    if not address:
        raise RefusedError(f"{record.ref} has no address", code="address.none")
    open_with((desk.settings.tui or Tui()).opener, address)
    return f"opened {address}"


def copied(desk: Desk, record: Record) -> str:
    """Return what is worth copying of a record: its e-mail, phone or address, else its name."""
    from crmcli.output.safe import safe
    from crmcli.queries.references import title_of

    kind = ENTITIES[record.entity]
    row = row_of(desk, record, tuple(key for key in _COPIED if kind.find(key)))
    found = next((str(row[key]) for key in _COPIED if row.get(key)), "")
    return safe(found or desk.read(lambda con: title_of(con, record.entity, record.id)))


def refs_of(chosen: Sequence[Record]) -> str:
    """Return the refs of records as a command line has them."""
    return " ".join(record.ref for record in chosen)


def checker(desk: Desk, entity: str) -> Callable[[str, str], str]:
    """Return what says of a field and its text why that is refused; an empty answer lets it pass."""

    def check(key: str, text: str) -> str:
        try:
            typed(desk, entity, {key: text})
        except RefusedError as error:
            return "; ".join(f"{one.field}: {one.reason}" for one in error.problems)
        return ""

    return check


def typed(desk: Desk, entity: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the values that texts mean; RefusedError names every field whose text means none."""
    from crmcli import clock
    from crmcli.domain.inputs import Reading, read_value

    settings, problems = desk.settings, []
    reading = Reading(clock.now(), settings.timezone, settings.locale, settings.country)
    values: dict[str, Any] = {}
    for key, text in texts.items():
        field = ENTITIES[entity].fields[key]
        try:
            values[key] = _referred(desk, field.ref, text) if field.type == "ref" else read_value(field, text, reading)
        except (ValueError, CrmError) as error:
            problems.append(Problem(field.label, str(error)))
    if problems:
        raise RefusedError(f"{ENTITIES[entity].noun} refused", problems)
    return values


def row_of(desk: Desk, record: Record, keys: tuple[str, ...]) -> Mapping[str, object]:
    """Return fields of a record; NotFoundError when it is gone."""
    from crmcli.queries.records import get_record

    row = desk.read(lambda con: get_record(con, ENTITIES[record.entity], record.id, keys))
    if row is None:
        raise NotFoundError(ENTITIES[record.entity].noun, record.ref)
    return row


def _links(con: sqlite3.Connection, chosen: Sequence[Record]) -> list[Record]:
    """Return with which records an interaction is kept: these, instead of activities those they are linked with."""
    from crmcli.queries.records import get_record

    found: list[Record] = []
    for record in chosen:
        row = get_record(con, ENTITIES[record.entity], record.id, ("links",)) if _is_activity(record) else None
        links = row["links"] if row else None
        if isinstance(links, list):
            found += [linked for link in links if (linked := record_of(str(link["ref"])))]
        else:
            found.append(record)
    return found


def _is_activity(record: Record) -> bool:
    return ENTITIES[record.entity].find("links") is not None


def _referred(desk: Desk, entity: str, text: str) -> int | None:
    from crmcli.queries.references import find_reference
    from crmcli.queries.scope import user_id

    if not text.strip():
        return None
    settings = desk.settings
    return desk.read(
        lambda con: find_reference(con, entity, text, country=settings.country, me=user_id(con, settings.user)).id
    )
