"""What a stage must satisfy. Changing a stage never rewrites deals."""

from typing import TYPE_CHECKING

from crmcli.domain.plurals import counted, with_article
from crmcli.domain.stages import forecast_category
from crmcli.domain.text import slug
from crmcli.services.drafts import Draft
from crmcli.services.duplicates import refuse_taken

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def settle(draft: Draft, writer: "Writer") -> None:
    """Derive key and forecast category; won is 100 %, lost is 0 %; refuse a key in use and removing a stage in use."""
    record = draft.record
    if draft.intent == "delete":
        _check_unused(draft, writer)
        return
    record["key"] = record["key"] or slug(record["name"] or "")
    if record["kind"] != "open":
        fixed = 10_000 if record["kind"] == "won" else 0
        if "probability_bp" in draft.given and draft.changed("probability_bp") and record["probability_bp"] != fixed:
            draft.refuse("probability", f"{with_article(record['kind'])} stage is at {fixed // 100} %")
        record["probability_bp"] = fixed
    elif record["probability_bp"] == 10_000:
        draft.refuse("probability", "an open stage is below 100 %, as its deals are")
    if record["forecast_category"] is None or (
        draft.changed("probability_bp") and "forecast_category" not in draft.given
    ):
        record["forecast_category"] = forecast_category(record["kind"], record["probability_bp"])
    if draft.before and record["kind"] != draft.was("kind"):
        draft.refuse("kind", "a stage keeps its kind; add another stage and move the deals")
    refuse_taken(draft, writer, "pipeline_id", "key")


def _check_unused(draft: Draft, writer: "Writer") -> None:
    found = writer.one("SELECT COUNT(*) AS n FROM deal WHERE stage_id = ? AND deleted_at IS NULL", draft.id)
    if found and found["n"]:
        draft.refuse("", f"it holds {counted(found['n'], 'deal')}; move them with --move-to")
    if writer.stages.pipeline(draft.record["pipeline_id"]) is None:
        return  # it goes with its pipeline
    others = writer.one(
        "SELECT COUNT(*) AS n FROM stage WHERE pipeline_id = ? AND kind = ? AND id <> ? AND deleted_at IS NULL",
        draft.record["pipeline_id"], draft.record["kind"], draft.id,
    )  # fmt: skip
    if draft.record["kind"] != "open" and others and not others["n"]:
        draft.refuse("", f"a pipeline needs {with_article(draft.record['kind'])} stage")
