"""What only boards do to records: take them to another lane, add them in one, win and lose deals.

Each call blocks, writes one undoable step, and is the same as a command's.
"""

from collections.abc import Mapping, Sequence

from crmcli.tui.desk import Desk, Record, Written
from crmcli.tui.records import add as add_record
from crmcli.tui.records import edit, refs_of, typed


def move(desk: Desk, chosen: Sequence[Record], lane: int | str) -> Written:
    """Move records of one kind to a lane: deals to a stage (id), others to a status."""
    entity, refs, ids = chosen[0].entity, refs_of(chosen), [record.id for record in chosen]
    if entity == "deal":
        from crmcli.services import deals

        return desk.write(f"crm deal move {refs} {lane}", lambda context: [deals.move(context, ids, lane)])
    if entity == "ticket":
        from crmcli.services import tickets

        command = f"crm ticket edit {refs} --set status={lane}"
        return desk.write(command, lambda context: [tickets.set_status(context, ids, str(lane))])
    return edit(desk, chosen, {"status": str(lane)})


def add(desk: Desk, entity: str, texts: Mapping[str, str], lane: int | str, pipeline: int | None) -> Written:
    """Create a record in a lane from the texts of its form."""
    values = typed(desk, entity, texts)
    if entity == "deal":
        values |= {"pipeline": pipeline, "stage": lane}
    elif lane != "new":
        values["status"] = lane
    return add_record(desk, entity, values)


def win(desk: Desk, chosen: Sequence[Record]) -> Written:
    """Close deals as won."""
    from crmcli.services import deals

    ids = [record.id for record in chosen]
    return desk.write(f"crm deal win {refs_of(chosen)}", lambda context: [deals.win(context, ids)])


def lose(desk: Desk, chosen: Sequence[Record], reason: str, note: str | None) -> Written:
    """Close deals as lost for a reason."""
    from crmcli.services import deals

    ids = [record.id for record in chosen]
    command = f"crm deal lose {refs_of(chosen)} --reason {reason}"
    return desk.write(command, lambda context: [deals.lose(context, ids, reason, note)])
