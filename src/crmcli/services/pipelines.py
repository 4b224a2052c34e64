"""Pipelines and their stages: made, ordered, taken apart. Deals move only where the caller says so."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import near_or_all
from crmcli.domain.stages import PRESETS, StagePreset
from crmcli.errors import NotFoundError, Problem, RefusedError, UsageError
from crmcli.services.drafts import Draft
from crmcli.services.results import Context, Result, Wanted
from crmcli.services.stage_book import Stage
from crmcli.services.writer import Writer, write

Values = Mapping[str, Any]
_BATCH = 1000  # deals moved at a time


def add(
    context: Context, values: Values, *, preset: str | None = None, stages: Sequence[Values] | None = None
) -> Result:
    """Create a pipeline with the stages of a preset (``sales`` when nothing is said) or with those given, in order.

    A won and a lost stage are added where the given ones lack them.
    """
    rows = preset_stages(preset or "sales") if stages is None else _with_ends(stages)
    return write(context, lambda writer: create_pipeline(writer, values, rows))


def remove(context: Context, pipeline_id: int) -> Result:
    """Delete a pipeline without deals, and its stages."""

    def work(writer: Writer) -> None:
        stages = writer.stages.stages(pipeline_id)
        writer.delete("pipeline", pipeline_id)
        writer.save_many("stage", [Wanted({}, stage.id, intent="delete") for stage in stages])

    return write(context, work)


def add_stage(context: Context, pipeline_id: int, values: Values, position: int | None = None) -> Result:
    """Add a stage at a place counted from 1; by default after the last open stage."""

    def work(writer: Writer) -> None:
        if writer.stages.pipeline(pipeline_id) is None:
            raise NotFoundError("pipeline", str(pipeline_id))
        others = writer.stages.stages(pipeline_id)
        ahead = [stage for stage in others if stage.kind == "open" or values.get("kind", "open") != "open"]
        _check_required(writer, values)
        made = writer.create("stage", {**values, "pipeline": pipeline_id, "position": len(others) + 1})
        _place(writer, pipeline_id, made.id, position or len(ahead) + 1)

    return write(context, work)


def edit_stage(context: Context, stage_id: int, values: Values) -> Result:
    """Change a stage; a new position moves the others along.

    Its deals keep their probability until they move or ``reapply`` is called.
    """

    def work(writer: Writer) -> None:
        stage = _stage(writer, stage_id)
        _check_required(writer, values)
        writer.update("stage", stage_id, {key: value for key, value in values.items() if key != "position"})
        if "position" in values:
            _place(writer, stage.pipeline_id, stage_id, values["position"])

    return write(context, work)


def remove_stage(context: Context, stage_id: int, move_to: int | str | None = None) -> Result:
    """Delete a stage; its deals go to another stage of the same pipeline and kind, without which they prevent it."""

    def work(writer: Writer) -> None:
        stage = _stage(writer, stage_id)
        if move_to is not None:
            _move_deals(writer, stage, writer.stages.resolve(stage.pipeline_id, move_to))
        writer.delete("stage", stage_id)

    return write(context, work)


def reorder(context: Context, pipeline_id: int, stage_ids: Sequence[int]) -> Result:
    """Put the stages of a pipeline into an order; UsageError unless each stands in it once."""

    def work(writer: Writer) -> None:
        known = [stage.id for stage in writer.stages.stages(pipeline_id)]
        if sorted(stage_ids) != sorted(known):
            raise UsageError("the order must name each stage of the pipeline once", hint="crm pipeline show")
        _put_in_order(writer, stage_ids)

    return write(context, work)


def reapply(context: Context, pipeline_id: int) -> Result:
    """Give the open deals that follow their stages the probabilities that the stages have now."""

    def work(writer: Writer) -> None:
        rows = writer.all(
            "SELECT d.id FROM deal d JOIN stage s ON s.id = d.stage_id WHERE d.pipeline_id = ? AND d.outcome = 'open'"
            " AND d.probability_source = 'stage' AND d.probability_bp <> s.probability_bp AND d.deleted_at IS NULL",
            pipeline_id,
        )
        _save_deals(writer, [row["id"] for row in rows], {"probability_source": "stage"}, "")

    return write(context, work)


def create_pipeline(writer: Writer, values: Values, stages: Iterable[Values]) -> Draft:
    """Create a pipeline with stages, values by field key, inside an open write."""
    pipeline = writer.create("pipeline", dict(values))
    for position, stage in enumerate(stages, start=1):
        writer.create("stage", {**stage, "pipeline": pipeline.id, "position": position})
    return pipeline


def preset_stages(preset: str) -> list[dict[str, Any]]:
    """Return the values of the stages of a ready-made pipeline; UsageError names those there are."""
    if preset not in PRESETS:
        hint = near_or_all(preset, PRESETS)
        raise UsageError(f"there is no ready-made pipeline {preset!r}", hint=hint)
    return [_values(stage) for stage in PRESETS[preset]]


def _values(stage: StagePreset) -> dict[str, Any]:
    return {
        "key": stage.key,
        "name": stage.name,
        "aliases": sorted({stage.italian.casefold(), *stage.aliases}),
        "kind": stage.kind,
        "probability": Decimal(stage.probability_bp) / 100,
        "forecast_category": stage.forecast_category,
    }


def _with_ends(stages: Sequence[Values]) -> list[Values]:
    kinds = {stage.get("kind", "open") for stage in stages}
    return [*stages, *(end for end in preset_stages("sales") if end["kind"] not in kinds | {"open"})]


def _stage(writer: Writer, stage_id: int) -> Stage:
    stage = writer.stages.stage(stage_id)
    if stage is None:
        raise NotFoundError("stage", str(stage_id))
    return stage


def _check_required(writer: Writer, values: Values) -> None:
    """Refuse required fields that deals do not have, or that are computed; UsageError names near ones."""
    for key in values.get("required_fields") or ():
        if key not in writer.custom_fields("deal") and ENTITIES["deal"].field(key).derived:
            raise UsageError(f"{key} is computed and cannot be required")


def _move_deals(writer: Writer, stage: Stage, target: Stage) -> None:
    if target.id == stage.id or (target.pipeline_id, target.kind) != (stage.pipeline_id, stage.kind):
        reason = f"{target.name} must be another {stage.kind} stage of the same pipeline"
        raise RefusedError(f"the deals of {stage.name} cannot move", [Problem("stage", reason)])
    for column, key in (("stage_id", "stage"), ("last_open_stage_id", "last_open_stage")):
        sql = f"SELECT id FROM deal WHERE {column} = ? AND deleted_at IS NULL ORDER BY id"  # constant names
        _save_deals(writer, [row["id"] for row in writer.all(sql, stage.id)], {key: target.id}, "restage")


def _save_deals(writer: Writer, ids: Sequence[int], values: Values, intent: str) -> None:
    for start in range(0, len(ids), _BATCH):
        chunk = ids[start : start + _BATCH]
        writer.save_many("deal", [Wanted(dict(values), deal_id, intent=intent) for deal_id in chunk])


def _place(writer: Writer, pipeline_id: int, stage_id: int, position: int) -> None:
    """Give a stage its place, counted from 1, among those of its pipeline."""
    ids = [stage.id for stage in writer.stages.stages(pipeline_id) if stage.id != stage_id]
    ids.insert(max(0, position - 1), stage_id)
    _put_in_order(writer, ids)


def _put_in_order(writer: Writer, stage_ids: Sequence[int]) -> None:
    writer.save_many("stage", [Wanted({"position": n}, stage_id) for n, stage_id in enumerate(stage_ids, start=1)])
