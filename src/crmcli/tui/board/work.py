"""What the board does to records: each call blocks, writes one undoable step, and is the same as a command's.

Texts come as they were typed; a wrong one is refused by the service, with the reason.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.errors import CrmError, NotFoundError, Problem, RefusedError
from crmcli.tui.desk import Desk, Written

FORMS = {  # the fields of the short form of each kind, by label
    "deal": {"name": "Name", "organization": "Organization", "amount": "Amount", "expected_close": "Expected close",
             "next_step": "Next step", "next_step_due": "Next step due"},
    "ticket": {"subject": "Subject", "priority": "Priority", "contact": "Contact", "assignee": "Assignee"},
    "lead": {"full_name": "Name", "company_name": "Company", "rating": "Rating", "next_step": "Next step",
             "next_step_due": "Next step due"},
}  # fmt: skip


class Draft(NamedTuple):
    """A record as a form was filled from it: the version it had and the texts of its fields."""

    id: int
    version: int
    texts: Mapping[str, str]


def move(desk: Desk, entity: str, ids: Sequence[int], lane: int | str) -> Written:
    """Move records to a lane: deals to a stage (id), others to a status."""
    refs = _refs(entity, ids)
    if entity == "deal":
        from crmcli.services import deals

        return desk.write(f"crm deal move {refs} {lane}", lambda context: [deals.move(context, ids, lane)])
    if entity == "ticket":
        from crmcli.services import tickets

        command = f"crm ticket edit {refs} --set status={lane}"
        return desk.write(command, lambda context: [tickets.set_status(context, ids, str(lane))])
    return edit(desk, entity, ids, {"status": str(lane)})


def add(desk: Desk, entity: str, texts: Mapping[str, str], lane: int | str, pipeline: int | None) -> Written:
    """Create a record in a lane from the texts of its form."""
    from crmcli.services import records

    values = _typed(desk, entity, texts)
    if entity == "deal":
        values |= {"pipeline": pipeline, "stage": lane}
    elif lane != ("new" if entity in ("lead", "ticket") else lane):
        values["status"] = lane
    return desk.write(f"crm {ENTITIES[entity].noun} add", lambda context: [records.add(context, entity, values)])


def edit(desk: Desk, entity: str, ids: Sequence[int], texts: Mapping[str, str], version: int | None = None) -> Written:
    """Change fields of records by their texts; ``version`` is the one the form was filled from."""
    from crmcli.services import records

    command = f"crm {ENTITIES[entity].noun} edit {_refs(entity, ids)}"
    values = _typed(desk, entity, texts)
    return desk.write(command, lambda context: [records.edit(context, entity, ids, values, version=version)])


def win(desk: Desk, ids: Sequence[int]) -> Written:
    """Close deals as won."""
    from crmcli.services import deals

    return desk.write(f"crm deal win {_refs('deal', ids)}", lambda context: [deals.win(context, ids)])


def lose(desk: Desk, ids: Sequence[int], reason: str, note: str | None) -> Written:
    """Close deals as lost for a reason."""
    from crmcli.services import deals

    command = f"crm deal lose {_refs('deal', ids)} --reason {reason}"
    return desk.write(command, lambda context: [deals.lose(context, ids, reason, note)])


def take_back(desk: Desk, *, again: bool) -> Written:
    """Undo the last step, or do again the last one taken back; the command that it was is told first."""
    from crmcli.queries.history import redo_stack, undo_stack
    from crmcli.services import undo

    steps = desk.read(lambda con: (redo_stack if again else undo_stack)(con, 1))
    if not steps:
        raise RefusedError(f"there is nothing to {'redo' if again else 'undo'}", code="undo.empty")
    kind = "redo" if again else "undo"
    done = desk.write(f"crm {kind}", lambda context: undo.take_back_all(context, steps[0]["ids"]), kind)
    return done._replace(told=[f"{'did again' if again else 'took back'}: {steps[0]['command']}", *done.told])


def draft_of(desk: Desk, entity: str, record_id: int) -> Draft:
    """Return what the short form of a record begins with."""
    from crmcli.output.cells import machine
    from crmcli.queries.records import get_record

    keys = tuple(FORMS[entity])
    row = desk.read(lambda con: get_record(con, ENTITIES[entity], record_id, (*keys, "version")))
    if row is None:
        raise NotFoundError(ENTITIES[entity].noun, ENTITIES[entity].ref(record_id))
    return Draft(record_id, int(str(row["version"])), {key: machine(row[key]) for key in keys})


def _refs(entity: str, ids: Sequence[int]) -> str:
    return " ".join(ENTITIES[entity].ref(one) for one in ids)


def _typed(desk: Desk, entity: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the values that texts mean; RefusedError names every field whose text means none."""
    from crmcli import clock
    from crmcli.domain.inputs import Reading, read_value

    settings, problems = desk.settings, []
    reading = Reading(clock.now(), settings.timezone, settings.locale, settings.country)
    values: dict[str, Any] = {}
    for key, text in texts.items():
        field = ENTITIES[entity].fields[key]
        try:
            values[key] = _record(desk, field.ref, text) if field.type == "ref" else read_value(field, text, reading)
        except (ValueError, CrmError) as error:
            problems.append(Problem(field.label, str(error)))
    if problems:
        raise RefusedError(f"{ENTITIES[entity].noun} refused", problems)
    return values


def _record(desk: Desk, entity: str, text: str) -> int | None:
    from crmcli.queries.references import find_reference
    from crmcli.queries.scope import user_id

    if not text.strip():
        return None
    settings = desk.settings
    return desk.read(
        lambda con: find_reference(con, entity, text, country=settings.country, me=user_id(con, settings.user)).id
    )
