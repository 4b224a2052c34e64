"""The ways of a deal through its pipeline: moved, won, lost, reopened. Each call is one undoable step."""

from decimal import Decimal
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.domain.dates import Moment
from crmcli.domain.stages import closing_stage, furthest_open
from crmcli.domain.zones import local_date
from crmcli.errors import Problem, RefusedError, UsageError
from crmcli.services.notes import add_note
from crmcli.services.results import Context, Result
from crmcli.services.stage_book import Stage
from crmcli.services.writer import Writer, write


def move(
    context: Context,
    deal_id: int,
    stage: int | str,
    note: str | None = None,
    *,
    reason: str | None = None,
    on: Moment | str | None = None,
) -> Result:
    """Move a deal to a stage of its pipeline, given by id, key, name or alias, as ``move_deal`` does."""
    return write(context, lambda writer: move_deal(writer, deal_id, stage, note, reason=reason, on=on))


def move_deal(
    writer: Writer,
    deal_id: int,
    stage: int | str,
    note: str | None = None,
    *,
    reason: str | None = None,
    on: Moment | str | None = None,
) -> None:
    """Move a deal inside an open write.

    A won or lost stage closes the deal as ``win`` and ``lose`` do, with the same demands: ``reason`` is why it was lost
    and ``note`` then explains it, ``on`` when it was closed. Otherwise the note is kept as an interaction. The present
    stage changes nothing. UsageError for an open stage and a time, since it is entered now.
    """
    deal = writer.image("deal", deal_id)
    target = writer.stages.resolve(deal["pipeline_id"], stage)
    if target.kind == "open" and on is not None:
        raise UsageError(
            f"{target.name} is an open stage, which is entered now; a time tells when a deal was closed",
            hint=f"crm deal move {ENTITIES['deal'].ref(deal_id)} {target.key}",
        )
    lost = target.kind == "lost" and target.id != deal["stage_id"]
    loss: dict[str, Any] = {"lost_reason": reason, "lost_note": note} if lost else {}
    _enter(writer, deal, target, loss if on is None else {**loss, "closed_at": _closing_time(on, writer)})
    if note and not lost:
        add_note(writer, note, [("deal", deal_id)])


def win(context: Context, deal_id: int, on: Moment | str | None = None, stage: int | str | None = None) -> Result:
    """Close a deal as won, now or at ``on`` (a moment or a stored instant), in its next won stage or the one named."""
    return write(context, lambda writer: _close(writer, deal_id, "won", on, stage, {}))


def lose(
    context: Context,
    deal_id: int,
    reason: str | None,
    note: str | None = None,
    on: Moment | str | None = None,
    stage: int | str | None = None,
) -> Result:
    """Close a deal as lost for a reason, which is demanded; ``other`` needs a note."""
    loss = {"lost_reason": reason, "lost_note": note}
    return write(context, lambda writer: _close(writer, deal_id, "lost", on, stage, loss))


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


def _close(
    writer: Writer, deal_id: int, kind: str, on: Moment | str | None, stage: int | str | None, loss: dict[str, Any]
) -> None:
    deal = writer.image("deal", deal_id)
    if deal["outcome"] == kind and stage is None:
        writer.warn(f"{ENTITIES['deal'].ref(deal_id)} is {kind} already")
        return
    target = _closing_stage(writer, deal, kind, stage)
    _enter(writer, deal, target, {**loss, "closed_at": _closing_time(on, writer)})


def _enter(writer: Writer, deal: dict[str, Any], stage: Stage, values: dict[str, Any]) -> None:
    if deal["stage_id"] == stage.id:
        writer.warn(f"{ENTITIES['deal'].ref(deal['id'])} is in {stage.name} already")
    else:
        writer.update("deal", deal["id"], {"stage": stage.id, **values})


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


def _closing_time(on: Moment | str | None, writer: Writer) -> str | None:
    """Return the stored instant of closing; today without a time means now, another day its local midnight."""
    if not isinstance(on, Moment):
        return on
    return writer.now if on.is_date and on.wall == local_date(writer.now, writer.zone) else on.utc


def _refused(deal: dict[str, Any], reason: str) -> RefusedError:
    return RefusedError(f"deal {ENTITIES['deal'].ref(deal['id'])} {deal['name']}", [Problem("stage", reason)])
