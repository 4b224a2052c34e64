"""How the actions are read that take a record further: a deal to a stage, others to a status, a lead to a deal."""

from collections.abc import Callable
from typing import Literal, cast

from crmcli.catalogue import ENTITIES
from crmcli.domain.enums import kind
from crmcli.domain.plurals import with_article
from crmcli.rules.deeds import Assignment, ChangeStatus, Convert, Deed, Move
from crmcli.rules.reader import Reader
from crmcli.rules.templates import Template, has_variables

_SAID = {  # what can be said about a status, key of the action by entity, and the field that holds it
    "lead": {"reason": "lost_reason", "note": "lost_note"},
    "task": {"reason": "result"},
    "event": {},
    "ticket": {"reason": "resolution", "code": "resolution_code"},
}
_OF_DEAL = {"deal": "name", "amount": "amount", "pipeline": "pipeline", "close": "expected_close", "owner": "owner"}


def _move(reader: Reader) -> Move | None:
    if reader.entity.name != "deal":
        reader.note("action", f"{with_article(reader.entity.noun)} has no stages")
        return None
    stage = _stage(reader)
    reason = reader.field_value("lost_reason", "reason")
    if reason and reason.value == "other" and "note" not in reader.values:
        reader.note("note", "is missing", "the reason other needs one")
    note = reader.template(reader.values["note"], "note") if "note" in reader.values else None
    return Move(stage, reason, note) if stage else None


def _stage(reader: Reader) -> Template | None:
    """Return the text that names a stage; one that no pipeline has is noted."""
    text = reader.values["stage"]
    if not has_variables(text):
        reader.records("stage", text, "stage")
    return reader.template(text, "stage")


def _status(reader: Reader) -> ChangeStatus | None:
    name = reader.entity.name
    if name not in _SAID:
        reader.note(
            "action", f"{with_article(reader.entity.noun)} has no status" + ("; use move" if name == "deal" else "")
        )
        return None
    for key in ("reason", "note", "code"):
        if key in reader.values and key not in _SAID[name]:
            reader.note(key, f"cannot be said about the status of {with_article(reader.entity.noun)}")
    to = reader.field_value("status", "to")
    said = [reader.field_value(field, key) for key, field in _SAID[name].items()]
    if to is None:
        return None
    _check_demands(reader, to.value)
    return ChangeStatus(to, tuple(one for one in said if one))


def _check_demands(reader: Reader, to: str | None) -> None:
    """Note what a status that is known by now demands: the writer would refuse it each time."""
    name, given = reader.entity.name, reader.values
    if name == "lead" and to == "converted":
        reader.note("to", "a lead is converted by the action convert")
    elif name == "lead" and to is not None and kind("lead_status", to) == "lost" and "reason" not in given:
        reader.note("reason", "is missing", "a lost lead needs one")
    elif name == "lead" and given.get("reason") == "other" and "note" not in given:
        reader.note("note", "is missing", "the reason other needs one")
    elif name == "ticket" and to == "resolved" and "code" not in given:
        reader.note("code", "is missing", "a resolved ticket needs one")
    elif (
        name == "ticket" and to not in (None, "resolved", "closed") and not given.keys().isdisjoint(("reason", "code"))
    ):
        reader.note("to", f"a ticket that is {to} has no resolution", "leave out reason and code")


def _convert(reader: Reader) -> Convert | None:
    if reader.entity.name != "lead":
        reader.note("action", f"only a lead is converted, not {with_article(reader.entity.noun)}")
        return None
    given = reader.values
    with_deal = given.get("deal") != "none"
    found: list[Assignment | None] = []
    for key, field in _OF_DEAL.items():
        if key in given and (with_deal or key == "owner"):
            found.append(reader.assignment(ENTITIES["deal"], field, given[key], key, is_new=True))
        elif key in given and key != "deal":
            reader.note(key, "is of the deal, and none is made")
    stage = _stage(reader) if "stage" in given else None
    activities = cast(Literal["move", "link"], given.get("activities", "move"))
    org, contact = _party(reader, "org", "organization"), _party(reader, "contact", "contact")
    return Convert(org, contact, with_deal, tuple(one for one in found if one), stage, activities)


def _party(reader: Reader, key: str, entity: str) -> Assignment | str | None:
    """Return whom the lead is about: a record, ``new``, for an organization ``none``, or None to find out."""
    raw: str | None = reader.values.get(key)
    if raw is None or raw == "new" or (raw == "none" and entity == "organization"):
        return raw
    return reader.assignment(ENTITIES["deal"], entity, raw, key)


READERS: dict[str, Callable[[Reader], Deed | None]] = {"move": _move, "status": _status, "convert": _convert}
