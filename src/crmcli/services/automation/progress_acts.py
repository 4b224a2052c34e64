"""What the actions do that take the record further, by what the commands of the same name do: move, status, convert."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from crmcli.rules.deeds import Assignment, ChangeStatus, Convert, Move
from crmcli.services import lead_states, ticket_states
from crmcli.services.automation.outcome import Outcome
from crmcli.services.changes import Changes
from crmcli.services.deal_moves import move_deal
from crmcli.services.images import Image
from crmcli.services.matching import Choice

if TYPE_CHECKING:
    from crmcli.services.automation.actor import Actor

_CHANGES: Mapping[str, Callable[[Image, str, Mapping[str, Any]], Changes]] = {
    "lead": lead_states.status_changes,
    "ticket": ticket_states.status_changes,
}


def _move(actor: "Actor", deed: Move) -> Outcome:
    deal = actor.image()
    stage = actor.writer.stages.resolve(deal["pipeline_id"], actor.rendered(deed.stage))
    if deal["stage_id"] == stage.id:
        return Outcome("unchanged", f"move: it is in {stage.key}")
    reason = actor.value(deed.reason) if deed.reason else None
    note = actor.rendered(deed.note) if deed.note else None
    move_deal(actor.writer, deal["id"], stage.id, note, reason=reason)
    return Outcome("done", f"moved to {stage.key}")


def _change_status(actor: "Actor", deed: ChangeStatus) -> Outcome:
    image, to = actor.image(), actor.value(deed.to)
    said = _values(actor, deed.said)
    changes = _CHANGES[actor.kind.name](image, to, said) if actor.kind.name in _CHANGES else [{"status": to, **said}]
    if image["status"] == to or not changes:
        return Outcome("unchanged", f"status: it is {image['status']}")
    for values in changes:
        actor.update(dict(values), "")
    return Outcome("done", f"status {to}")


def _convert(actor: "Actor", deed: Convert) -> Outcome:
    from crmcli.services.conversion import ConvertOptions, convert_lead

    if actor.image()["status"] == "converted":
        return Outcome("unchanged", "convert: it is converted")
    values = _values(actor, deed.values)
    options = ConvertOptions(
        organization=_party(actor, deed.organization),
        contact=_party(actor, deed.contact),
        deal=values.get("name"),
        with_deal=deed.with_deal,
        amount=values.get("amount"),
        pipeline=values.get("pipeline"),
        stage=actor.rendered(deed.stage) if deed.stage else None,
        expected_close=values.get("expected_close"),
        owner=values.get("owner"),
        activities=deed.activities,
    )
    convert_lead(actor.writer, actor.change.id, options)
    return Outcome("done", f"converted to {', '.join(lead_states.results_of(actor.image()))}")


def _values(actor: "Actor", assignments: tuple[Assignment, ...]) -> dict[str, Any]:
    return {one.key: actor.value(one) for one in assignments}


def _party(actor: "Actor", wanted: Assignment | str | None) -> Choice:
    if isinstance(wanted, Assignment):
        return cast(Choice, actor.value(wanted))
    return cast(Choice, wanted)


ACTS: dict[type[Any], Callable[["Actor", Any], Outcome]] = {
    Move: _move,
    ChangeStatus: _change_status,
    Convert: _convert,
}
