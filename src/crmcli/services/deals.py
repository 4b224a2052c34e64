"""The ways of deals through their pipeline: moved, won, lost, reopened. Each call is one undoable step."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.domain.dates import Moment
from crmcli.domain.stages import closing_stage, furthest_open
from crmcli.errors import Problem, RefusedError
from crmcli.services.deal_moves import closing_time, enter, move_deal
from crmcli.services.results import Context, Result
from crmcli.services.stage_book import Stage
from crmcli.services.writer import Writer, write


def move(
    context: Context,
    deal_ids: Sequence[int],
    stage: int | str,
    note: str | None = None,
    *,
    reason: str | None = None,
    on: Moment | str | None = None,
) -> Result:
    """Move deals to a stage of their pipeline, given by id, key, name or alias, as ``move_deal`` does."""
    return _each(context, deal_ids, lambda writer, one: move_deal(writer, one, stage, note, reason=reason, on=on))


def win(
    context: Context, deal_ids: Sequence[int], on: Moment | str | None = None, stage: int | str | None = None
) -> Result:
    """Close deals as won, now or at ``on`` (a moment or a stored instant), in their next won stage or the one named."""
    return _each(context, deal_ids, lambda writer, one: _close(writer, one, "won", on, stage, {}))


def lose(
    context: Context,
    deal_ids: Sequence[int],
    reason: str | None,
    note: str | None = None,
    on: Moment | str | None = None,
    stage: int | str | None = None,
) -> Result:
    """Close deals as lost for a reason, which is demanded; ``other`` needs a note."""
    loss = {"lost_reason": reason, "lost_note": note}
    return _each(context, deal_ids, lambda writer, one: _close(writer, one, "lost", on, stage, loss))


def reopen(
    context: Context, deal_id: int, stage: int | str | None = None, probability: Decimal | None = None
) -> Result:
    """Open a closed deal again, in the stage where it last stood open or the one named.

    The probability (0 to 100) is that of the stage again unless given.
    """

    def work(writer: Writer) -> None:
        deal = writer.image("deal", deal_id)
        if deal["outcome"] == "open":
            raise _refused(deal, "it is open")
        target = _open_stage(writer, deal, stage)
        values: dict[str, Any] = {"stage": target.id}
        if probability is not None:
            values["probability"] = probability
        writer.update("deal", deal_id, values, intent="reopen")

    return write(context, work)


def _each(context: Context, deal_ids: Sequence[int], step: Callable[[Writer, int], None]) -> Result:
    """Take a step with each of the deals, all of them or none."""

    def work(writer: Writer) -> None:
        for deal_id in deal_ids:
            step(writer, deal_id)

    return write(context, work)


def _close(
    writer: Writer, deal_id: int, kind: str, on: Moment | str | None, stage: int | str | None, loss: dict[str, Any]
) -> None:
    deal = writer.image("deal", deal_id)
    if deal["outcome"] == kind and stage is None:
        writer.warn(f"{ENTITIES['deal'].ref(deal_id)} is {kind} already")
        return
    target = _closing_stage(writer, deal, kind, stage)
    enter(writer, deal, target, {**loss, "closed_at": closing_time(on, writer)})


def _closing_stage(writer: Writer, deal: dict[str, Any], kind: str, stage: int | str | None) -> Stage:
    book = writer.stages
    if stage is not None:
        named = book.resolve(deal["pipeline_id"], stage)
        if named.kind != kind:
            raise _refused(deal, f"{named.name} is no {kind} stage")
        return named
    present = book.stage(deal["stage_id"])
    found = closing_stage(book.stages(deal["pipeline_id"]), kind, present.position if present else 0)
    if found is None:
        raise _refused(deal, f"its pipeline has no {kind} stage")
    return found


def _open_stage(writer: Writer, deal: dict[str, Any], stage: int | str | None) -> Stage:
    book = writer.stages
    if stage is not None:
        named = book.resolve(deal["pipeline_id"], stage)
        if named.kind != "open":
            raise _refused(deal, f"{named.name} is no open stage")
        return named
    found = book.stage(deal["last_open_stage_id"]) or furthest_open(book.stages(deal["pipeline_id"]))
    if found is None:
        raise _refused(deal, "its pipeline has no open stage")
    return found


def _refused(deal: dict[str, Any], reason: str) -> RefusedError:
    return RefusedError(f"deal {ENTITIES['deal'].ref(deal['id'])} {deal['name']}", [Problem("stage", reason)])
