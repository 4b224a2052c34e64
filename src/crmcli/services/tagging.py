"""Tags put on records and taken off again, whatever kind of record: one write, one undoable step."""

from collections.abc import Mapping, Sequence

from crmcli.services.results import Context, Result, Wanted
from crmcli.services.writer import Writer, write


def tag(context: Context, records: Mapping[str, Sequence[int]], names: Sequence[str]) -> Result:
    """Put tags on records, given as ids by entity; tags that are new are created."""
    return write(context, lambda writer: _save(writer, records, "+tags", names))


def untag(context: Context, records: Mapping[str, Sequence[int]], names: Sequence[str]) -> Result:
    """Take tags off records; those that a record does not have change nothing."""
    return write(context, lambda writer: _save(writer, records, "-tags", names))


def _save(writer: Writer, records: Mapping[str, Sequence[int]], key: str, names: Sequence[str]) -> None:
    for entity, ids in records.items():
        writer.save_many(entity, [Wanted({key: list(names)}, record_id) for record_id in ids])
