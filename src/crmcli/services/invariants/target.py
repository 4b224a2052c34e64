"""What a target must satisfy: a period with two ends, a positive value that its metric can have, and no twin."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crmcli import clock
from crmcli.domain.kpis import MONEY
from crmcli.domain.money import from_minor, to_minor
from crmcli.domain.periods import parse_period
from crmcli.services.drafts import Draft
from crmcli.services.duplicates import refuse_taken

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_TEAMS = "SELECT DISTINCT team FROM app_user WHERE fold(team) = fold(?) AND deleted_at IS NULL ORDER BY id"


def settle(draft: Draft, writer: "Writer") -> None:
    """Name the period as it is always named, and give money a currency."""
    if draft.intent == "delete":
        return
    record = draft.record
    _settle_period(draft, writer)
    if record["owner_id"] is not None and record["team"]:
        draft.refuse("team", "a target is that of an owner or of a team, not of both")
    if draft.changed("team") and record["team"]:
        _settle_team(record, writer)
    if record["value"] is not None and record["metric"]:
        _settle_value(draft, writer)
    if not draft.problems:
        refuse_taken(draft, writer, "metric", "period", "owner_id", "team")


def _settle_period(draft: Draft, writer: "Writer") -> None:
    text = draft.record["period"]
    if not text or not (draft.before is None or draft.changed("period")):
        return
    try:
        period = parse_period(text, clock.now(), writer.zone)
    except ValueError as error:
        draft.refuse("period", str(error))
        return
    if period.start is None or period.end is None:
        draft.refuse("period", f"{text!r} has no end; take one such as 2026-Q1")
    draft.record["period"] = period.label


def _settle_team(record: dict[str, Any], writer: "Writer") -> None:
    """Write a team as users carry it, and tell when none does."""
    teams = [row["team"] for row in writer.all(_TEAMS, record["team"])]
    if not teams:
        writer.warn(f"no user is of the team {record['team']}: crm user edit HANDLE --team {record['team']}")
    elif record["team"] not in teams:
        record["team"] = teams[0]


def _settle_value(draft: Draft, writer: "Writer") -> None:
    """Keep money with the decimals of its currency, and counts whole."""
    record, value = draft.record, Decimal(draft.record["value"])
    if value <= 0:
        draft.refuse("value", "must be more than 0")
        return
    if record["metric"] not in MONEY:
        record["currency"] = None
        if value != value.to_integral_value():
            draft.refuse("value", f"{record['metric']} is a whole number")
        return
    record["currency"] = (record["currency"] or writer.settings.currency).upper()
    try:
        record["value"] = str(from_minor(to_minor(value, record["currency"]), record["currency"]))
    except ValueError as error:
        draft.refuse("value", str(error))
