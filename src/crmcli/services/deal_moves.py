"""A deal that enters a stage, inside an open write: what the commands and the rules have in common."""

from typing import TYPE_CHECKING, Any

from crmcli.catalogue import ENTITIES
from crmcli.domain.dates import Moment
from crmcli.domain.zones import local_date
from crmcli.errors import UsageError
from crmcli.services.notes import add_note
from crmcli.services.stage_book import Stage

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def move_deal(
    writer: "Writer",
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
    enter(writer, deal, target, loss if on is None else {**loss, "closed_at": closing_time(on, writer)})
    if note and not lost:
        add_note(writer, note, [("deal", deal_id)])


def enter(writer: "Writer", deal: dict[str, Any], stage: Stage, values: dict[str, Any]) -> None:
    """Take a deal to a stage with what goes with it; the present stage is told and changes nothing."""
    if deal["stage_id"] == stage.id:
        writer.warn(f"{ENTITIES['deal'].ref(deal['id'])} is in {stage.name} already")
    else:
        writer.update("deal", deal["id"], {"stage": stage.id, **values})


def closing_time(on: Moment | str | None, writer: "Writer") -> str | None:
    """Return the stored instant of closing; today without a time means now, another day its local midnight."""
    if not isinstance(on, Moment):
        return on
    return writer.now if on.is_date and on.wall == local_date(writer.now, writer.zone) else on.utc
