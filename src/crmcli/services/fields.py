"""Changing the definition of a custom field, and with it what records hold of it: one write, one undoable step."""

import json
from collections.abc import Mapping
from typing import Any

from crmcli.domain.schema import near_or_all
from crmcli.errors import NotFoundError
from crmcli.queries.fields import ids_with_option
from crmcli.services.results import Context, Result, Wanted
from crmcli.services.writer import Writer, write


def edit_field(
    context: Context, field_id: int, values: Mapping[str, Any], renamed: Mapping[str, str] | None = None
) -> Result:
    """Change a custom field by field key; ``renamed`` options, old to new, take the records along that use them.

    An option may be renamed to one that there is. NotFoundError when there is none of the old name.
    """
    return write(context, lambda writer: _edit(writer, field_id, dict(values), renamed or {}))


def _edit(writer: Writer, field_id: int, values: dict[str, Any], renamed: Mapping[str, str]) -> None:
    field = writer.image("custom_field", field_id)
    options = json.loads(field["options"] or "[]")
    for old in renamed:
        if old not in options:
            hint = near_or_all(old, options)
            raise NotFoundError("option", old, hint=hint)
    if renamed:
        wanted = values.get("options") or [renamed.get(option, option) for option in options]
        values["options"] = list(dict.fromkeys(wanted))
        every = [*options, *wanted, *renamed.values()]
        writer.update("custom_field", field_id, {"options": list(dict.fromkeys(every))})
        _replace(writer, field, renamed)
    writer.update("custom_field", field_id, values)


def _replace(writer: Writer, field: Mapping[str, Any], renamed: Mapping[str, str]) -> None:
    """Rename options in all records at once, so that two can change places."""
    entity, key = field["entity"], field["key"]
    wanted = []
    for record_id in sorted({found for old in renamed for found in ids_with_option(writer.unit.raw, entity, key, old)}):
        held = json.loads(writer.image(entity, record_id)["custom"])[key]
        several = isinstance(held, list)
        now = list(dict.fromkeys(renamed.get(item, item) for item in (held if several else [held])))
        wanted.append(Wanted({key: now if several else now[0]}, record_id, intent="rename_option"))
    writer.save_many(entity, wanted)
