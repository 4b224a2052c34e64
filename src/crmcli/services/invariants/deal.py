"""What a deal must satisfy, and what follows from its stage."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmcli.domain.money import from_minor, to_minor
from crmcli.domain.plurals import with_article
from crmcli.domain.stages import furthest_open, is_push
from crmcli.domain.zones import local_date
from crmcli.queries.rates import rates_on
from crmcli.services.drafts import Draft
from crmcli.services.invariants.customers import mark_customers
from crmcli.services.invariants.links import check_target
from crmcli.services.invariants.losing import settle_lost_reason
from crmcli.services.invariants.shared import settle_source
from crmcli.services.stage_book import Stage

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_LOCKED = (  # on a closed deal
    "pipeline", "stage", "amount", "currency", "recurring_amount", "recurring_period", "probability",
    "probability_source", "forecast_category",
)  # fmt: skip
_UNLOCKING = frozenset({"reopen", "import", "restage", "merge"})


def settle(draft: Draft, writer: "Writer") -> None:
    """Find the stage and derive outcome, probability, category and dates from it; refuse what contradicts it."""
    if draft.intent == "delete":
        return
    stage = _settle_place(draft, writer)
    _settle_currency(draft, writer)
    _settle_customer(draft)
    _check_competitor(draft, writer)
    _check_restored(draft, writer)
    settle_source(draft)
    _check_locked(draft)
    if stage is None or draft.problems:
        return
    record = draft.record
    record["outcome"] = stage.kind
    if draft.changed("stage_id"):
        record["stage_entered_at"] = writer.now
        _check_exit(draft, writer, stage)
    if draft.before and is_push(draft.was("expected_close"), record["expected_close"]):
        record["push_count"] += 1
    settle_lost_reason(draft, stage.kind == "lost")
    if stage.kind == "open":
        _settle_open(draft, stage, writer)
    else:
        _settle_closed(draft, writer, stage)


def follow(drafts: Sequence[Draft], writer: "Writer") -> None:
    """Move organizations, contacts and leads of these deals forward in the funnel."""
    mark_customers(drafts, writer)


def _check_restored(draft: Draft, writer: "Writer") -> None:
    """Refuse to bring an open deal of a removed organization back, as that is not removed while it has one."""
    organization = draft.record["organization_id"]
    if draft.intent == "restore" and draft.record["outcome"] == "open" and organization is not None:
        check_target(draft, writer, "organization", ("organization", organization), ("organization",))


def _settle_place(draft: Draft, writer: "Writer") -> Stage | None:
    """Complete pipeline and stage from each other and the defaults, and return the stage if they fit."""
    record, book = draft.record, writer.stages
    if record["pipeline_id"] is None:
        named = book.stage(record["stage_id"])
        record["pipeline_id"] = named.pipeline_id if named else book.default_pipeline()
    moved = draft.before is not None and draft.changed("pipeline_id") and "stage_id" not in draft.given
    if record["stage_id"] is None or moved:
        first = next((stage for stage in book.stages(record["pipeline_id"]) if stage.kind == "open"), None)
        record["stage_id"] = first.id if first else None
    stage = book.stage(record["stage_id"])
    pipeline = book.pipeline(record["pipeline_id"])
    if pipeline is None:
        draft.refuse("pipeline", "there is no such pipeline")
    elif stage is None:
        draft.refuse("stage", f"the pipeline {pipeline['key']} has no such stage")
    elif stage.pipeline_id != pipeline["id"]:
        draft.refuse("stage", f"{stage.key} is no stage of the pipeline {pipeline['key']}")
    return stage


def _settle_currency(draft: Draft, writer: "Writer") -> None:
    """Read the amounts of a new deal that names no currency in that of its pipeline."""
    record, pipeline = draft.record, writer.stages.pipeline(draft.record["pipeline_id"])
    currency = pipeline["currency"] if pipeline else None
    if draft.before or "currency" in draft.given or currency in (None, record["currency"]):
        return
    for key in ("amount", "recurring_amount"):
        column = draft.entity.fields[key].column
        if record[column] is not None:
            try:
                record[column] = to_minor(from_minor(record[column], record["currency"]), currency)
            except ValueError as error:
                draft.refuse(key, str(error))
    record["currency"] = currency


def _settle_customer(draft: Draft) -> None:
    """Demand somebody to deal with, and keep the primary contact in the buying centre."""
    record = draft.record
    contact_id = record["contact_id"]
    if contact_id is None and record["organization_id"] is None:
        draft.refuse("organization", "a deal needs an organization or a contact")
    roles: dict[int, str | None] = {}
    for row in record["contacts"]:  # each contact once, with the role named last
        roles[row["contact_id"]] = row.get("role") or roles.get(row["contact_id"])
    if contact_id is not None and contact_id not in roles:
        roles = {contact_id: None, **roles}
    record["contacts"] = [{"contact_id": known, "role": role} for known, role in roles.items()]


def _check_competitor(draft: Draft, writer: "Writer") -> None:
    competitor_id = draft.record["competitor_id"]
    if competitor_id is None or not draft.changed("competitor_id"):
        return
    found = writer.one("SELECT name, type FROM organization WHERE id = ?", competitor_id)
    if found and found["type"] != "competitor":
        draft.refuse("competitor", f"{found['name']} is of type {found['type']}, not competitor")


def _check_locked(draft: Draft) -> None:
    if draft.was("outcome") in (None, "open") or draft.intent in _UNLOCKING:
        return
    for key in _LOCKED:
        if draft.changed(draft.entity.fields[key].column):
            draft.refuse(key, f"is read-only on a closed deal; crm deal reopen {draft.entity.ref(draft.id)} first")


def _check_exit(draft: Draft, writer: "Writer", stage: Stage) -> None:
    """Demand the fields that the stage left requires, when the deal goes forward."""
    left = writer.stages.stage(draft.was("stage_id"))
    if left is None or left.kind != "open" or stage.kind == "lost" or draft.intent == "restage":
        return
    if left.pipeline_id != stage.pipeline_id or left.position >= stage.position:
        return
    custom = json.loads(draft.record["custom"] or "{}") if left.required_fields else {}
    for key in left.required_fields:
        field = draft.entity.find(key)
        value = draft.record[field.column or field.key] if field else custom.get(key)
        if value is None or value == []:
            draft.refuse(key, f"is required before the deal leaves {left.name}")


def _settle_open(draft: Draft, stage: Stage, writer: "Writer") -> None:
    record = draft.record
    if "closed_at" in draft.given and record["closed_at"]:
        draft.refuse("closed_at", "only a closed deal has one")
    record |= {"closed_at": None, "exchange_rate": None, "last_open_stage_id": None}
    entered = draft.changed("stage_id")
    _settle_probability(draft, stage, entered, writer)
    if record["forecast_category"] is None or (entered and "forecast_category" not in draft.given):
        record["forecast_category"] = stage.forecast_category


def _settle_probability(draft: Draft, stage: Stage, entered: bool, writer: "Writer") -> None:
    """Keep a given probability, whatever its value; else follow the model, or the stage that is entered or asked for.

    The stage stands in for the model where no deal was won yet, or none lost.
    """
    record, given = draft.record, draft.given
    if "probability_bp" in given and "probability_source" not in given:
        record["probability_source"] = "stage" if record["probability_bp"] is None else "manual"
    elif draft.intent == "reopen":
        record["probability_source"] = "stage"
    follows = record["probability_source"] != "manual"
    asked = bool(given & {"probability_bp", "probability_source"})
    unset = draft.before is None and "probability_bp" not in given
    if unset or record["probability_bp"] is None or (follows and (entered or asked)):
        record["probability_bp"] = stage.probability_bp
    if record["probability_source"] == "auto":
        reckoned = writer.chances.of(record)
        record["probability_bp"] = record["probability_bp"] if reckoned is None else reckoned
    if record["probability_bp"] == 10_000:
        draft.refuse("probability", "an open deal is below 100 %; crm deal win closes it")


def _settle_closed(draft: Draft, writer: "Writer", stage: Stage) -> None:
    record = draft.record
    fixed = 10_000 if stage.kind == "won" else 0
    given = record["probability_bp"] if "probability_bp" in draft.given else None
    if given not in (None, fixed) and draft.intent != "import":
        draft.refuse("probability", f"{with_article(stage.kind)} deal is at {fixed // 100} %")
    record["probability_bp"] = fixed
    record["forecast_category"] = stage.forecast_category
    closing = draft.was("outcome") != stage.kind
    if closing:
        _close(draft, writer)
    if closing or draft.changed("currency"):
        record["exchange_rate"] = _rate(record["currency"], record["closed_at"], writer)


def _close(draft: Draft, writer: "Writer") -> None:
    """Note when the deal was closed and where it stood until then."""
    record = draft.record
    if "closed_at" not in draft.given or record["closed_at"] is None:
        record["closed_at"] = writer.now
    elif record["closed_at"] > writer.now and draft.intent != "import":
        draft.refuse("closed_at", "lies in the future")
    elif draft.before and record["closed_at"] < record["created_at"] and draft.intent != "import":
        _tell_early(draft, writer)
    left = writer.stages.stage(draft.was("stage_id"))
    if left is None or left.kind != "open" or left.pipeline_id != record["pipeline_id"]:
        left = writer.stages.stage(record["last_open_stage_id"])
    left = left or furthest_open(writer.stages.stages(record["pipeline_id"]))
    record["last_open_stage_id"] = left.id if left else None


def _tell_early(draft: Draft, writer: "Writer") -> None:
    """Tell that a deal was entered after it was closed, which leaves it out of the sales cycle."""
    closed, created = (local_date(draft.record[column], writer.zone) for column in ("closed_at", "created_at"))
    if closed < created:
        ref = draft.entity.ref(draft.id)
        writer.warn(f"{ref} was closed on {closed}, before it was added on {created}: it has no sales cycle")


def _rate(currency: str, closed_at: str, writer: "Writer") -> str | None:
    """Return the rate to the base currency on the day of closing; 1 for that currency, None where none is known."""
    base = writer.settings.currency
    if currency == base:
        return "1"
    found = rates_on(writer.unit.raw, local_date(closed_at, writer.zone)).get(currency)
    if found is None:
        told = f"no exchange rate from {currency} to {base} is known; closed amounts stay in {currency}"
        writer.warn(f"{told} until there is one: crm rate add {currency}")
    return found[0] if found else None
